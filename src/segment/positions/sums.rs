//! # Sums: positions for whoever compares those of many documents
//!
//! Idea        a stream's integers are added up over the ends of documents. Then a
//!             document's positions are the sums at its integers, less the sum before
//!             them, and those of two terms can be compared without being copied
//! Bytes       as in the stream; the sums are in memory only:
//!
//! ```text
//! documents        3 7   | 2   | 1 1
//! integers         3 4     2     1 0
//! sums          0  3 7     9    10 10     of the last document: 10 - 9, 10 - 9
//! ```
//!
//! Invariants  (1) sums wrap, but the difference of two within a document doesn't, as
//!             it is less than 2³¹: a document that might have greater positions isn't
//!             read here
//! Next        [`norms`](crate::segment::norms)

use super::{PositionReader, Stream};
use crate::bytes::Lie;
use crate::bytes::block::BLOCK;
use crate::bytes::prefetch::prefetch_block;
use crate::error::Result;

/// The most blocks that a document's positions may lie in to be read here.
const BLOCKS: usize = 4;

/// No integer may have more bits: 4 · 128 of them make less than 2³¹.
const BITS: u32 = 22;

/// Sums that can be read from a document's first one on, even if it has fewer.
pub(crate) const SPAN_PADDING: usize = 16;

/// Reads a stream as sums; keeps the last few blocks.
#[derive(Debug)]
pub(crate) struct PositionSums<'a> {
    stream: Stream<'a>,
    /// The first integer that is kept, and how many are.
    start: u64,
    len: u64,
    /// What is before the first integer; then the sums, one for each integer.
    sums: Box<[u32; 1 + BLOCKS * BLOCK + SPAN_PADDING]>,
}

/// The positions of a document, as sums.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span<'s> {
    /// To be taken from each.
    pub(crate) before: u32,
    pub(crate) sums: &'s [u32],
    /// The first of these, and whatever follows.
    pub(crate) padded: &'s [u32; SPAN_PADDING],
}

impl<'a> PositionSums<'a> {
    pub(super) fn new(stream: Stream<'a>) -> Self {
        Self {
            stream,
            start: 0,
            len: 0,
            sums: Box::new([0; 1 + BLOCKS * BLOCK + SPAN_PADDING]),
        }
    }

    /// Calls for the bytes of the block of integer number `first`, which are going to
    /// be read soon.
    #[inline]
    pub(crate) fn call_for(&self, first: u64) {
        let start = self.stream.ends.start((first / BLOCK as u64) as usize);
        if let Some(start) = start {
            prefetch_block(self.stream.payload, start as usize);
        }
    }

    /// From now on it is another list's stream that is read.
    pub(crate) fn turn_to(&mut self, reader: &PositionReader<'a>) {
        self.stream = reader.stream;
        (self.start, self.len) = (0, 0);
    }

    /// Makes the `count` positions of the document ready whose first is integer
    /// number `first`; `false` if they are too many or could be too great.
    #[inline]
    pub(crate) fn load(&mut self, first: u64, count: u32) -> Result<bool> {
        let before = first.wrapping_sub(self.start);
        if before < self.len && u64::from(count) <= self.len - before {
            return Ok(true);
        }
        self.hold(first, count)
            .map_err(|lie| self.stream.owner.corrupt(lie))
    }

    /// Those that were made ready last. (Two steps, since a document's sums
    /// handed out with an error that there might be go through memory, and
    /// waiting for them takes as long as comparing them.)
    #[inline(always)]
    pub(crate) fn span(&self, first: u64, count: u32) -> Option<Span<'_>> {
        let at = first.checked_sub(self.start)? as usize;
        Some(Span {
            before: *self.sums.get(at)?,
            sums: self.sums.get(at + 1..at + 1 + count as usize)?,
            padded: self.sums.get(at + 1..)?.first_chunk()?,
        })
    }

    /// Decodes the blocks that are missing; `false` if they can't be kept.
    #[inline(never)]
    fn hold(&mut self, first: u64, count: u32) -> Result<bool, Lie> {
        const LEN: u64 = BLOCK as u64;
        let end = self.stream.end(first, count)?;
        let start = first - first % LEN;
        if count == 0 || end - start > LEN * BLOCKS as u64 {
            return Ok(false);
        }
        if first >= self.start && first < self.start + self.len {
            if end - self.start > LEN * BLOCKS as u64 {
                // Full blocks, or there would be none to come.
                let gone = start - self.start;
                self.sums.copy_within(gone as usize..=self.len as usize, 0);
                (self.start, self.len) = (start, self.len - gone);
            }
        } else {
            (self.start, self.len) = (start, 0);
            self.sums[0] = 0;
        }
        while self.start + self.len < end {
            let at = self.len as usize;
            let index = (self.start + self.len) / LEN;
            let before = self.sums[at];
            let Some(values) = self.sums[at + 1..].first_chunk_mut() else {
                return Ok(false);
            };
            let count = self.stream.block_len(index);
            if self.stream.decode_sums(index, values, before)? > BITS {
                return Ok(false);
            }
            self.len += count as u64;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Owner, PositionReader, StreamBuilder, steps};
    use super::*;
    use proptest::prelude::*;

    fn positions() -> impl Strategy<Value = Vec<u32>> {
        let few = prop::collection::vec(0u32..3000, 1..6);
        let many = prop::collection::vec(0u32..3000, 1..700);
        let far = prop::collection::vec(any::<u32>(), 1..4);
        prop_oneof![20 => few, 2 => many, 1 => far].prop_map(|mut positions| {
            positions.sort_unstable();
            positions
        })
    }

    proptest! {
        #[test]
        fn sums_are_the_positions(
            documents in prop::collection::vec(positions(), 1..120),
            leaps in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
        ) {
            let mut builder = StreamBuilder::default();
            let mut firsts = vec![0];
            for positions in &documents {
                builder.push(&steps(positions)).unwrap();
                firsts.push(firsts.last().unwrap() + positions.len() as u64);
            }
            let mut bytes = Vec::new();
            builder.write(&mut bytes);
            let owner = Owner { file: "file", field: "field" };
            let count = *firsts.last().unwrap();
            let reader = PositionReader::new(owner, &bytes, count, None).unwrap();
            let mut sums = reader.sums();
            let in_order = 0..documents.len();
            let leaps = leaps.iter().map(|leap| leap.index(documents.len()));
            for index in in_order.chain(leaps) {
                let positions = &documents[index];
                let (first, count) = (firsts[index], positions.len() as u32);
                if !sums.load(first, count).unwrap() {
                    // Too many, or too far; be it only a neighbour in the block. Of a
                    // block's longest number its head may tell a bit more than it has.
                    let far = documents.iter().flatten().any(|x| x >> (BITS - 1) > 0);
                    prop_assert!(far || positions.len() > (BLOCKS - 1) * BLOCK);
                    continue;
                };
                let span = sums.span(first, count).unwrap();
                let position = |sum: &u32| sum.wrapping_sub(span.before);
                let read: Vec<u32> = span.sums.iter().map(position).collect();
                prop_assert_eq!(&read, positions);
                let few = positions.len().min(SPAN_PADDING);
                prop_assert_eq!(&span.padded[..few], &span.sums[..few]);
            }
            prop_assert!(sums.load(count, 1).is_err());
            prop_assert!(sums.load(u64::MAX, 1).is_err());
            prop_assert!(sums.load(u64::MAX - 3, 5).is_err());
        }
    }
}
