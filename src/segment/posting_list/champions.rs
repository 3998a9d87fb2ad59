//! # Champions: the best documents of a list, kept apart
//!
//! Idea        most questions of one word want ten documents, and these are nearly
//!             always the same. So a list that is not short has the 16 postings that
//!             are worth most on the fixed [`Yardstick`] a second time, a long one 128
//!             of them, too, and of each such *circle* it says what any posting outside
//!             is worth at most. Under whatever formula: if as many champions as are
//!             wanted score more than another posting can, they are the answer, and no
//!             block is touched; if not, nothing is lost but a microsecond
//! Example     ten hits for "the", which is in 483,673 of 500,000 articles: the
//!             tenth best of the champions scores 0.03261, and no other document
//!             more than 0.03253
//! Bytes       of a text field's list of at least 2 blocks, a circle of c = 16; of one
//!             of at least 16 blocks, one of c = 128 after it:
//!
//! ```text
//! | length u8 | circle of 16 | circle of 128 |
//!   of the next
//!
//! circle of 16:
//! | worth f32 | norm u8 × 16 | widths u8 | document × 16 | frequency × 16 |
//!   of nothing  champions'     d + 16·f    d bytes each    f bytes each
//!   else is greater
//!
//! circle of 128:
//! | worth f32 | norm u8 × 128 | documents      | frequencies   |
//!                               a block (see `bytes/block`) of 128 gaps
//!                               from champion to champion, and one
//!                               of frequencies less 1
//! ```
//!
//! Invariants  (1) champions are postings of the list, in the order of documents
//!             (2) no posting outside a circle is worth more than it says
//! Cost        some 85 bytes a list, 430 a long one: 0.9 per cent of an index. Ten hits
//!             of a word take 2.0 microseconds in all, 2.4 with 128 champions alone, and
//!             4 to 5 with a list of 500 to 2,000 postings that has none. To build, a
//!             comparison a block; of a block that has one that is better than the worst
//!             so far, one a posting
//! Widths      of sixteen numbers are whole bytes: to unpack them from a block took
//!             longer than all else that is done with them
//! Left out    champions of the shortest lists, whose blocks are read as quickly; and
//!             of pairs of words
//! Papers      Brown, "Execution performance issues in full-text information
//!             retrieval", 1995, for top docs kept apart, called champion lists
//!             in Manning, Raghavan and Schütze 2008, §7.1.3. There answers are
//!             approximate; the bound on all others makes them exact
//! Next        `verify.rs`

use super::decode::{ascending_few, frequencies_few};
use super::{BLOCK, PostingList};
use crate::bytes::{Lie, Reader, block};
use crate::error::Result;
use crate::segment::impacts::Yardstick;

/// How many champions a list has at most.
pub const CHAMPIONS: usize = BLOCK;

/// How many are in the first circle: enough for ten hits, should some tie.
const FEW: usize = 16;

/// Full blocks from which on a list has the first circle, and both.
const FEW_FROM: usize = 2;
const ALL_FROM: usize = 16;

/// How many champions each circle of a text's list with `blocks` full blocks has.
#[inline]
fn circles(blocks: usize) -> &'static [usize] {
    if blocks < FEW_FROM {
        &[]
    } else if blocks < ALL_FROM {
        &[FEW]
    } else {
        &[FEW, CHAMPIONS]
    }
}

/// What is to be known of a list's champions besides their documents and
/// frequencies.
#[derive(Clone, Copy, Debug)]
pub struct Champions<'a> {
    /// The norm of each.
    pub norms: &'a [u8],
    /// What any other posting is worth at most, on the yardstick of its segment.
    pub others: f32,
}

