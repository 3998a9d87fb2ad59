//! # Analyzers: a tokenizer and its filters, put together
//!
//! Idea        the tokenizer is an enum, since its loop over the text is hot and
//!             the compiler can join it with what is done to each token; the
//!             filters are trait objects in a row, each handing its terms to
//!             the next
//! Invariants  those of the chapter ([`crate::analysis`]); (4) is kept here
//! Cost        cloning an analyzer is cloning an `Arc`
//! Next        `definition`, an analyzer as data

use std::sync::{Arc, LazyLock};

use super::definition::{Definition, FilterKind, TokenizerKind};
use super::{Filter, Language, Token, Tokenizer, filters, pairs, words};
use crate::error::Result;

/// The longest term in bytes; a longer one is dropped. It is also the longest
/// keyword of a document, so that a keyword is always a term.
pub const MAX_TERM_BYTES: usize = crate::document::MAX_KEYWORD_BYTES;

/// Text in, terms out. Cheap to clone; two are equal if their
/// [definitions](Definition) are.
///
/// ```
/// use wordhoard::analysis::{Analyzer, FilterKind};
///
/// // One that finds words by any three letters of theirs.
/// let analyzer = Analyzer::builder()
///     .filter(FilterKind::Lowercase)
///     .filter(FilterKind::Fold)
///     .filter(FilterKind::Ngrams { min: 3, max: 3 })
///     .build()?;
/// let mut terms = Vec::new();
/// analyzer.terms("Café", &mut |term| terms.push(term.to_owned()));
/// assert_eq!(terms, ["caf", "afe"]);
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Analyzer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    definition: Definition,
    splitter: Splitter,
    chain: Vec<Arc<dyn Filter>>,
}

/// What cuts: ours by name, so that the compiler sees through it.
#[derive(Debug)]
enum Splitter {
    Words,
    Pairs,
    Whole,
    Custom(Arc<dyn Tokenizer>),
}

impl PartialEq for Analyzer {
    fn eq(&self, other: &Self) -> bool {
        self.0.definition == other.0.definition
    }
}

/// The built-in analyzers, made when first asked for.
static BUILT_IN: LazyLock<Vec<(&'static str, Analyzer)>> = LazyLock::new(|| {
    let languages = Language::ALL.map(Language::name);
    ["plain", "keyword", "cjk"]
        .into_iter()
        .chain(languages)
        .filter_map(|name| {
            let definition = Definition::built_in(name)?;
            Some((name, Analyzer::assemble(definition, None, Vec::new())))
        })
        .collect()
});

impl Analyzer {
    /// Words in lower case; for any language, and for names.
    #[must_use]
    pub fn plain() -> Self {
        Self::known("plain")
    }

    /// English: [`Analyzer::language`] for it.
    #[must_use]
    pub fn english() -> Self {
        Self::known("english")
    }

    /// The whole text as one term, as it is.
    #[must_use]
    pub fn keyword() -> Self {
        Self::known("keyword")
    }

    /// Chinese, Japanese, Korean, Thai and their like, as overlapping pairs of
    /// characters; other scripts as [`plain`](Self::plain).
    ///
    /// ```
    /// use wordhoard::analysis::Analyzer;
    ///
    /// let mut terms = Vec::new();
    /// Analyzer::cjk().analyze("東京都 Tokyo", &mut |term, _| terms.push(term.to_owned()));
    /// assert_eq!(terms, ["東京", "京都", "tokyo"]);
    /// ```
    #[must_use]
    pub fn cjk() -> Self {
        Self::known("cjk")
    }

    /// Words of a language: in lower case, without its most frequent ones,
    /// stemmed.
    #[must_use]
    pub fn language(language: Language) -> Self {
        Self::known(language.name())
    }

    /// Begins one of your own, which cuts into words and has no filter yet.
    #[must_use]
    pub fn builder() -> AnalyzerBuilder {
        AnalyzerBuilder {
            definition: Definition {
                tokenizer: TokenizerKind::Words,
                filters: Vec::new(),
            },
            tokenizer: None,
            filters: Vec::new(),
        }
    }

