//! # Owners: from a code back to its document
//!
//! Idea        a range is looked for among the codes, block by block, and what is
//!             found there are *places*: numbers of codes. They ascend, so whose they
//!             are is found by going on from the last: bit by bit, or leap by leap
//!             over where the codes of each document begin
//! Example     documents with the codes 7 · none · 9 · 7, places 0 and 2: the first bit
//!             set is document 0, the third document 3
//! Invariants  (1) it is asked for ascending places only
//!             (2) there are none where every document has one code: place n is document n's
//! Cost        a bit passed for each code of an optional column; one of several values
//!             gallops: the logarithm of the distance
//! Next        [`crate::segment::column`], whose `matching` asks

use super::{Column, Mode};
use crate::bytes::Lie;

/// Finds whose a place is.
pub(super) struct Owners<'a> {
    column: &'a Column,
    /// The document that the search goes on from.
    document: u32,
    /// Optional: the word at hand, its bits not passed, and the place of the
    /// lowest of them. Several: the word is unused, the place is where
    /// `document + 1` begins.
    word: usize,
    bits: u64,
    place: u64,
}

impl<'a> Owners<'a> {
    /// From a document on; `None` where every document has one code.
    #[inline]
    pub(super) fn new(column: &'a Column, document: u32) -> Option<Self> {
        let mut owners = Self {
            column,
            document,
            word: document as usize / 64,
            bits: 0,
            place: 0,
        };
        match column.mode {
            Mode::One => return None,
            Mode::Optional => {
                let presence = column.presence();
                owners.bits = presence.word(owners.word) & (u64::MAX << (document % 64));
                owners.place = presence.rank(document);
            }
            Mode::Several { .. } => {
                let next = u64::from(document) + 1;
                owners.place = column.starts().get(next).unwrap_or(0);
            }
        }
        Some(owners)
    }

    /// The document that has the code at `place`.
    #[inline]
    pub(super) fn of(&mut self, place: u64) -> Result<u32, Lie> {
        match self.column.has_several() {
            false => self.of_bits(place),
            true => self.of_starts(place),
        }
    }

    #[inline]
    fn of_bits(&mut self, place: u64) -> Result<u32, Lie> {
        let presence = self.column.presence();
        loop {
            let count = u64::from(self.bits.count_ones());
            if place < self.place + count {
                while self.place < place {
                    self.bits &= self.bits - 1;
                    self.place += 1;
                }
                return Ok(self.word as u32 * 64 + self.bits.trailing_zeros());
            }
            self.place += count;
            self.word += 1;
            if self.word >= presence.words() {
                return Err(Lie("a column has more values than bits"));
            }
            self.bits = presence.word(self.word);
        }
    }

    #[inline]
    fn of_starts(&mut self, place: u64) -> Result<u32, Lie> {
        if place < self.place {
            return Ok(self.document);
        }
        // The owner is the last document that begins at or before the place:
        // double the step until past it, then halve.
        let starts = self.column.starts();
        let begins_by = |document: u64| starts.get(document).is_some_and(|start| start <= place);
        let mut low = u64::from(self.document) + 1;
        let mut step = 1;
        while begins_by(low + step) {
            low += step;
            step *= 2;
        }
        let mut high = low + step;
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if begins_by(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        match starts.get(low + 1) {
            Some(end) if place < end && low < u64::from(self.column.documents) => {
                self.document = low as u32;
                self.place = end;
                Ok(self.document)
            }
            _ => Err(Lie("a column's documents are out of order")),
        }
    }
}
