//! # The buffer: what was put and is in no segment yet
//!
//! Idea        documents are gathered to batches, batches are inverted by the pool to
//!             runs, and runs wait until they fill the budget or a commit comes.
//!             Each document has a *sequence* number, counted from when the writer
//!             began; a deletion has one too, and hits the documents below it
//! Example     put "a", put "b", put "a" again: documents 0, 1 and 2. The last kills 0,
//!             and what segments have of "a" is to be deleted when these runs are one
//! Invariants  (1) which runs become a segment is decided by their sizes in order,
//!             never by which thread was ready first, so that the same documents
//!             make the same segments
//! Next        `batch.rs`

use super::batch::{Batch, Inverters};
use crate::analysis::Analyzers;
use crate::document::{Document, Schema};
use crate::error::Result;
use crate::inversion::Run;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Memory that a key takes besides its bytes, nearly: its place in two tables.
const KEY_OVERHEAD: usize = 96;

/// What inverters keep between batches is this part of all memory.
const INVERTERS_SHARE: usize = 5;

#[derive(Debug)]
pub(super) struct Buffer {
    pool: Arc<rayon::ThreadPool>,
    inverters: Arc<Inverters>,
    batch: Vec<Document>,
    batch_size: usize,
    batch_limit: usize,
    /// What the keys of the batch take in the tables below.
    batch_keys: usize,
    /// Batches being inverted, the oldest first.
    in_flight: VecDeque<Batch>,
    runs: Vec<Run>,
    /// Of the runs and of their documents' keys; not of later ones, since how
    /// many of these there are depends on the threads.
    runs_size: usize,
    runs_limit: usize,
    /// The next document's number.
    sequence: u64,
    /// Documents below this are in segments.
    flushed: u64,
    /// The document that has each key, if it isn't flushed.
    holders: HashMap<Arc<str>, u64>,
    /// Documents that were replaced or deleted here, and the sequence from
    /// which on that holds.
    killed: Vec<(u64, u64)>,
    /// Keys whose documents in segments are to be deleted, and the sequence
    /// from which on; the latter never falls.
    keys: VecDeque<(u64, Arc<str>)>,
    keys_size: usize,
}

/// What follows from flushing the runs.
#[derive(Debug)]
pub(super) struct Due {
    /// Documents of the new segment that are dead already.
    pub(super) dead: Vec<u32>,
    /// Keys to be deleted in the segments before it, ascending.
    pub(super) keys: Vec<Arc<str>>,
}

impl Buffer {
    pub(super) fn new(
        schema: Schema,
        analyzers: Analyzers,
        pool: Arc<rayon::ThreadPool>,
        memory: usize,
    ) -> Self {
        let limit = memory / INVERTERS_SHARE / pool.current_num_threads();
        Self {
            inverters: Arc::new(Inverters::new(schema, analyzers, limit)),
            pool,
            batch: Vec::new(),
            batch_size: 0,
            batch_keys: 0,
            // The larger, the fewer runs have a term, and the less a flush has
            // to join. But batches, and what they are inverted with, take memory
            // beside the runs: of 256 MB, with two threads, batches of 8 MB took
            // 30 more than these.
            batch_limit: (memory / 64).clamp(64 << 10, 4 << 20),
            in_flight: VecDeque::new(),
            runs: Vec::new(),
            runs_size: 0,
            // The rest goes to inverters, batches, and what flushing and a merge
            // beside it need.
            runs_limit: memory / 32 * 9,
            sequence: 0,
            flushed: 0,
            holders: HashMap::new(),
            killed: Vec::new(),
            keys: VecDeque::new(),
            keys_size: 0,
        }
    }

    /// Forgets all that isn't flushed.
    pub(super) fn clear(&mut self) {
        self.batch.clear();
        self.batch_size = 0;
        self.batch_keys = 0;
        self.in_flight.clear();
        self.runs.clear();
        self.runs_size = 0;
        self.flushed = self.sequence;
        self.holders.clear();
        self.killed.clear();
        self.keys.clear();
        self.keys_size = 0;
    }

    /// Gives back memory that is kept for what comes next; for when nothing does
    /// for a while, and all is flushed.
    pub(super) fn rest(&mut self) {
        self.inverters.clear();
        self.batch.shrink_to_fit();
        self.in_flight.shrink_to_fit();
        self.runs.shrink_to_fit();
        self.holders.shrink_to_fit();
        self.killed.shrink_to_fit();
        self.keys.shrink_to_fit();
    }

    /// Documents that are not in a segment yet.
    pub(super) fn documents(&self) -> u64 {
        self.sequence - self.flushed
    }

    /// Adds a document; one with the same key is replaced.
    pub(super) fn push(&mut self, document: Document) {
        if let Some(key) = document.key() {
            let key: Arc<str> = key.into();
            self.batch_keys += key.len() + KEY_OVERHEAD;
            self.delete_at(key.clone(), self.sequence + 1);
            self.holders.insert(key, self.sequence);
        }
        self.sequence += 1;
        self.batch_size += document.size();
        self.batch.push(document);
    }

    /// Deletes what has the key now.
    pub(super) fn delete(&mut self, key: &str) {
        self.delete_at(key.into(), self.sequence);
    }

    fn delete_at(&mut self, key: Arc<str>, from: u64) {
        if let Some(holder) = self.holders.remove(&key) {
            self.killed.push((holder, from));
        }
        self.keys_size += key.len() + KEY_OVERHEAD;
        self.keys.push_back((from, key));
    }

    /// Whether the batch should be [sent](Self::send).
    pub(super) fn batch_is_full(&self) -> bool {
        self.batch_size >= self.batch_limit
    }

