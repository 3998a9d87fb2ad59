//! # Surfaces: what each token means, the memory that makes filters cheap
//!
//! Idea        a token as it stands in the text, its *surface*, is looked up for
//!             every word of every document, so this is the table that counts. A
//!             slot has 16 bytes: up to eleven of the surface itself, its length,
//!             and what it means. So a short word, and nearly all are, is found by
//!             one multiplication and one cache line, and compared as two numbers.
//!             Longer ones stand in an arena
//! Example     slots of 16 bytes:
//!
//! ```text
//!   "whale"   | w h a l e 0 0 0 | 0 0 0 6 | meaning |      length plus one
//!   longer    | hash            | number  | meaning |      number: FF in the
//!                                                          highest byte
//! ```
//!
//! Cost        whole texts of many words have a table that no near cache holds. So
//!             words are looked up [many at a time](Surfaces::guess), without a
//!             branch that would wait: the processor has a dozen of them under way
//!             at once
//! Next        `batch.rs`, which asks

use super::vocabulary::{Names, hash, mix, seed};
use crate::bytes::prefetch::prefetch;

/// Surfaces up to this stand in the slot.
const INLINE: usize = 11;

/// In the highest byte of a slot's `tail`: it is a longer surface.
const LONG: u32 = 0xff << 24;

const SLOTS_MIN: usize = 1 << 10;

/// No surface means this.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// A surface, ready to be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    head: u64,
    /// Never 0. Of a long surface only [`LONG`], which no slot has.
    tail: u32,
}

impl Key {
    /// The key of `surface`, which usually lies within `text`: then its bytes
    /// are read at once, whatever its length.
    #[inline]
    pub(super) fn new(text: &[u8], surface: &[u8], seed: u64) -> Self {
        let length = surface.len();
        if length > INLINE {
            return Self::long(surface, seed);
        }
        // A slice of the text begins within it; one of anything else doesn't,
        // as two things don't lie at one place.
        let at = surface.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        let after = text.get(at..).unwrap_or_default();
        let (head, tail) = match (after.first_chunk(), after.first_chunk::<12>()) {
            (Some(head), Some([.., a, b, c, d])) => (
                u64::from_le_bytes(*head),
                u32::from_le_bytes([*a, *b, *c, *d]),
            ),
            _ => {
                let mut bytes = [0; 12];
                bytes[..length].copy_from_slice(surface);
                let [head @ .., a, b, c, d] = bytes;
                (u64::from_le_bytes(head), u32::from_le_bytes([a, b, c, d]))
            }
        };
        let (head_mask, tail_mask) = MASKS[length];
        Self {
            head: head & head_mask,
            // At most 12.
            tail: tail & tail_mask | (length as u32 + 1) << 24,
        }
    }

    #[cold]
    fn long(surface: &[u8], seed: u64) -> Self {
        Self {
            head: hash(surface, seed),
            tail: LONG,
        }
    }

    #[inline]
    fn hash(self, seed: u64) -> usize {
        mix(
            self.head ^ seed,
            u64::from(self.tail) ^ 0x9e37_79b9_7f4a_7c15,
        ) as usize
    }
}

/// For each length, which bits of head and tail belong to the surface.
const MASKS: [(u64, u32); INLINE + 1] = {
    let mut masks = [(u64::MAX, 0); INLINE + 1];
    let mut length = 0;
    while length <= INLINE {
        if length < 8 {
            masks[length].0 = (1 << (8 * length)) - 1;
        } else {
            masks[length].1 = (1 << (8 * (length - 8))) - 1;
        }
        length += 1;
    }
    masks
};

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    head: u64,
    /// 0 in a free slot.
    tail: u32,
    meaning: u32,
}

/// From surface to meaning.
#[derive(Debug)]
pub(super) struct Surfaces {
    /// A power of two of them, at most three quarters used.
    slots: Vec<Slot>,
    used: usize,
    long: Names,
    pub(super) seed: u64,
}

impl Default for Surfaces {
    fn default() -> Self {
        Self {
            slots: vec![Slot::default(); SLOTS_MIN],
            used: 0,
            long: Names::default(),
            seed: seed(),
        }
    }
}

