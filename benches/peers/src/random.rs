//! # Random: numbers that look drawn and come out the same every time
//!
//! Idea        SplitMix64: a counter, stirred
//! Invariants  the same seed gives the same numbers on every machine
//! Paper       Steele, Lea and Flood 2014: fast splittable generators
//! Next        [`crate::grow`] and [`crate::queries`], which draw

/// A sequence of numbers.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// From 0 to `end` - 1; 0 if `end` is.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }
}
