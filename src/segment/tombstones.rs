//! # Tombstones: which documents of a segment are deleted
//!
//! Idea        a segment never changes. What is deleted stands beside it, in
//!             a small file of its own: a bit for each document, and by how
//!             much each field's statistics must be lowered, so that a deleted
//!             document changes no score
//! Example     of 10 documents the second is deleted, whose `title` had 3
//!             terms: bits `02`, correction `title`: 1 document, length 3
//! Bytes       little-endian:
//!
//! ```text
//!  0  magic      8 bytes   "wh-tombs"
//!  8  version    u32       1
//! 12  documents  u32       of the segment
//! 16  deleted    u32       bits set
//! 20  fields     u32       how many corrections
//! 24  corrections, in ascending order of their names, each:
//!         length u16 | name UTF-8 | documents u32 | total length u64
//!     zeros to a multiple of 8
//!     bits       u64 × ⌈documents / 64⌉: document n is deleted if bit n % 64
//!                of word n / 64 is set
//!     checksum   u32       CRC-32 of everything before
//! ```
//!
//! Invariants  (1) as many bits are set as `deleted` says, none at or past
//!             `documents`
//!             (2) a correction has at most `deleted` documents
//!             (3) equal tombstones have equal bytes
//! Cost        is it deleted: one bit. The file: a bit a document, read whole
//! Left out    compression: a million documents take 125 kB, and merges clear
//!             segments of which much is deleted
//! Next        `spool.rs`, then `writer.rs`: how a segment comes about

#[cfg(test)]
mod tests;

use super::FieldStatistics;
use crate::bytes::{Lie, Reader, padding};
use crate::error::{Error, Result};
use std::collections::BTreeMap;

const MAGIC: &[u8; 8] = b"wh-tombs";
const VERSION: u32 = 1;

/// What a file of tombstones says its checksum is; 0 of one that is too short.
pub(crate) fn checksum(file: &[u8]) -> u32 {
    file.last_chunk().map_or(0, |sum| u32::from_le_bytes(*sum))
}

/// The deleted documents of a segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tombstones {
    documents: u32,
    deleted: u32,
    words: Vec<u64>,
    /// By how much each field's statistics are lowered: those of the deleted documents.
    corrections: BTreeMap<String, FieldStatistics>,
}

impl Tombstones {
    /// None deleted of so many.
    #[must_use]
    pub fn new(documents: u32) -> Self {
        Self {
            documents,
            deleted: 0,
            words: vec![0; documents.div_ceil(64) as usize],
            corrections: BTreeMap::new(),
        }
    }

    /// Marks a document; `false` if it was deleted before, or there is no such
    /// document. The one who deletes tells [`correct`](Self::correct) too.
    pub fn delete(&mut self, document: u32) -> bool {
        if document >= self.documents || self.is_deleted(document) {
            return false;
        }
        self.words[document as usize / 64] |= 1 << (document % 64);
        self.deleted += 1;
        true
    }

    /// Takes a deleted document's length in a field out of the statistics; to
    /// be called once for every field that it has.
    pub fn correct(&mut self, field: &str, length: u64) {
        let correction = match self.corrections.get_mut(field) {
            Some(correction) => correction,
            None => self.corrections.entry(field.to_owned()).or_default(),
        };
        correction.documents += 1;
        correction.total_length += length;
    }

    /// What is taken out of a field's statistics.
    #[must_use]
    pub fn correction(&self, field: &str) -> FieldStatistics {
        self.corrections.get(field).copied().unwrap_or_default()
    }

    /// Whether a document is deleted.
    #[inline]
    #[must_use]
    pub fn is_deleted(&self, document: u32) -> bool {
        let word = self.words.get(document as usize / 64);
        word.is_some_and(|word| word >> (document % 64) & 1 == 1)
    }

    /// Documents of the segment, deleted or not.
    #[must_use]
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// How many are deleted.
    #[must_use]
    pub fn deleted_count(&self) -> u32 {
        self.deleted
    }

    /// How many are not.
    #[must_use]
    pub fn live_count(&self) -> u32 {
        self.documents - self.deleted
    }

