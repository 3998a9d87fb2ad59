//! # A cursor: terms in order, all or some
//!
//! Idea        a term is put together from what it shares with the one before. Who
//!             leaps ahead passes over names in between, in the block that is open by
//!             the lengths alone; past its end the block is looked up as for any term
//! Example     at "fox", and "foz" is sought, which has two bytes in common with it:
//!             "foxes" and "foxglove" share three with the terms before them, and are
//!             passed over, unread
//! Invariants  (1) it goes ahead only, so that whoever leaps gets to the end, even if
//!             terms that should ascend do not
//! Cost        to leap within a block, a byte read for each name; past it, a look-up
//! Next        [`posting_list`](crate::segment::posting_list)

use super::block::{Entries, Names, compare};
use super::{BLOCK_TERMS, Dictionary, MAX_TERM_BYTES, NO_TERM, TermEntry, Wanted};
use crate::bytes::Lie;
use std::cmp::Ordering;

/// How far to look.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Block,
    Dictionary,
}

/// Walks over the terms in order.
#[derive(Debug)]
pub(in crate::segment) struct Cursor<'a> {
    dictionary: &'a Dictionary,
    /// The next term's ordinal.
    ordinal: u32,
    /// That of the next term, unless it is the first of another.
    block: Option<(Names<'a>, Entries<'a>)>,
    term: Vec<u8>,
    /// Whether it stands before the term, which has been read already.
    is_before: bool,
}

impl<'a> Cursor<'a> {
    /// Before the first term.
    pub(super) fn new(dictionary: &'a Dictionary) -> Self {
        Self {
            dictionary,
            ordinal: 0,
            block: None,
            term: Vec::new(),
            is_before: false,
        }
    }

    /// Goes to before the first term that is not below `from`, which must lie ahead.
    pub(in crate::segment) fn seek(&mut self, from: &[u8]) -> Result<(), Lie> {
        if self.is_before && self.term.as_slice() >= from {
            return Ok(());
        }
        // Names are read quickly, and most leaps are short.
        if self.block.is_some() && self.pass(from, End::Block)? {
            return Ok(());
        }
        let (dictionary, wanted) = (self.dictionary, Wanted::new(from));
        let prefixed = dictionary.prefixed(wanted, dictionary.group(wanted));
        // At most the number of terms, as there are so many blocks.
        let block = dictionary.block_of(wanted, prefixed)? as u32;
        self.ordinal = self.ordinal.max(block.saturating_mul(BLOCK_TERMS));
        // It is in that block, or the next one's head.
        self.pass(from, End::Dictionary)?;
        Ok(())
    }

    /// Steps to the term with this ordinal, which must lie ahead.
    pub(in crate::segment) fn go_to(&mut self, ordinal: u32) -> Result<(), Lie> {
        // What it stands before has been read.
        let is_before = std::mem::take(&mut self.is_before);
        if is_before && ordinal == self.ordinal.saturating_sub(1) {
            return Ok(());
        }
        if ordinal >= self.dictionary.count || ordinal < self.ordinal {
            return Err(NO_TERM);
        }
        // What comes before its block is left out.
        self.ordinal = self.ordinal.max(ordinal - ordinal % BLOCK_TERMS);
        while self.ordinal <= ordinal {
            self.step()?;
        }
        Ok(())
    }

    /// Passes over the terms below `from`, to the end of the block or of all; whether
    /// there is another before that.
    fn pass(&mut self, from: &[u8], end: End) -> Result<bool, Lie> {
        let mut common = compare(&self.term, from).0;
        self.is_before = loop {
            if !self.ordinal.is_multiple_of(BLOCK_TERMS)
                && let Some((names, _)) = &mut self.block
            {
                // Terms that share more depart from it where the last one did.
                self.ordinal += names.pass(common)?;
            }
            if end == End::Block && self.ordinal.is_multiple_of(BLOCK_TERMS) {
                break false;
            }
            let Some(shared) = self.step()? else {
                break false;
            };
            let (alike, order) = compare(&self.term[shared..], &from[shared..]);
            if order != Ordering::Less {
                break true;
            }
            common = shared + alike;
        };
        Ok(self.is_before)
    }

    /// The term that [`next`](Self::next) stopped at.
    pub(in crate::segment) fn term(&self) -> &[u8] {
        &self.term
    }

    pub(super) fn into_term(self) -> Vec<u8> {
        self.term
    }

    /// Steps to the next term.
    pub(in crate::segment) fn next(&mut self) -> Result<Option<TermEntry>, Lie> {
        match self.advance()? {
            true => self.entry().map(Some),
            false => Ok(None),
        }
    }

    /// Steps to the next term, of which only the name is read; `false` past the last.
    #[inline]
    pub(in crate::segment) fn advance(&mut self) -> Result<bool, Lie> {
        Ok(std::mem::take(&mut self.is_before) || self.step()?.is_some())
    }

    /// What is known of the term.
    pub(in crate::segment) fn entry(&self) -> Result<TermEntry, Lie> {
        // It has been counted.
        let ordinal = self.ordinal.saturating_sub(1);
        let (_, entries) = self.block.as_ref().ok_or(NO_TERM)?;
        entries.entry(ordinal % BLOCK_TERMS, ordinal)
    }

    /// Reads the next term; returns how many bytes it shares with the last, 0 if it is
    /// the first of a block; `None` past the last.
    #[inline]
    fn step(&mut self) -> Result<Option<usize>, Lie> {
        if self.ordinal >= self.dictionary.count {
            return Ok(None);
        }
        let place = self.ordinal % BLOCK_TERMS;
        let (names, _) = match &mut self.block {
            Some(block) if place > 0 => block,
            slot => {
                let number = self.ordinal / BLOCK_TERMS;
                let block = self.dictionary.block(number as usize)?;
                self.term.clear();
                slot.insert((block.names(), block.entries()?))
            }
        };
        let (shared, own) = names.next()?;
        if shared > self.term.len() || shared + own.len() > MAX_TERM_BYTES {
            return Err(Lie("a term is longer than a term can be"));
        }
        self.term.truncate(shared);
        self.term.extend_from_slice(own);
        self.ordinal += 1;
        Ok(Some(shared))
    }
}
