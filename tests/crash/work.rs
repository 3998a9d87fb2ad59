//! A writer at work on a disk with a fault, what should have come of it so far, and
//! what must hold of the index afterwards.

use crate::disk::{Disk, Fault, Unsynced};
use crate::{Documents, document, documents, schema};
use serde_json::Value;
use std::sync::Arc;
use wordhoard::index::Optimize;
use wordhoard::storage::Directory;
use wordhoard::{ErrorKind, Index, Result, Writer, WriterOptions};

/// What a writer is told to do.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Put {
        key: u32,
        version: u32,
        words: u32,
    },
    Delete(u32),
    /// Of all documents with this tag.
    DeleteTag(u32),
    Commit,
    Rollback,
    Optimize,
    /// An optimization that puts documents in another order.
    Reorder,
    /// The writer is dropped, and another one begins.
    Reopen,
}

/// All kinds of steps: commits enough for merges, replacements and deletions
/// within a commit and across commits, a rollback, two optimizations and one that
/// reorders.
pub fn script() -> Vec<Step> {
    let put = |key, version| Step::Put {
        key,
        version,
        words: 3,
    };
    let mut steps = Vec::new();
    for round in 0..9 {
        steps.extend((0..3).map(|at| put(round * 2 + at, round)));
        steps.push(Step::Commit);
    }
    steps.extend([Step::Delete(1), put(2, 20), put(40, 20), Step::Delete(40)]);
    steps.extend([
        Step::Commit,
        put(41, 21),
        Step::Delete(3),
        Step::Rollback,
        Step::Commit,
    ]);
    steps.extend([Step::DeleteTag(1), put(4, 22), Step::Commit, Step::Optimize]);
    steps.extend([Step::Reopen, put(5, 23), put(50, 23), Step::Reopen]);
    steps.extend([put(6, 24), Step::Delete(5), Step::Commit, Step::Commit]);
    steps.extend([put(7, 25), Step::DeleteTag(0), Step::Optimize, put(8, 26)]);
    steps.extend([Step::Reorder, put(9, 27), Step::Delete(6), Step::Commit]);
    steps
}

pub fn keyed(document: &Value, key: u32) -> bool {
    document["id"].as_str() == Some(&key.to_string())
}

/// A writer at work, and what should have come of it so far.
pub struct Work {
    pub disk: Disk,
    pub options: WriterOptions,
    pub writer: Option<Writer>,
    /// With what was put and not committed.
    pub now: Documents,
    pub committed: Documents,
    /// What a commit under way would make of the index.
    pub under_way: Option<Documents>,
    /// It may come in any order, which the index is asked for.
    pub reordering: bool,
    pub created: bool,
}

impl Work {
    pub fn new(disk: &Disk, options: &WriterOptions) -> Self {
        Self {
            disk: disk.clone(),
            options: options.clone(),
            writer: None,
            now: Vec::new(),
            committed: Vec::new(),
            under_way: None,
            reordering: false,
            created: false,
        }
    }

    /// The same on a disk of its own with a fault.
    pub fn faulty(fault: Fault, half_done: bool, options: &WriterOptions) -> Self {
        let disk = Disk::new();
        disk.set_fault(fault, half_done);
        Self::new(&disk, options)
    }

    /// The writer is gone, and so is what was wrong with the disk.
    pub fn end(&mut self) {
        self.writer = None;
        self.disk.set_fault(Fault::Never, false);
    }

    /// Whether this is what an index may have now.
    pub fn allows(&self, found: &Documents) -> bool {
        let in_order = |documents: &Documents| {
            let mut texts: Vec<String> = documents.iter().map(Value::to_string).collect();
            texts.sort();
            texts
        };
        *found == self.committed
            || self.under_way.as_ref().is_some_and(|under_way| {
                found == under_way || self.reordering && in_order(found) == in_order(under_way)
            })
    }

    /// The writer; opens, or creates, the index if need be.
    pub fn writer(&mut self) -> Result<&mut Writer> {
        if self.writer.is_none() {
            let index = open(&self.disk)?;
            self.created = true;
            self.writer = Some(index.writer_with(self.options.clone())?);
        }
        Ok(self.writer.as_mut().unwrap())
    }

