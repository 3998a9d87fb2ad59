//! # Facets: how many of the matches have each value of a field
//!
//! Idea        a column says which codes a document has, and counts how often each came
//!             (`segment/column/counts.rs`). Here they get their names, the counts of
//!             segments are added up, and the most frequent are found
//! Invariants  (1) a document counts once for a value that it has twice
//!             (2) a keyword's code means something in its own segment only
//! Cost        of 500,000 documents with a keyword each, of 1,000 in all, 0.3 ms; of the 15,600
//!             that have a word, 0.09, a third of which is to name the keywords
//! Next        `cursor.rs`

use super::limits::Deadline;
use super::sort::find_ordered;
use super::window::Group;
use crate::document::{FieldKind, Schema, Value};
use crate::error::Result;
use crate::index::{Part, Snapshot};
use crate::segment::posting_list::BLOCK_LEN;
use crate::segment::{Codes, Counts, add_up};
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
    Keywords(Keywords),
    /// Numbers, dates or booleans, by their codes.
    Codes(FieldKind, Vec<(u64, u64)>),
}

/// Keywords with their counts, in order, each once. They may be many, of which few are shown,
/// so they stand in one text.
#[derive(Clone, Debug, Default, PartialEq)]
struct Keywords {
    text: String,
    /// Where each ends in the text, and how often it came.
    ends: Vec<(usize, u64)>,
}

impl Keywords {
    fn push(&mut self, keyword: &str, count: u64) {
        self.text.push_str(keyword);
        self.ends.push((self.text.len(), count));
    }

    fn get(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before].0);
        &self.text[start..self.ends[index].0]
    }

    fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        let counts = self.ends.iter().map(|(_, count)| *count);
        counts
            .enumerate()
            .map(|(index, count)| (self.get(index), count))
    }

    /// What several have.
    fn sum(several: &[Self]) -> Self {
        let all = several.iter().flat_map(Self::iter).collect();
        let mut sum = Self::default();
        for (keyword, count) in add_up(all) {
            sum.push(keyword, count);
        }
        sum
    }
}

impl Counted {
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Codes(kind, mut all), Self::Codes(other, others)) if kind == other => {
                all.extend(others);
                Self::Codes(kind, add_up(all))
            }
            // Keywords; or the name is that of fields of two kinds, in two indexes.
            (one, other) => {
                Self::Keywords(Keywords::sum(&[one.into_keywords(), other.into_keywords()]))
            }
        }
    }

    fn into_keywords(self) -> Keywords {
        match self {
            Self::Keywords(all) => all,
            Self::Codes(kind, all) => {
                let named = all.iter().map(|(code, count)| (name(&kind, *code), *count));
                let mut keywords = Keywords::default();
                for (name, count) in add_up(named.collect()) {
                    keywords.push(&name, count);
                }
                keywords
            }
        }
    }

    /// So many of the most frequent; of equals those that come first.
    fn best(&self, limit: usize) -> Vec<(String, u64)> {
        match self {
            Self::Keywords(all) => best(&all.ends, limit)
                .map(|(place, count)| (all.get(place).to_owned(), count))
                .collect(),
            Self::Codes(kind, all) => best(all, limit)
                .map(|(place, count)| (name(kind, all[place].0), count))
                .collect(),
        }
    }
}

fn name(kind: &FieldKind, code: u64) -> String {
    Value::from_code(kind, code).to_string()
}

/// The places of the `limit` values that came most often, and how often each came: the
/// most frequent first, of equals the one that stands first.
fn best<V>(all: &[(V, u64)], limit: usize) -> impl Iterator<Item = (usize, u64)> {
    let mut places: Vec<usize> = (0..all.len()).collect();
    let order = |place: &usize| (Reverse(all[*place].1), *place);
    if (1..places.len()).contains(&limit) {
        places.select_nth_unstable_by_key(limit - 1, order);
    }
    places.truncate(limit);
    places.sort_unstable_by_key(order);
    places.into_iter().map(|place| (place, all[place].1))
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
        if let Some((mut codes, counts)) = self.enter(part) {
            groups.for_each(|(from, wanted)| counts.add(&mut codes, from, wanted));
        }
    }

    /// The same of some that are few and far between.
    pub(super) fn add_few(&mut self, part: &Part, documents: &[u32]) {
        if let Some((mut codes, counts)) = self.enter(part) {
            counts.add_few(&mut codes, documents);
        }
    }

    /// What documents of a part have, if it has the field, and what is known so far.
    fn enter<'a>(&mut self, part: &'a Part) -> Option<(Codes<'a>, &mut Counts)> {
        let column = part.segment.column(&self.field)?;
        if self.parts.last().is_none_or(|(base, _)| *base != part.base) {
            self.parts.push((part.base, Counts::new(column)));
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
                for (base, counts) in self.parts {
                    let part = snapshot.part_of(base);
                    let inverted = part.and_then(|part| part.segment.inverted(&self.field));
                    let Some(inverted) = inverted else { continue };
                    let mut terms = inverted.terms(&[])?;
                    let mut keywords = Keywords::default();
                    // To name them may take far longer than to count.
                    for several in counts.into_sorted().chunks(BLOCK_LEN) {
                        deadline.check()?;
                        for (ordinal, count) in several {
                            terms.go_to(u32::try_from(*ordinal).unwrap_or(u32::MAX))?;
                            keywords.push(&String::from_utf8_lossy(terms.term()), *count);
                        }
                    }
                    all.push(keywords);
                }
                Counted::Keywords(match all.len() {
                    // In order already, each once.
                    1 => all.remove(0),
                    _ => Keywords::sum(&all),
                })
            }
            kind => {
                let parts = self.parts.into_iter();
                let all = parts.flat_map(|(_, counts)| counts.into_sorted());
                Counted::Codes(kind, add_up(all.collect()))
            }
        };
        Ok(Facet::new(self.field, self.limit, all))
    }
}
