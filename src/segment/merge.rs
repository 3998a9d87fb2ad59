//! # Merging: several segments into one
//!
//! Idea        the documents of the first segment, then those of the second,
//!             and so on, deleted ones left out: order is kept, so a merge
//!             changes no answer. Every structure is sorted by term or by
//!             document already, so each is made by one walk over all inputs
//!             side by side
//! Example     documents a b c and d e, b deleted: the new numbers are
//!             a 0 · c 1 · d 2 · e 3
//! Invariants  (1) the result is what [`crate::inversion`] would have written
//!             for the live documents, byte for byte, if a block of stored
//!             documents falls alike
//!             (2) a field that an input doesn't have is empty in its documents
//!             (3) memory: the map of document numbers, the norms, one posting
//!             list, the dictionary of one field
//! Cost        one pass over all postings; the stored documents of a segment
//!             without deletes are copied, still compressed
//! Left out    copying posting blocks undecoded: their gaps would fit, but
//!             blocks would no longer be full ones
//! Next        [`crate::index`], which decides what is merged, and when

use super::column::ColumnBuilder;
use super::dictionary::TermEntry;
use super::inverted::{FieldStatistics, Inverted, TermCursor};
use super::posting_list::{BLOCK_LEN, EncodedList, ListEncoder};
use super::stored::StoredWriter;
use super::writer::{Lengths, SegmentWriter, too_long};
use super::{Segment, Tombstones, Yardstick};
use crate::document::{Field, FieldId, FieldKind, Schema};
use crate::error::{Error, ErrorKind, Result};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::Write;

/// A segment to be merged and which of its documents are deleted.
struct Input<'a> {
    segment: &'a Segment,
    tombstones: &'a Tombstones,
    /// The new number of its first live document.
    base: u32,
    /// Live documents before every 64th document; empty if none is deleted.
    ranks: Vec<u32>,
}

impl<'a> Input<'a> {
    fn new(segment: &'a Segment, tombstones: &'a Tombstones, base: u32) -> Self {
        let mut ranks = Vec::new();
        if tombstones.deleted_count() > 0 {
            let mut rank = base;
            for word in tombstones.words() {
                ranks.push(rank);
                rank = rank.wrapping_add(64 - word.count_ones());
            }
        }
        Self {
            segment,
            tombstones,
            base,
            ranks,
        }
    }

    /// The new number of a document; `None` if it is deleted.
    #[inline]
    fn renumber(&self, document: u32) -> Option<u32> {
        if self.ranks.is_empty() {
            return Some(self.base + document);
        }
        let index = document as usize / 64;
        let word = *self.tombstones.words().get(index)?;
        let bit = document % 64;
        if word >> bit & 1 == 1 {
            return None;
        }
        let deleted_before = (word & ((1 << bit) - 1)).count_ones();
        Some(self.ranks[index] + bit - deleted_before)
    }

    fn live(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.segment.documents()).filter(|document| !self.tombstones.is_deleted(*document))
    }
}

/// Writes the live documents of the inputs, in order, as one segment to `out`;
/// returns its length in bytes. `schema` must extend the inputs'; `path` is
/// what messages call the new file.
///
/// # Errors
/// [`ErrorKind::Io`] if it can't be written, [`ErrorKind::Corrupt`] if an
/// input lies, [`ErrorKind::Limit`] if the segment would be too large.
pub fn merge(
    inputs: &[(&Segment, &Tombstones)],
    schema: &Schema,
    out: &mut (dyn Write + Send),
    path: &str,
) -> Result<u64> {
    let mut live = 0u64;
    let mut merged = Vec::with_capacity(inputs.len());
    for (segment, tombstones) in inputs {
        if tombstones.documents() != segment.documents() {
            return Err(Error::corrupt(
                segment.name(),
                "tombstones",
                "they are of another number of documents",
            ));
        }
        // The sum is checked below, before any number is used.
        merged.push(Input::new(segment, tombstones, live as u32));
        live += u64::from(tombstones.live_count());
    }
    let documents = u32::try_from(live)
        .ok()
        .filter(|documents| *documents < u32::MAX)
        .ok_or_else(|| {
            Error::new(
                ErrorKind::Limit,
                "a segment holds at most 4,294,967,294 documents; \
                 split the documents over several indexes",
            )
        })?;
    let mut writer = SegmentWriter::new(out, path, schema, documents)?;
    for (id, field) in schema.entries() {
        merge_field(&merged, schema, id, field, &mut writer)?;
    }
    writer.stored(|stored| merge_stored(&merged, stored, path))?;
    writer.finish()
}

