//! # AVX-512: decoding with vectors of 512 bits
//!
//! Low bits    those of sixteen numbers are 2·k bytes. Each number's four bytes are put
//!             where it belongs, shifted by what it lies off and masked; a table for each
//!             k says how. No branch depends on k
//! Quotients   a byte each: the bits that say "at least 2" are spread over the numbers
//!             that are at least 1 (`pdep`), and so on; then a vector adds 1 where they
//!             are set. The rests come out of the bits eight to a word (`multishift`),
//!             and are spread over their numbers (`expand`)
//! Sums        each number is added to its neighbour, each pair to the one two places on,
//!             and so on, as in [`gaps`](crate::bytes::gaps), before they are written
//! Next        `low.rs`; then `avx2.rs`, with less

use super::avx2::word;
use super::low::{Low, SIXTEEN};
use super::{BLOCK, NO_QUOTIENTS, REST_MAX, ROOM};
use std::arch::x86_64::{
    __m512i, _bzhi_u64, _mm_cvtsi32_si128, _mm512_add_epi8, _mm512_add_epi32, _mm512_alignr_epi32,
    _mm512_and_si512, _mm512_castsi512_si128, _mm512_cvtepu8_epi32, _mm512_extracti32x4_epi32,
    _mm512_loadu_si512, _mm512_mask_add_epi8, _mm512_maskz_expand_epi8, _mm512_maskz_loadu_epi8,
    _mm512_multishift_epi64_epi8, _mm512_permutexvar_epi8, _mm512_permutexvar_epi32,
    _mm512_set1_epi8, _mm512_set1_epi32, _mm512_setr_epi32, _mm512_setzero_si512, _mm512_sll_epi32,
    _mm512_srlv_epi32, _mm512_storeu_si512, _pdep_u64,
};
use std::sync::LazyLock;

/// Where 64 rests lie in their bytes: eight in the first bytes of a word, which
/// are as many as their bits.
struct Rest {
    bytes: [u8; 64],
    shifts: [u8; 64],
}

static REST: [Rest; REST_MAX as usize + 1] = {
    const NONE: Rest = Rest {
        bytes: [0; 64],
        shifts: [0; 64],
    };
    let mut table = [NONE; REST_MAX as usize + 1];
    let mut rest = 0;
    while rest < table.len() {
        let mut byte = 0;
        while byte < 64 {
            table[rest].bytes[byte] = (byte / 8 * rest + byte % 8) as u8;
            table[rest].shifts[byte] = (byte % 8 * rest) as u8;
            byte += 1;
        }
        rest += 1;
    }
    table
};

/// Whether the processor has what is needed.
#[inline(always)]
pub(in crate::bytes) fn is_there() -> bool {
    // Asked once, as each feature is a question of its own.
    static THERE: LazyLock<bool> = LazyLock::new(|| {
        is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
    });
    *THERE
}

