//! # Encoding a posting list, posting after posting
//!
//! Idea        postings gather to a block of 128; a full one is packed, and described in
//!             the directory. What is left at the end is the tail; head, directory and
//!             champions are put before it all. For a list that is too long to be held,
//!             as some are when segments are merged, both can be had apart: first what
//!             describes the blocks, then what is in them. A first reading may pass over
//!             all that measures and drains
//! Invariants  (1) the result doesn't depend on where it will lie in the file, so lists
//!             can be encoded side by side and written one after the other
//! Next        `witnesses.rs`

use super::champions::ChampionBuilder;
use super::witnesses::Witnesses;
use super::{BITMAP, BLOCK, HEAD, Impact, LANES, LIST_LANES, WITNESS_COUNTS, WITNESS_LANES};
use crate::bytes::{block, ends};
use crate::error::Result;
use crate::segment::impacts::{Frontier, Yardstick};
use crate::segment::positions::{DRAINED, StreamBuilder, TooLong};

/// A bitmap is taken if it needs less than this many quarters of the bytes of packed gaps:
/// it answers most questions without being decoded.
const BITMAP_WORTH: usize = 9;

/// A bitmap of fewer bytes is taken whatever the gaps would take: a list of nearly
/// all documents has none but them, and packs well, but is asked often.
const BITMAP_FLOOR: usize = 40;

/// Packed gaps of no more bytes than this are all 0, those of a run of documents that
/// follow each other: nothing is shorter, and hardly anything quicker.
const RUN: usize = 1;

/// A posting list, encoded.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct EncodedList {
    pub(in crate::segment) document_frequency: u32,
    pub(in crate::segment) total_frequency: u64,
    /// Of a single posting: its document, and its position if it has just one
    /// and the field has positions. Then there are no bytes for it.
    pub(in crate::segment) single: Option<(u32, Option<u32>)>,
    /// Bytes that it takes in the postings.
    pub(in crate::segment) len: usize,
    /// What of these isn't encoded yet.
    pub(in crate::segment) left_out: Option<LeftOut>,
}

/// What a list lacks that was only [measured](ListEncoder::measure).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LeftOut {
    /// How many of the encoded bytes come before the payload.
    pub(in crate::segment) at: usize,
    /// Bytes of payload; then come the rest of the encoded bytes.
    pub(in crate::segment) payload: usize,
    /// Bytes of positions, which come last.
    pub(in crate::segment) positions: usize,
}

/// What an encoder does with a full block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Packs and describes it in the directory.
    Whole,
    /// Describes it.
    Measure,
    /// Packs it.
    Pack,
}

/// Encodes one list after the other; keeps its buffers.
#[derive(Debug)]
pub(crate) struct ListEncoder<'a> {
    /// Of a text field; a keyword has none.
    yardstick: Option<&'a Yardstick>,
    count: u32,
    total: u64,
    first: u32,
    /// The document after the last one pushed.
    next: u32,
    gaps: [u32; BLOCK],
    frequencies: [u32; BLOCK],
    norms: [u8; BLOCK],
    /// Postings in `gaps`.
    pending: usize,
    /// The first document that could be in the block being filled.
    block_start: u32,
    /// The arrays of the directory.
    lasts: Vec<u32>,
    ends: Vec<u32>,
    firsts: Vec<u32>,
    ceilings: Vec<u8>,
    impacts: Vec<[Impact; LANES]>,
    payload: Vec<u8>,
    /// Of the payload so far.
    payload_len: usize,
    mode: Mode,
    /// Used while the list is put together.
    tail: Vec<u8>,
    stream: StreamBuilder,
    block_frontier: Frontier,
    list_frontier: Frontier,
    witnesses: Witnesses,
    champions: ChampionBuilder,
    /// The champions, encoded.
    apart: Vec<u8>,
}