fn merge_field(
    inputs: &[Input],
    schema: &Schema,
    id: FieldId,
    field: &Field,
    writer: &mut SegmentWriter,
) -> Result<()> {
    let name = field.name();
    match field.kind() {
        FieldKind::Text(_) => {
            let lengths = merge_lengths(inputs, name);
            let norms = lengths.norms().to_vec();
            let statistics = writer.lengths(id, lengths)?;
            merge_terms(inputs, id, name, Some(&norms), statistics, writer, &mut [])
        }
        kind => {
            let ordinals = matches!(kind, FieldKind::Keyword);
            let mut new_ordinals: Vec<Vec<u32>> = Vec::new();
            if ordinals {
                let terms =
                    |input: &Input| input.segment.inverted(name).map_or(0, Inverted::term_count);
                new_ordinals.extend(inputs.iter().map(|input| vec![0; terms(input) as usize]));
            }
            if schema.is_inverted(id) {
                let statistics = count_values(inputs, name);
                merge_terms(
                    inputs,
                    id,
                    name,
                    None,
                    statistics,
                    writer,
                    &mut new_ordinals,
                )?;
            }
            writer.column(id, merge_column(inputs, name, &new_ordinals)?)
        }
    }
}

fn merge_lengths(inputs: &[Input], name: &str) -> Lengths {
    let mut lengths = Lengths::default();
    for input in inputs {
        let inverted = input.segment.inverted(name);
        for document in input.live() {
            lengths.push(inverted.map_or(0, |inverted| inverted.length(document)));
        }
    }
    lengths
}

/// The statistics of a keyword, or of a key that is a number.
fn count_values(inputs: &[Input], name: &str) -> FieldStatistics {
    let mut statistics = FieldStatistics::default();
    for input in inputs {
        let Some(inverted) = input.segment.inverted(name) else {
            continue;
        };
        for document in input.live() {
            let length = inverted.length(document);
            statistics.documents += u32::from(length > 0);
            statistics.total_length += u64::from(length);
        }
    }
    statistics
}

/// `new_ordinals`, if it is not empty, has for each input the new ordinal of
/// each old one; that of a term without live documents stays 0, and unused.
fn merge_column(inputs: &[Input], name: &str, new_ordinals: &[Vec<u32>]) -> Result<ColumnBuilder> {
    let mut merged = ColumnBuilder::new();
    let mut codes = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let column = input.segment.column(name);
        let map = new_ordinals.get(index);
        for document in input.live() {
            codes.clear();
            if let Some(column) = column {
                codes.extend(column.values(document));
            }
            if let Some(map) = map {
                for code in &mut codes {
                    let old = usize::try_from(*code).unwrap_or(usize::MAX);
                    let new = map.get(old).ok_or_else(|| {
                        let section = format!("column of field {name:?}");
                        Error::corrupt(
                            input.segment.name(),
                            &section,
                            "it has an ordinal that is no term's",
                        )
                    })?;
                    *code = u64::from(*new);
                }
            }
            merged.push(&codes);
        }
    }
    Ok(merged)
}

/// The terms of one input, at one of them.
struct Terms<'a> {
    input: &'a Input<'a>,
    inverted: &'a Inverted,
    cursor: TermCursor<'a>,
    entry: TermEntry,
}

