//! # Diagnostics: what the parser made of what it could not use
//!
//! Idea        a search box must answer, an assistant should explain, a script
//!             wants an error; so parsing gives all three from one run
//! Example     `fox ("quick dog`: two diagnostics, one at each opening, and the
//!             query that finds `fox`, `quick` or `dog`
//! Cost        at most [`MAX_DIAGNOSTICS`] are kept, whatever the text
//! Next        `check`

use std::fmt;
use std::ops::Range;

use super::Query;
use crate::error::{Error, Result};

/// How many diagnostics one text can give; a text with more has its point made.
pub const MAX_DIAGNOSTICS: usize = 32;

/// Something in a query's text that was not taken as it may have been meant.
///
/// ```
/// use wordhoard::query::Query;
///
/// let parsed = Query::parse("fox )");
/// assert_eq!(parsed.diagnostics[0].span, 4..5);
/// assert_eq!(parsed.diagnostics[0].message, "this parenthesis closes nothing; it is taken as text");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// What is there, and how it was taken.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.hint)
    }
}

/// What came of reading a query's text: always a query.
///
/// ```
/// use wordhoard::query::Query;
///
/// let parsed = Query::parse("C++ usb-c");
/// assert_eq!(parsed.query, Query::term("C++") | Query::term("usb-c"));
/// assert!(parsed.diagnostics.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Parsed {
    /// The query; [`Query::Nothing`] where the text is blank or over a limit.
    pub query: Query,
    /// What was taken otherwise than it may have been meant, in no order that
    /// matters.
    pub diagnostics: Vec<Diagnostic>,
    pub(super) text: String,
    pub(super) over_limit: bool,
}

impl Parsed {
    /// The query, unless the text is over a limit.
    ///
    /// # Errors
    /// [`Query`](crate::ErrorKind::Query) for a text with more than
    /// [`MAX_CLAUSES`](super::MAX_CLAUSES) clauses, or
    /// nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    pub fn lenient(self) -> Result<Query> {
        if self.over_limit {
            self.strict()
        } else {
            Ok(self.query)
        }
    }

    /// The query, unless there is a diagnostic.
    ///
    /// # Errors
    /// [`Query`](crate::ErrorKind::Query) with the first diagnostic in the text, its place shown
    /// in two lines below.
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// let error = Query::parse_strict(r#"fox "quick brown"#).unwrap_err();
    /// assert_eq!(error.to_string(), r#"
    /// the quotation mark is never closed; it is taken as text; close it, or write \"
    ///   fox "quick brown
    ///       ^
    /// "#.trim());
    /// ```
    pub fn strict(self) -> Result<Query> {
        let first = if self.over_limit {
            self.diagnostics.last()
        } else {
            self.diagnostics.iter().min_by_key(|d| d.span.start)
        };
        match first {
            None => Ok(self.query),
            Some(diagnostic) => Err(Error::query(format!(
                "{diagnostic}\n{}",
                picture(&self.text, &diagnostic.span)
            ))),
        }
    }
}

/// How many characters of a text a [`picture`] shows on either side.
const CONTEXT_CHARACTERS: usize = 40;

/// Two lines: the text around `span`, and carets under it.
fn picture(text: &str, span: &Range<usize>) -> String {
    let (before, rest) = text.split_at(span.start);
    let (inside, after) = rest.split_at(span.len());
    let from = before
        .char_indices()
        .rev()
        .nth(CONTEXT_CHARACTERS - 1)
        .map_or(0, |(at, _)| at);
    let left_cut = if from > 0 { "…" } else { "" };
    let cut = |text: &str, most: usize| -> (String, bool) {
        let mut rest = text.chars();
        // A line stays a line: what isn't visible becomes a blank.
        let blank = |c: char| {
            if c.is_control() || c.is_whitespace() {
                ' '
            } else {
                c
            }
        };
        let kept = rest.by_ref().take(most).map(blank).collect();
        (kept, rest.next().is_some())
    };
    let (before, _) = cut(&before[from..], CONTEXT_CHARACTERS);
    let (inside, inside_cut) = cut(inside, CONTEXT_CHARACTERS);
    let (after, after_cut) = if inside_cut {
        (String::new(), true)
    } else {
        cut(after, CONTEXT_CHARACTERS)
    };
    let right_cut = if inside_cut || after_cut { "…" } else { "" };
    let indent = before.chars().count() + left_cut.chars().count();
    let carets = inside.chars().count().max(1);
    format!(
        "  {left_cut}{}{right_cut}\n  {}{}",
        format!("{before}{inside}{after}").trim_end(),
        " ".repeat(indent),
        "^".repeat(carets),
    )
}