/// Decodes a block of `count` numbers, or a full one, with at most
/// [`LOW_MAX`](super::low::LOW_MAX) low bits; returns how many bits it took after the
/// head. Past the block's numbers come others.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
pub(super) fn decode<const SUMS: bool, const STEP: u8, const FULL: bool>(
    block: &[u8; ROOM],
    (low, rest): (usize, usize),
    count: usize,
    out: &mut [u32; BLOCK],
    before: u32,
) -> usize {
    let Low { bytes, shifts } = &SIXTEEN[low];
    let (bytes, shifts) = (load(bytes), load(shifts));
    let count = if FULL { BLOCK } else { count.min(BLOCK) };
    let mut at = count * low;
    let quotients = match rest {
        _ if rest == NO_QUOTIENTS as usize => [_mm512_setzero_si512(); 2],
        _ => quotients::<FULL>(block, &mut at, rest, count),
    };
    let part = (1u64 << (2 * low)) - 1;
    let mask = _mm512_set1_epi32((1 << low) - 1);
    let low_bits = _mm_cvtsi32_si128(low as i32);
    let mut before = _mm512_set1_epi32(before.cast_signed());
    if STEP == 1 {
        let ramp = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        before = _mm512_add_epi32(before, ramp);
    }
    let (steps, last) = (
        _mm512_set1_epi32(16 * i32::from(STEP)),
        _mm512_set1_epi32(15),
    );
    let zero = _mm512_setzero_si512();
    let (rows, _) = out.as_chunks_mut::<16>();
    let quarters = |bytes: __m512i| {
        [
            _mm512_castsi512_si128(bytes),
            _mm512_extracti32x4_epi32::<1>(bytes),
            _mm512_extracti32x4_epi32::<2>(bytes),
            _mm512_extracti32x4_epi32::<3>(bytes),
        ]
    };
    let [first, second] = quotients.map(quarters);
    for (index, (row, quotients)) in rows[..count.div_ceil(16)]
        .iter_mut()
        .zip(first.into_iter().chain(second))
        .enumerate()
    {
        let from = 1 + index * 2 * low;
        // SAFETY: `part` has 2 · low bits, so no byte from 1 + 16 · low on is read,
        // and the block has more, as `low` is at most 25, or the table above had
        // no such entry.
        let packed = unsafe { _mm512_maskz_loadu_epi8(part, block.as_ptr().add(from).cast()) };
        let spread = _mm512_permutexvar_epi8(bytes, packed);
        let lows = _mm512_and_si512(_mm512_srlv_epi32(spread, shifts), mask);
        let highs = _mm512_sll_epi32(_mm512_cvtepu8_epi32(quotients), low_bits);
        let values = _mm512_add_epi32(lows, highs);
        let numbers = if SUMS {
            let twos = _mm512_add_epi32(values, _mm512_alignr_epi32::<15>(values, zero));
            let fours = _mm512_add_epi32(twos, _mm512_alignr_epi32::<14>(twos, zero));
            let eights = _mm512_add_epi32(fours, _mm512_alignr_epi32::<12>(fours, zero));
            let sums = _mm512_add_epi32(eights, _mm512_alignr_epi32::<8>(eights, zero));
            let numbers = _mm512_add_epi32(sums, before);
            // Ready before its turn, so that one row waits for the other by a
            // single addition.
            let whole = _mm512_add_epi32(steps, _mm512_permutexvar_epi32(last, sums));
            before = _mm512_add_epi32(before, whole);
            numbers
        } else {
            _mm512_add_epi32(values, before)
        };
        // SAFETY: a row is the 64 bytes that are written, at any alignment.
        unsafe { _mm512_storeu_si512(row.as_mut_ptr().cast(), numbers) };
    }
    at
}

/// The quotients, a byte each, which begin at bit `at` after the head.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
fn quotients<const FULL: bool>(
    block: &[u8; ROOM],
    at: &mut usize,
    rest: usize,
    count: usize,
) -> [__m512i; 2] {
    let count = if FULL { BLOCK } else { count };
    let mut quotients = [_mm512_setzero_si512(); 2];
    let mut steps = [[0; 2]; 3];
    // Of the first 64 numbers and of the others.
    let mut counts = [count.min(64), count.saturating_sub(64)];
    let mut numbers = counts.map(|count| _bzhi_u64(u64::MAX, count as u32));
    for step in &mut steps {
        let first = _bzhi_u64(word(block, *at), counts[0] as u32);
        let second = _bzhi_u64(word(block, *at + counts[0]), counts[1] as u32);
        *at += counts[0] + counts[1];
        numbers = [_pdep_u64(first, numbers[0]), _pdep_u64(second, numbers[1])];
        counts = [first.count_ones() as usize, second.count_ones() as usize];
        *step = numbers;
    }
    let Rest { bytes, shifts } = &REST[rest];
    let (bytes, shifts) = (load(bytes), load(shifts));
    let mask = _mm512_set1_epi8((1 << rest) - 1);
    let one = _mm512_set1_epi8(1);
    for half in 0..2 {
        let packed = block
            .get(1 + *at / 8..)
            .and_then(|bytes| bytes.first_chunk::<64>());
        // There is that much room behind every block.
        let packed = packed.map_or(_mm512_setzero_si512(), |bytes| load(bytes));
        let spread = _mm512_permutexvar_epi8(bytes, packed);
        let shifts = _mm512_add_epi8(shifts, _mm512_set1_epi8((*at % 8) as i8));
        let rests = _mm512_and_si512(_mm512_multishift_epi64_epi8(shifts, spread), mask);
        let mut sum = _mm512_maskz_expand_epi8(steps[2][half], rests);
        for step in &steps {
            sum = _mm512_mask_add_epi8(sum, step[half], sum, one);
        }
        quotients[half] = sum;
        *at += counts[half] * rest;
    }
    quotients
}

/// 64 bytes.
#[inline]
#[target_feature(enable = "avx512f")]
fn load(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: as many bytes are read as there are, at any alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}
