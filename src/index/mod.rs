//! # The index: many segments, one truth
//!
//! Idea        segments never change, so a change is a *new list of segments*.
//!             The list is a file, the manifest; writing the next
//!             one is a commit. This is log-structured storage: what comes in
//!             is appended as new small segments, deletes are marked beside
//!             the old ones, and merges tidy up behind
//! Example     an index after two commits, and a document of the first deleted
//!             by the second:
//!
//! ```text
//!   manifest-000000000003.json       the newest: the index is what it names
//!                                    (creating it was the first commit)
//!   segment-000000000002.hoard       the documents of the first commit
//!   segment-000000000003.hoard       those of the second
//!   deleted-000000000004.bits        which of the first are gone
//!   lock                             held by the writer while there is one
//! ```
//!
//! Rooms       `options`: creating and opening. `manifest`: one commit as a
//!             file. `snapshot`: one commit, opened. `writer`: puts, deletes,
//!             makes segments (`writer/flushing`), commits (`writer/commit`),
//!             joins some (`writer/joining`) or all (`writer/optimize`); with
//!             `buffer`: what is put and not in a segment yet, `batch`: some of
//!             it on the way to the pool and back, `background`: what writes
//!             files beside, `state`: the segments that a commit would have,
//!             `merging`: which segments are joined, and doing so on a thread
//!             of its own; `reorder`: similar documents beside each other.
//!             `check`: a deep check of all of it
//! Invariants  (1) a commit is there whole or not at all, whatever dies when:
//!             files first, durably; then the manifest under its final name;
//!             then the folder
//!             (2) a manifest's number is given once, so two writers that both
//!             got past the lock can't overwrite each other's commit
//!             (3) only neighbours are merged, so documents stay in the order
//!             in which they were put, and no answer depends on how many
//!             segments there are. Whoever asks for it gets another order
//!             (`reorder`), which changes that of equal scores and nothing else
//!             (4) readers take no lock and write nothing; what a snapshot
//!             names stays readable for it, even after the writer has swept it
//! Cost        a commit: the new documents, a few small merges and four
//!             `fsync`s. A snapshot: opening the files, and reading what is new;
//!             nothing but a look at the manifest, if that is as before
//! Left out    updating a document in place; it is put again. Transactions
//!             over several indexes
//! Papers      O'Neil et al., "The log-structured merge-tree", 1996; for
//!             segments and neighbours, Lester, Moffat and Zobel, "Fast
//!             on-line index construction by geometric partitioning", 2005
//! Next        `options.rs`; or on to [`crate::query`]

mod background;
mod batch;
mod buffer;
mod check;
mod manifest;
mod merging;
mod options;
mod reorder;
mod snapshot;
mod state;
#[cfg(test)]
mod tests;
mod writer;

pub use check::Checked;
pub use options::IndexOptions;
pub use snapshot::{MAX_DOCUMENTS, Part, Snapshot};
pub use writer::{Optimize, Receipt, Writer, WriterOptions};

use crate::analysis::Analyzers;
use crate::document::Schema;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::{Directory, Memory};
use manifest::Manifest;
use snapshot::SegmentCache;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Which documents a deletion means. Declared here and implemented by
/// [`crate::search`] for queries, since an index doesn't know how questions
/// are answered.
pub trait Selection {
    /// The numbers of the live documents meant, ascending.
    ///
    /// # Errors
    /// [`Query`](ErrorKind::Query) if the question can't be asked of this
    /// index.
    fn select(&self, snapshot: &Snapshot) -> Result<Vec<u32>>;
}

/// A full-text index: where documents are put and found.
///
/// Cloning is cheap, and a clone is the same index.
///
/// ```
/// use wordhoard::{Index, Schema, Text};
///
/// let schema = Schema::builder().key("id").text("body", Text::english()).build()?;
/// let index = Index::in_memory(schema)?;
/// let mut writer = index.writer()?;
/// writer.put_json(r#"{"id": "1", "body": "a hoard of words"}"#)?;
/// writer.commit()?;
/// assert_eq!(index.snapshot()?.live_count(), 1);
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Index(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    directory: Arc<dyn Directory>,
    /// Those that the program registered.
    analyzers: Analyzers,
    /// A schema that the program wants, which extends the stored one.
    wanted: Option<Schema>,
    segments: SegmentCache,
    /// The snapshot opened last, and what its manifest was.
    newest: Mutex<Option<(Snapshot, Box<[u8]>)>>,
}

