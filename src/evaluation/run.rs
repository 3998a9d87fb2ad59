//! # Runs: an engine's answers to all questions of a collection
//!
//! Idea        rankings, query by query, in the form that TREC has used since
//!             1992 and every tool reads
//! Example     `q1 Q0 d7 1 12.25 wordhoard`: for query q1, document d7 at rank 1
//!             with score 12.25, said the engine "wordhoard". (`Q0` has meant
//!             nothing since the first year)
//! Invariants  (1) ids in a written run have no blanks: they could not be read
//!             back
//!             (2) scores are printed exactly, so that reading gives them back
//! Left out    ties: trec_eval would order them by id, descending. A run whose
//!             ties must survive needs scores that fall
//! Next        `measures`

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use super::{columns, lines, read, refuse};
use crate::error::{Error, Result};

/// The answers of one engine.
///
/// ```
/// use wordhoard::evaluation::Run;
///
/// let mut run = Run::new("wordhoard");
/// run.add("q1", [("d7", 12.25), ("d2", 3.5)]);
/// let mut text = Vec::new();
/// run.write(&mut text)?;
/// let text = String::from_utf8(text).unwrap();
/// assert_eq!(text, "q1 Q0 d7 1 12.25 wordhoard\nq1 Q0 d2 2 3.5 wordhoard\n");
/// assert_eq!(Run::parse(&text, "a run")?, run);
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    tag: String,
    rankings: Vec<(String, Vec<Ranked>)>,
    /// Where a query is in `rankings`.
    places: std::collections::HashMap<String, usize>,
}

/// A document in a ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// The document's key.
    pub document: String,
    /// Its score, which orders nothing here.
    pub score: f64,
}

impl Run {
    /// A run without answers yet, of the engine `tag`.
    #[must_use]
    pub fn new(tag: impl Into<String>) -> Self {
        Self {
            tag: tag.into(),
            ..Self::default()
        }
    }

    /// Appends documents to the ranking for a query, the best first.
    pub fn add<D: Into<String>>(
        &mut self,
        query: &str,
        ranking: impl IntoIterator<Item = (D, f64)>,
    ) {
        let place = match self.places.get(query) {
            Some(&place) => place,
            None => {
                self.places.insert(query.to_owned(), self.rankings.len());
                self.rankings.push((query.to_owned(), Vec::new()));
                self.rankings.len() - 1
            }
        };
        let ranked = ranking.into_iter().map(|(document, score)| Ranked {
            document: document.into(),
            score,
        });
        self.rankings[place].1.extend(ranked);
    }

    /// The name of the engine.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The ranking for a query; empty if the run doesn't answer it.
    #[must_use]
    pub fn ranking(&self, query: &str) -> &[Ranked] {
        match self.places.get(query) {
            Some(&place) => &self.rankings[place].1,
            None => &[],
        }
    }

    /// The queries answered, in the order in which they were.
    pub fn queries(&self) -> impl Iterator<Item = (&str, &[Ranked])> {
        self.rankings
            .iter()
            .map(|(query, ranking)| (query.as_str(), ranking.as_slice()))
    }

    /// Writes the run in TREC's form.
    ///
    /// # Errors
    /// Io if writing fails, Evaluation for an id or a tag that is empty or has a
    /// blank in it.
    pub fn write(&self, out: &mut dyn Write) -> Result<()> {
        let writing = |error| Error::io("writing", "the run", error);
        word("run's tag", &self.tag)?;
        for (query, ranking) in &self.rankings {
            word("query id", query)?;
            for (index, Ranked { document, score }) in ranking.iter().enumerate() {
                word("document id", document)?;
                let rank = index + 1;
                writeln!(out, "{query} Q0 {document} {rank} {score} {}", self.tag)
                    .map_err(writing)?;
            }
        }
        out.flush().map_err(writing)
    }

    /// Reads a file in TREC's form.
    ///
    /// # Errors
    /// Io if the file can't be read, Evaluation if a line isn't one of a run.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::parse(&read(path)?, &path.display().to_string())
    }

    /// Reads a run from a text, which messages call `name`. A query's documents
    /// are ordered by their ranks; lines of the same rank keep their order.
    ///
    /// # Errors
    /// [`ErrorKind::Evaluation`](crate::ErrorKind::Evaluation), naming the line.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        let mut run = Self::default();
        let mut seen = HashSet::new();
        let mut answers: Vec<(&str, i64, &str, f64)> = Vec::new();
        for (number, line) in lines(text) {
            let place = || format!("{name} line {number}");
            let columns = columns(line);
            let [query, _, document, rank, score, tag] = columns[..] else {
                let count = columns.len();
                let what =
                    format!("{count} columns; a run has query, Q0, document, rank, score, tag");
                return Err(refuse(&place(), what));
            };
            let Ok(rank) = rank.parse::<i64>() else {
                return Err(refuse(
                    &place(),
                    format!("the rank {rank:?} is not a whole number; count from 1"),
                ));
            };
            let Some(score) = score.parse::<f64>().ok().filter(|score| !score.is_nan()) else {
                return Err(refuse(
                    &place(),
                    format!("the score {score:?} is not a number; write one"),
                ));
            };
            if !seen.insert((query, document)) {
                let what = format!(
                    "document {document} is there twice for query {query}; keep the better one"
                );
                return Err(refuse(&place(), what));
            }
            if run.tag.is_empty() {
                run.tag = tag.to_owned();
            }
            answers.push((query, rank, document, score));
        }
        // First the queries in the order in which they come, then the ranks.
        for (query, ..) in &answers {
            run.add::<&str>(query, []);
        }
        answers.sort_by_key(|&(_, rank, ..)| rank);
        for (query, _, document, score) in answers {
            run.add(query, [(document, score)]);
        }
        Ok(run)
    }
}

/// Refuses what can't be a column of a run.
fn word(what: &str, text: &str) -> Result<()> {
    if text.is_empty() || text.contains(char::is_whitespace) {
        return Err(refuse(
            "a run can't be written",
            format!(
                "the {what} {text:?} is empty or has a blank in it; TREC's form allows neither"
            ),
        ));
    }
    Ok(())
}
