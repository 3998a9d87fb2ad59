//! # Questions: which of them have a short way
//!
//! Idea        words that any or all must match, or a phrase; less words that must
//!             not. A word that is looked for in several fields is a *clause* of
//!             several terms, any of which may match
//! Example     `quick fox -dog` over title and body: a union of the clauses
//!             {title:quick, body:quick} and {title:fox, body:fox}; forbidden
//!             are title:dog and body:dog
//! Invariants  (1) a sum is that of the long way: of each clause first, then of
//!             these, in the order of the query. In `f32` (a + b) + (c + d) may
//!             differ from ((a + b) + c) + d
//! Left out    all of several clauses of several terms: `+quick +fox` over two
//!             fields goes the long way, and so does whatever is nested deeper

use crate::error::Result;
use crate::query::Occur;
use crate::search::plan::{BooleanNode, Node, PhraseNode, TermNode};
use crate::search::xray::Way;

pub(super) struct Question<'a> {
    pub(super) shape: Shape<'a>,
    /// None of these must match.
    pub(super) forbidden: Vec<&'a TermNode>,
}

pub(super) enum Shape<'a> {
    Term(&'a TermNode),
    /// Any of these, each with the number of its clause.
    Disjunction(Vec<(usize, &'a TermNode)>),
    /// All of these.
    Conjunction(Vec<&'a TermNode>),
    Phrase(&'a PhraseNode),
}

impl<'a> Shape<'a> {
    fn of(occur: Occur, wanted: &[&'a Node]) -> Option<Self> {
        match (occur, wanted) {
            (_, [Node::Term(term)]) => Some(Self::Term(term)),
            (_, [Node::Phrase(phrase)]) if phrase.slop == 0 => Some(Self::Phrase(phrase)),
            (Occur::Must, several @ [_, _, ..]) => {
                let terms = several.iter().map(|node| match node {
                    Node::Term(term) => Some(term),
                    _ => None,
                });
                terms.collect::<Option<_>>().map(Self::Conjunction)
            }
            _ => {
                let mut terms = Vec::with_capacity(wanted.len());
                for (clause, node) in wanted.iter().enumerate() {
                    let any = node.alternatives()?;
                    terms.extend(any.into_iter().map(|term| (clause, term)));
                }
                Some(Self::Disjunction(terms))
            }
        }
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
    /// `None` if there is only the long way.
    pub(super) fn of(node: &'a Node) -> Option<Self> {
        let (mut occur, mut wanted, mut forbidden) = (None, Vec::new(), Vec::new());
        match node {
            Node::Boolean(BooleanNode { clauses, minimum }) => {
                for (how, clause) in clauses {
                    match how {
                        Occur::MustNot => forbidden.extend(clause.alternatives()?),
                        how if occur.is_none_or(|occur| occur == *how) => {
                            occur = Some(*how);
                            wanted.push(clause);
                        }
                        _ => return None,
                    }
                }
                match (occur?, minimum) {
                    (Occur::Should, 1) | (Occur::Must, 0) => {}
                    _ => return None,
                }
            }
            node => wanted.push(node),
        }
        let shape = Shape::of(occur.unwrap_or(Occur::Must), &wanted)?;
        Some(Self { shape, forbidden })
    }
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
