//! # Optimizing: all segments become one, in which documents may be reordered
//!
//! Idea        what was put is committed first; then the segments are joined, and the
//!             one that is left may be [permuted](crate::segment::permute); that is
//!             committed, too
//! Next        [`merging`](crate::index::merging)

use super::{Receipt, Writer};
use crate::error::Result;
use crate::index::merging::{Fate, Output};
use crate::index::reorder;
use crate::segment::permute::permute;
use std::fmt;
use std::sync::Arc;

/// The share of the work that finding the order is; the rest is writing.
const ORDERING: f32 = 0.8;

/// What [`Writer::optimize_with`] does besides joining all segments to one.
///
/// ```
/// use wordhoard::index::Optimize;
/// use wordhoard::{Index, Schema, Text};
///
/// let schema = Schema::builder().key("id").text("body", Text::plain()).build()?;
/// let index = Index::in_memory(schema)?;
/// let mut writer = index.writer()?;
/// writer.put_json(r#"{"id": "a", "body": "to be"}"#)?;
/// writer.put_json(r#"{"id": "b", "body": "or not to be"}"#)?;
/// let receipt = writer.optimize_with(Optimize::reordered().on_progress(|share| {
///     eprintln!("{:.0} %", share * 100.0);
/// }))?;
/// assert_eq!((receipt.segments, receipt.documents), (1, 2));
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Optimize {
    reorder: bool,
    progress: Option<Arc<dyn Fn(f32) + Send + Sync>>,
}

impl fmt::Debug for Optimize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Optimize")
            .field("reorder", &self.reorder)
            .field("progress", &self.progress.is_some())
            .finish()
    }
}

impl Optimize {
    /// Joins segments, and leaves documents in the order in which they were
    /// put.
    pub fn joined() -> Self {
        Self::default()
    }

    /// Joins segments, and puts similar documents beside each other, by
    /// recursive graph bisection: the index is smaller, and queries are
    /// faster. It finds the same documents with the same scores; only those
    /// of equal scores come in another order. Takes about half the time of
    /// indexing and the writer's [memory](super::WriterOptions::memory), with
    /// less of which it looks at fewer words; besides, some 20 bytes a document
    /// and the longest posting list, unpacked, for each thread.
    pub fn reordered() -> Self {
        Self {
            reorder: true,
            progress: None,
        }
    }

    /// Calls `report` with the share of the reordering that is done, from 0
    /// to 1, now and then and from any thread.
    pub fn on_progress(mut self, report: impl Fn(f32) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(report));
        self
    }
}

impl Writer {
    /// Commits, and joins all segments to one without deleted documents.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn optimize(&mut self) -> Result<Receipt> {
        self.optimize_with(Optimize::joined())
    }

    /// Commits, joins all segments to one without deleted documents, and does
    /// what else is asked for.
    ///
    /// # Errors
    /// As [`commit`](Self::commit). If only the joining fails, the commit
    /// stands, and the message says so.
    pub fn optimize_with(&mut self, options: Optimize) -> Result<Receipt> {
        let committed = self.commit_now()?;
        // Whoever believes that nothing was committed puts it all again.
        let joined = self
            .join_all(options)
            .map_err(|error| error.after("committed, but the segments couldn't be joined: "))?;
        Ok(committed.and_then(joined))
    }

    /// Joins all segments, and commits that.
    fn join_all(&mut self, options: Optimize) -> Result<Receipt> {
        self.job = None;
        // What follows needs memory of its own.
        self.buffer.rest();
        let deleted = self
            .entries
            .iter()
            .any(|entry| entry.tombstones.deleted_count() > 0);
        if self.entries.len() > 1 || deleted {
            let fate = match options.reorder {
                true => Fate::Rewritten,
                false => Fate::Searched,
            };
            self.merge(0..self.entries.len(), fate)?;
        }
        if options.reorder {
            let silent = |_| {};
            self.reorder(options.progress.as_deref().unwrap_or(&silent))?;
        }
        self.write_commit()
    }

    /// Reorders the one segment there is, if there is anything in the index.
    fn reorder(&mut self, progress: &(dyn Fn(f32) + Send + Sync)) -> Result<()> {
        let memory = self.options.memory;
        if self.entries.is_empty() {
            return Ok(());
        }
        self.rewrite(0..1, Fate::Searched, |entries, schema, output| {
            let segment = &entries[0].segment;
            let order = reorder::order(segment, memory, &|share| progress(share * ORDERING))?;
            let Output {
                mut file,
                scratch,
                path,
            } = output;
            permute(segment, &order, schema, memory, &mut file, scratch, &path)?;
            file.finish()
        })?;
        progress(1.0);
        Ok(())
    }
}
