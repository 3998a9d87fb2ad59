//! # One term: a posting list, walked block by block
//!
//! Idea        at most one block is decoded at a time, its frequencies only
//!             when asked for. To leap is to gallop over the directory
//! Invariants  (1) what is asked in ascending order is found fastest; in any
//!             order it is found
//!             (2) bounds are never below the score of any posting that they
//!             stand for
//! Next        `phrase.rs`, `set.rs`

use super::bm25::Similarity;
use super::execute::END;
use super::plan::Weight;
use super::window::{Bits, Scores, WINDOW};
use crate::error::Result;
use crate::segment::posting_list::BLOCK_LEN;
use crate::segment::{PostingList, Segment};

/// With so few candidates they are looked up one by one.
const FEW: u32 = 24;

/// A bound over more blocks than this is taken from the whole list.
const BLOCKS_BOUNDED: usize = 40;

const NONE: usize = usize::MAX;

/// A posting list at work.
pub(super) struct TermExec<'a> {
    list: PostingList<'a>,
    norms: Option<&'a [u8]>,
    similarity: &'a Similarity,
    weight: f32,
    /// The block whose documents, or frequencies, are decoded.
    decoded: usize,
    frequencies_of: usize,
    count: usize,
    documents: [u32; BLOCK_LEN],
    frequencies: [u32; BLOCK_LEN],
    /// The block asked for last.
    hint: usize,
    /// Of the block whose frequencies are decoded: so many postings have so
    /// many occurrences.
    summed: (usize, u64),
    /// The bound of the whole list, and of the block asked for last.
    list_bound: f32,
    bounded: (usize, f32),
}

impl<'a> TermExec<'a> {
    /// `None` if the segment hasn't the term.
    pub(super) fn new(
        segment: &'a Segment,
        field: &str,
        term: &str,
        weight: &'a Weight,
    ) -> Result<Option<Self>> {
        let Some(inverted) = segment.inverted(field) else {
            return Ok(None);
        };
        let Some(entry) = inverted.lookup(term.as_bytes())? else {
            return Ok(None);
        };
        let list = inverted.postings(&entry)?;
        let similarity = &*weight.similarity;
        Ok(Some(Self {
            list,
            norms: inverted.norms(),
            similarity,
            weight: weight.value,
            decoded: NONE,
            frequencies_of: NONE,
            count: 0,
            documents: [0; BLOCK_LEN],
            frequencies: [1; BLOCK_LEN],
            hint: 0,
            summed: (0, 0),
            list_bound: similarity.bound(weight.value, &list.list_impacts()),
            bounded: (NONE, 0.0),
        }))
    }

