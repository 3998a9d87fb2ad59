//! # Collecting: windows in, a page's worth of hits out
//!
//! Idea        one loop over the windows of a segment drives everything: it
//!             leaps to the next document that may match, asks the plan about
//!             its window, and hands the answer to a [`Collector`]: of the best
//!             hits, a count, facets, an order by a column. Where something must
//!             match that is not frequent, the documents of its list are all that
//!             there is to ask about, 128 at a time, whatever else the plan has
//! Example     `+"new york" +pizza` among 500,000 articles: the 891 documents of
//!             "pizza" lead, and only they are asked about the phrase, in 0.13 ms;
//!             window by window it took 0.61
//! Invariants  (1) a window or a block is left out only if its bound cannot beat what is
//!             collected, and only if nobody wants to count: then the hits are
//!             the same as if all had been looked at
//!             (2) what was collected from some segments and from others can be
//!             joined, so `spread.rs` may share them out among cores
//! Next        `ahead.rs`, `spread.rs`, `question.rs`; `sort.rs`; then `page.rs`

use super::ahead::{self, Purpose};
use super::counting::Tally;
use super::execute::{END, Exec, FewScores};
use super::facets::Counter;
use super::limits::{Deadline, Limits};
use super::places::{Documents, Slots};
use super::plan::Node;
use super::question::{Condition, Question};
use super::ranked;
use super::sort::{SortedTop, Standing};
use super::spread::{self, Cores, Floor};
use super::topk::{Scored, Stretch, TopK};
use super::trace::{Silent, Trace};
use super::window::{Bits, Group, Scores, WINDOW, scores};
use super::xray::Way;
use crate::error::Result;
use crate::index::{Part, Snapshot};
use crate::segment::PostingList;
use crate::segment::posting_list::BLOCK_LEN;

/// Whether windows may be left out that can't change the best hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pruning {
    /// Where nobody counts.
    Allowed,
    /// Every match is looked at.
    Off,
}

/// What is asked of every part, and by how many.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a, T: Trace = Silent> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) node: &'a Node,
    pub(super) filter: Option<&'a Node>,
    pub(super) cores: Cores,
    pub(super) deadline: Deadline,
    pub(super) trace: T,
}

/// A list leads if so many times its documents are no more than there are: else it is
/// quicker to go from window to window. Where bounds may pass over some of its blocks
/// it may be longer.
const SPARSE: u32 = 8;
const SPARSE_IF_PRUNED: u32 = 2;

/// What a walk has found.
pub(super) struct Found {
    /// Matches seen.
    pub(super) count: u64,
    /// Whether these are all matches.
    pub(super) complete: bool,
}

/// Takes the matches of one window after the other.
trait Collector: Send {
    /// Whether it wants scores.
    fn scored(&self) -> bool;

    /// The score that a document must exceed to matter; `None` if all do.
    fn threshold(&self) -> Option<f32> {
        None
    }

    fn take(&mut self, part: &Part, walked: &Walked);

    /// Takes some matches, at most a block of them, with their scores if it wants these.
    fn take_few(&mut self, part: &Part, documents: &[u32], scores: &[f32]);

    /// What another of its kind has taken from other parts.
    fn join(&mut self, other: Self);
}

/// A collector at work.
struct Walk<C> {
    collector: C,
    found: Found,
    walked: Walked,
    candidates: Bits,
    filtered: Bits,
}

/// A window's answer.
struct Walked {
    /// The segment's document that the window begins with.
    start: u32,
    matches: Bits,
    /// If they are wanted.
    scores: Option<Scores>,
}

impl Walked {
    fn groups(&self) -> impl Iterator<Item = Group> {
        self.matches.groups(self.start)
    }

    #[inline]
    fn score(&self, index: u32) -> f32 {
        self.scores
            .as_ref()
            .map_or(0.0, |scores| scores[index as usize])
    }
}

/// Shows all parts to collectors, of which one is left.
fn walk<C: Collector, T: Trace>(
    asking: &Asking<T>,
    begin: impl Fn() -> C + Sync,
) -> Result<(C, Found)> {
    asking.trace.way(Way::Walk);
    let walk = spread::over(
        asking.snapshot.parts(),
        asking.cores,
        || Walk::new(begin()),
        |walk, part| walk.part(asking, part),
        Walk::join,
    )?;
    Ok((walk.collector, walk.found))
}

impl<C: Collector> Walk<C> {
    fn new(collector: C) -> Self {
        Self {
            found: Found {
                count: 0,
                complete: true,
            },
            walked: Walked {
                start: 0,
                matches: Bits::default(),
                scores: collector.scored().then(scores),
            },
            candidates: Bits::default(),
            filtered: Bits::default(),
            collector,
        }
    }

