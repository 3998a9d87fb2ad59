//! Flushing: runs to a segment.
//!
//! Each run is sorted by term, so the segment is a merge of them. The terms are
//! cut into ranges, which threads merge and encode side by side, a wave at a
//! time so that memory stays bounded; what they make is written in order.

use super::run::{Run, Terms};
use crate::bytes::Lie;
use crate::document::{FieldId, FieldKind, Schema};
use crate::error::{Error, ErrorKind, Result};
use crate::segment::Yardstick;
use crate::segment::column::ColumnBuilder;
use crate::segment::inverted::FieldStatistics;
use crate::segment::posting_list::{EncodedList, ListEncoder};
use crate::segment::writer::{Lengths, SegmentWriter, too_long};
use crate::storage::Directory;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Terms of the longest run in a range.
const RANGE_TERMS: usize = 4096;

/// Writes the runs' documents, in order, as the segment `name`, durably;
/// returns its length in bytes. Uses the threads of the current rayon pool.
///
/// # Errors
/// [`Io`](ErrorKind::Io) if it can't be written, [`Limit`](ErrorKind::Limit)
/// if the segment would be too large.
pub fn flush(runs: &[Run], schema: &Schema, directory: &dyn Directory, name: &str) -> Result<u64> {
    let path = directory.describe_file(name);
    let documents: u64 = runs.iter().map(|run| u64::from(run.documents)).sum();
    let documents = u32::try_from(documents)
        .ok()
        .filter(|documents| *documents < u32::MAX)
        .ok_or_else(|| {
            Error::new(
                ErrorKind::Limit,
                "a segment holds at most 4,294,967,294 documents; commit more often",
            )
        })?;
    let mut file = directory.create(name)?;
    let mut writer = SegmentWriter::new(&mut file, &path, schema, documents)?;
    for (id, field) in schema.entries() {
        let text = matches!(field.kind(), FieldKind::Text(_));
        let mut ordinals = Vec::new();
        if text || schema.is_inverted(id) {
            ordinals = flush_terms(runs, id, text, &mut writer)?;
        }
        if !text {
            let keyword = matches!(field.kind(), FieldKind::Keyword);
            let map = if keyword { ordinals.as_slice() } else { &[] };
            writer.column(id, join_column(runs, id, map))?;
        }
    }
    writer.stored(|stored| {
        for block in runs.iter().flat_map(|run| &run.stored) {
            let written = stored.push_block(block);
            written.map_err(|error| Error::io("writing", &path, error))?;
        }
        Ok(())
    })?;
    let length = writer.finish()?;
    file.finish()?;
    Ok(length)
}

/// The column of all runs. `ordinals`, if not empty, has for each run the
/// segment's ordinal of each of its terms.
fn join_column(runs: &[Run], id: FieldId, ordinals: &[Vec<u32>]) -> ColumnBuilder {
    let mut column = ColumnBuilder::new();
    let mut mapped = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let Some(values) = &run.columns[id.index()] else {
            continue;
        };
        for codes in values.documents() {
            match ordinals.get(index) {
                None => column.push(codes),
                Some(map) => {
                    mapped.clear();
                    mapped.extend(codes.iter().map(|code| u64::from(map[*code as usize])));
                    column.push(&mapped);
                }
            }
        }
    }
    column
}

/// One field's terms of one run, and what its first document becomes.
struct Source<'a> {
    terms: &'a Terms,
    base: u32,
}

/// Writes a field's terms; returns, for a keyword, the ordinals of each run's
/// terms.
fn flush_terms(
    runs: &[Run],
    id: FieldId,
    text: bool,
    writer: &mut SegmentWriter,
) -> Result<Vec<Vec<u32>>> {
    let mut sources = Vec::new();
    let mut base = 0;
    for run in runs {
        if let Some(terms) = &run.terms[id.index()] {
            sources.push(Source { terms, base });
        }
        base += run.documents;
    }
    let (norms, statistics) = if text {
        let mut lengths = Lengths::default();
        for source in &sources {
            source
                .terms
                .lengths
                .iter()
                .for_each(|length| lengths.push(*length));
        }
        let norms = lengths.norms().to_vec();
        (norms, writer.lengths(id, lengths)?)
    } else {
        (Vec::new(), count_values(runs, id))
    };
    let mut ordinals: Vec<Vec<u32>> = Vec::new();
    if !text {
        ordinals.extend(sources.iter().map(|source| vec![0; source.terms.len()]));
    }
    let yardstick = text.then(|| Yardstick::new(statistics.average_length()));
    let mut field = writer.terms(id, text);
    let wave = rayon::current_num_threads() * 2;
    for ranges in ranges(&sources).chunks(wave) {
        let merged: Vec<Result<Vec<MergedTerm>>> = ranges
            .par_iter()
            .map(|range| merge_range(&sources, range, yardstick.as_ref(), &norms))
            .collect();
        for terms in merged {
            for term in terms? {
                let ordinal = field.push(term.name, &term.list)?;
                for (source, index) in term.owners {
                    ordinals[source][index] = ordinal;
                }
            }
        }
    }
    field.finish(statistics)?;
    Ok(ordinals)
}

