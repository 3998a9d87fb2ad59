//! # Patched blocks: 128 integers of nearly one width
//!
//! Idea        one large number among 128 small ones would force its width on
//!             all. So pack them at a width that most fit, and *patch* the
//!             few that don't: their index and the bits that were cut off
//! Bytes
//!
//! ```text
//! | width u8 | patches u8 | packed: 16·width bytes | index u8 … | high bits … |
//!              low 6 bits: how many                  a patch      a patch
//!              high 2 bits: c, where one patch's
//!              high bits take 2^c bytes (c ≤ 2)
//! ```
//!
//! Example     127 ones and a 1000: width 1, one patch (index, 1000 >> 1 =
//!             500 in two bytes): 2 + 16 + 1 + 2 = 21 bytes instead of 162
//! Invariants  (1) the width is the one that makes the block smallest; the
//!             narrower of two that tie
//!             (2) width ≤ 32; with width 32 there is no patch
//! Cost        unpacking as in [`packing`](super::packing); then a few
//!             instructions a patch
//! Paper       Zukowski et al., "Super-scalar RAM-CPU cache compression",
//!             2006; Lemire and Boytsov 2015, §4

use super::packing::{BLOCK, pack, packed_len, unpack, width_of};
use super::reader::{ENDS_EARLY, Lie};

/// The most patches that a block can have.
const PATCHES_MAX: usize = 63;

/// Appends a block.
pub(crate) fn encode(values: &[u32; BLOCK], out: &mut Vec<u8>) {
    let width = best_width(values);
    let patched: Vec<usize> = (0..BLOCK)
        .filter(|&i| width_of(values[i]) > width)
        .collect();
    let high = |i: usize| values[i] >> width;
    let code = size_code(patched.iter().map(|&i| high(i)).max().unwrap_or(0));
    out.push(width as u8);
    out.push(patched.len() as u8 | code << 6);
    pack(values, width, out);
    out.extend(patched.iter().map(|&i| i as u8));
    for &i in &patched {
        out.extend_from_slice(&high(i).to_le_bytes()[..1 << code]);
    }
}

/// Bytes that [`encode`] would take for `values`.
pub(crate) fn encoded_len(values: &[u32; BLOCK]) -> usize {
    let counts = width_counts(values);
    cost(&counts, best_width(values)).unwrap_or(0)
}

/// The width of the smallest encoding, invariant (1).
fn best_width(values: &[u32; BLOCK]) -> u32 {
    let counts = width_counts(values);
    (0..=32)
        .filter_map(|width| cost(&counts, width).map(|cost| (cost, width)))
        .min()
        .map_or(32, |(_, width)| width)
}

/// How many of the values need each width.
fn width_counts(values: &[u32; BLOCK]) -> [usize; 33] {
    let mut counts = [0; 33];
    for &value in values {
        counts[width_of(value) as usize] += 1;
    }
    counts
}

/// Bytes at `width`, or `None` if it would need too many patches.
fn cost(counts: &[usize; 33], width: u32) -> Option<usize> {
    let over = &counts[width as usize + 1..];
    let patches: usize = over.iter().sum();
    let widest = over.iter().rposition(|&count| count > 0);
    let high_bits = widest.map_or(0, |index| index + 1);
    let size = 1 << size_code(((1u64 << high_bits) - 1) as u32);
    (patches <= PATCHES_MAX).then(|| 2 + packed_len(width) + patches * (1 + size))
}

/// The `c` of the drawing for high bits up to `high`.
fn size_code(high: u32) -> u8 {
    match high {
        0..=0xff => 0,
        0x100..=0xffff => 1,
        _ => 2,
    }
}

/// The bytes of the block at the start of `bytes`, without decoding it.
#[inline]
pub(crate) fn skip(bytes: &[u8]) -> Result<usize, Lie> {
    let &[width, patches, ..] = bytes else {
        return Err(ENDS_EARLY);
    };
    let len =
        2 + packed_len(u32::from(width)) + usize::from(patches & 63) * (1 + size_of_patch(patches));
    if bytes.len() < len {
        return Err(ENDS_EARLY);
    }
    Ok(len)
}

#[inline]
fn size_of_patch(patches: u8) -> usize {
    1 << (patches >> 6)
}

/// An upper bound on the bits of every number in the block at the start of
/// `bytes`.
#[inline]
pub(crate) fn bits_max(bytes: &[u8]) -> u32 {
    match bytes {
        [width, 0, ..] => u32::from(*width),
        [width, patches, ..] => u32::from(*width) + 8 * size_of_patch(*patches) as u32,
        _ => u32::BITS,
    }
}

/// Decodes the block at the start of `bytes`; returns how many it took.
#[inline]
pub(crate) fn decode(bytes: &[u8], out: &mut [u32; BLOCK]) -> Result<usize, Lie> {
    let &[width, patches, ref packed @ ..] = bytes else {
        return Err(ENDS_EARLY);
    };
    let width = u32::from(width);
    if !unpack(packed, width, out) {
        return Err(Lie("a block is shorter than its width says"));
    }
    let len = 2 + packed_len(width);
    if patches == 0 {
        return Ok(len);
    }
    let count = usize::from(patches & 63);
    let size = size_of_patch(patches);
    if width >= 32 || size > 4 {
        return Err(Lie("a block is patched where it cannot be"));
    }
    let table = bytes[len..].get(..count * (1 + size)).ok_or(ENDS_EARLY)?;
    let (indices, highs) = table.split_at(count);
    for (&index, high) in indices.iter().zip(highs.chunks_exact(size)) {
        let mut word = [0; 4];
        word[..size].copy_from_slice(high);
        let Some(value) = out.get_mut(usize::from(index)) else {
            return Err(Lie("a patch lies outside its block"));
        };
        *value |= u32::from_le_bytes(word) << width;
    }
    Ok(len + table.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_is_true() {
        let mut values = [1; BLOCK];
        values[70] = 1000;
        let mut bytes = Vec::new();
        encode(&values, &mut bytes);
        assert_eq!(bytes.len(), 21);
        assert_eq!((bytes[0], bytes[1]), (1, 1 | 1 << 6));
        assert_eq!(bytes[18..], [70, 0xf4, 0x01]);
    }

    proptest! {
        #[test]
        fn blocks_come_back(
            shifts in prop::collection::vec(0u32..32, BLOCK),
            seeds in prop::collection::vec(any::<u32>(), BLOCK),
            common in 0u32..32,
            outliers in 0usize..BLOCK,
        ) {
            let mut values = [0; BLOCK];
            for i in 0..BLOCK {
                let shift = if i < outliers { shifts[i] } else { common };
                values[i] = seeds[i] >> shift;
            }
            let mut bytes = Vec::new();
            encode(&values, &mut bytes);
            prop_assert_eq!(bytes.len(), encoded_len(&values));
            prop_assert_eq!(skip(&bytes), Ok(bytes.len()));
            prop_assert!(values.iter().all(|value| width_of(*value) <= bits_max(&bytes)));
            let mut out = [0; BLOCK];
            prop_assert_eq!(decode(&bytes, &mut out), Ok(bytes.len()));
            prop_assert_eq!(out, values);
            for len in 0..bytes.len() {
                prop_assert!(decode(&bytes[..len], &mut out).is_err());
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let mut out = [0; BLOCK];
            if let Ok(len) = decode(&bytes, &mut out) {
                prop_assert!(len <= bytes.len());
                prop_assert_eq!(skip(&bytes), Ok(len));
            }
        }
    }
}
