//! # Writing a segment
//!
//! Idea        the file is written once, from front to back. Its callers know
//!             documents and terms in order; here these only become sections
//! Order       for each text field its lengths (the lists need the norms),
//!             then for each inverted field its terms in order, then columns,
//!             then stored documents. The table at the end makes the order
//!             free; this one needs the least memory
//! Invariants  (1) the same calls write the same bytes
//!             (2) nothing is kept in memory but two waves of lists, the index
//!             of the stored documents, a bit a document of the column being
//!             written, and what has to wait until it can be written, a
//!             field's dictionary and column: that is in a [`spool`](super::spool)
//! Used by     [`crate::inversion`], which makes segments from documents;
//!             [`merge`](mod@super::merge), which makes one from several; and
//!             [`permute`](super::permute), which puts one in another order
//! Next        [`merge`](mod@super::merge)

use super::column::ColumnBuilder;
use super::dictionary::{DictionaryBuilder, Full, MAX_TERM_BYTES};
use super::file::{FileWriter, Kind, SectionWriter};
use super::inverted::FieldStatistics;
use super::norms;
use super::posting_list::{EncodedList, LeftOut, ListEncoder};
use super::spool::Spools;
use super::stored::StoredWriter;
use crate::document::{FieldId, Schema};
use crate::error::{Error, ErrorKind, Result};
use std::collections::VecDeque;
use std::io::Write;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

/// Norms that are written at once.
const NORMS: usize = 64 << 10;

/// Writes one segment file.
pub(crate) struct SegmentWriter<'a> {
    file: FileWriter<'a>,
    /// For what has to wait until it is written.
    spools: &'a Spools,
    documents: u32,
}

impl<'a> SegmentWriter<'a> {
    /// Begins the segment of so many documents. `path` is what messages call
    /// the file.
    pub(crate) fn new(
        out: &'a mut (dyn Write + Send),
        spools: &'a Spools,
        path: &str,
        schema: &Schema,
        documents: u32,
    ) -> Result<Self> {
        let mut file = FileWriter::new(out, path);
        let json = serde_json::to_vec(schema)
            .map_err(|error| Error::schema(format!("the schema can't be written: {error}")))?;
        file.section(Kind::Schema, None, &json)?;
        Ok(Self {
            file,
            spools,
            documents,
        })
    }

    /// Where columns are built.
    pub(super) fn spools(&self) -> &'a Spools {
        self.spools
    }

    /// What messages call the file.
    pub(super) fn path(&self) -> &str {
        self.file.path()
    }

    /// The error of what couldn't be written, or was to wait for it.
    #[cold]
    pub(crate) fn error(&self, error: std::io::Error) -> Error {
        Error::io("writing", self.file.path(), error)
    }

    /// The lengths of a text field, one a document, in terms; 0 if it hasn't
    /// the field.
    pub(crate) fn lengths(
        &mut self,
        field: FieldId,
        lengths: impl Iterator<Item = u32>,
    ) -> Result<FieldStatistics> {
        let id = Some(field.index() as u16);
        let mut statistics = FieldStatistics::default();
        let mut column = ColumnBuilder::new(self.spools);
        let mut section = self.file.begin(Kind::Norms, id);
        let mut norms = Vec::with_capacity(NORMS);
        for length in lengths {
            statistics.add(length);
            let pushed = column.push(&[length.into()]);
            pushed.map_err(|error| section.error(error))?;
            norms.push(norms::encode(length));
            if norms.len() == NORMS {
                section.append(&norms)?;
                norms.clear();
            }
        }
        section.append(&norms)?;
        section.finish()?;
        self.write_column(Kind::Lengths, field, column)?;
        Ok(statistics)
    }

    /// Begins the dictionary and postings of a field.
    pub(crate) fn terms(&mut self, field: FieldId, text: bool) -> FieldWriter<'_, 'a> {
        let id = field.index() as u16;
        FieldWriter {
            id,
            text,
            postings: self.file.begin(Kind::Postings, Some(id)),
            dictionary: DictionaryBuilder::new(text, self.spools),
        }
    }

    /// A field's column, with a place for every document.
    pub(crate) fn column(&mut self, field: FieldId, column: ColumnBuilder<'_>) -> Result<()> {
        self.write_column(Kind::Column, field, column)
    }

    fn write_column(
        &mut self,
        kind: Kind,
        field: FieldId,
        column: ColumnBuilder<'_>,
    ) -> Result<()> {
        debug_assert_eq!(column.documents(), self.documents);
        let id = Some(field.index() as u16);
        self.file.write_section(kind, id, |out| column.finish(out))
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
        written.map_err(|error| Error::io("writing", path, error))
    }

    /// Ends the file; returns its length in bytes.
    pub(crate) fn finish(self) -> Result<u64> {
        self.file.finish(self.documents)
    }
}

/// Takes bytes, piece by piece.
pub(super) type Pieces<'p> = dyn FnMut(&[u8]) -> Result<()> + 'p;

