//! # Top k: the best hits so far, and what a document must score to be among them
//!
//! Idea        not a heap: in one of a thousand each hit sinks through ten levels,
//!             of which the processor foresees none. Hits are added at the end;
//!             whenever there are a quarter too many, one pass parts the best from
//!             the others. The worst of the best is the *threshold*
//! Example     the best two of 3.1 2.0 4.6 3.1: with the first two the threshold is
//!             2.0; 4.6 enters and 2.0 goes; 3.1 once more is no better than the
//!             worst, and stays out
//! Invariants  (1) hits are in the order of scores, equal ones in that of documents
//!             (2) whoever was shown, comes after the cursor if there is one, and scores more
//!             than the threshold is among them
//!             (3) what stands before a cursor (`cursor.rs`) never is, and raises no
//!             threshold
//! Next        `collect.rs`

use super::spread::Floor;
use crate::segment::posting_list::BLOCK_LEN;

/// A document and its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scored {
    pub(super) score: f32,
    pub(super) document: u32,
}

impl Scored {
    /// A number that is the lower, the better this is: a higher score, then an
    /// earlier document. Numbers are compared without a branch.
    #[inline]
    fn key(self) -> u64 {
        // In the order of `f32::total_cmp`.
        let bits = self.score.to_bits();
        let rank = bits ^ (0u32.wrapping_sub(bits >> 31) | 1 << 31);
        u64::from(!rank) << 32 | u64::from(self.document)
    }

    #[inline]
    fn of_key(key: u64) -> Self {
        let rank = !((key >> 32) as u32);
        let bits = rank ^ (0u32.wrapping_sub(rank >> 31 ^ 1) | 1 << 31);
        Self {
            score: f32::from_bits(bits),
            document: key as u32,
        }
    }
}

/// So many hits: the best of all, or the best that come after a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) limit: usize,
    pub(super) after: Option<Scored>,
}

/// Keeps the best of what it is shown.
#[derive(Debug)]
pub(super) struct TopK<'f> {
    /// The [key](Scored::key) of each, in no order.
    hits: Vec<u64>,
    limit: usize,
    /// The least key that a hit may have: 0, unless the page begins after a cursor.
    first: u64,
    /// The worst score among the best when these were parted last.
    worst: f32,
    /// What the next document must score more than: the worst score; or just less, as
    /// long as it may be earlier than some hits, and win a tie with these.
    beaten: f32,
    /// The part that is shown begins with this document, and the last of those
    /// shown so far.
    part: u32,
    last_part: u32,
    /// What others know who collect for the same page.
    shared: Option<&'f Floor>,
}

/// It begins with room for so many, and for a block of which all are
/// [held](TopK::hold); a limit of millions costs only what it finds.
const ROOM: usize = 1024;

impl<'f> TopK<'f> {
    /// One of several that are [joined](Self::join) in the end.
    pub(super) fn sharing(stretch: Stretch, floor: Option<&'f Floor>) -> Self {
        let limit = stretch.limit;
        let worst = if limit == 0 { f32::INFINITY } else { -1.0 };
        // Nobody has the greatest key, of no document and a score that is no number.
        let first = |after: Scored| after.key().saturating_add(1);
        Self {
            hits: Vec::with_capacity((limit.min(ROOM) + limit.min(ROOM) / 4 + 1).max(BLOCK_LEN)),
            limit,
            first: stretch.after.map_or(0, first),
            worst,
            beaten: worst,
            part: 0,
            last_part: 0,
            shared: floor,
        }
    }

    /// Whether a document comes after the cursor, if there is one.
    #[inline]
    pub(super) fn admits(&self, scored: Scored) -> bool {
        scored.key() >= self.first
    }

    /// From now on documents of a part are shown that begins with this one. Parts
    /// come in any order, the documents of each ascend.
    pub(super) fn enter(&mut self, part: u32) {
        self.part = part;
        self.last_part = self.last_part.max(part);
        self.note_worst(self.worst);
    }

    fn note_worst(&mut self, worst: f32) {
        self.worst = worst;
        self.beaten = match self.part < self.last_part && worst >= 0.0 {
            true => worst.next_down(),
            false => worst,
        };
    }

