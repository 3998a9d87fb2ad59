//! # Bytes: integers on disk
//!
//! Idea        an index is almost nothing but sorted integers. This layer
//!             turns them into few bytes and back, and reads bytes that it
//!             does not trust
//! Rooms       [`varint`]: one integer, 1 to 10 bytes, the smaller the fewer.
//!             [`block`]: up to 128 integers, most of them small, in as few bits
//!             as they need. [`ends`]: where the blocks lie. [`gaps`]: differences
//!             added up again. [`find`]: which of some numbers a block has;
//!             [`bits`]: the same of a bitmap.
//!             [`rows`]: numbers beside others, sifted. [`reader`]: a cursor over
//!             bytes where every step is checked. [`prefetch`]: a hint
//! Why blocks  a varint costs a branch per byte, which the processor cannot
//!             foresee; 128 values packed in one way unpack without any branch, a
//!             vector register at a time, and can be skipped by arithmetic
//! Invariants  (1) everything is little-endian, on every machine
//!             (2) no function here panics or reads out of bounds, whatever
//!             the bytes; what cannot be true is a [`Lie`]
//! Papers      Lemire and Boytsov, "Decoding billions of integers per second
//!             through vectorization", 2015: §3 for why packed blocks beat
//!             variable bytes
//! Next        [`varint`]; or on to [`crate::storage`], where bytes live

pub(crate) mod bits;
pub(crate) mod block;
pub(crate) mod ends;
pub(crate) mod find;
pub(crate) mod gaps;
pub(crate) mod prefetch;
pub(crate) mod reader;
pub(crate) mod rows;
pub(crate) mod varint;

pub(crate) use reader::{Lie, Reader};

use std::ops::Range;

/// Zeros that fill up so many bytes to a multiple of 8.
pub(crate) fn padding(length: u64) -> &'static [u8] {
    &[0; 8][..(length.wrapping_neg() % 8) as usize]
}

/// A little-endian array of `u32` read in place, wherever it happens to lie.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct U32s<'a>(&'a [[u8; 4]]);

impl<'a> U32s<'a> {
    /// The array in `bytes`; a trailing part of an integer is left out.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.as_chunks::<4>().0)
    }

    pub(crate) fn len(self) -> usize {
        self.0.len()
    }

    /// The integer at `index`, or `None` past the end.
    #[inline]
    pub(crate) fn get(self, index: usize) -> Option<u32> {
        self.0.get(index).map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// The first index at or after `from` whose value is at least `target`,
    /// or the length if there is none. The array ascends. Gallops: the cost
    /// is logarithmic in the distance, not in the length.
    #[inline]
    pub(crate) fn gallop(self, from: usize, target: u32) -> usize {
        let below = |index: usize| self.get(index).is_some_and(|value| value < target);
        if !below(from) {
            return from.min(self.len());
        }
        // The answer lies in (low, high].
        let (mut low, mut step) = (from, 1);
        while below(low + step) {
            low += step;
            step *= 2;
        }
        let mut high = (low + step).min(self.len());
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if below(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}

/// A little-endian array of `u64` read in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct U64s<'a>(&'a [[u8; 8]]);

impl<'a> U64s<'a> {
    /// The array in `bytes`; a trailing part of an integer is left out.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.as_chunks::<8>().0)
    }

    pub(crate) fn len(self) -> usize {
        self.0.len()
    }

    /// The integer at `index`, or `None` past the end.
    #[inline]
    pub(crate) fn get(self, index: usize) -> Option<u64> {
        self.0.get(index).map(|bytes| u64::from_le_bytes(*bytes))
    }

    /// The first index of a range whose integer isn't one of `those`, which are
    /// the first of it; the range's end if all are.
    #[inline]
    pub(crate) fn partition_point(self, range: Range<usize>, those: impl Fn(u64) -> bool) -> usize {
        let within = self.0.get(range.clone()).unwrap_or(&[]);
        range.start + within.partition_point(|bytes| those(u64::from_le_bytes(*bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::U32s;

    #[test]
    fn gallop_agrees_with_a_plain_search() {
        let values: Vec<u32> = (0..100).map(|i| i * 3 + 1).collect();
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let array = U32s::new(&bytes);
        for from in 0..=100 {
            for target in 0..310 {
                let naive = (from..100).find(|&i| values[i] >= target).unwrap_or(100);
                assert_eq!(array.gallop(from, target), naive, "from {from} to {target}");
            }
        }
    }
}
