//! # Order: the most promising part first
//!
//! Idea        what a part's best document can score is known from the heads of
//!             its lists. A search that begins where most is promised soon knows
//!             what it takes to be among the best; and then most parts have nothing
//!             that good, and are passed over before a block is looked at
//! Example     ten hits wanted of 32 parts that promise from 5.1 to 8.3: after
//!             three the tenth best scores 7.6, and that leaves two more to look
//!             at
//! Invariants  (1) as in `ranked`: a part is passed over only if its best can't be
//!             among the hits
//!             (2) the order among equal scores is that of documents, whatever
//!             the order of parts: of two parts the *earlier* one may be looked
//!             at later, and then its documents win a tie. So as long as it is
//!             looked at, what reaches the worst hit is good enough
//!             ([`TopK::enter`](crate::search::topk::TopK::enter))
//! Cost        some 100 ns a list and part; nothing for a single part
//! Conditions  a term, or any of several, by one core. Where all must match, or a
//!             phrase, the sum of what the lists promise says little: at 32 parts
//!             it cost what it gained
//! Left out    to look at *blocks* in such an order: within a part documents
//!             ascend, on which everything relies that reads lists
//! Next        `room.rs`

use super::room::Room;
use super::{Goal, in_part};
use crate::error::Result;
use crate::index::Part;
use crate::search::bm25::sum_bound;
use crate::search::plan::TermNode;
use crate::search::question::{Question, Shape};
use crate::search::term::{Bounds, TermExec};
use crate::search::trace::Trace;

/// Looks at the parts that may have something, the most promising first.
pub(super) fn by_promise<'f, T: Trace>(
    parts: &'f [Part],
    question: &Question<'f>,
    room: &mut Room<'f, T>,
    goal: &mut Goal<'f, T>,
) -> Result<()> {
    let terms: Vec<&TermNode> = match &question.shape {
        Shape::Term(node) if parts.len() > 1 => vec![node],
        Shape::Disjunction(nodes) if parts.len() > 1 => {
            nodes.iter().map(|(_, node)| *node).collect()
        }
        _ => {
            let mut parts = parts.iter();
            return parts.try_for_each(|part| in_part(part, question, room, goal));
        }
    };
    let mut promises: Vec<(f32, &Part)> = Vec::with_capacity(parts.len());
    for part in parts {
        let may_use_witnesses = goal.takes_whatever_is_good(part, question.has_conditions());
        if let Some(most) = promise(part, &terms, may_use_witnesses, goal)? {
            promises.push((most, part));
        }
    }
    goal.top.raise(goal.floor);
    promises.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    for (most, part) in promises {
        goal.top.enter(part.base);
        goal.trace.enter(part, goal.threshold());
        if most > goal.threshold() {
            in_part(part, question, room, goal)?;
        } else {
            pass_over(part, &terms, goal)?;
        }
    }
    Ok(())
}

/// The most that a document of a part can score; `None` if there is none with a
/// term. If it may use witnesses, the goal learns what the best of each list score.
fn promise<T: Trace>(
    part: &Part,
    terms: &[&TermNode],
    may_use_witnesses: bool,
    goal: &mut Goal<T>,
) -> Result<Option<f32>> {
    let (mut sum, mut any) = (0.0, false);
    for TermNode { field, weight, .. } in terms {
        let entry = weight.entry(0, part);
        let (Some(inverted), Some(entry)) = (part.segment.inverted(field), entry) else {
            continue;
        };
        any = true;
        let list = inverted.postings(&entry)?;
        sum += weight
            .similarity
            .list_bound(weight.value, part.number, &list);
        if may_use_witnesses && let Some(witness) = list.witness(goal.stretch.limit) {
            let floor = weight.similarity.floor(weight.value, &witness);
            goal.floor = goal.floor.max(floor);
        }
    }
    Ok(any.then(|| sum_bound(sum, terms.len())))
}

/// Takes note that a part is passed over.
fn pass_over<T: Trace>(part: &Part, terms: &[&TermNode], goal: &mut Goal<T>) -> Result<()> {
    match terms {
        // The dictionary knows how many there are.
        [term] if part.tombstones.deleted_count() == 0 => {
            goal.count += term.weight.frequency_in(part);
        }
        _ => goal.complete = false,
    }
    if T::LISTENS {
        for term in terms {
            drop(TermExec::of(part, term, Bounds::Unwanted, goal.trace)?);
        }
    }
    Ok(())
}
