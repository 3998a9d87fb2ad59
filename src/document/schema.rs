//! # The schema: what an index holds
//!
//! Idea        a list of fields, one of which may be the key, and names of
//!             members that are kept but not searched. An index stores it as
//!             JSON, and so does every segment
//! Example     a key `id`, a text `title` and a number `year`:
//!
//! ```json
//! {"key":"id","fields":[{"name":"id","kind":"keyword"},
//!  {"name":"title","kind":"text","analyzer":"english","boost":2.0},
//!  {"name":"year","kind":"integer"}]}
//! ```
//!
//! Invariants  (1) names are unique, and each can be written in a query: not
//!             empty, at most 255 bytes, no white space and none of
//!             `` : " ' \ ( ) [ ] { } * ? ^ ~ , ! & | < > = ``, no sign in
//!             front
//!             (2) the key is a keyword, unsigned or integer field
//!             (3) boosts are positive and at most 10³⁰; `k1` is finite and at
//!             least 0, `b` lies in 0 to 1
//! Growing     an index's schema may gain fields, and change what only
//!             matters for answering (boost, BM25, the query analyzer). What
//!             documents were indexed by can't change under them:
//!             [`Schema::check_extension`]
//! Left out    required fields: a document without a value simply isn't
//!             found by it
//! Next        [`crate::document::value`]: what a field holds

use super::field::MAX_BOOST;
use super::{Field, FieldId, FieldKind, Text};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most fields of a schema.
pub const MAX_FIELDS: usize = 1_000;

const MAX_NAME_BYTES: usize = 255;

/// Signs that mean something in a query.
const RESERVED: &str = ":\"'\\()[]{}*?^~,!&|<>=";

/// What an index holds: its fields, its key.
///
/// ```
/// use wordhoard::document::{Schema, Text};
///
/// let schema = Schema::builder()
///     .key("id")
///     .text("title", Text::english().boost(2.0))
///     .text("body", Text::english())
///     .integer("year")
///     .keyword("tags")
///     .build()?;
/// assert_eq!(schema.fields().len(), 5);
///
/// let json = serde_json::to_string(&schema).unwrap();
/// assert_eq!(serde_json::from_str::<Schema>(&json).unwrap(), schema);
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Schema {
    fields: Vec<Field>,
    key: Option<FieldId>,
    stored: Vec<String>,
    ignore_unknown: bool,
    /// Every declared name: invariant (1).
    members: BTreeMap<String, Member>,
}

/// What a name in a document is to the schema.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Member {
    Field(FieldId),
    Stored,
}

/// A schema as JSON. New members need a default, so that schemas written
/// before still read.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    fields: Vec<Field>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    stored: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ignore_unknown: bool,
}

impl From<Schema> for Written {
    fn from(schema: Schema) -> Self {
        Self {
            key: schema.key.map(|key| schema.at(key).name().to_owned()),
            fields: schema.fields,
            stored: schema.stored,
            ignore_unknown: schema.ignore_unknown,
        }
    }
}

impl TryFrom<Written> for Schema {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self> {
        let key = written.key.map(|name| (name, written.fields.len()));
        SchemaBuilder {
            fields: written.fields,
            keys: key.into_iter().collect(),
            stored: written.stored,
            ignore_unknown: written.ignore_unknown,
        }
        .build()
    }
}

impl Schema {
    /// A schema without fields, to declare some.
    #[must_use]
    pub fn builder() -> SchemaBuilder {
        SchemaBuilder::default()
    }

