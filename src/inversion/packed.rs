//! # Packed postings: what waits in memory for the flush
//!
//! Idea        of a text field each occurrence has two numbers or one, as varints:
//!
//! ```text
//!   step · 2 + 1, gap   the first in a document: its position, and how many
//!                       documents lie between
//!   step · 2            another: how far it is from the one before
//! ```
//!
//! Of any other field there is a gap for each document and nothing else.
//!
//! Example     positions 1 and 4 in document 0, 2 in document 3 → `03 00 06 05 02`
//! Cost        whether a document has one more, and whether a number takes one byte
//!             or two, nobody can guess; so both are written and read without
//!             asking (branches that were wrong took half of the time)
//! Next        `run.rs`

use crate::bytes::{Lie, reader::ENDS_EARLY, varint};

/// Numbers below this take four bytes at most, and no loop.
const SHORT: u64 = 1 << 28;

/// Zeros behind the last posting, so that four bytes can be read at once.
const PADDING: usize = 4;

/// The most bytes of an occurrence: two numbers of 33 bits.
const OCCURRENCE_MAX: usize = 2 * 5;

/// Occurrences that room is made for at once.
const CHUNK: usize = 4096;

/// Postings being packed. Keeps its memory.
#[derive(Debug, Default)]
pub(super) struct Packer {
    /// Longer than what is packed.
    bytes: Vec<u8>,
    len: usize,
}

impl Packer {
    /// Bytes packed so far.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// What was packed, as [`Postings`] reads it, in no more memory than it
    /// needs. Keeps room for so many bytes.
    pub(super) fn take(&mut self, kept: usize) -> Vec<u8> {
        self.reserve(PADDING);
        self.bytes[self.len..self.len + PADDING].fill(0);
        let packed = self.bytes[..self.len + PADDING].to_vec();
        self.len = 0;
        self.bytes.truncate(kept);
        self.bytes.shrink_to(kept);
        packed
    }

    fn reserve(&mut self, more: usize) {
        let end = self.len + more;
        if end > self.bytes.len() {
            self.bytes.resize(end.next_power_of_two(), 0);
        }
    }

    /// Packs the documents of one term in any field but a text; one that comes
    /// several times counts once.
    pub(super) fn pack_documents(&mut self, occurrences: &[(u32, u32)]) {
        let mut next = 0;
        for &(document, _) in occurrences {
            if document >= next {
                self.reserve(OCCURRENCE_MAX);
                self.len += write(&mut self.bytes, self.len, u64::from(document - next));
                next = document + 1;
            }
        }
    }

    /// Packs the occurrences of one term in a text field, documents ascending.
    pub(super) fn pack(&mut self, occurrences: &[(u32, u32)]) {
        let (start, mut next, mut before) = (self.len, 0, 0);
        for some in occurrences.chunks(CHUNK) {
            self.reserve(some.len() * OCCURRENCE_MAX);
            let bytes = self.bytes.as_mut_slice();
            let mut at = self.len;
            for &(document, position) in some {
                let first = u32::from(document >= next);
                // All ones if it isn't the first.
                let same = first.wrapping_sub(1);
                let from = before & same;
                if position < from {
                    self.len = start;
                    return self.pack_unsorted(occurrences);
                }
                let step = u64::from(position - from);
                at += write(bytes, at, step << 1 | u64::from(first));
                // Written in any case, and kept if it is wanted.
                let gap = document.wrapping_sub(next) & !same;
                at += write(bytes, at, u64::from(gap)) * first as usize;
                next = document + 1;
                before = position;
            }
            self.len = at;
        }
    }

    /// A tokenizer of the user's may go back and forth.
    #[cold]
    fn pack_unsorted(&mut self, occurrences: &[(u32, u32)]) {
        let mut sorted = occurrences.to_vec();
        sorted.sort_unstable();
        self.pack(&sorted);
    }
}

/// Writes a varint at a place behind which there is room; returns its length.
#[inline]
fn write(bytes: &mut [u8], at: usize, value: u64) -> usize {
    if value < SHORT {
        let (short, len) = varint::short(value as u32);
        bytes[at..at + 4].copy_from_slice(&short);
        return len;
    }
    write_long(&mut bytes[at..], value)
}

#[cold]
fn write_long(bytes: &mut [u8], value: u64) -> usize {
    let mut long = Vec::new();
    varint::write(&mut long, value);
    bytes[..long.len()].copy_from_slice(&long);
    long.len()
}

