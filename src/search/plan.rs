//! # Plans: a question, made precise
//!
//! Idea        a [`Query`] speaks of fields by name and of words as they were
//!             typed. Here names meet the schema, words become terms, and terms
//!             get their weights; what comes out, the [`Node`], needs nothing
//!             more but the postings
//! Example     `foxes` under default fields `title`^2 and `body`, both English:
//!             any of (`title`: fox, weight 2·idf) and (`body`: fox, weight idf)
//! Rules       a word that analysis drops (a stop word) is as if it had not
//!             been there. One that becomes several terms in a row (`usb-c`)
//!             is a phrase; terms at one place are alternatives. A range, a
//!             beginning or a pattern scores 1 times its boosts
//! Invariants  (1) nodes keep the order of the clauses: scores are summed in it
//!             (2) a plan has no more terms of a field than
//!             [`MAX_CLAUSES`], whatever analysis
//!             makes of a text
//! Next        `plan/fields.rs` and the others there, up to `plan/weights.rs`; then `execute.rs`

mod fields;
mod near;
mod patterns;
mod values;
mod weights;

use super::bm25::{Bm25, Similarity};
use super::known::Known;
use super::limits::Deadline;
use super::statistics::Statistics;
use crate::analysis::Analyzer;
use crate::document::{Field, FieldKind, Schema, Text};
use crate::error::{Error, Result};
use crate::index::{Part, Snapshot};
use crate::query::{Clause, MAX_CLAUSES, MAX_NEAR, Occur, Pattern, Query};
use crate::segment::TermEntry;
pub(super) use fields::find;
use fields::times;
pub(super) use near::Near;
use std::collections::BTreeMap;
use std::ops::{Bound, RangeInclusive};
use std::sync::Arc;
use values::range;

/// A query, resolved.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Every document, with this score.
    All(f32),
    Term(TermNode),
    Phrase(PhraseNode),
    /// Documents of whose values in a column one has a code in a range.
    Codes {
        field: String,
        range: RangeInclusive<u64>,
        score: f32,
    },
    /// Documents with a term in a range of the dictionary.
    Terms {
        field: String,
        lower: Bound<String>,
        upper: Bound<String>,
        score: f32,
    },
    /// Documents with a term that begins so; all that have the field, if empty.
    Prefix {
        field: String,
        prefix: String,
        score: f32,
    },
    /// Documents with a term that a pattern describes.
    Pattern {
        field: String,
        pattern: Arc<Pattern>,
        /// As it was asked for.
        written: String,
        score: f32,
    },
    Boolean(BooleanNode),
    Constant(Box<Node>, f32),
}

impl Node {
    /// What every document that matches scores, if all score the same.
    pub(super) fn constant(&self) -> Option<f32> {
        match self {
            Self::All(score)
            | Self::Codes { score, .. }
            | Self::Terms { score, .. }
            | Self::Prefix { score, .. }
            | Self::Pattern { score, .. }
            | Self::Constant(_, score) => Some(*score),
            Self::Term(_) | Self::Phrase(_) | Self::Boolean(_) => None,
        }
    }
}

/// A term of a field.
#[derive(Clone, Debug)]
pub(super) struct TermNode {
    pub(super) field: String,
    pub(super) term: String,
    pub(super) weight: Weight,
    /// If it stands for a word that it is near.
    pub(super) near: Option<Box<Near>>,
}

/// Terms at these distances from the first.
#[derive(Clone, Debug)]
pub(super) struct PhraseNode {
    pub(super) field: String,
    pub(super) terms: Vec<(u32, String)>,
    pub(super) slop: u32,
    pub(super) weight: Weight,
}

/// What makes a frequency a score, and how it came about.
#[derive(Clone, Debug)]
pub(super) struct Weight {
    /// `idf` times the boosts.
    pub(super) value: f32,
    pub(super) idf: f32,
    pub(super) boost: f32,
    /// Documents with the field, and with each of the terms.
    pub(super) documents: u64,
    pub(super) frequencies: Vec<u64>,
    /// What the dictionary of each part knows of the first term, then of the next.
    entries: Vec<Option<TermEntry>>,
    pub(super) similarity: Arc<Similarity>,
    pub(super) bm25: Bm25,
    /// `None` for a keyword.
    pub(super) average_length: Option<f64>,
}

