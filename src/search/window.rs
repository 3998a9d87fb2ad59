//! # Windows: 4096 documents at a time
//!
//! Idea        a plan is not asked "what is your next document?" but "which of
//!             these 4096 documents do you match, and with what score?". The
//!             answer is 64 words of bits and an array of scores that both
//!             stay in the cache; and, or, not and counting are operations on
//!             words
//! Example     documents 8192 to 12287: bit 5 of word 2 is document 8192 + 133
//! Invariants  (1) a window begins at a multiple of its length
//!             (2) scores are meant only where a bit is set
//! Next        `limits.rs`

use crate::bytes::bits::count_bits;

/// Documents in a window.
pub(super) const WINDOW: u32 = 4096;

const WORDS: usize = WINDOW as usize / 64;

/// Documents in a [`Group`].
pub(super) const GROUP: u32 = 128;

/// Indices that are written together.
const STEP: usize = 4;

/// Documents of a window, as indices into it, and room for what is written over.
pub(super) type Indices = Box<[u16; WINDOW as usize + STEP]>;

pub(super) fn no_indices() -> Indices {
    Box::new([0; WINDOW as usize + STEP])
}

/// Some documents of a window.
#[derive(Debug)]
pub(super) struct Bits(Box<[u64; WORDS]>);

/// A score for each document of a window.
pub(super) type Scores = Box<[f32; WINDOW as usize]>;

pub(super) fn scores() -> Scores {
    Box::new([0.0; WINDOW as usize])
}

impl Default for Bits {
    fn default() -> Self {
        Self(Box::new([0; WORDS]))
    }
}

impl Bits {
    pub(super) fn clear(&mut self) {
        self.0.fill(0);
    }

    pub(super) fn copy_from(&mut self, other: &Self) {
        *self.0 = *other.0;
    }

    #[inline]
    pub(super) fn set(&mut self, index: u32) {
        self.0[index as usize / 64] |= 1 << (index % 64);
    }

    /// Sets of the 64 documents from `index` on, a multiple of that, those whose bits are
    /// set.
    #[inline]
    pub(super) fn or_word(&mut self, index: u32, bits: u64) {
        self.0[index as usize / 64 % WORDS] |= bits;
    }

    pub(super) fn and(&mut self, other: &Self) {
        self.0.iter_mut().zip(&*other.0).for_each(|(a, b)| *a &= b);
    }

    pub(super) fn or(&mut self, other: &Self) {
        self.0.iter_mut().zip(&*other.0).for_each(|(a, b)| *a |= b);
    }

    pub(super) fn and_not(&mut self, other: &Self) {
        self.0.iter_mut().zip(&*other.0).for_each(|(a, b)| *a &= !b);
    }

