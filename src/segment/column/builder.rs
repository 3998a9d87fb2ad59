//! # Building a column: document after document, into the least mode that will do
//!
//! Idea        how many values a document has at most is known when the last has
//!             come. So a bit is kept for each, whether it has any, and from the
//!             first that has several on where each one's begin; those before it
//!             follow from the bits
//! Example     the values 7 · none · 9: bits 101, an optional column. Then a document
//!             with 1 and 2: the starts so far are 0 1 1, and on they go with 2 and 4
//! Invariants  (1) the mode, and so the bytes, are a function of the values alone
//! Cost        the memory of the result; with a scratch file to
//!             [spill](crate::segment::spool) to, a bit a document
//! Next        `presence.rs`

use super::blocks::BlocksBuilder;
use super::{Mode, has_twice, presence};
use crate::segment::spool::Spools;
use std::io::{self, Write};

/// Builds a column, document after document.
pub(crate) struct ColumnBuilder<'s> {
    spools: &'s Spools,
    documents: u32,
    /// Whether each document has a value, a bit each.
    present: Vec<u64>,
    present_count: u32,
    /// Since the first document with several values: where each one's begin.
    starts: Option<BlocksBuilder<'s>>,
    codes: BlocksBuilder<'s>,
    /// Whether no document so far has a code twice.
    distinct: bool,
    /// Minimum and maximum.
    bounds: Option<(u64, u64)>,
}

impl<'s> ColumnBuilder<'s> {
    pub(crate) fn new(spools: &'s Spools) -> Self {
        Self {
            spools,
            documents: 0,
            present: Vec::new(),
            present_count: 0,
            starts: None,
            codes: BlocksBuilder::new(spools),
            distinct: true,
            bounds: None,
        }
    }

    /// The codes of the next document: none, one or several.
    pub(crate) fn push(&mut self, codes: &[u64]) -> io::Result<()> {
        if codes.len() > 1 && self.starts.is_none() {
            self.starts = Some(self.starts_so_far()?);
        }
        if let Some(starts) = &mut self.starts {
            starts.push(self.codes.len())?;
            self.distinct = self.distinct && !has_twice(codes);
        }
        if self.documents.is_multiple_of(64) {
            self.present.push(0);
        }
        if let (false, Some(word)) = (codes.is_empty(), self.present.last_mut()) {
            *word |= 1 << (self.documents % 64);
            self.present_count += 1;
        }
        for &code in codes {
            let (low, high) = self.bounds.unwrap_or((code, code));
            self.bounds = Some((low.min(code), high.max(code)));
            self.codes.push(code)?;
        }
        self.documents += 1;
        Ok(())
    }

    fn starts_so_far(&self) -> io::Result<BlocksBuilder<'s>> {
        let mut starts = BlocksBuilder::new(self.spools);
        let mut start = 0;
        for document in 0..self.documents {
            starts.push(start)?;
            start += self.present[document as usize / 64] >> (document % 64) & 1;
        }
        Ok(starts)
    }

    /// Documents pushed so far.
    pub(crate) fn documents(&self) -> u32 {
        self.documents
    }

    /// Writes the section, whose length is a multiple of 8.
    pub(in crate::segment) fn finish(mut self, out: &mut dyn Write) -> io::Result<()> {
        let (documents, values) = (u64::from(self.documents), self.codes.len());
        let (minimum, maximum) = self.bounds.unwrap_or((0, 0));
        self.codes.end()?;
        let header = |mode, places: u64, out: &mut dyn Write| {
            let mode = match mode {
                Mode::One => 0,
                Mode::Optional => 1,
                Mode::Several { distinct } => 2 + u64::from(distinct),
            };
            let mut numbers = [mode, documents, values, minimum, maximum, places].into_iter();
            numbers.try_for_each(|number| out.write_all(&number.to_le_bytes()))
        };
        if let Some(mut starts) = self.starts {
            starts.push(values)?;
            let distinct = self.distinct;
            header(Mode::Several { distinct }, starts.end()?, out)?;
            starts.write_to(out)?;
        } else if self.present_count < self.documents {
            let places = presence::len(self.documents) as u64;
            header(Mode::Optional, places, out)?;
            presence::write(&self.present, out)?;
        } else {
            header(Mode::One, 0, out)?;
        }
        self.codes.write_to(out)
    }
}