impl Index {
    /// Opens the index in the folder at `path`.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if there is none,
    /// [`Corrupt`](ErrorKind::Corrupt) or
    /// [`Incompatible`](ErrorKind::Incompatible) if it can't be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::options().open(path)
    }

    /// An index in memory, which is gone with its last clone.
    ///
    /// # Errors
    /// [`Schema`](ErrorKind::Schema) if the schema names an analyzer that isn't
    /// known.
    pub fn in_memory(schema: Schema) -> Result<Self> {
        Self::options()
            .schema(schema)
            .create_in(Arc::new(Memory::new()))
    }

    /// Choices for creating or opening an index.
    pub fn options() -> IndexOptions {
        IndexOptions::default()
    }

    /// The newest commit. Cheap if nothing has changed since the last call.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn snapshot(&self) -> Result<Snapshot> {
        let directory = self.directory();
        let mut newest = self.0.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((snapshot, known)) = &*newest {
            let commits = manifest::commits(&directory.list()?);
            // An index that was made in the place of another has its numbers, too.
            if commits.last() == Some(&snapshot.commit())
                && let Ok(bytes) = directory.open(&manifest::file_name(snapshot.commit()))
                && *bytes == **known
            {
                return Ok(snapshot.clone());
            }
        }
        let (snapshot, bytes) = self.read_newest(&self.0.segments)?;
        *newest = Some((snapshot.clone(), bytes));
        Ok(snapshot)
    }

    /// Reads the newest manifest and opens what it names, of which some segments may
    /// be known. A writer may sweep these files between the two, but then there is a
    /// newer manifest; and the next writer may give their names to others, where nothing
    /// with a greater number was left.
    fn read_newest(&self, known: &SegmentCache) -> Result<(Snapshot, Box<[u8]>)> {
        let mut tried = None;
        loop {
            let (manifest, bytes) = manifest::newest(self.directory())?;
            let error = match self.open_commit(&manifest, known) {
                Ok(snapshot) => return Ok((snapshot, bytes.to_vec().into())),
                Err(error) => error,
            };
            match error.kind() {
                ErrorKind::NotFound | ErrorKind::Corrupt if tried != Some(manifest.commit) => {
                    tried = Some(manifest.commit);
                }
                ErrorKind::NotFound => {
                    return Err(Error::new(
                        ErrorKind::Corrupt,
                        format!(
                            "the index {} lacks a file that its manifest names: {error}; restore \
                             the file from a copy, or index the documents again",
                            self.directory().describe()
                        ),
                    ));
                }
                _ => return Err(error),
            }
        }
    }

    fn open_commit(&self, manifest: &Manifest, known: &SegmentCache) -> Result<Snapshot> {
        let segments = snapshot::open_segments(manifest, self.directory(), known)?;
        let analyzers = self.analyzers_of(manifest)?;
        let schema = self.schema_of(manifest)?;
        Snapshot::new(manifest.commit, schema, analyzers, segments)
    }

    /// The schema that the program wants, or the stored one, whichever has more fields.
    fn schema_of(&self, manifest: &Manifest) -> Result<Schema> {
        match &self.0.wanted {
            None => Ok(manifest.schema.clone()),
            Some(wanted) => match manifest.schema.check_extension(wanted) {
                Ok(()) => Ok(wanted.clone()),
                // It fitted when this handle was opened: another has added fields since.
                Err(_) if wanted.check_extension(&manifest.schema).is_ok() => {
                    Ok(manifest.schema.clone())
                }
                Err(error) => Err(error),
            },
        }
    }

    fn analyzers_of(&self, manifest: &Manifest) -> Result<Analyzers> {
        let mut analyzers = self.0.analyzers.clone();
        for (name, definition) in &manifest.analyzers {
            analyzers.restore(name, definition)?;
        }
        Ok(analyzers)
    }

    /// The schema.
    ///
    /// # Errors
    /// As [`snapshot`](Self::snapshot).
    pub fn schema(&self) -> Result<Schema> {
        Ok(self.snapshot()?.schema().clone())
    }

    /// The one writer, with the usual options.
    ///
    /// # Errors
    /// [`Locked`](ErrorKind::Locked) if there is another, in whatever process.
    pub fn writer(&self) -> Result<Writer> {
        self.writer_with(WriterOptions::default())
    }

    /// The one writer.
    ///
    /// # Errors
    /// [`Locked`](ErrorKind::Locked) if there is another, in whatever process.
    pub fn writer_with(&self, options: WriterOptions) -> Result<Writer> {
        Writer::open(self.clone(), options)
    }

    /// Checks every byte of the newest commit.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt), naming the file and what is wrong in it.
    pub fn verify(&self) -> Result<Checked> {
        check::check(self)
    }

    fn directory(&self) -> &dyn Directory {
        &*self.0.directory
    }

    /// What the index is called in messages: its path.
    #[must_use]
    pub fn describe(&self) -> String {
        self.0.directory.describe()
    }
}
