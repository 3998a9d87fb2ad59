//! # Stop words: too frequent to tell documents apart
//!
//! Idea        a sorted list, searched by halving
//! Example     `the` is in nearly every English document, so it says nothing of
//!             any of them
//! Invariants  a dropped word still takes a position (the chapter's (2)):
//!             `"king of france"` doesn't match *king france*
//! Left out    stop words by frequency: a list is the same in every index
//! Next        [`super::stem`]

use std::borrow::Cow;

use super::{super::Language, Filter};

/// Drops the words of a list.
#[derive(Debug)]
pub(super) struct Stop {
    /// Ascending.
    words: Vec<Cow<'static, str>>,
}

impl Stop {
    /// The words of a language, as [`Lowercase`](super::FilterKind::Lowercase)
    /// leaves them.
    pub(super) fn of(language: Language) -> Self {
        Self::sorted(list(language).map(Cow::Borrowed).collect())
    }

    pub(super) fn new(words: &[String]) -> Self {
        Self::sorted(words.iter().cloned().map(Cow::Owned).collect())
    }

    fn sorted(mut words: Vec<Cow<'static, str>>) -> Self {
        words.sort_unstable();
        Self { words }
    }
}

impl Filter for Stop {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        if self
            .words
            .binary_search_by(|word| (**word).cmp(term))
            .is_err()
        {
            emit(term);
        }
    }
}

/// The words of a language: those of its file, without comments.
fn list(language: Language) -> impl Iterator<Item = &'static str> {
    let text = match language {
        Language::Arabic => include_str!("../stop_words/arabic.txt"),
        Language::Danish => include_str!("../stop_words/danish.txt"),
        Language::Dutch => include_str!("../stop_words/dutch.txt"),
        Language::English => include_str!("../stop_words/english.txt"),
        Language::Finnish => include_str!("../stop_words/finnish.txt"),
        Language::French => include_str!("../stop_words/french.txt"),
        Language::German => include_str!("../stop_words/german.txt"),
        Language::Greek => include_str!("../stop_words/greek.txt"),
        Language::Hungarian => include_str!("../stop_words/hungarian.txt"),
        Language::Italian => include_str!("../stop_words/italian.txt"),
        Language::Norwegian => include_str!("../stop_words/norwegian.txt"),
        Language::Portuguese => include_str!("../stop_words/portuguese.txt"),
        Language::Romanian => include_str!("../stop_words/romanian.txt"),
        Language::Russian => include_str!("../stop_words/russian.txt"),
        Language::Spanish => include_str!("../stop_words/spanish.txt"),
        Language::Swedish => include_str!("../stop_words/swedish.txt"),
        Language::Tamil => include_str!("../stop_words/tamil.txt"),
        Language::Turkish => include_str!("../stop_words/turkish.txt"),
    };
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
}

#[cfg(test)]
mod tests {
    use super::super::super::Analyzer;
    use super::*;

    #[test]
    fn english_has_the_33_of_lucene() {
        assert_eq!(list(Language::English).count(), 33);
    }

    /// A stop word that the filters before it would change could never match.
    #[test]
    fn every_list_is_as_the_filters_before_it_leave_words() {
        for language in Language::ALL {
            let analyzer = Analyzer::language(language);
            let mut words: Vec<&str> = list(language).collect();
            assert!(words.len() >= 30, "{language:?}");
            for word in &words {
                analyzer.analyze(word, &mut |term, _| {
                    panic!("{language:?}: {word} becomes {term} and not nothing")
                });
            }
            let count = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), count, "{language:?} has a word twice");
        }
    }
}
