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
//!             (3) memory: two waves of encoded lists of 4 MB, and 4 MB a
//!             thread; some of what waits to be written, 64 KB of each, and the
//!             rest in a scratch file (see [`spool`](super::spool)): so
//!             dictionaries and columns are never held, however many terms there
//!             are. What grows are a bit a document of a column, a quarter of a
//!             byte a document for the directory of a list that most are in, and
//!             of one input of a keyword at a time a table of its terms' new
//!             ordinals: two bits each, and as many as it takes to number the
//!             inputs. A *long* list is never held: it is walked over twice, to
//!             measure it and to encode it while it is written. Of mapped inputs
//!             what was read since 2 MB ago, and the norms: up to a byte a
//!             document
//! Cost        one pass over all postings, ranges of terms side by side on the
//!             threads of the current pool; the stored documents of a segment
//!             without deletes are copied, still compressed;
//!             positions are copied as the distances that they are kept as,
//!             and single postings without a list being opened: a fifth of all
//!             processor time of joining ten segments of articles, together with
//!             counting what witnesses are made of instead of sorting it. Another
//!             sixth: terms are compared by their first bytes, short lists decoded
//!             at once, stored blocks copied many at a time, and encoders kept
//! Left out    copying posting blocks undecoded: their gaps would fit, but
//!             blocks would no longer be full ones
//! Rooms       `merge/ordinals`: old ordinals to new ones; `merge/lists` and
//!             `merge/long_list`: the lists of a term; `merge/stored`
//! Next        [`permute`](super::permute); or on to [`crate::index`], which decides what is
//!             merged, and when

mod lists;
mod long_list;
mod ordinals;
mod stored;

use super::column::ColumnBuilder;
use super::dictionary::{TermEntry, prefix};
use super::inverted::{FieldStatistics, Inverted, TermCursor};
use super::posting_list::BLOCK_LEN;
use super::spool::Spools;
use super::writer::{EncodedTerms, SegmentWriter};
use super::{Segment, Tombstones, Yardstick};
use crate::bytes::Lie;
use crate::document::{Field, FieldId, FieldKind, Schema};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Scratch;
use lists::ListMerger;
use long_list::LongList;
use ordinals::NewOrdinals;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use stored::merge_stored;

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

    /// The live documents, for whoever reads something of each: what was read
    /// is let go of time and again.
    fn live(&self) -> impl Iterator<Item = u32> + '_ {
        let all = 0..self.segment.documents();
        all.filter(|document| {
            if document.is_multiple_of(RELEASE_DOCUMENTS) {
                self.segment.release();
            }
            !self.tombstones.is_deleted(*document)
        })
    }
}

/// Writes the live documents of the inputs, in order, as one segment to `out`;
/// returns its length in bytes. `schema` must extend the inputs'; `path` is
/// what messages call the new file. What has to wait until it can be written, as
/// a dictionary has until its lists are, waits in `scratch` if it is much; without
/// one, in memory. The result is the same.
///
/// # Errors
/// [`ErrorKind::Io`] if it can't be written, [`ErrorKind::Corrupt`] if an
/// input lies, [`ErrorKind::Limit`] if the segment would be too large.
pub fn merge(
    inputs: &[(&Segment, &Tombstones)],
    schema: &Schema,
    out: &mut (dyn Write + Send),
    scratch: Option<Box<dyn Scratch>>,
    path: &str,
) -> Result<u64> {
    let mut live = 0u64;
    let mut all = Vec::with_capacity(inputs.len());
    for (segment, tombstones) in inputs {
        if tombstones.documents() != segment.documents() {
            return Err(Error::corrupt(
                segment.name(),
                "tombstones",
                "they are of another number of documents",
            ));
        }
        // The sum is checked below, before any number is used.
        all.push(Input::new(segment, tombstones, live as u32));
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
    let inputs = Inputs {
        all,
        used: AtomicUsize::new(0),
    };
    let mut out = Releasing {
        out,
        inputs: &inputs,
    };
    let spools = Spools::new(scratch);
    let mut writer = SegmentWriter::new(&mut out, &spools, path, schema, documents)?;
    for (id, field) in schema.entries() {
        merge_field(&inputs, schema, id, field, &mut writer)?;
        spools.clear().map_err(|error| writer.error(error))?;
    }
    writer.stored(|stored| merge_stored(&inputs.all, stored, path))?;
    writer.finish()
}

/// Bytes written, or read otherwise, between two times that the inputs' memory is
/// given back.
const RELEASE_BYTES: usize = 2 << 20;

/// What a term takes in a dictionary, about.
const TERM_BYTES: usize = 16;

/// Documents or postings of one input that are read between two such times, if
/// nothing is written meanwhile.
const RELEASE_DOCUMENTS: u32 = 1 << 20;

const RELEASE_BLOCKS: usize = RELEASE_DOCUMENTS as usize / BLOCK_LEN;

/// All inputs, which are let go of while they are read: otherwise a merge of
/// mapped files would hold all of them in memory at its end.
struct Inputs<'a> {
    all: Vec<Input<'a>>,
    /// Bytes read since they were let go of, nearly.
    used: AtomicUsize,
}