    /// Leaves out those of some words, which begin with document 0, that lie in the
    /// window at `start`.
    pub(super) fn leave_out(&mut self, start: u32, words: &[u64]) {
        let words = words.get(start as usize / 64..).unwrap_or(&[]);
        self.0.iter_mut().zip(words).for_each(|(a, b)| *a &= !b);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    #[inline]
    pub(super) fn count(&self) -> u32 {
        // Not more than a window has documents.
        count_bits(&*self.0) as u32
    }

    /// Sets documents, all of them in the window at `start`.
    #[inline]
    pub(super) fn set_all(&mut self, start: u32, documents: &[u32]) {
        for document in documents {
            let index = (document - start) as usize;
            self.0[index / 64 % WORDS] |= 1 << (index % 64);
        }
    }

    /// Sets the documents from `first` to `last` that lie in the window at `start`.
    #[inline]
    pub(super) fn set_range(&mut self, start: u32, first: u32, last: u32) {
        let end = last.saturating_sub(start).min(WINDOW - 1);
        let mut at = first.saturating_sub(start);
        if last < start {
            return;
        }
        while at <= end {
            // As far as the word goes, or the range.
            let until = (at | 63).min(end);
            self.0[at as usize / 64] |= u64::MAX >> (63 - (until - at)) << (at % 64);
            at = until + 1;
        }
    }

    /// Sets those of some words, numbered from document 0 on, that lie in the
    /// window at `start`.
    #[inline]
    pub(super) fn or_words(&mut self, start: u32, first: u32, words: &[[u8; 8]]) {
        let from = start / 64;
        let skipped = from.saturating_sub(first) as usize;
        let at = first.saturating_sub(from) as usize;
        let (into, words) = (self.0.get_mut(at..), words.get(skipped..));
        let pairs = into.into_iter().flatten().zip(words.into_iter().flatten());
        for (into, word) in pairs {
            *into |= u64::from_le_bytes(*word);
        }
    }

    /// The documents, ascending, as indices into the window; returns how many. What
    /// `out` has behind them says nothing.
    ///
    /// How many bits a word has can't be foreseen. So four indices are written whether it
    /// has as many or not; the next word's are written over those that it hasn't.
    pub(super) fn write_indices(&self, out: &mut Indices) -> usize {
        let mut count = 0;
        for (number, word) in (0..).zip(self.0.iter()) {
            let (mut bits, mut at) = (*word, count);
            while bits != 0 {
                for slot in &mut out[at..at + STEP] {
                    *slot = number * 64 + bits.trailing_zeros() as u16;
                    bits &= bits.wrapping_sub(1);
                }
                at += STEP;
            }
            count += word.count_ones() as usize;
        }
        count
    }

    /// The words, to be filled from elsewhere.
    pub(super) fn words_mut(&mut self) -> &mut [u64; WORDS] {
        &mut self.0
    }

    /// Sets the documents below `end`, and no others.
    pub(super) fn fill_below(&mut self, end: u32) {
        for (index, word) in (0..).zip(self.0.iter_mut()) {
            let left = end.saturating_sub(index * 64);
            *word = if left >= 64 {
                u64::MAX
            } else {
                (1 << left) - 1
            };
        }
    }

    /// The documents, ascending, as indices into the window.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        indices(0, &*self.0)
    }

    /// The same, as those of a segment in which the window begins at `start`.
    pub(super) fn groups(&self, start: u32) -> impl Iterator<Item = Group> {
        let groups = (0..).zip(self.0.as_chunks::<2>().0);
        let groups = groups.filter(|(_, words)| words[0] | words[1] != 0);
        groups.map(move |(number, words)| (start + number * GROUP, *words))
    }
}

/// Those of 128 neighbours that are meant: the first of the 128, a multiple of that, and
/// a bit for each.
pub(super) type Group = (u32, [u64; GROUP as usize / 64]);

/// Which bits of some words are set, ascending; the first of them is `first`.
#[inline]
pub(super) fn indices(first: u32, words: &[u64]) -> impl Iterator<Item = u32> + '_ {
    let mut words = (0..).zip(words.iter());
    let (mut at, mut bits) = (0, 0);
    std::iter::from_fn(move || {
        while bits == 0 {
            let (number, word) = words.next()?;
            (at, bits) = (first + 64 * number, *word);
        }
        let place = bits.trailing_zeros();
        bits &= bits - 1;
        Some(at + place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_full_window_has_all_indices() {
        let mut bits = Bits::default();
        bits.fill_below(WINDOW);
        let mut out = no_indices();
        assert_eq!(bits.write_indices(&mut out), WINDOW as usize);
        assert!(
            (0..)
                .zip(&out[..WINDOW as usize])
                .all(|(n, place)| *place == n)
        );
    }

    proptest! {
        #[test]
        fn indices_are_those_that_were_set(
            set in prop::collection::btree_set(0..WINDOW, 0..300), first in 0..WINDOW, len in 0u32..300,
        ) {
            let mut bits = Bits::default();
            set.iter().for_each(|place| bits.set(*place));
            bits.set_range(0, first, (first + len).min(WINDOW - 1));
            let mut out = no_indices();
            let count = bits.write_indices(&mut out);
            let found = out[..count].iter().map(|place| u32::from(*place));
            let last = first + len;
            let is_set = |place: &u32| set.contains(place) || (first..=last).contains(place);
            prop_assert!(found.eq((0..WINDOW).filter(is_set)));
            prop_assert_eq!(count, bits.count() as usize);
        }

        #[test]
        fn a_range_is_its_documents_one_by_one(first in 0u32..12_500, len in 0u32..5_000) {
            let (start, last) = (WINDOW, first + len);
            let (mut range, mut single) = (Bits::default(), Bits::default());
            range.set_range(start, first, last);
            for document in first.max(start)..=last.min(start + WINDOW - 1) {
                single.set(document - start);
            }
            prop_assert_eq!(range.0, single.0);
        }
    }
}
