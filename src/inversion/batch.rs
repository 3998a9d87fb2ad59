//! Inverting a batch: documents to a run.

use super::POSITION_GAP;
use super::run::{Run, Terms, Values};
use super::vocabulary::Vocabulary;
use crate::analysis::{Analyzer, Analyzers};
use crate::document::{Document, FieldId, FieldKind, Schema, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::segment::dictionary::MAX_TERM_BYTES;
use crate::segment::stored::BlockBuilder;

/// Tokens longer than this are not remembered: they are rare, and would fill
/// the memory.
const MEMO_BYTES_MAX: usize = 256;

/// Inverts a batch.
///
/// # Errors
/// [`Schema`](ErrorKind::Schema) if an analyzer isn't known.
pub fn invert(batch: &[Document], schema: &Schema, analyzers: &Analyzers) -> Result<Run> {
    let mut terms = Vec::new();
    let mut columns = Vec::new();
    for (id, field) in schema.entries() {
        let (inverted, column) = match field.kind() {
            FieldKind::Text(text) => {
                let analyzer = analyzers.get(&text.analyzer)?;
                (Some(invert_text(batch, id, analyzer)), None)
            }
            FieldKind::Keyword => {
                let (terms, values) = invert_keyword(batch, id);
                (Some(terms), Some(values))
            }
            _ => {
                let key = (schema.key() == Some(id)).then(|| invert_key(batch));
                (key, Some(codes(batch, id)))
            }
        };
        terms.push(inverted);
        columns.push(column);
    }
    Ok(Run {
        documents: batch.len() as u32,
        terms,
        columns,
        stored: store(batch)?,
    })
}

fn store(batch: &[Document]) -> Result<Vec<crate::segment::stored::Block<Vec<u8>>>> {
    let mut builder = BlockBuilder::default();
    let mut blocks = Vec::new();
    for document in batch {
        let made = builder.push(document.source());
        let made = made.map_err(|error| Error::new(ErrorKind::Limit, error.to_string()))?;
        blocks.extend(made.into_iter().flatten());
    }
    blocks.extend(builder.finish());
    Ok(blocks)
}

/// Occurrences in the order of the text.
#[derive(Default)]
struct Occurrences {
    /// Term and position.
    all: Vec<(u32, u32)>,
    /// Where each document's occurrences end.
    ends: Vec<usize>,
}

impl Occurrences {
    /// The counting sort; `order` has the terms in the order of their names.
    fn into_terms(self, vocabulary: &Vocabulary, order: &[u32], text: bool) -> Terms {
        let mut places = vec![0u32; vocabulary.len() + 1];
        for (term, _) in &self.all {
            places[*term as usize + 1] += 1;
        }
        for index in 1..places.len() {
            places[index] += places[index - 1];
        }
        let starts = places.clone();
        // Document and position.
        let mut by_term = vec![(0u32, 0u32); self.all.len()];
        let mut start = 0;
        for (document, &end) in (0..).zip(&self.ends) {
            for &(term, position) in &self.all[start..end] {
                let place = &mut places[term as usize];
                by_term[*place as usize] = (document, position);
                *place += 1;
            }
            start = end;
        }
        let mut terms = Terms::new(text);
        let mut positions = Vec::new();
        for &term in order {
            let range = starts[term as usize] as usize..starts[term as usize + 1] as usize;
            let mut writer = terms.begin(vocabulary.get(term));
            for group in by_term[range].chunk_by(|a, b| a.0 == b.0) {
                positions.clear();
                if text {
                    positions.extend(group.iter().map(|(_, position)| *position));
                    if !positions.is_sorted() {
                        // A tokenizer of the user's may go back and forth.
                        positions.sort_unstable();
                    }
                }
                writer.push(group[0].0, &positions);
            }
            writer.finish();
        }
        terms.shrink();
        terms
    }
}

fn invert_text(batch: &[Document], id: FieldId, analyzer: &Analyzer) -> Terms {
    let mut inverter = TextInverter::new(analyzer);
    let mut lengths = Vec::with_capacity(batch.len());
    for document in batch {
        let before = inverter.occurrences.all.len();
        let mut base = 0;
        for value in document.of(id) {
            if let Value::Text(text) = value {
                base = inverter.push(text, base).saturating_add(POSITION_GAP);
            }
        }
        let length = inverter.occurrences.all.len() - before;
        lengths.push(u32::try_from(length).unwrap_or(u32::MAX));
        inverter
            .occurrences
            .ends
            .push(inverter.occurrences.all.len());
    }
    let order = inverter.terms.sorted();
    let mut terms = inverter
        .occurrences
        .into_terms(&inverter.terms, &order, true);
    terms.lengths = lengths;
    terms
}

/// Texts of one field to occurrences, with a memory for tokens.
struct TextInverter<'a> {
    analyzer: &'a Analyzer,
    /// Tokens as they stand in the text.
    surfaces: Vocabulary,
    /// Where the terms of each surface end in `expansions`.
    ends: Vec<u32>,
    expansions: Vec<u32>,
    terms: Vocabulary,
    occurrences: Occurrences,
}

