//! # An inverted field: dictionary, postings, norms
//!
//! Idea        all that turns a word into documents, for one field of one
//!             segment
//! Bytes       the *summary*, 24 bytes:
//!
//! ```text
//!  0  documents  u32   that have at least one term in the field
//!  4  text       u32   1 if there are frequencies and positions, 0 for a
//!                      keyword
//!  8  length     u64   occurrences of terms in all documents (for a keyword:
//!                      values)
//! 16  terms      u64   distinct ones
//! ```
//!
//! Invariants  (1) a text field has norms and lengths, one a document; a
//!             keyword has neither, its column says how many values there are
//! Next        [`dictionary`](super::dictionary)

use super::column::Column;
use super::dictionary::{Cursor, Dictionary, Located, TermEntry, Wanted};
use super::file::{File, Kind};
use super::impacts::Yardstick;
use super::norms;
use super::posting_list::{self, Owner, PostingList};
use crate::bytes::{Lie, Reader};
use crate::error::{Error, Result};
use crate::storage::Bytes;

/// Counts of a field: of a segment, deleted documents included, unless it is said
/// otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldStatistics {
    /// Documents that have at least one term in the field.
    pub documents: u32,
    /// Occurrences of terms in all of them; for a keyword, values.
    pub total_length: u64,
}

impl FieldStatistics {
    /// Occurrences of terms in a document that has any, on average; at least 1.
    #[must_use]
    pub fn average_length(self) -> f64 {
        norms::average_length(self.documents.into(), self.total_length)
    }

    /// Counts a document in which the field has this length.
    pub(crate) fn add(&mut self, length: u32) {
        self.documents += u32::from(length > 0);
        self.total_length += u64::from(length);
    }

    pub(super) fn to_bytes(self, text: bool, terms: u32) -> Vec<u8> {
        let mut bytes = self.documents.to_le_bytes().to_vec();
        bytes.extend(u32::from(text).to_le_bytes());
        bytes.extend(self.total_length.to_le_bytes());
        bytes.extend(u64::from(terms).to_le_bytes());
        bytes
    }
}

/// One inverted field of a segment, read in place.
#[derive(Clone, Debug)]
pub struct Inverted {
    file: String,
    field: String,
    documents: u32,
    text: bool,
    statistics: FieldStatistics,
    dictionary: Dictionary,
    postings: Bytes,
    /// Of a text field.
    norms: Bytes,
    /// Lengths of a text field; of a keyword its values, if it has a column.
    lengths: Option<Column>,
}

impl Inverted {
    /// Field number `id` of the file; `None` if it isn't inverted there.
    pub(super) fn open(
        file: &File,
        id: u16,
        name: &str,
        column: Option<&Column>,
    ) -> Result<Option<Self>> {
        let section = |kind| file.section(kind, Some(id));
        let Some(summary) = section(Kind::Summary) else {
            return Ok(None);
        };
        let corrupt = |kind: Kind, lie: Lie| Error::corrupt(file.name(), &kind.of_field(name), lie);
        let needed = |kind| section(kind).ok_or_else(|| corrupt(kind, Lie("it is missing")));
        let (text, statistics, terms) =
            read_summary(&summary, file.documents()).map_err(|lie| corrupt(Kind::Summary, lie))?;
        let dictionary = Dictionary::open(text, needed(Kind::Terms)?, needed(Kind::TermIndex)?)
            .map_err(|lie| corrupt(Kind::TermIndex, lie))?;
        if u64::from(dictionary.len()) != terms {
            return Err(corrupt(
                Kind::Summary,
                Lie("it counts other terms than there are"),
            ));
        }
        let (norms, lengths) = if text {
            let norms = needed(Kind::Norms)?;
            if norms.len() != file.documents() as usize {
                return Err(corrupt(
                    Kind::Norms,
                    Lie("there are not as many as documents"),
                ));
            }
            let lengths = Column::open(needed(Kind::Lengths)?, file.documents())
                .map_err(|lie| corrupt(Kind::Lengths, lie))?;
            (norms, Some(lengths))
        } else {
            (Bytes::from(Vec::new()), column.cloned())
        };
        Ok(Some(Self {
            file: file.name().to_owned(),
            field: name.to_owned(),
            documents: file.documents(),
            text,
            statistics,
            dictionary,
            postings: needed(Kind::Postings)?,
            norms,
            lengths,
        }))
    }

    #[cold]
    pub(crate) fn corrupt(&self, lie: Lie) -> Error {
        Error::corrupt(&self.file, &format!("field {:?}", self.field), lie)
    }