    #[inline]
    pub(super) fn push(&mut self, scored: Scored) {
        if scored.score < self.worst || self.limit == 0 || !self.admits(scored) {
            return;
        }
        self.hits.push(scored.key());
        let is_first_time = self.worst < 0.0 && self.hits.len() == self.limit;
        if is_first_time || self.hits.len() > self.limit.saturating_add(self.limit / 4) {
            self.part();
        }
    }

    /// As [`push`](Self::push), for one of not many that come together, all of which
    /// are [admitted](Self::admits), after which they are [settled](Self::settle).
    #[inline]
    pub(super) fn hold(&mut self, scored: Scored) {
        debug_assert!(self.admits(scored));
        self.hits.push(scored.key());
    }

    /// Parts the best from the others, by sorting them: so few are soon sorted, and
    /// need not be in the end.
    pub(super) fn settle(&mut self) {
        if self.hits.len() >= self.limit && self.limit > 0 {
            self.hits.sort_unstable();
            let worst = Scored::of_key(self.hits[self.limit - 1]).score;
            self.keep(worst);
        }
    }

    /// Parts the best from the others.
    #[inline(never)]
    fn part(&mut self) {
        // At least as many as the limit, which is at least 1.
        let (_, worst, _) = self.hits.select_nth_unstable(self.limit - 1);
        let worst = Scored::of_key(*worst).score;
        self.keep(worst);
    }

    /// Keeps as many as are wanted, which come first, the worst of them with this
    /// score.
    fn keep(&mut self, worst: f32) {
        self.note_worst(worst);
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
        for key in other.hits {
            self.push(Scored::of_key(key));
        }
    }

    /// A document that comes later than all of its part that were shown so far
    /// must score *more* than this to enter; negative while there is room.
    #[inline]
    pub(super) fn threshold(&self) -> f32 {
        match self.shared {
            None => self.beaten,
            Some(shared) => self.beaten.max(shared.get()),
        }
    }

    /// The best first.
    pub(super) fn into_sorted(mut self) -> Vec<Scored> {
        self.hits.sort_unstable();
        self.hits.truncate(self.limit);
        self.hits.into_iter().map(Scored::of_key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_limit_without_limit_keeps_all() {
        let all = Stretch {
            limit: usize::MAX,
            after: None,
        };
        let mut top = TopK::sharing(all, None);
        for document in 0..3000 {
            let score = (document % 7) as f32;
            top.push(Scored { score, document });
        }
        assert!(top.threshold() < 0.0);
        assert_eq!(top.into_sorted().len(), 3000);
    }

    proptest! {
        #[test]
        fn keys_are_in_the_order_of_hits(
            hits in prop::collection::vec((prop_oneof![any::<f32>(), 0f32..4.0, Just(1.0)], any::<u32>()), 0..60),
        ) {
            let hits: Vec<Scored> = hits
                .into_iter()
                .map(|(score, document)| Scored { score, document })
                .collect();
            for a in &hits {
                let back = Scored::of_key(a.key());
                prop_assert_eq!(back.score.to_bits(), a.score.to_bits());
                prop_assert_eq!(back.document, a.document);
                for b in &hits {
                    let order = b.score.total_cmp(&a.score).then(a.document.cmp(&b.document));
                    prop_assert_eq!(a.key().cmp(&b.key()), order);
                }
            }
        }

        #[test]
        fn the_best_are_kept(
            hits in prop::collection::vec((0u8..20, any::<u32>()), 0..300), limit in 0usize..40,
            after in prop::option::of((0u8..22, any::<u32>())),
        ) {
            let hits: Vec<Scored> = hits
                .into_iter()
                .map(|(score, document)| Scored { score: f32::from(score), document })
                .collect();
            let after = after.map(|(score, document)| Scored { score: f32::from(score), document });
            let mut top = TopK::sharing(Stretch { limit, after }, None);
            for hit in &hits {
                top.push(*hit);
            }
            let order = |a: &Scored, b: &Scored| b.score.total_cmp(&a.score).then(a.document.cmp(&b.document));
            let mut naive = hits;
            naive.sort_by(order);
            naive.retain(|hit| after.is_none_or(|after| order(hit, &after).is_gt()));
            naive.truncate(limit);
            prop_assert_eq!(top.into_sorted(), naive);
        }
    }
}
