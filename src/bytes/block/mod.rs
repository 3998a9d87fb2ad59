//! # Blocks: many integers, most of them small
//!
//! Idea        of 128 numbers most are small and some are not, so one width for
//!             all wastes bits. Keep the low `k` bits of each, packed; of what
//!             is left, the *quotient*, say bit by bit whether it is at least
//!             1, of those whether it is at least 2, of those whether it is at
//!             least 3; and of those few how much more, packed again
//! Example     numbers 5 2 0 9 and k = 1: low bits 1 0 0 1, quotients 2 1 0 4;
//!             at least 1: 1 1 0 1, of these three at least 2: 1 0 1, of these two
//!             at least 3: 0 1; and of this one 1 more, in one bit. That is 14 bits,
//!             with a head `21 B9 35`; one width for all takes 16
//! Bytes       n numbers, at most 128, of which a, b and c have a quotient of at
//!             least 1, 2 and 3; bits from the lowest of a byte up:
//!
//! ```text
//! | head u8 | low k bits × n | n bits | a bits | b bits | r bits × c | 0 … |
//!   k + 32·r     of each      ≥ 1?     ≥ 2?     ≥ 3?     quotient - 3
//!             | ---- packed - | ---------- the quotients --- |
//! ```
//!
//! With 7 instead of r there are no quotients: k bits suffice for all.
//!
//! Invariants  (1) k is the one that makes the block smallest, as far as going
//!             from what the mean suggests finds it; the narrower of two that tie
//!             (2) k ≤ 30 and r ≤ 6, so that no head is [`NO_HEAD`]
//! Cost        with vectors of 512 bits some 35 ns a block, 50 if its numbers are
//!             added up at once; with those of 256 bits 80 and 95; without 300.
//!             Blocks of one width with the odd large number patched in took 45
//!             and 64, and a seventh more bytes. To encode, 270
//! Left out    more steps before the rest: a fourth saves half a per cent. A `k`
//!             for each 16 numbers: saves one
//! Papers      Golomb, "Run-length encodings", 1966, and Rice and Plaunt, 1971:
//!             low bits packed, the quotient in unary. Here the unary numbers are
//!             turned by a quarter, so that vectors can read them, and end early

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;
#[cfg(test)]
mod tests;

use super::gaps;
use super::reader::{ENDS_EARLY, Lie};

/// Numbers in a full block.
pub(crate) const BLOCK: usize = 128;

/// No block begins with this byte.
pub(crate) const NO_HEAD: u8 = 0xff;

/// Quotients up to this one are kept bit by bit.
const STEPS: u32 = 3;

/// The most low bits.
const LOW_MAX: u32 = 30;

/// The most bits of the rest of a quotient.
const REST_MAX: u32 = 6;

/// What stands for the rest's bits if there are no quotients.
const NO_QUOTIENTS: u32 = 7;

/// No block is read further than so many bytes: a head, the low bits, three times
/// a bit and once six, and what a vector reads too much.
const ROOM: usize = 1 + 16 * LOW_MAX as usize + 16 * (3 + REST_MAX as usize) + 79;

/// How a block is encoded, and how long that is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    low: u32,
    rest: u32,
    /// Bits after the head.
    bits: usize,
}

impl Plan {
    /// Bytes.
    pub(crate) fn len(self) -> usize {
        1 + self.bits.div_ceil(8)
    }
}

/// The bits that `value` needs.
const fn width_of(value: u32) -> u32 {
    32 - value.leading_zeros()
}

/// The smallest encoding, invariant (1).
pub(crate) fn plan(values: &[u32]) -> Plan {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { plan_avx2(values) };
    }
    plan_plain(values)
}

/// The same, compiled for wider vectors.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn plan_avx2(values: &[u32]) -> Plan {
    plan_plain(values)
}

