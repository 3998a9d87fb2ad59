//! # A phrase: positions last
//!
//! Idea        a phrase can't occur oftener than the rarest of its terms does
//!             in a document, so `min(tf)` bounds its score, or so many times that
//!             as there are terms if it is sloppy. Blocks and then documents are
//!             passed over by that; what is left has its positions compared
//! Counted     if all matches are to be counted, nothing is passed over: the one
//!             walk counts and ranks, since positions are most of the work and
//!             would be compared twice
//! Fields      a phrase that is looked for in several fields is several phrases, of
//!             which they take turns as lists do (`leads.rs`): the one with the
//!             rarest term first, and each finds what those before it haven't
//! Cost        as for a conjunction, and the positions of documents that could
//!             be among the hits
//! Next        `conditions.rs`

use super::Goal;
use crate::error::Result;
use crate::index::Part;
use crate::search::bm25;
use crate::search::phrase::{PhraseExec, Wanted};
use crate::search::plan::PhraseNode;
use crate::search::term::each_above;
use crate::search::trace::Trace;
use crate::search::ways::Pruning;
use crate::segment::posting_list::BLOCK_LEN;

/// A phrase, and which one of the query it is.
struct Phrase<'r, 'f, T: Trace> {
    number: usize,
    exec: &'r mut PhraseExec<'f, T>,
}

/// Documents with any of the phrases.
pub(super) fn run<'f, T: Trace>(
    part: &'f Part,
    nodes: &[&'f PhraseNode],
    rooms: &mut Vec<Option<PhraseExec<'f, T>>>,
    goal: &mut Goal<'f, T>,
) -> Result<()> {
    rooms.resize_with(nodes.len(), || None);
    if let ([node], [room]) = (nodes, rooms.as_mut_slice()) {
        return match PhraseExec::in_room(room, part, node, goal.trace)? {
            Some(exec) => turn(part, &mut [], Phrase { number: 0, exec }, &mut [], goal),
            None => Ok(()),
        };
    }
    let mut phrases = Vec::with_capacity(nodes.len());
    for (number, (node, room)) in nodes.iter().zip(rooms).enumerate() {
        if let Some(exec) = PhraseExec::in_room(room, part, node, goal.trace)? {
            phrases.push(Phrase { number, exec });
        }
    }
    phrases.sort_by_key(|phrase| phrase.exec.cost());
    goal.in_turns(part, phrases.len(), |goal, number| {
        let (before, rest) = phrases.split_at_mut(number);
        match rest {
            [Phrase { number, exec }, later @ ..] => {
                let number = *number;
                turn(part, before, Phrase { number, exec }, later, goal)
            }
            [] => Ok(()),
        }
    })
}

/// The documents of one phrase that those before it lack; those later add to the
/// score.
fn turn<T: Trace>(
    part: &Part,
    before: &mut [Phrase<T>],
    mut phrase: Phrase<T>,
    later: &mut [Phrase<T>],
    goal: &mut Goal<T>,
) -> Result<()> {
    let most: f32 = later.iter().map(|other| other.exec.list_bound()).sum();
    let phrases = later.len() + 1;
    let least = |threshold, rest| match phrases {
        1 => threshold,
        _ => bm25::needed(threshold, rest, phrases),
    };
    let mut block = 0;
    loop {
        goal.deadline.check()?;
        let threshold = goal.passed_over();
        let needed = phrase.exec.needed(least(threshold, most));
        let lead = phrase.exec.lead();
        let next = lead.next_high(block, lead.ceiling_needed(needed));
        goal.complete &= next == block;
        block = next;
        if block >= lead.list().block_count() {
            return Ok(());
        }
        let (first, last) = lead.reach(block);
        let mut own = -1.0;
        if threshold >= 0.0 {
            let others = later.iter_mut();
            let rest = others
                .map(|other| other.exec.range_bound(first, last))
                .sum();
            own = least(threshold, rest);
        }
        if own < 0.0 || phrase.exec.range_bound(first, last) > own {
            // Where something is to be beaten, what lacks the phrase and what doesn't
            // beat it are not told apart.
            goal.complete &= threshold < 0.0;
            look_at(part, before, &mut phrase, later, (block, own), goal)?;
        } else {
            goal.complete = false;
        }
        block += 1;
    }
}

/// The documents of a block of the rarest term, in which the phrase itself must score
/// more than `least`.
fn look_at<T: Trace>(
    part: &Part,
    before: &mut [Phrase<T>],
    phrase: &mut Phrase<T>,
    later: &mut [Phrase<T>],
    (block, least): (usize, f32),
    goal: &mut Goal<T>,
) -> Result<()> {
    let number = phrase.number;
    let needed = phrase.exec.needed(least);
    let wanted = match goal.pruning {
        // All are counted; but what can't be a hit needn't be scored right.
        Pruning::Off if later.is_empty() => Wanted::AnyAndAbove(goal.threshold()),
        _ => Wanted::Above(least),
    };
    phrase.exec.each_in_block(
        block,
        wanted,
        |lead, documents, left| {
            if needed >= 0.0 {
                let count = lead.load_both(block)?.0.len();
                let mut scores = [0.0; BLOCK_LEN];
                lead.scores(&mut scores);
                left.clear();
                each_above(&scores, 0..count, needed, |index| {
                    left.push(index);
                    Ok(())
                })?;
            }
            let dead = &part.tombstones;
            if dead.deleted_count() > 0 {
                left.retain(|slot| !dead.is_deleted(documents[slot]));
            }
            Ok(())
        },
        |phrase, document, frequency| {
            for other in &mut *before {
                goal.deadline.check()?;
                if other.exec.has(document)? {
                    return Ok(());
                }
            }
            if goal.pruning == Pruning::Off && !goal.conditions.allow(document)? {
                return Ok(());
            }
            goal.count += 1;
            let mut score = phrase.score(document, frequency);
            if !later.is_empty() {
                score = sum(later, (number, score), document)?;
            }
            if score > goal.threshold() {
                goal.push(part, document, score)?;
            }
            Ok(())
        },
    )
}

/// The score of a document, summed in the order of the query: what one phrase gives
/// it, and what others do.
fn sum<T: Trace>(
    others: &mut [Phrase<T>],
    (number, own): (usize, f32),
    document: u32,
) -> Result<f32> {
    let mut given = Vec::with_capacity(others.len() + 1);
    given.push((number, own));
    for Phrase { number, exec } in others {
        let frequency = exec.frequency(document)?;
        if frequency > 0 {
            given.push((*number, exec.score(document, frequency)));
        }
    }
    given.sort_unstable_by_key(|(number, _)| *number);
    Ok(given.iter().fold(0.0, |sum, (_, score)| sum + score))
}
