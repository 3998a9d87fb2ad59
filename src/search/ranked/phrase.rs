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

pub(super) fn run(part: &Part, node: &PhraseNode, goal: &mut Goal) -> Result<()> {
    let Some(mut phrase) = PhraseExec::new(&part.segment, node)? else {
        return Ok(());
    };
    let clean = part.tombstones.deleted_count() == 0;
    let mut documents = [0; crate::segment::posting_list::BLOCK_LEN];
    let mut next = 0;
    for block in 0..phrase.lead().list().block_count() {
        let (first, last) = (next, phrase.lead().list().last_document(block));
        next = last.saturating_add(1);
        if phrase.range_bound(first, last) <= goal.threshold() {
            goal.complete = false;
            continue;
        }
        let loaded = phrase.lead().load(block)?;
        let count = loaded.len();
        documents[..count].copy_from_slice(loaded);
        for &document in &documents[..count] {
            if !clean && part.tombstones.is_deleted(document) {
                continue;
            }
            let Some(most) = phrase.find(document)? else {
                continue;
            };
            let threshold = goal.threshold();
            if threshold >= 0.0 && phrase.score(document, most) <= threshold {
                goal.complete = false;
                continue;
            }
            let frequency = phrase.frequency_of_found()?;
            if frequency > 0 {
                goal.count += 1;
                let score = phrase.score(document, frequency);
                if score > threshold {
                    goal.push(part, document, score);
                }
            }
        }
    }
    Ok(())
}
