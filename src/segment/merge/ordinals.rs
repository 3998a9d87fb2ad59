//! # Ordinals: from those of one input's terms to those that they get
//!
//! Idea        new ordinals ascend with the old ones. While terms are merged they are
//!             only told, for all inputs side by side: as the gap to the one before,
//!             which is one byte for nearly all. When an input's column is merged,
//!             those of this input become a table that finds any of them, as Elias and
//!             Fano do: of each number the lowest bits stand in an array; what is above
//!             them ascends slowly, and is written in unary
//! Example     3, 4, 9 with two low bits are 11 00 01, and above these 0, 1, 2: bits 0,
//!             1 + 1 and 2 + 2 are set, `10101`
//! Cost        of an input with an eighth of all terms, a number takes five bits
//! Papers      Elias, "Efficient storage and retrieval by content and address of static
//!             files", 1974; Fano 1971
//! Next        `stored.rs`

use crate::bytes::varint;
use crate::segment::spool::{Spool, Spools};
use std::io;

/// The new ordinals of an input's terms, as they become known.
pub(super) struct NewOrdinals<'s> {
    gaps: Spool<'s>,
    /// Terms that were told of, or passed over.
    count: u32,
    last: u32,
}

/// Bytes that those of all inputs hold in memory.
const HELD: usize = 4 << 20;

/// The least and the most of one input's.
const HELD_BOUNDS: (usize, usize) = (4 << 10, 64 << 10);

impl<'s> NewOrdinals<'s> {
    /// None yet, of one of so many inputs.
    pub(super) fn new(inputs: usize, spools: &'s Spools) -> Self {
        let (least, most) = HELD_BOUNDS;
        Self {
            gaps: Spool::holding((HELD / inputs.max(1)).clamp(least, most), spools),
            count: 0,
            last: 0,
        }
    }

    /// Notes the new ordinal of a term; those before it that weren't noted have
    /// none. `None` if it is out of order.
    pub(super) fn push(&mut self, old: u32, new: u32) -> io::Result<Option<()>> {
        let (Some(passed), Some(gap)) = (old.checked_sub(self.count), new.checked_sub(self.last))
        else {
            return Ok(None);
        };
        for _ in 0..passed {
            varint::write(self.gaps.end(), 0);
            self.gaps.spill()?;
        }
        varint::write(self.gaps.end(), u64::from(gap));
        self.gaps.spill()?;
        self.count += passed + 1;
        self.last = new;
        Ok(Some(()))
    }

    /// The table.
    pub(super) fn finish(self) -> io::Result<Ordinals> {
        let mut ordinals = Ordinals::new(self.count, self.last);
        let mut number = 0u64;
        let (mut gap, mut shift) = (0, 0);
        self.gaps.each(|bytes| {
            for byte in bytes {
                gap |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    number += gap;
                    ordinals.push(number);
                    (gap, shift) = (0, 0);
                }
            }
            Ok(())
        })?;
        debug_assert_eq!(ordinals.len, self.count);
        Ok(ordinals)
    }
}

/// Numbers of which the place of the one behind them is kept.
const SAMPLED: u32 = 128;

/// Numbers that never fall, by their place.
pub(super) struct Ordinals {
    len: u32,
    low_bits: u32,
    /// The lowest bits of each, packed; and a word more.
    low: Vec<u64>,
    /// Bit `(number >> low_bits) + place` is set for each.
    high: Vec<u64>,
    /// Which bit of `high` is that of each number whose place is a multiple of
    /// [`SAMPLED`].
    samples: Vec<u64>,
}

impl Ordinals {
    /// Room for so many, of which none is greater than `last`.
    fn new(count: u32, last: u32) -> Self {
        let universe = u64::from(last) + 1;
        let low_bits = (universe / u64::from(count.max(1)))
            .checked_ilog2()
            .unwrap_or(0);
        let words = |bits: u64| vec![0; (bits / 64) as usize + 2];
        Self {
            len: 0,
            low_bits,
            low: words(u64::from(count) * u64::from(low_bits)),
            high: words(u64::from(count) + (universe >> low_bits)),
            samples: Vec::with_capacity(count.div_ceil(SAMPLED) as usize),
        }
    }

