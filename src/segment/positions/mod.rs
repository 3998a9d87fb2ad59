//! # Positions: where in a document a term stands
//!
//! Idea        a phrase needs to know which words follow each other. For each
//!             posting of a text field a list keeps the positions of the
//!             term, in one *stream* behind its postings: document after
//!             document, the first position of each as it is, the others as
//!             distances to the one before; each of these is a *step*. Most queries
//!             never read it
//! Example     "the cat the dog the" in document 7, "the" again at position 4
//!             of document 9: positions 0 2 4 | 4 → the stream 0 2 2 4
//! Bytes       p integers, m = p / 128 (rounded down), in blocks and with ends as in
//!             `bytes/block` and `bytes/ends.rs`:
//!
//! ```text
//! | ends | m blocks of 128 | a block of the p - 128·m others |
//!   of the m blocks
//! ```
//!
//! A field with several values has them one after the other, and between the
//! last position of one and the first of the next lie 100 that nothing has.
//!
//! Invariants  (1) within a document positions never fall (a term may stand
//!             twice at one place, if a filter made it twice)
//!             (2) the stream has as many integers as the list has
//!             occurrences: the term's total frequency
//! Cost        to the positions of a document: the frequencies of the postings
//!             of its block before it are added up (the posting block's
//!             directory says where the block begins), then one block of the
//!             stream is decoded, some 40 ns, unless it was decoded for another
//! Left out    character offsets: snippets analyse the few texts again that
//!             they show, which costs less than keeping offsets of all
//! Next        `sums.rs`, for whoever compares positions; or on to [`norms`](super::norms)

mod sums;

pub(crate) use sums::{PositionSums, SPAN_PADDING, Span};

use super::posting_list::Owner;
use crate::bytes::block::{self, BLOCK};
use crate::bytes::ends::{self, Ends};
use crate::bytes::{Lie, gaps};
use crate::error::Result;
use std::ops::Range;

/// Builds a stream, integer after integer; keeps them packed, or only their
/// number of bytes.
#[derive(Debug)]
pub(super) struct StreamBuilder {
    ends: Vec<u32>,
    /// What is packed and wasn't [drained](Self::drain).
    payload: Vec<u8>,
    /// Bytes of payload so far.
    len: usize,
    /// Only measures: the payload comes later, from another builder.
    measuring: bool,
    /// The integers of the block that isn't full yet.
    pending: [u32; BLOCK],
    /// How many these are.
    count: usize,
}

impl Default for StreamBuilder {
    fn default() -> Self {
        Self {
            ends: Vec::new(),
            payload: Vec::new(),
            len: 0,
            measuring: false,
            pending: [0; BLOCK],
            count: 0,
        }
    }
}

impl StreamBuilder {
    /// Integers of whole documents: of each the first position, then the distances.
    pub(super) fn push(&mut self, mut steps: &[u32]) -> Result<(), TooLong> {
        while !steps.is_empty() {
            let (now, later) = steps.split_at(steps.len().min(BLOCK - self.count));
            self.pending[self.count..][..now.len()].copy_from_slice(now);
            self.count += now.len();
            steps = later;
            self.end_block()?;
        }
        Ok(())
    }

    /// Ends the block if it is full.
    #[inline]
    fn end_block(&mut self) -> Result<(), TooLong> {
        if self.count == BLOCK {
            let plan = block::plan(&self.pending);
            self.len += plan.len();
            let end = u32::try_from(self.len).map_err(|_| TooLong)?;
            self.ends.push(end);
            if !self.measuring {
                block::encode(&self.pending, &plan, &mut self.payload);
            }
            self.count = 0;
        }
        Ok(())
    }

    /// The only integer of a stream of one.
    pub(super) fn first(&self) -> Option<u32> {
        self.pending[..self.count].first().copied()
    }

    /// Measures from now on, until [`clear`](Self::clear), instead of packing.
    pub(super) fn measure(&mut self) {
        debug_assert!(self.len == 0 && self.count == 0);
        self.measuring = true;
    }

