//! # Executing: a plan over the documents of one segment
//!
//! Idea        for each node of the plan there is one at work, an [`Exec`], that
//!             answers for a window of documents, or for a few of them: which
//!             match, with what score. A Boolean asks its clauses in turn, those
//!             that must match first, so that each is asked only about what the
//!             others left
//! Trace       `T` is told what is read, for `xray`; the usual one, [`Silent`], comes
//!             to nothing when it is compiled, here and wherever there is a trace
//! Invariants  (1) it answers only about the candidates that it is given
//!             (2) windows are asked in ascending order
//!             (3) the score of a Boolean is the sum over its scoring clauses,
//!             in the order of the query, beginning with 0: the canonical one
//!             (4) a bound is never below the score of any document in the
//!             window
//! Cost        a block of postings is decoded at most once; not at all, if no
//!             candidate lies in it
//! Next        `term.rs`, `phrase.rs`, `set.rs`; then `boolean.rs`

use super::boolean::BooleanExec;
use super::limits::{Deadline, Limits};
use super::phrase::PhraseExec;
use super::places::{Documents, Slots};
use super::plan::{BooleanNode, Node};
use super::set::SetExec;
use super::term::{Bounds, TermExec};
use super::trace::{Silent, Trace};
use super::window::{Bits, Scores};
use crate::error::Result;
use crate::index::Part;
use crate::segment::PostingList;
use crate::segment::posting_list::BLOCK_LEN;
use std::ops::Bound;

/// What at most 128 documents score, slot by slot: the *slot* of a document is its place
/// among these.
pub(super) type FewScores = [f32; BLOCK_LEN];

/// Past the last document.
pub(super) const END: u32 = u32::MAX;

