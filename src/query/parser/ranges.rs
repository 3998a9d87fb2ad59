//! # Ranges: from one value to another, or beyond one
//!
//! Idea        what begins as a range and doesn't end as one is a word; so nothing is said
//!             of it before its end is found
//! Example     `year:[1990 TO 2000}` has 1990 and not 2000; `year:>=1990` has no end
//! Next        `values.rs`: which values a field can have

use super::Parser;
use crate::query::Query;
use std::ops::Bound;

impl Parser<'_> {
    /// `[1 TO 9]` or `>=9` at `at`, and where it ends.
    pub(super) fn interval(&mut self, at: usize, field: &str) -> Option<(Query, usize)> {
        let (lower, upper, end) = match self.peek(at) {
            Some('[' | '{') => self.range(at)?,
            _ => self.comparison(at)?,
        };
        let range = Query::Range {
            field: field.to_owned(),
            lower,
            upper,
        };
        if let Some((message, hint)) = self.emptiness(&range) {
            self.report(at..end, message, hint);
        }
        Some((range, end))
    }

    /// The bounds of `[1 TO 9]` at `at`, and where it ends.
    fn range(&mut self, at: usize) -> Option<(Bound<String>, Bound<String>, usize)> {
        let is_open = self.peek(at) == Some('{');
        let (lower, end) = self.bound(self.after_blanks(at + 1))?;
        let to = self.after_blanks(end);
        if to == end || !self.text[to..].starts_with("TO") {
            return None;
        }
        let at = self.after_blanks(to + 2);
        if at == to + 2 {
            return None;
        }
        let (upper, end) = self.bound(at)?;
        let end = self.after_blanks(end);
        let is_open_above = match self.peek(end)? {
            ']' => false,
            '}' => true,
            _ => return None,
        };
        if !self.ends_operand(end + 1) {
            return None;
        }
        let bound = |value: Option<String>, is_open| match value {
            None => Bound::Unbounded,
            Some(value) if is_open => Bound::Excluded(value),
            Some(value) => Bound::Included(value),
        };
        let (lower, upper) = (bound(lower, is_open), bound(upper, is_open_above));
        Some((lower, upper, end + 1))
    }

    /// One bound at `at`, `None` for `*`, and where it ends.
    fn bound(&mut self, at: usize) -> Option<(Option<String>, usize)> {
        if self.peek(at) == Some('"') {
            let (text, end) = self.quoted(at)?;
            return Some((Some(text), end));
        }
        let ends = |c: char| c.is_whitespace() || "[]{}()\"".contains(c);
        let rest = &self.text[at..];
        let raw = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let end = at + raw.len();
        match raw {
            "" | "TO" => None,
            "*" => Some((None, end)),
            _ => Some((Some(raw.to_owned()), end)),
        }
    }

    /// The same of `>=9`.
    fn comparison(&mut self, at: usize) -> Option<(Bound<String>, Bound<String>, usize)> {
        let rest = &self.text[at..];
        let (written, length) = match rest.as_bytes() {
            [b'>', b'=', ..] => (">=", 2),
            [b'<', b'=', ..] => ("<=", 2),
            [b'>', ..] => (">", 1),
            _ => ("<", 1),
        };
        let at = at + length;
        let (value, end) = if self.peek(at) == Some('"') {
            self.quoted(at)?
        } else {
            let mut end = at;
            while !self.ends_operand(end) && self.peek(end) != Some('(') {
                end += self.peek(end).map_or(1, char::len_utf8);
            }
            (self.text[at..end].to_owned(), end)
        };
        if end == at || !self.ends_operand(end) {
            return None;
        }
        Some(match written {
            ">=" => (Bound::Included(value), Bound::Unbounded, end),
            ">" => (Bound::Excluded(value), Bound::Unbounded, end),
            "<=" => (Bound::Unbounded, Bound::Included(value), end),
            _ => (Bound::Unbounded, Bound::Excluded(value), end),
        })
    }
}
