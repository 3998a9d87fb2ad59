//! # Looking up: many documents at once
//!
//! Idea        "has this list that document?" ends in a way that the processor
//!             can't foresee, and each time it is wrong it throws away what it
//!             has begun: as dear as the search itself. So it is asked about
//!             all candidates of a block together: every one is searched, every
//!             answer is written, and those that are none are written over. Now
//!             nothing hangs on an answer, and several searches run at a time
//! Example     block 3 7 9 14, candidates 4 7 14: the writes are (0, 1), (1, 1)
//!             over it, since 4 wasn't there, (2, 3); left are 7 in place 1 and
//!             14 in place 3
//! Cost        some 5 ns a candidate, where one by one took 35
//! Paper       Ross, "Selection conditions in main memory", 2004

use super::{TermExec, lower_bound};
use crate::error::Result;
use crate::segment::posting_list::BLOCK_LEN;

/// Which of some candidates a list has, and where in its block.
pub(in crate::search) struct Matches {
    len: usize,
    candidates: [u8; BLOCK_LEN],
    places: [u8; BLOCK_LEN],
}

impl Default for Matches {
    fn default() -> Self {
        Self {
            len: 0,
            candidates: [0; BLOCK_LEN],
            places: [0; BLOCK_LEN],
        }
    }
}

impl Matches {
    pub(in crate::search) fn len(&self) -> usize {
        self.len
    }

    /// The numbers of the candidates that the list has.
    pub(in crate::search) fn candidates(&self) -> impl Iterator<Item = usize> + '_ {
        self.candidates[..self.len].iter().map(|i| usize::from(*i))
    }

    /// Number `number` of these.
    pub(in crate::search) fn candidate(&self, number: usize) -> usize {
        usize::from(self.candidates[number])
    }

    /// Takes note of a candidate, and keeps it if it is one.
    #[inline(always)]
    fn note(&mut self, candidate: usize, place: usize, is_there: bool) {
        // There are at most 128 of either.
        let slot = self.len % BLOCK_LEN;
        self.candidates[slot] = candidate as u8;
        self.places[slot] = place as u8;
        self.len += usize::from(is_there);
    }
}

impl TermExec<'_> {
    /// Which of the candidates, at most 128, ascending and within the reach of
    /// `block`, stand there; and where, if `PLACES` is asked for.
    #[inline]
    pub(in crate::search) fn find_all<const PLACES: bool>(
        &mut self,
        block: usize,
        candidates: &[u32],
        out: &mut Matches,
    ) -> Result<()> {
        out.len = 0;
        if block != self.decoded {
            if let Some((first, words)) = self.list.bitmap(block) {
                find_bits::<PLACES>(words, first, candidates, out);
                return Ok(());
            }
            self.decode(block)?;
        }
        for (number, &candidate) in candidates.iter().enumerate() {
            let place = lower_bound(&self.documents, candidate);
            // Past the last it is place 0, where a lower number stands.
            let is_there = self.documents[place % BLOCK_LEN] == candidate;
            out.note(number, place, is_there);
        }
        Ok(())
    }

    /// The scores of the candidates that were found in `block`.
    #[inline]
    pub(in crate::search) fn score_all(
        &mut self,
        block: usize,
        candidates: &[u32],
        matches: &Matches,
        out: &mut [f32; BLOCK_LEN],
    ) -> Result<()> {
        self.load_frequencies(block)?;
        let found = matches.candidates().zip(&matches.places);
        for (slot, (candidate, place)) in out.iter_mut().zip(found) {
            let norm = self.norm(candidates[candidate]);
            let frequency = self.frequencies[usize::from(*place) % BLOCK_LEN];
            *slot = self.score_of(frequency, norm);
        }
        Ok(())
    }

    /// How many of the documents, which ascend, the list has; those that it has
    /// come to stand first.
    pub(in crate::search) fn keep_found(&mut self, documents: &mut [u32]) -> Result<usize> {
        let mut matches = Matches::default();
        let (mut at, mut kept) = (0, 0);
        while at < documents.len() {
            let block = self.seek(documents[at]);
            if block >= self.list.block_count() {
                break;
            }
            let until = at + self.within_reach(block, &documents[at..]);
            self.find_all::<false>(block, &documents[at..until], &mut matches)?;
            for candidate in matches.candidates() {
                // Never past the one that is read.
                documents[kept] = documents[at + candidate];
                kept += 1;
            }
            at = until;
        }
        Ok(kept)
    }

    /// How many of the documents, at least one, `block` can have: it is the one
    /// sought for the first of them.
    #[inline]
    pub(in crate::search) fn within_reach(&self, block: usize, documents: &[u32]) -> usize {
        let last = self.list.last_document(block);
        let mut count = 1;
        while count < documents.len() && documents[count] <= last {
            count += 1;
        }
        count
    }
}

/// The same in a bitmap that begins with word number `first`.
#[inline]
fn find_bits<const PLACES: bool>(
    words: &[[u8; 8]],
    first: u32,
    candidates: &[u32],
    out: &mut Matches,
) {
    let word = |at: u32| {
        words
            .get(at as usize)
            .map_or(0, |word| u64::from_le_bytes(*word))
    };
    for (number, &candidate) in candidates.iter().enumerate() {
        let at = (candidate / 64).wrapping_sub(first);
        out.note(number, 0, word(at) >> (candidate % 64) & 1 == 1);
    }
    if !PLACES {
        return;
    }
    // Their places are the bits before them, counted once from left to right.
    let (mut at, mut before) = (0, 0);
    for (candidate, place) in out.candidates.iter().zip(&mut out.places).take(out.len) {
        let document = candidates[usize::from(*candidate)];
        let own = document / 64 - first;
        while at < own {
            before += word(at).count_ones();
            at += 1;
        }
        let below = word(own) & ((1 << (document % 64)) - 1);
        // A block has 128 at most, unless it lies.
        *place = (before + below.count_ones()).min(BLOCK_LEN as u32 - 1) as u8;
    }
}