    /// The fields in the order declared; a [`FieldId`] is an index into them.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The fields with their ids.
    pub fn entries(&self) -> impl Iterator<Item = (FieldId, &Field)> {
        (0u16..).map(FieldId).zip(&self.fields)
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<(FieldId, &Field)> {
        match self.members.get(name)? {
            Member::Field(id) => Some((*id, self.at(*id))),
            Member::Stored => None,
        }
    }

    /// The field of an id that this schema gave.
    ///
    /// # Panics
    /// As an index into [`fields`](Self::fields) does, if the id is another
    /// schema's and there is no such field here.
    #[must_use]
    pub fn at(&self, id: FieldId) -> &Field {
        &self.fields[id.index()]
    }

    /// The field whose value names a document.
    #[must_use]
    pub fn key(&self) -> Option<FieldId> {
        self.key
    }

    /// Whether every member of a document is kept with it.
    pub(super) fn stores_all(&self) -> bool {
        let mut fields = self.fields.iter();
        fields.all(|field| self.stores(field.name()))
    }

    /// Whether the member of this name is kept with a document.
    pub(super) fn stores(&self, name: &str) -> bool {
        let field = self.field(name).map(|(_, field)| field.kind());
        !matches!(field, Some(FieldKind::Text(text)) if !text.stored)
    }

    /// Members that are kept with the document and not searched.
    #[must_use]
    pub fn stored(&self) -> &[String] {
        &self.stored
    }

    /// Whether members that are not declared are kept rather than refused.
    #[must_use]
    pub fn ignores_unknown(&self) -> bool {
        self.ignore_unknown
    }

    /// Whether a dictionary and posting lists are built for the field: for
    /// text, keywords, and the key of whatever kind.
    pub(crate) fn is_inverted(&self, id: FieldId) -> bool {
        self.key == Some(id) || self.at(id).kind().is_terms()
    }

    pub(super) fn member(&self, name: &str) -> Option<Member> {
        self.members.get(name).copied()
    }

    /// The names of all that a document can have, for messages.
    pub(super) fn names(&self) -> String {
        let stored = self.stored.iter().map(String::as_str);
        list(self.fields.iter().map(Field::name).chain(stored))
    }

    /// The names of what can be searched.
    pub(crate) fn searched(&self) -> String {
        list(self.fields.iter().map(Field::name))
    }

    /// The names of what has values in an order: of all but the texts.
    pub(crate) fn ordered(&self) -> String {
        let ordered = self.fields.iter();
        let ordered = ordered.filter(|field| !matches!(field.kind(), FieldKind::Text(_)));
        list(ordered.map(Field::name))
    }

    /// Whether an index with this schema can go on with `newer`: every field
    /// is still there, indexed the same way; new ones may have come, and what
    /// matters only for answering (boost, BM25 parameters, the query
    /// analyzer) may differ.
    ///
    /// # Errors
    /// [`Schema`](crate::ErrorKind::Schema), naming the field that changed or is gone.
    ///
    /// ```
    /// use wordhoard::document::{Schema, Text};
    ///
    /// let old = Schema::builder().key("id").integer("year").build()?;
    /// let longer = Schema::builder().key("id").integer("year").keyword("tags").build()?;
    /// assert!(old.check_extension(&longer).is_ok());
    ///
    /// let other = Schema::builder().key("id").float("year").build()?;
    /// let error = old.check_extension(&other).unwrap_err();
    /// assert!(error.to_string().starts_with(r#"field "year" is an integer field in the index"#));
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    pub fn check_extension(&self, newer: &Self) -> Result<()> {
        for field in &self.fields {
            let name = field.name();
            let Some(newer) = newer.field(name).map(|(_, field)| field) else {
                return Err(Error::schema(format!(
                    "field \"{name}\" of the index is not in the schema given; \
                     open the index without a schema, or with one that has it"
                )));
            };
            let (was, becomes) = match (field.kind(), newer.kind()) {
                (FieldKind::Text(was), FieldKind::Text(becomes)) => {
                    if was.analyzer == becomes.analyzer {
                        continue;
                    }
                    (
                        format!("analysed as \"{}\"", was.analyzer),
                        format!("as \"{}\"", becomes.analyzer),
                    )
                }
                (was, becomes) if was == becomes => continue,
                (was, becomes) => (a_field(was), a_field(becomes)),
            };
            return Err(Error::schema(format!(
                "field \"{name}\" is {was} in the index and {becomes} in the new schema; \
                 keep it, give the new one another name, or make a new index"
            )));
        }
        for name in &self.stored {
            match newer.member(name) {
                Some(Member::Stored) => {}
                Some(Member::Field(_)) => {
                    return Err(Error::schema(format!(
                        "field \"{name}\" is only stored in the index and searched in the new \
                         schema, which would miss the documents there; make a new index"
                    )));
                }
                None => {
                    return Err(Error::schema(format!(
                        "stored field \"{name}\" of the index is not in the schema given; \
                         open the index without a schema, or with one that has it"
                    )));
                }
            }
        }
        let key = |schema: &Self| schema.key.map(|id| schema.at(id).name().to_owned());
        let (was, becomes) = (key(self), key(newer));
        if was != becomes {
            let say = |key: Option<String>| key.map_or("none".to_owned(), |k| format!("\"{k}\""));
            return Err(Error::schema(format!(
                "the key is {} in the index and {} in the new schema; a key can't change: \
                 keep it, or make a new index",
                say(was),
                say(becomes)
            )));
        }
        Ok(())
    }
}

fn a_field(kind: &FieldKind) -> String {
    let word = kind.word();
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {word} field")
}

/// Declares a [`Schema`], field by field.
#[derive(Clone, Debug, Default)]
pub struct SchemaBuilder {
    fields: Vec<Field>,
    /// The key's name, and where among the fields it was declared; of several none is right.
    keys: Vec<(String, usize)>,
    stored: Vec<String>,
    ignore_unknown: bool,
}

impl SchemaBuilder {
    fn declare(mut self, name: impl Into<String>, kind: FieldKind) -> Self {
        self.fields.push(Field::new(name.into(), kind));
        self
    }

