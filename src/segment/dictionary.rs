//! # The dictionary: from a term to its postings
//!
//! Idea        terms sorted by their bytes, in blocks of 32; a term repeats
//!             only what differs from the one before it. A small index holds
//!             the first eight bytes of each block's head, so that a lookup
//!             is a binary search over numbers and then one block
//! Example     "hoard" "hoarder" "horse": `05 hoard` · `05 02 er` · `02 03 rse`
//! Bytes       *terms*, blocks one after the other, each:
//!
//! ```text
//!  names length   varint   bytes of the names
//!  names          the head: | length varint | bytes |
//!                 every other: | shared varint | length varint | bytes |, where
//!                 shared = leading bytes that it has in common with the one
//!                 before, and bytes = the others
//!  first          varint   where the first list of the block begins in the
//!                          field's postings; the others follow without gaps
//!  for each term:
//!    frequency    varint   2·(document frequency - 1), plus 1 if it occurs
//!                          once in each document
//!    more         varint   total frequency - document frequency - 1; only if
//!                          that bit is 0
//!    then, if it is in one document only
//!      document   varint
//!      position   varint   text fields, if it occurs there once
//!      length     varint   text fields, if it occurs there more than once: of
//!                          its positions in the postings
//!    else
//!      length     varint   of its list in the postings
//! ```
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
//! Cost        lookup O(log blocks) + one block, some 300 ns; the next term in
//!             order: a dozen
//! Left out    a finite state transducer: smaller by a third on words, but
//!             slower to build and to walk, and much harder to explain
//! Paper       Witten, Moffat and Bell, "Managing Gigabytes", 1999, §4.1:
//!             front coding
//! Next        [`posting_list`](super::posting_list)

#[cfg(test)]
mod tests;

use super::posting_list::EncodedList;
use crate::bytes::{Lie, Reader, U32s, U64s, varint};
use crate::storage::Bytes;

/// Terms in a block.
pub(crate) const BLOCK_TERMS: u32 = 32;

/// The longest term, in bytes.
pub(crate) const MAX_TERM_BYTES: usize = 65_535;

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
}

/// Builds a dictionary, term after term in ascending order.
#[derive(Debug)]
pub(crate) struct DictionaryBuilder {
    text: bool,
    terms: Vec<u8>,
    prefixes: Vec<u64>,
    offsets: Vec<u32>,
    count: u32,
    last: Vec<u8>,
    names: Vec<u8>,
    entries: Vec<u8>,
}

/// The terms of a field outgrew the index of their blocks: 4 GiB, or 2³² - 1
/// terms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Full;

