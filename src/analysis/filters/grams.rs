//! # N-grams: pieces of words
//!
//! Idea        index the pieces of a word, and any part of it finds it; index
//!             its beginnings, and what has been typed so far does
//! Example     of 2 to 3 characters: `café` → `ca` `caf` `af` `afé` `fé`; its
//!             beginnings: `ca` `caf`
//! Invariants  (1) pieces are cut between characters
//!             (2) a term shorter than the shortest piece is kept whole
//! Cost        no copies: a piece is a slice of the term
//! Next        `language`; then `analyzer`, which puts a tokenizer and filters together

use super::Filter;

/// All substrings of so many characters.
#[derive(Debug)]
pub(super) struct Ngrams {
    min: usize,
    max: usize,
}

/// The beginnings of so many characters.
#[derive(Debug)]
pub(super) struct EdgeNgrams {
    min: usize,
    max: usize,
}

impl Ngrams {
    pub(super) fn new(min: u32, max: u32) -> Self {
        let (min, max) = (min as usize, max as usize);
        Self { min, max }
    }
}

impl EdgeNgrams {
    pub(super) fn new(min: u32, max: u32) -> Self {
        let (min, max) = (min as usize, max as usize);
        Self { min, max }
    }
}

impl Filter for Ngrams {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        let mut is_cut = false;
        for (start, _) in term.char_indices() {
            is_cut |= beginnings(&term[start..], self.min, self.max, emit);
        }
        if !is_cut {
            emit(term);
        }
    }
}

impl Filter for EdgeNgrams {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        if !beginnings(term, self.min, self.max, emit) {
            emit(term);
        }
    }
}

/// Emits the beginnings of `min` to `max` characters; whether there was any.
fn beginnings(term: &str, min: usize, max: usize, emit: &mut dyn FnMut(&str)) -> bool {
    let ends = term.char_indices().map(|(at, c)| at + c.len_utf8());
    let mut has_any = false;
    for end in ends.take(max).skip(min.saturating_sub(1)) {
        emit(&term[..end]);
        has_any = true;
    }
    has_any
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(filter: &dyn Filter, term: &str) -> Vec<String> {
        let mut out = Vec::new();
        filter.apply(term, &mut |piece| out.push(piece.to_owned()));
        out
    }

    #[test]
    fn pieces_are_cut_between_characters() {
        let (all, edges) = (Ngrams::new(2, 3), EdgeNgrams::new(2, 3));
        assert_eq!(pieces(&all, "café"), ["ca", "caf", "af", "afé", "fé"]);
        assert_eq!(pieces(&edges, "café"), ["ca", "caf"]);
        assert_eq!(pieces(&all, "日本"), ["日本"]);
    }

    #[test]
    fn a_short_term_stays_whole() {
        assert_eq!(pieces(&Ngrams::new(3, 3), "ab"), ["ab"]);
        assert_eq!(pieces(&EdgeNgrams::new(3, 3), "é"), ["é"]);
    }
}