    /// The field's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.field
    }

    /// How many documents have the field, and how long they are together.
    #[must_use]
    pub fn statistics(&self) -> FieldStatistics {
        self.statistics
    }

    /// What the ceilings of the field's blocks are measured with.
    #[must_use]
    pub fn yardstick(&self) -> Yardstick {
        Yardstick::new(self.statistics.average_length())
    }

    /// Distinct terms.
    #[must_use]
    pub fn term_count(&self) -> u32 {
        self.dictionary.len()
    }

    /// Whether there are frequencies, norms and positions: a text field.
    #[must_use]
    pub fn has_positions(&self) -> bool {
        self.text
    }

    /// What the dictionary knows of `term`; `None` if it isn't there.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes can't be right.
    pub fn lookup(&self, term: &[u8]) -> Result<Option<TermEntry>> {
        self.dictionary
            .lookup(term)
            .map_err(|lie| self.corrupt(lie))
    }

    /// The terms in order, from the first that is not below `from`.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes can't be right.
    pub fn terms(&self, from: &[u8]) -> Result<TermCursor<'_>> {
        let cursor = self.dictionary.cursor(from);
        Ok(TermCursor {
            inverted: self,
            cursor: cursor.map_err(|lie| self.corrupt(lie))?,
        })
    }

    /// Gives back the memory that dictionary and postings take, as far as they
    /// are mapped; see [`Segment::release`](super::Segment::release).
    pub(crate) fn release(&self) {
        self.dictionary.release();
        self.postings.release();
    }

    /// Terms, ascending, between which lie about `most` bytes.
    pub(super) fn cuts(&self, most: u64) -> Result<Vec<Vec<u8>>> {
        let cuts = self.dictionary.cuts(most);
        cuts.map_err(|lie| self.corrupt(lie))
    }

    /// The term with an ordinal.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if there is none, since ordinals
    /// come from the segment itself.
    pub fn term(&self, ordinal: u32) -> Result<Vec<u8>> {
        self.dictionary
            .term(ordinal)
            .map_err(|lie| self.corrupt(lie))
    }

    /// The postings of a term of this field.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes can't be right.
    #[inline]
    pub fn postings(&self, entry: &TermEntry) -> Result<PostingList<'_>> {
        self.list(entry).map_err(|lie| self.owner().corrupt(lie))
    }

    /// Calls for what says how good a list's best posting can be: the processor is told
    /// that this memory will be read, and goes on meanwhile.
    #[inline]
    pub(crate) fn call_for_head(&self, entry: &TermEntry) {
        posting_list::call_for_head(self.bytes_of(entry));
    }

    /// Calls for what a list is read from first, as far as that is known without
    /// reading any of it.
    #[inline]
    pub(crate) fn call_for_beginning(&self, entry: &TermEntry) {
        let bytes = self.bytes_of(entry);
        posting_list::call_for_beginning(bytes, entry.document_frequency);
    }

    /// Calls for what a list is read from next, once its head has come.
    #[inline]
    pub(crate) fn call_for_blocks(&self, entry: &TermEntry) {
        let bytes = self.bytes_of(entry);
        posting_list::call_for_blocks(bytes, entry.document_frequency, self.text);
    }

    /// The bytes of a list; none if they lie outside the postings.
    #[inline]
    fn bytes_of(&self, entry: &TermEntry) -> &[u8] {
        let bytes = entry
            .place
            .range()
            .and_then(|range| self.postings.get(range));
        bytes.unwrap_or(&[])
    }

    fn owner(&self) -> Owner<'_> {
        Owner {
            file: &self.file,
            field: &self.field,
        }
    }

    #[inline]
    fn list(&self, entry: &TermEntry) -> Result<PostingList<'_>, Lie> {
        PostingList::new(
            self.owner(),
            self.documents,
            self.text,
            entry,
            &self.postings,
        )
    }

    /// The norm of each document; `None` for a keyword. See
    /// [`norms`].
    #[must_use]
    pub fn norms(&self) -> Option<&[u8]> {
        self.text.then_some(&*self.norms)
    }

    /// Occurrences of terms in this field of a document, exactly; for a keyword, values.
    #[must_use]
    pub fn length(&self, document: u32) -> u32 {
        let Some(lengths) = &self.lengths else {
            return 0;
        };
        if self.text {
            let length = lengths.first(document).unwrap_or(0);
            u32::try_from(length).unwrap_or(u32::MAX)
        } else {
            lengths.values(document).count() as u32
        }
    }

    /// Checks every term and every posting.
    pub(super) fn verify(&self) -> Result<(), Lie> {
        let norm = |document: u32| self.norms.get(document as usize).copied().unwrap_or(0);
        let yardstick = self.yardstick();
        let mut next = 0;
        self.dictionary.verify(&mut |entry| {
            let (offset, length) = entry.place.bytes();
            if offset != next {
                return Err(Lie("the lists don't follow each other"));
            }
            next = offset + length;
            self.list(entry)?.verify(&norm, &yardstick)
        })?;
        if next != self.postings.len() as u64 {
            return Err(Lie("something follows the last list"));
        }
        self.verify_lengths()
    }

    fn verify_lengths(&self) -> Result<(), Lie> {
        let Some(lengths) = &self.lengths else {
            return Ok(());
        };
        if self.text {
            lengths.verify()?;
        }
        let mut sum = FieldStatistics::default();
        for document in 0..self.documents {
            let length = self.length(document);
            sum.add(length);
            if self.text && self.norms[document as usize] != norms::encode(length) {
                return Err(Lie("a norm is not that of the length"));
            }
        }
        if sum != self.statistics {
            return Err(Lie("the lengths don't add up to the summary's"));
        }
        Ok(())
    }
}

