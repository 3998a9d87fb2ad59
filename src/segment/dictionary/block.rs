//! # A block of the dictionary: 32 terms, each found without the others
//!
//! Idea        what a term needs is kept in columns, and where a number stands is
//!             arithmetic: of 31 terms passed over nothing is read but how long
//!             their names are. These lengths take a byte a term, so that eight of
//!             them are looked at together
//! Example     of "hoard" "hoarder" "horse" the first is the head, `05 hoard`;
//!             of the others (own, shared) are (2, 5) and (3, 2): `52 23`; then
//!             the names `er` `rse`. Looked for is "horse", which has 2 bytes in common
//!             with the head: "hoarder" shares more with it, so it stands before;
//!             "horse" shares just 2, and so its own bytes are looked at
//! Bytes       for n terms:
//!
//! ```text
//!  head       varint length, bytes    the first term
//!  first      u48       where the first list begins in the field's postings
//!  widths     u8 × 5    of the columns below
//!  single     u32       bit i is set if term i is in one document only
//!  once       u32       bit i is set if it occurs once in each
//!  lengths    u8 × n - 1, of all but the head: own + 16·shared, where
//!                       shared = leading bytes in common with the term before,
//!                       own = how many others follow; 15 stands for 15 or more
//!  longer     varint    for each 15: how many more
//!  names      the own bytes of all but the head
//!  columns    one after the other
//!    document    × singles
//!    position    × singles that occur once, in a text field
//!    frequency   × others     document frequency - 2
//!    more        × those that aren't once    total frequency - document
//!                             frequency - 1
//!    end         × those of which anything stands in the postings: all but the
//!                             singles whose position or, in a keyword, document
//!                             says all. Where the list ends, counted from the
//!                             first; lists follow each other without gaps
//!
//!  a column's numbers have so many bits each, at most 56, the lowest first; behind
//!  the last column come zeros up to a whole byte
//! ```
//!
//! Cost        some 600 instructions to find a name, 500 for its entry. A block in which a
//!             name has, or shares, 15 bytes or more is searched name by name
//! Rooms       this one: to build and to open a block; `names`: to search it
//! Next        `names.rs`

mod names;

pub(super) use names::{Names, compare};

use super::{BLOCK_TERMS, Full, Place, TermEntry};
use crate::bytes::{Lie, Reader, varint};
use crate::segment::posting_list::EncodedList;
use names::Lengths;

/// Columns of entries.
const COLUMNS: usize = 5;

/// Read in one load of eight bytes, wherever it begins in the first.
const WIDTH_MAX: u8 = 56;

/// Bytes and bits of the number that says where the first list begins.
const FIRST: usize = 6;
const FIRST_BITS: u32 = 8 * FIRST as u32;

/// What the columns hold, in their order.
#[derive(Clone, Copy, Debug)]
enum Column {
    Document,
    Position,
    Frequency,
    More,
    End,
}

/// How many numbers each column has, for `terms` of these kinds.
fn counts(text: bool, terms: u32, single: u32, once: u32) -> [u32; COLUMNS] {
    let singles = single.count_ones();
    let bare = whole(text, single, once).count_ones();
    [
        singles,
        if text { bare } else { 0 },
        terms - singles,
        terms - once.count_ones(),
        terms - bare,
    ]
}

/// The terms of which nothing stands in the postings.
fn whole(text: bool, single: u32, once: u32) -> u32 {
    if text { single & once } else { single }
}

/// Gathers the terms of a block.
#[derive(Debug, Default)]
pub(super) struct BlockBuilder {
    terms: u32,
    head: Vec<u8>,
    first: u64,
    single: u32,
    once: u32,
    lengths: Vec<u8>,
    longer: Vec<u8>,
    names: Vec<u8>,
    columns: [Vec<u64>; COLUMNS],
}

