//! The oracle: a search engine that does everything the slow way, over plain
//! vectors, after the words of the documentation.

use regex::Regex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::{Bound, RangeBounds, RangeInclusive};
use wordhoard::analysis::Analyzer;
use wordhoard::query::{Occur, Query};

/// From the least to the greatest that a text names, as a date does that leaves
/// something open.
pub type Named = RangeInclusive<i128>;

/// What a field is to the oracle.
#[derive(Clone)]
pub enum Kind {
    /// With its analyzer and boost.
    Text(Analyzer, f32),
    Keyword,
    /// Numbers, dates and booleans: how what is written so compares. A document's value is
    /// the least that it names; `None` if no value is written so.
    Ordered(fn(&str) -> Option<Named>),
}

/// A field of the documents.
#[derive(Clone)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
}

/// Whether a term is what `?` and `*` let it be.
fn looks_like(term: &[char], pattern: &[char]) -> bool {
    match (term, pattern) {
        ([], []) => true,
        (_, ['*', rest @ ..]) => {
            looks_like(term, rest) || !term.is_empty() && looks_like(&term[1..], pattern)
        }
        ([_, term @ ..], ['?', rest @ ..]) => looks_like(term, rest),
        ([c, term @ ..], [wanted, rest @ ..]) => c == wanted && looks_like(term, rest),
        _ => false,
    }
}

/// All live documents in the order in which they were put.
pub struct Naive {
    pub fields: Vec<Field>,
    pub documents: Vec<Value>,
    pub k1: f32,
    pub b: f32,
    /// By field: for each document its terms with their positions.
    texts: BTreeMap<&'static str, Vec<Vec<(String, u32)>>>,
    /// Parameters of fields that have their own.
    pub own: BTreeMap<&'static str, (f32, f32)>,
    /// The default fields with boosts; empty for all texts.
    pub chosen: Vec<(&'static str, f32)>,
    /// Statistics of another collection.
    pub foreign: Option<BTreeMap<&'static str, Collection>>,
}

/// What is known of a field of a collection.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    pub documents: u64,
    pub length: u64,
    pub frequencies: BTreeMap<String, u64>,
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// What is in a field that is ordered, as it is written.
fn written(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(written).collect(),
        value => vec![value.to_string()],
    }
}

impl Naive {
    pub fn new(fields: Vec<Field>, documents: Vec<Value>, k1: f32, b: f32) -> Self {
        let mut texts = BTreeMap::new();
        for field in &fields {
            let Kind::Text(analyzer, _) = &field.kind else {
                continue;
            };
            let mut all = Vec::new();
            for document in &documents {
                let mut terms = Vec::new();
                let mut base = 0;
                for text in strings(&document[field.name]) {
                    let mut next = base;
                    // Every token takes a position, also one that is dropped.
                    analyzer.tokens(&text, |token| next = next.max(base + token.position + 1));
                    analyzer.analyze(&text, &mut |term, token| {
                        terms.push((term.to_owned(), base + token.position));
                    });
                    base = next + 100;
                }
                all.push(terms);
            }
            texts.insert(field.name, all);
        }
        Self {
            fields,
            documents,
            k1,
            b,
            texts,
            own: BTreeMap::new(),
            chosen: Vec::new(),
            foreign: None,
        }
    }

    fn field(&self, name: &str) -> &Field {
        self.fields
            .iter()
            .find(|field| field.name == name)
            .expect("a field of the schema")
    }

    /// A value of a field as it compares.
    pub fn rank(&self, name: &str, value: &str) -> (i128, String) {
        match self.field(name).kind {
            Kind::Ordered(named) => (*named(value).unwrap().start(), String::new()),
            _ => (0, value.to_owned()),
        }
    }

    /// All that a document has in a field, as it compares.
    pub fn values(&self, document: usize, name: &str) -> Vec<(i128, String)> {
        let values = written(&self.documents[document][name]);
        values.iter().map(|value| self.rank(name, value)).collect()
    }

    /// The terms of a document in a field that scores.
    fn terms(&self, document: usize, field: &Field) -> Vec<(String, u32)> {
        match field.kind {
            Kind::Text(..) => self.texts[field.name][document].clone(),
            _ => strings(&self.documents[document][field.name])
                .into_iter()
                .map(|term| (term, 0))
                .collect(),
        }
    }

    fn length(&self, document: usize, field: &Field) -> usize {
        match field.kind {
            Kind::Ordered(_) => written(&self.documents[document][field.name]).len(),
            _ => self.terms(document, field).len(),
        }
    }