    /// What it does, as data.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.0.definition
    }

    /// The tokens of `text`, before any filter.
    ///
    /// ```
    /// use wordhoard::analysis::Analyzer;
    ///
    /// let mut words = Vec::new();
    /// Analyzer::plain().tokens("can't, 3.5 «Maß»", |token| words.push(token.text));
    /// assert_eq!(words, ["can't", "3.5", "Maß"]);
    /// ```
    #[inline]
    pub fn tokens<'t>(&self, text: &'t str, mut emit: impl FnMut(Token<'t>)) {
        match &self.0.splitter {
            Splitter::Words => words::split(text, emit),
            Splitter::Pairs => pairs::split(text, emit),
            Splitter::Whole => {
                if !text.is_empty() {
                    emit(Token {
                        text,
                        start: 0,
                        end: text.len(),
                        position: 0,
                    });
                }
            }
            Splitter::Custom(tokenizer) => tokenizer.tokenize(text, &mut emit),
        }
    }

    /// The terms of one token's surface: none if it is dropped, several if they
    /// are alternatives.
    pub fn terms(&self, surface: &str, emit: &mut dyn FnMut(&str)) {
        pass(&self.0.chain, surface, emit);
    }

    /// The terms of `text`, each with the token that it comes from.
    pub fn analyze(&self, text: &str, emit: &mut dyn FnMut(&str, &Token<'_>)) {
        self.tokens(text, |token| {
            self.terms(token.text, &mut |term| emit(term, &token));
        });
    }

    /// The built-in analyzer of this name.
    pub(super) fn built_in(name: &str) -> Option<&'static Self> {
        let (_, analyzer) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Some(analyzer)
    }

    /// The names of the built-in analyzers.
    pub(super) fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A built-in one; `plain` for a name that isn't any, which no caller has.
    fn known(name: &str) -> Self {
        Self::built_in(name).unwrap_or(&BUILT_IN[0].1).clone()
    }

    /// What a definition without custom parts means.
    pub(super) fn from_definition(definition: Definition) -> Result<Self> {
        definition.check()?;
        Ok(Self::assemble(definition, None, Vec::new()))
    }

    /// Puts the parts together. The custom ones are handed in, the filters in
    /// the order in which the definition names them; a filter that isn't there
    /// is passed over.
    fn assemble(
        definition: Definition,
        tokenizer: Option<Arc<dyn Tokenizer>>,
        custom: Vec<Arc<dyn Filter>>,
    ) -> Self {
        let splitter = match (&definition.tokenizer, tokenizer) {
            (TokenizerKind::Custom(_), Some(tokenizer)) => Splitter::Custom(tokenizer),
            (TokenizerKind::Pairs, _) => Splitter::Pairs,
            (TokenizerKind::Whole, _) => Splitter::Whole,
            (TokenizerKind::Words | TokenizerKind::Custom(_), _) => Splitter::Words,
        };
        let mut custom = custom.into_iter();
        let chain = definition.filters.iter().filter_map(|kind| match kind {
            FilterKind::Custom(_) => custom.next(),
            built_in => filters::make(built_in),
        });
        let chain = chain.collect();
        Self(Arc::new(Inner {
            definition,
            splitter,
            chain,
        }))
    }
}

/// Hands `term` to the first filter, and what that makes of it to the others.
fn pass(chain: &[Arc<dyn Filter>], term: &str, emit: &mut dyn FnMut(&str)) {
    match chain.split_first() {
        Some((first, rest)) => first.apply(term, &mut |made| pass(rest, made, emit)),
        None if term.is_empty() || term.len() > MAX_TERM_BYTES => {}
        None => emit(term),
    }
}

/// An [`Analyzer`] in the making: what cuts, then filter by filter.
#[derive(Clone, Debug)]
pub struct AnalyzerBuilder {
    definition: Definition,
    tokenizer: Option<Arc<dyn Tokenizer>>,
    filters: Vec<Arc<dyn Filter>>,
}

impl AnalyzerBuilder {
    /// Cuts with one of the tokenizers here. [`TokenizerKind::Custom`] is not
    /// among them: see [`custom_tokenizer`](Self::custom_tokenizer).
    #[must_use]
    pub fn tokenizer(mut self, kind: TokenizerKind) -> Self {
        self.definition.tokenizer = kind;
        self.tokenizer = None;
        self
    }

    /// Cuts with a tokenizer of your own, which the index stores as `name`.
    #[must_use]
    pub fn custom_tokenizer(
        mut self,
        name: impl Into<String>,
        tokenizer: impl Tokenizer + 'static,
    ) -> Self {
        self.definition.tokenizer = TokenizerKind::Custom(name.into());
        self.tokenizer = Some(Arc::new(tokenizer));
        self
    }

    /// Adds one of the filters here at the end. [`FilterKind::Custom`] is not
    /// among them: see [`custom_filter`](Self::custom_filter).
    #[must_use]
    pub fn filter(mut self, kind: FilterKind) -> Self {
        self.definition.filters.push(kind);
        self
    }

    /// Adds a filter of your own at the end, which the index stores as `name`.
    #[must_use]
    pub fn custom_filter(mut self, name: impl Into<String>, filter: impl Filter + 'static) -> Self {
        self.definition
            .filters
            .push(FilterKind::Custom(name.into()));
        self.filters.push(Arc::new(filter));
        self
    }

    /// The analyzer.
    ///
    /// # Errors
    /// [`ErrorKind::Schema`](crate::ErrorKind::Schema) if a parameter makes no
    /// sense, or if a custom part is named but not there.
    pub fn build(self) -> Result<Analyzer> {
        self.definition.check()?;
        let here = usize::from(self.tokenizer.is_some()) + self.filters.len();
        let named = self.definition.custom_parts().count();
        if here != named {
            return Err(super::registry::missing("being built", &self.definition));
        }
        Ok(Analyzer::assemble(
            self.definition,
            self.tokenizer,
            self.filters,
        ))
    }
}
