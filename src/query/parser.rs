//! # The parser: from a line of text to a query, whatever the line
//!
//! Idea        one pass from left to right, no recursion: open groups are
//!             frames on a stack, and each operand that ends is put into the
//!             frame on top, with the sign and the operator that stood before
//!             it. When a group closes, its operands become clauses
//! Example     `a AND b c` → operands a, (AND) b, c → runs `[a b]` `[c]` → clauses
//!             should (+a +b), should c
//! Invariants  (1) each step consumes at least one byte, and what was looked at
//!             in vain is not looked at again more than a constant number of
//!             times: time is linear in the text
//!             (2) a tree handed out passes [`Query::check`]; over a limit the
//!             parser stops at once
//! Left out    `a&&b` without spaces: it is one word of text, as `AT&T` is
//! Next        `parser/operand.rs`, which knows what an operand looks like

mod operand;
mod ranges;
mod values;
mod wildcard;
mod word;

use std::mem;
use std::ops::Range;

pub(super) use wildcard::is_bare_wildcard;

use super::check::{REMEDY, too_deep, too_many};
use super::diagnostic::{Diagnostic, MAX_DIAGNOSTICS, Parsed};
use super::{Clause, MAX_CLAUSES, MAX_DEPTH, Nested, Occur, Query};
use crate::document::Schema;
use crate::error::{Error, Result};

impl Query {
    /// Reads a query as people write it; see the table in [`crate::query`].
    ///
    /// Every `name:` that looks like a field (a letter or `_`, then letters,
    /// digits, `_`, `.`, `-`) is one. Where the fields are known,
    /// [`Query::parse_with`] can tell a field from text.
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// let parsed = Query::parse("+fox -(lazy OR sleepy)");
    /// let lazy = Query::term("lazy") | Query::term("sleepy");
    /// assert_eq!(parsed.query, Query::term("fox") & !lazy);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Parsed {
        Parser::new(text, None).run()
    }

    /// Reads a query, where `is_field` knows the fields: `a:b` is text if there
    /// is no field `a`.
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// let parsed = Query::parse_with("title:fox a:b", |name| name == "title");
    /// assert_eq!(parsed.query, Query::term("fox").field("title") | Query::term("a:b"));
    /// assert_eq!(parsed.diagnostics[0].message, "there is no field a; this is taken as text");
    /// ```
    #[must_use]
    pub fn parse_with(text: &str, is_field: impl Fn(&str) -> bool) -> Parsed {
        Parser::new(text, Some(&is_field)).run()
    }

    /// Reads a query that is for an index with this schema: its fields are known,
    /// as in [`Query::parse_with`]; what a field of numbers can't have finds nothing,
    /// and that gets a [`Diagnostic`], as does a range that no value of its field's kind can
    /// be in. So every search reads its text.
    ///
    /// ```
    /// use wordhoard::{Query, Schema};
    ///
    /// let schema = Schema::builder().unsigned("year").keyword("page").build()?;
    /// let parsed = Query::parse_for("year:[10 TO 9]", &schema);
    /// assert_eq!(
    ///     parsed.diagnostics[0].to_string(),
    ///     "no year is from 10 to 9: the bounds are the wrong way round; write year:[9 TO 10]",
    /// );
    /// let parsed = Query::parse_for("year:{10 TO 11}", &schema);
    /// assert_eq!(
    ///     parsed.diagnostics[0].to_string(),
    ///     "no year is from 10 to 11 without 10 and 11; to have the bounds, too, write year:[10 TO 11]",
    /// );
    /// let parsed = Query::parse_for("whale year:[20", &schema);
    /// assert_eq!(
    ///     parsed.diagnostics[1].message,
    ///     "year takes an unsigned integer, found \"[20\"; this finds nothing",
    /// );
    /// // Keywords come in the order of their characters, as in a dictionary.
    /// assert!(Query::parse_for("page:[10 TO 9]", &schema).diagnostics.is_empty());
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    #[must_use]
    pub fn parse_for(text: &str, schema: &Schema) -> Parsed {
        parse_knowing(text, schema, true)
    }

    /// The same, but what a field can't have stays, to be refused when it is asked: a
    /// filter is seldom typed, and one that finds other documents does harm.
    pub(crate) fn parse_filter(text: &str, schema: &Schema) -> Parsed {
        parse_knowing(text, schema, false)
    }

    /// Reads a query, and refuses one with a [`Diagnostic`].
    ///
    /// # Errors
    /// As [`Parsed::strict`].
    pub fn parse_strict(text: &str) -> Result<Query> {
        Self::parse(text).strict()
    }
}

