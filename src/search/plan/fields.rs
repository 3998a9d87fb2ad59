//! # Fields: where a question looks, and what each place counts
//!
//! Idea        a word that names no field is asked of all the default ones, and is worth in
//!             each what the boosts make of it, multiplied on the way down
//! Example     `fox^2` under `title`^3 and `body`: any of `title`: fox, 6 times, and
//!             `body`: fox, twice
//! Invariants  (1) no product of boosts is more than `MAX_BOOST`, so that no score is
//!             infinite
//! Next        `values.rs`

use super::{Node, Planner, joined, nothing};
use crate::document::field::MAX_BOOST;
use crate::document::{Field, FieldKind, Schema};
use crate::error::{Error, ErrorKind, Result};
use crate::query::Occur;

impl<'a> Planner<'a> {
    /// The same in each of the default fields, or in the one named.
    pub(super) fn in_fields(
        &mut self,
        name: Option<&str>,
        boost: f32,
        mut make: impl FnMut(&mut Self, &'a Field, f32) -> Result<Option<Node>>,
    ) -> Result<Option<Node>> {
        if let Some(name) = name {
            let (field, own) = find(self.schema(), name)?;
            return make(self, field, times(boost, own)?);
        }
        let mut in_field = |planner: &mut Self, (field, own): (&'a Field, f32)| {
            in_default(field, make(planner, field, times(boost, own)?))
        };
        let mut fields = self.default_fields();
        match (fields.next(), fields.next()) {
            // As most have: no list is made.
            (Some(only), None) => Ok(match in_field(self, only)? {
                Had::This(node) => Some(node),
                Had::Dropped => None,
                Had::Never => Some(nothing()),
            }),
            (first, second) => {
                let all = first.into_iter().chain(second).chain(fields);
                in_any(all.map(|field| in_field(self, field)))
            }
        }
    }

    /// The fields of words that name none: those chosen, or the schema's texts,
    /// or, if it has none, its keywords.
    fn default_fields(&self) -> impl Iterator<Item = (&'a Field, f32)> + use<'a> {
        let (schema, chosen) = (self.schema(), &self.choices.fields);
        let is_text = |field: &Field| matches!(field.kind(), FieldKind::Text(_));
        let has_text = schema.fields().iter().any(is_text);
        let is_default = move |field: &&Field| match field.kind() {
            FieldKind::Text(_) => true,
            FieldKind::Keyword => !has_text,
            _ => false,
        };
        let all = match chosen.is_empty() {
            true => schema.fields(),
            false => &[],
        };
        let by_kind = all.iter().filter(is_default);
        let by_kind = by_kind.map(|field| (field, own_boost(field)));
        // The planner was made with those that there are.
        let chosen = chosen.iter().filter_map(move |(name, boost)| {
            let (field, own) = find(schema, name).ok()?;
            Some((field, own * boost))
        });
        chosen.chain(by_kind)
    }
}

/// What a default field has of something that names no field.
enum Had {
    This(Node),
    /// Analysis leaves nothing of it.
    Dropped,
    /// It can't be a value of the field's kind. That is no mistake, as another field may be
    /// meant.
    Never,
}

fn in_default(field: &Field, made: Result<Option<Node>>) -> Result<Had> {
    match made {
        Err(error) if error.kind() == ErrorKind::Query && !field.kind().is_terms() => {
            Ok(Had::Never)
        }
        made => Ok(made?.map_or(Had::Dropped, Had::This)),
    }
}

/// Any of what several fields have. If analysis drops it in one, and no other has it, it
/// is dropped: so `+the` under an English `title` and `year`, which is a stop word in the
/// one and no number in the other.
fn in_any(fields: impl Iterator<Item = Result<Had>>) -> Result<Option<Node>> {
    let (mut nodes, mut is_dropped, mut is_never) = (Vec::new(), false, false);
    for had in fields {
        match had? {
            Had::This(node) => nodes.push(node),
            Had::Dropped => is_dropped = true,
            Had::Never => is_never = true,
        }
    }
    Ok(match joined(nodes, Occur::Should) {
        None if is_never && !is_dropped => Some(nothing()),
        any => any,
    })
}

fn own_boost(field: &Field) -> f32 {
    match field.kind() {
        FieldKind::Text(text) => text.boost,
        _ => 1.0,
    }
}

/// A field of the schema and its boost.
pub(in crate::search) fn find<'s>(schema: &'s Schema, name: &str) -> Result<(&'s Field, f32)> {
    let Some((_, field)) = schema.field(name) else {
        return Err(Error::query(format!(
            "there is no field {name:?} to search; there are: {}",
            schema.searched()
        )));
    };
    Ok((field, own_boost(field)))
}

/// The product of two boosts, which are 0 at the least.
pub(super) fn times(boost: f32, factor: f32) -> Result<f32> {
    let product = boost * factor;
    if product <= MAX_BOOST {
        return Ok(product);
    }
    Err(Error::query(format!(
        "the boosts of the query multiply to {product:e}; the most allowed is {MAX_BOOST:e}"
    )))
}
