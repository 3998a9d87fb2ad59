//! # All of the terms: the rarest leads
//!
//! Idea        the documents of the rarest list are the only candidates; the
//!             others are asked, the next rarest first
//! Cost        a few comparisons for each block of the rarest list; a look-up
//!             in the others for each candidate left
//! Next        `lead.rs`, which does it

use super::Goal;
use super::lead::Others;
use super::priming::prime;
use super::room::Tools;
use crate::error::Result;
use crate::index::Part;
use crate::search::term::TermExec;
use crate::search::trace::Trace;

/// `execs` are in the order of the query.
pub(super) fn run<T: Trace>(
    part: &Part,
    execs: &mut [TermExec<T>],
    tools: &mut Tools,
    goal: &mut Goal<T>,
) -> Result<()> {
    let Tools { order, lead, .. } = tools;
    order.clear();
    order.extend(0..execs.len());
    order.sort_by_key(|index| execs[*index].cost());
    lead.begin(Others::Required, 0..execs.len());
    // There are two terms at least.
    lead.set(order[0], order[1..].iter().copied());
    prime(lead, part, execs, goal)?;
    lead.sweep(part, execs, 0..part.segment.documents(), goal)
}