impl Weight {
    /// What the dictionary of a part knows of term number `term`, if it has it.
    #[inline]
    pub(super) fn entry(&self, term: usize, part: &Part) -> Option<TermEntry> {
        let parts = self.entries.len() / self.frequencies.len().max(1);
        *self.entries.get(term * parts + part.number)?
    }

    /// How many terms have this weight together.
    pub(super) fn terms(&self) -> usize {
        self.frequencies.len()
    }

    /// In how many documents of a part the first term is, as its dictionary knows;
    /// deleted ones count.
    pub(super) fn frequency_in(&self, part: &Part) -> u64 {
        let entry = self.entry(0, part);
        entry.map_or(0, |entry| u64::from(entry.document_frequency))
    }
}

/// Clauses, by what they are for; scored ones in the order of the query.
#[derive(Clone, Debug)]
pub(super) struct BooleanNode {
    pub(super) clauses: Vec<(Occur, Node)>,
    /// How many of the `Should` clauses must match.
    pub(super) minimum: u32,
}

/// What the user chose for one search.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices {
    /// Default fields with boosts; those of the schema if empty.
    pub(super) fields: Vec<(String, f32)>,
    pub(super) bm25: Option<Bm25>,
    pub(super) statistics: Option<Arc<Statistics>>,
}

