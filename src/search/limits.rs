//! # Limits: what a search may take
//!
//! Idea        most queries take microseconds, but whoever lets strangers ask must reckon
//!             with one of ten thousand frequent phrases, which takes minutes, or of
//!             as many beginnings, each of which is a set with a bit for every
//!             document. So a search can be given a time limit, and looks at the
//!             clock wherever a loop may be long: from term to term, block to block,
//!             window to window. What sets take together is limited in any case
//! Example     with 50 ms, `a* b* c* …` ends at the set after the one that was being
//!             made when they were over
//! Invariants  (1) an answer is whole, or it is an error
//!             (2) without a time limit no clock is read
//! Cost        with a limit some 25 ns a look
//! Left out    the hits found so far: which these are would be a matter of chance
//! Next        `execute.rs`

use crate::error::{Error, Result};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// Bytes of all sets of a question in one segment: with a million documents, those
/// of eight thousand ranges, beginnings and patterns.
const SETS_MAX: usize = 1 << 30;

/// When a search must be over, if ever.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Deadline(Option<(Instant, Duration)>);

impl Deadline {
    /// So much from now on.
    pub(super) fn after(limit: Option<Duration>) -> Self {
        // What lies beyond the clock's end never comes.
        Self(limit.and_then(|limit| Some((Instant::now().checked_add(limit)?, limit))))
    }

    /// Refuses to go on if it is over.
    #[inline]
    pub(super) fn check(self) -> Result<()> {
        match self.0 {
            None => Ok(()),
            Some((end, limit)) => look(end, limit),
        }
    }
}

#[inline(never)]
fn look(end: Instant, limit: Duration) -> Result<()> {
    if Instant::now() < end {
        return Ok(());
    }
    Err(Error::limit(format!(
        "this takes longer than the {limit:?} that the search may take; ask for less, or give \
         it more time"
    )))
}

/// What a question may take in one segment.
#[derive(Debug)]
pub(super) struct Limits {
    pub(super) deadline: Deadline,
    /// Bytes that sets may still take.
    sets: Cell<usize>,
}

impl Limits {
    pub(super) fn new(deadline: Deadline) -> Self {
        Self {
            deadline,
            sets: Cell::new(SETS_MAX),
        }
    }

    /// Takes note of a set of so many bytes.
    pub(super) fn take_set(&self, bytes: usize) -> Result<()> {
        let left = self.sets.get().checked_sub(bytes);
        self.sets.set(left.ok_or_else(|| {
            Error::limit(format!(
                "the ranges, beginnings and patterns of the query take more than the {} MiB \
                 allowed in a segment; ask for fewer at once",
                SETS_MAX >> 20
            ))
        })?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn time_is_over_when_it_is() {
        assert!(Deadline::default().check().is_ok());
        assert!(Deadline::after(None).check().is_ok());
        assert!(Deadline::after(Some(Duration::MAX)).check().is_ok());
        assert!(
            Deadline::after(Some(Duration::from_secs(3600)))
                .check()
                .is_ok()
        );
        let error = Deadline::after(Some(Duration::ZERO)).check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert!(error.to_string().contains("longer than the 0ns"), "{error}");
    }

    #[test]
    fn sets_have_a_limit_together() {
        let limits = Limits::new(Deadline::default());
        limits.take_set(SETS_MAX / 2).unwrap();
        limits.take_set(SETS_MAX / 2).unwrap();
        assert_eq!(limits.take_set(1).unwrap_err().kind(), ErrorKind::Limit);
    }
}
