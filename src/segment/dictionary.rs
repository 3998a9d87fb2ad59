//! # The dictionary: from a term to its postings
//!
//! Idea        terms sorted by their bytes, in blocks of 32; a term repeats
//!             only what differs from the one before it. A small index holds
//!             the first eight bytes of each block's *head*, its first term, so that
//!             a lookup is a binary search over numbers and then one block. Every
//!             sixteenth of these numbers is kept in memory from when the dictionary
//!             is opened: so a search waits once for its numbers, and once for its
//!             block, all of whose bytes are called for together
//! Example     "hoard" "hoarder" "horse": the whole, then 5 shared and `er`, then
//!             2 shared and `rse`
//! Bytes       *terms*: blocks one after the other, see `dictionary/block.rs`
//!
//! *term index*, for n blocks:
//!
//! ```text
//!   0  terms     u32
//!   4  blocks    u32 = n, which is terms / 32, rounded up
//!   8  prefixes  u64 × n        the first eight bytes of the head, the first
//!                               one highest, zeros behind a shorter head
//!      offsets   u32 × (n + 1)  where each block begins; the last: the end
//! ```
//!
//! Invariants  (1) terms ascend strictly, byte by byte
//!             (2) a term's *ordinal* is its place in this order, from 0; it
//!             is what a keyword's column holds
//! Cost        lookup O(log blocks) + one block, 1,800 instructions. In 32 dictionaries
//!             that wait for memory together 300 ns each, if no near cache has
//!             anything of them; without the numbers in memory it took 420. To
//!             open, a number read for 512 terms
//! Left out    a finite state transducer: smaller by a third on words, but
//!             slower to build and to walk, and much harder to explain
//! Paper       Witten, Moffat and Bell, "Managing Gigabytes", 1999, §4.1:
//!             front coding
//! Rooms       `block`: 32 terms; `cursor`: a walk over all
//! Next        `dictionary/block.rs`

mod block;
mod cursor;
#[cfg(test)]
mod tests;

pub(super) use self::cursor::Cursor;

use self::block::{Block, BlockBuilder};
use super::posting_list::EncodedList;
use super::spool::{Spool, Spools};
use crate::bytes::prefetch::prefetch;
use crate::bytes::{Lie, Reader, U32s, U64s};
use crate::storage::Bytes;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

/// Terms in a block.
const BLOCK_TERMS: u32 = 32;

/// Blocks in a group, of which the first one's prefix is held in memory.
const GROUP: usize = 16;

/// Bytes that a cache takes at once, and the most of these that are called for.
const LINE: usize = 64;
const LINES_MAX: usize = 8;

/// Blocks that are looked at for [cuts](Dictionary::cuts) between two times that
/// their memory is given back: some megabytes.
const CUTS_RELEASE: usize = 16 << 10;

/// The longest term that a file may have, in bytes. Analysis makes none half as long.
pub(super) const MAX_TERM_BYTES: usize = 65_535;

/// What a term takes besides its postings, about.
pub(crate) const TERM_BYTES: usize = 16;

const NO_TERM: Lie = Lie("there is no term with such an ordinal");

/// What the dictionary knows of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermEntry {
    /// Its place among the field's terms, from 0.
    pub ordinal: u32,
    /// Documents that contain it, deleted ones included.
    pub document_frequency: u32,
    /// Its occurrences in these.
    pub total_frequency: u64,
    pub(super) place: Place,
}

/// Where a term's postings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the postings.
    List { offset: u64, length: u64 },
    /// Here. If there are several positions, they are in the postings.
    Single {
        document: u32,
        position: Option<u32>,
        offset: u64,
        length: u64,
    },
}

impl Place {
    /// Which bytes of the postings belong to the term.
    pub(super) fn bytes(self) -> (u64, u64) {
        match self {
            Self::List { offset, length } | Self::Single { offset, length, .. } => (offset, length),
        }
    }

    /// The same as a range, if there can be such.
    #[inline]
    pub(super) fn range(self) -> Option<Range<usize>> {
        let (offset, length) = self.bytes();
        let end = offset.checked_add(length)?;
        Some(usize::try_from(offset).ok()?..usize::try_from(end).ok()?)
    }
}

