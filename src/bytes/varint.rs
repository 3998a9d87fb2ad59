//! # Varints: small numbers in few bytes
//!
//! Idea        seven bits a byte, lowest first; the eighth says that more
//!             follow (LEB128)
//! Example     7 → `07`; 300 = 2·128 + 44 → `AC 02`
//! Cost        1 byte up to 127, 2 up to 16,383, at most 5 for a `u32` and 10
//!             for a `u64`; a branch per byte
//! Where       wherever numbers come singly: term metadata, and the last,
//!             partial block of a posting list

/// Appends `value`.
#[inline]
pub(crate) fn write(out: &mut Vec<u8>, value: impl Into<u64>) {
    let mut value = value.into();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