impl<'a> ListEncoder<'a> {
    /// For a text field with its yardstick, or for a keyword, which has none
    /// and whose frequencies are all 1.
    pub(crate) fn new(yardstick: Option<&'a Yardstick>) -> Self {
        Self {
            yardstick,
            count: 0,
            total: 0,
            first: 0,
            next: 0,
            gaps: [0; BLOCK],
            frequencies: [0; BLOCK],
            norms: [0; BLOCK],
            pending: 0,
            block_start: 0,
            lasts: Vec::new(),
            ends: Vec::new(),
            firsts: Vec::new(),
            ceilings: Vec::new(),
            impacts: Vec::new(),
            payload: Vec::new(),
            payload_len: 0,
            mode: Mode::Whole,
            tail: Vec::new(),
            stream: StreamBuilder::default(),
            block_frontier: Frontier::default(),
            list_frontier: Frontier::default(),
            witnesses: Witnesses::default(),
            champions: ChampionBuilder::default(),
            apart: Vec::new(),
        }
    }

    /// Adds a posting; documents ascend. `norm` is the document's; a keyword's says
    /// nothing, and its frequency is 1. Positions come by
    /// [`push_steps`](Self::push_steps), before or after.
    pub(crate) fn push(&mut self, document: u32, norm: u8, frequency: u32) -> Result<(), TooLong> {
        debug_assert!(frequency > 0 && document >= self.next);
        if self.pending == 0 {
            // Where the block begins is known only now that there is one.
            self.block_start = self.next;
            if self.yardstick.is_some() {
                let first = u32::try_from(self.total).map_err(|_| TooLong)?;
                self.firsts.push(first);
            }
        }
        if self.count == 0 {
            self.first = document;
        }
        self.gaps[self.pending] = document - self.next;
        self.frequencies[self.pending] = frequency;
        self.norms[self.pending] = norm;
        self.pending += 1;
        self.count += 1;
        self.total += u64::from(frequency);
        self.next = document + 1;
        if self.pending == BLOCK {
            self.end_block(document)?;
        }
        Ok(())
    }

    /// Only measures this list, whose payload and positions come later, from
    /// [packing](Self::pack) it and from another stream. Before the first posting.
    pub(in crate::segment) fn measure(&mut self) {
        debug_assert!(self.count == 0);
        self.mode = Mode::Measure;
        self.stream.measure();
    }

    /// Only packs this list, which was measured before: the payload is to be
    /// [drained](Self::drain), and nobody wants the rest. Before the first
    /// posting.
    pub(in crate::segment) fn pack(&mut self) {
        debug_assert!(self.count == 0);
        self.mode = Mode::Pack;
    }

    /// Hands over the payload packed since; with `all` unset, if it is much.
    pub(in crate::segment) fn drain(
        &mut self,
        all: bool,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        if !all && self.payload.len() < DRAINED {
            return Ok(());
        }
        out(&self.payload)?;
        self.payload.clear();
        self.firsts.clear();
        Ok(())
    }

    /// Adds the positions of postings, as the [stream](crate::segment::positions) has
    /// them.
    pub(crate) fn push_steps(&mut self, steps: &[u32]) -> Result<(), TooLong> {
        self.stream.push(steps)
    }

    fn end_block(&mut self, last: u32) -> Result<(), TooLong> {
        let first_word = self.block_start / 64;
        let words = (last / 64 - first_word + 1) as usize;
        let plan = block::plan(&self.gaps);
        let (packs, describes) = (self.mode != Mode::Measure, self.mode != Mode::Pack);
        let floor = if plan.len() > RUN { BITMAP_FLOOR } else { 0 };
        if words * 8 < floor.max(plan.len() * BITMAP_WORTH / 4) {
            self.payload_len += 1 + words * 8;
            if packs {
                self.pack_bitmap(first_word, words);
            }
        } else {
            self.payload_len += plan.len();
            if packs {
                block::encode(&self.gaps, &plan, &mut self.payload);
            }
        }
        if let Some(yardstick) = self.yardstick {
            if describes {
                self.weigh();
                self.end_frontier(yardstick);
            }
            for frequency in &mut self.frequencies {
                *frequency -= 1;
            }
            let plan = block::plan(&self.frequencies);
            self.payload_len += plan.len();
            if packs {
                block::encode(&self.frequencies, &plan, &mut self.payload);
            }
        }
        if describes {
            let end = u32::try_from(self.payload_len).map_err(|_| TooLong)?;
            self.lasts.push(last);
            self.ends.push(end);
        }
        self.pending = 0;
        Ok(())
    }