/// Builds a dictionary, term after term in ascending order.
pub(super) struct DictionaryBuilder<'s> {
    text: bool,
    terms: Spool<'s>,
    prefixes: Spool<'s>,
    offsets: Spool<'s>,
    count: u32,
    last: Vec<u8>,
    block: BlockBuilder,
}

/// The terms of a field outgrew the index of their blocks: 4 GiB, or 2³² - 1
/// terms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Full;

impl<'s> DictionaryBuilder<'s> {
    pub(super) fn new(text: bool, spools: &'s Spools) -> Self {
        Self {
            text,
            terms: Spool::new(spools),
            prefixes: Spool::new(spools),
            offsets: Spool::new(spools),
            count: 0,
            last: Vec::new(),
            block: BlockBuilder::default(),
        }
    }

    /// Adds a term, whose bytes in the postings begin at `offset`.
    pub(super) fn push(
        &mut self,
        term: &[u8],
        list: &EncodedList,
        offset: u64,
    ) -> Result<(), Full> {
        debug_assert!(self.count == 0 || self.last.as_slice() < term);
        if self.count.is_multiple_of(BLOCK_TERMS) {
            self.end_block()?;
            self.prefixes.end().extend(prefix(term).to_le_bytes());
        }
        let pairs = self.last.iter().zip(term);
        let shared = pairs.take_while(|(a, b)| a == b).count();
        self.block.push(self.text, term, shared, list, offset);
        self.last.clear();
        self.last.extend_from_slice(term);
        self.count = self.count.checked_add(1).ok_or(Full)?;
        Ok(())
    }

    /// Terms so far.
    pub(super) fn len(&self) -> u32 {
        self.count
    }

    fn end_block(&mut self) -> Result<(), Full> {
        self.block.finish(self.terms.end())?;
        let offset = u32::try_from(self.terms.len()).map_err(|_| Full)?;
        self.offsets.end().extend(offset.to_le_bytes());
        Ok(())
    }

    /// Moves what is much out of memory, if there is where to.
    pub(super) fn spill(&mut self) -> io::Result<()> {
        self.terms.spill()?;
        self.prefixes.spill()?;
        self.offsets.spill()
    }

    /// The sections *terms* and *term index*.
    pub(super) fn finish(mut self) -> Result<(Spool<'s>, TermIndex<'s>), Full> {
        self.end_block()?;
        let index = TermIndex {
            terms: self.count,
            prefixes: self.prefixes,
            offsets: self.offsets,
        };
        Ok((self.terms, index))
    }
}

/// A term index that is about to be written.
pub(super) struct TermIndex<'s> {
    terms: u32,
    prefixes: Spool<'s>,
    offsets: Spool<'s>,
}

impl TermIndex<'_> {
    pub(super) fn write_to(self, out: &mut dyn Write) -> io::Result<()> {
        let blocks = self.terms.div_ceil(BLOCK_TERMS);
        out.write_all(&self.terms.to_le_bytes())?;
        out.write_all(&blocks.to_le_bytes())?;
        self.prefixes.write_to(out)?;
        self.offsets.write_to(out)
    }
}

/// The first eight bytes as a number that sorts as they do.
#[inline]
pub(crate) fn prefix(term: &[u8]) -> u64 {
    match term.first_chunk() {
        Some(first) => u64::from_be_bytes(*first),
        None => {
            let mut bytes = [0; 8];
            bytes[..term.len()].copy_from_slice(term);
            u64::from_be_bytes(bytes)
        }
    }
}

/// A dictionary, read in place.
#[derive(Clone, Debug)]
pub(super) struct Dictionary {
    text: bool,
    count: u32,
    blocks: usize,
    terms: Bytes,
    index: Bytes,
    /// The prefix of every sixteenth block.
    samples: Arc<[u64]>,
}

