//! # Bits: numbers as the places of set bits
//!
//! Idea        where every third number is there, a bit for each number, there or
//!             not, is the shortest list. It need not be decoded to be asked:
//!             whether a number is there is a shift, where it stands among the
//!             others how many bits are set before it
//! Example     the byte 0b0001_0110 from number 40 on: 41, 42 and 44; 44 is there,
//!             in place 2
//! How         plain x86-64 counts the bits of a word by a dozen instructions, most
//!             processors by one; those with AVX2 write eight numbers at once, those
//!             with AVX-512 all of a word. So they are asked what they have
//! Cost        a nanosecond a number that is asked about; to expand 128 of them
//!             from every third number, 25 ns with AVX-512, 55 with AVX2, 70 without
//! Next        [`rows`], for what is found and must be good enough

use super::block::BLOCK;
#[cfg(target_arch = "x86_64")]
use super::block::avx512;
use super::find::Matches;
#[cfg(target_arch = "x86_64")]
use super::rows;

/// Finds those of at most 128 numbers, ascending, whose bits are set in a bitmap:
/// bit `i` of word `j` stands for number `64 * (first + j) + i`. The place of one is
/// how many bits are set before its own.
#[inline]
pub(crate) fn find_bits(words: &[[u8; 8]], first: u32, wanted: &[u32], out: &mut Matches) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("popcnt") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { find_bits_popcnt(words, first, wanted, out) };
    }
    find_bits_plain(words, first, wanted, out);
}

/// The same, where one instruction counts a word's bits. (Plain x86-64 takes a
/// dozen.)
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn find_bits_popcnt(words: &[[u8; 8]], first: u32, wanted: &[u32], out: &mut Matches) {
    find_bits_plain(words, first, wanted, out);
}

#[inline(always)]
fn find_bits_plain(words: &[[u8; 8]], first: u32, wanted: &[u32], out: &mut Matches) {
    out.clear();
    for (index, &number) in wanted.iter().enumerate() {
        out.note(index, 0, has_bit(words, first, number));
    }
    // The bits before them are counted once, from left to right.
    let (mut at, mut before) = (0, 0);
    for found in 0..out.len() {
        let number = wanted[usize::from(out.wanted()[found])];
        let own = number / 64 - first;
        while at < own {
            before += word(words, at).count_ones();
            at += 1;
        }
        let below = word(words, own) & ((1 << (number % 64)) - 1);
        // A block has 128 at most, unless it lies.
        out.places_mut()[found] = (before + below.count_ones()).min(BLOCK as u32 - 1) as u8;
    }
}

/// Whether a number's bit is set in a bitmap that begins with word number `first`.
#[inline(always)]
pub(crate) fn has_bit(words: &[[u8; 8]], first: u32, number: u32) -> bool {
    let word = word(words, (number / 64).wrapping_sub(first));
    word >> (number % 64) & 1 == 1
}

/// Word number `at` of a bitmap; 0 past its end.
#[inline(always)]
fn word(words: &[[u8; 8]], at: u32) -> u64 {
    let word = words.get(at as usize);
    word.map_or(0, |word| u64::from_le_bytes(*word))
}

/// A bit for each byte, all of them 0 or 1: eight at a time, which one
/// multiplication moves side by side.
#[inline]
pub(crate) fn gather_bits(bytes: [u8; 32]) -> u32 {
    let eights = bytes.as_chunks::<8>().0.iter().enumerate();
    eights.fold(0, |bits, (number, eight)| {
        let moved = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits | (moved as u32) << (8 * number)
    })
}

/// How many bits are set.
#[inline]
pub(crate) fn count_bits(words: &[u64]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("popcnt") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { count_bits_popcnt(words) };
    }
    count_bits_plain(words)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn count_bits_popcnt(words: &[u64]) -> u64 {
    count_bits_plain(words)
}

#[inline(always)]
fn count_bits_plain(words: &[u64]) -> u64 {
    let counts = words.iter().map(|word| u64::from(word.count_ones()));
    counts.sum()
}

/// For each byte the places of its bits, ascending.
static PLACES: [[u16; 8]; 256] = {
    let mut places = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut count, mut bit) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                places[byte][count] = bit;
                count += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    places
};

/// Writes the numbers whose bits are set, the first bit being number `base`, the
/// others following it; `false` if these aren't 128. Sums wrap.
#[inline]
pub(crate) fn expand_bits(bytes: &[u8], base: u32, out: &mut [u32; BLOCK]) -> bool {
    // Nobody writes 128 numbers in so many bytes, and below a place has 16 bits.
    if bytes.len() > usize::from(u16::MAX) / 8 {
        return false;
    }
    #[cfg(target_arch = "x86_64")]
    if avx512::is_there() {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { expand_avx512(bytes, base, out) };
    }
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
        // SAFETY: likewise.
        return unsafe { expand_avx2(bytes, base, out) };
    }
    expand_plain(bytes, base, out)
}

/// The same, with vectors that are wide enough for eight numbers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn expand_avx2(bytes: &[u8], base: u32, out: &mut [u32; BLOCK]) -> bool {
    expand_plain(bytes, base, out)
}