/// Resolves queries against a snapshot.
pub(super) struct Planner<'a> {
    snapshot: &'a Snapshot,
    /// What was worked out for queries before.
    known: &'a Known,
    /// The same, where it holds for these choices only.
    own: Known,
    choices: &'a Choices,
    /// Every statistic that was looked up, if somebody wants to know.
    used: Option<Statistics>,
    /// Whether what is planned scores, as a query does, and filters don't.
    pub(super) scores: bool,
    /// Whether a clause that must match, or must not, is refused if analysis leaves
    /// nothing of it.
    pub(super) drops_nothing: bool,
    /// Till when it may look up words.
    pub(super) deadline: Deadline,
    /// How many terms of each field there are so far.
    terms: BTreeMap<&'a str, usize>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        known: &'a Known,
        choices: &'a Choices,
    ) -> Result<Self> {
        for (name, boost) in &choices.fields {
            find(snapshot.schema(), name)?;
            if !(boost.is_finite() && *boost >= 0.0) {
                return Err(Error::query(format!(
                    "the boost of field {name:?} is {boost}; give a finite one of at least 0"
                )));
            }
        }
        Ok(Self {
            snapshot,
            known,
            own: Known::default(),
            choices,
            used: None,
            scores: true,
            drops_nothing: false,
            deadline: Deadline::default(),
            terms: BTreeMap::new(),
        })
    }

    /// The plan of a query; `None` if analysis leaves nothing of it.
    pub(super) fn plan(&mut self, query: &Query) -> Result<Option<Node>> {
        query.check()?;
        self.lower(query, 1.0)
    }

    /// From now on it takes note of all statistics.
    pub(super) fn collect(&mut self) {
        self.used = Some(Statistics::default());
    }

    /// Those that it took note of.
    pub(super) fn collected(self) -> Statistics {
        self.used.unwrap_or_default()
    }

    pub(super) fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    fn schema(&self) -> &'a Schema {
        self.snapshot.schema()
    }

    /// The plan of a query, or of one within it, whose scores count `boost` times.
    fn lower(&mut self, query: &Query, boost: f32) -> Result<Option<Node>> {
        match query {
            Query::All => Ok(Some(Node::All(boost))),
            Query::Nothing => Ok(Some(nothing())),
            Query::Boost(inner, factor) => self.lower(inner, times(boost, *factor)?),
            Query::Constant(inner, score) => {
                let (inner, score) = (self.lower(inner, 1.0)?, times(boost, *score)?);
                Ok(inner.map(|inner| Node::Constant(Box::new(inner), score)))
            }
            Query::Boolean {
                clauses,
                minimum_should_match,
            } => self.boolean(clauses, *minimum_should_match, boost),
            Query::Term { field, text } => {
                self.in_fields(field.as_deref(), boost, |planner, field, boost| {
                    planner.text(field, text, 0, boost)
                })
            }
            Query::Phrase { field, text, slop } => {
                self.in_fields(field.as_deref(), boost, |planner, field, boost| {
                    planner.text(field, text, *slop, boost)
                })
            }
            Query::Words { field, text } => {
                self.in_fields(field.as_deref(), boost, |planner, field, boost| {
                    planner.words(field, text, boost)
                })
            }
            Query::Prefix { field, text } => {
                self.in_fields(field.as_deref(), boost, |planner, field, boost| {
                    planner.prefix(field, text, boost).map(Some)
                })
            }
            Query::Wildcard { field, text } => {
                self.in_fields(field.as_deref(), boost, |planner, field, boost| {
                    planner.wildcard(field, text, boost).map(Some)
                })
            }
            Query::Regex { field, text } => {
                self.in_fields(field.as_deref(), boost, |planner, field, boost| {
                    planner.regex(field, text, boost).map(Some)
                })
            }
            Query::Fuzzy { field, text, edits } => {
                self.in_fields(field.as_deref(), boost, |planner, field, boost| {
                    planner.fuzzy(field, text, *edits, boost)
                })
            }
            Query::Range {
                field,
                lower,
                upper,
            } => {
                let (field, own) = find(self.schema(), field)?;
                range(field, lower, upper, times(boost, own)?).map(Some)
            }
        }
    }

    /// A word or a phrase, as the field takes it.
    fn text(
        &mut self,
        field: &'a Field,
        text: &str,
        slop: u32,
        boost: f32,
    ) -> Result<Option<Node>> {
        match field.kind() {
            FieldKind::Text(kind) => {
                let slots = self.slots(field, kind, text)?;
                self.phrase(field, slots, slop, boost)
            }
            FieldKind::Keyword => self.term(field, text.to_owned(), boost).map(Some),
            _ => {
                let equal = Bound::Included(text.to_owned());
                range(field, &equal, &equal, boost).map(Some)
            }
        }
    }

    /// Any of the words.
    fn words(&mut self, field: &'a Field, text: &str, boost: f32) -> Result<Option<Node>> {
        let FieldKind::Text(kind) = field.kind() else {
            return self.text(field, text, 0, boost);
        };
        let mut nodes = Vec::new();
        for (_, term) in self.slots(field, kind, text)? {
            nodes.push(self.term(field, term, boost)?);
        }
        Ok(joined(nodes, Occur::Should))
    }

    fn analyzer(&self, kind: &Text) -> Result<&'a Analyzer> {
        let name = kind.query_analyzer.as_ref().unwrap_or(&kind.analyzer);
        self.snapshot.analyzers().get(name)
    }

    /// The terms of a text and their positions.
    fn slots(&mut self, field: &'a Field, kind: &Text, text: &str) -> Result<Vec<(u32, String)>> {
        let mut slots = Vec::new();
        let analyzer = self.analyzer(kind)?;
        let mut count = 0;
        analyzer.analyze(text, &mut |term, token| {
            if count < MAX_CLAUSES {
                slots.push((token.position, term.to_owned()));
            }
            count += 1;
        });
        self.take_room(field, count)?;
        Ok(slots)
    }

    /// Takes note of so many more terms of a field.
    fn take_room(&mut self, field: &'a Field, terms: usize) -> Result<()> {
        let so_far = self.terms.entry(field.name()).or_insert(0);
        *so_far = so_far.saturating_add(terms);
        if *so_far <= MAX_CLAUSES {
            return Ok(());
        }
        Err(Error::query(format!(
            "the query has more than the {MAX_CLAUSES} terms allowed in field {:?}, of which a \
             fuzzy word or a pattern counts as {MAX_NEAR}; ask for less, or in several queries",
            field.name()
        )))
    }

    fn phrase(
        &mut self,
        field: &'a Field,
        mut slots: Vec<(u32, String)>,
        slop: u32,
        boost: f32,
    ) -> Result<Option<Node>> {
        let Some(&(first, _)) = slots.first() else {
            return Ok(None);
        };
        if slots.len() == 1
            && let Some((_, term)) = slots.pop()
        {
            return self.term(field, term, boost).map(Some);
        }
        if slots.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return self.alternatives(field, slots, boost).map(Some);
        }
        let terms: Vec<(u32, String)> = slots
            .into_iter()
            .map(|(position, term)| (position - first, term))
            .collect();
        let weight = self.weight(field, terms.iter().map(|(_, term)| term.as_str()), boost)?;
        let field = field.name().to_owned();
        Ok(Some(Node::Phrase(PhraseNode {
            field,
            terms,
            slop,
            weight,
        })))
    }

    /// At each position one of the terms that are there; in any order, since a
    /// phrase of alternatives is more than it is worth.
    fn alternatives(
        &mut self,
        field: &'a Field,
        mut slots: Vec<(u32, String)>,
        boost: f32,
    ) -> Result<Node> {
        slots.sort_by_key(|(position, _)| *position);
        let mut places = Vec::new();
        for place in slots.chunk_by_mut(|a, b| a.0 == b.0) {
            let mut terms = Vec::new();
            for (_, term) in place {
                terms.push(self.term(field, std::mem::take(term), boost)?);
            }
            places.extend(joined(terms, Occur::Should));
        }
        Ok(joined(places, Occur::Must).unwrap_or_else(nothing))
    }

    fn term(&mut self, field: &'a Field, term: String, boost: f32) -> Result<Node> {
        self.term_node(field, term, boost).map(Node::Term)
    }

    fn term_node(&mut self, field: &'a Field, term: String, boost: f32) -> Result<TermNode> {
        let weight = self.weight(field, [term.as_str()].into_iter(), boost)?;
        let field = field.name().to_owned();
        Ok(TermNode {
            field,
            term,
            weight,
            near: None,
        })
    }

    fn boolean(&mut self, clauses: &[Clause], minimum: u32, boost: f32) -> Result<Option<Node>> {
        if clauses.is_empty() {
            return Ok(Some(nothing()));
        }
        let mut planned = Vec::with_capacity(clauses.len());
        let mut dropped = 0;
        for clause in clauses {
            match self.lower(&clause.query, boost)? {
                Some(node) => planned.push((clause.occur, node)),
                None if self.drops_nothing && clause.occur != Occur::Should => {
                    return Err(Error::query(format!(
                        "analysis leaves nothing of {}, so that more would be found than is \
                         meant; leave it out of the query",
                        clause.query
                    )));
                }
                None => dropped += u32::from(clause.occur == Occur::Should),
            }
        }
        if planned.is_empty() {
            return Ok(None);
        }
        let has = |wanted: &[Occur]| planned.iter().any(|(occur, _)| wanted.contains(occur));
        // 0 leaves it at the rule: one, unless there is something that has to match.
        let minimum = match minimum.saturating_sub(dropped) {
            0 => u32::from(!has(&[Occur::Must, Occur::Filter]) && has(&[Occur::Should])),
            minimum => minimum,
        };
        // "All but these".
        if !has(&[Occur::Must, Occur::Should, Occur::Filter]) {
            planned.insert(0, (Occur::Must, Node::All(boost)));
        }
        Ok(Some(Node::Boolean(BooleanNode {
            clauses: planned,
            minimum,
        })))
    }
}

/// A plan that matches nothing.
pub(super) fn nothing() -> Node {
    Node::Boolean(BooleanNode {
        clauses: Vec::new(),
        minimum: 0,
    })
}

/// Several nodes, all of which are for this: one that is alone as it is, `None` if there is
/// none.
pub(super) fn joined(mut nodes: Vec<Node>, occur: Occur) -> Option<Node> {
    if nodes.len() < 2 {
        return nodes.pop();
    }
    Some(Node::Boolean(BooleanNode {
        clauses: nodes.into_iter().map(|node| (occur, node)).collect(),
        minimum: u32::from(occur == Occur::Should),
    }))
}
