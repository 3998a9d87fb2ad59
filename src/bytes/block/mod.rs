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
//!             added up at once; with those of 256 bits 42 and 70; without any 100
//!             to 150, and to add up. Blocks of one width with the odd large number
//!             patched in took 45 and 64, and a seventh more bytes. To encode, 75 to
//!             135
//! Left out    more steps before the rest: a fourth saves half a per cent. A `k`
//!             for each 16 numbers: saves one
//! Rooms       `encode`; to decode, `portable`, and by vectors `avx512`, `avx2` and
//!             `neon`, with `low`, which says where a number's low bits lie
//! Papers      Golomb, "Run-length encodings", 1966, and Rice and Plaunt, 1971:
//!             low bits packed, the quotient in unary. Here the unary numbers are
//!             turned by a quarter, so that vectors can read them, and end early
//! Next        `portable.rs`, where each step is plain; or on to [`gaps`]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
pub(super) mod avx512;
mod encode;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod low;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
mod portable;
#[cfg(test)]
mod tests;

pub(crate) use encode::{Plan, encode, plan};

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

/// The most low bits that vectors take: with up to seven more, by which it is off, a
/// number lies in four bytes.
pub(crate) const UNPACK_MAX: u32 = 25;

/// The most bits of the rest of a quotient.
const REST_MAX: u32 = 6;

/// What stands for the rest's bits if there are no quotients.
const NO_QUOTIENTS: u32 = 7;

/// No block is read further than so many bytes: a head, the low bits, three times
/// a bit and once six, and what a vector reads too much.
const ROOM: usize = 1 + 16 * LOW_MAX as usize + 16 * (3 + REST_MAX as usize) + 79;

/// The bytes of the full block at the start of `bytes`, without decoding it.
#[inline]
pub(crate) fn skip(bytes: &[u8]) -> Result<usize, Lie> {
    skip_counted::<true>(bytes, BLOCK)
}

/// The same of a block of at most 128 numbers.
pub(crate) fn skip_few(bytes: &[u8], count: usize) -> Result<usize, Lie> {
    skip_counted::<false>(bytes, count.min(BLOCK))
}

#[inline]
fn skip_counted<const FULL: bool>(bytes: &[u8], count: usize) -> Result<usize, Lie> {
    with_room(bytes, |block| {
        let (low, rest) = head(block)?;
        let head = (low as usize, rest as usize);
        #[cfg(target_arch = "x86_64")]
        if avx2::is_there() {
            // SAFETY: the processor has what the function is compiled for.
            return end(bytes, unsafe { avx2::skip::<FULL>(block, head, count) });
        }
        end(bytes, length::<FULL>(block, head, count))
    })
}

