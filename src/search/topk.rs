//! The best hits so far, and what a document must score to be among them.

use super::spread::Floor;
use std::cmp::Ordering;

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
///
/// Not a heap: in one of a thousand each hit sinks through ten levels, of which
/// the processor foresees none. Hits are added at the end; whenever there are a
/// quarter too many, one pass parts the best from the others.
#[derive(Debug)]
pub(super) struct TopK<'f> {
    /// In no order.
    hits: Vec<Scored>,
    limit: usize,
    /// The worst score among the best when these were parted last.
    worst: f32,
    /// What others know who collect for the same page.
    shared: Option<&'f Floor>,
}

/// It begins with room for so many; a limit of millions costs only what it
/// finds.
const ROOM: usize = 1024;

impl<'f> TopK<'f> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            hits: Vec::with_capacity(limit.min(ROOM) + limit.min(ROOM) / 4 + 1),
            limit,
            worst: if limit == 0 { f32::INFINITY } else { -1.0 },
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
        if scored.score < self.worst || self.limit == 0 {
            return;
        }
        self.hits.push(scored);
        let is_first_time = self.worst < 0.0 && self.hits.len() == self.limit;
        if is_first_time || self.hits.len() > self.limit + self.limit / 4 {
            self.part();
        }
    }

    /// Parts the best from the others.
    fn part(&mut self) {
        // At least as many as the limit, which is at least 1.
        let (_, worst, _) = self.hits.select_nth_unstable(self.limit - 1);
        self.worst = worst.score;
        self.hits.truncate(self.limit);
        // As many score at least this; see `spread.rs`.
        self.raise(self.worst.next_down());
    }

    /// Tells the others that enough documents score more than this.
    pub(super) fn raise(&self, floor: f32) {
        if let Some(shared) = self.shared {
            shared.raise(floor);
        }
    }

    /// The best of both.
    pub(super) fn join(&mut self, other: Self) {
        for scored in other.hits {
            self.push(scored);
        }
    }

    /// A document that comes later than all shown so far must score *more* than
    /// this to enter; negative while there is room.
    #[inline]
    pub(super) fn threshold(&self) -> f32 {
        match self.shared {
            None => self.worst,
            Some(shared) => self.worst.max(shared.get()),
        }
    }

    /// The best first.
    pub(super) fn into_sorted(mut self) -> Vec<Scored> {
        self.hits.sort_unstable();
        self.hits.truncate(self.limit);
        self.hits
    }
}