fn count_values(runs: &[Run], id: FieldId) -> FieldStatistics {
    let mut statistics = FieldStatistics::default();
    for values in runs
        .iter()
        .filter_map(|run| run.columns[id.index()].as_ref())
    {
        for codes in values.documents() {
            statistics.documents += u32::from(!codes.is_empty());
            statistics.total_length += codes.len() as u64;
        }
    }
    statistics
}

/// From which term to which, for each source.
type Ranges = Vec<(usize, usize)>;

/// Cuts the terms into ranges by those of the longest run.
fn ranges(sources: &[Source]) -> Vec<Ranges> {
    let longest = sources
        .iter()
        .map(|source| source.terms)
        .max_by_key(|terms| terms.len());
    let Some(longest) = longest else {
        return Vec::new();
    };
    let mut starts = vec![0; sources.len()];
    let mut ranges = Vec::new();
    for cut in (RANGE_TERMS..longest.len()).step_by(RANGE_TERMS) {
        let name = longest.name(cut);
        let ends: Vec<usize> = sources
            .iter()
            .map(|source| source.terms.find(name))
            .collect();
        ranges.push(starts.iter().copied().zip(ends.iter().copied()).collect());
        starts = ends;
    }
    let ends = sources.iter().map(|source| source.terms.len());
    ranges.push(starts.into_iter().zip(ends).collect());
    ranges
}

/// A term of the segment.
struct MergedTerm<'a> {
    name: &'a [u8],
    list: EncodedList,
    /// Of a keyword: which sources have it, and where.
    owners: Vec<(usize, usize)>,
}

fn merge_range<'a>(
    sources: &'a [Source],
    range: &Ranges,
    yardstick: Option<&Yardstick>,
    norms: &[u8],
) -> Result<Vec<MergedTerm<'a>>> {
    // The sources' next terms, the least first; of equal ones the first
    // source's, so that documents ascend.
    let mut heap = BinaryHeap::new();
    for (source, &(start, end)) in range.iter().enumerate() {
        if start < end {
            heap.push(Reverse((sources[source].terms.name(start), source, start)));
        }
    }
    let mut encoder = ListEncoder::new(yardstick);
    let mut positions = Vec::new();
    let mut merged: Vec<MergedTerm> = Vec::new();
    while let Some(Reverse((name, source, index))) = heap.pop() {
        let mut owners = Vec::new();
        let (mut source, mut index) = (source, index);
        loop {
            append(&sources[source], index, norms, &mut encoder, &mut positions)?;
            if yardstick.is_none() {
                owners.push((source, index));
            }
            if index + 1 < range[source].1 {
                let next = sources[source].terms.name(index + 1);
                heap.push(Reverse((next, source, index + 1)));
            }
            match heap.peek() {
                Some(&Reverse((next, other, at))) if next == name => {
                    heap.pop();
                    (source, index) = (other, at);
                }
                _ => break,
            }
        }
        let list = encoder.finish().map_err(too_long)?;
        merged.push(MergedTerm { name, list, owners });
    }
    Ok(merged)
}

/// Appends a source's postings of a term.
fn append(
    source: &Source,
    index: usize,
    norms: &[u8],
    encoder: &mut ListEncoder,
    positions: &mut Vec<u32>,
) -> Result<()> {
    let lie = |lie: Lie| {
        Error::new(
            ErrorKind::Corrupt,
            format!("a run in memory is damaged: {lie}"),
        )
    };
    let (_, mut postings) = source.terms.get(index);
    while let Some(document) = postings.next(positions).map_err(lie)? {
        let document = source.base + document;
        let norm = norms.get(document as usize).copied().unwrap_or(0);
        encoder.push(document, norm, positions).map_err(too_long)?;
    }
    Ok(())
}
