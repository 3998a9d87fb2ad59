//! # The writer: puts, deletes, commits
//!
//! Idea        the one who may change the index. Everything that it does is
//!             preparation, in memory and in files that nothing names yet;
//!             [`commit`](Writer::commit) makes it real by one new manifest
//! Invariants  (1) between commits the index on disk is that of the last one,
//!             whatever the writer does and wherever it dies
//!             (2) an operation that fails changes nothing that was committed,
//!             and a refused document leaves the writer as it was
//!             (3) documents and deletions count in the order of the calls: a
//!             deletion hits what was put before it
//! Cost        put: some 100 ns and a share of a batch; it waits when batches
//!             come faster than they are inverted, and compresses texts of theirs
//!             meanwhile. A flush goes on beside it
//! Next        `buffer.rs`, `writer/commit.rs`; then [`merging`](super::merging)

mod commit;
mod flushing;
mod joining;
mod optimize;

pub use optimize::Optimize;

use super::buffer::Buffer;
use super::manifest::{self, Manifest};
use super::merging::Job;
use super::options::definitions;
use super::snapshot::{MAX_DOCUMENTS, open_segments, too_many_documents};
use super::state::{self, Entry};
use super::{Index, Selection};
use crate::analysis::Analyzers;
use crate::document::{Document, Key, Schema};
use crate::error::{Error, Result};
use crate::segment::{Segment, Tombstones};
use crate::storage::{Directory, Lock};
use commit::{first_free_number, replaced};
use flushing::Flushing;
use serde::Serialize;
use std::sync::Arc;

/// Memory that a writer may use, unless told otherwise: 256 MB.
const MEMORY: usize = 256 << 20;

const MEMORY_MIN: usize = 1 << 20;

/// How a writer works.
#[derive(Clone, Debug)]
#[must_use]
pub struct WriterOptions {
    memory: usize,
    threads: usize,
    merges: bool,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            memory: MEMORY,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            merges: true,
        }
    }
}

impl WriterOptions {
    /// The most threads that a writer has. Beyond these they do nothing but look for
    /// work: with 5,000, three documents take half a minute.
    pub const THREADS_MAX: usize = 256;

    /// Bytes of memory for documents that are in no segment yet, at least
    /// 1 MB; 256 MB unless set.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes.max(MEMORY_MIN);
        self
    }

    /// Threads that invert documents and write segments, at most
    /// [`THREADS_MAX`](Self::THREADS_MAX); as many as there are cores unless set.
    /// The one that puts is not among them: it reads what it is given and, where
    /// it would only wait, compresses what is stored. The index comes out the same.
    pub fn threads(mut self, count: usize) -> Self {
        self.threads = count.clamp(1, Self::THREADS_MAX);
        self
    }

    /// Leaves segments as they are until [`Writer::optimize`].
    pub fn without_merges(mut self) -> Self {
        self.merges = false;
        self
    }
}

/// What a commit did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The number of the commit; the last one's if nothing had changed.
    pub commit: u64,
    /// Documents put since the last commit.
    pub put: u64,
    /// Documents deleted or replaced since the last commit.
    pub deleted: u64,
    /// Live documents in the index.
    pub documents: u64,
    /// Segments of the index.
    pub segments: usize,
    /// Bytes of these.
    pub bytes: u64,
    /// Merges that this commit took up.
    pub merges: u64,
    /// Why a merge in the background came to nothing, if one did since the last
    /// commit. The commit stands and nothing is lost: there are more segments
    /// than there might be, and the next commit tries again.
    pub failed_merge: Option<String>,
}

impl Receipt {
    /// One for both, where a commit that only joins followed another.
    fn and_then(self, joined: Self) -> Self {
        Self {
            put: self.put,
            deleted: self.deleted,
            merges: self.merges + joined.merges,
            failed_merge: joined.failed_merge.or(self.failed_merge),
            ..joined
        }
    }
}

