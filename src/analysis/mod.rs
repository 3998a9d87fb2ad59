//! # Analysis: from text to terms
//!
//! What the index holds are *terms*, and what a person types are words. Analysis
//! is the way from the one to the other, and documents and queries go it alike:
//! a query finds what was analysed as it was.
//!
//! Idea        two steps. A [`Tokenizer`] cuts the text into [`Token`]s, which
//!             are slices of it; a chain of [`Filter`]s makes terms of each
//!             token's surface
//! Example     *The foxes' dens* → the tokens `The` `foxes` `dens` at positions
//!             0, 1, 2 → the terms `fox` at 1 and `den` at 2, if the analyzer is
//!             [`english`](Analyzer::english)
//! Invariants  (1) a token of ours is a slice: `&text[token.start..token.end]` is
//!             `token.text`; starts and positions ascend
//!             (2) every token takes a position, also one whose term a filter
//!             drops, so that a phrase knows of the gap
//!             (3) a filter is a pure function: the terms depend on the surface
//!             and on nothing else. So whoever analyses much may remember them
//!             per distinct surface, as [`crate::inversion`] does, where
//!             stemming is done once a word and not once an occurrence
//!             (4) a term is neither empty nor longer than [`MAX_TERM_BYTES`],
//!             whatever the filters are
//!             (5) no text makes an analyzer of ours panic, or take more than
//!             linear time
//! Cost        the tokenizer reads each byte of ASCII once or twice; a chain of
//!             filters copies a term only where it changes it, into buffers
//!             that are used again
//! Left out    filters that look at neighbours (shingles, synonyms of several
//!             words): they could not be remembered per surface. Dictionaries
//!             for Chinese, Japanese or Thai: pairs of characters do nearly as
//!             well and weigh nothing ([`Analyzer::cjk`])
//! Paper       Unicode Standard Annex #29, §4: word boundaries; Porter 1980 and
//!             <https://snowballstem.org>: stemming; McNamee and Mayfield 2004:
//!             how far character n-grams go in place of both
//! Next        `words`, the tokenizer; or on to [`crate::inversion`], where terms
//!             meet documents
//!
//! ```
//! use wordhoard::analysis::Analyzer;
//!
//! let mut terms = Vec::new();
//! Analyzer::english().analyze("The foxes' dens", &mut |term, token| {
//!     terms.push(format!("{term}@{} ({}..{})", token.position, token.start, token.end));
//! });
//! assert_eq!(terms, ["fox@1 (4..9)", "den@2 (11..15)"]);
//! ```
//!
//! ## The named analyzers
//!
//! | name | tokens | filters |
//! |---|---|---|
//! | `plain` | words | length, NFKC, lower case |
//! | `english`, and one per [`Language`] | words | length, NFKC, lower case, apostrophes or spellings where a language has them, stop words, stem |
//! | `keyword` | the whole text | none |
//! | `cjk` | words; pairs of characters where a script has no spaces | length, NFKC, lower case |
//!
//! Words are those of Unicode's [`unicode_words`], the stop words of English the
//! 33 of Lucene, so that figures published for Lucene can be compared.
//!
//! An analyzer is data, a [`Definition`], and an index stores it: reopening an
//! index can't lose how its text was cut. Parts that a program brings itself (a
//! [`Tokenizer`], a [`Filter`]) have a name in the definition, and the program
//! registers its analyzer anew ([`Analyzers::register`]).
//!
//! [`unicode_words`]: https://docs.rs/unicode-segmentation

mod analyzer;
mod definition;
mod filters;
mod language;
mod pairs;
mod registry;
mod words;

#[cfg(test)]
mod tests;

pub use analyzer::{Analyzer, AnalyzerBuilder, MAX_TERM_BYTES};
pub use definition::{Definition, FilterKind, TokenizerKind};
pub use language::Language;
pub use registry::Analyzers;

use std::fmt::Debug;

/// A piece of a text, as a [`Tokenizer`] cuts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token<'t> {
    /// The piece itself: its *surface*.
    pub text: &'t str,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Its number among the text's tokens, from 0.
    pub position: u32,
}

/// Cuts a text into tokens. Implement it to bring a tokenizer of your own.
///
/// A writer calls it on a thread of its rayon pool, which holds a lock meanwhile. To wait
/// there for other tasks, by `rayon::join` or the like, may be to wait forever.
///
/// ```
/// use wordhoard::analysis::{Analyzer, FilterKind, Token, Tokenizer};
///
/// /// Cuts at commas, for fields such as "red, green".
/// #[derive(Debug)]
/// struct Commas;
///
/// impl Tokenizer for Commas {
///     fn tokenize<'t>(&self, text: &'t str, emit: &mut dyn FnMut(Token<'t>)) {
///         let mut start = 0;
///         for (piece, position) in text.split(',').zip(0..) {
///             let end = start + piece.len();
///             emit(Token { text: piece, start, end, position });
///             start = end + 1;
///         }
///     }
/// }
///
/// let analyzer = Analyzer::builder()
///     .custom_tokenizer("commas", Commas)
///     .filter(FilterKind::Lowercase)
///     .build()?;
/// let mut terms = Vec::new();
/// analyzer.analyze("Red,Green", &mut |term, _| terms.push(term.to_owned()));
/// assert_eq!(terms, ["red", "green"]);
/// # Ok::<(), wordhoard::Error>(())
/// ```
pub trait Tokenizer: Send + Sync + Debug {
    /// Calls `emit` with each token of `text`, in order. Positions are to
    /// ascend; whoever wants highlighted snippets gives offsets into `text`.
    fn tokenize<'t>(&self, text: &'t str, emit: &mut dyn FnMut(Token<'t>));
}

/// Makes zero or more terms of one. Implement it to bring a filter of your own.
///
/// A filter is *pure*: it answers the same for the same term, always, since
/// answers are remembered. Several terms from one are alternatives at the same
/// position. Like a [`Tokenizer`] it doesn't wait for other tasks.
///
/// ```
/// use wordhoard::analysis::{Analyzer, Filter, FilterKind};
///
/// /// Finds "colour" and "color" by each other.
/// #[derive(Debug)]
/// struct American;
///
/// impl Filter for American {
///     fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
///         emit(&term.replace("our", "or"));
///     }
/// }
///
/// let analyzer = Analyzer::builder()
///     .filter(FilterKind::Lowercase)
///     .custom_filter("american", American)
///     .build()?;
/// analyzer.terms("Colours", &mut |term| assert_eq!(term, "colors"));
/// # Ok::<(), wordhoard::Error>(())
/// ```
pub trait Filter: Send + Sync + Debug {
    /// Calls `emit` with each term that `term` becomes: none to drop it.
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str));
}
