//! # Codes: what many documents have
//!
//! Idea        one document's codes are found by a place and an entry of the directory,
//!             which are somewhere else in memory for each. Where many of 128 neighbours
//!             are asked about, their block is unpacked first, and the rest is a walk
//! Example     the first by year of a word's documents: in a block of which it has twenty
//!             all 128 years are unpacked, in one of which it has two these are read
//! Invariants  (1) groups are asked about in order
//!             (2) what a block that lies would say is left out, as elsewhere in columns
//! Cost        3 ns a code read by itself; a block some 55
//! Next        `gather.rs`

use super::blocks::{BLOCK, Blocks};
use super::presence::{Presence, Ranks};
use super::{Column, Mode};
use std::ops::Range;

/// A block is unpacked if at least this many of its 128 documents are wanted.
pub(super) const MANY: u32 = 8;

/// Which of 128 documents are wanted, a bit each.
pub(super) type Wanted = [u64; BLOCK / 64];

/// Reads the codes of many documents.
pub(crate) struct Codes<'a> {
    pub(super) column: &'a Column,
    codes: Unpacked<'a>,
    /// Where the codes of each document begin, in a column of several.
    starts: Unpacked<'a>,
    /// Which documents have a code, in a column where not all have.
    presence: Presence<'a>,
    /// Those of the document asked about last, if it can have several.
    several: Vec<u64>,
    /// Where the codes of the document asked about last end, in such a column.
    pub(super) passed: u64,
}

/// Blocks, and the numbers of the one that was unpacked last.
struct Unpacked<'a> {
    blocks: Blocks<'a>,
    /// Its first number, and how many it has.
    first: u64,
    count: u64,
    numbers: [u64; BLOCK],
}

impl<'a> Unpacked<'a> {
    fn of(blocks: Blocks<'a>) -> Self {
        Self {
            blocks,
            first: 0,
            count: 0,
            numbers: [0; BLOCK],
        }
    }

    /// A number. If it is one of `many` in its block, all of these are unpacked.
    #[inline]
    fn get(&mut self, index: u64, many: bool) -> Option<u64> {
        if index.wrapping_sub(self.first) >= self.count {
            if !many {
                return self.blocks.get(index);
            }
            self.unpack(index / BLOCK as u64);
        }
        let place = index.wrapping_sub(self.first);
        (place < self.count).then(|| self.numbers[place as usize % BLOCK])
    }

    /// Whether all of some numbers are in the block that was unpacked last.
    #[inline]
    fn has(&self, places: &Range<u64>) -> bool {
        self.first <= places.start && places.end <= self.first + self.count
    }

    /// Some numbers of that block.
    #[inline]
    fn slice(&self, places: Range<u64>) -> &[u64] {
        let places = (places.start - self.first) as usize..(places.end - self.first) as usize;
        self.numbers.get(places).unwrap_or(&[])
    }

    /// The numbers of a block.
    fn block(&mut self, block: u32) -> &[u64] {
        self.unpack(block.into());
        &self.numbers[..(self.count as usize).min(BLOCK)]
    }

    #[inline(never)]
    fn unpack(&mut self, block: u64) {
        self.first = block.saturating_mul(BLOCK as u64);
        let count = self.blocks.decode(block, &mut self.numbers);
        self.count = count.unwrap_or(0) as u64;
    }
}

impl<'a> Codes<'a> {
    pub(super) fn of(column: &'a Column) -> Self {
        Self {
            column,
            codes: Unpacked::of(column.codes()),
            starts: Unpacked::of(column.starts()),
            presence: column.presence(),
            several: Vec::new(),
            passed: 0,
        }
    }