    fn part<T: Trace>(&mut self, asking: &Asking<T>, part: &Part) -> Result<()> {
        let documents = part.segment.documents();
        let limits = Limits::new(asking.deadline);
        let mut exec = Exec::new(asking.node, part, &limits, asking.trace)?;
        let filter = asking
            .filter
            .map(|filter| Exec::new(filter, part, &limits, asking.trace));
        let mut filter = filter.transpose()?;
        let sparse = match self.collector.threshold() {
            Some(_) => SPARSE_IF_PRUNED,
            None => SPARSE,
        };
        let leads = [exec.lead(), filter.as_ref().and_then(Exec::lead)];
        let leads = leads.into_iter().flatten();
        if let Some(lead) = leads.min_by_key(PostingList::document_frequency)
            && lead.document_frequency() <= documents / sparse
        {
            return self.behind(asking, &lead, &mut exec, filter.as_mut(), part);
        }
        let mut at = 0;
        while at < documents {
            asking.deadline.check()?;
            let mut next = exec.next(at)?;
            if let Some(filter) = &mut filter {
                next = next.max(filter.next(at)?);
            }
            if next == END || next >= documents {
                break;
            }
            let start = next - next % WINDOW;
            at = start.saturating_add(WINDOW);
            if let Some(threshold) = self.collector.threshold()
                && exec.bound(start, start.saturating_add(WINDOW - 1)) <= threshold
            {
                asking.trace.window(true);
                self.found.complete = false;
                continue;
            }
            asking.trace.window(false);
            live(part, start, &mut self.candidates);
            if let Some(filter) = &mut filter {
                filter.evaluate(start, &self.candidates, &mut self.filtered, None)?;
                self.candidates.copy_from(&self.filtered);
            }
            if self.candidates.is_empty() {
                continue;
            }
            let walked = &mut self.walked;
            exec.evaluate(
                start,
                &self.candidates,
                &mut walked.matches,
                walked.scores.as_mut(),
            )?;
            walked.start = start;
            let count = walked.matches.count();
            if count > 0 {
                self.found.count += u64::from(count);
                self.collector.take(part, walked);
            }
        }
        Ok(())
    }

    /// Goes through a list that has all documents that match, block by block.
    fn behind<T: Trace>(
        &mut self,
        asking: &Asking<T>,
        lead: &PostingList,
        exec: &mut Exec<T>,
        mut filter: Option<&mut Exec<T>>,
        part: &Part,
    ) -> Result<()> {
        let (mut documents, mut scores) = ([0; BLOCK_LEN], [0.0; BLOCK_LEN]);
        let (mut left, mut first) = (Slots::none(), 0);
        let clean = part.tombstones.deleted_count() == 0;
        for block in 0..lead.block_count() {
            asking.deadline.check()?;
            let (from, last) = (first, lead.last_document(block));
            first = last.saturating_add(1);
            let threshold = self.collector.threshold().unwrap_or(-1.0);
            if threshold >= 0.0 && exec.bound(from, last) <= threshold {
                self.found.complete = false;
                continue;
            }
            left.fill(lead.decode_documents(block, &mut documents)?);
            if !clean {
                left.retain(|slot| !part.tombstones.is_deleted(documents[slot]));
            }
            if let Some(filter) = &mut filter {
                filter.keep(&documents, &mut left, None, -1.0)?;
            }
            let wanted = self.collector.scored().then_some(&mut scores);
            self.found.complete &= exec.keep(&documents, &mut left, wanted, threshold)?;
            self.take_few(part, &documents, left.as_slice(), &scores);
        }
        Ok(())
    }

    /// Shows the collector a few matches of a block.
    fn take_few(&mut self, part: &Part, documents: &Documents, slots: &[u8], scores: &FewScores) {
        let (mut few, mut few_scores) = ([0; BLOCK_LEN], [0.0; BLOCK_LEN]);
        for ((document, score), slot) in few.iter_mut().zip(&mut few_scores).zip(slots) {
            let slot = usize::from(*slot) % BLOCK_LEN;
            (*document, *score) = (documents[slot], scores[slot]);
        }
        let count = slots.len().min(BLOCK_LEN);
        self.found.count += count as u64;
        self.collector
            .take_few(part, &few[..count], &few_scores[..count]);
    }

    fn join(&mut self, other: Self) {
        self.collector.join(other.collector);
        self.found.count += other.found.count;
        self.found.complete &= other.found.complete;
    }
}

/// The documents of a window that are not deleted.
fn live(part: &Part, start: u32, out: &mut Bits) {
    out.fill_below(part.segment.documents() - start);
    if part.tombstones.deleted_count() > 0 {
        out.leave_out(start, part.tombstones.words());
    }
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
struct First {
    top: SortedTop,
    facets: Vec<Counter>,
}

impl Collector for First {
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
pub(super) type InOrder = (Vec<Scored>, Vec<Option<Standing>>);

/// The first documents in the order of a column.
pub(super) fn sorted<T: Trace>(
    asking: &Asking<T>,
    top: &SortedTop,
    facets: &mut Vec<Counter>,
) -> Result<(InOrder, Found)> {
    let begin = || First {
        top: top.clone(),
        facets: facets.clone(),
    };
    let (first, found) = walk(asking, begin)?;
    *facets = first.facets;
    let first = first.top.finish(asking.snapshot)?;
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
    let asking = Asking {
        snapshot,
        node,
        filter: None,
        cores: Cores::One,
        deadline: Deadline::default(),
        trace: Silent,
    };
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
