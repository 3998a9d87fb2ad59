//! # Segments: a small index in one file that never changes
//!
//! Idea        an index is a row of *segments*. Each holds some documents,
//!             numbered from 0 in the order in which they came, and all that
//!             is needed to search them, in one file. It is written once and
//!             only read after that, from memory that the operating system
//!             maps; so any number of threads read it without a lock, and a
//!             crash can't leave half of a change in it
//! Example     two documents, `{"t":"to be"}` and `{"t":"not to be"}`, with a
//!             text field `t`: byte by byte, annotated, in
//!             `tests/format/golden.txt`
//! Rooms       in the order in which a question passes them:
//!
//! ```text
//!   file          sections, and the table that finds them
//!   inverted      all of one field that turns words into documents
//!     dictionary      term → entry: how many documents, and where
//!     posting_list    entry → documents and frequencies, 128 at a time
//!       impacts           how good the best of a block can be
//!       positions         where in each document
//!     norms           how long the field is in each document
//!   column        document → values: for filters, sorting, facets
//!   stored        document → its JSON text
//!   tombstones    which documents are deleted: beside the file
//! and how a segment comes about:
//!   writer        from documents and terms in order
//!     spool           what has to wait until it is written
//!     ranges          dictionaries in pieces, side by side
//!   merge         from several segments
//!   permute       from one, its documents in another order
//! ```
//!
//! Sections    which a segment has:
//!
//! ```text
//!   schema                                 once: JSON, as the segment was
//!                                          written with
//!   stored documents                       once
//!   summary, postings, terms, term index   text and keyword fields, the key
//!   norms, lengths                         text fields
//!   column                                 keywords (ordinals of their terms),
//!                                          numbers, booleans, dates
//! ```
//!
//! Invariants  (1) nothing here knows of BM25: a segment knows frequencies
//!             and lengths, what they are worth is for [`crate::search`]
//!             (2) a reader trusts no byte: what a file claims is checked
//!             where it is used, so that any bytes give an error or an
//!             answer, never a panic, a hang or memory without bound
//!             (3) files of up to 4 MiB are checked against all their
//!             checksums when they are opened, so that a small index can't
//!             lie at all; of larger ones schema and summaries are, the rest
//!             by `verify`
//! Cost        opening: a few pages, whatever the size
//! Left out    updating in place, and so locks
//! Next        `file.rs`, `inverted.rs`, then `dictionary.rs`; or on to [`crate::index`]

pub mod column;
pub(crate) mod dictionary;
pub(crate) mod file;
pub mod impacts;
pub(crate) mod inverted;
mod merge;
pub mod norms;
pub(crate) mod permute;
pub(crate) mod positions;
pub mod posting_list;
mod ranges;
pub(crate) mod spool;
pub(crate) mod stored;
pub mod tombstones;
pub(crate) mod writer;

#[cfg(test)]
mod tests;

pub use column::Column;
pub(crate) use column::{Codes, Counts, add_up};
pub use dictionary::TermEntry;
pub use file::VERSION;
pub use impacts::{Impact, Yardstick};
pub use inverted::{FieldStatistics, Inverted, TermCursor};
pub use merge::merge;
pub use positions::PositionReader;
pub use posting_list::PostingList;
pub use tombstones::Tombstones;

use crate::bytes::Lie;
use crate::document::{Field, FieldId, FieldKind, Schema};
use crate::error::{Error, Result};
use crate::storage::Bytes;
use file::{File, Kind, Section};
use std::collections::BTreeMap;
use stored::Stored;

/// Files up to this many bytes are checked whole when they are opened.
const CHECKED_WHOLE: u64 = 4 << 20;

/// A segment, read in place.
#[derive(Debug)]
pub struct Segment {
    file: File,
    schema: Schema,
    /// By the name of the field.
    inverted: BTreeMap<String, Inverted>,
    columns: BTreeMap<String, Column>,
    stored: Stored,
}

impl Segment {
    /// Reads the segment in `bytes`, which messages call `name`.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) or
    /// [`ErrorKind::Incompatible`](crate::ErrorKind::Incompatible), naming the file.
    pub fn open(name: &str, bytes: Bytes) -> Result<Self> {
        let file = File::open(name, bytes)?;
        check_sections(&file)?;
        Self::of(file)
    }

    /// The segment in a file whose sections may lie.
    pub(crate) fn of(file: File) -> Result<Self> {
        let name = file.name();
        let missing = |kind: Kind| Error::corrupt(name, kind.word(), "it is missing");
        let json = file
            .section(Kind::Schema, None)
            .ok_or_else(|| missing(Kind::Schema))?;
        let schema: Schema = serde_json::from_slice(&json)
            .map_err(|error| Error::corrupt(name, Kind::Schema.word(), error))?;
        let stored = file
            .section(Kind::Stored, None)
            .ok_or_else(|| missing(Kind::Stored))?;
        let stored = Stored::open(stored, file.documents())
            .map_err(|lie| Error::corrupt(name, Kind::Stored.word(), lie))?;
        let mut segment = Self {
            file,
            schema,
            inverted: BTreeMap::new(),
            columns: BTreeMap::new(),
            stored,
        };
        for (id, field) in segment.schema.clone().entries() {
            segment.open_field(id, field)?;
        }
        Ok(segment)
    }

