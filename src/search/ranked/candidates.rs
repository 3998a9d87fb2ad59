//! # Candidates: documents that may be among the best
//!
//! Idea        up to 128 documents, each with what it is known to score. One list
//!             after the other is asked about all of them together; after each,
//!             those are left that may still beat the threshold
//! Example     threshold 5; "whale" gave 4.1 to document 3, 2.0 to 7, 4.6 to 9.
//!             "sea" can give 1.5 in its block from 0 to 8 and 0.2 in the next:
//!             only 3 is asked about, and if the list has it with 1.2, it is
//!             left with 5.3
//! Invariants  (1) documents ascend
//!             (2) whatever is dropped can score at most the threshold, or lacks
//!             a term that it must have
//! Next        `lead.rs`

use crate::bytes::find::Matches;
use crate::error::Result;
use crate::search::bm25::sum_bound;
use crate::search::term::{TermExec, UNCOUNTED};
use crate::search::trace::Trace;
use crate::segment::posting_list::BLOCK_LEN;

/// Documents, and what each scores so far.
pub(super) struct Candidates {
    len: usize,
    documents: [u32; BLOCK_LEN],
    sums: [f32; BLOCK_LEN],
    /// The place of each where it was pushed.
    slots: [u8; BLOCK_LEN],
    matches: Matches,
    scores: [f32; BLOCK_LEN],
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

impl Candidates {
    pub(super) fn new() -> Self {
        Self {
            len: 0,
            documents: [0; BLOCK_LEN],
            sums: [0.0; BLOCK_LEN],
            slots: [0; BLOCK_LEN],
            matches: Matches::default(),
            scores: [0.0; BLOCK_LEN],
        }
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_full(&self) -> bool {
        self.len == BLOCK_LEN
    }

    /// Adds a document, later than all so far; there must be room.
    #[inline]
    pub(super) fn push(&mut self, document: u32, sum: f32, slot: usize) {
        let at = self.len % BLOCK_LEN;
        self.documents[at] = document;
        self.sums[at] = sum;
        self.slots[at] = slot as u8;
        self.len += 1;
    }

    /// Documents, their sums and slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, f32, usize)> + '_ {
        let slots = self.slots.iter().map(|slot| usize::from(*slot));
        let all = self.documents.iter().zip(&self.sums).zip(slots);
        all.take(self.len)
            .map(|((document, sum), slot)| (*document, *sum, slot))
    }

    /// Asks a list about all; `parts` takes what it gives to each slot. Says
    /// whether some were dropped that may match.
    pub(super) fn ask<T: Trace>(
        &mut self,
        exec: &mut TermExec<T>,
        need: Need,
        mut parts: Option<&mut [f32; BLOCK_LEN]>,
    ) -> Result<bool> {
        let Need {
            threshold,
            terms,
            rest,
            required,
            ..
        } = need;
        let blocks = exec.list().block_count();
        let mut dropped = false;
        let (mut at, mut out) = (0, 0);
        while at < self.len {
            let block = exec.seek(self.documents[at]);
            let (bound, until) = match block < blocks {
                true => {
                    let run = exec.within_reach(block, &self.documents[at..self.len]);
                    (exec.ceiling_bound(block).min(need.bound), at + run)
                }
                false if required => break,
                false => (0.0, self.len),
            };
            let left = self.keep_above(at..until, out, |sum| {
                sum_bound(sum + bound + rest, terms) > threshold
            });
            dropped |= left - out < until - at;
            at = until;
            if left == out {
                continue;
            }
            if block >= blocks {
                // Nothing is added to these.
                out = left;
                break;
            }
            let Self {
                documents,
                sums,
                slots,
                matches,
                scores,
                ..
            } = self;
            exec.find_all::<true>(block, &documents[out..left], matches)?;
            if matches.len() > 0 {
                exec.score_all(block, &documents[out..left], matches, scores)?;
                for (number, candidate) in matches.wanted().iter().enumerate() {
                    let place = out + usize::from(*candidate);
                    sums[place] += scores[number];
                    if let Some(parts) = &mut parts {
                        parts[usize::from(slots[place]) % BLOCK_LEN] = scores[number];
                    }
                }
            }
            let good = |sum: f32| sum_bound(sum + rest, terms) > threshold;
            if required {
                let begin = out;
                let found = matches.len();
                for candidate in matches.wanted() {
                    let from = (begin + usize::from(*candidate)) % BLOCK_LEN;
                    let to = out % BLOCK_LEN;
                    documents[to] = documents[from];
                    sums[to] = sums[from];
                    slots[to] = slots[from];
                    out += usize::from(good(sums[from]));
                }
                dropped |= out - begin < found;
            } else {
                let begin = out;
                out = self.keep_above(begin..left, begin, good);
                dropped |= out < left;
            }
        }
        self.len = out;
        Ok(dropped)
    }

    /// Adds what a list gives to each candidate, all of which it has in these
    /// spots; `parts` takes it, too.
    pub(super) fn add<T: Trace>(
        &mut self,
        exec: &mut TermExec<T>,
        spots: &Spots,
        need: Need,
        mut parts: Option<&mut [f32; BLOCK_LEN]>,
    ) -> Result<()> {
        let mut out = 0;
        for place in 0..self.len {
            let (document, slot) = (self.documents[place], self.slots[place]);
            let spot = usize::from(slot) % BLOCK_LEN;
            let block = spots.blocks[spot] as usize;
            let bound = exec.ceiling_bound(block).min(need.bound);
            let most = sum_bound(self.sums[place] + bound + need.rest, need.terms);
            if need.threshold >= 0.0 && most <= need.threshold {
                continue;
            }
            let score = match spots.places[spot] {
                UNCOUNTED => {
                    exec.find_in(block, document)?;
                    exec.score_found()?
                }
                index => {
                    exec.load_frequencies(block)?;
                    exec.score_in(usize::from(index) % BLOCK_LEN, document)
                }
            };
            if let Some(parts) = &mut parts {
                parts[spot] = score;
            }
            let sum = self.sums[place] + score;
            self.documents[out] = document;
            self.slots[out] = slot;
            self.sums[out] = sum;
            out += usize::from(sum_bound(sum + need.rest, need.terms) > need.threshold);
        }
        self.len = out;
        Ok(())
    }

    /// Keeps those of a range whose sums are good, from `out` on; returns where
    /// they end. Each is written, and the next over it if it wasn't: there is
    /// no branch to guess.
    #[inline]
    fn keep_above(
        &mut self,
        range: std::ops::Range<usize>,
        mut out: usize,
        good: impl Fn(f32) -> bool,
    ) -> usize {
        for place in range {
            let (from, to) = (place % BLOCK_LEN, out % BLOCK_LEN);
            let sum = self.sums[from];
            self.documents[to] = self.documents[from];
            self.slots[to] = self.slots[from];
            self.sums[to] = sum;
            out += usize::from(good(sum));
        }
        out
    }
}