    fn pack_bitmap(&mut self, first_word: u32, words: usize) {
        self.payload.push(BITMAP);
        let start = self.payload.len();
        self.payload.resize(start + words * 8, 0);
        let mut document = self.block_start;
        for (index, gap) in self.gaps.iter().enumerate() {
            document += gap + u32::from(index > 0);
            let bit = document - first_word * 64;
            self.payload[start + bit as usize / 8] |= 1 << (bit % 8);
        }
    }

    /// Adds the pending postings to what bounds the block and the list. Not
    /// done one by one, since a list without a full block needs none of it.
    fn weigh(&mut self) {
        let postings = self.frequencies.iter().zip(&self.norms);
        for (frequency, norm) in postings.take(self.pending) {
            self.block_frontier.add(Impact::bounding(*frequency, *norm));
            self.witnesses.add(Impact::reached(*frequency, *norm));
        }
    }

    /// Moves the block's frontier into the directory and the list's.
    fn end_frontier(&mut self, yardstick: &Yardstick) {
        let exact = self.block_frontier.take_all();
        self.note_best(yardstick, &exact);
        for &impact in &exact {
            self.block_frontier.add(impact);
        }
        let thinned = self.block_frontier.take::<LANES>(yardstick);
        self.impacts.push(thinned);
    }

    /// Takes note of the ceiling of the pending postings, which have this frontier,
    /// for the list's, and of those that may be champions.
    fn note_best(&mut self, yardstick: &Yardstick, frontier: &[Impact]) {
        self.ceilings.push(yardstick.ceiling(frontier));
        for &impact in frontier {
            self.list_frontier.add(impact);
        }
        let most = || {
            let worths = frontier.iter().map(|impact| yardstick.worth(*impact));
            worths.fold(0.0, f32::max)
        };
        let gaps = self.gaps[..self.pending].iter();
        let postings = gaps.zip(&self.frequencies).zip(&self.norms);
        let postings = postings.map(|((gap, frequency), norm)| (*gap, *frequency, *norm));
        self.champions
            .add(yardstick, most, self.block_start, postings);
    }

    /// Appends the list to `out`, without what was only measured; the encoder
    /// is as good as new.
    pub(in crate::segment) fn finish(&mut self, out: &mut Vec<u8>) -> EncodedList {
        let start = out.len();
        let mut list = EncodedList {
            document_frequency: self.count,
            total_frequency: self.total,
            single: None,
            len: 0,
            left_out: None,
        };
        let (mut at, mut positions) = (0, 0);
        if self.count == 1 {
            let text = self.yardstick.is_some();
            let once = text && self.total == 1;
            list.single = Some((self.first, once.then(|| self.stream.first().unwrap_or(0))));
            if text && !once {
                positions = self.stream.write(out);
            }
        } else {
            (at, positions) = self.encode(out);
        }
        list.len = out.len() - start;
        if self.mode == Mode::Measure {
            let payload = self.payload_len;
            list.len += payload + positions;
            list.left_out = Some(LeftOut {
                at,
                payload,
                positions,
            });
        }
        self.clear();
        list
    }