impl<'a> PostingList<'a> {
    /// How many of its best postings the list has apart: few, then more, if it is
    /// long enough.
    #[inline]
    #[must_use]
    pub fn circles(&self) -> &'static [usize] {
        match self.text {
            true => circles(self.full_block_count()),
            false => &[],
        }
    }

    /// Decodes the `count` best postings of the list, in the order of documents; `None`
    /// if none of its [circles](Self::circles) is of just this size.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if the bytes can't be right.
    #[inline]
    pub fn champions(
        &self,
        count: usize,
        documents: &mut [u32; CHAMPIONS],
        frequencies: &mut [u32; CHAMPIONS],
    ) -> Result<Option<Champions<'a>>> {
        if !self.circles().contains(&count) {
            return Ok(None);
        }
        let champions = self.read_champions(count, documents, frequencies);
        champions.map(Some).map_err(|lie| self.owner.corrupt(lie))
    }

    /// The same, of a circle that there is.
    #[inline]
    pub(super) fn read_champions(
        &self,
        count: usize,
        documents: &mut [u32; CHAMPIONS],
        frequencies: &mut [u32; CHAMPIONS],
    ) -> Result<Champions<'a>, Lie> {
        let mut reader = Reader::new(self.champions);
        let few = usize::from(reader.u8()?);
        let length = match count {
            CHAMPIONS => {
                reader.take(few)?;
                self.champions_len.checked_sub(1 + few)
            }
            _ => Some(few),
        };
        let others = f32::from_le_bytes(reader.array()?);
        if !(0.0..=1.0).contains(&others) {
            return Err(Lie("nothing is worth less than 0 or more than 1"));
        }
        let norms = reader.take(count)?;
        let bytes = reader.rest();
        let used = match count {
            CHAMPIONS => {
                let used = ascending_few(bytes, count, documents, 0, self.documents)?;
                used + frequencies_few(&bytes[used..], count, frequencies)?
            }
            _ => self.read_few(&mut reader, documents, frequencies)?,
        };
        match length {
            Some(length) if length == 4 + count + used => Ok(Champions { norms, others }),
            _ => Err(Lie("champions are not as long as they should be")),
        }
    }

    /// Reads documents and frequencies of the first circle; returns how many bytes
    /// they took.
    #[inline]
    fn read_few(
        &self,
        reader: &mut Reader,
        documents: &mut [u32; CHAMPIONS],
        frequencies: &mut [u32; CHAMPIONS],
    ) -> Result<usize, Lie> {
        let before = reader.position();
        let widths = reader.u8()?;
        let documents = documents.first_chunk_mut::<FEW>();
        let frequencies = frequencies.first_chunk_mut::<FEW>();
        // There is room for more.
        let (Some(documents), Some(frequencies)) = (documents, frequencies) else {
            return Ok(0);
        };
        read_numbers(reader, widths & 15, documents)?;
        read_numbers(reader, widths >> 4, frequencies)?;
        let pairs = documents.iter().zip(&documents[1..]);
        let ascend = pairs.fold(true, |all, (one, next)| all & (one < next));
        if !ascend || documents[FEW - 1] >= self.documents {
            return Err(Lie("champions are not in order, or not in the segment"));
        }
        if frequencies.contains(&0) {
            return Err(Lie("a champion doesn't have its term"));
        }
        Ok(reader.position() - before)
    }
}

/// Reads sixteen numbers of so many bytes each.
#[inline(always)]
fn read_numbers(reader: &mut Reader, width: u8, out: &mut [u32; FEW]) -> Result<(), Lie> {
    fn of<const N: usize>(reader: &mut Reader, out: &mut [u32; FEW]) -> Result<(), Lie> {
        let (numbers, _) = reader.take(FEW * N)?.as_chunks::<N>();
        for (out, bytes) in out.iter_mut().zip(numbers) {
            let mut four = [0; 4];
            four[..N].copy_from_slice(bytes);
            *out = u32::from_le_bytes(four);
        }
        Ok(())
    }
    match width {
        1 => of::<1>(reader, out),
        2 => of::<2>(reader, out),
        3 => of::<3>(reader, out),
        4 => of::<4>(reader, out),
        _ => Err(Lie(
            "a number of a champion has no bytes, or more than four",
        )),
    }
}