    /// What this collection knows of a field.
    pub fn collection(&self, name: &str) -> Collection {
        let field = self.field(name);
        let mut collection = Collection::default();
        for document in 0..self.documents.len() {
            let mut terms: Vec<String> = self
                .terms(document, field)
                .into_iter()
                .map(|(term, _)| term)
                .collect();
            collection.documents += u64::from(!terms.is_empty());
            collection.length += terms.len() as u64;
            terms.sort();
            terms.dedup();
            for term in terms {
                *collection.frequencies.entry(term).or_default() += 1;
            }
        }
        collection
    }

    fn known(&self, name: &str) -> Collection {
        match &self.foreign {
            Some(foreign) => foreign.get(name).cloned().unwrap_or_default(),
            None => self.collection(name),
        }
    }

    /// BM25 as its chapter writes it.
    fn bm25(
        &self,
        document: usize,
        field: &Field,
        terms: &[String],
        boost: f32,
        frequency: u32,
    ) -> f32 {
        let known = self.known(field.name);
        let mut idf = 0.0f64;
        for term in terms {
            let frequency = known.frequencies.get(term).copied().unwrap_or(0) as f64;
            let documents = (known.documents as f64).max(frequency);
            idf += f64::from((1.0 + (documents - frequency + 0.5) / (frequency + 0.5)).ln() as f32);
        }
        let weight = idf as f32 * boost;
        let (k1, b) = self
            .own
            .get(field.name)
            .copied()
            .unwrap_or((self.k1, self.b));
        let keyword = k1;
        let (k1, b) = (f64::from(k1), f64::from(b));
        let denominator = match field.kind {
            Kind::Text(..) => {
                let length = f64::from(quantised(self.terms(document, field).len() as u32));
                let average = known.length as f64 / known.documents as f64;
                (k1 * (1.0 - b + b * length / average)) as f32
            }
            _ => keyword,
        };
        let frequency = frequency as f32;
        weight * (frequency / (frequency + denominator))
    }

    /// The score, or `None` if the document doesn't match; `Err` if analysis
    /// leaves nothing of the query.
    pub fn score(
        &self,
        query: &Query,
        document: usize,
        boost: f32,
    ) -> Result<Option<f32>, Dropped> {
        Ok(match query {
            Query::All => Some(boost),
            Query::Nothing => None,
            Query::Boost(inner, factor) => self.score(inner, document, boost * factor)?,
            Query::Constant(inner, score) => {
                self.score(inner, document, 1.0)?.map(|_| boost * score)
            }
            Query::Term { field, text } => {
                self.in_fields(field.as_deref(), boost, |field, boost| {
                    self.phrase(field, text, 0, document, boost)
                })?
            }
            Query::Phrase { field, text, slop } => {
                self.in_fields(field.as_deref(), boost, |field, boost| {
                    self.phrase(field, text, *slop, document, boost)
                })?
            }
            Query::Words { field, text } => {
                self.in_fields(field.as_deref(), boost, |field, boost| {
                    self.words(field, text, document, boost)
                })?
            }
            Query::Prefix { field, text } => {
                self.in_fields(field.as_deref(), boost, |field, boost| {
                    if text.is_empty() {
                        return Ok((self.length(document, field) > 0).then_some(boost));
                    }
                    let begins = match field.kind {
                        Kind::Text(..) => text.to_lowercase(),
                        _ => text.clone(),
                    };
                    self.any_term(field, document, boost, |term| term.starts_with(&begins))
                })?
            }
            Query::Wildcard { field, text } => {
                self.in_fields(field.as_deref(), boost, |field, boost| {
                    let text = match field.kind {
                        Kind::Text(..) => text.to_lowercase(),
                        _ => text.clone(),
                    };
                    let pattern: Vec<char> = text.chars().collect();
                    self.any_term(field, document, boost, |term| {
                        looks_like(&term.chars().collect::<Vec<_>>(), &pattern)
                    })
                })?
            }
            Query::Regex { field, text } => {
                self.in_fields(field.as_deref(), boost, |field, boost| {
                    let pattern = Regex::new(&format!("(?s)^(?:{text})$")).unwrap();
                    self.any_term(field, document, boost, |term| pattern.is_match(term))
                })?
            }
            Query::Fuzzy { field, text, edits } => {
                self.in_fields(field.as_deref(), boost, |field, boost| {
                    self.fuzzy(field, text, *edits, document, boost)
                })?
            }
            Query::Range {
                field,
                lower,
                upper,
            } => {
                let field = self.field(field);
                let boost = boost * own_boost(field);
                self.in_range(field, document, lower, upper)
                    .then_some(boost)
            }
            Query::Boolean {
                clauses,
                minimum_should_match,
            } => self.boolean(clauses, *minimum_should_match, document, boost)?,
            _ => unreachable!("a kind of query that the oracle doesn't know"),
        })
    }

