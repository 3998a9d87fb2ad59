//! # One term: hardly a block decoded
//!
//! Idea        the witness of the list says what it takes to be among the best
//!             k, nearly to the digit, before anything is read. So of
//!             thousands of blocks only those are looked at whose ceiling is
//!             higher: some k, found by comparing bytes
//! Cost        a nanosecond for thirty blocks passed over, 100 for one that
//!             isn't

use super::Goal;
use crate::error::Result;
use crate::index::Part;
use crate::search::term::{TermExec, each_above};
use crate::search::trace::Trace;
use crate::segment::posting_list::BLOCK_LEN;

pub(super) fn run<T: Trace>(part: &Part, mut exec: TermExec<T>, goal: &mut Goal<T>) -> Result<()> {
    goal.raise(part, &exec);
    let clean = part.tombstones.deleted_count() == 0;
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
            take_best(part, &exec, count, goal)?;
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

/// Takes from the block that is decoded what is good enough.
fn take_best<T: Trace>(
    part: &Part,
    exec: &TermExec<T>,
    count: usize,
    goal: &mut Goal<T>,
) -> Result<()> {
    let clean = part.tombstones.deleted_count() == 0;
    let mut scores = [0.0; BLOCK_LEN];
    exec.scores(&mut scores);
    each_above(&scores, 0..count, goal.threshold(), |index| {
        let document = exec.document(index);
        if scores[index] > goal.threshold() && (clean || !part.tombstones.is_deleted(document)) {
            goal.push(part, document, scores[index])?;
        }
        Ok(())
    })
}
