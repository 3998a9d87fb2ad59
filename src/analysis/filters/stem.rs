//! # Stemming
use rust_stemmers::{Algorithm, Stemmer};

use super::{super::Language, Filter};

/// A word's stem.
#[derive(Debug)]
pub(super) struct Stem(pub(super) Language);

/// Longer words are no words, and the stemmers are not linear.
const MAX_STEMMED_BYTES: usize = 255;

impl Filter for Stem {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        if term.len() > MAX_STEMMED_BYTES {
            return emit(term);
        }
        emit(&Stemmer::create(algorithm(self.0)).stem(term));
    }
}

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
