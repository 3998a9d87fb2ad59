//! One term: a posting list, walked block by block.

use super::bm25::Similarity;
use super::execute::END;
use super::plan::Weight;
use super::window::{Bits, Scores, WINDOW};
use crate::error::Result;
use crate::segment::posting_list::BLOCK_LEN;
use crate::segment::{Inverted, PostingList, Segment};

/// With so few candidates they are looked up one by one.
const FEW: u32 = 24;

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
        Ok(Some(Self::of_list(
            inverted,
            inverted.postings(&entry)?,
            weight,
        )))
    }

    fn of_list(inverted: &'a Inverted, list: PostingList<'a>, weight: &'a Weight) -> Self {
        Self {
            list,
            norms: inverted.norms(),
            similarity: &weight.similarity,
            weight: weight.value,
            decoded: NONE,
            frequencies_of: NONE,
            count: 0,
            documents: [0; BLOCK_LEN],
            frequencies: [1; BLOCK_LEN],
            hint: 0,
        }
    }

    pub(super) fn list(&self) -> &PostingList<'a> {
        &self.list
    }

    pub(super) fn cost(&self) -> u64 {
        u64::from(self.list.document_frequency())
    }

    /// The first block that may have `document` or a later one. Fast if this
    /// is asked in ascending order, right in any.
    #[inline]
    fn seek(&mut self, document: u32) -> usize {
        if self.hint > 0 && self.list.last_document(self.hint - 1) >= document {
            self.hint = 0;
        }
        self.hint = self.list.find_block(self.hint, document);
        self.hint
    }

    fn load(&mut self, block: usize) -> Result<()> {
        if self.decoded != block {
            self.decoded = NONE;
            self.count = self.list.decode_documents(block, &mut self.documents)?;
            self.decoded = block;
        }
        Ok(())
    }

    fn load_frequencies(&mut self) -> Result<()> {
        if self.frequencies_of != self.decoded {
            self.frequencies_of = NONE;
            self.list
                .decode_frequencies(self.decoded, &mut self.frequencies)?;
            self.frequencies_of = self.decoded;
        }
        Ok(())
    }

    /// The norm of a document. What the segment claims is checked on opening;
    /// a document past the norms can't come from it.
    #[inline]
    fn norm(&self, document: u32) -> u8 {
        self.norms
            .and_then(|norms| norms.get(document as usize))
            .copied()
            .unwrap_or(0)
    }

    #[inline]
    fn score(&self, index: usize) -> f32 {
        let norm = self.norm(self.documents[index]);
        self.similarity
            .score(self.weight, self.frequencies[index], norm)
    }

    /// The first document at or after `from`.
    pub(super) fn next(&mut self, from: u32) -> Result<u32> {
        let mut block = self.seek(from);
        while block < self.list.block_count() {
            self.load(block)?;
            let index = self.documents[..self.count].partition_point(|document| *document < from);
            if index < self.count {
                return Ok(self.documents[index]);
            }
            block += 1;
        }
        Ok(END)
    }

    /// Where `document` stands in the block that is decoded then; `None` if the
    /// list hasn't it. Ascending documents are found fastest.
    pub(super) fn find(&mut self, document: u32) -> Result<Option<usize>> {
        let block = self.seek(document);
        if block >= self.list.block_count() {
            return Ok(None);
        }
        self.load(block)?;
        Ok(self.documents[..self.count].binary_search(&document).ok())
    }

    /// The frequency of the posting that was found, and the number of its first
    /// position in the list's stream.
    pub(super) fn positions_of(&mut self, index: usize) -> Result<(u64, u32)> {
        self.load_frequencies()?;
        let before: u64 = self.frequencies[..index]
            .iter()
            .map(|f| u64::from(*f))
            .sum();
        let first = self.list.first_position(self.decoded) + before;
        Ok((first, self.frequencies[index]))
    }

    pub(super) fn norm_of(&self, document: u32) -> u8 {
        self.norm(document)
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
                        self.load_frequencies()?;
                        scores[index as usize] = self.score(place);
                    }
                }
            }
            return Ok(());
        }
        let end = start.saturating_add(WINDOW);
        let mut block = self.seek(start);
        while block < self.list.block_count() {
            self.load(block)?;
            let documents = &self.documents[..self.count];
            let from = documents.partition_point(|document| *document < start);
            let until = documents.partition_point(|document| *document < end);
            for document in &documents[from..until] {
                out.set(document - start);
            }
            if let Some(scores) = &mut scores
                && from < until
            {
                self.load_frequencies()?;
                for index in from..until {
                    scores[(self.documents[index] - start) as usize] = self.score(index);
                }
            }
            if until < self.count {
                break;
            }
            block += 1;
        }
        out.and(candidates);
        Ok(())
    }

    /// The blocks that may have documents of the window.
    fn blocks_of(&mut self, start: u32) -> std::ops::Range<usize> {
        let first = self.seek(start);
        let last = self
            .list
            .find_block(first, start.saturating_add(WINDOW - 1));
        first..(last + 1).min(self.list.block_count())
    }

    pub(super) fn bound(&mut self, start: u32) -> f32 {
        let blocks = self.blocks_of(start);
        let bounds = blocks.map(|block| {
            self.similarity
                .bound(self.weight, &self.list.impacts(block))
        });
        bounds.fold(0.0, f32::max)
    }
}