impl BlockBuilder {
    /// Adds a term that has `shared` bytes in common with the last, and a list
    /// that begins at `offset`; there must be room.
    pub(super) fn push(
        &mut self,
        text: bool,
        term: &[u8],
        shared: usize,
        list: &EncodedList,
        offset: u64,
    ) {
        let bit = 1 << self.terms;
        if self.terms == 0 {
            self.head.extend_from_slice(term);
            self.first = offset;
        } else {
            let own = &term[shared..];
            self.lengths
                .push(names::pair(own.len(), shared, &mut self.longer));
            self.names.extend_from_slice(own);
        }
        self.terms += 1;
        let end = offset - self.first + list.len as u64;
        let mut add = |column: Column, number: u64| self.columns[column as usize].push(number);
        let more = list.total_frequency - u64::from(list.document_frequency);
        match more {
            0 => self.once |= bit,
            _ => add(Column::More, more - 1),
        }
        let Some((document, position)) = list.single else {
            add(Column::Frequency, u64::from(list.document_frequency) - 2);
            add(Column::End, end);
            return;
        };
        self.single |= bit;
        add(Column::Document, u64::from(document));
        if let Some(position) = position {
            add(Column::Position, u64::from(position));
        } else if text {
            add(Column::End, end);
        }
    }

    /// Appends the block, if it has any term, and begins the next.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Full> {
        if self.terms == 0 {
            return Ok(());
        }
        let widths = self.columns.each_ref().map(|column| width(column));
        if widths.iter().any(|width| *width > WIDTH_MAX) || self.first >> FIRST_BITS > 0 {
            return Err(Full);
        }
        varint::write(out, self.head.len() as u64);
        out.append(&mut self.head);
        out.extend(&self.first.to_le_bytes()[..FIRST]);
        out.extend(widths);
        out.extend(self.single.to_le_bytes());
        out.extend(self.once.to_le_bytes());
        for bytes in [&mut self.lengths, &mut self.longer, &mut self.names] {
            out.append(bytes);
        }
        let mut bits = BitWriter::default();
        for (column, width) in self.columns.iter_mut().zip(widths) {
            column.drain(..).for_each(|number| bits.push(number, width));
        }
        bits.finish(out);
        (self.terms, self.single, self.once) = (0, 0, 0);
        Ok(())
    }
}

/// Bits that the largest needs.
fn width(numbers: &[u64]) -> u8 {
    let all = numbers.iter().fold(0, |all, number| all | number);
    (u64::BITS - all.leading_zeros()) as u8
}

/// Numbers of some bits each, the lowest first.
#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    /// Bits that don't fill a byte yet, and how many.
    open: u64,
    count: u8,
}

impl BitWriter {
    fn push(&mut self, number: u64, width: u8) {
        // At most 7 + 56 bits.
        self.open |= number << self.count;
        self.count += width;
        while self.count >= 8 {
            self.bytes.push(self.open as u8);
            self.open >>= 8;
            self.count -= 8;
        }
    }

    /// Appends them, with zeros up to a whole byte.
    fn finish(mut self, out: &mut Vec<u8>) {
        if self.count > 0 {
            self.bytes.push(self.open as u8);
        }
        out.append(&mut self.bytes);
    }
}

/// The number of `width` bits that begins with bit `at`; bits past the end are
/// zeros.
#[inline(always)]
fn number(bytes: &[u8], at: u32, width: u8) -> u64 {
    let byte = (at / 8) as usize;
    let word = match bytes.get(byte..byte + 8) {
        Some(eight) => u64::from_le_bytes(std::array::from_fn(|i| eight[i])),
        None => last_word(bytes, byte),
    };
    word >> (at % 8) & mask(width)
}

/// The lowest bits, at most 56.
#[inline(always)]
fn mask(width: u8) -> u64 {
    (1 << width) - 1
}

/// Eight bytes of which not all are there.
#[cold]
fn last_word(bytes: &[u8], byte: usize) -> u64 {
    let rest = bytes.get(byte..).unwrap_or(&[]).iter().rev();
    rest.fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// A block, read in place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    text: bool,
    terms: u32,
    head: &'a [u8],
    first: u64,
    widths: [u8; COLUMNS],
    single: u32,
    once: u32,
    lengths: Lengths<'a>,
    names: &'a [u8],
    /// What follows the names.
    columns: &'a [u8],
}

impl<'a> Block<'a> {
    /// The block of so many terms, 1 to 32, in `bytes`.
    #[inline(always)]
    pub(super) fn open(text: bool, terms: u32, bytes: &'a [u8]) -> Result<Self, Lie> {
        let mut reader = Reader::new(bytes);
        let head = reader.varint_u32()? as usize;
        let head = reader.take(head)?;
        let first: [u8; FIRST] = reader.array()?;
        let widths = reader.array()?;
        let (single, once) = (reader.u32()?, reader.u32()?);
        let all = u32::MAX
            .checked_shr(BLOCK_TERMS - terms)
            .unwrap_or_default();
        if (single | once) & !all != 0 {
            return Err(Lie("a block of terms has kinds of more than there are"));
        }
        let lengths = Lengths::read(&mut reader, terms as usize - 1)?;
        let names = reader.take(lengths.own_in_all())?;
        let mut eight = [0; 8];
        eight[..FIRST].copy_from_slice(&first);
        Ok(Self {
            text,
            terms,
            head,
            first: u64::from_le_bytes(eight),
            widths,
            single,
            once,
            lengths,
            names,
            columns: reader.rest(),
        })
    }