fn parse_knowing(text: &str, schema: &Schema, drops_misfits: bool) -> Parsed {
    let is_field = |name: &str| schema.field(name).is_some();
    let mut parser = Parser::new(text, Some(&is_field));
    parser.schema = Some(schema);
    parser.drops_misfits = drops_misfits;
    parser.run()
}

impl std::str::FromStr for Query {
    type Err = Error;

    /// As [`Query::parse_strict`].
    fn from_str(text: &str) -> Result<Self> {
        Self::parse_strict(text)
    }
}

/// A query and how deep it nests.
struct Node {
    query: Query,
    depth: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Join {
    /// Mere neighbourhood.
    None,
    And,
    Or,
}

#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Bare,
    Must,
    Not,
    Filter,
}

/// An operand and what stood before it.
struct Item {
    join: Join,
    sign: Sign,
    node: Node,
}

/// A group that is still open; the outermost is the whole text.
#[derive(Default)]
struct Frame {
    /// Where the group begins, its field included, and where its inside does.
    start: usize,
    inside: usize,
    /// The field of `field:(…)`, for what inside names none.
    field: Option<String>,
    items: Vec<Item>,
    /// The operator that waits for its right operand.
    join: Option<(Join, Range<usize>)>,
    /// The sign that waits for its operand.
    sign: Option<(Sign, Range<usize>)>,
}

/// A text that is over a limit; the diagnostic is already written.
struct OverLimit;

type Step<T = ()> = Result<T, OverLimit>;