    fn open_field(&mut self, id: FieldId, field: &Field) -> Result<()> {
        let (number, name) = (id.index() as u16, field.name());
        let column = self.file.section(Kind::Column, Some(number));
        let column = column.map(|bytes| Column::open(bytes, self.documents()));
        let column = column
            .transpose()
            .map_err(|lie| self.corrupt(&Kind::Column.of_field(name), lie))?;
        let inverted = Inverted::open(&self.file, number, name, column.as_ref())?;
        let text = matches!(field.kind(), FieldKind::Text(_));
        let fits = column.is_some() != text
            && inverted.is_some() == self.schema.is_inverted(id)
            && inverted
                .as_ref()
                .is_none_or(|inverted| inverted.has_positions() == text);
        if !fits {
            return Err(self.corrupt(
                &format!("field {name:?}"),
                Lie("it has other sections than its kind needs"),
            ));
        }
        self.columns
            .extend(column.map(|column| (name.to_owned(), column)));
        self.inverted
            .extend(inverted.map(|inverted| (name.to_owned(), inverted)));
        Ok(())
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.file.name()
    }

    /// How many documents or postings are read between two times that a segment is
    /// [released](Self::release), by whoever reads all of it: some megabytes.
    pub(crate) const RELEASE_AFTER: u32 = 1 << 20;

    /// Gives back the memory that the system keeps the file in, as far as it is
    /// a mapped one; what is read again is fetched again.
    pub(crate) fn release(&self) {
        self.file.release();
    }

    /// What tells the segment from others of its size.
    pub(crate) fn checksum(&self) -> u32 {
        self.file.checksum()
    }

    /// Documents in it, deleted ones included.
    #[must_use]
    pub fn documents(&self) -> u32 {
        self.file.documents()
    }

    /// Bytes of the file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.file.size()
    }

    /// The schema that the segment was written with; the index's may have
    /// gained fields since.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// A text or keyword field, or the key; `None` if the segment hasn't it.
    #[must_use]
    pub fn inverted(&self, field: &str) -> Option<&Inverted> {
        self.inverted.get(field)
    }

    /// The column of a keyword (ordinals of its terms), number, boolean or
    /// date; `None` if the segment hasn't it.
    #[must_use]
    pub fn column(&self, field: &str) -> Option<&Column> {
        self.columns.get(field)
    }

    /// The JSON text of a document.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes can't be right.
    pub fn stored(&self, document: u32) -> Result<String> {
        self.stored
            .get(document)
            .map_err(|lie| self.corrupt(Kind::Stored.word(), lie))
    }

    fn stored_blocks(&self) -> &Stored {
        &self.stored
    }

    /// Bytes of each kind of section, over all fields: for statistics.
    #[must_use]
    pub fn sizes(&self) -> Vec<(&'static str, u64)> {
        let mut sizes: Vec<(&'static str, u64)> = Vec::new();
        for section in self.file.sections() {
            let word = section.kind.word();
            match sizes.iter_mut().find(|(known, _)| *known == word) {
                Some((_, size)) => *size += section.len() as u64,
                None => sizes.push((word, section.len() as u64)),
            }
        }
        sizes
    }

    #[cold]
    pub(crate) fn corrupt(&self, section: &str, lie: Lie) -> Error {
        Error::corrupt(self.file.name(), section, lie)
    }

    /// Checks every byte: checksums, and all that the chapters call an
    /// invariant.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt), naming file and section.
    pub fn verify(&self) -> Result<()> {
        for section in self.file.sections() {
            let checked = self.file.check(section);
            checked.map_err(|lie| self.corrupt(&place(&self.schema, section), lie))?;
        }
        let table = |lie| self.corrupt("table of sections", lie);
        self.file.check_gaps().map_err(table)?;
        for (_, field) in self.schema.entries() {
            let name = field.name();
            let inverted = self.inverted(name);
            if let Some(inverted) = inverted {
                inverted.verify().map_err(|lie| inverted.corrupt(lie))?;
            }
            if let Some(column) = self.column(name) {
                let ordinals = matches!(field.kind(), FieldKind::Keyword);
                let terms = inverted.filter(|_| ordinals).map(Inverted::term_count);
                verify_column(column, terms)
                    .map_err(|lie| self.corrupt(&Kind::Column.of_field(name), lie))?;
            }
        }
        self.stored
            .verify()
            .map_err(|lie| self.corrupt(Kind::Stored.word(), lie))
    }
}

/// The checksums that invariant (3) wants looked at.
fn check_sections(file: &File) -> Result<()> {
    let whole = file.size() <= CHECKED_WHOLE;
    for section in file.sections() {
        if whole || matches!(section.kind, Kind::Schema | Kind::Summary) {
            let checked = file.check(section);
            checked.map_err(|lie| Error::corrupt(file.name(), section.kind.word(), lie))?;
        }
    }
    if whole {
        let checked = file.check_gaps();
        checked.map_err(|lie| Error::corrupt(file.name(), "table of sections", lie))?;
    }
    Ok(())
}

/// What messages call a section.
fn place(schema: &Schema, section: &Section) -> String {
    let field = section
        .field
        .and_then(|id| schema.fields().get(usize::from(id)));
    match field {
        Some(field) => section.kind.of_field(field.name()),
        None => section.kind.word().to_owned(),
    }
}

/// Checks a column; if it holds ordinals, that each is one of `terms`.
fn verify_column(column: &Column, terms: Option<u32>) -> Result<(), Lie> {
    column.verify()?;
    let greatest = column.min_max().map(|(_, greatest)| greatest);
    match (terms, greatest) {
        (Some(terms), Some(greatest)) if greatest >= u64::from(terms) => {
            Err(Lie("it has an ordinal that is no term's"))
        }
        _ => Ok(()),
    }
}
