//! # Spreading: one question, several cores
//!
//! Idea        a snapshot's parts can be asked one after the other or side by
//!             side. Side by side, neighbouring parts go to one core in a run,
//!             each run collects for itself, and what was collected is joined
//! Example     ten hits wanted of parts 0 to 7 by two cores: the one takes 0 to
//!             3, the other 4 to 7. As soon as the one has ten hits of which
//!             the worst scores 3.1, the other needn't look at anything that
//!             can't score as much
//! Invariants  (1) within a run documents ascend, as they do in one walk over
//!             all parts; or, where lists take turns at a part, what only reaches
//!             the worst hit is good enough from the second turn on
//!             (2) enough documents of the snapshot score *more* than a
//!             [`Floor`], whichever they are. It only rises
//! Why exact   suppose `k` hits are wanted, and a run passes over a document
//!             that scores at most the floor. By (2) there are `k` documents
//!             that score more, so it is not among the best `k`, whatever the
//!             order of ties. A run with `k` hits of which the worst scores
//!             `w` knows `k` documents that score *at least* `w`, not more: of
//!             a document in an *earlier* part that scores `w` too it doesn't
//!             know that it loses, since that one would win the tie. So it
//!             raises the floor only to the next number below `w`, which is
//!             what (2) says. For its own later documents `w` itself is the
//!             threshold, by (1). Hence every hit of the one walk is in the
//!             hits of its run; and joining compares by score, then by
//!             document, in whatever order the runs arrive
//! Conditions  how many matches were *seen* depends on which thread was faster, so
//!             where some may be passed over the total may differ from run to run
//! Cost        the pool is woken, some ten microseconds: worth it for dear
//!             questions, not for cheap ones, which is why it must be asked
//!             for. No core gets less than a part
//! Left out    cutting a part in two. Where one part has nearly all documents,
//!             as after `optimize`, one core does nearly all the work
//! Next        `question.rs`: which questions have a shorter way

use crate::error::Result;
use crate::index::Part;
use rayon::prelude::*;
use std::sync::atomic::{AtomicI32, Ordering};

/// By how many a question is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Cores {
    #[default]
    One,
    /// Those of the current pool.
    All,
}

/// Lets `each` collect from every part into what `begin` makes. With several
/// cores several are begun, and `join` makes one of two.
pub(super) fn over<'p, T: Send>(
    parts: &'p [Part],
    cores: Cores,
    begin: impl Fn() -> T + Sync,
    each: impl Fn(&mut T, &'p Part) -> Result<()> + Sync,
    join: impl Fn(&mut T, T) + Sync,
) -> Result<T> {
    if cores == Cores::One || parts.len() < 2 {
        let mut collected = begin();
        for part in parts {
            each(&mut collected, part)?;
        }
        return Ok(collected);
    }
    let add = |mut collected: T, part: &'p Part| {
        each(&mut collected, part)?;
        Ok(collected)
    };
    let runs = parts.par_iter().try_fold(&begin, add);
    let joined = runs.try_reduce_with(|mut one, other| {
        join(&mut one, other);
        Ok(one)
    });
    // There are parts, so there are runs.
    joined.unwrap_or_else(|| Ok(begin()))
}

/// Enough documents score more than this, whoever found them: invariant (2).
#[derive(Debug)]
pub(super) struct Floor(
    /// The bits of a number, which for those that aren't negative have the order
    /// of the numbers, and are less for -1.
    AtomicI32,
);

impl Floor {
    pub(super) fn new() -> Self {
        Self(AtomicI32::new(bits(-1.0)))
    }

    /// Negative as long as nothing is known.
    #[inline]
    pub(super) fn get(&self) -> f32 {
        // No other memory is read in the belief that whoever raised it has
        // written there, so any order will do.
        f32::from_bits(self.0.load(Ordering::Relaxed).cast_unsigned())
    }

    pub(super) fn raise(&self, floor: f32) {
        if floor > self.get() && floor >= 0.0 {
            self.0.fetch_max(bits(floor), Ordering::Relaxed);
        }
    }
}

fn bits(number: f32) -> i32 {
    number.to_bits().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_floor_is_the_highest_that_it_was_raised_to(raised in prop::collection::vec(-2f32..3.0, 0..8)) {
            let floor = Floor::new();
            let mut highest = -1f32;
            for number in raised {
                floor.raise(number);
                if number >= 0.0 {
                    highest = highest.max(number);
                }
                prop_assert_eq!(floor.get(), highest);
            }
        }
    }
}
