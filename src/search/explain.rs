//! # Explanations: a score taken apart into a tree whose numbers add up
//!
//! Idea        the document is scored again, by the whole query and by each part of it
//!             alone; beside each score stand the weight, the frequency and the length
//!             that it was made of
//! Example     `whale sea`: the sum of two scores. That of "whale" is its weight (idf
//!             times boost) times tf / (tf + K)
//! Invariants  (1) the number at the root is the score of the hit, to the bit
//!             (2) a sum's details, added up in `f32` in their order, give it exactly
//! Cost        as many scores of one document as the query has parts; sets, as of a
//!             pattern, are made anew for each
//! Next        `xray.rs`: what it took

use super::execute::Exec;
use super::limits::{Deadline, Limits};
use super::phrase::PhraseExec;
use super::places::Slots;
use super::plan::{Near, Node, Weight};
use super::term::{Bounds, TermExec};
use super::trace::Silent;
use crate::error::Result;
use crate::index::Part;
use crate::query::Occur;
use crate::segment::norms;
use crate::segment::posting_list::BLOCK_LEN;
use serde::Serialize;
use std::fmt;

/// The text of what is a sum of its details.
const SUM: &str = "the sum of";

/// A number, what it is, and what it is made of.
///
/// Where the details are summed, their values add up, in their order and as
/// `f32`, to exactly this value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    value: f32,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Explanation>,
}

impl Explanation {
    fn new(value: f32, text: impl Into<String>) -> Self {
        Self {
            value,
            text: text.into(),
            details: Vec::new(),
        }
    }

    fn with(mut self, details: Vec<Self>) -> Self {
        self.details = details;
        self
    }

    /// The number.
    #[must_use]
    pub fn value(&self) -> f32 {
        self.value
    }

    /// What it is.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is the sum of its details.
    #[must_use]
    pub fn is_sum(&self) -> bool {
        self.text == SUM
    }