impl Inputs<'_> {
    /// So many bytes more were read.
    fn used(&self, bytes: usize) {
        if self.used.fetch_add(bytes, Ordering::Relaxed) + bytes >= RELEASE_BYTES {
            self.used.store(0, Ordering::Relaxed);
            self.all.iter().for_each(|input| input.segment.release());
        }
    }
}

/// What is written was read before.
struct Releasing<'a> {
    out: &'a mut (dyn Write + Send),
    inputs: &'a Inputs<'a>,
}

impl Write for Releasing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inputs.used(bytes.len());
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn merge_field(
    inputs: &Inputs,
    schema: &Schema,
    id: FieldId,
    field: &Field,
    writer: &mut SegmentWriter,
) -> Result<()> {
    let name = field.name();
    match field.kind() {
        FieldKind::Text(_) => {
            let statistics = writer.lengths(id, || lengths(&inputs.all, name))?;
            merge_terms(inputs, id, name, true, statistics, writer, &mut [])
        }
        kind => {
            let mut ordinals = Vec::new();
            if matches!(kind, FieldKind::Keyword) {
                let count = inputs.all.len();
                ordinals.resize_with(count, || NewOrdinals::new(count, writer.spools()));
            }
            if schema.is_inverted(id) {
                let statistics = count_values(&inputs.all, name);
                merge_terms(inputs, id, name, false, statistics, writer, &mut ordinals)?;
            }
            let column = merge_column(&inputs.all, name, ordinals, writer)?;
            writer.column(id, column)
        }
    }
}

/// The length of each document in a text field.
fn lengths<'a>(inputs: &'a [Input], name: &'a str) -> impl Iterator<Item = u32> + 'a {
    inputs.iter().flat_map(move |input| {
        let inverted = input.segment.inverted(name);
        let length = move |document| inverted.map_or(0, |inverted| inverted.length(document));
        input.live().map(length)
    })
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

/// `new_ordinals`, if it is not empty, has for each input the new ordinals of its
/// terms; that of a term without live documents is any, and unused.
fn merge_column<'s>(
    inputs: &[Input],
    name: &str,
    new_ordinals: Vec<NewOrdinals>,
    writer: &SegmentWriter<'s>,
) -> Result<ColumnBuilder<'s>> {
    let io = |error| writer.error(error);
    let mut merged = ColumnBuilder::new(writer.spools());
    let mut codes = Vec::new();
    let mut new_ordinals = new_ordinals.into_iter();
    for input in inputs {
        let column = input.segment.column(name);
        let map = new_ordinals.next().map(NewOrdinals::finish);
        let map = map.transpose().map_err(io)?;
        for document in input.live() {
            codes.clear();
            if let Some(column) = column {
                codes.extend(column.values(document));
            }
            if let Some(map) = &map {
                for code in &mut codes {
                    let new = u32::try_from(*code).ok().and_then(|old| map.get(old));
                    *code = new.ok_or_else(|| {
                        let section = format!("column of field {name:?}");
                        Error::corrupt(
                            input.segment.name(),
                            &section,
                            "it has an ordinal that is no term's",
                        )
                    })?;
                }
            }
            merged.push(&codes).map_err(io)?;
        }
    }
    Ok(merged)
}

fn merge_terms(
    inputs: &Inputs,
    id: FieldId,
    name: &str,
    text: bool,
    statistics: FieldStatistics,
    writer: &mut SegmentWriter,
    new_ordinals: &mut [NewOrdinals],
) -> Result<()> {
    let mut sources = Vec::new();
    for (number, input) in (0..).zip(&inputs.all) {
        if let Some(inverted) = input.segment.inverted(name) {
            sources.push(Source {
                number,
                input,
                inverted,
                norms: inverted.norms().unwrap_or_default(),
            });
        }
    }
    let ranges = ranges(&sources)?;
    let yardstick = text.then(|| Yardstick::new(statistics.average_length()));
    let path = writer.path().to_owned();
    let io = |error| Error::io("writing", &path, error);
    let mut field = writer.terms(id, text);
    field.write_ranges(
        &ranges,
        || ListMerger::new(yardstick.as_ref()),
        |lists, range| merge_range(inputs, &sources, range, lists),
        |source, old, new| {
            let Some(ordinals) = new_ordinals.get_mut(source as usize) else {
                return Ok(());
            };
            let pushed = ordinals.push(old, new).map_err(io)?;
            pushed.ok_or_else(|| {
                let segment = inputs.all[source as usize].segment;
                segment.corrupt(&format!("field {name:?}"), OUT_OF_ORDER)
            })
        },
    )?;
    field.finish(statistics)
}

const OUT_OF_ORDER: Lie = Lie("the terms are out of order");

/// One field of an input.
struct Source<'a> {
    /// The input's number.
    number: u32,
    input: &'a Input<'a>,
    inverted: &'a Inverted,
    /// Of a text field.
    norms: &'a [u8],
}

