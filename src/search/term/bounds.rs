//! # Bounds: what postings of a list can score at most
//!
//! Idea        first a block's ceiling answers, a byte times a constant, which of
//!             hundreds of blocks are worth a second look; then the impacts of
//!             these, with some twenty operations; and of a range the highest of
//!             its blocks' ceilings
//! Example     blocks with ceilings 183 201 240, and a threshold that 195 can't
//!             reach: the first is passed over; the second's impacts say that 198
//!             is its best
//! Invariants  (1) no bound is below the score of any posting that it stands for
//!             (2) a floor is below the scores of as many postings as it says
//! Why         `search/bm25.rs` says why these are bounds, rounding and all
//! Next        `look_up.rs`

use super::TermExec;
use crate::bytes::find::lower_bound;
use crate::error::Result;
use crate::search::trace::{ListTrace, Trace};
use crate::search::window::WINDOW;
use crate::search::xray::Depth;

impl<T: Trace> TermExec<'_, T> {
    /// No posting of the list scores more.
    #[inline]
    pub(in crate::search) fn list_bound(&self) -> f32 {
        self.list_bound
    }

    /// No posting of the block scores more: what its ceiling says.
    #[inline]
    pub(in crate::search) fn ceiling_bound(&self, block: usize) -> f32 {
        self.trace.reached(block, Depth::Ceiling);
        match self.list.ceilings().get(block) {
            Some(ceiling) => (f32::from(*ceiling) * self.ceiling_unit).min(self.list_bound),
            None => self.list_bound,
        }
    }

    /// No posting of the block scores more: what its impacts say, or its
    /// ceiling.
    #[inline]
    pub(in crate::search) fn block_bound(&mut self, block: usize) -> f32 {
        self.trace.reached(block, Depth::Impacts);
        if self.bounded.0 != block {
            let impacts = self.list.impacts(block);
            let bound = self.similarity.bound(self.weight, &impacts);
            self.bounded = (block, bound.min(self.ceiling_bound(block)));
        }
        self.bounded.1
    }

    /// The lowest ceiling of a block that may score more than `threshold`; 256
    /// if none may.
    #[inline]
    pub(in crate::search) fn ceiling_needed(&self, threshold: f32) -> u16 {
        if threshold < 0.0 {
            return 0;
        }
        if self.list_bound <= threshold {
            return 256;
        }
        // One lower than it is, for what rounding does.
        ((threshold / self.ceiling_unit) as u16)
            .saturating_sub(1)
            .min(255)
    }

    /// The first block from `from` on with at least this ceiling.
    #[inline]
    pub(in crate::search) fn next_high(&self, from: usize, needed: u16) -> usize {
        let blocks = self.list.block_count();
        if needed > 255 {
            return blocks;
        }
        let needed = needed as u8;
        let ceilings = self.list.ceilings().get(from..).unwrap_or(&[]);
        let (chunks, rest) = ceilings.as_chunks::<32>();
        for (number, chunk) in chunks.iter().enumerate() {
            // Without a branch for each, so that vectors do it.
            let any = chunk
                .iter()
                .fold(false, |any, ceiling| any | (*ceiling >= needed));
            if any && let Some(index) = chunk.iter().position(|ceiling| *ceiling >= needed) {
                let next = from + number * 32 + index;
                self.trace.ceilings(from..next);
                return next;
            }
        }
        let index = rest.iter().position(|ceiling| *ceiling >= needed);
        // A list without ceilings has any.
        let none = self.list.ceilings().len().max(from).min(blocks);
        let next = index.map_or(none, |index| from + chunks.len() * 32 + index);
        self.trace.ceilings(from..next);
        next
    }

    /// At least `k` documents of the list score more than this, deleted ones
    /// counted; negative if nothing is known.
    pub(in crate::search) fn floor(&self, k: usize) -> f32 {
        match self.list.witness(k) {
            Some(witness) => self.similarity.floor(self.weight, &witness),
            None => -1.0,
        }
    }

    /// No posting from `first` to `last` scores more; 0 if there is none.
    pub(in crate::search) fn range_bound(&mut self, first: u32, last: u32) -> f32 {
        let from = self.seek(first);
        if from >= self.list.block_count() {
            return 0.0;
        }
        if self.list.last_document(from) >= last {
            return self.block_bound(from);
        }
        let until = self.list.find_block(from, last);
        self.trace.ceilings(from..until + 1);
        let ceilings = self.list.ceilings();
        match ceilings.get(from..=until) {
            Some(ceilings) => {
                let highest = ceilings.iter().fold(0, |a: u8, b| a.max(*b));
                (f32::from(highest) * self.ceiling_unit).min(self.list_bound)
            }
            // The range ends beyond the last block, or there are no ceilings.
            None => self.list_bound,
        }
    }

    /// No posting of the window scores more; 0 if there is none. Where the window lies
    /// within one block that is decoded to see whether any of it does.
    pub(in crate::search) fn window_bound(&mut self, start: u32) -> Result<f32> {
        let last = start.saturating_add(WINDOW - 1);
        let block = self.seek(start);
        if block < self.list.block_count() && self.list.last_document(block) > last {
            self.load(block)?;
            let index = lower_bound(&self.room.documents, start);
            if index == self.count || self.room.documents[index] > last {
                return Ok(0.0);
            }
        }
        Ok(self.range_bound(start, last))
    }
}