#[inline(always)]
fn plan_plain(values: &[u32]) -> Plan {
    let (mut most, mut sum) = (0, 0);
    for &value in values {
        most = value.max(most);
        sum += u64::from(value);
    }
    let widest = width_of(most).min(LOW_MAX);
    // The rest must fit in its bits.
    let mut least = width_of(most).saturating_sub(REST_MAX + 1);
    least += u32::from(most >> least >= (1 << REST_MAX) + STEPS);
    let mean = (sum / values.len().max(1) as u64) as u32;
    let start = width_of(mean).saturating_sub(1).clamp(least, widest);
    let mut best = cost(values, start, most);
    while best.low > least {
        let next = cost(values, best.low - 1, most);
        if next.bits > best.bits {
            break;
        }
        best = next;
    }
    while best.low >= start && best.low < widest {
        let next = cost(values, best.low + 1, most);
        if next.bits >= best.bits {
            break;
        }
        best = next;
    }
    best
}

/// The encoding with so many low bits.
#[inline(always)]
fn cost(values: &[u32], low: u32, most: u32) -> Plan {
    let packed = values.len() * low as usize;
    if most >> low == 0 {
        return Plan {
            low,
            rest: NO_QUOTIENTS,
            bits: packed,
        };
    }
    let rest = width_of((most >> low).saturating_sub(STEPS));
    let (mut bits, mut last) = (0, 0);
    for value in values {
        let quotient = value >> low;
        // Those past the first and past the second, and those past the third.
        bits += quotient.min(STEPS - 1);
        last += u32::from(quotient >= STEPS);
    }
    Plan {
        low,
        rest,
        bits: packed + values.len() + (bits + rest * last) as usize,
    }
}

/// Appends a block of at most 128 numbers as it was planned.
pub(crate) fn encode(values: &[u32], plan: Plan, out: &mut Vec<u8>) {
    let Plan { low, rest, bits } = plan;
    out.push((low | rest << 5) as u8);
    let start = out.len();
    out.resize(start + bits.div_ceil(8) + 8, 0);
    let (words, _) = out[start..].as_chunks_mut();
    let mut packed = Packed {
        words,
        bits: 0,
        word: 0,
    };
    pack_low(values, low, &mut packed);
    if rest != NO_QUOTIENTS {
        let mut quotients = [0; BLOCK];
        let mut count = values.len().min(BLOCK);
        for (quotient, value) in quotients.iter_mut().zip(values) {
            *quotient = value >> low;
        }
        for step in 0..STEPS {
            let (flags, kept) = keep(&mut quotients, count, step);
            packed.push(flags[0], count.min(64) as u32);
            packed.push(flags[1], count.saturating_sub(64) as u32);
            count = kept;
        }
        for quotient in &quotients[..count] {
            packed.push(u64::from(quotient - STEPS), rest);
        }
    }
    packed.finish();
    debug_assert_eq!(packed.bits, bits);
    out.truncate(start + bits.div_ceil(8));
}

/// Of the first `count` quotients keeps those over `step`, in their order; returns
/// which these are, a bit each, and how many.
#[inline]
fn keep(quotients: &mut [u32; BLOCK], count: usize, step: u32) -> ([u64; 2], usize) {
    #[cfg(target_arch = "x86_64")]
    if avx512::is_there() {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { avx512::keep(quotients, count, step) };
    }
    portable::keep(quotients, count, step)
}

fn pack_low(values: &[u32], low: u32, packed: &mut Packed) {
    let mask = (1 << low) - 1;
    let (fours, rest) = match low <= 16 {
        true => values.as_chunks::<4>(),
        false => (&[][..], values),
    };
    for four in fours {
        let [a, b, c, d] = four.map(|value| u64::from(value & mask));
        packed.push((a | b << low) | (c | d << low) << (2 * low), 4 * low);
    }
    for value in rest {
        packed.push(u64::from(value & mask), low);
    }
}

/// Bits, from the lowest of the first byte on.
struct Packed<'o> {
    /// One more than is needed.
    words: &'o mut [[u8; 8]],
    bits: usize,
    /// What the word at `bits` has already.
    word: u64,
}

