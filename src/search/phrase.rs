//! # Phrases: terms at their distances
//!
//! Idea        up to 128 documents at a time: which of them have the two rarest
//!             terms, and where do these stand? What is left, which is little, is
//!             asked about the next rarest
//! Meaning     let `x` be a position of the phrase's term number `i`, which
//!             stands `d` after the first: the phrase would begin at `x - d`.
//!             An *occurrence* is a shortest interval of beginnings, no longer
//!             than the slop, in which every term has one. Their number is the
//!             phrase's frequency
//! Example     "quick fox" with slop 1 in `quick brown fox`: quick would begin
//!             the phrase at 0, fox at 2 - 1 = 1; the interval 0 to 1 is an
//!             occurrence. "fox quick" takes slop 3 there: 2 and 0 - 1
//! Invariants  (1) with slop 0 the frequency is at most that of each term,
//!             which bounds the score before any position is read. With more it is at
//!             most so many times that as there are terms: of the shortest intervals
//!             around one position no two begin with the same term, or the later
//!             beginning would make the earlier interval shorter
//!             (2) a phrase scores like a term, with the sum of the terms' idf
//! Cost        some 50 ns a document that has the two rarest terms, if many of
//!             a block do; else that of decoding a block of each for it
//! Left out    Lucene's weighting of sloppy occurrences by their width: here
//!             each counts as one
//! Next        `places.rs`, where they are found; `beginnings.rs`, where they are compared;
//!             `sloppy.rs`, where they need only be near

use super::beginnings::Beginnings;
use super::bm25::inflated;
use super::execute::END;
use super::places::{Documents, Places, Slots};
use super::plan::PhraseNode;
use super::sloppy::{Near, Sought};
use super::term::{Bounds, TermExec};
use super::trace::{Silent, Trace};
use super::window::{Bits, Scores, WINDOW};
use crate::error::Result;
use crate::index::Part;
use crate::segment::positions::PositionSums;
use crate::segment::posting_list::BLOCK_LEN;
use crate::segment::{PositionReader, PostingList};

/// Which occurrences are looked for in a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wanted {
    /// One, which tells that the document matches.
    Any,
    /// All, wherever these can score more than this.
    Above(f32),
    /// Likewise; elsewhere one, if there is slop, and all if there is none.
    AnyAndAbove(f32),
}

impl Wanted {
    /// Whatever they score.
    const ALL: Self = Self::Above(-1.0);

    /// What a document must score more than.
    fn threshold(self) -> f32 {
        match self {
            Self::Any | Self::AnyAndAbove(_) => -1.0,
            Self::Above(threshold) => threshold,
        }
    }
}

/// A term of a phrase at work.
pub(super) struct PhraseTerm<'a, T: Trace> {
    /// From the first term.
    pub(super) distance: u32,
    exec: TermExec<'a, T>,
    pub(super) sums: PositionSums<'a>,
    reader: PositionReader<'a>,
    /// Of the documents that are asked about.
    places: Places,
}

impl<T: Trace> PhraseTerm<'_, T> {
    /// The number of the first position in the document of a slot, and how many
    /// there are to be read.
    #[inline]
    pub(super) fn positions(&self, slot: usize) -> (u64, u32) {
        let (first, count) = self.places.positions(slot);
        self.exec.note_positions(count);
        (first, count)
    }

    /// Calls for the positions in the document of a slot.
    #[inline]
    fn call_for(&self, slot: usize) {
        let (first, _) = self.places.positions(slot);
        self.sums.call_for(first);
    }

    /// The positions in the document of a slot.
    pub(super) fn read(&mut self, slot: usize, positions: &mut Vec<u32>) -> Result<()> {
        let (first, count) = self.places.positions(slot);
        self.reader.read(first, count, positions)
    }
}

/// A phrase at work.
pub(super) struct PhraseExec<'a, T: Trace = Silent> {
    node: &'a PhraseNode,
    /// The rarest first.
    terms: Vec<PhraseTerm<'a, T>>,
    /// Numbers of terms, in some order.
    order: Vec<usize>,
    /// The documents that are asked about.
    documents: Documents,
    /// Those that may match; after the answer, those that do.
    left: Slots,
    /// Their occurrences.
    frequencies: [u32; BLOCK_LEN],
    /// Where it may begin, as the terms allow that were asked so far.
    beginnings: Beginnings,
    /// The same where there is slop, in one document.
    near: Near,
    positions: Vec<u32>,
    matched: Bits,
    candidates: Bits,
}

