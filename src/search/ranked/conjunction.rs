//! # All of the terms: the rarest leads
//!
//! Idea        the documents of the rarest list are the only candidates. A block
//!             of them is passed over if its bound, and those of the other lists
//!             over the same range, add up to too little; a candidate, if its
//!             own score and those bounds do. Only then the other lists are
//!             asked, the next rarest first
//! Invariants  (1) the score is summed in the order of the query
//! Cost        a few comparisons for each block of the rarest list; a look-up
//!             in the others for each candidate left

use super::Goal;
use crate::error::Result;
use crate::index::Part;
use crate::search::bm25::inflated;
use crate::search::term::TermExec;
use crate::segment::posting_list::BLOCK_LEN;

/// `execs` are in the order of the query.
pub(super) fn run(part: &Part, mut execs: Vec<TermExec>, goal: &mut Goal) -> Result<()> {
    let clean = part.tombstones.deleted_count() == 0;
    let mut order: Vec<usize> = (0..execs.len()).collect();
    order.sort_by_key(|index| execs[*index].cost());
    // There are two terms at least.
    let (lead, others) = (order[0], &order[1..]);
    let terms = execs.len();
    let mut parts = vec![0.0f32; terms];
    // What the lists after each of the others can add at most.
    let mut rests = vec![0.0f32; terms];
    let mut scores = [0.0; BLOCK_LEN];
    let mut next = 0;
    for block in 0..execs[lead].list().block_count() {
        let (first, last) = (next, execs[lead].list().last_document(block));
        next = last.saturating_add(1);
        let threshold = goal.threshold();
        let mut rest = 0.0;
        // Until the hits are full there is nothing to compare bounds with.
        let bounded = threshold >= 0.0;
        if bounded {
            let own = execs[lead].block_bound(block);
            for (place, &other) in others.iter().enumerate().rev() {
                rests[place] = rest;
                rest += execs[other].range_bound(first, last);
            }
            if inflated(own + rest, terms) <= threshold {
                goal.complete = false;
                continue;
            }
        }
        let count = execs[lead].load(block)?.len();
        execs[lead].scores(&mut scores)?;
        'candidates: for (index, &own) in scores[..count].iter().enumerate() {
            let threshold = goal.threshold();
            let mut sum = own;
            if bounded && inflated(sum + rest, terms) <= threshold {
                goal.complete = false;
                continue;
            }
            // Decoded above.
            let document = execs[lead].load(block)?[index];
            if !clean && part.tombstones.is_deleted(document) {
                continue;
            }
            parts[lead] = sum;
            for (number, &other) in others.iter().enumerate() {
                let Some(place) = execs[other].find(document)? else {
                    continue 'candidates;
                };
                parts[other] = execs[other].score_at(place)?;
                sum += parts[other];
                if bounded && inflated(sum + rests[number], terms) <= threshold {
                    goal.complete = false;
                    continue 'candidates;
                }
            }
            goal.count += 1;
            let score = parts.iter().fold(0.0, |sum, part| sum + part);
            if score > goal.threshold() {
                goal.push(part, document, score);
            }
        }
    }
    Ok(())
}