/// Whoever can encode what was [left out](LeftOut) of a list.
pub(super) trait Rest: Send {
    /// Hands over the payload.
    fn payload(&self, out: &mut Pieces) -> Result<()>;

    /// Hands over the positions.
    fn positions(&self, out: &mut Pieces) -> Result<()>;
}

/// Some terms in ascending order with their lists, ready to be written.
#[derive(Default)]
pub(crate) struct EncodedTerms<'r> {
    names: Vec<u8>,
    /// Where each name ends, and its list.
    lists: Vec<(usize, EncodedList)>,
    /// The lists' bytes, one after the other.
    bytes: Vec<u8>,
    /// Which sources have a term, and its number there; by the term's place
    /// in `lists`.
    owners: Vec<(usize, u32, u32)>,
    /// Of the lists of which something is left out, in order.
    rests: VecDeque<Box<dyn Rest + 'r>>,
}

impl<'r> EncodedTerms<'r> {
    /// None yet, and room for lists of so many bytes.
    pub(crate) fn with_room(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// Adds a term with the list that the encoder has.
    pub(crate) fn push(&mut self, name: &[u8], encoder: &mut ListEncoder) {
        self.names.extend_from_slice(name);
        let list = encoder.finish(&mut self.bytes);
        self.lists.push((self.names.len(), list));
    }

    /// Adds a term with the list that the encoder has measured; `rest` is going
    /// to encode it when it is written.
    pub(super) fn push_measured(
        &mut self,
        name: &[u8],
        encoder: &mut ListEncoder,
        rest: impl Rest + 'r,
    ) {
        self.push(name, encoder);
        self.rests.push_back(Box::new(rest));
    }

    /// Bytes of lists so far.
    pub(super) fn list_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// No more are coming: without the room that is left. Of singles, which need no
    /// bytes, that is half of all.
    fn shrink(&mut self) {
        self.names.shrink_to_fit();
        self.lists.shrink_to_fit();
        self.bytes.shrink_to_fit();
        self.owners.shrink_to_fit();
    }

    /// Bytes in memory, nearly.
    fn size(&self) -> usize {
        self.names.len() + self.bytes.len() + size_of_val(&*self.lists) + size_of_val(&*self.owners)
    }

    /// Takes back what was noted for a term that isn't pushed.
    pub(super) fn disown(&mut self) {
        let next = self.lists.len();
        while self.owners.pop_if(|(term, ..)| *term == next).is_some() {}
    }

    /// Notes that the term pushed next is number `number` of a source.
    pub(crate) fn own(&mut self, source: u32, number: u32) {
        self.owners.push((self.lists.len(), source, number));
    }
}

/// Bytes that are encoded before they are written; and a range a thread. One
/// thread alone writes them itself, and needs half.
const WAVE_BYTES: usize = 4 << 20;

/// Encodes ranges, from the first on, until together they have [`WAVE_BYTES`] (half of
/// that with one thread). The threads take them in order, so none is left out between two
/// others; each thread has an encoder that `new` makes.
fn encode_wave<'r, R: Sync, E>(
    ranges: &[R],
    new: &(impl Fn() -> E + Sync),
    encode: &(impl Fn(&mut E, &R) -> Result<EncodedTerms<'r>> + Sync),
) -> Vec<Result<EncodedTerms<'r>>> {
    let most = match rayon::current_num_threads() {
        1 => WAVE_BYTES / 2,
        _ => WAVE_BYTES,
    };
    let (next, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let encoded = Mutex::new(Vec::new());
    let work = || {
        let mut encoder = new();
        while bytes.load(Relaxed) < most {
            let index = next.fetch_add(1, Relaxed);
            let Some(range) = ranges.get(index) else {
                return;
            };
            let mut terms = encode(&mut encoder, range);
            terms.iter_mut().for_each(EncodedTerms::shrink);
            // What comes after an error isn't wanted.
            let size = terms.as_ref().map_or(most, EncodedTerms::size);
            bytes.fetch_add(size, Relaxed);
            let mut encoded = encoded.lock().unwrap_or_else(PoisonError::into_inner);
            encoded.push((index, terms));
        }
    };
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads().min(ranges.len()) {
            scope.spawn(|_| work());
        }
    });
    let mut encoded = encoded.into_inner().unwrap_or_else(PoisonError::into_inner);
    encoded.sort_unstable_by_key(|(index, _)| *index);
    encoded.into_iter().map(|(_, terms)| terms).collect()
}

/// Writes the terms of one field, in ascending order.
pub(crate) struct FieldWriter<'f, 'a> {
    id: u16,
    text: bool,
    postings: SectionWriter<'f, 'a>,
    dictionary: DictionaryBuilder<'a>,
}

