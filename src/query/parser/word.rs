//! # Words: where one ends, and what its end says
//!
//! Idea        a word goes to the next blank, with all that looks odd in it, since people
//!             type anything. A few signs end it: what begins or ends a group, a `^2`, a
//!             `~`. Of others it is told that they may have been meant
//! Example     `f(x)^2` is the word `f` and a group; `wh*le` has a star in it, and so may be
//!             a pattern; `colour~1` is fuzzy
//! Next        `wildcard.rs`

use super::operand::is_escapable;
use super::{Parser, Step};
use crate::query::Query;
use crate::query::check::MAX_EDITS;

/// A word as scanned: its text without escapes.
struct Word {
    text: String,
    ending: Ending,
    /// A `*` that is no ending.
    star: Option<usize>,
    /// Whether there is a `?`.
    has_mark: bool,
}

/// What follows the text of a word and belongs to it.
#[derive(Clone, Copy)]
enum Ending {
    Nothing,
    /// A `*` of its own.
    Star,
    /// `~`, and perhaps a number.
    Tilde(Option<u32>),
}

impl Parser<'_> {
    /// A word whose text begins at `at`; `start` is where its field does.
    pub(super) fn word(&mut self, start: usize, at: usize, field: Option<String>) -> Step {
        let follows_sign = field.is_none() && self.top.sign.is_some();
        if follows_sign && matches!(self.peek(at), Some('+' | '-' | '!')) {
            self.report(
                at..at + 1,
                "two signs in a row; the second is taken as text",
                r"keep one of them, or write \ before the second",
            );
        }
        let word = self.scan_word(at);
        let field = field.or_else(|| self.top.field.clone());
        let Word {
            text,
            ending,
            star,
            has_mark,
        } = word;
        if matches!(
            &self.text[start..self.at],
            "AND" | "OR" | "NOT" | "&&" | "||"
        ) {
            let written = &self.text[start..self.at];
            self.report(
                start..self.at,
                format!("{written} has nothing to join here; it is taken as text"),
                format!(r#"write an operand on either side, or "{written}" for the word"#),
            );
        }
        let written = &self.text[at..self.at];
        let may_be = star.is_some() || has_mark;
        if may_be
            && !matches!(ending, Ending::Tilde(_))
            && self.is_wildcard(written, field.as_deref())
        {
            let (field, text) = (field.clone(), written.to_owned());
            let query = Query::Wildcard { field, text };
            match query.pattern() {
                Some(Err(fault)) => self.report(
                    start..self.at,
                    "this is too long for wildcards; it is taken as text",
                    fault.to_string(),
                ),
                _ => return self.push_leaf(start, query),
            }
        } else if let Some(star) = star {
            let hint = format!(
                r#"write "{}"~? if it stands for any characters, or \* for the character"#,
                shortly(written)
            );
            self.report(star..star + 1, "this * is taken as text", hint);
        }
        let query = match ending {
            Ending::Nothing => Query::Term { field, text },
            // With another star it is emphasis, or a part of a program.
            Ending::Star if star.is_some() => {
                let text = text + "*";
                Query::Term { field, text }
            }
            Ending::Star => Query::Prefix { field, text },
            Ending::Tilde(edits) => self.fuzzy(text, field, edits),
        };
        self.push_leaf(start, query)
    }

    /// A fuzzy word that ends here.
    pub(super) fn fuzzy(
        &mut self,
        text: String,
        field: Option<String>,
        edits: Option<u32>,
    ) -> Query {
        if edits.is_some_and(|edits| edits > MAX_EDITS) {
            let tilde = self.text[..self.at].rfind('~').unwrap_or(self.at);
            self.report(
                tilde..self.at,
                format!("no more than {MAX_EDITS} edits are looked for; these are"),
                format!("write ~{MAX_EDITS}"),
            );
        }
        let mut query = Query::fuzzy(text);
        if let Some(edits) = edits {
            query = query.edits(edits.min(MAX_EDITS));
        }
        match field {
            Some(field) => query.field(field),
            None => query,
        }
    }

    /// Scans a word of at least one character from `at`, and goes to its end.
    fn scan_word(&mut self, at: usize) -> Word {
        let in_group = self.depth() > 0;
        // Most words are nothing but letters and digits.
        let bytes = self.text.as_bytes()[at..].iter();
        let plain = bytes.take_while(|b| b.is_ascii_alphanumeric()).count();
        let mut position = at + plain;
        let mut text = self.text[at..position].to_owned();
        // "a b"~x, (a b)^x: right behind an operand
        let is_suffix = self.text[..at].ends_with(['"', ')']);
        let (mut first_star, mut last_star) = (None, None); // where they are, unescaped
        let mut has_mark = false;
        let mut stray = None; // where the first parenthesis without partner is
        while let Some(c) = self.peek(position) {
            let is_first = position == at;
            let next = position + c.len_utf8();
            let is_behind_star = last_star.is_some_and(|star| star + 1 == position);
            match c {
                c if c.is_whitespace() => break,
                // main() is a word, f(x) a word and a group
                '(' if self.text[next..].starts_with(')') && !is_first => {
                    text.push(c);
                    text.push(')');
                    position = next + 1;
                    continue;
                }
                '(' if !is_first => break,
                ')' if in_group && !is_first => break,
                ')' => {
                    stray.get_or_insert(position);
                }
                '^' if !is_first && self.factor(position).is_some() => break,
                '^' if (!is_first || is_suffix) && self.is_odd_factor(next) => {
                    self.report(
                        position..next,
                        "no boost follows ^, which is a number from 0 on, without an exponent; it is taken as text",
                        r"write ^2 or ^0.5, or \^ for the character",
                    );
                }
                '"' if !is_first
                    && self.text[..position].ends_with(':')
                    && self.quoted(position).is_some() =>
                {
                    break;
                }
                '*' => {
                    first_star.get_or_insert(position);
                    last_star = Some(position);
                }
                '?' => has_mark = true,
                '\\' => {
                    // Only punctuation and blanks can be escaped: C:\temp is text.
                    if let Some(escaped) = self.peek(next).filter(|&c| is_escapable(c)) {
                        text.push(escaped);
                        position = next + escaped.len_utf8();
                        continue;
                    }
                }
                '~' if !is_first && !is_behind_star && self.edits(position).is_some() => break,
                '~' if !is_first && !is_behind_star => self.report_odd_number(
                    position,
                    "no number of edits follows ~; it is taken as text",
                    r"write word~, word~1 or word~2, or \~ for the character",
                ),
                '~' if is_first && is_suffix => self.report_odd_number(
                    position,
                    "no whole number follows ~; it is taken as text",
                    r#"write "a phrase"~2 or (a b c)~2, or \~ for the character"#,
                ),
                _ => {}
            }
            text.push(c);
            position = next;
        }
        if let Some(stray) = stray {
            self.report(
                stray..stray + 1,
                "this parenthesis closes nothing; it is taken as text",
                r"open it before, or write \)",
            );
        }
        let mut ending = Ending::Nothing;
        if last_star.is_some_and(|star| star + 1 == position) && position > at + 1 {
            text.pop();
            ending = Ending::Star;
            first_star = first_star.filter(|first| *first + 1 < position);
        }
        if position > at
            && let Some((edits, end)) = self.edits(position)
        {
            ending = Ending::Tilde(edits);
            position = end;
        }
        self.at = position;
        Word {
            text,
            ending,
            star: first_star,
            has_mark,
        }
    }

    /// Reports a `~` at `at`, if nothing follows it in the word but what may be meant as
    /// a number.
    fn report_odd_number(&mut self, at: usize, message: &str, hint: &str) {
        let digits = |c: char| c.is_ascii_digit() || c == '.';
        let rest = self.text[at + 1..].trim_start_matches(digits);
        if rest.starts_with('~') || self.is_boundary(self.text.len() - rest.len()) {
            self.report(at..at + 1, message, hint);
        }
    }

    /// `~` or `~2` at `at`, as [`tilde`](Self::tilde), but behind a word: more than nine are
    /// no number of edits, but perhaps a range of years.
    pub(super) fn edits(&self, at: usize) -> Option<(Option<u32>, usize)> {
        let (edits, end) = self.tilde(at)?;
        let is_boost = self.peek(end) != Some('^') || self.factor(end).is_some();
        (is_boost && edits.is_none_or(|edits| edits < 10)).then_some((edits, end))
    }

    /// Whether a number that can't be a boost, such as `-2` or `1e99`, is all
    /// that follows a `^` before `at`.
    fn is_odd_factor(&self, at: usize) -> bool {
        let rest = &self.text[at..];
        let rest = rest.strip_prefix('=').unwrap_or(rest);
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '^');
        let written = &rest[..rest.find(ends).unwrap_or(rest.len())];
        written.parse::<f32>().is_ok()
    }
}

/// The beginning of a word, for a hint.
fn shortly(word: &str) -> &str {
    let end = word.char_indices().nth(40);
    end.map_or(word, |(end, _)| &word[..end])
}
