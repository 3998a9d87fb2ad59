//! # Gaps: from the numbers between to the numbers themselves
//!
//! Idea        a sorted list without repeats is kept as gaps: how many numbers
//!             lie between one and the next. To read it they are added up, one
//!             more for each step
//! Example     start 5, gaps 2 0 3 → 7 8 12
//! How         four at a time: add each to its right neighbour, then each to
//!             the one two places on, and all four are sums; then add what the
//!             four before came to. So a chain of 128 additions, each waiting
//!             for the last, becomes one of 32; or of 16, where vectors of eight
//!             hold two such fours
//! Also        numbers whose sums are wanted without the steps. Full blocks are
//!             added up while they are decoded, where [`block`](super::block) has
//!             vectors for it
//! Cost        some 24 ns a block with vectors of eight, 30 with those of four, 47
//!             without
//! Paper       Lemire, Boytsov and Kurz, "SIMD compression and the intersection
//!             of sorted integers", 2016, §3: prefix sums in registers
//! Next        [`ends`](super::ends)

use super::block::BLOCK;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::__m256i;

/// Replaces gaps by the numbers that they lead to, from `start` on. All sums
/// wrap; whoever reads bytes that may lie checks the last. Returns the bits that
/// any of the gaps had.
#[inline]
pub(crate) fn add_up(gaps: &mut [u32; BLOCK], start: u32) -> u32 {
    add_up_stepping::<1>(gaps, start)
}

/// Replaces numbers by their sums so far, themselves included, on top of
/// `before`. All sums wrap. Returns the bits that any of the numbers had.
#[inline]
pub(crate) fn sum_up(numbers: &mut [u32; BLOCK], before: u32) -> u32 {
    add_up_stepping::<0>(numbers, before)
}

#[inline]
fn add_up_stepping<const STEP: u8>(gaps: &mut [u32; BLOCK], start: u32) -> u32 {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has what the function is compiled for.
            return unsafe { add_up_avx2::<STEP>(gaps, start) };
        }
        // SAFETY: every x86-64 processor has SSE2.
        unsafe { add_up_sse2::<STEP>(gaps, start) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    add_up_plain::<STEP>(gaps, start)
}

/// The same, one by one.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn add_up_plain<const STEP: u8>(gaps: &mut [u32; BLOCK], start: u32) -> u32 {
    let (mut next, mut bits) = (start, 0);
    for number in gaps {
        bits |= *number;
        *number = next.wrapping_add(*number);
        next = number.wrapping_add(u32::from(STEP));
    }
    bits
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
fn add_up_sse2<const STEP: u8>(gaps: &mut [u32; BLOCK], start: u32) -> u32 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_cvtsi128_si32, _mm_loadu_si128, _mm_or_si128, _mm_set1_epi32,
        _mm_setr_epi32, _mm_shuffle_epi32, _mm_slli_si128, _mm_storeu_si128,
    };
    let step = i32::from(STEP);
    let mut before = _mm_add_epi32(
        _mm_set1_epi32(start.cast_signed()),
        _mm_setr_epi32(0, step, 2 * step, 3 * step),
    );
    let four = _mm_set1_epi32(4 * step);
    let mut bits = _mm_set1_epi32(0);
    for rows in gaps.as_chunks_mut::<16>().0 {
        // Four rows at a time, so that there is little to the loop itself.
        for row in rows.as_chunks_mut::<4>().0 {
            // SAFETY: a row is the sixteen bytes that are read, at any alignment.
            let gaps = unsafe { _mm_loadu_si128(row.as_ptr().cast::<__m128i>()) };
            bits = _mm_or_si128(bits, gaps);
            let pairs = _mm_add_epi32(gaps, _mm_slli_si128::<4>(gaps));
            let sums = _mm_add_epi32(pairs, _mm_slli_si128::<8>(pairs));
            let numbers = _mm_add_epi32(sums, before);
            // The row's sum, in all four places; ready before its turn, so that
            // one row waits for the other by a single addition.
            let whole = _mm_shuffle_epi32::<0b11_11_11_11>(sums);
            before = _mm_add_epi32(before, _mm_add_epi32(four, whole));
            // SAFETY: as above, for writing.
            unsafe { _mm_storeu_si128(row.as_mut_ptr().cast::<__m128i>(), numbers) };
        }
    }
    let halves = _mm_or_si128(bits, _mm_shuffle_epi32::<0b01_00_11_10>(bits));
    let all = _mm_or_si128(halves, _mm_shuffle_epi32::<0b10_11_00_01>(halves));
    _mm_cvtsi128_si32(all).cast_unsigned()
}

