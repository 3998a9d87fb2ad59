//! # State: the segments that the next commit would have
//!
//! Idea        a segment never changes, and so a writer's work on those that are there
//!             is to bury documents: an entry is a segment, its tombstones as they
//!             would be, and the file that has them, if one does
//! Invariants  (1) a tombstone takes the document's lengths out of the statistics
//! Cost        to bury by key: keys and dictionary are walked side by side, or, where
//!             keys are few, each is looked up
//! Next        `writer/commit.rs`, which makes it true

use super::manifest::{SegmentLine, TombstoneLine};
use super::snapshot::Snapshot;
use crate::analysis::Analyzers;
use crate::document::Schema;
use crate::error::Result;
use crate::segment::posting_list::BLOCK_LEN;
use crate::segment::tombstones::checksum;
use crate::segment::{Inverted, Segment, TermEntry, Tombstones};
use crate::storage::{Directory, write_file};
use rayon::prelude::*;
use std::sync::Arc;

/// A segment and what is to become of it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) file: String,
    pub(super) segment: Arc<Segment>,
    pub(super) tombstones: Arc<Tombstones>,
    /// The file that has these tombstones; `None` if there is none yet.
    saved: Option<TombstoneLine>,
}

impl Entry {
    /// A segment whose tombstones are in no file.
    pub(super) fn new(file: String, segment: Arc<Segment>, tombstones: Tombstones) -> Self {
        Self {
            file,
            segment,
            tombstones: Arc::new(tombstones),
            saved: None,
        }
    }

    /// A segment as a manifest names it.
    pub(super) fn committed(
        line: &SegmentLine,
        segment: Arc<Segment>,
        tombstones: Arc<Tombstones>,
    ) -> Self {
        Self {
            file: line.file.clone(),
            segment,
            tombstones,
            saved: line.tombstones.clone(),
        }
    }

    /// Marks a document as deleted; `false` if it was.
    pub(super) fn bury(&mut self, document: u32) -> bool {
        let new = bury(&self.segment, Arc::make_mut(&mut self.tombstones), document);
        if new {
            self.saved = None;
        }
        new
    }

    /// Bytes that belong to live documents, nearly: what merging it costs.
    pub(super) fn live_bytes(&self) -> u64 {
        let live = u128::from(self.tombstones.live_count());
        let all = u128::from(self.segment.documents().max(1));
        // At most the segment's size.
        (u128::from(self.segment.size()) * live / all) as u64
    }

    /// Whether there are tombstones that are in no file yet.
    pub(super) fn is_unsaved(&self) -> bool {
        self.tombstones.deleted_count() > 0 && self.saved.is_none()
    }

    /// Writes the tombstones to a new file.
    pub(super) fn save(&mut self, directory: &dyn Directory, file: String) -> Result<()> {
        let bytes = self.tombstones.to_bytes();
        write_file(directory, &file, &bytes)?;
        self.saved = Some(TombstoneLine {
            file,
            count: self.tombstones.deleted_count(),
            checksum: Some(checksum(&bytes)),
        });
        Ok(())
    }

    /// The entry's line in the manifest.
    pub(super) fn line(&self) -> SegmentLine {
        SegmentLine {
            file: self.file.clone(),
            documents: self.segment.documents(),
            bytes: self.segment.size(),
            checksum: Some(self.segment.checksum()),
            tombstones: self.saved.clone(),
        }
    }
}

/// Marks a document of a segment as deleted and takes its lengths out of the
/// statistics; `false` if it was deleted.
pub(super) fn bury(segment: &Segment, tombstones: &mut Tombstones, document: u32) -> bool {
    if !tombstones.delete(document) {
        return false;
    }
    for field in segment.schema().fields() {
        let length = segment
            .inverted(field.name())
            .map_or(0, |field| field.length(document));
        if length > 0 {
            tombstones.correct(field.name(), u64::from(length));
        }
    }
    true
}

/// A snapshot of entries that are not committed.
pub(super) fn snapshot(
    entries: &[Entry],
    commit: u64,
    schema: &Schema,
    analyzers: &Analyzers,
) -> Result<Snapshot> {
    let segments = entries
        .iter()
        .map(|entry| (entry.segment.clone(), entry.tombstones.clone()));
    Snapshot::new(commit, schema.clone(), analyzers.clone(), segments)
}

/// Deletes the documents with these keys, which ascend; returns how many there
/// were. Segments are searched side by side.
pub(super) fn bury_keys(entries: &mut [Entry], field: &str, keys: &[Arc<str>]) -> Result<u64> {
    if keys.is_empty() {
        return Ok(0);
    }
    let buried: Vec<Result<u64>> = entries
        .par_iter_mut()
        .map(|entry| {
            let segment = entry.segment.clone();
            let Some(inverted) = segment.inverted(field) else {
                return Ok(0);
            };
            let mut found = Vec::new();
            find_keys(inverted, keys, &mut found)?;
            let buried = found.into_iter().filter(|document| entry.bury(*document));
            Ok(buried.count() as u64)
        })
        .collect();
    buried.into_iter().sum()
}

/// If a segment has at least this many terms for each key, keys are looked up one by
/// one; if it has fewer, the dictionary is walked beside the keys.
const TERMS_PER_KEY: usize = 16;

/// Keys looked up, or terms walked over, between two times that a dictionary's
/// memory is given back: what was passed is not read again, as keys ascend. A key
/// alone may bring in as much as the system reads ahead at three places.
const KEYS_RELEASE: usize = 512;
const TERMS_RELEASE: usize = 1 << 17;

/// Memory is given back while a dictionary is gone through, and at its end.
fn find_keys(inverted: &Inverted, keys: &[Arc<str>], found: &mut Vec<u32>) -> Result<()> {
    if inverted.term_count() as usize / keys.len() >= TERMS_PER_KEY {
        for (number, key) in keys.iter().enumerate() {
            if number % KEYS_RELEASE == 0 {
                inverted.release();
            }
            if let Some(entry) = inverted.lookup(key.as_bytes())? {
                push_documents(inverted, &entry, found)?;
            }
        }
        inverted.release();
        return Ok(());
    }
    let mut keys = keys.iter().map(|key| key.as_bytes()).peekable();
    let Some(first) = keys.peek() else {
        return Ok(());
    };
    let mut terms = inverted.terms(first)?;
    let mut walked = 0;
    while let Some(entry) = terms.next()? {
        walked += 1;
        if walked % TERMS_RELEASE == 0 {
            inverted.release();
        }
        while keys.next_if(|key| *key < terms.term()).is_some() {}
        match keys.peek() {
            None => break,
            Some(key) if *key == terms.term() => push_documents(inverted, &entry, found)?,
            Some(_) => {}
        }
    }
    inverted.release();
    Ok(())
}

/// All documents with the key: at most one of them is live.
fn push_documents(inverted: &Inverted, entry: &TermEntry, found: &mut Vec<u32>) -> Result<()> {
    let list = inverted.postings(entry)?;
    let mut documents = [0; BLOCK_LEN];
    for block in 0..list.block_count() {
        let count = list.decode_documents(block, &mut documents)?;
        found.extend_from_slice(&documents[..count]);
    }
    Ok(())
}
