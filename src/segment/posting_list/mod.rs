//! # Posting lists: which documents contain a term
//!
//! Idea        a posting is the number of a document that has the term, and how often
//!             it has it. They are sorted by document, the numbers kept as gaps, 128
//!             at a time. Before these blocks stands a *directory*, by which a block
//!             can be skipped without touching it: the last document of each block
//!             says which one a document can be in, its impacts say whether it is
//!             worth looking
//! Example     a list of two, documents 7 and 11, once and thrice: a tail alone,
//!             behind its ceiling; a block of the gaps 7 and 11-8 = 3 → `01 5F`,
//!             and a block of the frequencies less 1, which are 0 and 2 → `00 06`
//! Bytes       a list of d documents has n = d / 128 blocks (rounded down) and
//!             a tail of the t = d % 128 that are left:
//!
//! ```text
//! d = 1   nothing: the posting stands in the dictionary. If a text field's
//!         term occurs there more than once, its positions stand here
//! n = 0   | ceiling u8, text fields only | tail | positions |
//! n > 0   | head | champions | directory | payload | tail | positions |
//!
//! head, 48 bytes
//!   0  impacts    (frequency u8, norm u8) × 8      of the whole list, the
//!                 frequency as a code: see `impacts.rs`
//!  16  witnesses  (frequency u8, norm u8) × 4 × 3  likewise, for k = 10, 100, 1000: each
//!                 of k documents has, for one of the four pairs, at least this
//!                 frequency and at most this norm; zeros if there are not so
//!                 many documents
//!  40  payload    u32   its length
//!  44  champions  u16   theirs
//!  46  tail       u16   its length
//! champions, if n >= 2: see `champions.rs`                   text fields only
//! directory, one array after the other
//!      ends                       of the blocks in the payload: see `bytes/ends.rs`
//!      last       u32 × n         the last document of each block
//!      ceiling    u8 × n, and one more if there is a tail: see `impacts.rs`
//!                                                           text fields only
//!      impacts    (frequency u8, norm u8) × 4 × n           text fields only
//!      first      u32 × n         number of the block's first position in the
//!                                 stream of positions       text fields only
//! payload, for each block
//!      documents    a block (see `bytes/block`) of 128 gaps: how many
//!                   documents lie between a document and the one before it in
//!                   the list, be that in this block or in the last; before the
//!                   first of all, how many the segment has before it. Or,
//!                   where it takes less than 9/4 of the bytes, or less than 40
//!                   if there is any gap,
//!                   | FF | word u64 … |, a bitmap: bit i of word j stands for
//!                   document 64·(w + j) + i, where w is the word of the first
//!                   document that could be in the block (the one after the
//!                   last block's last, or 0), and the words go on to that of
//!                   its own last
//!      frequencies  a block of frequency - 1                text fields only
//! tail, if t > 0
//!      documents    a block of t gaps
//!      frequencies  a block of t times frequency - 1, unless the term occurs once
//!                   in each document of the list            text fields only
//! positions         see `positions/mod.rs`          text fields only
//! ```
//!
//! Invariants  (1) documents ascend strictly and lie below the segment's count
//!             (2) a block's last document is the directory's
//!             (3) for every posting of a block one of its impacts has at
//!             least its frequency and at most its norm; for every posting of
//!             the list one of the list's has
//!             (4) a keyword's frequency is 1 and its norm 0
//!             (5) no posting of a block is worth more than its ceiling
//! Cost        leap to a document: logarithmic in the blocks leapt over, then
//!             one block; a block unpacks without branches, some 40 ns
//! Left out    the impacts of the tail and of short lists: a byte says whether
//!             to look, and to score a tail is as quick as to bound it better
//! Papers      Lemire and Boytsov 2015; for the directory apart from the
//!             blocks, Ding and Suel 2011
//! Rooms       this one: a list and its directory; `ahead`: its bytes called for early;
//!             `decode`: its blocks and its tail;
//!             `bitmap`; `champions`: its best documents, kept apart; `encoder`;
//!             `witnesses`, what some documents score at least; `verify`
//! Next        `decode.rs`; or on to `positions/mod.rs`

mod ahead;
mod bitmap;
mod champions;
mod decode;
mod encoder;
#[cfg(test)]
mod tests;
mod verify;
mod witnesses;

pub(super) use ahead::{call_for_beginning, call_for_blocks, call_for_head};
pub use champions::{CHAMPIONS, Champions};
pub(crate) use encoder::{EncodedList, LeftOut, ListEncoder};

