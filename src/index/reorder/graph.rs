//! # The graph: documents and their terms
//!
//! Idea        the forward index that is bisected. Terms are small numbers, the most
//!             frequent ones first, so that what is kept per term lies close together
//!             for most of what is looked up. A part of a graph is a graph of its own,
//!             with numbers of its own: it is smaller, and leaves the terms behind
//!             that can't matter in it any more
//! Next        `gain.rs`

use crate::bytes::Lie;
use crate::error::Result;
use crate::segment::posting_list::BLOCK_LEN;
use crate::segment::{Inverted, Segment, TermEntry};

/// A term counts if its list is a block long, and if it is in one document of
/// so many. Rarer ones are nearly all of a dictionary and hardly any of the
/// gaps: with them, 50,000 articles took twice the time to bisect, and the
/// index was larger by a thousandth.
const SHARE_MIN: u32 = 1000;

/// A term that is left out.
const NONE: u32 = u32::MAX;

/// The terms of some documents.
#[derive(Debug)]
pub(super) struct Graph {
    /// The documents' numbers in the segment, ascending.
    pub(super) documents: Vec<u32>,
    /// Where each document's terms end.
    ends: Vec<u32>,
    terms: Vec<u32>,
    /// In how many documents each term is.
    pub(super) counts: Vec<u32>,
}

impl Graph {
    /// The graph of all documents, with as many terms as fit into the memory,
    /// the most frequent ones first.
    pub(super) fn of_segment(segment: &Segment, memory: usize) -> Result<Self> {
        let mut frequencies = Vec::new();
        each_term(segment, |_, entry| {
            frequencies.push(entry.document_frequency);
            Ok(())
        })?;
        let documents = segment.documents();
        // A graph and its two halves exist at a time.
        let room = (memory / size_of::<u32>() / 2).min(u32::MAX as usize);
        let (numbers, counts) = number(&frequencies, documents, room);
        drop(frequencies);

        // Counted, then filled: the lists are read twice, and nothing grows.
        let mut ends = vec![0u32; documents as usize];
        each_posting(segment, &numbers, |_, document| {
            let end = ends.get_mut(document as usize).ok_or(OUTSIDE)?;
            *end += 1;
            Ok(())
        })?;
        let mut sum = 0;
        for end in &mut ends {
            // The start, which becomes the end as it is filled.
            sum += std::mem::replace(end, sum);
        }
        let mut terms = vec![0; sum as usize];
        each_posting(segment, &numbers, |term, document| {
            let end = ends.get_mut(document as usize).ok_or(OUTSIDE)?;
            *terms.get_mut(*end as usize).ok_or(CHANGED)? = term;
            *end += 1;
            Ok(())
        })?;
        Ok(Self {
            documents: (0..documents).collect(),
            ends,
            terms,
            counts,
        })
    }