/// A node of a plan, at work on one segment.
pub(super) enum Exec<'a, T: Trace = Silent> {
    Nothing,
    All(f32),
    Term(Box<TermExec<'a, T>>),
    Phrase(Box<PhraseExec<'a, T>>, Deadline),
    Set(SetExec<'a>, f32),
    Boolean(Box<BooleanExec<'a, T>>),
    Constant(Box<Exec<'a, T>>, f32),
}

impl<'a, T: Trace> Exec<'a, T> {
    pub(super) fn new(node: &'a Node, part: &'a Part, limits: &Limits, trace: T) -> Result<Self> {
        let segment = &*part.segment;
        Ok(match node {
            Node::All(score) => Self::All(*score),
            Node::Term(term) => match TermExec::of(part, term, Bounds::Wanted, trace)? {
                Some(exec) => Self::Term(Box::new(exec)),
                None => Self::Nothing,
            },
            Node::Phrase(phrase) => match PhraseExec::new(part, phrase, trace)? {
                Some(exec) => Self::Phrase(Box::new(exec), limits.deadline),
                None => Self::Nothing,
            },
            Node::Codes {
                field,
                range,
                score,
            } => match segment.column(field) {
                Some(column) => {
                    let range = range.clone();
                    let set = SetExec::Codes {
                        segment,
                        field,
                        column,
                        range,
                    };
                    Self::Set(set, *score)
                }
                None => Self::Nothing,
            },
            Node::Terms {
                field,
                lower,
                upper,
                score,
            } => {
                let bounds = (as_bytes(lower), as_bytes(upper));
                Self::Set(
                    SetExec::terms(segment, field, bounds, limits, trace)?,
                    *score,
                )
            }
            Node::Prefix {
                field,
                prefix,
                score,
            } => Self::Set(
                SetExec::prefix(segment, field, prefix, limits, trace)?,
                *score,
            ),
            Node::Pattern {
                field,
                pattern,
                score,
                ..
            } => Self::Set(
                SetExec::pattern(segment, field, pattern, limits, trace)?,
                *score,
            ),
            Node::Boolean(BooleanNode { clauses, .. }) if clauses.is_empty() => Self::Nothing,
            Node::Boolean(boolean) => {
                Self::Boolean(Box::new(BooleanExec::new(boolean, part, limits, trace)?))
            }
            Node::Constant(inner, score) => {
                Self::Constant(Box::new(Self::new(inner, part, limits, trace)?), *score)
            }
        })
    }

    /// The first document at or after `from` that may match: none before it
    /// does.
    pub(super) fn next(&mut self, from: u32) -> Result<u32> {
        match self {
            Self::Nothing => Ok(END),
            Self::All(_) => Ok(from),
            Self::Term(term) => term.next(from),
            Self::Phrase(phrase, _) => phrase.next(from),
            Self::Set(set, _) => Ok(set.next(from)),
            Self::Boolean(boolean) => boolean.next(from),
            Self::Constant(inner, _) => inner.next(from),
        }
    }

    /// How many documents may match, roughly: what is asked first.
    pub(super) fn cost(&self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::All(_) => u64::MAX,
            Self::Term(term) => term.cost(),
            Self::Phrase(phrase, _) => phrase.cost(),
            Self::Set(set, _) => set.cost(),
            Self::Boolean(boolean) => boolean.cost(),
            Self::Constant(inner, _) => inner.cost(),
        }
    }

    /// Sets the candidates of the window at `start` that match in `out`, which
    /// is cleared first; and their scores, if they are wanted.
    pub(super) fn evaluate(
        &mut self,
        start: u32,
        candidates: &Bits,
        out: &mut Bits,
        scores: Option<&mut Scores>,
    ) -> Result<()> {
        match self {
            Self::Nothing => {
                out.clear();
                Ok(())
            }
            Self::All(score) => {
                out.copy_from(candidates);
                fill(scores, *score);
                Ok(())
            }
            Self::Term(term) => term.evaluate(start, candidates, out, scores),
            Self::Phrase(phrase, deadline) => {
                deadline.check()?;
                phrase.evaluate(start, candidates, out, scores)
            }
            Self::Set(set, score) => {
                fill(scores, *score);
                set.evaluate(start, candidates, out)
            }
            Self::Boolean(boolean) => boolean.evaluate(start, candidates, out, scores),
            Self::Constant(inner, score) => {
                fill(scores, *score);
                inner.evaluate(start, candidates, out, None)
            }
        }
    }

    /// Of the slots that are left keeps those whose documents match, or of these, if
    /// scores are wanted, at least those that score more than `threshold`; says what
    /// these score, of others it may say anything; and whether all were kept.
    pub(super) fn keep(
        &mut self,
        documents: &Documents,
        left: &mut Slots,
        scores: Option<&mut FewScores>,
        threshold: f32,
    ) -> Result<bool> {
        match self {
            Self::Nothing => left.clear(),
            Self::All(score) => fill_few(scores, *score),
            Self::Term(term) => term.keep(documents, left, scores)?,
            Self::Phrase(phrase, deadline) => {
                deadline.check()?;
                phrase.keep(documents, left, scores)?;
            }
            Self::Set(set, score) => {
                set.keep(documents, left);
                fill_few(scores, *score);
            }
            Self::Boolean(boolean) => return boolean.keep(documents, left, scores, threshold),
            Self::Constant(inner, score) => {
                inner.keep(documents, left, None, -1.0)?;
                fill_few(scores, *score);
            }
        }
        Ok(true)
    }

    /// Whether a document matches; for one here and there.
    pub(super) fn has(&mut self, document: u32) -> Result<bool> {
        let mut left = Slots::none();
        left.fill(1);
        self.keep(&[document; BLOCK_LEN], &mut left, None, -1.0)?;
        Ok(!left.is_empty())
    }

    /// A list that has all documents that match, the shortest of those that are known
    /// to.
    pub(super) fn lead(&self) -> Option<PostingList<'a>> {
        match self {
            Self::Nothing | Self::All(_) | Self::Set(..) => None,
            Self::Term(term) => Some(*term.list()),
            Self::Phrase(phrase, _) => Some(phrase.rarest()),
            Self::Boolean(boolean) => boolean.lead(),
            Self::Constant(inner, _) => inner.lead(),
        }
    }

    /// Whether all documents of the list that [leads](Self::lead) match.
    pub(super) fn is_a_list(&self) -> bool {
        match self {
            Self::Term(_) => true,
            Self::Constant(inner, _) => inner.is_a_list(),
            _ => false,
        }
    }

    /// Whether it may take long to tell whether a document matches, as where positions
    /// are compared.
    pub(super) fn is_dear(&self) -> bool {
        match self {
            Self::Phrase(..) | Self::Boolean(_) => true,
            Self::Constant(inner, _) => inner.is_dear(),
            _ => false,
        }
    }

    /// What every document that matches scores, if all score the same.
    pub(super) fn constant(&self) -> Option<f32> {
        match self {
            Self::All(score) | Self::Set(_, score) | Self::Constant(_, score) => Some(*score),
            _ => None,
        }
    }

    /// No document scores more.
    pub(super) fn most(&self) -> f32 {
        match self {
            Self::Nothing => 0.0,
            Self::All(score) | Self::Set(_, score) | Self::Constant(_, score) => *score,
            Self::Term(term) => term.list_bound(),
            Self::Phrase(phrase, _) => phrase.list_bound(),
            Self::Boolean(boolean) => boolean.most(),
        }
    }

    /// No document from `first` to `last` scores more.
    pub(super) fn bound(&mut self, first: u32, last: u32) -> f32 {
        match self {
            Self::Nothing => 0.0,
            Self::All(score) | Self::Set(_, score) | Self::Constant(_, score) => *score,
            Self::Term(term) => term.range_bound(first, last),
            Self::Phrase(phrase, _) => phrase.range_bound(first, last),
            Self::Boolean(boolean) => boolean.bound(first, last),
        }
    }
}

fn fill_few(scores: Option<&mut FewScores>, score: f32) {
    if let Some(scores) = scores {
        scores.fill(score);
    }
}

fn fill(scores: Option<&mut Scores>, score: f32) {
    if let Some(scores) = scores {
        scores.fill(score);
    }
}

fn as_bytes(bound: &Bound<String>) -> Bound<&[u8]> {
    bound.as_ref().map(String::as_bytes)
}
