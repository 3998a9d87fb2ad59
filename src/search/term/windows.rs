//! # Windows: the postings of 4096 documents
//!
//! Idea        whoever goes from window to window wants all postings of one: as
//!             bits, or with their scores. Dense blocks are never decoded for
//!             bits: the words of a bitmap are taken as they are, and of a run
//!             without a gap the directory knows the ends
//! Cost        2 ns a posting, with scores; in dense blocks some 20 ns a block
//! Next        `lists.rs`

use super::TermExec;
use crate::error::Result;
use crate::search::places::Slots;
use crate::search::trace::{ListTrace, Trace};
use crate::search::window::{Bits, Scores, WINDOW};
use crate::search::xray::Depth;
use crate::segment::posting_list::BLOCK_LEN;

/// Setting a posting's bit takes so little, compared with looking up a
/// candidate.
const LOOK_UP_COST: u64 = 32;

/// Scoring a posting takes so little, compared with looking up a candidate.
const SCORED_LOOK_UP_COST: u64 = 3;

/// With so few candidates they are looked up in any case.
const FEW: u64 = 8;

impl<T: Trace> TermExec<'_, T> {
    /// Whether so many candidates of a window are better looked up than found
    /// by going through all postings.
    #[inline]
    pub(in crate::search) fn are_few(&self, candidates: &Bits) -> bool {
        u64::from(candidates.count()) <= FEW.max(self.in_window / LOOK_UP_COST)
    }

    /// Sets the candidates of the window at `start` that the list has in `out`, and says
    /// their scores, if these are wanted. A few are looked up; of many those are left that
    /// are among all postings of the window.
    pub(in crate::search) fn evaluate(
        &mut self,
        start: u32,
        candidates: &Bits,
        out: &mut Bits,
        scores: Option<&mut Scores>,
    ) -> Result<()> {
        out.clear();
        let Some(scores) = scores else {
            if self.are_few(candidates) {
                for index in candidates.iter() {
                    if self.find(start + index)? {
                        out.set(index);
                    }
                }
            } else {
                self.mark(start, out)?;
                out.and(candidates);
            }
            return Ok(());
        };
        let few = FEW.max(self.in_window / SCORED_LOOK_UP_COST);
        if u64::from(candidates.count()) <= few {
            return self.scores_of(start, candidates, out, scores);
        }
        self.scored_in_window(start, |document, score| {
            out.set(document - start);
            scores[(document - start) as usize] = score;
        })?;
        out.and(candidates);
        Ok(())
    }

    /// Looks candidates up, as many together as a block has documents, and scores
    /// those that are there.
    fn scores_of(
        &mut self,
        start: u32,
        candidates: &Bits,
        out: &mut Bits,
        scores: &mut Scores,
    ) -> Result<()> {
        let (mut documents, mut found) = ([0; BLOCK_LEN], [0.0; BLOCK_LEN]);
        let (mut left, mut candidates) = (Slots::none(), candidates.iter());
        loop {
            let mut count = 0;
            for (slot, index) in documents.iter_mut().zip(&mut candidates) {
                *slot = start + index;
                count += 1;
            }
            if count == 0 {
                return Ok(());
            }
            left.fill(count);
            self.keep(&documents, &mut left, Some(&mut found))?;
            for slot in left.as_slice() {
                let slot = usize::from(*slot) % BLOCK_LEN;
                let index = documents[slot] - start;
                out.set(index);
                scores[index as usize] = found[slot];
            }
        }
    }

    /// Sets all documents of the window that the list has.
    pub(in crate::search) fn mark(&mut self, start: u32, out: &mut Bits) -> Result<()> {
        let end = start.saturating_add(WINDOW);
        let mut block = self.seek(start);
        while block < self.list.block_count() {
            let last = self.list.last_document(block);
            if let Some(first) = self.list.run(block) {
                self.trace.reached(block, Depth::InPlace);
                out.set_range(start, first, last);
            } else if block != self.decoded
                && let Some((first, words)) = self.list.bitmap(block)
            {
                self.trace.reached(block, Depth::InPlace);
                out.or_words(start, first, words);
            } else {
                let documents = self.load(block)?;
                out.set_all(start, &documents[within(documents, start)]);
            }
            if last >= end {
                break;
            }
            block += 1;
        }
        Ok(())
    }

    /// Calls `each` with the documents of the window and their scores.
    #[inline]
    pub(in crate::search) fn scored_in_window(
        &mut self,
        start: u32,
        mut each: impl FnMut(u32, f32),
    ) -> Result<()> {
        let end = start.saturating_add(WINDOW);
        let mut scores = [0.0; BLOCK_LEN];
        let mut block = self.seek(start);
        while block < self.list.block_count() {
            let last = self.list.last_document(block);
            self.load_both(block)?;
            let range = within(&self.room.documents[..self.count], start);
            self.scores_within(range.clone(), &mut scores);
            let found = self.room.documents[range.clone()]
                .iter()
                .zip(&scores[range]);
            found.for_each(|(document, score)| each(*document, *score));
            if last >= end {
                break;
            }
            block += 1;
        }
        Ok(())
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
