//! # AVX2: decoding with vectors of 256 bits
//!
//! Low bits    as in [`avx512`](super::avx512), eight numbers at a time: what these take, if
//!             it is at most 16 bytes, is loaded once for both halves of a vector
//! Quotients   a byte each, put together bit by bit. A word says of 64 numbers whose
//!             quotient has a certain bit: of the steps' two bits that follows from the
//!             steps. Of the rests, all first bits are taken from where they lie (`pext`),
//!             spread over the numbers whose they are (`pdep`), and so the second bits.
//!             Then a vector has each byte of a word eight times, of each of these asks for
//!             another bit, and adds what the bit is worth where it is set
//! Example     of four numbers the first and the last have rests, 2 and 3, in two bits
//!             each: `11 10`. The first bits are `1 0`, of the four numbers `1000`: 1 for
//!             the last; the second are `1 1`, so `1001`: 2 for both
//! Also        what [`encode`](mod@super::encode) asks of classes
//! Next        `neon.rs`, with less still

use super::encode::Survey;
use super::low::{EIGHT, EIGHT_TOGETHER, LOW_MAX, Low, TOGETHER_MAX};
use super::{BLOCK, NO_QUOTIENTS, REST_MAX, ROOM};
use std::arch::x86_64::{
    __m128i, __m256i, _bzhi_u64, _mm_loadu_si128, _mm256_add_epi8, _mm256_add_epi32,
    _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_castps_si256, _mm256_castsi128_si256,
    _mm256_cmpeq_epi8, _mm256_cmpgt_epi32, _mm256_cvtepi32_ps, _mm256_inserti128_si256,
    _mm256_loadu_si256, _mm256_max_epu8, _mm256_max_epu32, _mm256_movemask_epi8,
    _mm256_packus_epi16, _mm256_packus_epi32, _mm256_permute2x128_si256,
    _mm256_permutevar8x32_epi32, _mm256_sad_epu8, _mm256_set1_epi8, _mm256_set1_epi16,
    _mm256_set1_epi32, _mm256_set1_epi64x, _mm256_setr_epi32, _mm256_setr_epi64x,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_shuffle_epi32, _mm256_slli_si256,
    _mm256_sllv_epi32, _mm256_srli_epi32, _mm256_srlv_epi32, _mm256_storeu_si256, _mm256_sub_epi8,
    _mm256_subs_epu16, _pdep_u64, _pext_u64,
};
use std::ops::Range;
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
            && !spreads_slowly()
    });
    *THERE
}

