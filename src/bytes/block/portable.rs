//! Encoding and decoding without vectors.

use super::{BLOCK, NO_QUOTIENTS, ROOM, STEPS};

/// For each byte the places of its bits, ascending, a byte each; and how many.
static PLACES: [(u64, u8); 256] = {
    let mut places = [(0, 0); 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut count, mut bit) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                places[byte].0 |= bit << (8 * count);
                count += 1;
            }
            bit += 1;
        }
        places[byte].1 = count;
        byte += 1;
    }
    places
};

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
    let mask = |bits: u32| (1u64 << bits) - 1;
    let mut at = 8;
    for value in &mut *out {
        *value = (bits(block, at) & mask(low)) as u32;
        at += low as usize;
    }
    if rest == NO_QUOTIENTS {
        return at - 8;
    }
    // The numbers whose quotient is at least 1: for each byte of flags eight are
    // written, of which the next byte's overwrite those that aren't there.
    let (all, mut count) = (out.len().min(BLOCK), 0);
    let mut indices = [0; BLOCK + 8];
    for from in (0..all).step_by(8) {
        let some = mask((all - from).min(8) as u32);
        let (places, more) = PLACES[(bits(block, at + from) & some) as usize];
        let places = places + 0x0101_0101_0101_0101 * from as u64;
        // As many as numbers before, and so at most 128.
        if let Some(slots) = indices[count..].first_chunk_mut::<8>() {
            *slots = places.to_le_bytes();
        }
        count += usize::from(more);
    }
    at += all;
    for index in &indices[..count] {
        out[usize::from(*index)] += 1 << low;
    }
    for _ in 1..STEPS {
        let (all, mut flags) = (count, 0);
        count = 0;
        for place in 0..all {
            if place % 32 == 0 {
                flags = bits(block, at + place);
            }
            let (index, flag) = (indices[place], flags as u32 & 1);
            flags >>= 1;
            out[usize::from(index)] += flag << low;
            // Written always and kept if needed: no branch to guess.
            indices[count] = index;
            count += flag as usize;
        }
        at += all;
    }
    for index in &indices[..count] {
        let quotient = (bits(block, at) & mask(rest)) as u32;
        let value = &mut out[usize::from(*index)];
        *value = value.wrapping_add(quotient << low);
        at += rest as usize;
    }
    at - 8
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
