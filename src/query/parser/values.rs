//! # Values: whether a field can have what it is asked for
//!
//! Idea        a field of numbers is asked for numbers. While someone types
//!             `year:[2001 TO 2010]`, each beginning of it is asked for, too: what isn't a
//!             value yet finds nothing, and a diagnostic says why; as it does of a range
//!             that no value can be in. Only a parser that knows the schema can tell
//! Example     `day:{2001 TO 2001-07]`: without all of 2001 nothing is left
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

    /// Why no value of a field whose kind is known can be within the bounds of a range, and
    /// what to write; `None` if one can.
    pub(super) fn emptiness<'a>(&self, range: &'a Query) -> Option<(String, String)> {
        let Query::Range {
            field,
            lower,
            upper,
        } = range
        else {
            return None;
        };
        let kind = self.schema?.field(field)?.1.kind();
        let is_empty = |lower: &Bound<String>, upper: &Bound<String>| match kind.is_terms() {
            false => matches!(Value::codes_within(kind, lower, upper), Ok(None)),
            true => match (lower, upper) {
                (Bound::Included(low), Bound::Included(high)) => low > high,
                // Nothing is before the empty text.
                (_, Bound::Excluded(high)) if high.is_empty() => true,
                (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
                (low, high) => of_bound(low) >= of_bound(high),
            },
        };
        if !is_empty(lower, upper) {
            return None;
        }
        let write = |lower: Bound<&String>, upper: Bound<&String>| {
            let range = Query::Range {
                field: field.clone(),
                lower: lower.cloned(),
                upper: upper.cloned(),
            };
            format!("write {range}")
        };
        let (low, high) = (of_bound(lower), of_bound(upper));
        let whole = |text: Option<&'a String>| text.map_or(Bound::Unbounded, Bound::Included);
        let (from, to) = (whole(low), whole(high));
        if !is_empty(&from.cloned(), &to.cloned()) {
            let hint = format!("to have the bounds, too, {}", write(from, to));
            return Some((without_bounds(field, lower, upper)?, hint));
        }
        // The braces stay where they were, unless that left nothing.
        let (low, high) = (low?, high?);
        let as_in = |bound: &Bound<String>, text| match bound {
            Bound::Excluded(_) => Bound::Excluded(text),
            _ => Bound::Included(text),
        };
        let (mut least, mut most) = (as_in(lower, high), as_in(upper, low));
        if is_empty(&least.cloned(), &most.cloned()) {
            (least, most) = (to, from);
        }
        Some((
            format!("no {field} is from {low} to {high}: the bounds are the wrong way round"),
            write(least, most),
        ))
    }
}

/// What is to be said of a range that has nothing without its bounds.
fn without_bounds(field: &str, lower: &Bound<String>, upper: &Bound<String>) -> Option<String> {
    Some(match (of_bound(lower), of_bound(upper)) {
        (Some(low), Some(high)) => {
            let left_out = match (lower, upper) {
                (Bound::Excluded(_), Bound::Excluded(_)) if low != high => {
                    format!("{low} and {high}")
                }
                (Bound::Excluded(_), _) => low.clone(),
                _ => high.clone(),
            };
            format!("no {field} is from {low} to {high} without {left_out}")
        }
        (Some(low), None) => format!("no {field} is above {low}"),
        (None, high) => {
            let high = Some(high?.as_str()).filter(|high| !high.is_empty());
            format!("no {field} is below {}", high.unwrap_or("\"\""))
        }
    })
}

fn of_bound(bound: &Bound<String>) -> Option<&String> {
    match bound {
        Bound::Included(text) | Bound::Excluded(text) => Some(text),
        Bound::Unbounded => None,
    }
}