    /// Appends the stream to `out`, or its directory alone if it was measured;
    /// returns how many bytes are to follow.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> usize {
        ends::write(&self.ends, out);
        let (few, plan) = self.plan_few();
        if self.measuring {
            return self.len + plan.map_or(0, |plan| plan.len());
        }
        out.extend_from_slice(&self.payload);
        if let Some(plan) = plan {
            block::encode(few, &plan, out);
        }
        0
    }

    /// What has not filled a block, and how it is encoded.
    fn plan_few(&self) -> (&[u32], Option<block::Plan>) {
        let few = &self.pending[..self.count];
        (few, (!few.is_empty()).then(|| block::plan(few)))
    }

    /// Takes out what is packed, if it is much; for those who have written the
    /// directory already.
    pub(super) fn drain(&mut self, out: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        if self.payload.len() < DRAINED {
            return Ok(());
        }
        self.ends.clear();
        out(&self.payload)?;
        self.payload.clear();
        Ok(())
    }

    /// Takes out the rest, after which the builder is as good as new.
    pub(super) fn drain_all(&mut self, out: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut rest = std::mem::take(&mut self.payload);
        if let (few, Some(plan)) = self.plan_few() {
            block::encode(few, &plan, &mut rest);
        }
        self.clear();
        out(&rest)
    }

    pub(super) fn clear(&mut self) {
        self.ends.clear();
        self.payload.clear();
        (self.len, self.count, self.measuring) = (0, 0, false);
    }
}

/// Bytes that are written at once, by those who drain a stream or a list's payload.
pub(super) const DRAINED: usize = 64 << 10;

/// A list has more bytes than its directory can address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooLong;

/// The stream of a list, read in place.
#[derive(Clone, Copy, Debug)]
struct Stream<'a> {
    owner: Owner<'a>,
    /// How many integers there are.
    count: u64,
    ends: Ends<'a>,
    payload: &'a [u8],
    /// The one integer, if it stands in the dictionary.
    single: Option<u32>,
}

impl<'a> Stream<'a> {
    /// The stream of `count` integers in `bytes`.
    fn new(owner: Owner<'a>, bytes: &'a [u8], count: u64) -> Result<Self, Lie> {
        let blocks = usize::try_from(count / BLOCK as u64).ok();
        let (blocks, directory) = blocks
            .and_then(|blocks| Some((blocks, Ends::len(blocks)?)))
            .filter(|(_, length)| *length <= bytes.len())
            .ok_or(Lie("a list's positions are cut short"))?;
        let (ends, payload) = bytes.split_at(directory);
        Ok(Self {
            owner,
            count,
            ends: Ends::new(blocks, ends),
            payload,
            single: None,
        })
    }

    /// The end of a document's integers, of which `first` is the first.
    #[inline]
    fn end(&self, first: u64, count: u32) -> Result<u64, Lie> {
        match first.checked_add(u64::from(count)) {
            Some(end) if end <= self.count => Ok(end),
            _ => Err(PAST),
        }
    }

    /// How many integers block `index` has.
    #[inline]
    fn block_len(&self, index: u64) -> usize {
        (self.count - index * BLOCK as u64).min(BLOCK as u64) as usize
    }

    /// Where block `index` begins; that which isn't full lies behind the last.
    #[inline]
    fn bytes(&self, index: u64) -> Result<&'a [u8], Lie> {
        let start = self.ends.start(index as usize).ok_or(OUTSIDE)? as usize;
        self.payload.get(start..).ok_or(OUTSIDE)
    }

    #[inline]
    fn is_full(&self, index: u64) -> bool {
        index < self.count / BLOCK as u64
    }

    /// Decodes block `index`; past its integers `values` stay as they are.
    #[inline]
    fn decode(&self, index: u64, values: &mut [u32; BLOCK]) -> Result<(), Lie> {
        let bytes = self.bytes(index)?;
        if self.is_full(index) {
            block::decode(bytes, values, 0)?;
            return Ok(());
        }
        self.decode_few(bytes, &mut values[..self.block_len(index)])
    }

    /// Decodes block `index` to the sums of its integers on top of `before`, of
    /// none past them; returns how many bits are enough for each.
    #[inline]
    fn decode_sums(&self, index: u64, values: &mut [u32; BLOCK], before: u32) -> Result<u32, Lie> {
        let bytes = self.bytes(index)?;
        if self.is_full(index) {
            return Ok(block::decode_sums(bytes, values, before)?.width);
        }
        let (few, none) = values.split_at_mut(self.block_len(index));
        self.decode_few(bytes, few)?;
        let bits = few.iter().fold(0, |bits, value| bits | value);
        none.fill(0);
        gaps::sum_up(values, before);
        Ok(u32::BITS - bits.leading_zeros())
    }

    fn decode_few(&self, bytes: &[u8], values: &mut [u32]) -> Result<(), Lie> {
        match (self.single, values) {
            (Some(position), [only]) => *only = position,
            (_, values) => {
                block::decode_few(bytes, values)?;
            }
        }
        Ok(())
    }

    /// Checks every byte.
    fn verify(&self) -> Result<(), Lie> {
        let (mut start, mut values) = (0, [0; BLOCK]);
        for index in 0..(self.count / BLOCK as u64) as usize {
            let bytes = self.payload.get(start..).ok_or(OUTSIDE)?;
            start += block::decode(bytes, &mut values, 0)?.len;
            if self.ends.get(index) != u32::try_from(start).ok() {
                return Err(Lie("a block of positions doesn't end where it should"));
            }
        }
        let few = (self.count % BLOCK as u64) as usize;
        let bytes = self.payload.get(start..).ok_or(OUTSIDE)?;
        let used = match few {
            0 => 0,
            _ => block::decode_few(bytes, &mut values[..few])?,
        };
        if used == bytes.len() {
            Ok(())
        } else {
            Err(Lie("something follows a list's positions"))
        }
    }
}

