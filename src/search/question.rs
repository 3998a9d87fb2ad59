//! # Questions: which of them have a short way
//!
//! Idea        words that any or all must match, or a phrase; less words that must
//!             not. A word that is looked for in several fields is a *clause* of
//!             several terms, any of which may match
//! Example     `+quick +fox lazy -dog` over title and body: the clauses
//!             {title:quick, body:quick} and {title:fox, body:fox} must match,
//!             {title:lazy, body:lazy} may; forbidden are title:dog and body:dog
//! Invariants  (1) a sum is that of the long way: of each clause first, then of
//!             these, in the order of the query. In `f32` (a + b) + (c + d) may
//!             differ from ((a + b) + c) + d
//!             (2) a conjunction has two clauses at least, of which one or more
//!             must match
//!             (3) conditions, as filters, are asked about the best alone: a question
//!             whose matches are all counted goes the long way, `collect.rs`
//! Left out    phrases beside words, whatever scores and is nested deeper: these go
//!             the long way, too
//! Next        `counting.rs`, `ranked`

use super::plan::{BooleanNode, Node, PhraseNode, TermNode};
use super::xray::Way;
use crate::error::Result;
use crate::query::Occur;

pub(super) struct Question<'a> {
    pub(super) shape: Shape<'a>,
    /// None of these must match.
    pub(super) forbidden: Vec<&'a TermNode>,
    /// What else must hold, and scores nothing.
    pub(super) conditions: Vec<Condition<'a>>,
}

/// Something that must match, or must not.
#[derive(Clone, Copy)]
pub(super) struct Condition<'a> {
    pub(super) node: &'a Node,
    pub(super) wanted: bool,
}

