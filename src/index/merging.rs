//! # Merging: which segments are joined, and when
//!
//! Idea        a query asks every segment, so there should be few; but joining
//!             them rewrites them, so each document should be rewritten
//!             seldom. Segments of one *level* differ in size by a factor of
//!             eight at most, but for the lowest, which has all small ones; eight
//!             neighbours or more that are on one level or below are joined to
//!             one above. So a document is rewritten about once a level
//! Example     sizes in levels, each commit adding a 0:
//!             `2 1 0 0 0 0 0 0 0` + `0` → `2 1 1`
//! Invariants  (1) only neighbours are joined, so documents keep their order
//!             (2) the largest of those joined is at most half of all, so
//!             that nothing large is rewritten for something small
//!             (3) what is joined depends on sizes alone, not on time; only
//!             when a large merge arrives does. Between two commits nothing is
//!             joined up to `CROWDED` segments, so what is put between them, up to
//!             some gigabytes, makes the same files every time
//! Cost        an index of n commits is rewritten log₈ n times and has at most
//!             some eight segments a level
//! Paper       O'Neil et al. 1996; Lester, Moffat and Zobel 2005
//! Next        `reorder`; or on to [`crate::query`]

use super::background::{Background, Cancellable};
use super::state::{Entry, bury};
use crate::document::Schema;
use crate::error::{Error, Result};
use crate::segment::{Segment, Tombstones, merge};
use crate::storage::{Directory, FileWriter, Scratch};
use std::io;
use std::ops::Range;
use std::sync::atomic::AtomicBool;

/// How many neighbours are joined at least, and the factor between levels.
const FACTOR: usize = 8;

/// Segments up to this are on the lowest level.
const LOWEST_BYTES: u64 = 128 << 10;

/// A merge of at most so many bytes is done by the commit itself.
pub(super) const SMALL_BYTES: u64 = 1 << 20;

/// With more segments than that a commit does more of it, lest they pile up while
/// a large merge goes on beside; and large ones begin without a commit.
pub(super) const CROWDED: usize = 64;

/// What a merge of many may have to be done by the commit.
pub(super) const CROWDED_BYTES: u64 = 16 << 20;

/// No more than this is joined, unless by `optimize`.
const LARGE_BYTES: u64 = 32 << 30;

/// What the policy sees of a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// Of the live documents.
    bytes: u64,
    /// More than half of its documents are deleted.
    hollow: bool,
}

impl Size {
    pub(super) fn of(entry: &Entry) -> Self {
        let (dead, live) = (
            entry.tombstones.deleted_count(),
            entry.tombstones.live_count(),
        );
        Self {
            bytes: entry.live_bytes(),
            hollow: dead > live,
        }
    }

    fn level(self) -> u32 {
        let mut level = 0;
        let mut bytes = LOWEST_BYTES;
        while self.bytes > bytes {
            bytes = bytes.saturating_mul(FACTOR as u64);
            level += 1;
        }
        level
    }
}

/// The segments to be joined next, if any.
pub(super) fn choose(sizes: &[Size]) -> Option<Range<usize>> {
    if let Some(hollow) = sizes.iter().position(|size| size.hollow) {
        // Joined alone: rewritten without the deleted ones.
        return Some(hollow..hollow + 1);
    }
    let highest = sizes.iter().map(|size| size.level()).max()?;
    (0..=highest).find_map(|level| {
        let mut start = 0;
        for end in 0..=sizes.len() {
            if end < sizes.len() && sizes[end].level() <= level {
                continue;
            }
            if let Some(range) = balanced(sizes, start..end) {
                return Some(range);
            }
            start = end + 1;
        }
        None
    })
}

/// The part of `range` that satisfies invariant (2), if it is long enough.
fn balanced(sizes: &[Size], range: Range<usize>) -> Option<Range<usize>> {
    if range.len() < FACTOR {
        return None;
    }
    let total: u64 = sizes[range.clone()].iter().map(|size| size.bytes).sum();
    let largest = range.clone().max_by_key(|index| sizes[*index].bytes)?;
    if sizes[largest].bytes > total / 2 || total > LARGE_BYTES {
        return balanced(sizes, range.start..largest)
            .or_else(|| balanced(sizes, largest + 1..range.end));
    }
    Some(range)
}

/// What entries become, made by whoever has the lock: see [`Background`].
pub(super) struct Output {
    pub(super) file: Box<dyn FileWriter>,
    /// If there is much to write.
    pub(super) scratch: Option<Box<dyn Scratch>>,
    /// What messages call the file.
    pub(super) path: String,
}

/// What becomes of a segment that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Soon another takes its place, which is made of it.
    Rewritten,
    /// It is searched: there is no other that it might be joined with.
    Searched,
}

