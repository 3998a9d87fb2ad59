//! # Xray: what an answer cost
//!
//! Idea        of every list that a query reads, how deep each block was looked
//!             into; of the answer as a whole, how the threshold rose. It shows
//!             why an exact answer needs so few postings
//! Example     the ten best for `whale the`: "whale" leads, its 3 blocks are
//!             decoded. "the" has 700; of 600 only the directory was leapt
//!             over, of 80 the ceiling was enough, 20 were decoded
//! Invariants  (1) every block of a list counts for exactly one depth, the
//!             deepest that it was looked into. So those decoded, those read in
//!             place and those skipped add up to all
//!             (2) thresholds rise within a segment; an earlier one may begin
//!             higher, if it was looked at later
//! Left out    columns, norms and stored documents: they are read where a list
//!             says, not passed over by bounds
//! Next        `trace.rs`, how it comes to be

use serde::{Serialize, Serializer};
use std::fmt;

/// How deep a block of postings was looked into; each implies those before it, or
/// makes them needless.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Not at all: leapt over, or past where nothing could matter any more.
    #[default]
    Untouched,
    /// Its ceiling, a byte, was compared with the threshold.
    Ceiling,
    /// So were its impacts, which say more.
    Impacts,
    /// It is a bitmap, of which bits were read where they lie; or a run of documents that
    /// follow each other, where nothing need be read.
    InPlace,
    /// Its documents were decoded.
    Documents,
    /// And their frequencies.
    Frequencies,
}

/// A way to the hits, or to their number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Way {
    /// The short way of one term: by witnesses and ceilings.
    Term,
    /// The short way of several terms of which any may match: MaxScore.
    Union,
    /// The short way of words that must match, and others that may.
    Intersection,
    /// The short way of a phrase: positions last.
    Phrase,
    /// Counting alone, without scores.
    Count,
    /// The long way, which any query can go: behind the rarest list that must match, or
    /// window by window; then [windows](Xray::windows) are looked at.
    #[default]
    Walk,
}

/// How many blocks were looked into how deep; see [`Depth`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "they are the names of `Depth`")]
pub struct Depths {
    pub untouched: u64,
    pub ceiling: u64,
    pub impacts: u64,
    pub in_place: u64,
    pub documents: u64,
    pub frequencies: u64,
}

impl Depths {
    fn of(reached: &[(u32, Depth)]) -> Self {
        let count = |wanted| {
            let blocks = reached.iter().filter(|(_, depth)| *depth == wanted);
            blocks.count() as u64
        };
        Self {
            untouched: count(Depth::Untouched),
            ceiling: count(Depth::Ceiling),
            impacts: count(Depth::Impacts),
            in_place: count(Depth::InPlace),
            documents: count(Depth::Documents),
            frequencies: count(Depth::Frequencies),
        }
    }

    /// Blocks that were decoded.
    #[must_use]
    pub fn decoded(&self) -> u64 {
        self.documents + self.frequencies
    }

    /// Blocks of which no posting was read.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.untouched + self.ceiling + self.impacts
    }

    /// All blocks.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.decoded() + self.in_place + self.skipped()
    }
}

impl std::ops::Add for Depths {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            untouched: self.untouched + other.untouched,
            ceiling: self.ceiling + other.ceiling,
            impacts: self.impacts + other.impacts,
            in_place: self.in_place + other.in_place,
            documents: self.documents + other.documents,
            frequencies: self.frequencies + other.frequencies,
        }
    }
}

/// Windows of some thousand documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Windows {
    /// In which matches were looked for.
    pub looked_at: u64,
    /// That couldn't have a hit, by their bounds.
    pub passed_over: u64,
}

/// Lists that were decoded from end to end and made into a set: those of a range,
/// a beginning or a pattern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sets {
    /// How many lists.
    pub lists: u64,
    /// Their blocks.
    pub blocks: u64,
}

fn serialize_depths<S: Serializer>(
    reached: &[(u32, Depth)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    Depths::of(reached).serialize(serializer)
}

/// What was read of one posting list in one segment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListXray {
    pub(super) way: Way,
    pub(super) segment: usize,
    #[serde(skip)]
    pub(super) first_document: u32,
    #[serde(skip)]
    pub(super) segment_documents: u32,
    pub(super) field: String,
    pub(super) term: String,
    pub(super) documents: u32,
    /// Of each block the last document and how deep it was looked into.
    #[serde(rename = "blocks", serialize_with = "serialize_depths")]
    pub(super) reached: Vec<(u32, Depth)>,
    pub(super) decodings: u64,
    pub(super) looked_up: u64,
    pub(super) scored: u64,
    pub(super) champions: u64,
    pub(super) positions: u64,
}

impl ListXray {
    /// On which way it was read.
    #[must_use]
    pub fn way(&self) -> Way {
        self.way
    }

    /// The number of the segment among those of the snapshot.
    #[must_use]
    pub fn segment(&self) -> usize {
        self.segment
    }

    /// The field.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The term.
    #[must_use]
    pub fn term(&self) -> &str {
        &self.term
    }