/// From which term on, and up to which; `None` to the end.
type TermRange = (Vec<u8>, Option<Vec<u8>>);

/// Bytes of postings that one input has in a range, nearly, at most.
const RANGE_BYTES: u64 = 64 << 10;

/// Cuts the terms into ranges.
fn ranges(sources: &[Source]) -> Result<Vec<TermRange>> {
    let mut cuts: Vec<Vec<u8>> = vec![Vec::new()];
    for source in sources {
        // Of each of them: the keys that one has may all lie between two of
        // another's.
        let own = source.inverted.cuts(RANGE_BYTES)?;
        if !own.is_sorted_by(|a, b| a < b) {
            return Err(source.inverted.corrupt(OUT_OF_ORDER));
        }
        cuts.extend(own);
        source.input.segment.release();
    }
    cuts.sort_unstable();
    cuts.dedup();
    let ends = cuts.iter().skip(1).cloned().map(Some).chain([None]);
    Ok(cuts.iter().cloned().zip(ends.collect::<Vec<_>>()).collect())
}

/// The terms of one source, at one of them.
struct Walk<'a> {
    cursor: TermCursor<'a>,
    entry: TermEntry,
    /// The term's first bytes: nearly all comparisons end there.
    prefix: u64,
}

impl<'a> Walk<'a> {
    /// At the first term of the range; `None` if there is none.
    fn begin(source: &Source<'a>, (from, end): &TermRange) -> Result<Option<Self>> {
        let mut cursor = source.inverted.terms(from)?;
        let first = cursor.next()?;
        let within = end
            .as_ref()
            .is_none_or(|end| cursor.term() < end.as_slice());
        let prefix = prefix(cursor.term());
        let first = first.filter(|_| within);
        Ok(first.map(|entry| Self {
            cursor,
            entry,
            prefix,
        }))
    }

    fn order(&self) -> (u64, &[u8]) {
        (self.prefix, self.cursor.term())
    }

    /// Goes to the next term; `false` if the range has no more.
    fn advance(&mut self, source: &Source, end: Option<&[u8]>, last: &[u8]) -> Result<bool> {
        let Some(entry) = self.cursor.next()? else {
            return Ok(false);
        };
        if self.cursor.term() <= last {
            return Err(source.inverted.corrupt(OUT_OF_ORDER));
        }
        self.entry = entry;
        self.prefix = prefix(self.cursor.term());
        Ok(end.is_none_or(|end| self.cursor.term() < end))
    }
}

/// Bytes of lists that a range may have. A list that is more, or would make it
/// more, is not kept until it is written: it is measured, and encoded then.
const RANGE_MOST: u64 = 4 << 20;

/// A list of so few bytes is kept nevertheless.
const SHORT_BYTES: u64 = 64 << 10;

fn merge_range<'a>(
    inputs: &Inputs,
    sources: &'a [Source],
    range: &TermRange,
    lists: &mut ListMerger,
) -> Result<EncodedTerms<'a>> {
    let yardstick = lists.yardstick;
    let mut walks: Vec<Option<Walk>> = sources
        .iter()
        .map(|source| Walk::begin(source, range))
        .collect::<Result<_>>()?;
    let mut encoded = EncodedTerms::with_room(RANGE_BYTES as usize);
    let mut term = Vec::new();
    let mut parts = Vec::new();
    let mut walked = 0;
    // Sources are few: to look at each is no slower than to keep them in order.
    while let Some((prefix, least)) = walks.iter().flatten().map(Walk::order).min() {
        term.clear();
        term.extend_from_slice(least);
        parts.clear();
        for (source, slot) in sources.iter().zip(&mut walks) {
            let here = |walk: &&mut Walk| walk.order() == (prefix, &term);
            let Some(walk) = slot.as_mut().filter(here) else {
                continue;
            };
            parts.push((source, walk.entry));
            if yardstick.is_none() {
                encoded.own(source.number, walk.entry.ordinal);
            }
            if !walk.advance(source, range.1.as_deref(), &term)? {
                *slot = None;
            }
        }
        walked += parts.len();
        let bytes = |(_, entry): &(_, TermEntry)| entry.place.bytes().1;
        let bytes: u64 = parts.iter().map(bytes).sum();
        let long = yardstick.is_some()
            && bytes > SHORT_BYTES
            && encoded.list_bytes() as u64 + bytes > RANGE_MOST;
        if long {
            lists.encoder.measure();
        }
        for (source, entry) in &parts {
            lists.append(source, entry)?;
            if long {
                source.input.segment.release();
            }
        }
        if !std::mem::take(&mut lists.any) {
            lists.encoder.clear();
            encoded.disown();
        } else if long {
            let parts = std::mem::take(&mut parts);
            encoded.push_measured(&term, &mut lists.encoder, LongList::new(parts));
            // Its directory was long, too.
            *lists = ListMerger::new(yardstick);
        } else {
            encoded.push(&term, &mut lists.encoder);
        }
    }
    inputs.used(walked * TERM_BYTES);
    Ok(encoded)
}