    fn in_fields(
        &self,
        name: Option<&str>,
        boost: f32,
        score: impl Fn(&Field, f32) -> Result<Option<f32>, Dropped>,
    ) -> Result<Option<f32>, Dropped> {
        if let Some(name) = name {
            let field = self.field(name);
            return score(field, boost * own_boost(field));
        }
        let mut defaults: Vec<(&Field, f32)> = Vec::new();
        for (name, boost) in &self.chosen {
            let field = self.field(name);
            defaults.push((field, own_boost(field) * boost));
        }
        if defaults.is_empty() {
            let texts = self.fields.iter();
            let texts = texts.filter(|field| matches!(field.kind, Kind::Text(..)));
            defaults.extend(texts.map(|field| (field, own_boost(field))));
        }
        let (mut scores, mut dropped) = (Vec::new(), defaults.is_empty());
        for (field, own) in defaults {
            match score(field, boost * own) {
                Ok(score) => scores.push(score),
                // What is no number isn't among numbers; that leaves nothing out.
                Err(Dropped) => dropped |= !matches!(field.kind, Kind::Ordered(_)),
            }
        }
        if scores.is_empty() && dropped {
            return Err(Dropped);
        }
        Ok(sum(&scores))
    }

    fn words(
        &self,
        field: &Field,
        text: &str,
        document: usize,
        boost: f32,
    ) -> Result<Option<f32>, Dropped> {
        let Kind::Text(analyzer, _) = &field.kind else {
            return self.phrase(field, text, 0, document, boost);
        };
        let mut scores = Vec::new();
        analyzer.analyze(text, &mut |term, _| {
            scores.push(self.term(field, term, document, boost))
        });
        if scores.is_empty() {
            Err(Dropped)
        } else {
            Ok(sum(&scores))
        }
    }

    /// The boost, if a document has a term that will do.
    fn any_term(
        &self,
        field: &Field,
        document: usize,
        boost: f32,
        will_do: impl Fn(&str) -> bool,
    ) -> Result<Option<f32>, Dropped> {
        if let Kind::Ordered(_) = field.kind {
            return Err(Dropped);
        }
        let terms = self.terms(document, field);
        let any = terms.iter().any(|(term, _)| will_do(term));
        Ok(any.then_some(boost))
    }

    /// The nearest of all terms, each as if it were the first.
    fn fuzzy(
        &self,
        field: &Field,
        text: &str,
        edits: Option<u32>,
        document: usize,
        boost: f32,
    ) -> Result<Option<f32>, Dropped> {
        let mut words = Vec::new();
        match &field.kind {
            Kind::Text(analyzer, _) => {
                analyzer.analyze(text, &mut |term, _| words.push(term.to_owned()))
            }
            Kind::Keyword => words.push(text.to_owned()),
            Kind::Ordered(_) => {}
        }
        let [word] = words.as_slice() else {
            return self.phrase(field, text, 0, document, boost);
        };
        let by_length = match word.chars().count() {
            0..=2 => 0,
            3..=5 => 1,
            _ => 2,
        };
        let edits = edits.map_or(by_length, |edits| edits as usize);
        let mut near: Vec<(usize, i64, String)> = Vec::new();
        for (term, frequency) in self.known(field.name).frequencies {
            let distance = distance(word, &term);
            let shorter = word.chars().count().min(term.chars().count());
            if distance <= edits && (distance == 0 || distance < shorter) {
                near.push((distance, -(frequency as i64), term));
            }
        }
        near.sort();
        near.truncate(wordhoard::query::MAX_NEAR);
        let scores = near.iter().map(|(distance, _, term)| {
            let shorter = word.chars().count().min(term.chars().count());
            let left = match distance {
                0 => 1.0,
                _ => 1.0 - *distance as f32 / shorter as f32,
            };
            self.term_like(field, term, &near[0].2, document, boost * left)
        });
        Ok(sum(&scores.collect::<Vec<_>>()))
    }

