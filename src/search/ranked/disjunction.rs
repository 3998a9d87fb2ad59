//! # Any of the terms: MaxScore
//!
//! Idea        sort the lists by what they can add at most. Those whose bounds
//!             together can't reach the threshold are not *essential*: a
//!             document that only they have can't be a hit. With one essential
//!             list that one leads (`lead.rs`). As long as there are more, they
//!             are read through window by window, into an array of scores; and
//!             within a window, where bounds are lower, fewer are essential,
//!             often one or none
//! Example     threshold 3.1; "the" adds 0.2 at most, "of" 0.4, "whale" 5:
//!             only "whale" is essential. A document where it scores 2.6 or
//!             more is asked about in "of", and then in "the"
//! Invariants  (1) with all bounds of a window at most the threshold it is
//!             passed over unread
//!             (2) sums of more than two parts depend on their order in `f32`,
//!             so what seems good enough is summed again in that of the query
//! Cost        the postings of the essential lists, about 2 ns each
//! Papers      Turtle and Flood 1995; Strohman, Turtle and Croft 2005; Chakrabarti,
//!             Chaudhuri and Ganti, "Interval-based pruning", 2011
//! Next        `phrase.rs`

use super::Goal;
use super::candidates::{Candidates, Need};
use super::lead::Lead;
use super::room::Tools;
use crate::error::Result;
use crate::index::Part;
use crate::search::bm25::{hurdle, sum_bound};
use crate::search::execute::END;
use crate::search::leads::Role;
use crate::search::question::Clauses;
use crate::search::term::TermExec;
use crate::search::trace::Trace;
use crate::search::window::{Bits, Indices, Scores, WINDOW, no_indices, scores};
use crate::segment::posting_list::BLOCK_LEN;

/// `execs` are in the order of the query, and the tools know their clauses.
pub(super) fn run<T: Trace>(
    part: &Part,
    execs: &mut [TermExec<T>],
    tools: &mut Tools,
    goal: &mut Goal<T>,
) -> Result<()> {
    for exec in &*execs {
        goal.raise(part, exec);
    }
    let terms = execs.len();
    let Tools {
        clauses,
        lead,
        whole: Ranking { order, bounds },
        windows,
        ..
    } = tools;
    lead.begin(clauses.iter().copied());
    bounds.clear();
    bounds.extend(execs.iter().map(TermExec::list_bound));
    order.begin(terms);
    order.sort(bounds);

    if let Some(windows) = windows {
        windows.begin(terms);
    }
    let documents = part.segment.documents();
    let mut at = 0;
    while at < documents {
        goal.deadline.check()?;
        order.split(bounds, goal.threshold());
        match order.essential() {
            [] => {
                goal.complete = false;
                return Ok(());
            }
            [one] => {
                goal.complete &= terms == 1;
                lead.set(*one, optional(order.optional().iter().rev()));
                return lead.sweep(part, execs, at..documents, goal);
            }
            several => {
                let next = several.iter().map(|index| execs[*index].next_at_least(at));
                let next = next.min().unwrap_or(END);
                if next >= documents {
                    return Ok(());
                }
                let start = next - next % WINDOW;
                at = start.saturating_add(WINDOW);
                let windows = windows.get_or_insert_with(|| Windows::new(terms));
                windows.window(start, part, execs, lead, goal)?;
            }
        }
    }
    Ok(())
}

/// Lists by what they can add at most, and how much that is.
#[derive(Default)]
pub(super) struct Ranking {
    order: Order,
    bounds: Vec<f32>,
}

/// Lists by their bounds, the least first.
#[derive(Default)]
struct Order {
    all: Vec<usize>,
    /// How many of the first can't reach the threshold together, and what each
    /// of these and those before it add up to.
    optional: usize,
    sums: Vec<f32>,
}

impl Order {
    fn begin(&mut self, terms: usize) {
        self.all.clear();
        self.all.extend(0..terms);
        self.optional = 0;
        self.sums.resize(terms, 0.0);
    }

    fn sort(&mut self, bounds: &[f32]) {
        self.all
            .sort_unstable_by(|a, b| bounds[*a].total_cmp(&bounds[*b]).then(a.cmp(b)));
    }

    /// Tells the lists that are essential from the others, which are optional.
    fn split(&mut self, bounds: &[f32], threshold: f32) {
        let mut sum = 0.0;
        self.optional = 0;
        for (place, &index) in self.all.iter().enumerate() {
            sum += bounds[index];
            if sum_bound(sum, self.all.len()) > threshold {
                break;
            }
            self.sums[place] = sum;
            self.optional = place + 1;
        }
    }

    fn optional(&self) -> &[usize] {
        &self.all[..self.optional]
    }

    fn essential(&self) -> &[usize] {
        &self.all[self.optional..]
    }

    /// What so many of the first lists, all optional, add at most.
    fn sum_of(&self, count: usize) -> f32 {
        match count {
            0 => 0.0,
            _ => self.sums[count - 1],
        }
    }
}

/// What it takes to go through windows.
pub(super) struct Windows {
    /// Within a window.
    ranking: Ranking,
    /// Between windows all are 0, and no document is found.
    sums: Scores,
    found: Bits,
    indices: Indices,
    candidates: Candidates,
}

impl Windows {
    fn new(terms: usize) -> Self {
        let mut windows = Self {
            ranking: Ranking::default(),
            sums: scores(),
            found: Bits::default(),
            indices: no_indices(),
            candidates: Candidates::default(),
        };
        windows.begin(terms);
        windows
    }