    /// Returns how many bytes come before the payload, and how many there are
    /// of positions that are left out.
    fn encode(&mut self, out: &mut Vec<u8>) -> (usize, usize) {
        let start = out.len();
        let text = self.yardstick.is_some();
        let blocks = self.lasts.len();
        if blocks == 0 {
            // Nothing comes before the tail, but for its ceiling.
            out.extend(
                self.yardstick
                    .map(|yardstick| self.ceiling_of_short(yardstick)),
            );
            self.write_tail(out);
            let positions = if text { self.stream.write(out) } else { 0 };
            return (0, positions);
        }
        let mut tail = std::mem::take(&mut self.tail);
        self.write_tail(&mut tail);
        self.encode_head(tail.len(), out);
        out.extend_from_slice(&self.apart);
        // The tail has a first position too, but no place for it.
        let firsts = &self.firsts[..if text { blocks } else { 0 }];
        ends::write(&self.ends, out);
        out.extend(self.lasts.iter().flat_map(|last| last.to_le_bytes()));
        out.extend_from_slice(&self.ceilings);
        for impact in self.impacts.iter().flatten() {
            out.extend([impact.code, impact.norm]);
        }
        out.extend(firsts.iter().flat_map(|first| first.to_le_bytes()));
        let at = out.len() - start;
        out.extend_from_slice(&self.payload);
        out.extend_from_slice(&tail);
        tail.clear();
        self.tail = tail;
        let positions = if text { self.stream.write(out) } else { 0 };
        (at, positions)
    }

    /// Writes the postings that fill no block.
    fn write_tail(&self, out: &mut Vec<u8>) {
        if self.pending == 0 {
            return;
        }
        let gaps = &self.gaps[..self.pending];
        block::encode(gaps, &block::plan(gaps), out);
        if self.total > u64::from(self.count) {
            let less = self.frequencies.map(|frequency| frequency.wrapping_sub(1));
            let less = &less[..self.pending];
            block::encode(less, &block::plan(less), out);
        }
    }

    /// The ceiling of a list without a full block.
    fn ceiling_of_short(&self, yardstick: &Yardstick) -> u8 {
        let postings = self.frequencies.iter().zip(&self.norms);
        let ceilings = postings
            .take(self.pending)
            .map(|(frequency, norm)| yardstick.ceiling(&[Impact::bounding(*frequency, *norm)]));
        ceilings.max().unwrap_or(0)
    }

    fn encode_head(&mut self, tail_len: usize, out: &mut Vec<u8>) {
        let start = out.len();
        let (impacts, witnesses) = if let Some(yardstick) = self.yardstick {
            self.weigh();
            let tail = self.block_frontier.take_all();
            if self.pending > 0 {
                self.note_best(yardstick, &tail);
            }
            self.apart.clear();
            let blocks = self.lasts.len();
            self.champions.write(yardstick, blocks, &mut self.apart);
            (
                self.list_frontier.take::<LIST_LANES>(yardstick),
                self.witnesses.take(yardstick),
            )
        } else {
            self.apart.clear();
            let all = Impact::bounding(1, 0);
            let enough = |k: usize| self.count as usize >= k;
            let witnesses = WITNESS_COUNTS.map(|k| if enough(k) { all } else { Impact::default() });
            (
                [all; LIST_LANES],
                witnesses.map(|impact| [impact; WITNESS_LANES]),
            )
        };
        for impact in impacts.iter().chain(witnesses.iter().flatten()) {
            out.extend([impact.code, impact.norm]);
        }
        out.extend((self.payload_len as u32).to_le_bytes());
        // Champions are two blocks and some 300 bytes; a tail is two blocks.
        debug_assert!(self.apart.len().max(tail_len) < 1 << 16);
        out.extend((self.apart.len() as u16).to_le_bytes());
        out.extend((tail_len as u16).to_le_bytes());
        debug_assert_eq!(out.len() - start, HEAD);
    }

    /// Forgets the list.
    pub(in crate::segment) fn clear(&mut self) {
        (self.count, self.total, self.next, self.pending) = (0, 0, 0, 0);
        (self.payload_len, self.mode) = (0, Mode::Whole);
        self.lasts.clear();
        self.ends.clear();
        self.firsts.clear();
        self.ceilings.clear();
        self.impacts.clear();
        self.payload.clear();
        self.stream.clear();
        self.block_frontier.take_all();
        self.list_frontier.take_all();
        self.witnesses.clear();
        self.champions.clear();
    }
}
