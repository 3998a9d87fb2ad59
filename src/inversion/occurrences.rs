//! Which term is where, and the counting sort that turns it round.

use super::run::{Lexicon, Terms};
use super::vocabulary::Names;
use crate::bytes::varint;

/// Occurrences that buffers are kept for: more come from giants.
const KEPT_MAX: usize = 4 << 20;

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
    terms: Vec<(u64, u32)>,
    /// Document and position, by term.
    sorted: Vec<(u32, u32)>,
    /// Postings, before they are copied to just the memory that they need.
    packed: Vec<u8>,
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

    /// Puts the terms in the order of their names: then flushing goes through
    /// all runs from front to back.
    fn sort_terms(&mut self, names: &Names) {
        for (prefix, term) in &mut self.terms {
            *prefix = names.prefix(*term);
        }
        self.terms.sort_unstable_by(|a, b| names.compare(*a, *b));
    }

    /// The counting sort; leaves nothing behind. A text has positions.
    pub(super) fn take_terms(&mut self, names: &Names, lexicon: Lexicon, text: bool) -> Terms {
        let mut terms = Terms::new(text, lexicon);
        self.sort_terms(names);
        // From here on `counts` has the place for the term's next occurrence.
        let mut start = 0;
        for &(_, term) in &self.terms {
            let count = std::mem::replace(&mut self.counts[term as usize], start);
            start += count;
            if count == 1 {
                terms.count_name(names.get(term));
            }
        }
        self.sorted.clear();
        self.sorted.resize(self.all.len(), (0, 0));
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
        for &(_, term) in &self.terms {
            let end = std::mem::take(&mut self.counts[term as usize]) as usize;
            pack(&self.sorted[start..end], text, &mut self.packed);
            terms.push(term, self.packed.len());
            start = end;
        }
        terms.finish(&self.packed);
        self.packed.clear();
        self.terms.clear();
        self.ends.clear();
        self.all.clear();
        self.all.shrink_to(KEPT_MAX);
        self.sorted.shrink_to(KEPT_MAX);
        self.packed.shrink_to(KEPT_MAX);
        terms
    }
}

/// Writes the postings of one term, as [`Postings`](super::run::Postings)
/// reads them.
fn pack(occurrences: &[(u32, u32)], text: bool, out: &mut Vec<u8>) {
    let mut next = 0;
    let mut rest = occurrences;
    while let Some(&(document, position)) = rest.first() {
        let gap = u64::from(document - next);
        next = document + 1;
        let same = rest.iter().take_while(|(other, _)| *other == document);
        let (group, after) = rest.split_at(same.count());
        rest = after;
        if !text {
            varint::write(out, gap);
        } else if group.len() == 1 {
            varint::write(out, gap << 1 | 1);
            varint::write(out, position);
        } else {
            varint::write(out, gap << 1);
            varint::write(out, group.len() as u64);
            if group.is_sorted_by_key(|(_, position)| *position) {
                pack_positions(group.iter().map(|(_, position)| *position), out);
            } else {
                // A tokenizer of the user's may go back and forth.
                let mut positions: Vec<u32> = group.iter().map(|(_, position)| *position).collect();
                positions.sort_unstable();
                pack_positions(positions.into_iter(), out);
            }
        }
    }
}

fn pack_positions(positions: impl Iterator<Item = u32>, out: &mut Vec<u8>) {
    let mut before = 0;
    for position in positions {
        varint::write(out, position - before);
        before = position;
    }
}