impl DictionaryBuilder {
    pub(crate) fn new(text: bool) -> Self {
        Self {
            text,
            terms: Vec::new(),
            prefixes: Vec::new(),
            offsets: Vec::new(),
            count: 0,
            last: Vec::new(),
            names: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Adds a term, whose bytes in the postings begin at `offset`.
    pub(crate) fn push(
        &mut self,
        term: &[u8],
        list: &EncodedList,
        offset: u64,
    ) -> Result<(), Full> {
        debug_assert!(self.count == 0 || self.last.as_slice() < term);
        if self.count.is_multiple_of(BLOCK_TERMS) {
            self.end_block();
            self.offsets
                .push(u32::try_from(self.terms.len()).map_err(|_| Full)?);
            self.prefixes.push(prefix(term));
            varint::write(&mut self.names, term.len() as u64);
            self.names.extend_from_slice(term);
            varint::write(&mut self.entries, offset);
        } else {
            let pairs = self.last.iter().zip(term);
            let shared = pairs.take_while(|(a, b)| a == b).count();
            varint::write(&mut self.names, shared as u64);
            varint::write(&mut self.names, (term.len() - shared) as u64);
            self.names.extend_from_slice(&term[shared..]);
        }
        self.last.clear();
        self.last.extend_from_slice(term);
        self.count = self.count.checked_add(1).ok_or(Full)?;
        self.push_entry(list);
        Ok(())
    }

    fn push_entry(&mut self, list: &EncodedList) {
        let out = &mut self.entries;
        let more = list.total_frequency - u64::from(list.document_frequency);
        let frequency = u64::from(list.document_frequency - 1) << 1;
        varint::write(out, frequency | u64::from(more == 0));
        if more > 0 {
            varint::write(out, more - 1);
        }
        match list.single {
            Some((document, position)) => {
                varint::write(out, document);
                if let Some(position) = position {
                    varint::write(out, position);
                } else if self.text {
                    varint::write(out, list.len as u64);
                }
            }
            None => varint::write(out, list.len as u64),
        }
    }

    fn end_block(&mut self) {
        if self.names.is_empty() {
            return;
        }
        varint::write(&mut self.terms, self.names.len() as u64);
        self.terms.append(&mut self.names);
        self.terms.append(&mut self.entries);
    }

    /// Terms so far.
    pub(crate) fn len(&self) -> u32 {
        self.count
    }

    /// The sections *terms* and *term index*.
    pub(crate) fn finish(mut self) -> Result<(Vec<u8>, Vec<u8>), Full> {
        self.end_block();
        self.offsets
            .push(u32::try_from(self.terms.len()).map_err(|_| Full)?);
        let mut index = Vec::new();
        index.extend(self.count.to_le_bytes());
        index.extend((self.prefixes.len() as u32).to_le_bytes());
        index.extend(self.prefixes.iter().flat_map(|prefix| prefix.to_le_bytes()));
        index.extend(self.offsets.iter().flat_map(|offset| offset.to_le_bytes()));
        Ok((self.terms, index))
    }
}

/// The first eight bytes as a number that sorts as they do.
fn prefix(term: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = term.len().min(8);
    bytes[..length].copy_from_slice(&term[..length]);
    u64::from_be_bytes(bytes)
}

/// A dictionary, read in place.
#[derive(Clone, Debug)]
pub(crate) struct Dictionary {
    text: bool,
    count: u32,
    blocks: usize,
    terms: Bytes,
    index: Bytes,
}

impl Dictionary {
    /// Reads the counts and checks that the index is as long as they say.
    pub(crate) fn open(text: bool, terms: Bytes, index: Bytes) -> Result<Self, Lie> {
        let mut reader = Reader::new(&index);
        let (count, blocks) = (reader.u32()?, reader.u32()?);
        let blocks_right = blocks == count.div_ceil(BLOCK_TERMS);
        let length = 8 + u64::from(blocks) * 12 + 4;
        if !blocks_right || index.len() as u64 != length {
            return Err(Lie("the index of terms is not as long as it should be"));
        }
        Ok(Self {
            text,
            count,
            blocks: blocks as usize,
            terms,
            index,
        })
    }

    /// Gives back the memory that it takes, as far as it is mapped.
    pub(crate) fn release(&self) {
        self.terms.release();
        self.index.release();
    }

    /// Terms in it.
    pub(crate) fn len(&self) -> u32 {
        self.count
    }

    fn prefixes(&self) -> U64s<'_> {
        U64s::new(&self.index[8..8 + self.blocks * 8])
    }

    fn offsets(&self) -> U32s<'_> {
        U32s::new(&self.index[8 + self.blocks * 8..])
    }

    /// The block's bytes.
    fn block(&self, block: usize) -> Result<&[u8], Lie> {
        let offsets = self.offsets();
        let range = offsets.get(block).zip(offsets.get(block + 1));
        range
            .and_then(|(start, end)| self.terms.get(start as usize..end as usize))
            .ok_or(Lie("a block of terms lies outside of them"))
    }

    fn head(&self, block: usize) -> Result<&[u8], Lie> {
        let mut reader = Reader::new(self.block(block)?);
        reader.varint()?;
        let length = reader.varint_u32()?;
        reader.take(length as usize)
    }

