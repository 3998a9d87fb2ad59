//! # Decoding: the postings of a block
//!
//! Idea        a full block is unpacked at once, its documents without its
//!             frequencies if these aren't asked for; a bitmap may be read in
//!             place. A tail is unpacked with its frequencies
//! Invariants  (1) what comes back without an error ascends within the block and
//!             lies below the segment's number of documents; what the bytes say
//!             is checked once a block, not once a number
//! Cost        documents 50 ns a block, frequencies 35, and 12 more to find where they
//!             begin if the documents weren't just decoded; a tail as much as a block
//! Next        `bitmap.rs`

use super::{BITMAP, BLOCK, BLOCK_LEN, DISORDER, PostingList, Shape, TOO_OFTEN, bitmap};
use crate::bytes::prefetch::prefetch_block;
use crate::bytes::{Lie, block};
use crate::error::Result;

impl<'a> PostingList<'a> {
    /// Decodes the documents of a block; returns how many there are.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes can't be right.
    /// What comes back without an error satisfies invariant (1) within the
    /// block.
    #[inline(always)]
    pub fn decode_documents(&self, block: usize, out: &mut [u32; BLOCK_LEN]) -> Result<usize> {
        self.decode_until(block, out).map(|(count, _)| count)
    }

    /// Decodes the frequencies of a block, in the order of its documents.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes can't be right.
    #[inline(always)]
    pub fn decode_frequencies(&self, block: usize, out: &mut [u32; BLOCK_LEN]) -> Result<()> {
        self.frequencies(block, None, out)
            .map_err(|lie| self.owner.corrupt(lie))
    }

    /// Decodes the documents and the frequencies of a block; returns how many there
    /// are.
    ///
    /// # Errors
    /// As [`decode_documents`](Self::decode_documents).
    #[inline(always)]
    pub fn decode_both(
        &self,
        block: usize,
        documents: &mut [u32; BLOCK_LEN],
        frequencies: &mut [u32; BLOCK_LEN],
    ) -> Result<usize> {
        let (count, end) = self.decode_until(block, documents)?;
        self.decode_frequencies_at(block, end, frequencies)?;
        Ok(count)
    }

    /// Decodes the documents of a block; returns how many there are, and where in the
    /// block they end and its frequencies begin.
    #[inline(always)]
    pub(crate) fn decode_until(
        &self,
        block: usize,
        out: &mut [u32; BLOCK_LEN],
    ) -> Result<(usize, usize)> {
        let decoded = match block.cmp(&self.full_block_count()) {
            std::cmp::Ordering::Less => self.full_documents(block, out).map(|end| (BLOCK, end)),
            std::cmp::Ordering::Equal => {
                let end = self.tail_documents(out);
                end.map(|end| (self.tail_count(), end))
            }
            std::cmp::Ordering::Greater => Ok((0, 0)),
        };
        decoded.map_err(|lie| self.owner.corrupt(lie))
    }

    /// Decodes the frequencies of a block whose documents end where
    /// [it was said](Self::decode_until).
    #[inline(always)]
    pub(crate) fn decode_frequencies_at(
        &self,
        block: usize,
        end: usize,
        out: &mut [u32; BLOCK_LEN],
    ) -> Result<()> {
        self.frequencies(block, Some(end), out)
            .map_err(|lie| self.owner.corrupt(lie))
    }

    /// The frequencies of a block, behind its documents, whose bytes are counted if
    /// nobody knows them.
    #[inline(always)]
    fn frequencies(
        &self,
        block: usize,
        documents: Option<usize>,
        out: &mut [u32; BLOCK],
    ) -> Result<(), Lie> {
        if !self.text {
            *out = [1; BLOCK];
            return Ok(());
        }
        match block.cmp(&self.full_block_count()) {
            std::cmp::Ordering::Less => self.full_frequencies(block, documents, out),
            std::cmp::Ordering::Equal => {
                let end = match (documents, self.shape) {
                    (Some(end), _) => end,
                    (None, Shape::Single { .. }) => 0,
                    (None, Shape::Blocks) => block::skip_few(self.beyond, self.tail_count())?,
                };
                self.tail_frequencies(end, out).map(|_| ())
            }
            std::cmp::Ordering::Greater => Ok(()),
        }
    }

    /// Decodes a text's list that fills no block, neither of postings nor of
    /// positions, at once: documents, frequencies, and positions as they stand in
    /// the stream. Returns how many postings there are; `None` if the list is
    /// longer.
    pub(in crate::segment) fn decode_short(
        &self,
        documents: &mut [u32; BLOCK_LEN],
        frequencies: &mut [u32; BLOCK_LEN],
        steps: &mut [u32; BLOCK_LEN],
    ) -> Result<Option<usize>> {
        if !self.text || self.total_frequency >= BLOCK as u64 {
            return Ok(None);
        }
        let steps = &mut steps[..self.total_frequency as usize];
        self.short(documents, frequencies, steps)
            .map(Some)
            .map_err(|lie| self.owner.corrupt(lie))
    }

