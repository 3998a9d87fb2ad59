//! # Stemming: one term for a word's forms
//!
//! Idea        Snowball's stemmers cut endings by rule, with no dictionary; what
//!             is left need not be a word, only the same for *connect*,
//!             *connected* and *connection*
//! Example     `connections` → `connect`; `stemming` → `stem`
//! Invariants  (1) no word makes a stemmer panic or hang
//!             (2) a stem is not empty unless the word is
//! Cost        a microsecond or so a word, which is why they are remembered per
//!             word ([`crate::inversion`])
//! Left out    stems for words of more than 255 bytes: these aren't words, and
//!             not all stemmers are linear
//! Paper       Porter 1980; <https://snowballstem.org/algorithms>; for Greek,
//!             Ntais 2006
//! Next        [`super::grams`], for languages without a stemmer
//!
//! ## The guard
//!
//! The stemmers are the crate `rust-stemmers`, which this file alone names. Its
//! code is generated, from sources of 2018, by a generator that is sloppy in one
//! place: a replacement may use the bounds of an earlier match. Two rules of the
//! Greek stemmer do, with bounds that then lie outside of the word, and panic:
//!
//! - in `steps3`, if `ισα` is all that remains in front of one of the endings
//!   `ισα`, `ισε`, `ισεσ`, `ισαν`…: `ισαισα`;
//! - in `step5c`, if what remains in front of `ετε` is one of 25 beginnings and
//!   one of 27 middles of three letters or more: `υδιαθετε`.
//!
//! All steps before these cut at the end, or put endings where they cut that
//! cannot lead there; so such a word *begins* with the letters above. The guard
//! tests for that, on the letters without accents, and leaves such a word
//! unstemmed. None is a word of Greek. As to the other rules and languages, each
//! was tried on ten million words or more, made of its own endings, with arithmetic
//! checked. Should one panic nevertheless, the panic is caught, and the word
//! stays as it is.

use std::panic::catch_unwind;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;

use super::{super::Language, Filter, with_buffer};

/// Longer words than this are left as they are.
const MAX_STEMMED_BYTES: usize = 255;

/// Cuts a word down to its stem.
#[derive(Debug)]
pub(super) struct Stem(pub(super) Language);

impl Filter for Stem {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        if term.len() > MAX_STEMMED_BYTES || self.0 == Language::Greek && is_fatal(term) {
            return emit(term);
        }
        let algorithm = algorithm(self.0);
        match catch_unwind(|| Stemmer::create(algorithm).stem(term)) {
            Ok(stem) if !stem.is_empty() => emit(&stem),
            _ => emit(term),
        }
    }
}

/// Whether the Greek stemmer may panic on `word`.
fn is_fatal(word: &str) -> bool {
    let mut is_fatal = false;
    with_buffer(|folded| {
        let letters = word.nfd().filter(|c| !matches!(c, '\u{300}'..='\u{36F}'));
        for c in letters.flat_map(char::to_lowercase) {
            folded.push(if c == 'ς' { 'σ' } else { c });
        }
        is_fatal = folded.starts_with("ισαισ") || begins_as_in_step5c(folded);
    });
    is_fatal
}

fn begins_as_in_step5c(word: &str) -> bool {
    let middles = BEGINNINGS
        .iter()
        .filter_map(|beginning| word.strip_prefix(beginning));
    middles
        .flat_map(|rest| {
            MIDDLES
                .iter()
                .filter_map(|middle| rest.strip_prefix(middle))
        })
        .any(|rest| rest.starts_with("ετε"))
}

/// The whole words of `step5c`.
const BEGINNINGS: &[&str] = &[
    "σερπ",
    "κοπ",
    "θαρρ",
    "ντρ",
    "αβαρ",
    "εναρ",
    "αβρ",
    "μπορ",
    "υ",
    "συρφ",
    "νιφ",
    "παγ",
    "δ",
    "αδ",
    "θ",
    "αθ",
    "σκ",
    "τοκ",
    "απλ",
    "παρακαλ",
    "σκελ",
    "εμ",
    "αν",
    "βεν",
    "βαρον",
];

/// The endings of `step5c` that are longer than what replaces them.
const MIDDLES: &[&str] = &[
    "πυρ",
    "ευρ",
    "χωρ",
    "βαρ",
    "αιρ",
    "φορ",
    "νετ",
    "συνδ",
    "ενδ",
    "υπερθ",
    "ευθ",
    "ραθ",
    "ταθ",
    "διαθ",
    "καθ",
    "τιθ",
    "εκθ",
    "συνθ",
    "ενθ",
    "ροθ",
    "αρκ",
    "ωφελ",
    "βολ",
    "συν",
    "αιν",
    "πον",
    "ρον",
];

fn algorithm(language: Language) -> Algorithm {
    match language {
        Language::Arabic => Algorithm::Arabic,
        Language::Danish => Algorithm::Danish,
        Language::Dutch => Algorithm::Dutch,
        Language::English => Algorithm::English,
        Language::Finnish => Algorithm::Finnish,
        Language::French => Algorithm::French,
        Language::German => Algorithm::German,
        Language::Greek => Algorithm::Greek,
        Language::Hungarian => Algorithm::Hungarian,
        Language::Italian => Algorithm::Italian,
        Language::Norwegian => Algorithm::Norwegian,
        Language::Portuguese => Algorithm::Portuguese,
        Language::Romanian => Algorithm::Romanian,
        Language::Russian => Algorithm::Russian,
        Language::Spanish => Algorithm::Spanish,
        Language::Swedish => Algorithm::Swedish,
        Language::Tamil => Algorithm::Tamil,
        Language::Turkish => Algorithm::Turkish,
    }
}

#[cfg(test)]
mod tests;
