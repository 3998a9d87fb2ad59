//! # Words: which of a text are wanted
//!
//! Idea        nearly no word of a text is wanted, and the same words come again
//!             and again. So a word that analysis once made nothing wanted of is
//!             noted, and passed over from then on: a look-up instead of a stemmer
//! Example     `the` in *Moby-Dick*: stemmed once, met 14,000 times
//! Invariants  what is reported that is wanted is what analysis of all the text
//!             would report, in its order, value by value as when it was indexed;
//!             filters are pure functions of a word
//! Cost        a table of at most 1.5 MB, whatever the text: where two words fall
//!             into one slot, the later one stays. Measured, `search query` with
//!             one document of 20 MB of English: 64 ms a MB when each word was
//!             stemmed, 19 so, a third of it for words that are new
//! Left out    words of more than 16 bytes, which few are
//! Next        back to [`super`], which looks for a passage with the most of them; then
//!             `explain.rs`

use std::ops::Range;

use super::Wanted;
use crate::analysis::Analyzer;
use crate::error::Result;
use crate::inversion::POSITION_GAP;
use crate::search::limits::Deadline;

const SLOTS_MAX: usize = 1 << 16;

/// Bytes of text for which a slot is worth it: about a word in ten is new.
const BYTES_A_SLOT: usize = 64;

/// Reports the terms of a field's values; mostly not those of words that nothing is wanted
/// of. Places are those in the values joined by one character. Positions are those of the
/// index, so that no phrase reaches from one value into the next. The clock is looked at for
/// each word that isn't passed over; once time is up, no more is reported.
pub(in crate::search) fn report_wanted(
    wanted: &Wanted,
    values: &[&str],
    analyzer: &Analyzer,
    deadline: Deadline,
    report: &mut dyn FnMut(&str, Range<usize>, u32),
) -> Result<()> {
    let length: usize = values.iter().map(|text| text.len()).sum();
    let count = (length / BYTES_A_SLOT).clamp(1, SLOTS_MAX);
    let mut unwanted = vec![Key::default(); count.next_power_of_two()];
    let last = unwanted.len() - 1;
    let (mut start, mut base) = (0usize, 0u32);
    let mut in_time = deadline.check();
    for text in values {
        let mut next = base;
        analyzer.tokens(text, |token| {
            if in_time.is_err() {
                return;
            }
            let position = base.saturating_add(token.position);
            next = next.max(position.saturating_add(1));
            let key = Key::of(token.text.as_bytes());
            let slot = &mut unwanted[key.hash() & last];
            if *slot == key && key.length > 0 {
                return;
            }
            in_time = deadline.check();
            // An analyzer of somebody else's may say anything.
            let place = start.saturating_add(token.start)..start.saturating_add(token.end);
            let mut is_wanted = false;
            analyzer.terms(token.text, &mut |term| {
                is_wanted |= wanted.wants(term);
                report(term, place.clone(), position);
            });
            if !is_wanted {
                *slot = key;
            }
        });
        start += text.len() + 1;
        base = next.saturating_add(POSITION_GAP);
    }
    in_time
}

/// A short word as numbers, which are compared at once; of another length 0.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Key {
    head: u64,
    tail: u64,
    length: u8,
}

impl Key {
    /// The first bytes and the last, which overlap, are all there is of a word.
    #[inline]
    fn of(word: &[u8]) -> Self {
        let (head, tail) = match word {
            [] => return Self::default(),
            [first, ..] if word.len() < 4 => {
                let (middle, last) = (word[word.len() / 2], word[word.len() - 1]);
                (u64::from_le_bytes([*first, middle, last, 0, 0, 0, 0, 0]), 0)
            }
            _ if word.len() < 8 => {
                let four = |four: Option<&[u8; 4]>| u32::from_le_bytes(*four.unwrap_or(&[0; 4]));
                let (head, tail) = (four(word.first_chunk()), four(word.last_chunk()));
                (u64::from(head) << 32 | u64::from(tail), 0)
            }
            _ if word.len() <= 16 => {
                let eight = |eight: Option<&[u8; 8]>| u64::from_le_bytes(*eight.unwrap_or(&[0; 8]));
                (eight(word.first_chunk()), eight(word.last_chunk()))
            }
            _ => return Self::default(),
        };
        Self {
            head,
            tail,
            length: word.len() as u8,
        }
    }

    /// Spreads words well; those who make them collide only make it slow.
    #[inline]
    fn hash(self) -> usize {
        let mixed = (self.head ^ self.tail.rotate_left(29) ^ u64::from(self.length))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 40) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::Key;
    use std::collections::HashSet;

    #[test]
    fn keys_are_words() {
        let mut keys = HashSet::new();
        for length in 0..=20 {
            let plain = vec![b'a'; length];
            let mut words = vec![plain.clone()];
            for place in 0..length {
                words.push(plain.clone());
                words.last_mut().unwrap()[place] = b'b';
            }
            for word in words {
                let key = Key::of(&word);
                assert_eq!(key.length > 0, (1..=16).contains(&length));
                assert!(key.length == 0 || keys.insert((key.head, key.tail, key.length)));
            }
        }
    }
}
