//! # A batch on its way: documents that the pool inverts
//!
//! Idea        the texts that are stored can be compressed by whoever has time: by the
//!             thread that inverts the batch, once it has, or by the one that puts,
//!             when it would only wait for the pool otherwise. Whichever comes
//!             first takes them
//! Invariants  (1) a block of stored texts is a function of the texts, so the bytes
//!             are the same, whoever compresses them
//! Next        `background.rs`; then `writer/flushing.rs`, for which runs wait, and
//!             `state.rs`

use crate::analysis::Analyzers;
use crate::document::{Document, Schema};
use crate::error::{Error, Result};
use crate::inversion::{Inverter, Run, StoredBlocks, store};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// What batches are inverted with.
#[derive(Debug)]
pub(super) struct Inverters {
    schema: Schema,
    analyzers: Analyzers,
    /// Bytes that each may keep.
    limit: usize,
    /// Those that no thread is using.
    idle: Mutex<Vec<Inverter>>,
}

impl Inverters {
    pub(super) fn new(schema: Schema, analyzers: Analyzers, limit: usize) -> Self {
        Self {
            schema,
            analyzers,
            limit,
            idle: Mutex::default(),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Inverter>> {
        // Nothing panics while it is locked.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the memory back of those that no thread is using.
    pub(super) fn clear(&self) {
        self.idle().clear();
    }

    fn invert(&self, documents: &[Document]) -> Result<Run> {
        let waiting = self.idle().pop();
        let mut inverter = match waiting {
            Some(inverter) => inverter,
            None => Inverter::new(&self.schema, &self.analyzers)?.memory(self.limit),
        };
        let run = inverter.invert_fields(documents);
        // One that panicked doesn't come back.
        self.idle().push(inverter);
        Ok(run)
    }
}

/// Documents, until they are inverted.
#[derive(Debug)]
struct Documents {
    all: Vec<Document>,
    /// Somebody compresses the texts, or has.
    texts_taken: AtomicBool,
}

impl Documents {
    /// Compresses the texts, if nobody else does.
    fn store(&self) -> Option<Result<StoredBlocks>> {
        let taken = self.texts_taken.swap(true, Ordering::Relaxed);
        (!taken).then(|| store(&self.all))
    }
}

/// A batch that the pool has been given.
#[derive(Debug)]
pub(super) struct Batch {
    /// Gone when the pool has done its part, so that no memory waits.
    documents: Weak<Documents>,
    receiver: Receiver<Result<Run>>,
    /// Its texts, if they were compressed here.
    stored: Option<Result<StoredBlocks>>,
    /// What its keys take.
    keys: usize,
}

impl Batch {
    /// Hands documents to the pool.
    pub(super) fn send(
        documents: Vec<Document>,
        keys: usize,
        inverters: Arc<Inverters>,
        pool: &rayon::ThreadPool,
    ) -> Self {
        let documents = Arc::new(Documents {
            all: documents,
            texts_taken: AtomicBool::new(false),
        });
        let weak = Arc::downgrade(&documents);
        let (sender, receiver) = sync_channel(1);
        pool.spawn(move || {
            let mut run = inverters.invert(&documents.all);
            if let (Ok(inverted), Some(stored)) = (&mut run, documents.store()) {
                match stored {
                    Ok(stored) => inverted.add_stored(stored),
                    Err(error) => run = Err(error),
                }
            }
            drop(documents);
            // If nobody waits for it, the writer is gone or has rolled back.
            let _ = sender.send(run);
        });
        Self {
            documents: weak,
            receiver,
            stored: None,
            keys,
        }
    }

    /// Whether the pool has done its part, or very nearly.
    pub(super) fn is_done(&self) -> bool {
        self.documents.strong_count() == 0
    }

    /// Compresses the texts, if nobody else does.
    pub(super) fn help(&mut self) {
        let documents = self.documents.upgrade();
        if let Some(stored) = documents.and_then(|documents| documents.store()) {
            self.stored = Some(stored);
        }
    }

    /// Waits for the run; with it comes what it and its keys take.
    pub(super) fn receive(self) -> Result<(Run, usize)> {
        let mut run = self.receiver.recv().map_err(|_| {
            Error::document(
                "a thread that inverted documents panicked, in an analyzer of the program's own \
                 perhaps; roll back, and put the documents since the last commit again",
            )
        })??;
        if let Some(stored) = self.stored {
            run.add_stored(stored?);
        }
        let size = run.size() + self.keys;
        Ok((run, size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Text;
    use std::sync::Barrier;

    fn documents(count: usize, schema: &Schema) -> Vec<Document> {
        let text = |number| format!(r#"{{"body": "{} {number}"}}"#, "call me ".repeat(number));
        let document = |number| Document::from_json(schema, &text(number)).unwrap();
        (0..count).map(document).collect()
    }

    /// The texts come once and are the same, whoever compresses them.
    #[test]
    fn helping_changes_nothing() {
        let schema = Schema::builder().text("body", Text::plain());
        let schema = schema.build().unwrap();
        let inverters = Inverters::new(schema.clone(), Analyzers::default(), 1 << 20);
        let inverters = Arc::new(inverters);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let pool = pool.unwrap();
        let expected = store(&documents(500, &schema)).unwrap();
        let send = || Batch::send(documents(500, &schema), 7, inverters.clone(), &pool);

        let alone = send();
        pool.install(|| ());
        assert!(alone.is_done());
        let mut late = send();
        pool.install(|| ());
        late.help();
        assert!(late.stored.is_none());

        let busy = Arc::new(Barrier::new(2));
        let other = busy.clone();
        pool.spawn(move || {
            other.wait();
        });
        let mut early = send();
        early.help();
        assert!(early.stored.is_some());
        assert!(!early.is_done());
        busy.wait();
        let sizes = [alone, late, early].map(|batch| {
            let (run, size) = batch.receive().unwrap();
            assert_eq!(run.stored(), &expected);
            size
        });
        assert!(sizes.iter().all(|size| *size == sizes[0]));
    }
}