/// Dictionaries that wait for memory at the same time.
const TOGETHER: usize = 16;

/// Appends what is known of `term` in the same field of several segments, where there
/// is such a field: `None` where the term isn't there.
///
/// What is read lies in memory that no near cache has. So first all search the index
/// of their blocks, then all call for their block, then they read it: each waits
/// while the others do, not after them.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes can't be right.
pub(crate) fn lookup_in_all<'i>(
    mut fields: impl ExactSizeIterator<Item = Option<&'i Inverted>>,
    term: &[u8],
    entries: &mut Vec<Option<TermEntry>>,
) -> Result<()> {
    let wanted = Wanted::new(term);
    if fields.len() == 1 {
        // Nobody to wait with.
        let found = fields.next().flatten().map(|field| field.lookup(term));
        entries.push(found.transpose()?.flatten());
    }
    while fields.len() > 0 {
        let mut several = [const { (None, 0..0) }; TOGETHER];
        let count = fields.len().min(TOGETHER);
        for ((field, group), next) in several.iter_mut().zip(fields.by_ref().take(count)) {
            *field = next;
            *group = next.map_or(0..0, |next| next.dictionary.group(wanted));
        }
        let mut located = [Located::default(); TOGETHER];
        for (located, (field, group)) in located.iter_mut().zip(&several[..count]) {
            if let Some(field) = field {
                let found = field.dictionary.locate(wanted, group.clone());
                *located = found.map_err(|lie| field.corrupt(lie))?;
            }
        }
        for (located, (field, _)) in located.into_iter().zip(&several[..count]) {
            entries.push(match field {
                Some(field) => {
                    let found = field.dictionary.find(located, wanted);
                    found.map_err(|lie| field.corrupt(lie))?
                }
                None => None,
            });
        }
    }
    Ok(())
}

fn read_summary(bytes: &[u8], documents: u32) -> Result<(bool, FieldStatistics, u64), Lie> {
    let mut reader = Reader::new(bytes);
    let statistics_documents = reader.u32()?;
    let text = match reader.u32()? {
        0 => false,
        1 => true,
        _ => return Err(Lie("it is neither a text's nor a keyword's")),
    };
    let total_length = reader.u64()?;
    let terms = reader.u64()?;
    if !reader.rest().is_empty() || statistics_documents > documents {
        return Err(Lie("it counts more than there can be"));
    }
    let statistics = FieldStatistics {
        documents: statistics_documents,
        total_length,
    };
    Ok((text, statistics, terms))
}

/// Walks over the terms of a field in order.
#[derive(Debug)]
pub struct TermCursor<'a> {
    inverted: &'a Inverted,
    cursor: Cursor<'a>,
}

impl TermCursor<'_> {
    /// Steps to the next term; `None` past the last.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes can't be right.
    #[allow(
        clippy::should_implement_trait,
        reason = "it lends the term and may fail"
    )]
    pub fn next(&mut self) -> Result<Option<TermEntry>> {
        self.cursor.next().map_err(|lie| self.inverted.corrupt(lie))
    }

    /// Steps to the next term, whose [entry](Self::entry) isn't read; `false` past the
    /// last.
    pub(crate) fn advance(&mut self) -> Result<bool> {
        let advanced = self.cursor.advance();
        advanced.map_err(|lie| self.inverted.corrupt(lie))
    }

    /// What the dictionary knows of the term.
    pub(crate) fn entry(&self) -> Result<TermEntry> {
        let entry = self.cursor.entry();
        entry.map_err(|lie| self.inverted.corrupt(lie))
    }

    /// Goes on at the first term that is not below `from`, which lies ahead.
    pub(crate) fn seek(&mut self, from: &[u8]) -> Result<()> {
        let sought = self.cursor.seek(from);
        sought.map_err(|lie| self.inverted.corrupt(lie))
    }

    /// Goes to the term with this ordinal, which lies ahead.
    pub(crate) fn go_to(&mut self, ordinal: u32) -> Result<()> {
        let gone = self.cursor.go_to(ordinal);
        gone.map_err(|lie| self.inverted.corrupt(lie))
    }

    /// The term that [`next`](Self::next) returned the entry of.
    #[must_use]
    pub fn term(&self) -> &[u8] {
        self.cursor.term()
    }
}
