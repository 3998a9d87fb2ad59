//! # Few: a Boolean of at most 128 documents
//!
//! Idea        each clause is asked once, and says at once what it gives: those that
//!             must match first, the quick ones before those that compare positions.
//!             Between two, a document that can't score enough is left out, whatever the
//!             others give. What must not match is asked about those that are good
//!             enough, and about no others
//! Example     `+griffith observatory -"los angeles"`, ten hits of 500,000 articles: 1,589
//!             have "griffith", and 924 of them may score more than the tenth so far, if
//!             they have "observatory". 130 in all are good enough to be asked about
//!             "angeles", 28 of these about "los", and positions of at most that many are
//!             read
//! Invariants  (1) the score is summed in the order of the query; what a clause that
//!             doesn't match gives is 0, which changes no sum
//!             (2) a document that is left out scores at most the threshold
//! Cost        what it takes to look up each document in each list, and to compare
//!             positions: see `term/look_up.rs` and `phrase.rs`
//! Next        `topk.rs`, `collect.rs`

use super::{BooleanExec, is_scoring};
use crate::error::Result;
use crate::query::Occur;
use crate::search::bm25::inflated;
use crate::search::execute::{Exec, FewScores};
use crate::search::places::{Documents, Slots};
use crate::search::trace::Trace;
use crate::segment::posting_list::BLOCK_LEN;

/// What it takes to ask about a few documents.
pub(super) struct Few {
    /// Clauses that must match, the quickest to tell first, the rarest of these.
    required: Vec<usize>,
    /// What each clause gives the documents that match it, and at most any.
    given: Vec<FewScores>,
    most: Vec<f32>,
    /// What those that may match give at most, together.
    optional: f32,
}

impl Few {
    fn of<T: Trace>(clauses: &[(Occur, Exec<T>)], required: &[usize]) -> Self {
        let mut required = required.to_vec();
        required.sort_by_key(|index| clauses[*index].1.is_dear());
        let most = |(occur, clause): &(Occur, Exec<T>)| match is_scoring(*occur) {
            true => clause.most(),
            false => 0.0,
        };
        let optional = clauses.iter().filter(|(occur, _)| *occur == Occur::Should);
        Self {
            required,
            given: vec![[0.0; BLOCK_LEN]; clauses.len()],
            most: clauses.iter().map(most).collect(),
            optional: optional.map(most).sum(),
        }
    }

    /// What has been given to a slot, in the order of the query.
    fn sum(&self, slot: usize) -> f32 {
        self.given.iter().fold(0.0, |sum, given| sum + given[slot])
    }
}

impl<T: Trace> BooleanExec<'_, T> {
    /// See [`Exec::keep`].
    pub(in crate::search) fn keep(
        &mut self,
        documents: &Documents,
        left: &mut Slots,
        scores: Option<&mut FewScores>,
        threshold: f32,
    ) -> Result<bool> {
        let few = self.few.take();
        let mut few = few.unwrap_or_else(|| Few::of(&self.clauses, &self.required));
        let is_scored = scores.is_some();
        if is_scored {
            few.given.iter_mut().for_each(|given| given.fill(0.0));
        }
        let threshold = if is_scored { threshold } else { -1.0 };
        let mut all = self.keep_required(&mut few, documents, left, is_scored, threshold)?;
        if self.has_optional && is_scored || self.minimum > 0 {
            self.keep_optional(&mut few, documents, left, is_scored)?;
        }
        if let Some(scores) = scores {
            for slot in left.as_slice() {
                let slot = usize::from(*slot) % BLOCK_LEN;
                scores[slot] = few.sum(slot);
            }
            all &= leave_out_low(left, |slot| scores[slot], threshold);
        }
        let mut answer = Slots::none();
        for &index in &self.forbidden {
            answer.clone_from(left);
            let (_, clause) = &mut self.clauses[index];
            clause.keep(documents, &mut answer, None, -1.0)?;
            left.leave_out(&answer);
        }
        self.few = Some(few);
        Ok(all)
    }

    /// Keeps what all clauses match that must, and what may score enough; says
    /// whether that is all that they match.
    fn keep_required(
        &mut self,
        few: &mut Few,
        documents: &Documents,
        left: &mut Slots,
        is_scored: bool,
        threshold: f32,
    ) -> Result<bool> {
        let mut all = true;
        for at in 0..few.required.len() {
            if left.is_empty() {
                break;
            }
            let index = few.required[at];
            let (occur, clause) = &mut self.clauses[index];
            let given = (is_scored && is_scoring(*occur)).then_some(&mut few.given[index]);
            clause.keep(documents, left, given, -1.0)?;
            let rest = few.required[at + 1..].iter().map(|index| few.most[*index]);
            let rest = rest.sum::<f32>() + few.optional;
            let terms = 2 * few.given.len();
            all &= leave_out_low(
                left,
                |slot| inflated(few.sum(slot) + rest, terms),
                threshold,
            );
        }
        Ok(all)
    }

    /// Asks those that may match, and keeps what enough of them do.
    fn keep_optional(
        &mut self,
        few: &mut Few,
        documents: &Documents,
        left: &mut Slots,
        is_scored: bool,
    ) -> Result<()> {
        let (mut counts, mut scores) = ([0u32; BLOCK_LEN], [0.0; BLOCK_LEN]);
        let mut answer = Slots::none();
        for ((occur, clause), given) in self.clauses.iter_mut().zip(&mut few.given) {
            if *occur != Occur::Should || left.is_empty() {
                continue;
            }
            answer.clone_from(left);
            let wanted = is_scored.then_some(&mut scores);
            clause.keep(documents, &mut answer, wanted, -1.0)?;
            for slot in answer.as_slice() {
                let slot = usize::from(*slot) % BLOCK_LEN;
                counts[slot] += 1;
                given[slot] = scores[slot];
            }
        }
        left.retain(|slot| counts[slot] >= self.minimum);
        Ok(())
    }
}

/// Keeps the slots whose documents score more, or may; says whether these are all.
/// Without a threshold, below 0, they are.
fn leave_out_low(left: &mut Slots, most: impl Fn(usize) -> f32, threshold: f32) -> bool {
    let before = left.as_slice().len();
    if threshold >= 0.0 {
        left.retain(|slot| most(slot) > threshold);
    }
    left.as_slice().len() == before
}
