//! # The file: sections and the table that finds them
//!
//! Idea        a segment is one file, written from front to back and never
//!             changed. What it consists of are *sections*, each an array of
//!             bytes with a kind and a field; a table at the end says where
//!             they lie, so that opening reads the end and touches nothing
//!             else
//! Bytes       all numbers little-endian:
//!
//! ```text
//!  header, 16 bytes
//!   0  magic     8 bytes   "wordhord"
//!   8  version   u32       1
//!  12  zero      u32
//!  sections, each beginning at a multiple of 8; zeros between them
//!  table, at a multiple of 8; an entry of 24 bytes for each section, in
//!  ascending order of (field, kind):
//!   0  kind      u16       1 summary, 2 postings, 3 terms, 4 term index,
//!                          5 norms, 6 lengths, 7 column, 8 schema, 9 stored
//!                          documents
//!   2  field     u16       the field's place in the schema; FFFF: none
//!   4  checksum  u32       CRC-32 of the section's bytes
//!   8  offset    u64       where it begins in the file
//!  16  length    u64       without the zeros behind it
//!  tail, the last 40 bytes
//!   0  offset    u64       of the table
//!   8  sections  u32       entries in it
//!  12  documents u32       of the segment
//!  16  zero      u64
//!  24  checksum  u32       CRC-32 of the table, the 24 bytes above and the
//!                          header
//!  28  version   u32       1, again
//!  32  magic     8 bytes   "droghord", so that a file cut short is seen
//! ```
//!
//! Invariants  (1) no two sections overlap, and none lies outside the file
//!             (2) the file is as long as the tail's end: nothing follows
//! Cost        opening: one page at the end, a checksum over the table
//! Left out    compression of sections: each one's codec knows better
//! Rooms       this one: to read a file; `file/writing.rs`: to write it
//! Next        `file/writing.rs`; or on to [`inverted`](super::inverted), a field's
//!             sections together

mod writing;

pub(super) use writing::{FileWriter, SectionWriter};

use crate::bytes::{Lie, Reader};
use crate::error::{Error, Result};
use crate::storage::Bytes;
use std::ops::Range;

const MAGIC: &[u8; 8] = b"wordhord";
const MAGIC_END: &[u8; 8] = b"droghord";

/// The version of the format that this crate writes, and the newest that it
/// reads.
pub const VERSION: u32 = 1;

const HEADER: usize = 16;
const ENTRY: usize = 24;
const TAIL: usize = 40;

/// The field of a section that belongs to no field.
const NO_FIELD: u16 = u16::MAX;

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub(crate) enum Kind {
    /// A field's counts: `inverted.rs`.
    Summary = 1,
    /// Its posting lists one after the other: `posting_list/`.
    Postings = 2,
    /// Its terms in order: `dictionary.rs`.
    Terms = 3,
    /// Which terms are where: `dictionary.rs`.
    TermIndex = 4,
    /// A length a document, in a byte: `norms.rs`.
    Norms = 5,
    /// A length a document, exactly, as a column: `column.rs`.
    Lengths = 6,
    /// A field's values by document: `column.rs`.
    Column = 7,
    /// The schema as JSON, without a field.
    Schema = 8,
    /// The documents' texts, without a field: `stored.rs`.
    Stored = 9,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Summary,
        Self::Postings,
        Self::Terms,
        Self::TermIndex,
        Self::Norms,
        Self::Lengths,
        Self::Column,
        Self::Schema,
        Self::Stored,
    ];

    /// What that of a field is called in messages.
    pub(crate) fn of_field(self, name: &str) -> String {
        format!("{} of field {name:?}", self.word())
    }

    /// What it is called in messages.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Postings => "postings",
            Self::Terms => "terms",
            Self::TermIndex => "term index",
            Self::Norms => "norms",
            Self::Lengths => "lengths",
            Self::Column => "column",
            Self::Schema => "schema",
            Self::Stored => "stored documents",
        }
    }
}

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) kind: Kind,
    /// `None` for a section without a field.
    pub(crate) field: Option<u16>,
    checksum: u32,
    range: Range<usize>,
}

impl Section {
    pub(super) fn len(&self) -> usize {
        self.range.len()
    }

    fn order(&self) -> (u16, Kind) {
        (self.field.unwrap_or(NO_FIELD), self.kind)
    }
}