/// Reads the positions of a list, document after document or leaping.
///
/// The block that was read last is kept decoded, so that reading on costs
/// nothing.
#[derive(Debug)]
pub struct PositionReader<'a> {
    stream: Stream<'a>,
    /// The block in `values`; `NONE` if none is.
    current: u64,
    values: Box<[u32; BLOCK]>,
}

const NONE: u64 = u64::MAX;

impl<'a> PositionReader<'a> {
    /// The stream of `count` integers in `bytes`; or of the one integer that
    /// stands in the dictionary.
    pub(super) fn new(
        owner: Owner<'a>,
        bytes: &'a [u8],
        count: u64,
        single: Option<u32>,
    ) -> Result<Self, Lie> {
        let mut stream = Stream::new(owner, bytes, count)?;
        stream.single = single;
        Ok(Self {
            stream,
            current: NONE,
            values: Box::new([0; BLOCK]),
        })
    }

    /// The `count` positions of the document whose first is integer number
    /// `first` of the stream; they replace what is in `out`.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes can't be right.
    pub fn read(&mut self, first: u64, count: u32, out: &mut Vec<u32>) -> Result<()> {
        self.read_checked(first, count, out)
            .map_err(|lie| self.stream.owner.corrupt(lie))
    }

    #[inline]
    fn read_checked(&mut self, first: u64, count: u32, out: &mut Vec<u32>) -> Result<(), Lie> {
        out.clear();
        let end = self.stream.end(first, count)?;
        let (mut at, mut position) = (first, 0u64);
        while at < end {
            let piece = self.piece(at, end)?;
            out.extend(piece.iter().map(|step| {
                position += u64::from(*step);
                position as u32
            }));
            at += piece.len() as u64;
        }
        // They ascend, so none before the last has more bits.
        if position > u64::from(u32::MAX) {
            return Err(Lie("a position has more than 32 bits"));
        }
        Ok(())
    }

    /// Hands over the integers of the stream that have these numbers, as they stand
    /// in it, piece by piece.
    #[inline]
    pub(super) fn each(
        &mut self,
        mut range: Range<u64>,
        mut take: impl FnMut(&[u32]) -> Result<()>,
    ) -> Result<()> {
        let owner = self.stream.owner;
        if range.end > self.stream.count {
            return Err(owner.corrupt(PAST));
        }
        while range.start < range.end {
            let piece = self.piece(range.start, range.end);
            let steps = piece.map_err(|lie| owner.corrupt(lie))?;
            range.start += steps.len() as u64;
            take(steps)?;
        }
        Ok(())
    }

    /// Those from number `at` up to `end`, or as many of them as are in one block;
    /// never none.
    #[inline]
    fn piece(&mut self, at: u64, end: u64) -> Result<&[u32], Lie> {
        let index = at / BLOCK as u64;
        if index != self.current {
            self.current = NONE;
            self.stream.decode(index, &mut self.values)?;
            self.current = index;
        }
        let from = (at % BLOCK as u64) as usize;
        let until = (from as u64 + (end - at)).min(BLOCK as u64) as usize;
        Ok(&self.values[from..until])
    }

    /// Reads the same stream as sums.
    pub(crate) fn sums(&self) -> PositionSums<'a> {
        PositionSums::new(self.stream)
    }

    /// Checks every byte of the stream.
    pub(super) fn verify(&self) -> Result<(), Lie> {
        self.stream.verify()
    }
}

const PAST: Lie = Lie("a document's positions lie past the list's");

const OUTSIDE: Lie = Lie("a block of positions lies outside its list");

/// The integers that a stream has of a document with these positions.
#[cfg(test)]
pub(super) fn steps(positions: &[u32]) -> Vec<u32> {
    let before = std::iter::once(&0).chain(positions);
    let pairs = positions.iter().zip(before);
    pairs.map(|(position, before)| position - before).collect()
}
