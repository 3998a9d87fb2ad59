//! # Phrases: terms at their distances
//!
//! Idea        first the documents that have all the terms, the rarest term
//!             leading; then, for these few, the positions
//! Meaning     let `x` be a position of the phrase's term number `i`, which
//!             stands `d` after the first: the phrase would begin at `x - d`.
//!             An *occurrence* is a shortest interval of beginnings, no longer
//!             than the slop, in which every term has one. Their number is the
//!             phrase's frequency
//! Example     "quick fox" with slop 1 in `quick brown fox`: quick would begin
//!             the phrase at 0, fox at 2 - 1 = 1; the interval 0 to 1 is an
//!             occurrence. "fox quick" takes slop 3 there: 2 and 0 - 1
//! Invariants  (1) with slop 0 the frequency is at most that of each term,
//!             which bounds the score before any position is read
//!             (2) a phrase scores like a term, with the sum of the terms' idf
//! Left out    Lucene's weighting of sloppy occurrences by their width: here
//!             each counts as one

use super::execute::END;
use super::plan::PhraseNode;
use super::term::TermExec;
use super::window::{Bits, Scores, WINDOW};
use crate::error::Result;
use crate::index::Part;
use crate::segment::PositionReader;

/// A term of a phrase at work.
struct PhraseTerm<'a> {
    /// From the first term.
    distance: u32,
    exec: TermExec<'a>,
    reader: PositionReader<'a>,
}

impl PhraseTerm<'_> {
    /// The positions in the document found last.
    fn read(&mut self, positions: &mut Vec<u32>) -> Result<()> {
        let (first, frequency) = self.exec.positions_found()?;
        self.reader.read(first, frequency, positions)
    }
}

/// A phrase at work.
pub(super) struct PhraseExec<'a> {
    /// In the order of the phrase.
    terms: Vec<PhraseTerm<'a>>,
    /// The same, the rarest first.
    order: Vec<usize>,
    slop: u32,
    weight: f32,
    positions: Vec<u32>,
    begun: Vec<u32>,
    /// Beginnings that each term allows, for a sloppy phrase.
    beginnings: Vec<Vec<i64>>,
    matched: Bits,
    left: Bits,
}

impl<'a> PhraseExec<'a> {
    /// `None` if the segment lacks one of the terms.
    pub(super) fn new(part: &'a Part, phrase: &'a PhraseNode) -> Result<Option<Self>> {
        let mut terms = Vec::with_capacity(phrase.terms.len());
        for (number, (distance, _)) in phrase.terms.iter().enumerate() {
            let exec = TermExec::new(part, &phrase.field, number, &phrase.weight)?;
            let Some(exec) = exec else { return Ok(None) };
            let Some(reader) = exec.list().positions()? else {
                return Ok(None);
            };
            terms.push(PhraseTerm {
                distance: *distance,
                exec,
                reader,
            });
        }
        let mut order: Vec<usize> = (0..terms.len()).collect();
        order.sort_by_key(|index| terms[*index].exec.cost());
        Ok(Some(Self {
            beginnings: vec![Vec::new(); terms.len()],
            terms,
            order,
            slop: phrase.slop,
            weight: phrase.weight.value,
            positions: Vec::new(),
            begun: Vec::new(),
            matched: Bits::default(),
            left: Bits::default(),
        }))
    }

    pub(super) fn cost(&self) -> u64 {
        self.terms[self.order[0]].exec.cost()
    }

    /// Postings of all terms but the rarest.
    pub(super) fn cost_of_others(&self) -> u64 {
        let others = self.order[1..].iter();
        others.map(|index| self.terms[*index].exec.cost()).sum()
    }

