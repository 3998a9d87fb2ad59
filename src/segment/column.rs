//! # Columns: the values of a field, by document
//!
//! Idea        the transpose of an inverted list: given a document, its value.
//!             Filters, sorting and facets ask that way. A value is a `u64`
//!             *code* that sorts as the value does (see
//!             [`crate::document::value`]; for keywords it is the ordinal in
//!             the dictionary). All codes of all documents stand one after
//!             the other in `blocks` of 128; what says which of them are
//!             whose depends on the *mode*, the least that will do
//! Example     four documents with the values 7 · none · 9 · 7 are *optional*:
//!             the codes 7, 9, 7, and the bits 1101 (document 0 is the lowest
//!             bit). Document 2 has the code whose number is the count of
//!             bits below bit 2: number 1, so 9
//! Bytes       little-endian, every part begins at a multiple of 8:
//!
//! ```text
//!  0  mode       u8     0 one, 1 optional, 2 several; then 7 zero bytes
//!  8  documents  u64
//! 16  values     u64    how many codes
//! 24  minimum    u64    of all codes; 0 if there are none
//! 32  maximum    u64    likewise
//! 40  places     u64    length of the next part in bytes
//! 48  places            whose codes are whose:
//!                       one       nothing: code n is document n's
//!                       optional  | bits | ranks |
//!                           bits   u64 × ⌈documents / 64⌉: document n has a
//!                                  value if bit n % 64 of word n / 64 is set
//!                           ranks  u32 × ⌈documents / 512⌉: bits set before
//!                                  document 512·n; zeros to a multiple of 8
//!                       several   blocks of documents + 1 numbers: document
//!                                 n has the codes from number n up to, not
//!                                 including, number n + 1; the first is 0,
//!                                 the last is `values`
//!     codes             blocks of `values` numbers, up to the end
//! ```
//!
//! Invariants  (1) a document's codes are in the order given; the numbers of
//!             *several* never fall; there are as many bits set as codes, and
//!             none at or past `documents`
//!             (2) `minimum`, `maximum` and those of each block are exact
//!             (3) a reader whose bytes break (1) or (2) gives wrong codes or
//!             none, but no panic: the section's checksum is what tells, and
//!             `Column::verify`
//! Cost        a code O(1): at most eight words counted and one word read. A
//!             range skips 128 values for each block whose bounds say so
//! Left out    a table of distinct values: keywords have their dictionary, and
//!             numbers that repeat have few bits anyway
//! Paper       Zukowski, Héman, Nes and Boncz, "Super-scalar RAM-CPU cache
//!             compression", 2006, §3: frames of reference
//! Next        `stored.rs`

pub(crate) mod blocks;

#[cfg(test)]
mod tests;

use super::spool::Spools;
use crate::bytes::{Lie, Reader, U32s, U64s};
use crate::storage::Bytes;
use blocks::{BLOCK, Blocks, BlocksBuilder, lowest, padding};
use std::io::{self, Write};
use std::ops::{Range, RangeInclusive};

const HEADER: usize = 48;

/// Words of presence for each rank.
const RANK_WORDS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Every document has exactly one value.
    One = 0,
    /// No document has more than one.
    Optional = 1,
    /// Some have more.
    Several = 2,
}

/// Builds a column, document after document. Takes the memory of the result,
/// not of the values; with a scratch file to [spill](super::spool) to, a bit a
/// document.
pub(crate) struct ColumnBuilder<'s> {
    spools: &'s Spools,
    documents: u32,
    /// Whether each document has a value, a bit each.
    present: Vec<u64>,
    present_count: u32,
    /// Since the first document with several values: where each one's begin.
    starts: Option<BlocksBuilder<'s>>,
    codes: BlocksBuilder<'s>,
    /// Minimum and maximum.
    bounds: Option<(u64, u64)>,
}

impl<'s> ColumnBuilder<'s> {
    pub(crate) fn new(spools: &'s Spools) -> Self {
        Self {
            spools,
            documents: 0,
            present: Vec::new(),
            present_count: 0,
            starts: None,
            codes: BlocksBuilder::new(spools),
            bounds: None,
        }
    }

