//! # Dense blocks: bitmaps to document numbers and back, and runs without a gap
//!
//! Idea        where most documents have the term, a bit for each is the shortest list;
//!             and if the 128 of a block fill all that lies between the block before
//!             and its last document, that alone says all
//! Example     the block before ends with 99, this one's last is 227: 100, 101 … 227,
//!             and nothing is decoded
//! Next        `encoder.rs`

use super::{BLOCK, PostingList};
use crate::bytes::Lie;
use crate::bytes::bits::expand_bits;

impl PostingList<'_> {
    /// The first document of a full block whose documents follow one another
    /// without a gap, from the first that it can have: that there is no room for
    /// any other is all that it takes to know.
    #[inline]
    #[must_use]
    pub fn run(&self, block: usize) -> Option<u32> {
        let first = self.start(block)?;
        let last = self.lasts.get(block)?;
        let is_run = last.wrapping_sub(first) == BLOCK as u32 - 1 && last < self.documents;
        is_run.then_some(first)
    }

    /// The first word of a block that is a bitmap and how many there are.
    #[inline]
    pub(super) fn bitmap_words(&self, block: usize) -> Option<(u32, usize)> {
        let first = self.start(block)? / 64;
        let last = self.lasts.get(block)? / 64;
        Some((first, (last.checked_sub(first)? + 1) as usize))
    }
}

/// Writes the documents of a bitmap, whose words begin with that of `start`;
/// there must be 128, the last of them `last`, none before `start`.
#[inline]
pub(super) fn expand(
    words: &[u8],
    start: u32,
    last: u32,
    out: &mut [u32; BLOCK],
) -> Result<(), Lie> {
    if !expand_bits(words, start & !63, out) {
        return Err(Lie("a bitmap has too many documents, or too few"));
    }
    if out[0] < start || out[BLOCK - 1] != last {
        return Err(Lie("a bitmap has other documents than its block"));
    }
    Ok(())
}
