//! # Weights: what a term is worth, here and now
//!
//! Idea        a weight is made of what the whole collection knows: in how many of
//!             how many documents each term is, and how long these are. It is also
//!             where terms are looked up, in all segments, once for a question
//! Example     "whale" in 12 of 500 documents: idf 3.7, times the field's boost
//! Invariants  (1) deleted documents don't count: a merge changes no score
//!             (2) foreign statistics replace the collection's own, all of them
//! Next        `statistics.rs`, what the collection knows; `known.rs`, what is remembered;
//!             `bm25.rs`, what is made of a weight

use super::{Planner, Weight};
use crate::document::{Field, FieldKind};
use crate::error::{Error, Result};
use crate::index::Part;
use crate::search::bm25::{Bm25, Similarity, idf};
use crate::search::known::Scoring;
use crate::segment::inverted::lookup_in_all;
use crate::segment::{TermEntry, norms};
use std::sync::Arc;

impl<'a> Planner<'a> {
    /// What makes frequencies of these terms together a score.
    pub(super) fn weight<'t>(
        &mut self,
        field: &'a Field,
        terms: impl Iterator<Item = &'t str>,
        boost: f32,
    ) -> Result<Weight> {
        let Scoring {
            similarity,
            documents,
            average_length,
            bm25,
        } = self.scoring(field);
        let (count, _) = terms.size_hint();
        let parts = self.snapshot.parts();
        let mut frequencies = Vec::with_capacity(count);
        let mut entries = Vec::with_capacity(count * parts.len());
        let mut sum = 0.0f64;
        for term in terms {
            let fields = parts.iter();
            let fields = fields.map(|part| part.segment.inverted(field.name()));
            let before = entries.len();
            lookup_in_all(fields, term.as_bytes(), &mut entries)?;
            let frequency = self.document_frequency(field.name(), term, &entries[before..])?;
            sum += f64::from(idf(documents, frequency));
            frequencies.push(frequency);
        }
        let idf = sum as f32;
        Ok(Weight {
            value: idf * boost,
            idf,
            boost,
            documents,
            frequencies,
            entries,
            similarity,
            bm25,
            average_length,
        })
    }

    /// How the field scores; remembered, unless this search has its own ways.
    fn scoring(&mut self, field: &Field) -> Scoring {
        if let Some(used) = &mut self.used {
            used.set_field(field.name(), self.snapshot.statistics(field.name()));
        }
        let name = field.name();
        let foreign = self.choices.statistics.as_ref();
        let known = match foreign.is_none() && self.choices.bm25.is_none() {
            true => self.known,
            false => &self.own,
        };
        known.scoring(name, || {
            let (documents, total_length) = foreign.map_or_else(
                || {
                    let own = self.snapshot.statistics(name);
                    (u64::from(own.documents), own.total_length)
                },
                |foreign| foreign.field(name),
            );
            self.make_scoring(field, documents, total_length)
        })
    }

    fn make_scoring(&self, field: &Field, documents: u64, total_length: u64) -> Scoring {
        let of_field = match field.kind() {
            FieldKind::Text(text) => text.bm25.and_then(|(k1, b)| Bm25::new(k1, b).ok()),
            _ => None,
        };
        let bm25 = self.choices.bm25.or(of_field).unwrap_or_default();
        let (similarity, average_length) = match field.kind() {
            FieldKind::Text(_) => {
                let average = norms::average_length(documents, total_length);
                let yardstick =
                    |part: &Part| Some(part.segment.inverted(field.name())?.yardstick());
                let parts = self.snapshot.parts().iter().map(yardstick);
                (Similarity::text(bm25, average, parts), Some(average))
            }
            _ => (Similarity::keyword(bm25), None),
        };
        Scoring {
            similarity: Arc::new(similarity),
            documents,
            average_length,
            bm25,
        }
    }

    /// Live documents with a term, which the parts' dictionaries know so.
    fn document_frequency(
        &mut self,
        field: &str,
        term: &str,
        entries: &[Option<TermEntry>],
    ) -> Result<u64> {
        if let (Some(foreign), true) = (&self.choices.statistics, self.scores) {
            let known = foreign.document_frequency(field, term);
            return known.ok_or_else(|| unknown(&format!("{term:?}"), field));
        }
        let frequency = self.known.live_frequency(self.snapshot, field, entries)?;
        if let Some(used) = &mut self.used {
            used.set_term(field, term, frequency);
        }
        Ok(frequency)
    }
}

/// Foreign statistics lack what a search needs.
#[cold]
pub(super) fn unknown(what: &str, field: &str) -> Error {
    Error::query(format!(
        "the statistics handed in know nothing of {what} in field {field:?}; \
         collect them with the same query and fields"
    ))
}