    /// What it is made of.
    #[must_use]
    pub fn details(&self) -> &[Self] {
        &self.details
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        writeln!(
            f,
            "{:indent$}{:<9} {}",
            "",
            self.value,
            self.text,
            indent = depth * 2
        )?;
        self.details
            .iter()
            .try_for_each(|detail| detail.write(f, depth + 1))
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

/// Explains the score of a document that matched. Sets, as of beginnings and patterns, are
/// made again for each part of the sum, so this may take longer than the search did.
pub(super) fn explain(
    node: &Node,
    part: &Part,
    document: u32,
    deadline: Deadline,
) -> Result<Explanation> {
    let explained = explain_node(node, part, document, deadline)?;
    Ok(explained.unwrap_or_else(|| Explanation::new(0.0, "the document doesn't match")))
}

/// The score of one document; `None` if it doesn't match.
fn score(node: &Node, part: &Part, document: u32, deadline: Deadline) -> Result<Option<f32>> {
    let (mut left, mut scores) = (Slots::none(), [0.0; BLOCK_LEN]);
    left.fill(1);
    let mut exec = Exec::new(node, part, &Limits::new(deadline), Silent)?;
    exec.keep(&[document; BLOCK_LEN], &mut left, Some(&mut scores), -1.0)?;
    Ok((!left.is_empty()).then_some(scores[0]))
}

fn explain_node(
    node: &Node,
    part: &Part,
    document: u32,
    deadline: Deadline,
) -> Result<Option<Explanation>> {
    deadline.check()?;
    let Some(value) = score(node, part, document, deadline)? else {
        return Ok(None);
    };
    Ok(Some(match node {
        Node::All(_) => Explanation::new(value, "every document"),
        Node::Term(term) => {
            let near = term.near.as_deref();
            let mut text = format!("{:?} in {}", term.term, term.field);
            if let Some(near) = near {
                text += &match near.edits {
                    0 => String::new(),
                    1 => format!(", an edit from {:?}", near.word),
                    edits => format!(", {edits} edits from {:?}", near.word),
                };
            }
            let exec = TermExec::of(part, term, Bounds::Unwanted, Silent)?;
            let mut frequency = 1;
            if let Some(mut exec) = exec
                && exec.find(document)?
            {
                frequency = exec.frequency_found()?;
            }
            let norm = norm_of(part, &term.field, document);
            Explanation::new(value, text).with(factors(&term.weight, near, frequency, norm))
        }
        Node::Phrase(phrase) => {
            let words: Vec<&str> = phrase.terms.iter().map(|(_, term)| term.as_str()).collect();
            let text = format!("the phrase {words:?} in {}", phrase.field);
            let exec = PhraseExec::new(part, phrase, Silent)?;
            let frequency = exec.map_or(Ok(0), |mut exec| exec.frequency(document))?;
            let norm = norm_of(part, &phrase.field, document);
            Explanation::new(value, text).with(factors(&phrase.weight, None, frequency, norm))
        }
        Node::Codes { field, .. } | Node::Terms { field, .. } => {
            Explanation::new(value, format!("in a range of {field}"))
        }
        Node::Prefix { field, prefix, .. } if prefix.is_empty() => {
            Explanation::new(value, format!("has {field}"))
        }
        Node::Prefix { field, prefix, .. } => {
            Explanation::new(value, format!("{prefix:?}* in {field}"))
        }
        Node::Pattern { field, written, .. } => {
            Explanation::new(value, format!("{written} in {field}"))
        }
        Node::Constant(inner, _) => {
            let inner = explain_node(inner, part, document, deadline)?;
            let text = "a constant score, whatever this would have";
            Explanation::new(value, text).with(inner.into_iter().collect())
        }
        Node::Boolean(boolean) => {
            let mut details = Vec::new();
            for (occur, clause) in &boolean.clauses {
                if matches!(occur, Occur::Must | Occur::Should) {
                    details.extend(explain_node(clause, part, document, deadline)?);
                }
            }
            Explanation::new(value, SUM).with(details)
        }
    }))
}

fn norm_of(part: &Part, field: &str, document: u32) -> Option<u8> {
    let norms = part.segment.inverted(field)?.norms()?;
    norms.get(document as usize).copied()
}

/// What a term's or a phrase's score is the product of.
fn factors(
    weight: &Weight,
    near: Option<&Near>,
    frequency: u32,
    norm: Option<u8>,
) -> Vec<Explanation> {
    let denominator = weight.similarity.denominator(norm.unwrap_or(0));
    let saturated = frequency as f32 / (frequency as f32 + denominator);
    let mut made_of = vec![Explanation::new(
        frequency as f32,
        "tf, how often it occurs here",
    )];
    let bm25 = weight.bm25;
    let k = match (norm, weight.average_length) {
        (Some(norm), Some(average)) => format!(
            "K = k1 · (1 - b + b · {} / {average:.2}), of k1 = {}, b = {}, length and average length",
            norms::decode(norm),
            bm25.k1(),
            bm25.b()
        ),
        _ => format!("K = k1 = {}, as a keyword has no length", bm25.k1()),
    };
    made_of.push(Explanation::new(denominator, k));
    let documents = weight.documents;
    let idf = match (near, weight.frequencies.as_slice()) {
        (Some(near), _) => {
            let (nearest, frequency) = &near.nearest;
            format!("idf of {nearest:?}, the nearest, in {frequency} of {documents} documents")
        }
        (None, [frequency]) => format!("idf, in {frequency} of {documents} documents"),
        (None, several) => {
            format!("idf, the sum for terms in {several:?} of {documents} documents")
        }
    };
    let boost = match near {
        Some(near) if near.edits > 0 => "boost, less what the edits cost",
        _ => "boost",
    };
    vec![
        Explanation::new(weight.value, "weight = idf · boost").with(vec![
            Explanation::new(weight.idf, idf),
            Explanation::new(weight.boost, boost),
        ]),
        Explanation::new(saturated, "tf / (tf + K)").with(made_of),
    ]
}
