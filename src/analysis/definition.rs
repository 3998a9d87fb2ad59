//! # Definitions: an analyzer as data
//!
//! Idea        an analyzer is a tokenizer and a list of filters, all of which
//!             have a name and perhaps parameters; that is a small JSON object,
//!             and a manifest stores it
//! Example     `{"tokenizer":"words","filters":["lowercase",{"stem":"german"}]}`
//! Invariants  (1) equal definitions make equal terms, but for custom parts,
//!             which are only names here
//!             (2) a definition that [`check`](Definition::check) accepts and
//!             that has no custom part can be built without any registry
//! Left out    versions of stop lists and stemmers: a new list gets a new name
//! Next        `registry`, which gives back the custom parts

use serde::{Deserialize, Serialize};

use super::Language;
use crate::error::{Error, Result};

/// How many filters an analyzer may have; each takes a little of the stack.
const MAX_FILTERS: usize = 64;

/// What an analyzer does, as data that can be stored and compared.
///
/// ```
/// use wordhoard::analysis::{Analyzer, Definition};
///
/// let definition = Analyzer::plain().definition().clone();
/// let json = serde_json::to_string(&definition)?;
/// assert_eq!(
///     json,
///     r#"{"tokenizer":"words","filters":[{"length":{"max":255}},"normalize","lowercase"]}"#
/// );
/// assert_eq!(serde_json::from_str::<Definition>(&json)?, definition);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// What cuts the text.
    pub tokenizer: TokenizerKind,
    /// What makes terms of the tokens, in this order.
    pub filters: Vec<FilterKind>,
}

/// A tokenizer, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenizerKind {
    /// The words of Unicode Standard Annex #29.
    Words,
    /// The same; but scripts that are written without spaces, and Hangul, as
    /// overlapping pairs of characters: `東京都` is `東京`, `京都`.
    Pairs,
    /// The whole text as one token.
    Whole,
    /// A [`Tokenizer`](super::Tokenizer) of the program's own, by its name.
    Custom(String),
}

/// A filter, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FilterKind {
    /// Drops what has more than `max` characters: encoded data, mostly.
    Length {
        /// How many characters are still kept.
        max: u32,
    },
    /// Unicode's form NFKC: `e` with an accent after it becomes `é`, `ﬁ`
    /// becomes `fi`, full-width `Ａ` becomes `A`. Besides, `’` becomes `'`, and
    /// what isn't seen goes, such as soft hyphens and marks of direction.
    Normalize,
    /// Lower case, in all scripts. A final `ς` becomes `σ`, so that a word is
    /// the same whatever follows.
    Lowercase,
    /// Lower case as Turkish has it: `I` becomes `ı` and `İ` becomes `i`.
    TurkishLowercase,
    /// Latin letters without their marks: `é` becomes `e`, `ß` becomes `ss`,
    /// `ø` becomes `o`. Other scripts stay as they are.
    Fold,
    /// Drops what an apostrophe sets off: in English the possessive `'s`, in
    /// French and Italian the article before it, in Turkish the endings after
    /// it. In other languages nothing.
    Apostrophes(Language),
    /// One letter for two that are written alike: in Russian `е` for `ё`, in
    /// Romanian cedillas for commas. In other languages nothing.
    Spelling(Language),
    /// Drops a language's most frequent words.
    Stop(Language),
    /// Drops these words. They are compared as they are at this place of the
    /// chain, so after [`Lowercase`](Self::Lowercase) they are in lower case.
    StopWords(Vec<String>),
    /// A word's stem, by Snowball's rules.
    Stem(Language),
    /// All substrings of `min` to `max` characters; a shorter term stays whole.
    Ngrams {
        /// Characters of the shortest substring.
        min: u32,
        /// Characters of the longest.
        max: u32,
    },
    /// The beginnings of `min` to `max` characters; a shorter term stays whole.
    EdgeNgrams {
        /// Characters of the shortest beginning.
        min: u32,
        /// Characters of the longest.
        max: u32,
    },
    /// A [`Filter`](super::Filter) of the program's own, by its name.
    Custom(String),
}

impl Definition {
    /// What the analyzer of a language does.
    fn language(language: Language) -> Self {
        let lowercase = match language {
            Language::Turkish => FilterKind::TurkishLowercase,
            _ => FilterKind::Lowercase,
        };
        let mut filters = folded(lowercase);
        if super::filters::has_apostrophes(language) {
            filters.push(FilterKind::Apostrophes(language));
        }
        if super::filters::has_spellings(language) {
            filters.push(FilterKind::Spelling(language));
        }
        filters.extend([FilterKind::Stop(language), FilterKind::Stem(language)]);
        Self {
            tokenizer: TokenizerKind::Words,
            filters,
        }
    }

    /// The definition that a built-in name stands for.
    pub(super) fn built_in(name: &str) -> Option<Self> {
        let (tokenizer, filters) = match name {
            "plain" => (TokenizerKind::Words, folded(FilterKind::Lowercase)),
            "cjk" => (TokenizerKind::Pairs, folded(FilterKind::Lowercase)),
            "keyword" => (TokenizerKind::Whole, Vec::new()),
            _ => return Language::from_name(name).map(Self::language),
        };
        Some(Self { tokenizer, filters })
    }

    /// The names of the parts that a program has to bring.
    pub(super) fn custom_parts(&self) -> impl Iterator<Item = &str> {
        let tokenizer = match &self.tokenizer {
            TokenizerKind::Custom(name) => Some(name.as_str()),
            _ => None,
        };
        let filters = self.filters.iter().filter_map(|filter| match filter {
            FilterKind::Custom(name) => Some(name.as_str()),
            _ => None,
        });
        tokenizer.into_iter().chain(filters)
    }

    /// Whether the parameters make sense.
    pub(super) fn check(&self) -> Result<()> {
        let refuse = |what: String| Err(Error::schema(what));
        if self.filters.len() > MAX_FILTERS {
            let found = self.filters.len();
            return refuse(format!(
                "an analyzer has {found} filters; {MAX_FILTERS} are possible, join some"
            ));
        }
        for filter in &self.filters {
            match filter {
                FilterKind::Ngrams { min, max } | FilterKind::EdgeNgrams { min, max }
                    if *min == 0 || min > max || *max > 255 =>
                {
                    return refuse(format!(
                        "an analyzer has n-grams of {min} to {max} characters; \
                         choose 1 <= min <= max <= 255"
                    ));
                }
                FilterKind::Length { max: 0 } => {
                    return refuse(
                        "an analyzer has a length filter of at most 0 characters, which drops \
                         every term; allow at least 1"
                            .to_owned(),
                    );
                }
                _ => {}
            }
        }
        if self.custom_parts().any(str::is_empty) {
            return refuse(
                "an analyzer has a custom part without a name; \
                 give it one, since the index stores that"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

/// What all built-in analyzers do with words.
fn folded(lowercase: FilterKind) -> Vec<FilterKind> {
    vec![
        FilterKind::Length { max: 255 },
        FilterKind::Normalize,
        lowercase,
    ]
}
