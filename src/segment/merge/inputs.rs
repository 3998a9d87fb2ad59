//! # Inputs: what is joined, its documents under their new numbers
//!
//! Idea        a document's new number is how many live ones there are before it, in its
//!             segment and in those before it; they are counted for every 64th, so one
//!             word of tombstones tells the rest. And since inputs are mapped files, the
//!             memory that reading them takes is given back time and again: otherwise
//!             a merge would hold all of them at its end
//! Example     documents a b c and d e, b deleted: e is number 3, with base 2
//! Invariants  (1) new numbers ascend with the old ones, and from input to input
//! Cost        a look-up and a count of bits a document; where none is deleted an
//!             addition
//! Next        `terms.rs`

use crate::segment::posting_list::BLOCK_LEN;
use crate::segment::{Segment, Tombstones};
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A segment to be merged and which of its documents are deleted.
pub(super) struct Input<'a> {
    pub(super) segment: &'a Segment,
    pub(super) tombstones: &'a Tombstones,
    /// The new number of its first live document.
    base: u32,
    /// Live documents before every 64th document; empty if none is deleted.
    ranks: Vec<u32>,
}

impl<'a> Input<'a> {
    pub(super) fn new(segment: &'a Segment, tombstones: &'a Tombstones, base: u32) -> Self {
        let mut ranks = Vec::new();
        if tombstones.deleted_count() > 0 {
            let mut rank = base;
            for word in tombstones.words() {
                ranks.push(rank);
                rank = rank.wrapping_add(64 - word.count_ones());
            }
        }
        Self {
            segment,
            tombstones,
            base,
            ranks,
        }
    }

    /// The new number of a document; `None` if it is deleted.
    #[inline]
    pub(super) fn renumber(&self, document: u32) -> Option<u32> {
        if self.ranks.is_empty() {
            return Some(self.base + document);
        }
        let index = document as usize / 64;
        let word = *self.tombstones.words().get(index)?;
        let bit = document % 64;
        if word >> bit & 1 == 1 {
            return None;
        }
        let deleted_before = (word & ((1 << bit) - 1)).count_ones();
        Some(self.ranks[index] + bit - deleted_before)
    }

    /// The live documents, for whoever reads something of each: what was read
    /// is let go of time and again.
    pub(super) fn live(&self) -> impl Iterator<Item = u32> + '_ {
        let all = 0..self.segment.documents();
        all.filter(|document| {
            if document.is_multiple_of(Segment::RELEASE_AFTER) {
                self.segment.release();
            }
            !self.tombstones.is_deleted(*document)
        })
    }
}

/// Bytes written, or read otherwise, between two times that the inputs' memory is
/// given back.
const RELEASE_BYTES: usize = 2 << 20;

/// Blocks of one list that are read between two such times, if nothing is written
/// meanwhile.
pub(super) const RELEASE_BLOCKS: usize = Segment::RELEASE_AFTER as usize / BLOCK_LEN;

/// All inputs, which are let go of while they are read: otherwise a merge of
/// mapped files would hold all of them in memory at its end.
pub(super) struct Inputs<'a> {
    pub(super) all: Vec<Input<'a>>,
    /// Bytes read since they were let go of, nearly.
    used: AtomicUsize,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(all: Vec<Input<'a>>) -> Self {
        let used = AtomicUsize::new(0);
        Self { all, used }
    }

    /// So many bytes more were read.
    pub(super) fn used(&self, bytes: usize) {
        if self.used.fetch_add(bytes, Ordering::Relaxed) + bytes >= RELEASE_BYTES {
            self.used.store(0, Ordering::Relaxed);
            self.all.iter().for_each(|input| input.segment.release());
        }
    }
}

/// What is written was read before.
pub(super) struct Releasing<'a> {
    pub(super) out: &'a mut (dyn Write + Send),
    pub(super) inputs: &'a Inputs<'a>,
}

impl Write for Releasing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inputs.used(bytes.len());
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
