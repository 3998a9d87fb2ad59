//! # Unpacking: the numbers of a block, side by side
//!
//! Idea        eight numbers of `w` bits fill `w` bytes, so the ninth stands in its
//!             bytes as the first did. Where `w` is known when the code is compiled, so
//!             is for each of the eight where it begins and how far it is to be
//!             shifted. There is a copy of that code for each width
//! Example     of 3 bits: the third of eight begins with bit 6 of the first byte and
//!             ends with bit 0 of the second
//! Invariants  (1) a block's bytes are followed by eight more, so that every number is
//!             in one load of eight
//! Cost        a range takes 0.7 ns a number of up to 32 bits, of which vectors compare
//!             several at once
//! Next        `builder.rs`: a column is made of one array of these, or two

use super::blocks::{BLOCK, HIT_WORDS, Hits, lowest};
use crate::bytes::bits::gather_bits;

/// The packed numbers of a block.
pub(super) struct Packed<'a> {
    /// With eight bytes more.
    pub(super) bytes: &'a [u8],
    pub(super) count: usize,
    pub(super) width: usize,
    pub(super) mask: u64,
}

impl Packed<'_> {
    /// The numbers themselves: each `step` times what is packed, and `min` more.
    pub(super) fn decode(&self, min: u64, step: u64, out: &mut [u64; BLOCK]) {
        self.unpack(self.wide(), out);
        // Without a multiplication vectors do it.
        if step == 1 {
            out.iter_mut().for_each(|out| *out = out.wrapping_add(min));
        } else {
            for out in out {
                *out = out.wrapping_mul(step).wrapping_add(min);
            }
        }
    }

    /// Which numbers are at least `least`, and at most so much more; no answer is a branch.
    pub(super) fn within(&self, least: u64, most: u64) -> Hits {
        let mut hits = [0; HIT_WORDS];
        if let Some(unpack) = SMALL.get(self.width.wrapping_sub(1)) {
            let Ok(least) = u32::try_from(least) else {
                return hits;
            };
            // Not so much that what is less than `least` would be among them.
            let most = most.min(u64::from(u32::MAX - least)) as u32;
            let mut numbers = [0; BLOCK];
            self.unpack(*unpack, &mut numbers);
            for (index, chunk) in numbers.as_chunks::<32>().0.iter().enumerate() {
                let is_hit = chunk.map(|number| u8::from(number.wrapping_sub(least) <= most));
                hits[index / 2] |= u64::from(gather_bits(is_hit)) << (index % 2 * 32);
            }
        } else {
            let mut numbers = [0; BLOCK];
            self.unpack(self.wide(), &mut numbers);
            for (hits, chunk) in hits.iter_mut().zip(numbers.as_chunks::<64>().0) {
                for (index, number) in chunk.iter().enumerate() {
                    *hits |= u64::from(number.wrapping_sub(least) <= most) << index;
                }
            }
        }
        std::array::from_fn(|word| hits[word] & lowest(self.count, word))
    }

    fn wide(&self) -> Unpack<u64> {
        let wide = WIDE.get(self.width.wrapping_sub(1));
        wide.copied().unwrap_or(words)
    }

    /// All numbers; what `out` has behind them says nothing.
    #[inline]
    fn unpack<N: Number>(&self, unpack: Unpack<N>, out: &mut [N; BLOCK]) {
        let eights = self.count / 8;
        unpack(self.bytes, &mut out.as_chunks_mut().0[..eights]);
        // The last few of a column have less bytes behind them than eight would.
        for (index, out) in (8 * eights..self.count).zip(&mut out[8 * eights..]) {
            let bit = index * self.width;
            *out = N::of(word(self.bytes, bit / 8) >> (bit % 8) & self.mask);
        }
    }
}

/// A number of 32 bits or 64.
trait Number: Copy {
    fn of(number: u64) -> Self;
}

impl Number for u32 {
    #[inline]
    fn of(number: u64) -> Self {
        number as u32
    }
}

impl Number for u64 {
    #[inline]
    fn of(number: u64) -> Self {
        number
    }
}

/// Unpacks numbers, eight at a time.
type Unpack<N> = fn(&[u8], &mut [[N; 8]]);

macro_rules! each {
    ($($width:literal)*) => { [$(eights::<$width, _>),*] };
}

/// One for each width from 1 bit on, into numbers of 32 bits if these will do.
static SMALL: [Unpack<u32>; 32] = each!(
    1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
);

static WIDE: [Unpack<u64>; 56] = each!(
    1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
    33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56
);

fn eights<const WIDTH: usize, N: Number>(bytes: &[u8], out: &mut [[N; 8]]) {
    for (index, eight) in out.iter_mut().enumerate() {
        let from = index * WIDTH;
        // There are, by the length of a block.
        let bytes = bytes.get(from..from + WIDTH + 8).unwrap_or(&[]);
        for (place, number) in eight.iter_mut().enumerate() {
            let bit = place * WIDTH;
            *number = N::of(word(bytes, bit / 8) >> (bit % 8) & ((1 << WIDTH) - 1));
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
