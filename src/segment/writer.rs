//! # Writing a segment
//!
//! Idea        the file is written once, from front to back. Who writes knows
//!             documents and terms in order; here they only become sections
//! Order       for each text field its lengths (the lists need the norms),
//!             then for each inverted field its terms in order, then columns,
//!             then stored documents. The table at the end makes the order
//!             free; this one needs the least memory
//! Invariants  (1) the same calls write the same bytes
//!             (2) nothing is kept in memory but the dictionary of the field
//!             being written and the index of the stored documents
//! Used by     [`crate::inversion`], which makes segments from documents, and
//!             [`merge`](super::merge), which makes one from several
//! Next        [`merge`](super::merge)

use super::column::ColumnBuilder;
use super::dictionary::{DictionaryBuilder, Full, MAX_TERM_BYTES};
use super::file::{FileWriter, Kind, SectionWriter};
use super::inverted::FieldStatistics;
use super::norms;
use super::posting_list::{EncodedList, ListEncoder};
use super::stored::StoredWriter;
use crate::document::{FieldId, Schema};
use crate::error::{Error, ErrorKind, Result};
use rayon::prelude::*;
use std::io::Write;

/// The lengths of a text field, document after document.
#[derive(Debug, Default)]
pub(crate) struct Lengths {
    norms: Vec<u8>,
    exact: ColumnBuilder,
    statistics: FieldStatistics,
}

impl Lengths {
    /// The next document's length in tokens; 0 if it hasn't the field.
    pub(crate) fn push(&mut self, length: u32) {
        self.norms.push(norms::encode(length));
        self.exact.push(&[u64::from(length)]);
        self.statistics.documents += u32::from(length > 0);
        self.statistics.total_length += u64::from(length);
    }

    /// For so many documents, so that memory is asked for once.
    pub(crate) fn new(documents: usize) -> Self {
        Self {
            norms: Vec::with_capacity(documents),
            ..Self::default()
        }
    }
}

/// Writes one segment file.
pub(crate) struct SegmentWriter<'a> {
    file: FileWriter<'a>,
    documents: u32,
}

impl<'a> SegmentWriter<'a> {
    /// Begins the segment of so many documents. `path` is what messages call
    /// the file.
    pub(crate) fn new(
        out: &'a mut (dyn Write + Send),
        path: &str,
        schema: &Schema,
        documents: u32,
    ) -> Result<Self> {
        let mut file = FileWriter::new(out, path);
        let json = serde_json::to_vec(schema).map_err(|error| {
            Error::new(
                ErrorKind::Schema,
                format!("the schema can't be written: {error}"),
            )
        })?;
        file.section(Kind::Schema, None, &json)?;
        Ok(Self { file, documents })
    }

    fn io<T>(&self, result: std::io::Result<T>) -> Result<T> {
        result.map_err(|error| Error::io("writing", self.file.path(), error))
    }

    /// The lengths of a text field, one a document; returns the norms, which the
    /// lists need, and the statistics.
    pub(crate) fn lengths(
        &mut self,
        field: FieldId,
        lengths: Lengths,
    ) -> Result<(Vec<u8>, FieldStatistics)> {
        debug_assert_eq!(lengths.norms.len(), self.documents as usize);
        let id = Some(field.index() as u16);
        self.file.section(Kind::Norms, id, &lengths.norms)?;
        let mut section = self.file.begin(Kind::Lengths, id);
        let written = lengths.exact.finish(&mut section);
        section.finish()?;
        self.io(written)?;
        Ok((lengths.norms, lengths.statistics))
    }

    /// Begins the dictionary and postings of a field.
    pub(crate) fn terms(&mut self, field: FieldId, text: bool) -> FieldWriter<'_, 'a> {
        let id = field.index() as u16;
        FieldWriter {
            id,
            text,
            postings: self.file.begin(Kind::Postings, Some(id)),
            dictionary: DictionaryBuilder::new(text),
        }
    }

    /// A field's column, with a place for every document.
    pub(crate) fn column(&mut self, field: FieldId, column: ColumnBuilder) -> Result<()> {
        debug_assert_eq!(column.documents(), self.documents);
        let mut section = self.file.begin(Kind::Column, Some(field.index() as u16));
        let written = column.finish(&mut section);
        section.finish()?;
        self.io(written).map(|_| ())
    }

    /// The stored documents, all of them in order, as `write` pushes them.
    pub(crate) fn stored(
        &mut self,
        write: impl FnOnce(&mut StoredWriter<&mut SectionWriter<'_, 'a>>) -> Result<()>,
    ) -> Result<()> {
        let path = self.file.path().to_owned();
        let mut section = self.file.begin(Kind::Stored, None);
        let mut stored = StoredWriter::new(&mut section);
        write(&mut stored)?;
        let written = stored.finish();
        section.finish()?;
        written
            .map(|_| ())
            .map_err(|error| Error::io("writing", path, error))
    }

