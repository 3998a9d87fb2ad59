//! Where the low bits of eight numbers lie, for vectors of 128 and 256 bits: a table
//! for each k says which bytes to put where, and how far to shift them.

/// The most low bits: with up to seven more, by which it is off, a number lies in
/// four bytes.
pub(super) const LOW_MAX: u32 = 25;

/// Where eight numbers lie in their bytes: the second four begin in the middle,
/// which may be that of a byte.
pub(super) struct Low {
    /// Four for each.
    pub(super) bytes: [u8; 32],
    /// How far these are to be shifted: of each the first of four.
    pub(super) shifts: [u8; 32],
}

pub(super) static LOW: [Low; LOW_MAX as usize + 1] = {
    const NONE: Low = Low {
        bytes: [0; 32],
        shifts: [0; 32],
    };
    let mut table = [NONE; LOW_MAX as usize + 1];
    let mut low = 0;
    while low < table.len() {
        let mut byte = 0;
        while byte < 32 {
            let bit = byte / 4 * low - byte / 16 * (low / 2 * 8);
            table[low].bytes[byte] = (bit / 8 + byte % 4) as u8;
            if byte % 4 == 0 {
                table[low].shifts[byte] = (bit % 8) as u8;
            }
            byte += 1;
        }
        low += 1;
    }
    table
};
