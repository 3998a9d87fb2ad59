//! # Facets: how many of the matches have each value of a field
//!
//! Idea        a column says which codes a document has; each gets one more. Where the
//!             codes of a segment lie close together, as a keyword's ordinals mostly
//!             do, a code is the place of its count; else codes are kept, sorted, and counted
//! Invariants  (1) a document counts once for a value that it has twice
//!             (2) a keyword's code means something in its own segment only: counts of
//!             several are added up by name
//! Cost        of 500,000 documents with a keyword each, of 1,000 in all, 1.0 ms; of the 15,600
//!             that have a word, 0.2, a third of which is to name the keywords
//! Next        `cursor.rs`

use super::limits::Deadline;
use super::sort::find_ordered;
use super::window::Group;
use crate::document::{FieldKind, Schema, Value};
use crate::error::Result;
use crate::index::{Part, Snapshot};
use crate::segment::posting_list::BLOCK_LEN;
use crate::segment::{Codes, Column};
use std::cmp::Reverse;

/// The most frequent values of a field among all matches.
///
/// It keeps the counts of the others, too, so that [pages can be
/// merged](super::Page::merge) without a value going short that one of them has
/// seldom and the next one often.
#[derive(Clone, Debug, PartialEq)]
pub struct Facet {
    field: String,
    limit: usize,
    all: Counted,
    /// The most frequent.
    counts: Vec<(String, u64)>,
}

/// How often each value came, in the order of the values.
#[derive(Clone, Debug, PartialEq)]
enum Counted {
    Keywords(Vec<(String, u64)>),
    /// Numbers, dates or booleans, by their codes.
    Codes(FieldKind, Vec<(u64, u64)>),
}

impl Counted {
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Keywords(all), Self::Keywords(others)) => Self::Keywords(sum(all, others)),
            (Self::Codes(kind, all), Self::Codes(other, others)) if kind == other => {
                Self::Codes(kind, sum(all, others))
            }
            // Under one name two indexes have fields of two kinds.
            (one, other) => Self::Keywords(sum(one.into_named(), other.into_named())),
        }
    }

    fn into_named(self) -> Vec<(String, u64)> {
        match self {
            Self::Keywords(all) => all,
            Self::Codes(kind, all) => {
                let named = all
                    .into_iter()
                    .map(|(code, count)| (name(&kind, code), count));
                sum(named.collect(), Vec::new())
            }
        }
    }

    /// So many of the most frequent; of equals those that come first.
    fn best(&self, limit: usize) -> Vec<(String, u64)> {
        match self {
            Self::Keywords(all) => {
                let best = best(all, limit);
                best.map(|(value, count)| (value.clone(), *count)).collect()
            }
            Self::Codes(kind, all) => {
                let best = best(all, limit);
                best.map(|(code, count)| (name(kind, *code), *count))
                    .collect()
            }
        }
    }
}

fn name(kind: &FieldKind, code: u64) -> String {
    Value::from_code(kind, code).to_string()
}

/// The counts of both, in the order of the values.
fn sum<V: Ord>(mut all: Vec<(V, u64)>, others: Vec<(V, u64)>) -> Vec<(V, u64)> {
    all.extend(others);
    // Made of what is in order already, which this sort notices.
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all.dedup_by(|next, one| {
        let is_same = next.0 == one.0;
        one.1 += if is_same { next.1 } else { 0 };
        is_same
    });
    all
}

/// So many of those that came most often, these first; of equals those that come first.
fn best<V>(all: &[(V, u64)], limit: usize) -> impl Iterator<Item = &(V, u64)> {
    let mut places: Vec<usize> = (0..all.len()).collect();
    let order = |place: &usize| (Reverse(all[*place].1), *place);
    if (1..places.len()).contains(&limit) {
        places.select_nth_unstable_by_key(limit - 1, order);
    }
    places.truncate(limit);
    places.sort_unstable_by_key(order);
    places.into_iter().map(|place| &all[place])
}

impl Facet {
    fn new(field: String, limit: usize, all: Counted) -> Self {
        Self {
            counts: all.best(limit),
            field,
            limit,
            all,
        }
    }

    /// The counts of both, of disjoint documents.
    pub(super) fn join(self, other: Self) -> Self {
        Self::new(self.field, self.limit, self.all.join(other.all))
    }

    /// The field.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Values and how many matches have them, the most frequent first, then in
    /// the order of the values.
    #[must_use]
    pub fn counts(&self) -> &[(String, u64)] {
        &self.counts
    }
}

/// Counts the values of one field.
#[derive(Clone)]
pub(super) struct Counter {
    field: String,
    kind: FieldKind,
    limit: usize,
    /// Of each part; a keyword's codes are the ordinals.
    parts: Vec<(u32, Counts)>,
}

/// How often each code came.
#[derive(Clone)]
enum Counts {
    /// Of the codes from `first` on.
    Near {
        first: u64,
        counts: Vec<u64>,
    },
    Far(Far),
}

/// Codes far apart: to sort them takes a sixth of the time that it takes to look each up in a
/// table.
#[derive(Clone, Default)]
struct Far {
    /// Those that aren't counted yet.
    codes: Vec<u64>,
    /// The others, ascending.
    counts: Vec<(u64, u64)>,
}

/// So many codes are counted together, and not less than have been counted before.
const TOGETHER: usize = 1 << 14;

impl Far {
    #[inline]
    fn add(&mut self, code: u64) {
        self.codes.push(code);
        if self.codes.len() >= TOGETHER.max(self.counts.len()) {
            self.count();
        }
    }

