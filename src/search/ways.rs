//! # Ways: by which a question is answered, and what is made of its matches
//!
//! Idea        what is wanted says which way is the shortest. The best of a usual
//!             question are found by `ranked`, its matches counted by `counting.rs`;
//!             for all else, for facets and for an order by a column the walk of
//!             `collect.rs` shows every match to a collector
//! Example     ten of `whale` in the order of a year, with a facet: the walk, as all
//!             matches are wanted, and then only the ten are scored
//! Invariants  (1) whichever way is taken, hits, their order and scores are the same
//! Next        `ahead.rs`, `question.rs`; `sort.rs`; then `page.rs`

use super::ahead::{self, Purpose};
use super::collect::{Asking, Collector, Found, Walked, walk};
use super::counting::Tally;
use super::execute::Exec;
use super::facets::Counter;
use super::limits::Limits;
use super::places::Slots;
use super::plan::Node;
use super::question::{Condition, Question};
use super::ranked;
use super::sort::{SortedTop, Standing};
use super::spread::{self, Cores, Floor};
use super::topk::{Scored, Stretch, TopK};
use super::trace::Trace;
use super::xray::Way;
use crate::error::Result;
use crate::index::{Part, Snapshot};
use crate::segment::posting_list::BLOCK_LEN;

/// Whether windows may be left out that can't change the best hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pruning {
    /// Where nobody counts.
    Allowed,
    /// Every match is looked at.
    Off,
}

/// Collects the best by score.
struct Best<'f, T> {
    trace: T,
    top: TopK<'f>,
    limit: usize,
    prune: bool,
    facets: Vec<Counter>,
}

impl<T: Trace> Collector for Best<'_, T> {
    fn scored(&self) -> bool {
        self.limit > 0
    }

    fn threshold(&self) -> Option<f32> {
        self.prune.then(|| self.top.threshold())
    }

    fn take(&mut self, part: &Part, walked: &Walked) {
        if self.limit > 0 {
            let matches = walked.matches.iter();
            self.push(matches.map(|index| Scored {
                score: walked.score(index),
                document: part.base + walked.start + index,
            }));
        }
        count_all(&mut self.facets, part, walked);
    }

    fn take_few(&mut self, part: &Part, documents: &[u32], scores: &[f32]) {
        if self.limit > 0 {
            let matches = documents.iter().zip(scores);
            self.push(matches.map(|(document, score)| Scored {
                score: *score,
                document: part.base + document,
            }));
        }
        count_few(&mut self.facets, part, documents);
    }

    fn join(&mut self, other: Self) {
        self.top.join(other.top);
        join_all(&mut self.facets, other.facets);
    }
}

impl<T: Trace> Best<'_, T> {
    fn push(&mut self, matches: impl Iterator<Item = Scored>) {
        let mut threshold = self.top.threshold();
        for scored in matches {
            if scored.score > threshold {
                self.top.push(scored);
                threshold = self.top.threshold();
                self.trace.threshold(scored.document, threshold);
            }
        }
    }
}

fn count_all(facets: &mut [Counter], part: &Part, walked: &Walked) {
    for counter in facets {
        counter.add(part, walked.groups());
    }
}

fn count_few(facets: &mut [Counter], part: &Part, documents: &[u32]) {
    for counter in facets {
        counter.add_few(part, documents);
    }
}

fn join_all(facets: &mut [Counter], others: Vec<Counter>) {
    for (counter, other) in facets.iter_mut().zip(others) {
        counter.join(other);
    }
}

