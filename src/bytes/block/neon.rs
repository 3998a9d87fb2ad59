//! # NEON: decoding with vectors of 128 bits, on aarch64, which always has them
//!
//! Low bits    as [`avx2`](super::avx2) does it, in two times four numbers
//! Quotients   a byte each: no instruction spreads bits over those of others. So it goes
//!             from the last step to the first: the rests make the numbers that are at
//!             least 3; these, and the bits that say which they are, make those that are
//!             at least 2; then those that are at least 1; then all. Which of eight are
//!             meant is a byte, and a table says for each byte where each of the eight
//!             comes from
//! Next        [`gaps`](crate::bytes::gaps)

use super::low::{EIGHT, Low};
use super::{BLOCK, NO_QUOTIENTS, REST_MAX, ROOM};
use std::arch::aarch64::{
    uint8x16_t, vaddq_u32, vandq_u16, vandq_u32, vcnt_u8, vcombine_u8, vcreate_u8, vdupq_laneq_u32,
    vdupq_n_s32, vdupq_n_u16, vdupq_n_u32, vextq_u32, vget_lane_u64, vget_low_u16, vld1q_s16,
    vld1q_u8, vld1q_u32, vmovl_high_u16, vmovl_u8, vmovl_u16, vmovn_u16, vnegq_s32, vqtbl1_u8,
    vqtbl1q_u8, vreinterpret_u64_u8, vreinterpretq_s32_u8, vreinterpretq_u16_u8,
    vreinterpretq_u32_u8, vshlq_u16, vshlq_u32, vst1q_u32,
};

/// For each byte, of eight numbers which have something in a row of those that have:
/// the first, the second; past the end those that have nothing.
static PLACES: [u64; 256] = {
    let mut table = [u64::MAX; 256];
    let mut flags = 0;
    while flags < 256 {
        let (mut place, mut number) = (0, 0);
        while number < 8 {
            if flags >> number & 1 == 1 {
                table[flags] ^= (0xff ^ place) << (8 * number);
                place += 1;
            }
            number += 1;
        }
        flags += 1;
    }
    table
};

/// Where eight rests lie in the bytes of a word.
struct Rest {
    /// Two for each.
    bytes: [u8; 16],
    /// How far these are to be shifted, to the left.
    shifts: [i16; 8],
}

static REST: [Rest; REST_MAX as usize + 1] = {
    const NONE: Rest = Rest {
        bytes: [0; 16],
        shifts: [0; 8],
    };
    let mut table = [NONE; REST_MAX as usize + 1];
    let mut rest = 0;
    while rest < table.len() {
        let mut number = 0;
        while number < 8 {
            let bit = number * rest;
            table[rest].bytes[2 * number] = (bit / 8) as u8;
            table[rest].bytes[2 * number + 1] = (bit / 8 + 1) as u8;
            table[rest].shifts[number] = -((bit % 8) as i16);
            number += 1;
        }
        rest += 1;
    }
    table
};

/// A byte for each number, and what a vector reads too much.
type Bytes = [u8; BLOCK + 16];

/// The lowest bit of each byte.
const ONES: u64 = 0x0101_0101_0101_0101;

/// Decodes a block of `count` numbers, or a full one, with at most
/// [`LOW_MAX`](super::low::LOW_MAX) low bits; returns how many bits it took after the
/// head. Past the block's numbers come others.
#[target_feature(enable = "neon")]
pub(super) fn decode<const SUMS: bool, const STEP: u8, const FULL: bool>(
    block: &[u8; ROOM],
    (low, rest): (usize, usize),
    count: usize,
    out: &mut [u32; BLOCK],
    before: u32,
) -> usize {
    let Low { bytes, shifts } = &EIGHT[low];
    let [bytes, more_bytes] = [load_at(bytes, 0), load_at(bytes, 16)];
    let [shifts, more_shifts] = [load_at(shifts, 0), load_at(shifts, 16)]
        .map(|shifts| vnegq_s32(vreinterpretq_s32_u8(shifts)));
    let count = if FULL { BLOCK } else { count.min(BLOCK) };
    let mut at = count * low;
    let mut quotients = [0; BLOCK + 16];
    if rest != NO_QUOTIENTS as usize {
        quotients_of::<FULL>(block, &mut at, rest, count, &mut quotients);
    }
    let mask = vdupq_n_u32((1 << low) - 1);
    let low_bits = vdupq_n_s32(low as i32);
    let zero = vdupq_n_u32(0);
    let mut before = vdupq_n_u32(before);
    if STEP == 1 {
        // SAFETY: as many bytes are read as there are.
        before = vaddq_u32(before, unsafe { vld1q_u32([0, 1, 2, 3].as_ptr()) });
    }
    let steps = vdupq_n_u32(4 * u32::from(STEP));
    let mut each = |packed: uint8x16_t, bytes, shifts, quotients, row: &mut [u32; 4]| {
        let spread = vreinterpretq_u32_u8(vqtbl1q_u8(packed, bytes));
        let lows = vandq_u32(vshlq_u32(spread, shifts), mask);
        let values = vaddq_u32(lows, vshlq_u32(quotients, low_bits));
        let numbers = if SUMS {
            let twos = vaddq_u32(values, vextq_u32::<3>(zero, values));
            let sums = vaddq_u32(twos, vextq_u32::<2>(zero, twos));
            let numbers = vaddq_u32(sums, before);
            // Ready before its turn, so that one row waits for the other by a
            // single addition.
            let whole = vaddq_u32(steps, vdupq_laneq_u32::<3>(sums));
            before = vaddq_u32(before, whole);
            numbers
        } else {
            vaddq_u32(values, before)
        };
        // SAFETY: a row is the 16 bytes that are written.
        unsafe { vst1q_u32(row.as_mut_ptr(), numbers) };
    };
    let groups = count.div_ceil(8);
    let rows = out.as_chunks_mut::<4>().0.as_chunks_mut::<2>().0[..groups].iter_mut();
    let eights = &quotients.as_chunks::<8>().0[..groups];
    for (index, ([first, second], eight)) in rows.zip(eights).enumerate() {
        let from = 1 + index * low;
        let quotients = vmovl_u8(vcreate_u8(u64::from_le_bytes(*eight)));
        let packed = load_at(block, from);
        let low_quotients = vmovl_u16(vget_low_u16(quotients));
        each(packed, bytes, shifts, low_quotients, first);
        let packed = load_at(block, from + low / 2);
        let high_quotients = vmovl_high_u16(quotients);
        each(packed, more_bytes, more_shifts, high_quotients, second);
    }
    at
}

