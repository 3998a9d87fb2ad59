//! # Collecting: windows in, a page's worth of hits out
//!
//! Idea        one loop over the windows of each segment drives everything: it
//!             leaps to the next document that may match, asks the plan about
//!             its window, and hands the answer to whoever collects: the best
//!             hits, a count, facets, an order by a column
//! Invariants  (1) a window is left out only if its bound cannot beat what is
//!             collected, and only if nobody wants to count: then the hits are
//!             the same as if all had been looked at
//! Next        `page.rs`

use super::counting;
use super::execute::{END, Exec};
use super::facets::Counter;
use super::plan::Node;
use super::ranked;
use super::sort::SortedTop;
use super::topk::{Scored, TopK};
use super::window::{Bits, Scores, WINDOW, scores};
use crate::error::Result;
use crate::index::{Part, Snapshot};

/// Whether windows may be left out that can't change the best hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pruning {
    /// Where nobody counts.
    Allowed,
    /// Every match is looked at.
    Off,
}

/// What a walk over all segments has found.
pub(super) struct Found {
    /// Matches seen.
    pub(super) count: u64,
    /// Whether these are all matches.
    pub(super) complete: bool,
}

/// Calls `each` for every window with matches: the part, the window's start, the
/// matches and, if wanted, their scores. `enough` gives the score that a
/// document must exceed to matter.
pub(super) fn walk(
    snapshot: &Snapshot,
    node: &Node,
    filter: Option<&Node>,
    scored: bool,
    threshold: impl Fn() -> Option<f32>,
    mut each: impl FnMut(&Part, &Walked),
) -> Result<Found> {
    let mut found = Found {
        count: 0,
        complete: true,
    };
    let mut walked = Walked {
        start: 0,
        matches: Bits::default(),
        scores: scores(),
    };
    let (mut candidates, mut filtered) = (Bits::default(), Bits::default());
    for part in snapshot.parts() {
        let documents = part.segment.documents();
        let mut exec = Exec::new(node, part)?;
        let mut filter = filter.map(|filter| Exec::new(filter, part)).transpose()?;
        let mut at = 0;
        while at < documents {
            let mut next = exec.next(at)?;
            if let Some(filter) = &mut filter {
                next = next.max(filter.next(at)?);
            }
            if next == END || next >= documents {
                break;
            }
            let start = next - next % WINDOW;
            at = start.saturating_add(WINDOW);
            if let Some(threshold) = threshold()
                && exec.bound(start) <= threshold
            {
                found.complete = false;
                continue;
            }
            live(part, start, &mut candidates);
            if let Some(filter) = &mut filter {
                filter.evaluate(start, &candidates, &mut filtered, None)?;
                candidates.copy_from(&filtered);
            }
            if candidates.is_empty() {
                continue;
            }
            let scores = scored.then_some(&mut walked.scores);
            exec.evaluate(start, &candidates, &mut walked.matches, scores)?;
            walked.start = start;
            let count = walked.matches.count();
            if count > 0 {
                found.count += u64::from(count);
                each(part, &walked);
            }
        }
    }
    Ok(found)
}

/// A window's answer.
pub(super) struct Walked {
    /// The segment's document that the window begins with.
    pub(super) start: u32,
    pub(super) matches: Bits,
    pub(super) scores: Scores,
}

/// The documents of a window that are not deleted.
fn live(part: &Part, start: u32, out: &mut Bits) {
    out.fill_below(part.segment.documents() - start);
    if part.tombstones.deleted_count() > 0 {
        let words = part.tombstones.words();
        let words = words.get(start as usize / 64..).unwrap_or(&[]);
        out.words_mut()
            .iter_mut()
            .zip(words)
            .for_each(|(live, dead)| *live &= !dead);
    }
}

/// The best `limit` documents by score.
pub(super) fn best(
    snapshot: &Snapshot,
    node: &Node,
    filter: Option<&Node>,
    limit: usize,
    pruning: Pruning,
    facets: &mut [Counter],
) -> Result<(Vec<Scored>, Found)> {
    let prune = pruning == Pruning::Allowed && facets.is_empty();
    if limit > 0 && filter.is_none() && facets.is_empty() {
        // Two short walks, one for the number and one for the best, take less
        // than one that does both: 0.3 of the time for a union.
        let counted = match pruning {
            Pruning::Allowed => None,
            Pruning::Off => counting::count(snapshot, node)?,
        };
        if (prune || counted.is_some())
            && let Some(goal) = ranked::best(snapshot, node, limit)?
        {
            let (best, seen, complete) = goal.finish();
            let count = counted.unwrap_or(seen);
            let complete = complete || counted.is_some();
            return Ok((best, Found { count, complete }));
        }
    }
    let top = std::cell::RefCell::new(TopK::new(limit));
    let found = walk(
        snapshot,
        node,
        filter,
        limit > 0,
        || prune.then(|| top.borrow().threshold()),
        |part, walked| {
            let mut top = top.borrow_mut();
            if limit > 0 {
                let mut threshold = top.threshold();
                for index in walked.matches.iter() {
                    let score = walked.scores[index as usize];
                    if score > threshold {
                        let document = part.base + walked.start + index;
                        top.push(Scored { score, document });
                        threshold = top.threshold();
                    }
                }
            }
            for counter in facets.iter_mut() {
                counter.add(part, walked.start, &walked.matches);
            }
        },
    )?;
    Ok((top.into_inner().into_sorted(), found))
}

/// The first documents in the order of a column, with their scores.
pub(super) fn sorted(
    snapshot: &Snapshot,
    node: &Node,
    filter: Option<&Node>,
    mut top: SortedTop,
    facets: &mut [Counter],
) -> Result<(Vec<Scored>, Found)> {
    let found = walk(
        snapshot,
        node,
        filter,
        true,
        || None,
        |part, walked| {
            for index in walked.matches.iter() {
                let document = walked.start + index;
                top.push(part, document, walked.scores[index as usize]);
            }
            for counter in facets.iter_mut() {
                counter.add(part, walked.start, &walked.matches);
            }
        },
    )?;
    Ok((top.finish(snapshot)?, found))
}

/// Every matching live document, ascending.
pub(super) fn documents(snapshot: &Snapshot, node: &Node) -> Result<Vec<u32>> {
    let mut all = Vec::new();
    walk(
        snapshot,
        node,
        None,
        false,
        || None,
        |part, walked| {
            all.extend(
                walked
                    .matches
                    .iter()
                    .map(|index| part.base + walked.start + index),
            );
        },
    )?;
    Ok(all)
}

/// How many live documents match.
pub(super) fn count(snapshot: &Snapshot, node: &Node, filter: Option<&Node>) -> Result<u64> {
    if filter.is_none()
        && let Some(count) = counting::count(snapshot, node)?
    {
        return Ok(count);
    }
    let found = walk(snapshot, node, filter, false, || None, |_, _| {})?;
    Ok(found.count)
}