/// One occurrence in a text field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// The document, if it is the first in it.
    pub(super) document: Option<u32>,
    /// The position, or the distance to the one before.
    pub(super) step: u32,
}

/// Reads the postings of one term.
pub(super) struct Postings<'a> {
    /// Those of other terms, or [`PADDING`], follow.
    bytes: &'a [u8],
    end: usize,
    at: usize,
    /// The least document that may come.
    next: u32,
}

impl<'a> Postings<'a> {
    /// Those between two places of what a [`Packer`] has made.
    #[inline]
    pub(super) fn new(bytes: &'a [u8], start: usize, end: usize) -> Self {
        Self {
            bytes,
            end,
            at: start,
            next: 0,
        }
    }

    /// The next occurrence in a text; `None` at the end. The bytes are our own:
    /// they can't lie, but nothing is left to that.
    #[inline]
    pub(super) fn occurrence(&mut self) -> Result<Option<Occurrence>, Lie> {
        if self.at >= self.end {
            return Ok(None);
        }
        let step = self.varint()?;
        let document = if step & 1 == 1 {
            Some(self.skip()?)
        } else {
            None
        };
        Ok(Some(Occurrence {
            document,
            step: (step >> 1) as u32,
        }))
    }

    /// The next document, in any other field.
    #[inline]
    pub(super) fn document(&mut self) -> Result<Option<u32>, Lie> {
        if self.at >= self.end {
            return Ok(None);
        }
        self.skip().map(Some)
    }

    #[inline]
    fn skip(&mut self) -> Result<u32, Lie> {
        let document = self.next.wrapping_add(self.varint()? as u32);
        self.next = document.wrapping_add(1);
        Ok(document)
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Lie> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let word = u32::from_le_bytes(*rest.first_chunk().ok_or(ENDS_EARLY)?);
        // The last byte of a number has no high bit.
        let ends = !word & 0x8080_8080;
        if ends == 0 {
            return self.long_varint();
        }
        let bits = ends.trailing_zeros() + 1;
        self.at += bits as usize / 8;
        let word = u64::from(word) & ((1 << bits) - 1);
        Ok(word & 0x7f | word >> 1 & 0x3f80 | word >> 2 & 0x001f_c000 | word >> 3 & 0x0fe0_0000)
    }

    #[cold]
    fn long_varint(&mut self) -> Result<u64, Lie> {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = *self.bytes.get(self.at).ok_or(ENDS_EARLY)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << (shift & 63);
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number() -> impl Strategy<Value = u32> {
        (any::<u32>(), 0u32..32).prop_map(|(bits, shift)| bits >> shift)
    }

    #[test]
    fn the_example_is_true() {
        let mut packer = Packer::default();
        packer.pack(&[(0, 1), (0, 4), (3, 2)]);
        assert_eq!(packer.take(0)[..5], [0x03, 0x00, 0x06, 0x05, 0x02]);
    }

    proptest! {
        #[test]
        fn they_come_back(
            terms in prop::collection::vec(prop::collection::vec((number(), number()), 0..20), 0..10),
        ) {
            let mut packer = Packer::default();
            let mut ends = vec![0];
            let mut expected = Vec::new();
            for mut occurrences in terms {
                // A document of the last number there is would have none after it.
                occurrences.retain(|(document, _)| *document < u32::MAX);
                occurrences.sort_by_key(|(document, _)| *document);
                packer.pack(&occurrences);
                ends.push(packer.len());
                packer.pack_documents(&occurrences);
                ends.push(packer.len());
                occurrences.sort_unstable();
                expected.push(occurrences);
            }
            let bytes = packer.take(0);
            let postings = |index: usize| Postings::new(&bytes, ends[index], ends[index + 1]);
            for (index, occurrences) in (0..).zip(&expected) {
                let mut text = postings(2 * index);
                let mut found = Vec::new();
                while let Some(next) = text.occurrence().unwrap() {
                    let (document, position) = *found.last().unwrap_or(&(0, 0));
                    found.push(match next.document {
                        Some(document) => (document, next.step),
                        None => (document, position + next.step),
                    });
                }
                prop_assert_eq!(&found, occurrences);
                let mut documents = postings(2 * index + 1);
                let mut distinct: Vec<u32> = occurrences.iter().map(|(d, _)| *d).collect();
                distinct.dedup();
                for document in distinct {
                    prop_assert_eq!(documents.document().unwrap(), Some(document));
                }
                prop_assert_eq!(documents.document().unwrap(), None);
            }
        }
    }
}
