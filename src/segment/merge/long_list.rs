//! # Long lists: joined without being held
//!
//! Idea        in a list comes first what is known last: its head says how long the
//!             payload is, and directories where each block ends. So the list is
//!             measured in a first walk over the inputs, which leaves head and
//!             directories; a second one encodes the payload and a third the
//!             positions, straight into the file
//! Invariants  (1) all walks see the same postings in the same order
//! Next        `ordinals.rs`

use super::terms::Source;
use crate::error::Result;
use crate::segment::Yardstick;
use crate::segment::dictionary::TermEntry;
use crate::segment::positions::StreamBuilder;
use crate::segment::posting_list::{BLOCK_LEN, ListEncoder};
use crate::segment::writer::{Pieces, Rest, too_long};
use std::ops::Range;

/// What a long list is joined from.
pub(super) struct LongList<'a> {
    parts: Vec<(&'a Source<'a>, TermEntry)>,
}

impl<'a> LongList<'a> {
    pub(super) fn new(parts: Vec<(&'a Source<'a>, TermEntry)>) -> Self {
        Self { parts }
    }
}

impl Rest for LongList<'_> {
    fn payload(&self, out: &mut Pieces) -> Result<()> {
        // Whatever it is measured with, it needs one to be that of a text.
        let yardstick = Yardstick::new(1.0);
        let mut encoder = ListEncoder::new(Some(&yardstick));
        encoder.pack();
        for part in &self.parts {
            each_posting(part, |document, frequency, _| match document {
                Some(document) => {
                    let pushed = encoder.push(document, 0, frequency);
                    pushed.map_err(too_long)?;
                    encoder.drain(false, out)
                }
                None => Ok(()),
            })?;
            part.0.input.segment.release();
        }
        encoder.drain(true, out)
    }

    fn positions(&self, out: &mut Pieces) -> Result<()> {
        let mut stream = StreamBuilder::default();
        for part in &self.parts {
            let (source, entry) = part;
            let list = source.inverted.postings(entry)?;
            let Some(mut reader) = list.positions()? else {
                continue;
            };
            let mut copy = |range| {
                reader.each(range, |steps| {
                    stream.push(steps).map_err(too_long)?;
                    stream.drain(out)
                })
            };
            if source.input.tombstones.deleted_count() == 0 {
                copy(0..entry.total_frequency)?;
            } else {
                each_posting(part, |document, _, positions| match document {
                    Some(_) => copy(positions),
                    None => Ok(()),
                })?;
            }
            source.input.segment.release();
        }
        stream.drain_all(out)
    }
}

/// Calls `each` with the new number of each document of a list, its frequency
/// and the numbers of its positions.
fn each_posting(
    (source, entry): &(&Source, TermEntry),
    mut each: impl FnMut(Option<u32>, u32, Range<u64>) -> Result<()>,
) -> Result<()> {
    let list = source.inverted.postings(entry)?;
    let (mut documents, mut frequencies) = ([0; BLOCK_LEN], [1; BLOCK_LEN]);
    let mut at = 0;
    for block in 0..list.block_count() {
        let count = list.decode_both(block, &mut documents, &mut frequencies)?;
        for (&document, &frequency) in documents[..count].iter().zip(&frequencies) {
            let end = at + u64::from(frequency);
            each(source.input.renumber(document), frequency, at..end)?;
            at = end;
        }
    }
    Ok(())
}
