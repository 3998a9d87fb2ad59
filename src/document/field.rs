//! # Fields: one member of a document, and how it is searched
//!
//! Idea        a field is a name and a kind. The kind decides what values it
//!             takes and what is built for it:
//!
//! | kind     | takes                      | answers                        |
//! |----------|----------------------------|--------------------------------|
//! | text     | strings                    | words, phrases, ranked         |
//! | keyword  | strings up to 32,766 bytes | exact match, prefix, facets    |
//! | unsigned | integers 0 to 2⁶⁴ − 1      | ranges, sorting                |
//! | integer  | integers −2⁶³ to 2⁶³ − 1   | ranges, sorting                |
//! | float    | finite numbers             | ranges, sorting                |
//! | boolean  | `true`, `false`            | filters                        |
//! | date     | RFC 3339, `YYYY-MM-DD`     | ranges, sorting                |
//!
//! Every kind takes an array of such values as well (several values), and
//! `null` or absence (none).
//!
//! Next        [`crate::document::schema`], which holds them

use serde::{Deserialize, Serialize};

/// A field's position in *its* schema. Segments keep the schema that they were
/// written with, so between schemas a field goes by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub(super) u16);

impl FieldId {
    /// The position in [`Schema::fields`](super::Schema::fields).
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A searchable member of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    name: String,
    #[serde(flatten)]
    kind: FieldKind,
}

impl Field {
    pub(super) fn new(name: String, kind: FieldKind) -> Self {
        Self { name, kind }
    }

    /// The name of the member.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it takes and how it is searched.
    #[must_use]
    pub fn kind(&self) -> &FieldKind {
        &self.kind
    }
}

/// What a field takes and how it is searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[non_exhaustive]
pub enum FieldKind {
    /// Text in a natural language: analysed into terms and ranked.
    Text(Text),
    /// A string that is matched whole: a tag, a name, an identifier.
    Keyword,
    /// A `u64`.
    Unsigned,
    /// An `i64`.
    Integer,
    /// A finite `f64`.
    Float,
    /// `true` or `false`.
    Boolean,
    /// A moment: see [`Date`](super::Date).
    Date,
}

impl FieldKind {
    /// One word, as in the schema's JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Keyword => "keyword",
            Self::Unsigned => "unsigned",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Date => "date",
        }
    }

    /// What a value of it is, for messages: "takes …".
    pub(crate) fn takes(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Keyword => "a keyword (a string)",
            Self::Unsigned => "an unsigned integer",
            Self::Integer => "an integer",
            Self::Float => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date",
        }
    }

    /// How to write a value in a query.
    pub(crate) fn form(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Keyword => "write it as a string",
            Self::Unsigned => "write a whole number from 0 to 18446744073709551615",
            Self::Integer => {
                "write a whole number from -9223372036854775808 to 9223372036854775807"
            }
            Self::Float => "write a finite number",
            Self::Boolean => "write true or false",
            Self::Date => {
                "write a year (2001), a month (2001-07), a day (2001-07-09) or, with Z or an \
                 offset, a time (2001-07-09T16:30Z, 2001-07-09T16:30:00Z)"
            }
        }
    }

    /// What to ask for, where someone asked for values by their beginnings or by a pattern.
    pub(crate) fn example(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Keyword => "word",
            Self::Unsigned | Self::Integer | Self::Float => "[1 TO 9]",
            Self::Boolean => "true",
            Self::Date => "2001-07",
        }
    }

    /// What to do about a document's value that isn't one.
    pub(super) fn remedy(&self) -> String {
        let other = match self {
            Self::Text(_) => "another kind of field",
            Self::Keyword => "the field as a number",
            Self::Unsigned => "the field as an integer, a float or a keyword",
            Self::Integer => "the field as unsigned, a float or a keyword",
            Self::Float => "the field as a keyword",
            Self::Boolean => return format!("{} without quotes", self.form()),
            Self::Date => {
                return "write it like \"2001-07-09\" or, with Z or an offset, \
                        \"2001-07-09T16:30:00Z\" (RFC 3339)"
                    .to_owned();
            }
        };
        format!("{}, or declare {other}", self.form())
    }

    /// Whether a dictionary and posting lists are built for it.
    pub(crate) fn is_terms(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Keyword)
    }
}

