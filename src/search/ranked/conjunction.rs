//! # All of the terms: the rarest leads
//!
//! Idea        the documents of the rarest list are the only candidates; the
//!             others are asked, the next rarest first
//! Cost        a few comparisons for each block of the rarest list; a look-up
//!             in the others for each candidate left
//! Next        `lead.rs`, which does it

use super::Goal;
use super::lead::{Lead, Others};
use super::priming::prime;
use super::question::Clauses;
use crate::error::Result;
use crate::index::Part;
use crate::search::term::TermExec;
use crate::search::trace::Trace;

/// `execs` are in the order of the query.
pub(super) fn run<T: Trace>(
    part: &Part,
    mut execs: Vec<TermExec<T>>,
    goal: &mut Goal<T>,
) -> Result<()> {
    let mut order: Vec<usize> = (0..execs.len()).collect();
    order.sort_by_key(|index| execs[*index].cost());
    let clauses = Clauses::new((0..execs.len()).collect());
    let mut lead = Lead::new(Others::Required, clauses);
    // There are two terms at least.
    lead.set(order[0], order[1..].iter().copied());
    prime(&mut lead, part, &mut execs, goal)?;
    lead.sweep(part, &mut execs, 0..part.segment.documents(), goal)
}