    /// The codes of the next document: none, one or several.
    pub(crate) fn push(&mut self, codes: &[u64]) -> io::Result<()> {
        if codes.len() > 1 && self.starts.is_none() {
            self.starts = Some(self.starts_so_far()?);
        }
        if let Some(starts) = &mut self.starts {
            starts.push(self.codes.len())?;
        }
        if self.documents.is_multiple_of(64) {
            self.present.push(0);
        }
        if let (false, Some(word)) = (codes.is_empty(), self.present.last_mut()) {
            *word |= 1 << (self.documents % 64);
            self.present_count += 1;
        }
        for &code in codes {
            let (low, high) = self.bounds.unwrap_or((code, code));
            self.bounds = Some((low.min(code), high.max(code)));
            self.codes.push(code)?;
        }
        self.documents += 1;
        Ok(())
    }

    fn starts_so_far(&self) -> io::Result<BlocksBuilder<'s>> {
        let mut starts = BlocksBuilder::new(self.spools);
        let mut start = 0;
        for document in 0..self.documents {
            starts.push(start)?;
            start += self.present[document as usize / 64] >> (document % 64) & 1;
        }
        Ok(starts)
    }

    /// Documents pushed so far.
    pub(crate) fn documents(&self) -> u32 {
        self.documents
    }

    /// Writes the section; returns its length, a multiple of 8.
    pub(crate) fn finish(mut self, out: &mut dyn Write) -> io::Result<u64> {
        let (documents, values) = (u64::from(self.documents), self.codes.len());
        let codes = self.codes.end()?;
        let header = |mode, places, out: &mut dyn Write| {
            write_header(mode, documents, values, self.bounds, places, out)?;
            Ok::<_, io::Error>(HEADER as u64 + places + codes)
        };
        let length = if let Some(mut starts) = self.starts {
            starts.push(values)?;
            let length = header(Mode::Several, starts.end()?, out)?;
            starts.write_to(out)?;
            length
        } else if self.present_count < self.documents {
            let places = presence_len(self.present.len());
            let length = header(Mode::Optional, places as u64, out)?;
            write_presence(&self.present, out)?;
            length
        } else {
            header(Mode::One, 0, out)?
        };
        self.codes.write_to(out)?;
        Ok(length)
    }
}

/// Bytes of the places of an optional column that has so many words of bits.
fn presence_len(words: usize) -> usize {
    let length = words * 8 + words.div_ceil(RANK_WORDS) * 4;
    length + padding(length)
}

/// Writes them.
fn write_presence(words: &[u64], out: &mut dyn Write) -> io::Result<()> {
    for word in words {
        out.write_all(&word.to_le_bytes())?;
    }
    let mut rank = 0u32;
    for words in words.chunks(RANK_WORDS) {
        out.write_all(&rank.to_le_bytes())?;
        rank += words.iter().map(|word| word.count_ones()).sum::<u32>();
    }
    let ranks = words.len().div_ceil(RANK_WORDS) * 4;
    out.write_all(&[0; 8][..padding(ranks)])
}

fn write_header(
    mode: Mode,
    documents: u64,
    values: u64,
    bounds: Option<(u64, u64)>,
    places: u64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (minimum, maximum) = bounds.unwrap_or((0, 0));
    for number in [mode as u64, documents, values, minimum, maximum, places] {
        out.write_all(&number.to_le_bytes())?;
    }
    Ok(())
}

/// Writes the column of documents that have one code each, which can be told
/// again and again; as [`ColumnBuilder`] would, but keeps next to nothing.
/// `bounds` are those of the codes, and `None` if there are no documents.
pub(crate) fn write_ones<N: Iterator<Item = u64>>(
    documents: u32,
    bounds: Option<(u64, u64)>,
    codes: impl Fn() -> N,
    spools: &Spools,
    out: &mut dyn Write,
) -> io::Result<u64> {
    let documents = u64::from(documents);
    write_header(Mode::One, documents, documents, bounds, 0, out)?;
    Ok(HEADER as u64 + blocks::write_twice(codes, spools, out)?)
}

/// A column, read in place.
#[derive(Clone, Debug)]
pub struct Column {
    mode: Mode,
    documents: u32,
    minimum: u64,
    maximum: u64,
    values: u64,
    places: Bytes,
    codes: Bytes,
}