    fn short(
        &self,
        documents: &mut [u32; BLOCK],
        frequencies: &mut [u32; BLOCK],
        steps: &mut [u32],
    ) -> Result<usize, Lie> {
        let end = self.tail_documents(documents)?;
        let used = self.tail_frequencies(end, frequencies)?;
        let count = self.tail_count();
        let sum: u64 = frequencies[..count].iter().map(|&f| u64::from(f)).sum();
        if sum != self.total_frequency {
            return Err(Lie("a list has more or fewer positions than occurrences"));
        }
        // Not more than there were.
        block::decode_few(&self.rest[used..], steps)?;
        Ok(count)
    }

    /// The block as a bitmap, if it is kept as one: the first word's number
    /// and the words. Bit `i` of word `j` stands for document
    /// `64 * (first + j) + i`. What the bytes say is not checked.
    #[inline]
    #[must_use]
    pub fn bitmap(&self, block: usize) -> Option<(u32, &'a [[u8; 8]])> {
        let (bytes, _) = self.block_bytes(block).ok()?;
        let (&kind, bytes) = bytes.split_first()?;
        if kind != BITMAP {
            return None;
        }
        let (first, words) = self.bitmap_words(block)?;
        Some((first, bytes.as_chunks().0.get(..words)?))
    }

    /// Calls for the bytes of a full block, which are going to be read soon.
    #[inline]
    pub fn call_for(&self, block: usize) {
        if let Some(start) = self.ends.start(block) {
            prefetch_block(self.payload, start as usize);
        }
    }

    /// The first document that can be in the block.
    #[inline]
    pub(super) fn start(&self, block: usize) -> Option<u32> {
        match block {
            0 => Some(0),
            _ => self.lasts.get(block - 1)?.checked_add(1),
        }
    }

    /// The bytes from a full block on, and how many are its own.
    #[inline]
    fn block_bytes(&self, block: usize) -> Result<(&'a [u8], usize), Lie> {
        const OUTSIDE: Lie = Lie("a block lies outside its list");
        let range = self.ends.start(block).zip(self.ends.get(block));
        let (start, end) = range.ok_or(OUTSIDE)?;
        match self.payload.get(start as usize..) {
            Some(bytes) if start <= end && end as usize <= self.payload_len => {
                Ok((bytes, (end - start) as usize))
            }
            _ => Err(OUTSIDE),
        }
    }

    /// Decodes the documents of a full block; returns how many bytes they took.
    #[inline]
    pub(super) fn full_documents(
        &self,
        block: usize,
        out: &mut [u32; BLOCK],
    ) -> Result<usize, Lie> {
        let (bytes, _) = self.block_bytes(block)?;
        let bounds = self.start(block).zip(self.lasts.get(block));
        let (start, last) = bounds.ok_or(DISORDER)?;
        if last < start || last >= self.documents {
            return Err(DISORDER);
        }
        if bytes.first() == Some(&BITMAP) {
            let words = self.bitmap_words(block).map_or(0, |(_, words)| words);
            let words = bytes.get(1..1 + words * 8);
            let words = words.ok_or(Lie("a bitmap is cut short"))?;
            bitmap::expand(words, start, last, out)?;
            return Ok(1 + words.len());
        }
        let decoded = ascending(bytes, out, start)?;
        // As the whole sum doesn't wrap, and neither `start` nor `last` is less
        // than the one before, no number can be past the last one or fall:
        // invariants (1) and (2).
        if out[BLOCK - 1] != last {
            return Err(DISORDER);
        }
        Ok(decoded.len)
    }

    /// Decodes the frequencies of a full block, behind its documents, whose bytes
    /// are counted if nobody knows them.
    #[inline]
    pub(super) fn full_frequencies(
        &self,
        block: usize,
        documents: Option<usize>,
        out: &mut [u32; BLOCK],
    ) -> Result<(), Lie> {
        let (bytes, len) = self.block_bytes(block)?;
        let skipped = match documents {
            Some(documents) => documents,
            None if bytes.first() == Some(&BITMAP) => {
                1 + self.bitmap_words(block).map_or(0, |(_, words)| words) * 8
            }
            None => block::skip(bytes)?,
        };
        let bytes = bytes.get(skipped..).ok_or(Lie("a bitmap is cut short"))?;
        let decoded = block::decode(bytes, out, 1)?;
        if skipped + decoded.len != len {
            return Err(Lie("a block is longer than what is in it"));
        }
        // One that was 2³² - 1 before 1 was added is 0.
        if decoded.width >= 32 && out.contains(&0) {
            return Err(TOO_OFTEN);
        }
        Ok(())
    }

