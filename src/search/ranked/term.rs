//! # One term: hardly a block decoded
//!
//! Idea        the witness of the list says what it takes to be among the best
//!             k, nearly to the digit, before anything is read. A list that isn't
//!             short has its best documents apart, its *champions*: a *circle* of 16,
//!             and if it is long another of 128. For each there is a bound on all
//!             others: if that is lower, no block is touched. Otherwise, of thousands
//!             of blocks only those are looked at whose ceiling is higher: some k,
//!             found by comparing bytes
//! Example     the ten best for "the" among 500,000 articles: ten champions score at
//!             least 0.03261, any other document at most 0.03253; of 3779 blocks none
//!             is looked at
//! Invariants  (1) what is no champion scores less than the worst hit, not just as
//!             much: else it could be the earlier document
//! Conditions  champions are an answer in themselves only if there are no others;
//!             those that are deleted or come before a cursor don't count
//! Cost        sixteen champions, 0.2 µs, and 128 twice that. Else a nanosecond for
//!             thirty blocks passed over, 100 for one that isn't
//! Next        `lead.rs`

use super::Goal;
use crate::error::Result;
use crate::index::Part;
use crate::search::term::{TermExec, each_above};
use crate::search::topk::Scored;
use crate::search::trace::Trace;
use crate::segment::posting_list::{BLOCK_LEN, CHAMPIONS};

pub(super) fn run<T: Trace>(part: &Part, exec: &mut TermExec<T>, goal: &mut Goal<T>) -> Result<()> {
    goal.raise(part, exec);
    let clean = part.tombstones.deleted_count() == 0;
    for count in exec.list().circles() {
        if goal.stretch.limit <= *count && take_champions(part, exec, *count, goal)? {
            return Ok(());
        }
    }
    exec.bound_list(part);
    let mut seen = 0;
    let mut block = 0;
    loop {
        let threshold = goal.threshold();
        block = exec.next_high(block, exec.ceiling_needed(threshold));
        if block >= exec.list().block_count() {
            break;
        }
        if exec.block_bound(block) > threshold {
            let count = exec.load_both(block)?.0.len();
            seen += count as u64;
            take_best(part, exec, count, goal)?;
            if !clean {
                let documents = exec.load(block)?.iter();
                let live = documents.filter(|document| !part.tombstones.is_deleted(**document));
                goal.count += live.count() as u64;
            }
        }
        block += 1;
    }
    if clean {
        // The dictionary knows, whatever was passed over.
        goal.count += exec.cost();
    } else if seen < exec.cost() {
        goal.complete = false;
    }
    Ok(())
}

/// Takes the best of the champions in a circle, if these are all that can be hits.
fn take_champions<T: Trace>(
    part: &Part,
    exec: &mut TermExec<T>,
    count: usize,
    goal: &mut Goal<T>,
) -> Result<bool> {
    if !goal.conditions.are_none() {
        return Ok(false);
    }
    // As if those that there are not scored less than nothing.
    let mut scores = [f32::NEG_INFINITY; CHAMPIONS];
    let Some(others) = exec.champions(part, count, &mut scores)? else {
        return Ok(false);
    };
    let mut live = count as u64;
    if part.tombstones.deleted_count() > 0 || goal.stretch.after.is_some() {
        for (at, score) in scores[..count].iter_mut().enumerate() {
            let document = exec.document(at);
            let scored = Scored {
                score: *score,
                document: part.base + document,
            };
            let is_deleted = part.tombstones.is_deleted(document);
            live -= u64::from(is_deleted);
            if is_deleted || !goal.top.admits(scored) {
                *score = f32::NEG_INFINITY;
            }
        }
    }
    let better = scores[..count]
        .iter()
        .map(|score| usize::from(*score > others));
    if others > goal.threshold() && better.sum::<usize>() < goal.stretch.limit {
        return Ok(false);
    }
    goal.push_all(part, &scores, count, |at| exec.document(at))?;
    match part.tombstones.deleted_count() {
        0 => goal.count += exec.cost(),
        _ => {
            // Those that were seen, whether they are hits or come before a cursor.
            goal.count += live;
            goal.complete = false;
        }
    }
    Ok(true)
}

/// Takes from the block that is decoded what is good enough.
fn take_best<T: Trace>(
    part: &Part,
    exec: &TermExec<T>,
    count: usize,
    goal: &mut Goal<T>,
) -> Result<()> {
    let mut scores = [0.0; BLOCK_LEN];
    exec.scores(&mut scores);
    let clean = part.tombstones.deleted_count() == 0;
    each_above(&scores, 0..count, goal.threshold(), |index| {
        let document = exec.document(index);
        if scores[index] > goal.threshold() && (clean || !part.tombstones.is_deleted(document)) {
            goal.push(part, document, scores[index])?;
        }
        Ok(())
    })
}