impl Column {
    /// The column in a section of a segment that has so many documents. Reads
    /// the header only.
    pub(crate) fn open(bytes: Bytes, documents: u32) -> Result<Self, Lie> {
        let mut reader = Reader::new(&bytes);
        let mode = match reader.u64()? {
            0 => Mode::One,
            1 => Mode::Optional,
            2 => Mode::Several,
            _ => return Err(Lie("a column has a mode that there isn't")),
        };
        if reader.u64()? != u64::from(documents) {
            return Err(Lie("a column has other documents than its segment"));
        }
        let values = reader.u64()?;
        let (minimum, maximum) = (reader.u64()?, reader.u64()?);
        let place_bytes = usize::try_from(reader.u64()?)
            .ok()
            .filter(|length| *length <= reader.rest().len())
            .ok_or(Lie("a column's places are longer than the column"))?;
        let fits = match mode {
            Mode::One => values == u64::from(documents) && place_bytes == 0,
            Mode::Optional => {
                let length = presence_len(words_of(documents));
                values <= u64::from(documents) && place_bytes == length
            }
            Mode::Several => true,
        };
        if !fits {
            return Err(Lie("a column's places don't fit its documents"));
        }
        let codes = HEADER + place_bytes;
        let column = Self {
            mode,
            documents,
            minimum,
            maximum,
            values,
            places: bytes.slice(HEADER..codes),
            codes: bytes.slice(codes..bytes.len()),
        };
        Blocks::open(&column.codes, values)?;
        if mode == Mode::Several {
            Blocks::open(&column.places, u64::from(documents) + 1)?;
        }
        Ok(column)
    }

    /// Documents of the segment, with a value or without.
    #[must_use]
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// How many values there are in all.
    #[must_use]
    pub fn value_count(&self) -> u64 {
        self.values
    }

    /// Whether any document has more than one value.
    #[must_use]
    pub fn has_several(&self) -> bool {
        self.mode == Mode::Several
    }

    /// The least and the greatest code; `None` if there are no values.
    #[must_use]
    pub fn min_max(&self) -> Option<(u64, u64)> {
        (self.values > 0).then_some((self.minimum, self.maximum))
    }