/// The best documents by score, as many as `stretch` wants.
pub(super) fn best<T: Trace>(
    asking: &Asking<T>,
    stretch: Stretch,
    pruning: Pruning,
    facets: &mut Vec<Counter>,
) -> Result<(Vec<Scored>, Found)> {
    let limit = stretch.limit;
    let prune = pruning == Pruning::Allowed && facets.is_empty();
    if limit > 0 {
        ahead::call_for(asking.snapshot.parts(), asking.node, Purpose::Best);
    }
    let mut question = match limit > 0 && facets.is_empty() {
        true => Question::of(asking.node),
        false => None,
    };
    if let (Some(question), Some(node)) = (&mut question, asking.filter) {
        let wanted = true;
        question.conditions.push(Condition { node, wanted });
    }
    let is_open = |question: &Question| {
        let pass_enough = || prune && ranked::pass_enough(asking.snapshot, question, limit);
        ranked::is_open(question, limit) && (question.conditions.is_empty() || pass_enough())
    };
    if let Some(question) = question.filter(is_open) {
        // Two short walks, one for the number and one for the best, take less
        // than one that does both: 0.3 of the time for a union. Not so for a
        // phrase or a conjunction, where to find what matches is most of it, unless
        // all terms are frequent.
        let counted = match pruning {
            Pruning::Off if !ranked::counts(&question) => Some(short_count(asking, &question)?),
            _ => None,
        };
        let pruning = match counted {
            Some(_) => Pruning::Allowed,
            None => pruning,
        };
        let (best, seen) = ranked::best(
            asking.snapshot,
            &question,
            stretch,
            pruning,
            asking.cores,
            asking.deadline,
            asking.trace,
        )?;
        let found = counted.map(|count| Found {
            count,
            complete: true,
        });
        return Ok((best, found.unwrap_or(seen)));
    }
    if limit == 0 && !prune && facets.is_empty() {
        let (count, complete) = (count(asking)?, true);
        return Ok((Vec::new(), Found { count, complete }));
    }
    let floor = Floor::new();
    let shared = (asking.cores == Cores::All).then_some(&floor);
    let begin = || Best {
        trace: asking.trace,
        top: TopK::sharing(stretch, shared),
        limit,
        prune,
        facets: facets.clone(),
    };
    let (best, found) = walk(asking, begin)?;
    *facets = best.facets;
    Ok((best.top.into_sorted(), found))
}

/// Collects the first in the order of a column.
struct Sorted {
    top: SortedTop,
    facets: Vec<Counter>,
}

impl Collector for Sorted {
    fn scored(&self) -> bool {
        false
    }

    fn take(&mut self, part: &Part, walked: &Walked) {
        self.top.take(part, walked.groups());
        count_all(&mut self.facets, part, walked);
    }

    fn take_few(&mut self, part: &Part, documents: &[u32], _: &[f32]) {
        self.top.take_few(part, documents);
        count_few(&mut self.facets, part, documents);
    }

    fn join(&mut self, other: Self) {
        self.top.join(other.top);
        join_all(&mut self.facets, other.facets);
    }
}

/// Documents with their scores, and where each stands in the order of a column, if it has
/// a value.
type InOrder = (Vec<Scored>, Vec<Option<Standing>>);

/// The first documents in the order of a column.
pub(super) fn sorted<T: Trace>(
    asking: &Asking<T>,
    top: &SortedTop,
    facets: &mut Vec<Counter>,
) -> Result<(InOrder, Found)> {
    let begin = || Sorted {
        top: top.clone(),
        facets: facets.clone(),
    };
    let (first, found) = walk(asking, begin)?;
    *facets = first.facets;
    let first = first.top.finish(asking.snapshot, asking.deadline)?;
    let (documents, standings): (Vec<u32>, _) = first.into_iter().unzip();
    Ok(((scores_of(asking, &documents)?, standings), found))
}