use super::dictionary::{Place, TermEntry};
use super::file::Kind;
use super::impacts::{FREQUENCY_MAX, Impact, LANES, LIST_LANES};
use super::positions::PositionReader;
use crate::bytes::block::BLOCK;
use crate::bytes::ends::Ends;
use crate::bytes::{Lie, Reader, U32s, block};
use crate::error::{Error, Result};

/// Postings in a full block.
pub const BLOCK_LEN: usize = BLOCK;

const HEAD: usize = 48;
/// Bytes of the directory for each block, without and with frequencies; but for
/// where it ends, and for ceilings.
const ENTRY: usize = 4;
const ENTRY_TEXT: usize = 4 + 2 * LANES + 4;

/// The first byte of a block of documents that is a bitmap.
const BITMAP: u8 = block::NO_HEAD;

/// How many documents each witness stands for.
pub const WITNESS_COUNTS: [usize; 3] = [10, 100, 1000];

/// Pairs of which a witness reaches one.
pub const WITNESS_LANES: usize = 4;

/// Whose list this is, for messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner<'a> {
    pub(super) file: &'a str,
    pub(super) field: &'a str,
}

impl Owner<'_> {
    #[cold]
    pub(super) fn corrupt(self, lie: Lie) -> Error {
        Error::corrupt(self.file, &Kind::Postings.of_field(self.field), lie)
    }
}

/// The postings of a term in one segment, read in place.
#[derive(Clone, Copy, Debug)]
pub struct PostingList<'a> {
    owner: Owner<'a>,
    /// Of the segment.
    documents: u32,
    document_frequency: u32,
    total_frequency: u64,
    /// Whether there are frequencies, impacts and positions.
    text: bool,
    shape: Shape,
    head: &'a [u8],
    lasts: U32s<'a>,
    ends: Ends<'a>,
    ceilings: &'a [u8],
    impacts: &'a [[u8; 2 * LANES]],
    firsts: U32s<'a>,
    /// The champions, whose length this is, and whatever follows.
    champions: &'a [u8],
    champions_len: usize,
    /// The blocks, and whatever follows.
    payload: &'a [u8],
    /// Bytes of the blocks.
    payload_len: usize,
    /// Tail and positions, or, of a single posting, the positions.
    rest: &'a [u8],
    /// The same, and whatever follows in the field's postings: more than is the
    /// list's own, so that a tail needn't be copied to be decoded.
    beyond: &'a [u8],
    /// Bytes of the tail; not known without decoding if there are no blocks.
    tail_len: Option<usize>,
}

/// How the postings past the blocks are kept.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// The one posting of the list; its position if it has just one.
    Single {
        document: u32,
        position: Option<u32>,
    },
    /// Blocks, and perhaps a tail.
    Blocks,
}

/// How many bytes what follows a head has.
struct Lengths {
    payload: usize,
    champions: usize,
    tail: usize,
}

impl Lengths {
    fn read(head: &[u8]) -> Result<Self, Lie> {
        let mut reader = Reader::new(head);
        reader.take(HEAD - 8)?;
        Ok(Self {
            payload: reader.u32()? as usize,
            champions: reader.u16()?.into(),
            tail: reader.u16()?.into(),
        })
    }
}

/// Bytes of a directory, but for the ends: of so many full blocks, and so many with
/// the tail.
#[inline]
fn directory_len(text: bool, blocks: usize, all: usize) -> usize {
    match text {
        true => blocks * ENTRY_TEXT + all,
        false => blocks * ENTRY,
    }
}

