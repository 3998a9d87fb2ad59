//! The best hits so far, and what a document must score to be among them.

use super::spread::Floor;
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
pub(super) struct TopK<'f> {
    /// The worst of them on top.
    heap: BinaryHeap<Scored>,
    limit: usize,
    /// What others know who collect for the same page.
    shared: Option<&'f Floor>,
}

/// A heap begins with room for so many; a limit of millions costs only what it
/// finds.
const ROOM: usize = 1024;

impl<'f> TopK<'f> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            heap: BinaryHeap::with_capacity(limit.min(ROOM)),
            limit,
            shared: None,
        }
    }

    /// One of several that are [joined](Self::join) in the end.
    pub(super) fn sharing(limit: usize, floor: Option<&'f Floor>) -> Self {
        Self {
            shared: floor,
            ..Self::new(limit)
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
        if self.shared.is_some() && self.heap.len() >= self.limit {
            // As many score at least this; see `spread.rs`.
            self.raise(self.worst().next_down());
        }
    }

    /// Tells the others that enough documents score more than this.
    pub(super) fn raise(&self, floor: f32) {
        if let Some(shared) = self.shared {
            shared.raise(floor);
        }
    }

    /// The best of both.
    pub(super) fn join(&mut self, other: Self) {
        for scored in other.heap {
            self.push(scored);
        }
    }

    /// A document that comes later than all shown so far must score *more* than
    /// this to enter; negative while there is room.
    #[inline]
    pub(super) fn threshold(&self) -> f32 {
        match self.shared {
            None => self.worst(),
            Some(shared) => self.worst().max(shared.get()),
        }
    }

    /// The score of the worst hit; negative while there is room.
    #[inline]
    fn worst(&self) -> f32 {
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
