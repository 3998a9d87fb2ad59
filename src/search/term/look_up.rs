//! # Looking up: many documents at once
//!
//! Idea        a list is asked about all candidates in the reach of a block
//!             together (`bytes/find.rs` says why), and then scores those that
//!             it has
//! Example     blocks that reach to 20, 31 and 58, candidates 4 7 14 33 50: the
//!             first is asked about three, the second about none, the third
//!             about two
//! Cost        a block decoded, and 3 ns a candidate; in a bitmap or a run, 2 ns,
//!             and nothing to decode
//! Next        `windows.rs`

use super::{Found, TermExec};
use crate::bytes::bits::{find_bits, has_bit};
use crate::bytes::find::{Matches, find_all, lower_bound};
use crate::error::Result;
use crate::search::places::{Documents, Slots};
use crate::search::trace::{ListTrace, Trace};
use crate::search::xray::Depth;
use crate::segment::posting_list::BLOCK_LEN;

/// The place of a document in a bitmap, where nobody has counted the bits before
/// it.
pub(in crate::search) const UNCOUNTED: u8 = u8::MAX;

/// Which blocks are going to be read for some of at most 128 documents, and up to
/// which of these each. All are called for before the first is read: the memory of
/// one comes while others are searched.
pub(in crate::search) struct Visits {
    blocks: [u32; BLOCK_LEN],
    untils: [u8; BLOCK_LEN],
    len: usize,
}

impl Default for Visits {
    fn default() -> Self {
        Self {
            blocks: [0; BLOCK_LEN],
            untils: [0; BLOCK_LEN],
            len: 0,
        }
    }
}

impl Visits {
    pub(in crate::search) fn clear(&mut self) {
        self.len = 0;
    }

    #[inline]
    pub(in crate::search) fn note(&mut self, block: usize, until: usize) {
        // A list has less than 2³² postings, so of blocks, too.
        self.blocks[self.len % BLOCK_LEN] = block as u32;
        self.untils[self.len % BLOCK_LEN] = until as u8;
        self.len = (self.len + 1).min(BLOCK_LEN);
    }

    /// Each block, and up to which document.
    #[inline]
    pub(in crate::search) fn iter(&self) -> impl Iterator<Item = (usize, usize)> {
        let both = self.blocks[..self.len].iter().zip(&self.untils);
        both.map(|(block, until)| (*block as usize, usize::from(*until)))
    }
}

