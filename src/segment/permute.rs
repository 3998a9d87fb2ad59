//! # Permuting: a segment again, its documents in another order
//!
//! Idea        terms stay what they are, and so do their ordinals; documents
//!             get new numbers. Each posting list is unpacked, renumbered and
//!             sorted; whatever stands by document is picked in the new order.
//!             Stored documents lie in compressed blocks, so picking them one
//!             by one would unpack each block many times: a *window* of new
//!             documents is collected in one sweep over the old blocks
//! Example     order 2 0 1: old document 2 becomes 0, 0 becomes 1, 1 becomes 2;
//!             a list of old 0 2 becomes 0 1
//! Invariants  (1) each section is what [`crate::inversion`] would have written
//!             for the same documents in the new order, but for how stored
//!             documents fall into blocks
//!             (2) the same bytes, whatever the number of threads
//!             (3) memory: a window of texts, of half the memory allowed; one
//!             posting list unpacked per thread, and a wave of encoded ones;
//!             some 20 bytes a document
//! Cost        a list of n postings O(n log n); stored documents are unpacked
//!             once a window, and once more to learn their lengths
//! Left out    deleted documents and several inputs: [`merge`](mod@super::merge)
//!             comes first
//! Next        [`crate::index`], which knows in which order

use super::column::ColumnBuilder;
use super::dictionary::TermEntry;
use super::file::Kind;
use super::inverted::Inverted;
use super::posting_list::{BLOCK_LEN, ListEncoder};
use super::ranges::{TermRange, ranges};
use super::spool::Spools;
use super::stored::{Block, StoredWriter, compress};
use super::writer::{EncodedTerms, SegmentWriter, too_long};
use super::{FieldStatistics, Segment, Yardstick, norms};
use crate::bytes::Lie;
use crate::document::{Field, FieldId, FieldKind, Schema};
use crate::error::{Error, Result};
use crate::storage::Scratch;
use rayon::prelude::*;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What a text takes besides its bytes: its `String` and places, about.
const STRING_BYTES: u64 = 64;

/// Documents that are compressed together; the last block of each such group
/// is a short one.
const GROUP: usize = 4096;

/// Writes the documents of a segment, none of which is deleted, as another:
/// first number `order[0]`, then `order[1]`, and so on. `schema` must extend
/// the segment's; `path` is what messages call the new file. Uses about so much
/// memory, and the threads of the current rayon pool.
///
/// # Errors
/// [`Io`](crate::ErrorKind::Io) if it can't be written,
/// [`Corrupt`](crate::ErrorKind::Corrupt) if the segment lies.
///
/// # Panics
/// If `order` doesn't name each document once.
pub(crate) fn permute(
    segment: &Segment,
    order: &[u32],
    schema: &Schema,
    memory: usize,
    out: &mut (dyn Write + Send),
    scratch: Option<Box<dyn Scratch>>,
    path: &str,
) -> Result<u64> {
    let input = Input::new(segment, order);
    let spools = Spools::new(scratch);
    let mut writer = SegmentWriter::new(out, &spools, path, schema, segment.documents())?;
    for (id, field) in schema.entries() {
        permute_field(&input, schema, id, field, &mut writer)?;
        spools.clear().map_err(|error| writer.error(error))?;
    }
    writer.stored(|stored| permute_stored(&input, memory / 2, stored, path))?;
    writer.finish()
}

/// A segment and the order of its documents, both ways.
struct Input<'a> {
    segment: &'a Segment,
    /// The old number of each new document.
    order: &'a [u32],
    /// The new number of each old one.
    new: Vec<u32>,
    /// Postings unpacked since the segment was let go of, nearly.
    unpacked: AtomicUsize,
}

impl<'a> Input<'a> {
    fn new(segment: &'a Segment, order: &'a [u32]) -> Self {
        const NONE: u32 = u32::MAX;
        let mut new = vec![NONE; segment.documents() as usize];
        for (number, &old) in (0..).zip(order) {
            let slot = std::mem::replace(&mut new[old as usize], number);
            assert_eq!(slot, NONE, "document {old} comes twice");
        }
        assert_eq!(order.len(), new.len(), "not every document has a place");
        Self {
            segment,
            order,
            new,
            unpacked: AtomicUsize::new(0),
        }
    }

    /// So many postings more were unpacked.
    fn unpacked(&self, postings: usize) {
        let before = self.unpacked.fetch_add(postings, Relaxed);
        if before + postings >= Segment::RELEASE_AFTER as usize {
            self.unpacked.store(0, Relaxed);
            self.segment.release();
        }
    }
}

