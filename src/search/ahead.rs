//! # Ahead: what many lists are read from, called for together
//!
//! Idea        two words in 32 parts are 64 lists, each at two or three places in
//!             memory that no near cache has. All are known as soon as the
//!             dictionaries have answered; so all are called for before the first is
//!             read
//! Example     the ten best for `+griffith +observatory`: the heads of 64 lists are
//!             called for, then their first blocks and their tails, and then they
//!             are read, one part after the other
//! Cost        some 100 ns a list that no near cache has, and its reading takes 400
//!             less
//! Next        `question.rs`

use super::plan::{Node, Weight};
use crate::index::Part;
use crate::query::Occur;
use crate::segment::{Inverted, TermEntry};

/// What the lists of a plan are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Best,
    Count,
}

/// Calls for the beginnings of all lists of a plan, and for their blocks where
/// these are read in most parts.
pub(super) fn call_for(parts: &[Part], node: &Node, purpose: Purpose) {
    match (node, purpose) {
        // The dictionaries have told already.
        (Node::Term(_), Purpose::Count) => return,
        // Of most parts no more is read.
        (Node::Term(_), Purpose::Best) => each(parts, node, &Inverted::call_for_head),
        _ => each(parts, node, &Inverted::call_for_beginning),
    }
    let most = match node {
        Node::Phrase(_) => true,
        Node::Boolean(boolean) => {
            let mut clauses = boolean.clauses.iter();
            purpose == Purpose::Count || clauses.any(|(occur, _)| *occur == Occur::Must)
        }
        _ => false,
    };
    if most {
        each(parts, node, &Inverted::call_for_blocks);
    }
}

fn each(parts: &[Part], node: &Node, call: &impl Fn(&Inverted, &TermEntry)) {
    match node {
        Node::Term(term) => of(parts, &term.field, &term.weight, call),
        Node::Phrase(phrase) => of(parts, &phrase.field, &phrase.weight, call),
        Node::Boolean(boolean) => {
            let clauses = boolean.clauses.iter();
            clauses.for_each(|(_, clause)| each(parts, clause, call));
        }
        Node::Constant(inner, _) => each(parts, inner, call),
        _ => {}
    }
}

fn of(parts: &[Part], field: &str, weight: &Weight, call: &impl Fn(&Inverted, &TermEntry)) {
    for part in parts {
        let Some(inverted) = part.segment.inverted(field) else {
            continue;
        };
        for term in 0..weight.terms() {
            if let Some(entry) = weight.entry(term, part) {
                call(inverted, &entry);
            }
        }
    }
}