    /// The field whose value names a document; putting the same key again
    /// replaces the document. A keyword, unless the same name is declared as
    /// [`unsigned`](Self::unsigned) or [`integer`](Self::integer).
    #[must_use]
    pub fn key(mut self, name: impl Into<String>) -> Self {
        self.keys.push((name.into(), self.fields.len()));
        self
    }

    /// Text, which is analysed and ranked.
    #[must_use]
    pub fn text(self, name: impl Into<String>, text: Text) -> Self {
        self.declare(name, FieldKind::Text(text))
    }

    /// Strings that are matched whole: tags, names, identifiers.
    #[must_use]
    pub fn keyword(self, name: impl Into<String>) -> Self {
        self.declare(name, FieldKind::Keyword)
    }

    /// Whole numbers from 0 to 2⁶⁴ − 1.
    #[must_use]
    pub fn unsigned(self, name: impl Into<String>) -> Self {
        self.declare(name, FieldKind::Unsigned)
    }

    /// Whole numbers from −2⁶³ to 2⁶³ − 1.
    #[must_use]
    pub fn integer(self, name: impl Into<String>) -> Self {
        self.declare(name, FieldKind::Integer)
    }

    /// Numbers with a fraction.
    #[must_use]
    pub fn float(self, name: impl Into<String>) -> Self {
        self.declare(name, FieldKind::Float)
    }

    /// `true` or `false`.
    #[must_use]
    pub fn boolean(self, name: impl Into<String>) -> Self {
        self.declare(name, FieldKind::Boolean)
    }

    /// Moments: RFC 3339 or `YYYY-MM-DD`.
    #[must_use]
    pub fn date(self, name: impl Into<String>) -> Self {
        self.declare(name, FieldKind::Date)
    }

    /// Any JSON, kept with the document and not searched.
    #[must_use]
    pub fn stored(mut self, name: impl Into<String>) -> Self {
        self.stored.push(name.into());
        self
    }

    /// Keeps members that are not declared, as if stored, where a document
    /// with such would be refused otherwise.
    #[must_use]
    pub fn ignore_unknown(mut self) -> Self {
        self.ignore_unknown = true;
        self
    }

