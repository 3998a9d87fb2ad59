//! The best hits so far, and what a document must score to be among them.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A document and its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scored {
    pub(super) score: f32,
    pub(super) document: u32,
}

impl Eq for Scored {}

impl Ord for Scored {
    /// The better first: a higher score, then an earlier document.
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .score
            .total_cmp(&self.score)
            .then(self.document.cmp(&other.document))
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Keeps the best of what it is shown.
#[derive(Debug)]
pub(super) struct TopK {
    /// The worst of them on top.
    heap: BinaryHeap<Scored>,
    limit: usize,
}

/// A heap begins with room for so many; a limit of millions costs only what it
/// finds.
const ROOM: usize = 1024;

impl TopK {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            heap: BinaryHeap::with_capacity(limit.min(ROOM)),
            limit,
        }
    }

    pub(super) fn push(&mut self, scored: Scored) {
        if self.heap.len() < self.limit {
            self.heap.push(scored);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && scored < *worst
        {
            *worst = scored;
        }
    }

    /// A document that comes later than all shown so far must score *more* than
    /// this to enter; negative while there is room.
    #[inline]
    pub(super) fn threshold(&self) -> f32 {
        if self.heap.len() < self.limit {
            return -1.0;
        }
        self.heap.peek().map_or(f32::INFINITY, |worst| worst.score)
    }

    /// The best first.
    pub(super) fn into_sorted(self) -> Vec<Scored> {
        self.heap.into_sorted_vec()
    }
}
