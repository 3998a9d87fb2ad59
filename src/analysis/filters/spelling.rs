//! # Spelling: one letter for two that people write alike
//!
//! Idea        some languages have letters that mean the same, whether for haste
//!             or for want of a key. The stemmers of `rust-stemmers` know one of
//!             them; write that
//! Example     Russian `ёлка` and `елка` → `елка`; Romanian `știință` with commas
//!             below and `ştiinţă` with cedillas → the latter
//! Left out    what Unicode itself says is the same: `Normalize` does that
//! Next        [`super::stop`], whose lists are spelled so

use super::{super::Language, Filter, with_buffer};

/// Writes a language's letters in one way.
#[derive(Debug)]
pub(super) struct Spelling(pub(super) Language);

/// Whether the filter does anything in this language.
pub(in crate::analysis) fn has_spellings(language: Language) -> bool {
    !pairs(language).is_empty()
}

/// Letters, and what to write for them.
fn pairs(language: Language) -> &'static [(char, char)] {
    match language {
        Language::Russian => &[('ё', 'е'), ('Ё', 'Е')],
        Language::Romanian => &[('ș', 'ş'), ('ț', 'ţ'), ('Ș', 'Ş'), ('Ț', 'Ţ')],
        _ => &[],
    }
}

impl Filter for Spelling {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        let pairs = pairs(self.0);
        let other = |c: char| Some(pairs.iter().find(|pair| pair.0 == c)?.1);
        if term.is_ascii() || term.chars().all(|c| other(c).is_none()) {
            return emit(term);
        }
        with_buffer(|buffer| {
            buffer.extend(term.chars().map(|c| other(c).unwrap_or(c)));
            emit(buffer);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_are_one() {
        for (language, one, other) in [
            (Language::Russian, "ёлка", "елка"),
            (Language::Romanian, "știință", "ştiinţă"),
            (Language::German, "ёș", "ёș"),
        ] {
            for term in [one, other] {
                Spelling(language).apply(term, &mut |term| assert_eq!(term, other));
            }
        }
    }
}