fn permute_field(
    input: &Input,
    schema: &Schema,
    id: FieldId,
    field: &Field,
    writer: &mut SegmentWriter,
) -> Result<()> {
    let name = field.name();
    let inverted = input.segment.inverted(name);
    if matches!(field.kind(), FieldKind::Text(_)) {
        let length = |&old| inverted.map_or(0, |inverted| inverted.length(old));
        let lengths = || input.order.iter().map(length);
        let statistics = writer.lengths(id, lengths())?;
        let norms: Vec<u8> = lengths().map(norms::encode).collect();
        return permute_terms(input, id, inverted, Some(&norms), statistics, writer);
    }
    if schema.is_inverted(id) {
        let statistics = inverted.map_or_else(FieldStatistics::default, Inverted::statistics);
        permute_terms(input, id, inverted, None, statistics, writer)?;
    }
    let column = input.segment.column(name);
    let mut permuted = ColumnBuilder::new(writer.spools());
    let mut codes = Vec::new();
    for &old in input.order {
        codes.clear();
        codes.extend(column.iter().flat_map(|column| column.values(old)));
        permuted.push(&codes).map_err(|error| writer.error(error))?;
    }
    writer.column(id, permuted)
}

fn permute_terms(
    input: &Input,
    id: FieldId,
    inverted: Option<&Inverted>,
    norms: Option<&[u8]>,
    statistics: FieldStatistics,
    writer: &mut SegmentWriter,
) -> Result<()> {
    let yardstick = norms.map(|_| Yardstick::new(statistics.average_length()));
    let mut field = writer.terms(id, norms.is_some());
    if let Some(inverted) = inverted {
        let encode = |lists: &mut Lists, range: &TermRange| {
            let mut encoded = EncodedTerms::default();
            let mut terms = range.of(inverted)?;
            while let Some(entry) = terms.next()? {
                lists.permute(inverted, &entry)?;
                encoded.push(terms.term(), &mut lists.encoder);
            }
            Ok(encoded)
        };
        // A text keeps its ordinals, and so does a keyword.
        field.write_ranges(
            &ranges([inverted])?,
            || Lists::new(input, norms, yardstick.as_ref()),
            encode,
            |_, _, _| Ok(()),
        )?;
    }
    field.finish(statistics)
}

/// Permutes one list after the other; keeps its buffers.
struct Lists<'a> {
    input: &'a Input<'a>,
    /// Of the new documents; `None` for a keyword.
    norms: Option<&'a [u8]>,
    encoder: ListEncoder<'a>,
    documents: [u32; BLOCK_LEN],
    frequencies: [u32; BLOCK_LEN],
    /// Each posting's new document in the upper half and its place in the
    /// list in the lower, so that sorting numbers sorts postings.
    postings: Vec<u64>,
    /// Of a text field: where each posting's positions end, as the stream has them.
    ends: Vec<u64>,
    steps: Vec<u32>,
}