/// The quotients, a byte each, which begin at bit `at` after the head.
#[inline]
#[target_feature(enable = "neon")]
fn quotients_of<const FULL: bool>(
    block: &[u8; ROOM],
    at: &mut usize,
    rest: usize,
    count: usize,
    quotients: &mut Bytes,
) {
    let count = if FULL { BLOCK } else { count };
    let first = Flags::read(block, at, count);
    let second = Flags::read(block, at, first.set());
    let third = Flags::read(block, at, second.set());
    // Always one more than what is kept of them, since they are past a step.
    let (mut ones, mut twos, mut threes) = ([0; BLOCK + 16], [0; BLOCK + 16], [0; BLOCK + 16]);
    read_rests(block, *at, rest, third.set(), &mut threes);
    *at += third.set() * rest;
    third.spread::<1>(&threes, &mut twos);
    second.spread::<1>(&twos, &mut ones);
    first.spread::<0>(&ones, quotients);
}

/// The rests, and 1 more.
#[inline]
#[target_feature(enable = "neon")]
fn read_rests(block: &[u8; ROOM], mut at: usize, rest: usize, count: usize, out: &mut Bytes) {
    let Rest { bytes, shifts } = &REST[rest];
    // SAFETY: as many bytes are read as there are.
    let (bytes, shifts) = unsafe { (vld1q_u8(bytes.as_ptr()), vld1q_s16(shifts.as_ptr())) };
    let mask = vdupq_n_u16((1 << rest) - 1);
    for eight in out
        .as_chunks_mut::<8>()
        .0
        .iter_mut()
        .take(count.div_ceil(8))
    {
        let word = vcreate_u8(super::word(block, 8 + at));
        let spread = vqtbl1q_u8(vcombine_u8(word, word), bytes);
        let rests = vandq_u16(vshlq_u16(vreinterpretq_u16_u8(spread), shifts), mask);
        let rests = vget_lane_u64::<0>(vreinterpret_u64_u8(vmovn_u16(rests)));
        *eight = (rests + ONES).to_le_bytes();
        at += 8 * rest;
    }
}

/// Who has something, of at most 128.
struct Flags {
    count: usize,
    flags: [u64; 2],
    /// In each byte how many have, up to it.
    sums: [u64; 2],
}

impl Flags {
    #[inline]
    #[target_feature(enable = "neon")]
    fn read(block: &[u8; ROOM], at: &mut usize, count: usize) -> Self {
        let mask = |count: usize| u64::MAX.checked_shr(64 - count as u32).unwrap_or(0);
        let flags = [
            super::word(block, 8 + *at) & mask(count.min(64)),
            super::word(block, 8 + *at + 64) & mask(count.saturating_sub(64)),
        ];
        *at += count;
        let sums = flags.map(|flags| {
            let counts = vreinterpret_u64_u8(vcnt_u8(vcreate_u8(flags)));
            vget_lane_u64::<0>(counts).wrapping_mul(ONES)
        });
        Self { count, flags, sums }
    }

    /// How many have something.
    #[inline]
    fn set(&self) -> usize {
        ((self.sums[0] >> 56) + (self.sums[1] >> 56)) as usize
    }

    /// Gives those who have something what they have, and the others nothing; then
    /// all `PLUS`.
    #[inline]
    #[target_feature(enable = "neon")]
    fn spread<const PLUS: u64>(&self, source: &Bytes, out: &mut Bytes) {
        let eights = &mut out.as_chunks_mut::<8>().0[..self.count.div_ceil(8)];
        let mut before = 0;
        for ((eights, flags), sums) in eights.chunks_mut(8).zip(self.flags).zip(self.sums) {
            let (mut flags_left, mut sums_left) = (flags, sums << 8);
            for eight in eights {
                let from = before + (sums_left & 0xff) as usize;
                let places = vcreate_u8(PLACES[(flags_left & 0xff) as usize]);
                let values = vqtbl1_u8(load_at(source, from), places);
                let values = vget_lane_u64::<0>(vreinterpret_u64_u8(values));
                *eight = (values + PLUS * ONES).to_le_bytes();
                (flags_left, sums_left) = (flags_left >> 8, sums_left >> 8);
            }
            before += (sums >> 56) as usize;
        }
    }
}

/// Sixteen bytes, which must be there.
#[inline(always)]
fn load_at(bytes: &[u8], from: usize) -> uint8x16_t {
    debug_assert!(from + 16 <= bytes.len());
    // SAFETY: of a block, `from` is at most 1 + 16 · low, and low is 25 at most, or
    // the table had no such entry: the room is larger by more than sixteen bytes. Of
    // numbers' bytes it is at most as many as 128 flags, and behind these are sixteen.
    // The tables have as many.
    unsafe { vld1q_u8(bytes.as_ptr().add(from)) }
}
