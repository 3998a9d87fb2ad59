//! Hits in the order of a column.

use super::plan::find;
use super::topk::Scored;
use crate::document::{FieldKind, Schema};
use crate::error::{Error, ErrorKind, Result};
use crate::index::{Part, Snapshot};
use std::cmp::Ordering;

/// In which order hits come: by the values of a field, equal ones in the order
/// in which they were put; those without a value come last.
///
/// ```
/// use wordhoard::search::Sort;
///
/// assert_eq!("-year".parse::<Sort>()?, Sort::descending("year"));
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    field: String,
    descending: bool,
}

impl Sort {
    /// The smallest first. Of several values the smallest counts.
    pub fn ascending(field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            descending: false,
        }
    }

    /// The greatest first. Of several values the greatest counts.
    pub fn descending(field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            descending: true,
        }
    }
}

impl std::str::FromStr for Sort {
    type Err = Error;

    /// `year` is ascending, `-year` descending.
    fn from_str(text: &str) -> Result<Self> {
        match text.strip_prefix('-') {
            Some(field) => Ok(Self::descending(field)),
            None => Ok(Self::ascending(text)),
        }
    }
}

/// A document and where it stands in the order of its segment.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    /// Smaller comes first; `None` has no value.
    rank: Option<u64>,
    document: u32,
    score: f32,
}

/// Keeps the first documents of each segment.
#[derive(Clone)]
pub(super) struct SortedTop {
    sort: Sort,
    keyword: bool,
    limit: usize,
    /// By part, in the order in which they come.
    candidates: Vec<(u32, Vec<Candidate>)>,
}

impl SortedTop {
    pub(super) fn new(schema: &Schema, sort: &Sort, limit: usize) -> Result<Self> {
        let (field, _) = find(schema, &sort.field)?;
        if matches!(field.kind(), FieldKind::Text(_)) {
            return Err(Error::new(
                ErrorKind::Query,
                format!(
                    "field {:?} is a text, which has no order; sort by a number, a date, a boolean \
                     or a keyword",
                    field.name()
                ),
            ));
        }
        Ok(Self {
            sort: sort.clone(),
            keyword: matches!(field.kind(), FieldKind::Keyword),
            limit,
            candidates: Vec::new(),
        })
    }

    pub(super) fn push(&mut self, part: &Part, document: u32, score: f32) {
        let column = part.segment.column(&self.sort.field);
        let values = column
            .into_iter()
            .flat_map(|column| column.values(document));
        let code = if self.sort.descending {
            values.max()
        } else {
            values.min()
        };
        // Turned round, so that smaller always comes first.
        let rank = code.map(|code| if self.sort.descending { !code } else { code });
        if self
            .candidates
            .last()
            .is_none_or(|(base, _)| *base != part.base)
        {
            self.candidates.push((part.base, Vec::new()));
        }
        let Some((_, candidates)) = self.candidates.last_mut() else {
            return;
        };
        candidates.push(Candidate {
            rank,
            document: part.base + document,
            score,
        });
        if candidates.len() >= (self.limit * 2).max(4096) {
            first(candidates, self.limit, by_rank);
        }
    }

    /// What was kept of other segments, too.
    pub(super) fn join(&mut self, other: Self) {
        self.candidates.extend(other.candidates);
    }

    /// The first of all segments.
    pub(super) fn finish(mut self, snapshot: &Snapshot) -> Result<Vec<Scored>> {
        let mut all: Vec<(Option<Vec<u8>>, Candidate)> = Vec::new();
        for (base, mut candidates) in std::mem::take(&mut self.candidates) {
            first(&mut candidates, self.limit, by_rank);
            for candidate in &candidates {
                let name = match candidate.rank {
                    Some(rank) if self.keyword => self.name(snapshot, base, rank)?,
                    _ => None,
                };
                all.push((name, *candidate));
            }
        }
        let order = |a: &(Option<Vec<u8>>, Candidate), b: &(Option<Vec<u8>>, Candidate)| {
            if !self.keyword {
                return by_rank(&a.1, &b.1);
            }
            let by_name = match (&a.0, &b.0) {
                (Some(a), Some(b)) if self.sort.descending => b.cmp(a),
                (Some(a), Some(b)) => a.cmp(b),
                (a, b) => a.is_none().cmp(&b.is_none()),
            };
            by_name.then(a.1.document.cmp(&b.1.document))
        };
        all.sort_by(order);
        all.truncate(self.limit);
        let scored = all.iter().map(|(_, candidate)| Scored {
            score: candidate.score,
            document: candidate.document,
        });
        Ok(scored.collect())
    }

    /// The keyword whose ordinal gave the rank.
    fn name(&self, snapshot: &Snapshot, base: u32, rank: u64) -> Result<Option<Vec<u8>>> {
        let ordinal = if self.sort.descending { !rank } else { rank };
        let part = snapshot.part_of(base);
        let inverted = part.and_then(|part| part.segment.inverted(&self.sort.field));
        let ordinal = u32::try_from(ordinal).unwrap_or(u32::MAX);
        inverted.map(|inverted| inverted.term(ordinal)).transpose()
    }
}

fn by_rank(a: &Candidate, b: &Candidate) -> Ordering {
    let missing = a.rank.is_none().cmp(&b.rank.is_none());
    missing
        .then(a.rank.cmp(&b.rank))
        .then(a.document.cmp(&b.document))
}

/// Leaves the first `limit`, in order.
fn first(
    candidates: &mut Vec<Candidate>,
    limit: usize,
    order: fn(&Candidate, &Candidate) -> Ordering,
) {
    candidates.sort_unstable_by(order);
    candidates.truncate(limit);
}
