//! # Queries: what is asked, as pure data
//!
//! A [`Query`] is a tree that one can build, compare, print, send over a wire
//! and read back. It knows no index: fields are names, bounds are texts, and
//! words are not yet terms. The search resolves them against a schema, in one
//! place, when the query is asked.
//!
//! Idea        two ways in, one tree out: constructors and the operators `&`,
//!             `|`, `!` for programs, a small language for people
//! Example     `title:fox "quick brown" -lazy +year:[2001 TO 2010]` is a
//!             [`Query::Boolean`] of four clauses: should, should, must not,
//!             must
//! Invariants  (1) what [`Display`](std::fmt::Display) prints, the parser reads
//!             back to an equal tree, without a diagnostic; for every tree
//!             that [`Query::check`] accepts
//!             (2) the parser always answers, in time linear in the text, and
//!             never builds a tree that `check` refuses
//!             (3) the clauses keep their order: a score is a sum in that order
//!             (4) no tree that the parser, a constructor or an operator gives has
//!             more than one level above [`MAX_DEPTH`]
//! Left out    a query planner (that is [`crate::search`]'s); a guard against deep trees
//!             that a reader of `serde`'s allows (readers of JSON commonly don't)
//! Rooms       `build`: queries made in code; `parser`, and `display`, its opposite;
//!             `diagnostic`: what the parser has to say; `check`: how large a tree
//!             may be; `automaton`: what may be asked of all terms; `levenshtein`: which
//!             words are near another; `pattern`: which terms an expression describes
//! Next        `build`, `parser`; or on to [`crate::search`], which answers
//!
//! ## The language
//!
//! | written | means |
//! |---|---|
//! | `fox` | the word, in the default fields ([`Query::Term`]) |
//! | `"quick fox"`, `"quick fox"~2` | a phrase; at most two moves out of order ([`Query::Phrase`]) |
//! | `"quick fox"~*` | any of the words ([`Query::Words`]) |
//! | `"quick fox"~=` | one term, space and all, for keyword fields |
//! | `qui*`, `"new y"*` | a beginning of a word, or of a keyword ([`Query::Prefix`]) |
//! | `wh?le`, `c*t*`, `*fish`, `title:*ish*` | terms that this describes: `?` is any character, `*` any number of them ([`Query::Wildcard`]); `what?`, `*emphasis*` and `f***` are words |
//! | `path:*.md`, `"*.md"~?` | the same with other characters: behind a field that is no text, or in quotation marks anywhere |
//! | `"gr[ae]ys?"~/` | terms that a regular expression describes ([`Query::Regex`]) |
//! | `govermnent~`, `fox~1` | words that are at most 1 or 2 edits away, by their length if it isn't said ([`Query::Fuzzy`]) |
//! | `"new yrok"~=~2` | the same of a keyword, space and all |
//! | `*`, `*:*` | every document ([`Query::All`]) |
//! | `()` | no document ([`Query::Nothing`]) |
//! | `title:fox`, `title:(quick fox)` | in that field; `"odd name":fox` if need be |
//! | `title:*` | every document with a title that has a word |
//! | `year:[1 TO 9]`, `year:{1 TO 9}` | a range, with or without its ends; `*` for an open end |
//! | `year:>=2001`, `year:<9`, `year:(<9 OR >=2001)` | the same in short |
//! | `day:2001-07`, `day:>2001` | a [date](#dates) is a period: in July; from 2002 on |
//! | `a b` | one of them, better both |
//! | `+a -b c` | `a` must match, `b` must not, `c` may |
//! | `+#a` | `a` must match and does not score |
//! | `a AND b OR NOT c` | `NOT` binds closest, then `AND`, then `OR` and mere neighbourhood; also `&&`, `\|\|`, `!` |
//! | `(a b c)~2` | at least two of them |
//! | `fox^2.5` | scores 2.5 times as much |
//! | `fox^=2.5` | scores 2.5, whatever it is |
//! | `\` before punctuation or a space | that character, as text |
//!
//! Whatever the grammar can't use is text. `C++`, `usb-c`, `--verbose` or
//! `http://x.y/z?q=1` are words like others, and so are `a:b` and `C:\temp` where
//! the fields are known ([`Query::parse_with`], [`Query::parse_for`]) and these are
//! none. A parenthesis without its partner is a character.
//! [`Parsed::diagnostics`] says what was taken so, and [`Query::parse_strict`]
//! refuses it.
//!
//! A query of negations only means "all but these": `-lazy` finds every
//! document without the word. It is a [`Query::Boolean`] whose clauses are all
//! [`Occur::MustNot`], and scores 1.
//!
//! A clause of which analysis leaves nothing, such as a stop word in an English field,
//! is left out, whatever its sign; where that is all there is, nothing is found.
//!
//! ```
//! use wordhoard::query::Query;
//!
//! let read = Query::parse(r#"title:fox "quick brown" -lazy +year:[2001 TO 2010]"#).query;
//! let built = Query::boolean([
//!     Query::term("fox").field("title").should(),
//!     Query::phrase("quick brown").should(),
//!     Query::term("lazy").must_not(),
//!     Query::range("year", 2001..=2010).must(),
//! ]);
//! assert_eq!(read, built);
//! assert_eq!(built.to_string(), r#"title:fox "quick brown" -lazy +year:[2001 TO 2010]"#);
//! ```
//!
//! ## Dates
//!
//! A date in a query is all of what it names: `2001` the year, `2001-07` the month,
//! `2001-07-09` the day, in UTC, and `2001-07-09T18:30Z` the minute. A range contains
//! its bounds whole, or nothing of them where they are excluded: `day:[2001-07 TO
//! 2001-08]` is both months, as is `day:[2001-07 TO 2001-09}`; `day:<=2001-07-09`
//! contains that day, `day:>2001-07-09` begins after it.
//!
//! A date with seconds, such as `2001-07-09T18:30:00Z`, is that moment and no other, to
//! the microsecond. So print [`Date`](crate::Date)s, those of a facet, too; hence
//! `Query::term(date)` finds what has this very date, and `Query::range("day", a..b)`
//! what is not before `a` and before `b`.

