//! # Patterns: which terms a wildcard or a regular expression describes
//!
//! Idea        number the places of an expression at which a character stands. What one
//!             knows of a text so far is at which of them one may be, a bit for each; the
//!             next character leads to those places that may follow one of these and take
//!             this character. So a state is a number, a step a few operations on it, and
//!             no machine is built whose size one couldn't tell beforehand
//! Example     `wh(a|o)*le` has the places w h a o l e. After "wha" one is at a; what may
//!             follow are a, o and l. "x" leads nowhere: of what begins with "whax" none
//!             is accepted, and no letter above "x" would do
//!
//! ```text
//! place      1 w   2 h   3 a      4 o      5 l   6 e
//! followed   h     a o l a o l    a o l    e     (the end)
//! by
//! ```
//!
//! Invariants  (1) from every place the end can be reached, so that a state is dead exactly if
//!             it has no place
//!             (2) whatever is written, a pattern has at most [`PLACES_MAX`] places and is
//!             made in at most [`STEPS_MAX`] steps, each of which looks at each place at
//!             most once or twice
//! Cost        for each character of a term a look-up in a table (a binary search, if it isn't
//!             ASCII), and an operation for each place that one may be at. To find what
//!             `wh?le` and `*ology` describe among 396,000 terms, and to count the documents
//!             that have it, takes 0.05 ms and 27 ms
//! Left out    a table of steps that were taken before (a lazy deterministic automaton): a
//!             step is a few operations anyway
//! Paper       Glushkov 1961, for the places; Navarro and Raffinot 2005, for the bits
//! Next        `pattern/shape.rs`, what a pattern is made of; `pattern/regex.rs` and
//!             `pattern/wildcard.rs`, how one is written

mod regex;
mod shape;
mod wildcard;

use super::automaton::{Automaton, predecessor, successor};
use regex::read;
use shape::{Range, Shape};
use std::fmt;
pub(crate) use wildcard::{WildcardPart, wildcard_parts};

/// The most places of a pattern; one of the bits is for its beginning.
const PLACES_MAX: usize = 127;

/// The most steps in which a pattern is made, since repetitions of nothing take no place;
/// a range of characters is one, too.
const STEPS_MAX: usize = 2_000;

/// A place for each bit; the lowest is before the first character.
type Places = u128;

const START: Places = 1;

/// Accepts the texts that an expression describes, from their beginning to their end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// Ranges of characters in order, which don't overlap, and the places that take them.
    takes: Vec<(Range, Places)>,
    /// The same for all of ASCII, to be found quickly.
    ascii: [Places; 128],
    /// For each place those that may follow.
    follow: Vec<Places>,
    /// The places that may be the last.
    last: Places,
}

/// Why an expression is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where, in bytes; `None` if it is about the whole.
    at: Option<usize>,
    pub(super) what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "at byte {at} {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl Pattern {
    /// A regular expression.
    pub(crate) fn regex(text: &str) -> Result<Self, Fault> {
        Self::new(&read(text)?)
    }

    /// A text with wildcards, taken apart.
    pub(crate) fn wildcard(parts: &[WildcardPart]) -> Result<Self, Fault> {
        Self::new(&wildcard::shape_of(parts))
    }

    fn new(shape: &Shape) -> Result<Self, Fault> {
        let mut maker = Maker {
            turns: Vec::new(),
            follow: vec![0],
            steps: 0,
        };
        let whole = maker.make(shape)?;
        maker.connect(START, whole.first);
        let takes = disjoint(maker.turns);
        let mut ascii = [0; 128];
        for (range, places) in &takes {
            let characters = range.first..=range.last;
            for c in characters.take_while(char::is_ascii) {
                ascii[c as usize] = *places;
            }
        }
        Ok(Self {
            takes,
            ascii,
            follow: maker.follow,
            last: whole.last | if whole.is_nullable { START } else { 0 },
        })
    }

    /// The places that take this character.
    #[inline]
    fn taken(&self, c: char) -> Places {
        if let Some(places) = self.ascii.get(c as usize) {
            return *places;
        }
        let above = self.takes.partition_point(|(range, _)| range.first <= c);
        match above.checked_sub(1).map(|at| self.takes[at]) {
            Some((range, places)) if c <= range.last => places,
            _ => 0,
        }
    }

    /// The places that may come next.
    #[inline]
    fn open(&self, state: Places) -> Places {
        let (mut open, mut left) = (0, state);
        while left != 0 {
            open |= self.follow[left.trailing_zeros() as usize];
            left &= left - 1;
        }
        open
    }
}

