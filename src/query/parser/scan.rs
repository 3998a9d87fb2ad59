//! # Operands: what a word, a quotation, a range looks like
//!
//! Idea        the first character decides what an operand tries to be; where
//!             that fails, it is a word, since everything can be a word
//! Example     `year:[1 TO 9]` is a field and a range; `year:[1 TO` a field and
//!             the word `[1`, and then the word `TO`
//! Invariants  (1) an operand takes at least one character
//!             (2) text is what remains when the escapes are taken out, to the
//!             byte: no case is changed, nothing is split; that is
//!             [`crate::analysis`]'s to do
//! Cost        a closing quotation mark is looked for in vain once only; all
//!             other attempts end at the next blank or two
//! Next        `wildcard`, `values`; [`crate::query`] has the language in a table

use std::ops::Bound;

use super::{Node, Parser, Step};
use crate::query::Query;
use crate::query::check::{MAX_EDITS, MAX_FIELD_BYTES};
use crate::query::display::{is_field_character, is_plain_field};

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

/// `^2` or `^=2`.
pub(super) struct Factor {
    pub(super) value: f32,
    pub(super) is_constant: bool,
    pub(super) end: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn operand(&mut self) -> Step {
        let start = self.at;
        let field = self.top().field.clone();
        match self.peek(start) {
            Some('(') => return self.open_group(start, field),
            Some('"') => {
                if let Some((text, end)) = self.quoted(start) {
                    let names_field = self.peek(end) == Some(':')
                        && !self.is_boundary(end + 1)
                        && text.len() <= MAX_FIELD_BYTES
                        && self.is_field.is_none_or(|known| known(&text));
                    if names_field {
                        return self.value(start, end + 1, text);
                    }
                    self.at = end;
                    let query = self.quoted_suffix(start, text, field);
                    return self.push_leaf(start, query);
                }
                self.report(
                    start..start + 1,
                    "the quotation mark is never closed; it is taken as text",
                    r#"close it, or write \""#,
                );
                return self.word(start, start, None);
            }
            Some('[' | '{') => {
                if let Some(name) = &field
                    && let Some((query, end)) = self.range(start, name)
                {
                    self.at = end;
                    return self.push_leaf(start, query);
                }
            }
            Some('*') => {
                if self.text[start..].starts_with("*:*") && self.ends_operand(start + 3) {
                    self.at = start + 3;
                    return self.push(Node::leaf(Query::All));
                }
                if self.ends_operand(start + 1) {
                    self.at = start + 1;
                    return self.push(Node::leaf(match field {
                        None => Query::All,
                        Some(name) => Query::exists(name),
                    }));
                }
            }
            _ => {}
        }
        let name = self.field_name(start);
        match name {
            Some(name) => self.value(start, start + name.len() + 1, name.to_owned()),
            None => self.word(start, start, None),
        }
    }