    /// The block that has `term` if any has: the last whose head is not
    /// greater, or the first.
    fn block_of(&self, term: &[u8]) -> Result<usize, Lie> {
        let wanted = prefix(term);
        let prefixes = self.prefixes();
        let (mut low, mut high) = (0, self.blocks);
        while low < high {
            let middle = low + (high - low) / 2;
            let here = prefixes.get(middle).unwrap_or(u64::MAX);
            // Equal prefixes say nothing yet: the heads themselves decide.
            let beyond = match here.cmp(&wanted) {
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Equal => self.head(middle)? > term,
                std::cmp::Ordering::Greater => true,
            };
            if beyond {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(low.saturating_sub(1))
    }

    /// What is known of `term`, if it is there.
    ///
    /// No name is put together: how many of the wanted bytes the one before had
    /// says, with the bytes that a name shares with it, on which side of the
    /// wanted one it stands.
    pub(crate) fn lookup(&self, term: &[u8]) -> Result<Option<TermEntry>, Lie> {
        if self.blocks == 0 {
            return Ok(None);
        }
        let block = self.block_of(term)?;
        let mut cursor = Cursor::at_block(self, block);
        cursor.begin_block()?;
        let in_block = (self.count - cursor.ordinal).min(BLOCK_TERMS);
        let mut common = 0;
        for place in 0..in_block {
            let shared = match place {
                0 => 0,
                _ => cursor.names.varint_u32()? as usize,
            };
            let length = cursor.names.varint_u32()? as usize;
            let own = cursor.names.take(length)?;
            if shared > common {
                // It departs from the wanted one where the last did: below.
                continue;
            }
            // `common` is at most the length of the term.
            let wanted = &term[common..];
            let alike = own.iter().zip(wanted).take_while(|(a, b)| a == b).count();
            if shared < common || own.get(alike) > wanted.get(alike) {
                return Ok(None);
            }
            common += alike;
            if alike == own.len() && common == term.len() {
                for _ in 0..place {
                    cursor.entry()?;
                    cursor.ordinal += 1;
                }
                return cursor.entry().map(Some);
            }
        }
        Ok(None)
    }

    fn cursor_in_block_of(&self, term: &[u8]) -> Result<Cursor<'_>, Lie> {
        let block = if self.blocks == 0 {
            0
        } else {
            self.block_of(term)?
        };
        Ok(Cursor::at_block(self, block))
    }

    /// A cursor whose first term is the first at or after `from`.
    pub(crate) fn cursor(&self, from: &[u8]) -> Result<Cursor<'_>, Lie> {
        let mut cursor = self.cursor_in_block_of(from)?;
        while let Some(entry) = cursor.next()? {
            if cursor.term() >= from {
                cursor.held = Some(entry);
                break;
            }
        }
        Ok(cursor)
    }

    /// Heads of blocks, between which lie at least `most` bytes: of postings,
    /// and sixteen for each term.
    pub(crate) fn cuts(&self, most: u64) -> Result<Vec<Vec<u8>>, Lie> {
        let mut cuts = Vec::new();
        let mut last = 0;
        for block in 1..self.blocks {
            let mut reader = Reader::new(self.block(block)?);
            let names = reader.varint_u32()? as usize;
            reader.take(names)?;
            let terms = block as u64 * u64::from(BLOCK_TERMS);
            let at = reader.varint()?.saturating_add(terms * 16);
            if at.saturating_sub(last) >= most {
                cuts.push(self.head(block)?.to_vec());
                last = at;
            }
        }
        Ok(cuts)
    }

    /// The term with an ordinal.
    pub(crate) fn term(&self, ordinal: u32) -> Result<Vec<u8>, Lie> {
        if ordinal >= self.count {
            return Err(Lie("there is no term with such an ordinal"));
        }
        let mut cursor = Cursor::at_block(self, (ordinal / BLOCK_TERMS) as usize);
        for _ in 0..=ordinal % BLOCK_TERMS {
            cursor.next()?;
        }
        Ok(cursor.term)
    }