impl<'a> PostingList<'a> {
    /// The list of `entry` in the postings of its field.
    pub(super) fn new(
        owner: Owner<'a>,
        documents: u32,
        text: bool,
        entry: &TermEntry,
        postings: &'a [u8],
    ) -> Result<Self, Lie> {
        let range = entry.place.range();
        let (bytes, end) = range
            .and_then(|range| Some((postings.get(range.clone())?, range.end)))
            .ok_or(Lie("a list lies outside the postings"))?;
        if entry.document_frequency > documents {
            return Err(Lie("a term is in more documents than there are"));
        }
        let mut list = Self {
            owner,
            documents,
            document_frequency: entry.document_frequency,
            total_frequency: entry.total_frequency,
            text,
            shape: Shape::Blocks,
            head: &[],
            lasts: U32s::new(&[]),
            ends: Ends::default(),
            ceilings: &[],
            impacts: &[],
            firsts: U32s::new(&[]),
            champions: &[],
            champions_len: 0,
            payload: &[],
            payload_len: 0,
            rest: bytes,
            beyond: &[],
            tail_len: None,
        };
        if let Place::Single {
            document, position, ..
        } = entry.place
        {
            if document >= documents {
                return Err(Lie("a posting's document is not in the segment"));
            }
            list.shape = Shape::Single { document, position };
        }
        if list.full_block_count() > 0 {
            list.read_directory(bytes)?;
        } else if text && entry.document_frequency > 1 {
            let parts = bytes.split_at_checked(1);
            (list.ceilings, list.rest) = parts.ok_or(Lie("a list has no ceiling"))?;
        }
        // The rest is where the list's bytes end.
        list.beyond = &postings[end - list.rest.len()..];
        Ok(list)
    }

    fn read_directory(&mut self, bytes: &'a [u8]) -> Result<(), Lie> {
        let blocks = self.full_block_count();
        // A list has less than 2³² documents, which is 2²⁵ blocks.
        let ends_len = Ends::len(blocks).unwrap_or(usize::MAX);
        let mut reader = Reader::new(bytes);
        self.head = reader.take(HEAD)?;
        let Lengths {
            payload,
            champions,
            tail,
        } = Lengths::read(self.head)?;
        (self.champions, self.champions_len) = (reader.rest(), champions);
        reader.take(champions)?;
        let ends = reader.take(ends_len)?;
        let directory = reader.take(directory_len(self.text, blocks, self.block_count()))?;
        let (lasts, directory) = directory.split_at(blocks * 4);
        self.lasts = U32s::new(lasts);
        self.ends = Ends::new(blocks, ends);
        if self.text {
            let (ceilings, directory) = directory.split_at(self.block_count());
            let (impacts, firsts) = directory.split_at(blocks * 2 * LANES);
            self.ceilings = ceilings;
            self.impacts = impacts.as_chunks().0;
            self.firsts = U32s::new(firsts);
        }
        self.payload = reader.rest();
        self.payload_len = payload;
        reader.take(payload)?;
        self.rest = reader.rest();
        if tail > self.rest.len() || (tail == 0) != (self.tail_count() == 0) {
            return Err(Lie("a list's tail is not as long as it should be"));
        }
        self.tail_len = Some(tail);
        Ok(())
    }

    /// Documents in the list.
    #[inline]
    #[must_use]
    pub fn document_frequency(&self) -> u32 {
        self.document_frequency
    }

    /// Occurrences in all documents together.
    #[must_use]
    pub fn total_frequency(&self) -> u64 {
        self.total_frequency
    }

    /// Blocks without the tail.
    #[inline]
    #[must_use]
    pub fn full_block_count(&self) -> usize {
        self.document_frequency as usize / BLOCK
    }

    fn tail_count(&self) -> usize {
        self.document_frequency as usize % BLOCK
    }

    /// Blocks, the tail counted as one if there is one.
    #[inline]
    #[must_use]
    pub fn block_count(&self) -> usize {
        (self.document_frequency as usize).div_ceil(BLOCK)
    }

    /// Postings in a block.
    #[inline]
    #[must_use]
    pub fn block_len(&self, block: usize) -> usize {
        let before = block.saturating_mul(BLOCK);
        (self.document_frequency as usize)
            .saturating_sub(before)
            .min(BLOCK)
    }

    /// No document of the block is greater. Exact for full blocks and single
    /// postings; for a tail it is the segment's last document.
    #[inline]
    #[must_use]
    pub fn last_document(&self, block: usize) -> u32 {
        match self.lasts.get(block) {
            Some(last) => last,
            None => match self.shape {
                Shape::Single { document, .. } => document,
                Shape::Blocks => self.documents.saturating_sub(1),
            },
        }
    }

    /// The first block at or after `from` in which `document` or a later one
    /// can be; [`block_count`](Self::block_count) if there is none.
    #[inline]
    #[must_use]
    pub fn find_block(&self, from: usize, document: u32) -> usize {
        let block = self.lasts.gallop(from, document);
        let past = block < self.block_count() && self.last_document(block) < document;
        block.max(from) + usize::from(past)
    }

