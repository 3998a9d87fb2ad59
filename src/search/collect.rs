//! # Collecting: every match, shown to whoever wants it
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
//! Next        `spread.rs`; then `ways.rs`

use super::execute::{END, Exec, FewScores};
use super::limits::{Deadline, Limits};
use super::places::{Documents, Slots};
use super::plan::Node;
use super::spread::{self, Cores};
use super::trace::{Silent, Trace};
use super::window::{Bits, Group, Scores, WINDOW, scores};
use super::xray::Way;
use crate::error::Result;
use crate::index::{Part, Snapshot};
use crate::segment::PostingList;
use crate::segment::posting_list::BLOCK_LEN;

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

impl<'a> Asking<'a> {
    /// Nothing but which documents match, of one core that takes its time.
    pub(super) fn plainly(snapshot: &'a Snapshot, node: &'a Node) -> Self {
        Self {
            snapshot,
            node,
            filter: None,
            cores: Cores::One,
            deadline: Deadline::default(),
            trace: Silent,
        }
    }
}

/// A list leads if it has at most one in this many documents: else it is quicker to go
/// from window to window. Where bounds may pass over some of its blocks it may be longer.
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
pub(super) trait Collector: Send {
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
pub(super) struct Walked {
    /// The segment's document that the window begins with.
    pub(super) start: u32,
    pub(super) matches: Bits,
    /// If they are wanted.
    scores: Option<Scores>,
}

impl Walked {
    pub(super) fn groups(&self) -> impl Iterator<Item = Group> {
        self.matches.groups(self.start)
    }

    #[inline]
    pub(super) fn score(&self, index: u32) -> f32 {
        self.scores
            .as_ref()
            .map_or(0.0, |scores| scores[index as usize])
    }
}

/// Shows all parts to collectors, of which one is left.
pub(super) fn walk<C: Collector, T: Trace>(
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
        let leads = [Some(&exec), filter.as_ref()].map(|exec| exec?.lead());
        let leads = leads.into_iter().enumerate();
        let leads = leads.filter_map(|(whose, lead)| Some((whose, lead?)));
        if let Some((whose, lead)) = leads.min_by_key(|(_, lead)| lead.document_frequency())
            && lead.document_frequency() <= documents / sparse
        {
            // One that is nothing but the list that leads matches all of its documents, and
            // is asked only for scores and bounds, or so that a trace hears what is read.
            let (mut exec, mut filter) = (Some(&mut exec), filter.as_mut());
            let is_needed = self.collector.scored() || self.collector.threshold().is_some();
            match whose {
                _ if T::LISTENS => None,
                0 if is_needed => None,
                0 => exec.take_if(|exec| exec.is_a_list()),
                _ => filter.take_if(|filter| filter.is_a_list()),
            };
            return self.behind(asking, &lead, exec, filter, part);
        }
        self.windows(asking, &mut exec, filter, part)
    }

    /// Goes from window to window.
    fn windows<T: Trace>(
        &mut self,
        asking: &Asking<T>,
        exec: &mut Exec<T>,
        mut filter: Option<Exec<T>>,
        part: &Part,
    ) -> Result<()> {
        let documents = part.segment.documents();
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
        mut exec: Option<&mut Exec<T>>,
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
            if let Some(exec) = &mut exec
                && threshold >= 0.0
                && exec.bound(from, last) <= threshold
            {
                self.found.complete = false;
                continue;
            }
            let count = lead.decode_documents(block, &mut documents)?;
            left.fill(count);
            if !clean {
                left.retain(|slot| !part.tombstones.is_deleted(documents[slot]));
            }
            if let Some(filter) = &mut filter {
                filter.keep(&documents, &mut left, None, -1.0)?;
            }
            if let Some(exec) = &mut exec {
                let wanted = self.collector.scored().then_some(&mut scores);
                self.found.complete &= exec.keep(&documents, &mut left, wanted, threshold)?;
            }
            let left = left.as_slice();
            self.found.count += left.len() as u64;
            match left.len() == count {
                true => self
                    .collector
                    .take_few(part, &documents[..count], &scores[..count]),
                false => self.take_few(part, &documents, left, &scores),
            }
        }
        Ok(())
    }

    /// Shows the collector some matches of a block.
    fn take_few(&mut self, part: &Part, documents: &Documents, slots: &[u8], scores: &FewScores) {
        let (mut few, mut few_scores) = ([0; BLOCK_LEN], [0.0; BLOCK_LEN]);
        for ((document, score), slot) in few.iter_mut().zip(&mut few_scores).zip(slots) {
            let slot = usize::from(*slot) % BLOCK_LEN;
            (*document, *score) = (documents[slot], scores[slot]);
        }
        let count = slots.len().min(BLOCK_LEN);
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