    fn codes(&self) -> Blocks<'_> {
        Blocks::trusted(&self.codes, self.values)
    }

    fn starts(&self) -> Blocks<'_> {
        Blocks::trusted(&self.places, u64::from(self.documents) + 1)
    }

    fn presence(&self) -> Presence<'_> {
        let words = words_of(self.documents) * 8;
        // Checked when it was opened.
        let (bits, ranks) = self.places.split_at(words.min(self.places.len()));
        Presence {
            bits: U64s::new(bits),
            ranks: U32s::new(ranks),
        }
    }

    /// Which codes are the document's, by their number.
    #[inline]
    fn places(&self, document: u32) -> Range<u64> {
        if document >= self.documents {
            return 0..0;
        }
        match self.mode {
            Mode::One => u64::from(document)..u64::from(document) + 1,
            Mode::Optional => {
                let presence = self.presence();
                if presence.has(document) {
                    let rank = presence.rank(document);
                    rank..rank + 1
                } else {
                    0..0
                }
            }
            Mode::Several => {
                let (starts, document) = (self.starts(), u64::from(document));
                let start = starts.get(document).unwrap_or(0);
                let end = starts.get(document + 1).unwrap_or(0);
                // A number past the end is a lie, and no code.
                start..end.min(self.values)
            }
        }
    }

    /// The codes of a document, in the order that its values were given.
    pub fn values(&self, document: u32) -> impl Iterator<Item = u64> + '_ {
        let codes = self.codes();
        self.places(document)
            .map_while(move |place| codes.get(place))
    }

    /// The first code of a document.
    #[inline]
    #[must_use]
    pub fn first(&self, document: u32) -> Option<u64> {
        let places = self.places(document);
        if places.is_empty() {
            return None;
        }
        self.codes().get(places.start)
    }

    /// No code of some documents is less, nor greater; `None` if they have none.
    pub(crate) fn bounds(&self, documents: Range<u32>) -> Option<(u64, u64)> {
        let end = documents.end.min(self.documents);
        let places = self.first_place(documents.start)?..self.first_place(end)?.min(self.values);
        if documents.start >= end || places.is_empty() {
            return None;
        }
        let blocks = places.start / BLOCK as u64..=(places.end - 1) / BLOCK as u64;
        let entries = blocks.filter_map(|block| self.codes().entry(block));
        let bounds = entries.map(|entry| (entry.min, entry.max));
        bounds.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// The place of the first code at or after a document's.
    fn first_place(&self, document: u32) -> Option<u64> {
        match self.mode {
            Mode::One => Some(u64::from(document)),
            Mode::Optional if document >= self.documents => Some(self.values),
            Mode::Optional => Some(self.presence().rank(document)),
            Mode::Several => self.starts().get(document.into()),
        }
    }

    /// Whether a document has a value.
    #[must_use]
    pub fn has(&self, document: u32) -> bool {
        !self.places(document).is_empty()
    }

    /// Calls `out` with each document that has a code in `range`, ascending
    /// and once.
    ///
    /// # Errors
    /// A [`Lie`] if a block can't be read.
    #[cfg(test)]
    pub(crate) fn matching(
        &self,
        range: RangeInclusive<u64>,
        out: &mut dyn FnMut(u32),
    ) -> Result<(), Lie> {
        self.matching_within(0..self.documents, range, out)
    }

    /// [`matching`](Self::matching) among some documents only.
    pub(crate) fn matching_within(
        &self,
        documents: Range<u32>,
        range: RangeInclusive<u64>,
        out: &mut dyn FnMut(u32),
    ) -> Result<(), Lie> {
        let documents = documents.start..documents.end.min(self.documents);
        let (low, high) = range.into_inner();
        let disjoint = low > high || high < self.minimum || self.maximum < low;
        if documents.is_empty() || disjoint || self.values == 0 {
            return Ok(());
        }
        let mut owners = Owners::new(self, documents.start);
        let place = |document| self.first_place(document).ok_or(blocks::NO_BLOCK);
        let (first, end) = (place(documents.start)?, place(documents.end)?);
        let end = end.min(self.values);
        let codes = self.codes();
        let mut last = None;
        let mut place = first;
        while place < end {
            let block = place / BLOCK as u64;
            let block_start = block * BLOCK as u64;
            let until = (block_start + BLOCK as u64).min(end);
            let hits = codes.within(block, low, high)?;
            // Places in a block are few.
            let [from, to] = [place, until].map(|place| (place - block_start) as usize);
            for (word, mut bits) in hits.into_iter().enumerate() {
                let start = block_start + 64 * word as u64;
                bits &= lowest(to, word) & !lowest(from, word);
                while bits != 0 {
                    let document = owners.of(start + u64::from(bits.trailing_zeros()))?;
                    bits &= bits - 1;
                    if last != Some(document) {
                        out(document);
                        last = Some(document);
                    }
                }
            }
            place = until;
        }
        Ok(())
    }

    /// Checks every number: invariants (1) and (2).
    pub(crate) fn verify(&self) -> Result<(), Lie> {
        let bounds = self.codes().verify()?;
        if bounds.unwrap_or((0, 0)) != (self.minimum, self.maximum) {
            return Err(Lie("a column's bounds are not those of its values"));
        }
        match self.mode {
            Mode::One => Ok(()),
            Mode::Optional => self.presence().verify(self.documents, self.values),
            Mode::Several => {
                let starts = self.starts();
                starts.verify()?;
                let mut last = 0;
                for index in 0..=u64::from(self.documents) {
                    let start = starts.get(index).ok_or(blocks::NO_BLOCK)?;
                    if start < last || (index == 0 && start != 0) {
                        return Err(Lie("a column's documents are out of order"));
                    }
                    last = start;
                }
                if last != self.values {
                    return Err(Lie("a column has values that are no document's"));
                }
                Ok(())
            }
        }
    }
}

fn words_of(documents: u32) -> usize {
    documents.div_ceil(64) as usize
}

/// The places of an optional column: a bit a document, and how many are set
/// before every 512th.
#[derive(Clone, Copy)]
struct Presence<'a> {
    bits: U64s<'a>,
    ranks: U32s<'a>,
}

