//! # Sets: documents that match or not, without a frequency
//!
//! Idea        ranges, beginnings, patterns, and fields that are there: of a column's codes
//!             it is asked window by window which lie in the range; of terms the
//!             lists are joined to a bitmap, once for a segment
//! Example     `year:[2001 TO 2010]`: in a window the blocks of the column whose
//!             bounds touch the range; `tags:wh*`: the lists of `whale` and `wharf`
//! Cost        a bitmap takes a bit a document of the segment, and all postings of its
//!             terms are decoded, but for blocks that are bitmaps themselves
//! Left out    counting how often: a range scores the same for each of its documents
//! Next        `boolean.rs`

use super::execute::END;
use super::limits::Limits;
use super::places::{Documents, Slots};
use super::trace::Trace;
use super::walk::each_accepted;
use super::window::{Bits, WINDOW};
use crate::bytes::bits::count_bits;
use crate::error::Result;
use crate::query::Pattern;
use crate::segment::file::Kind;
use crate::segment::posting_list::BLOCK_LEN;
use crate::segment::{Column, Inverted, Segment, TermEntry};
use std::ops::{Bound, RangeInclusive};

/// A set of documents.
pub(super) enum SetExec<'a> {
    /// A bit for each document of the segment.
    Bitmap { words: Vec<u64>, count: u64 },
    /// Those whose code in a column lies in a range; asked window by window.
    Codes {
        segment: &'a Segment,
        field: &'a str,
        column: &'a Column,
        range: RangeInclusive<u64>,
    },
    /// Those with a token in a field.
    Lengths { norms: &'a [u8], count: u64 },
}

impl<'a> SetExec<'a> {
    /// All that have a term within the bounds.
    pub(super) fn terms(
        segment: &'a Segment,
        field: &str,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        limits: &Limits,
        trace: impl Trace,
    ) -> Result<Self> {
        let (lower, upper) = bounds;
        let first = match lower {
            Bound::Included(term) => term.to_vec(),
            // The least of all above it.
            Bound::Excluded(term) => [term, &[0]].concat(),
            Bound::Unbounded => Vec::new(),
        };
        Self::run_of_terms(segment, field, &first, limits, trace, |term| match upper {
            Bound::Included(upper) => term <= upper,
            Bound::Excluded(upper) => term < upper,
            Bound::Unbounded => true,
        })
    }

    /// All that have a term which a pattern describes.
    pub(super) fn pattern(
        segment: &'a Segment,
        field: &str,
        pattern: &Pattern,
        limits: &Limits,
        trace: impl Trace,
    ) -> Result<Self> {
        let Some(inverted) = segment.inverted(field) else {
            return Ok(Self::empty());
        };
        let mut union = Union::new(segment, inverted, limits)?;
        each_accepted(inverted, pattern, limits.deadline, |_, _, entry| {
            union.add(&entry, trace)
        })?;
        Ok(union.finish())
    }

    /// All that have a term that begins so; with an empty beginning, all that
    /// have the field.
    pub(super) fn prefix(
        segment: &'a Segment,
        field: &'a str,
        prefix: &str,
        limits: &Limits,
        trace: impl Trace,
    ) -> Result<Self> {
        if !prefix.is_empty() {
            let prefix = prefix.as_bytes();
            return Self::run_of_terms(segment, field, prefix, limits, trace, |term| {
                term.starts_with(prefix)
            });
        }
        if let Some(column) = segment.column(field) {
            return Ok(Self::Codes {
                segment,
                field,
                column,
                range: 0..=u64::MAX,
            });
        }
        let inverted = segment.inverted(field);
        Ok(match inverted.and_then(Inverted::norms) {
            Some(norms) => {
                let count = inverted.map_or(0, |inverted| inverted.statistics().documents);
                Self::Lengths {
                    norms,
                    count: u64::from(count),
                }
            }
            None => Self::empty(),
        })
    }

    fn empty() -> Self {
        Self::Bitmap {
            words: Vec::new(),
            count: 0,
        }
    }

    /// All that have one of the terms from `from` on, as long as they belong to it.
    fn run_of_terms(
        segment: &'a Segment,
        field: &str,
        from: &[u8],
        limits: &Limits,
        trace: impl Trace,
        belongs: impl Fn(&[u8]) -> bool,
    ) -> Result<Self> {
        let Some(inverted) = segment.inverted(field) else {
            return Ok(Self::empty());
        };
        let mut union = Union::new(segment, inverted, limits)?;
        let mut terms = inverted.terms(from)?;
        while let Some(entry) = terms.next()? {
            if !belongs(terms.term()) {
                break;
            }
            limits.deadline.check()?;
            union.add(&entry, trace)?;
        }
        Ok(union.finish())
    }

