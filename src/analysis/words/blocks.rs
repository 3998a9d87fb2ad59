//! # Blocks: 64 bytes of text as two bitmaps
//!
//! Idea        a word ends where it ends: a loop over its bytes guesses wrong
//!             once a word, and that costs more than all else. A bitmap of the
//!             core bytes of a block needs no guess, and the end of a word is the
//!             number of trailing ones
//! Example     `it is.` → `011011`, read from the right
//! Cost        the comparisons become vector instructions; eight flags become
//!             eight bits by one multiplication
//! Invariants  what is looked for never lies before what was looked for earlier,
//!             so that each block is read once
//! Next        [`super`], which knows what to look for

const BLOCK: usize = 64;

/// A text, and the bitmaps of one block of it.
pub(super) struct Blocks<'t> {
    bytes: &'t [u8],
    /// Where the block begins that the bitmaps are of.
    start: usize,
    /// Letters, digits and `_`.
    core: u64,
    /// What isn't ASCII.
    high: u64,
}

impl<'t> Blocks<'t> {
    pub(super) fn new(bytes: &'t [u8]) -> Self {
        let (core, high) = bitmaps(bytes);
        Self {
            bytes,
            start: 0,
            core,
            high,
        }
    }

    /// The first byte from `at` on that is core, or not ASCII; else the end.
    #[inline]
    pub(super) fn next_word(&mut self, mut at: usize) -> usize {
        while at < self.bytes.len() {
            let offset = self.load(at);
            let found = (self.core | self.high) >> offset;
            if found != 0 {
                return at + found.trailing_zeros() as usize;
            }
            at = self.start + BLOCK;
        }
        self.bytes.len()
    }

    /// The first byte from `at` on that is not core.
    #[inline]
    pub(super) fn core_end(&mut self, mut at: usize) -> usize {
        while at < self.bytes.len() {
            let offset = self.load(at);
            let found = !self.core >> offset;
            if found != 0 {
                return at + found.trailing_zeros() as usize;
            }
            at = self.start + BLOCK;
        }
        self.bytes.len()
    }

    /// Goes to the block with `at` in it; where in it that is.
    #[inline]
    fn load(&mut self, at: usize) -> usize {
        let offset = at % BLOCK;
        if at - offset != self.start {
            self.start = at - offset;
            (self.core, self.high) = bitmaps(&self.bytes[self.start..]);
        }
        offset
    }
}

/// The bitmaps of the first block of `bytes`; beyond the end all is zero.
#[inline]
fn bitmaps(bytes: &[u8]) -> (u64, u64) {
    match bytes.first_chunk() {
        Some(block) => full_bitmaps(block),
        None => {
            let mut block = [0; BLOCK];
            block[..bytes.len()].copy_from_slice(bytes);
            full_bitmaps(&block)
        }
    }
}

fn full_bitmaps(block: &[u8; BLOCK]) -> (u64, u64) {
    let mut core = [0; BLOCK];
    let mut high = [0; BLOCK];
    for ((&byte, core), high) in block.iter().zip(&mut core).zip(&mut high) {
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let is_digit = byte.wrapping_sub(b'0') < 10;
        *core = u8::from(is_letter) | u8::from(is_digit) | u8::from(byte == b'_');
        *high = byte >> 7;
    }
    (bits(&core), bits(&high))
}

/// 64 flags, each 0 or 1, as bits.
fn bits(flags: &[u8; BLOCK]) -> u64 {
    let mut bits = 0;
    for (eight, shift) in flags.as_chunks().0.iter().zip((0..BLOCK).step_by(8)) {
        // The multiplication adds the flag of byte n, shifted, into bit 56 + n;
        // no two of the sixty-four products meet below or carry.
        let eight = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= eight << shift;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_at_each_place_and_length() {
        for byte in 0..=255_u8 {
            for place in 0..BLOCK {
                let mut bytes = [b' '; BLOCK];
                bytes[place] = byte;
                let is_core = byte.is_ascii_alphanumeric() || byte == b'_';
                let expected = (u64::from(is_core) << place, u64::from(byte >= 128) << place);
                assert_eq!(bitmaps(&bytes), expected);
                assert_eq!(bitmaps(&bytes[..=place]), expected);
            }
        }
        assert_eq!(bitmaps(&[b'x'; BLOCK]), (u64::MAX, 0));
        assert_eq!(bitmaps(&[255; BLOCK]), (0, u64::MAX));
    }
}
