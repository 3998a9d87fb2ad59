//! # Documents: what a user puts in
//!
//! Idea        a document is a JSON object. Any type that serde can write
//!             becomes one; the schema says which of its members are
//!             searched, and as what. The JSON text itself is what is stored,
//!             and what comes back with a hit
//! Example     `{"id":"42","year":1851,"tags":["sea","whale"]}` under a schema
//!             with a key `id`, an integer `year` and a keyword `tags` gives
//!             the values `id` "42" · `year` 1851 · `tags` "sea" · `tags`
//!             "whale", and the key `42`
//! Rooms       [`schema`]: what an index holds. [`field`]: one member of it.
//!             [`value`] and [`date`]: what a field holds, and how a value
//!             becomes a number that sorts like it. [`key`]: what makes a
//!             document the same document. `json`: serde's types to JSON
//!             text. `extract`: the values out of that text, in one pass.
//!             `unstored`: that text without what isn't to be kept
//! Invariants  (1) a `Document` fits its schema: every value has its field's
//!             kind, and the key is there, once. What doesn't fit was refused
//!             with an error that names field, expected and found
//!             (2) values are ordered by field, and within a field as given
//!             (3) a number is the number that was given: `u64` and `i64`
//!             never pass through a float
//!             (4) the source is one JSON object, no name in it twice, nested
//!             at most 127 deep, so that reading it back can't fail for any
//!             of these
//! Cost        one serialisation and one pass; a copy of each text value
//! Left out    a tree of JSON values between the two: nobody needs it, and it
//!             would cost an allocation for every member. Nested objects as
//!             fields: flatten them, or keep them as stored members
//! Next        [`field`]; or on to [`crate::analysis`], from text to terms

pub mod date;
pub(crate) mod extract;
pub mod field;
mod json;
pub mod key;
pub mod schema;
mod unstored;
pub mod value;

#[cfg(test)]
mod tests;

pub use date::Date;
pub use field::{Field, FieldId, FieldKind, Text};
pub use key::Key;
pub use schema::{MAX_FIELDS, Schema, SchemaBuilder};
pub use value::Value;

use crate::error::{Error, Result};
use serde::Serialize;

/// The longest keyword, in bytes. What is longer is text, not a name.
pub const MAX_KEYWORD_BYTES: usize = 32_766;

/// The longest document, in bytes of JSON: 1 GiB.
pub const MAX_DOCUMENT_BYTES: usize = 1 << 30;

/// A document that fits a [`Schema`], ready to be indexed.
///
/// The index makes these itself; it is public for tools that want to check
/// documents without an index.
///
/// ```
/// use wordhoard::document::{Document, Schema, Value};
///
/// let schema = Schema::builder().key("id").integer("year").keyword("tags").build()?;
/// let document = Document::from_json(
///     &schema,
///     r#"{"id": "42", "year": 1851, "tags": ["sea", "whale"]}"#,
/// )?;
/// assert_eq!(document.key(), Some("42"));
/// let (tags, _) = schema.field("tags").unwrap();
/// let of_tags: Vec<&Value> = document.of(tags).collect();
/// assert_eq!(of_tags, [&Value::from("sea"), &Value::from("whale")]);
///
/// let refused = Document::from_json(&schema, r#"{"id": "42", "year": "next spring"}"#);
/// assert!(refused.unwrap_err().to_string().starts_with(
///     r#"the document "42" was refused: field "year" takes an integer, found "next spring" (a string)"#
/// ));
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Invariant (4).
    source: String,
    /// Invariants (1) and (2).
    values: Vec<(FieldId, Value)>,
    /// The key as text; there exactly if the schema has a key.
    key: Option<String>,
}

impl Document {
    /// The document that `value` serialises to.
    ///
    /// # Errors
    /// [`Document`](crate::ErrorKind::Document) if it isn't an
    /// object, has something JSON can't say (such as a float that is not
    /// finite), or doesn't fit the schema.
    pub fn new<T: Serialize + ?Sized>(schema: &Schema, value: &T) -> Result<Self> {
        Self::from_source(schema, json::write(value)?)
    }

    /// The document in a JSON text, which is kept as it is, less the white
    /// space around it.
    ///
    /// # Errors
    /// [`Document`](crate::ErrorKind::Document) if the text isn't
    /// one JSON object, names a member twice, is nested more than 127 deep, or
    /// doesn't fit the schema.
    pub fn from_json(schema: &Schema, text: &str) -> Result<Self> {
        Self::from_source(schema, text.trim_ascii().to_owned())
    }

    fn from_source(schema: &Schema, source: String) -> Result<Self> {
        if source.len() > MAX_DOCUMENT_BYTES {
            return Err(Error::limit(format!(
                "the document was refused: it has {} bytes, more than {MAX_DOCUMENT_BYTES} \
                 allowed; split it",
                source.len()
            )));
        }
        let mut values = extract::values(schema, &source)?;
        // Stable, so that values of one field stay in the order given.
        values.sort_by_key(|(field, _)| *field);
        let key = schema.key().and_then(|key| {
            let at = values.partition_point(|(field, _)| *field < key);
            key::text_of(&values.get(at)?.1)
        });
        let source = if schema.stores_all() {
            source
        } else {
            unstored::without(&source, |name| !schema.stores(name))
        };
        Ok(Self {
            source,
            values,
            key,
        })
    }

    /// Whether it was made under this schema, as far as that can be seen.
    pub(crate) fn check(&self, schema: &Schema) -> Result<()> {
        let fits = |(field, value): &(FieldId, Value)| {
            let field = schema.fields().get(field.index());
            field.is_some_and(|field| value.is_of(field.kind()))
        };
        if self.key.is_some() == schema.key().is_some() && self.values.iter().all(fits) {
            return Ok(());
        }
        let named = self
            .key
            .as_ref()
            .map_or(String::new(), |key| format!(" {key:?}"));
        Err(Error::document(format!(
            "the document{named} was refused: it was made under another schema than the \
             writer's; make it with writer.schema()"
        )))
    }

    /// The key as text, numbers in decimal; `None` if the schema has no key.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The JSON text, without the fields that are [unstored](Text::unstored).
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every value with its field, by field, then in the order given.
    #[must_use]
    pub fn values(&self) -> &[(FieldId, Value)] {
        &self.values
    }

    /// The values of one field in the order given.
    pub fn of(&self, field: FieldId) -> impl Iterator<Item = &Value> {
        let start = self.values.partition_point(|(id, _)| *id < field);
        self.values[start..]
            .iter()
            .take_while(move |(id, _)| *id == field)
            .map(|(_, value)| value)
    }

    /// Bytes of memory that this document takes, nearly; what batches are
    /// measured by.
    #[must_use]
    pub fn size(&self) -> usize {
        let texts: usize = self.values.iter().map(|(_, value)| value.heap_size()).sum();
        size_of::<Self>()
            + self.source.len()
            + self.values.len() * size_of::<(FieldId, Value)>()
            + texts
    }
}