impl Packed<'_> {
    /// Appends the low `count` bits, at most 64, of a value that has no others.
    #[inline(always)]
    fn push(&mut self, value: u64, count: u32) {
        let shift = self.bits % 64;
        self.word |= value << shift;
        let full = shift + count as usize >= 64;
        if full {
            self.finish();
            // What didn't fit begins the next word.
            self.word = value >> 1 >> (63 - shift);
        }
        self.bits += count as usize;
    }

    /// Writes the word that isn't full.
    #[inline(always)]
    fn finish(&mut self) {
        if let Some(word) = self.words.get_mut(self.bits / 64) {
            *word = self.word.to_le_bytes();
        }
    }
}

/// The bytes of the full block at the start of `bytes`, without decoding it.
#[inline]
pub(crate) fn skip(bytes: &[u8]) -> Result<usize, Lie> {
    with_room(bytes, |block| {
        let (low, rest) = head(block)?;
        let (low, rest) = (low as usize, rest as usize);
        #[cfg(target_arch = "x86_64")]
        if avx512::is_there() {
            // SAFETY: the processor has what the function is compiled for.
            return end(bytes, unsafe { avx512::skip(block, low, rest) });
        }
        end(bytes, length(block, low, rest))
    })
}

/// The bits that a full block takes after the head.
#[inline(always)]
fn length(block: &[u8; ROOM], low: usize, rest: usize) -> usize {
    let mut at = BLOCK * low;
    if rest != NO_QUOTIENTS as usize {
        let mut count = BLOCK;
        for _ in 0..STEPS {
            let next = ones(block, 8 + at, count);
            at += count;
            count = next;
        }
        at += count * rest;
    }
    at
}

/// How many of `count` bits from bit `at` on are set.
#[inline(always)]
fn ones(block: &[u8; ROOM], at: usize, count: usize) -> usize {
    let (first, second) = (count.min(64), count.saturating_sub(64));
    let mask = |count: usize| u64::MAX.checked_shr(64 - count as u32).unwrap_or(0);
    let first = word(block, at) & mask(first);
    let second = word(block, at + 64) & mask(second);
    (first.count_ones() + second.count_ones()) as usize
}

/// 64 bits from bit `at` on.
#[inline(always)]
fn word(block: &[u8; ROOM], at: usize) -> u64 {
    // No block is longer than the room without its padding.
    let bytes = block.get(at / 8..at / 8 + 16).unwrap_or(&[0; 16]);
    let (words, _) = bytes.as_chunks();
    let (low, high) = (u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1]));
    low >> (at % 8) | high << 1 << (63 - at % 8)
}

/// Reads the block at the start of `bytes` with enough bytes behind it.
#[inline(always)]
fn with_room<T>(bytes: &[u8], mut read: impl FnMut(&[u8; ROOM]) -> T) -> T {
    match bytes.first_chunk() {
        Some(block) => read(block),
        None => {
            let mut room = [0; ROOM];
            room[..bytes.len()].copy_from_slice(bytes);
            read(&room)
        }
    }
}

/// The low bits and those of a rest.
#[inline(always)]
fn head(block: &[u8; ROOM]) -> Result<(u32, u32), Lie> {
    let (low, rest) = (u32::from(block[0] & 31), u32::from(block[0] >> 5));
    match low <= LOW_MAX {
        true => Ok((low, rest)),
        false => Err(Lie("a block has more low bits than there are")),
    }
}

/// The length of a block of so many bits after the head, which must be there.
#[inline(always)]
fn end(bytes: &[u8], bits: usize) -> Result<usize, Lie> {
    let len = 1 + bits.div_ceil(8);
    match bytes.len() >= len {
        true => Ok(len),
        false => Err(ENDS_EARLY),
    }
}

/// What a block was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// Bytes that it took.
    pub(crate) len: usize,
    /// The bits that any of its numbers has.
    pub(crate) bits: u32,
}

