//! # Joining: the merges of a writer, at once and beside
//!
//! Idea        what is small is joined by the commit itself, here and now; what is large by
//!             a [`Job`] on another thread, one at a time, whose result a later commit
//!             takes up. Which entries are joined is for the policy to say
//!             ([`merging`])
//! Invariants  (1) what was deleted while a job went on is deleted in its result, too
//!             (2) no commit fails because a job did: the receipt says why, and it is
//!             tried again
//! Next        `writer/optimize.rs`; or on to [`merging`]

use super::{Writer, discard};
use crate::document::Schema;
use crate::error::{Error, ErrorKind, Result};
use crate::index::background::install;
use crate::index::merging::{self, CROWDED, CROWDED_BYTES, Fate, Job, Output, SMALL_BYTES, Size};
use crate::index::state::Entry;
use std::io;
use std::ops::Range;
use std::sync::atomic::AtomicBool;

impl Writer {
    /// Joins what is small, at once.
    pub(super) fn merge_small(&mut self) -> Result<()> {
        while let Some(range) = self.next_merge() {
            let bytes: u64 = self.entries[range.clone()]
                .iter()
                .map(Entry::live_bytes)
                .sum();
            let crowded = self.entries.len() > CROWDED;
            let most = if crowded { CROWDED_BYTES } else { SMALL_BYTES };
            if bytes > most {
                break;
            }
            self.merge(range, Fate::Rewritten)?;
        }
        Ok(())
    }

    /// Joins entries, here and now.
    pub(super) fn merge(&mut self, range: Range<usize>, fate: Fate) -> Result<()> {
        self.rewrite(range, fate, |inputs, schema, output| {
            merging::join(inputs, schema, output, &AtomicBool::new(false))
        })
    }

    /// Puts one segment in the place of entries, which `write` makes of them.
    pub(super) fn rewrite(
        &mut self,
        range: Range<usize>,
        fate: Fate,
        write: impl FnOnce(&[Entry], &Schema, Output) -> Result<()> + Send,
    ) -> Result<()> {
        let name = self.new_file("segment", "hoard")?;
        let directory = self.index.directory();
        let (inputs, schema) = (&self.entries[range.clone()], &self.schema);
        let output = Output::create(inputs, &name, fate, directory)?;
        let written = install(&self.pool, || write(inputs, schema, output));
        if let Err(error) = written {
            discard(directory, &name, &error);
            return Err(error);
        }
        let entry = self.entry_of_written(name)?;
        self.entries.splice(range, [entry]);
        self.receipt.merges += 1;
        Ok(())
    }

    /// What the policy would join, among the entries that no job joins.
    fn next_merge(&self) -> Option<Range<usize>> {
        let sizes: Vec<Size> = self.entries.iter().map(Size::of).collect();
        let Some(busy) = (self.job.as_ref()).and_then(|job| self.place_of(&job.inputs)) else {
            return merging::choose(&sizes);
        };
        let before = merging::choose(&sizes[..busy.start]);
        before.or_else(|| {
            let after = merging::choose(&sizes[busy.end..])?;
            Some(after.start + busy.end..after.end + busy.end)
        })
    }

    /// Lets merges go on between commits, so that one transaction, however
    /// large, doesn't end with hundreds of segments.
    pub(super) fn catch_up(&mut self) {
        // What was put is safe whether a merge succeeds or not; one that can't
        // is tried again, and the receipt says why.
        if self.job.as_ref().is_some_and(|job| job.work.is_finished()) {
            self.take_up_job();
            if self.in_doubt.is_empty() {
                // What was joined and in no commit takes no room any longer.
                self.sweep();
            }
        }
        let _ = self.start_job();
    }

    /// Begins what is large on another thread.
    pub(super) fn start_job(&mut self) -> Result<()> {
        if self.job.is_some() {
            return Ok(());
        }
        let Some(range) = self.next_merge() else {
            return Ok(());
        };
        let name = self.new_file("segment", "hoard")?;
        let inputs = self.entries[range].to_vec();
        let directory = self.index.directory();
        let output = Output::create(&inputs, &name, Fate::Rewritten, directory)?;
        self.job = Some(Job::start(inputs, name, output, self.schema.clone())?);
        Ok(())
    }

    /// Where a job's inputs stand among the entries; `None` if one of them has
    /// gone.
    fn place_of(&self, inputs: &[Entry]) -> Option<Range<usize>> {
        let first = &inputs.first()?.file;
        let start = self.entries.iter().position(|entry| entry.file == *first)?;
        let range = start..start + inputs.len();
        let entries = self.entries.get(range.clone())?;
        let same = entries.iter().zip(inputs).all(|(a, b)| a.file == b.file);
        same.then_some(range)
    }

    /// Puts the result of the job in the place of its inputs; waits for it. If
    /// there is none, the segments stay as they are, which the receipt says: no
    /// commit need fail for it.
    pub(super) fn take_up_job(&mut self) {
        let Some(Job {
            inputs,
            output,
            work,
        }) = self.job.take()
        else {
            return;
        };
        let merged = work.wait().unwrap_or_else(|| {
            let panicked = io::Error::other("the thread panicked");
            Err(Error::io("merging into", &output, panicked))
        });
        match merged.and_then(|()| self.replace(&inputs, &output)) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Limit => {
                // Too large to be joined, now and later.
                self.options.merges = false;
            }
            Err(error) => {
                discard(self.index.directory(), &output, &error);
                self.receipt.failed_merge = Some(error.to_string());
            }
        }
    }

    /// Puts what a job has written in the place of its inputs.
    fn replace(&mut self, inputs: &[Entry], output: &str) -> Result<()> {
        let Some(range) = self.place_of(inputs) else {
            // All of an input was deleted in the meantime; it is tried again.
            return Ok(());
        };
        let segment = self.open_written(output)?;
        let now = &self.entries[range.clone()];
        let tombstones = merging::carry_over(inputs, now, &segment);
        let entry = Entry::new(output.to_owned(), segment, tombstones);
        self.entries.splice(range, [entry]);
        self.receipt.merges += 1;
        Ok(())
    }
}
