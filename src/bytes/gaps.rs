//! # Gaps: from the numbers between to the numbers themselves
//!
//! Idea        a sorted list without repeats is kept as gaps: how many numbers
//!             lie between one and the next. To read it they are added up, one
//!             more for each step
//! Example     start 5, gaps 2 0 3 → 7 8 12
//! How         four at a time: add each to its right neighbour, then each to
//!             the one two places on, and all four are sums; then add what the
//!             four before came to. So a chain of 128 additions, each waiting
//!             for the last, becomes one of 32
//! Also        numbers whose sums are wanted without the steps. Most blocks are added
//!             up while they are decoded, where [`block`](super::block) has vectors
//!             for it
//! Cost        some 30 ns a block with vectors, 47 without
//! Paper       Lemire, Boytsov and Kurz, "SIMD compression and the intersection
//!             of sorted integers", 2016, §3: prefix sums in registers
//! Next        [`ends`](super::ends)

use super::block::BLOCK;

/// Replaces gaps by the numbers that they lead to, from `start` on. All sums
/// wrap; whoever reads bytes that may lie checks the last.
#[inline]
pub(crate) fn add_up(gaps: &mut [u32; BLOCK], start: u32) {
    add_up_stepping::<1>(gaps, start);
}

/// Replaces numbers by their sums so far, themselves included, on top of
/// `before`. All sums wrap.
#[inline]
pub(crate) fn sum_up(numbers: &mut [u32; BLOCK], before: u32) {
    add_up_stepping::<0>(numbers, before);
}

#[inline]
fn add_up_stepping<const STEP: u8>(gaps: &mut [u32; BLOCK], start: u32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has SSE2.
    unsafe {
        add_up_sse2::<STEP>(gaps, start);
    }
    #[cfg(not(target_arch = "x86_64"))]
    add_up_plain::<STEP>(gaps, start);
}

/// The same, one by one.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn add_up_plain<const STEP: u8>(gaps: &mut [u32; BLOCK], start: u32) {
    let mut next = start;
    for number in gaps {
        *number = next.wrapping_add(*number);
        next = number.wrapping_add(u32::from(STEP));
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
fn add_up_sse2<const STEP: u8>(gaps: &mut [u32; BLOCK], start: u32) {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_loadu_si128, _mm_set1_epi32, _mm_setr_epi32, _mm_shuffle_epi32,
        _mm_slli_si128, _mm_storeu_si128,
    };
    let step = i32::from(STEP);
    let mut before = _mm_add_epi32(
        _mm_set1_epi32(start.cast_signed()),
        _mm_setr_epi32(0, step, 2 * step, 3 * step),
    );
    let four = _mm_set1_epi32(4 * step);
    for rows in gaps.as_chunks_mut::<16>().0 {
        // Four rows at a time, so that there is little to the loop itself.
        for row in rows.as_chunks_mut::<4>().0 {
            // SAFETY: a row is the sixteen bytes that are read, at any alignment.
            let gaps = unsafe { _mm_loadu_si128(row.as_ptr().cast::<__m128i>()) };
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
                unsafe { add_up_sse2::<1>(&mut narrow, start) };
                prop_assert_eq!(narrow, plain);
            }
            let (mut fast, mut plain) = (gaps, gaps);
            sum_up(&mut fast, start);
            add_up_plain::<0>(&mut plain, start);
            prop_assert_eq!(fast, plain);
        }
    }
}