/// The sums so far of eight numbers: what the first four come to is added to the
/// others.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn sums_of_eight(numbers: __m256i) -> __m256i {
    use std::arch::x86_64::{
        _mm256_add_epi32, _mm256_permute2x128_si256, _mm256_shuffle_epi32, _mm256_slli_si256,
    };
    let pairs = _mm256_add_epi32(numbers, _mm256_slli_si256::<4>(numbers));
    let fours = _mm256_add_epi32(pairs, _mm256_slli_si256::<8>(pairs));
    let fourth = _mm256_shuffle_epi32::<0b11_11_11_11>(fours);
    // Nothing below, the first four's above.
    let carried = _mm256_permute2x128_si256::<0b0000_1000>(fourth, fourth);
    _mm256_add_epi32(fours, carried)
}

/// Eight at a time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn add_up_avx2<const STEP: u8>(gaps: &mut [u32; BLOCK], start: u32) -> u32 {
    use std::arch::x86_64::{
        _mm_cvtsi128_si32, _mm_or_si128, _mm_shuffle_epi32, _mm256_add_epi32,
        _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_or_si256,
        _mm256_permutevar8x32_epi32, _mm256_set1_epi32, _mm256_setr_epi32, _mm256_storeu_si256,
    };
    let n = i32::from(STEP);
    let steps = _mm256_setr_epi32(0, n, 2 * n, 3 * n, 4 * n, 5 * n, 6 * n, 7 * n);
    let mut before = _mm256_add_epi32(_mm256_set1_epi32(start.cast_signed()), steps);
    let (eight, seventh) = (_mm256_set1_epi32(8 * n), _mm256_set1_epi32(7));
    let mut bits = _mm256_set1_epi32(0);
    for row in gaps.as_chunks_mut::<8>().0 {
        // SAFETY: a row is the 32 bytes that are read, at any alignment.
        let gaps = unsafe { _mm256_loadu_si256(row.as_ptr().cast::<__m256i>()) };
        bits = _mm256_or_si256(bits, gaps);
        let sums = sums_of_eight(gaps);
        let numbers = _mm256_add_epi32(sums, before);
        let whole = _mm256_permutevar8x32_epi32(sums, seventh);
        before = _mm256_add_epi32(before, _mm256_add_epi32(eight, whole));
        // SAFETY: as above, for writing.
        unsafe { _mm256_storeu_si256(row.as_mut_ptr().cast::<__m256i>(), numbers) };
    }
    let low = _mm256_castsi256_si128(bits);
    let fours = _mm_or_si128(low, _mm256_extracti128_si256::<1>(bits));
    let halves = _mm_or_si128(fours, _mm_shuffle_epi32::<0b01_00_11_10>(fours));
    let all = _mm_or_si128(halves, _mm_shuffle_epi32::<0b10_11_00_01>(halves));
    _mm_cvtsi128_si32(all).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_ways_agree(seeds in prop::collection::vec(any::<u32>(), BLOCK), start in any::<u32>(), shift in 0u32..32) {
            let gaps: [u32; BLOCK] = std::array::from_fn(|i| seeds[i] >> shift);
            let (mut fast, mut plain) = (gaps, gaps);
            add_up(&mut fast, start);
            add_up_plain::<1>(&mut plain, start);
            prop_assert_eq!(fast, plain);
            #[cfg(target_arch = "x86_64")]
            {
                let mut narrow = gaps;
                // SAFETY: every x86-64 processor has SSE2.
                let bits = unsafe { add_up_sse2::<1>(&mut narrow, start) };
                prop_assert_eq!(narrow, plain);
                prop_assert_eq!(bits, gaps.iter().fold(0, |bits, gap| bits | gap));
            }
            let (mut fast, mut plain) = (gaps, gaps);
            let bits = sum_up(&mut fast, start);
            prop_assert_eq!(bits, add_up_plain::<0>(&mut plain, start));
            prop_assert_eq!(bits, gaps.iter().fold(0, |bits, gap| bits | gap));
            prop_assert_eq!(fast, plain);
        }
    }
}
