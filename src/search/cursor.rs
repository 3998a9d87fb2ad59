//! # Cursors: where a page ended, and how the next goes on there
//!
//! Idea        no two hits stand at the same place: they are in the order of their
//!             scores, or of a column's values, and equal ones in that of their
//!             documents. So a score or value and a document say which hits come
//!             after, whatever comes before. Those before need be neither kept nor
//!             put in order: whoever collects only such as come after has the
//!             next page
//! Example     hits 4.6 of document 3, 3.1 of 1 and of 8, 2.0 of 5, two on a page. The
//!             first page ends at (3.1, document 1). After that come 8, with as much
//!             but later, and 5. As text, the cursor is `40466666.1`
//! Text        parts with points between them, of characters that stand for themselves in a
//!             URL: letters, digits, `-`, `_` and `~`, which begins a byte of another
//!
//! ```text
//!   40466666.1                 a score's bits and a document
//!   -year.n80000000000007d1.1  the order, a number's code, and a document
//!   tags.kdark~20red.1         the same with a keyword
//!   tags..1                    with no value
//! ```
//!
//! Invariants  (1) the pages after one another's cursors, one behind the other, are the
//!             list that a single page would be: the same documents and scores
//!             (2) what raises a threshold comes after the cursor. What a list knows of
//!             its best documents, whichever these are, is not asked then
//!             (3) a cursor has one text, and no other is read as a cursor
//! Cost        that of the first page, and of scoring what scores more than the cursor:
//!             bounds say that a document isn't good enough, not that it is too good. Ten
//!             hits of three words in 400,000 documents: the first page 0.04 ms; after
//!             1000 hits 0.20, by an offset 0.83; after 10,000 hits 2.0 and 4.5. Of two
//!             words with a filter, after 1000: 0.35 and 3.8; sorted, in eight
//!             segments: 0.85 and 4.6; of a phrase, whose positions are to be compared
//!             in any case: 10.6 and 12.2
//! Left out    a signature: whoever changes a cursor gets other hits of the same
//!             question, which could be asked for anyway
//! Next        `page.rs`

use super::sort::{Sort, Standing};
use super::topk::Scored;
use crate::error::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt::{self, Write};
use std::str::FromStr;

/// The place of a hit, for the [page after it](super::Search::after).
///
/// It prints as a short text that can stand in a URL; serde writes the same. It holds for the
/// snapshot that it came from, under the same question in the same order.
///
/// ```
/// use wordhoard::search::{Cursor, Sort};
/// use wordhoard::{ErrorKind, Index, Schema, Text};
///
/// let schema = Schema::builder().text("body", Text::plain()).integer("year").build()?;
/// let index = Index::in_memory(schema)?;
/// let mut writer = index.writer()?;
/// for (body, year) in [("a fox", 2001), ("a fox and a fox", 2009), ("foxes or a fox", 1990)] {
///     writer.put(&serde_json::json!({ "body": body, "year": year }))?;
/// }
/// writer.commit()?;
/// let searcher = index.searcher()?;
/// let newest = || searcher.search("fox").sort_by(Sort::descending("year")).limit(2);
/// let first = newest().run()?;
/// // As a link to the next page would have it.
/// let text = first.cursor().unwrap().to_string();
/// let second = newest().after(text.parse::<Cursor>()?).run()?;
/// let numbers: Vec<u32> = first.hits().chain(&second).map(|hit| hit.number()).collect();
/// assert_eq!(numbers, [1, 0, 2]);
/// assert_eq!(second.total(), first.total());
///
/// // By score it would stand elsewhere.
/// let error = searcher.search("fox").after(text.parse::<Cursor>()?).run().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Query);
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    place: Place,
    document: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum Place {
    Score(f32),
    Value(Sort, Option<Standing>),
}

impl Cursor {
    /// Of a hit among those by score.
    pub(super) fn by_score(scored: Scored) -> Self {
        Self {
            place: Place::Score(scored.score),
            document: scored.document,
        }
    }

    /// Of a document among those in the order of a column.
    pub(super) fn by_value(sort: &Sort, value: Option<Standing>, document: u32) -> Self {
        Self {
            place: Place::Value(sort.clone(), value),
            document,
        }
    }

    /// The place among hits by score.
    pub(super) fn scored(&self) -> Result<Scored> {
        match &self.place {
            Place::Score(score) => Ok(Scored {
                score: *score,
                document: self.document,
            }),
            Place::Value(sort, _) => Err(self.other_order(&format!(
                "by score; sort by {:?} as before",
                sort.to_string()
            ))),
        }
    }

    /// The value, if there is one, and the document among hits in this order.
    pub(super) fn sorted(&self, wanted: &Sort) -> Result<(Option<&Standing>, u32)> {
        match &self.place {
            Place::Value(sort, value) if sort == wanted => Ok((value.as_ref(), self.document)),
            _ => Err(self.other_order(&format!("by {:?}; sort as before", wanted.to_string()))),
        }
    }

    fn other_order(&self, wanted: &str) -> Error {
        let order = match &self.place {
            Place::Score(_) => "by score".to_owned(),
            Place::Value(sort, _) => format!("by {:?}", sort.to_string()),
        };
        Error::query(format!(
            "the cursor is of hits in the order {order}, these come {wanted}, or ask for the \
             first page without a cursor"
        ))
    }

