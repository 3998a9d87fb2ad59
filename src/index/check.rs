//! # Checking: all that the newest commit names, to the last byte
//!
//! Idea        each segment looks at itself ([`crate::segment`]); here it is seen that
//!             they fit together: that tombstones lower the statistics by just what
//!             the deleted documents had
//! Next        [`crate::query`]

use super::snapshot::SegmentCache;
use super::{Index, Part, state};
use crate::error::{Error, Result};
use crate::segment::Tombstones;

/// What a check has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// The commit.
    pub commit: u64,
    /// Its segments.
    pub segments: usize,
    /// Documents, deleted ones included.
    pub documents: u64,
    /// Deleted ones.
    pub deleted: u64,
    /// Bytes of the segments.
    pub bytes: u64,
}

/// Reads everything anew from the directory.
pub(super) fn check(index: &Index) -> Result<Checked> {
    let (snapshot, _) = index.read_newest(&SegmentCache::default())?;
    let mut checked = Checked {
        commit: snapshot.commit(),
        segments: snapshot.parts().len(),
        ..Checked::default()
    };
    for part in snapshot.parts() {
        part.segment.verify()?;
        checked.documents += u64::from(part.segment.documents());
        checked.deleted += u64::from(part.tombstones.deleted_count());
        checked.bytes += part.segment.size();
        verify_corrections(part)?;
    }
    Ok(checked)
}

/// That the corrections are those of the deleted documents.
fn verify_corrections(part: &Part) -> Result<()> {
    let (segment, tombstones) = (&part.segment, &part.tombstones);
    let mut expected = Tombstones::new(segment.documents());
    for document in tombstones.iter() {
        state::bury(segment, &mut expected, document);
    }
    if expected == **tombstones {
        return Ok(());
    }
    let what = "they lower the statistics by other lengths than those of the deleted documents";
    Err(Error::corrupt(segment.name(), "tombstones", what))
}