impl Dictionary {
    /// Reads the counts and checks that the index is as long as they say.
    pub(super) fn open(text: bool, terms: Bytes, index: Bytes) -> Result<Self, Lie> {
        let mut reader = Reader::new(&index);
        let (count, blocks) = (reader.u32()?, reader.u32()?);
        let blocks_right = blocks == count.div_ceil(BLOCK_TERMS);
        let length = 8 + u64::from(blocks) * 12 + 4;
        if !blocks_right || index.len() as u64 != length {
            return Err(Lie("the index of terms is not as long as it should be"));
        }
        let blocks = blocks as usize;
        let prefixes = U64s::new(&index[8..8 + blocks * 8]);
        let samples = (0..blocks).step_by(GROUP);
        let samples = samples.filter_map(|block| prefixes.get(block)).collect();
        Ok(Self {
            text,
            count,
            blocks,
            terms,
            index,
            samples,
        })
    }

    /// Gives back the memory that it takes, as far as it is mapped.
    pub(super) fn release(&self) {
        self.terms.release();
        self.index.release();
    }

    /// Terms in it.
    pub(super) fn len(&self) -> u32 {
        self.count
    }

    fn prefixes(&self) -> U64s<'_> {
        U64s::new(&self.index[8..8 + self.blocks * 8])
    }

    fn offsets(&self) -> U32s<'_> {
        U32s::new(&self.index[8 + self.blocks * 8..])
    }

    /// The block's bytes.
    #[inline]
    fn bytes_of(&self, block: usize) -> Result<&[u8], Lie> {
        let offsets = self.offsets();
        let range = offsets.get(block).zip(offsets.get(block + 1));
        range
            .and_then(|(start, end)| self.terms.get(start as usize..end as usize))
            .ok_or(Lie("a block of terms lies outside of them"))
    }

    /// How many terms a block has.
    #[inline]
    fn terms_of(&self, block: usize) -> u32 {
        // There are as many blocks as the terms need, and no more.
        let before = (block as u32).saturating_mul(BLOCK_TERMS);
        self.count.saturating_sub(before).min(BLOCK_TERMS)
    }

    fn block(&self, block: usize) -> Result<Block<'_>, Lie> {
        Block::open(self.text, self.terms_of(block), self.bytes_of(block)?)
    }

    /// A block's first term.
    fn head(&self, block: usize) -> Result<&[u8], Lie> {
        let mut reader = Reader::new(self.bytes_of(block)?);
        let length = reader.varint_u32()?;
        reader.take(length as usize)
    }

    /// The group of the wanted term: in it is the first block whose prefix isn't less
    /// than the term's, or else that is the block right behind it. What tells which is
    /// called for.
    #[inline]
    pub(super) fn group(&self, wanted: Wanted) -> Range<usize> {
        // Half by half, without a branch for the processor to guess: so it is
        // at the next segment's search while this one waits for memory.
        let less = self.samples.partition_point(|here| *here < wanted.prefix);
        let end = (less * GROUP).min(self.blocks);
        let start = ((less * GROUP + 1).saturating_sub(GROUP)).min(end);
        let (prefixes, offsets) = (8 + start * 8, 8 + self.blocks * 8);
        for line in 0..GROUP * 8 / LINE {
            prefetch(&self.index, prefixes + line * LINE);
        }
        prefetch(&self.index, offsets + start.saturating_sub(1) * 4);
        prefetch(&self.index, offsets + end * 4 + 3);
        start..end
    }

    /// Which of a [group](Self::group) it is.
    #[inline]
    fn prefixed(&self, wanted: Wanted, group: Range<usize>) -> usize {
        let prefixes = self.prefixes();
        prefixes.partition_point(group, |here| here < wanted.prefix)
    }

    /// The block that has the wanted term if any has: the last whose head is not
    /// greater, or the first. `prefixed` is the first whose prefix is not less.
    #[inline]
    fn block_of(&self, wanted: Wanted, prefixed: usize) -> Result<usize, Lie> {
        let mut low = prefixed;
        let prefixes = self.prefixes();
        if prefixes.get(low) == Some(wanted.prefix) {
            // Equal prefixes say nothing yet: the heads themselves decide.
            let mut high = prefixes.partition_point(low..self.blocks, |here| here == wanted.prefix);
            while low < high {
                let middle = low + (high - low) / 2;
                match self.head(middle)? <= wanted.term {
                    true => low = middle + 1,
                    false => high = middle,
                }
            }
        }
        Ok(low.saturating_sub(1))
    }

    /// What is known of `term`, if it is there.
    pub(super) fn lookup(&self, term: &[u8]) -> Result<Option<TermEntry>, Lie> {
        let wanted = Wanted::new(term);
        let located = self.locate(wanted, self.group(wanted))?;
        self.find(located, wanted)
    }

    /// The block to look in. Its bytes are called for.
    pub(super) fn locate(&self, wanted: Wanted, group: Range<usize>) -> Result<Located<'_>, Lie> {
        if self.blocks == 0 {
            return Ok(Located::default());
        }
        let block = self.block_of(wanted, self.prefixed(wanted, group))?;
        let bytes = self.bytes_of(block)?;
        for line in 0..bytes.len().div_ceil(LINE).min(LINES_MAX) {
            prefetch(bytes, line * LINE);
        }
        Ok(Located { block, bytes })
    }

    /// What is known of a term that is there if it is anywhere.
    pub(super) fn find(&self, located: Located, wanted: Wanted) -> Result<Option<TermEntry>, Lie> {
        if self.blocks == 0 {
            return Ok(None);
        }
        let block = Block::open(self.text, self.terms_of(located.block), located.bytes)?;
        let Some(place) = block.find(wanted.term)? else {
            return Ok(None);
        };
        // At most the number of terms, as there are so many blocks.
        let ordinal = located.block as u32 * BLOCK_TERMS + place;
        block.entries()?.entry(place, ordinal).map(Some)
    }

    /// A cursor whose first term is the first at or after `from`.
    pub(super) fn cursor(&self, from: &[u8]) -> Result<Cursor<'_>, Lie> {
        let mut cursor = Cursor::new(self);
        cursor.seek(from)?;
        Ok(cursor)
    }

    /// Heads of blocks, between which lie at least `most` bytes: of postings,
    /// and [`TERM_BYTES`] for each term.
    pub(super) fn cuts(&self, most: u64) -> Result<Vec<Vec<u8>>, Lie> {
        let mut cuts = Vec::new();
        let mut last = 0;
        for block in 1..self.blocks {
            if block.is_multiple_of(CUTS_RELEASE) {
                self.release();
            }
            let terms = block as u64 * u64::from(BLOCK_TERMS);
            let first = self.block(block)?.entries()?.first();
            let at = first.saturating_add(terms * TERM_BYTES as u64);
            if at.saturating_sub(last) >= most {
                cuts.push(self.head(block)?.to_vec());
                last = at;
            }
        }
        Ok(cuts)
    }

    /// The term with an ordinal.
    pub(super) fn term(&self, ordinal: u32) -> Result<Vec<u8>, Lie> {
        let mut cursor = Cursor::new(self);
        cursor.go_to(ordinal)?;
        Ok(cursor.into_term())
    }

    /// Checks every term: invariants (1) and (2) and that nothing else is
    /// there. `each` is called with the entries in order.
    pub(super) fn verify(
        &self,
        each: &mut dyn FnMut(&TermEntry) -> Result<(), Lie>,
    ) -> Result<(), Lie> {
        let offsets = self.offsets();
        let ends = offsets.get(0) == Some(0)
            && offsets.get(self.blocks) == u32::try_from(self.terms.len()).ok();
        if !ends {
            return Err(Lie("the blocks of terms don't fill their space"));
        }
        for block in 0..self.blocks {
            if self.prefixes().get(block) != Some(prefix(self.head(block)?)) {
                return Err(Lie("the index of terms has another prefix than a block"));
            }
        }
        let mut cursor = Cursor::new(self);
        let mut last: Option<Vec<u8>> = None;
        while let Some(entry) = cursor.next()? {
            if last.as_deref().is_some_and(|last| last >= cursor.term()) {
                return Err(Lie("the terms are out of order"));
            }
            last = Some(cursor.term().to_vec());
            each(&entry)?;
        }
        Ok(())
    }
}

/// A term that is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'t> {
    term: &'t [u8],
    prefix: u64,
}

impl<'t> Wanted<'t> {
    pub(super) fn new(term: &'t [u8]) -> Self {
        Self {
            term,
            prefix: prefix(term),
        }
    }
}

/// The block that has a term if any has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Located<'a> {
    block: usize,
    bytes: &'a [u8],
}
