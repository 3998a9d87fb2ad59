//! # Printing queries so that the parser reads them back
//!
//! Idea        print in the language of [`crate::query`], always with the
//!             signs `+`, `-`, `+#` and never with `AND` or `OR`, so that there
//!             is one way to print a tree
//! Example     the term `a:b` prints as `a\:b`, the term `new york` as
//!             `"new york"~=`
//! Invariants  invariant (1) of the chapter: parse(print(q)) = q. A group of
//!             one optional clause would read back as that clause, so it
//!             prints with its minimum, `(a)~0`, which the parser never unwraps
//! Next        `diagnostic`

use std::fmt::{self, Display, Formatter, Write};
use std::ops::Bound;

use super::parser::is_bare_wildcard;
use super::{Clause, Occur, Query};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean {
                clauses,
                minimum_should_match: 0,
            } if stands_alone(clauses) => write_clauses(clauses, f),
            other => write_operand(other, f),
        }
    }
}

/// Whether these clauses, merely written one after another, read back as a
/// Boolean.
fn stands_alone(clauses: &[Clause]) -> bool {
    match clauses {
        [] => false,
        [one] => one.occur != Occur::Should,
        _ => true,
    }
}

/// A query as one operand, in parentheses where it needs them.
fn write_operand(query: &Query, f: &mut Formatter<'_>) -> fmt::Result {
    match query {
        Query::All => f.write_char('*'),
        Query::Nothing => f.write_str("()"),
        Query::Term { field, text } => {
            write_field(field.as_deref(), f)?;
            write_term(text, f)
        }
        Query::Fuzzy { field, text, edits } => {
            write_field(field.as_deref(), f)?;
            write_term(text, f)?;
            f.write_char('~')?;
            match edits {
                Some(edits) => write!(f, "{edits}"),
                None => Ok(()),
            }
        }
        Query::Words { field, text } => {
            write_field(field.as_deref(), f)?;
            write_quoted(text, f)?;
            f.write_str("~*")
        }
        Query::Phrase { field, text, slop } => {
            write_field(field.as_deref(), f)?;
            write_quoted(text, f)?;
            if *slop > 0 {
                write!(f, "~{slop}")?;
            }
            Ok(())
        }
        Query::Prefix { field, text } => {
            write_field(field.as_deref(), f)?;
            if text.is_empty() && field.is_some() {
                // any value at all: field:*
            } else if is_word(text) {
                write_word(text, f)?;
            } else {
                write_quoted(text, f)?;
            }
            f.write_char('*')
        }
        Query::Wildcard { field, text } => {
            write_field(field.as_deref(), f)?;
            if is_bare_wildcard(text) {
                return f.write_str(text);
            }
            write_quoted(text, f)?;
            f.write_str("~?")
        }
        Query::Regex { field, text } => {
            write_field(field.as_deref(), f)?;
            write_quoted(text, f)?;
            f.write_str("~/")
        }
        Query::Range {
            field,
            lower,
            upper,
        } => {
            write_field(Some(field), f)?;
            f.write_char(if matches!(lower, Bound::Excluded(_)) {
                '{'
            } else {
                '['
            })?;
            write_bound(lower, f)?;
            f.write_str(" TO ")?;
            write_bound(upper, f)?;
            f.write_char(if matches!(upper, Bound::Excluded(_)) {
                '}'
            } else {
                ']'
            })
        }
        Query::Boolean {
            clauses,
            minimum_should_match,
        } => {
            f.write_char('(')?;
            write_clauses(clauses, f)?;
            f.write_char(')')?;
            if *minimum_should_match > 0 || !stands_alone(clauses) {
                write!(f, "~{minimum_should_match}")?;
            }
            Ok(())
        }
        // Adding zero makes a zero's sign positive, which is all the parser knows.
        Query::Boost(inner, factor) => {
            write_operand(inner, f)?;
            write!(f, "^{}", factor + 0.0)
        }
        Query::Constant(inner, score) => {
            write_operand(inner, f)?;
            write!(f, "^={}", score + 0.0)
        }
    }
}

fn write_clauses(clauses: &[Clause], f: &mut Formatter<'_>) -> fmt::Result {
    for (number, clause) in clauses.iter().enumerate() {
        if number > 0 {
            f.write_char(' ')?;
        }
        f.write_str(match clause.occur {
            Occur::Must => "+",
            Occur::Should => "",
            Occur::MustNot => "-",
            Occur::Filter => "+#",
        })?;
        write_operand(&clause.query, f)?;
    }
    Ok(())
}

fn write_field(field: Option<&str>, f: &mut Formatter<'_>) -> fmt::Result {
    let Some(name) = field else { return Ok(()) };
    if is_plain_field(name) {
        f.write_str(name)?;
    } else {
        write_quoted(name, f)?;
    }
    f.write_char(':')
}

fn write_bound(bound: &Bound<String>, f: &mut Formatter<'_>) -> fmt::Result {
    match bound {
        Bound::Unbounded => f.write_char('*'),
        Bound::Included(text) | Bound::Excluded(text) => {
            let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '+' | '.' | ':' | '_');
            if !text.is_empty() && text != "TO" && text.chars().all(plain) {
                f.write_str(text)
            } else {
                write_quoted(text, f)
            }
        }
    }
}

fn write_quoted(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

/// A word, or whatever is to be one.
fn write_term(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    if is_word(text) {
        return write_word(text, f);
    }
    write_quoted(text, f)?;
    f.write_str("~=")
}

/// Whether a text can stand without quotation marks, escaped if need be.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !matches!(text, "AND" | "OR" | "NOT") && !text.contains(char::is_whitespace)
}

fn write_word(word: &str, f: &mut Formatter<'_>) -> fmt::Result {
    for (at, c) in word.char_indices() {
        let escape = match c {
            '_' | '.' | ',' | '\'' | '@' | '%' | '$' | ';' => false,
            '-' | '+' | '#' | '/' | '&' | '|' | '=' => at == 0,
            c => c.is_ascii_punctuation(),
        };
        if escape {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    Ok(())
}

/// Whether a name is one that the parser takes for a field without quotation
/// marks: a letter or `_` first, then letters, digits, `_`, `.`, `-`.
pub(super) fn is_plain_field(name: &str) -> bool {
    let first = |c: char| c.is_alphabetic() || c == '_';
    name.starts_with(first) && name.chars().all(is_field_character)
}

pub(super) fn is_field_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
}
