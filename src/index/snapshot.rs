//! # Snapshots: an index as it was at one commit
//!
//! Idea        the segments of a commit, opened, with their tombstones. It
//!             never changes; a writer may go on, merge and sweep, and whoever
//!             holds a snapshot sees nothing of it
//! Invariants  (1) documents are numbered through: the number of a document is
//!             its segment's base plus its place in it. Deleted ones keep
//!             their number
//!             (2) statistics are those of live documents, so that deleting
//!             and merging come to the same
//! Next        [`writer`](super::writer)

use super::manifest::Manifest;
use crate::analysis::Analyzers;
use crate::document::Schema;
use crate::error::{Error, Result};
use crate::segment::tombstones::checksum;
use crate::segment::{FieldStatistics, Segment, Tombstones};
use crate::storage::Directory;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The most documents that an index can have, deleted ones included.
pub const MAX_DOCUMENTS: u32 = u32::MAX - 1;

/// An index as it was at one commit. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Snapshot(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    commit: u64,
    schema: Schema,
    analyzers: Analyzers,
    parts: Vec<Part>,
}

/// A segment in a snapshot.
#[derive(Clone, Debug)]
pub struct Part {
    /// The segment.
    pub segment: Arc<Segment>,
    /// Which of its documents are deleted.
    pub tombstones: Arc<Tombstones>,
    /// The number of its first document.
    pub base: u32,
    /// Its place among the snapshot's parts.
    pub number: usize,
}

impl Snapshot {
    pub(super) fn new(
        commit: u64,
        schema: Schema,
        analyzers: Analyzers,
        segments: impl IntoIterator<Item = (Arc<Segment>, Arc<Tombstones>)>,
    ) -> Result<Self> {
        let mut parts = Vec::new();
        let mut base = 0u32;
        for (segment, tombstones) in segments {
            let next = base
                .checked_add(segment.documents())
                .filter(|next| *next <= MAX_DOCUMENTS)
                .ok_or_else(too_many_documents)?;
            parts.push(Part {
                segment,
                tombstones,
                base,
                number: parts.len(),
            });
            base = next;
        }
        Ok(Self(Arc::new(Inner {
            commit,
            schema,
            analyzers,
            parts,
        })))
    }

    /// The number of the commit.
    #[must_use]
    pub fn commit(&self) -> u64 {
        self.0.commit
    }

    /// The index's schema.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }

    /// The analyzers that the schema names, and all others known.
    #[must_use]
    pub fn analyzers(&self) -> &Analyzers {
        &self.0.analyzers
    }

    /// The segments in the order of their documents.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0.parts
    }

    /// Documents that are not deleted.
    #[must_use]
    pub fn live_count(&self) -> u64 {
        let live = self
            .parts()
            .iter()
            .map(|part| u64::from(part.tombstones.live_count()));
        live.sum()
    }

    /// The part that has a document, by the document's number; `None` past the
    /// last.
    #[must_use]
    pub fn part_of(&self, document: u32) -> Option<&Part> {
        let after = self.parts().partition_point(|part| part.base <= document);
        let part = self.parts().get(after.checked_sub(1)?)?;
        (document - part.base < part.segment.documents()).then_some(part)
    }

    /// A field's statistics over all live documents: invariant (2).
    #[must_use]
    pub fn statistics(&self, field: &str) -> FieldStatistics {
        let mut sum = FieldStatistics::default();
        for part in self.parts() {
            let Some(inverted) = part.segment.inverted(field) else {
                continue;
            };
            let (all, gone) = (inverted.statistics(), part.tombstones.correction(field));
            sum.documents = sum
                .documents
                .saturating_add(all.documents.saturating_sub(gone.documents));
            sum.total_length = sum
                .total_length
                .saturating_add(all.total_length.saturating_sub(gone.total_length));
        }
        sum
    }
}

pub(super) fn too_many_documents() -> Error {
    Error::limit(format!(
        "an index holds at most {MAX_DOCUMENTS} documents; \
         optimize it if many are deleted, or split the documents over several indexes"
    ))
}

/// Opens segments, each once as long as somebody holds it, if a manifest says its
/// checksum. That a file has the name of a known one isn't enough: whoever deletes an
/// index and makes another in its place gives the same names to other segments.
#[derive(Debug, Default)]
pub(super) struct SegmentCache(Mutex<HashMap<String, Weak<Segment>>>);

impl SegmentCache {
    /// The segment in a file, of which a manifest may say the checksum.
    pub(super) fn open(
        &self,
        directory: &dyn Directory,
        name: &str,
        checksum: Option<u32>,
    ) -> Result<Arc<Segment>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(segment) = known.get(name).and_then(Weak::upgrade)
            && checksum == Some(segment.checksum())
        {
            return Ok(segment);
        }
        let bytes = directory.open(name)?;
        let segment = Arc::new(Segment::open(&directory.describe_file(name), bytes)?);
        known.retain(|_, segment| segment.strong_count() > 0);
        known.insert(name.to_owned(), Arc::downgrade(&segment));
        Ok(segment)
    }
}

/// Opens the segments and tombstones that a manifest names.
pub(super) fn open_segments(
    manifest: &Manifest,
    directory: &dyn Directory,
    cache: &SegmentCache,
) -> Result<Vec<(Arc<Segment>, Arc<Tombstones>)>> {
    let mut segments = Vec::with_capacity(manifest.segments.len());
    for line in &manifest.segments {
        let segment = cache.open(directory, &line.file, line.checksum)?;
        let wrong = |what| Error::corrupt(segment.name(), "table of sections", what);
        let is_other = line.checksum.is_some_and(|sum| sum != segment.checksum());
        if is_other || segment.documents() != line.documents || segment.size() != line.bytes {
            return Err(wrong("it is not the file that the manifest names"));
        }
        let tombstones = match &line.tombstones {
            None => Tombstones::new(line.documents),
            Some(deleted) => {
                let bytes = directory.open(&deleted.file)?;
                let path = directory.describe_file(&deleted.file);
                let tombstones = Tombstones::from_bytes(&path, &bytes, line.documents)?;
                let is_other = deleted.checksum.is_some_and(|sum| sum != checksum(&bytes));
                if is_other || tombstones.deleted_count() != deleted.count {
                    let what = "it has other documents than the manifest says";
                    return Err(Error::corrupt(&path, "tombstones", what));
                }
                tombstones
            }
        };
        segments.push((segment, Arc::new(tombstones)));
    }
    Ok(segments)
}
