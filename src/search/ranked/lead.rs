//! # Leading: candidates from one list, help from others
//!
//! Idea        one list leads: only its documents can be hits, since all others
//!             must match too, or since they can't be enough without it. Block
//!             by block, then document by document, what can't beat the
//!             threshold with all the help that there may be is passed over;
//!             of what is left the other lists are asked, one after the other
//! Example     threshold 7.0; "whale" leads, "the" may add 0.4. A block of
//!             "whale" with bound 6.5 is passed over. One with 6.8 is decoded
//!             and scored, and only about documents with more than 6.6 "the"
//!             is asked
//! Steps       from cheap to dear, each with a bound of its own:
//!             1. the block's ceiling and the others' best anywhere: bytes
//!             2. its impacts and the others' best over its range
//!             3. decoded: the scores, 128 at a time
//!             4. of the candidates left (`candidates.rs`), the ceilings of the
//!             blocks in which another list could have them
//!             5. those blocks decoded; and so on with the next list. Of lists of
//!             which any must have a document all are asked, and then those left out
//!             that none had
//!             6. last, a look-up in each list whose documents don't count, because
//!             it has led before (`leads.rs`)
//! Invariants  (1) as in `ranked`: what is passed over scores at most the
//!             threshold
//!             (2) the score is summed in the order of the query
//! Next        `lead/meeting.rs`

mod meeting;

use super::Goal;
use super::candidates::{Candidates, Need, Spots};
use crate::error::Result;
use crate::index::Part;
use crate::search::bm25::{hurdle, needed, sum_bound};
use crate::search::leads::Role;
use crate::search::question::Clauses;
use crate::search::term::TermExec;
use crate::search::trace::Trace;
use crate::search::ways::Pruning;
use crate::segment::posting_list::BLOCK_LEN;
use std::ops::Range;

/// What a list gives a document that it lacks, where it matters that it does.
const LACKING: f32 = -1.0;

/// A list that leads, and those that are asked.
#[derive(Default)]
pub(super) struct Lead {
    lead: usize,
    /// In the order in which they are asked. By its role a list must have the document,
    /// or may, or is one of a clause, of which any must.
    others: Vec<(usize, Role)>,
    /// Documents of these don't count.
    excluded: Vec<usize>,
    /// What each of the others adds at most in the range being walked, and what
    /// those after it do together.
    bounds: Vec<f32>,
    rests: Vec<f32>,
    terms: usize,
    candidates: Candidates,
    /// What each list gives each of the candidates, in the order of the query;
    /// empty if there are only two, whose sum doesn't depend on the order.
    parts: Vec<[f32; BLOCK_LEN]>,
    clauses: Clauses,
    /// Where the documents of a block stand in each of the others, if all are
    /// counted.
    spots: Vec<Spots>,
}

impl Lead {
    /// From now on it is about lists that belong to these clauses.
    pub(super) fn begin(&mut self, clauses: impl Iterator<Item = usize>) {
        self.excluded.clear();
        self.clauses.set(clauses);
        self.terms = self.clauses.lists();
        self.bounds.resize(self.terms, 0.0);
        self.rests.resize(self.terms, 0.0);
        let parts = if self.terms > 2 { self.terms } else { 0 };
        self.parts.resize(parts, [0.0; BLOCK_LEN]);
    }

    pub(super) fn clauses(&self) -> &Clauses {
        &self.clauses
    }

    /// From now on this list leads and these are asked.
    pub(super) fn set(&mut self, lead: usize, others: impl Iterator<Item = (usize, Role)>) {
        self.lead = lead;
        self.others.clear();
        self.others.extend(others);
        // Those that are not asked add nothing.
        self.parts.fill([0.0; BLOCK_LEN]);
    }

    /// From now on documents of these lists don't count.
    pub(super) fn exclude(&mut self, lists: impl Iterator<Item = usize>) {
        self.excluded.clear();
        self.excluded.extend(lists);
    }

    /// Walks over the documents of a range.
    pub(super) fn sweep<T: Trace>(
        &mut self,
        part: &Part,
        execs: &mut [TermExec<T>],
        range: Range<u32>,
        goal: &mut Goal<T>,
    ) -> Result<()> {
        let others = self.others.iter();
        let most: f32 = others.map(|(list, _)| execs[*list].list_bound()).sum();
        let mut block = execs[self.lead].seek(range.start);
        let blocks = execs[self.lead].list().block_count();
        loop {
            goal.deadline.check()?;
            let threshold = goal.passed_over();
            if threshold >= 0.0 {
                let ceiling = execs[self.lead].ceiling_needed(needed(threshold, most, self.terms));
                let next = execs[self.lead].next_high(block, ceiling);
                goal.complete &= next == block;
                block = next;
            }
            if block >= blocks {
                break;
            }
            let (first, last) = execs[self.lead].reach(block);
            if first >= range.end {
                break;
            }
            let within = first.max(range.start)..=last.min(range.end - 1);
            self.block(part, execs, block, (*within.start(), *within.end()), goal)?;
            block += 1;
        }
        Ok(())
    }

    /// What the others can add in a range at most, all together.
    fn rest<T: Trace>(&mut self, execs: &mut [TermExec<T>], (first, last): (u32, u32)) -> f32 {
        let mut rest = 0.0;
        for place in (0..self.others.len()).rev() {
            self.rests[place] = rest;
            let (list, _) = self.others[place];
            self.bounds[place] = execs[list].range_bound(first, last);
            rest += self.bounds[place];
        }
        rest
    }

