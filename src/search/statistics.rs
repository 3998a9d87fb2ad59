//! # Statistics: what a score needs to know of the whole collection
//!
//! Idea        three numbers: how many documents have a field, how long these
//!             are together, and how many of them contain a term. They are
//!             integers and add up, so several indexes can search as one: each
//!             gives its [`Statistics`] of a query, the sum is handed to all,
//!             and every score comes out as if all documents were in one index
//! Invariants  (1) they are those of live documents, so deleting and merging
//!             come to the same
//! Next        `bm25.rs`

use crate::segment::FieldStatistics;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Add;

/// What scoring one query needs to know of a collection.
///
/// ```
/// use wordhoard::search::Statistics;
/// use wordhoard::{Index, Query, Schema, Text};
///
/// let mut indexes = Vec::new();
/// for body in ["a hoard of words", "words, words, words"] {
///     let index = Index::in_memory(Schema::builder().text("body", Text::plain()).build()?)?;
///     let mut writer = index.writer()?;
///     writer.put(&serde_json::json!({ "body": body }))?;
///     writer.commit()?;
///     indexes.push(index.searcher()?);
/// }
/// let query = Query::term("words");
/// let sum = indexes[0].statistics(&query)? + indexes[1].statistics(&query)?;
/// assert_eq!(sum.document_frequency("body", "words"), Some(2));
/// let page = indexes[0].search(query).statistics(sum).run()?;
/// assert_eq!(page.len(), 1);
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    fields: BTreeMap<String, Field>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Field {
    documents: u64,
    total_length: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    terms: BTreeMap<String, u64>,
    /// Of these words all terms that are at most so many edits away are known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    near: BTreeMap<String, u32>,
}

impl Statistics {
    /// Documents that contain a term; `None` if the query didn't ask.
    #[must_use]
    pub fn document_frequency(&self, field: &str, term: &str) -> Option<u64> {
        self.fields.get(field)?.terms.get(term).copied()
    }

    /// The terms of a field that the query asked about, and the documents of each.
    pub(super) fn terms(&self, field: &str) -> impl Iterator<Item = (&str, u64)> {
        let terms = self.fields.get(field).map(|field| field.terms.iter());
        let terms = terms.into_iter().flatten();
        terms.map(|(term, frequency)| (term.as_str(), *frequency))
    }

    /// Whether all terms are known that are so many edits from a word.
    pub(super) fn knows_near(&self, field: &str, word: &str, edits: u32) -> bool {
        let near = self
            .fields
            .get(field)
            .and_then(|field| field.near.get(word));
        near.is_some_and(|known| *known >= edits)
    }

    pub(super) fn set_near(&mut self, field: &str, word: &str, edits: u32) {
        let field = self.fields.entry(field.to_owned()).or_default();
        let known = field.near.entry(word.to_owned()).or_default();
        *known = edits.max(*known);
    }

    /// Documents that have a field, and how long it is in all of them.
    pub(super) fn field(&self, name: &str) -> (u64, u64) {
        let field = self.fields.get(name);
        field.map_or((0, 0), |field| (field.documents, field.total_length))
    }

    pub(super) fn set_field(&mut self, name: &str, statistics: FieldStatistics) {
        let field = self.fields.entry(name.to_owned()).or_default();
        field.documents = u64::from(statistics.documents);
        field.total_length = statistics.total_length;
    }

    pub(super) fn set_term(&mut self, field: &str, term: &str, document_frequency: u64) {
        let field = self.fields.entry(field.to_owned()).or_default();
        field.terms.insert(term.to_owned(), document_frequency);
    }
}

impl Add for Statistics {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        for (name, from) in other.fields {
            let into = self.fields.entry(name).or_default();
            into.documents = into.documents.saturating_add(from.documents);
            into.total_length = into.total_length.saturating_add(from.total_length);
            for (term, frequency) in from.terms {
                let sum = into.terms.entry(term).or_default();
                *sum = sum.saturating_add(frequency);
            }
            for (word, edits) in from.near {
                let known = into.near.entry(word).or_insert(edits);
                *known = edits.min(*known);
            }
        }
        self
    }
}