/// The bits that a block of `count` numbers, or a full one, takes after the head.
#[inline(always)]
fn length<const FULL: bool>(
    block: &[u8; ROOM],
    (low, rest): (usize, usize),
    count: usize,
) -> usize {
    let mut count = if FULL { BLOCK } else { count };
    let mut at = count * low;
    if rest != NO_QUOTIENTS as usize {
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
    /// So many bits are enough for each of its numbers, as its head says: if these are
    /// few, no sum of them wrapped.
    pub(crate) width: u32,
}

/// Decodes the full block at the start of `bytes`, and adds `plus` to each
/// number. All sums wrap, here and below.
#[inline]
pub(crate) fn decode(bytes: &[u8], out: &mut [u32; BLOCK], plus: u32) -> Result<Decoded, Lie> {
    decode_block::<false, 0, true>(bytes, BLOCK, out, plus)
}

/// Decodes the full block at the start of `bytes` to the sums of its numbers so
/// far, themselves included, on top of `before`.
#[inline]
pub(crate) fn decode_sums(
    bytes: &[u8],
    out: &mut [u32; BLOCK],
    before: u32,
) -> Result<Decoded, Lie> {
    decode_block::<true, 0, true>(bytes, BLOCK, out, before)
}

/// Decodes the full block at the start of `bytes`, of [`gaps`], to the numbers
/// that these lead to from `start` on.
#[inline]
pub(crate) fn decode_gaps(
    bytes: &[u8],
    out: &mut [u32; BLOCK],
    start: u32,
) -> Result<Decoded, Lie> {
    decode_block::<true, 1, true>(bytes, BLOCK, out, start)
}

/// Decodes the block of `count` numbers, or a full one, at the start of `bytes`.
#[inline]
fn decode_block<const SUMS: bool, const STEP: u8, const FULL: bool>(
    bytes: &[u8],
    count: usize,
    out: &mut [u32; BLOCK],
    before: u32,
) -> Result<Decoded, Lie> {
    let (head, used) = with_room(bytes, |block| {
        let head = head(block)?;
        let used = decode_headed::<SUMS, STEP, FULL>(block, head, count, out, before);
        Ok((head, used))
    })?;
    Ok(Decoded {
        len: end(bytes, used)?,
        width: width(head),
    })
}

/// So many bits are enough for the numbers of a block with this head.
#[inline]
fn width((low, rest): (u32, u32)) -> u32 {
    match rest {
        NO_QUOTIENTS => low,
        // The greatest quotient.
        _ => low + (STEPS + (1 << rest) - 1).ilog2() + 1,
    }
}

/// Decodes a block of `count` numbers, or a full one, with this head, whatever its first
/// byte says; returns how many bits it took after the head. Past its numbers come others.
#[inline]
fn decode_headed<const SUMS: bool, const STEP: u8, const FULL: bool>(
    block: &[u8; ROOM],
    (low, rest): (u32, u32),
    count: usize,
    out: &mut [u32; BLOCK],
    before: u32,
) -> usize {
    let decode = with_vectors::<SUMS, STEP, FULL>;
    if let Some(used) = decode(block, (low, rest), count, out, before) {
        return used;
    }
    let (few, others) = out.split_at_mut(if FULL { BLOCK } else { count.min(BLOCK) });
    let used = portable::decode(block, low, rest, few);
    others.fill(0);
    match (SUMS, STEP) {
        (true, 0) => gaps::sum_up(out, before),
        (true, _) => gaps::add_up(out, before),
        (false, _) => portable::add(out, before),
    }
    used
}

/// The same by vectors; `None` if there are none, or the numbers are too long for
/// them.
#[inline(always)]
fn with_vectors<const SUMS: bool, const STEP: u8, const FULL: bool>(
    block: &[u8; ROOM],
    (low, rest): (u32, u32),
    count: usize,
    out: &mut [u32; BLOCK],
    before: u32,
) -> Option<usize> {
    let head = (low as usize, rest as usize);
    #[cfg(target_arch = "x86_64")]
    {
        if low <= low::LOW_MAX && avx512::is_there() {
            let decode = avx512::decode::<SUMS, STEP, FULL>;
            // SAFETY: the processor has what the function is compiled for.
            return Some(unsafe { decode(block, head, count, out, before) });
        }
        if low <= low::LOW_MAX && avx2::is_there() {
            let decode = avx2::decode::<SUMS, STEP, FULL>;
            // SAFETY: likewise.
            return Some(unsafe { decode(block, head, count, out, before) });
        }
    }
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    if low <= low::LOW_MAX {
        let decode = neon::decode::<SUMS, STEP, FULL>;
        // SAFETY: every such processor has what the function is compiled for.
        return Some(unsafe { decode(block, head, count, out, before) });
    }
    let _ = (block, head, count, out, before);
    None
}

/// Unpacks 128 numbers of at most [`UNPACK_MAX`] bits each, and adds `plus` to each: a
/// block of low bits alone, whose first byte, where another has its head, is passed over.
#[inline]
pub(crate) fn unpack(bytes: &[u8], width: u32, out: &mut [u32; BLOCK], plus: u32) {
    debug_assert!(width <= UNPACK_MAX);
    with_room(bytes, |block| {
        let head = (width.min(UNPACK_MAX), NO_QUOTIENTS);
        decode_headed::<false, 0, true>(block, head, BLOCK, out, plus);
    });
}

/// Decodes the block at the start of `bytes` that has as many numbers as there
/// is place, at most 128; returns how many bytes it took.
pub(crate) fn decode_few(bytes: &[u8], out: &mut [u32]) -> Result<usize, Lie> {
    debug_assert!(out.len() <= BLOCK);
    let mut full = [0; BLOCK];
    let count = out.len().min(BLOCK);
    let Decoded { len, .. } = decode_few_plus(bytes, count, &mut full, 0)?;
    out[..count].copy_from_slice(&full[..count]);
    Ok(len)
}

/// Decodes the block of `count` numbers, at most 128, at the start of `bytes`, and
/// adds `plus` to each. Behind these come others in `out`.
#[inline]
pub(crate) fn decode_few_plus(
    bytes: &[u8],
    count: usize,
    out: &mut [u32; BLOCK],
    plus: u32,
) -> Result<Decoded, Lie> {
    decode_block::<false, 0, false>(bytes, count, out, plus)
}

/// The same of [`gaps`], to the numbers that these lead to from `start` on.
#[inline]
pub(crate) fn decode_few_gaps(
    bytes: &[u8],
    count: usize,
    out: &mut [u32; BLOCK],
    start: u32,
) -> Result<Decoded, Lie> {
    decode_block::<true, 1, false>(bytes, count, out, start)
}
