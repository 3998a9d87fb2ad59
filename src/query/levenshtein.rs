//! # Levenshtein automata: texts that are a few edits from a word
//!
//! Idea        a machine that is shown a text, character by character, and knows
//!             after each how much of the word that text may stand for, and how
//!             many edits it took: to insert, leave out or replace a character, or
//!             to swap two neighbours. If it may stand for nothing any more, no text
//!             that begins so is near, and all of them can be passed over
//! Example     "fox" and one edit. Shown "bo" the machine says: "fo", one edit. Now
//!             "x" leads to the end; after "b" instead no edit is left that could
//!             help, so that of all terms with "bo" only those with "box" are of
//!             interest: [`next_after`](Automaton::next_after) says so
//! How         there is a word of bits for each number of edits, whose bit i says:
//!             the text may stand for the first i characters. A character of the
//!             text moves all bits at once: to the left where the word has it,
//!             and, from the row with an edit less, to the left (it replaces
//!             one) or not at all (it was inserted); whatever has been reached may move to
//!             the left with another edit (one was left out)
//! Invariants  (1) the least edits are found in which each character takes part in one
//!             at most: "ca" is three from "abc", not two, by way of "ac"
//!             (2) each row has all bits of the row before it
//! Cost        some thirty operations on words a character
//! Left out    words of more than 63 characters; the tables of Schulz and Mihov,
//!             which take less for each character and a chapter to explain
//! Papers      Wu and Manber 1992, for the rows of bits; Hyyrö 2003, for the swaps; Schulz
//!             and Mihov 2002, for walking a dictionary by such a machine
//! Next        `pattern`

use super::automaton::{Automaton, successor};
use super::check::MAX_EDITS;

/// The most edits.
const EDITS: usize = MAX_EDITS as usize;

/// The most characters of a word, so that there is a bit for its end.
const CHARACTERS_MAX: usize = 63;

/// Knows texts that are near a word.
#[derive(Debug)]
pub(crate) struct Levenshtein {
    /// The characters of the word, in order, and the places where each stands.
    places: Vec<(char, u64)>,
    /// The same for all of ASCII, to be found quickly.
    ascii: [u64; 128],
    length: usize,
    edits: usize,
}

/// How far a text has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// By edits, what the text may stand for.
    rows: [u64; EDITS + 1],
    /// By edits, where the next character could be swapped with the last.
    swaps: [u64; EDITS],
}

impl Levenshtein {
    /// For texts at most so many edits from `word`; `None` if that is too long.
    pub(crate) fn new(word: &str, edits: u32) -> Option<Self> {
        let mut ascii = [0; 128];
        let mut places: Vec<(char, u64)> = Vec::new();
        let mut length = 0;
        for c in word.chars() {
            if length == CHARACTERS_MAX {
                return None;
            }
            let bit = 1 << length;
            match places.binary_search_by_key(&c, |(known, _)| *known) {
                Ok(at) => places[at].1 |= bit,
                Err(at) => places.insert(at, (c, bit)),
            }
            if let Some(places) = ascii.get_mut(c as usize) {
                *places |= bit;
            }
            length += 1;
        }
        Some(Self {
            places,
            ascii,
            length,
            edits: edits.min(MAX_EDITS) as usize,
        })
    }

    /// How many edits it takes to the end of the word, if that few.
    pub(crate) fn edits(&self, state: &State) -> Option<u32> {
        let end = 1 << self.length;
        let rows = state.rows[..=self.edits].iter();
        let mut rows = (0..).zip(rows);
        rows.find_map(|(edits, row)| (row & end != 0).then_some(edits))
    }

    #[inline]
    fn places_of(&self, c: char) -> u64 {
        if let Some(places) = self.ascii.get(c as usize) {
            return *places;
        }
        let found = self.places.binary_search_by_key(&c, |(known, _)| *known);
        found.map_or(0, |at| self.places[at].1)
    }

    /// The bits that there are.
    fn within(&self) -> u64 {
        u64::MAX >> (CHARACTERS_MAX - self.length)
    }
}

impl Automaton for Levenshtein {
    type State = State;

    fn start(&self) -> State {
        let mut state = State {
            rows: [0; EDITS + 1],
            swaps: [0; EDITS],
        };
        for (edits, row) in state.rows.iter_mut().enumerate() {
            // So many were left out.
            *row = ((1 << (edits + 1)) - 1) & self.within();
        }
        state
    }

    fn step(&self, state: &State, c: char) -> State {
        let places = self.places_of(c);
        let mut next = State {
            rows: [0; EDITS + 1],
            swaps: [0; EDITS],
        };
        next.rows[0] = (state.rows[0] & places) << 1;
        for less in 0..EDITS {
            let matched = (state.rows[less + 1] & places) << 1;
            let (inserted, replaced) = (state.rows[less], state.rows[less] << 1);
            let left_out = next.rows[less] << 1;
            let swapped = (state.swaps[less] & places) << 2;
            next.rows[less + 1] =
                (matched | inserted | replaced | left_out | swapped) & self.within();
            next.swaps[less] = state.rows[less] & places >> 1;
        }
        next
    }

