//! # One term: a posting list, walked block by block
//!
//! Idea        at most one block is decoded at a time, its frequencies only
//!             when asked for. To leap is to gallop over the directory
//! Invariants  (1) what is asked in ascending order is found fastest; in any
//!             order it is found
//!             (2) past the postings of a block that isn't full, its documents
//!             are `u32::MAX`, which nothing asks for
//! Rooms       `term/bounds.rs`: what it can score at most; `term/look_up.rs`: many
//!             documents at once; `term/windows.rs`; `term/lists.rs`: several lists,
//!             in one part after the other
//! Next        these; then `phrase.rs`, `set.rs`

mod bounds;
mod lists;
mod look_up;
mod windows;

pub(super) use lists::Lists;

pub(super) use look_up::{UNCOUNTED, Visits, keep_marked, keep_others, mark_found_in_any};

use super::bm25::{Similarity, inflated};
use super::execute::END;
use super::plan::{TermNode, Weight};
use super::trace::{ListTrace, Silent, Trace};
use super::window::WINDOW;
use super::xray::Depth;
use crate::bytes::bits::gather_bits;
use crate::bytes::find::lower_bound;
use crate::error::Result;
use crate::index::Part;
use crate::segment::posting_list::{BLOCK_LEN, CHAMPIONS};
use crate::segment::{Inverted, PostingList};
use std::ops::Range;

const NONE: usize = usize::MAX;

/// A posting that was found.
///
/// It stays with the list, and those who ask get a `bool`: handed out, it went
/// through memory in pieces, and waiting for these took a third of the time of
/// a phrase.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    block: usize,
    /// Its place in the block.
    index: usize,
    document: u32,
}

/// Whether anybody asks what a list can score at most. A count doesn't, and a search for
/// one term only if its champions are no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bounds {
    Wanted,
    Unwanted,
}

/// A decoded block. It lies apart: what is moved about should be small, and this is
/// as much as an allocator gives without a search.
struct BlockRoom {
    documents: [u32; BLOCK_LEN],
    frequencies: [u32; BLOCK_LEN],
}

impl BlockRoom {
    fn new() -> Box<Self> {
        Box::new(Self {
            documents: [u32::MAX; BLOCK_LEN],
            frequencies: [1; BLOCK_LEN],
        })
    }
}

/// A posting list at work.
pub(super) struct TermExec<'a, T: Trace = Silent> {
    trace: T::List,
    list: PostingList<'a>,
    norms: Option<&'a [u8]>,
    similarity: &'a Similarity,
    weight: f32,
    /// The block whose documents, or frequencies, are decoded.
    decoded: usize,
    frequencies_of: usize,
    /// Where in the block its documents end, and its frequencies begin.
    documents_end: usize,
    count: usize,
    room: Box<BlockRoom>,
    found: Found,
    /// Postings in a window, on average.
    in_window: u64,
    /// The block asked for last.
    hint: usize,
    /// A ceiling times this is a bound.
    ceiling_unit: f32,
    /// The bound of the whole list, and that of the block asked for last.
    list_bound: f32,
    bounded: (usize, f32),
}

impl<'a, T: Trace> TermExec<'a, T> {
    /// `None` if the part hasn't the term.
    #[inline]
    pub(super) fn of(
        part: &'a Part,
        node: &'a TermNode,
        bounds: Bounds,
        trace: T,
    ) -> Result<Option<Self>> {
        let name = (node.field.as_str(), node.term.as_str());
        Self::new(part, name, 0, &node.weight, bounds, trace)
    }

    /// Term number `term` of those that have this weight together; `None` if
    /// the part hasn't it.
    #[inline]
    pub(super) fn new(
        part: &'a Part,
        (field, name): (&str, &str),
        term: usize,
        weight: &'a Weight,
        bounds: Bounds,
        trace: T,
    ) -> Result<Option<Self>> {
        let Some((inverted, list)) = list_of(part, field, term, weight)? else {
            return Ok(None);
        };
        let mut exec = Self {
            trace: trace.list(part, field, name, &list),
            list,
            norms: None,
            similarity: &weight.similarity,
            weight: 0.0,
            decoded: NONE,
            frequencies_of: NONE,
            documents_end: 0,
            count: 0,
            room: BlockRoom::new(),
            found: Found::default(),
            in_window: 0,
            hint: 0,
            ceiling_unit: 0.0,
            list_bound: 0.0,
            bounded: (NONE, 0.0),
        };
        exec.begin(part, inverted, weight, bounds);
        Ok(Some(exec))
    }

