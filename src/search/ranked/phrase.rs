//! # A phrase: positions last
//!
//! Idea        a phrase can't occur oftener than the rarest of its terms does
//!             in a document, so `min(tf)` bounds its score. Blocks and then
//!             documents are passed over by that; what is left has its
//!             positions compared
//! Counted     if all matches are to be counted, nothing is passed over: the one
//!             walk counts and ranks, since positions are most of the work and
//!             would be compared twice
//! Cost        as for a conjunction, and the positions of documents that could
//!             be among the hits

use super::Goal;
use crate::error::Result;
use crate::index::Part;
use crate::search::phrase::PhraseExec;
use crate::search::plan::PhraseNode;
use crate::search::term::each_above;
use crate::search::trace::Trace;
use crate::segment::posting_list::BLOCK_LEN;

pub(super) fn run<'f, T: Trace>(
    part: &'f Part,
    node: &'f PhraseNode,
    room: &mut Option<PhraseExec<'f, T>>,
    goal: &mut Goal<'f, T>,
) -> Result<()> {
    let Some(phrase) = PhraseExec::in_room(room, part, node, goal.trace)? else {
        return Ok(());
    };
    let mut block = 0;
    loop {
        let threshold = goal.passed_over();
        let lead = phrase.lead();
        let next = lead.next_high(block, lead.ceiling_needed(threshold));
        goal.complete &= next == block;
        block = next;
        if block >= lead.list().block_count() {
            return Ok(());
        }
        let (first, last) = lead.reach(block);
        if threshold < 0.0 || phrase.range_bound(first, last) > threshold {
            look_at(part, phrase, block, goal)?;
        } else {
            goal.complete = false;
        }
        block += 1;
    }
}

/// The documents of a block of the rarest term.
fn look_at<T: Trace>(
    part: &Part,
    phrase: &mut PhraseExec<T>,
    block: usize,
    goal: &mut Goal<T>,
) -> Result<()> {
    let threshold = goal.passed_over();
    // Where something is to be beaten, what lacks the phrase and what doesn't beat
    // it are not told apart.
    goal.complete &= threshold < 0.0;
    phrase.each_in_block(
        block,
        threshold,
        |lead, documents, left| {
            if threshold >= 0.0 {
                let count = lead.load_both(block)?.0.len();
                let mut scores = [0.0; BLOCK_LEN];
                lead.scores(&mut scores);
                left.clear();
                each_above(&scores, 0..count, threshold, |index| {
                    left.push(index);
                    Ok(())
                })?;
            }
            let dead = &part.tombstones;
            match dead.deleted_count() {
                0 => Ok(()),
                _ => left.retain(|slot| Ok(!dead.is_deleted(documents[slot]))),
            }
        },
        |phrase, document, frequency| {
            goal.count += 1;
            let score = phrase.score(document, frequency);
            if score > goal.threshold() {
                goal.push(part, document, score)?;
            }
            Ok(())
        },
    )
}