impl<'a> TextInverter<'a> {
    fn new(analyzer: &'a Analyzer) -> Self {
        Self {
            analyzer,
            surfaces: Vocabulary::default(),
            ends: Vec::new(),
            expansions: Vec::new(),
            terms: Vocabulary::default(),
            occurrences: Occurrences::default(),
        }
    }

    /// Adds a text whose first position is `base`; returns the one after its
    /// last. Positions stop at the last that there is: past four billion of
    /// them in one document no phrase is found, but every word.
    fn push(&mut self, text: &str, base: u32) -> u32 {
        let analyzer = self.analyzer;
        let mut next = base;
        analyzer.tokens(text, |token| {
            let position = base.saturating_add(token.position);
            next = next.max(position.saturating_add(1));
            self.token(token.text, position);
        });
        next
    }

    #[inline]
    fn token(&mut self, surface: &str, position: u32) {
        if surface.len() > MEMO_BYTES_MAX {
            self.long_token(surface, position);
            return;
        }
        let (number, new) = self.surfaces.number(surface.as_bytes());
        if new {
            self.expand(surface);
        }
        let number = number as usize;
        let start = if number == 0 {
            0
        } else {
            self.ends[number - 1]
        };
        for &term in &self.expansions[start as usize..self.ends[number] as usize] {
            self.occurrences.all.push((term, position));
        }
    }

    /// Runs the filters on a new surface.
    #[cold]
    fn expand(&mut self, surface: &str) {
        let Self {
            analyzer,
            terms,
            expansions,
            ..
        } = self;
        analyzer.terms(surface, &mut |term| {
            if term.len() <= MAX_TERM_BYTES {
                expansions.push(terms.number(term.as_bytes()).0);
            }
        });
        self.ends.push(self.expansions.len() as u32);
    }

    #[cold]
    fn long_token(&mut self, surface: &str, position: u32) {
        let Self {
            analyzer,
            terms,
            occurrences,
            ..
        } = self;
        analyzer.terms(surface, &mut |term| {
            if term.len() <= MAX_TERM_BYTES {
                occurrences
                    .all
                    .push((terms.number(term.as_bytes()).0, position));
            }
        });
    }
}

/// The terms of a keyword, and by document their ordinals.
fn invert_keyword(batch: &[Document], id: FieldId) -> (Terms, Values) {
    let mut vocabulary = Vocabulary::default();
    let mut occurrences = Occurrences::default();
    let mut values = Values::default();
    for document in batch {
        for value in document.of(id) {
            if let Value::Text(text) = value {
                let (term, _) = vocabulary.number(text.as_bytes());
                occurrences.all.push((term, 0));
                values.push(u64::from(term));
            }
        }
        occurrences.ends.push(occurrences.all.len());
        values.end_document();
    }
    let order = vocabulary.sorted();
    let mut ordinals = vec![0u64; order.len()];
    for (ordinal, &term) in (0..).zip(&order) {
        ordinals[term as usize] = ordinal;
    }
    for code in values.codes_mut() {
        *code = ordinals[*code as usize];
    }
    (occurrences.into_terms(&vocabulary, &order, false), values)
}

/// The terms of a key that is a number.
fn invert_key(batch: &[Document]) -> Terms {
    let mut vocabulary = Vocabulary::default();
    let mut occurrences = Occurrences::default();
    for document in batch {
        if let Some(key) = document.key() {
            occurrences
                .all
                .push((vocabulary.number(key.as_bytes()).0, 0));
        }
        occurrences.ends.push(occurrences.all.len());
    }
    let order = vocabulary.sorted();
    occurrences.into_terms(&vocabulary, &order, false)
}

fn codes(batch: &[Document], id: FieldId) -> Values {
    let mut values = Values::default();
    for document in batch {
        for value in document.of(id) {
            values.push(value.code());
        }
        values.end_document();
    }
    values
}