/// The bytes that the greatest of some numbers needs, at least one.
fn width(numbers: &[u32; FEW]) -> usize {
    let all = numbers.iter().fold(1, |all, number| all | number);
    4 - all.leading_zeros() as usize / 8
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
    /// Blocks so far.
    blocks: usize,
    /// The postings of the first [`ALL_FROM`] blocks: most lists end before, and have
    /// few champions or none. They aren't worth anything yet.
    held: Vec<Contender>,
    /// All that are among the best, and others.
    best: Vec<Contender>,
    /// What a later posting must be worth more than.
    least: f32,
    /// The greater circle, encoded.
    outer: Vec<u8>,
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
        let is_held = self.blocks <= ALL_FROM;
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
        if self.blocks == ALL_FROM {
            self.offer_held(yardstick);
        }
    }

    fn offer_held(&mut self, yardstick: &Yardstick) {
        let held = std::mem::take(&mut self.held);
        for block in held.chunks(BLOCK) {
            self.offer(yardstick, block.iter().copied());
        }
        self.held = held;
        self.held.clear();
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
            self.part(CHAMPIONS);
        }
    }

    /// Parts so many of the best from the others.
    fn part(&mut self, count: usize) {
        let order = |a: &Contender, b: &Contender| {
            let worths = b.worth.total_cmp(&a.worth);
            worths.then(a.document.cmp(&b.document))
        };
        let (_, last, _) = self.best.select_nth_unstable_by(count - 1, order);
        self.least = last.worth;
        self.best.truncate(count);
    }

    /// Writes the champions of a list of so many full blocks, if it has any.
    pub(super) fn write(&mut self, yardstick: &Yardstick, blocks: usize, out: &mut Vec<u8>) {
        let circles = circles(blocks);
        if circles.is_empty() {
            return;
        }
        self.offer_held(yardstick);
        // The greater circle is made first, of which the other is a part.
        let mut outer = std::mem::take(&mut self.outer);
        outer.clear();
        if circles.len() > 1 {
            self.part(CHAMPIONS);
            self.write_circle(&mut outer);
        }
        self.part(FEW);
        let start = out.len();
        out.push(0);
        self.write_circle(out);
        // At most 149 bytes.
        out[start] = (out.len() - start - 1) as u8;
        out.extend_from_slice(&outer);
        self.outer = outer;
    }

    /// Writes those that are left.
    fn write_circle(&mut self, out: &mut Vec<u8>) {
        let best = &mut self.best;
        best.sort_unstable_by_key(|contender| contender.document);
        out.extend(self.least.to_le_bytes());
        out.extend(best.iter().map(|contender| contender.norm));
        match best.first_chunk::<CHAMPIONS>() {
            Some(all) => write_all(all, out),
            None => {
                let few: [Contender; FEW] = std::array::from_fn(|place| best[place]);
                let numbers = [few.map(|few| few.document), few.map(|few| few.frequency)];
                let [documents, frequencies] = numbers.each_ref().map(width);
                // At most four of either.
                out.push((documents | frequencies << 4) as u8);
                for (numbers, width) in numbers.iter().zip([documents, frequencies]) {
                    out.extend(
                        numbers
                            .iter()
                            .flat_map(|n| n.to_le_bytes().into_iter().take(width)),
                    );
                }
            }
        }
    }

    /// Forgets the list.
    pub(super) fn clear(&mut self) {
        self.blocks = 0;
        self.held.clear();
        self.best.clear();
        self.least = 0.0;
    }
}

/// Writes documents and frequencies of the greater circle.
fn write_all(all: &[Contender; CHAMPIONS], out: &mut Vec<u8>) {
    let mut next = 0;
    let gaps = all.map(|contender| {
        let gap = contender.document - next;
        next = contender.document + 1;
        gap
    });
    for numbers in [gaps, all.map(|contender| contender.frequency - 1)] {
        block::encode(&numbers, &block::plan(&numbers), out);
    }
}
