//! # Keys: what makes a document the same document
//!
//! Idea        a schema may name one field as the key. Each document has
//!             exactly one value there; putting the same key again replaces
//!             the document
//! Example     under an unsigned key, `42`, `"42"` and `"042"` all name the
//!             document whose key is written `42`; under a keyword key `"42"`
//!             and `"042"` are two
//! Invariants  (1) a key has one text: the keyword itself, or the number in
//!             decimal without leading zeros. It is a term of the key field's
//!             dictionary
//! Next        `json.rs`: how a document comes in

use super::{Schema, Value};
use crate::error::{Error, Result};

/// A document's key, as text or as a number.
///
/// ```
/// use wordhoard::document::{Key, Schema};
///
/// let by_number = Schema::builder().key("id").unsigned("id").build()?;
/// assert_eq!(by_number.key_text(&Key::from(42u64))?, "42");
/// assert_eq!(by_number.key_text(&Key::from("042"))?, "42");
/// assert!(by_number.key_text(&Key::from("forty-two")).is_err());
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Key(Value);

impl<T: Into<Value>> From<T> for Key {
    fn from(value: T) -> Self {
        Self(value.into())
    }
}

/// The text of a key value; `None` if a key can't be of this kind.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Unsigned(number) => Some(number.to_string()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(_) | Value::Boolean(_) | Value::Date(_) => None,
    }
}

impl Schema {
    /// The one text of `key` in this schema: invariant (1) of
    /// [`key`](crate::document::key).
    ///
    /// # Errors
    /// [`Document`](crate::ErrorKind::Document) if the schema has no key, or `key` is no value
    /// of its field.
    pub fn key_text(&self, key: &Key) -> Result<String> {
        let Some(id) = self.key() else {
            return Err(Error::document(
                "the schema has no key, so no document can be named by one; \
                 declare one with Schema::builder().key(\"id\"), or use a query",
            ));
        };
        let field = self.at(id);
        let text = text_of(&key.0);
        let text = text.and_then(|text| text_of(&Value::parse(field.kind(), &text)?));
        text.ok_or_else(|| {
            Error::document(format!(
                "the key field \"{}\" takes {}, found {} ({}); {}",
                field.name(),
                field.kind().takes(),
                super::extract::shortened(&key.0.to_string()),
                key.0.noun(),
                field.kind().remedy(),
            ))
        })
    }
}
