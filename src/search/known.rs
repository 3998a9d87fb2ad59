//! # Known: what a searcher remembers from one query to the next
//!
//! Idea        none of it is an answer: how a field scores, which takes a microsecond
//!             to work out, and, where there are deletes, in how many live documents
//!             a term is, which takes a walk over its list
//! Invariants  (1) it is a function of the snapshot: what is forgotten comes out the
//!             same again
//! Next        `bm25.rs`

use super::bm25::{Bm25, Similarity};
use crate::error::Result;
use crate::index::{Part, Snapshot};
use crate::segment::TermEntry;
use crate::segment::posting_list::BLOCK_LEN;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How a field scores.
#[derive(Clone, Debug)]
pub(super) struct Scoring {
    pub(super) similarity: Arc<Similarity>,
    /// Documents that have the field.
    pub(super) documents: u64,
    /// `None` for a keyword.
    pub(super) average_length: Option<f64>,
    pub(super) bm25: Bm25,
}

/// What is remembered.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By field.
    scorings: Mutex<BTreeMap<String, Scoring>>,
    /// By part, field and ordinal, where there are deletes.
    frequencies: Mutex<HashMap<(u32, String, u32), u32>>,
}

/// Frequencies remembered at most; then all are forgotten.
const REMEMBERED_MAX: usize = 1 << 16;

impl Known {
    /// How a field scores by the snapshot's own statistics and the schema's
    /// parameters, which `make` works out.
    pub(super) fn scoring(&self, field: &str, make: impl FnOnce() -> Scoring) -> Scoring {
        let mut scorings = lock(&self.scorings);
        if let Some(known) = scorings.get(field) {
            return known.clone();
        }
        let made = make();
        scorings.insert(field.to_owned(), made.clone());
        made
    }

    /// Live documents of the whole snapshot that contain a term.
    pub(super) fn live_frequency(
        &self,
        snapshot: &Snapshot,
        field: &str,
        entries: &[Option<TermEntry>],
    ) -> Result<u64> {
        let mut sum = 0;
        for (part, entry) in snapshot.parts().iter().zip(entries) {
            if let Some(entry) = entry {
                sum += u64::from(self.in_part(part, field, entry)?);
            }
        }
        Ok(sum)
    }

    /// Live documents of a part that contain a term.
    pub(super) fn in_part(&self, part: &Part, field: &str, entry: &TermEntry) -> Result<u32> {
        if part.tombstones.deleted_count() == 0 {
            return Ok(entry.document_frequency);
        }
        let key = (part.base, field.to_owned(), entry.ordinal);
        if let Some(frequency) = lock(&self.frequencies).get(&key) {
            return Ok(*frequency);
        }
        // Without the lock: if two count at a time, both find the same.
        let frequency = count_live(part, field, entry)?;
        let mut known = lock(&self.frequencies);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(key, frequency);
        Ok(frequency)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts a term's live documents, from whichever side is shorter.
fn count_live(part: &Part, field: &str, entry: &TermEntry) -> Result<u32> {
    let Some(inverted) = part.segment.inverted(field) else {
        return Ok(0);
    };
    let list = inverted.postings(entry)?;
    let mut documents = [0; BLOCK_LEN];
    let mut live = 0;
    if part.tombstones.deleted_count() < entry.document_frequency / 16 {
        let (mut block, mut loaded, mut count) = (0, usize::MAX, 0);
        live = entry.document_frequency;
        for deleted in part.tombstones.iter() {
            block = list.find_block(block, deleted);
            if block >= list.block_count() {
                break;
            }
            if loaded != block {
                count = list.decode_documents(block, &mut documents)?;
                loaded = block;
            }
            live -= u32::from(documents[..count].binary_search(&deleted).is_ok());
        }
    } else {
        for block in 0..list.block_count() {
            let count = list.decode_documents(block, &mut documents)?;
            let dead = |document: &&u32| part.tombstones.is_deleted(**document);
            live += (count - documents[..count].iter().filter(dead).count()) as u32;
        }
    }
    Ok(live)
}
