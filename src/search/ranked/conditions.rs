//! # Conditions: asked last
//!
//! Idea        what is forbidden, or a filter, takes documents away and adds nothing
//!             to a score. So the best of the rest are looked for as if there were no
//!             conditions, by the same bounds, and only a document that is good
//!             enough to enter is asked whether it meets them
//! Example     `mustang -car`: of 3,000 documents with "mustang" some forty ever
//!             score more than the threshold; only these are asked about "car",
//!             which has 50,000
//! Invariants  (1) what enters meets all conditions
//!             (2) a witness speaks of documents that may not, so there is no floor
//!             from witnesses in a part where any is asked
//! Conditions  only terms are forbidden where all matches are to be counted: those of
//!             a block are looked up together, before the best of them are ranked.
//!             Filters and the like are asked one document at a time, and only if
//!             enough documents [pass](pass_enough): the fewer do, the longer the
//!             threshold stays low
//! Cost        a look-up in each list, and a question to each other condition, for every
//!             document that would enter
//! Next        `order.rs`

use crate::error::Result;
use crate::index::{Part, Snapshot};
use crate::query::Occur;
use crate::search::execute::Exec;
use crate::search::limits::{Deadline, Limits};
use crate::search::plan::{BooleanNode, Node, Weight};
use crate::search::question::{Condition, Question, Shape};
use crate::search::term::{Lists, mark_found_in_any};
use crate::search::trace::Trace;

/// What a part's documents are asked before they are hits.
pub(super) struct Conditions<'a, T: Trace> {
    /// None of these may have it.
    lists: Lists<'a, T>,
    /// Each of these must match, or must not.
    others: Vec<(Exec<'a, T>, bool)>,
    /// Documents that would have entered, and those of them that may.
    offered: u64,
    allowed: u64,
}

impl<'a, T: Trace> Conditions<'a, T> {
    pub(super) fn none() -> Self {
        Self {
            lists: Lists::room_for(0),
            others: Vec::new(),
            offered: 0,
            allowed: 0,
        }
    }

    /// From now on it is about this part.
    pub(super) fn enter(
        &mut self,
        part: &'a Part,
        question: &Question<'a>,
        deadline: Deadline,
        trace: T,
    ) -> Result<()> {
        self.lists.clear();
        for term in &question.forbidden {
            self.lists.add(part, term, trace)?;
        }
        self.others.clear();
        let limits = Limits::new(deadline);
        for Condition { node, wanted } in &question.conditions {
            self.others
                .push((Exec::new(node, part, &limits, trace)?, *wanted));
        }
        Ok(())
    }

    /// Whether nothing is asked in this part.
    #[inline]
    pub(super) fn are_none(&self) -> bool {
        self.lists.is_empty() && self.others.is_empty()
    }

    /// Whether a document meets them all.
    #[inline]
    pub(super) fn allow(&mut self, document: u32) -> Result<bool> {
        let allowed = self.are_none() || self.are_met(document)?;
        self.offered += 1;
        self.allowed += u64::from(allowed);
        Ok(allowed)
    }

