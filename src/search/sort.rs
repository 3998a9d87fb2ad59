//! # Sorting: hits in the order of a column
//!
//! Idea        of the documents that match the first few by a value are kept, and the
//!             last of these says what the next must come before. Of 128 documents
//!             that follow one another a column knows the least and the greatest
//!             value: if that is not good enough, none of them is looked at. Nobody
//!             needs a score to know the order, so only what stands on the page is
//!             scored
//! Example     the ten newest of 150,000 articles, written in any order: once ten of
//!             the last year are found no other is looked at, though all are counted
//! Invariants  (1) documents of a part are shown in order, so of equal values the
//!             later one loses
//!             (2) a keyword's rank is its ordinal, which says nothing in another part:
//!             these are compared by their names in the end
//!             (3) what stands before a cursor (`cursor.rs`) is not among the first. Each
//!             part knows beforehand where that is, by its own ordinals
//! Cost        all of 500,000 documents by one of 125 years 0.17 ms; 15,600 that have a
//!             word as much
//! Next        `facets.rs`

use super::limits::Deadline;
use super::window::{GROUP, Group, indices};
use crate::bytes::Lie;
use crate::document::{Field, FieldKind, Schema};
use crate::error::{Error, Result};
use crate::index::{Part, Snapshot};
use crate::segment::Column;
use crate::segment::file::Kind;
use crate::segment::posting_list::BLOCK_LEN;
use std::cmp::Ordering;

/// In which order hits come: by the values of a field, equal ones in the order
/// in which they were put, unless the index was
/// [reordered](crate::index::Optimize::reordered); those without a value come last.
///
/// ```
/// use wordhoard::search::Sort;
///
/// assert_eq!("-year".parse::<Sort>()?, Sort::descending("year"));
/// assert_eq!(Sort::descending("year").to_string(), "-year");
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

    /// Which of two values comes first; none comes last.
    pub(super) fn compare<V: Ord>(&self, a: Option<&V>, b: Option<&V>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if self.descending => b.cmp(a),
            (Some(a), Some(b)) => a.cmp(b),
            (a, b) => a.is_none().cmp(&b.is_none()),
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

impl std::fmt::Display for Sort {
    /// As it is [read](std::str::FromStr).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.descending { "-" } else { "" };
        write!(f, "{sign}{}", self.field)
    }
}

/// What a document is ordered by among those of any index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// A number's code, or that of a date or a boolean.
    Number(u64),
    /// A keyword's name.
    Keyword(Vec<u8>),
}

/// A field that has values in an order, which words of a text haven't; `purpose` is what
/// one is wanted for, as in "none to sort by".
pub(super) fn find_ordered<'s>(schema: &'s Schema, name: &str, purpose: &str) -> Result<&'s Field> {
    let refused = match schema.field(name) {
        None => format!("there is no field {name:?} to {purpose}"),
        Some((_, field)) if matches!(field.kind(), FieldKind::Text(_)) => {
            format!("field {name:?} is a text, and so none to {purpose}")
        }
        Some((_, field)) => return Ok(field),
    };
    Err(Error::query(format!(
        "{refused}; there are: {}",
        schema.ordered()
    )))
}

/// Where a document stands: those that have a value, by what it is, the first lowest;
/// then the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    is_missing: bool,
    value: u64,
}

/// A document and where it stands in the order of its segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    rank: Rank,
    document: u32,
}

/// The first of a part so far.
#[derive(Clone, Debug)]
struct First {
    base: u32,
    /// The first place after the cursor; nothing before it is taken.
    least: Candidate,
    /// Some more than are wanted, in no order.
    candidates: Vec<Candidate>,
    /// What the next must come before; nothing as long as any will do.
    last: Option<Rank>,
}

/// Keeps the first documents of each segment.
#[derive(Clone)]
pub(super) struct SortedTop {
    sort: Sort,
    keyword: bool,
    limit: usize,
    /// Where the page before ended, if there was one.
    cursor: Option<(Option<Standing>, u32)>,
    /// Of each part what comes first after the cursor; empty if there is none.
    after: Vec<Candidate>,
    /// By part, in the order in which they come.
    parts: Vec<First>,
}

/// Candidates that are kept besides those that are wanted, at the least, before the
/// first are parted from the others.
const SPARE: usize = 128;