    /// From now on it is the list of another part, or term, or both; `false` if the
    /// part hasn't it.
    pub(super) fn enter(
        &mut self,
        part: &'a Part,
        (field, name): (&str, &str),
        term: usize,
        weight: &'a Weight,
        bounds: Bounds,
        trace: T,
    ) -> Result<bool> {
        let Some((inverted, list)) = list_of(part, field, term, weight)? else {
            return Ok(false);
        };
        self.trace = trace.list(part, field, name, &list);
        self.list = list;
        self.begin(part, inverted, weight, bounds);
        Ok(true)
    }

    /// Works out what is to be known of the list; nothing of it is decoded.
    fn begin(
        &mut self,
        part: &'a Part,
        inverted: &'a Inverted,
        weight: &'a Weight,
        bounds: Bounds,
    ) {
        let similarity = &*weight.similarity;
        self.norms = inverted.norms();
        self.similarity = similarity;
        self.weight = weight.value;
        (self.decoded, self.frequencies_of, self.count) = (NONE, NONE, 0);
        self.found = Found::default();
        self.in_window = u64::from(self.list.document_frequency()) * u64::from(WINDOW)
            / u64::from(part.segment.documents().max(1));
        self.hint = 0;
        self.ceiling_unit = inflated(weight.value * similarity.ceiling_unit(part.number), 1);
        self.list_bound = f32::INFINITY;
        if bounds == Bounds::Wanted {
            self.bound_list(part);
        }
        self.bounded = (NONE, 0.0);
    }

    /// Works out what no posting of the list scores more than.
    pub(super) fn bound_list(&mut self, part: &Part) {
        let (similarity, list) = (self.similarity, &self.list);
        self.list_bound = similarity.list_bound(self.weight, part.number, list);
    }

