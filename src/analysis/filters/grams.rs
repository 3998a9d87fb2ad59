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

use std::ops::RangeInclusive;

use super::Filter;

/// All substrings of so many characters.
#[derive(Debug)]
pub(super) struct Ngrams(pub(super) RangeInclusive<u32>);

/// The beginnings of so many characters.
#[derive(Debug)]
pub(super) struct EdgeNgrams(pub(super) RangeInclusive<u32>);

impl Filter for Ngrams {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        let mut is_cut = false;
        for (start, _) in term.char_indices() {
            is_cut |= beginnings(&term[start..], &self.0, emit);
        }
        if !is_cut {
            emit(term);
        }
    }
}

impl Filter for EdgeNgrams {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        if !beginnings(term, &self.0, emit) {
            emit(term);
        }
    }
}

/// Emits the beginnings of so many characters; whether there was any.
fn beginnings(term: &str, lengths: &RangeInclusive<u32>, emit: &mut dyn FnMut(&str)) -> bool {
    let [min, max] = [lengths.start(), lengths.end()].map(|length| *length as usize);
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
        let (all, edges) = (Ngrams(2..=3), EdgeNgrams(2..=3));
        assert_eq!(pieces(&all, "café"), ["ca", "caf", "af", "afé", "fé"]);
        assert_eq!(pieces(&edges, "café"), ["ca", "caf"]);
        assert_eq!(pieces(&all, "日本"), ["日本"]);
    }

    #[test]
    fn a_short_term_stays_whole() {
        assert_eq!(pieces(&Ngrams(3..=3), "ab"), ["ab"]);
        assert_eq!(pieces(&EdgeNgrams(3..=3), "é"), ["é"]);
    }
}
