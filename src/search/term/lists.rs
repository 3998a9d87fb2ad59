//! # Lists: several at work, in one part after the other
//!
//! Idea        a list at work is mostly room for a decoded block, a kilobyte. What
//!             asks many parts makes it once: in the next part the same room
//!             serves other lists
//! Invariants  (1) nothing that is said of a list comes from another that had the
//!             room before: whatever is read from it has been decoded since
//! Cost        nothing is allocated but in the part that has more of the terms
//!             than any before it

use super::{Bounds, TermExec};
use crate::error::Result;
use crate::index::Part;
use crate::search::plan::TermNode;
use crate::search::trace::{Silent, Trace};
use std::ops::{Deref, DerefMut};

/// Lists of one part, in the order in which they came.
pub(in crate::search) struct Lists<'a, T: Trace = Silent> {
    /// Those that there are, and rooms that nobody uses.
    all: Vec<TermExec<'a, T>>,
    len: usize,
    bounds: Bounds,
}

impl<'a, T: Trace> Lists<'a, T> {
    /// None so far.
    pub(in crate::search) fn none() -> Self {
        Self {
            all: Vec::new(),
            len: 0,
            bounds: Bounds::Wanted,
        }
    }

    /// None so far; and nobody asks what they score.
    pub(in crate::search) fn to_count() -> Self {
        Self {
            bounds: Bounds::Unwanted,
            ..Self::none()
        }
    }

    pub(in crate::search) fn clear(&mut self) {
        self.len = 0;
    }

    /// Adds the list of a term, if the part has it; says whether it has.
    pub(in crate::search) fn add(
        &mut self,
        part: &'a Part,
        node: &'a TermNode,
        trace: T,
    ) -> Result<bool> {
        let has = match self.all.get_mut(self.len) {
            Some(room) => room.enter(part, node, self.bounds, trace)?,
            None => {
                let exec = TermExec::of(part, node, trace)?;
                let has = exec.is_some();
                self.all.extend(exec);
                has
            }
        };
        self.len += usize::from(has);
        Ok(has)
    }
}

impl<'a, T: Trace> Deref for Lists<'a, T> {
    type Target = [TermExec<'a, T>];

    fn deref(&self) -> &Self::Target {
        &self.all[..self.len]
    }
}

impl<T: Trace> DerefMut for Lists<'_, T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.all[..self.len]
    }
}