/// The largest boost, and the largest product of some: no sum of 10,000 scores is
/// infinite then, each of an idf below 100.
pub(crate) const MAX_BOOST: f32 = 1e30;

/// How a text field is analysed and ranked.
///
/// ```
/// use wordhoard::document::Text;
///
/// let title = Text::english().boost(2.0).bm25(0.9, 0.4);
/// assert_eq!(title.analyzer, "english");
/// assert_eq!(title.boost, 2.0);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Text {
    /// The analyzer's name.
    pub analyzer: String,
    /// Another analyzer for queries, where they are to be analysed
    /// differently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_analyzer: Option<String>,
    /// What scores in this field are multiplied with.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub boost: f32,
    /// BM25's k1 and b for this field, where they differ from the index's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bm25: Option<(f32, f32)>,
    /// Whether it is kept with the document; see [`unstored`](Self::unstored).
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub stored: bool,
}

fn yes() -> bool {
    true
}

fn one() -> f32 {
    1.0
}

// serde hands a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_one(boost: &f32) -> bool {
    *boost == 1.0
}

impl Text {
    /// Words folded to lower case and stemmed as English; no stop words are
    /// searched.
    #[must_use]
    pub fn english() -> Self {
        Self::analyzer("english")
    }

    /// Words in lower case, [normalized](crate::analysis::FilterKind::Normalize) and
    /// nothing else: for every language that puts spaces between words.
    #[must_use]
    pub fn plain() -> Self {
        Self::analyzer("plain")
    }

    /// Chinese, Japanese and Korean: pairs of characters.
    #[must_use]
    pub fn cjk() -> Self {
        Self::analyzer("cjk")
    }

    /// The analyzer of this name: built in, such as "german", or registered
    /// with the index.
    #[must_use]
    pub fn analyzer(name: impl Into<String>) -> Self {
        Self {
            analyzer: name.into(),
            query_analyzer: None,
            boost: 1.0,
            bm25: None,
            stored: true,
        }
    }

    /// Analyses queries with another analyzer than documents.
    #[must_use]
    pub fn query_analyzer(mut self, name: impl Into<String>) -> Self {
        self.query_analyzer = Some(name.into());
        self
    }

    /// Searched, but not kept: the field is left out of the document that comes
    /// back with a hit. For texts that the program has elsewhere, and brings where a
    /// [snippet](crate::search::Hit::snippet_from) is wanted; the index is about half
    /// as large then.
    ///
    /// May be changed when an index is opened, for documents put from then on.
    ///
    /// ```
    /// use wordhoard::{Document, Schema, Text};
    ///
    /// let schema = Schema::builder()
    ///     .key("id")
    ///     .text("title", Text::english())
    ///     .text("body", Text::english().unstored())
    ///     .build()?;
    /// let document = Document::from_json(
    ///     &schema,
    ///     r#"{"id": "a", "title": "Whales", "body": "They are large."}"#,
    /// )?;
    /// assert_eq!(document.source(), r#"{"id": "a","title": "Whales"}"#);
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    #[must_use]
    pub fn unstored(mut self) -> Self {
        self.stored = false;
        self
    }

    /// Multiplies scores in this field; 1 unless set.
    #[must_use]
    pub fn boost(mut self, boost: f32) -> Self {
        self.boost = boost;
        self
    }

    /// Sets BM25's two parameters for this field: `k1`, how soon repetition
    /// stops counting, and `b`, how much length counts against a document.
    #[must_use]
    pub fn bm25(mut self, k1: f32, b: f32) -> Self {
        self.bm25 = Some((k1, b));
        self
    }
}
