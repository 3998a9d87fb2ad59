//! # Meeting: all documents that all lists have, counted; the best of them ranked
//!
//! Idea        to count is to find every document that matches, so bounds
//!             save no look-ups. What they save is scoring: first the documents
//!             of a block that all lists have are found, and where they stand in
//!             each list; then, of those alone, frequencies are read and scores
//!             added up, as long as they may beat the threshold
//! Example     128 documents of "whale", of which "sea" has 9 in its blocks 3 and
//!             4: nine are counted; two score enough in "whale" to be hits, both
//!             in block 4, whose frequencies are decoded and no others
//! Invariants  as in `lead.rs`; and every match is counted once
//! Cost        that of counting, and some 15 ns a match
//! Next        `candidates.rs`

use super::super::Goal;
use super::super::candidates::Spots;
use super::Lead;
use crate::error::Result;
use crate::index::Part;
use crate::search::bm25;
use crate::search::term::TermExec;
use crate::search::trace::Trace;
use crate::segment::posting_list::BLOCK_LEN;

impl Lead {
    /// Finds all documents of a block that the others have, counts them, and ranks
    /// those that may be among the best.
    pub(super) fn count<T: Trace>(
        &mut self,
        part: &Part,
        execs: &mut [TermExec<T>],
        block: usize,
        goal: &mut Goal<T>,
    ) -> Result<()> {
        self.spots.resize_with(self.others.len(), Spots::default);
        let mut found = [0; BLOCK_LEN];
        let mut slots: [u8; BLOCK_LEN] = std::array::from_fn(|slot| slot as u8);
        let documents = execs[self.lead].load(block)?;
        let mut count = documents.len();
        found[..count].copy_from_slice(documents);
        for (&(other, _), spots) in self.others.iter().zip(&mut self.spots) {
            let found = &mut found[..count];
            count = execs[other].keep_found(found, |from, to, block, place| {
                slots[to] = slots[from];
                spots.note(slots[to], block, place);
            })?;
        }
        count = goal.conditions.leave_out(&mut found[..count], &mut slots)?;
        let found = &found[..count];
        let clean = part.tombstones.deleted_count() == 0;
        let is_live = |document: &&u32| clean || !part.tombstones.is_deleted(**document);
        goal.count += found.iter().filter(is_live).count() as u64;
        let (threshold, mut needed) = (goal.threshold(), f32::NEG_INFINITY);
        if count == 0 {
            return Ok(());
        }
        if threshold >= 0.0 {
            let range = execs[self.lead].reach(block);
            let rest = self.rest(execs, range);
            needed = bm25::needed(threshold, rest, self.terms);
            if execs[self.lead].ceiling_bound(block) <= needed {
                return Ok(());
            }
        }
        let lead = &mut execs[self.lead];
        lead.load_frequencies(block)?;
        let (mut own, mut scores) = ([0.0; BLOCK_LEN], [0.0; BLOCK_LEN]);
        lead.scores_at(&slots[..count], found, &mut scores[..count]);
        let rows = self.candidates.rows_mut();
        rows.clear();
        for ((&document, &slot), &score) in found.iter().zip(&slots).zip(&scores) {
            own[usize::from(slot) % BLOCK_LEN] = score;
            rows.offer(document, score, slot, score > needed);
        }
        self.ask(part, execs, &own, threshold, goal)
    }
}