/// Eight places are written for each byte, of which the next byte's overwrite those
/// that aren't there: a loop over the bits would end where the processor doesn't expect
/// it. Only then do they become numbers, twice as long.
#[inline(always)]
fn expand_plain(bytes: &[u8], base: u32, out: &mut [u32; BLOCK]) -> bool {
    let mut room = [0u16; BLOCK + 8];
    let (mut count, mut first) = (0, 0);
    for &byte in bytes {
        let slots = room
            .get_mut(count..)
            .and_then(|rest| rest.first_chunk_mut());
        let Some(slots) = slots else {
            return false;
        };
        *slots = PLACES[usize::from(byte)].map(|place| place + first);
        count += byte.count_ones() as usize;
        first += 8;
    }
    for (number, place) in out.iter_mut().zip(room) {
        *number = base.wrapping_add(u32::from(place));
    }
    count == BLOCK
}

/// The places of a word's bits move side by side, a byte each; sixteen of them at a time
/// become numbers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi2,popcnt")]
fn expand_avx512(bytes: &[u8], mut base: u32, out: &mut [u32; BLOCK]) -> bool {
    use std::arch::x86_64::{
        __m128i, _bzhi_u64, _mm512_add_epi32, _mm512_castsi512_si128, _mm512_cvtepu8_epi32,
        _mm512_extracti32x4_epi32, _mm512_loadu_si512, _mm512_mask_storeu_epi32,
        _mm512_maskz_compress_epi8, _mm512_set1_epi32,
    };
    // SAFETY: there are 128 bytes, of which the first 64 are read, at any alignment.
    let all = unsafe { _mm512_loadu_si512(rows::PLACES.as_ptr().cast()) };
    let mut rest = &mut out[..];
    // A bitmap is made of words.
    for word in bytes.as_chunks().0 {
        let set = u64::from_le_bytes(*word);
        let count = set.count_ones() as usize;
        let Some((own, behind)) = rest.split_at_mut_checked(count) else {
            return false;
        };
        rest = behind;
        let places = _mm512_maskz_compress_epi8(set, all);
        let first = _mm512_set1_epi32(base.cast_signed());
        let wanted = _bzhi_u64(u64::MAX, count as u32);
        let mut write = |sixteen: usize, places: __m128i| {
            let numbers = _mm512_add_epi32(_mm512_cvtepu8_epi32(places), first);
            let wanted = (wanted >> (16 * sixteen)) as u16;
            let slots = own.as_mut_ptr().wrapping_add(16 * sixteen);
            // SAFETY: as many are wanted as there are own slots, so only into these is
            // anything written, at any alignment.
            unsafe { _mm512_mask_storeu_epi32(slots.cast(), wanted, numbers) };
        };
        write(0, _mm512_castsi512_si128(places));
        if count > 16 {
            write(1, _mm512_extracti32x4_epi32::<1>(places));
        }
        if count > 32 {
            write(2, _mm512_extracti32x4_epi32::<2>(places));
            write(3, _mm512_extracti32x4_epi32::<3>(places));
        }
        base = base.wrapping_add(64);
    }
    rest.is_empty() && bytes.len().is_multiple_of(8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_is_true() {
        let mut matches = Matches::default();
        let mut word = [0; 8];
        word[5] = 0b0001_0110;
        find_bits(&[word], 0, &[40, 44], &mut matches);
        assert_eq!((matches.wanted(), matches.places()), (&[1][..], &[2][..]));
    }

    proptest! {
        #[test]
        fn bits_are_found_and_counted(
            numbers in prop::collection::btree_set(0u32..700, 0..=BLOCK),
            wanted in prop::collection::btree_set(0u32..900, 0..=BLOCK), first in 0u32..1000,
        ) {
            let mut words = [0u64; 11];
            for number in &numbers {
                words[*number as usize / 64] |= 1 << (number % 64);
            }
            let bytes = words.map(u64::to_le_bytes);
            let wanted: Vec<u32> = wanted.iter().map(|number| 64 * first + number).collect();
            let naive: Vec<(u8, u8)> = wanted
                .iter()
                .enumerate()
                .filter_map(|(index, number)| {
                    let mut numbers = numbers.iter();
                    let place = numbers.position(|other| 64 * first + other == *number)?;
                    Some((index as u8, place as u8))
                })
                .collect();
            for find in [find_bits, find_bits_plain] {
                let mut matches = Matches::default();
                find(&bytes, first, &wanted, &mut matches);
                let found = matches.wanted().iter().copied();
                let found: Vec<_> = found.zip(matches.places().iter().copied()).collect();
                prop_assert_eq!(&found, &naive);
            }
            prop_assert_eq!(count_bits(&words), numbers.len() as u64);
            prop_assert_eq!(count_bits_plain(&words), numbers.len() as u64);
        }

        #[test]
        fn all_ways_expand_to_the_same(
            gaps in (2u32..6).prop_flat_map(|end| prop::collection::vec(1..end, BLOCK - 1..=BLOCK + 1)),
            base in prop_oneof![Just(0u32), any::<u32>()],
        ) {
            let numbers: Vec<u32> = gaps
                .iter()
                .scan(0, |next, gap| Some(std::mem::replace(next, *next + gap)))
                .collect();
            let mut bytes = [0; 88];
            for number in &numbers {
                bytes[*number as usize / 8] |= 1 << (number % 8);
            }
            let naive: Vec<u32> = numbers.iter().map(|number| base.wrapping_add(*number)).collect();
            for expand in [expand_bits, expand_plain as fn(&[u8], u32, &mut [u32; BLOCK]) -> bool] {
                let mut out = [0; BLOCK];
                prop_assert_eq!(expand(&bytes, base, &mut out), numbers.len() == BLOCK);
                if numbers.len() == BLOCK {
                    prop_assert_eq!(&out[..], &naive);
                }
            }
        }
    }
}