impl<T: Trace> TermExec<'_, T> {
    /// Whether the list has `document`.
    #[inline]
    pub(in crate::search) fn find(&mut self, document: u32) -> Result<bool> {
        let block = self.seek(document);
        self.trace.looked_up(1);
        if block != self.decoded {
            if block >= self.list.block_count() {
                return Ok(false);
            }
            if let Some(first) = self.list.run(block) {
                self.trace.reached(block, Depth::InPlace);
                self.found = Found {
                    block,
                    index: place_in_run(first, document),
                    document,
                };
                return Ok(true);
            }
            if let Some((first, words)) = self.list.bitmap(block) {
                self.trace.reached(block, Depth::InPlace);
                let index = find_bit(words, first, document);
                self.found = Found {
                    block,
                    index: index.unwrap_or(0),
                    document,
                };
                return Ok(index.is_some());
            }
            self.decode(block)?;
        }
        let index = lower_bound(&self.room.documents, document);
        self.found = Found {
            block,
            index,
            document,
        };
        Ok(index < self.count && self.room.documents[index] == document)
    }

    /// Which of the candidates, at most 128, ascending and within the reach of
    /// `block`, stand there, and where.
    #[inline(always)]
    pub(in crate::search) fn find_all(
        &mut self,
        block: usize,
        candidates: &[u32],
        out: &mut Matches,
    ) -> Result<()> {
        self.trace.looked_up(candidates.len());
        if block != self.decoded {
            if let Some(first) = self.list.run(block) {
                self.trace.reached(block, Depth::InPlace);
                out.clear();
                for (number, candidate) in candidates.iter().enumerate() {
                    out.note(number, place_in_run(first, *candidate), true);
                }
                return Ok(());
            }
            if let Some((first, words)) = self.list.bitmap(block) {
                self.trace.reached(block, Depth::InPlace);
                find_bits(words, first, candidates, out);
                return Ok(());
            }
            self.decode(block)?;
        }
        find_all(&self.room.documents, candidates, out);
        Ok(())
    }

    /// Takes note of the blocks in which the documents can be, which ascend, and
    /// calls for those that `wanted` says.
    #[inline]
    pub(in crate::search) fn visit(
        &mut self,
        documents: &[u32],
        visits: &mut Visits,
        wanted: impl Fn(&Self, usize) -> bool,
    ) {
        let blocks = self.list.block_count();
        visits.clear();
        let mut at = 0;
        while at < documents.len() {
            let block = self.seek(documents[at]);
            if block >= blocks {
                break;
            }
            if wanted(self, block) {
                self.list.call_for(block);
            }
            at += self.within_reach(block, &documents[at..]);
            visits.note(block, at);
        }
    }

    /// How many of the documents, which ascend, the list has; those that it has
    /// come to stand first. For each calls `found` with where it stood and where
    /// it stands now, its block and its place there, or [`UNCOUNTED`]; also for some
    /// that it lacks, whose new place is then taken by the next.
    pub(in crate::search) fn keep_found(
        &mut self,
        documents: &mut [u32],
        mut found: impl FnMut(usize, usize, usize, u8),
    ) -> Result<usize> {
        let mut matches = Matches::default();
        let mut visits = Visits::default();
        self.visit(documents, &mut visits, |_, _| true);
        let (mut at, mut kept) = (0, 0);
        for (block, until) in visits.iter() {
            if block != self.decoded
                && let Some((first, words)) = self.list.bitmap(block)
            {
                self.trace.looked_up(until - at);
                self.trace.reached(block, Depth::InPlace);
                for from in at..until {
                    let document = documents[from];
                    documents[kept] = document;
                    found(from, kept, block, UNCOUNTED);
                    kept += usize::from(has_bit(words, first, document));
                }
                at = until;
                continue;
            }
            self.find_all(block, &documents[at..until], &mut matches)?;
            for (candidate, place) in matches.wanted().iter().zip(matches.places()) {
                // Never past the one that is read.
                let from = at + usize::from(*candidate);
                documents[kept] = documents[from];
                found(from, kept, block, *place);
                kept += 1;
            }
            at = until;
        }
        Ok(kept)
    }

    /// Of the slots that are left keeps those whose documents the list has; says what
    /// these score, if that is wanted.
    pub(in crate::search) fn keep(
        &mut self,
        documents: &Documents,
        left: &mut Slots,
        scores: Option<&mut [f32; BLOCK_LEN]>,
    ) -> Result<()> {
        // As those that are left, side by side.
        let mut asked = [0; BLOCK_LEN];
        let asked = left.gather(documents, &mut asked);
        if self.has_just(asked)? {
            if let Some(scores) = scores {
                self.load_frequencies(self.decoded)?;
                let mut own = [0.0; BLOCK_LEN];
                self.scores(&mut own);
                for (slot, score) in left.as_slice().iter().zip(own) {
                    scores[usize::from(*slot) % BLOCK_LEN] = score;
                }
            }
            return Ok(());
        }
        let Some(scores) = scores else {
            let kept = self.keep_found(asked, |from, to, _, _| {
                left.move_to(from, to);
            })?;
            left.truncate(kept);
            return Ok(());
        };
        let (mut visits, mut matches) = (Visits::default(), Matches::default());
        self.visit(asked, &mut visits, |_, _| true);
        let (mut at, mut kept) = (0, 0);
        for (block, until) in visits.iter() {
            self.find_all(block, &asked[at..until], &mut matches)?;
            if matches.len() > 0 {
                self.load_frequencies(block)?;
            }
            for (candidate, place) in matches.wanted().iter().zip(matches.places()) {
                let from = at + usize::from(*candidate);
                let slot = left.move_to(from, kept);
                scores[slot] = self.score_in(usize::from(*place) % BLOCK_LEN, asked[from]);
                kept += 1;
            }
            at = until;
        }
        left.truncate(kept);
        Ok(())
    }

    /// Whether the documents are just those of a block of the list, which is decoded
    /// then: of 128 whose list led this is the case.
    fn has_just(&mut self, documents: &[u32]) -> Result<bool> {
        let Some(first) = documents.first() else {
            return Ok(false);
        };
        let block = self.seek(*first);
        if block >= self.list.block_count() || self.list.block_len(block) != documents.len() {
            return Ok(false);
        }
        let last = self.list.last_document(block);
        Ok(documents.last() == Some(&last) && self.load(block)? == documents)
    }

    /// Marks those of the documents, at most 128 that ascend, which the list has.
    pub(in crate::search) fn mark_found(
        &mut self,
        documents: &[u32],
        marks: &mut [bool; BLOCK_LEN],
    ) -> Result<()> {
        let (mut found, mut places) = ([0; BLOCK_LEN], [0; BLOCK_LEN]);
        let found = &mut found[..documents.len()];
        found.copy_from_slice(documents);
        let count = self.keep_found(found, |from, to, _, _| {
            // Below 128.
            places[to % BLOCK_LEN] = from as u8;
        })?;
        for place in &places[..count] {
            marks[usize::from(*place) % BLOCK_LEN] = true;
        }
        Ok(())
    }

    /// How many of the documents, at least one, `block` can have: it is the one
    /// sought for the first of them.
    #[inline]
    fn within_reach(&self, block: usize, documents: &[u32]) -> usize {
        let last = self.list.last_document(block);
        let within = |documents: &[u32]| {
            let within = documents
                .iter()
                .map(|document| u32::from(*document <= last));
            within.sum::<u32>() as usize
        };
        let (chunks, rest) = documents.as_chunks::<8>();
        for (number, chunk) in chunks.iter().enumerate() {
            let count = within(chunk);
            if count < chunk.len() {
                return 8 * number + count;
            }
        }
        8 * chunks.len() + within(rest)
    }
}