fn merge_terms(
    inputs: &[Input],
    id: FieldId,
    name: &str,
    norms: Option<&[u8]>,
    statistics: FieldStatistics,
    writer: &mut SegmentWriter,
    new_ordinals: &mut [Vec<u32>],
) -> Result<()> {
    let mut walks: Vec<Option<Terms>> = Vec::new();
    // The walks' terms, the least first; of equal ones the first input's.
    let mut heap = BinaryHeap::new();
    for (index, input) in inputs.iter().enumerate() {
        let mut walk = None;
        if let Some(inverted) = input.segment.inverted(name) {
            let mut cursor = inverted.terms(b"")?;
            if let Some(entry) = cursor.next()? {
                heap.push(Reverse((cursor.term().to_vec(), index)));
                walk = Some(Terms {
                    input,
                    inverted,
                    cursor,
                    entry,
                });
            }
        }
        walks.push(walk);
    }
    let mut field = writer.terms(id, norms.is_some());
    let yardstick = norms.map(|_| Yardstick::new(statistics.average_length()));
    let mut lists = ListMerger::new(norms, yardstick.as_ref());
    let mut owners = Vec::new();
    while let Some(Reverse((term, first))) = heap.pop() {
        owners.clear();
        owners.push(first);
        while heap.peek().is_some_and(|Reverse((next, _))| *next == term) {
            // Peeked just now.
            let Some(Reverse((_, index))) = heap.pop() else {
                break;
            };
            owners.push(index);
        }
        for &index in &owners {
            if let Some(walk) = &walks[index] {
                lists.append(walk)?;
            }
        }
        if let Some(list) = lists.finish() {
            let ordinal = field.push(&term, &list, &lists.bytes)?;
            for &index in &owners {
                if let (Some(map), Some(walk)) = (new_ordinals.get_mut(index), &walks[index]) {
                    let slot = map.get_mut(walk.entry.ordinal as usize);
                    *slot.ok_or_else(|| {
                        walk.inverted
                            .corrupt(crate::bytes::Lie("it has more terms than it counts"))
                    })? = ordinal;
                }
            }
        }
        for &index in &owners {
            let Some(walk) = &mut walks[index] else {
                continue;
            };
            match walk.cursor.next()? {
                Some(entry) => {
                    if walk.cursor.term() <= term.as_slice() {
                        return Err(walk
                            .inverted
                            .corrupt(crate::bytes::Lie("the terms are out of order")));
                    }
                    walk.entry = entry;
                    heap.push(Reverse((walk.cursor.term().to_vec(), index)));
                }
                None => walks[index] = None,
            }
        }
    }
    field.finish(statistics)
}

/// Joins the posting lists of one term after the other.
struct ListMerger<'a> {
    /// Of the merged documents; `None` for a keyword.
    norms: Option<&'a [u8]>,
    encoder: ListEncoder<'a>,
    any: bool,
    documents: [u32; BLOCK_LEN],
    frequencies: [u32; BLOCK_LEN],
    positions: Vec<u32>,
    /// Of the list that was finished last.
    bytes: Vec<u8>,
}

impl<'a> ListMerger<'a> {
    fn new(norms: Option<&'a [u8]>, yardstick: Option<&'a Yardstick>) -> Self {
        Self {
            norms,
            encoder: ListEncoder::new(yardstick),
            any: false,
            documents: [0; BLOCK_LEN],
            frequencies: [1; BLOCK_LEN],
            positions: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// The live postings of a walk's term.
    fn append(&mut self, walk: &Terms) -> Result<()> {
        let list = walk.inverted.postings(&walk.entry)?;
        let mut reader = list.positions()?;
        let mut at = 0;
        for block in 0..list.block_count() {
            let count = list.decode_documents(block, &mut self.documents)?;
            list.decode_frequencies(block, &mut self.frequencies)?;
            for index in 0..count {
                let frequency = self.frequencies[index];
                let first = at;
                at += u64::from(frequency);
                let Some(document) = walk.input.renumber(self.documents[index]) else {
                    continue;
                };
                let mut norm = 0;
                if let (Some(reader), Some(norms)) = (&mut reader, self.norms) {
                    reader.read(first, frequency, &mut self.positions)?;
                    norm = norms.get(document as usize).copied().unwrap_or(0);
                }
                self.any = true;
                self.encoder
                    .push(document, norm, &self.positions)
                    .map_err(too_long)?;
            }
        }
        Ok(())
    }

    /// The joined list; `None` if no posting was live.
    fn finish(&mut self) -> Option<EncodedList> {
        if !std::mem::take(&mut self.any) {
            return None;
        }
        self.bytes.clear();
        Some(self.encoder.finish(&mut self.bytes))
    }
}

fn merge_stored<W: Write>(inputs: &[Input], out: &mut StoredWriter<W>, path: &str) -> Result<()> {
    for input in inputs {
        let corrupt = |lie| input.segment.corrupt("stored documents", lie);
        let io = |error| Error::io("writing", path, error);
        let all_live = input.tombstones.deleted_count() == 0;
        let stored = input.segment.stored_blocks();
        for block in stored.blocks() {
            let (first, block) = block.map_err(corrupt)?;
            // A short block is joined with its neighbours, lest many small
            // segments leave many small blocks.
            if all_live && block.is_long() {
                out.push_block(&block).map_err(io)?;
                continue;
            }
            let texts = block.texts().map_err(corrupt)?;
            for (document, text) in (first..).zip(texts.iter()) {
                if !input.tombstones.is_deleted(document) {
                    out.push(text.map_err(corrupt)?).map_err(io)?;
                }
            }
        }
    }
    Ok(())
}
