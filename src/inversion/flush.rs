//! # Flushing: runs to a segment
//!
//! Idea        the names of the terms are sorted once for all the runs that share
//!             them; then a counting sort tells for each name which runs have it, and
//!             where. The names are cut into ranges, which threads join and encode
//!             side by side, some megabytes of lists at a time (a *wave*), so that
//!             memory stays bounded; what they make is written in order, while they
//!             are at the next
//! Example     300 runs of one text share a lexicon of 400,000 names: these are sorted
//!             once, and not 300 times
//! Invariants  (1) documents are those of the runs, one run after the other
//!             (2) the same runs make the same bytes, whatever the number of threads
//! Next        [`crate::segment`]: what is written here

use super::run::{Lexicon, Run, Terms};
use super::vocabulary::{Names, head, sort_by_heads};
use crate::bytes::Lie;
use crate::document::{FieldId, FieldKind, Schema};
use crate::error::{Error, ErrorKind, Result};
use crate::segment::column::ColumnBuilder;
use crate::segment::dictionary::{TERM_BYTES, prefix};
use crate::segment::inverted::FieldStatistics;
use crate::segment::posting_list::ListEncoder;
use crate::segment::spool::Spools;
use crate::segment::writer::{EncodedTerms, SegmentWriter, document_count, too_long};
use crate::segment::{Yardstick, norms};
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io::{self, Write};

/// Bytes of postings and names in a range, nearly.
const RANGE_BYTES: usize = 256 << 10;

/// Lexicons looked at for that of a run: more than there are threads, and far
/// fewer than there are runs of a keyword, which share none.
const LEXICONS_TRIED: usize = 256;

/// Writes the runs' documents, in order, as a segment; returns its length in
/// bytes. Messages call the file `path`. Uses the threads of the current rayon
/// pool.
///
/// # Errors
/// [`Io`](ErrorKind::Io) if it can't be written, [`Limit`](ErrorKind::Limit)
/// if the segment would be too large.
pub fn flush(
    runs: &[Run],
    schema: &Schema,
    out: &mut (dyn Write + Send),
    path: &str,
) -> Result<u64> {
    let documents: u64 = runs.iter().map(|run| u64::from(run.documents)).sum();
    let documents = document_count(documents, "commit more often")?;
    // What can't be written yet waits in memory.
    let spools = Spools::default();
    let mut writer = SegmentWriter::new(out, &spools, path, schema, documents)?;
    for (id, field) in schema.entries() {
        let text = matches!(field.kind(), FieldKind::Text(_));
        let mut ordinals = Vec::new();
        if text || schema.is_inverted(id) {
            ordinals = flush_terms(runs, id, text, &mut writer)?;
        }
        if !text {
            let keyword = matches!(field.kind(), FieldKind::Keyword);
            let map = if keyword { ordinals.as_slice() } else { &[] };
            let column = join_column(runs, id, map, &spools);
            writer.column(id, column.map_err(|error| writer.error(error))?)?;
        }
    }
    writer.stored(|stored| {
        for block in runs.iter().flat_map(|run| &run.stored) {
            let written = stored.push_block(block);
            written.map_err(|error| Error::io("writing", path, error))?;
        }
        Ok(())
    })?;
    writer.finish()
}

/// The column of all runs. `ordinals`, if not empty, has for each run the
/// segment's ordinal of each of its terms.
fn join_column<'s>(
    runs: &[Run],
    id: FieldId,
    ordinals: &[Vec<u32>],
    spools: &'s Spools,
) -> io::Result<ColumnBuilder<'s>> {
    let mut column = ColumnBuilder::new(spools);
    let mut mapped = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let Some(values) = &run.columns[id.index()] else {
            continue;
        };
        for codes in values.documents() {
            match ordinals.get(index) {
                None => column.push(codes)?,
                Some(map) => {
                    mapped.clear();
                    mapped.extend(codes.iter().map(|code| u64::from(map[*code as usize])));
                    column.push(&mapped)?;
                }
            }
        }
    }
    Ok(column)
}

