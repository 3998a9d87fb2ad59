//! Threat: everything stops in the middle. The power fails, an operation
//! fails, the disk is full, the process is killed.
//!
//! What was committed is there afterwards, to the last document: the index is
//! that of the last commit that returned, or of the one under way; it is whole;
//! the next writer goes on from it, and leaves nothing lying about.

#[path = "crash/disk.rs"]
mod disk;
#[path = "cli/program.rs"]
mod program;

use disk::{Disk, Fault, Unsynced};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use wordhoard::index::Optimize;
use wordhoard::storage::Directory;
use wordhoard::{ErrorKind, Index, Query, Result, Schema, Text, Writer, WriterOptions};

fn schema() -> Schema {
    Schema::builder()
        .key("id")
        .text("body", Text::plain())
        .keyword("tag")
        .build()
        .unwrap()
}

fn document(key: u32, version: u32, words: u32) -> Value {
    // Words that don't compress, so that sizes are what they seem.
    let mut state = u64::from(key) << 32 | u64::from(version);
    let mut word = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        format!("w{:x}", state >> 40)
    };
    let body: Vec<String> = (0..words).map(|_| word()).collect();
    json!({
        "id": key.to_string(),
        "body": format!("all v{version} {}", body.join(" ")),
        "tag": format!("t{}", key % 3),
    })
}