    /// Whether the runs received should be flushed.
    pub(super) fn is_full(&self) -> bool {
        self.runs_size >= self.runs_limit
    }

    /// Whether keys alone fill the memory, as after many deletions.
    pub(super) fn keys_are_many(&self) -> bool {
        self.keys_size >= self.runs_limit
    }

    /// Hands the batch to the pool.
    pub(super) fn send(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        self.batch_size = 0;
        let keys = std::mem::take(&mut self.batch_keys);
        let sent = Batch::send(batch, keys, self.inverters.clone(), &self.pool);
        self.in_flight.push_back(sent);
    }

    /// Whether enough batches are on their way for the next to wait.
    pub(super) fn is_busy(&self) -> bool {
        self.in_flight.len() > self.pool.current_num_threads()
    }

    /// Does what can be done here of batches on their way, until the oldest has
    /// arrived; for a thread that would only wait for it otherwise.
    pub(super) fn help(&mut self) {
        for index in 0..self.in_flight.len() {
            if self.in_flight[0].is_done() {
                break;
            }
            self.in_flight[index].help();
        }
    }

    /// Waits for the oldest batch; `false` if there is none.
    pub(super) fn receive(&mut self) -> Result<bool> {
        let Some(batch) = self.in_flight.pop_front() else {
            return Ok(false);
        };
        let (run, size) = batch.receive()?;
        self.runs_size += size;
        self.runs.push(run);
        Ok(true)
    }

    /// Whether there are runs to be flushed.
    pub(super) fn has_runs(&self) -> bool {
        !self.runs.is_empty()
    }

    /// Hands the runs over, to be flushed. All else is as if they were here:
    /// they [come back](Self::give_back) before the next is received.
    pub(super) fn take_runs(&mut self) -> Vec<Run> {
        std::mem::take(&mut self.runs)
    }

    pub(super) fn give_back(&mut self, runs: Vec<Run>) {
        debug_assert!(self.runs.is_empty());
        self.runs = runs;
    }

    /// What flushing the runs brings about.
    pub(super) fn due(&self) -> Due {
        let documents: u64 = self.runs.iter().map(|run| u64::from(run.documents())).sum();
        let end = self.flushed + documents;
        let dead = self
            .killed
            .iter()
            .filter(|(victim, from)| *victim < end && *from <= end);
        // Runs are in memory: far fewer than 2³² documents.
        let dead = dead
            .map(|(victim, _)| (victim - self.flushed) as u32)
            .collect();
        let due = self.keys.iter().take_while(|(from, _)| *from <= end);
        let mut keys: Vec<Arc<str>> = due.map(|(_, key)| key.clone()).collect();
        keys.sort_unstable();
        keys.dedup();
        Due { dead, keys }
    }

    /// Forgets the runs and what was due: they are a segment now.
    pub(super) fn flushed(&mut self) {
        let documents: u64 = self.runs.iter().map(|run| u64::from(run.documents())).sum();
        self.flushed += documents;
        let end = self.flushed;
        self.runs.clear();
        self.runs_size = 0;
        self.holders.retain(|_, holder| *holder >= end);
        self.killed.retain(|(victim, _)| *victim >= end);
        let due = self.keys.partition_point(|(from, _)| *from <= end);
        for (_, key) in self.keys.drain(..due) {
            self.keys_size -= key.len() + KEY_OVERHEAD;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Text;

    fn buffer() -> (Buffer, Schema) {
        let schema = Schema::builder().key("id").text("body", Text::plain());
        let schema = schema.build().unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let pool = Arc::new(pool.unwrap());
        let buffer = Buffer::new(schema.clone(), Analyzers::default(), pool, 1 << 20);
        (buffer, schema)
    }

    fn due(buffer: &Buffer) -> (Vec<u32>, String) {
        let Due { dead, keys } = buffer.due();
        (dead, keys.concat())
    }

    /// And what comes after the runs isn't due with them.
    #[test]
    fn the_example_is_true() {
        let (mut buffer, schema) = buffer();
        let put = |buffer: &mut Buffer, key: &str| {
            let text = format!(r#"{{"id":"{key}"}}"#);
            buffer.push(Document::from_json(&schema, &text).unwrap());
        };
        for key in ["a", "b", "a"] {
            put(&mut buffer, key);
        }
        buffer.send();
        assert!(buffer.receive().unwrap());
        assert_eq!(due(&buffer), (vec![0], "ab".into()));
        put(&mut buffer, "c");
        put(&mut buffer, "b");
        assert_eq!(due(&buffer), (vec![0], "ab".into()));
        buffer.flushed();
        assert_eq!(buffer.documents(), 2);
        buffer.delete("c");
        buffer.send();
        assert!(buffer.receive().unwrap());
        assert_eq!(due(&buffer), (vec![0], "bc".into()));
        buffer.flushed();
        assert_eq!((buffer.documents(), buffer.keys_size), (0, 0));
        // What was forgotten is due with nothing.
        for key in ["d", "d"] {
            put(&mut buffer, key);
        }
        buffer.clear();
        put(&mut buffer, "e");
        buffer.send();
        assert!(buffer.receive().unwrap());
        assert_eq!(due(&buffer), (vec![], "e".into()));
    }

    /// Else each deletion after many would flush.
    #[test]
    fn keys_take_room_until_they_are_flushed() {
        let (mut buffer, _) = buffer();
        for forget in [Buffer::flushed, Buffer::clear] {
            assert!(!buffer.keys_are_many());
            for key in 0..buffer.runs_limit / KEY_OVERHEAD {
                buffer.delete(&key.to_string());
            }
            assert!(buffer.keys_are_many());
            forget(&mut buffer);
        }
        assert!(!buffer.keys_are_many());
    }
}
