//! # Evaluation: how good are the answers?
//!
//! Idea        people judged, once, which documents answer which question; so
//!             every ranking can be given a number, and two engines compared
//! Example     judged relevant: `d1` and `d4`. Ranked: `d1 d2 d3 d4`. The two
//!             are found at ranks 1 and 4, so the average precision is
//!             (1/1 + 2/4) / 2 = 0.75
//! Invariants  (1) the mean is over the queries for which a relevant document
//!             was judged, whether or not the run answers them: an engine can't
//!             gain by keeping silent
//!             (2) a ranking's order is taken as given, and a document counts
//!             once, where it comes first
//! Left out    tests of significance, and measures made for incomplete
//!             judgments (bpref, infAP). They can be computed from
//!             [`Report::queries`] or by trec_eval from a written [`Run`]
//! Paper       Järvelin and Kekäläinen 2002, §2: why discounted gain.
//!             Buckley and Voorhees 2005 (chapter 3 of "TREC"): the others
//! Rooms       `judgments` and `topics`: what people said, and were asked; `run`: what
//!             an engine answered; `measures`: what that is worth
//! Next        `judgments`; then `examples/search`'s `eval`, which joins this with the
//!             search
//!
//! This layer knows lists of document ids and nothing of indexes, so it judges
//! any engine's answers.
//!
//! ## Beside trec_eval
//!
//! The measures are defined as trec_eval defines them ([`Measure`] has the
//! formulas). Two habits differ, and both are visible in figures:
//!
//! - trec_eval ignores the ranks of a run and sorts by score, documents with
//!   equal scores by id in *descending* order. Here the order is the engine's:
//!   a tie is broken as its user would see it broken.
//! - trec_eval averages over the queries that the run answers, unless given
//!   `-c`. Here the queries of invariant (1) are counted, always.
//!
//! ```
//! use wordhoard::evaluation::{Judgments, Measure, Run, evaluate};
//!
//! let judgments = Judgments::parse("q1\td1\t1\nq1\td4\t1\nq2\td9\t2\n", "qrels.tsv")?;
//! let mut run = Run::new("wordhoard");
//! run.add("q1", ["d1", "d2", "d3", "d4"].map(|id| (id, 1.0)));
//! let report = evaluate(&judgments, &run, &Measure::list("map,mrr@10,recall@3")?);
//! let lines: Vec<String> = report.means().map(|(m, mean)| format!("{m}\t{mean:.4}")).collect();
//! // q2, which the run doesn't answer, counts as 0.
//! assert_eq!(lines, ["map\t0.3750", "mrr@10\t0.5000", "recall@3\t0.2500"]);
//! # Ok::<(), wordhoard::Error>(())
//! ```

mod judgments;
mod measures;
mod run;
mod topics;

pub use judgments::{Grades, Judgments};
pub use measures::{Kind, Measure};
pub use run::{Ranked, Run};
pub use topics::{Topic, parse_topics, read_topics};

use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// What [`evaluate`] found: a value for each query and measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    measures: Vec<Measure>,
    queries: Vec<(String, Vec<f64>)>,
}

/// Measures a run against judgments.
#[must_use]
pub fn evaluate(judgments: &Judgments, run: &Run, measures: &[Measure]) -> Report {
    let queries = judgments
        .queries()
        .filter(|(_, grades)| grades.relevant_count() > 0)
        .map(|(query, grades)| {
            let ranking: Vec<&str> = run
                .ranking(query)
                .iter()
                .map(|r| r.document.as_str())
                .collect();
            let values = measures.iter().map(|m| m.value(&ranking, grades)).collect();
            (query.to_owned(), values)
        })
        .collect();
    Report {
        measures: measures.to_vec(),
        queries,
    }
}

impl Report {
    /// The mean of each measure over all queries that count; 0 if none does.
    pub fn means(&self) -> impl Iterator<Item = (Measure, f64)> + '_ {
        let count = self.queries.len().max(1) as f64;
        self.measures
            .iter()
            .enumerate()
            .map(move |(column, &measure)| {
                // Not with `sum`: of no numbers that is -0.
                let values = self.queries.iter().map(|(_, values)| values[column]);
                (measure, values.fold(0.0, |sum, value| sum + value) / count)
            })
    }

    /// The mean of one of the measures.
    #[must_use]
    pub fn mean(&self, measure: Measure) -> Option<f64> {
        self.means()
            .find(|(m, _)| *m == measure)
            .map(|(_, mean)| mean)
    }

    /// Each query that counts, in the order of the ids, with its values in the
    /// order of the measures.
    pub fn queries(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.queries
            .iter()
            .map(|(query, values)| (query.as_str(), values.as_slice()))
    }

    /// How many queries the means are over.
    #[must_use]
    pub fn query_count(&self) -> usize {
        self.queries.len()
    }
}

fn read(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|error| Error::io("reading", path, error))?;
    String::from_utf8(bytes).map_err(|error| {
        refuse(
            &path.display().to_string(),
            format!(
                "byte {} is not UTF-8; save the file as UTF-8",
                error.utf8_error().valid_up_to()
            ),
        )
    })
}

fn refuse(place: &str, what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Evaluation, format!("{place}: {what}"))
}

/// The lines that say something, numbered from 1, without a byte order mark or
/// ends of line.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.strip_prefix('\u{feff}')
        .unwrap_or(text)
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| (number + 1, line))
}

/// The columns of a line: between tabs if there are any, else between blanks.
fn columns(line: &str) -> Vec<&str> {
    if line.contains('\t') {
        line.split('\t').map(str::trim).collect()
    } else {
        line.split_whitespace().collect()
    }
}

#[cfg(test)]
mod tests;