/// One field of one run, and what its first document becomes.
struct Part<'a> {
    terms: &'a Terms,
    base: u32,
}

/// Writes a field's terms; returns, for a keyword, the ordinals of each run's
/// terms by their number.
fn flush_terms(
    runs: &[Run],
    id: FieldId,
    text: bool,
    writer: &mut SegmentWriter,
) -> Result<Vec<Vec<u32>>> {
    let mut parts = Vec::new();
    let mut base = 0;
    for run in runs {
        if let Some(terms) = &run.terms[id.index()] {
            parts.push(Part { terms, base });
        }
        base += run.documents;
    }
    let (norms, statistics) = if text {
        let lengths = || parts.iter().flat_map(|part| &part.terms.lengths).copied();
        let statistics = writer.lengths(id, lengths())?;
        (lengths().map(norms::encode).collect(), statistics)
    } else {
        (Vec::new(), count_values(runs, id))
    };
    let sources = sources(&parts);
    let mut ordinals: Vec<Vec<u32>> = Vec::new();
    if !text {
        // Each run of a keyword has a source for itself.
        ordinals.extend(sources.iter().map(|source| vec![0; source.names.len()]));
    }
    let yardstick = text.then(|| Yardstick::new(statistics.average_length()));
    let merger = Merger {
        parts: &parts,
        sources: &sources,
        yardstick: yardstick.as_ref(),
        norms: &norms,
    };
    let mut field = writer.terms(id, text);
    let ranges = ranges(&sources);
    // Lists go to the postings one after the other, names to the dictionary, each with
    // the place of its list.
    field.write_ranges(
        &ranges,
        || RangeEncoder::new(yardstick.as_ref()),
        |encoder, range| merger.range(encoder, range),
        // The place in the dictionary of a keyword's term.
        |part, number, ordinal| {
            ordinals[part as usize][number as usize] = ordinal;
            Ok(())
        },
    )?;
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
            // A run is far from 4 GiB.
            statistics.add(codes.len() as u32);
        }
    }
    statistics
}

/// The names of some runs, and where the postings of each are.
struct Source {
    names: Names,
    /// The numbers of those that occur, by name; and the name's first bytes,
    /// since nearly all comparisons end there.
    order: Vec<(u64, u32)>,
    /// Where the places of each name of the order begin; and the end of all.
    starts: Vec<u32>,
    /// Part, and the term's index in it, in that order; the parts of a term
    /// ascend.
    places: Vec<(u32, u32)>,
    /// Bytes of the postings of each name of the order.
    sizes: Vec<u32>,
}

/// The sources of all parts: one for each lexicon.
fn sources(parts: &[Part]) -> Vec<Source> {
    let mut lexicons: Vec<(&Lexicon, Vec<u32>)> = Vec::new();
    for (number, part) in (0..).zip(parts) {
        let lexicon = &part.terms.lexicon;
        // That of one of the last runs, if any.
        let known = lexicons
            .iter_mut()
            .rev()
            .take(LEXICONS_TRIED)
            .find(|(known, _)| known.is(lexicon));
        match known {
            Some((_, parts)) => parts.push(number),
            None => lexicons.push((lexicon, vec![number])),
        }
    }
    let sources = lexicons.into_par_iter();
    sources
        .map(|(lexicon, which)| Source::new(parts, lexicon, &which))
        .collect()
}

