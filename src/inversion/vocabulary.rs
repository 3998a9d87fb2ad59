//! # Vocabulary: strings to numbers, each distinct one gets the next
//!
//! Idea        an open-addressing table of (hash, number); the strings stand one
//!             after the other in an arena, so a new one costs no allocation
//! Example     `whale` `sea` `whale` `sing` → 0 1 0 2
//! Invariants  (1) the table is at most half full, so a search ends soon
//!             (2) the hash has a seed of its own in each process: nobody can
//!             prepare words that collide
//! Cost        a hash, and mostly one slot and one comparison
//! Next        `surfaces.rs`

use crate::bytes::prefetch::prefetch;
use crate::segment::dictionary::prefix;
use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// Strings by their number.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Where each string ends in the arena.
    ends: Vec<u32>,
    arena: Vec<u8>,
}

impl Names {
    /// The string with a number.
    #[inline]
    pub(super) fn get(&self, number: u32) -> &[u8] {
        let index = number as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.arena[start as usize..self.ends[index] as usize]
    }

    /// Hints that a string is going to be read, `numbers` telling of all that are,
    /// in order: of one it asks where the string is, of one before that for the
    /// string.
    #[inline]
    pub(super) fn announce(&self, index: usize, numbers: impl Fn(usize) -> Option<u32>) {
        const AHEAD: usize = 8;
        if let Some(later) = numbers(index + 2 * AHEAD) {
            prefetch(&self.ends, later as usize);
        }
        if let Some(soon) = numbers(index + AHEAD) {
            let before = (soon as usize).wrapping_sub(1);
            let start = self.ends.get(before).copied().unwrap_or(0);
            prefetch(&self.arena, start as usize);
        }
    }

    /// The first eight bytes of a string, as a number that sorts as they do.
    pub(super) fn prefix(&self, number: u32) -> u64 {
        prefix(self.get(number))
    }

    /// Compares two strings, given as prefix and number; nearly always the
    /// prefixes decide.
    #[inline]
    pub(super) fn compare(&self, a: (u64, u32), b: (u64, u32)) -> Ordering {
        let rest = || self.get(a.1).cmp(self.get(b.1));
        a.0.cmp(&b.0).then_with(rest)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.arena.extend_from_slice(bytes);
        // Far from 4 GiB: a batch is, and so is what is kept between batches.
        self.ends.push(self.arena.len() as u32);
    }

    /// Bytes of memory.
    pub(super) fn size(&self) -> usize {
        self.arena.capacity() + self.ends.capacity() * 4
    }
}

/// Puts items in the order of the first three bytes of their names, which `head`
/// gives as a number; equal ones stay as they were. `spare` is room for as many.
pub(super) fn sort_by_heads<T: Copy + Default>(
    items: &mut Vec<T>,
    spare: &mut Vec<T>,
    head: impl Fn(&T) -> u32,
) {
    for shift in [0, 8, 16] {
        let byte = |item: &T| usize::from((head(item) >> shift) as u8);
        let mut places = [0; 256];
        for item in items.iter() {
            places[byte(item)] += 1;
        }
        let mut start = 0;
        for place in &mut places {
            start += std::mem::replace(place, start);
        }
        spare.clear();
        spare.resize(items.len(), T::default());
        for item in items.iter() {
            let place = &mut places[byte(item)];
            spare[*place] = *item;
            *place += 1;
        }
        std::mem::swap(items, spare);
    }
}

/// The head of a prefix.
pub(super) fn head(prefix: u64) -> u32 {
    (prefix >> 40) as u32
}

/// A table of strings, numbered from 0 in the order of their first coming. It
/// has the numbers only; the [`Names`] that go with it are handed in.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// A power of two of them, at most half used.
    slots: Vec<Slot>,
    seed: u64,
}

/// Number plus one and half of the hash; number 0 is a free slot.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    number: u32,
    /// Its lower bits say where the slot should be.
    check: u32,
}

impl Slot {
    /// Puts it into a table, which has room.
    fn put(self, slots: &mut [Self]) {
        let mask = slots.len() - 1;
        let mut at = self.check as usize & mask;
        while slots[at].number != 0 {
            at = (at + 1) & mask;
        }
        slots[at] = self;
    }
}

static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));

/// What hashes are mixed with: the same in the whole process.
pub(super) fn seed() -> u64 {
    *SEED
}

const SLOTS_MIN: usize = 1 << 8;

impl Default for Vocabulary {
    fn default() -> Self {
        Self {
            slots: vec![Slot::default(); SLOTS_MIN],
            seed: seed(),
        }
    }
}

impl Vocabulary {
    /// The number of `bytes`; new ones get one.
    #[inline]
    pub(super) fn number(&mut self, names: &mut Names, bytes: &[u8]) -> u32 {
        let hash = hash(bytes, self.seed);
        let check = (hash >> 32) as u32;
        let mask = self.slots.len() - 1;
        let mut at = check as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.number == 0 {
                return self.insert(names, bytes, at, check);
            }
            if slot.check == check && names.get(slot.number - 1) == bytes {
                return slot.number - 1;
            }
            at = (at + 1) & mask;
        }
    }

    #[cold]
    fn insert(&mut self, names: &mut Names, bytes: &[u8], at: usize, check: u32) -> u32 {
        names.push(bytes);
        let number = names.len() as u32;
        self.slots[at] = Slot { number, check };
        if names.len() * 2 > self.slots.len() {
            self.grow();
        }
        number - 1
    }

    /// Doubles the table. Slots are gone through in their order, so those of the
    /// new one are too, in both halves: nothing waits for memory.
    fn grow(&mut self) {
        let mut slots = vec![Slot::default(); self.slots.len() * 2];
        for slot in &self.slots {
            if slot.number != 0 {
                slot.put(&mut slots);
            }
        }
        self.slots = slots;
    }

    /// Bytes of memory.
    pub(super) fn size(&self) -> usize {
        self.slots.len() * size_of::<Slot>()
    }
}

/// Multiply and fold: all bits of the result depend on all of both.
#[inline]
pub(super) fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

const A: u64 = 0x9e37_79b9_7f4a_7c15;
const B: u64 = 0xd1b5_4a32_d192_ed03;

/// Sixteen bytes at a time.
#[inline]
pub(super) fn hash(bytes: &[u8], seed: u64) -> u64 {
    let mut state = seed ^ (bytes.len() as u64).wrapping_mul(A);
    let mut rest = bytes;
    while let Some((chunk, after)) = rest.split_first_chunk::<16>() {
        let (low, high) = halves(chunk);
        state = mix(low ^ state ^ A, high ^ B);
        rest = after;
    }
    let mut last = [0; 16];
    last[..rest.len()].copy_from_slice(rest);
    let (low, high) = halves(&last);
    mix(low ^ state ^ B, high ^ state.rotate_left(32) ^ A)
}

#[inline]
fn halves(chunk: &[u8; 16]) -> (u64, u64) {
    let whole = u128::from_le_bytes(*chunk);
    (whole as u64, (whole >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn it_agrees_with_a_map(words in prop::collection::vec("[a-c]{0,3}|[a-z]{10,40}", 0..3000)) {
            let (mut vocabulary, mut names) = (Vocabulary::default(), Names::default());
            let mut naive: HashMap<String, u32> = HashMap::new();
            for word in &words {
                let next = naive.len() as u32;
                let number = *naive.entry(word.clone()).or_insert(next);
                prop_assert_eq!(vocabulary.number(&mut names, word.as_bytes()), number);
                prop_assert_eq!(names.get(number), word.as_bytes());
            }
            prop_assert_eq!(names.len(), naive.len());
        }
    }
}