    /// The deleted documents, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(&self.words).flat_map(|(index, &word)| {
            let bits = std::iter::successors(Some(word), |bits| Some(bits & bits.wrapping_sub(1)));
            bits.take_while(|bits| *bits != 0)
                .map(move |bits| index * 64 + bits.trailing_zeros())
        })
    }

    /// The bits: document `n` is bit `n % 64` of word `n / 64`.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let fields = self.corrections.len() as u32;
        for number in [VERSION, self.documents, self.deleted, fields] {
            bytes.extend(number.to_le_bytes());
        }
        for (name, correction) in &self.corrections {
            // A schema's names have at most 255 bytes.
            bytes.extend((name.len() as u16).to_le_bytes());
            bytes.extend(name.as_bytes());
            bytes.extend(correction.documents.to_le_bytes());
            bytes.extend(correction.total_length.to_le_bytes());
        }
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes.extend(self.words.iter().flat_map(|word| word.to_le_bytes()));
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// The tombstones in the file `name`, for a segment of so many documents.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) or
    /// [`Incompatible`](crate::ErrorKind::Incompatible), naming the file.
    pub fn from_bytes(name: &str, bytes: &[u8], documents: u32) -> Result<Self> {
        let corrupt = |lie: Lie| Error::corrupt(name, "tombstones", lie);
        let mut header = Reader::new(bytes);
        if header.take(MAGIC.len()).map_err(corrupt)? != MAGIC {
            return Err(corrupt(Lie("it doesn't begin as a file of tombstones")));
        }
        let found = header.u32().map_err(corrupt)?;
        // The checksum of a newer version may lie elsewhere, so this is first.
        if found > VERSION {
            return Err(Error::incompatible(name, "format", found, VERSION));
        }
        Self::parse(bytes, documents).map_err(corrupt)
    }

    fn parse(bytes: &[u8], documents: u32) -> Result<Self, Lie> {
        let body = bytes
            .len()
            .checked_sub(4)
            .ok_or(crate::bytes::reader::ENDS_EARLY)?;
        let (body, checksum) = bytes.split_at(body);
        if crc32fast::hash(body).to_le_bytes() != checksum {
            return Err(Lie("its checksum is wrong"));
        }
        let mut reader = Reader::new(body);
        reader.take(MAGIC.len())?;
        if reader.u32()? != VERSION {
            return Err(Lie("it has a version that there never was"));
        }
        if reader.u32()? != documents {
            return Err(Lie("it has other documents than its segment"));
        }
        let (deleted, fields) = (reader.u32()?, reader.u32()?);
        let corrections = read_corrections(&mut reader, fields, deleted)?;
        let zeros = padding(reader.position() as u64);
        if reader.take(zeros.len())? != zeros {
            return Err(Lie("there is something between fields and bits"));
        }
        let rest = reader.rest();
        if rest.len() != documents.div_ceil(64) as usize * 8 {
            return Err(Lie("there are other bits than documents"));
        }
        let words: Vec<u64> = rest
            .as_chunks()
            .0
            .iter()
            .map(|word| u64::from_le_bytes(*word))
            .collect();
        let set: u64 = words.iter().map(|word| u64::from(word.count_ones())).sum();
        let past = match (documents % 64, words.last()) {
            (0, _) | (_, None) => 0,
            (used, Some(last)) => last >> used,
        };
        if set != u64::from(deleted) || past != 0 {
            return Err(Lie("the bits are not those of the deleted documents"));
        }
        Ok(Self {
            documents,
            deleted,
            words,
            corrections,
        })
    }
}

fn read_corrections(
    reader: &mut Reader,
    fields: u32,
    deleted: u32,
) -> Result<BTreeMap<String, FieldStatistics>, Lie> {
    let mut corrections = BTreeMap::new();
    for _ in 0..fields {
        let length = reader.u16()?;
        let name = str::from_utf8(reader.take(usize::from(length))?)
            .map_err(|_| Lie("a field's name is not valid UTF-8"))?;
        let correction = FieldStatistics {
            documents: reader.u32()?,
            total_length: reader.u64()?,
        };
        // Invariant (2).
        if correction.documents > deleted {
            return Err(Lie("a field loses more documents than are deleted"));
        }
        let follows = |(last, _): (&String, _)| last.as_str() < name;
        if !corrections.last_key_value().is_none_or(follows) {
            return Err(Lie("the fields are out of order"));
        }
        corrections.insert(name.to_owned(), correction);
    }
    Ok(corrections)
}
