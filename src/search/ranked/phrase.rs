//! # A phrase: positions last
//!
//! Idea        a phrase can't occur oftener than the rarest of its terms does
//!             in a document, so `min(tf)` bounds its score. Blocks and then
//!             documents are passed over by that; what is left has its
//!             positions compared
//! Cost        as for a conjunction, and the positions of documents that could
//!             be among the hits

use super::Goal;
use crate::error::Result;
use crate::index::Part;
use crate::search::phrase::PhraseExec;
use crate::search::plan::PhraseNode;
use crate::search::term::each_above;
use crate::segment::posting_list::BLOCK_LEN;

pub(super) fn run(part: &Part, node: &PhraseNode, goal: &mut Goal) -> Result<()> {
    let Some(mut phrase) = PhraseExec::new(part, node)? else {
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
        if phrase.range_bound(first, last) > threshold {
            look_at(part, &mut phrase, block, goal)?;
        } else {
            goal.complete = false;
        }
        block += 1;
    }
}

/// The documents of a block of the rarest term.
fn look_at(part: &Part, phrase: &mut PhraseExec, block: usize, goal: &mut Goal) -> Result<()> {
    let clean = part.tombstones.deleted_count() == 0;
    let threshold = goal.passed_over();
    let mut complete = true;
    phrase.each_in_block(
        block,
        threshold,
        |lead, documents, left| {
            let count = lead.load_both(block)?.0.len();
            let mut scores = [0.0; BLOCK_LEN];
            lead.scores(&mut scores);
            left.clear();
            let mut looked_at = 0;
            each_above(&scores, 0..count, threshold, |index| {
                looked_at += 1;
                if clean || !part.tombstones.is_deleted(documents[index]) {
                    left.push(index);
                }
                Ok(())
            })?;
            // What isn't found from now on may have been passed over.
            complete = looked_at == count && threshold < 0.0;
            Ok(())
        },
        |phrase, document, frequency| {
            goal.count += 1;
            let score = phrase.score(document, frequency);
            if score > goal.threshold() {
                goal.push(part, document, score);
            }
        },
    )?;
    goal.complete &= complete;
    Ok(())
}
