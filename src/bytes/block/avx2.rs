//! # AVX2: decoding with vectors of 256 bits
//!
//! Idea        the steps of [`avx512`](super::avx512), eight numbers at a time. Where that
//!             has an instruction for 64 quotients, here eight of them are spread over the
//!             bytes of a word (`pdep`). Also what [`encode`](mod@super::encode) asks of
//!             classes
//! Next        `neon.rs`, with less still

use super::encode::Survey;
use super::low::{EIGHT, Low};
use super::{BLOCK, NO_QUOTIENTS, REST_MAX, ROOM};
use crate::bytes::gaps::sums_of_eight;
use std::arch::x86_64::{
    __m128i, __m256i, _bzhi_u64, _mm_cvtsi32_si128, _mm_cvtsi64_si128, _mm_loadu_si128,
    _mm256_add_epi8, _mm256_add_epi32, _mm256_and_si256, _mm256_castps_si256,
    _mm256_castsi128_si256, _mm256_cmpeq_epi8, _mm256_cvtepi32_ps, _mm256_cvtepu8_epi32,
    _mm256_inserti128_si256, _mm256_loadu_si256, _mm256_max_epu8, _mm256_max_epu32,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_packus_epi16, _mm256_packus_epi32,
    _mm256_permutevar8x32_epi32, _mm256_sad_epu8, _mm256_set1_epi8, _mm256_set1_epi16,
    _mm256_set1_epi32, _mm256_set1_epi64x, _mm256_setr_epi32, _mm256_setr_epi64x,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_sll_epi32, _mm256_srli_epi32,
    _mm256_srlv_epi32, _mm256_storeu_si256, _mm256_sub_epi8, _mm256_subs_epu16, _pdep_u64,
};
use std::sync::LazyLock;

/// The lowest bit of each byte.
const ONES: u64 = 0x0101_0101_0101_0101;

/// Whether the processor has what is needed.
#[inline(always)]
pub(super) fn is_there() -> bool {
    static THERE: LazyLock<bool> = LazyLock::new(|| {
        is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
    });
    *THERE
}

/// The bits that a block of `count` numbers, or a full one, takes after the head.
#[target_feature(enable = "bmi2,popcnt")]
pub(super) fn skip<const FULL: bool>(
    block: &[u8; ROOM],
    head: (usize, usize),
    count: usize,
) -> usize {
    super::length::<FULL>(block, head, count)
}

/// Decodes a block of `count` numbers, or a full one, with at most
/// [`LOW_MAX`](super::low::LOW_MAX) low bits; returns how many bits it took after the
/// head, and, of a full one, the bits that any number has. Past the block's numbers
/// come others.
#[target_feature(enable = "avx2,bmi2,popcnt")]
pub(super) fn decode<const SUMS: bool, const STEP: u8, const FULL: bool>(
    block: &[u8; ROOM],
    (low, rest): (usize, usize),
    count: usize,
    out: &mut [u32; BLOCK],
    before: u32,
) -> (usize, u32) {
    let Low { bytes, shifts } = &EIGHT[low];
    let (bytes, shifts) = (load(bytes), load(shifts));
    let count = if FULL { BLOCK } else { count.min(BLOCK) };
    let mut at = count * low;
    let quotients = match rest {
        _ if rest == NO_QUOTIENTS as usize => [0; BLOCK / 8],
        _ => quotients::<FULL>(block, &mut at, rest, count),
    };
    let mask = _mm256_set1_epi32((1 << low) - 1);
    let low_bits = _mm_cvtsi32_si128(low as i32);
    let mut all = _mm256_setzero_si256();
    let mut before = _mm256_set1_epi32(before.cast_signed());
    if STEP == 1 {
        before = _mm256_add_epi32(before, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    }
    let steps = _mm256_set1_epi32(8 * i32::from(STEP));
    let seventh = _mm256_set1_epi32(7);
    let (rows, _) = out.as_chunks_mut::<8>();
    let rows = rows[..count.div_ceil(8)].iter_mut().zip(quotients);
    for (index, (row, quotients)) in rows.enumerate() {
        let from = 1 + index * low;
        let first = load_half(block, from);
        let second = load_half(block, from + low / 2);
        let packed = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(first), second);
        let spread = _mm256_shuffle_epi8(packed, bytes);
        let lows = _mm256_and_si256(_mm256_srlv_epi32(spread, shifts), mask);
        let quotients = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(quotients.cast_signed()));
        let values = _mm256_add_epi32(lows, _mm256_sll_epi32(quotients, low_bits));
        all = _mm256_or_si256(all, values);
        let numbers = if SUMS {
            let sums = sums_of_eight(values);
            let numbers = _mm256_add_epi32(sums, before);
            let whole = _mm256_permutevar8x32_epi32(sums, seventh);
            before = _mm256_add_epi32(before, _mm256_add_epi32(steps, whole));
            numbers
        } else {
            _mm256_add_epi32(values, before)
        };
        // SAFETY: a row is the 32 bytes that are written, at any alignment.
        unsafe { _mm256_storeu_si256(row.as_mut_ptr().cast::<__m256i>(), numbers) };
    }
    (at, words(all).iter().fold(0, |bits, word| bits | word))
}

