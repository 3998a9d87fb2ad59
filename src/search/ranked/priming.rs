//! # Priming: the best blocks first
//!
//! Idea        a walk in the order of documents meets the best of them at some
//!             time, and all before that under a threshold that is too low. So
//!             a few blocks with the highest bounds are looked at beforehand,
//!             into hits of their own; what the worst of these scores is a
//!             floor for the walk. Then the walk begins anew, so that ties come
//!             out as ever: the earlier document first
//! Example     10 hits wanted, 600 blocks: the ten with the highest bounds hold
//!             1280 documents, and the tenth best of these is often among the
//!             ten best of all
//! Invariants  (1) hits of its own are such as the walk may keep: they meet its
//!             conditions and come after its cursor
//! Cost        the blocks looked at are looked at twice
//! Papers      Mackenzie, Petri and Moffat, "Anytime ranking on document-ordered
//!             indexes", 2022; Mallia, Suel and Tonellotto, "Faster learned
//!             sparse retrieval with block-max pruning", 2024: best ranges first
//! Next        `order.rs`

use super::Goal;
use super::lead::Lead;
use crate::error::Result;
use crate::index::Part;
use crate::search::term::TermExec;
use crate::search::trace::Trace;

/// How many blocks are looked at for so many hits.
fn blocks_for(limit: usize) -> usize {
    10 + limit / 24
}

/// Of how many with the highest ceilings, per block that is looked at.
const CHOICE: usize = 8;

/// Raises the floor of the goal by the best blocks of the list that leads.
pub(super) fn prime<T: Trace>(
    lead: &mut Lead,
    part: &Part,
    execs: &mut [TermExec<T>],
    goal: &mut Goal<T>,
) -> Result<()> {
    let wanted = blocks_for(goal.stretch.limit);
    let ceilings = execs[lead.list()].list().ceilings();
    // With fewer it isn't worth it; and later parts begin with a threshold.
    if ceilings.len() < 2 * CHOICE * wanted || goal.top.threshold() >= 0.0 {
        return Ok(());
    }
    let lowest = lowest_of_highest(ceilings, CHOICE * wanted);
    let mut best: Vec<(f32, usize)> = Vec::with_capacity(CHOICE * wanted);
    for (block, &ceiling) in ceilings.iter().enumerate() {
        if ceiling >= lowest && best.len() < CHOICE * wanted {
            let range = execs[lead.list()].reach(block);
            let rest = lead.rest(execs, range);
            best.push((execs[lead.list()].block_bound(block) + rest, block));
        }
    }
    best.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    best.truncate(wanted);
    best.sort_unstable_by_key(|(_, block)| *block);
    let mut primed = Goal::new(goal.stretch, goal.deadline, goal.trace.aside());
    primed.floor = goal.floor;
    primed.conditions.trade(&mut goal.conditions);
    for (_, block) in best {
        let range = execs[lead.list()].reach(block);
        lead.block(part, execs, block, range, &mut primed)?;
    }
    primed.conditions.trade(&mut goal.conditions);
    // The worst of the hits, if there are enough, is not to be beaten but to
    // be reached.
    goal.floor = goal.floor.max(primed.top.threshold().next_down());
    goal.trace.threshold(part.base, goal.threshold());
    Ok(())
}

/// The greatest byte that at least `count` of the bytes reach.
fn lowest_of_highest(bytes: &[u8], count: usize) -> u8 {
    let mut counts = [0usize; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let mut left = count;
    for byte in (1..=u8::MAX).rev() {
        left = left.saturating_sub(counts[usize::from(byte)]);
        if left == 0 {
            return byte;
        }
    }
    0
}
