//! # Any of the terms: MaxScore over windows
//!
//! Idea        sort the lists by what they can add at most in a window. Those
//!             whose bounds together can't reach the threshold are not
//!             *essential*: a document that only they have can't be a hit. So
//!             only the essential lists are read through, into an array of
//!             scores; the others are asked about the few documents that could
//!             get over the threshold with their help
//! Example     threshold 3.1; "the" adds 0.2 at most, "of" 0.4, "whale" 5:
//!             only "whale" is essential. A document where it scores 2.6 or
//!             more is asked about in "of", and then in "the"
//! Invariants  (1) with all bounds of a window at most the threshold it is
//!             passed over unread
//!             (2) sums of more than two parts depend on their order in `f32`,
//!             so what seems good enough is summed again in that of the query
//! Cost        the postings of the essential lists, about 2 ns each
//! Papers      Turtle and Flood 1995; Strohman, Turtle and Croft 2005; Chakrabarti,
//!             Chaudhuri and Ganti, "Interval-based pruning", 2011

use super::Goal;
use crate::error::Result;
use crate::index::Part;
use crate::search::bm25::inflated;
use crate::search::execute::END;
use crate::search::term::TermExec;
use crate::search::window::{Bits, WINDOW, scores};

/// `execs` are in the order of the query.
pub(super) fn run(part: &Part, mut execs: Vec<TermExec>, goal: &mut Goal) -> Result<()> {
    for exec in &execs {
        goal.raise(part, exec);
    }
    let clean = part.tombstones.deleted_count() == 0;
    let terms = execs.len();
    let mut sums = scores();
    let mut found = Bits::default();
    let mut bounds = vec![0.0f32; terms];
    // What the lists below each, in ascending order of bounds, add at most.
    let mut below = vec![0.0f32; terms];
    let mut order: Vec<usize> = (0..terms).collect();
    let documents = part.segment.documents();
    let mut at = 0;
    while at < documents {
        let start = at - at % WINDOW;
        let end = start.saturating_add(WINDOW);
        let threshold = goal.threshold();
        for (bound, exec) in bounds.iter_mut().zip(&mut execs) {
            *bound = exec.bound(start);
        }
        let all: f32 = bounds.iter().sum();
        if inflated(all, terms) <= threshold {
            goal.complete = false;
            at = end;
            continue;
        }
        order.sort_unstable_by(|a, b| bounds[*a].total_cmp(&bounds[*b]));
        // How many of the lists, from the least bound on, can't reach the
        // threshold together.
        let mut optional = 0;
        let mut rest = 0.0;
        while optional < terms && inflated(rest + bounds[order[optional]], terms) <= threshold {
            below[optional] = rest;
            rest += bounds[order[optional]];
            optional += 1;
        }
        for &index in &order[optional..] {
            execs[index].scored_in_window(start, |document, score| {
                let place = document - start;
                found.set(place);
                sums[place as usize] += score;
            })?;
        }
        if optional > 0 {
            goal.complete = false;
        }
        let mut threshold = threshold;
        for place in found.iter() {
            let mut sum = std::mem::take(&mut sums[place as usize]);
            let document = start + place;
            if !clean && part.tombstones.is_deleted(document) {
                continue;
            }
            goal.count += 1;
            let mut left = rest;
            if inflated(sum + left, terms) <= threshold {
                continue;
            }
            for (number, &index) in order[..optional].iter().enumerate().rev() {
                if inflated(sum + left, terms) <= threshold {
                    break;
                }
                left = below[number];
                if let Some(found) = execs[index].find(document)? {
                    sum += execs[index].score_at(found)?;
                }
            }
            if inflated(sum + left, terms) <= threshold {
                continue;
            }
            if terms > 2 {
                sum = canonical(&mut execs, document)?;
            }
            if sum > threshold {
                goal.push(part, document, sum);
                threshold = goal.threshold();
            }
        }
        found.clear();
        at = next(&mut execs, end)?;
    }
    Ok(())
}

/// The score of a document, summed in the order of the query.
fn canonical(execs: &mut [TermExec], document: u32) -> Result<f32> {
    let mut sum = 0.0;
    for exec in execs {
        if let Some(place) = exec.find(document)? {
            sum += exec.score_at(place)?;
        }
    }
    Ok(sum)
}

/// The first document at or after `from` that a list may have.
fn next(execs: &mut [TermExec], from: u32) -> Result<u32> {
    let mut next = END;
    for exec in execs {
        next = next.min(exec.next(from)?);
        if next / WINDOW == from / WINDOW {
            break;
        }
    }
    Ok(next)
}
