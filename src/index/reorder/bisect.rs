//! # Bisecting: two halves, made better by swapping, then each alone
//!
//! Idea        the halves begin as the documents stand. In each pass every document
//!             adds up what its terms would gain on the other side; the best of the
//!             left are paired with the best of the right, and pairs that gain
//!             together are swapped
//! Cooling     all gains are of the state before the pass, so later swaps are worth
//!             less than they look; a pair must therefore gain more from pass to pass,
//!             which ends the dance of twins that follow each other around
//! Next        `check.rs`; the order is written by [`crate::segment::permute`]

use super::Progress;
use super::gain::Steps;
use super::graph::Graph;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// A part of this many documents or fewer is left as it is: they share a block anyway.
const LEAF: usize = 32;

/// Passes over a part at most.
const PASSES: u32 = 20;

/// A pass that swaps less than one document in this many is the last.
const FEW: usize = 200;

/// From this many edges on, a part is worth a second thread inside.
const WIDE: usize = 1 << 18;

/// From this many edges on, a part is worth a second thread beside.
const BESIDE: usize = 1 << 12;

/// A bisection on its way.
struct Bisection<'a> {
    steps: Steps,
    progress: Progress<'a>,
    done: AtomicU64,
    all: u64,
}

/// The order of the graph's documents.
pub(super) fn order(graph: Graph, progress: Progress) -> Vec<u32> {
    let bisection = Bisection {
        steps: Steps::new(),
        progress,
        done: AtomicU64::new(0),
        all: work(graph.len()).max(1),
    };
    let mut order = vec![0; graph.len()];
    bisection.bisect(graph, &mut order);
    order
}

impl Bisection<'_> {
    /// Writes the order of a part's documents to `order`, which is as long.
    fn bisect(&self, graph: Graph, order: &mut [u32]) {
        if graph.len() <= LEAF || graph.edges() == 0 {
            order.copy_from_slice(&graph.documents);
            self.advance(work(graph.len()));
            return;
        }
        let (left, right) = self.split(&graph);
        self.advance(graph.len() as u64);
        let beside = graph.edges() >= BESIDE;
        drop(graph);
        let (left_order, right_order) = order.split_at_mut(left.len());
        if beside {
            rayon::join(
                || self.bisect(left, left_order),
                || self.bisect(right, right_order),
            );
        } else {
            self.bisect(left, left_order);
            self.bisect(right, right_order);
        }
    }

    fn advance(&self, documents: u64) {
        let done = self.done.fetch_add(documents, Ordering::Relaxed) + documents;
        // Not for every little part.
        let before = (done - documents) * 1000 / self.all;
        if done * 1000 / self.all > before {
            (self.progress)(done as f32 / self.all as f32);
        }
    }

    /// Cuts a graph into two halves.
    fn split(&self, graph: &Graph) -> (Graph, Graph) {
        let half = graph.len() / 2;
        let mut sides = Sides::new(graph, half);
        for pass in 0..PASSES {
            let swapped = self.swap(graph, &mut sides, pass as f32);
            if swapped * FEW < graph.len() {
                break;
            }
        }
        let Sides { right, counts } = sides;
        let (left_counts, right_counts): (Vec<u32>, Vec<u32>) =
            counts.into_iter().map(|[l, r]| (l, r)).unzip();
        let make_left = || graph.part(|document| !right[document], &left_counts);
        let make_right = || graph.part(|document| right[document], &right_counts);
        if graph.edges() >= WIDE {
            rayon::join(make_left, make_right)
        } else {
            (make_left(), make_right())
        }
    }

    /// One pass; returns how many pairs were swapped.
    fn swap(&self, graph: &Graph, sides: &mut Sides, least: f32) -> usize {
        let gains: (Vec<f32>, Vec<f32>) = sides
            .counts
            .iter()
            .map(|&[l, r]| (self.steps.gain(l, r), self.steps.gain(r, l)))
            .unzip();
        let right = &sides.right;
        let gain = |document: usize| -> f32 {
            let gains = if right[document] { &gains.1 } else { &gains.0 };
            sum(graph.terms(document), gains)
        };
        let gains: Vec<f32> = if graph.edges() >= WIDE {
            (0..graph.len()).into_par_iter().map(gain).collect()
        } else {
            (0..graph.len()).map(gain).collect()
        };
        let lefts = sides.best(&gains, false, least);
        let rights = sides.best(&gains, true, least);
        let pairs = lefts.iter().zip(&rights);
        let mut swapped = 0;
        for (&(left_gain, left), &(right_gain, right)) in pairs {
            if left_gain + right_gain <= least {
                break;
            }
            sides.cross(graph, left as usize);
            sides.cross(graph, right as usize);
            swapped += 1;
        }
        swapped
    }
}

/// What a document's terms gain together. Four sums run side by side, since
/// one waits for itself.
#[inline]
fn sum(terms: &[u32], gains: &[f32]) -> f32 {
    let (fours, rest) = terms.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for four in fours {
        for (sum, term) in sums.iter_mut().zip(four) {
            *sum += gains[*term as usize];
        }
    }
    let rest: f32 = rest.iter().map(|term| gains[*term as usize]).sum();
    sums[0] + sums[1] + (sums[2] + sums[3]) + rest
}

/// Documents times levels: no part takes more work than this.
fn work(documents: usize) -> u64 {
    let levels = documents.div_ceil(LEAF).next_power_of_two().ilog2() + 1;
    documents as u64 * u64::from(levels)
}

/// Which document is on which side, and in how many of each side a term is.
struct Sides {
    right: Vec<bool>,
    counts: Vec<[u32; 2]>,
}

impl Sides {
    fn new(graph: &Graph, half: usize) -> Self {
        let mut counts: Vec<[u32; 2]> = graph.counts.iter().map(|all| [0, *all]).collect();
        for document in 0..half {
            for &term in graph.terms(document) {
                let count = &mut counts[term as usize];
                *count = [count[0] + 1, count[1] - 1];
            }
        }
        Self {
            right: (0..graph.len()).map(|document| document >= half).collect(),
            counts,
        }
    }

    /// The documents of one side that could be in a pair that is swapped, the
    /// best first, of equal ones the first first.
    fn best(&self, gains: &[f32], side: bool, least: f32) -> Vec<(f32, u32)> {
        let of_side = |side: bool| {
            let gains = gains.iter().zip(&self.right).zip(0u32..);
            gains.filter_map(move |((&gain, &s), document)| (s == side).then_some((gain, document)))
        };
        let partner = of_side(!side)
            .map(|(gain, _)| gain)
            .fold(f32::MIN, f32::max);
        let mut best: Vec<(f32, u32)> = of_side(side)
            .filter(|(gain, _)| gain + partner > least)
            .collect();
        best.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        best
    }

    /// Puts a document on the other side.
    fn cross(&mut self, graph: &Graph, document: usize) {
        let side = usize::from(self.right[document]);
        self.right[document] = side == 0;
        for &term in graph.terms(document) {
            let count = &mut self.counts[term as usize];
            count[side] -= 1;
            count[1 - side] += 1;
        }
    }
}