    /// The frontier of the block's (frequency, norm): a bound on what any of
    /// its postings can score. A tail's is the list's.
    #[inline]
    #[must_use]
    pub fn impacts(&self, block: usize) -> [Impact; LANES] {
        match self.impacts.get(block) {
            Some(bytes) => pairs(bytes),
            None => {
                // Joined two by two, which keeps invariant (3).
                let list = self.list_impacts();
                std::array::from_fn(|i| Impact {
                    code: list[2 * i + 1].code,
                    norm: list[2 * i].norm,
                })
            }
        }
    }

    /// The frontier of the whole list. For a list without a full block
    /// nothing is known: any frequency, and norm 0.
    #[must_use]
    pub fn list_impacts(&self) -> [Impact; LIST_LANES] {
        if !self.text {
            return [Impact::bounding(1, 0); LIST_LANES];
        }
        match self.head.first_chunk() {
            Some(bytes) => pairs::<{ 2 * LIST_LANES }, LIST_LANES>(bytes),
            None => {
                [Impact {
                    code: FREQUENCY_MAX,
                    norm: 0,
                }; LIST_LANES]
            }
        }
    }

    /// The ceiling of each block, the tail's too; none for a keyword and for a
    /// list of one posting. See [`impacts`](super::impacts).
    #[inline]
    #[must_use]
    pub fn ceilings(&self) -> &'a [u8] {
        self.ceilings
    }

    /// Pairs of a frequency and a norm such that at least `k` documents of the
    /// list have, for one of them, no lower frequency and no higher norm; for
    /// `k` one of [`WITNESS_COUNTS`], or the next greater of these is taken.
    /// Deleted documents count: with deletes or a filter this says nothing.
    #[must_use]
    pub fn witness(&self, k: usize) -> Option<[Impact; WITNESS_LANES]> {
        const BYTES: usize = 2 * WITNESS_LANES;
        let index = WITNESS_COUNTS.iter().position(|count| *count >= k)?;
        let bytes = self.head.get(16 + BYTES * index..)?.first_chunk()?;
        let witness = pairs::<BYTES, WITNESS_LANES>(bytes);
        (witness[0].code > 0).then_some(witness)
    }

    /// The document and position of a list of one posting with one position
    /// (or of a keyword, which has none: 0).
    pub(super) fn single(&self) -> Option<(u32, u32)> {
        match self.shape {
            Shape::Single { document, position } => position
                .or((!self.text).then_some(0))
                .map(|position| (document, position)),
            Shape::Blocks => None,
        }
    }

    /// The number of the block's first position in the stream of positions.
    #[inline]
    #[must_use]
    pub fn first_position(&self, block: usize) -> u64 {
        if block == 0 {
            return 0;
        }
        match self.firsts.get(block) {
            Some(first) => u64::from(first),
            None => self.tail_first_position(),
        }
    }

    /// The tail's first position: its frequencies are the last ones.
    fn tail_first_position(&self) -> u64 {
        let mut frequencies = [0; BLOCK];
        let count = self.tail_count();
        match self.decode_frequencies(self.full_block_count(), &mut frequencies) {
            Ok(()) => {
                let sum: u64 = frequencies[..count].iter().map(|f| u64::from(*f)).sum();
                self.total_frequency.saturating_sub(sum)
            }
            // Whoever reads the postings themselves meets the error.
            Err(_) => self.total_frequency,
        }
    }

    /// A reader of the list's positions; `None` if the field has none.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes can't be right.
    pub fn positions(&self) -> Result<Option<PositionReader<'a>>> {
        if !self.text {
            return Ok(None);
        }
        let single = match self.shape {
            Shape::Single { position, .. } => position,
            Shape::Blocks => None,
        };
        let reader = self
            .position_bytes()
            .and_then(|bytes| PositionReader::new(self.owner, bytes, self.total_frequency, single));
        let reader = reader.map_err(|lie| self.owner.corrupt(lie))?;
        Ok(Some(reader))
    }

    fn position_bytes(&self) -> Result<&'a [u8], Lie> {
        self.rest
            .get(self.tail_bytes()?..)
            .ok_or(Lie("a list's positions are cut short"))
    }
}

const TOO_OFTEN: Lie = Lie("a frequency has more than 32 bits");

const DISORDER: Lie = Lie("the documents of a list are out of order");

fn pairs<const BYTES: usize, const N: usize>(bytes: &[u8; BYTES]) -> [Impact; N] {
    std::array::from_fn(|i| Impact {
        code: bytes[2 * i],
        norm: bytes[2 * i + 1],
    })
}
