//! # Walking a dictionary by an automaton
//!
//! Idea        a dictionary is in order, so an automaton that has read one term knows
//!             what to make of the beginning that the next one shares with it. Where
//!             that leads to a dead end, all terms that begin so are passed over: the
//!             automaton says which character could come instead, and the walk goes on
//!             at the first term that has it
//! Example     all that are two edits from "govermnent": after "gz" any letter may come; after
//!             "gzq" both edits are spent, and only e, o or v may. So from "gzqa" the walk
//!             leaps to "gzqe"
//! Cost        names that a leap passes over aren't decoded; an automaton that can go
//!             on with any character, as behind a `*`, reads all terms
//! Paper       Schulz and Mihov 2002
//! Next        `plan/weights.rs`

use super::limits::Deadline;
use crate::error::Result;
use crate::query::Automaton;
use crate::segment::{Inverted, TermEntry};

/// Calls `take` with each term of a dictionary that an automaton accepts, in order.
pub(super) fn each_accepted<A: Automaton>(
    inverted: &Inverted,
    automaton: &A,
    deadline: Deadline,
    mut take: impl FnMut(&str, &A::State, TermEntry) -> Result<()>,
) -> Result<()> {
    let mut path = Path::new(automaton);
    let mut terms = inverted.terms(b"")?;
    while terms.advance()? {
        deadline.check()?;
        match path.follow(terms.term()) {
            Ok(state) => {
                if automaton.accepts(&state) {
                    take(&path.text, &state, terms.entry()?)?;
                }
            }
            Err(dead) => match path.turn(dead) {
                Some(next) => terms.seek(next.as_bytes())?,
                None => break,
            },
        }
    }
    Ok(())
}

/// The way through a term, as far as it was followed.
struct Path<'l, A: Automaton> {
    automaton: &'l A,
    text: String,
    /// After each character.
    states: Vec<(char, A::State)>,
    /// Where it goes on.
    next: String,
}

impl<'l, A: Automaton> Path<'l, A> {
    fn new(automaton: &'l A) -> Self {
        Self {
            automaton,
            text: String::new(),
            states: Vec::new(),
            next: String::new(),
        }
    }

    fn state(&self) -> A::State {
        let last = self.states.last();
        last.map_or_else(|| self.automaton.start(), |(_, state)| *state)
    }

    /// Follows a term from where it parts from the last one; `Err` is the character that
    /// leads to a dead end, and isn't on the path.
    fn follow(&mut self, term: &[u8]) -> Result<A::State, char> {
        let shared = self.text.bytes().zip(term);
        let shared = shared.take_while(|(one, other)| one == *other).count();
        while self.text.len() > shared {
            self.back();
        }
        // Terms are texts; of others, which nobody can ask for, it sees odd characters.
        for c in String::from_utf8_lossy(&term[self.text.len()..]).chars() {
            let state = self.automaton.step(&self.state(), c);
            if self.automaton.is_dead(&state) {
                return Err(c);
            }
            self.text.push(c);
            self.states.push((c, state));
        }
        Ok(self.state())
    }

    fn back(&mut self) -> Option<char> {
        self.text.pop();
        self.states.pop().map(|(c, _)| c)
    }

    /// The least text past a dead end that may be accepted, or begin one that is.
    fn turn(&mut self, dead: char) -> Option<&str> {
        let mut after = dead;
        loop {
            if let Some(next) = self.automaton.next_after(&self.state(), after) {
                self.next.clone_from(&self.text);
                self.next.push(next);
                return Some(&self.next);
            }
            after = self.back()?;
        }
    }
}
