//! # Merging: several segments into one
//!
//! Idea        the documents of the first segment, then those of the second,
//!             and so on, deleted ones left out: order is kept, so a merge
//!             changes no answer. Every structure is sorted by term or by
//!             document already, so each is made by one walk over all inputs
//!             side by side
//! Example     documents a b c and d e, b deleted: the new numbers are
//!             a 0 · c 1 · d 2 · e 3
//! Invariants  (1) each section is what [`crate::inversion`] would have written
//!             for the live documents, byte for byte, if a block of stored
//!             documents falls alike
//!             (2) a field that an input doesn't have is empty in its documents
//!             (3) memory: two waves of encoded lists, of 4 MB each, and 4 MB a
//!             thread. Of each thing that waits to be written there are 64 KB in
//!             memory and the rest in a scratch file (see
//!             [`spool`](super::spool)), so no dictionary and no column is held,
//!             however many terms there are. Nor is a *long* list: it is walked
//!             over to be measured, and again while it is written. Of mapped
//!             inputs there is what was read since 2 MB ago
//!             (4) what grows with the documents: a bit each for a column, a
//!             quarter of a byte for the directory of a list that most are in,
//!             up to a byte for the norms of mapped inputs. With the terms: a
//!             table of the new ordinals of one input of a keyword at a time, of
//!             two bits each, and as many as it takes to number the inputs
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
//! Rooms       `inputs`: documents under their new numbers; `terms`, `lists` and
//!             `long_list`: terms and their postings; `ordinals`: old ones to new
//!             ones; `stored`
//! Next        `merge/inputs.rs`; or on to [`permute`](super::permute)

mod inputs;
mod lists;
mod long_list;
mod ordinals;
mod stored;
mod terms;

use super::column::ColumnBuilder;
use super::file::Kind;
use super::inverted::FieldStatistics;
use super::spool::Spools;
use super::writer::{SegmentWriter, document_count};
use super::{Segment, Tombstones};
use crate::bytes::Lie;
use crate::document::{Field, FieldId, FieldKind, Schema};
use crate::error::{Error, Result};
use crate::storage::Scratch;
use inputs::{Input, Inputs, Releasing};
use ordinals::NewOrdinals;
use std::io::Write;
use stored::merge_stored;
use terms::merge_terms;

/// Writes the live documents of the inputs, in order, as one segment to `out`;
/// returns its length in bytes. `schema` must extend the inputs'; `path` is
/// what messages call the new file. What has to wait until it can be written, as
/// a dictionary has until its lists are, waits in `scratch` if it is much; without
/// one, in memory. The result is the same.
///
/// # Errors
/// [`Io`](crate::ErrorKind::Io) if it can't be written,
/// [`Corrupt`](crate::ErrorKind::Corrupt) if an input lies,
/// [`Limit`](crate::ErrorKind::Limit) if the segment would be too large.
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
    let documents = document_count(live, "split the documents over several indexes")?;
    let inputs = Inputs::new(all);
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
            let statistics = writer.lengths(id, lengths(&inputs.all, name))?;
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
            statistics.add(inverted.length(document));
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
                        let lie = Lie("it has an ordinal that is no term's");
                        input.segment.corrupt(&Kind::Column.of_field(name), lie)
                    })?;
                }
            }
            merged.push(&codes).map_err(io)?;
        }
    }
    Ok(merged)
}