impl<'f, 'a> FieldWriter<'f, 'a> {
    /// Writes ranges of terms, which ascend: the threads of the current pool
    /// encode them, a wave at a time so that memory stays bounded, while the
    /// wave before it is written. A thread has one of what `new` makes, to encode
    /// its ranges of the wave with. `owned` learns of each source, number and
    /// ordinal.
    pub(crate) fn write_ranges<'r, R: Sync, E>(
        &mut self,
        mut ranges: &[R],
        new: impl Fn() -> E + Sync,
        encode: impl Fn(&mut E, &R) -> Result<EncodedTerms<'r>> + Sync,
        mut owned: impl FnMut(u32, u32, u32) -> Result<()> + Send,
    ) -> Result<()> {
        let mut encoded: Vec<Result<EncodedTerms>> = Vec::new();
        while !(encoded.is_empty() && ranges.is_empty()) {
            let before = std::mem::take(&mut encoded);
            let write = || {
                before
                    .into_iter()
                    .try_for_each(|terms| self.write(terms?, &mut owned))
            };
            let written: Result<()>;
            (written, encoded) = rayon::join(write, || encode_wave(ranges, &new, &encode));
            written?;
            ranges = &ranges[encoded.len()..];
        }
        Ok(())
    }

    fn write(
        &mut self,
        mut terms: EncodedTerms,
        owned: &mut (impl FnMut(u32, u32, u32) -> Result<()> + Send),
    ) -> Result<()> {
        let first = self.dictionary.len();
        let (mut names, mut bytes) = (0, terms.bytes.as_slice());
        // Lists that have all their bytes here are appended together.
        let (mut whole, mut offset) = (0, self.postings.len());
        for (end, list) in &terms.lists {
            let name = &terms.names[names..*end];
            debug_assert!(name.len() <= MAX_TERM_BYTES);
            self.dictionary.push(name, list, offset).map_err(full)?;
            let rest = list
                .left_out
                .map(|left_out| (left_out, terms.rests.pop_front()));
            if let Some((left_out, Some(rest))) = rest {
                let before = bytes.split_off(..whole).unwrap_or_default();
                self.postings.append(before)?;
                whole = 0;
                let encoded = list.len - left_out.payload - left_out.positions;
                let own = bytes.split_off(..encoded).unwrap_or_default();
                self.write_rest(own, left_out, &*rest)?;
            } else {
                whole += list.len;
            }
            offset += list.len as u64;
            debug_assert_eq!(self.postings.len() + whole as u64, offset);
            names = *end;
        }
        self.postings.append(&bytes[..whole.min(bytes.len())])?;
        for &(term, source, number) in &terms.owners {
            // Pushed just now: the dictionary took it.
            owned(source, number, first + term as u32)?;
        }
        let spilled = self.dictionary.spill();
        spilled.map_err(|error| self.postings.error(error))
    }

    /// Writes a list's bytes, and between and behind them what was left out.
    fn write_rest(&mut self, own: &[u8], left_out: LeftOut, rest: &dyn Rest) -> Result<()> {
        let (before, after) = own.split_at(left_out.at.min(own.len()));
        self.postings.append(before)?;
        self.write_measured(left_out.payload, |out| rest.payload(out))?;
        self.postings.append(after)?;
        if left_out.positions == 0 {
            // A single one stands in the dictionary.
            return Ok(());
        }
        self.write_measured(left_out.positions, |out| rest.positions(out))
    }

    /// Writes what is handed over, which was measured to be so long.
    fn write_measured(
        &mut self,
        length: usize,
        hand_over: impl FnOnce(&mut Pieces) -> Result<()>,
    ) -> Result<()> {
        let end = self.postings.len() + length as u64;
        hand_over(&mut |bytes| self.postings.append(bytes))?;
        match self.postings.len() == end {
            true => Ok(()),
            false => Err(unequal()),
        }
    }

    /// Ends the field.
    pub(crate) fn finish(self, statistics: FieldStatistics) -> Result<()> {
        let count = self.dictionary.len();
        let (terms, index) = self.dictionary.finish().map_err(full)?;
        let (text, id) = (self.text, Some(self.id));
        let file = self.postings.finish()?;
        file.write_section(Kind::Terms, id, |out| terms.write_to(out))?;
        file.write_section(Kind::TermIndex, id, |out| index.write_to(out))?;
        file.section(Kind::Summary, id, &statistics.to_bytes(text, count))
    }
}

/// So many documents, if a segment can have as many.
pub(crate) fn document_count(documents: u64, remedy: &str) -> Result<u32> {
    match u32::try_from(documents) {
        Ok(documents) if documents < u32::MAX => Ok(documents),
        _ => Err(Error::limit(format!(
            "a segment holds at most 4,294,967,294 documents; {remedy}"
        ))),
    }
}

fn full(_: Full) -> Error {
    Error::limit(
        "a segment's dictionary is full: a field has more than 4 GiB of terms; \
         split the documents over several indexes",
    )
}

/// A list was measured and is another now.
#[cold]
fn unequal() -> Error {
    Error::new(
        ErrorKind::Corrupt,
        "a posting list changed while it was merged; check the index",
    )
}

/// A list that outgrew its directory.
pub(crate) fn too_long(_: super::positions::TooLong) -> Error {
    Error::limit(
        "a posting list is full: a term occurs more than 4,294,967,295 times in one segment; \
         split the documents over several indexes",
    )
}
