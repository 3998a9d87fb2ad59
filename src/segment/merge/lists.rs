//! # Joining lists: the postings of a term, one input's after the other's
//!
//! Idea        documents of a later input come later, so lists are joined by pushing
//!             what is live of each, under its new number. Positions are distances
//!             within a document, and so the same wherever it stands: runs of them are
//!             copied
//! Cost        the blocks decoded and encoded anew; of a list with a single posting,
//!             and most are that, nothing is decoded
//! Next        `long_list.rs`

use super::inputs::RELEASE_BLOCKS;
use super::terms::Source;
use crate::error::Result;
use crate::segment::Yardstick;
use crate::segment::dictionary::TermEntry;
use crate::segment::positions::PositionReader;
use crate::segment::posting_list::{BLOCK_LEN, ListEncoder};
use crate::segment::writer::too_long;
use std::ops::Range;

/// Joins the posting lists of one term after the other.
pub(super) struct ListMerger<'a> {
    pub(super) yardstick: Option<&'a Yardstick>,
    pub(super) encoder: ListEncoder<'a>,
    /// Whether the list being joined has any posting.
    pub(super) any: bool,
    documents: [u32; BLOCK_LEN],
    frequencies: [u32; BLOCK_LEN],
    steps: [u32; BLOCK_LEN],
}

impl<'a> ListMerger<'a> {
    pub(super) fn new(yardstick: Option<&'a Yardstick>) -> Self {
        Self {
            yardstick,
            encoder: ListEncoder::new(yardstick),
            any: false,
            documents: [0; BLOCK_LEN],
            frequencies: [1; BLOCK_LEN],
            steps: [0; BLOCK_LEN],
        }
    }

    /// The live postings of a source's term.
    pub(super) fn append(&mut self, source: &Source, entry: &TermEntry) -> Result<()> {
        let list = source.inverted.postings(entry)?;
        if let Some((document, position)) = list.single() {
            // Most terms of most segments: nothing to decode.
            return self.append_single(source, document, position);
        }
        let Self {
            encoder,
            any,
            documents,
            frequencies,
            steps,
            ..
        } = self;
        if let Some(count) = list.decode_short(documents, frequencies, steps)? {
            let postings = documents[..count].iter().zip(&*frequencies);
            let copy = |range: Range<u64>, encoder: &mut ListEncoder| {
                // Not more than there are of them: 128.
                let steps = &steps[range.start as usize..range.end as usize];
                encoder.push_steps(steps).map_err(too_long)
            };
            *any |= append_decoded(source, postings, &mut 0, encoder, copy)?;
            return Ok(());
        }
        let mut reader = list.positions()?;
        let mut at = 0;
        for block in 0..list.block_count() {
            let count = list.decode_both(block, documents, frequencies)?;
            if block % RELEASE_BLOCKS == RELEASE_BLOCKS - 1 {
                source.input.segment.release();
            }
            let postings = documents[..count].iter().zip(&*frequencies);
            let copy =
                |range, encoder: &mut ListEncoder| copy_steps(reader.as_mut(), range, encoder);
            *any |= append_decoded(source, postings, &mut at, encoder, copy)?;
        }
        Ok(())
    }

    /// The only posting of a list, if it is live.
    fn append_single(&mut self, source: &Source, old: u32, position: u32) -> Result<()> {
        let Some(document) = source.input.renumber(old) else {
            return Ok(());
        };
        self.any = true;
        let norm = source.norms.get(old as usize).copied().unwrap_or(0);
        let mut pushed = self.encoder.push(document, norm, 1);
        if self.yardstick.is_some() {
            pushed = pushed.and_then(|()| self.encoder.push_steps(&[position]));
        }
        pushed.map_err(too_long)
    }
}

/// The live ones of some postings and frequencies, whose positions are those from
/// `at` on: `copy` hands these on. Says whether there are any.
#[inline]
fn append_decoded<'p>(
    source: &Source,
    postings: impl Iterator<Item = (&'p u32, &'p u32)>,
    at: &mut u64,
    encoder: &mut ListEncoder,
    mut copy: impl FnMut(Range<u64>, &mut ListEncoder) -> Result<()>,
) -> Result<bool> {
    let mut any = false;
    // Positions from here on aren't copied yet.
    let mut from = *at;
    for (&old, &frequency) in postings {
        let end = *at + u64::from(frequency);
        if let Some(document) = source.input.renumber(old) {
            any = true;
            let norm = source.norms.get(old as usize).copied().unwrap_or(0);
            let pushed = encoder.push(document, norm, frequency);
            pushed.map_err(too_long)?;
        } else {
            copy(from..*at, encoder)?;
            from = end;
        }
        *at = end;
    }
    copy(from..*at, encoder)?;
    Ok(any)
}

/// Copies the integers of the given numbers from stream to stream: they are
/// distances within a document, and so the same wherever it stands.
fn copy_steps(
    reader: Option<&mut PositionReader>,
    range: Range<u64>,
    encoder: &mut ListEncoder,
) -> Result<()> {
    let Some(reader) = reader else { return Ok(()) };
    reader.each(range, |steps| encoder.push_steps(steps).map_err(too_long))
}
