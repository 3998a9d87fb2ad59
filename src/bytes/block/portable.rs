//! Encoding and decoding without vectors.

use super::{BLOCK, NO_QUOTIENTS, ROOM, STEPS};

/// At least 56 bits from bit `at` on.
#[inline(always)]
fn bits(block: &[u8; ROOM], at: usize) -> u64 {
    let bytes = block.get(at / 8..).and_then(|bytes| bytes.first_chunk());
    // No block is longer than the room without its padding.
    u64::from_le_bytes(*bytes.unwrap_or(&[0; 8])) >> (at % 8)
}

/// Decodes a block to as many numbers as there is place; returns how many bits it
/// took after the head.
pub(super) fn decode(block: &[u8; ROOM], low: u32, rest: u32, out: &mut [u32]) -> usize {
    let count = out.len().min(BLOCK);
    let out = &mut out[..count];
    unpack_low(block, low, out);
    let mut at = 8 + count * low as usize;
    if rest == NO_QUOTIENTS {
        return at - 8;
    }
    // The flags of each step, for the first 64 numbers and for the others.
    let mut counts = [count.min(64), count.saturating_sub(64)];
    let mut steps = [[0; 2]; STEPS as usize];
    for step in &mut steps {
        *step = [
            flags(block, at, counts[0]),
            flags(block, at + counts[0], counts[1]),
        ];
        at += counts[0] + counts[1];
        counts = step.map(|flags| flags.count_ones() as usize);
    }
    let [first, second, third] = steps;
    let (mut indices, mut kept) = ([0; BLOCK], 0);
    for (half, numbers) in out.chunks_mut(64).enumerate() {
        let (mut first, mut second, mut third) = (first[half], second[half], third[half]);
        for (index, number) in numbers.iter_mut().enumerate() {
            // Who has a flag takes one of the next step's: no branch to guess.
            let one = first & 1;
            let two = second & one;
            let three = third & two;
            first >>= 1;
            second >>= one;
            third >>= two;
            *number += ((one + two + three) as u32) << low;
            indices[kept % BLOCK] = (64 * half + index) as u8;
            kept += three as usize;
        }
    }
    let mask = (1 << rest) - 1;
    for index in &indices[..kept] {
        let quotient = (bits(block, at) & mask) as u32;
        let number = &mut out[usize::from(*index)];
        *number = number.wrapping_add(quotient << low);
        at += rest as usize;
    }
    at - 8
}

/// The low bits of the numbers of a block.
#[inline]
fn unpack_low(block: &[u8; ROOM], low: u32, out: &mut [u32]) {
    let mask = (1u64 << low) - 1;
    let (fours, rest) = match low {
        // The bits of four can be had at once.
        ..=14 => out.as_chunks_mut::<4>(),
        _ => (&mut [][..], out),
    };
    let mut at = 8;
    for four in fours {
        let word = bits(block, at);
        for (number, place) in four.iter_mut().zip(0..) {
            *number = (word >> (place * low) & mask) as u32;
        }
        at += 4 * low as usize;
    }
    for number in rest {
        *number = (bits(block, at) & mask) as u32;
        at += low as usize;
    }
}

/// The next flags, at most 64.
#[inline]
fn flags(block: &[u8; ROOM], at: usize, count: usize) -> u64 {
    let mask = u64::MAX.checked_shr(64 - count as u32).unwrap_or(0);
    super::word(block, at) & mask
}

/// Adds to each of the numbers; returns the bits that any of them had.
#[inline]
pub(super) fn add(out: &mut [u32; BLOCK], plus: u32) -> u32 {
    let mut bits = 0;
    for value in out {
        bits |= *value;
        *value = value.wrapping_add(plus);
    }
    bits
}

/// Of the first `count` quotients keeps those over `step`, in their order; returns
/// which these are, a bit each, and how many.
pub(super) fn keep(quotients: &mut [u32; BLOCK], count: usize, step: u32) -> ([u64; 2], usize) {
    let (mut flags, mut kept) = ([0; 2], 0);
    for index in 0..count.min(BLOCK) {
        let quotient = quotients[index];
        flags[index / 64] |= u64::from(quotient > step) << (index % 64);
        // Written always and kept if needed, as above.
        quotients[kept] = quotient;
        kept += usize::from(quotient > step);
    }
    (flags, kept)
}
