//! The posting lists of a term, one input's after the other's.

use super::long_list::each_steps;
use super::{RELEASE_BLOCKS, Source};
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
        let (documents, frequencies) = (&mut self.documents, &mut self.frequencies);
        if let Some(count) = list.decode_short(documents, frequencies, &mut self.steps)? {
            return self.append_short(source, count);
        }
        let mut reader = list.positions()?;
        let mut at = 0;
        for block in 0..list.block_count() {
            let count = list.decode_both(block, &mut self.documents, &mut self.frequencies)?;
            if block % RELEASE_BLOCKS == RELEASE_BLOCKS - 1 {
                source.input.segment.release();
            }
            // Positions from here on aren't copied yet.
            let mut from = at;
            let postings = self.documents.iter().zip(&self.frequencies);
            for (&old, &frequency) in postings.take(count) {
                let end = at + u64::from(frequency);
                if let Some(document) = source.input.renumber(old) {
                    self.any = true;
                    let norm = source.norms.get(old as usize).copied().unwrap_or(0);
                    let pushed = self.encoder.push_counted(document, norm, frequency);
                    pushed.map_err(too_long)?;
                } else {
                    copy_steps(reader.as_mut(), from..at, &mut self.encoder)?;
                    from = end;
                }
                at = end;
            }
            copy_steps(reader.as_mut(), from..at, &mut self.encoder)?;
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
        self.encoder
            .push(document, norm, &[position])
            .map_err(too_long)
    }

    /// The live ones of the postings that were decoded.
    fn append_short(&mut self, source: &Source, count: usize) -> Result<()> {
        // As with longer lists: positions from here on aren't copied yet.
        let (mut from, mut at) = (0, 0);
        let postings = self.documents.iter().zip(&self.frequencies);
        for (&old, &frequency) in postings.take(count) {
            let end = at + frequency as usize;
            if let Some(document) = source.input.renumber(old) {
                self.any = true;
                let norm = source.norms.get(old as usize).copied().unwrap_or(0);
                let pushed = self.encoder.push_counted(document, norm, frequency);
                pushed.map_err(too_long)?;
            } else {
                let steps = &self.steps[from..at];
                self.encoder.push_steps(steps).map_err(too_long)?;
                from = end;
            }
            at = end;
        }
        let steps = &self.steps[from..at];
        self.encoder.push_steps(steps).map_err(too_long)
    }
}

/// Copies the integers of the given numbers from stream to stream: they are
/// distances within a document, and so the same wherever it stands.
fn copy_steps(
    reader: Option<&mut PositionReader>,
    range: Range<u64>,
    encoder: &mut ListEncoder,
) -> Result<()> {
    let Some(reader) = reader else { return Ok(()) };
    each_steps(reader, range, |steps| {
        encoder.push_steps(steps).map_err(too_long)
    })
}
