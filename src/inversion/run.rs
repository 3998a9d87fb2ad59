//! A run: a batch of documents, inverted and packed.

use crate::bytes::{Lie, Reader, varint};
use crate::segment::stored::Block;

/// An inverted batch, waiting to become part of a segment.
#[derive(Debug)]
pub struct Run {
    pub(super) documents: u32,
    /// By the field's number; `None` where the field is not inverted.
    pub(super) terms: Vec<Option<Terms>>,
    /// By the field's number; `None` where it has no column.
    pub(super) columns: Vec<Option<Values>>,
    pub(super) stored: Vec<Block<Vec<u8>>>,
}

impl Run {
    /// Documents in it.
    #[must_use]
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// Bytes of memory that it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        let terms: usize = self.terms.iter().flatten().map(Terms::size).sum();
        let columns: usize = self.columns.iter().flatten().map(Values::size).sum();
        let stored: usize = self.stored.iter().map(|block| block.size() + 32).sum();
        terms + columns + stored
    }
}

/// The terms of one field, ascending, with their postings.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// Whether there are frequencies, positions and lengths.
    pub(super) text: bool,
    names: Vec<u8>,
    /// Where each name and each term's postings end.
    ends: Vec<(u32, u32)>,
    postings: Vec<u8>,
    /// Of a text field: tokens of each document.
    pub(super) lengths: Vec<u32>,
}

impl Terms {
    pub(super) fn new(text: bool) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn size(&self) -> usize {
        self.names.len() + self.ends.len() * 8 + self.postings.len() + self.lengths.len() * 4
    }

    /// The name of a term and its postings.
    pub(super) fn get(&self, index: usize) -> (&[u8], Postings<'_>) {
        let start = match index {
            0 => (0, 0),
            _ => self.ends[index - 1],
        };
        let end = self.ends[index];
        let bytes = &self.postings[start.1 as usize..end.1 as usize];
        let postings = Postings {
            reader: Reader::new(bytes),
            next: 0,
            text: self.text,
        };
        (self.name(index), postings)
    }

    pub(super) fn name(&self, index: usize) -> &[u8] {
        let start = match index {
            0 => 0,
            _ => self.ends[index - 1].0,
        };
        &self.names[start as usize..self.ends[index].0 as usize]
    }

    /// The first term that is not below `term`.
    pub(super) fn find(&self, term: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.name(middle) < term {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Begins the postings of the next term.
    pub(super) fn begin(&mut self, name: &[u8]) -> PostingsWriter<'_> {
        self.names.extend_from_slice(name);
        PostingsWriter {
            terms: self,
            next: 0,
        }
    }

    /// Gives back what was reserved too much.
    pub(super) fn shrink(&mut self) {
        self.names.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.postings.shrink_to_fit();
    }
}

/// Writes the postings of one term. They are kept as in the tail of a
/// [posting list](crate::segment::posting_list), but for a frequency that is
/// written as it is, and each is followed by its positions, as distances.
pub(super) struct PostingsWriter<'a> {
    terms: &'a mut Terms,
    next: u32,
}

impl PostingsWriter<'_> {
    /// Positions ascend; of a keyword there are none.
    pub(super) fn push(&mut self, document: u32, positions: &[u32]) {
        let out = &mut self.terms.postings;
        let gap = u64::from(document - self.next);
        self.next = document + 1;
        if !self.terms.text {
            varint::write(out, gap);
            return;
        }
        if positions.len() == 1 {
            varint::write(out, gap << 1 | 1);
        } else {
            varint::write(out, gap << 1);
            varint::write(out, positions.len() as u64);
        }
        let mut before = 0;
        for &position in positions {
            varint::write(out, position - before);
            before = position;
        }
    }

    pub(super) fn finish(self) {
        let terms = self.terms;
        // A run is far from 4 GiB, as a batch is.
        let ends = (terms.names.len() as u32, terms.postings.len() as u32);
        terms.ends.push(ends);
    }
}

/// Reads the postings of one term.
pub(super) struct Postings<'a> {
    reader: Reader<'a>,
    next: u32,
    text: bool,
}

impl Postings<'_> {
    /// The next document, its positions into `positions`; `None` at the end.
    /// The bytes are our own: they can't lie, but nothing is left to that.
    #[inline]
    pub(super) fn next(&mut self, positions: &mut Vec<u32>) -> Result<Option<u32>, Lie> {
        if self.reader.rest().is_empty() {
            return Ok(None);
        }
        let mut gap = self.reader.varint()?;
        positions.clear();
        if self.text {
            let frequency = match gap & 1 {
                1 => 1,
                _ => self.reader.varint_u32()?,
            };
            gap >>= 1;
            let mut position = 0;
            for _ in 0..frequency {
                position += self.reader.varint_u32()?;
                positions.push(position);
            }
        }
        let document = self.next + gap as u32;
        self.next = document + 1;
        Ok(Some(document))
    }
}

/// The column values of one field: codes, or ordinals of the run's terms.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// Where each document's codes end.
    ends: Vec<u32>,
    codes: Vec<u64>,
}

impl Values {
    pub(super) fn push(&mut self, code: u64) {
        self.codes.push(code);
    }

    pub(super) fn end_document(&mut self) {
        self.ends.push(self.codes.len() as u32);
    }

    pub(super) fn codes_mut(&mut self) -> &mut [u64] {
        &mut self.codes
    }

    /// The codes of each document in turn.
    pub(super) fn documents(&self) -> impl Iterator<Item = &[u64]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let codes = &self.codes[start..end as usize];
            start = end as usize;
            codes
        })
    }

    fn size(&self) -> usize {
        self.ends.len() * 4 + self.codes.len() * 8
    }
}
