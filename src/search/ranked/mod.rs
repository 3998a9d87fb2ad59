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
//! Conditions  no filter, no facets, no other order: those want every match. If an
//!             exact number is wanted, too, `counting.rs` finds it by itself; but
//!             for a phrase or where all terms must match all are found here, and
//!             only then the best of them ranked. A
//!             floor from witnesses counts documents that may be deleted, so it
//!             is used only where none is
//! Rooms       `term`; `lead`: candidates from one list, help from others, by
//!             which `conjunction` and `disjunction` work; `phrase`; `priming`:
//!             a look at the best blocks first
//! Papers      Turtle and Flood 1995; Ding and Suel 2011; Grand et al. 2020

mod candidates;
mod conjunction;
mod disjunction;
mod lead;
mod phrase;
mod priming;
mod term;

use super::collect::{Found, Pruning};
use super::counting::terms_of;
use super::plan::{Node, PhraseNode, TermNode};
use super::spread::{self, Cores, Floor};
use super::term::TermExec;
use super::topk::{Scored, TopK};
use super::trace::{Silent, Trace};
use super::xray::Way;
use crate::error::Result;
use crate::index::{Part, Snapshot};
use crate::query::Occur;

/// What is kept, and what it takes to be kept.
pub(super) struct Goal<'f, T: Trace = Silent> {
    trace: T,
    top: TopK<'f>,
    /// Enough documents score more than this.
    floor: f32,
    limit: usize,
    pruning: Pruning,
    /// Matches seen.
    count: u64,
    /// Whether these are all matches.
    complete: bool,
}

impl<'f, T: Trace> Goal<'f, T> {
    fn new(limit: usize, trace: T) -> Self {
        Self::sharing(limit, Pruning::Allowed, None, trace)
    }

    /// One of several that are joined in the end.
    fn sharing(limit: usize, pruning: Pruning, floor: Option<&'f Floor>, trace: T) -> Self {
        Self {
            trace,
            top: TopK::sharing(limit, floor),
            floor: -1.0,
            limit,
            pruning,
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

    /// What doesn't score more than this may be passed over; negative if
    /// everything is to be seen.
    #[inline]
    fn passed_over(&self) -> f32 {
        match self.pruning {
            Pruning::Allowed => self.threshold(),
            Pruning::Off => -1.0,
        }
    }

    /// Takes note that enough documents of a list score more than this.
    fn raise(&mut self, part: &Part, exec: &TermExec<T>) {
        if part.tombstones.deleted_count() == 0 {
            self.floor = self.floor.max(exec.floor(self.limit));
            self.top.raise(self.floor);
            self.trace.threshold(part.base, self.threshold());
        }
    }

    #[inline]
    fn push(&mut self, part: &Part, document: u32, score: f32) {
        self.top.push(Scored {
            score,
            document: part.base + document,
        });
        self.trace.threshold(part.base + document, self.threshold());
    }

    /// What was found in other parts, too.
    fn join(&mut self, other: Self) {
        self.top.join(other.top);
        self.count += other.count;
        self.complete &= other.complete;
    }

    /// The best first, and whether the count is that of all matches.
    fn finish(self) -> (Vec<Scored>, Found) {
        let found = Found {
            count: self.count,
            complete: self.complete || self.pruning == Pruning::Off,
        };
        (self.top.into_sorted(), found)
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

impl Shape<'_> {
    fn way(&self) -> Way {
        match self {
            Self::Term(_) => Way::Term,
            Self::Disjunction(_) => Way::Union,
            Self::Conjunction(_) => Way::Intersection,
            Self::Phrase(_) => Way::Phrase,
        }
    }
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

/// Whether all matches are counted where pruning is off.
pub(super) fn counts(node: &Node) -> bool {
    matches!(shape(node), Some(Shape::Phrase(_) | Shape::Conjunction(_)))
}

/// The best `limit` documents; `None` if the question is of another kind.
pub(super) fn best(
    snapshot: &Snapshot,
    node: &Node,
    limit: usize,
    pruning: Pruning,
    cores: Cores,
    trace: impl Trace,
) -> Result<Option<(Vec<Scored>, Found)>> {
    let Some(shape) = shape(node) else {
        return Ok(None);
    };
    let pruning = match counts(node) {
        true => pruning,
        // The others are counted elsewhere.
        false => Pruning::Allowed,
    };
    trace.way(shape.way());
    let floor = Floor::new();
    let shared = (cores == Cores::All).then_some(&floor);
    let goal = spread::over(
        snapshot.parts(),
        cores,
        || Goal::sharing(limit, pruning, shared, trace),
        |goal, part| in_part(part, &shape, goal),
        Goal::join,
    )?;
    Ok(Some(goal.finish()))
}

/// The best of one part.
fn in_part<T: Trace>(part: &Part, shape: &Shape, goal: &mut Goal<T>) -> Result<()> {
    match shape {
        Shape::Term(node) => match TermExec::of(part, node, goal.trace)? {
            Some(exec) => term::run(part, exec, goal),
            None => Ok(()),
        },
        Shape::Disjunction(nodes) => {
            let mut execs = Vec::with_capacity(nodes.len());
            for node in nodes {
                execs.extend(TermExec::of(part, node, goal.trace)?);
            }
            match execs.len() {
                0 => Ok(()),
                1 => term::run(part, execs.remove(0), goal),
                _ => disjunction::run(part, execs, goal),
            }
        }
        Shape::Conjunction(nodes) => {
            let mut execs = Vec::with_capacity(nodes.len());
            for node in nodes {
                match TermExec::of(part, node, goal.trace)? {
                    Some(exec) => execs.push(exec),
                    None => return Ok(()),
                }
            }
            conjunction::run(part, execs, goal)
        }
        Shape::Phrase(node) => phrase::run(part, node, goal),
    }
}