/// What a writer is told to do.
#[derive(Clone, Copy, Debug)]
enum Step {
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
fn script() -> Vec<Step> {
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

/// The documents that an index should have, in order.
type Documents = Vec<Value>;

fn keyed(document: &Value, key: u32) -> bool {
    document["id"].as_str() == Some(&key.to_string())
}

/// A writer at work, and what should have come of it so far.
struct Work {
    disk: Disk,
    options: WriterOptions,
    writer: Option<Writer>,
    /// With what was put and not committed.
    now: Documents,
    committed: Documents,
    /// What a commit under way would make of the index.
    under_way: Option<Documents>,
    /// It may come in any order, which the index is asked for.
    reordering: bool,
    created: bool,
}

impl Work {
    fn new(disk: &Disk, options: &WriterOptions) -> Self {
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
    fn faulty(fault: Fault, half_done: bool, options: &WriterOptions) -> Self {
        let disk = Disk::new();
        disk.set_fault(fault, half_done);
        Self::new(&disk, options)
    }

    /// The writer is gone, and so is what was wrong with the disk.
    fn end(&mut self) {
        self.writer = None;
        self.disk.set_fault(Fault::Never, false);
    }

    /// Whether this is what an index may have now.
    fn allows(&self, found: &Documents) -> bool {
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
    fn writer(&mut self) -> Result<&mut Writer> {
        if self.writer.is_none() {
            let index = open(&self.disk)?;
            self.created = true;
            self.writer = Some(index.writer_with(self.options.clone())?);
        }
        Ok(self.writer.as_mut().unwrap())
    }

    fn carry_out(&mut self, step: Step) -> Result<()> {
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
fn open(disk: &Disk) -> Result<Index> {
    let directory = Arc::new(disk.clone());
    match Index::options().open_in(directory.clone()) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Index::options().schema(schema()).create_in(directory)
        }
        opened => opened,
    }
}

/// All documents of an index, which must be whole.
fn documents(index: &Index) -> Documents {
    index.verify().unwrap();
    let searcher = index.searcher().unwrap();
    let page = searcher.search(Query::all()).limit(10_000).run().unwrap();
    let documents: Documents = page.hits().map(|hit| hit.document().unwrap()).collect();
    // By another way: each has this word.
    assert_eq!(searcher.count("all").unwrap() as usize, documents.len());
    documents
}

/// The files that an index needs: the manifest and what it names.
fn files_needed(disk: &Disk) -> Vec<String> {
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
fn must_be_whole(disk: &Disk, work: &Work, when: &str) {
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
fn operations(script: &[Step], options: &WriterOptions) -> u64 {
    let disk = Disk::new();
    let mut work = Work::new(&disk, options);
    for step in script {
        work.carry_out(*step).unwrap();
    }
    assert_eq!(documents(&open(&disk).unwrap()), work.committed);
    disk.operations()
}

/// Runs until the power fails at this operation, and looks at what is there
/// when it is back.
fn cut(script: &[Step], options: &WriterOptions, at: u64, unsynced: &[Unsynced]) {
    for half_done in [false, true] {
        let mut work = Work::faulty(Fault::From(at), half_done, options);
        let failed = script.iter().find_map(|step| work.carry_out(*step).err());
        if let Some(error) = &failed {
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        }
        for unsynced in unsynced {
            let after = work.disk.after_power_cut(*unsynced);
            let when = format!("power cut at {at}, half done: {half_done}, {unsynced:?}");
            must_be_whole(&after, &work, &when);
        }
        work.writer = None;
    }
}

fn one_thread() -> WriterOptions {
    WriterOptions::default().threads(1)
}

#[test]
fn the_power_may_fail_at_every_operation() {
    let (script, options) = (script(), one_thread());
    let count = operations(&script, &options);
    assert!(count > 300, "{count}");
    for at in 1..=count + 1 {
        let unsynced = [Unsynced::Lost, Unsynced::Kept, Unsynced::Mixed(at)];
        cut(&script, &options, at, &unsynced);
    }
}

/// A process dies, another one begins where it stopped, and then the power
/// fails.
#[test]
fn the_power_may_fail_after_a_process_has() {
    let (script, options) = (script(), one_thread());
    for at in 1..=operations(&script, &options) {
        for half_done in [false, true] {
            let mut work = Work::faulty(Fault::From(at), half_done, &options);
            let _ = script.iter().find_map(|step| work.carry_out(*step).err());
            work.end();
            let mut second = Work::new(&work.disk, &options);
            second.writer().unwrap();
            for unsynced in [Unsynced::Lost, Unsynced::Kept, Unsynced::Mixed(at)] {
                let after = work.disk.after_power_cut(unsynced);
                let when = format!("killed at {at}, half done: {half_done}, {unsynced:?}");
                must_be_whole(&after, &work, &when);
            }
        }
    }
}

/// One operation fails, whichever, and the writer is told to repeat what it
/// couldn't do.
#[test]
fn any_operation_may_fail_and_the_writer_goes_on() {
    let (script, options) = (script(), one_thread());
    for at in 1..=operations(&script, &options) {
        for half_done in [false, true] {
            let mut work = Work::faulty(Fault::Once(at), half_done, &options);
            let mut errors = Vec::new();
            for step in &script {
                if let Err(error) = work.carry_out(*step) {
                    errors.push(error);
                    work.carry_out(*step).unwrap();
                }
            }
            let when = format!("operation {at} failed, half done: {half_done}: {errors:?}");
            assert!(errors.len() <= 1, "{when}");
            work.end();
            must_be_whole(&work.disk, &work, &when);
        }
    }
}

/// One operation fails, and what wasn't committed is given up.
#[test]
fn any_operation_may_fail_and_the_writer_rolls_back() {
    let (script, options) = (script(), one_thread());
    for at in 1..=operations(&script, &options) {
        for half_done in [false, true] {
            let mut work = Work::faulty(Fault::Once(at), half_done, &options);
            let when = format!("operation {at} failed, half done: {half_done}");
            for step in &script {
                if work.carry_out(*step).is_ok() || work.writer.is_none() {
                    continue;
                }
                work.carry_out(Step::Rollback).unwrap();
                if matches!(step, Step::Optimize | Step::Reorder) {
                    // It is a commit, and then a merge, which may have failed.
                    let found = documents(&open(&work.disk).unwrap());
                    assert!(work.allows(&found), "{when}: {found:?}");
                    (work.now, work.committed) = (found.clone(), found);
                }
                work.under_way = None;
                for unsynced in [Unsynced::Lost, Unsynced::Kept, Unsynced::Mixed(at)] {
                    must_be_whole(&work.disk.after_power_cut(unsynced), &work, &when);
                }
            }
            work.end();
            must_be_whole(&work.disk, &work, &when);
        }
    }
}

/// The power fails while segments are merged behind the writer's back, too.
#[test]
fn the_power_may_fail_during_a_merge_in_the_background() {
    let mut script = Vec::new();
    for round in 0..18 {
        script.extend((0..20).map(|at| Step::Put {
            key: round * 15 + at,
            version: round,
            words: 800,
        }));
        script.push(Step::Commit);
    }
    script.extend([Step::Delete(3), Step::Commit]);
    let options = WriterOptions::default().threads(2);
    let count = operations(&script, &options);
    for at in (1..=count).step_by((count / 40) as usize) {
        cut(&script, &options, at, &[Unsynced::Mixed(at)]);
    }
}

/// Two segments, and what joins them.
fn large_script() -> Vec<Step> {
    let mut script = Vec::new();
    for round in 0..2 {
        script.extend((0..50).map(|at| Step::Put {
            key: round * 45 + at,
            version: round,
            words: 800,
        }));
        script.push(Step::Commit);
    }
    script.push(Step::Optimize);
    script
}

/// What has no room in memory while large segments are joined waits in a scratch
/// file. That can fail as anything, and is left by who dies.
#[test]
fn any_operation_of_a_large_merge_may_fail() {
    let (script, options) = (large_script(), one_thread());
    let begin = operations(&script[..script.len() - 1], &options);
    let disk = Disk::new();
    let mut work = Work::new(&disk, &options);
    script
        .iter()
        .for_each(|step| work.carry_out(*step).unwrap());
    assert!(disk.scratched() > 200_000, "{}", disk.scratched());
    let count = disk.operations();
    let mut left = 0;
    for at in begin + 1..=count {
        let mut work = Work::faulty(Fault::From(at), at % 2 == 0, &options);
        let failed = script.iter().find_map(|step| work.carry_out(*step).err());
        // What only tidies up may fail unsaid.
        if let Some(error) = failed {
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        }
        let names = work.disk.names();
        left += u32::from(names.iter().any(|name| name.starts_with("scratch")));
        let after = work.disk.after_power_cut(Unsynced::Mixed(at));
        must_be_whole(&after, &work, &format!("power cut at {at}"));
        work.end();
        must_be_whole(&work.disk, &work, &format!("killed at {at}"));

        let mut work = Work::faulty(Fault::Once(at), at % 2 == 0, &options);
        for step in &script {
            if work.carry_out(*step).is_err() {
                work.carry_out(*step).unwrap();
            }
        }
        work.end();
        must_be_whole(&work.disk, &work, &format!("operation {at} failed"));
    }
    assert!(left > 10, "{left}");
}

#[test]
fn a_disk_may_be_full_while_large_segments_are_joined() {
    let (script, options) = (large_script(), one_thread());
    let (last, before) = script.split_last().unwrap();
    let mut refused = 0;
    for space in (0..1_500_000).step_by(70_001) {
        let disk = Disk::new();
        let mut work = Work::new(&disk, &options);
        before
            .iter()
            .for_each(|step| work.carry_out(*step).unwrap());
        disk.set_space(space);
        if let Err(error) = work.carry_out(*last) {
            refused += 1;
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains("space"), "{error}");
            assert!(error.to_string().contains(".hoard"), "{error}");
            disk.set_space(usize::MAX);
            work.carry_out(*last).unwrap();
        }
        work.end();
        disk.set_space(usize::MAX);
        must_be_whole(&disk, &work, &format!("{space} bytes of space"));
    }
    assert!(refused > 5, "{refused}");
}

/// What a commit promises doesn't hang on a merge behind its back: that one
/// fails, as often as it is tried, and the receipt says so.
#[test]
fn a_merge_that_fails_in_the_background_fails_no_commit() {
    let disk = Disk::new();
    disk.set_fault(Fault::Merging, false);
    let mut writer = open(&disk).unwrap().writer_with(one_thread()).unwrap();
    let mut told = Vec::new();
    let mut put = 0;
    for round in 0..12 {
        for _ in 0..20 {
            writer.put(&document(put, round, 800)).unwrap();
            put += 1;
        }
        told.extend(writer.commit().unwrap().failed_merge);
    }
    let last = writer.close().unwrap();
    told.extend(last.failed_merge);
    assert!(!told.is_empty());
    for why in told {
        assert!(why.contains("segment-") && why.contains("failed"), "{why}");
    }
    assert_eq!(documents(&open(&disk).unwrap()).len() as u32, put);
    assert_eq!((last.segments, last.merges), (12, 0));

    // Nothing was lost, nothing is left lying about, and it is made up for.
    disk.set_fault(Fault::Never, false);
    let mut writer = open(&disk).unwrap().writer_with(one_thread()).unwrap();
    assert_eq!(disk.names(), files_needed(&disk));
    writer.put(&document(put, 0, 3)).unwrap();
    let receipt = writer.close().unwrap();
    assert_eq!(receipt.failed_merge, None);
    assert!(receipt.segments < 12 && receipt.merges > 0, "{receipt:?}");
    assert_eq!(documents(&open(&disk).unwrap()).len() as u32, put + 1);
}

/// The lock doesn't hold: of two writers one commits, and the other is told so
/// and harms nothing, whatever it goes on to do.
#[test]
fn writers_past_the_lock_lose_no_commit() {
    for (first, second) in [(1, 1), (0, 1), (3, 1), (1, 4)] {
        let disk = Disk::new();
        let mut work = Work::new(&disk, &one_thread());
        let put = |key| Step::Put {
            key,
            version: 0,
            words: 3,
        };
        work.carry_out(put(100)).unwrap();
        work.carry_out(Step::Commit).unwrap();
        disk.break_locks();
        let mut other = Work::new(&disk, &one_thread());
        other.writer().unwrap();
        other.now = work.committed.clone();
        work.carry_out(put(200)).unwrap();
        for key in 0..second {
            other.carry_out(put(key)).unwrap();
            other.carry_out(Step::Commit).unwrap();
        }
        for key in 0..first {
            work.carry_out(put(200 + key)).unwrap();
            let error = work.carry_out(Step::Commit).unwrap_err();
            let message = error.to_string();
            let told = error.kind() == ErrorKind::Locked && message.contains("another writer");
            assert!(told || message.contains("exists"), "{error:?}");
        }
        work.carry_out(Step::Rollback).unwrap();
        assert_eq!(documents(&open(&disk).unwrap()), other.committed);
        work.writer = None;
        other.carry_out(put(300)).unwrap();
        // A name may be taken by what the first has left; the next one isn't.
        assert!((0..3).any(|_| other.carry_out(Step::Commit).is_ok()));
        other.writer = None;
        must_be_whole(&disk, &other, "after both");
    }
}

/// At first everything fits, then ever less.
#[test]
fn a_full_disk_is_an_error_and_the_writer_lives_on() {
    let (script, options) = (script(), one_thread());
    let mut refused = 0;
    for space in (0..60_000).step_by(701) {
        let disk = Disk::new();
        let mut work = Work::new(&disk, &options);
        work.writer().unwrap();
        disk.set_space(space);
        for step in &script {
            let Err(error) = work.carry_out(*step) else {
                continue;
            };
            refused += 1;
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains("space"), "{error}");
            assert!(
                error.to_string().contains(".hoard")
                    || error.to_string().contains(".bits")
                    || error.to_string().contains("manifest"),
                "{error}"
            );
            // What is there can be searched meanwhile.
            let found = documents(&open(&disk).unwrap());
            assert!(work.allows(&found), "{found:?}");
            disk.set_space(space + 100_000);
            work.carry_out(*step).unwrap();
        }
        work.writer = None;
        disk.set_space(usize::MAX);
        must_be_whole(&disk, &work, &format!("{space} bytes of space"));
    }
    assert!(refused > 20, "{refused}");
}

const FOLDER: &str = "WORDHOARD_TEST_CRASH";

/// Not a test but a process: commits again and again, and says how often.
#[test]
fn the_process_to_be_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let index = Index::open(folder).unwrap();
    let searcher = index.searcher().unwrap();
    let mut done = searcher.count(Query::all()).unwrap() as u32;
    let mut writer = index.writer().unwrap();
    println!();
    loop {
        writer.put(&document(done, done, 200)).unwrap();
        writer.commit().unwrap();
        done += 1;
        println!("committed {done}");
    }
}

#[test]
fn a_killed_process_leaves_all_that_it_committed() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::options()
        .schema(schema())
        .create(folder.path())
        .unwrap();
    let mut last = 0;
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_process_to_be_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let begun = lines.find(|line| line.as_ref().unwrap().starts_with("committed"));
        assert!(begun.is_some(), "it never committed");
        std::thread::sleep(Duration::from_millis(7 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let said = lines.map_while(|line| line.ok()).chain(begun.unwrap());
        let said = said.filter_map(|line| line.strip_prefix("committed ")?.parse::<u64>().ok());
        let said = said.max().unwrap();
        let found = documents(&index).len() as u64;
        assert!(
            found == said || found == said + 1,
            "{found} documents after {said} commits"
        );
        assert!(said > last);
        last = found;
    }
    let expected: Documents = (0..last as u32).map(|n| document(n, n, 200)).collect();
    assert_eq!(documents(&index), expected);
    only_needed_files(&index, folder.path());
}

/// After the next writer, nothing of what was killed is left.
fn only_needed_files(index: &Index, folder: &Path) {
    index.writer().unwrap().close().unwrap();
    let segments = index.snapshot().unwrap().parts().len();
    let files = std::fs::read_dir(folder).unwrap();
    let segment = |name: &str| name.ends_with(".hoard");
    let names: Vec<String> = files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        names.iter().filter(|name| segment(name)).count(),
        segments,
        "{names:?}"
    );
    assert!(
        !names.iter().any(|name| name.ends_with(".new")),
        "{names:?}"
    );
}

/// Lines for the command line: so many documents with these keys.
fn lines(keys: std::ops::Range<u32>, version: u32) -> String {
    keys.map(|key| document(key, version, 100).to_string() + "\n")
        .collect()
}

/// `search index` on these lines, with little memory, so that there is always
/// something half written.
fn index_command(index: &Path, lines: &Path) -> Command {
    let mut command = Command::new(program::program());
    command
        .arg("index")
        .args([index, lines])
        .args([
            "--key",
            "id",
            "--memory",
            "1M",
            "--text",
            "body",
            "--keyword",
            "tag",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// All that the command line may leave: what was there, or all of the new.
fn old_or_new(path: &Path, old: &Documents, new: &Documents) -> Documents {
    let found = documents(&Index::open(path).unwrap());
    assert!(found == *old || found == *new, "{} documents", found.len());
    found
}

/// A folder, the index that the command line made there of a hundred documents,
/// its input, and the documents.
fn indexed_by_command() -> (tempfile::TempDir, PathBuf, PathBuf, Documents) {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i.hoard");
    let input = folder.path().join("lines.jsonl");
    std::fs::write(&input, lines(0..100, 0)).unwrap();
    assert!(index_command(&index, &input).status().unwrap().success());
    let documents = (0..100).map(|key| document(key, 0, 100)).collect();
    (folder, index, input, documents)
}

#[test]
fn the_command_line_may_be_killed_at_any_time() {
    let (_folder, index, input, mut found) = indexed_by_command();
    let mut whole = Duration::ZERO;
    for round in 1..=11 {
        std::fs::write(&input, lines(0..1_000, round)).unwrap();
        let mut child = index_command(&index, &input).spawn().unwrap();
        if round == 1 {
            // How long it takes if nobody kills it.
            let begun = std::time::Instant::now();
            assert!(child.wait().unwrap().success());
            whole = begun.elapsed();
        } else {
            std::thread::sleep(whole * (round - 1) / 10);
            let _ = child.kill();
            child.wait().unwrap();
        }
        let new = (0..1_000).map(|key| document(key, round, 100)).collect();
        found = old_or_new(&index, &found, &new);
    }
    only_needed_files(&Index::open(&index).unwrap(), &index);
}

/// Ctrl-C: the index is left as it was.
#[cfg(unix)]
#[test]
fn the_command_line_can_be_interrupted() {
    let (_folder, index, _, old) = indexed_by_command();
    let mut command = Command::new(program::program());
    command
        .arg("index")
        .arg(&index)
        .args(["-", "--key", "id", "--text", "body", "--keyword", "tag"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, lines(0..3_000, 1).as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    // It may wait for a line to notice.
    std::thread::sleep(Duration::from_millis(300));
    let _ = std::io::Write::write_all(&mut stdin, lines(3_000..3_001, 1).as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("stopped"), "{said}");
    let index = Index::open(&index).unwrap();
    assert_eq!(documents(&index), old);
    // The lock is free, and work goes on.
    index.writer().unwrap().close().unwrap();
}

/// A disk that is full for real: files may not grow past some kilobytes.
#[cfg(unix)]
#[test]
fn the_command_line_survives_a_full_disk() {
    let (_folder, index, input, old) = indexed_by_command();
    std::fs::write(&input, lines(0..2_000, 1)).unwrap();
    let command = index_command(&index, &input);
    // In blocks of 512 bytes; without the signal a write fails instead.
    let limited = "trap '' XFSZ; ulimit -f 100; exec \"$@\"";
    let output = Command::new("sh")
        .args(["-c", limited, "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let last = said.lines().last().unwrap();
    assert!(
        last.starts_with("error: ") && last.contains(".hoard"),
        "{said}"
    );
    assert_eq!(documents(&Index::open(&index).unwrap()), old);
    // With room again, it goes through.
    assert!(index_command(&index, &input).status().unwrap().success());
    let index_after = Index::open(&index).unwrap();
    assert_eq!(documents(&index_after).len(), 2_000);
    only_needed_files(&index_after, &index);
}