/// Decodes the full block at the start of `bytes`, and adds `plus` to each
/// number. All sums wrap, here and below.
#[inline]
pub(crate) fn decode(bytes: &[u8], out: &mut [u32; BLOCK], plus: u32) -> Result<Decoded, Lie> {
    decode_full::<false, 0>(bytes, out, plus)
}

/// Decodes the full block at the start of `bytes` to the sums of its numbers so
/// far, themselves included, on top of `before`.
#[inline]
pub(crate) fn decode_sums(
    bytes: &[u8],
    out: &mut [u32; BLOCK],
    before: u32,
) -> Result<Decoded, Lie> {
    decode_full::<true, 0>(bytes, out, before)
}

/// Decodes the full block at the start of `bytes`, of [`gaps`], to the numbers
/// that these lead to from `start` on.
#[inline]
pub(crate) fn decode_gaps(
    bytes: &[u8],
    out: &mut [u32; BLOCK],
    start: u32,
) -> Result<Decoded, Lie> {
    decode_full::<true, 1>(bytes, out, start)
}

#[inline]
fn decode_full<const SUMS: bool, const STEP: u8>(
    bytes: &[u8],
    out: &mut [u32; BLOCK],
    before: u32,
) -> Result<Decoded, Lie> {
    let (used, bits) = with_room(bytes, |block| {
        decode_roomy::<SUMS, STEP>(block, out, before)
    })?;
    let len = end(bytes, used)?;
    Ok(Decoded { len, bits })
}

/// Returns how many bits the block took after the head, and the bits that any of
/// its numbers has.
#[inline]
fn decode_roomy<const SUMS: bool, const STEP: u8>(
    block: &[u8; ROOM],
    out: &mut [u32; BLOCK],
    before: u32,
) -> Result<(usize, u32), Lie> {
    let (low, rest) = head(block)?;
    if let Some(decoded) = with_vectors::<SUMS, STEP>(block, (low, rest), BLOCK, out, before) {
        return Ok(decoded);
    }
    let used = portable::decode(block, low, rest, out);
    let bits = match (SUMS, STEP) {
        (true, 0) => gaps::sum_up(out, before),
        (true, _) => gaps::add_up(out, before),
        (false, _) => portable::add(out, before),
    };
    Ok((used, bits))
}

/// The same of a block of `count` numbers; `None` if there are no such vectors, or
/// the numbers are too long for them. Past the block's numbers come others.
#[inline(always)]
fn with_vectors<const SUMS: bool, const STEP: u8>(
    block: &[u8; ROOM],
    (low, rest): (u32, u32),
    count: usize,
    out: &mut [u32; BLOCK],
    before: u32,
) -> Option<(usize, u32)> {
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (block, low, rest, count, out, before);
    #[cfg(target_arch = "x86_64")]
    {
        let head = (low as usize, rest as usize);
        if low <= avx512::LOW_MAX && avx512::is_there() {
            let decode = avx512::decode::<SUMS, STEP>;
            // SAFETY: the processor has what the function is compiled for.
            return Some(unsafe { decode(block, head, count, out, before) });
        }
        if low <= avx2::LOW_MAX && avx2::is_there() {
            let decode = avx2::decode::<SUMS, STEP>;
            // SAFETY: likewise.
            return Some(unsafe { decode(block, head, count, out, before) });
        }
    }
    None
}

/// Decodes the block at the start of `bytes` that has as many numbers as there
/// is place, at most 128; returns how many bytes it took.
pub(crate) fn decode_few(bytes: &[u8], out: &mut [u32]) -> Result<usize, Lie> {
    debug_assert!(out.len() <= BLOCK);
    with_room(bytes, |block| {
        let (low, rest) = head(block)?;
        let mut full = [0; BLOCK];
        let used = match with_vectors::<false, 0>(block, (low, rest), out.len(), &mut full, 0) {
            Some((used, _)) => {
                let count = out.len().min(BLOCK);
                out[..count].copy_from_slice(&full[..count]);
                used
            }
            None => portable::decode(block, low, rest, out),
        };
        end(bytes, used)
    })
}
