//! # Automata: machines that are shown a term, character by character
//!
//! Idea        some questions are for all terms of some form. To ask every term
//!             of a dictionary would take long; but terms are in order, and a machine that
//!             says after each character whether anything can still come of it, and if not,
//!             which character could have come instead, tells where to go on
//! Example     `wh*le`: after "wa" nothing can; instead of "a" only "h" could have come, so
//!             all terms up to "wh" are passed over
//! Invariants  a state is dead exactly if no accepted one can be reached from it
//! Next        `levenshtein` and `pattern`, which are such machines; the walk is in
//!             `search/walk.rs`

/// A machine that accepts some texts.
pub(crate) trait Automaton {
    /// What it knows of a text so far.
    type State: Copy;

    /// Before anything was shown.
    fn start(&self) -> Self::State;

    /// Shows it the next character.
    fn step(&self, state: &Self::State, c: char) -> Self::State;

    /// Whether it accepts no text that begins so.
    fn is_dead(&self, state: &Self::State) -> bool;

    /// Whether it accepts the text that it was shown.
    fn accepts(&self, state: &Self::State) -> bool;

    /// The first character above `after` that doesn't lead to a dead end.
    fn next_after(&self, state: &Self::State, after: char) -> Option<char>;

    /// What it knows after a whole text.
    fn read(&self, text: &str) -> Self::State {
        let steps = text.chars();
        steps.fold(self.start(), |state, c| self.step(&state, c))
    }
}

/// The character after this one.
pub(super) fn successor(c: char) -> Option<char> {
    (c..=char::MAX).nth(1)
}

/// The character before this one.
pub(super) fn predecessor(c: char) -> Option<char> {
    ('\0'..c).next_back()
}
