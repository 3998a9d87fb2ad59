//! # A block of the dictionary: 32 terms, each found without the others
//!
//! Idea        what a term needs is kept in columns of numbers, each as wide as
//!             its largest one needs. Where a number stands is arithmetic: of 31
//!             terms passed over nothing is read but how long their names are
//! Example     of "hoard" "hoarder" "horse" the first is the head, `05 hoard`;
//!             of the others (own, shared) are (2, 5) and (3, 2), in two and
//!             three bits: 5·4+2 and 2·4+3, which are `10110` and `01011`, the
//!             lower bit first 01101 11010: `76 01`; then the names `er` `rse`
//! Bytes       for n terms:
//!
//! ```text
//!  head       varint length, bytes    the first term
//!  length     varint    bytes of the names
//!  widths     u8 × 7    of own and shared, and of the columns below
//!  single     u32       bit i is set if term i is in one document only
//!  once       u32       bit i is set if it occurs once in each
//!  column     (own + shared·2^(width of own)) × n - 1, of all but the head:
//!                       shared = leading bytes in common with the term before,
//!                       own = how many others follow
//!  names      the own bytes of all but the head
//!  first      varint    where the first list begins in the field's postings
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
//!  the first column, and behind the last, come zeros up to a whole byte
//! ```
//!
//! Cost        700 instructions to find a name, 400 for its entry
//! Next        [`posting_list`](super::super::posting_list)

use super::{BLOCK_TERMS, Full, Place, TermEntry};
use crate::bytes::reader::ENDS_EARLY;
use crate::bytes::{Lie, Reader, varint};
use crate::segment::posting_list::EncodedList;

/// Columns of entries.
const COLUMNS: usize = 5;

/// Read in one load of eight bytes, wherever it begins in the first.
const WIDTH_MAX: u8 = 56;

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
    own: Vec<u64>,
    shared: Vec<u64>,
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
            self.shared.push(shared as u64);
            self.own.push((term.len() - shared) as u64);
            self.names.extend_from_slice(&term[shared..]);
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
        varint::write(out, self.head.len() as u64);
        out.extend_from_slice(&self.head);
        varint::write(out, self.names.len() as u64);
        let own = width(&self.own);
        out.extend([own, width(&self.shared)]);
        let widths = self.columns.each_ref().map(|column| width(column));
        if widths.iter().any(|width| *width > WIDTH_MAX) {
            return Err(Full);
        }
        out.extend(widths);
        out.extend(self.single.to_le_bytes());
        out.extend(self.once.to_le_bytes());
        let mut bits = BitWriter::default();
        let names_width = own + width(&self.shared);
        for (own_length, shared) in self.own.drain(..).zip(&self.shared) {
            bits.push(own_length | shared << own, names_width);
        }
        bits.finish(out);
        out.append(&mut self.names);
        varint::write(out, self.first);
        for (column, width) in self.columns.iter_mut().zip(widths) {
            column.drain(..).for_each(|number| bits.push(number, width));
        }
        bits.finish(out);
        self.head.clear();
        self.shared.clear();
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

    /// Appends them, with zeros up to a whole byte; none are left.
    fn finish(&mut self, out: &mut Vec<u8>) {
        if self.count > 0 {
            self.bytes.push(self.open as u8);
        }
        out.append(&mut self.bytes);
        (self.open, self.count) = (0, 0);
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
    own_width: u8,
    shared_width: u8,
    widths: [u8; COLUMNS],
    single: u32,
    once: u32,
    /// The column of names, and what follows it.
    column: &'a [u8],
    names: &'a [u8],
    /// What follows the names.
    entries: &'a [u8],
}

impl<'a> Block<'a> {
    /// The block of so many terms, 1 to 32, in `bytes`.
    #[inline(always)]
    pub(super) fn open(text: bool, terms: u32, bytes: &'a [u8]) -> Result<Self, Lie> {
        let mut reader = Reader::new(bytes);
        let head = reader.varint_u32()? as usize;
        let head = reader.take(head)?;
        let names = reader.varint_u32()? as usize;
        let [own_width, shared_width, widths @ ..]: [u8; 2 + COLUMNS] = reader.array()?;
        let (single, once) = (reader.u32()?, reader.u32()?);
        let all = u32::MAX
            .checked_shr(BLOCK_TERMS - terms)
            .unwrap_or_default();
        if (single | once) & !all != 0 {
            return Err(Lie("a block of terms has kinds of more than there are"));
        }
        let column = reader.rest();
        let width = u32::from(own_width) + u32::from(shared_width);
        if width > u32::from(WIDTH_MAX) {
            return Err(TOO_WIDE);
        }
        reader.take(((terms - 1) * width).div_ceil(8) as usize)?;
        Ok(Self {
            text,
            terms,
            head,
            own_width,
            shared_width,
            widths,
            single,
            once,
            column,
            names: reader.take(names)?,
            entries: reader.rest(),
        })
    }