    /// Leaps from term to term until all may have the same document.
    pub(super) fn next(&mut self, from: u32) -> Result<u32> {
        let mut document = from;
        'leap: loop {
            for &index in &self.order {
                let next = self.terms[index].exec.next(document)?;
                if next == END {
                    return Ok(END);
                }
                // Within a window there is nothing to be gained by leaping.
                if next / WINDOW > document / WINDOW {
                    document = next;
                    continue 'leap;
                }
                document = document.max(next.min(document | (WINDOW - 1)));
            }
            return Ok(document);
        }
    }

    pub(super) fn evaluate(
        &mut self,
        start: u32,
        candidates: &Bits,
        out: &mut Bits,
        mut scores: Option<&mut Scores>,
    ) -> Result<()> {
        self.left.copy_from(candidates);
        for (number, &index) in self.order.iter().enumerate() {
            let exec = &mut self.terms[index].exec;
            if number > 0 && exec.are_few(&self.left) {
                // They will be looked up in any case.
                break;
            }
            exec.evaluate(start, &self.left, &mut self.matched, None)?;
            self.left.copy_from(&self.matched);
            if self.left.is_empty() {
                break;
            }
        }
        out.clear();
        let left = std::mem::take(&mut self.left);
        for index in left.iter() {
            let frequency = self.frequency(start + index)?;
            if frequency > 0 {
                out.set(index);
                if let Some(scores) = &mut scores {
                    scores[index as usize] = self.score(start + index, frequency);
                }
            }
        }
        self.left = left;
        Ok(())
    }

    /// The rarest term.
    pub(super) fn lead(&mut self) -> &mut TermExec<'a> {
        &mut self.terms[self.order[0]].exec
    }

    /// The score of so many occurrences in a document.
    pub(super) fn score(&self, document: u32, frequency: u32) -> f32 {
        let exec = &self.terms[0].exec;
        exec.score_of(frequency, exec.norm(document))
    }

    /// Finds a document in all the terms' lists, the rarest first; `false` if it
    /// isn't in all, or if one of the blocks in which it could be scores
    /// `threshold` at most.
    pub(super) fn find_above(&mut self, document: u32, threshold: f32) -> Result<bool> {
        for &index in &self.order {
            let term = &mut self.terms[index];
            let block = term.exec.seek(document);
            if term.exec.ceiling_bound(block) <= threshold {
                return Ok(false);
            }
            if !term.exec.find_in(block, document)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The lowest frequency of a term in the document found last.
    pub(super) fn lowest(&mut self) -> Result<u32> {
        let mut lowest = u32::MAX;
        for term in &mut self.terms {
            lowest = lowest.min(term.exec.frequency_found()?);
        }
        Ok(lowest)
    }

    /// Occurrences in a document.
    pub(super) fn frequency(&mut self, document: u32) -> Result<u32> {
        match self.find_above(document, -1.0)? {
            true => self.frequency_of_found(),
            false => Ok(0),
        }
    }

    /// Occurrences in the document found last.
    pub(super) fn frequency_of_found(&mut self) -> Result<u32> {
        if self.slop > 0 {
            return self.sloppy_frequency();
        }
        // Beginnings of the phrase that the terms so far allow.
        for (number, &index) in self.order.iter().enumerate() {
            let term = &mut self.terms[index];
            term.read(&mut self.positions)?;
            let distance = term.distance;
            if number == 0 {
                self.begun.clear();
                let beginnings = self
                    .positions
                    .iter()
                    .filter_map(|x| x.checked_sub(distance));
                self.begun.extend(beginnings);
                // A term may stand twice at one place; the phrase begins there
                // once.
                self.begun.dedup();
                continue;
            }
            keep_followed(&mut self.begun, &self.positions, distance);
            if self.begun.is_empty() {
                break;
            }
        }
        Ok(self.begun.len() as u32)
    }

    fn sloppy_frequency(&mut self) -> Result<u32> {
        for (term, beginnings) in self.terms.iter_mut().zip(&mut self.beginnings) {
            term.read(&mut self.positions)?;
            let distance = i64::from(term.distance);
            beginnings.clear();
            beginnings.extend(self.positions.iter().map(|x| i64::from(*x) - distance));
        }
        Ok(occurrences(&self.beginnings, i64::from(self.slop)))
    }

    /// No occurrence in a document from `first` to `last` scores more.
    pub(super) fn range_bound(&mut self, first: u32, last: u32) -> f32 {
        if self.slop > 0 {
            // Occurrences may outnumber the positions of a term: any frequency.
            return super::bm25::inflated(self.weight, 1);
        }
        let bounds = self.terms.iter_mut();
        let bounds = bounds.map(|term| term.exec.range_bound(first, last));
        bounds.fold(f32::INFINITY, f32::min)
    }

    pub(super) fn bound(&mut self, start: u32) -> f32 {
        self.range_bound(start, start.saturating_add(WINDOW - 1))
    }
}

/// Keeps the beginnings after which, at the distance, there is a position; both
/// ascend.
fn keep_followed(begun: &mut Vec<u32>, positions: &[u32], distance: u32) {
    let mut at = 0;
    begun.retain(|beginning| {
        let wanted = u64::from(*beginning) + u64::from(distance);
        while at < positions.len() && u64::from(positions[at]) < wanted {
            at += 1;
        }
        at < positions.len() && u64::from(positions[at]) == wanted
    });
}

/// Shortest intervals, no longer than `slop`, with an element of each list; the
/// lists ascend.
fn occurrences(lists: &[Vec<i64>], slop: i64) -> u32 {
    let mut heads = vec![0; lists.len()];
    let mut count = 0;
    // The last interval seen; one with a later start and the same end is
    // shorter and takes its place.
    let mut last: Option<(i64, i64)> = None;
    let mut counted = |interval: Option<(i64, i64)>| {
        count += u32::from(interval.is_some_and(|(low, high)| high - low <= slop));
    };
    loop {
        let mut low = i64::MAX;
        let mut high = i64::MIN;
        for (list, &head) in lists.iter().zip(&heads) {
            let Some(&beginning) = list.get(head) else {
                counted(last);
                return count;
            };
            low = low.min(beginning);
            high = high.max(beginning);
        }
        if last.is_some_and(|(_, end)| end != high) {
            counted(last);
        }
        last = Some((low, high));
        for (list, head) in lists.iter().zip(&mut heads) {
            while list.get(*head).is_some_and(|beginning| *beginning <= low) {
                *head += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::occurrences;
    use proptest::prelude::*;

    /// The definition, literally: all intervals between elements.
    fn naive(lists: &[Vec<i64>], slop: i64) -> u32 {
        let mut ends: Vec<i64> = lists.concat();
        ends.sort_unstable();
        ends.dedup();
        let mut full = Vec::new();
        for &low in &ends {
            for &high in ends.iter().filter(|high| **high >= low) {
                let inside = |list: &Vec<i64>| list.iter().any(|x| (low..=high).contains(x));
                if lists.iter().all(inside) {
                    full.push((low, high));
                }
            }
        }
        let shortest = |&&(low, high): &&(i64, i64)| {
            !full
                .iter()
                .any(|&(a, b)| (a, b) != (low, high) && a >= low && b <= high)
        };
        full.iter()
            .filter(shortest)
            .filter(|(low, high)| high - low <= slop)
            .count() as u32
    }

    proptest! {
        #[test]
        fn occurrences_are_those_of_the_definition(
            lists in prop::collection::vec(prop::collection::btree_set(-3i64..15, 1..8), 1..4),
            slop in 0i64..6,
        ) {
            let lists: Vec<Vec<i64>> = lists.into_iter().map(|set| set.into_iter().collect()).collect();
            prop_assert_eq!(occurrences(&lists, slop), naive(&lists, slop));
        }
    }
}