    pub(super) fn list(&self) -> &PostingList<'a> {
        &self.list
    }

    pub(super) fn cost(&self) -> u64 {
        u64::from(self.list.document_frequency())
    }

    /// The first block that may have `document` or a later one.
    #[inline]
    pub(super) fn seek(&mut self, document: u32) -> usize {
        if self.hint > 0 && self.list.last_document(self.hint - 1) >= document {
            self.hint = 0;
        }
        self.hint = self.list.find_block(self.hint, document);
        self.hint
    }

    /// From which document to which a block can have any.
    #[inline]
    pub(super) fn reach(&self, block: usize) -> (u32, u32) {
        let first = match block {
            0 => 0,
            // Below another document; but a file may lie.
            _ => self.list.last_document(block - 1).saturating_add(1),
        };
        (first, self.list.last_document(block))
    }

    /// Decodes a block; returns its documents.
    #[inline]
    pub(super) fn load(&mut self, block: usize) -> Result<&[u32]> {
        if self.decoded != block {
            self.decode(block)?;
        }
        Ok(&self.room.documents[..self.count])
    }

    /// The same, with `u32::MAX` past its documents.
    #[inline]
    pub(super) fn load_padded(&mut self, block: usize) -> Result<&[u32; BLOCK_LEN]> {
        self.load(block)?;
        Ok(&self.room.documents)
    }

    fn decode(&mut self, block: usize) -> Result<()> {
        self.trace.decoded(block);
        (self.decoded, self.frequencies_of) = (NONE, NONE);
        let documents = &mut self.room.documents;
        (self.count, self.documents_end) = self.list.decode_until(block, documents)?;
        if let Some(others @ [_, ..]) = documents.get_mut(self.count..) {
            others.fill(u32::MAX);
        }
        self.decoded = block;
        Ok(())
    }

    /// Takes note that so many positions of a posting are read.
    #[inline]
    pub(super) fn note_positions(&self, count: u32) {
        self.trace.positions(count);
    }

    /// The frequencies of a block; what is past its documents says nothing.
    #[inline(always)]
    pub(super) fn load_frequencies(&mut self, block: usize) -> Result<&[u32; BLOCK_LEN]> {
        self.trace.reached(block, Depth::Frequencies);
        if self.frequencies_of != block {
            self.frequencies_of = NONE;
            let frequencies = &mut self.room.frequencies;
            if self.decoded == block {
                let end = self.documents_end;
                self.list.decode_frequencies_at(block, end, frequencies)?;
            } else {
                self.list.decode_frequencies(block, frequencies)?;
            }
            self.frequencies_of = block;
        }
        Ok(&self.room.frequencies)
    }

    /// The number of the first position of a block whose frequencies are decoded.
    #[inline]
    pub(super) fn first_position(&self, block: usize) -> u64 {
        if block == 0 || block < self.list.full_block_count() || block != self.frequencies_of {
            return self.list.first_position(block);
        }
        // The frequencies of a tail are the last ones.
        let frequencies = self.room.frequencies[..self.list.block_len(block)].iter();
        let sum: u64 = frequencies.map(|frequency| u64::from(*frequency)).sum();
        self.list.total_frequency().saturating_sub(sum)
    }

    /// Decodes a block; returns its documents and their frequencies.
    #[inline]
    pub(super) fn load_both(&mut self, block: usize) -> Result<(&[u32], &[u32])> {
        if self.decoded != block {
            self.decode(block)?;
        }
        self.load_frequencies(block)?;
        Ok((
            &self.room.documents[..self.count],
            &self.room.frequencies[..self.count],
        ))
    }

    /// The norm of a document. A document past the norms can't come from the
    /// segment, whose lists are checked against its number of documents.
    #[inline]
    pub(super) fn norm(&self, document: u32) -> u8 {
        match self.norms {
            Some(norms) => norms.get(document as usize).copied().unwrap_or(0),
            None => 0,
        }
    }

    /// The canonical score of this many occurrences.
    #[inline]
    pub(super) fn score_of(&self, frequency: u32, norm: u8) -> f32 {
        self.similarity.score(self.weight, frequency, norm)
    }

    /// The score of the posting that was found.
    #[inline]
    pub(super) fn score_found(&mut self) -> Result<f32> {
        self.trace.scored(1);
        let frequency = self.frequency_found()?;
        Ok(self.score_of(frequency, self.norm(self.found.document)))
    }

    /// The document of a posting of the block, or of the champion, that is decoded.
    #[inline]
    pub(super) fn document(&self, index: usize) -> u32 {
        self.room.documents[index]
    }

    /// The scores of some documents, which stand in these places of the block whose
    /// frequencies are decoded.
    #[inline]
    pub(super) fn scores_at(&self, places: &[u8], documents: &[u32], out: &mut [f32]) {
        self.trace.scored(places.len());
        let mut frequencies = [0; BLOCK_LEN];
        for (slot, place) in frequencies.iter_mut().zip(places) {
            *slot = self.room.frequencies[usize::from(*place) % BLOCK_LEN];
        }
        let frequencies = &frequencies[..places.len().min(BLOCK_LEN)];
        let norms = documents.iter().map(|document| self.norm(*document));
        self.similarity.scores(self.weight, frequencies, norms, out);
    }

    /// The score of a document in place `place` of the block whose frequencies are
    /// decoded.
    #[inline]
    pub(super) fn score_in(&self, place: usize, document: u32) -> f32 {
        self.trace.scored(1);
        self.score_of(self.room.frequencies[place], self.norm(document))
    }

    /// The scores of the postings of the block that is decoded, frequencies and
    /// all.
    #[inline]
    pub(super) fn scores(&self, out: &mut [f32; BLOCK_LEN]) {
        self.scores_within(0..self.count, out);
    }

    /// The scores of some of them, which lie in these places.
    #[inline]
    fn scores_within(&self, places: Range<usize>, out: &mut [f32; BLOCK_LEN]) {
        self.trace.scored(places.len());
        let (frequencies, out) = (
            &self.room.frequencies[places.clone()],
            &mut out[places.clone()],
        );
        let norms = self.room.documents[places].iter();
        let norms = norms.map(|document| self.norm(*document));
        self.similarity.scores(self.weight, frequencies, norms, out);
    }

    /// Decodes the best `count` postings of the list, its champions, where a block else
    /// is, and scores them; says what no other posting of the list scores more than.
    /// `None` if it hasn't just so many apart.
    #[inline]
    pub(super) fn champions(
        &mut self,
        part: &Part,
        count: usize,
        scores: &mut [f32; CHAMPIONS],
    ) -> Result<Option<f32>> {
        (self.decoded, self.frequencies_of) = (NONE, NONE);
        let (documents, frequencies) = (&mut self.room.documents, &mut self.room.frequencies);
        let Some(champions) = self.list.champions(count, documents, frequencies)? else {
            return Ok(None);
        };
        self.trace.champions(count);
        let norms = champions.norms.iter().copied();
        let frequencies = &self.room.frequencies;
        // Each with its number of turns known to the compiler.
        match frequencies[..count].first_chunk::<CHAMPIONS>() {
            Some(all) => self.similarity.scores(self.weight, all, norms, scores),
            None => {
                let scores = &mut scores[..count];
                self.similarity
                    .scores(self.weight, &frequencies[..count], norms, scores);
            }
        }
        let worth = champions.others;
        let bound = self.similarity.bound_of(self.weight, part.number, worth);
        Ok(Some(bound))
    }

    /// The first document at or after `from`.
    pub(super) fn next(&mut self, from: u32) -> Result<u32> {
        let mut block = self.seek(from);
        while block < self.list.block_count() {
            self.load(block)?;
            let index = lower_bound(&self.room.documents, from);
            if index < self.count {
                return Ok(self.room.documents[index]);
            }
            block += 1;
        }
        Ok(END)
    }

    /// The first document at or after `from`; or, if only the directory knows of it, one
    /// that it isn't before. [`END`] past the last.
    #[inline]
    pub(super) fn next_at_least(&mut self, from: u32) -> u32 {
        let block = self.seek(from);
        if block >= self.list.block_count() {
            return END;
        }
        if block == self.decoded {
            let index = lower_bound(&self.room.documents, from);
            if index < self.count {
                return self.room.documents[index];
            }
        }
        from.max(self.reach(block).0)
    }

    /// The frequency of the posting that was found.
    #[inline(always)]
    pub(super) fn frequency_found(&mut self) -> Result<u32> {
        let Found { block, index, .. } = self.found;
        self.load_frequencies(block)?;
        Ok(self.room.frequencies[index])
    }
}

