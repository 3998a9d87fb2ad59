//! # Extraction: the schema's values out of a JSON text, in one pass
//!
//! Idea        a serde visitor walks the text as `serde_json` parses it. Each
//!             member's name is looked up in the schema; its value is read as
//!             that field's kind, or walked over if it is only stored
//! Invariants  (1) every byte of the text is parsed, also what is not a field,
//!             so that a text accepted here can be read back later
//!             (2) strings are borrowed from the text until they are known to
//!             be a value
//!             (3) nesting is limited by `serde_json` (127), so no text can
//!             overflow the stack
//! Cost        one pass without a tree; the passes that find a good error
//!             message run only for a document that is refused
//! Left out    the path inside a stored member: nothing is refused for what it
//!             holds, as long as it is JSON
//! Next        `unstored.rs`

use super::schema::Member;
use super::{Field, FieldId, FieldKind, MAX_KEYWORD_BYTES, Schema, Value};
use crate::error::{Error, Result};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// The values of the fields in `text`, in the order of the text.
pub(super) fn values(schema: &Schema, text: &str) -> Result<Vec<(FieldId, Value)>> {
    let mut state = State {
        schema,
        values: Vec::new(),
        seen: vec![false; schema.fields().len()],
        others: HashSet::new(),
        refusal: None,
    };
    let mut parser = serde_json::Deserializer::from_str(text);
    let parsed = parser
        .deserialize_map(Object(&mut state))
        .and_then(|()| parser.end());
    match parsed {
        Ok(()) => Ok(state.values),
        Err(error) => {
            let why = state.refusal.or_else(|| no_object(text));
            let why = why.unwrap_or_else(|| not_json(&error));
            Err(refused(key_in(schema, text).as_deref(), &why))
        }
    }
}

fn refused(key: Option<&str>, why: &str) -> Error {
    let message = match key {
        Some(key) => format!("the document {} was refused: {why}", shortened(key)),
        None => format!("the document was refused: {why}"),
    };
    Error::document(message)
}

/// What is said of a text that is JSON, but no object.
fn no_object(text: &str) -> Option<String> {
    let found = match text.trim_start().as_bytes().first()? {
        b'{' => return None,
        // Which may be large.
        b'[' => "an array".to_owned(),
        _ => {
            let mut parser = serde_json::Deserializer::from_str(text);
            match serde_json::Value::deserialize(&mut parser).ok()? {
                serde_json::Value::String(text) => format!("{} (a string)", shortened(&text)),
                other => other.to_string(),
            }
        }
    };
    Some(format!(
        "a document is an object, found {found}; \
         write it as {{\"field\": value, …}}, and JSON text with put_json"
    ))
}

fn not_json(error: &serde_json::Error) -> String {
    // The only way that serde_json tells about its limit is the text.
    if error.to_string().starts_with("recursion limit") {
        return format!(
            "it is nested deeper than 127 levels (line {} column {}); flatten it",
            error.line(),
            error.column()
        );
    }
    format!("it is not JSON: {error}; check how it was written")
}

/// `text` in quotes, cut to a length that fits a message.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}… ({} bytes)", &text[..end], text.len()),
    }
}

struct State<'s> {
    schema: &'s Schema,
    values: Vec<(FieldId, Value)>,
    /// By field: whether its name was in the text already.
    seen: Vec<bool>,
    /// The names in the text that are no fields.
    others: HashSet<String>,
    /// Why the document is refused, where it isn't the JSON's fault. Carried
    /// beside serde's error, which would add a line and column to it.
    refusal: Option<String>,
}

impl State<'_> {
    fn refuse<E: de::Error>(&mut self, why: String) -> E {
        self.refusal = Some(why);
        E::custom("refused")
    }
}

/// The whole text: an object.
struct Object<'a, 's>(&'a mut State<'s>);

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let state = self.0;
        while let Some(member) = map.next_key_seed(Name(state))? {
            match member {
                Member::Field(id) => {
                    let field = state.schema.at(id);
                    let array = false;
                    map.next_value_seed(Values {
                        state,
                        field,
                        id,
                        array,
                    })?;
                }
                Member::Stored => map.next_value::<Checked>().map(|_| ())?,
            }
        }
        if let Some(id) = state.schema.key() {
            // A key that is there was checked to be one value, or null.
            if !state.values.iter().any(|(field, _)| *field == id) {
                let name = state.schema.at(id).name();
                return Err(state.refuse(format!(
                    "its key field \"{name}\" is missing; every document needs its own key"
                )));
            }
        }
        Ok(())
    }
}

/// A member's name; refuses it if it is unknown or here twice.
struct Name<'a, 's>(&'a mut State<'s>);

impl<'de> DeserializeSeed<'de> for Name<'_, '_> {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_, '_> {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Member, E> {
        let state = self.0;
        let (member, first) = match state.schema.member(name) {
            Some(Member::Field(id)) => {
                let seen = &mut state.seen[id.index()];
                (Member::Field(id), !std::mem::replace(seen, true))
            }
            Some(Member::Stored) => (Member::Stored, state.others.insert(name.to_owned())),
            None if state.schema.ignores_unknown() => {
                (Member::Stored, state.others.insert(name.to_owned()))
            }
            None => {
                let known = state.schema.names();
                let name = shortened(name);
                return Err(state.refuse(format!(
                    "field {name} is not in the schema, which has {known}; declare it \
                     (as stored, to keep it unsearched), or let the schema ignore unknown fields"
                )));
            }
        };
        if first {
            Ok(member)
        } else {
            Err(state.refuse(format!(
                "field {} is there twice; give several values as an array",
                shortened(name)
            )))
        }
    }
}