    /// The names, from the first on.
    #[inline]
    pub(super) fn names(&self) -> Names<'a> {
        Names::new(self.head, &self.lengths, self.names)
    }

    /// Which of the terms this one is.
    #[inline]
    pub(super) fn find(&self, term: &[u8]) -> Result<Option<u32>, Lie> {
        self.lengths.find(self.head, self.names, term)
    }

    /// What is known of the terms.
    #[inline(always)]
    pub(super) fn entries(&self) -> Result<Entries<'a>, Lie> {
        let numbers = [Column::Document, Column::Position, Column::Frequency];
        let of = |column: Column| self.widths[column as usize];
        // Of documents and the like 32 bits, so that they need no look.
        let wide = numbers.iter().any(|column| of(*column) > 32)
            || of(Column::More).max(of(Column::End)) > WIDTH_MAX;
        if wide {
            return Err(Lie("a number of a term has more bits than it can need"));
        }
        let counts = counts(self.text, self.terms, self.single, self.once);
        let (mut starts, mut bits) = ([0; COLUMNS], 0u32);
        for (start, (width, count)) in starts.iter_mut().zip(self.widths.iter().zip(counts)) {
            *start = bits;
            bits += u32::from(*width) * count;
        }
        if self.columns.len() != bits.div_ceil(8) as usize {
            return Err(Lie(
                "the columns of terms are not as long as they should be",
            ));
        }
        Ok(Entries {
            text: self.text,
            first: self.first,
            single: self.single,
            once: self.once,
            widths: self.widths,
            starts,
            columns: self.columns,
        })
    }
}

/// What is known of the terms of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entries<'a> {
    text: bool,
    first: u64,
    single: u32,
    once: u32,
    widths: [u8; COLUMNS],
    /// Where each column begins, in bits.
    starts: [u32; COLUMNS],
    columns: &'a [u8],
}

impl Entries<'_> {
    /// Where the first list begins.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    #[inline]
    fn number(&self, column: Column, index: u32) -> u64 {
        let width = self.widths[column as usize];
        let at = self.starts[column as usize] + index * u32::from(width);
        number(self.columns, at, width)
    }

    /// What is known of term number `place`, whose ordinal is `ordinal`.
    #[inline(always)]
    pub(super) fn entry(&self, place: u32, ordinal: u32) -> Result<TermEntry, Lie> {
        let bit = 1 << place;
        let (is_single, is_once) = (self.single & bit != 0, self.once & bit != 0);
        // How many of those with these bits come before.
        let rank = |bits: u32| (bits & (bit - 1)).count_ones();
        let bare = whole(self.text, self.single, self.once);
        let lists = rank(!bare);
        let start = match lists {
            0 => 0,
            _ => self.number(Column::End, lists - 1),
        };
        let end = match bare & bit {
            0 => self.number(Column::End, lists),
            _ => start,
        };
        let range = self.first.checked_add(start).zip(end.checked_sub(start));
        let (offset, length) = range.ok_or(Lie("a list lies outside the postings"))?;
        let (document_frequency, place) = if is_single {
            let document = self.number(Column::Document, rank(self.single)) as u32;
            let once = self.text && is_once;
            let position = once.then(|| self.number(Column::Position, rank(bare)) as u32);
            let place = Place::Single {
                document,
                position,
                offset,
                length,
            };
            (1, place)
        } else {
            let less = self.number(Column::Frequency, rank(!self.single)) as u32;
            let frequency = less.checked_add(2);
            let frequency =
                frequency.ok_or(Lie("a term is in more documents than there can be"))?;
            (frequency, Place::List { offset, length })
        };
        let mut total_frequency = u64::from(document_frequency);
        if !is_once {
            // 56 bits and 33.
            total_frequency += self.number(Column::More, rank(!self.once)) + 1;
        }
        Ok(TermEntry {
            ordinal,
            document_frequency,
            total_frequency,
            place,
        })
    }
}