    /// Looks at the documents of a block that lie in a range.
    fn block<T: Trace>(
        &mut self,
        part: &Part,
        execs: &mut [TermExec<T>],
        block: usize,
        range: (u32, u32),
        goal: &mut Goal<T>,
    ) -> Result<()> {
        if goal.pruning == Pruning::Off {
            return self.count(part, execs, block, goal);
        }
        let threshold = goal.threshold();
        // Until the hits are full there is nothing to compare bounds with.
        let mut rest = 0.0;
        if threshold >= 0.0 {
            rest = self.rest(execs, range);
            let lead = &mut execs[self.lead];
            if sum_bound(lead.block_bound(block) + rest, self.terms) <= threshold {
                goal.complete = false;
                return Ok(());
            }
        }
        let (documents, _) = execs[self.lead].load_both(block)?;
        let from = match documents.first() {
            Some(first) if *first >= range.0 => 0,
            _ => documents.partition_point(|document| *document < range.0),
        };
        let until = match documents.last() {
            Some(last) if *last <= range.1 => documents.len(),
            _ => documents.partition_point(|document| *document <= range.1),
        };
        let mut scores = [0.0; BLOCK_LEN];
        execs[self.lead].scores(&mut scores);
        let documents = execs[self.lead].load_padded(block)?;
        let hurdle = hurdle(threshold, rest, self.terms);
        self.candidates
            .rows_mut()
            .take_block(documents, &scores, from..until, hurdle);
        goal.complete &= self.candidates.rows().len() >= until.saturating_sub(from);
        self.ask(part, execs, &scores, threshold, goal)
    }

    /// Asks the other lists about the candidates, whose scores in the leading one
    /// are `own`; takes the best. `threshold` is that of when the bounds were worked
    /// out, which isn't done while it is negative. Other cores may have raised it since.
    fn ask<T: Trace>(
        &mut self,
        part: &Part,
        execs: &mut [TermExec<T>],
        own: &[f32; BLOCK_LEN],
        threshold: f32,
        goal: &mut Goal<T>,
    ) -> Result<()> {
        // The first of the lists of which any must have a document.
        let mut first = 0;
        for place in 0..self.others.len() {
            let (other, role) = self.others[place];
            if self.candidates.rows().len() == 0 {
                return Ok(());
            }
            let need = self.need(place, threshold);
            let mut parts = self.parts.get_mut(other);
            if let Some(parts) = &mut parts {
                match role {
                    Role::Required => {}
                    Role::Optional => parts.fill(0.0),
                    Role::Either | Role::OrElse => parts.fill(LACKING),
                }
            }
            let spots = match goal.pruning {
                Pruning::Allowed => None,
                // All were found when they were counted.
                Pruning::Off => self.spots.get(place),
            };
            let exec = &mut execs[other];
            let dropped = self.candidates.ask(exec, need, spots, parts)?;
            goal.complete &= !dropped;
            if role == Role::OrElse {
                self.keep_any(first..place + 1);
            }
            if role != Role::Either {
                first = place + 1;
            }
        }
        self.take(part, execs, own, goal)
    }

    /// Whether a document is one that doesn't count. Apart from where it is asked, since
    /// most often there is no such list.
    #[inline(never)]
    fn is_excluded<T: Trace>(&self, execs: &mut [TermExec<T>], document: u32) -> Result<bool> {
        for list in &self.excluded {
            if execs[*list].find(document)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keeps the candidates that any of some lists has.
    #[inline(never)]
    fn keep_any(&mut self, places: Range<usize>) {
        let (lists, parts) = (&self.others[places], &self.parts);
        let has = |slot: usize| lists.iter().any(|(list, _)| parts[*list][slot] > LACKING);
        self.candidates.rows_mut().retain(has);
    }

    /// What list number `place` of those that are asked must be good for.
    fn need(&self, place: usize, threshold: f32) -> Need {
        Need {
            threshold,
            terms: self.terms,
            bound: self.bounds[place],
            rest: self.rests[place],
            required: self.others[place].1 == Role::Required,
        }
    }

    /// Takes the best of the candidates.
    fn take<T: Trace>(
        &mut self,
        part: &Part,
        execs: &mut [TermExec<T>],
        own: &[f32; BLOCK_LEN],
        goal: &mut Goal<T>,
    ) -> Result<()> {
        let terms = self.terms;
        let clean = part.tombstones.deleted_count() == 0;
        for (document, mut sum, slot) in self.candidates.rows().iter() {
            if !clean && part.tombstones.is_deleted(document) {
                continue;
            }
            if !self.excluded.is_empty() && self.is_excluded(execs, document)? {
                continue;
            }
            if goal.pruning == Pruning::Allowed {
                goal.count += 1;
            }
            if terms > 2 {
                let lead = self.lead;
                sum = self.clauses.sum(|list| {
                    Ok(match list == lead {
                        true => own[slot],
                        // Nothing, if it lacks the document.
                        false => self.parts[list][slot].max(0.0),
                    })
                })?;
            }
            if sum > goal.threshold() {
                goal.push(part, document, sum)?;
            }
        }
        Ok(())
    }
}
