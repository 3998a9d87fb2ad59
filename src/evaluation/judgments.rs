//! # Judgments: which documents answer which query, and how well
//!
//! Idea        one line a judgment, in either of the forms that collections
//!             come in
//! Example     BEIR: `query-id<TAB>corpus-id<TAB>score`, first line perhaps a
//!             header; TREC: `query 0 document grade`. So `q1<TAB>d7<TAB>2` and
//!             `q1 0 d7 2` say the same
//! Invariants  a document has one grade for a query: a second, different one is
//!             an error, since a figure from such judgments would mean nothing
//! Left out    fractional grades: no common collection has them
//! Next        `topics`

use std::collections::BTreeMap;
use std::path::Path;

use super::{columns, lines, read, refuse};
use crate::error::Result;

/// The grades that people gave to documents, query by query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgments {
    queries: BTreeMap<String, Grades>,
}

/// The documents judged for one query. A grade of 1 or more is relevant, and
/// better if higher; 0 or less is not relevant, as is a document not judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grades {
    documents: BTreeMap<String, i64>,
}

impl Judgments {
    /// No judgments yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a file of judgments.
    ///
    /// # Errors
    /// Io if the file can't be read, Evaluation if a line isn't a judgment.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::parse(&read(path)?, &path.display().to_string())
    }

    /// Reads judgments from a text, which messages call `name`.
    ///
    /// ```
    /// use wordhoard::evaluation::Judgments;
    ///
    /// let beir = Judgments::parse("query-id\tcorpus-id\tscore\nq1\td7\t2\n", "qrels")?;
    /// let trec = Judgments::parse("q1 0 d7 2\n", "qrels")?;
    /// assert_eq!(beir, trec);
    /// assert_eq!(beir.grades("q1").unwrap().grade("d7"), 2);
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Evaluation`](crate::ErrorKind::Evaluation), naming the line.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        let mut judgments = Self::new();
        for (index, (number, line)) in lines(text).enumerate() {
            let place = || format!("{name} line {number}");
            let (query, document, grade) = match columns(line)[..] {
                [query, document, grade] | [query, _, document, grade] => (query, document, grade),
                ref columns => {
                    return Err(refuse(
                        &place(),
                        format!(
                            "{} columns; a judgment is query, document, grade, or query, 0, document, grade",
                            columns.len()
                        ),
                    ));
                }
            };
            let Ok(grade) = grade.parse::<i64>() else {
                if index == 0 {
                    continue; // a header
                }
                return Err(refuse(
                    &place(),
                    format!(
                        "the grade {grade:?} is not a whole number; the grade is the last column"
                    ),
                ));
            };
            if query.is_empty() || document.is_empty() {
                return Err(refuse(
                    &place(),
                    "an id is empty; give query, document and grade",
                ));
            }
            if let Some(earlier) = judgments.add(query, document, grade)
                && earlier != grade
            {
                return Err(refuse(
                    &place(),
                    format!(
                        "document {document} has the grade {grade} for query {query}, but {earlier} \
                         further up; keep one of the two"
                    ),
                ));
            }
        }
        Ok(judgments)
    }

    /// Adds a judgment, and returns the grade that it replaces.
    pub fn add(&mut self, query: &str, document: &str, grade: i64) -> Option<i64> {
        let grades = self.queries.entry(query.to_owned()).or_default();
        grades.documents.insert(document.to_owned(), grade)
    }

    /// The grades for a query.
    #[must_use]
    pub fn grades(&self, query: &str) -> Option<&Grades> {
        self.queries.get(query)
    }

    /// The queries with a judgment, in the order of their ids.
    pub fn queries(&self) -> impl Iterator<Item = (&str, &Grades)> {
        self.queries
            .iter()
            .map(|(query, grades)| (query.as_str(), grades))
    }
}

impl Grades {
    /// The grade of a document; 0 where none was given.
    #[must_use]
    pub fn grade(&self, document: &str) -> i64 {
        self.documents.get(document).copied().unwrap_or(0)
    }

    /// How many documents were judged relevant.
    #[must_use]
    pub fn relevant_count(&self) -> usize {
        self.documents.values().filter(|&&grade| grade > 0).count()
    }

    /// The documents judged, in the order of their ids.
    pub fn documents(&self) -> impl Iterator<Item = (&str, i64)> {
        self.documents
            .iter()
            .map(|(document, &grade)| (document.as_str(), grade))
    }
}