    fn term(&self, field: &Field, term: &str, document: usize, boost: f32) -> Option<f32> {
        self.term_like(field, term, term, document, boost)
    }

    /// A term that is worth as much as another.
    fn term_like(
        &self,
        field: &Field,
        term: &str,
        worth: &str,
        document: usize,
        boost: f32,
    ) -> Option<f32> {
        let mut frequency = self
            .terms(document, field)
            .iter()
            .filter(|(other, _)| other == term)
            .count();
        if !matches!(field.kind, Kind::Text(..)) {
            frequency = frequency.min(1);
        }
        (frequency > 0).then(|| {
            self.bm25(
                document,
                field,
                &[worth.to_owned()],
                boost,
                frequency as u32,
            )
        })
    }

    fn phrase(
        &self,
        field: &Field,
        text: &str,
        slop: u32,
        document: usize,
        boost: f32,
    ) -> Result<Option<f32>, Dropped> {
        let analyzer = match &field.kind {
            Kind::Text(analyzer, _) => analyzer,
            Kind::Keyword => return Ok(self.term(field, text, document, boost)),
            Kind::Ordered(named) => {
                let equal = Bound::Included(text.to_owned());
                named(text).ok_or(Dropped)?;
                return Ok(self
                    .in_range(field, document, &equal, &equal)
                    .then_some(boost));
            }
        };
        let mut slots = Vec::new();
        analyzer.analyze(text, &mut |term, token| {
            slots.push((term.to_owned(), i64::from(token.position)))
        });
        match slots.as_slice() {
            [] => return Err(Dropped),
            [(term, _)] => return Ok(self.term(field, term, document, boost)),
            _ => {}
        }
        if slots.windows(2).any(|pair| pair[0].1 >= pair[1].1) {
            return Ok(self.alternatives(field, slots, document, boost));
        }
        let first = slots[0].1;
        let own = self.terms(document, field);
        // Where the phrase would begin, after each of its terms.
        let beginnings: Vec<Vec<i64>> = slots
            .iter()
            .map(|(term, position)| {
                let places = own.iter().filter(|(other, _)| other == term);
                places
                    .map(|(_, place)| i64::from(*place) - (position - first))
                    .collect()
            })
            .collect();
        let frequency = occurrences(&beginnings, i64::from(slop));
        let terms: Vec<String> = slots.into_iter().map(|(term, _)| term).collect();
        Ok((frequency > 0).then(|| self.bm25(document, field, &terms, boost, frequency)))
    }

    /// Of the terms at each place one, in any order of the places.
    fn alternatives(
        &self,
        field: &Field,
        mut slots: Vec<(String, i64)>,
        document: usize,
        boost: f32,
    ) -> Option<f32> {
        slots.sort_by_key(|(_, position)| *position);
        let places = slots.chunk_by(|a, b| a.1 == b.1);
        let scores: Option<Vec<f32>> = places
            .map(|place| {
                let terms = place.iter();
                let scores = terms.map(|(term, _)| self.term(field, term, document, boost));
                sum(&scores.collect::<Vec<_>>())
            })
            .collect();
        match scores?.as_slice() {
            [one] => Some(*one),
            several => Some(several.iter().fold(0.0, |sum, score| sum + score)),
        }
    }

    fn in_range(
        &self,
        field: &Field,
        document: usize,
        lower: &Bound<String>,
        upper: &Bound<String>,
    ) -> bool {
        match field.kind {
            Kind::Ordered(named) => {
                let named = |text: &String| named(text).unwrap();
                written(&self.documents[document][field.name])
                    .iter()
                    .map(|value| *named(value).start())
                    .any(|value| {
                        let begins = match lower {
                            Bound::Included(text) => value >= *named(text).start(),
                            Bound::Excluded(text) => value > *named(text).end(),
                            Bound::Unbounded => true,
                        };
                        begins
                            && match upper {
                                Bound::Included(text) => value <= *named(text).end(),
                                Bound::Excluded(text) => value < *named(text).start(),
                                Bound::Unbounded => true,
                            }
                    })
            }
            _ => {
                let range = (lower.clone(), upper.clone());
                self.terms(document, field)
                    .iter()
                    .any(|(term, _)| range.contains(term))
            }
        }
    }