/// The one who may change an index; see [`Index::writer`].
///
/// Dropping it never waits: what isn't committed is gone, what is committed
/// stays.
///
/// It is for the process that opened it. One that comes of this by `fork` has none of its
/// threads and can only drop it, which changes nothing.
///
/// ```
/// use wordhoard::{Index, Schema, Text};
///
/// let schema = Schema::builder().key("id").text("body", Text::plain()).build()?;
/// let index = Index::in_memory(schema)?;
/// let mut writer = index.writer()?;
/// writer.put_json(r#"{"id": "a", "body": "first"}"#)?;
/// writer.put_json(r#"{"id": "a", "body": "second, which replaces it"}"#)?;
/// writer.put_json(r#"{"id": "b", "body": "another"}"#)?;
/// writer.delete("b")?;
/// let receipt = writer.commit()?;
/// assert_eq!((receipt.put, receipt.deleted, receipt.documents), (3, 2, 1));
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Debug)]
pub struct Writer {
    index: Index,
    schema: Schema,
    analyzers: Analyzers,
    options: WriterOptions,
    pool: Arc<rayon::ThreadPool>,
    buffer: Buffer,
    /// A batch couldn't be inverted, so that not all that was put is there.
    is_lossy: bool,
    /// The segments that the next commit would name, each with its tombstones; what is
    /// in the buffer becomes another.
    entries: Vec<Entry>,
    committed: Manifest,
    /// Commits of which the directory didn't say whether they are there.
    in_doubt: Vec<Manifest>,
    next_file: u64,
    /// Since the last commit.
    receipt: Receipt,
    /// A large merge, on a thread of its own.
    job: Option<Job>,
    /// Runs that become a segment, on the pool.
    flushing: Option<Flushing>,
    /// The process that opened it.
    process: u32,
    /// Last, so that it is held until all else is gone.
    _lock: Box<dyn Lock>,
}

impl Writer {
    pub(super) fn open(index: Index, options: WriterOptions) -> Result<Self> {
        let lock = index.directory().lock()?;
        // Only now: another writer may have committed since the index was
        // opened.
        let (committed, _) = manifest::newest(index.directory())?;
        let schema = index.schema_of(&committed)?;
        let analyzers = index.analyzers_of(&committed)?;
        definitions(&schema, &analyzers)?;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(options.threads)
            .thread_name(|number| format!("wordhoard-{number}"))
            // An analyzer of the program's own may panic: whoever waits for its
            // batch notices.
            .panic_handler(|_| ())
            .build();
        let pool = Arc::new(
            pool.map_err(|error| Error::io("starting", "threads", std::io::Error::other(error)))?,
        );
        let buffer = Buffer::new(
            schema.clone(),
            analyzers.clone(),
            pool.clone(),
            options.memory,
        );
        let mut writer = Self {
            entries: entries(&index, &committed)?,
            next_file: first_free_number(&index)?,
            index,
            schema,
            analyzers,
            options,
            pool,
            buffer,
            is_lossy: false,
            committed,
            in_doubt: Vec::new(),
            receipt: Receipt::default(),
            job: None,
            flushing: None,
            process: std::process::id(),
            _lock: lock,
        };
        // Whoever made the last commit may have died before its name was
        // durable; those before it must not go first.
        writer.index.directory().sync()?;
        writer.sweep();
        Ok(writer)
    }

    /// The schema that documents must fit.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Segments there are now, those that the next commit will name included;
    /// what waits in memory will be one more.
    #[must_use]
    pub fn segments(&self) -> usize {
        self.entries.len()
    }

    /// Puts a document: anything that serde can write as an object. One with
    /// the same key is replaced.
    ///
    /// # Errors
    /// [`Document`](crate::ErrorKind::Document) if it doesn't fit the schema; then
    /// nothing has changed. [`Limit`](crate::ErrorKind::Limit) if the index has as many as it
    /// can. [`Io`](crate::ErrorKind::Io) if memory was full and a segment couldn't be written;
    /// the document is kept then. `Document` also once others that were put before
    /// couldn't be inverted, as where an analyzer of the program's own panics, until a
    /// [rollback](Self::rollback).
    pub fn put<T: Serialize + ?Sized>(&mut self, document: &T) -> Result<()> {
        self.put_document(Document::new(&self.schema, document)?)
    }