/// The list in a part of term number `term` of those that have this weight together.
#[inline]
fn list_of<'a>(
    part: &'a Part,
    field: &str,
    term: usize,
    weight: &Weight,
) -> Result<Option<(&'a Inverted, PostingList<'a>)>> {
    match (part.segment.inverted(field), weight.entry(term, part)) {
        (Some(inverted), Some(entry)) => Ok(Some((inverted, inverted.postings(&entry)?))),
        _ => Ok(None),
    }
}

/// Calls `each` with the place of every score in a range that is higher than
/// `room`, in order, until it returns an error.
#[inline]
pub(super) fn each_above(
    scores: &[f32; BLOCK_LEN],
    range: Range<usize>,
    room: f32,
    mut each: impl FnMut(usize) -> Result<()>,
) -> Result<()> {
    let chunks = scores.as_chunks::<32>().0.iter().enumerate();
    for (number, chunk) in chunks.take(range.end.div_ceil(32)) {
        let bits = gather_bits(chunk.map(|score| u8::from(score > room)));
        let first = number * 32;
        let mut bits = bits & mask(range.start, first) & !mask(range.end, first);
        while bits != 0 {
            each(first + bits.trailing_zeros() as usize)?;
            bits &= bits - 1;
        }
    }
    Ok(())
}

/// The bits from `place` on, of the 32 that begin at `first`.
#[inline]
fn mask(place: usize, first: usize) -> u32 {
    match place.saturating_sub(first) {
        bit @ 0..32 => u32::MAX << bit,
        _ => 0,
    }
}
