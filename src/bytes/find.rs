//! # Finding: which of some numbers a block has
//!
//! Idea        "is it there?" ends in a way that the processor can't foresee,
//!             and each time it guesses wrong it throws away what it has begun:
//!             as dear as the search itself. So a block is asked about many
//!             numbers together: every one is sought, every answer is written,
//!             and one that was no is written over. Nothing depends on an answer,
//!             and several searches run at a time
//! Example     block 3 7 9 14, wanted 4 7 14: the writes are (0, place 1), over
//!             it (1, place 1), since 4 wasn't there, and (2, place 3)
//! How         with vectors of eight: how many of the last numbers of eight
//!             groups of sixteen lie below says in which group it must be; two
//!             comparisons say where. Without: seven halvings
//! Cost        some 3 ns a number with vectors, 5 without; one by one it took 35
//! Papers      Ross, "Selection conditions in main memory", 2004; Lemire,
//!             Boytsov and Kurz, "SIMD compression and the intersection of sorted
//!             integers", 2016, §6
//! Next        [`bits`](super::bits): the same where every third number is there

use super::block::BLOCK;
use std::hint::select_unpredictable;

/// Which of some numbers were found, and where.
#[derive(Debug)]
pub(crate) struct Matches {
    len: usize,
    wanted: [u8; BLOCK],
    places: [u8; BLOCK],
}

impl Default for Matches {
    fn default() -> Self {
        Self {
            len: 0,
            wanted: [0; BLOCK],
            places: [0; BLOCK],
        }
    }
}

impl Matches {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// Which of those that were wanted.
    pub(crate) fn wanted(&self) -> &[u8] {
        &self.wanted[..self.len]
    }

    /// Where each of them stands.
    pub(crate) fn places(&self) -> &[u8] {
        &self.places[..self.len]
    }

    pub(super) fn places_mut(&mut self) -> &mut [u8] {
        &mut self.places[..self.len]
    }

    /// Writes an answer, and keeps it if it is there.
    #[inline(always)]
    pub(crate) fn note(&mut self, wanted: usize, place: usize, is_there: bool) {
        // There are at most 128 of either.
        let slot = self.len % BLOCK;
        self.wanted[slot] = wanted as u8;
        self.places[slot] = place as u8;
        self.len += usize::from(is_there);
    }
}

/// With so few it isn't worth it to begin with vectors.
#[cfg(target_arch = "x86_64")]
const FEW: usize = 2;

/// Finds those of at most 128 numbers, ascending, that are in the block, whose
/// numbers ascend too, but for `u32::MAX` at its end; that one isn't wanted.
#[inline]
pub(crate) fn find_all(numbers: &[u32; BLOCK], wanted: &[u32], out: &mut Matches) {
    #[cfg(target_arch = "x86_64")]
    if wanted.len() > FEW && is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") {
        // SAFETY: the processor has what the function is compiled for; all that
        // have AVX2 can count bits.
        return unsafe { find_all_avx2(numbers, wanted, out) };
    }
    find_all_plain(numbers, wanted, out);
}

fn find_all_plain(numbers: &[u32; BLOCK], wanted: &[u32], out: &mut Matches) {
    out.clear();
    for (index, &number) in wanted.iter().enumerate() {
        let place = lower_bound(numbers, number);
        // Past the last it is place 0, where a lower number stands.
        out.note(index, place, numbers[place % BLOCK] == number);
    }
}