    /// Calls `out` with some of the 128 documents from `first` on, which is a multiple of
    /// 128: those whose bits are set, ascending, each with its codes in the order given.
    #[inline]
    pub(crate) fn each(&mut self, first: u32, wanted: Wanted, mut out: impl FnMut(u32, &[u64])) {
        let many = number_of(wanted) >= MANY;
        match self.column.mode {
            Mode::One if many => {
                let codes = self.codes.block(first / BLOCK as u32);
                for_each(first, wanted, |document| {
                    let place = document as usize % BLOCK;
                    out(document, codes.get(place..place + 1).unwrap_or(&[]));
                });
            }
            Mode::Optional if many => self.optional(first, wanted, out),
            Mode::One | Mode::Optional => {
                for_each(first, wanted, |document| {
                    out(document, self.one(document).as_slice())
                });
            }
            Mode::Several { .. } => {
                for_each(first, wanted, |document| {
                    out(document, self.of_several(document, many))
                });
            }
        }
    }

    /// The same of some documents, which ascend and come later than those before.
    #[inline]
    pub(crate) fn few(&mut self, documents: &[u32], mut out: impl FnMut(u32, &[u64])) {
        match self.column.mode {
            Mode::One => {
                let blocks = self.codes.blocks;
                for document in documents {
                    out(*document, blocks.get(u64::from(*document)).as_slice());
                }
            }
            Mode::Optional => {
                let mut ranks = Ranks::of(self.presence);
                for document in documents {
                    let place = ranks.place(*document);
                    let code = place.and_then(|place| self.codes.blocks.get(place));
                    out(*document, code.as_slice());
                }
            }
            Mode::Several { .. } => {
                for document in documents {
                    out(*document, self.of_several(*document, false));
                }
            }
        }
    }

    /// The code of a document that has one at most.
    #[inline]
    fn one(&self, document: u32) -> Option<u64> {
        let place = match self.column.mode {
            Mode::One => Some(u64::from(document)),
            _ => self.presence.place(document),
        };
        place.and_then(|place| self.codes.blocks.get(place))
    }

    /// Of a column of which some documents have no code: goes through all that have one.
    fn optional(&mut self, first: u32, wanted: Wanted, mut out: impl FnMut(u32, &[u64])) {
        let mut place = self.presence.rank(first);
        let word = first as usize / 64;
        let has = [self.presence.word(word), self.presence.word(word + 1)];
        let either = [has[0] | wanted[0], has[1] | wanted[1]];
        for_each(first, either, |document| {
            let [has, is_wanted] =
                [has, wanted].map(|words| words[document as usize / 64 % 2] >> (document % 64) & 1);
            if is_wanted == 1 {
                let code = (has == 1).then(|| self.codes.get(place, true)).flatten();
                out(document, code.as_slice());
            }
            place += has;
        });
    }

    /// The codes of a document; whether `many` of its neighbours are wanted, too.
    #[inline]
    fn of_several(&mut self, document: u32, many: bool) -> &[u64] {
        let start = self.starts.get(document.into(), many).unwrap_or(0);
        let end = self.starts.get(u64::from(document) + 1, many).unwrap_or(0);
        // A number past the end is a lie, and no code; one before the last end, too, or
        // all codes might be read for each document.
        let places = start.max(self.passed)..end.min(self.column.values);
        self.passed = places.end.max(self.passed);
        if places.start < places.end && self.codes.has(&places) {
            return self.codes.slice(places);
        }
        self.several.clear();
        for place in places {
            let Some(code) = self.codes.get(place, many) else {
                break;
            };
            self.several.push(code);
        }
        &self.several
    }
}

/// How many are wanted.
pub(super) fn number_of(wanted: Wanted) -> u32 {
    wanted[0].count_ones() + wanted[1].count_ones()
}

/// Calls `out` with each of the documents from `first` on whose bit is set.
#[inline]
fn for_each(first: u32, words: Wanted, mut out: impl FnMut(u32)) {
    for (word, first) in words.into_iter().zip([first, first + 64]) {
        if word == u64::MAX {
            (first..first + 64).for_each(&mut out);
            continue;
        }
        let mut bits = word;
        while bits != 0 {
            out(first + bits.trailing_zeros());
            bits &= bits - 1;
        }
    }
}