    /// The same; apart from the above, which most often has nobody to ask.
    #[inline(never)]
    fn are_met(&mut self, document: u32) -> Result<bool> {
        for list in &mut *self.lists {
            if list.find(document)? {
                return Ok(false);
            }
        }
        for (exec, wanted) in &mut self.others {
            if exec.has(document)? != *wanted {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Leaves those of at most 128 documents, which ascend, that have none of the
    /// terms, with their slots; returns how many.
    #[inline]
    pub(super) fn leave_out(&mut self, documents: &mut [u32], slots: &mut [u8]) -> Result<usize> {
        debug_assert!(self.others.is_empty());
        if self.are_none() {
            return Ok(documents.len());
        }
        let marks = mark_found_in_any(&mut self.lists, documents)?;
        let mut left = 0;
        for at in 0..documents.len() {
            documents[left] = documents[at];
            slots[left] = slots[at];
            left += usize::from(!marks[at]);
        }
        Ok(left)
    }

    /// Of so many matches seen, the forbidden ones among them: how many are
    /// known to be allowed, and whether these are all.
    pub(super) fn count(&self, seen: u64) -> (u64, bool) {
        (self.allowed, self.offered == seen)
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.offered += other.offered;
        self.allowed += other.allowed;
    }
}

/// If no more hits than this would be wanted without conditions, it is worth it to ask
/// about the best, one after the other: of a word or of any of several, and of what a
/// short list leads to in any case.
const WANTED_MAX: f32 = 512.0;
const WANTED_MAX_IF_LED: f32 = 128.0;

/// Of lists that together have at most one in this many documents, all documents can be
/// asked about.
const FEW: u64 = 64;

/// A filter's list is short if it has less than one in this many documents: then it leads
/// (`collect.rs`), unless the question's own is shorter.
const SHORT: u64 = 8;

/// Whether enough of the documents that score enough meet the conditions for it to be
/// worth asking about each of them. The fewer do, the more are asked about for each hit.
pub(in crate::search) fn pass_enough(
    snapshot: &Snapshot,
    question: &Question,
    limit: usize,
) -> bool {
    let live = |part: &Part| u64::from(part.tombstones.live_count());
    let documents = snapshot.parts().iter().map(live).sum();
    let (mut all, mut shortest) = (1.0, documents / SHORT);
    for Condition { node, wanted } in &question.conditions {
        let share = match node {
            // At most.
            Node::Phrase(phrase) if !wanted => Some(part_of(documents, &phrase.weight)),
            _ => share(snapshot, documents, node),
        };
        // Foreign statistics may say that there are more than all.
        let Some(share) = share.map(|share| share.min(1.0)) else {
            return false;
        };
        if *wanted {
            all *= share;
            shortest = shortest.min(lead(node).unwrap_or(u64::MAX));
        } else {
            all *= 1.0 - share;
        }
    }
    let leads = shortest < documents / SHORT;
    // As if so many hits were wanted.
    let wanted = limit as f32 / all;
    match &question.shape {
        Shape::Term(term) if leads && shortest < term.weight.frequencies[0] => false,
        Shape::Term(_) => wanted <= WANTED_MAX,
        Shape::Disjunction(_) if leads => false,
        Shape::Disjunction(terms) => {
            let postings = terms.iter().map(|(_, term)| term.weight.frequencies[0]);
            postings.sum::<u64>() <= documents / FEW || wanted <= WANTED_MAX
        }
        Shape::Conjunction(_) | Shape::Phrase(_) => wanted <= WANTED_MAX_IF_LED,
    }
}

/// Which part of so many documents the rarest term is in.
fn part_of(documents: u64, weight: &Weight) -> f32 {
    let rarest = weight.frequencies.iter().min().copied().unwrap_or(0);
    rarest as f32 / documents.max(1) as f32
}

fn is_required(occur: &Occur) -> bool {
    matches!(occur, Occur::Must | Occur::Filter)
}

/// In how many documents the shortest list is that has all that match.
fn lead(node: &Node) -> Option<u64> {
    match node {
        Node::Term(term) => Some(term.weight.frequencies[0]),
        Node::Constant(inner, _) => lead(inner),
        Node::Boolean(BooleanNode { clauses, .. }) => {
            let required = clauses.iter().filter(|(occur, _)| is_required(occur));
            required.filter_map(|(_, clause)| lead(clause)).min()
        }
        _ => None,
    }
}

/// Documents, about, of which a column is asked what they have.
const SAMPLE: u64 = 64;

/// Which part of so many documents matches, roughly; `None` if it takes long to know.
fn share(snapshot: &Snapshot, documents: u64, node: &Node) -> Option<f32> {
    match node {
        Node::All(_) => Some(1.0),
        Node::Term(term) => Some(part_of(documents, &term.weight)),
        Node::Codes { field, range, .. } => {
            // Of all parts, since these may differ, as when time goes by.
            let (mut asked, mut hits) = (0u32, 0u32);
            let sizes = snapshot.parts().iter().map(|part| part.segment.documents());
            let all: u64 = sizes.map(u64::from).sum();
            let step = all.div_ceil(SAMPLE).max(1) as usize;
            for part in snapshot.parts() {
                let column = part.segment.column(field);
                let live = |document: &u32| !part.tombstones.is_deleted(*document);
                for document in (0..part.segment.documents()).step_by(step).filter(live) {
                    let code = column.and_then(|column| column.first(document));
                    asked += 1;
                    hits += u32::from(code.is_some_and(|code| range.contains(&code)));
                }
            }
            Some(hits as f32 / asked.max(1) as f32)
        }
        Node::Boolean(BooleanNode { clauses, .. }) => {
            // Beside what must match, what may says nothing.
            let any_must = clauses.iter().any(|(occur, _)| is_required(occur));
            let (mut any, mut all) = (0.0, 1.0);
            for (occur, clause) in clauses {
                let share = share(snapshot, documents, clause)?;
                match occur {
                    Occur::Should => any = share.max(any),
                    Occur::MustNot => all *= 1.0 - share,
                    Occur::Must | Occur::Filter => all *= share,
                }
            }
            Some(if any_must { all } else { all * any })
        }
        Node::Constant(inner, _) => share(snapshot, documents, inner),
        Node::Phrase(_) | Node::Terms { .. } | Node::Prefix { .. } | Node::Pattern { .. } => None,
    }
}