/// Whether a number is one of sixteen.
///
/// Not left to the compiler, which made vectors of the same comparisons in one
/// build and none in the next: phrases took a tenth longer there.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn is_among(number: u32, sixteen: &[u32; 16]) -> bool {
    // SAFETY: every x86-64 has what the function is compiled for.
    unsafe { is_among_sse2(number, sixteen) }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(crate) fn is_among(number: u32, sixteen: &[u32; 16]) -> bool {
    let others = sixteen.iter();
    others.fold(false, |found, other| found | (*other == number))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn is_among_sse2(number: u32, sixteen: &[u32; 16]) -> bool {
    use std::arch::x86_64::{
        _mm_cmpeq_epi32, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi32, _mm_setr_epi32,
    };
    let number = _mm_set1_epi32(number.cast_signed());
    let (rows, _) = sixteen.as_chunks::<4>();
    let equal = |row: usize| {
        let [a, b, c, d] = rows[row].map(u32::cast_signed);
        _mm_cmpeq_epi32(_mm_setr_epi32(a, b, c, d), number)
    };
    let half = |row: usize| _mm_or_si128(equal(row), equal(row + 1));
    _mm_movemask_epi8(_mm_or_si128(half(0), half(2))) != 0
}

/// How many of the numbers, which ascend, lie below `target`. Seven steps without
/// a branch: a wrong guess of the processor's would cost more than all of them.
#[inline]
pub(crate) fn lower_bound(numbers: &[u32; BLOCK], target: u32) -> usize {
    let mut below = 0;
    for step in [64, 32, 16, 8, 4, 2, 1] {
        // At most 127, as the steps add up to that.
        let is_below = numbers[(below + step - 1) % BLOCK] < target;
        below = select_unpredictable(is_below, below + step, below);
    }
    below + usize::from(numbers[below % BLOCK] < target)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,popcnt")]
fn find_all_avx2(numbers: &[u32; BLOCK], wanted: &[u32], out: &mut Matches) {
    use std::arch::x86_64::{
        __m256i, _mm256_blend_epi32, _mm256_castsi256_ps, _mm256_cmpeq_epi32, _mm256_cmpgt_epi32,
        _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_movemask_ps, _mm256_packs_epi32,
        _mm256_set1_epi32, _mm256_setr_epi32, _mm256_xor_si256,
    };
    // SAFETY: a row is the 32 bytes that are read, at any alignment.
    let load = |row: &[u32; 8]| unsafe { _mm256_loadu_si256(row.as_ptr().cast::<__m256i>()) };
    let (groups, _) = numbers.as_chunks::<16>();
    let last = |group: usize| groups[group][15].cast_signed();
    // Only signed numbers can be compared, so both sides are moved by half.
    let half = _mm256_set1_epi32(i32::MIN);
    let lasts = _mm256_setr_epi32(
        last(0),
        last(1),
        last(2),
        last(3),
        last(4),
        last(5),
        last(6),
        0,
    );
    // Past the last group it isn't in that one either, so that one has no end.
    let lasts = _mm256_xor_si256(lasts, half);
    let lasts = _mm256_blend_epi32::<0b1000_0000>(lasts, _mm256_set1_epi32(i32::MAX));
    out.clear();
    let mut len = 0;
    for (index, number) in wanted.iter().enumerate() {
        let number = _mm256_set1_epi32(number.cast_signed());
        let below = _mm256_cmpgt_epi32(_mm256_xor_si256(number, half), lasts);
        let below = _mm256_movemask_ps(_mm256_castsi256_ps(below));
        let group = below.count_ones() as usize % groups.len();
        let (rows, _) = groups[group].as_chunks::<8>();
        let low = _mm256_cmpeq_epi32(number, load(&rows[0]));
        let high = _mm256_cmpeq_epi32(number, load(&rows[1]));
        let bits = _mm256_movemask_epi8(_mm256_packs_epi32(low, high));
        let place = 16 * group + usize::from(PACKED[bits.trailing_zeros() as usize / 2]);
        // Written in any case, and the next over it if it wasn't there; there are
        // at most 128 of them.
        out.wanted[len % BLOCK] = index as u8;
        out.places[len % BLOCK] = place as u8;
        len += usize::from(bits != 0);
    }
    out.len = len;
}

/// Where sixteen numbers stand once two vectors of eight are packed into one:
/// that goes by halves. The last is for none of them.
#[cfg(target_arch = "x86_64")]
const PACKED: [u8; 17] = [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15, 0];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_is_true() {
        let mut numbers = [u32::MAX; BLOCK];
        numbers[..4].copy_from_slice(&[3, 7, 9, 14]);
        let mut matches = Matches::default();
        find_all(&numbers, &[4, 7, 14], &mut matches);
        assert_eq!(matches.wanted(), [1, 2]);
        assert_eq!(matches.places(), [1, 3]);
    }

    proptest! {
        #[test]
        fn a_number_is_among_those_that_have_it(
            sixteen in prop::array::uniform16(prop_oneof![any::<u32>(), 0u32..20]), number in 0u32..20,
        ) {
            prop_assert_eq!(is_among(number, &sixteen), sixteen.contains(&number));
            for number in sixteen {
                prop_assert!(is_among(number, &sixteen));
            }
        }

        #[test]
        fn all_ways_agree_with_a_plain_search(
            numbers in prop::collection::btree_set(0u32..400, 0..=BLOCK),
            wanted in prop::collection::btree_set(0u32..400, 0..=BLOCK),
            base in prop_oneof![Just(0u32), Just(0x7fff_ff00), Just(u32::MAX - 400)],
        ) {
            let mut block = [u32::MAX; BLOCK];
            for (slot, number) in block.iter_mut().zip(&numbers) {
                *slot = base + number;
            }
            let wanted: Vec<u32> = wanted.into_iter().map(|number| base + number).collect();
            let naive: Vec<(u8, u8)> = wanted
                .iter()
                .enumerate()
                .filter_map(|(index, number)| {
                    let place = block.iter().position(|other| other == number)?;
                    Some((index as u8, place as u8))
                })
                .collect();
            for find in [find_all, find_all_plain] {
                let mut matches = Matches::default();
                find(&block, &wanted, &mut matches);
                let found = matches.wanted().iter().copied();
                let found: Vec<_> = found.zip(matches.places().iter().copied()).collect();
                prop_assert_eq!(&found, &naive);
            }
            for target in &wanted {
                let naive = block.iter().filter(|number| **number < *target).count();
                prop_assert_eq!(lower_bound(&block, *target), naive);
            }
        }
    }
}