    /// The bytes of the tail, without decoding it.
    pub(super) fn tail_bytes(&self) -> Result<usize, Lie> {
        let count = self.tail_count();
        if let Some(length) = self.tail_len {
            return Ok(length);
        }
        if count == 0 || matches!(self.shape, Shape::Single { .. }) {
            return Ok(0);
        }
        let mut used = block::skip_few(self.rest, count)?;
        if self.tail_has_frequencies() {
            used += block::skip_few(&self.rest[used..], count)?;
        }
        Ok(used)
    }

    fn tail_has_frequencies(&self) -> bool {
        self.text && self.total_frequency > u64::from(self.document_frequency)
    }

    /// Decodes the documents of the tail; returns how many bytes they took.
    #[inline]
    pub(super) fn tail_documents(&self, out: &mut [u32; BLOCK]) -> Result<usize, Lie> {
        if let Shape::Single { document, .. } = self.shape {
            out[0] = document;
            return Ok(0);
        }
        let count = self.tail_count();
        if count == 0 {
            return Ok(0);
        }
        let start = self.start(self.full_block_count()).ok_or(DISORDER)?;
        let end = ascending_few(self.beyond, count, out, start, self.documents)?;
        self.own(end)
    }

    /// Decodes the frequencies of the tail, whose documents take so many bytes;
    /// returns how many both take.
    #[inline]
    pub(super) fn tail_frequencies(
        &self,
        documents: usize,
        out: &mut [u32; BLOCK],
    ) -> Result<usize, Lie> {
        if let Shape::Single { .. } = self.shape {
            out[0] = u32::try_from(self.total_frequency).map_err(|_| TOO_OFTEN)?;
            return Ok(0);
        }
        if !self.tail_has_frequencies() {
            *out = [1; BLOCK];
            return Ok(documents);
        }
        let bytes = self.beyond.get(documents..).unwrap_or(&[]);
        self.own(documents + frequencies_few(bytes, self.tail_count(), out)?)
    }

    /// Bytes that a tail took, unless they are more than it has.
    #[inline]
    fn own(&self, used: usize) -> Result<usize, Lie> {
        match used <= self.tail_len.unwrap_or(self.rest.len()) {
            true => Ok(used),
            false => Err(Lie("a list's tail goes on past its end")),
        }
    }
}

/// Decodes a block of gaps that begin at `start` to ascending documents, of which
/// the last is to be looked at.
#[inline(always)]
fn ascending(bytes: &[u8], out: &mut [u32; BLOCK], start: u32) -> Result<block::Decoded, Lie> {
    let decoded = block::decode_gaps(bytes, out, start)?;
    if decoded.width > WIDE {
        let mut gaps = [0; BLOCK];
        block::decode(bytes, &mut gaps, 0)?;
        check_sum(&gaps)?;
    }
    Ok(decoded)
}

/// Decodes a block of a few gaps that begin at `start` to ascending documents of a
/// segment that has so many; returns how many bytes it took.
#[inline]
pub(super) fn ascending_few(
    bytes: &[u8],
    count: usize,
    out: &mut [u32; BLOCK],
    start: u32,
    documents: u32,
) -> Result<usize, Lie> {
    let decoded = block::decode_few_gaps(bytes, count, out, start)?;
    if decoded.width > WIDE {
        let mut gaps = [0; BLOCK];
        block::decode_few(bytes, &mut gaps[..count])?;
        check_sum(&gaps[..count])?;
    }
    // As what the gaps add up to doesn't wrap, the last is below the first if the
    // whole does.
    let last = out[(count - 1) % BLOCK];
    match (start..documents).contains(&last) {
        true => Ok(decoded.len),
        false => Err(Lie("a posting's document is not in the segment")),
    }
}

/// 128 gaps of no more bits than this, and the steps, add up to less than 2³²; the
/// sum of longer ones is checked, lest it wrap.
const WIDE: u32 = 25;

#[cold]
fn check_sum(gaps: &[u32]) -> Result<(), Lie> {
    let sum: u64 = gaps.iter().map(|gap| u64::from(*gap)).sum();
    match sum + BLOCK as u64 > 1 << 32 {
        true => Err(DISORDER),
        false => Ok(()),
    }
}

/// Decodes a block of a few frequencies less 1; returns how many bytes it took.
#[inline]
pub(super) fn frequencies_few(
    bytes: &[u8],
    count: usize,
    out: &mut [u32; BLOCK],
) -> Result<usize, Lie> {
    let decoded = block::decode_few_plus(bytes, count, out, 1)?;
    if decoded.width >= 32 && out[..count].contains(&0) {
        return Err(TOO_OFTEN);
    }
    Ok(decoded.len)
}