mod automaton;
mod build;
mod check;
mod diagnostic;
mod display;
mod levenshtein;
mod parser;
mod pattern;

pub(crate) use automaton::Automaton;
pub use build::Interval;
pub use check::{MAX_CLAUSES, MAX_DEPTH, MAX_EDITS, MAX_NEAR};
pub use diagnostic::{Diagnostic, MAX_DIAGNOSTICS, Parsed};
pub(crate) use levenshtein::Levenshtein;
pub(crate) use pattern::{Fault, Pattern, WildcardPart, wildcard_parts};

use std::ops::Bound;

use serde::{Deserialize, Serialize};

/// A question to an index, as data.
///
/// Where a `field` is `None`, the default fields of the schema are meant.
///
/// ```
/// use wordhoard::query::Query;
///
/// let query = Query::term("fox").field("title").boost(2.0) | Query::term("hound");
/// assert_eq!(query.to_string(), "title:fox^2 hound");
/// assert_eq!(Query::parse("title:fox^2 hound").query, query);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Query {
    /// Every document, each with score 1.
    All,
    /// No document.
    Nothing,
    /// One word. Where the field's analyzer makes several terms of it (`usb-c`)
    /// these are a phrase.
    Term {
        /// The field, or the default fields.
        field: Option<String>,
        /// The word, before analysis.
        text: String,
    },
    /// A bag of words, of which one must match.
    Words {
        /// The field, or the default fields.
        field: Option<String>,
        /// The words, before analysis.
        text: String,
    },
    /// Words next to one another in this order, or up to `slop` moves away from
    /// it. Where analysis gives several terms for one place, as parts of words do, any of
    /// these will do, and the order doesn't count.
    Phrase {
        /// The field, or the default fields.
        field: Option<String>,
        /// The words, before analysis.
        text: String,
        /// How far, in positions and in all, the words may be moved.
        slop: u32,
    },
    /// The beginning of a term, as it stands in the index: where words are stemmed, of
    /// their stems, so that `happ*` finds "happy", whose stem is "happi", and `happy*`
    /// doesn't. To search while someone types, have the text in a field of
    /// [`Text::plain`](crate::Text::plain), too. With an empty text: any term, that is,
    /// every document in which analysis leaves something of the field.
    Prefix {
        /// The field, or the default fields.
        field: Option<String>,
        /// The beginning.
        text: String,
    },
    /// The terms that a text with wildcards describes: `?` stands for any character, `*` for
    /// any number of them, also none; `\` makes the next a character like others (between the
    /// quotation marks of a text, `\\`). Each of a field's documents with such a term scores
    /// 1 times the boosts. It counts as 32 of the [`MAX_CLAUSES`] terms that a query may have
    /// in a field, and so does a [`Query::Regex`].
    ///
    /// What stands between wildcards is lower-cased and folded as the field does it. It isn't
    /// stemmed, but the terms of the index may be, so that `whal?ng` finds nothing among English
    /// stems, and `whal*` what it should: see [`Query::Prefix`].
    Wildcard {
        /// The field, or the default fields.
        field: Option<String>,
        /// The text; at most 127 characters.
        text: String,
    },
    /// The terms that a regular expression describes, as they stand in the index, in
    /// lower-case and stemmed where that is what analysis does. Each of a field's documents
    /// with such a term scores 1 times the boosts.
    ///
    /// There are `.` for any character; `[a-z]`, `[^a-z]`; groups; `|`; `*`, `+`, `?`,
    /// `{2}`, `{2,}`, `{2,5}`; and a backslash before punctuation, which between the quotation
    /// marks of a text is written twice: `"a\\.b"~/`. A term is compared as a whole: `ale`
    /// doesn't describe "whale", `.*ale` does.
    Regex {
        /// The field, or the default fields.
        field: Option<String>,
        /// The expression; with repetitions spelt out at most 127 characters.
        text: String,
    },
    /// A word, however it may have been misspelt: the terms that a few edits lead to. An
    /// edit inserts, leaves out or replaces a character, or swaps two neighbours. What is
    /// compared is what analysis leaves of the word: its stem, where words are stemmed.
    ///
    /// Of a field's terms the [32 nearest](MAX_NEAR) match: fewest edits first, of these the
    /// most frequent. Each scores as if it were the word, its `idf` that of the nearest,
    /// times 1 - edits / characters of the shorter of both; so one of which nothing
    /// would be left (`a` for `b`) isn't near. A word that analysis makes several terms of,
    /// or that has more than 63 characters, is looked for as it is, and so are numbers,
    /// dates and booleans.
    ///
    /// It counts as 32 of the [`MAX_CLAUSES`] terms that a query may have in a field.
    Fuzzy {
        /// The field, or the default fields.
        field: Option<String>,
        /// The word, before analysis.
        text: String,
        /// At most [`MAX_EDITS`]. If it isn't said, one from three characters on, two
        /// from six.
        edits: Option<u32>,
    },
    /// A value between two bounds. They are texts here, and get the type of
    /// the field when the query is asked. If no value can be between them, as when they are
    /// the wrong way round, it finds nothing; [`Query::parse_for`] says so.
    Range {
        /// The field.
        field: String,
        /// The lower bound.
        lower: Bound<String>,
        /// The upper bound.
        upper: Bound<String>,
    },
    /// Several queries, and what each is for.
    ///
    /// Every [`Must`](Occur::Must) and [`Filter`](Occur::Filter) has to match
    /// and no [`MustNot`](Occur::MustNot). Beside a `Must` or a `Filter`, a
    /// [`Should`](Occur::Should) only adds to the score; without, one has to
    /// match. Clauses that are all `MustNot` mean "all but these". No clauses at
    /// all match nothing.
    Boolean {
        /// The clauses; the score is summed in their order.
        clauses: Vec<Clause>,
        /// How many `Should` clauses must match at the least; 0 leaves it at the
        /// rule above.
        minimum_should_match: u32,
    },
    /// The query, its score multiplied; made by [`Query::boost`].
    Boost(Nested, f32),
    /// The query's documents, each with this score; made by [`Query::constant`].
    Constant(Nested, f32),
}

/// A query within another, which can be read as any; the constructors make it, and
/// see to it that it isn't too deep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nested(Box<Query>);

impl std::ops::Deref for Nested {
    type Target = Query;

    fn deref(&self) -> &Query {
        &self.0
    }
}

/// One part of a [`Query::Boolean`].
///
/// ```
/// use wordhoard::query::{Clause, Occur, Query};
///
/// let clause = Query::term("fox").must();
/// assert_eq!(clause, Clause::new(Occur::Must, Query::term("fox")));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Clause {
    /// What the query is for.
    pub occur: Occur,
    /// The query.
    pub query: Query,
}

/// What a [`Clause`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occur {
    /// Has to match, and scores.
    Must,
    /// May match, and then scores.
    Should,
    /// Must not match.
    MustNot,
    /// Has to match, and doesn't score.
    Filter,
}

#[cfg(test)]
mod tests;