struct Parser<'t> {
    text: &'t str,
    at: usize,
    is_field: Option<&'t dyn Fn(&str) -> bool>,
    /// What kinds the fields are of.
    schema: Option<&'t Schema>,
    /// Whether nothing stands for what a field can't have.
    drops_misfits: bool,
    /// The innermost group, and those around it.
    top: Frame,
    around: Vec<Frame>,
    /// The operands so far that are, or may become, clauses.
    clause_count: usize,
    diagnostics: Vec<Diagnostic>,
    /// Whether a closing quotation mark was once looked for in vain, so that
    /// there is none further on either.
    quotes_exhausted: bool,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, is_field: Option<&'t dyn Fn(&str) -> bool>) -> Self {
        Self {
            text,
            at: 0,
            is_field,
            schema: None,
            drops_misfits: false,
            top: Frame::default(),
            around: Vec::new(),
            clause_count: 0,
            diagnostics: Vec::new(),
            quotes_exhausted: false,
        }
    }

    fn run(mut self) -> Parsed {
        let outcome = self.everything();
        // Only a diagnostic points into the text.
        let shown = match self.diagnostics.is_empty() {
            true => "",
            false => self.text,
        };
        Parsed {
            over_limit: outcome.is_err(),
            query: outcome.map_or(Query::Nothing, |node| node.query),
            diagnostics: self.diagnostics,
            text: shown.to_owned(),
        }
    }

    fn everything(&mut self) -> Step<Node> {
        loop {
            self.skip_blanks();
            let Some(c) = self.peek(self.at) else { break };
            if c == ')' && self.depth() > 0 {
                self.at += 1;
                self.close_group()?;
            } else if !self.operator() && !self.sign() {
                self.operand()?;
            }
        }
        while self.depth() > 0 {
            self.close_by_force()?;
        }
        let frame = self.settle()?;
        let node = self.assemble(frame.items, None)?;
        self.check_clauses(MAX_CLAUSES)?;
        Ok(node)
    }

    // Operators and signs

    /// `AND`, `OR`, `NOT`, `&&`, `||` as words of their own.
    fn operator(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let written = ["AND", "OR", "NOT", "&&", "||"]
            .into_iter()
            .find(|operator| rest.starts_with(operator));
        let Some(written) = written else { return false };
        let end = self.at + written.len();
        if !self.is_boundary(end) && self.peek(end) != Some('(') {
            return false;
        }
        let span = self.at..end;
        let frame = &mut self.top;
        match written {
            _ if frame.sign.is_some() => return false,
            "NOT" => frame.sign = Some((Sign::Not, span)),
            _ if frame.join.is_some() || frame.items.is_empty() => return false,
            "AND" | "&&" => frame.join = Some((Join::And, span)),
            _ => frame.join = Some((Join::Or, span)),
        }
        self.at = end;
        true
    }

    /// `+`, `-`, `!` or `+#` right before an operand.
    fn sign(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let (sign, length) = match rest.as_bytes() {
            [b'+', b'#', ..] if self.is_operand(self.at + 2) => (Sign::Filter, 2),
            [b'+', ..] => (Sign::Must, 1),
            [b'-' | b'!', ..] => (Sign::Not, 1),
            _ => return false,
        };
        let span = self.at..self.at + length;
        if self.top.sign.is_some() || !self.is_operand(span.end) {
            return false;
        }
        self.at = span.end;
        self.top.sign = Some((sign, span));
        true
    }

    /// Whether something that a sign can stand before begins at `at`.
    fn is_operand(&self, at: usize) -> bool {
        !self.is_boundary(at) && !matches!(self.peek(at), Some('+' | '-' | '!'))
    }

    // Groups

    /// Opens the group whose parenthesis is at `at`; its field, if it names one, begins at
    /// `start`.
    fn open_group(&mut self, start: usize, at: usize, field: Option<String>) -> Step {
        self.at = at + 1;
        if self.depth() + 1 == MAX_DEPTH {
            return Err(self.over_limit(at..at + 1, too_deep()));
        }
        let group = Frame {
            start,
            inside: at + 1,
            field,
            ..Frame::default()
        };
        self.around.push(mem::replace(&mut self.top, group));
        Ok(())
    }

    /// The parenthesis that closes the group on top was just read.
    fn close_group(&mut self) -> Step {
        let frame = self.settle()?;
        let minimum = self.tilde_number();
        let node = self.assemble(frame.items, minimum)?;
        self.push(node)
    }

    /// The text ended inside the group on top.
    fn close_by_force(&mut self) -> Step {
        let frame = self.settle()?;
        let message = match frame.items.is_empty() {
            true => "this parenthesis is never closed; it is taken as text",
            false => "this parenthesis is never closed; it is taken to be at the end",
        };
        self.report(
            frame.inside - 1..frame.inside,
            message,
            r"close it, or write \(",
        );
        if frame.items.is_empty() {
            let text = self.text[frame.start..frame.inside].to_owned();
            let field = self.top.field.clone();
            return self.push_leaf(frame.start, Query::Term { field, text });
        }
        let node = self.assemble(frame.items, None)?;
        self.push(node)
    }

    /// Takes the innermost group, its waiting operators turned to text; on top is the one
    /// around it.
    fn settle(&mut self) -> Step<Frame> {
        let join = self.top.join.take();
        let sign = self.top.sign.take();
        for span in [join.map(|(_, span)| span), sign.map(|(_, span)| span)]
            .into_iter()
            .flatten()
        {
            let (start, text) = (span.start, self.text[span.clone()].to_owned());
            self.report(
                span,
                format!("nothing follows {text}; it is taken as text"),
                format!(r#"write an operand after it, or "{text}" for the word"#),
            );
            let field = self.top.field.clone();
            self.push_leaf(start, Query::Term { field, text })?;
        }
        let around = self.around.pop().unwrap_or_default();
        Ok(mem::replace(&mut self.top, around))
    }

    /// What operands, taken together, ask for. With a minimum they stay a
    /// Boolean even if there is but one.
    fn assemble(&mut self, items: Vec<Item>, minimum: Option<u32>) -> Step<Node> {
        let is_only_run = items.iter().skip(1).all(|item| item.join == Join::And);
        let mut parts: Vec<(Occur, Node)> = Vec::with_capacity(items.len());
        let mut items = items.into_iter().peekable();
        while let Some(first) = items.next() {
            if items.peek().is_some_and(|next| next.join == Join::And) {
                let rest = std::iter::from_fn(|| items.next_if(|next| next.join == Join::And));
                let all = std::iter::once(first).chain(rest);
                let all = all.map(|item| (item.sign.in_conjunction(), item.node));
                if is_only_run {
                    parts.extend(all);
                } else {
                    parts.push((Occur::Should, Node::boolean(all, 0)));
                    self.clause_count += 1;
                }
                continue;
            }
            let is_alternative =
                first.join == Join::Or || items.peek().is_some_and(|next| next.join == Join::Or);
            if first.sign == Sign::Not && is_alternative {
                // a OR NOT b: one of a, all but b
                let all_but = Node::boolean([(Occur::MustNot, first.node)], 0);
                parts.push((Occur::Should, all_but));
                self.clause_count += 1;
            } else {
                parts.push((first.sign.alone(), first.node));
            }
        }
        let is_one = parts.len() == 1 && parts[0].0 == Occur::Should;
        let node = match parts.pop() {
            None if minimum.is_none() => Node::leaf(Query::Nothing),
            Some((_, node)) if is_one && minimum.is_none() => {
                self.clause_count -= 1;
                node
            }
            last => {
                parts.extend(last);
                Node::boolean(parts, minimum.unwrap_or(0))
            }
        };
        self.check_depth(&node)?;
        Ok(node)
    }

    /// Puts an operand that ends here into the group on top, with the factors
    /// that follow it.
    fn push(&mut self, mut node: Node) -> Step {
        while let Some(factor) = self.factor(self.at) {
            self.at = factor.end;
            let inner = Nested(Box::new(node.query));
            node = Node {
                query: if factor.is_constant {
                    Query::Constant(inner, factor.value)
                } else {
                    Query::Boost(inner, factor.value)
                },
                depth: node.depth + 1,
            };
            self.check_depth(&node)?;
        }
        self.clause_count += 1;
        // Of each open group, the one operand may turn out not to be a clause.
        self.check_clauses(MAX_CLAUSES + self.depth() + 1)?;
        let frame = &mut self.top;
        let join = frame.join.take().map_or(Join::None, |(join, _)| join);
        let sign = frame.sign.take().map_or(Sign::Bare, |(sign, _)| sign);
        frame.items.push(Item { join, sign, node });
        Ok(())
    }

    fn check_clauses(&mut self, most: usize) -> Step {
        if self.clause_count > most {
            return Err(self.over_limit(self.at..self.at, too_many()));
        }
        Ok(())
    }

    fn check_depth(&mut self, node: &Node) -> Step {
        if node.depth > MAX_DEPTH {
            return Err(self.over_limit(self.at..self.at, too_deep()));
        }
        Ok(())
    }

    // Small things

    /// Whether an operand can end at `at`: the text ends, or a blank, a
    /// parenthesis that closes, or a factor follows.
    fn ends_operand(&self, at: usize) -> bool {
        self.is_boundary(at) || self.peek(at) == Some('^')
    }

    fn is_boundary(&self, at: usize) -> bool {
        match self.peek(at) {
            None => true,
            Some(')') => self.depth() > 0,
            Some(c) => c.is_whitespace(),
        }
    }

    fn peek(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    fn skip_blanks(&mut self) {
        self.at = self.after_blanks(self.at);
    }

    fn after_blanks(&self, at: usize) -> usize {
        self.text.len() - self.text[at..].trim_start().len()
    }

    /// How many groups are open.
    fn depth(&self) -> usize {
        self.around.len()
    }

    fn report(&mut self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(Diagnostic {
                span,
                message: message.into(),
                hint: hint.into(),
            });
        }
    }

    fn over_limit(&mut self, span: Range<usize>, message: String) -> OverLimit {
        self.diagnostics.truncate(MAX_DIAGNOSTICS - 1);
        self.report(span, message, REMEDY);
        OverLimit
    }
}

impl Node {
    fn leaf(query: Query) -> Self {
        Self { query, depth: 1 }
    }

    fn boolean(parts: impl IntoIterator<Item = (Occur, Node)>, minimum: u32) -> Self {
        let mut depth = 0;
        let mut clauses = Vec::new();
        for (occur, node) in parts {
            depth = depth.max(node.depth);
            let query = node.query;
            clauses.push(Clause { occur, query });
        }
        let query = Query::Boolean {
            clauses,
            minimum_should_match: minimum,
        };
        Self {
            query,
            depth: depth + 1,
        }
    }
}

impl Sign {
    /// As a clause among neighbours.
    fn alone(self) -> Occur {
        match self {
            Self::Bare => Occur::Should,
            _ => self.in_conjunction(),
        }
    }

    /// As a clause joined by `AND`.
    fn in_conjunction(self) -> Occur {
        match self {
            Self::Bare | Self::Must => Occur::Must,
            Self::Not => Occur::MustNot,
            Self::Filter => Occur::Filter,
        }
    }
}