/// Whether it spreads bits one by one, as AMD's do that are older than Zen 3: some 4 cycles
/// for each, of which a block has hundreds, so that the portable way is faster. (Fog,
/// "Instruction tables", 2022: `pdep` of Zen 2, beside that of Zen 3.)
fn spreads_slowly() -> bool {
    // The first only AMD's have, the second none of them before Zen 3.
    is_x86_feature_detected!("sse4a") && !is_x86_feature_detected!("vaes")
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
/// [`LOW_MAX`] low bits; returns how many bits it took after the
/// head. Past the block's numbers come others.
#[target_feature(enable = "avx2,bmi2,popcnt")]
pub(super) fn decode<const SUMS: bool, const STEP: u8, const FULL: bool>(
    block: &[u8; ROOM],
    (low, rest): (usize, usize),
    count: usize,
    out: &mut [u32; BLOCK],
    before: u32,
) -> usize {
    let count = if FULL { BLOCK } else { count.min(BLOCK) };
    let low = low.min(LOW_MAX as usize);
    let mut quotients = [0; BLOCK];
    let end = match rest {
        _ if rest == NO_QUOTIENTS as usize => count * low,
        _ => read_quotients::<FULL>(block, (low, rest), count, &mut quotients),
    };
    let rows = &mut out.as_chunks_mut::<8>().0[..count.div_ceil(8)];
    // Each way has a loop of its own, that asks nothing more.
    match low <= TOGETHER_MAX {
        true => add_low::<SUMS, STEP, true>(block, low, &quotients, rows, before),
        false => add_low::<SUMS, STEP, false>(block, low, &quotients, rows, before),
    }
    end
}

/// Makes numbers of their quotients and their low bits: rows of eight.
#[inline]
#[target_feature(enable = "avx2")]
fn add_low<const SUMS: bool, const STEP: u8, const TOGETHER: bool>(
    block: &[u8; ROOM],
    low: usize,
    quotients: &[u8; BLOCK],
    rows: &mut [[u32; 8]],
    before: u32,
) {
    let Low { bytes, shifts } = match TOGETHER {
        true => &EIGHT_TOGETHER[low],
        false => &EIGHT[low],
    };
    let (bytes, shifts) = (load(bytes), load(shifts));
    let mask = _mm256_set1_epi32((1 << low) - 1);
    let low_bits = _mm256_set1_epi32(low as i32);
    let apart = load(&APART);
    let mut before = _mm256_set1_epi32(before.cast_signed());
    if STEP == 1 {
        before = _mm256_add_epi32(before, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    }
    let steps = _mm256_set1_epi32(8 * i32::from(STEP));
    // All low bits are fewer than 64. (A mask that it knew the compiler would mix with
    // the shuffles below, into dearer ones.)
    let upper = _mm256_cmpgt_epi32(_mm256_setr_epi32(-1, -1, -1, -1, 64, 64, 64, 64), low_bits);
    let quotients = quotients.as_chunks::<8>().0;
    for (index, (row, quotients)) in rows.iter_mut().zip(quotients).enumerate() {
        let from = 1 + index * low;
        let first = load_half(block, from);
        let packed = match TOGETHER {
            true => _mm256_broadcastsi128_si256(first),
            false => {
                let second = load_half(block, from + low / 2);
                _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(first), second)
            }
        };
        let spread = _mm256_shuffle_epi8(packed, bytes);
        let lows = _mm256_and_si256(_mm256_srlv_epi32(spread, shifts), mask);
        let quotients = _mm256_set1_epi64x(i64::from_le_bytes(*quotients));
        let quotients = _mm256_shuffle_epi8(quotients, apart);
        let values = _mm256_add_epi32(lows, _mm256_sllv_epi32(quotients, low_bits));
        let numbers = if SUMS {
            let twos = _mm256_add_epi32(values, _mm256_slli_si256::<4>(values));
            let fours = _mm256_add_epi32(twos, _mm256_slli_si256::<8>(twos));
            // What each half comes to, and the other one; that of the lower half is added
            // to the upper one.
            let whole = _mm256_shuffle_epi32::<0b11_11_11_11>(fours);
            let other = _mm256_permute2x128_si256::<1>(whole, whole);
            let carried = _mm256_and_si256(other, upper);
            let numbers = _mm256_add_epi32(_mm256_add_epi32(fours, before), carried);
            // Ready before its turn, so that one row waits for the other by a single
            // addition.
            let both = _mm256_add_epi32(steps, _mm256_add_epi32(whole, other));
            before = _mm256_add_epi32(before, both);
            numbers
        } else {
            _mm256_add_epi32(values, before)
        };
        // SAFETY: a row is the 32 bytes that are written, at any alignment.
        unsafe { _mm256_storeu_si256(row.as_mut_ptr().cast::<__m256i>(), numbers) };
    }
}

/// How eight bytes, of which each half of a vector has all, become eight numbers.
static APART: [u8; 32] = {
    // Nothing is taken from a place with the highest bit.
    let mut places = [0x80; 32];
    let mut number = 0;
    while number < 8 {
        places[4 * number as usize] = number;
        number += 1;
    }
    places
};

/// Reads the quotients, a byte each; returns the bit after the head behind them.
#[inline]
#[target_feature(enable = "avx2,bmi2,popcnt")]
fn read_quotients<const FULL: bool>(
    block: &[u8; ROOM],
    (low, rest): (usize, usize),
    count: usize,
    out: &mut [u8; BLOCK],
) -> usize {
    let count = if FULL { BLOCK } else { count };
    let mut at = count * low;
    let mut steps = [[0; 2]; 3];
    // Of the first 64 numbers and of the others.
    let mut counts = [count.min(64), count.saturating_sub(64)];
    let mut numbers = counts.map(|count| _bzhi_u64(u64::MAX, count as u32));
    for step in &mut steps {
        let first = _bzhi_u64(word(block, at), counts[0] as u32);
        let second = _bzhi_u64(word(block, at + counts[0]), counts[1] as u32);
        at += counts[0] + counts[1];
        numbers = [_pdep_u64(first, numbers[0]), _pdep_u64(second, numbers[1])];
        counts = [first.count_ones() as usize, second.count_ones() as usize];
        *step = numbers;
    }
    let [first, second, third] = steps;
    // How many steps: the bit of 1 and that of 2.
    let odd = std::array::from_fn(|half| first[half] ^ second[half] ^ third[half]);
    let mut sums = [_mm256_setzero_si256(); 4];
    add_where(odd, 1, &mut sums);
    add_where(second, 2, &mut sums);
    debug_assert!(rest <= REST_MAX as usize);
    let firsts = FIRST_BITS[rest];
    let fit = firsts.count_ones() as usize;
    let begins = [at, at + counts[0] * rest];
    let packed = begins.map(|begin| word(block, begin));
    let most = counts[0].max(counts[1]);
    let more = match most > fit {
        true => begins.map(|begin| word(block, begin + fit * rest)),
        false => [0; 2],
    };
    for bit in 0..rest {
        let firsts = firsts << bit;
        let mut bits = packed.map(|packed| _pext_u64(packed, firsts));
        if most > fit {
            for half in 0..2 {
                bits[half] |= _pext_u64(more[half], firsts) << fit;
            }
        }
        if most > 2 * fit {
            for half in 0..2 {
                bits[half] |= bits_beyond(block, begins[half], rest, 2 * fit..counts[half], bit);
            }
        }
        let of_all = std::array::from_fn(|half| _pdep_u64(bits[half], third[half]));
        add_where(of_all, 1 << bit, &mut sums);
    }
    for (place, sum) in out.as_chunks_mut::<32>().0.iter_mut().zip(sums) {
        // SAFETY: a place is the 32 bytes that are written, at any alignment.
        unsafe { _mm256_storeu_si256(place.as_mut_ptr().cast::<__m256i>(), sum) };
    }
    begins[1] + counts[1] * rest
}

/// Where the first bits lie of as many rests as a word has room for.
static FIRST_BITS: [u64; REST_MAX as usize + 1] = {
    let mut table = [0; REST_MAX as usize + 1];
    let mut rest = 1;
    while rest < table.len() {
        let mut bit = 0;
        while bit + rest <= 64 {
            table[rest] |= 1 << bit;
            bit += rest;
        }
        rest += 1;
    }
    table
};

/// The same bit of some of the rests that begin at bit `at` after the head, but not of
/// the first, which two words have.
#[cold]
#[target_feature(enable = "bmi2")]
fn bits_beyond(block: &[u8; ROOM], at: usize, rest: usize, some: Range<usize>, bit: usize) -> u64 {
    let mut bits = 0;
    for done in some.step_by(64 / rest) {
        let packed = word(block, at + done * rest);
        bits |= _pext_u64(packed, FIRST_BITS[rest] << bit) << done;
    }
    bits
}

/// 64 bits from bit `at` after the head on.
#[inline]
#[target_feature(enable = "bmi2")]
pub(super) fn word(block: &[u8; ROOM], at: usize) -> u64 {
    let from = 1 + at / 8;
    debug_assert!(from + 9 <= ROOM);
    // SAFETY: `at` is at most 128 · (low + 3 + 6), and low is 25 at most, as both ways to
    // decode see to; behind that there's room for more than 9 bytes.
    let [word, next] = [0, 1].map(|more| unsafe {
        let word = block.as_ptr().add(from + more).cast::<u64>();
        u64::from_le(word.read_unaligned())
    });
    // The bits that the first lacks the second has.
    word >> (at % 8) | next >> (at % 8) << 8
}

/// Adds a value to the bytes of those of 128 numbers whose bits are set.
#[inline]
#[target_feature(enable = "avx2")]
fn add_where(set: [u64; 2], value: i8, sums: &mut [__m256i; 4]) {
    // Each byte of four eight times over, and of each time another bit.
    let [first, second] = [0, 4].map(|from: i64| {
        let byte = |number| (from + number) * ONES.cast_signed();
        _mm256_setr_epi64x(byte(0), byte(1), byte(2), byte(3))
    });
    let bits = _mm256_set1_epi64x(0x8040_2010_0804_0201_u64.cast_signed());
    let value = _mm256_set1_epi8(value);
    for (sums, set) in sums.as_chunks_mut::<2>().0.iter_mut().zip(set) {
        let word = _mm256_set1_epi64x(set.cast_signed());
        for (sum, bytes) in sums.iter_mut().zip([first, second]) {
            let asked = _mm256_and_si256(_mm256_shuffle_epi8(word, bytes), bits);
            let worth = _mm256_and_si256(_mm256_cmpeq_epi8(asked, bits), value);
            *sum = _mm256_add_epi8(*sum, worth);
        }
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
    // SAFETY: `from` is at most 1 + 16 · low, and low is 25 at most: the room is larger by
    // more than sixteen bytes.
    unsafe { _mm_loadu_si128(block.as_ptr().add(from).cast::<__m128i>()) }
}

/// 32 bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn load(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: as many bytes are read as there are, at any alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) }
}
