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

/// How many classes are at least the first two of three; and, `rest` times each, how
/// many are at least the third.
#[inline]
pub(super) fn weigh(classes: &[u8], least: [u8; STEPS as usize], rest: u8) -> usize {
    let [one, two, three] = least;
    let (mut steps, mut rests) = (0u16, 0u16);
    for class in classes {
        steps += u16::from(*class >= one) + u16::from(*class >= two);
        rests += u16::from(*class >= three);
    }
    usize::from(steps) + usize::from(rests) * usize::from(rest)
}

/// Which classes are at least this one, a bit each. No class has the highest bit.
pub(super) fn at_least(classes: &[u8], class: u8) -> [u64; 2] {
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    // Eight to a word: the highest bit of each byte is set by those that are.
    let less = HIGHEST - u64::from(class) * (HIGHEST >> 7);
    let mut flags = [0; 2];
    for (eight, index) in classes.as_chunks::<8>().0.iter().zip(0..) {
        let set = ((u64::from_le_bytes(*eight) + less) & HIGHEST) >> 7;
        // Moved side by side.
        let bits = set.wrapping_mul(0x0102_0408_1020_4080) >> 56;
        flags[index / 8] |= bits << (index % 8 * 8);
    }
    flags
}

/// The bits where `of` has one, side by side.
pub(super) fn extract(bits: u64, mut of: u64) -> u64 {
    let (mut extracted, mut count) = (0, 0);
    while of != 0 {
        extracted |= (bits >> of.trailing_zeros() & 1) << count;
        count += 1;
        of &= of - 1;
    }
    extracted
}