    /// The names, from the first on.
    #[inline]
    pub(super) fn names(&self) -> Names<'a> {
        Names {
            head: Some(self.head),
            column: self.column,
            bit: 0,
            own_width: self.own_width,
            shared_width: self.shared_width,
            names: self.names,
        }
    }

    /// Which of the terms this one is.
    ///
    /// No name is put together: how many of the wanted bytes the one before had
    /// says, with the bytes that a name shares with it, on which side of the
    /// wanted one it stands.
    pub(super) fn find(&self, term: &[u8]) -> Result<Option<u32>, Lie> {
        // Not by `Names`, which checks the bytes of each.
        let (own_mask, width) = (mask(self.own_width), self.own_width + self.shared_width);
        let (mut common, mut own, mut bit, mut at) = (0, self.head, 0, 0);
        let mut place = 0;
        loop {
            // `common` is at most the length of the term.
            let wanted = &term[common..];
            let pairs = own.iter().zip(wanted);
            let alike = pairs.take_while(|(a, b)| a == b).count();
            if own.get(alike) > wanted.get(alike) {
                return Ok(None);
            }
            common += alike;
            if alike == own.len() && common == term.len() {
                return Ok(Some(place));
            }
            // What shares more departs from the wanted one where the last did:
            // it is below, too.
            let mut shared = usize::MAX;
            let mut start = at;
            while shared > common {
                place += 1;
                if place >= self.terms {
                    return Ok(None);
                }
                let pair = number(self.column, bit, width);
                bit += u32::from(width);
                start = at;
                at += (pair & own_mask) as usize;
                shared = (pair >> self.own_width) as usize;
            }
            if shared < common {
                return Ok(None);
            }
            own = self.names.get(start..at).ok_or(ENDS_EARLY)?;
        }
    }

    /// What is known of the terms.
    #[inline(always)]
    pub(super) fn entries(&self) -> Result<Entries<'a>, Lie> {
        let mut reader = Reader::new(self.entries);
        let first = reader.varint()?;
        let numbers = [Column::Document, Column::Position, Column::Frequency];
        let of = |column: Column| self.widths[column as usize];
        // Of documents and the like 32 bits, so that they need no look.
        let wide = numbers.iter().any(|column| of(*column) > 32)
            || of(Column::More).max(of(Column::End)) > WIDTH_MAX;
        if wide {
            return Err(TOO_WIDE);
        }
        let counts = counts(self.text, self.terms, self.single, self.once);
        let (mut starts, mut bits) = ([0; COLUMNS], 0u32);
        for (start, (width, count)) in starts.iter_mut().zip(self.widths.iter().zip(counts)) {
            *start = bits;
            bits += u32::from(*width) * count;
        }
        let columns = reader.take(bits.div_ceil(8) as usize)?;
        if !reader.rest().is_empty() {
            return Err(Lie("something follows the last term of a block"));
        }
        Ok(Entries {
            text: self.text,
            first,
            single: self.single,
            once: self.once,
            widths: self.widths,
            starts,
            columns,
        })
    }
}

const TOO_WIDE: Lie = Lie("a number of a term has more bits than it can need");

/// The names of a block, one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a> {
    /// As long as it is the next.
    head: Option<&'a [u8]>,
    column: &'a [u8],
    bit: u32,
    own_width: u8,
    shared_width: u8,
    /// The own bytes of those that are left.
    names: &'a [u8],
}

impl<'a> Names<'a> {
    /// The next name: how many bytes it shares with the one before, and its own.
    pub(super) fn next(&mut self) -> Result<(usize, &'a [u8]), Lie> {
        if let Some(head) = self.head.take() {
            return Ok((0, head));
        }
        let width = self.own_width + self.shared_width;
        let pair = number(self.column, self.bit, width);
        self.bit += u32::from(width);
        let own = (pair & mask(self.own_width)) as usize;
        let (own, rest) = self.names.split_at_checked(own).ok_or(ENDS_EARLY)?;
        self.names = rest;
        Ok(((pair >> self.own_width) as usize, own))
    }

    /// Whether there are no bytes for another.
    pub(super) fn are_done(&self) -> bool {
        self.names.is_empty()
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