impl SortedTop {
    pub(super) fn new(schema: &Schema, sort: &Sort, limit: usize) -> Result<Self> {
        let field = find_ordered(schema, &sort.field, "sort by")?;
        Ok(Self {
            sort: sort.clone(),
            keyword: matches!(field.kind(), FieldKind::Keyword),
            limit,
            cursor: None,
            after: Vec::new(),
            parts: Vec::new(),
        })
    }

    /// From now on only documents count that come after one with this value, or with none.
    pub(super) fn after(
        mut self,
        snapshot: &Snapshot,
        value: Option<&Standing>,
        document: u32,
    ) -> Result<Self> {
        let last = document;
        // No document has the greatest number.
        let next = document.saturating_add(1);
        for part in snapshot.parts() {
            let (code, document) = match (value, self.keyword) {
                (None, _) => (None, next),
                (Some(Standing::Number(code)), false) => (Some(*code), next),
                (Some(Standing::Keyword(name)), true) => {
                    let (ordinal, is_there) = self.ordinal(part, name)?;
                    let document = match (is_there, self.sort.descending) {
                        (true, _) => next,
                        // It would stand just before all that have the ordinal, or,
                        // descending, just after them.
                        (false, false) => 0,
                        (false, true) => u32::MAX,
                    };
                    (Some(ordinal), document)
                }
                _ => return Err(other_kind(&self.sort)),
            };
            let rank = rank_of(code, self.sort.descending);
            self.after.push(Candidate { rank, document });
        }
        self.cursor = Some((value.cloned(), last));
        Ok(self)
    }

    /// The ordinal of the first keyword of a part that isn't less than this, and whether
    /// it is the same.
    fn ordinal(&self, part: &Part, name: &[u8]) -> Result<(u64, bool)> {
        let Some(inverted) = part.segment.inverted(&self.sort.field) else {
            return Ok((0, false));
        };
        let mut terms = inverted.terms(name)?;
        Ok(match terms.next()? {
            Some(entry) => (u64::from(entry.ordinal), terms.term() == name),
            None => (u64::from(inverted.term_count()), false),
        })
    }

    /// Shows some matches of a part, group by group.
    pub(super) fn take(&mut self, part: &Part, groups: impl Iterator<Item = Group>) {
        let (limit, descending) = (self.limit, self.sort.descending);
        let column = part.segment.column(&self.sort.field);
        let Some(first) = self.enter(part) else {
            return;
        };
        let mut codes = column.map(Column::reader);
        for (from, wanted) in groups {
            if let Some(last) = first.last
                && best(column, from, descending) >= last
            {
                continue;
            }
            let mut offer = |document: u32, codes: &[u64]| {
                first.offer(rank(codes, descending), part.base + document, limit);
            };
            match &mut codes {
                Some(codes) => codes.each(from, wanted, offer),
                None => indices(from, &wanted).for_each(|document| offer(document, &[])),
            }
        }
    }

    /// The same of some that are few and far between.
    pub(super) fn take_few(&mut self, part: &Part, documents: &[u32]) {
        let (limit, descending) = (self.limit, self.sort.descending);
        let column = part.segment.column(&self.sort.field);
        let Some(first) = self.enter(part) else {
            return;
        };
        // All ranks are known before the first is compared: what comes of that can't be
        // foreseen, and would have the others wait.
        let mut ranks = [rank(&[], descending); BLOCK_LEN];
        if let Some(column) = column {
            let mut ranks = ranks.iter_mut();
            column.reader().few(documents, |_, codes| {
                if let Some(place) = ranks.next() {
                    *place = rank(codes, descending);
                }
            });
        }
        for (document, rank) in documents.iter().zip(ranks) {
            first.offer(rank, part.base + document, limit);
        }
    }

    /// The first of a part so far, if any are wanted.
    fn enter(&mut self, part: &Part) -> Option<&mut First> {
        if self.parts.last().is_none_or(|last| last.base != part.base) {
            self.parts.push(First {
                base: part.base,
                least: self.after.get(part.number).copied().unwrap_or_default(),
                candidates: Vec::new(),
                last: None,
            });
        }
        self.parts.last_mut().filter(|_| self.limit > 0)
    }

    /// What was kept of other segments, too.
    pub(super) fn join(&mut self, other: Self) {
        self.parts.extend(other.parts);
    }

