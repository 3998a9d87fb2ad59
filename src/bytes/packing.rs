//! # Packing: 128 integers of one width
//!
//! Idea        if the largest of 128 numbers needs `w` bits, keep `w` bits of
//!             each: `16·w` bytes in all
//! Example     w = 3: the numbers 0 to 4 and 124 to 127 lie so
//!
//! ```text
//!           lane 0           lane 1         lane 2         lane 3
//! row  0    value 0          value 1        value 2        value 3
//! row  1    value 4          value 5        …
//! …
//! row 31    value 124        …                             value 127
//!
//! each lane is a stream of 32·w bits, lowest bits first, cut into w words
//! of 32 bits; the words of the four lanes alternate:
//!     | word 0 of lane 0..4 | word 1 of lane 0..4 | … | word w-1 |
//! ```
//!
//! Why lanes   in every row the four values sit at the same bit of their four
//!             words, so one shift and one mask of a 128-bit register unpack
//!             all four. The width is a compile-time constant in each of the
//!             33 copies, so the loop has no branch; the compiler turns it
//!             into vector instructions on every machine, without `unsafe`
//! Paper       Lemire and Boytsov 2015, §3.1 ("vertical" layout)

/// Integers in a block.
pub(crate) const BLOCK: usize = 128;

/// Integers that are unpacked together.
const LANES: usize = 4;

/// Bytes that a block of the given width takes.
pub(crate) const fn packed_len(width: u32) -> usize {
    width as usize * BLOCK / 8
}

/// The bits that `value` needs.
pub(crate) const fn width_of(value: u32) -> u32 {
    32 - value.leading_zeros()
}

/// Appends the low `width` bits of every value.
pub(crate) fn pack(values: &[u32; BLOCK], width: u32, out: &mut Vec<u8>) {
    debug_assert!(width <= 32);
    let mut words = [[0u32; LANES]; 33];
    let mask = ((1u64 << width) - 1) as u32;
    for (row, lanes) in values.as_chunks::<LANES>().0.iter().enumerate() {
        let bit = row * width as usize;
        let (word, shift) = (bit / 32, bit % 32);
        for (lane, value) in lanes.iter().enumerate() {
            let spread = u64::from(value & mask) << shift;
            words[word][lane] |= spread as u32;
            words[word + 1][lane] |= (spread >> 32) as u32;
        }
    }
    for word in &words[..width as usize] {
        for lane in word {
            out.extend_from_slice(&lane.to_le_bytes());
        }
    }
}

/// Unpacks a block of the given width from the start of `bytes`; `false` if
/// the width is over 32 or the bytes are too few.
#[inline]
pub(crate) fn unpack(bytes: &[u8], width: u32, out: &mut [u32; BLOCK]) -> bool {
    match UNPACK.get(width as usize) {
        Some(unpack) if bytes.len() >= packed_len(width) => {
            unpack(bytes, out);
            true
        }
        _ => false,
    }
}

type Unpack = fn(&[u8], &mut [u32; BLOCK]);

macro_rules! widths {
    ($($width:literal)*) => { [$(unpack_width::<$width>),*] };
}

/// One copy of the loop for each width.
static UNPACK: [Unpack; 33] = widths!(
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
);

fn unpack_width<const WIDTH: usize>(bytes: &[u8], out: &mut [u32; BLOCK]) {
    // The one bounds check of the block; all indices below are constants.
    let (words, _) = bytes.as_chunks::<{ 4 * LANES }>();
    let (Some(words), (rows, _)) = (words.first_chunk(), out.as_chunks_mut::<LANES>()) else {
        return;
    };
    macro_rules! rows {
        ($($row:literal)*) => { $(unpack_row::<WIDTH, $row>(words, &mut rows[$row]);)* };
    }
    rows!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
}

/// Unpacks one row. Row and width are constants, hence word and shift are too:
/// with a loop over rows the shifts became variables, and that took six times
/// as long.
#[inline(always)]
fn unpack_row<const WIDTH: usize, const ROW: usize>(
    words: &[[u8; 4 * LANES]; WIDTH],
    values: &mut [u32; LANES],
) {
    let mask = ((1u64 << WIDTH) - 1) as u32;
    let bit = ROW * WIDTH;
    let (word, shift) = (bit / 32, bit % 32);
    if WIDTH == 0 {
        *values = [0; LANES];
        return;
    }
    let low = lanes(&words[word]);
    if shift + WIDTH <= 32 {
        for lane in 0..LANES {
            values[lane] = (low[lane] >> shift) & mask;
        }
    } else {
        let high = lanes(&words[word + 1]);
        for lane in 0..LANES {
            values[lane] = ((low[lane] >> shift) | (high[lane] << (32 - shift))) & mask;
        }
    }
}

#[inline(always)]
fn lanes(bytes: &[u8; 4 * LANES]) -> [u32; LANES] {
    let mut lanes = [0; LANES];
    for (lane, bytes) in lanes.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *lane = u32::from_le_bytes(*bytes);
    }
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_drawing_is_true() {
        let mut values = [0u32; BLOCK];
        values[..8].copy_from_slice(&[1, 2, 3, 4, 5, 6, 7, 0]);
        let mut bytes = Vec::new();
        pack(&values, 3, &mut bytes);
        assert_eq!(bytes.len(), 48);
        // Lane 0 holds value 0 = 1 and, three bits up, value 4 = 5.
        assert_eq!(bytes[0], 1 | 5 << 3);
        // Lane 1 starts four bytes further: values 1 = 2 and 5 = 6.
        assert_eq!(bytes[4], 2 | 6 << 3);
    }

    proptest! {
        #[test]
        fn blocks_come_back(width in 0u32..=32, seed in prop::collection::vec(any::<u32>(), BLOCK)) {
            let mask = ((1u64 << width) - 1) as u32;
            let mut values = [0; BLOCK];
            for (value, seed) in values.iter_mut().zip(&seed) {
                *value = seed & mask;
            }
            let mut bytes = Vec::new();
            pack(&values, width, &mut bytes);
            prop_assert_eq!(bytes.len(), packed_len(width));
            let mut out = [0; BLOCK];
            prop_assert!(unpack(&bytes, width, &mut out));
            prop_assert_eq!(out, values);
            if width > 0 {
                prop_assert!(!unpack(&bytes[1..], width, &mut out));
            }
        }
    }

    #[test]
    fn no_width_over_32() {
        assert!(!unpack(&[0; 1000], 33, &mut [0; BLOCK]));
    }
}
