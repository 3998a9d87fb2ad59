//! # Portable: decoding and encoding without vectors
//!
//! Low bits    those of four numbers are had at once from a word
//! Quotients   of four numbers the flags of a step are four bits. A table says whose
//!             the next step's flags are, told of those who have this one
//! Example     quotients 2 1 0 4: at least 1 are all but the third, flags `1011` from
//!             the right; of these three the first and the last are at least 2, `101`.
//!             The table makes of both that the sums so far are 2 1 0 2, and that the
//!             next flags are about the first and the fourth number, `1001`
//! To encode   are only the last three functions
//! Next        `encode.rs`

use super::{BLOCK, NO_QUOTIENTS, ROOM, STEPS};

/// The word from byte `from` on.
#[inline(always)]
fn word_at(block: &[u8; ROOM], from: usize) -> u64 {
    let bytes = block.get(from..).and_then(|bytes| bytes.first_chunk());
    // No block is longer than the room without its padding.
    u64::from_le_bytes(*bytes.unwrap_or(&[0; 8]))
}

/// At least 56 bits from bit `at` on.
#[inline(always)]
fn bits(block: &[u8; ROOM], at: usize) -> u64 {
    word_at(block, at / 8) >> (at % 8)
}

/// What two steps make of four numbers.
#[derive(Clone, Copy)]
struct Two {
    /// How many of the two each has, a byte each.
    sums: u32,
    /// Which have the second, the lowest four bits, and how many.
    second: u8,
    count: u8,
}

/// By the flags of a step for four numbers (the upper four bits), and, told of those
/// alone that are set, the flags of the next (the lower four).
static TWO: [Two; 256] = {
    let mut table = [Two {
        sums: 0,
        second: 0,
        count: 0,
    }; 256];
    let mut index = 0;
    while index < 256 {
        let two = &mut table[index as usize];
        let (mut told, mut number) = (index, 0);
        while number < 4 {
            let first = index >> (4 + number) & 1;
            let second = first & told;
            two.sums += (first + second) << (8 * number);
            two.second |= (second << number) as u8;
            two.count += second as u8;
            told >>= first;
            number += 1;
        }
        index += 1;
    }
    table
};

/// How many of four bits are set. Not asked of [`TWO`], for which to wait takes
/// longer.
static SET: [u8; 16] = [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4];

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
    let mut quotients = [0; BLOCK];
    for (half, quotients) in quotients.as_chunks_mut::<64>().0.iter_mut().enumerate() {
        let mut last = spread([first[half], second[half], third[half]], quotients);
        let mask = (1 << rest) - 1;
        while last != 0 {
            quotients[last.trailing_zeros() as usize] += (bits(block, at) & mask) as u8;
            at += rest as usize;
            last &= last - 1;
        }
    }
    for (number, quotient) in out.iter_mut().zip(quotients) {
        *number = number.wrapping_add(u32::from(quotient) << low);
    }
    at - 8
}

/// To each quotient how many of the steps it has; returns who has the last.
#[inline(always)]
fn spread(steps: [u64; STEPS as usize], quotients: &mut [u8; 64]) -> u64 {
    let [mut first, mut second, mut third] = steps;
    let mut last = 0;
    for four in quotients.as_chunks_mut::<4>().0 {
        let two = &TWO[((first & 15) << 4 | second & 15) as usize];
        let three = &TWO[usize::from(two.second) << 4 | (third & 15) as usize];
        // That has the second step in it, again.
        let thirds = three.sums - (two.sums >> 1 & 0x0101_0101);
        *four = (two.sums + thirds).to_le_bytes();
        last = last >> 4 | u64::from(three.second) << 60;
        // Who has one takes one of the next.
        second >>= SET[(first & 15) as usize];
        third >>= two.count;
        first >>= 4;
    }
    last
}

/// The low bits of the numbers of a block.
#[inline]
fn unpack_low(block: &[u8; ROOM], low: u32, out: &mut [u32]) {
    let (eights, rest) = out.as_chunks_mut::<8>();
    let from = 1 + eights.len() * low as usize;
    match EIGHTS.get(low as usize) {
        Some(unpack) => unpack(block, eights),
        None => unpack_each(block, 1, low, eights.as_flattened_mut()),
    }
    unpack_each(block, from, low, rest);
}

/// The same one by one, of whatever width.
fn unpack_each(block: &[u8; ROOM], from: usize, low: u32, numbers: &mut [u32]) {
    for (number, at) in numbers
        .iter_mut()
        .zip((8 * from..).step_by(low.max(1) as usize))
    {
        *number = (bits(block, at) & ((1 << low) - 1)) as u32;
    }
}

/// Unpacks the low bits of numbers, eight at a time.
type Unpack = fn(&[u8; ROOM], &mut [[u32; 8]]);

/// One for each width: where it isn't known how far to shift, a shift takes x86
/// three steps.
static EIGHTS: [Unpack; 17] = [
    unpack_eights::<0>,
    unpack_eights::<1>,
    unpack_eights::<2>,
    unpack_eights::<3>,
    unpack_eights::<4>,
    unpack_eights::<5>,
    unpack_eights::<6>,
    unpack_eights::<7>,
    unpack_eights::<8>,
    unpack_eights::<9>,
    unpack_eights::<10>,
    unpack_eights::<11>,
    unpack_eights::<12>,
    unpack_eights::<13>,
    unpack_eights::<14>,
    unpack_eights::<15>,
    unpack_eights::<16>,
];

fn unpack_eights<const LOW: usize>(block: &[u8; ROOM], eights: &mut [[u32; 8]]) {
    for (eight, index) in eights.iter_mut().zip(0..) {
        let from = 1 + index * LOW;
        // Four lie in a word, be it from half a byte on.
        let words = [
            word_at(block, from),
            word_at(block, from + LOW / 2) >> (LOW % 2 * 4),
        ];
        for (number, place) in eight.iter_mut().zip(0..) {
            *number = (words[place / 4] >> (place % 4 * LOW) & ((1 << LOW) - 1)) as u32;
        }
    }
}

/// The next flags, at most 64.
#[inline]
fn flags(block: &[u8; ROOM], at: usize, count: usize) -> u64 {
    let mask = u64::MAX.checked_shr(64 - count as u32).unwrap_or(0);
    super::word(block, at) & mask
}

/// Adds to each of the numbers.
#[inline]
pub(super) fn add(out: &mut [u32; BLOCK], plus: u32) {
    for value in out {
        *value = value.wrapping_add(plus);
    }
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