/// A field's value: one, an array of them, or null.
struct Values<'a, 's, 'f> {
    state: &'a mut State<'s>,
    field: &'f Field,
    id: FieldId,
    /// Inside an array already.
    array: bool,
}

impl Values<'_, '_, '_> {
    fn is_key(&self) -> bool {
        self.state.schema.key() == Some(self.id)
    }

    fn push(self, value: Value) {
        self.state.values.push((self.id, value));
    }

    fn wrong<E: de::Error>(self, found: &str) -> E {
        let remedy = self.field.kind().remedy();
        self.refuse(found, &remedy)
    }

    /// What holds values of its own is none of any kind; nor can a key be merely stored.
    fn nested<E: de::Error>(self, found: &str) -> E {
        if self.is_key() {
            return self.wrong(found);
        }
        self.refuse(
            found,
            "make fields of what is in it, or declare the field as stored",
        )
    }

    fn refuse<E: de::Error>(self, found: &str, remedy: &str) -> E {
        let (name, takes) = (self.field.name(), self.field.kind().takes());
        let which = if self.is_key() { "key field" } else { "field" };
        self.state.refuse(format!(
            "{which} \"{name}\" takes {takes}, found {found}; {remedy}"
        ))
    }
}

impl<'de> DeserializeSeed<'de> for Values<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Values<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field.kind().takes())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        let value = match self.field.kind() {
            FieldKind::Text(_) => Value::Text(text.to_owned()),
            FieldKind::Keyword if text.len() > MAX_KEYWORD_BYTES => {
                let name = self.field.name();
                return Err(self.state.refuse(format!(
                    "field \"{name}\" takes a keyword of at most {MAX_KEYWORD_BYTES} bytes, \
                     found {}; declare it as text, or shorten it",
                    shortened(text)
                )));
            }
            FieldKind::Keyword if text.is_empty() && self.is_key() => {
                let name = self.field.name();
                return Err(self.state.refuse(format!(
                    "its key field \"{name}\" is an empty string, which names nothing; \
                     every document needs its own key"
                )));
            }
            FieldKind::Keyword => Value::Text(text.to_owned()),
            FieldKind::Date => match text.parse() {
                Ok(date) => Value::Date(date),
                Err(_) => return Err(self.wrong(&shortened(text))),
            },
            _ => return Err(self.wrong(&format!("{} (a string)", shortened(text)))),
        };
        self.push(value);
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<(), E> {
        let value = match self.field.kind() {
            FieldKind::Unsigned => Value::Unsigned(number),
            FieldKind::Integer => match i64::try_from(number) {
                Ok(number) => Value::Integer(number),
                Err(_) => return Err(self.wrong(&format!("{number} (out of range)"))),
            },
            // The nearest float, as for any decimal.
            FieldKind::Float => Value::Float(number as f64),
            _ => return Err(self.wrong(&format!("{number} (a number)"))),
        };
        self.push(value);
        Ok(())
    }

    /// `serde_json` gives only negative numbers here.
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<(), E> {
        let value = match self.field.kind() {
            FieldKind::Integer => Value::Integer(number),
            FieldKind::Float => Value::Float(number as f64),
            FieldKind::Unsigned => return Err(self.wrong(&format!("{number} (negative)"))),
            _ => return Err(self.wrong(&format!("{number} (a number)"))),
        };
        self.push(value);
        Ok(())
    }

    /// Numbers with a fraction or an exponent, and integers of over 64 bits.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<(), E> {
        match self.field.kind() {
            FieldKind::Float if number.is_finite() => {
                self.push(Value::Float(number));
                Ok(())
            }
            FieldKind::Unsigned | FieldKind::Integer if number.abs() >= 2f64.powi(63) => {
                Err(self.wrong(&format!("{number:e} (out of range)")))
            }
            FieldKind::Unsigned | FieldKind::Integer => {
                Err(self.wrong(&format!("{number:?} (a float)")))
            }
            _ => Err(self.wrong(&format!("{number:?} (a number)"))),
        }
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        match self.field.kind() {
            FieldKind::Boolean => {
                self.push(Value::Boolean(value));
                Ok(())
            }
            _ => Err(self.wrong(&format!("{value} (a boolean)"))),
        }
    }

    /// `null`: no value.
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        if self.is_key() {
            return Err(self.wrong("null"));
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        if self.array {
            return Err(self.nested("an array inside an array"));
        }
        if self.is_key() {
            return Err(self.wrong("an array"));
        }
        let Self {
            state, field, id, ..
        } = self;
        while array
            .next_element_seed(Values {
                state,
                field,
                id,
                array: true,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.nested("an object"))
    }
}

/// Any JSON, parsed and dropped. serde's `IgnoredAny` would let pass what can't
/// be read back: numbers out of range, half surrogates, any depth.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self, A::Error> {
        while array.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

/// The key of a document that was refused, if one can be made out, so that the
/// message can say which document it was.
fn key_in(schema: &Schema, text: &str) -> Option<String> {
    let mut found = Search {
        name: schema.at(schema.key()?).name(),
        key: None,
    };
    // Fails where the text stops being JSON; what was found before counts.
    let _ = serde_json::Deserializer::from_str(text).deserialize_map(&mut found);
    found.key
}

struct Search<'s> {
    name: &'s str,
    key: Option<String>,
}

impl<'de> Visitor<'de> for &mut Search<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == self.name {
                self.key = Some(match map.next_value::<Scalar>()? {
                    Scalar::Text(text) => text,
                    Scalar::Unsigned(number) => number.to_string(),
                    Scalar::Integer(number) => number.to_string(),
                });
                break;
            }
            map.next_value::<de::IgnoredAny>()?;
        }
        Ok(())
    }
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Unsigned(u64),
    Integer(i64),
}