    /// Checks every term: invariants (1) and (2) and that nothing else is
    /// there. `each` is called with the entries in order.
    pub(crate) fn verify(
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
        let mut cursor = Cursor::at_block(self, 0);
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

/// Walks over the terms in order.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    dictionary: &'a Dictionary,
    /// The next term's ordinal.
    ordinal: u32,
    names: Reader<'a>,
    entries: Reader<'a>,
    /// Where the next list begins in the postings.
    offset: u64,
    term: Vec<u8>,
    /// An entry already read that is to be returned once more.
    held: Option<TermEntry>,
}

impl<'a> Cursor<'a> {
    fn at_block(dictionary: &'a Dictionary, block: usize) -> Self {
        Self {
            dictionary,
            // At most the number of terms, as there are so many blocks.
            ordinal: (block as u32).saturating_mul(BLOCK_TERMS),
            names: Reader::new(&[]),
            entries: Reader::new(&[]),
            offset: 0,
            term: Vec::new(),
            held: None,
        }
    }

    /// The term that [`next`](Self::next) stopped at.
    pub(crate) fn term(&self) -> &[u8] {
        &self.term
    }

    /// Steps to the next term.
    pub(crate) fn next(&mut self) -> Result<Option<TermEntry>, Lie> {
        if let Some(entry) = self.held.take() {
            return Ok(Some(entry));
        }
        if self.ordinal >= self.dictionary.count {
            if self.names.rest().is_empty() && self.entries.rest().is_empty() {
                return Ok(None);
            }
            return Err(Lie("something follows the last term"));
        }
        let shared = if self.ordinal.is_multiple_of(BLOCK_TERMS) {
            self.begin_block()?;
            0
        } else {
            self.names.varint_u32()? as usize
        };
        let length = self.names.varint_u32()? as usize;
        let bytes = self.names.take(length)?;
        if shared > self.term.len() || shared + length > MAX_TERM_BYTES {
            return Err(Lie("a term is longer than a term can be"));
        }
        self.term.truncate(shared);
        self.term.extend_from_slice(bytes);
        let entry = self.entry()?;
        self.ordinal += 1;
        Ok(Some(entry))
    }

    fn begin_block(&mut self) -> Result<(), Lie> {
        if !self.names.rest().is_empty() || !self.entries.rest().is_empty() {
            return Err(Lie("something follows the last term of a block"));
        }
        let block = self
            .dictionary
            .block((self.ordinal / BLOCK_TERMS) as usize)?;
        let mut reader = Reader::new(block);
        let length = reader.varint_u32()?;
        self.names = Reader::new(reader.take(length as usize)?);
        self.entries = Reader::new(reader.rest());
        self.offset = self.entries.varint()?;
        self.term.clear();
        Ok(())
    }

    fn entry(&mut self) -> Result<TermEntry, Lie> {
        let frequency = self.entries.varint()?;
        let document_frequency = u32::try_from(frequency >> 1)
            .ok()
            .and_then(|less| less.checked_add(1))
            .ok_or(Lie("a term is in more documents than there can be"))?;
        let mut total_frequency = u64::from(document_frequency);
        if frequency & 1 == 0 {
            let more = self.entries.varint()?;
            total_frequency = more
                .checked_add(total_frequency + 1)
                .ok_or(Lie("a frequency has more than 64 bits"))?;
        }
        let offset = self.offset;
        let place = if document_frequency == 1 {
            let document = self.entries.varint_u32()?;
            let (mut position, mut length) = (None, 0);
            if self.dictionary.text {
                match total_frequency {
                    1 => position = Some(self.entries.varint_u32()?),
                    _ => length = self.entries.varint()?,
                }
            }
            Place::Single {
                document,
                position,
                offset,
                length,
            }
        } else {
            let length = self.entries.varint()?;
            Place::List { offset, length }
        };
        self.offset = offset
            .checked_add(place.bytes().1)
            .ok_or(Lie("a list lies outside the postings"))?;
        Ok(TermEntry {
            ordinal: self.ordinal,
            document_frequency,
            total_frequency,
            place,
        })
    }
}