    /// From now on they are those of so many lists.
    fn begin(&mut self, terms: usize) {
        self.ranking.order.begin(terms);
        self.ranking.bounds.resize(terms, 0.0);
    }

    /// The documents of one window.
    fn window<T: Trace>(
        &mut self,
        start: u32,
        part: &Part,
        execs: &mut [TermExec<T>],
        lead: &mut Lead,
        goal: &mut Goal<T>,
    ) -> Result<()> {
        let Ranking { order, bounds } = &mut self.ranking;
        for (bound, exec) in bounds.iter_mut().zip(execs.iter_mut()) {
            *bound = exec.window_bound(start)?;
        }
        order.sort(bounds);
        order.split(bounds, goal.threshold());
        if order.optional > 0 {
            goal.complete = false;
        }
        goal.trace.window(order.essential().is_empty());
        match order.essential() {
            [] => Ok(()),
            [one] => {
                lead.set(*one, asked(order, bounds));
                let end = start.saturating_add(WINDOW);
                lead.sweep(part, execs, start..end, goal)
            }
            _ => {
                self.gather(start, execs)?;
                self.finish(start, part, execs, lead.clauses(), goal)
            }
        }
    }

    /// Sums what the essential lists give each document.
    fn gather<T: Trace>(&mut self, start: u32, execs: &mut [TermExec<T>]) -> Result<()> {
        let Self {
            ranking,
            sums,
            found,
            ..
        } = self;
        for &index in ranking.order.essential() {
            execs[index].scored_in_window(start, |document, score| {
                // Within the window, which spares a check.
                let place = (document - start) % WINDOW;
                found.set(place);
                sums[place as usize] += score;
            })?;
        }
        Ok(())
    }

    /// Completes, from the other lists, the documents that may be hits.
    fn finish<T: Trace>(
        &mut self,
        start: u32,
        part: &Part,
        execs: &mut [TermExec<T>],
        clauses: &Clauses,
        goal: &mut Goal<T>,
    ) -> Result<()> {
        let terms = execs.len();
        let Self {
            ranking: Ranking { order, bounds },
            sums,
            found,
            indices,
            candidates,
        } = self;
        let rest = order.sum_of(order.optional().len());
        let count = found.write_indices(indices);
        let mut indices = &mut indices[..count];
        if part.tombstones.deleted_count() > 0 {
            indices = leave_deleted(part, start, indices, sums);
        }
        goal.count += indices.len() as u64;
        candidates.rows_mut().clear();
        // Not more than there is room for.
        for indices in indices.chunks(BLOCK_LEN / 2) {
            if candidates.rows().len() > BLOCK_LEN / 2 {
                complete(order, bounds, candidates, clauses, part, execs, goal)?;
            }
            let hurdle = hurdle(goal.threshold(), rest, terms);
            candidates
                .rows_mut()
                .take_sums(start, indices, sums, hurdle);
        }
        complete(order, bounds, candidates, clauses, part, execs, goal)?;
        found.clear();
        Ok(())
    }
}

/// Leaves out the indices of deleted documents, and takes their sums.
fn leave_deleted<'p>(
    part: &Part,
    start: u32,
    indices: &'p mut [u16],
    sums: &mut Scores,
) -> &'p mut [u16] {
    let mut live = 0;
    for at in 0..indices.len() {
        let index = indices[at];
        if part.tombstones.is_deleted(start + u32::from(index)) {
            sums[usize::from(index)] = 0.0;
        } else {
            indices[live] = index;
            live += 1;
        }
    }
    &mut indices[..live]
}

/// Asks the optional lists about the candidates, and takes the best.
fn complete<T: Trace>(
    order: &Order,
    bounds: &[f32],
    candidates: &mut Candidates,
    clauses: &Clauses,
    part: &Part,
    execs: &mut [TermExec<T>],
    goal: &mut Goal<T>,
) -> Result<()> {
    let terms = execs.len();
    for (number, &index) in order.optional().iter().enumerate().rev() {
        if bounds[index] <= 0.0 {
            // Neither this one nor those before it have documents here.
            break;
        }
        let need = Need {
            threshold: goal.threshold(),
            terms,
            bound: bounds[index],
            rest: order.sum_of(number),
            required: false,
        };
        candidates.ask(&mut execs[index], need, None, None)?;
    }
    for (document, mut sum, _) in candidates.rows().iter() {
        if terms > 2 {
            sum = canonical(execs, clauses, document)?;
        }
        if sum > goal.threshold() {
            goal.push(part, document, sum)?;
        }
    }
    candidates.rows_mut().clear();
    Ok(())
}

fn optional<'l>(lists: impl Iterator<Item = &'l usize>) -> impl Iterator<Item = (usize, Role)> {
    lists.map(|list| (*list, Role::Optional))
}

/// The optional lists that have documents here, the best first.
fn asked(order: &Order, bounds: &[f32]) -> impl Iterator<Item = (usize, Role)> {
    let lists = order.optional().iter().rev();
    optional(lists.filter(|index| bounds[**index] > 0.0))
}

/// The score of a document, summed as the long way does.
fn canonical<T: Trace>(execs: &mut [TermExec<T>], clauses: &Clauses, document: u32) -> Result<f32> {
    clauses.sum(|list| {
        let exec = &mut execs[list];
        Ok(match exec.find(document)? {
            true => exec.score_found()?,
            false => 0.0,
        })
    })
}
