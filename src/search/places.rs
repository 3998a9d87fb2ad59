//! # Places: where many documents stand in a list
//!
//! Idea        a phrase asks a list about one document after the other: do you
//!             have it, and which of its stream's integers are the positions?
//!             It is asked about 128 at once: they are looked up together (see
//!             `term/look_up.rs`), and the frequencies before each are added up
//!             once for all of a block
//! Example     documents 7, 9 and 40 of which a list has 7 and 40, in a block
//!             whose frequencies begin 1 3 2: their positions are the integers
//!             0 and 1 to 3 of those of the block
//! Invariants  (1) documents ascend from slot to slot
//!             (2) slots that are left ascend
//! Cost        some 5 ns a document, and the decoding of blocks
//! Next        `beginnings.rs`

use super::term::{TermExec, Visits};
use super::trace::Trace;
use crate::bytes::find::Matches;
use crate::bytes::gaps;
use crate::error::Result;
use crate::segment::posting_list::BLOCK_LEN;
use std::convert::Infallible;

/// Documents that are asked about together, a slot for each.
pub(super) type Documents = [u32; BLOCK_LEN];

/// Some of the slots.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    len: usize,
    slots: [u8; BLOCK_LEN],
}

impl Slots {
    pub(super) fn none() -> Self {
        Self {
            len: 0,
            slots: [0; BLOCK_LEN],
        }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.slots[..self.len]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Leaves out all but the first so many.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Writes the documents of those that are left side by side; returns them.
    #[inline]
    pub(super) fn gather<'d>(
        &self,
        documents: &Documents,
        out: &'d mut Documents,
    ) -> &'d mut [u32] {
        for (out, slot) in out.iter_mut().zip(self.as_slice()) {
            *out = documents[usize::from(*slot) % BLOCK_LEN];
        }
        &mut out[..self.len]
    }

    /// Moves a slot to a place before its own, or leaves it there; returns it.
    #[inline]
    pub(super) fn move_to(&mut self, from: usize, to: usize) -> usize {
        let slot = self.slots[from % BLOCK_LEN];
        self.slots[to % BLOCK_LEN] = slot;
        usize::from(slot) % BLOCK_LEN
    }

    /// Leaves out those that are also among others.
    pub(super) fn leave_out(&mut self, others: &Self) {
        let mut marks = [false; BLOCK_LEN];
        for slot in others.as_slice() {
            marks[usize::from(*slot) % BLOCK_LEN] = true;
        }
        self.retain(|slot| !marks[slot]);
    }

    /// The first so many, and no others.
    pub(super) fn fill(&mut self, len: usize) {
        self.slots = std::array::from_fn(|slot| slot as u8);
        self.len = len.min(BLOCK_LEN);
    }

    /// Adds a slot, past those that are there.
    #[inline]
    pub(super) fn push(&mut self, slot: usize) {
        self.slots[self.len % BLOCK_LEN] = slot as u8;
        self.len = (self.len + 1).min(BLOCK_LEN);
    }

    /// Keeps those that `keep` says; it is asked in order.
    #[inline]
    pub(super) fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        let Ok(()) = self.try_retain::<Infallible>(|slot| Ok(keep(slot)));
    }

    /// The same where asking may fail.
    #[inline]
    pub(super) fn try_retain<E>(
        &mut self,
        mut keep: impl FnMut(usize) -> Result<bool, E>,
    ) -> Result<(), E> {
        let mut kept = 0;
        for read in 0..self.len {
            // Written always and kept if wanted: no branch to guess.
            let slot = self.move_to(read, kept);
            kept += usize::from(keep(slot)?);
        }
        self.len = kept;
        Ok(())
    }
}

/// Where the documents of some slots stand in a list.
pub(super) struct Places {
    /// The number of the first position in the list's stream.
    firsts: [u64; BLOCK_LEN],
    frequencies: [u32; BLOCK_LEN],
    matches: Matches,
}

impl Places {
    pub(super) fn new() -> Self {
        Self {
            firsts: [0; BLOCK_LEN],
            frequencies: [0; BLOCK_LEN],
            matches: Matches::default(),
        }
    }

