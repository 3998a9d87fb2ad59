//! # Runs: a batch of documents, inverted and packed
//!
//! Idea        of each field its terms with their postings, by number; the names
//!             stand in a *lexicon* that the runs of one inverter share. Of columns
//!             the *codes*, numbers that sort as the values do; of stored texts the
//!             compressed blocks: all that a segment is made of, in the least memory
//!             that it can be joined from
//! Invariants  (1) [`size`](Run::size) depends on the documents alone, not on what an
//!             inverter had seen before
//! Next        `flush.rs`: runs to a segment

use super::batch::StoredBlocks;
use super::packed::Postings;
use super::vocabulary::Names;
use crate::bytes::prefetch::prefetch;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An inverted batch, waiting to become part of a segment.
#[derive(Debug)]
pub struct Run {
    pub(super) documents: u32,
    /// By the field's number; `None` where the field is not inverted.
    pub(super) terms: Vec<Option<Terms>>,
    /// By the field's number; `None` where it has no column.
    pub(super) columns: Vec<Option<Values>>,
    pub(super) stored: StoredBlocks,
}

impl Run {
    /// Documents in it.
    #[must_use]
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// Adds the texts that are stored, if another thread has compressed them.
    pub(crate) fn add_stored(&mut self, stored: StoredBlocks) {
        self.stored = stored;
    }

    #[cfg(test)]
    pub(crate) fn stored(&self) -> &StoredBlocks {
        &self.stored
    }

    /// Bytes of memory that it takes: invariant (3) of the chapter.
    #[must_use]
    pub fn size(&self) -> usize {
        let terms: usize = self.terms.iter().flatten().map(Terms::size).sum();
        let columns: usize = self.columns.iter().flatten().map(Values::size).sum();
        let stored: usize = self.stored.iter().map(|block| block.size() + 32).sum();
        terms + columns + stored
    }
}

/// Names of terms, which many runs may share: those that one inverter made of
/// the fields with one analyzer.
#[derive(Clone, Debug, Default)]
pub(super) struct Lexicon(Arc<Mutex<Names>>);

impl Lexicon {
    pub(super) fn new(names: Names) -> Self {
        Self(Arc::new(Mutex::new(names)))
    }

    /// The names. An inverter holds them while it works on a batch.
    pub(super) fn lock(&self) -> MutexGuard<'_, Names> {
        // A panic, in an analyzer of the user's, leaves a name too many at
        // worst.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The terms of one field with their postings, nearly in the order of their names
/// (`occurrences.rs` says how nearly).
#[derive(Debug)]
pub(super) struct Terms {
    pub(super) lexicon: Lexicon,
    /// Each term's number in the lexicon, and where its postings end.
    entries: Vec<(u32, u32)>,
    postings: Vec<u8>,
    /// Of a text field: how many occurrences of terms each document has.
    pub(super) lengths: Vec<u32>,
    /// Bytes that the names take, as [`size`](Self::size) counts them.
    names_size: usize,
}

/// Bytes of a cache line.
const LINE: usize = 64;

/// What a name takes beside its bytes, in the tables of an inverter.
const NAME_OVERHEAD: usize = 4;

impl Terms {
    pub(super) fn new(lexicon: Lexicon) -> Self {
        Self {
            lexicon,
            entries: Vec::new(),
            postings: Vec::new(),
            lengths: Vec::new(),
            names_size: 0,
        }
    }

    /// Takes the memory for a name into account. Which names are new depends
    /// on what the inverter had seen before, and so on the threads; that a
    /// term occurs just once in the batch doesn't, and comes to much the same.
    pub(super) fn count_name(&mut self, name: &[u8]) {
        self.names_size += name.len() + NAME_OVERHEAD;
    }

    /// Adds a term, whose postings end at `end`.
    pub(super) fn push(&mut self, term: u32, end: usize) {
        // A run is far from 4 GiB, as a batch is.
        self.entries.push((term, end as u32));
    }

    pub(super) fn finish(&mut self, postings: Vec<u8>) {
        self.postings = postings;
        self.entries.shrink_to_fit();
    }

    fn size(&self) -> usize {
        self.entries.len() * 8 + self.postings.len() + self.lengths.len() * 4 + self.names_size
    }

    /// The numbers of the terms.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.entries.iter().map(|(number, _)| *number)
    }

    /// The same, and how many bytes of postings each has.
    pub(super) fn sizes(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let mut start = 0;
        self.entries
            .iter()
            .map(move |&(number, end)| (number, end - std::mem::replace(&mut start, end)))
    }

    fn range(&self, index: usize) -> std::ops::Range<usize> {
        let start = match index {
            0 => 0,
            _ => self.entries[index - 1].1,
        };
        start as usize..self.entries[index].1 as usize
    }

    /// The postings of a term, by its index in this run.
    #[inline]
    pub(super) fn postings(&self, index: usize) -> Postings<'_> {
        let range = self.range(index);
        // The next term is read next, after those of a hundred other runs.
        prefetch(&self.postings, range.end + LINE);
        prefetch(&self.entries, index + LINE / size_of::<(u32, u32)>());
        Postings::new(&self.postings, range.start, range.end)
    }
}

/// The column values of one field: codes, or, of a keyword, numbers of its terms.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// Where each document's codes end.
    ends: Vec<u32>,
    codes: Vec<u64>,
}

impl Values {
    pub(super) fn push(&mut self, code: u64) {
        self.codes.push(code);
    }

    pub(super) fn end_document(&mut self) {
        self.ends.push(self.codes.len() as u32);
    }

    /// The codes of each document in turn.
    pub(super) fn documents(&self) -> impl Iterator<Item = &[u64]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let codes = &self.codes[start..end as usize];
            start = end as usize;
            codes
        })
    }

    fn size(&self) -> usize {
        self.ends.len() * 4 + self.codes.len() * 8
    }
}
