//! # Candidates: documents that may be among the best
//!
//! Idea        up to 128 documents, each with what it is known to score. One list
//!             after the other is asked about all of them together; after each,
//!             those are left that may still beat the threshold
//! Example     threshold 5; "whale" gave 4.1 to document 3, 2.0 to 7, 4.6 to 9.
//!             "sea" can give 1.5 in its block from 0 to 8 and 0.2 in the next:
//!             only 3 is asked about, and if the list has it with 1.2, it is
//!             left with 5.3
//! How         which blocks are to be read is known before any is: all are called
//!             for, and the memory of one comes while others are searched. (Ten
//!             hits of an intersection among five million documents: −5 %)
//! Invariants  (1) documents ascend
//!             (2) whatever is dropped can score at most the threshold, or lacks
//!             a term that it must have
//! Next        `conjunction.rs`

use crate::bytes::find::Matches;
use crate::bytes::rows::{Hurdle, Rows};
use crate::error::Result;
use crate::search::bm25::hurdle;
use crate::search::term::{TermExec, UNCOUNTED, Visits};
use crate::search::trace::Trace;
use crate::segment::posting_list::BLOCK_LEN;

/// Documents, and what each scores so far.
#[derive(Default)]
pub(super) struct Candidates {
    rows: Turns,
    /// The blocks to be read, each with the rows for which it is.
    visits: Visits,
    /// Which of the rows are in a block, and where.
    matches: Matches,
}

/// Those that there are, and those that are left of them: they take turns.
#[derive(Default)]
struct Turns {
    rows: [Rows; 2],
    now: usize,
}

impl Turns {
    /// Those that there are, and room for those that are going to be left.
    fn next(&mut self) -> (&Rows, &mut Rows) {
        let [one, other] = &mut self.rows;
        let (from, into) = match self.now {
            0 => (one, other),
            _ => (other, one),
        };
        self.now = 1 - self.now;
        into.clear();
        (from, into)
    }
}

/// Where some documents stand in a list, slot by slot.
pub(super) struct Spots {
    blocks: [u32; BLOCK_LEN],
    places: [u8; BLOCK_LEN],
}

impl Default for Spots {
    fn default() -> Self {
        Self {
            blocks: [0; BLOCK_LEN],
            places: [0; BLOCK_LEN],
        }
    }
}

impl Spots {
    #[inline]
    pub(super) fn note(&mut self, slot: u8, block: usize, place: u8) {
        // A list has less than 2³² postings, so of blocks, too.
        self.blocks[usize::from(slot) % BLOCK_LEN] = block as u32;
        self.places[usize::from(slot) % BLOCK_LEN] = place;
    }

    /// The block of a document.
    #[inline]
    fn block(&self, slot: u8) -> usize {
        self.blocks[usize::from(slot) % BLOCK_LEN] as usize
    }

    /// The places in one block of documents, all of which are there; `false` if
    /// nobody has counted them.
    #[inline]
    fn places(&self, slots: &[u8], out: &mut Matches) -> bool {
        out.clear();
        for (row, slot) in slots.iter().enumerate() {
            let place = self.places[usize::from(*slot) % BLOCK_LEN];
            if place == UNCOUNTED {
                return false;
            }
            out.note(row, usize::from(place), true);
        }
        true
    }
}

/// What a candidate must be good for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    pub(super) threshold: f32,
    /// How many parts a sum has.
    pub(super) terms: usize,
    /// The list that is asked adds at most this, and those after it do together.
    pub(super) bound: f32,
    pub(super) rest: f32,
    /// Whether the list must have the document.
    pub(super) required: bool,
}

impl Need {
    /// What a sum must be, if so much may be added to it.
    #[inline]
    fn hurdle(self, add: f32) -> Hurdle {
        hurdle(self.threshold, add, self.terms)
    }
}

impl Candidates {
    /// Those that are left.
    pub(super) fn rows(&self) -> &Rows {
        &self.rows.rows[self.rows.now]
    }

    pub(super) fn rows_mut(&mut self) -> &mut Rows {
        &mut self.rows.rows[self.rows.now]
    }

    /// Asks a list about all, which stand in these spots, if that is known; `parts`
    /// takes what it gives to each slot. Says whether some were dropped that may
    /// match.
    pub(super) fn ask<T: Trace>(
        &mut self,
        exec: &mut TermExec<T>,
        need: Need,
        spots: Option<&Spots>,
        mut parts: Option<&mut [f32; BLOCK_LEN]>,
    ) -> Result<bool> {
        let (from, into) = self.rows.next();
        let blocks = exec.list().block_count();
        let after = need.hurdle(need.rest);
        let mut dropped = false;
        self.visits.clear();
        // First, from the directory alone: who is worth a look, and in which blocks.
        let mut at = 0;
        while at < from.len() {
            let block = match spots {
                Some(spots) => spots.block(from.slots()[at]),
                None => exec.seek(from.documents()[at]),
            };
            if block >= blocks {
                if !need.required {
                    // Nothing is added to these.
                    let begin = into.len();
                    into.take_until(u32::MAX, from, at, after);
                    dropped |= into.len() - begin < from.len() - at;
                }
                break;
            }
            let bound = exec.ceiling_bound(block).min(need.bound);
            let before = need.hurdle(bound + need.rest);
            let (begin, start) = (into.len(), at);
            at = into.take_until(exec.list().last_document(block), from, at, before);
            let asked = into.len() - begin;
            dropped |= asked < at - start;
            if asked > 0 {
                exec.list().call_for(block);
                self.visits.note(block, into.len());
            }
        }
        // Then these blocks are read.
        let (mut begin, mut kept) = (0, 0);
        for (block, end) in self.visits.iter() {
            let rows = begin..end;
            begin = end;
            let slots = &into.slots()[rows.clone()];
            if !spots.is_some_and(|spots| spots.places(slots, &mut self.matches)) {
                let documents = &into.documents()[rows.clone()];
                exec.find_all(block, documents, &mut self.matches)?;
            }
            if self.matches.len() == 0 {
                continue;
            }
            exec.load_frequencies(block)?;
            let kept_before = kept;
            for (row, place) in self.matches.wanted().iter().zip(self.matches.places()) {
                let row = rows.start + usize::from(*row);
                let score = exec.score_in(usize::from(*place) % BLOCK_LEN, into.documents()[row]);
                let slot = into.add(row, score);
                if let Some(parts) = &mut parts {
                    parts[slot] = score;
                }
                if need.required {
                    kept = into.keep(row, kept, after);
                }
            }
            dropped |= need.required && kept - kept_before < self.matches.len();
        }
        if need.required {
            into.truncate(kept);
        } else {
            // Most have got nothing of what they were kept for.
            let (from, into) = self.rows.next();
            into.take_until(u32::MAX, from, 0, after);
            dropped |= into.len() < from.len();
        }
        Ok(dropped)
    }
}
