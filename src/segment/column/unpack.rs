//! # Unpacking: the numbers of a block, side by side
//!
//! Idea        narrow numbers lie as the low bits of a [block] of
//!             postings do, and vectors unpack them. Of wider ones, eight of `w` bits
//!             fill `w` bytes, so the ninth stands in its bytes as the first did: where
//!             `w` is known when the code is compiled, so is for each of the eight where
//!             it begins and how far it is to be shifted. There is a copy of that code
//!             for each width
//! Example     of 30 bits: the third of eight begins with bit 4 of the eighth byte and
//!             ends with bit 1 of the twelfth
//! Invariants  (1) a block's bytes are followed by eight more, so that every number is
//!             in one load of eight
//! Cost        with vectors of 512 bits some 15 ns a narrow block, and 40 more to make its
//!             numbers codes of 64 bits
//! Next        `builder.rs`: a column is made of one array of these, or two

use super::blocks::{BLOCK, HIT_WORDS, Hits, lowest};
use crate::bytes::bits::gather_bits;
use crate::bytes::block::{self, UNPACK_MAX};

/// The packed numbers of a block.
pub(super) struct Packed<'a> {
    /// From one byte before them on to the array's end, which is at least eight bytes
    /// behind them.
    pub(super) from_before: &'a [u8],
    pub(super) count: usize,
    pub(super) width: u32,
    pub(super) mask: u64,
}

impl Packed<'_> {
    /// The numbers themselves: each `step` times what is packed, and `min` more.
    pub(super) fn decode(&self, min: u64, step: u64, out: &mut [u64; BLOCK]) {
        if self.width <= UNPACK_MAX {
            let mut narrow = [0; BLOCK];
            block::unpack(self.from_before, self.width, &mut narrow, 0);
            for (out, number) in out.iter_mut().zip(narrow) {
                *out = number.into();
            }
        } else {
            self.unpack_wide(out);
        }
        // Without a multiplication vectors do it.
        if step == 1 {
            out.iter_mut().for_each(|out| *out = out.wrapping_add(min));
        } else {
            for out in out {
                *out = out.wrapping_mul(step).wrapping_add(min);
            }
        }
    }

    /// The same of packed numbers of at most [`UNPACK_MAX`] bits and steps of 1, as far as
    /// they fit.
    pub(super) fn decode_narrow(&self, min: u32, out: &mut [u32; BLOCK]) {
        block::unpack(self.from_before, self.width, out, min);
    }

    /// Which numbers are at least `least`, and at most so much more; no answer is a branch.
    pub(super) fn within(&self, least: u64, most: u64) -> Hits {
        let mut hits = [0; HIT_WORDS];
        if self.width <= UNPACK_MAX {
            let Ok(least) = u32::try_from(least) else {
                return hits;
            };
            // Not so much that what is less than `least` would be among them.
            let most = most.min(u64::from(u32::MAX - least)) as u32;
            let mut numbers = [0; BLOCK];
            block::unpack(self.from_before, self.width, &mut numbers, 0);
            for (index, chunk) in numbers.as_chunks::<32>().0.iter().enumerate() {
                let is_hit = chunk.map(|number| u8::from(number.wrapping_sub(least) <= most));
                hits[index / 2] |= u64::from(gather_bits(is_hit)) << (index % 2 * 32);
            }
        } else {
            let mut numbers = [0; BLOCK];
            self.unpack_wide(&mut numbers);
            for (hits, chunk) in hits.iter_mut().zip(numbers.as_chunks::<64>().0) {
                for (index, number) in chunk.iter().enumerate() {
                    *hits |= u64::from(number.wrapping_sub(least) <= most) << index;
                }
            }
        }
        std::array::from_fn(|word| hits[word] & lowest(self.count, word))
    }

    /// All numbers of more than [`UNPACK_MAX`] bits; what `out` has behind them says
    /// nothing.
    fn unpack_wide(&self, out: &mut [u64; BLOCK]) {
        let wide = WIDE.get(self.width.wrapping_sub(UNPACK_MAX + 1) as usize);
        let bytes = self.from_before.get(1..).unwrap_or(&[]);
        let eights = self.count / 8;
        wide.copied().unwrap_or(words)(bytes, &mut out.as_chunks_mut().0[..eights]);
        // The last few of a column have less bytes behind them than eight would.
        for (index, out) in (8 * eights..self.count).zip(&mut out[8 * eights..]) {
            let bit = index * self.width as usize;
            *out = word(bytes, bit / 8) >> (bit % 8) & self.mask;
        }
    }
}

/// Unpacks numbers, eight at a time.
type Unpack = fn(&[u8], &mut [[u64; 8]]);

macro_rules! each {
    ($($width:literal)*) => { [$(eights::<$width>),*] };
}

/// One for each width of more than [`UNPACK_MAX`] bits but 64.
static WIDE: [Unpack; 31] = each!(
    26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56
);

fn eights<const WIDTH: usize>(bytes: &[u8], out: &mut [[u64; 8]]) {
    for (index, eight) in out.iter_mut().enumerate() {
        let from = index * WIDTH;
        // There are, by the length of a block.
        let bytes = bytes.get(from..from + WIDTH + 8).unwrap_or(&[]);
        for (place, number) in eight.iter_mut().enumerate() {
            let bit = place * WIDTH;
            *number = word(bytes, bit / 8) >> (bit % 8) & ((1 << WIDTH) - 1);
        }
    }
}

/// Numbers of 64 bits.
fn words(bytes: &[u8], out: &mut [[u64; 8]]) {
    let words = bytes.as_chunks().0.iter();
    for (number, word) in out.as_flattened_mut().iter_mut().zip(words) {
        *number = u64::from_le_bytes(*word);
    }
}

/// The word that begins with a byte; 0 past the end.
#[inline(always)]
fn word(bytes: &[u8], at: usize) -> u64 {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u64::from_le_bytes(*word))
}
