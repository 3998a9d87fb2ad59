//! # Champions: the best documents of a long list, kept apart
//!
//! Idea        most questions of one word want ten documents, and these are nearly
//!             always the same. So a long list has the 128 postings that are worth
//!             most on the fixed [`Yardstick`] a second time, and says what any
//!             *other* is worth at most. Under whatever formula: if as many
//!             champions as are wanted score more than another posting can, they
//!             are the answer, and no block is touched; if not, nothing is lost but
//!             a microsecond
//! Example     ten hits for "the", which is in 483,673 of 500,000 articles: the
//!             tenth best of the champions scores 0.03261, and no other document
//!             more than 0.03253
//! Bytes       of a text field's list of at least 16 blocks:
//!
//! ```text
//! | worth f32       | norm u8 × 128 | documents      | frequencies   |
//!   of no other is    champions'      a block (see `bytes/block`) of gaps
//!   greater                           from champion to champion, and one
//!                                     of frequencies less 1
//! ```
//!
//! Invariants  (1) champions are postings of the list, in the order of documents
//!             (2) no other posting is worth more
//! Cost        some 350 bytes a list, half a per cent of an index. To read, scores
//!             and all, half a microsecond. To build, a comparison a block; of a block
//!             that has one that is better than the worst so far, one a posting
//! Left out    champions of shorter lists, whose blocks are read as quickly; and
//!             of pairs of words
//! Papers      Brown, "Execution performance issues in full-text information
//!             retrieval", 1995, for top docs kept apart, called champion lists
//!             in Manning, Raghavan and Schütze 2008, §7.1.3. There answers are
//!             approximate; the bound on all others makes them exact

use super::decode::ascending;
use super::{BLOCK, PostingList, TOO_OFTEN};
use crate::bytes::{Lie, Reader, block};
use crate::error::Result;
use crate::segment::impacts::Yardstick;

/// How many champions a list has.
pub const CHAMPIONS: usize = BLOCK;

/// Full blocks from which on a list has champions.
pub(super) const CHAMPIONS_FROM: usize = 16;

/// What is to be known of a list's champions besides their documents and
/// frequencies.
#[derive(Clone, Copy, Debug)]
pub struct Champions<'a> {
    /// The norm of each.
    pub norms: &'a [u8; CHAMPIONS],
    /// What any other posting is worth at most, on the yardstick of its segment.
    pub others: f32,
}

impl<'a> PostingList<'a> {
    /// Decodes the best postings of the list, in the order of documents, if it is
    /// long enough to have them apart.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes can't be right.
    #[inline]
    pub fn champions(
        &self,
        documents: &mut [u32; CHAMPIONS],
        frequencies: &mut [u32; CHAMPIONS],
    ) -> Result<Option<Champions<'a>>> {
        if self.champions.is_empty() {
            return Ok(None);
        }
        let champions = self.read_champions(documents, frequencies);
        Ok(Some(champions.map_err(|lie| self.owner.corrupt(lie))?))
    }

    pub(super) fn read_champions(
        &self,
        documents: &mut [u32; CHAMPIONS],
        frequencies: &mut [u32; CHAMPIONS],
    ) -> Result<Champions<'a>, Lie> {
        let mut reader = Reader::new(self.champions);
        let others = f32::from_le_bytes(reader.array()?);
        if !(0.0..=1.0).contains(&others) {
            return Err(Lie("nothing is worth less than 0 or more than 1"));
        }
        let norms = reader.take(CHAMPIONS)?.first_chunk();
        let norms = norms.ok_or(Lie("champions are cut short"))?;
        let bytes = reader.rest();
        let used = ascending(bytes, documents, 0)?.len;
        if documents[CHAMPIONS - 1] >= self.documents {
            return Err(Lie("a champion is not in the segment"));
        }
        let decoded = block::decode(&bytes[used..], frequencies, 1)?;
        if decoded.bits == u32::MAX && frequencies.contains(&0) {
            return Err(TOO_OFTEN);
        }
        if used + decoded.len != bytes.len() {
            return Err(Lie("champions are not as long as they should be"));
        }
        Ok(Champions { norms, others })
    }
}

/// A posting that may become a champion.
#[derive(Clone, Copy, Debug)]
struct Contender {
    worth: f32,
    document: u32,
    frequency: u32,
    norm: u8,
}

/// Finds the champions of a list.
#[derive(Debug, Default)]
pub(super) struct ChampionBuilder {
    /// Full blocks so far.
    blocks: usize,
    /// The postings of the first [`CHAMPIONS_FROM`] blocks: most lists end before,
    /// and have no champions. They aren't worth anything yet.
    held: Vec<Contender>,
    /// All that are among the best, and others.
    best: Vec<Contender>,
    /// What a later posting must be worth more than.
    least: f32,
}

impl ChampionBuilder {
    /// Shows it the postings of a block, of which the best is worth `most`: the
    /// gap before each and its frequency and norm. The first gap follows `start`.
    pub(super) fn add(
        &mut self,
        yardstick: &Yardstick,
        most: impl FnOnce() -> f32,
        start: u32,
        postings: impl Iterator<Item = (u32, u32, u8)>,
    ) {
        self.blocks += 1;
        let is_held = self.blocks <= CHAMPIONS_FROM;
        if !is_held && most() <= self.least {
            return;
        }
        let mut next = start;
        let postings = postings.map(|(gap, frequency, norm)| {
            let document = next + gap;
            next = document + 1;
            Contender {
                worth: 0.0,
                document,
                frequency,
                norm,
            }
        });
        if !is_held {
            self.offer(yardstick, postings);
            return;
        }
        self.held.extend(postings);
        if self.blocks == CHAMPIONS_FROM {
            let held = std::mem::take(&mut self.held);
            for block in held.chunks(BLOCK) {
                self.offer(yardstick, block.iter().copied());
            }
            self.held = held;
            self.held.clear();
        }
    }

    /// Takes in those that may be among the best.
    fn offer(&mut self, yardstick: &Yardstick, postings: impl Iterator<Item = Contender>) {
        for posting in postings {
            let worth = yardstick.worth_of(posting.frequency, posting.norm);
            if worth > self.least {
                self.best.push(Contender { worth, ..posting });
            }
        }
        if self.best.len() >= 2 * CHAMPIONS {
            self.part();
        }
    }

    /// Parts the best from the others.
    fn part(&mut self) {
        let order = |a: &Contender, b: &Contender| {
            let worths = b.worth.total_cmp(&a.worth);
            worths.then(a.document.cmp(&b.document))
        };
        let (_, last, _) = self.best.select_nth_unstable_by(CHAMPIONS - 1, order);
        self.least = last.worth;
        self.best.truncate(CHAMPIONS);
    }

    /// Writes the champions.
    pub(super) fn write(&mut self, out: &mut Vec<u8>) {
        self.part();
        let best = &mut self.best;
        best.sort_unstable_by_key(|contender| contender.document);
        out.extend(self.least.to_le_bytes());
        out.extend(self.best.iter().map(|contender| contender.norm));
        let (mut gaps, mut less, mut next) = ([0; CHAMPIONS], [0; CHAMPIONS], 0);
        for (place, contender) in self.best.iter().enumerate().take(CHAMPIONS) {
            gaps[place] = contender.document - next;
            less[place] = contender.frequency - 1;
            next = contender.document + 1;
        }
        block::encode(&gaps, &block::plan(&gaps), out);
        block::encode(&less, &block::plan(&less), out);
    }

    /// Forgets the list.
    pub(super) fn clear(&mut self) {
        self.blocks = 0;
        self.held.clear();
        self.best.clear();
        self.least = 0.0;
    }
}