    /// The field that is named at `start`, if a value follows its colon.
    fn field_name(&mut self, start: usize) -> Option<&'t str> {
        let rest = &self.text[start..];
        let length = rest.find(|c| !is_field_character(c))?;
        let (name, rest) = rest.split_at(length);
        let value = rest.strip_prefix(':')?;
        let colon = start + length;
        if !is_plain_field(name) || name.len() > MAX_FIELD_BYTES || value.starts_with("//") {
            return None; // 12:30, http://…
        }
        if self.is_field.is_some_and(|known| !known(name)) {
            self.report(
                start..colon + 1,
                format!("there is no field {name}; this is taken as text"),
                format!(r"name a field of the schema, or write {name}\:"),
            );
            return None;
        }
        if self.is_boundary(colon + 1) {
            self.report(
                start..colon + 1,
                format!("nothing follows {name}:, which is taken as text"),
                format!("write {name}:word without a blank between"),
            );
            return None;
        }
        Some(name)
    }

    /// What follows `field:`, from `at`; `start` is where the field begins.
    fn value(&mut self, start: usize, at: usize, field: String) -> Step {
        let found = match self.peek(at) {
            Some('(') => return self.open_group_at(start, at, Some(field)),
            Some('"') => {
                if let Some((text, end)) = self.quoted(at) {
                    self.at = end;
                    let query = self.quoted_suffix(start, text, Some(field));
                    return self.push_leaf(start, query);
                }
                self.report(
                    at..at + 1,
                    "the quotation mark is never closed; it is taken as text",
                    r#"close it, or write \""#,
                );
                None
            }
            Some('[' | '{') => {
                let range = self.range(at, &field);
                if range.is_none() {
                    self.report(
                        at..at + 1,
                        "this is not a range; it is taken as text",
                        r"write [1 TO 9], {1 TO 9} or [1 TO *], or \[ for the character",
                    );
                }
                range
            }
            Some('<' | '>') => {
                let comparison = self.comparison(at, &field);
                if comparison.is_none() {
                    self.report(
                        at..at + 1,
                        "no value follows the comparison; it is taken as text",
                        r"write >9 or >=9 without a blank, or \> for the character",
                    );
                }
                comparison
            }
            Some('*') if self.ends_operand(at + 1) => Some((Query::exists(field.clone()), at + 1)),
            _ => None,
        };
        match found {
            Some((query, end)) => {
                self.at = end;
                self.push_leaf(start, query)
            }
            None => self.word(start, at, Some(field)),
        }
    }

    /// A word whose text begins at `at`; `start` is where its field does.
    fn word(&mut self, start: usize, at: usize, field: Option<String>) -> Step {
        let follows_sign = field.is_none() && self.top().sign.is_some();
        if follows_sign && matches!(self.peek(at), Some('+' | '-' | '!')) {
            self.report(
                at..at + 1,
                "two signs in a row; the second is taken as text",
                r"keep one of them, or write \ before the second",
            );
        }
        let word = self.scan_word(at);
        let field = field.or_else(|| self.top().field.clone());
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
    fn fuzzy(&mut self, text: String, field: Option<String>, edits: Option<u32>) -> Query {
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

    /// Pushes a query that stands from `start` to here, or nothing in its place.
    pub(super) fn push_leaf(&mut self, start: usize, query: Query) -> Step {
        let query = match self.misfit(&query) {
            None => query,
            Some((message, hint)) => {
                self.report(start..self.at, message, hint);
                Query::Nothing
            }
        };
        self.push(Node::leaf(query))
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
                '~' => {
                    let digits = |c: char| c.is_ascii_digit() || c == '.';
                    let rest = self.text[next..].trim_start_matches(digits);
                    let is_number =
                        rest.starts_with('~') || self.is_boundary(self.text.len() - rest.len());
                    if is_first && is_suffix && is_number {
                        self.report(
                            position..position + 1,
                            "no whole number follows ~; it is taken as text",
                            r#"write "a phrase"~2 or (a b c)~2, or \~ for the character"#,
                        );
                    } else if !is_first && is_number && !is_behind_star {
                        self.report(
                            position..position + 1,
                            "no number of edits follows ~; it is taken as text",
                            r"write word~, word~1 or word~2, or \~ for the character",
                        );
                    }
                }
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

    /// The text of the quotation that begins at `start`, and where it ends.
    fn quoted(&mut self, start: usize) -> Option<(String, usize)> {
        if self.quotes_exhausted {
            return None;
        }
        let mut text = String::new();
        let mut characters = self.text[start + 1..].char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => return Some((text, start + 1 + at + 1)),
                '\\' => {
                    let next = characters.clone().next().map(|(_, c)| c);
                    match next.filter(|&c| is_escapable(c)) {
                        Some(escaped) => {
                            characters.next();
                            text.push(escaped);
                        }
                        None => text.push(c),
                    }
                }
                c => text.push(c),
            }
        }
        self.quotes_exhausted = true;
        None
    }

    /// What a quotation from `start` to here is: `~2`, `~*`, `~=`, `~=~2`, `~?`, `~/` or `*`
    /// may follow.
    fn quoted_suffix(&mut self, start: usize, text: String, field: Option<String>) -> Query {
        let rest = &self.text[self.at..];
        if rest.starts_with("~=")
            && let Some((edits, end)) = self.edits(self.at + 2)
        {
            self.at = end;
            return self.fuzzy(text, field, edits);
        }
        for suffix in ["~*", "~=", "~?", "~/", "*"] {
            if rest.starts_with(suffix) && self.ends_operand(self.at + suffix.len()) {
                self.at += suffix.len();
                return match suffix {
                    "~*" => Query::Words { field, text },
                    "~=" => Query::Term { field, text },
                    "~?" => self.pattern(start, Query::Wildcard { field, text }),
                    "~/" => self.pattern(start, Query::Regex { field, text }),
                    _ => Query::Prefix { field, text },
                };
            }
        }
        let slop = self.tilde_number().unwrap_or(0);
        Query::Phrase { field, text, slop }
    }

    /// `~2` here, after a phrase or a group; goes past it.
    pub(super) fn tilde_number(&mut self) -> Option<u32> {
        let (number, end) = self.tilde(self.at)?;
        let number = number?;
        self.at = end;
        Some(number)
    }

    /// The same behind a word; more than nine edits are no number of edits, but perhaps a
    /// range of years.
    fn edits(&self, at: usize) -> Option<(Option<u32>, usize)> {
        let (edits, end) = self.tilde(at)?;
        let is_boost = self.peek(end) != Some('^') || self.factor(end).is_some();
        (is_boost && edits.is_none_or(|edits| edits < 10)).then_some((edits, end))
    }

    /// `~` or `~2` at `at`, at the end of an operand: the number, and where it ends.
    fn tilde(&self, at: usize) -> Option<(Option<u32>, usize)> {
        let digits = self.text.get(at..)?.strip_prefix('~')?;
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let number = match &digits[..length] {
            "" => None,
            digits => Some(digits.parse().ok()?),
        };
        let end = at + 1 + length;
        self.ends_operand(end).then_some((number, end))
    }

    // Ranges

    /// `[1 TO 9]` at `at`, and where it ends.
    fn range(&mut self, at: usize, field: &str) -> Option<(Query, usize)> {
        let start = at;
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
        let range = Query::Range {
            field: field.to_owned(),
            lower: bound(lower, is_open),
            upper: bound(upper, is_open_above),
        };
        self.report_if_empty(start..end + 1, &range);
        Some((range, end + 1))
    }

    fn report_if_empty(&mut self, span: std::ops::Range<usize>, range: &Query) {
        if let Some((message, hint)) = self.emptiness(range) {
            self.report(span, message, hint);
        }
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

    /// `>=9` at `at`, and where it ends.
    fn comparison(&mut self, at: usize, field: &str) -> Option<(Query, usize)> {
        let rest = &self.text[at..];
        let (written, length) = match rest.as_bytes() {
            [b'>', b'=', ..] => (">=", 2),
            [b'<', b'=', ..] => ("<=", 2),
            [b'>', ..] => (">", 1),
            _ => ("<", 1),
        };
        let start = at;
        let at = at + length;
        let (value, end) = if self.peek(at) == Some('"') {
            let (text, end) = self.quoted(at)?;
            (text, end)
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
        let (lower, upper) = match written {
            ">=" => (Bound::Included(value), Bound::Unbounded),
            ">" => (Bound::Excluded(value), Bound::Unbounded),
            "<=" => (Bound::Unbounded, Bound::Included(value)),
            _ => (Bound::Unbounded, Bound::Excluded(value)),
        };
        let range = Query::Range {
            field: field.to_owned(),
            lower,
            upper,
        };
        self.report_if_empty(start..end, &range);
        Some((range, end))
    }

    // Factors

    /// `^2` or `^=2` at `at`, if it ends an operand.
    pub(super) fn factor(&self, at: usize) -> Option<Factor> {
        let rest = self.text.get(at..)?.strip_prefix('^')?;
        let (is_constant, digits) = match rest.strip_prefix('=') {
            Some(digits) => (true, digits),
            None => (false, rest),
        };
        let is_digit = |b: &u8| b.is_ascii_digit() || *b == b'.';
        let length = digits.bytes().take_while(is_digit).count();
        let value: f32 = digits[..length].parse().ok()?;
        let end = at + 1 + usize::from(is_constant) + length;
        (value.is_finite() && self.ends_operand(end)).then_some(Factor {
            value,
            is_constant,
            end,
        })
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

/// Whether a backslash before `c` makes it text. Before a letter or a digit, a
/// backslash is a character like others.
fn is_escapable(c: char) -> bool {
    c.is_ascii_punctuation() || c.is_whitespace()
}

/// The beginning of a word, for a hint.
fn shortly(word: &str) -> &str {
    let end = word.char_indices().nth(40);
    end.map_or(word, |(end, _)| &word[..end])
}
