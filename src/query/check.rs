//! # Limits: what a query may cost before it is even asked
//!
//! Idea        a tree is walked by recursion nearly everywhere (printing,
//!             comparing, planning, dropping), so its depth is bounded wherever
//!             one is made, by the parser and by the constructors; and before one
//!             is asked by [`Query::check`], which doesn't recurse
//! Example     `((((…` ten thousand times: refused at the 30th parenthesis.
//!             `query = !query` ten thousand times: 31 levels, which are refused
//! Invariants  the parser accepts no more than [`Query::check`] does
//! Elsewhere   the planner knows how many fields and terms a query comes to, and holds
//!             them to [`MAX_CLAUSES`] and [`MAX_NEAR`], too. How large a pattern may be
//!             stands in `pattern.rs`, and what a search may take in `search/limits.rs`
//! Left out    a bound on the length of a text: analysis is linear in it, and
//!             the search counts the terms that come out against
//!             [`MAX_CLAUSES`] too
//! Next        `automaton`

use super::Query;
use super::pattern::{Fault, Pattern, wildcard_parts};
use crate::document::extract::shortened;
use crate::error::{Error, Result};

/// How deep a query may nest; a single word has depth 1.
///
/// Thirty is what other engines allow, far above what people write, and low
/// enough for a query as JSON to stay under the 128 levels that readers of JSON
/// commonly accept (a level of [`Query::Boolean`] takes four of them).
pub const MAX_DEPTH: usize = 30;

/// How many clauses a query may have, those of nested queries included.
pub const MAX_CLAUSES: usize = 10_000;

/// How many edits a word of [`Query::Fuzzy`] may be away.
pub const MAX_EDITS: u32 = 2;

/// How many of the terms near a word match; see [`Query::Fuzzy`].
pub const MAX_NEAR: usize = 32;

/// How long the name of a field in a query may be. Names are copied to every
/// clause of `name:(…)`, which a hostile name would make expensive.
pub(super) const MAX_FIELD_BYTES: usize = 1_000;

pub(super) fn too_deep() -> String {
    format!("the query nests deeper than the {MAX_DEPTH} levels allowed")
}

pub(super) fn too_many() -> String {
    format!("the query has more than the {MAX_CLAUSES} clauses allowed")
}

/// What to do about a query that is over a limit.
pub(super) const REMEDY: &str = "ask for less, or in several queries";

impl Query {
    /// Whether this query can be asked: no deeper than [`MAX_DEPTH`], no more
    /// clauses than [`MAX_CLAUSES`], no field's name absurdly long, no fuzzy word with
    /// more than [`MAX_EDITS`], every pattern readable, and all boosts and constant scores finite and at
    /// least 0. Every search does this first.
    ///
    /// ```
    /// use wordhoard::{ErrorKind, query::Query};
    ///
    /// let many = Query::any_of((0..100_000).map(Query::term));
    /// let error = many.check().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Query);
    /// assert!(error.to_string().contains("more than the 10000 clauses"));
    /// ```
    ///
    /// # Errors
    /// [`Query`](crate::ErrorKind::Query), naming the limit, the factor, or what is wrong
    /// with a pattern.
    pub fn check(&self) -> Result<()> {
        let mut clause_count = 0;
        for (query, depth) in self.levels() {
            if depth > MAX_DEPTH {
                return refuse(format!("{}; {REMEDY}", too_deep()));
            }
            match query {
                Query::Boolean { clauses, .. } => {
                    clause_count += clauses.len();
                    if clause_count > MAX_CLAUSES {
                        return refuse(format!("{}; {REMEDY}", too_many()));
                    }
                }
                Query::Boost(_, factor) | Query::Constant(_, factor) => {
                    if !factor.is_finite() || *factor < 0.0 {
                        return refuse(format!(
                            "the query has a boost or constant score of {factor}; \
                             give a finite number that is at least 0"
                        ));
                    }
                }
                leaf => leaf.check_leaf()?,
            }
        }
        Ok(())
    }

    /// The same for one that has none within it.
    fn check_leaf(&self) -> Result<()> {
        match self {
            Self::Fuzzy {
                edits: Some(edits), ..
            } if *edits > MAX_EDITS => {
                return refuse(format!(
                    "a fuzzy word of the query allows {edits} edits; at most {MAX_EDITS} are looked for"
                ));
            }
            Self::Wildcard { text, .. } | Self::Regex { text, .. } => {
                if let Some(Err(fault)) = self.pattern() {
                    return refuse(format!(
                        "the pattern {} of the query can't be used: {fault}",
                        shortened(text)
                    ));
                }
            }
            _ => {}
        }
        match self {
            Self::Term { field, .. }
            | Self::Fuzzy { field, .. }
            | Self::Words { field, .. }
            | Self::Phrase { field, .. }
            | Self::Prefix { field, .. }
            | Self::Wildcard { field, .. }
            | Self::Regex { field, .. } => check_field(field.as_deref().unwrap_or_default()),
            Self::Range { field, .. } => check_field(field),
            _ => Ok(()),
        }
    }

    /// The automaton of a wildcard or a regular expression, of its text before analysis;
    /// `None` for other queries.
    pub(super) fn pattern(&self) -> Option<Result<Pattern, Fault>> {
        match self {
            Self::Wildcard { text, .. } => Some(Pattern::wildcard(&wildcard_parts(text))),
            Self::Regex { text, .. } => Some(Pattern::regex(text)),
            _ => None,
        }
    }

    /// Whether the tree has more than so many levels.
    pub(super) fn is_deeper_than(&self, levels: usize) -> bool {
        self.levels().any(|(_, depth)| depth > levels)
    }

    /// The query and all those within it, each with its level, from 1.
    fn levels(&self) -> impl Iterator<Item = (&Self, usize)> {
        // Most are one, for which no list is made.
        let (mut next, mut others) = (Some((self, 1)), Vec::new());
        std::iter::from_fn(move || {
            let (query, depth) = next?;
            match query {
                Self::Boolean { clauses, .. } => {
                    others.extend(clauses.iter().map(|clause| (&clause.query, depth + 1)));
                }
                Self::Boost(inner, _) | Self::Constant(inner, _) => others.push((inner, depth + 1)),
                _ => {}
            }
            next = others.pop();
            Some((query, depth))
        })
    }
}

fn check_field(name: &str) -> Result<()> {
    if name.len() > MAX_FIELD_BYTES {
        return refuse(format!(
            "the query names a field of {} bytes; no field's name has more than {MAX_FIELD_BYTES}",
            name.len()
        ));
    }
    Ok(())
}

fn refuse(what: String) -> Result<()> {
    Err(Error::query(what))
}
