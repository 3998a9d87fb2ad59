//! # Values: where ranges begin and end
//!
//! Idea        a bound is a text until the field's kind makes codes of it. A date names a
//!             period, with a first code and a last: it is within the range whole, or left
//!             out whole
//! Example     `day:{2001-06 TO 2001-07]` is July
//! Next        `patterns.rs`

use super::Node;
use crate::document::{Field, Value};
use crate::error::{Error, Result};
use std::ops::Bound;

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
    let codes = Value::codes_within(field.kind(), lower, upper).map_err(|wrong| {
        Error::query(format!(
            "field {name:?} takes {}, found {wrong:?} in the query; {}",
            field.kind().takes(),
            field.kind().form()
        ))
    })?;
    #[allow(clippy::reversed_empty_ranges)]
    let range = codes.unwrap_or(1..=0);
    Ok(Node::Codes {
        field: name,
        range,
        score,
    })
}