    /// A graph of so many documents with these terms each.
    #[cfg(test)]
    pub(super) fn of_terms(documents: &[&[u32]]) -> Self {
        let terms: Vec<u32> = documents.concat();
        let count = terms.iter().max().map_or(0, |term| term + 1);
        let mut counts = vec![0; count as usize];
        terms.iter().for_each(|term| counts[*term as usize] += 1);
        let ends = documents.iter().scan(0, |end, terms| {
            *end += terms.len() as u32;
            Some(*end)
        });
        Self {
            documents: (0..documents.len() as u32).collect(),
            ends: ends.collect(),
            terms,
            counts,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }

    /// Of all documents together.
    pub(super) fn edges(&self) -> usize {
        self.terms.len()
    }

    /// The terms of a document of this graph.
    #[inline]
    pub(super) fn terms(&self, document: usize) -> &[u32] {
        let start = match document {
            0 => 0,
            _ => self.ends[document - 1],
        };
        &self.terms[start as usize..self.ends[document] as usize]
    }

    /// The part of the documents for which `wanted` says yes. `counts` is in
    /// how many of these each term is. A term that one of them has, or all,
    /// looks the same from both sides of any cut, so it is left out.
    pub(super) fn part(&self, wanted: impl Fn(usize) -> bool, counts: &[u32]) -> Self {
        let chosen: Vec<usize> = (0..self.len()).filter(|d| wanted(*d)).collect();
        let all = chosen.len() as u32;
        let mut new_counts = Vec::new();
        let mut edges = 0;
        let numbers: Vec<u32> = counts
            .iter()
            .map(|&count| {
                if count < 2 || count == all {
                    return NONE;
                }
                new_counts.push(count);
                edges += count as usize;
                new_counts.len() as u32 - 1
            })
            .collect();
        let mut terms = Vec::with_capacity(edges);
        let mut ends = Vec::with_capacity(chosen.len());
        for &document in &chosen {
            let kept = self
                .terms(document)
                .iter()
                .map(|term| numbers[*term as usize]);
            terms.extend(kept.filter(|number| *number != NONE));
            ends.push(terms.len() as u32);
        }
        Self {
            documents: chosen.iter().map(|d| self.documents[*d]).collect(),
            ends,
            terms,
            counts: new_counts,
        }
    }
}

const OUTSIDE: Lie = Lie("a list has a document that the segment hasn't");

/// What was counted is read once more, and should be as much again.
const CHANGED: Lie = Lie("a list changed while it was read");

/// Numbers the terms that are taken, the most frequent ones first, of equal
/// ones the first first; [`NONE`] for the others. And the taken ones' counts.
fn number(frequencies: &[u32], documents: u32, room: usize) -> (Vec<u32>, Vec<u32>) {
    let least = (documents / SHARE_MIN).max(BLOCK_LEN as u32);
    let useful = |term: &u32| (least..documents).contains(&frequencies[*term as usize]);
    // A segment has fewer than 2³² terms in each field, and memory for all.
    let mut taken: Vec<u32> = (0..frequencies.len() as u32).filter(useful).collect();
    taken.sort_unstable_by_key(|&term| (std::cmp::Reverse(frequencies[term as usize]), term));
    let mut numbers = vec![NONE; frequencies.len()];
    let mut counts = Vec::new();
    let mut left = room;
    for term in taken {
        let frequency = frequencies[term as usize];
        match left.checked_sub(frequency as usize) {
            Some(rest) => left = rest,
            // A list as long as this has no room, but a shorter one may.
            None => continue,
        }
        numbers[term as usize] = counts.len() as u32;
        counts.push(frequency);
    }
    (numbers, counts)
}

/// Every term of every inverted field, in the same order each time.
fn each_term(
    segment: &Segment,
    mut take: impl FnMut(&Inverted, &TermEntry) -> Result<()>,
) -> Result<()> {
    for field in segment.schema().fields() {
        let Some(inverted) = segment.inverted(field.name()) else {
            continue;
        };
        let mut terms = inverted.terms(b"")?;
        while let Some(entry) = terms.next()? {
            take(inverted, &entry)?;
        }
    }
    Ok(())
}

/// Every posting of the terms that have a number.
fn each_posting(
    segment: &Segment,
    numbers: &[u32],
    mut take: impl FnMut(u32, u32) -> Result<(), Lie>,
) -> Result<()> {
    let mut block_documents = [0; BLOCK_LEN];
    let (mut place, mut read) = (0, 0);
    each_term(segment, |inverted, entry| {
        let number = numbers.get(place).copied().unwrap_or(NONE);
        place += 1;
        if number == NONE {
            return Ok(());
        }
        let list = inverted.postings(entry)?;
        for block in 0..list.block_count() {
            let count = list.decode_documents(block, &mut block_documents)?;
            for &document in &block_documents[..count] {
                take(number, document).map_err(|lie| inverted.corrupt(lie))?;
            }
        }
        read = entry.document_frequency.saturating_add(read);
        if read >= Segment::RELEASE_AFTER {
            read = 0;
            segment.release();
        }
        Ok(())
    })
}
