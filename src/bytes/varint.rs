//! # Varints: small numbers in few bytes
//!
//! Idea        seven bits a byte, lowest first; the eighth says that more
//!             follow (LEB128)
//! Example     7 → `07`; 300 = 2·128 + 44 → `AC 02`
//! Cost        1 byte up to 127, 2 up to 16,383, at most 5 for a `u32` and 10
//!             for a `u64`. Up to four are written without a branch, since whether
//!             it is one or two can't be guessed
//! Where       wherever numbers come singly: how long a name of the dictionary is, or
//!             a stored text; and postings in memory, as long as they wait
//! Next        [`reader`](super::reader), which reads them back

/// Appends `value`.
#[inline]
pub(crate) fn write(out: &mut Vec<u8>, value: u64) {
    if value < 1 << 28 {
        let (bytes, len) = short(value as u32);
        let end = out.len() + len;
        out.extend_from_slice(&bytes);
        out.truncate(end);
    } else {
        write_long(out, value);
    }
}

#[cold]
fn write_long(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A number below 2²⁸ as bytes, and how many of these there are.
#[inline]
pub(crate) fn short(value: u32) -> ([u8; 4], usize) {
    let bits = u32::BITS - (value | 1).leading_zeros();
    // A byte for seven bits, rounded up.
    let len = (bits * 9 + 64) / 64;
    let spread = value & 0x7f
        | (value & 0x3f80) << 1
        | (value & 0x001f_c000) << 2
        | (value & 0x0fe0_0000) << 3;
    let more = 0x0080_8080 & ((1 << (8 * len - 8)) - 1);
    ((spread | more).to_le_bytes(), len as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_ways_write_what_the_long_one_does(bits in any::<u64>(), shift in 0u32..64) {
            let value = bits >> shift;
            let (mut found, mut expected) = (vec![7], vec![7]);
            write(&mut found, value);
            write_long(&mut expected, value);
            prop_assert_eq!(found, expected);
        }
    }
}