impl Source {
    fn new(parts: &[Part], lexicon: &Lexicon, which: &[u32]) -> Self {
        let names = lexicon.lock().clone();
        // Of each number, how many parts have it; then its place in the order.
        let mut ranks = vec![0u32; names.len()];
        let terms = |part: &u32| parts[*part as usize].terms;
        for number in which.iter().flat_map(|part| terms(part).numbers()) {
            ranks[number as usize] += 1;
        }
        let occurring = (0..).zip(&ranks).filter(|(_, count)| **count > 0);
        let order = sorted(&names, occurring.map(|(number, _)| number));
        let mut starts = Vec::with_capacity(order.len() + 1);
        let mut start = 0;
        for (rank, &(_, number)) in (0..).zip(&order) {
            starts.push(start);
            start += std::mem::replace(&mut ranks[number as usize], rank);
        }
        let mut next = starts.clone();
        starts.push(start);
        let mut places = vec![(0, 0); start as usize];
        let mut sizes = vec![0u32; order.len()];
        for part in which {
            // Nearly in order: that of the runs' terms is nearly this.
            for (index, (number, size)) in (0..).zip(terms(part).sizes()) {
                let rank = ranks[number as usize] as usize;
                sizes[rank] = sizes[rank].saturating_add(size);
                let place = &mut next[rank];
                places[*place as usize] = (*part, index);
                *place += 1;
            }
        }
        Self {
            names,
            order,
            starts,
            places,
            sizes,
        }
    }

    /// The places of a name, by its place in the order.
    #[inline]
    fn places(&self, at: usize) -> &[(u32, u32)] {
        &self.places[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// The first of the order that is not below `name`.
    fn find(&self, name: &[u8]) -> usize {
        let prefix = prefix(name);
        self.order
            .partition_point(|&(own, number)| (own, self.names.get(number)) < (prefix, name))
    }
}

/// These numbers by name, each with the name's first bytes.
fn sorted(names: &Names, numbers: impl Iterator<Item = u32>) -> Vec<(u64, u32)> {
    let order = numbers.map(|number| (names.prefix(number), number));
    let mut order: Vec<(u64, u32)> = order.collect();
    let first = |&(prefix, _): &(u64, u32)| head(prefix);
    sort_by_heads(&mut order, &mut Vec::new(), first);
    for same in order.chunk_by_mut(|a, b| first(a) == first(b)) {
        same.sort_unstable_by(|a, b| names.compare(*a, *b));
    }
    order
}

/// From which to which place in the order, for each source.
type Ranges = Vec<(usize, usize)>;

/// Cuts the terms into ranges of about [`RANGE_BYTES`], judged by the source
/// with most terms.
fn ranges(sources: &[Source]) -> Vec<Ranges> {
    let Some(longest) = sources.iter().max_by_key(|source| source.order.len()) else {
        return Vec::new();
    };
    let most = RANGE_BYTES / sources.len();
    let mut starts = vec![0; sources.len()];
    let mut ranges = Vec::new();
    let mut bytes = 0;
    for (&(_, number), &size) in longest.order.iter().zip(&longest.sizes) {
        if bytes > most {
            let name = longest.names.get(number);
            let ends: Vec<usize> = sources.iter().map(|source| source.find(name)).collect();
            ranges.push(starts.iter().copied().zip(ends.iter().copied()).collect());
            starts = ends;
            bytes = 0;
        }
        bytes += TERM_BYTES + size as usize;
    }
    let ends = sources.iter().map(|source| source.order.len());
    ranges.push(starts.into_iter().zip(ends).collect());
    ranges
}

/// A source's next name, the least first: the name's first bytes, the name, the
/// source, and the place in its order.
type Head<'a> = Reverse<(u64, &'a [u8], usize, usize)>;

/// Joins the parts' postings, term by term.
struct Merger<'a> {
    parts: &'a [Part<'a>],
    sources: &'a [Source],
    /// Of a text; a keyword has none.
    yardstick: Option<&'a Yardstick>,
    norms: &'a [u8],
}

/// What the terms of a range are encoded with.
struct RangeEncoder<'a> {
    lists: ListEncoder<'a>,
    /// Positions of one part's postings of a term, each as a step from the one before in
    /// its document.
    steps: Vec<u32>,
    /// Places of a term that several sources have.
    joined: Vec<(u32, u32)>,
}

impl<'a> RangeEncoder<'a> {
    fn new(yardstick: Option<&'a Yardstick>) -> Self {
        Self {
            lists: ListEncoder::new(yardstick),
            steps: Vec::new(),
            joined: Vec::new(),
        }
    }
}

