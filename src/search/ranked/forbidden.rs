//! # What must not match: asked last
//!
//! Idea        what is forbidden takes documents away and adds nothing to a
//!             score. So the best of the rest are looked for as if nothing were
//!             forbidden, by the same bounds, and only a document that is good
//!             enough to enter is looked up in the lists of what must not match
//! Example     `mustang -car`: of 3,000 documents with "mustang" some forty ever
//!             score more than the threshold; only these are asked about "car",
//!             which has 50,000
//! Invariants  (1) what enters has none of the forbidden terms
//!             (2) a witness speaks of documents that may be forbidden, so there
//!             is no floor from witnesses in a part that has such a term
//! Counted     if all matches are to be counted, those of a block are looked up
//!             together, before the best of them are ranked
//! Cost        a look-up in each list for every document that would enter
//! Left out    phrases that must not match: such a question goes the long way

use crate::error::Result;
use crate::index::Part;
use crate::search::plan::TermNode;
use crate::search::term::{Lists, mark_found_in_any};
use crate::search::trace::Trace;

/// The lists of a part whose documents can't be hits.
pub(super) struct Forbidden<'a, T: Trace> {
    lists: Lists<'a, T>,
    /// Documents that would have entered, and those of them that may.
    offered: u64,
    allowed: u64,
}

impl<'a, T: Trace> Forbidden<'a, T> {
    pub(super) fn nothing() -> Self {
        Self {
            lists: Lists::room_for(0),
            offered: 0,
            allowed: 0,
        }
    }

    /// From now on it is about this part.
    pub(super) fn enter(&mut self, part: &'a Part, terms: &[&'a TermNode], trace: T) -> Result<()> {
        self.lists.clear();
        for term in terms {
            self.lists.add(part, term, trace)?;
        }
        Ok(())
    }

    /// Gives the lists away and takes the other's.
    pub(super) fn trade(&mut self, other: &mut Self) {
        std::mem::swap(&mut self.lists, &mut other.lists);
    }

    /// Whether nothing is, in this part.
    #[inline]
    pub(super) fn is_nothing(&self) -> bool {
        self.lists.is_empty()
    }

    /// Whether a document has none of the terms.
    #[inline]
    pub(super) fn allows(&mut self, document: u32) -> Result<bool> {
        let allowed = self.is_nothing() || self.lack(document)?;
        self.offered += 1;
        self.allowed += u64::from(allowed);
        Ok(allowed)
    }

    /// Whether none of the lists has a document; apart from the above, which
    /// most often has nobody to ask.
    #[inline(never)]
    fn lack(&mut self, document: u32) -> Result<bool> {
        for list in &mut *self.lists {
            if list.find(document)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Leaves those of at most 128 documents, which ascend, that have none of the
    /// terms, with their slots; returns how many.
    #[inline]
    pub(super) fn leave_out(&mut self, documents: &mut [u32], slots: &mut [u8]) -> Result<usize> {
        if self.is_nothing() {
            return Ok(documents.len());
        }
        let marks = mark_found_in_any(&mut self.lists, documents)?;
        let mut left = 0;
        for at in 0..documents.len() {
            documents[left] = documents[at];
            slots[left] = slots[at];
            left += usize::from(!marks[at]);
        }
        Ok(left)
    }

    /// Of so many matches seen, the forbidden ones among them: how many are
    /// known to be allowed, and whether these are all.
    pub(super) fn count(&self, seen: u64) -> (u64, bool) {
        (self.allowed, self.offered == seen)
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.offered += other.offered;
        self.allowed += other.allowed;
    }
}