    /// The first documents of all segments, and where each stands among those of any index;
    /// `None` for one without a value.
    pub(super) fn finish(
        mut self,
        snapshot: &Snapshot,
        deadline: Deadline,
    ) -> Result<Vec<(u32, Option<Standing>)>> {
        for first in &mut self.parts {
            first.candidates.sort_unstable();
            first.candidates.truncate(self.limit);
        }
        let mut all: Vec<Candidate> = self
            .parts
            .iter()
            .flat_map(|first| &first.candidates)
            .copied()
            .collect();
        if !self.keyword {
            all.sort_unstable();
            all.truncate(self.limit);
        }
        let mut first = Vec::with_capacity(all.len());
        // A page may be long, and each keyword is looked up.
        for several in all.chunks(BLOCK_LEN) {
            deadline.check()?;
            for candidate in several {
                first.push((candidate.document, self.standing(snapshot, candidate)?));
            }
        }
        if self.keyword {
            first.sort_by(|(one, a), (other, b)| {
                let by_name = self.sort.compare(a.as_ref(), b.as_ref());
                by_name.then(one.cmp(other))
            });
            first.truncate(self.limit);
            self.must_go_on(snapshot, first.first())?;
        }
        Ok(first)
    }

    /// Refuses a first hit that doesn't come after the cursor. Keywords that are out of order
    /// in a dictionary would have pages go round in circles.
    fn must_go_on(
        &self,
        snapshot: &Snapshot,
        first: Option<&(u32, Option<Standing>)>,
    ) -> Result<()> {
        let (Some((last, document)), Some((next, standing))) = (&self.cursor, first) else {
            return Ok(());
        };
        let by_name = self.sort.compare(last.as_ref(), standing.as_ref());
        match (by_name.then(document.cmp(next)), snapshot.part_of(*next)) {
            (Ordering::Less, _) | (_, None) => Ok(()),
            (_, Some(part)) => {
                let lie = Lie("the terms are out of order");
                let section = Kind::Terms.of_field(&self.sort.field);
                Err(part.segment.corrupt(&section, lie))
            }
        }
    }

    /// What gave a document its rank.
    fn standing(&self, snapshot: &Snapshot, candidate: &Candidate) -> Result<Option<Standing>> {
        let Rank { is_missing, value } = candidate.rank;
        if is_missing {
            return Ok(None);
        }
        let code = turned(value, self.sort.descending);
        if !self.keyword {
            return Ok(Some(Standing::Number(code)));
        }
        let part = snapshot.part_of(candidate.document);
        let inverted = part.and_then(|part| part.segment.inverted(&self.sort.field));
        let Some(inverted) = inverted else {
            return Ok(None);
        };
        let name = inverted.term(u32::try_from(code).unwrap_or(u32::MAX))?;
        Ok(Some(Standing::Keyword(name)))
    }
}

impl First {
    /// Takes a document that comes later than all so far, if it is among the first
    /// `limit`, which is at least 1.
    #[inline]
    fn offer(&mut self, rank: Rank, document: u32, limit: usize) {
        if self.last.is_some_and(|last| rank >= last) {
            return;
        }
        let candidate = Candidate { rank, document };
        if candidate < self.least {
            return;
        }
        self.candidates.push(candidate);
        let count = self.candidates.len();
        let is_first_time = self.last.is_none() && count == limit;
        if is_first_time || count >= limit.saturating_add(SPARE.max(limit / 4)) {
            let (_, last, _) = self.candidates.select_nth_unstable(limit - 1);
            self.last = Some(last.rank);
            self.candidates.truncate(limit);
        }
    }
}

fn other_kind(sort: &Sort) -> Error {
    Error::query(format!(
        "the cursor holds another kind of value than field {:?} has, so it is of another index; \
         ask for the first page without a cursor",
        sort.field
    ))
}

/// So that smaller always comes first; and back.
fn turned(code: u64, descending: bool) -> u64 {
    if descending { !code } else { code }
}

fn rank_of(code: Option<u64>, descending: bool) -> Rank {
    Rank {
        is_missing: code.is_none(),
        value: code.map_or(0, |code| turned(code, descending)),
    }
}

/// Where a document with these codes stands: of several the least counts, or the greatest.
#[inline]
fn rank(codes: &[u64], descending: bool) -> Rank {
    let codes = codes.iter().copied();
    let code = if descending { codes.max() } else { codes.min() };
    rank_of(code, descending)
}

/// Where none of the 128 documents from `from` on stands before.
#[inline]
fn best(column: Option<&Column>, from: u32, descending: bool) -> Rank {
    let bounds = column.and_then(|column| column.bounds(from..from.saturating_add(GROUP)));
    let best = bounds.map(|(least, greatest)| if descending { greatest } else { least });
    rank_of(best, descending)
}