impl<'a, T: Trace> PhraseExec<'a, T> {
    /// `None` if the segment lacks one of the terms.
    pub(super) fn new(part: &'a Part, phrase: &'a PhraseNode, trace: T) -> Result<Option<Self>> {
        let mut terms = Vec::with_capacity(phrase.terms.len());
        for (number, (distance, term)) in phrase.terms.iter().enumerate() {
            let name = (phrase.field.as_str(), term.as_str());
            let exec = TermExec::new(part, name, number, &phrase.weight, Bounds::Wanted, trace)?;
            let Some(exec) = exec else { return Ok(None) };
            let Some(reader) = exec.list().positions()? else {
                return Ok(None);
            };
            terms.push(PhraseTerm {
                distance: *distance,
                exec,
                sums: reader.sums(),
                reader,
                places: Places::new(),
            });
        }
        terms.sort_by_key(|term| term.exec.cost());
        Ok(Some(Self {
            node: phrase,
            order: (0..terms.len()).collect(),
            near: Near::default(),
            terms,
            documents: [0; BLOCK_LEN],
            left: Slots::none(),
            frequencies: [0; BLOCK_LEN],
            beginnings: Beginnings::default(),
            positions: Vec::new(),
            matched: Bits::default(),
            candidates: Bits::default(),
        }))
    }