    pub(super) fn cost(&self) -> u64 {
        match self {
            Self::Bitmap { count, .. } | Self::Lengths { count, .. } => *count,
            Self::Codes { column, .. } => column.value_count(),
        }
    }

    pub(super) fn next(&self, from: u32) -> u32 {
        let Self::Bitmap { words, .. } = self else {
            return from;
        };
        let first = from as usize / 64;
        for (index, word) in words.iter().enumerate().skip(first) {
            let word = if index == first {
                word & u64::MAX << (from % 64)
            } else {
                *word
            };
            if word != 0 {
                // Below the number of documents.
                return index as u32 * 64 + word.trailing_zeros();
            }
        }
        END
    }

    pub(super) fn evaluate(&self, start: u32, candidates: &Bits, out: &mut Bits) -> Result<()> {
        out.clear();
        match self {
            Self::Bitmap { words, .. } => {
                let from = words.get(start as usize / 64..).unwrap_or(&[]);
                let into = out.words_mut();
                into.iter_mut()
                    .zip(from)
                    .for_each(|(into, from)| *into = *from);
            }
            Self::Codes {
                segment,
                field,
                column,
                range,
            } => {
                let window = start..start.saturating_add(WINDOW);
                let matched = column.matching(window, range.clone(), &mut |first, bits| {
                    out.or_word(first - start, bits);
                });
                matched.map_err(|lie| segment.corrupt(&Kind::Column.of_field(field), lie))?;
            }
            Self::Lengths { norms, .. } => {
                for index in candidates.iter() {
                    if norms
                        .get((start + index) as usize)
                        .is_some_and(|norm| *norm > 0)
                    {
                        out.set(index);
                    }
                }
            }
        }
        out.and(candidates);
        Ok(())
    }

    /// Of the slots that are left keeps those whose documents are in the set.
    pub(super) fn keep(&self, documents: &Documents, left: &mut Slots) {
        left.retain(|slot| {
            let document = documents[slot];
            match self {
                Self::Bitmap { words, .. } => {
                    let word = words.get(document as usize / 64);
                    word.is_some_and(|word| word >> (document % 64) & 1 == 1)
                }
                Self::Codes { column, range, .. } => {
                    column.values(document).any(|code| range.contains(&code))
                }
                Self::Lengths { norms, .. } => {
                    let norm = norms.get(document as usize);
                    norm.is_some_and(|norm| *norm > 0)
                }
            }
        });
    }
}

/// The documents of several lists of a field.
struct Union<'a> {
    segment: &'a Segment,
    inverted: &'a Inverted,
    words: Vec<u64>,
    documents: Documents,
}

impl<'a> Union<'a> {
    fn new(segment: &'a Segment, inverted: &'a Inverted, limits: &Limits) -> Result<Self> {
        let length = segment.documents().div_ceil(64) as usize;
        limits.take_set(length * 8)?;
        Ok(Self {
            segment,
            inverted,
            words: vec![0; length],
            documents: [0; BLOCK_LEN],
        })
    }

    fn add(&mut self, entry: &TermEntry, trace: impl Trace) -> Result<()> {
        let list = self.inverted.postings(entry)?;
        // Elsewhere there is hardly a bitmap, and it takes time to see.
        let is_dense = entry.document_frequency >= self.segment.documents() / 64;
        trace.whole(list.block_count());
        for block in 0..list.block_count() {
            if is_dense && let Some((first, bitmap)) = list.bitmap(block) {
                let into = self.words.get_mut(first as usize..).unwrap_or(&mut []);
                for (into, word) in into.iter_mut().zip(bitmap) {
                    *into |= u64::from_le_bytes(*word);
                }
                continue;
            }
            let count = list.decode_documents(block, &mut self.documents)?;
            for document in &self.documents[..count] {
                self.words[*document as usize / 64] |= 1 << (document % 64);
            }
        }
        Ok(())
    }

    fn finish<'s>(mut self) -> SetExec<'s> {
        // A bitmap may lie about documents that there are not.
        if let (Some(last), used @ 1..) = (self.words.last_mut(), self.segment.documents() % 64) {
            *last &= (1 << used) - 1;
        }
        SetExec::Bitmap {
            count: count_bits(&self.words),
            words: self.words,
        }
    }
}