/// A file whose table has been read and found consistent.
#[derive(Debug)]
pub(crate) struct File {
    name: String,
    bytes: Bytes,
    documents: u32,
    sections: Vec<Section>,
    /// Of the table, which has those of all else.
    checksum: u32,
}

impl File {
    /// Reads header, tail and table.
    pub(crate) fn open(name: &str, bytes: Bytes) -> Result<Self> {
        let corrupt = |what: Lie| Error::corrupt(name, "table of sections", what);
        let tail_start = bytes.len().checked_sub(TAIL).filter(|at| *at >= HEADER);
        let Some(tail_start) = tail_start else {
            return Err(corrupt(Lie("the file is too short for a segment")));
        };
        check_versions(name, &bytes)?;
        let (documents, sections, checksum) = read_table(&bytes, tail_start).map_err(corrupt)?;
        Ok(Self {
            name: name.to_owned(),
            bytes,
            documents,
            sections,
            checksum,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn documents(&self) -> u32 {
        self.documents
    }

    /// Gives back the memory that the file takes.
    pub(super) fn release(&self) {
        self.bytes.release();
    }

    /// Bytes in all.
    pub(super) fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// What tells it from other files: it is made of the checksums of all that is
    /// in it.
    pub(crate) fn checksum(&self) -> u32 {
        self.checksum
    }

    pub(crate) fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The bytes of a section, if the file has it.
    pub(crate) fn section(&self, kind: Kind, field: Option<u16>) -> Option<Bytes> {
        let order = (field.unwrap_or(NO_FIELD), kind);
        let index = self.sections.binary_search_by_key(&order, Section::order);
        let section = &self.sections[index.ok()?];
        Some(self.bytes.slice(section.range.clone()))
    }

    /// Compares a section with its checksum.
    pub(crate) fn check(&self, section: &Section) -> Result<(), Lie> {
        let bytes = &self.bytes[section.range.clone()];
        if crc32fast::hash(bytes) == section.checksum {
            Ok(())
        } else {
            Err(Lie("its checksum is wrong"))
        }
    }

    /// That nothing but zeros lies between the sections.
    pub(super) fn check_gaps(&self) -> Result<(), Lie> {
        let mut ranges = in_order(&self.sections);
        let table = self.bytes.len() - TAIL - self.sections.len() * ENTRY;
        ranges.push(table..table);
        let mut end = HEADER;
        for range in ranges {
            let gap = self.bytes.get(end..range.start).unwrap_or(&[]);
            if gap.len() >= 8 || gap.iter().any(|byte| *byte != 0) {
                return Err(Lie("there is something between two sections"));
            }
            end = range.end;
        }
        Ok(())
    }
}

/// Whether this is a segment at all, and one of a version that can be read.
/// Comes before any checksum: a newer version may compute it otherwise.
fn check_versions(name: &str, bytes: &[u8]) -> Result<()> {
    let corrupt = |what| Error::corrupt(name, "header", what);
    if bytes.first_chunk() != Some(MAGIC) {
        return Err(corrupt("it doesn't begin as a segment"));
    }
    if bytes.last_chunk() != Some(MAGIC_END) {
        return Err(corrupt("it doesn't end as a segment, so it was cut short"));
    }
    let mut header = Reader::new(&bytes[MAGIC.len()..]);
    let mut tail = Reader::new(&bytes[bytes.len() - 12..]);
    let (Ok(found), Ok(again)) = (header.u32(), tail.u32()) else {
        return Err(corrupt("it is too short"));
    };
    if found != again || found == 0 {
        return Err(corrupt("header and tail disagree about the version"));
    }
    if found > VERSION {
        return Err(Error::incompatible(name, "segment format", found, VERSION));
    }
    Ok(())
}

/// Documents, sections, and the checksum of the table that has them.
fn read_table(bytes: &[u8], tail_start: usize) -> Result<(u32, Vec<Section>, u32), Lie> {
    let tail = &bytes[tail_start..];
    let mut reader = Reader::new(tail);
    let table_start = usize::try_from(reader.u64()?).unwrap_or(usize::MAX);
    let count = reader.u32()? as usize;
    let documents = reader.u32()?;
    if reader.u64()? != 0 {
        return Err(Lie("a number that should be zero isn't"));
    }
    let checksum = reader.u32()?;
    let fits = count
        .checked_mul(ENTRY)
        .and_then(|length| table_start.checked_add(length))
        .is_some_and(|end| end == tail_start && table_start >= HEADER);
    if !fits {
        return Err(Lie("it doesn't lie where the tail says"));
    }
    let table = &bytes[table_start..tail_start];
    if table_checksum(table, &tail[..24], &bytes[..HEADER]) != checksum {
        return Err(Lie("its checksum is wrong"));
    }
    let mut sections: Vec<Section> = Vec::with_capacity(count);
    let mut entries = Reader::new(table);
    for _ in 0..count {
        let section = read_entry(&mut entries, table_start)?;
        if sections
            .last()
            .is_some_and(|last| last.order() >= section.order())
        {
            return Err(Lie("the sections are out of order"));
        }
        sections.push(section);
    }
    let ranges = in_order(&sections);
    if ranges.windows(2).any(|pair| pair[0].end > pair[1].start) {
        return Err(Lie("two sections overlap"));
    }
    Ok((documents, sections, checksum))
}

/// Where the sections lie, from the front of the file to its back.
fn in_order(sections: &[Section]) -> Vec<Range<usize>> {
    let mut ranges: Vec<_> = sections.iter().map(|s| s.range.clone()).collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    ranges
}

fn read_entry(reader: &mut Reader, end: usize) -> Result<Section, Lie> {
    let (kind, field) = (reader.u16()?, reader.u16()?);
    let kind = *Kind::ALL
        .get(usize::from(kind).wrapping_sub(1))
        .ok_or(Lie("a section has a kind that there isn't"))?;
    let checksum = reader.u32()?;
    let (offset, length) = (reader.u64()?, reader.u64()?);
    let range = usize::try_from(offset)
        .ok()
        .zip(usize::try_from(length).ok());
    let range = range
        .and_then(|(offset, length)| Some(offset..offset.checked_add(length)?))
        .filter(|range| range.start >= HEADER && range.start % 8 == 0 && range.end <= end)
        .ok_or(Lie("a section lies outside the file"))?;
    Ok(Section {
        kind,
        field: (field != NO_FIELD).then_some(field),
        checksum,
        range,
    })
}

fn table_checksum(table: &[u8], tail: &[u8], header: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(table);
    hasher.update(tail);
    hasher.update(header);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn sample() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut file = FileWriter::new(&mut bytes, "sample");
        file.section(Kind::Norms, Some(1), b"norms").unwrap();
        file.section(Kind::Schema, None, b"schema").unwrap();
        file.section(Kind::Terms, Some(0), b"").unwrap();
        file.finish(7).unwrap();
        bytes
    }

    #[test]
    fn sections_come_back() {
        let bytes = sample();
        assert_eq!(bytes.len(), 16 + 8 + 8 + 3 * 24 + 40);
        let file = File::open("sample", bytes.into()).unwrap();
        assert_eq!(file.documents(), 7);
        assert_eq!(&*file.section(Kind::Norms, Some(1)).unwrap(), b"norms");
        assert_eq!(&*file.section(Kind::Schema, None).unwrap(), b"schema");
        assert_eq!(&*file.section(Kind::Terms, Some(0)).unwrap(), b"");
        assert!(file.section(Kind::Norms, Some(0)).is_none());
        assert!(
            file.sections()
                .iter()
                .all(|section| file.check(section).is_ok())
        );
        assert!(file.check_gaps().is_ok());
    }

    #[test]
    fn every_flip_and_every_cut_is_seen() {
        let good = sample();
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            let seen = match File::open("sample", bytes.into()) {
                Err(error) => error.to_string().contains("sample"),
                Ok(file) => {
                    file.check_gaps().is_err()
                        || file
                            .sections()
                            .iter()
                            .any(|section| file.check(section).is_err())
                }
            };
            assert!(seen, "byte {at}");
            assert!(
                File::open("sample", good[..at].to_vec().into()).is_err(),
                "cut at {at}"
            );
        }
    }

    #[test]
    fn a_newer_version_is_named() {
        let mut bytes = sample();
        let end = bytes.len();
        bytes[8] = 9;
        bytes[end - 12] = 9;
        let error = File::open("sample", bytes.into()).unwrap_err();
        let kind = ErrorKind::Incompatible {
            found: 9,
            supported: VERSION,
        };
        assert_eq!(error.kind(), kind);
    }
}