    /// The phrase in a part, in the room of the one in another part, if there is one;
    /// `None` if the part lacks one of the terms.
    pub(super) fn in_room<'r>(
        room: &'r mut Option<Self>,
        part: &'a Part,
        phrase: &'a PhraseNode,
        trace: T,
    ) -> Result<Option<&'r mut Self>> {
        if T::LISTENS {
            // What was heard of a list is told when that is let go.
            *room = None;
        }
        let has = match room {
            Some(exec) => exec.enter(part, trace)?,
            None => {
                *room = Self::new(part, phrase, trace)?;
                room.is_some()
            }
        };
        Ok(room.as_mut().filter(|_| has))
    }

    /// From now on it is about this part; `false` if that lacks one of the terms.
    fn enter(&mut self, part: &'a Part, trace: T) -> Result<bool> {
        let PhraseNode {
            field,
            terms,
            weight,
            ..
        } = self.node;
        let entry = |number: usize| weight.entry(number, part);
        if (0..terms.len()).any(|number| entry(number).is_none()) {
            return Ok(false);
        }
        self.order.sort_unstable_by_key(|number| {
            let entry = entry(*number);
            (entry.map_or(0, |entry| entry.document_frequency), *number)
        });
        for (room, &number) in self.terms.iter_mut().zip(&self.order) {
            let (distance, term) = &terms[number];
            let (name, exec) = ((field.as_str(), term.as_str()), &mut room.exec);
            let entered = exec.enter(part, name, number, weight, Bounds::Wanted, trace)?;
            let reader = exec.list().positions()?.filter(|_| entered);
            let Some(reader) = reader else {
                return Ok(false);
            };
            room.distance = *distance;
            room.sums.turn_to(&reader);
            room.reader = reader;
        }
        Ok(true)
    }

    pub(super) fn cost(&self) -> u64 {
        self.terms[0].exec.cost()
    }

    /// Leaps from term to term until all may have the same document.
    pub(super) fn next(&mut self, from: u32) -> Result<u32> {
        let mut document = from;
        'leap: loop {
            for term in &mut self.terms {
                let next = term.exec.next(document)?;
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
        self.candidates.copy_from(candidates);
        for (number, term) in self.terms.iter_mut().enumerate() {
            if number > 0 && term.exec.are_few(&self.candidates) {
                // They will be looked up in any case.
                break;
            }
            let exec = &mut term.exec;
            exec.evaluate(start, &self.candidates, &mut self.matched, None)?;
            self.candidates.copy_from(&self.matched);
            if self.candidates.is_empty() {
                break;
            }
        }
        out.clear();
        let wanted = scores.as_ref().map_or(Wanted::Any, |_| Wanted::ALL);
        let candidates = std::mem::take(&mut self.candidates);
        let mut indices = candidates.iter();
        loop {
            self.left.clear();
            for (slot, index) in indices.by_ref().take(BLOCK_LEN).enumerate() {
                self.documents[slot] = start + index;
                self.left.push(slot);
            }
            if self.left.as_slice().is_empty() {
                break;
            }
            self.match_left(0, wanted)?;
            for &slot in self.left.as_slice() {
                let slot = usize::from(slot);
                let document = self.documents[slot];
                let index = document - start;
                out.set(index);
                if let Some(scores) = &mut scores {
                    scores[index as usize] = self.score(document, self.frequencies[slot]);
                }
            }
        }
        drop(indices);
        self.candidates = candidates;
        Ok(())
    }

    /// Of the slots that are left keeps those whose documents have the phrase; says
    /// what these score, if that is wanted.
    pub(super) fn keep(
        &mut self,
        documents: &Documents,
        left: &mut Slots,
        scores: Option<&mut [f32; BLOCK_LEN]>,
    ) -> Result<()> {
        self.documents = *documents;
        self.left.clone_from(left);
        let wanted = scores.as_ref().map_or(Wanted::Any, |_| Wanted::ALL);
        self.match_left(0, wanted)?;
        left.clone_from(&self.left);
        if let Some(scores) = scores {
            for slot in self.left.as_slice() {
                let slot = usize::from(*slot) % BLOCK_LEN;
                scores[slot] = self.score(documents[slot], self.frequencies[slot]);
            }
        }
        Ok(())
    }

    /// The list of the rarest term.
    pub(super) fn rarest(&self) -> PostingList<'a> {
        *self.terms[0].exec.list()
    }

    /// The rarest term.
    pub(super) fn lead(&mut self) -> &mut TermExec<'a, T> {
        &mut self.terms[0].exec
    }

    /// The score of so many occurrences in a document.
    pub(super) fn score(&self, document: u32, frequency: u32) -> f32 {
        let exec = &self.terms[0].exec;
        exec.score_of(frequency, exec.norm(document))
    }

    /// Occurrences in a document.
    pub(super) fn frequency(&mut self, document: u32) -> Result<u32> {
        Ok(match self.is_in(document, Wanted::ALL)? {
            false => 0,
            true => self.frequencies[0],
        })
    }

    /// Whether a document has the phrase.
    pub(super) fn has(&mut self, document: u32) -> Result<bool> {
        self.is_in(document, Wanted::Any)
    }

    fn is_in(&mut self, document: u32, wanted: Wanted) -> Result<bool> {
        self.documents[0] = document;
        self.left.clear();
        self.left.push(0);
        self.match_left(0, wanted)?;
        Ok(!self.left.as_slice().is_empty())
    }

    /// Calls `each` with the documents of a block of the rarest term that have
    /// the phrase as it is wanted, perhaps with others that have it, and with how many
    /// occurrences were found. Only with documents that `choose` has left of the places
    /// that it is given.
    pub(super) fn each_in_block(
        &mut self,
        block: usize,
        wanted: Wanted,
        choose: impl FnOnce(&mut TermExec<T>, &Documents, &mut Slots) -> Result<()>,
        mut each: impl FnMut(&Self, u32, u32) -> Result<()>,
    ) -> Result<()> {
        let lead = &mut self.terms[0];
        self.documents = *lead.exec.load_padded(block)?;
        lead.places.of_block(&mut lead.exec, block)?;
        self.left.fill(lead.exec.list().block_len(block));
        choose(&mut lead.exec, &self.documents, &mut self.left)?;
        self.match_left(1, wanted)?;
        for &slot in self.left.as_slice() {
            let slot = usize::from(slot);
            each(self, self.documents[slot], self.frequencies[slot])?;
        }
        Ok(())
    }

    /// Of the slots that are left keeps those whose documents have the phrase,
    /// but for some that don't score enough. The first `known` terms have been asked
    /// where they are.
    fn match_left(&mut self, known: usize, wanted: Wanted) -> Result<()> {
        let threshold = wanted.threshold();
        self.beginnings.clear();
        for number in 0..self.terms.len() {
            if number >= known {
                let needed = self.needed(threshold);
                let PhraseTerm { exec, places, .. } = &mut self.terms[number];
                places.find(exec, &self.documents, &mut self.left, needed)?;
            }
            if self.node.slop == 0 && number > 0 {
                self.narrow(number, wanted)?;
            }
            if self.left.as_slice().is_empty() {
                return Ok(());
            }
        }
        match self.node.slop {
            0 => Ok(()),
            slop => self.keep_sloppy(slop, wanted),
        }
    }

    /// Keeps what term number `number` allows, in view of those before it.
    fn narrow(&mut self, number: usize, wanted: Wanted) -> Result<()> {
        let (last, threshold) = (number + 1 == self.terms.len(), wanted.threshold());
        let (before, term) = self.terms.split_at_mut(number);
        let (first, term) = (&mut before[0], &mut term[0]);
        let (beginnings, frequencies) = (&mut self.beginnings, &mut self.frequencies);
        let any = last && wanted == Wanted::Any;
        if number > 1 {
            for slot in self.left.as_slice() {
                term.call_for(usize::from(*slot));
            }
            return self.left.try_retain(|slot| {
                frequencies[slot] = beginnings.narrow(term, slot, frequencies[slot], any)?;
                Ok(frequencies[slot] > 0)
            });
        }
        if threshold >= 0.0 {
            let (documents, exec) = (&self.documents, &first.exec);
            self.left.retain(|slot| {
                let least = first.places.frequency(slot);
                let least = least.min(term.places.frequency(slot));
                exec.score_of(least, exec.norm(documents[slot])) > threshold
            });
        }
        for slot in self.left.as_slice() {
            first.call_for(usize::from(*slot));
            term.call_for(usize::from(*slot));
        }
        self.left.try_retain(|slot| {
            if last {
                beginnings.clear();
            }
            frequencies[slot] = beginnings.of_two(first, term, slot, any)?;
            Ok(frequencies[slot] > 0)
        })
    }

    fn keep_sloppy(&mut self, slop: u32, wanted: Wanted) -> Result<()> {
        let threshold = wanted.threshold();
        let (documents, factor) = (&self.documents, self.factor());
        // What a document can score.
        let most = |terms: &[PhraseTerm<T>], slot: usize| {
            let frequencies = terms.iter().map(|term| term.places.frequency(slot));
            let most = frequencies.min().unwrap_or(0).saturating_mul(factor);
            // As many as there can be.
            let most = most.min(i32::MAX.cast_unsigned());
            let exec = &terms[0].exec;
            exec.score_of(most, exec.norm(documents[slot]))
        };
        if threshold >= 0.0 {
            let terms = &self.terms;
            self.left.retain(|slot| most(terms, slot) > threshold);
        }
        self.left.try_retain(|slot| {
            let any = match wanted {
                Wanted::Any => true,
                Wanted::Above(_) => false,
                Wanted::AnyAndAbove(threshold) => most(&self.terms, slot) <= threshold,
            };
            let sought = Sought {
                terms: self.terms.len(),
                slop: i64::from(slop),
                any,
            };
            for (number, term) in self.terms.iter_mut().enumerate() {
                term.positions(slot);
                term.read(slot, &mut self.positions)?;
                if !self
                    .near
                    .add(number, &self.positions, term.distance, sought)
                {
                    return Ok(false);
                }
            }
            self.frequencies[slot] = self.near.occurrences(sought);
            Ok(self.frequencies[slot] > 0)
        })
    }

    /// How many occurrences a position can be in.
    fn factor(&self) -> u32 {
        match self.node.slop {
            0 => 1,
            // Not more than a query has terms.
            _ => self.terms.len() as u32,
        }
    }

    /// What the phrase scores at most where a term, with its weight, scores no more
    /// than `bound`: s = tf / (tf + K) becomes n·s / (1 + (n - 1)·s).
    fn most(&self, bound: f32) -> f32 {
        let weight = self.node.weight.value;
        let share = bound / weight;
        if self.node.slop == 0 || share.is_nan() || share >= 1.0 {
            return bound;
        }
        let factor = self.factor() as f32;
        inflated(
            weight * (factor * share / (1.0 + (factor - 1.0) * share)),
            8,
        )
    }

    /// What a term must score more than, so that the phrase may more than `threshold`:
    /// the other way round, and somewhat less for what rounding does.
    pub(super) fn needed(&self, threshold: f32) -> f32 {
        let weight = self.node.weight.value;
        let share = threshold / weight;
        if self.node.slop == 0 || threshold < 0.0 || share.is_nan() || share >= 1.0 {
            return threshold;
        }
        let factor = self.factor() as f32;
        let needed = weight * (share / (factor - (factor - 1.0) * share));
        needed * (1.0 - 8.0 * (factor + 2.0) * f32::EPSILON)
    }

    /// No occurrence scores more.
    pub(super) fn list_bound(&self) -> f32 {
        let bounds = self.terms.iter().map(|term| term.exec.list_bound());
        self.most(bounds.fold(f32::INFINITY, f32::min))
    }

    /// No occurrence in a document from `first` to `last` scores more.
    pub(super) fn range_bound(&mut self, first: u32, last: u32) -> f32 {
        let bounds = self.terms.iter_mut();
        let bounds = bounds.map(|term| term.exec.range_bound(first, last));
        let least = bounds.fold(f32::INFINITY, f32::min);
        self.most(least)
    }
}
