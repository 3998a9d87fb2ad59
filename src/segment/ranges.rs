//! # Ranges: a dictionary in pieces, to be gone through side by side
//!
//! Idea        whoever writes a segment from others encodes lists on several threads, a
//!             range of terms on each at a time. Dictionaries are cut where the lists
//!             between two heads of their blocks come to some 64 KB, so that no thread
//!             waits long for the last
//! Example     cuts at "fox" and "sea" make three ranges: up to "fox", from it up to
//!             "sea", and from that on
//! Invariants  (1) every term is in one range, and ranges ascend
//! Next        [`writer`](super::writer), which encodes them

use super::dictionary::TermEntry;
use super::inverted::{Inverted, TermCursor};
use crate::bytes::Lie;
use crate::error::Result;

pub(super) const OUT_OF_ORDER: Lie = Lie("the terms are out of order");

/// Bytes of postings that one dictionary has in a range, nearly, at most.
pub(super) const RANGE_BYTES: u64 = 64 << 10;

/// The terms from one on, up to another.
pub(super) struct TermRange {
    from: Vec<u8>,
    /// `None` if it goes to the end.
    end: Option<Vec<u8>>,
}

/// Cuts the terms of some dictionaries into ranges. Of each of them: the keys that one
/// has may all lie between two of another's.
pub(super) fn ranges<'i>(
    dictionaries: impl IntoIterator<Item = &'i Inverted>,
) -> Result<Vec<TermRange>> {
    let mut cuts: Vec<Vec<u8>> = vec![Vec::new()];
    for inverted in dictionaries {
        let own = inverted.cuts(RANGE_BYTES)?;
        if !own.is_sorted_by(|a, b| a < b) {
            return Err(inverted.corrupt(OUT_OF_ORDER));
        }
        cuts.extend(own);
        inverted.release();
    }
    cuts.sort_unstable();
    cuts.dedup();
    let ends = cuts.iter().skip(1).cloned().map(Some).chain([None]);
    let ends: Vec<_> = ends.collect();
    let ranges = cuts.into_iter().zip(ends);
    Ok(ranges.map(|(from, end)| TermRange { from, end }).collect())
}

impl TermRange {
    /// The terms of a dictionary that are in the range.
    pub(super) fn of<'r>(&'r self, inverted: &'r Inverted) -> Result<TermsIn<'r>> {
        Ok(TermsIn {
            terms: inverted.terms(&self.from)?,
            end: self.end.as_deref(),
        })
    }
}

/// Walks over the terms of a range.
pub(super) struct TermsIn<'r> {
    terms: TermCursor<'r>,
    end: Option<&'r [u8]>,
}

impl TermsIn<'_> {
    /// Steps to the next term; `None` past the last.
    pub(super) fn next(&mut self) -> Result<Option<TermEntry>> {
        let entry = self.terms.next()?;
        Ok(entry.filter(|_| self.end.is_none_or(|end| self.term() < end)))
    }

    pub(super) fn term(&self) -> &[u8] {
        self.terms.term()
    }
}