/// What documents score, all of which match; in the order in which they come.
fn scores_of<T: Trace>(asking: &Asking<T>, documents: &[u32]) -> Result<Vec<Scored>> {
    let constant = asking.node.constant();
    let scored = documents.iter().map(|&document| Scored {
        score: constant.unwrap_or(0.0),
        document,
    });
    let mut scored: Vec<Scored> = scored.collect();
    if constant.is_some() {
        return Ok(scored);
    }
    let mut ascending: Vec<&mut Scored> = scored.iter_mut().collect();
    ascending.sort_unstable_by_key(|scored| scored.document);
    let mut rest = ascending.as_mut_slice();
    for part in asking.snapshot.parts() {
        let end = part.base.saturating_add(part.segment.documents());
        let count = rest.partition_point(|scored| scored.document < end);
        let (of_part, others) = rest.split_at_mut(count);
        rest = others;
        if of_part.is_empty() {
            continue;
        }
        let limits = Limits::new(asking.deadline);
        let mut exec = Exec::new(asking.node, part, &limits, asking.trace)?;
        for several in of_part.chunks_mut(BLOCK_LEN) {
            asking.deadline.check()?;
            let (mut documents, mut scores) = ([0; BLOCK_LEN], [0.0; BLOCK_LEN]);
            for (document, scored) in documents.iter_mut().zip(&*several) {
                *document = scored.document - part.base;
            }
            let mut left = Slots::none();
            left.fill(several.len());
            exec.keep(&documents, &mut left, Some(&mut scores), -1.0)?;
            for slot in left.as_slice().iter().map(|slot| usize::from(*slot)) {
                if let Some(scored) = several.get_mut(slot) {
                    scored.score = scores[slot];
                }
            }
        }
    }
    Ok(scored)
}

/// Collects every document.
struct Every(Vec<u32>);

impl Collector for Every {
    fn scored(&self) -> bool {
        false
    }

    fn take(&mut self, part: &Part, walked: &Walked) {
        let documents = walked.matches.iter();
        self.0
            .extend(documents.map(|index| part.base + walked.start + index));
    }

    fn take_few(&mut self, part: &Part, documents: &[u32], _: &[f32]) {
        self.0
            .extend(documents.iter().map(|document| part.base + document));
    }

    fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// Every matching live document, ascending.
pub(super) fn documents(snapshot: &Snapshot, node: &Node) -> Result<Vec<u32>> {
    let asking = Asking::plainly(snapshot, node);
    Ok(walk(&asking, || Every(Vec::new()))?.0.0)
}

/// Collects nothing: matches are counted in any case.
struct Nothing;

impl Collector for Nothing {
    fn scored(&self) -> bool {
        false
    }

    fn take(&mut self, _: &Part, _: &Walked) {}

    fn take_few(&mut self, _: &Part, _: &[u32], _: &[f32]) {}

    fn join(&mut self, _: Self) {}
}

/// How many live documents match a question.
fn short_count<T: Trace>(asking: &Asking<T>, question: &Question) -> Result<u64> {
    asking.trace.way(Way::Count);
    spread::over(
        asking.snapshot.parts(),
        asking.cores,
        || (Tally::of(question, asking.deadline, asking.trace), 0),
        |(tally, sum), part| {
            *sum += tally.count(part)?;
            Ok(())
        },
        |(_, sum), (_, other)| *sum += other,
    )
    .map(|(_, sum)| sum)
}

/// How many live documents match.
pub(super) fn count<T: Trace>(asking: &Asking<T>) -> Result<u64> {
    let mut asking = *asking;
    if let (Node::All(_), Some(filter)) = (asking.node, asking.filter) {
        // All of these match.
        (asking.node, asking.filter) = (filter, None);
    }
    ahead::call_for(asking.snapshot.parts(), asking.node, Purpose::Count);
    if let (Node::Term(_), None) = (asking.node, asking.filter) {
        // Dictionaries have told already; for an addition nobody is woken.
        asking.cores = Cores::One;
    }
    let asking = &asking;
    match (Question::of(asking.node), asking.filter) {
        (Some(question), None) if question.conditions.is_empty() => short_count(asking, &question),
        _ => Ok(walk(asking, || Nothing)?.1.count),
    }
}