    fn is_dead(&self, state: &State) -> bool {
        state.rows[self.edits] == 0
    }

    fn accepts(&self, state: &State) -> bool {
        self.edits(state).is_some()
    }

    fn next_after(&self, state: &State, after: char) -> Option<char> {
        let mut open = state.rows[self.edits];
        if let Some(less) = self.edits.checked_sub(1) {
            if state.rows[less] != 0 {
                // Whatever it is, it may have been inserted.
                return successor(after);
            }
            open |= state.swaps[less];
        }
        let mut places = self.places.iter();
        let found = places.find(|(c, places)| *c > after && places & open != 0);
        found.map(|(c, _)| *c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By definition: a table of the distances of all beginnings.
    fn distance(a: &str, b: &str) -> usize {
        let [a, b] = [a, b].map(|text| text.chars().collect::<Vec<_>>());
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                let mut best = if i == 0 { j } else { usize::MAX };
                if i > 0 {
                    best = best.min(table[i - 1][j] + 1);
                }
                if i > 0 && j > 0 {
                    best = best.min(table[i][j - 1] + 1);
                    best = best.min(table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]));
                }
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(table[i - 2][j - 2] + 1);
                }
                table[i][j] = best;
            }
        }
        table[a.len()][b.len()]
    }

    #[test]
    fn the_example_is_true() {
        let fox = Levenshtein::new("fox", 1).unwrap();
        let state = fox.read("bo");
        assert!(!fox.is_dead(&state));
        assert_eq!(fox.edits(&state), None);
        assert_eq!(fox.next_after(&state, 'a'), Some('x'));
        assert_eq!(fox.next_after(&state, 'x'), None);
        assert_eq!(fox.edits(&fox.read("box")), Some(1));
        assert!(fox.is_dead(&fox.read("bob")));
    }

    #[test]
    fn a_character_takes_part_in_one_edit() {
        let edits = |word, text| {
            let automaton = Levenshtein::new(word, 2).unwrap();
            automaton.edits(&automaton.read(text))
        };
        assert_eq!(edits("abc", "ca"), None);
        assert_eq!(edits("abc", "acb"), Some(1));
        assert_eq!(edits("abcd", "badc"), Some(2));
        assert_eq!(edits("", "ab"), Some(2));
        assert_eq!(edits("ab", ""), Some(2));
        assert_eq!(edits("", ""), Some(0));
    }

    #[test]
    fn a_word_has_63_characters_at_most() {
        let longest = "ö".repeat(63);
        let automaton = Levenshtein::new(&longest, 1).unwrap();
        assert_eq!(automaton.edits(&automaton.read(&longest)), Some(0));
        let longer = "ö".repeat(64);
        assert_eq!(automaton.edits(&automaton.read(&longer)), Some(1));
        assert!(Levenshtein::new(&longer, 1).is_none());
    }

    #[test]
    fn after_the_last_character_there_is_none() {
        let automaton = Levenshtein::new("a", 1).unwrap();
        let start = automaton.start();
        assert_eq!(automaton.next_after(&start, '\0'), Some('\u{1}'));
        assert_eq!(automaton.next_after(&start, '\u{d7ff}'), Some('\u{e000}'));
        assert_eq!(automaton.next_after(&start, char::MAX), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn it_counts_as_the_definition_does(word in "[a-cé]{0,7}", text in "[a-dé]{0,8}", edits in 0u32..=2) {
            let automaton = Levenshtein::new(&word, edits).unwrap();
            let expected = distance(&word, &text);
            let expected = (expected <= edits as usize).then_some(expected as u32);
            prop_assert_eq!(automaton.edits(&automaton.read(&text)), expected);
        }

        /// What it calls dead is, and only that; and what may come next is just what
        /// keeps it alive.
        #[test]
        fn it_dies_when_nothing_can_follow(word in "[a-c]{0,6}", text in "[a-d]{0,6}", edits in 0u32..=2) {
            let automaton = Levenshtein::new(&word, edits).unwrap();
            let state = automaton.read(&text);
            // If anything is near, one of the rests of the word makes it so.
            let rests = (0..=word.len()).map(|from| format!("{text}{}", &word[from..]));
            let mut near = rests.map(|text| distance(&word, &text) <= edits as usize);
            let can_follow = near.any(|near| near) || {
                // Or the next two are swapped with the last.
                let swapped = (0..text.len().min(word.len())).map(|at| format!("{text}{}", &word[at..=at]));
                swapped.flat_map(|start| (0..=word.len()).map(move |from| (start.clone(), from)))
                    .any(|(start, from)| distance(&word, &format!("{start}{}", &word[from..])) <= edits as usize)
            };
            prop_assert_eq!(!automaton.is_dead(&state), can_follow);
            let mut alive = Vec::new();
            let mut after = '\0';
            while let Some(c) = automaton.next_after(&state, after) {
                if c > 'z' {
                    break;
                }
                alive.push(c);
                after = c;
            }
            for c in 'a'..='z' {
                let lives = !automaton.is_dead(&automaton.step(&state, c));
                prop_assert_eq!(alive.contains(&c), lives, "{}", c);
            }
        }
    }
}
