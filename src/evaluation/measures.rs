//! # Measures: a ranking and its grades to a number
//!
//! Idea        walk down the ranking, look up each document's grade, and weigh
//!             what is found by where it is found
//! Example     grades d1: 3, d2: 2, d3: 1; ranked d3, x, d1.
//!             DCG = 1/log₂2 + 0/log₂3 + 3/log₂4 = 2.5,
//!             ideal = 3/log₂2 + 2/log₂3 + 1/log₂4 = 4.7619,
//!             nDCG@3 = 0.5250
//! Invariants  every value is within 0 ..= 1; what isn't relevant adds nothing
//! Cost        one pass over the ranking, one sort of the grades
//! Next        `examples/search/eval.rs`, and no further: that was the book

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use super::Grades;
use crate::error::{Error, ErrorKind, Result};

/// What is measured, and how far down the ranking.
///
/// Let rel be the number of documents judged relevant, rel(k) of those among
/// the first k, and gain(i) the grade of the document at rank i, at least 0.
///
/// | name | also | value | in trec_eval |
/// |---|---|---|---|
/// | `ndcg@k` | | Σ gain(i)/log₂(i+1) over i ≤ k, divided by the same sum for the best order of all judged documents | `ndcg_cut_k` |
/// | `map@k` | `ap` | Σ rel(i)/i over the ranks i ≤ k of relevant documents, divided by rel | `map_cut_k` |
/// | `mrr@k` | `rr`, `recip_rank` | 1/i for the first relevant document at a rank i ≤ k | `recip_rank` |
/// | `recall@k` | `r` | rel(k)/rel | `recall_k` |
/// | `precision@k` | `p` | rel(k)/k, even if the ranking is shorter | `P_k` |
///
/// Without `@k` the whole ranking is meant.
///
/// ```
/// use wordhoard::evaluation::{Kind, Measure};
///
/// let measure: Measure = "ndcg@10".parse()?;
/// assert_eq!(measure, Measure::new(Kind::Ndcg).at(10));
/// assert_eq!(measure.to_string(), "ndcg@10");
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Measure {
    kind: Kind,
    /// At least 1.
    cutoff: Option<usize>,
}

/// The measures, without the rank down to which they look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Normalised discounted cumulative gain.
    Ndcg,
    /// Average precision; its mean over queries is called MAP.
    AveragePrecision,
    /// Reciprocal rank; its mean over queries is called MRR.
    ReciprocalRank,
    /// The share of the relevant documents that was found.
    Recall,
    /// The share of what was found that is relevant.
    Precision,
}

/// The names that are read; the first of a kind is the one that is written.
const NAMES: [(&str, Kind); 10] = [
    ("ndcg", Kind::Ndcg),
    ("map", Kind::AveragePrecision),
    ("ap", Kind::AveragePrecision),
    ("mrr", Kind::ReciprocalRank),
    ("rr", Kind::ReciprocalRank),
    ("recip_rank", Kind::ReciprocalRank),
    ("recall", Kind::Recall),
    ("r", Kind::Recall),
    ("precision", Kind::Precision),
    ("p", Kind::Precision),
];

impl Measure {
    /// A measure of the whole ranking.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self { kind, cutoff: None }
    }

    /// The same, of the first `cutoff` documents (of the first, if that is 0).
    #[must_use]
    pub fn at(self, cutoff: usize) -> Self {
        Self {
            cutoff: Some(cutoff.max(1)),
            ..self
        }
    }

    /// Down to which rank it looks; `None` is the whole ranking.
    #[must_use]
    pub fn cutoff(self) -> Option<usize> {
        self.cutoff
    }

    /// Reads names with commas between, as `ndcg@10,map,recall@100`.
    ///
    /// # Errors
    /// [`ErrorKind::Evaluation`] for a name that is none.
    pub fn list(names: &str) -> Result<Vec<Self>> {
        names.split(',').map(|name| name.trim().parse()).collect()
    }

    /// Measures one ranking, the best document first.
    ///
    /// ```
    /// use wordhoard::evaluation::{Judgments, Measure};
    ///
    /// let judgments = Judgments::parse("q d1 3\nq d2 2\nq d3 1\n", "qrels")?;
    /// let ndcg: Measure = "ndcg@3".parse()?;
    /// let value = ndcg.value(&["d3", "x", "d1"], judgments.grades("q").unwrap());
    /// assert_eq!(format!("{value:.4}"), "0.5250");
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    #[must_use]
    pub fn value(self, ranking: &[&str], grades: &Grades) -> f64 {
        let relevant = grades.relevant_count();
        if relevant == 0 {
            return 0.0;
        }
        let mut seen = HashSet::new();
        let unique = ranking.iter().filter(|&&document| seen.insert(document));
        let gains: Vec<i64> = unique
            .take(self.cutoff.unwrap_or(usize::MAX))
            .map(|document| grades.grade(document).max(0))
            .collect();
        let found = || gains.iter().filter(|&&gain| gain > 0).count() as f64;
        match self.kind {
            Kind::Ndcg => {
                let mut ideal: Vec<i64> =
                    grades.documents().map(|(_, grade)| grade.max(0)).collect();
                ideal.sort_unstable_by(|a, b| b.cmp(a));
                ideal.truncate(self.cutoff.unwrap_or(usize::MAX));
                discounted(&gains) / discounted(&ideal)
            }
            Kind::AveragePrecision => {
                let mut sum = 0.0;
                let mut found = 0.0;
                for (index, _) in gains.iter().enumerate().filter(|&(_, &gain)| gain > 0) {
                    found += 1.0;
                    sum += found / (index + 1) as f64;
                }
                sum / relevant as f64
            }
            Kind::ReciprocalRank => gains
                .iter()
                .position(|&gain| gain > 0)
                .map_or(0.0, |index| 1.0 / (index + 1) as f64),
            Kind::Recall => found() / relevant as f64,
            Kind::Precision => found() / self.cutoff.unwrap_or(gains.len()).max(1) as f64,
        }
    }
}

/// The sum of the gains, each divided by log₂(rank + 1).
fn discounted(gains: &[i64]) -> f64 {
    let discounted = |(index, &gain): (usize, &i64)| gain as f64 / ((index + 2) as f64).log2();
    gains.iter().enumerate().map(discounted).sum()
}

impl FromStr for Measure {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = |what: String| {
            Err(Error::new(
                ErrorKind::Evaluation,
                format!(
                    "{what}; the measures are ndcg, map, mrr, recall and precision, \
                     each with @ and a rank if wanted, such as ndcg@10"
                ),
            ))
        };
        let (name, cutoff) = match text.split_once('@') {
            None => (text, None),
            Some((name, digits)) => match digits.parse::<usize>() {
                Ok(cutoff) if cutoff > 0 => (name, Some(cutoff)),
                _ => return refuse(format!("{text:?} looks at no rank that is a number from 1")),
            },
        };
        let lower = name.to_ascii_lowercase();
        match NAMES.iter().find(|(known, _)| *known == lower) {
            Some(&(_, kind)) => Ok(Self { kind, cutoff }),
            None => refuse(format!("there is no measure {name:?}")),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES
            .iter()
            .find(|(_, kind)| *kind == self.kind)
            .map_or("", |(name, _)| name);
        f.write_str(name)?;
        match self.cutoff {
            Some(cutoff) => write!(f, "@{cutoff}"),
            None => Ok(()),
        }
    }
}