    pub(super) fn list(&self) -> &PostingList<'a> {
        &self.list
    }

    pub(super) fn cost(&self) -> u64 {
        u64::from(self.list.document_frequency())
    }

    /// The first block that may have `document` or a later one.
    #[inline]
    fn seek(&mut self, document: u32) -> usize {
        if self.hint > 0 && self.list.last_document(self.hint - 1) >= document {
            self.hint = 0;
        }
        self.hint = self.list.find_block(self.hint, document);
        self.hint
    }

    /// Decodes a block; returns its documents.
    #[inline]
    pub(super) fn load(&mut self, block: usize) -> Result<&[u32]> {
        if self.decoded != block {
            self.decoded = NONE;
            self.count = self.list.decode_documents(block, &mut self.documents)?;
            self.decoded = block;
        }
        Ok(&self.documents[..self.count])
    }

    #[inline]
    fn load_frequencies(&mut self) -> Result<()> {
        if self.frequencies_of != self.decoded {
            self.frequencies_of = NONE;
            self.list
                .decode_frequencies(self.decoded, &mut self.frequencies)?;
            self.frequencies_of = self.decoded;
            self.summed = (0, 0);
        }
        Ok(())
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

    #[inline]
    fn score(&self, index: usize) -> f32 {
        self.score_of(self.frequencies[index], self.norm(self.documents[index]))
    }

    /// The score of the posting that was found.
    #[inline]
    pub(super) fn score_at(&mut self, index: usize) -> Result<f32> {
        self.load_frequencies()?;
        Ok(self.score(index))
    }

    /// The scores of the block that is decoded.
    #[inline]
    pub(super) fn scores(&mut self, out: &mut [f32; BLOCK_LEN]) -> Result<()> {
        self.load_frequencies()?;
        for (index, score) in out[..self.count].iter_mut().enumerate() {
            *score = self.score(index);
        }
        Ok(())
    }

    /// The first document at or after `from`.
    pub(super) fn next(&mut self, from: u32) -> Result<u32> {
        let mut block = self.seek(from);
        while block < self.list.block_count() {
            let documents = self.load(block)?;
            let index = documents.partition_point(|document| *document < from);
            if let Some(document) = documents.get(index) {
                return Ok(*document);
            }
            block += 1;
        }
        Ok(END)
    }

    /// Where `document` stands in the block that is decoded then; `None` if the
    /// list hasn't it.
    #[inline]
    pub(super) fn find(&mut self, document: u32) -> Result<Option<usize>> {
        let block = self.seek(document);
        if block >= self.list.block_count() {
            return Ok(None);
        }
        let documents = self.load(block)?;
        let index = documents.partition_point(|other| *other < document);
        Ok((documents.get(index) == Some(&document)).then_some(index))
    }

    /// Of the posting that was found: the number of its first position in the
    /// list's stream, and its frequency.
    #[inline]
    pub(super) fn positions_of(&mut self, index: usize) -> Result<(u64, u32)> {
        self.load_frequencies()?;
        let (mut from, mut sum) = self.summed;
        if from > index {
            (from, sum) = (0, 0);
        }
        let between = self.frequencies[from..index].iter();
        sum += between.map(|frequency| u64::from(*frequency)).sum::<u64>();
        self.summed = (index, sum);
        let first = self.list.first_position(self.decoded) + sum;
        Ok((first, self.frequencies[index]))
    }

    /// The frequency of the posting that was found.
    #[inline]
    pub(super) fn frequency_at(&mut self, index: usize) -> Result<u32> {
        self.load_frequencies()?;
        Ok(self.frequencies[index])
    }

    pub(super) fn evaluate(
        &mut self,
        start: u32,
        candidates: &Bits,
        out: &mut Bits,
        mut scores: Option<&mut Scores>,
    ) -> Result<()> {
        out.clear();
        if candidates.count() <= FEW {
            for index in candidates.iter() {
                if let Some(place) = self.find(start + index)? {
                    out.set(index);
                    if let Some(scores) = &mut scores {
                        scores[index as usize] = self.score_at(place)?;
                    }
                }
            }
            return Ok(());
        }
        match scores {
            None => self.in_window(start, |documents| {
                for document in documents {
                    out.set(document - start);
                }
            })?,
            Some(scores) => self.scored_in_window(start, |document, score| {
                out.set(document - start);
                scores[(document - start) as usize] = score;
            })?,
        }
        out.and(candidates);
        Ok(())
    }

    /// Calls `each` with the documents of the window, block by block.
    #[inline]
    fn in_window(&mut self, start: u32, mut each: impl FnMut(&[u32])) -> Result<()> {
        let mut block = self.seek(start);
        while block < self.list.block_count() {
            let documents = self.load(block)?;
            let range = within(documents, start);
            let whole = range.end == documents.len();
            each(&documents[range]);
            if !whole {
                break;
            }
            block += 1;
        }
        Ok(())
    }

    /// Calls `each` with the documents of the window and their scores.
    #[inline]
    pub(super) fn scored_in_window(
        &mut self,
        start: u32,
        mut each: impl FnMut(u32, f32),
    ) -> Result<()> {
        let mut block = self.seek(start);
        let mut scores = [0.0; BLOCK_LEN];
        while block < self.list.block_count() {
            self.load(block)?;
            let range = within(&self.documents[..self.count], start);
            if !range.is_empty() {
                self.scores(&mut scores)?;
            }
            let whole = range.end == self.count;
            let documents = &self.documents[range.clone()];
            for (document, score) in documents.iter().zip(&scores[range]) {
                each(*document, *score);
            }
            if !whole {
                break;
            }
            block += 1;
        }
        Ok(())
    }

    /// No posting of the block scores more.
    #[inline]
    pub(super) fn block_bound(&mut self, block: usize) -> f32 {
        if self.bounded.0 != block {
            let impacts = self.list.impacts(block);
            self.bounded = (block, self.similarity.bound(self.weight, &impacts));
        }
        self.bounded.1
    }

    /// At least `k` documents of the list score more than this, deleted ones
    /// counted; negative if nothing is known.
    pub(super) fn floor(&self, k: usize) -> f32 {
        match self.list.witness(k) {
            Some(witness) => self.similarity.floor(self.weight, &witness),
            None => -1.0,
        }
    }

    /// No posting from `first` to `last` scores more; 0 if there is none.
    pub(super) fn range_bound(&mut self, first: u32, last: u32) -> f32 {
        let from = self.seek(first);
        if from >= self.list.block_count() {
            return 0.0;
        }
        if self.list.last_document(from) >= last {
            return self.block_bound(from);
        }
        let until = self.list.find_block(from, last);
        if until - from > BLOCKS_BOUNDED {
            return self.list_bound;
        }
        let mut bound = 0.0f32;
        for block in from..(until + 1).min(self.list.block_count()) {
            bound = bound.max(self.block_bound(block));
            if bound >= self.list_bound {
                break;
            }
        }
        bound
    }

    pub(super) fn bound(&mut self, start: u32) -> f32 {
        self.range_bound(start, start.saturating_add(WINDOW - 1))
    }
}

/// Which of the documents lie in the window at `start`.
#[inline]
fn within(documents: &[u32], start: u32) -> std::ops::Range<usize> {
    let end = start.saturating_add(WINDOW);
    let from = match documents.first() {
        Some(first) if *first >= start => 0,
        _ => documents.partition_point(|document| *document < start),
    };
    let until = match documents.last() {
        Some(last) if *last < end => documents.len(),
        _ => documents.partition_point(|document| *document < end),
    };
    from..until.max(from)
}