/// The quotients, a byte each, which begin at bit `at` after the head.
#[inline]
#[target_feature(enable = "avx2,bmi2,popcnt")]
fn quotients<const FULL: bool>(
    block: &[u8; ROOM],
    at: &mut usize,
    rest: usize,
    count: usize,
) -> [u64; BLOCK / 8] {
    let count = if FULL { BLOCK } else { count };
    let mut steps = [[0; 2]; 3];
    // Of the first 64 numbers and of the others.
    let mut counts = [count.min(64), count.saturating_sub(64)];
    let mut numbers = counts.map(|count| _bzhi_u64(u64::MAX, count as u32));
    for step in &mut steps {
        let first = _bzhi_u64(super::word(block, 8 + *at), counts[0] as u32);
        let second = _bzhi_u64(super::word(block, 8 + *at + counts[0]), counts[1] as u32);
        *at += counts[0] + counts[1];
        numbers = [_pdep_u64(first, numbers[0]), _pdep_u64(second, numbers[1])];
        counts = [first.count_ones() as usize, second.count_ones() as usize];
        *step = numbers;
    }
    debug_assert!(rest <= REST_MAX as usize);
    let [first, second, third] = steps;
    // How many steps: the bit of 1 and that of 2.
    let odd = std::array::from_fn(|half| first[half] ^ second[half] ^ third[half]);
    let mut bytes = [0; BLOCK];
    spread(odd, second, &mut bytes);
    let rests = ONES * ((1 << rest) - 1);
    let last = counts[0] + counts[1];
    let mut kept = [0; BLOCK + 8];
    // Sixteen of them are nearly always enough: fewer would be a branch to guess.
    let places = &mut kept.as_chunks_mut::<8>().0[..last.div_ceil(8).max(2)];
    for (place, eight) in places.iter_mut().zip(0..) {
        let packed = super::word(block, 8 + *at + 8 * rest * eight);
        *place = _pdep_u64(packed, rests).to_le_bytes();
    }
    *at += last * rest;
    let mut sums = [0; BLOCK / 8];
    let halves = sums.as_chunks_mut::<8>().0.iter_mut();
    let groups = bytes.as_chunks::<8>().0.as_chunks::<8>().0;
    let mut from = 0;
    for ((sums, groups), mut flags) in halves.zip(groups).zip(third) {
        for (sum, eight) in sums.iter_mut().zip(groups) {
            // The next rests, each where it belongs, as the lowest eight flags say.
            let next = kept.get(from..).and_then(|kept| kept.first_chunk());
            let next = u64::from_le_bytes(*next.unwrap_or(&[0; 8]));
            let rests = _pdep_u64(next, _pdep_u64(flags, ONES) * 0xff);
            from += (flags & 0xff).count_ones() as usize;
            flags >>= 8;
            *sum = u64::from_le_bytes(*eight) + rests;
        }
    }
    sums
}

/// A byte for each two bits of the same place.
#[inline]
#[target_feature(enable = "avx2")]
fn spread(ones: [u64; 2], twos: [u64; 2], bytes: &mut [u8; BLOCK]) {
    // Each byte of four eight times over, and of each time another bit.
    let eightfold = _mm256_setr_epi64x(
        0,
        ONES.cast_signed(),
        2 * ONES.cast_signed(),
        3 * ONES.cast_signed(),
    );
    let bits = _mm256_set1_epi64x(0x8040_2010_0804_0201_u64.cast_signed());
    let chosen = |word: u32, value: i8| {
        let all = _mm256_shuffle_epi8(_mm256_set1_epi32(word.cast_signed()), eightfold);
        let set = _mm256_cmpeq_epi8(_mm256_and_si256(all, bits), bits);
        _mm256_and_si256(set, _mm256_set1_epi8(value))
    };
    for (index, place) in bytes.as_chunks_mut::<32>().0.iter_mut().enumerate() {
        let word = |words: [u64; 2]| (words[index / 2] >> (index % 2 * 32)) as u32;
        let sum = _mm256_or_si256(chosen(word(ones), 1), chosen(word(twos), 2));
        // SAFETY: a place is the 32 bytes that are written, at any alignment.
        unsafe { _mm256_storeu_si256(place.as_mut_ptr().cast::<__m256i>(), sum) };
    }
}