impl<'a> Lists<'a> {
    fn new(
        input: &'a Input<'a>,
        norms: Option<&'a [u8]>,
        yardstick: Option<&'a Yardstick>,
    ) -> Self {
        Self {
            input,
            norms,
            encoder: ListEncoder::new(yardstick),
            documents: [0; BLOCK_LEN],
            frequencies: [1; BLOCK_LEN],
            postings: Vec::new(),
            ends: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// Leaves the list in the encoder.
    fn permute(&mut self, inverted: &Inverted, entry: &TermEntry) -> Result<()> {
        self.unpack(inverted, entry)?;
        self.postings.sort_unstable();
        for &posting in &self.postings {
            let (document, place) = ((posting >> 32) as u32, posting as u32 as usize);
            let (mut norm, mut frequency) = (0, 1);
            if let Some(norms) = self.norms {
                norm = norms[document as usize];
                let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
                let steps = &self.steps[start as usize..self.ends[place] as usize];
                // As it was unpacked.
                frequency = steps.len() as u32;
                self.encoder.push_steps(steps).map_err(too_long)?;
            }
            let pushed = self.encoder.push(document, norm, frequency);
            pushed.map_err(too_long)?;
        }
        Ok(())
    }

    fn unpack(&mut self, inverted: &Inverted, entry: &TermEntry) -> Result<()> {
        self.postings.clear();
        self.ends.clear();
        self.steps.clear();
        let list = inverted.postings(entry)?;
        let mut end = 0;
        for block in 0..list.block_count() {
            let count = list.decode_both(block, &mut self.documents, &mut self.frequencies)?;
            for (old, &frequency) in self.documents[..count].iter().zip(&self.frequencies) {
                let new = self.input.new.get(*old as usize);
                let new = new.ok_or_else(|| inverted.corrupt(Lie("a list has other documents")))?;
                // A list has fewer than 2³² postings.
                let place = self.postings.len() as u64;
                self.postings.push(u64::from(*new) << 32 | place);
                if self.norms.is_some() {
                    end += u64::from(frequency);
                    self.ends.push(end);
                }
            }
        }
        if let Some(mut reader) = list.positions()? {
            reader.each(0..end, |steps| {
                self.steps.extend_from_slice(steps);
                Ok(())
            })?;
        }
        self.input.unpacked(self.postings.len());
        Ok(())
    }
}

fn permute_stored<W: Write>(
    input: &Input,
    window_bytes: usize,
    out: &mut StoredWriter<W>,
    path: &str,
) -> Result<()> {
    let lengths = text_lengths(input)?;
    let mut rest = input.order;
    while !rest.is_empty() {
        let mut bytes = 0;
        let mut count = 0;
        while count < rest.len() && (count == 0 || bytes < window_bytes as u64) {
            bytes += u64::from(lengths[rest[count] as usize]) + STRING_BYTES;
            count += 1;
        }
        let (window, after) = rest.split_at(count);
        let texts = collect(input, window)?;
        let groups: Vec<std::io::Result<Vec<Block<Vec<u8>>>>> =
            texts.par_chunks(GROUP).map(compress).collect();
        for group in groups {
            let written =
                group.and_then(|blocks| blocks.iter().try_for_each(|b| out.push_block(b)));
            written.map_err(|error| Error::io("writing", path, error))?;
        }
        rest = after;
    }
    Ok(())
}

/// The length of each document's text.
fn text_lengths(input: &Input) -> Result<Vec<u32>> {
    let corrupt = |lie| input.segment.corrupt(Kind::Stored.word(), lie);
    let blocks: Result<Vec<_>, Lie> = input.segment.stored_blocks().blocks().collect();
    let lengths: Result<Vec<Vec<u32>>, Lie> = blocks
        .map_err(corrupt)?
        .par_iter()
        .map(|(_, block)| {
            let texts = block.texts()?;
            // A document has at most 1 GiB.
            texts.iter().map(|text| Ok(text?.len() as u32)).collect()
        })
        .collect();
    let lengths = lengths.map_err(corrupt)?.concat();
    if lengths.len() != input.order.len() {
        return Err(corrupt(Lie(
            "there are other stored documents than documents",
        )));
    }
    Ok(lengths)
}

/// The texts of these documents, in this order.
fn collect(input: &Input, window: &[u32]) -> Result<Vec<String>> {
    let corrupt = |lie| input.segment.corrupt(Kind::Stored.word(), lie);
    let mut wanted: Vec<(u32, usize)> = window.iter().copied().zip(0..).collect();
    wanted.sort_unstable();
    let mut wanted = wanted.as_slice();
    let mut needed = Vec::new();
    for block in input.segment.stored_blocks().blocks() {
        let (first, block) = block.map_err(corrupt)?;
        let end = first + block.documents();
        let count = wanted.partition_point(|(document, _)| *document < end);
        let (of_block, after) = wanted.split_at(count);
        if !of_block.is_empty() {
            needed.push((first, block, of_block));
        }
        wanted = after;
    }
    let unpacked: Result<Vec<Vec<String>>, Lie> = needed
        .par_iter()
        .map(|(first, block, of_block)| {
            let texts = block.texts()?;
            of_block
                .iter()
                .map(|(document, _)| {
                    let place = document.checked_sub(*first);
                    let place = place.ok_or(Lie("the stored documents are out of order"))?;
                    texts.get(place as usize).map(str::to_owned)
                })
                .collect()
        })
        .collect();
    let mut texts = vec![String::new(); window.len()];
    for ((_, _, of_block), unpacked) in needed.iter().zip(unpacked.map_err(corrupt)?) {
        for ((_, place), text) in of_block.iter().zip(unpacked) {
            texts[*place] = text;
        }
    }
    input.segment.release();
    Ok(texts)
}