    fn boolean(
        &self,
        clauses: &[wordhoard::query::Clause],
        minimum: u32,
        document: usize,
        boost: f32,
    ) -> Result<Option<f32>, Dropped> {
        if clauses.is_empty() {
            return Ok(None);
        }
        // A clause of which analysis leaves nothing is as if it weren't there.
        let mut dropped = 0;
        let mut left = Vec::new();
        for clause in clauses {
            match self.score(&clause.query, document, boost) {
                Ok(score) => left.push((clause.occur, score)),
                Err(Dropped) => dropped += u32::from(clause.occur == Occur::Should),
            }
        }
        if left.is_empty() {
            return Err(Dropped);
        }
        let has = |wanted: Occur| left.iter().any(|(occur, _)| *occur == wanted);
        let required = has(Occur::Must) || has(Occur::Filter);
        let matching = left
            .iter()
            .filter(|(occur, score)| *occur == Occur::Should && score.is_some())
            .count();
        let minimum = match minimum.saturating_sub(dropped) {
            0 if !required && has(Occur::Should) => 1,
            minimum => minimum,
        };
        for (occur, score) in &left {
            let fails = match occur {
                Occur::Must | Occur::Filter => score.is_none(),
                Occur::MustNot => score.is_some(),
                Occur::Should => false,
            };
            if fails {
                return Ok(None);
            }
        }
        if (matching as u32) < minimum {
            return Ok(None);
        }
        if !required && !has(Occur::Should) {
            return Ok(Some(boost));
        }
        let scores = left
            .iter()
            .filter(|(occur, _)| matches!(occur, Occur::Must | Occur::Should));
        Ok(Some(
            scores
                .filter_map(|(_, score)| *score)
                .fold(0.0, |sum, score| sum + score),
        ))
    }

    /// All matches: number and score, the best first, then in order.
    pub fn search(&self, query: &Query, filter: Option<&Query>) -> Vec<(usize, f32)> {
        let mut hits = Vec::new();
        for document in 0..self.documents.len() {
            let passes = filter
                .is_none_or(|filter| matches!(self.score(filter, document, 1.0), Ok(Some(_))));
            if let Ok(Some(score)) = self.score(query, document, 1.0)
                && passes
            {
                hits.push((document, score));
            }
        }
        hits.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        hits
    }
}

/// Analysis leaves nothing of a query, or a default field can't have what is asked.
#[derive(Debug, PartialEq)]
pub struct Dropped;

fn own_boost(field: &Field) -> f32 {
    match field.kind {
        Kind::Text(_, boost) => boost,
        _ => 1.0,
    }
}

/// The sum over those that match; `None` if none does.
fn sum(scores: &[Option<f32>]) -> Option<f32> {
    let matching: Vec<f32> = scores.iter().flatten().copied().collect();
    match scores.len() {
        // One part is no sum.
        1 => scores[0],
        _ if matching.is_empty() => None,
        _ => Some(matching.iter().fold(0.0, |sum, score| sum + score)),
    }
}

/// The least edits, by the table of all beginnings: insert, leave out, replace, or
/// swap neighbours.
fn distance(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|text| text.chars().collect::<Vec<_>>());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            let mut ways = vec![if i * j == 0 { i + j } else { usize::MAX }];
            if i > 0 && j > 0 {
                ways.push(table[i - 1][j] + 1);
                ways.push(table[i][j - 1] + 1);
                ways.push(table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]));
            }
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                ways.push(table[i - 2][j - 2] + 1);
            }
            table[i][j] = ways.into_iter().min().unwrap_or(0);
        }
    }
    table[a.len()][b.len()]
}

/// A length as a byte keeps it: three bits after the leading one, above 24.
fn quantised(length: u32) -> u32 {
    if length < 24 {
        return length;
    }
    let value = length - 24;
    let mut step = 1;
    while value / step >= 16 {
        step *= 2;
    }
    24 + value / step * step
}

/// Shortest intervals, no longer than the slop, with an element of each list.
fn occurrences(lists: &[Vec<i64>], slop: i64) -> u32 {
    let mut ends: Vec<i64> = lists.concat();
    ends.sort_unstable();
    ends.dedup();
    // For each start the first end that has all; the shortest of equal ends.
    let mut shortest: BTreeMap<i64, i64> = BTreeMap::new();
    for &low in &ends {
        let firsts: Option<Vec<i64>> = lists
            .iter()
            .map(|list| list.iter().copied().filter(|x| *x >= low).min())
            .collect();
        if let Some(high) = firsts.and_then(|firsts| firsts.into_iter().max()) {
            shortest.insert(high, low);
        }
    }
    shortest
        .iter()
        .filter(|(high, low)| *high - *low <= slop)
        .count() as u32
}