    /// The schema.
    ///
    /// # Errors
    /// [`Schema`](crate::ErrorKind::Schema) if it breaks one of the invariants of
    /// [`schema`](crate::document::schema).
    pub fn build(self) -> Result<Schema> {
        let Self {
            mut fields,
            keys,
            stored,
            ignore_unknown,
        } = self;
        if let [(first, _), .., (second, _)] = &keys[..] {
            return Err(Error::schema(format!(
                "\"{first}\" and \"{second}\" are both declared as the key; choose one"
            )));
        }
        if let Some((name, position)) = keys.first()
            && fields.iter().all(|field| field.name() != name)
        {
            fields.insert(*position, Field::new(name.clone(), FieldKind::Keyword));
        }
        if fields.len() > MAX_FIELDS {
            return Err(Error::schema(format!(
                "{} fields are too many: at most {MAX_FIELDS}; \
                 keep some as stored, or join some into one",
                fields.len()
            )));
        }
        let mut members = BTreeMap::new();
        for (id, field) in (0u16..).map(FieldId).zip(&fields) {
            check_name(field.name())?;
            if let FieldKind::Text(text) = field.kind() {
                check_text(field.name(), text)?;
            }
            insert(&mut members, field.name(), Member::Field(id))?;
        }
        for name in &stored {
            insert(&mut members, name, Member::Stored)?;
        }
        let key = keys.first().and_then(|(name, _)| match members.get(name) {
            Some(Member::Field(id)) => Some(*id),
            // Not reached: it was inserted above, and a name is there once.
            Some(Member::Stored) | None => None,
        });
        if let Some(field) = key.map(|id| &fields[id.index()])
            && !matches!(
                field.kind(),
                FieldKind::Keyword | FieldKind::Unsigned | FieldKind::Integer
            )
        {
            return Err(Error::schema(format!(
                "the key \"{}\" is declared as {}; a key is a keyword, unsigned or integer field",
                field.name(),
                a_field(field.kind())
            )));
        }
        Ok(Schema {
            fields,
            key,
            stored,
            ignore_unknown,
            members,
        })
    }
}

fn insert(members: &mut BTreeMap<String, Member>, name: &str, member: Member) -> Result<()> {
    if members.insert(name.to_owned(), member).is_some() {
        return Err(Error::schema(format!(
            "field \"{name}\" is declared twice; give one of them another name"
        )));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<()> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || RESERVED.contains(c);
    let why = if name.is_empty() {
        "is empty".to_owned()
    } else if name.len() > MAX_NAME_BYTES {
        format!(
            "has {} bytes, more than {MAX_NAME_BYTES} allowed",
            name.len()
        )
    } else if let Some(sign) = name.chars().find(|c| odd(*c)) {
        format!("has the sign {sign:?}, which a query could not write")
    } else if name.starts_with(['+', '-']) {
        "starts with a sign that means \"must\" or \"must not\" in a query".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::schema(format!(
        "the field name {} {why}; rename it (serde(rename = \"…\") in the type)",
        super::extract::shortened(name)
    )))
}

fn check_text(name: &str, text: &Text) -> Result<()> {
    if !(text.boost > 0.0 && text.boost <= MAX_BOOST) {
        return Err(Error::schema(format!(
            "field \"{name}\" has the boost {}; a boost is over 0 and at most {MAX_BOOST:e}",
            text.boost
        )));
    }
    if let Some((k1, b)) = text.bm25
        && !(k1.is_finite() && k1 >= 0.0 && (0.0..=1.0).contains(&b))
    {
        return Err(Error::schema(format!(
            "field \"{name}\" has the BM25 parameters k1 = {k1} and b = {b}; \
             k1 is finite and at least 0, b is between 0 and 1"
        )));
    }
    if [Some(&text.analyzer), text.query_analyzer.as_ref()].contains(&Some(&String::new())) {
        return Err(Error::schema(format!(
            "field \"{name}\" names an analyzer \"\"; \
             name one, such as \"english\" or \"plain\""
        )));
    }
    Ok(())
}

/// Names for a message, not too many.
fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const SHOWN: usize = 12;
    let mut names: Vec<&str> = names.collect();
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    match (names.is_empty(), more) {
        (true, _) => "no fields".to_owned(),
        (_, 0) => names.join(", "),
        _ => format!("{} and {more} more", names.join(", ")),
    }
}