impl Merger<'_> {
    fn range(&self, encoder: &mut RangeEncoder, range: &Ranges) -> Result<EncodedTerms<'_>> {
        let RangeEncoder {
            lists,
            steps,
            joined,
        } = encoder;
        // The sources' next names, the least first.
        let mut heap = BinaryHeap::with_capacity(self.sources.len());
        let sources = 0..self.sources.len();
        heap.extend(sources.filter_map(|source| self.head(range, source, range[source].0)));
        let mut encoded = EncodedTerms::with_room(RANGE_BYTES);
        while let Some(&Reverse((prefix, name, ..))) = heap.peek() {
            let mut owners = 0;
            // Where the postings are; of several sources together in `joined`.
            let mut places: &[(u32, u32)] = &[];
            // Of each source that has this name next.
            while let Some(mut top) = heap.peek_mut() {
                let Reverse((other_prefix, other, source, at)) = *top;
                if owners > 0 && (other_prefix, other) != (prefix, name) {
                    break;
                }
                let of_source = self.sources[source].places(at);
                match owners {
                    0 => places = of_source,
                    1 => {
                        joined.clear();
                        joined.extend_from_slice(places);
                        joined.extend_from_slice(of_source);
                    }
                    _ => joined.extend_from_slice(of_source),
                }
                owners += 1;
                if self.yardstick.is_none() {
                    let number = self.sources[source].order[at].1;
                    of_source
                        .iter()
                        .for_each(|(part, _)| encoded.own(*part, number));
                }
                match self.head(range, source, at + 1) {
                    Some(next) => *top = next,
                    None => drop(PeekMut::pop(top)),
                }
            }
            if owners > 1 {
                // So that documents ascend.
                joined.sort_unstable();
                places = joined.as_slice();
            }
            for (part, index) in places {
                self.append(*part, *index, lists, steps)?;
            }
            encoded.push(name, lists);
        }
        Ok(encoded)
    }

    /// A source's name at a place of its order, if it is in the range.
    fn head(&self, range: &Ranges, source: usize, at: usize) -> Option<Head<'_>> {
        (at < range[source].1).then(|| {
            let Source { names, order, .. } = &self.sources[source];
            names.announce(at, |at| order.get(at).map(|(_, number)| *number));
            let (prefix, number) = order[at];
            Reverse((prefix, names.get(number), source, at))
        })
    }

    /// Appends a part's postings of a term.
    fn append(
        &self,
        part: u32,
        index: u32,
        encoder: &mut ListEncoder,
        steps: &mut Vec<u32>,
    ) -> Result<()> {
        let part = &self.parts[part as usize];
        let mut postings = part.terms.postings(index as usize);
        if self.yardstick.is_none() {
            while let Some(document) = postings.document().map_err(damaged)? {
                let pushed = encoder.push(part.base + document, 0, 1);
                pushed.map_err(too_long)?;
            }
            return Ok(());
        }
        steps.clear();
        let (mut document, mut begin) = (0, 0);
        let push = |encoder: &mut ListEncoder, document: u32, frequency: usize| {
            let document = part.base + document;
            let norm = self.norms.get(document as usize).copied().unwrap_or(0);
            // A run has fewer occurrences than that.
            let pushed = encoder.push(document, norm, frequency as u32);
            pushed.map_err(too_long)
        };
        while let Some(occurrence) = postings.occurrence().map_err(damaged)? {
            if let Some(next) = occurrence.document {
                if !steps.is_empty() {
                    push(encoder, document, steps.len() - begin)?;
                }
                (document, begin) = (next, steps.len());
            }
            steps.push(occurrence.step);
        }
        if steps.is_empty() {
            return Ok(());
        }
        push(encoder, document, steps.len() - begin)?;
        encoder.push_steps(steps).map_err(too_long)
    }
}

#[cold]
fn damaged(lie: Lie) -> Error {
    Error::new(
        ErrorKind::Corrupt,
        format!("a run in memory is damaged: {lie}"),
    )
}
