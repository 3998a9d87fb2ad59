//! # Regular expressions: how patterns are written
//!
//! Idea        an expression is one of several rows, a row is items one after another, an
//!             item a character, a class or a group, and how often: a function for each,
//!             which reads as far as it gets
//! Example     `gr[ae]y(hound)?` is a row of five items: g, r, one of a and e, y, and a group
//!             that comes once at most
//! Invariants  (1) what has no meaning here is refused, and where it stands is said
//!             (2) groups nest no deeper than queries do
//! Left out    `^` and `$`, since a term is compared as a whole; `\d` and its like, which
//!             mean as many things as there are languages; whatever doesn't describe a
//!             text, as groups that remember
//! Next        `wildcard.rs`
//!
//! ```text
//! either = row { '|' row }
//! row    = { item }
//! item   = ( character | '.' | '\' punctuation | '[' class ']' | '(' either ')' ) [ often ]
//! often  = '*' | '+' | '?' | '{' number [ ',' [ number ] ] '}'
//! class  = [ '^' ] ( character | character '-' character ) …
//! ```

use super::Fault;
use super::shape::{Range, Shape, all_but, merged};
use crate::query::MAX_DEPTH;

/// Reads an expression.
pub(super) fn read(text: &str) -> Result<Shape, Fault> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
    };
    let shape = reader.either()?;
    match reader.peek() {
        None => Ok(shape),
        // Only this ends a row before its time.
        Some(_) => Err(reader.fault(r"this parenthesis closes nothing; write \)")),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn either(&mut self) -> Result<Shape, Fault> {
        let first = self.row()?;
        if self.peek() != Some('|') {
            return Ok(first);
        }
        let mut ways = vec![first];
        while self.take('|') {
            ways.push(self.row()?);
        }
        Ok(Shape::Choice(ways))
    }

    fn row(&mut self) -> Result<Shape, Fault> {
        let mut items = Vec::new();
        while let Some(c) = self.peek().filter(|c| !matches!(c, '|' | ')')) {
            let item = self.item(c)?;
            items.push(match self.often()? {
                Some((least, most)) => Shape::Repeat(Box::new(item), least, most),
                None => item,
            });
        }
        Ok(Shape::Sequence(items))
    }

    fn item(&mut self, c: char) -> Result<Shape, Fault> {
        let start = self.at;
        match c {
            '(' => {
                self.at += 1;
                self.depth += 1;
                if self.depth >= MAX_DEPTH {
                    return Err(self.fault(format!(
                        "the expression nests deeper than the {MAX_DEPTH} levels allowed"
                    )));
                }
                let inner = self.either()?;
                if !self.take(')') {
                    self.at = start;
                    return Err(
                        self.fault(r"this parenthesis is never closed; close it, or write \(")
                    );
                }
                self.depth -= 1;
                Ok(inner)
            }
            '[' => self.class(),
            '.' => {
                self.at += 1;
                Ok(Shape::any_character())
            }
            '*' | '+' | '?' | '{' => {
                Err(self.fault(format!(r"{c} has nothing to repeat here; write \{c}")))
            }
            '^' | '$' => Err(self.fault(format!(
                r"terms are compared as a whole; leave {c} out, or write \{c}"
            ))),
            _ => Ok(Shape::character(self.character()?)),
        }
    }

    /// A character here, and goes past it.
    fn character(&mut self) -> Result<char, Fault> {
        let start = self.at;
        let Some(c) = self.next() else {
            return Err(self.fault("a character should follow"));
        };
        if c != '\\' {
            return Ok(c);
        }
        match self.next() {
            Some(escaped) if !escaped.is_alphanumeric() => Ok(escaped),
            _ => {
                self.at = start;
                Err(self.fault(
                    r"a backslash is for punctuation only; write [0-9] for digits, \\ for itself",
                ))
            }
        }
    }

    fn class(&mut self) -> Result<Shape, Fault> {
        let start = self.at;
        self.at += 1;
        let is_complement = self.take('^');
        let mut ranges = Vec::new();
        while self.peek() != Some(']') {
            if self.peek().is_none() {
                self.at = start;
                return Err(self.fault(r"this bracket is never closed; close it, or write \["));
            }
            let from = self.at;
            let first = self.character()?;
            let rest = &self.text[self.at..];
            let last = match rest.starts_with('-') && !rest.starts_with("-]") {
                true => {
                    self.at += 1;
                    self.character()?
                }
                false => first,
            };
            if last < first {
                self.at = from;
                return Err(self.fault(format!(
                    "nothing is from {first} to {last}; write {last}-{first}"
                )));
            }
            ranges.push(Range { first, last });
        }
        self.at += 1;
        let mut ranges = merged(ranges);
        if is_complement {
            ranges = all_but(&ranges);
        }
        if ranges.is_empty() {
            self.at = start;
            return Err(self.fault("no character is in these brackets; name one"));
        }
        Ok(Shape::Class(ranges))
    }

    /// How often what was just read may come, if it is said.
    fn often(&mut self) -> Result<Option<(u32, Option<u32>)>, Fault> {
        let often = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.counted().map(Some),
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(often))
    }

    /// `{2}`, `{2,}` or `{2,5}` here.
    fn counted(&mut self) -> Result<(u32, Option<u32>), Fault> {
        let start = self.at;
        self.at += 1;
        let least = self.number();
        let is_open = self.take(',');
        let most = if is_open { self.number() } else { least };
        let is_closed = self.take('}');
        match (least, most) {
            (Some(least), most) if is_closed && most.is_none_or(|most| most >= least) => {
                Ok((least, most))
            }
            _ => {
                self.at = start;
                Err(self.fault(r"this says no number of times; write {2}, {2,} or {2,5}, or \{"))
            }
        }
    }

    fn number(&mut self) -> Option<u32> {
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        self.at += length;
        // What is more than there may be will be refused.
        (length > 0).then(|| rest[..length].parse().unwrap_or(u32::MAX))
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn take(&mut self, c: char) -> bool {
        let is_here = self.peek() == Some(c);
        self.at += if is_here { c.len_utf8() } else { 0 };
        is_here
    }

    fn fault(&self, what: impl Into<String>) -> Fault {
        Fault {
            at: Some(self.at),
            what: what.into(),
        }
    }
}
