//! # Low bits: where those of some numbers lie, in tables
//!
//! Idea        a vector's lanes are filled by moving bytes and then shifting. For each k
//!             a table says which bytes go where, and how far each lane is shifted; the
//!             vectors have 128, 256 or 512 bits
//! Next        `avx2.rs`

pub(super) use super::UNPACK_MAX as LOW_MAX;

/// Where numbers lie in their bytes.
pub(super) struct Low<const N: usize> {
    /// Four for each.
    pub(super) bytes: [u8; N],
    /// How far these are to be shifted: of each the first of four.
    pub(super) shifts: [u8; N],
}

/// For eight numbers: the second four are loaded apart, from the byte in which they
/// begin.
pub(super) static EIGHT: [Low<32>; LOW_MAX as usize + 1] = tables(4);

/// For eight, loaded together. A number's four bytes may go on past the sixteen that there
/// are, but its low bits don't.
#[cfg(target_arch = "x86_64")]
pub(super) static EIGHT_TOGETHER: [Low<32>; TOGETHER_MAX + 1] = tables(8);

/// The most low bits of which eight are in sixteen bytes.
#[cfg(target_arch = "x86_64")]
pub(super) const TOGETHER_MAX: usize = 16;

/// For sixteen, loaded together.
#[cfg(target_arch = "x86_64")]
pub(super) static SIXTEEN: [Low<64>; LOW_MAX as usize + 1] = tables(16);

/// A table for each k, for numbers of which `together` are loaded at once.
const fn tables<const N: usize, const COUNT: usize>(together: usize) -> [Low<N>; COUNT] {
    let mut table = [const {
        Low {
            bytes: [0; N],
            shifts: [0; N],
        }
    }; COUNT];
    let mut low = 0;
    while low < table.len() {
        let mut byte = 0;
        while byte < N {
            let number = byte / 4;
            // From the whole byte in which those begin that are loaded together.
            let first = number / together * together * low / 8 * 8;
            let bit = number * low - first;
            table[low].bytes[byte] = (bit / 8 + byte % 4) as u8;
            if byte % 4 == 0 {
                table[low].shifts[byte] = (bit % 8) as u8;
            }
            byte += 1;
        }
        low += 1;
    }
    table
}