    /// Puts a document that is a JSON object.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn put_json(&mut self, json: &str) -> Result<()> {
        self.put_document(Document::from_json(&self.schema, json)?)
    }

    /// Puts a document that was made before, under this writer's
    /// [schema](Self::schema).
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn put_document(&mut self, document: Document) -> Result<()> {
        document.check(&self.schema)?;
        let segments: u64 = self
            .entries
            .iter()
            .map(|e| u64::from(e.segment.documents()))
            .sum();
        if segments + self.buffer.documents() >= u64::from(MAX_DOCUMENTS) {
            return Err(too_many_documents());
        }
        self.buffer.push(document);
        self.receipt.put += 1;
        if self.buffer.batch_is_full() {
            self.buffer.send();
            while self.buffer.is_busy() {
                self.receive()?;
            }
        }
        Ok(())
    }

    /// Deletes the document with this key, if there is one.
    ///
    /// # Errors
    /// [`Document`](crate::ErrorKind::Document) if the schema has no key, or it can't
    /// be this. [`Io`](crate::ErrorKind::Io) if memory was full of keys, and what was put
    /// couldn't be written.
    pub fn delete(&mut self, key: impl Into<Key>) -> Result<()> {
        let key = self.schema.key_text(&key.into())?;
        self.buffer.delete(&key);
        if self.buffer.keys_are_many() {
            self.flush_all()?;
        }
        Ok(())
    }

    /// Deletes what a query matches, of all that was put so far; returns how
    /// many documents that were.
    ///
    /// # Errors
    /// [`Query`](crate::ErrorKind::Query) if the query can't be asked of this index;
    /// [`Io`](crate::ErrorKind::Io) if what was put before couldn't be written.
    pub fn delete_matching<S: Selection + ?Sized>(&mut self, selection: &S) -> Result<u64> {
        self.flush_all()?;
        let snapshot = state::snapshot(
            &self.entries,
            self.committed.commit,
            &self.schema,
            &self.analyzers,
        )?;
        let documents = selection.select(&snapshot)?;
        let mut entries = self.entries.iter_mut().zip(snapshot.parts()).peekable();
        let mut deleted = 0;
        for document in documents {
            let past =
                |(_, part): &(_, &super::Part)| document - part.base >= part.segment.documents();
            while entries.next_if(past).is_some() {}
            if let Some((entry, part)) = entries.peek_mut() {
                deleted += u64::from(entry.bury(document - part.base));
            }
        }
        self.receipt.deleted += deleted;
        Ok(deleted)
    }

    /// A name for a file to be made. None is made where there is no manifest any longer:
    /// nobody would sweep it, and it would be in the way of another index there.
    fn new_file(&mut self, what: &str, suffix: &str) -> Result<String> {
        let directory = self.index.directory();
        if manifest::commits(&directory.list()?).is_empty() {
            return Err(replaced(&directory.describe()));
        }
        let name = format!("{what}-{:012}.{suffix}", self.next_file);
        self.next_file += 1;
        Ok(name)
    }

    /// Makes everything since the last commit durable and visible to new
    /// searchers. When this returns, it survives any crash.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io) if it can't be written: then the index is as the
    /// last commit left it (or, if only the last step failed, as this one would
    /// have), and what was put is still here, to be committed again or
    /// [rolled back](Self::rollback). [`Locked`](crate::ErrorKind::Locked) if another
    /// writer has got past the lock, as some network file systems allow, and
    /// committed; or if the index was deleted or replaced meanwhile.
    /// [`Document`](crate::ErrorKind::Document) as for [`put`](Self::put).
    pub fn commit(&mut self) -> Result<Receipt> {
        let receipt = self.commit_now()?;
        if self.options.merges {
            // What is committed is, whether the next merge can begin or not;
            // the next commit tries again.
            let _ = self.start_job();
        }
        Ok(receipt)
    }

    /// Commits, and begins nothing: what was put becomes a segment, the result of a large
    /// merge takes the place of its inputs if there is one, and what is small is joined.
    fn commit_now(&mut self) -> Result<Receipt> {
        self.flush_all()?;
        if self.job.as_ref().is_some_and(|job| job.work.is_finished()) {
            self.take_up_job();
        }
        if self.options.merges {
            self.merge_small()?;
        }
        self.write_commit()
    }

    /// Forgets everything since the last commit.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io) if the last commit can't be read again, or a
    /// commit that failed can't be taken back; then it can be tried again.
    pub fn rollback(&mut self) -> Result<()> {
        self.withdraw()?;
        self.entries = entries(&self.index, &self.committed)?;
        if let Some(flushing) = self.flushing.take() {
            flushing.work.cancel();
        }
        self.buffer.clear();
        self.is_lossy = false;
        self.receipt = Receipt::default();
        self.job = None;
        self.sweep();
        Ok(())
    }

    /// Commits, waits for merges, and gives the lock back. A merge that fails
    /// isn't tried again.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn close(mut self) -> Result<Receipt> {
        let mut receipt = self.commit()?;
        while self.job.is_some() {
            self.take_up_job();
            let merged = match self.receipt.failed_merge {
                None => self.commit()?,
                Some(_) => self.commit_now()?,
            };
            receipt = receipt.and_then(merged);
        }
        Ok(receipt)
    }

    /// A segment that was just written, and none of whose documents is deleted.
    fn entry_of_written(&self, name: String) -> Result<Entry> {
        let segment = self.open_written(&name)?;
        let tombstones = Tombstones::new(segment.documents());
        Ok(Entry::new(name, segment, tombstones))
    }

    /// Opens a segment that was just written. The memory that looking at it took
    /// is given back: 300 KB each, and there may be many.
    fn open_written(&self, name: &str) -> Result<Arc<Segment>> {
        let known = &self.index.0.segments;
        let segment = known.open(self.index.directory(), name, None)?;
        segment.release();
        Ok(segment)
    }
}