    pub fn carry_out(&mut self, step: Step) -> Result<()> {
        self.writer()?;
        let writer = self.writer.as_mut().unwrap();
        match step {
            Step::Put {
                key,
                version,
                words,
            } => {
                let document = document(key, version, words);
                writer.put(&document)?;
                self.now.retain(|other| !keyed(other, key));
                self.now.push(document);
            }
            Step::Delete(key) => {
                writer.delete(key.to_string())?;
                self.now.retain(|other| !keyed(other, key));
            }
            Step::DeleteTag(tag) => {
                writer.delete_matching(format!("tag:t{tag}").as_str())?;
                self.now.retain(|other| other["tag"] != format!("t{tag}"));
            }
            Step::Commit | Step::Optimize | Step::Reorder => {
                self.under_way = Some(self.now.clone());
                self.reordering = matches!(step, Step::Reorder);
                let receipt = match step {
                    Step::Commit => writer.commit()?,
                    Step::Optimize => writer.optimize()?,
                    _ => writer.optimize_with(Optimize::reordered())?,
                };
                assert_eq!(receipt.documents as usize, self.now.len());
                assert_eq!(receipt.failed_merge, None);
                if self.reordering {
                    // Of a copy, which no fault befalls.
                    let copy = self.disk.after_power_cut(Unsynced::Kept);
                    let found = documents(&open(&copy).unwrap());
                    assert!(self.allows(&found), "{found:?}");
                    self.now = found;
                }
                self.committed = self.now.clone();
                (self.under_way, self.reordering) = (None, false);
            }
            Step::Rollback => {
                writer.rollback()?;
                self.now = self.committed.clone();
            }
            Step::Reopen => {
                self.writer = None;
                self.now = self.committed.clone();
                self.writer()?;
            }
        }
        Ok(())
    }
}

/// Opens the index, or creates it if there is none.
pub fn open(disk: &Disk) -> Result<Index> {
    let directory = Arc::new(disk.clone());
    match Index::options().open_in(directory.clone()) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Index::options().schema(schema()).create_in(directory)
        }
        opened => opened,
    }
}

/// The files that an index needs: the manifest and what it names.
pub fn files_needed(disk: &Disk) -> Vec<String> {
    let names = disk.names();
    let manifest = names
        .iter()
        .rfind(|name| name.ends_with(".json"))
        .expect("a manifest");
    let bytes = disk.open(manifest).unwrap();
    let text = str::from_utf8(&bytes).unwrap();
    let json: Value = serde_json::from_str(text.rsplit_once("crc32").unwrap().0).unwrap();
    let mut needed = vec![manifest.clone()];
    for segment in json["segments"].as_array().unwrap() {
        needed.push(segment["file"].as_str().unwrap().to_owned());
        needed.extend(
            segment["tombstones"]["file"]
                .as_str()
                .map(ToOwned::to_owned),
        );
    }
    needed.sort();
    needed
}

/// The index is that of the last commit or the one under way, whole; and a
/// writer goes on with it.
pub fn must_be_whole(disk: &Disk, work: &Work, when: &str) {
    let index = match Index::options().open_in(Arc::new(disk.clone())) {
        Ok(index) => index,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{when}: {error}");
            assert!(!work.created, "{when}: the index has gone: {error}");
            open(disk).unwrap()
        }
    };
    let found = documents(&index);
    assert!(
        work.allows(&found),
        "{when}: found {found:?}, committed {:?}, under way {:?}",
        work.committed,
        work.under_way
    );
    let mut writer = index.writer_with(work.options.clone()).unwrap();
    let more = document(1000, 99, 3);
    writer.put(&more).unwrap();
    writer.delete("2").unwrap();
    writer.close().unwrap();
    let mut expected = found;
    expected.retain(|document| !keyed(document, 2));
    expected.push(more);
    assert_eq!(documents(&index), expected, "{when}");
    assert_eq!(disk.names(), files_needed(disk), "{when}: left behind");
}

/// So many operations the script takes if nothing fails.
pub fn operations(script: &[Step], options: &WriterOptions) -> u64 {
    let disk = Disk::new();
    let mut work = Work::new(&disk, options);
    for step in script {
        work.carry_out(*step).unwrap();
    }
    assert_eq!(documents(&open(&disk).unwrap()), work.committed);
    disk.operations()
}

pub fn one_thread() -> WriterOptions {
    WriterOptions::default().threads(1)
}