/// Surveys numbers of at most 24 bits: these are the same as floats, of which the
/// exponent says the width, and the highest bit of the fraction is the second one.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn survey(values: &[u32]) -> Option<Survey> {
    let zero = _mm256_setzero_si256();
    let (mut all, mut sums) = (zero, zero);
    // 1 has exponent 127.
    let none = _mm256_set1_epi16(2 * 126);
    // How the fours lie that were packed twice within their halves.
    let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    let mut classes = [0; BLOCK];
    let (places, _) = classes.as_chunks_mut::<32>();
    for (row, place) in values.chunks(32).zip(places) {
        let mut few = [0; 32];
        let row: &[u32; 32] = row.try_into().unwrap_or_else(|_| {
            few[..row.len()].copy_from_slice(row);
            &few
        });
        let (eights, _) = row.as_chunks::<8>();
        let tops: [__m256i; 4] = std::array::from_fn(|i| {
            // SAFETY: as many bytes are read as there are, at any alignment.
            let values = unsafe { _mm256_loadu_si256(eights[i].as_ptr().cast::<__m256i>()) };
            all = _mm256_max_epu32(all, values);
            sums = _mm256_add_epi32(sums, values);
            let float = _mm256_castps_si256(_mm256_cvtepi32_ps(values));
            _mm256_srli_epi32::<22>(float)
        });
        let first = _mm256_subs_epu16(_mm256_packus_epi32(tops[0], tops[1]), none);
        let second = _mm256_subs_epu16(_mm256_packus_epi32(tops[2], tops[3]), none);
        let packed = _mm256_packus_epi16(first, second);
        let packed = _mm256_permutevar8x32_epi32(packed, order);
        // SAFETY: a place is the 32 bytes that are written, at any alignment.
        unsafe { _mm256_storeu_si256(place.as_mut_ptr().cast::<__m256i>(), packed) };
    }
    let most = words(all).iter().fold(0, |most, word| *word.max(&most));
    let sum = words(sums).iter().map(|word| u64::from(*word)).sum();
    (most >> 24 == 0).then_some(Survey { classes, most, sum })
}

/// How many classes are at least the first two of three; and, `rest` times each, how
/// many are at least the third.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn weigh(classes: &[u8], least: [u8; 3], rest: u8) -> usize {
    let [one, two, three] = least.map(|class| _mm256_set1_epi8(class.cast_signed()));
    let rest = _mm256_set1_epi8(rest.cast_signed());
    let mut sums = _mm256_setzero_si256();
    for row in classes.as_chunks::<32>().0 {
        let row = load(row);
        let at_least = |class: __m256i| _mm256_cmpeq_epi8(_mm256_max_epu8(row, class), row);
        // Set is -1.
        let steps = _mm256_add_epi8(at_least(one), at_least(two));
        let rests = _mm256_and_si256(at_least(three), rest);
        sums = _mm256_add_epi8(sums, _mm256_sub_epi8(rests, steps));
    }
    let sums = _mm256_sad_epu8(sums, _mm256_setzero_si256());
    words(sums).iter().map(|word| *word as usize).sum()
}

/// Eight numbers.
#[inline]
#[target_feature(enable = "avx2")]
fn words(vector: __m256i) -> [u32; 8] {
    let mut words = [0; 8];
    // SAFETY: as many bytes are written as there are, at any alignment.
    unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast::<__m256i>(), vector) };
    words
}

/// Which classes are at least this one, a bit each.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn at_least(classes: &[u8], class: u8) -> [u64; 2] {
    let class = _mm256_set1_epi8(class.cast_signed());
    let mut flags = [0; 2];
    for (row, index) in classes.as_chunks::<32>().0.iter().zip(0..) {
        let row = load(row);
        let set = _mm256_cmpeq_epi8(_mm256_max_epu8(row, class), row);
        let bits = u64::from(_mm256_movemask_epi8(set).cast_unsigned());
        flags[index / 2] |= bits << (index % 2 * 32);
    }
    flags
}

/// The sixteen bytes from one on.
#[inline]
#[target_feature(enable = "avx2")]
fn load_half(block: &[u8; ROOM], from: usize) -> __m128i {
    debug_assert!(from + 16 <= ROOM);
    // SAFETY: `from` is at most 1 + 16 · low, and low is 25 at most, or the table had no
    // such entry: the room is larger by more than sixteen bytes.
    unsafe { _mm_loadu_si128(block.as_ptr().add(from).cast::<__m128i>()) }
}

/// 32 bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn load(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: as many bytes are read as there are, at any alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) }
}