impl Drop for Writer {
    /// What wasn't committed is forgotten, and its files take no room.
    fn drop(&mut self) {
        // What a commit in doubt names must stay, and a panic may have come in the midst of
        // a commit; then the next writer sweeps. In a process that came by `fork` this is
        // a copy: what no commit names is about to be committed by the other.
        let is_copy = self.process != std::process::id();
        if is_copy || !self.in_doubt.is_empty() || std::thread::panicking() {
            return;
        }
        // Neither is waited for: what they still write has no name after the sweep.
        self.flushing = None;
        self.job = None;
        self.entries.clear();
        self.sweep();
    }
}

/// Deletes a file that couldn't be written, so that a full disk has room again;
/// but not one that another writer has made, who got past the lock.
fn discard(directory: &dyn Directory, name: &str, error: &Error) {
    let source = std::error::Error::source(error);
    let io = source.and_then(|source| source.downcast_ref::<std::io::Error>());
    if io.is_none_or(|error| error.kind() != std::io::ErrorKind::AlreadyExists) {
        // Only tidies up: the next sweep does it otherwise.
        let _ = directory.delete(name);
    }
}

/// The segments of a commit, as entries.
fn entries(index: &Index, manifest: &Manifest) -> Result<Vec<Entry>> {
    let opened = open_segments(manifest, index.directory(), &index.0.segments)?;
    let lines = manifest.segments.iter().zip(opened);
    Ok(lines
        .map(|(line, (segment, tombstones))| Entry::committed(line, segment, tombstones))
        .collect())
}