pub(super) enum Shape<'a> {
    Term(&'a TermNode),
    /// Any of these, each with the number of its clause.
    Disjunction(Vec<(usize, &'a TermNode)>),
    /// All clauses that must match, and others that may.
    Conjunction(Vec<(Member, &'a TermNode)>),
    /// Any of these, as of one phrase that is looked for in several fields.
    Phrase(Vec<&'a PhraseNode>),
}

/// What a list is to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The number of its clause.
    pub(super) clause: usize,
    /// Whether that must match.
    pub(super) required: bool,
}

impl<'a> Shape<'a> {
    /// Of so many clauses, some of which must match.
    fn of(
        wanted: impl Iterator<Item = &'a (Occur, Node)>,
        count: usize,
        must: bool,
    ) -> Option<Self> {
        let wanted = wanted.enumerate();
        if must && count > 1 {
            let mut terms = Vec::with_capacity(count);
            for (clause, (occur, node)) in wanted {
                let required = *occur == Occur::Must;
                let member = Member { clause, required };
                each_of(node, term, |term| terms.push((member, term)))?;
            }
            return Some(Self::Conjunction(terms));
        }
        let mut terms = Vec::with_capacity(count);
        for (clause, (_, node)) in wanted {
            if count == 1 {
                return Self::of_one(node);
            }
            each_of(node, term, |term| terms.push((clause, term)))?;
        }
        Some(Self::Disjunction(terms))
    }

    fn of_one(node: &'a Node) -> Option<Self> {
        if let Node::Term(term) = node {
            return Some(Self::Term(term));
        }
        let mut phrases = Vec::new();
        if each_of(node, phrase, |phrase| phrases.push(phrase)).is_some() {
            return Some(Self::Phrase(phrases));
        }
        let mut terms = Vec::new();
        each_of(node, term, |term| terms.push((0, term)))?;
        Some(Self::Disjunction(terms))
    }

    /// How many lists of each part are read, besides a phrase's.
    pub(super) fn terms(&self) -> usize {
        match self {
            Self::Term(_) => 1,
            Self::Disjunction(terms) => terms.len(),
            Self::Conjunction(terms) => terms.len(),
            Self::Phrase(_) => 0,
        }
    }

    pub(super) fn way(&self) -> Way {
        match self {
            Self::Term(_) => Way::Term,
            Self::Disjunction(_) => Way::Union,
            Self::Conjunction(_) => Way::Intersection,
            Self::Phrase(_) => Way::Phrase,
        }
    }
}

impl<'a> Question<'a> {
    /// Whether documents that it finds may not match.
    pub(super) fn has_conditions(&self) -> bool {
        !(self.forbidden.is_empty() && self.conditions.is_empty())
    }

    /// `None` if there is only the long way.
    pub(super) fn of(node: &'a Node) -> Option<Self> {
        let (mut forbidden, mut conditions) = (Vec::new(), Vec::new());
        let Node::Boolean(BooleanNode { clauses, minimum }) = node else {
            let shape = Shape::of_one(node)?;
            return Some(Self {
                shape,
                forbidden,
                conditions,
            });
        };
        let (mut count, mut must) = (0, false);
        for (occur, clause) in clauses {
            match occur {
                Occur::MustNot => {
                    let before = forbidden.len();
                    if each_of(clause, term, |term| forbidden.push(term)).is_none() {
                        forbidden.truncate(before);
                        conditions.push(Condition {
                            node: clause,
                            wanted: false,
                        });
                    }
                }
                Occur::Filter => conditions.push(Condition {
                    node: clause,
                    wanted: true,
                }),
                Occur::Must | Occur::Should => {
                    count += 1;
                    must |= *occur == Occur::Must;
                }
            }
        }
        if *minimum != u32::from(!must) {
            return None;
        }
        let wanted = clauses
            .iter()
            .filter(|(occur, _)| matches!(occur, Occur::Must | Occur::Should));
        let shape = match clauses.first() {
            // Nothing but phrases, any of which may match.
            Some((_, Node::Phrase(_))) if count == clauses.len() && !must => Shape::of_one(node)?,
            _ => Shape::of(wanted, count, must)?,
        };
        Some(Self {
            shape,
            forbidden,
            conditions,
        })
    }
}

fn term(node: &Node) -> Option<&TermNode> {
    match node {
        Node::Term(term) => Some(term),
        _ => None,
    }
}

fn phrase(node: &Node) -> Option<&PhraseNode> {
    match node {
        Node::Phrase(phrase) => Some(phrase),
        _ => None,
    }
}

/// Calls `each` with those of one kind of which any may match: one, or that of several
/// fields. `None` if the node is of another kind.
fn each_of<'a, N: 'a>(
    node: &'a Node,
    of_kind: fn(&'a Node) -> Option<&'a N>,
    mut each: impl FnMut(&'a N),
) -> Option<()> {
    let Node::Boolean(BooleanNode { clauses, minimum }) = node else {
        return of_kind(node).map(each);
    };
    let is_any = |(occur, _): &(Occur, Node)| *occur == Occur::Should;
    if *minimum != 1 || !clauses.iter().all(is_any) {
        return None;
    }
    clauses
        .iter()
        .try_for_each(|(_, node)| of_kind(node).map(&mut each))
}

/// To which clause each of several lists belongs, in the order of the query.
#[derive(Debug, Default)]
pub(super) struct Clauses(Vec<usize>);

impl Clauses {
    pub(super) fn set(&mut self, of_each: impl Iterator<Item = usize>) {
        self.0.clear();
        self.0.extend(of_each);
    }

    /// How many lists.
    pub(super) fn lists(&self) -> usize {
        self.0.len()
    }

    /// The canonical sum of what each list gives; 0 if it gives nothing.
    #[inline]
    pub(super) fn sum(&self, mut given: impl FnMut(usize) -> Result<f32>) -> Result<f32> {
        let (mut sum, mut own, mut clause) = (0.0, 0.0, 0);
        for (list, &of) in self.0.iter().enumerate() {
            if of != clause {
                sum += own;
                (own, clause) = (0.0, of);
            }
            own += given(list)?;
        }
        Ok(sum + own)
    }
}

#[cfg(test)]
mod tests {
    use super::Clauses;

    #[test]
    fn clauses_are_summed_first() {
        let parts = [1e8f32, 1.0, 3.0, 3.0];
        let sum = |clauses: &[usize]| {
            let clauses = Clauses(clauses.to_vec());
            clauses.sum(|list| Ok(parts[list])).unwrap()
        };
        assert_eq!(sum(&[0, 1, 2, 3]), ((1e8 + 1.0) + 3.0) + 3.0);
        assert_eq!(sum(&[0, 1, 1, 1]), 1e8 + ((1.0 + 3.0) + 3.0));
        assert_eq!(sum(&[1, 1, 4, 4]), (1e8 + 1.0) + (3.0 + 3.0));
        assert_ne!(sum(&[0, 1, 2, 3]), sum(&[0, 1, 1, 1]));
    }
}