    /// How many documents the list has, deleted ones included.
    #[must_use]
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// The documents of the segment, as numbers in the snapshot.
    #[must_use]
    pub fn segment_documents(&self) -> std::ops::Range<u32> {
        self.first_document..self.first_document + self.segment_documents
    }

    /// Each block: from which document of the snapshot to which it reaches, and
    /// how deep it was looked into.
    pub fn blocks(&self) -> impl ExactSizeIterator<Item = (std::ops::RangeInclusive<u32>, Depth)> {
        let base = self.first_document;
        let mut first = 0u32;
        self.reached.iter().map(move |&(last, depth)| {
            let range = base.saturating_add(first)..=base.saturating_add(last);
            first = last.saturating_add(1);
            (range, depth)
        })
    }

    /// How many blocks were looked into how deep.
    #[must_use]
    pub fn depths(&self) -> Depths {
        Depths::of(&self.reached)
    }

    /// How often a block was decoded: oftener than there are blocks decoded
    /// where a list was gone back in.
    #[must_use]
    pub fn decodings(&self) -> u64 {
        self.decodings
    }

    /// How many documents were looked up in it.
    #[must_use]
    pub fn looked_up(&self) -> u64 {
        self.looked_up
    }

    /// How many scores of its postings were worked out, a posting's twice if it was
    /// looked at twice; a phrase's, to bound its score.
    #[must_use]
    pub fn scored(&self) -> u64 {
        self.scored
    }

    /// How many of these are [champions](crate::segment::posting_list::Champions),
    /// which are read apart from the blocks.
    #[must_use]
    pub fn champions(&self) -> u64 {
        self.champions
    }

    /// How many positions were read.
    #[must_use]
    pub fn positions(&self) -> u64 {
        self.positions
    }
}

/// What an answer cost; made by [`Search::xray`](super::Search::xray). As text it
/// is one line.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Xray {
    pub(super) ways: Vec<Way>,
    pub(super) documents: u32,
    pub(super) lists: Vec<ListXray>,
    pub(super) sets: Sets,
    pub(super) windows: Windows,
    pub(super) thresholds: Vec<(u32, f32)>,
}

impl Xray {
    /// The ways gone, in order: two, if it was counted first and ranked then.
    #[must_use]
    pub fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// The documents of the snapshot, deleted ones included.
    #[must_use]
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// The lists read, each once for every way and segment that it was read on
    /// and in.
    #[must_use]
    pub fn lists(&self) -> &[ListXray] {
        &self.lists
    }

    /// What was made into sets of documents.
    #[must_use]
    pub fn sets(&self) -> Sets {
        self.sets
    }

    /// Windows of a walk or of a union.
    #[must_use]
    pub fn windows(&self) -> Windows {
        self.windows
    }

    /// How the threshold rose: from a document on, hits had to score more than
    /// this. It falls where a segment was looked at before the one that comes
    /// before it. Of many steps some hundred are kept, the last among them.
    #[must_use]
    pub fn thresholds(&self) -> &[(u32, f32)] {
        &self.thresholds
    }

    /// The highest of [these](Self::thresholds); 0 if there is none.
    #[must_use]
    pub fn highest_threshold(&self) -> f32 {
        let thresholds = self.thresholds.iter().map(|(_, threshold)| *threshold);
        thresholds.fold(0.0, f32::max)
    }

    fn sum(&self, of: impl Fn(&ListXray) -> u64) -> u64 {
        self.lists.iter().map(of).sum()
    }

    /// Blocks of all lists.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.sum(|list| list.depths().blocks())
    }

    /// Blocks that were decoded.
    #[must_use]
    pub fn decoded(&self) -> u64 {
        self.sum(|list| list.depths().decoded())
    }

    /// Blocks of which no posting was read.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.sum(|list| list.depths().skipped())
    }

    /// Postings of all lists.
    #[must_use]
    pub fn postings(&self) -> u64 {
        self.sum(|list| u64::from(list.documents))
    }

    /// Scores of postings that were worked out; see [`ListXray::scored`].
    #[must_use]
    pub fn scored(&self) -> u64 {
        self.sum(ListXray::scored)
    }

    /// Those of them that are champions.
    #[must_use]
    pub fn champions(&self) -> u64 {
        self.sum(ListXray::champions)
    }

    /// Documents that were looked up in a list.
    #[must_use]
    pub fn looked_up(&self) -> u64 {
        self.sum(ListXray::looked_up)
    }

    /// Positions that were read.
    #[must_use]
    pub fn positions(&self) -> u64 {
        self.sum(ListXray::positions)
    }
}

impl fmt::Display for Xray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} blocks decoded, {} scores for {} postings, {} look-ups",
            self.decoded(),
            self.blocks(),
            self.scored(),
            self.postings(),
            self.looked_up()
        )?;
        if self.champions() > 0 {
            write!(f, ", {} champions", self.champions())?;
        }
        if self.positions() > 0 {
            write!(f, ", {} positions read", self.positions())?;
        }
        if self.sets.lists > 0 {
            let Sets { lists, blocks } = self.sets;
            write!(f, ", {lists} lists of {blocks} blocks made into sets")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
