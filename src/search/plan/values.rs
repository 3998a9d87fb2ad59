//! # Values: where ranges begin and end
//!
//! Idea        a bound is a text until the field's kind makes codes of it. A date names a
//!             period, with a first code and a last: it is within the range whole, or left
//!             out whole
//! Example     `day:{2001-06 TO 2001-07]` is July
//! Next        `patterns.rs`

use super::Node;
use crate::document::{Field, Value};
use crate::error::{Error, ErrorKind, Result};
use std::ops::{Bound, RangeInclusive};

/// A range of a field's values.
pub(super) fn range(
    field: &Field,
    lower: &Bound<String>,
    upper: &Bound<String>,
    score: f32,
) -> Result<Node> {
    let name = field.name().to_owned();
    if field.kind().is_terms() {
        return Ok(Node::Terms {
            field: name,
            lower: lower.clone(),
            upper: upper.clone(),
            score,
        });
    }
    // A bound is a period, perhaps; one that is excluded is left out whole.
    let codes = |text: &String| -> Result<RangeInclusive<u64>> {
        Value::codes(field.kind(), text).ok_or_else(|| {
            Error::new(
                ErrorKind::Query,
                format!(
                    "field {name:?} takes {}, found {text:?} in the query; {}",
                    field.kind().takes(),
                    field.kind().form()
                ),
            )
        })
    };
    let low = match lower {
        Bound::Unbounded => Some(0),
        Bound::Included(text) => Some(*codes(text)?.start()),
        Bound::Excluded(text) => codes(text)?.end().checked_add(1),
    };
    let high = match upper {
        Bound::Unbounded => Some(u64::MAX),
        Bound::Included(text) => Some(*codes(text)?.end()),
        Bound::Excluded(text) => codes(text)?.start().checked_sub(1),
    };
    // An empty range, where there is no number past the bound.
    #[allow(clippy::reversed_empty_ranges)]
    let range = low.zip(high).map_or(1..=0, |(low, high)| low..=high);
    Ok(Node::Codes {
        field: name,
        range,
        score,
    })
}
