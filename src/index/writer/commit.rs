//! # Committing: making what was prepared the newest commit
//!
//! Idea        tombstones to files, then the manifest that names all; then what no
//!             commit needs is swept. The segments are on the device already
//! Manifest    it is written under a name that nobody looks for. Then the folder is
//!             made durable, and with it the names of all files that it speaks of; then
//!             it gets its own name, at once, and only if no other has that; then the
//!             folder is made durable again (`publish`, in `options.rs`)
//! In doubt    a commit can fail at its very last step, when its manifest may be there
//!             or not, and may be durable or not. The next commit gets the number
//!             after it, a rollback takes it back
//! Invariants  (1) nothing that a commit in doubt names is swept
//! Next        `writer/joining.rs`; or on to [`merging`](crate::index::merging)

use super::super::manifest::{self, Manifest};
use super::super::options::{definitions, publish};
use super::{Receipt, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::index::Index;
use crate::storage::taken;

impl Writer {
    /// Writes the manifest of the entries, unless nothing has changed.
    pub(super) fn write_commit(&mut self) -> Result<Receipt> {
        self.entries
            .retain(|entry| entry.tombstones.live_count() > 0);
        let mut lines = Vec::with_capacity(self.entries.len());
        for at in 0..self.entries.len() {
            if self.entries[at].is_unsaved() {
                let name = self.new_file("deleted", "bits")?;
                self.entries[at].save(self.index.directory(), name)?;
            }
            lines.push(self.entries[at].line());
        }
        let analyzers = definitions(&self.schema, &self.analyzers)?;
        let number = self.committed.commit;
        let mut manifest = Manifest::new(number, self.schema.clone(), analyzers, lines);
        if manifest != self.committed || !self.in_doubt.is_empty() {
            manifest.commit = self.next_commit()?;
            if let Err(error) = publish(self.index.directory(), &manifest) {
                if error.kind() != ErrorKind::Locked {
                    self.in_doubt.push(manifest);
                }
                return Err(error);
            }
            self.committed = manifest;
            self.in_doubt.clear();
            self.sweep();
        }
        let mut receipt = std::mem::take(&mut self.receipt);
        receipt.commit = self.committed.commit;
        receipt.segments = self.entries.len();
        for entry in &self.entries {
            receipt.documents += u64::from(entry.tombstones.live_count());
            receipt.bytes += entry.segment.size();
        }
        Ok(receipt)
    }

    /// A number for a commit: past the newest there is, even if that one
    /// doesn't check out. One that does and isn't ours is another writer's, who
    /// got past the lock (invariant (2) of the chapter).
    fn next_commit(&self) -> Result<u64> {
        let directory = self.index.directory();
        let mut next = self.committed.commit + 1;
        for commit in manifest::commits(&directory.list()?) {
            if commit >= next && self.is_foreign(commit)? {
                return Err(taken(
                    &directory.describe_file(&manifest::file_name(commit)),
                ));
            }
            next = next.max(commit + 1);
        }
        if !self.is_in_place()? {
            return Err(replaced(&directory.describe()));
        }
        Ok(next)
    }

    /// Whether the last commit is where it was. If not, somebody has deleted the
    /// index, and perhaps made another in its place, whose files aren't ours.
    fn is_in_place(&self) -> Result<bool> {
        match Manifest::read(self.index.directory(), self.committed.commit) {
            Ok((manifest, _)) => Ok(manifest == self.committed),
            Err(error) => match error.kind() {
                // It was ours; the next one is in its place soon.
                ErrorKind::Corrupt => Ok(true),
                ErrorKind::NotFound => Ok(false),
                _ => Err(error),
            },
        }
    }

    /// Whether a commit checks out, and isn't one that this writer tried.
    fn is_foreign(&self, commit: u64) -> Result<bool> {
        match Manifest::read(self.index.directory(), commit) {
            Ok((manifest, _)) => Ok(!self.in_doubt.contains(&manifest)),
            Err(error) => match error.kind() {
                ErrorKind::Corrupt | ErrorKind::NotFound => Ok(false),
                _ => Err(error),
            },
        }
    }

    /// Takes back the commits in doubt, durably, so that what they name can go.
    pub(super) fn withdraw(&mut self) -> Result<()> {
        if self.in_doubt.is_empty() {
            return Ok(());
        }
        let directory = self.index.directory();
        for manifest in &self.in_doubt {
            if !self.is_foreign(manifest.commit)? {
                directory.delete(&manifest::file_name(manifest.commit))?;
            }
        }
        directory.sync()?;
        self.in_doubt.clear();
        Ok(())
    }

    /// Deletes what no manifest needs. That it fails is no harm: some systems
    /// don't delete what a reader has mapped, and the next sweep comes. Where
    /// another writer got past the lock, or another index is in the place of this
    /// one, nothing is swept.
    pub(super) fn sweep(&mut self) {
        let directory = self.index.directory();
        let Ok(names) = directory.list() else { return };
        if !self.is_in_place().unwrap_or(false) {
            return;
        }
        let newer = manifest::commits(&names)
            .into_iter()
            .filter(|commit| *commit > self.committed.commit);
        for commit in newer {
            if self.is_foreign(commit).unwrap_or(true) {
                return;
            }
        }
        let mut needed: Vec<String> = self.committed.files().collect();
        needed.extend(self.entries.iter().map(|entry| entry.file.clone()));
        needed.extend(self.job.iter().map(|job| job.output.clone()));
        for name in names {
            if is_ours(&name) && !needed.contains(&name) {
                let _ = directory.delete(&name);
            }
        }
    }
}

/// The error of an index that is gone, or has another in its place.
pub(super) fn replaced(place: &str) -> Error {
    Error::new(
        ErrorKind::Locked,
        format!(
            "the index {place} was deleted or replaced while this writer was open; \
             open the index again and repeat what was not committed"
        ),
    )
}

/// Whether an index makes files that are called so.
fn is_ours(name: &str) -> bool {
    let kinds = [
        ("segment-", ".hoard"),
        ("deleted-", ".bits"),
        ("manifest-", ".json"),
        ("manifest-", ".new"),
        ("scratch-", ".hoard"),
    ];
    kinds
        .iter()
        .any(|(prefix, suffix)| name.starts_with(prefix) && name.ends_with(suffix))
}

/// A number above that of any file there is.
pub(super) fn first_free_number(index: &Index) -> Result<u64> {
    let names = index.directory().list()?;
    let numbers = names
        .iter()
        .filter(|name| is_ours(name))
        .filter_map(|name| {
            let digits = name.split(['-', '.']).nth(1)?;
            digits.parse::<u64>().ok()
        });
    let numbers = numbers.filter(|number| *number <= manifest::NUMBER_MAX);
    Ok(numbers.max().unwrap_or(0) + 1)
}