/// How many of some documents are marked, or aren't; those that are kept come to
/// stand first. The marks are taken away.
pub(in crate::search) fn keep_marked(
    documents: &mut [u32],
    marks: &mut [bool; BLOCK_LEN],
    is_marked: bool,
) -> usize {
    let mut kept = 0;
    for (at, mark) in (0..documents.len()).zip(marks) {
        documents[kept] = documents[at];
        kept += usize::from(std::mem::take(mark) == is_marked);
    }
    kept
}

/// How many of the documents, at most 128 that ascend, none of the lists has; those
/// come to stand first.
pub(in crate::search) fn keep_others<T: Trace>(
    lists: &mut [TermExec<T>],
    documents: &mut [u32],
) -> Result<usize> {
    if lists.is_empty() {
        return Ok(documents.len());
    }
    let mut marks = mark_found_in_any(lists, documents)?;
    Ok(keep_marked(documents, &mut marks, false))
}

/// Marks those of the documents, at most 128 that ascend, which any of the lists has.
pub(in crate::search) fn mark_found_in_any<T: Trace>(
    lists: &mut [TermExec<T>],
    documents: &[u32],
) -> Result<[bool; BLOCK_LEN]> {
    let mut marks = [false; BLOCK_LEN];
    for list in lists {
        list.mark_found(documents, &mut marks)?;
    }
    Ok(marks)
}

/// Where a document within reach stands among 128 that follow one another.
#[inline]
fn place_in_run(first: u32, document: u32) -> usize {
    (document.wrapping_sub(first) as usize) % BLOCK_LEN
}

/// Where in a bitmap that begins with word number `first` the bit of `document`
/// stands among those that are set; `None` if it isn't.
#[inline]
fn find_bit(words: &[[u8; 8]], first: u32, document: u32) -> Option<usize> {
    let at = (document / 64).checked_sub(first)? as usize;
    let word = u64::from_le_bytes(*words.get(at)?);
    if word >> (document % 64) & 1 == 0 {
        return None;
    }
    let before = words[..at].iter();
    let before: u32 = before
        .map(|word| u64::from_le_bytes(*word).count_ones())
        .sum();
    let below = (word & ((1 << (document % 64)) - 1)).count_ones();
    // A block has 128 at most, unless it lies.
    Some(((before + below) as usize).min(BLOCK_LEN - 1))
}
