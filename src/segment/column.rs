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
//!  0  mode       u8     0 one, 1 optional, 2 several, 3 several, of each document
//!                       no code twice; then 7 zero bytes
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
//! Rooms       this one: to read a column. `builder`: to write it. `presence`: the bits
//!             of an optional one. `owners`: from a code back to its document.
//!             `blocks`: numbers in few bits; `unpack`: a block of them at once.
//!             `codes`: what many documents have; `gather`: that side by side; `counts`:
//!             how often each code came
//! Next        `column/blocks.rs`; or on to `stored.rs`

mod blocks;
mod builder;
mod codes;
mod counts;
mod gather;
mod owners;
mod presence;
#[cfg(test)]
mod tests;
mod unpack;

pub(crate) use builder::ColumnBuilder;
pub(crate) use codes::Codes;
pub(crate) use counts::{Counts, add_up};

use crate::bytes::{Lie, Reader};
use crate::storage::Bytes;
use blocks::{BLOCK, Blocks, lowest};
use owners::Owners;
use presence::Presence;
use std::ops::{Range, RangeInclusive};

const HEADER: usize = 48;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Every document has exactly one value.
    One,
    /// No document has more than one.
    Optional,
    /// Some have more; if `distinct`, none has one twice.
    Several { distinct: bool },
}

/// Up to this many codes, each is compared with each.
const FEW: usize = 16;

/// Whether a document has a code twice.
fn has_twice(codes: &[u64]) -> bool {
    if codes.len() <= FEW {
        let mut indexed = codes.iter().enumerate();
        return indexed.any(|(index, code)| codes[..index].contains(code));
    }
    let mut codes = codes.to_vec();
    codes.sort_unstable();
    codes.windows(2).any(|pair| pair[0] == pair[1])
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
    pub(super) fn open(bytes: Bytes, documents: u32) -> Result<Self, Lie> {
        let mut reader = Reader::new(&bytes);
        let mode = match reader.u64()? {
            0 => Mode::One,
            1 => Mode::Optional,
            2 => Mode::Several { distinct: false },
            3 => Mode::Several { distinct: true },
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
                let length = presence::len(documents);
                values <= u64::from(documents) && place_bytes == length
            }
            Mode::Several { .. } => true,
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
        if matches!(mode, Mode::Several { .. }) {
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
        matches!(self.mode, Mode::Several { .. })
    }

    /// The least and the greatest code; `None` if there are no values.
    #[must_use]
    pub fn min_max(&self) -> Option<(u64, u64)> {
        (self.values > 0).then_some((self.minimum, self.maximum))
    }

    /// To read the codes of many documents.
    pub(crate) fn reader(&self) -> Codes<'_> {
        Codes::of(self)
    }

    fn codes(&self) -> Blocks<'_> {
        Blocks::trusted(&self.codes, self.values)
    }

    fn starts(&self) -> Blocks<'_> {
        Blocks::trusted(&self.places, u64::from(self.documents) + 1)
    }

    fn presence(&self) -> Presence<'_> {
        Presence::of(&self.places, self.documents)
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
                let place = self.presence().place(document);
                place.map_or(0..0, |place| place..place + 1)
            }
            Mode::Several { .. } => {
                let (starts, document) = (self.starts(), u64::from(document));
                let start = starts.get(document).unwrap_or(0);
                let end = starts.get(document + 1).unwrap_or(0);
                // A number past the end is a lie, and no code.
                start..end.min(self.values)
            }
        }
    }

    /// Where the codes of documents begin and end, if none has one twice.
    fn distinct(&self, documents: Range<u32>) -> Option<Range<u64>> {
        match self.mode {
            Mode::Several { distinct: false } => None,
            _ => self.places_of(documents),
        }
    }

    /// Where the codes of documents begin and end.
    fn places_of(&self, documents: Range<u32>) -> Option<Range<u64>> {
        let end = documents.end.min(self.documents);
        Some(self.first_place(documents.start)?..self.first_place(end)?.min(self.values))
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
        let places = self.places_of(documents)?;
        if places.is_empty() {
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
            Mode::Several { .. } => self.starts().get(document.into()),
        }
    }

    /// Calls `out` for the documents that have a code in `range`, 64 together: with the
    /// number of the first of the 64, a multiple of that, and a bit for each of them that
    /// has one. The same 64 may come several times.
    ///
    /// # Errors
    /// A [`Lie`] if a block can't be read, or gives a value to a document outside the
    /// range.
    pub(crate) fn matching(
        &self,
        documents: Range<u32>,
        range: RangeInclusive<u64>,
        out: &mut impl FnMut(u32, u64),
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
                let Some(owners) = &mut owners else {
                    // Document n has code n; there are no more than documents.
                    out(start as u32, bits);
                    continue;
                };
                while bits != 0 {
                    let document = owners.of(start + u64::from(bits.trailing_zeros()))?;
                    bits &= bits - 1;
                    if !documents.contains(&document) {
                        return Err(Lie("a column's documents are out of order"));
                    }
                    out(document - document % 64, 1 << (document % 64));
                }
            }
            place = until;
        }
        Ok(())
    }

    /// Checks every number: invariants (1) and (2).
    pub(super) fn verify(&self) -> Result<(), Lie> {
        let bounds = self.codes().verify()?;
        if bounds.unwrap_or((0, 0)) != (self.minimum, self.maximum) {
            return Err(Lie("a column's bounds are not those of its values"));
        }
        match self.mode {
            Mode::One => Ok(()),
            Mode::Optional => self.presence().verify(self.documents, self.values),
            Mode::Several { .. } => {
                let starts = self.starts();
                starts.verify()?;
                let (mut last, mut codes) = (0, Vec::new());
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
                let distinct = self.mode == Mode::Several { distinct: true };
                for document in 0..if distinct { self.documents } else { 0 } {
                    codes.clear();
                    codes.extend(self.values(document));
                    if has_twice(&codes) {
                        return Err(Lie(
                            "a document has a value twice in a column of distinct ones",
                        ));
                    }
                }
                Ok(())
            }
        }
    }
}
