//! # Values: whether a field can have what it is asked for
//!
//! Idea        a field of numbers is asked for numbers. While someone types
//!             `year:[2001 TO 2010]`, each beginning of it is asked for, too: what isn't a
//!             value yet finds nothing, and a diagnostic says why. Only a parser that
//!             knows the schema can tell
//! Next        `display`, in the folder above, which writes what is read here

use super::Parser;
use crate::document::Value;
use crate::query::Query;
use std::ops::Bound;

impl Parser<'_> {
    /// What is wrong with the values that a field is asked for, and what to write.
    pub(super) fn misfit(&self, query: &Query) -> Option<(String, String)> {
        if !self.drops_misfits {
            return None;
        }
        let (name, values) = match query {
            Query::Term { field, text }
            | Query::Words { field, text }
            | Query::Prefix { field, text }
            | Query::Wildcard { field, text }
            | Query::Regex { field, text }
            | Query::Fuzzy { field, text, .. }
            | Query::Phrase { field, text, .. } => (field.as_ref()?, [Some(text), None]),
            Query::Range {
                field,
                lower,
                upper,
            } => (field, [of_bound(lower), of_bound(upper)]),
            _ => return None,
        };
        let kind = self.schema?.field(name)?.1.kind();
        if kind.is_terms() {
            return None;
        }
        if let Query::Prefix { text, .. } = query {
            // Without a text it asks for any value.
            return (!text.is_empty()).then(|| {
                (
                    format!("the values of {name} have no beginnings; this finds nothing"),
                    format!("ask for {name}:{}, say", kind.example()),
                )
            });
        }
        if let Query::Wildcard { .. } | Query::Regex { .. } = query {
            return Some((
                format!(
                    "{name} takes {}, and no patterns; this finds nothing",
                    kind.takes()
                ),
                format!("ask for {name}:{}, say", kind.example()),
            ));
        }
        let is_wrong = |text: &&&String| Value::codes(kind, text).is_none();
        let wrong = values.iter().flatten().find(is_wrong)?;
        let takes = kind.takes();
        Some((
            format!("{name} takes {takes}, found {wrong:?}; this finds nothing"),
            kind.form().to_owned(),
        ))
    }

    /// Whether `low` is above `high` in a field whose kind is known: periods, if no
    /// moment is in both.
    pub(super) fn is_descending(&self, field: &str, low: &str, high: &str) -> bool {
        let Some((_, field)) = self.schema.and_then(|schema| schema.field(field)) else {
            return false;
        };
        if field.kind().is_terms() {
            return low > high;
        }
        let codes = |text: &str| Value::codes(field.kind(), text);
        matches!((codes(low), codes(high)), (Some(low), Some(high)) if low.start() > high.end())
    }
}

fn of_bound(bound: &Bound<String>) -> Option<&String> {
    match bound {
        Bound::Included(text) | Bound::Excluded(text) => Some(text),
        Bound::Unbounded => None,
    }
}
