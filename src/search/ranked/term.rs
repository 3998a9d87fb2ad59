//! # One term: hardly a block decoded
//!
//! Idea        the witness of the list says what it takes to be among the best
//!             k, nearly to the digit, before anything is read. So of
//!             thousands of blocks only those are looked at whose ceiling is
//!             higher: some k, found by comparing bytes. In a block, only
//!             postings that are frequent enough for its shortest document
//!             are scored
//! Cost        a nanosecond for thirty blocks passed over, 100 for one that
//!             isn't

use super::Goal;
use crate::error::Result;
use crate::index::Part;
use crate::search::term::TermExec;

pub(super) fn run(part: &Part, mut exec: TermExec, goal: &mut Goal) -> Result<()> {
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
            scored(part, &exec, block, count, goal);
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
fn scored(part: &Part, exec: &TermExec, block: usize, count: usize, goal: &mut Goal) {
    let clean = part.tombstones.deleted_count() == 0;
    let mut threshold = goal.threshold();
    let mut needed = exec.frequency_needed(block, threshold);
    let mut index = exec.next_frequent(0, count, needed);
    while index < count {
        let (document, score) = (exec.document(index), exec.score(index));
        if score > threshold && (clean || !part.tombstones.is_deleted(document)) {
            goal.push(part, document, score);
            if goal.threshold() > threshold {
                threshold = goal.threshold();
                needed = exec.frequency_needed(block, threshold);
            }
        }
        index = exec.next_frequent(index + 1, count, needed);
    }
}