impl Presence<'_> {
    fn word(self, index: usize) -> u64 {
        self.bits.get(index).unwrap_or(0)
    }

    #[inline]
    fn has(self, document: u32) -> bool {
        self.word(document as usize / 64) >> (document % 64) & 1 == 1
    }

    /// How many documents before this one have a value.
    #[inline]
    fn rank(self, document: u32) -> u64 {
        let word = document as usize / 64;
        let sample = word / RANK_WORDS;
        let mut rank = u64::from(self.ranks.get(sample).unwrap_or(0));
        for index in sample * RANK_WORDS..word {
            rank += u64::from(self.word(index).count_ones());
        }
        let below = self.word(word) & ((1 << (document % 64)) - 1);
        rank + u64::from(below.count_ones())
    }

    fn verify(self, documents: u32, values: u64) -> Result<(), Lie> {
        let mut rank = 0;
        for index in 0..self.bits.len() {
            if index.is_multiple_of(RANK_WORDS)
                && self.ranks.get(index / RANK_WORDS).map(u64::from) != Some(rank)
            {
                return Err(Lie("a column's rank is not the count of its bits"));
            }
            rank += u64::from(self.word(index).count_ones());
        }
        if rank != values {
            return Err(Lie("a column has other bits than values"));
        }
        let past = documents % 64;
        if past > 0 && self.word(self.bits.len() - 1) >> past != 0 {
            return Err(Lie("a column has a value for no document"));
        }
        Ok(())
    }
}

/// Finds whose a place is; asked for ascending places only.
struct Owners<'a> {
    column: &'a Column,
    /// The document that the search goes on from.
    document: u32,
    /// Optional: the word at hand, its bits not passed, and the place of the
    /// lowest of them. Several: the word is unused, the place is where
    /// `document + 1` begins.
    word: usize,
    bits: u64,
    place: u64,
}

impl<'a> Owners<'a> {
    fn new(column: &'a Column, document: u32) -> Self {
        let mut owners = Self {
            column,
            document,
            word: document as usize / 64,
            bits: 0,
            place: 0,
        };
        match column.mode {
            Mode::One => {}
            Mode::Optional => {
                let presence = column.presence();
                owners.bits = presence.word(owners.word) & (u64::MAX << (document % 64));
                owners.place = presence.rank(document);
            }
            Mode::Several => {
                let next = u64::from(document) + 1;
                owners.place = column.starts().get(next).unwrap_or(0);
            }
        }
        owners
    }

    /// The document that has the code at `place`.
    #[inline]
    fn of(&mut self, place: u64) -> Result<u32, Lie> {
        match self.column.mode {
            // At most the number of documents: checked by the caller.
            Mode::One => Ok(place as u32),
            Mode::Optional => self.of_bits(place),
            Mode::Several => self.of_starts(place),
        }
    }

    fn of_bits(&mut self, place: u64) -> Result<u32, Lie> {
        let presence = self.column.presence();
        loop {
            let count = u64::from(self.bits.count_ones());
            if place < self.place + count {
                while self.place < place {
                    self.bits &= self.bits - 1;
                    self.place += 1;
                }
                return Ok(self.word as u32 * 64 + self.bits.trailing_zeros());
            }
            self.place += count;
            self.word += 1;
            if self.word >= presence.bits.len() {
                return Err(Lie("a column has more values than bits"));
            }
            self.bits = presence.word(self.word);
        }
    }

    fn of_starts(&mut self, place: u64) -> Result<u32, Lie> {
        if place < self.place {
            return Ok(self.document);
        }
        // The owner is the last document that begins at or before the place:
        // double the step until past it, then halve.
        let starts = self.column.starts();
        let begins_by = |document: u64| starts.get(document).is_some_and(|start| start <= place);
        let mut low = u64::from(self.document) + 1;
        let mut step = 1;
        while begins_by(low + step) {
            low += step;
            step *= 2;
        }
        let mut high = low + step;
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if begins_by(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        match starts.get(low + 1) {
            Some(end) if place < end && low < u64::from(self.column.documents) => {
                self.document = low as u32;
                self.place = end;
                Ok(self.document)
            }
            _ => Err(Lie("a column's documents are out of order")),
        }
    }
}