    #[inline]
    pub(super) fn frequency(&self, slot: usize) -> u32 {
        self.frequencies[slot]
    }

    /// The number of the first position, and how many there are.
    #[inline]
    pub(super) fn positions(&self, slot: usize) -> (u64, u32) {
        (self.firsts[slot], self.frequencies[slot])
    }

    /// Those of a whole block, posting by posting.
    pub(super) fn of_block<T: Trace>(
        &mut self,
        exec: &mut TermExec<T>,
        block: usize,
    ) -> Result<()> {
        self.frequencies = *exec.load_frequencies(block)?;
        let first = exec.first_position(block);
        let lasts = lasts(&self.frequencies);
        for (slot, last) in lasts.iter().enumerate() {
            self.firsts[slot] = first_of(first, *last, self.frequencies[slot]);
        }
        Ok(())
    }

    /// Of the slots that are left keeps those whose documents the list has, in
    /// blocks that can score more than `threshold`.
    #[inline]
    pub(super) fn find<T: Trace>(
        &mut self,
        exec: &mut TermExec<T>,
        documents: &Documents,
        left: &mut Slots,
        threshold: f32,
    ) -> Result<()> {
        // As those that are left, side by side.
        let mut asked = [0; BLOCK_LEN];
        let asked = &*left.gather(documents, &mut asked);
        let mut visits = Visits::default();
        exec.visit(asked, &mut visits, |exec, block| {
            exec.ceiling_bound(block) > threshold
        });
        let (mut at, mut kept) = (0, 0);
        for (block, until) in visits.iter() {
            if exec.ceiling_bound(block) > threshold {
                exec.find_all(block, &asked[at..until], &mut self.matches)?;
                for candidate in self.matches.wanted() {
                    // Never past the one that is read.
                    left.move_to(at + usize::from(*candidate), kept);
                    kept += 1;
                }
                let found = self.matches.len();
                self.note(exec, block, &left.slots[kept - found..kept])?;
            }
            at = until;
        }
        left.len = kept;
        Ok(())
    }

    /// Takes note of where slots stand that were found in a block.
    #[inline]
    fn note<T: Trace>(&mut self, exec: &mut TermExec<T>, block: usize, slots: &[u8]) -> Result<()> {
        if slots.is_empty() {
            return Ok(());
        }
        // Of a tail the frequencies say where its positions begin.
        exec.load_frequencies(block)?;
        let first = exec.first_position(block);
        let frequencies = exec.load_frequencies(block)?;
        let places = self
            .matches
            .places()
            .iter()
            .map(|place| usize::from(*place));
        let found = slots.iter().zip(places);
        if slots.len() < FEW {
            let (mut from, mut before) = (0, 0u64);
            for (&slot, place) in found {
                let between = frequencies[from..place].iter();
                before += between.map(|frequency| u64::from(*frequency)).sum::<u64>();
                self.firsts[usize::from(slot)] = first + before;
                self.frequencies[usize::from(slot)] = frequencies[place];
                from = place;
            }
        } else {
            let lasts = lasts(frequencies);
            for (&slot, place) in found {
                let (last, frequency) = (lasts[place % BLOCK_LEN], frequencies[place % BLOCK_LEN]);
                self.firsts[usize::from(slot)] = first_of(first, last, frequency);
                self.frequencies[usize::from(slot)] = frequency;
            }
        }
        Ok(())
    }
}

/// If this many postings of a block are wanted, all its frequencies are added up.
const FEW: usize = 4;

/// For each posting of a block how many occurrences it and those before it have.
#[inline]
fn lasts(frequencies: &[u32; BLOCK_LEN]) -> [u32; BLOCK_LEN] {
    let mut lasts = *frequencies;
    gaps::sum_up(&mut lasts, 0);
    lasts
}

/// A posting's first occurrence: `last` is how many its block has up to the posting's end.
#[inline]
fn first_of(block: u64, last: u32, frequency: u32) -> u64 {
    block + u64::from(last.wrapping_sub(frequency))
}