    fn count(&mut self) {
        self.codes.sort_unstable();
        let same = self.codes.chunk_by(|one, next| one == next);
        let counts = same.map(|codes| (codes[0], codes.len() as u64)).collect();
        self.counts = sum(std::mem::take(&mut self.counts), counts);
        self.codes.clear();
    }
}

/// Codes are near if from the least to the greatest there are no more than this, half a
/// megabyte, nor than so many for each document of the segment.
const NEAR_MAX: u64 = 1 << 16;
const NEAR_PER_DOCUMENT: u64 = 4;

impl Counts {
    /// For what a column has.
    fn of(column: &Column) -> Self {
        let (first, last) = column.min_max().unwrap_or((0, 0));
        let most = NEAR_MAX.min(NEAR_PER_DOCUMENT * u64::from(column.documents()));
        match last.saturating_sub(first) {
            codes if codes < most => Self::Near {
                first,
                counts: vec![0; codes as usize + 1],
            },
            _ => Self::Far(Far::default()),
        }
    }

    /// The codes that came at all, ascending.
    fn into_sorted(self) -> Vec<(u64, u64)> {
        match self {
            Self::Near { first, counts } => {
                let counts = (first..=u64::MAX).zip(counts);
                counts.filter(|(_, count)| *count > 0).collect()
            }
            Self::Far(mut far) => {
                far.count();
                far.counts
            }
        }
    }
}

#[inline]
fn count_near(first: u64, counts: &mut [u64], code: u64) {
    // No other code, unless the column lies.
    if let Some(count) = counts.get_mut(code.wrapping_sub(first) as usize) {
        *count += 1;
    }
}

/// Calls `count` with each code of a document, once if it has it twice.
#[inline]
fn each_once(codes: &[u64], room: &mut Vec<u64>, mut count: impl FnMut(u64)) {
    match codes {
        [] => {}
        [code] => count(*code),
        _ => once(codes, room).iter().for_each(|code| count(*code)),
    }
}

/// Several codes, each once. Apart, since where it was inlined, documents of one code each
/// took a fifth longer.
#[inline(never)]
fn once<'r>(codes: &[u64], room: &'r mut Vec<u64>) -> &'r [u64] {
    room.clear();
    room.extend(codes);
    room.sort_unstable();
    room.dedup();
    room
}

impl Counter {
    pub(super) fn new(schema: &Schema, field: &str, limit: usize) -> Result<Self> {
        let field = find_ordered(schema, field, "count facets of")?;
        Ok(Self {
            field: field.name().to_owned(),
            kind: field.kind().clone(),
            limit,
            parts: Vec::new(),
        })
    }

    /// Counts the values of some documents of a part, group by group.
    pub(super) fn add(&mut self, part: &Part, groups: impl Iterator<Item = Group>) {
        let mut room = Vec::new();
        match self.enter(part) {
            Some((mut codes, Counts::Near { first, counts })) => {
                for (from, wanted) in groups {
                    codes.each(from, wanted, |_, codes| {
                        each_once(codes, &mut room, |code| count_near(*first, counts, code));
                    });
                }
            }
            Some((mut codes, Counts::Far(far))) => {
                for (from, wanted) in groups {
                    codes.each(from, wanted, |_, codes| {
                        each_once(codes, &mut room, |code| far.add(code));
                    });
                }
            }
            None => {}
        }
    }

    /// The same of some that are few and far between.
    pub(super) fn add_few(&mut self, part: &Part, documents: &[u32]) {
        let mut room = Vec::new();
        match self.enter(part) {
            Some((mut codes, Counts::Near { first, counts })) => codes.few(documents, |codes| {
                each_once(codes, &mut room, |code| count_near(*first, counts, code));
            }),
            Some((mut codes, Counts::Far(far))) => codes.few(documents, |codes| {
                each_once(codes, &mut room, |code| far.add(code));
            }),
            None => {}
        }
    }

    /// What documents of a part have, if it has the field, and what is known so far.
    fn enter<'a>(&mut self, part: &'a Part) -> Option<(Codes<'a>, &mut Counts)> {
        let column = part.segment.column(&self.field)?;
        if self.parts.last().is_none_or(|(base, _)| *base != part.base) {
            self.parts.push((part.base, Counts::of(column)));
        }
        let (_, counts) = self.parts.last_mut()?;
        Some((column.reader(), counts))
    }

    /// What was counted in other parts, too.
    pub(super) fn join(&mut self, other: Self) {
        self.parts.extend(other.parts);
    }

    pub(super) fn finish(self, snapshot: &Snapshot, deadline: Deadline) -> Result<Facet> {
        deadline.check()?;
        let all = match self.kind {
            FieldKind::Keyword => {
                let mut all = Vec::new();
                let is_one = self.parts.len() == 1;
                for (base, counts) in self.parts {
                    let part = snapshot.part_of(base);
                    let inverted = part.and_then(|part| part.segment.inverted(&self.field));
                    let Some(inverted) = inverted else { continue };
                    let mut terms = inverted.terms(&[])?;
                    // To name them may take far longer than to count.
                    for several in counts.into_sorted().chunks(BLOCK_LEN) {
                        deadline.check()?;
                        for (ordinal, count) in several {
                            terms.go_to(u32::try_from(*ordinal).unwrap_or(u32::MAX))?;
                            let name = String::from_utf8_lossy(terms.term()).into_owned();
                            all.push((name, *count));
                        }
                    }
                }
                // Those of one segment are in order already, each once.
                Counted::Keywords(if is_one { all } else { sum(all, Vec::new()) })
            }
            kind => {
                let parts = self.parts.into_iter();
                let all = parts.flat_map(|(_, counts)| counts.into_sorted());
                Counted::Codes(kind, sum(all.collect(), Vec::new()))
            }
        };
        Ok(Facet::new(self.field, self.limit, all))
    }
}
