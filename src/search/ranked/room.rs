//! # Room: what a walk works with, made once for all parts
//!
//! Idea        an index of 32 parts is asked 32 times. Lists and phrases at work,
//!             candidates and sums take some kilobytes; to make, clear and free them for each
//!             part took a sixth of an answer's instructions, so they go from part
//!             to part
//! Invariants  (1) whoever takes it for a part leaves nothing behind that is read
//!             in the next
//! Cost        what a question doesn't need is never made
//! Next        `sort.rs`: another order than that by score

use super::disjunction::{Ranking, Windows};
use super::lead::Lead;
use crate::search::leads::Leads;
use crate::search::phrase::PhraseExec;
use crate::search::question::{Member, Shape};
use crate::search::term::Lists;
use crate::search::trace::Trace;

pub(super) struct Room<'a, T: Trace> {
    pub(super) lists: Lists<'a, T>,
    pub(super) phrases: Vec<Option<PhraseExec<'a, T>>>,
    /// If there are several lists.
    pub(super) tools: Option<Box<Tools>>,
}

impl<T: Trace> Room<'_, T> {
    /// For a question.
    pub(super) fn of(shape: &Shape) -> Self {
        let lists = match shape {
            Shape::Term(_) => Lists::unbounded(1),
            _ => Lists::room_for(shape.terms()),
        };
        Self {
            lists,
            phrases: Vec::new(),
            tools: None,
        }
    }
}

/// What it takes to bring several lists together.
#[derive(Default)]
pub(super) struct Tools {
    /// The clause of each list, and what else it is if some must match.
    pub(super) clauses: Vec<usize>,
    pub(super) members: Vec<Member>,
    pub(super) leads: Leads,
    pub(super) lead: Lead,
    /// Of the whole part.
    pub(super) whole: Ranking,
    pub(super) windows: Option<Windows>,
}
