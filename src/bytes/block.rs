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

/// How a block is encoded, and how long that is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    width: u32,
    /// Bytes.
    pub(crate) len: usize,
}

/// Appends a block as it was planned.
pub(crate) fn encode(values: &[u32; BLOCK], plan: Plan, out: &mut Vec<u8>) {
    let width = plan.width;
    let mut patched = [(0, 0); BLOCK];
    let (mut count, mut highest) = (0, 0);
    if width < 32 {
        for (index, &value) in (0..).zip(values) {
            let high = value >> width;
            // Written always and kept if needed: no branch to guess.
            patched[count] = (index, high);
            count += usize::from(high > 0);
            highest |= high;
        }
    }
    let patched = &patched[..count];
    let code = size_code(highest);
    out.push(width as u8);
    out.push(count as u8 | code << 6);
    pack(values, width, out);
    out.extend(patched.iter().map(|&(index, _): &(u8, u32)| index));
    for (_, high) in patched {
        out.extend_from_slice(&high.to_le_bytes()[..1 << code]);
    }
}

/// The smallest encoding, invariant (1).
pub(crate) fn plan(values: &[u32; BLOCK]) -> Plan {
    // How many of the values need each width; in four tables, since most
    // need the same, and a count would wait for itself.
    let mut counts = [[0u8; 33]; 4];
    let mut all = 0;
    for four in values.as_chunks::<4>().0 {
        for (value, counts) in four.iter().zip(&mut counts) {
            counts[width_of(*value) as usize] += 1;
            all |= value;
        }
    }
    let widest = width_of(all);
    let mut best = Plan {
        width: widest,
        len: 2 + packed_len(widest),
    };
    let mut patches = 0;
    for width in (0..widest).rev() {
        let over = |counts: &[u8; 33]| usize::from(counts[width as usize + 1]);
        patches += counts.iter().map(over).sum::<usize>();
        if patches > PATCHES_MAX {
            break;
        }
        let high = ((1u64 << (widest - width)) - 1) as u32;
        let len = 2 + packed_len(width) + patches * (1 + (1 << size_code(high)));
        if len <= best.len {
            best = Plan { width, len };
        }
    }
    best
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
    // A loop for each size: bytes that are put together in memory, to be read as
    // a word, would be waited for.
    let done = match size {
        1 => patch(
            indices,
            highs.iter().map(|high| u32::from(*high)),
            width,
            out,
        ),
        2 => {
            let highs = highs.as_chunks().0.iter();
            let highs = highs.map(|high| u32::from(u16::from_le_bytes(*high)));
            patch(indices, highs, width, out)
        }
        _ => {
            let highs = highs.as_chunks().0.iter();
            patch(
                indices,
                highs.map(|high| u32::from_le_bytes(*high)),
                width,
                out,
            )
        }
    };
    if !done {
        return Err(Lie("a patch lies outside its block"));
    }
    Ok(len + table.len())
}

/// Adds the high bits of some values; whether all of these are in the block.
#[inline(always)]
fn patch(
    indices: &[u8],
    highs: impl Iterator<Item = u32>,
    width: u32,
    out: &mut [u32; BLOCK],
) -> bool {
    let mut greatest = 0;
    for (&index, high) in indices.iter().zip(highs) {
        greatest |= index;
        out[usize::from(index) % BLOCK] |= high << width;
    }
    usize::from(greatest) < BLOCK
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
        encode(&values, plan(&values), &mut bytes);
        assert_eq!(bytes.len(), 21);
        assert_eq!((bytes[0], bytes[1]), (1, 1 | 1 << 6));
        assert_eq!(bytes[18..], [70, 0xf4, 0x01]);
    }

    /// The length of the smallest encoding there is.
    fn naive_len(values: &[u32; BLOCK]) -> usize {
        let len = |width: u32| {
            let high = |value: &u32| u64::from(*value) >> width;
            let patches = values.iter().filter(|value| high(value) > 0).count();
            let size = match values.iter().map(high).max()? {
                0..=0xff => 1,
                0x100..=0xffff => 2,
                _ => 4,
            };
            (patches <= PATCHES_MAX).then(|| 2 + packed_len(width) + patches * (1 + size))
        };
        (0..=32).filter_map(len).min().unwrap()
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
            encode(&values, plan(&values), &mut bytes);
            prop_assert_eq!(bytes.len(), plan(&values).len);
            prop_assert_eq!(bytes.len(), naive_len(&values));
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