impl Output {
    /// The file `name`, into which the entries are to be written.
    pub(super) fn create(
        entries: &[Entry],
        name: &str,
        fate: Fate,
        directory: &dyn Directory,
    ) -> Result<Self> {
        let bytes: u64 = entries.iter().map(|entry| entry.segment.size()).sum();
        let scratch = (bytes > SMALL_BYTES).then(|| directory.scratch(&scratch_of(name)));
        Ok(Self {
            scratch: scratch.transpose()?,
            file: match fate {
                Fate::Searched => directory.create_lasting(name, bytes)?,
                Fate::Rewritten => directory.create(name)?,
            },
            path: directory.describe_file(name),
        })
    }
}

/// The scratch file of a segment that is being written.
fn scratch_of(segment: &str) -> String {
    segment.replacen("segment", "scratch", 1)
}

/// Joins entries to a new file. Stops with an error when `cancelled` is set.
pub(super) fn join(
    entries: &[Entry],
    schema: &Schema,
    output: Output,
    cancelled: &AtomicBool,
) -> Result<()> {
    let mut file = output.file;
    let inputs: Vec<(&Segment, &Tombstones)> = entries
        .iter()
        .map(|entry| (&*entry.segment, &*entry.tombstones))
        .collect();
    let mut out = Cancellable {
        out: &mut file,
        cancelled,
    };
    merge(&inputs, schema, &mut out, output.scratch, &output.path)?;
    file.finish()
}

/// The tombstones of what was joined from `before`, when the entries have
/// become `now`: what was deleted in the meantime is deleted in the result.
pub(super) fn carry_over(before: &[Entry], now: &[Entry], joined: &Segment) -> Tombstones {
    let mut tombstones = Tombstones::new(joined.documents());
    let mut base = 0;
    for (before, now) in before.iter().zip(now) {
        // What was deleted before still is, and stands in no joined segment.
        let mut gone = 0;
        for document in now.tombstones.iter() {
            if before.tombstones.is_deleted(document) {
                gone += 1;
            } else {
                bury(joined, &mut tombstones, base + document - gone);
            }
        }
        base += before.tombstones.live_count();
    }
    tombstones
}

/// A merge on a thread of its own, lest inverting waits for it.
#[derive(Debug)]
pub(super) struct Job {
    /// What is joined, as it was when this began.
    pub(super) inputs: Vec<Entry>,
    pub(super) output: String,
    pub(super) work: Background<Result<()>>,
}

impl Job {
    pub(super) fn start(
        inputs: Vec<Entry>,
        name: String,
        output: Output,
        schema: Schema,
    ) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .thread_name(|_| "wordhoard-merge".to_owned())
            // Whoever waits for it notices.
            .panic_handler(|_| ())
            .build();
        let pool = pool.map_err(|error| {
            Error::io("starting a thread for", "a merge", io::Error::other(error))
        })?;
        let entries = inputs.clone();
        let work = move |cancelled: &AtomicBool| join(&entries, &schema, output, cancelled);
        Ok(Self {
            inputs,
            output: name,
            work: Background::start(&pool, work),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(bytes: &[u64]) -> Vec<Size> {
        bytes
            .iter()
            .map(|&bytes| Size {
                bytes,
                hollow: false,
            })
            .collect()
    }

    #[test]
    fn few_or_unequal_segments_stay() {
        assert_eq!(choose(&[]), None);
        assert_eq!(choose(&sizes(&[1; 7])), None);
        assert_eq!(choose(&sizes(&[1 << 30, 1, 1, 1, 1, 1, 1, 1])), None);
    }

    #[test]
    fn equals_are_joined_and_the_hollow_rewritten() {
        assert_eq!(choose(&sizes(&[1; 8])), Some(0..8));
        assert_eq!(
            choose(&sizes(&[1 << 30, 1, 1, 1, 1, 1, 1, 1, 1])),
            Some(1..9)
        );
        // One of their own level that has more than all of them stands aside.
        let large = LOWEST_BYTES;
        assert_eq!(choose(&sizes(&[large, 1, 1, 1, 1, 1, 1, 1, 1])), Some(1..9));
        assert_eq!(choose(&sizes(&[1, 1, 1, 1, 1, 1, 1, 1, large])), Some(0..8));
        let mut with_hollow = sizes(&[5, 5, 5]);
        with_hollow[1].hollow = true;
        assert_eq!(choose(&with_hollow), Some(1..2));
    }

    /// Invariant of the chapter's cost: ten thousand commits, few segments,
    /// each byte rewritten a few times.
    #[test]
    fn amplification_is_logarithmic() {
        let mut all = Vec::new();
        let (mut rewritten, mut most) = (0, 0);
        const COMMITS: u64 = 10_000;
        const BYTES: u64 = 40_000;
        for _ in 0..COMMITS {
            all.push(Size {
                bytes: BYTES,
                hollow: false,
            });
            while let Some(range) = choose(&all) {
                let bytes = all[range.clone()].iter().map(|size| size.bytes).sum();
                rewritten += bytes;
                all.splice(
                    range,
                    [Size {
                        bytes,
                        hollow: false,
                    }],
                );
            }
            most = most.max(all.len());
        }
        assert!(most <= 40, "{most} segments");
        assert!(
            rewritten <= 7 * COMMITS * BYTES,
            "{} times",
            rewritten as f64 / (COMMITS * BYTES) as f64
        );
    }
}