    fn read(text: &str) -> Option<Self> {
        let (place, document) = text.rsplit_once('.')?;
        let document = document.parse().ok()?;
        let place = match place.split_once('.') {
            None => {
                let score = f32::from_bits(u32::from_str_radix(place, 16).ok()?);
                // Others no hit has.
                Place::Score(Some(score).filter(|score| *score >= 0.0)?)
            }
            Some((sort, value)) => {
                let sort = String::from_utf8(unescaped(sort)?).ok()?;
                Place::Value(sort.parse().ok()?, read_value(value)?)
            }
        };
        let cursor = Self { place, document };
        // Not with a sign, zeros or capitals of another kind.
        (cursor.to_string() == text).then_some(cursor)
    }
}

#[allow(clippy::option_option)]
fn read_value(text: &str) -> Option<Option<Standing>> {
    if text.is_empty() {
        return Some(None);
    }
    Some(Some(if let Some(code) = text.strip_prefix('n') {
        Standing::Number(u64::from_str_radix(code, 16).ok()?)
    } else {
        Standing::Keyword(unescaped(text.strip_prefix('k')?)?)
    }))
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Score(score) => write!(f, "{:08x}", score.to_bits())?,
            Place::Value(sort, value) => {
                write_escaped(f, sort.to_string().as_bytes())?;
                f.write_char('.')?;
                match value {
                    None => {}
                    Some(Standing::Number(code)) => write!(f, "n{code:x}")?,
                    Some(Standing::Keyword(name)) => {
                        f.write_char('k')?;
                        write_escaped(f, name)?;
                    }
                }
            }
        }
        write!(f, ".{}", self.document)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            Error::query(format!(
                "{shown:?} is no cursor; take the whole text of one that a page gave, such as \
                 40466666.1, or ask for the first page without"
            ))
        })
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Whether a byte stands for itself.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn write_escaped(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    for &byte in bytes {
        match is_plain(byte) {
            true => f.write_char(char::from(byte))?,
            false => write!(f, "~{byte:02x}")?,
        }
    }
    Ok(())
}

fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'~' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            bytes.push((digit()? << 4 | digit()?) as u8);
        } else {
            bytes.push(Some(byte).filter(|byte| is_plain(*byte))?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use proptest::prelude::*;

    fn cursors() -> impl Strategy<Value = Cursor> {
        let value = prop_oneof![
            any::<u64>().prop_map(Standing::Number),
            any::<Vec<u8>>().prop_map(Standing::Keyword),
        ];
        let sort =
            ("[a-z .~é語_]{1,8}", any::<bool>()).prop_map(|(field, descending)| match descending {
                true => Sort::descending(field),
                false => Sort::ascending(field),
            });
        let place = prop_oneof![
            any::<f32>().prop_map(|score| Place::Score(score.abs())),
            (sort, prop::option::of(value)).prop_map(|(sort, value)| Place::Value(sort, value)),
        ];
        (place, any::<u32>()).prop_map(|(place, document)| Cursor { place, document })
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read(cursor in cursors()) {
            let text = cursor.to_string();
            let plain = |byte: u8| is_plain(byte) || byte == b'.' || byte == b'~';
            prop_assert!(text.bytes().all(plain), "{}", text);
            prop_assert_eq!(text.parse::<Cursor>().unwrap(), cursor.clone());
            let json = serde_json::to_string(&cursor).unwrap();
            prop_assert_eq!(&json, &format!("\"{text}\""));
            prop_assert_eq!(serde_json::from_str::<Cursor>(&json).unwrap(), cursor);
        }

        /// Nothing else is read, whatever it is; and what is read has but this text.
        #[test]
        fn other_texts_are_refused(text in prop_oneof![any::<String>(), "[-+0-9a-fkn.~]{0,16}"]) {
            if let Ok(cursor) = text.parse::<Cursor>() {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }

    #[test]
    fn texts_are_as_documented() {
        let keyword = Standing::Keyword(b"dark red".to_vec());
        let year = Some(Standing::Number(1 << 63 | 2001));
        let (tags, scored) = (
            Sort::ascending("tags"),
            Scored {
                score: 3.1,
                document: 1,
            },
        );
        for (cursor, text) in [
            (Cursor::by_score(scored), "40466666.1"),
            (
                Cursor::by_value(&Sort::descending("year"), year, 1),
                "-year.n80000000000007d1.1",
            ),
            (
                Cursor::by_value(&tags, Some(keyword), 1),
                "tags.kdark~20red.1",
            ),
            (Cursor::by_value(&tags, None, 1), "tags..1"),
        ] {
            assert_eq!(cursor.to_string(), text);
            assert_eq!(text.parse::<Cursor>().unwrap(), cursor);
        }
    }

    #[test]
    fn what_is_no_cursor_says_so() {
        let long = "9".repeat(1 << 20);
        for text in [
            "",
            ".",
            "..",
            "...",
            "1",
            "40466666.",
            ".1",
            "40466666.-1",
            "40466666.4294967296",
            "+0466666.1",
            "4046666A.1",
            "7fc00000.1",
            "bf800000.1",
            "year.n.1",
            "year.n1g.1",
            "year.x1.1",
            "year.n1ffffffffffffffff.1",
            "tags.k~.1",
            "tags.k~2.1",
            "tags.k~2A.1",
            "tags.k~é.1",
            "tags.k~61.1",
            "~ff..1",
            "a.b.c.d",
            &long,
        ] {
            let error = text.parse::<Cursor>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Query, "{text}");
            let said = error.to_string();
            assert!(said.contains("is no cursor") && said.len() < 300, "{said}");
        }
    }
}
