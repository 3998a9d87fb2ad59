//! # All of the words: the rarest leads
//!
//! Idea        the documents of the rarest list are the only candidates; the
//!             others are asked, the next rarest first. Where a word has several
//!             lists, one for each field, or where some words may match and needn't,
//!             lists lead in turn, and each document is found by the first that has
//!             it: see `leads.rs`
//! Example     `+whale sea`, of which "sea" is rarer: first it leads, and "whale" must
//!             have the document. Then "whale" leads, and documents that have "sea"
//!             don't count. The ten kept by then score 7 to 9, a document with
//!             "whale" alone 4 at most, as its ceilings say, and nothing is decoded
//! Cost        a few comparisons for each block of the lists that lead; a look-up
//!             in the others for each candidate left
//! Next        `lead.rs`, which does it; then `disjunction.rs`

use super::Goal;
use super::room::Tools;
use crate::error::Result;
use crate::index::Part;
use crate::search::term::TermExec;
use crate::search::trace::Trace;

/// `execs` are in the order of the query, and the tools know what each is.
pub(super) fn run<T: Trace>(
    part: &Part,
    execs: &mut [TermExec<T>],
    tools: &mut Tools,
    goal: &mut Goal<T>,
) -> Result<()> {
    let Tools {
        members,
        leads,
        lead,
        ..
    } = tools;
    leads.begin(members.iter().copied(), |list| execs[list].cost());
    lead.begin(members.iter().map(|member| member.clause));
    // The clause that must match, if there is but one.
    let required = members.iter().filter(|member| member.required);
    let mut clauses = required.map(|member| member.clause);
    let only = clauses
        .next()
        .filter(|first| clauses.all(|next| next == *first));
    for (member, exec) in members.iter().zip(&*execs) {
        // Whatever such a list has matches.
        if only == Some(member.clause) {
            goal.raise(part, exec);
        }
    }
    goal.in_turns(part, leads.count(), |goal, turn| {
        let turn = leads.turn(turn);
        lead.set(turn.lead, turn.asked());
        lead.exclude(turn.before());
        lead.sweep(part, execs, 0..part.segment.documents(), goal)
    })
}