    /// Ends the file; returns its length in bytes.
    pub(crate) fn finish(self) -> Result<u64> {
        self.file.finish(self.documents)
    }
}

/// Some terms in ascending order with their lists, ready to be written.
#[derive(Debug, Default)]
pub(crate) struct EncodedTerms {
    names: Vec<u8>,
    /// Where each name ends, and its list.
    lists: Vec<(usize, EncodedList)>,
    /// The lists' bytes, one after the other.
    bytes: Vec<u8>,
    /// Which sources have a term, and its number there; by the term's place
    /// in `lists`.
    owners: Vec<(usize, u32, u32)>,
}

impl EncodedTerms {
    /// Adds a term with the list that the encoder has.
    pub(crate) fn push(&mut self, name: &[u8], encoder: &mut ListEncoder) {
        self.names.extend_from_slice(name);
        let list = encoder.finish(&mut self.bytes);
        self.lists.push((self.names.len(), list));
    }

    /// Takes back what was noted for a term that isn't pushed.
    pub(crate) fn disown(&mut self) {
        let next = self.lists.len();
        while self.owners.pop_if(|(term, ..)| *term == next).is_some() {}
    }

    /// Notes that the term pushed next is number `number` of a source.
    pub(crate) fn own(&mut self, source: u32, number: u32) {
        self.owners.push((self.lists.len(), source, number));
    }
}

/// Ranges of terms that are encoded before they are written.
const WAVE: usize = 32;

/// Writes the terms of one field, in ascending order.
pub(crate) struct FieldWriter<'f, 'a> {
    id: u16,
    text: bool,
    postings: SectionWriter<'f, 'a>,
    dictionary: DictionaryBuilder,
}

impl<'f, 'a> FieldWriter<'f, 'a> {
    /// Writes ranges of terms, which ascend: the threads of the current pool
    /// encode them, a wave at a time so that memory stays bounded, while the
    /// wave before it is written. `owned` learns of each source, number and
    /// ordinal.
    pub(crate) fn write_ranges<R: Sync>(
        &mut self,
        ranges: &[R],
        encode: impl Fn(&R) -> Result<EncodedTerms> + Sync,
        mut owned: impl FnMut(u32, u32, u32) + Send,
    ) -> Result<()> {
        let mut encoded: Vec<Result<EncodedTerms>> = Vec::new();
        for wave in ranges.chunks(WAVE).chain([&[][..]]) {
            let before = std::mem::take(&mut encoded);
            let write = || {
                before
                    .into_iter()
                    .try_for_each(|terms| self.write(&terms?, &mut owned))
            };
            let written: Result<()>;
            (written, encoded) = rayon::join(write, || wave.par_iter().map(&encode).collect());
            written?;
        }
        Ok(())
    }

    fn write(
        &mut self,
        terms: &EncodedTerms,
        owned: &mut (impl FnMut(u32, u32, u32) + Send),
    ) -> Result<()> {
        let first = self.dictionary.len();
        let (mut names, mut bytes) = (0, terms.bytes.as_slice());
        for (end, list) in &terms.lists {
            let own = bytes.split_off(..list.len).unwrap_or_default();
            self.push(&terms.names[names..*end], list, own)?;
            names = *end;
        }
        for &(term, source, number) in &terms.owners {
            // Pushed just now: the dictionary took it.
            owned(source, number, first + term as u32);
        }
        Ok(())
    }

    /// Adds a term, whose list is `list` and has these bytes.
    fn push(&mut self, term: &[u8], list: &EncodedList, bytes: &[u8]) -> Result<()> {
        debug_assert_eq!(bytes.len(), list.len);
        debug_assert!(term.len() <= MAX_TERM_BYTES);
        let offset = self.postings.len();
        self.dictionary.push(term, list, offset).map_err(full)?;
        self.postings.append(bytes)
    }

    /// Ends the field.
    pub(crate) fn finish(self, statistics: FieldStatistics) -> Result<()> {
        let count = self.dictionary.len();
        let (terms, index) = self.dictionary.finish().map_err(full)?;
        let (text, id) = (self.text, Some(self.id));
        let file = self.postings.end()?;
        file.section(Kind::Terms, id, &terms)?;
        file.section(Kind::TermIndex, id, &index)?;
        file.section(Kind::Summary, id, &statistics.to_bytes(text, count))
    }
}

fn full(_: Full) -> Error {
    Error::new(
        ErrorKind::Limit,
        "a segment's dictionary is full: a field has more than 4 GiB of terms; \
         split the documents over several indexes",
    )
}

/// A list that outgrew its directory.
pub(crate) fn too_long(_: super::positions::TooLong) -> Error {
    Error::new(
        ErrorKind::Limit,
        "a posting list is full: a term occurs more than 4,294,967,295 times in one segment; \
         split the documents over several indexes",
    )
}
