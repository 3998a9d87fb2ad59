//! # Ranked: the best hits of the usual questions, most postings unread
//!
//! Idea        most questions are a word, words of which any or all must match,
//!             or a phrase. For these there is a better way than window by
//!             window: look only at blocks, and within blocks only at documents,
//!             whose bound beats the worst hit kept so far
//! Example     the ten best for "the": the head of the list says that ten
//!             documents score at least 0.9. Of its thousands of blocks three
//!             have impacts that can score more; these are decoded, no others
//! Invariants  (1) hits and scores are those of the plain walk, `collect.rs`: a
//!             document is passed over only if a bound on its score is at most
//!             the threshold, and documents ascend, so that of equal scores
//!             the later one loses
//!             (2) what enters is scored canonically: in the order of the query
//! Conditions  no filter, no facets, no other order, no exact count: those want
//!             every match. A floor from witnesses counts documents that may be
//!             deleted, so it is used only where none is
//! Rooms       `term`; `lead`: candidates from one list, help from others, by
//!             which `conjunction` and `disjunction` work; `phrase`; `priming`:
//!             a look at the best blocks first
//! Papers      Turtle and Flood 1995; Ding and Suel 2011; Grand et al. 2020

mod conjunction;
mod disjunction;
mod lead;
mod phrase;
mod priming;
mod term;

use super::counting::terms_of;
use super::plan::{Node, PhraseNode, TermNode};
use super::term::TermExec;
use super::topk::{Scored, TopK};
use crate::error::Result;
use crate::index::{Part, Snapshot};
use crate::query::Occur;

/// What is kept, and what it takes to be kept.
pub(super) struct Goal {
    top: TopK,
    /// Enough documents score more than this.
    floor: f32,
    limit: usize,
    /// Matches seen.
    pub(super) count: u64,
    /// Whether these are all matches.
    pub(super) complete: bool,
}

impl Goal {
    fn new(limit: usize) -> Self {
        Self {
            top: TopK::new(limit),
            floor: -1.0,
            limit,
            count: 0,
            complete: true,
        }
    }

    /// A document that comes later than all so far must score more; negative
    /// as long as any will do.
    #[inline]
    fn threshold(&self) -> f32 {
        self.top.threshold().max(self.floor)
    }

    /// Takes note that enough documents of a list score more than this.
    fn raise(&mut self, part: &Part, exec: &TermExec) {
        if part.tombstones.deleted_count() == 0 {
            self.floor = self.floor.max(exec.floor(self.limit));
        }
    }

    #[inline]
    fn push(&mut self, part: &Part, document: u32, score: f32) {
        self.top.push(Scored {
            score,
            document: part.base + document,
        });
    }

    /// The best first, and whether the count is that of all matches.
    pub(super) fn finish(self) -> (Vec<Scored>, u64, bool) {
        (self.top.into_sorted(), self.count, self.complete)
    }
}

/// A question that is answered here.
enum Shape<'a> {
    Term(&'a TermNode),
    /// Any of these.
    Disjunction(Vec<&'a TermNode>),
    /// All of these.
    Conjunction(Vec<&'a TermNode>),
    Phrase(&'a PhraseNode),
}

fn shape(node: &Node) -> Option<Shape<'_>> {
    match node {
        Node::Term(term) => Some(Shape::Term(term)),
        Node::Phrase(phrase) if phrase.slop == 0 => Some(Shape::Phrase(phrase)),
        Node::Boolean(_) => match terms_of(node)? {
            (Occur::Must, terms) => Some(Shape::Conjunction(terms)),
            (_, terms) => Some(Shape::Disjunction(terms)),
        },
        _ => None,
    }
}

/// The best `limit` documents; `None` if the question is of another kind.
pub(super) fn best(snapshot: &Snapshot, node: &Node, limit: usize) -> Result<Option<Goal>> {
    let Some(shape) = shape(node) else {
        return Ok(None);
    };
    let mut goal = Goal::new(limit);
    for part in snapshot.parts() {
        match &shape {
            Shape::Term(node) => {
                if let Some(exec) = TermExec::of(part, node)? {
                    term::run(part, exec, &mut goal)?;
                }
            }
            Shape::Disjunction(nodes) => {
                let mut execs = Vec::with_capacity(nodes.len());
                for node in nodes {
                    execs.extend(TermExec::of(part, node)?);
                }
                match execs.len() {
                    0 => {}
                    1 => term::run(part, execs.remove(0), &mut goal)?,
                    _ => disjunction::run(part, execs, &mut goal)?,
                }
            }
            Shape::Conjunction(nodes) => {
                let mut execs = Vec::with_capacity(nodes.len());
                for node in nodes {
                    execs.extend(TermExec::of(part, node)?);
                }
                if execs.len() == nodes.len() {
                    conjunction::run(part, execs, &mut goal)?;
                }
            }
            Shape::Phrase(node) => phrase::run(part, node, &mut goal)?,
        }
    }
    Ok(Some(goal))
}