impl Automaton for Pattern {
    type State = Places;

    fn start(&self) -> Places {
        START
    }

    fn step(&self, state: &Places, c: char) -> Places {
        self.open(*state) & self.taken(c)
    }

    fn is_dead(&self, state: &Places) -> bool {
        *state == 0
    }

    fn accepts(&self, state: &Places) -> bool {
        state & self.last != 0
    }

    fn next_after(&self, state: &Places, after: char) -> Option<char> {
        let (open, least) = (self.open(*state), successor(after)?);
        let above = self.takes.partition_point(|(range, _)| range.last < least);
        let mut takes = self.takes[above..].iter();
        let (range, _) = takes.find(|(_, places)| places & open != 0)?;
        Some(range.first.max(least))
    }
}

/// What is known of a part of an expression.
struct Piece {
    /// The places that may be its first.
    first: Places,
    /// And its last.
    last: Places,
    /// Whether it may be nothing.
    is_nullable: bool,
}

impl Piece {
    const EMPTY: Self = Self {
        first: 0,
        last: 0,
        is_nullable: true,
    };
}

/// Numbers places.
struct Maker {
    /// Where a place begins to take characters, and where it ends to.
    turns: Vec<(char, Places)>,
    follow: Vec<Places>,
    steps: usize,
}

impl Maker {
    fn make(&mut self, shape: &Shape) -> Result<Piece, Fault> {
        self.steps += match shape {
            Shape::Class(ranges) => ranges.len(),
            _ => 1,
        };
        if self.steps > STEPS_MAX {
            return Err(too_much("parts", STEPS_MAX));
        }
        match shape {
            Shape::Class(ranges) => {
                let number = self.follow.len();
                if number > PLACES_MAX {
                    return Err(too_much("characters", PLACES_MAX));
                }
                self.follow.push(0);
                let place = 1 << number;
                for range in ranges {
                    self.turns.push((range.first, place));
                    let end = successor(range.last);
                    self.turns.extend(end.map(|end| (end, place)));
                }
                Ok(Piece {
                    first: place,
                    last: place,
                    is_nullable: false,
                })
            }
            Shape::Sequence(parts) => {
                let mut whole = Piece::EMPTY;
                for part in parts {
                    let next = self.make(part)?;
                    self.append(&mut whole, &next);
                }
                Ok(whole)
            }
            Shape::Choice(ways) => {
                let mut any = Piece {
                    is_nullable: false,
                    ..Piece::EMPTY
                };
                for way in ways {
                    let way = self.make(way)?;
                    any.first |= way.first;
                    any.last |= way.last;
                    any.is_nullable |= way.is_nullable;
                }
                Ok(any)
            }
            Shape::Repeat(inner, least, most) => {
                let mut whole = Piece::EMPTY;
                // Without a most, the last goes round and round.
                let copies = most.unwrap_or((*least).max(1));
                for number in 1..=copies {
                    let mut next = self.make(inner)?;
                    next.is_nullable |= number > *least;
                    if most.is_none() && number == copies {
                        self.connect(next.last, next.first);
                    }
                    self.append(&mut whole, &next);
                }
                Ok(whole)
            }
        }
    }

    fn append(&mut self, whole: &mut Piece, next: &Piece) {
        self.connect(whole.last, next.first);
        whole.first |= if whole.is_nullable { next.first } else { 0 };
        whole.last = next.last | if next.is_nullable { whole.last } else { 0 };
        whole.is_nullable &= next.is_nullable;
    }

    /// Lets the places in `to` follow those in `from`.
    fn connect(&mut self, from: Places, to: Places) {
        let mut left = from;
        while left != 0 {
            self.follow[left.trailing_zeros() as usize] |= to;
            left &= left - 1;
        }
    }
}

/// The characters that places take, cut where any of them begins or ends.
fn disjoint(mut turns: Vec<(char, Places)>) -> Vec<(Range, Places)> {
    turns.sort_unstable();
    let mut takes = Vec::new();
    let mut places = 0;
    let mut turns = turns.into_iter().peekable();
    while let Some((first, place)) = turns.next() {
        places ^= place;
        let next = turns.peek().map(|(next, _)| *next);
        if places != 0 && next != Some(first) {
            let last = next.and_then(predecessor).unwrap_or(char::MAX);
            takes.push((Range { first, last }, places));
        }
    }
    takes
}

fn too_much(of_what: &str, most: usize) -> Fault {
    Fault {
        at: None,
        what: format!(
            "it has more than {most} {of_what}, repetitions counted; write a shorter one"
        ),
    }
}

#[cfg(test)]
mod tests;