impl Surfaces {
    /// Where a surface stands, if nothing else took the place.
    #[inline]
    fn place(&self, key: Key) -> usize {
        key.hash(self.seed) & (self.slots.len() - 1)
    }

    /// The [place](Self::place) of a surface that is [guessed](Self::guess) soon.
    #[inline]
    pub(super) fn announce(&self, key: Key) -> usize {
        let place = self.place(key);
        prefetch(&self.slots, place);
        place
    }

    /// The meaning of a short surface, if it stands in its [place](Self::announce),
    /// as nearly all do; else [`UNKNOWN`].
    #[inline]
    pub(super) fn guess(&self, key: Key, place: usize) -> u32 {
        let slot = self.slots[place & (self.slots.len() - 1)];
        let differs = slot.head ^ key.head | u64::from(slot.tail ^ key.tail);
        // A branch would hold up the other look-ups until the slot has come.
        slot.meaning | u32::from(differs != 0).wrapping_neg()
    }

    /// The meaning of a surface, if it is known.
    pub(super) fn find(&self, key: Key, surface: &[u8]) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = self.place(key);
        loop {
            let slot = &self.slots[at & mask];
            if slot.head == key.head && self.is(slot, key, surface) {
                return Some(slot.meaning);
            }
            if slot.tail == 0 {
                return None;
            }
            at += 1;
        }
    }

    #[inline]
    fn is(&self, slot: &Slot, key: Key, surface: &[u8]) -> bool {
        if key.tail == LONG {
            slot.tail > LONG && self.long.get(slot.tail - LONG - 1) == surface
        } else {
            slot.tail == key.tail
        }
    }

    /// Remembers a surface that is not known yet.
    pub(super) fn insert(&mut self, key: Key, surface: &[u8], meaning: u32) {
        if (self.used + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let mut tail = key.tail;
        if key.tail == LONG {
            let number = self.long.len() as u32 + 1;
            if number >= 1 << 24 {
                // No room to remember it: it is looked up anew each time.
                return;
            }
            self.long.push(surface);
            tail |= number;
        }
        self.put(key, tail, meaning);
        self.used += 1;
    }

    fn put(&mut self, key: Key, tail: u32, meaning: u32) {
        let mask = self.slots.len() - 1;
        let mut at = self.place(key);
        while self.slots[at].tail != 0 {
            at = (at + 1) & mask;
        }
        let head = key.head;
        self.slots[at] = Slot {
            head,
            tail,
            meaning,
        };
    }

    fn grow(&mut self) {
        let slots = vec![Slot::default(); self.slots.len() * 2];
        for slot in std::mem::replace(&mut self.slots, slots) {
            if slot.tail != 0 {
                let tail = if slot.tail >= LONG { LONG } else { slot.tail };
                let key = Key {
                    head: slot.head,
                    tail,
                };
                self.put(key, slot.tail, slot.meaning);
            }
        }
    }

    /// Bytes of memory.
    pub(super) fn size(&self) -> usize {
        self.slots.len() * size_of::<Slot>() + self.long.size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn it_agrees_with_a_map(words in prop::collection::vec("[a-c]{0,4}|[a-z\0é]{5,40}", 0..3000)) {
            let mut surfaces = Surfaces::default();
            let mut naive: HashMap<&str, u32> = HashMap::new();
            let text = words.concat();
            let mut start = 0;
            for (number, word) in (0..).zip(&words) {
                // As a slice of a text, and by itself.
                let slice = &text.as_bytes()[start..start + word.len()];
                start += word.len();
                let key = Key::new(text.as_bytes(), slice, surfaces.seed);
                prop_assert_eq!(key, Key::new(text.as_bytes(), word.as_bytes(), surfaces.seed));
                let found = surfaces.find(key, word.as_bytes());
                prop_assert_eq!(found, naive.get(word.as_str()).copied());
                let guessed = surfaces.guess(key, surfaces.place(key));
                prop_assert!(guessed == UNKNOWN || Some(guessed) == found);
                if found.is_none() {
                    surfaces.insert(key, word.as_bytes(), number);
                    naive.insert(word, number);
                }
            }
        }
    }
}
