//! Dense blocks: bitmaps to document numbers and back, and runs without a gap.

use super::{BLOCK, PostingList};
use crate::bytes::Lie;

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

/// For each byte the places of its bits, ascending.
static PLACES: [[u32; 8]; 256] = {
    let mut places = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut count, mut bit) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                places[byte][count] = bit;
                count += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    places
};

/// For each byte how many bits it has.
static COUNTS: [u8; 256] = {
    let mut counts = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        counts[byte] = (byte as u8).count_ones() as u8;
        byte += 1;
    }
    counts
};

/// Writes the documents of a bitmap, whose words begin with that of `start`;
/// there must be 128, the last of them `last`, none before `start`.
///
/// Eight documents are written for each byte, of which the next byte's
/// overwrite those that aren't there: a loop over the bits would end where the
/// processor doesn't expect it.
#[inline]
pub(super) fn expand(
    words: &[u8],
    start: u32,
    last: u32,
    out: &mut [u32; BLOCK],
) -> Result<(), Lie> {
    const MANY: Lie = Lie("a bitmap has too many documents");
    let mut room = [0; BLOCK + 8];
    let mut base = start & !63;
    let mut count = 0;
    for &byte in words {
        let slots = room[count..].first_chunk_mut::<8>().ok_or(MANY)?;
        for (slot, place) in slots.iter_mut().zip(PLACES[usize::from(byte)]) {
            *slot = base.wrapping_add(place);
        }
        count += usize::from(COUNTS[usize::from(byte)]);
        if count > BLOCK {
            return Err(MANY);
        }
        base = base.wrapping_add(8);
    }
    if count != BLOCK || room[0] < start || room[BLOCK - 1] != last {
        return Err(Lie("a bitmap has other documents than its block"));
    }
    out.copy_from_slice(&room[..BLOCK]);
    Ok(())
}
