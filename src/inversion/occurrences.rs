//! # Occurrences: which term is where, and the counting sort that turns it round
//!
//! Idea        while documents are read, each term is counted. Added up, the counts
//!             say where each term's occurrences begin, and one pass puts all in
//!             place: no comparison
//! Example     that of the chapter; with all its code, stop 3 of
//!             [the tour](crate::tour)
//! Invariants  (1) terms come in the order of the first three bytes of their names,
//!             since a flush reads them so; within these as they first came
//!             (2) an occurrence's document is never written down while documents
//!             are read: where each one ends is enough
//! Cost        eight bytes and one scattered write an occurrence
//! Next        `packed.rs`

use super::packed::Packer;
use super::run::{Lexicon, Terms};
use super::vocabulary::{Names, head, sort_by_heads};
use crate::bytes::prefetch::prefetch;

/// Occurrences that a buffer keeps room for. Only giant documents have more.
const KEPT_MAX: usize = 4 << 20;

/// How many terms before it is read the processor is told that a count will be.
const AHEAD: usize = 16;

/// Occurrences in the order of the text, and what it takes to sort them by
/// term. Empty between batches.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    /// Term and position.
    all: Vec<(u32, u32)>,
    /// Where each document's occurrences end.
    ends: Vec<usize>,
    /// How many each term has; all are 0 between batches.
    counts: Vec<u32>,
    /// The terms that have any, as they first came; before each there is place
    /// for the first bytes of its name.
    terms: Vec<(u32, u32)>,
    /// As many, while these are sorted.
    spare: Vec<(u32, u32)>,
    /// Document and position, by term; perhaps longer than `all`.
    sorted: Vec<(u32, u32)>,
    /// Postings, before they are copied to just the memory that they need.
    packer: Packer,
}

impl Occurrences {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Adds one to the document that isn't ended yet.
    #[inline]
    pub(super) fn push(&mut self, term: u32, position: u32) {
        self.all.push((term, position));
        match self.counts.get_mut(term as usize) {
            Some(count) if *count > 0 => *count += 1,
            _ => self.first(term),
        }
    }

    /// A term that is new to the batch.
    #[cold]
    fn first(&mut self, term: u32) {
        let index = term as usize;
        if index >= self.counts.len() {
            self.counts.resize((index + 1).next_power_of_two(), 0);
        }
        self.counts[index] = 1;
        self.terms.push((0, term));
    }

    pub(super) fn end_document(&mut self) {
        self.ends.push(self.all.len());
    }

    /// Puts the terms in the order of their names, as far as the first three
    /// bytes tell: then flushing goes through all runs from front to back,
    /// nearly, and what is near is in the cache.
    fn sort_terms(&mut self, names: &Names) {
        for index in 0..self.terms.len() {
            let terms = &mut self.terms;
            names.announce(index, |index| terms.get(index).map(|(_, term)| *term));
            let (first, term) = &mut terms[index];
            *first = head(names.prefix(*term));
        }
        sort_by_heads(&mut self.terms, &mut self.spare, |(first, _)| *first);
    }

    /// The counting sort; and the occurrences of each term packed, as gaps between
    /// documents and, of a text, as steps between positions. Leaves nothing behind.
    pub(super) fn take_terms(&mut self, names: &Names, lexicon: Lexicon, text: bool) -> Terms {
        let mut terms = Terms::new(lexicon);
        self.sort_terms(names);
        // From here on `counts` has the place for the term's next occurrence.
        let mut start = 0;
        for (index, &(_, term)) in self.terms.iter().enumerate() {
            if let Some(&(_, later)) = self.terms.get(index + AHEAD) {
                prefetch(&self.counts, later as usize);
            }
            let count = std::mem::replace(&mut self.counts[term as usize], start);
            start += count;
            if count == 1 {
                terms.count_name(names.get(term));
            }
        }
        // What was in it before is written over.
        if self.sorted.len() < self.all.len() {
            self.sorted.resize(self.all.len(), (0, 0));
        }
        let mut start = 0;
        for (document, &end) in (0..).zip(&self.ends) {
            for &(term, position) in &self.all[start..end] {
                let place = &mut self.counts[term as usize];
                self.sorted[*place as usize] = (document, position);
                *place += 1;
            }
            start = end;
        }
        let mut start = 0;
        for (index, &(_, term)) in self.terms.iter().enumerate() {
            if let Some(&(_, later)) = self.terms.get(index + AHEAD) {
                prefetch(&self.counts, later as usize);
            }
            let end = std::mem::take(&mut self.counts[term as usize]) as usize;
            let occurrences = &self.sorted[start..end];
            if text {
                self.packer.pack(occurrences);
            } else {
                self.packer.pack_documents(occurrences);
            }
            terms.push(term, self.packer.len());
            start = end;
        }
        terms.finish(self.packer.take(KEPT_MAX));
        self.terms.clear();
        self.ends.clear();
        self.all.clear();
        self.all.shrink_to(KEPT_MAX);
        self.sorted.truncate(KEPT_MAX);
        self.sorted.shrink_to(KEPT_MAX);
        terms
    }
}
