//! # Gathering: the codes of many neighbours, side by side
//!
//! Idea        whether one of 128 documents is wanted, and how many codes it has, can't be
//!             foreseen, and each wrong guess takes as long as ten codes. So codes of all
//!             are unpacked, and those that are wanted are moved together without a branch:
//!             written in any case, and written over if they weren't
//! Example     codes 7 9 4 of which the second isn't wanted: 7, then 9, then 4 over it
//! Invariants  (1) as those of `codes.rs`
//! Cost        a facet that gathers takes, all told, 2 ns a code of an optional column, and 6
//!             a wanted document that has up to three
//! Next        `counts.rs`

use super::Mode;
use super::blocks::{BLOCK, lowest};
use super::codes::{Codes, MANY, Wanted, number_of};
use std::ops::Range;

/// Codes of documents side by side, less a base; one that doesn't fit in 32 bits is
/// [`u32::MAX`].
#[derive(Clone, Default)]
pub(super) struct Gathered {
    /// Those of some blocks.
    blocks: Vec<[u32; BLOCK]>,
    /// Those that are wanted, and what was written past them.
    chosen: Vec<u32>,
}

/// More blocks than that aren't unpacked for 128 documents.
const MOST: usize = 64;

/// Codes of a document that are moved together, whether it has as many or not.
const STEP: usize = 4;

impl Gathered {
    /// The codes of those of the 128 documents from `first` on that are wanted; or the
    /// codes of all, one each, and which are wanted. `None` if few are wanted, or a document
    /// may have a code twice.
    #[inline]
    pub(super) fn of(
        &mut self,
        codes: &mut Codes,
        first: u32,
        wanted: Wanted,
        base: u64,
    ) -> Option<(&[u32], Option<Wanted>)> {
        let column = codes.column;
        let end = first.saturating_add(BLOCK as u32).min(column.documents);
        let exist = [0, 1].map(|word| lowest((end - first.min(end)) as usize, word));
        if wanted != exist && number_of(wanted) < MANY {
            return None;
        }
        let places = column.distinct(first..end)?;
        let places = places.start.max(codes.passed)..places.end;
        let range = self.unpack(codes, places.clone(), base)?;
        if column.has_several() {
            codes.passed = places.end.max(codes.passed);
        }
        if wanted == exist {
            return Some((&self.blocks.as_flattened()[range], None));
        }
        match column.mode {
            // Document n has code n.
            Mode::One => return Some((self.blocks.first()?, Some(wanted))),
            Mode::Optional => {
                let word = first as usize / 64;
                let has = [word, word + 1].map(|word| column.presence().word(word));
                self.choose_optional(range, has, wanted)
            }
            Mode::Several { .. } => {
                let mut starts = [0; BLOCK + 1];
                let block = u64::from(first) / BLOCK as u64;
                let (known, next) = starts.split_first_chunk_mut()?;
                column
                    .starts()
                    .decode_above(block, places.start, known)
                    .ok()?;
                // Of the last document of a block the next block says the end.
                if let [last] = next {
                    *last = range.len() as u32;
                }
                self.choose_several(range, &starts, wanted)
            }
        }
        .map(|chosen| (chosen, None))
    }

    /// Unpacks codes; returns where they are.
    #[inline]
    fn unpack(&mut self, codes: &Codes, places: Range<u64>, base: u64) -> Option<Range<usize>> {
        if places.is_empty() {
            return Some(0..0);
        }
        let first = places.start / BLOCK as u64;
        let count = usize::try_from((places.end - 1) / BLOCK as u64 - first).ok()? + 1;
        if count > MOST {
            return None;
        }
        if self.blocks.len() <= count {
            // And one more, as more is moved than there may be.
            self.blocks.resize(count + 1, [0; BLOCK]);
        }
        for (block, out) in (first..).zip(&mut self.blocks[..count]) {
            codes.column.codes().decode_above(block, base, out).ok()?;
        }
        let start = (places.start % BLOCK as u64) as usize;
        Some(start..start + (places.end - places.start) as usize)
    }

    /// Of documents that have a code each or none.
    fn choose_optional(
        &mut self,
        range: Range<usize>,
        has: Wanted,
        wanted: Wanted,
    ) -> Option<&[u32]> {
        self.chosen.resize(BLOCK + STEP, 0);
        let mut codes = self.blocks.as_flattened()[range].iter();
        let mut count = 0;
        for (mut has, wanted) in has.into_iter().zip(wanted) {
            while has != 0 {
                self.chosen[count] = *codes.next()?;
                count += (wanted >> has.trailing_zeros() & 1) as usize;
                has &= has - 1;
            }
        }
        Some(&self.chosen[..count])
    }

    /// Of documents whose codes begin at some starts, and end at the next.
    fn choose_several(
        &mut self,
        range: Range<usize>,
        starts: &[u32; BLOCK + 1],
        wanted: Wanted,
    ) -> Option<&[u32]> {
        let codes = &self.blocks.as_flattened()[range.start..];
        self.chosen.resize(range.len() + STEP, 0);
        let mut count = 0;
        for (mut bits, first) in wanted.into_iter().zip([0, 64]) {
            while bits != 0 {
                let document = first + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let [start, end] = [starts[document], starts[document + 1]].map(|at| at as usize);
                let len = end.checked_sub(start)?;
                let few = self.chosen.get_mut(count..count + STEP)?;
                few.copy_from_slice(codes.get(start..)?.get(..STEP)?);
                if len > STEP {
                    let all = self.chosen.get_mut(count..count + len)?;
                    all.copy_from_slice(codes.get(start..end)?);
                }
                count += len;
            }
        }
        self.chosen.get(..count)
    }
}
