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
//! Next        `word.rs`; [`crate::query`] has the language in a table

use super::{Node, Parser, Step};
use crate::query::Query;
use crate::query::check::MAX_FIELD_BYTES;
use crate::query::display::{is_field_character, is_plain_field};

/// `^2` or `^=2`.
pub(super) struct Factor {
    pub(super) value: f32,
    pub(super) is_constant: bool,
    pub(super) end: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn operand(&mut self) -> Step {
        let start = self.at;
        let field = self.top.field.clone();
        match self.peek(start) {
            Some('(') => return self.open_group(start, start, field),
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
                self.report_unclosed(start);
                return self.word(start, start, None);
            }
            Some('[' | '{' | '<' | '>') => match &field {
                Some(name) => {
                    if let Some((query, end)) = self.interval(start, name) {
                        self.at = end;
                        return self.push_leaf(start, query);
                    }
                }
                None => self.report_apart(start),
            },
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

    /// Reports a range or a comparison at `at`, if the word before it is a field: `year > 5`.
    fn report_apart(&mut self, at: usize) {
        let before = self.text[..at].trim_end();
        let name = before.trim_end_matches(is_field_character).len();
        let name = &before[name..];
        if self.is_field.is_some_and(|known| known(name)) {
            self.report(
                at..at + 1,
                format!("this is not asked of {name}, but taken as text"),
                format!("write {name}:>9, {name}:<=9 or {name}:[1 TO 9], without a blank"),
            );
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
            Some('(') => return self.open_group(start, at, Some(field)),
            Some('"') => {
                if let Some((text, end)) = self.quoted(at) {
                    self.at = end;
                    let query = self.quoted_suffix(start, text, Some(field));
                    return self.push_leaf(start, query);
                }
                self.report_unclosed(at);
                None
            }
            Some(c @ ('[' | '{' | '<' | '>')) => {
                let interval = self.interval(at, &field);
                if interval.is_none() {
                    let (message, hint) = match c {
                        '[' | '{' => (
                            "this is not a range; it is taken as text",
                            r"write [1 TO 9], {1 TO 9} or [1 TO *], or \[ for the character",
                        ),
                        _ => (
                            "no value follows the comparison; it is taken as text",
                            r"write >9 or >=9 without a blank, or \> for the character",
                        ),
                    };
                    self.report(at..at + 1, message, hint);
                }
                interval
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

    /// The text of the quotation that begins at `start`, and where it ends.
    pub(super) fn quoted(&mut self, start: usize) -> Option<(String, usize)> {
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

    fn report_unclosed(&mut self, quote: usize) {
        self.report(
            quote..quote + 1,
            "the quotation mark is never closed; it is taken as text",
            r#"close it, or write \""#,
        );
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

    /// `~` or `~2` at `at`, at the end of an operand: the number, and where it ends.
    pub(super) fn tilde(&self, at: usize) -> Option<(Option<u32>, usize)> {
        let digits = self.text.get(at..)?.strip_prefix('~')?;
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let number = match &digits[..length] {
            "" => None,
            digits => Some(digits.parse().ok()?),
        };
        let end = at + 1 + length;
        self.ends_operand(end).then_some((number, end))
    }

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
}

/// Whether a backslash before `c` makes it text. Before a letter or a digit, a
/// backslash is a character like others.
pub(super) fn is_escapable(c: char) -> bool {
    c.is_ascii_punctuation() || c.is_whitespace()
}
