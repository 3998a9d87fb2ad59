//! Values in a query: where ranges begin and end, what a beginning of a word is a
//! beginning of, and what fields of numbers have of words that weren't meant for them.
//!
//! Next        `near.rs`

use super::{Node, any_of, nothing};
use crate::analysis::{Analyzer, FilterKind, TokenizerKind};
use crate::document::{Field, Value};
use crate::error::{Error, ErrorKind, Result};
use std::ops::{Bound, RangeInclusive};

/// The beginning of a term as analysis would leave it, as far as one can say of
/// a part: in lower case and so on, but not stemmed.
pub(super) fn beginning(analyzer: &Analyzer, text: &str) -> Result<String> {
    let mut builder = Analyzer::builder().tokenizer(TokenizerKind::Whole);
    for filter in &analyzer.definition().filters {
        let of_characters = matches!(
            filter,
            FilterKind::Normalize
                | FilterKind::Lowercase
                | FilterKind::TurkishLowercase
                | FilterKind::Fold
                | FilterKind::Spelling(_)
        );
        if of_characters {
            builder = builder.filter(filter.clone());
        }
    }
    let mut beginning = String::new();
    builder
        .build()?
        .terms(text, &mut |term| beginning.push_str(term));
    Ok(beginning)
}

/// What a default field has of something that names no field. What can't be a value of
/// its kind it hasn't; that is no mistake, as another field may be meant.
pub(super) fn in_default(field: &Field, made: Result<Option<Node>>) -> Result<Option<Node>> {
    match made {
        Err(error) if error.kind() == ErrorKind::Query && !field.kind().is_terms() => {
            Ok(Some(nothing()))
        }
        made => made,
    }
}

/// Any of what several fields have, without those that have nothing. If analysis drops it
/// in one, and no other has it, it is dropped: `+the` asks for no number.
pub(super) fn in_any(fields: impl Iterator<Item = Result<Option<Node>>>) -> Result<Option<Node>> {
    let (mut nodes, mut is_dropped, mut is_nowhere) = (Vec::new(), false, false);
    for node in fields {
        match node? {
            None => is_dropped = true,
            Some(Node::Boolean(boolean)) if boolean.clauses.is_empty() => is_nowhere = true,
            Some(node) => nodes.push(node),
        }
    }
    Ok(match any_of(nodes) {
        None if is_nowhere && !is_dropped => Some(nothing()),
        any => any,
    })
}

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