    fn push(&mut self, number: u64) {
        let bit = (number >> self.low_bits) + u64::from(self.len);
        self.high[(bit / 64) as usize] |= 1 << (bit % 64);
        if self.len.is_multiple_of(SAMPLED) {
            self.samples.push(bit);
        }
        let (at, low) = self.low_at(self.len);
        let low_part = u128::from(number & self.low_mask()) << low;
        self.low[at] |= low_part as u64;
        self.low[at + 1] |= (low_part >> 64) as u64;
        self.len += 1;
    }

    fn low_mask(&self) -> u64 {
        (1 << self.low_bits) - 1
    }

    /// The word and the bit in it where the low bits of a number begin.
    fn low_at(&self, place: u32) -> (usize, u32) {
        let bit = u64::from(place) * u64::from(self.low_bits);
        ((bit / 64) as usize, (bit % 64) as u32)
    }

    /// The number at a place, if there is one.
    #[inline]
    pub(super) fn get(&self, place: u32) -> Option<u64> {
        if place >= self.len {
            return None;
        }
        let sample = self.samples[(place / SAMPLED) as usize];
        // Which of the bits set from the sample's on.
        let mut rank = place % SAMPLED;
        let mut at = (sample / 64) as usize;
        let mut word = self.high[at] & u64::MAX << (sample % 64);
        while word.count_ones() <= rank {
            rank -= word.count_ones();
            at += 1;
            // There is a bit set for each number.
            word = self.high[at];
        }
        let bit = at as u64 * 64 + u64::from(nth_bit(word, rank));
        let high = bit - u64::from(place);
        let (at, shift) = self.low_at(place);
        let pair = u128::from(self.low[at]) | u128::from(self.low[at + 1]) << 64;
        Some(high << self.low_bits | (pair >> shift) as u64 & self.low_mask())
    }
}

/// Which bit is the one with so many set ones below it: the half that has it, again
/// and again.
#[inline]
fn nth_bit(word: u64, mut rank: u32) -> u32 {
    let mut at = 0;
    for half in [32, 16, 8, 4, 2, 1] {
        let below = (word >> at & ((1 << half) - 1)).count_ones();
        if below <= rank {
            rank -= below;
            at += half;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Directory, Memory};
    use proptest::prelude::*;

    fn table(terms: &[(u32, u32)], inputs: usize, spools: &Spools) -> Ordinals {
        let mut ordinals = NewOrdinals::new(inputs, spools);
        for (old, new) in terms {
            assert_eq!(ordinals.push(*old, *new).unwrap(), Some(()));
        }
        ordinals.finish().unwrap()
    }

    fn check(steps: &[(u32, u32)]) {
        let (mut old, mut new) = (0u32, 0u32);
        let mut terms = Vec::new();
        for (passed, gap) in steps {
            old += passed;
            new = new.saturating_add(*gap);
            terms.push((old, new));
            old += 1;
        }
        let scratch = Memory::new().scratch("scratch").unwrap();
        for spools in [Spools::default(), Spools::new(Some(scratch))] {
            let table = table(&terms, 1 << 20, &spools);
            for (old, new) in &terms {
                assert_eq!(table.get(*old), Some(u64::from(*new)));
            }
            assert_eq!(table.get(old), None);
        }
    }

    proptest! {
        #[test]
        fn all_are_found(steps in prop::collection::vec((0u32..3, 1u32..), 0..400), shift in 0u32..32) {
            let near = |(passed, gap): &(u32, u32)| (*passed, (gap >> shift).max(1));
            check(&steps.iter().map(near).collect::<Vec<_>>());
        }

        #[test]
        fn the_nth_bit_is_found(word in any::<u64>()) {
            let bits = (0..64).filter(|bit| word >> bit & 1 == 1);
            for (rank, bit) in (0..).zip(bits) {
                prop_assert_eq!(nth_bit(word, rank), bit);
            }
        }
    }

    #[test]
    fn many_spill() {
        check(&(0..20_000).map(|n| (n % 2, 1 + n % 7)).collect::<Vec<_>>());
    }

    #[test]
    fn what_falls_is_noticed() {
        let spools = Spools::default();
        let mut ordinals = NewOrdinals::new(1, &spools);
        assert_eq!(ordinals.push(4, 9).unwrap(), Some(()));
        assert_eq!(ordinals.push(4, 10).unwrap(), None);
        assert_eq!(ordinals.push(5, 8).unwrap(), None);
    }
}
