//! Threat: two writers. The second, in whatever process, is told who has the
//! lock; the lock dies with its process; readers need none, not even the
//! permission to write.
//!
//! The other process is this program again, see [`the_other_process`].

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use wordhoard::storage::{Bytes, Directory, FileWriter, Lock, Memory, Scratch};
use wordhoard::{ErrorKind, Index, Result, Schema, Text};

const FOLDER: &str = "WORDHOARD_TEST_FOLDER";

fn create(folder: &Path) -> Index {
    let schema = Schema::builder()
        .key("id")
        .text("t", Text::plain())
        .build()
        .unwrap();
    Index::options().schema(schema).create(folder).unwrap()
}

/// Not a test but a process: takes the lock, puts and commits what it is told
/// to, line by line, and says so.
#[test]
fn the_other_process() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let mut writer = Index::open(folder).unwrap().writer().unwrap();
    // Alone on its line: the test runner has begun one.
    println!("\nlocked");
    for line in std::io::stdin().lines() {
        match line.unwrap().as_str() {
            "commit" => writer.commit().map(|_| ()).unwrap(),
            json => writer.put_json(json).unwrap(),
        }
        println!("done");
    }
}

struct Other {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Other {
    /// Another process that has the lock.
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_other_process", "--nocapture"])
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut other = Self { child, output };
        other.wait_for("locked");
        other
    }

    fn wait_for(&mut self, word: &str) {
        let mut line = String::new();
        while line.trim() != word {
            line.clear();
            let read = self.output.read_line(&mut line).unwrap();
            assert!(read > 0, "the other process ended without saying {word:?}");
        }
    }

    fn tell(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
        self.wait_for("done");
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn count(index: &Index) -> u64 {
    index.searcher().unwrap().count("word").unwrap()
}

#[test]
fn the_second_writer_is_told_who_the_first_is() {
    let folder = tempfile::tempdir().unwrap();
    let index = create(folder.path());
    let other = Other::start(folder.path());
    let error = index.writer().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    let message = error.to_string();
    // On Windows nobody reads what another has locked.
    let process = format!("process {}", other.child.id());
    assert!(cfg!(windows) || message.contains(&process), "{message}");
    assert!(
        message.contains(folder.path().to_str().unwrap()),
        "{message}"
    );

    // It was killed, and left nothing that had to be cleared away.
    other.kill();
    let mut writer = index.writer().unwrap();
    writer.put_json(r#"{"id": "a", "t": "word"}"#).unwrap();
    writer.commit().unwrap();

    // The same within one process.
    let message = index.writer().unwrap_err().to_string();
    let this = format!("process {}, which is this one", std::process::id());
    assert!(cfg!(windows) || message.contains(&this), "{message}");
    let again = Index::open(folder.path()).unwrap();
    assert_eq!(again.writer().unwrap_err().kind(), ErrorKind::Locked);
    drop(writer);
    again.writer().unwrap();
}

/// What a child does that has come by `fork`, until it is gone.
#[cfg(unix)]
mod fork {
    unsafe extern "C" {
        fn fork() -> i32;
        fn _exit(status: i32) -> !;
        fn kill(process: i32, signal: i32) -> i32;
        fn waitpid(process: i32, status: *mut i32, options: i32) -> i32;
    }

    pub struct Child(i32);

    impl Child {
        /// What `work` needs of locks must be free, as the child has no other thread.
        pub fn start(work: impl FnOnce()) -> Self {
            // SAFETY: the child calls nothing but `work`, and ends.
            match unsafe { fork() } {
                0 => {
                    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
                    // SAFETY: nothing is left that it could be wrong to end.
                    unsafe { _exit(i32::from(done.is_err())) }
                }
                child => Self(child),
            }
        }

        /// Whether it ended as it should.
        pub fn end(self) -> bool {
            let mut status = -1;
            // So that a test fails, and doesn't hang.
            for _ in 0..600 {
                // SAFETY: `status` is there.
                if unsafe { waitpid(self.0, &mut status, 1) } == self.0 {
                    return status == 0;
                }
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            self.kill();
            false
        }

        pub fn kill(self) {
            // SAFETY: it is a child of this process that nobody has waited for.
            unsafe {
                kill(self.0, 9);
                waitpid(self.0, &mut 0, 0);
            }
        }
    }
}

/// Nor while another thread begins some program: for a moment that has what this process
/// has open.
#[cfg(unix)]
#[test]
fn a_child_keeps_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    let index = create(folder.path());
    let writer = index.writer().unwrap();
    let minute = std::time::Duration::from_secs(60);
    let child = fork::Child::start(|| std::thread::sleep(minute));
    drop(writer);
    let again = index.writer();
    child.kill();
    again.unwrap();
}

/// A child that has come by `fork` has a copy of the writer, too: when it ends, that is
/// dropped there.
#[cfg(unix)]
#[test]
fn a_copy_of_a_writer_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let index = create(folder.path());
    let options = wordhoard::WriterOptions::default();
    let mut writer = index
        .writer_with(options.memory(1 << 20).threads(1))
        .unwrap();
    let mut documents = 0;
    while writer.segments() == 0 {
        let json = format!(r#"{{"id": "{documents}", "t": "word {documents}"}}"#);
        writer.put_json(&json).unwrap();
        documents += 1;
    }
    // Until its thread sleeps.
    std::thread::sleep(std::time::Duration::from_millis(300));
    let mut writer = std::mem::ManuallyDrop::new(writer);
    let child = fork::Child::start(|| {
        // SAFETY: in the child nobody uses it any longer.
        unsafe { std::mem::ManuallyDrop::drop(&mut writer) };
    });
    assert!(child.end());
    assert_eq!(index.writer().unwrap_err().kind(), ErrorKind::Locked);
    let receipt = std::mem::ManuallyDrop::into_inner(writer).close().unwrap();
    assert_eq!(receipt.documents, documents);
    assert_eq!(index.verify().unwrap().documents, documents);
}

#[test]
fn processes_take_turns_and_none_loses_the_others_commits() {
    let folder = tempfile::tempdir().unwrap();
    let index = create(folder.path());
    for turn in 0..3 {
        let mut other = Other::start(folder.path());
        other.tell(&format!(r#"{{"id": "theirs {turn}", "t": "word"}}"#));
        let before = count(&index);
        other.tell("commit");
        assert_eq!(
            count(&index),
            before + 1,
            "a reader sees another process's commit"
        );
        other.tell(r#"{"id": "never committed", "t": "word"}"#);
        other.kill();

        let mut writer = index.writer().unwrap();
        writer
            .put_json(&format!(r#"{{"id": "ours {turn}", "t": "word"}}"#))
            .unwrap();
        writer.commit().unwrap();
        assert_eq!(count(&index), 2 * turn + 2);
    }
    assert_eq!(index.verify().unwrap().documents, 6);
}

#[test]
fn readers_read_while_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let index = create(folder.path());
    let mut other = Other::start(folder.path());
    other.tell(r#"{"id": "a", "t": "word"}"#);
    other.tell("commit");
    let before = index.searcher().unwrap();
    assert_eq!(before.count("word").unwrap(), 1);
    other.tell(r#"{"id": "a", "t": "another"}"#);
    other.tell("commit");
    assert_eq!(before.count("word").unwrap(), 1, "a snapshot stays");
    assert_eq!(count(&index), 0);
    assert_eq!(count(&Index::open(folder.path()).unwrap()), 0);
}

#[cfg(unix)]
#[test]
fn a_folder_that_can_only_be_read_can_be_searched() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let index = create(folder.path());
    let mut writer = index.writer().unwrap();
    writer.put_json(r#"{"id": "a", "t": "word"}"#).unwrap();
    writer.commit().unwrap();
    writer.close().unwrap();
    let names = || -> Vec<(std::ffi::OsString, std::time::SystemTime)> {
        let entries = std::fs::read_dir(folder.path())
            .unwrap()
            .map(Result::unwrap);
        let mut names: Vec<_> = entries
            .map(|entry| {
                (
                    entry.file_name(),
                    entry.metadata().unwrap().modified().unwrap(),
                )
            })
            .collect();
        names.sort();
        names
    };
    // The lock's file is the writer's; a copy on a disc needn't have it.
    std::fs::remove_file(folder.path().join("lock")).unwrap();
    let before = names();
    let permit = |mode| {
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
    };
    permit(0o555);
    let index = Index::open(folder.path()).unwrap();
    assert_eq!(count(&index), 1);
    index.verify().unwrap();
    let writer = index.writer();
    permit(0o755);
    // The superuser may write even so.
    if let Err(error) = writer {
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("lock"), "{error}");
        assert_eq!(names(), before, "reading changes nothing");
    }
}

/// A reader that opens the index again and again finds it each time, however
/// fast commits come and old manifests go.
#[test]
fn opening_while_commits_come_always_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    create(folder.path());
    let stop = AtomicBool::new(false);
    let opened = [const { AtomicU64::new(0) }; 2];
    let read = |opened: &AtomicU64| {
        let mut last = 0;
        while !stop.load(Ordering::Relaxed) {
            let times = opened.load(Ordering::Relaxed);
            let index = Index::open(folder.path())
                .unwrap_or_else(|error| panic!("after {times}: {error:?}"));
            let now = index.snapshot().unwrap().live_count();
            assert!(now >= last, "{now} documents after {last}");
            last = now;
            opened.fetch_add(1, Ordering::Relaxed);
        }
    };
    let read = &read;
    std::thread::scope(|scope| {
        let readers = opened
            .each_ref()
            .map(|opened| scope.spawn(move || read(opened)));
        // Both sides meet often enough, however busy the machine is.
        let is_early = || {
            let both = opened.iter().zip(&readers);
            both.into_iter().any(|(opened, reader)| {
                opened.load(Ordering::Relaxed) <= 20 && !reader.is_finished()
            })
        };
        let mut writer = Index::open(folder.path()).unwrap().writer().unwrap();
        let begun = std::time::Instant::now();
        let mut number = 0;
        while number <= 20 || is_early() || begun.elapsed() < std::time::Duration::from_secs(3) {
            writer
                .put_json(&format!(r#"{{"id": "{number}", "t": "word"}}"#))
                .unwrap();
            writer.commit().unwrap();
            number += 1;
        }
        stop.store(true, Ordering::Relaxed);
    });
    // A reader that panicked made the scope panic.
    assert!(
        opened
            .iter()
            .all(|opened| opened.load(Ordering::Relaxed) > 20)
    );
}

/// A directory in which something happens just before a segment is opened.
#[derive(Clone)]
struct Busy {
    memory: Memory,
    next: Arc<Mutex<Option<Event>>>,
}

type Event = Box<dyn FnOnce() + Send>;

impl std::fmt::Debug for Busy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Busy")
    }
}

impl Directory for Busy {
    fn open(&self, name: &str) -> Result<Bytes> {
        if name.starts_with("segment-") {
            let event = self.next.lock().unwrap().take();
            event.into_iter().for_each(|event| event());
        }
        self.memory.open(name)
    }
    fn create(&self, name: &str) -> Result<Box<dyn FileWriter>> {
        self.memory.create(name)
    }
    fn scratch(&self, name: &str) -> Result<Box<dyn Scratch>> {
        self.memory.scratch(name)
    }
    fn publish(&self, from: &str, to: &str) -> Result<()> {
        self.memory.publish(from, to)
    }
    fn delete(&self, name: &str) -> Result<()> {
        self.memory.delete(name)
    }
    fn list(&self) -> Result<Vec<String>> {
        self.memory.list()
    }
    fn sync(&self) -> Result<()> {
        self.memory.sync()
    }
    fn lock(&self) -> Result<Box<dyn Lock>> {
        self.memory.lock()
    }
    fn describe(&self) -> String {
        self.memory.describe()
    }
}

/// A directory, and an index in it to which nothing happens.
fn busy() -> (Busy, Index) {
    let schema = Schema::builder().key("id").text("t", Text::plain());
    let memory = Memory::new();
    let index = Index::options()
        .schema(schema.build().unwrap())
        .create_in(Arc::new(memory.clone()))
        .unwrap();
    let next = Arc::default();
    (Busy { memory, next }, index)
}

/// What is swept while an index is opened or checked is in no newer commit.
#[test]
fn a_commit_between_manifest_and_segments_does_no_harm() {
    let (busy, index) = busy();
    put(&index, 0..3, "one");
    put(&index, 3..6, "two");
    let reader = Index::options().open_in(Arc::new(busy.clone())).unwrap();
    for number in 6..10 {
        // Another handle, which the reader's cache knows nothing of.
        let other = Index::options().open_in(Arc::new(busy.memory.clone()));
        let other = other.unwrap();
        let sweep = move || {
            put(&other, number..number + 1, "three");
            other.writer().unwrap().optimize().unwrap();
        };
        *busy.next.lock().unwrap() = Some(Box::new(sweep));
        if number % 2 == 0 {
            assert_eq!(reader.verify().unwrap().documents, u64::from(number + 1));
        } else {
            let opened = Index::options().open_in(Arc::new(busy.clone())).unwrap();
            assert_eq!(found(&opened, "*"), u64::from(number + 1));
        }
        assert!(busy.next.lock().unwrap().is_none());
    }
}

/// Nor if, besides, another writer gave its segments' names to others, as it may where no
/// document was left.
#[test]
fn a_name_given_again_between_manifest_and_segments_does_no_harm() {
    let (busy, index) = busy();
    // Each takes two names, of tombstones and of a segment.
    for _ in 0..4 {
        put(&index, 0..3, "one");
        put(&index, 1..4, "one");
    }
    let segments = |memory: &Memory| {
        let mut names = memory.list().unwrap();
        names.retain(|name| name.starts_with("segment-"));
        names
    };
    let before = segments(&busy.memory);
    let memory = busy.memory.clone();
    *busy.next.lock().unwrap() = Some(Box::new(move || {
        let mut writer = index.writer().unwrap();
        writer.delete_matching("*").unwrap();
        writer.close().unwrap();
        assert!(segments(&memory).is_empty());
        while segments(&memory).last() < before.last() {
            put(&index, 0..3, "two");
        }
        assert_eq!(segments(&memory).last(), before.last());
    }));
    let opened = Index::options().open_in(Arc::new(busy.clone())).unwrap();
    assert_eq!(found(&opened, "two"), 3);
    assert!(busy.next.lock().unwrap().is_none());
}

fn put(index: &Index, ids: std::ops::Range<u32>, text: &str) {
    let mut writer = index.writer().unwrap();
    for id in ids {
        let json = format!(r#"{{"id": "{id}", "t": "{text}"}}"#);
        writer.put_json(&json).unwrap();
    }
    writer.close().unwrap();
}

fn found(index: &Index, text: &str) -> u64 {
    index.searcher().unwrap().count(text).unwrap()
}

/// Who deletes an index and makes another of the same name has files of the same
/// names, and perhaps of the same lengths. A handle of before answers from those
/// that are there, and writes to them.
// Windows deletes no folder in which a file is open; nor do the next two tests run there.
#[cfg(unix)]
#[test]
fn an_index_in_the_place_of_another_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("index");
    for (documents, commits) in [(5, 1), (7, 1), (5, 2)] {
        let before = create(&place);
        put(&before, 0..5, "alpha");
        let searcher = before.searcher().unwrap();
        assert_eq!(found(&before, "alpha"), 5);
        std::fs::remove_dir_all(&place).unwrap();
        assert_eq!(before.searcher().unwrap_err().kind(), ErrorKind::NotFound);

        let now = create(&place);
        for _ in 0..commits {
            put(&now, 0..documents, "omega");
        }
        let all = u64::from(documents);
        assert_eq!((found(&before, "omega"), found(&before, "alpha")), (all, 0));
        // What was joined is what is there, not what was.
        let mut writer = before.writer().unwrap();
        writer.put_json(r#"{"id": "a", "t": "third"}"#).unwrap();
        writer.delete("0").unwrap();
        writer.optimize().unwrap();
        writer.close().unwrap();
        for index in [&before, &now, &Index::open(&place).unwrap()] {
            index.verify().unwrap();
            assert_eq!((found(index, "omega"), found(index, "third")), (all - 1, 1));
        }
        // Who has the old one keeps it.
        assert_eq!(searcher.count("alpha").unwrap(), 5);
        std::fs::remove_dir_all(&place).unwrap();
    }
}

/// A writer whose index was taken from under it: it neither writes into the next
/// one nor sweeps it.
#[cfg(unix)]
#[test]
fn a_writer_leaves_an_index_alone_that_replaces_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("index");
    for commits in 0..4 {
        let before = create(&place);
        put(&before, 0..5, "alpha");
        put(&before, 5..9, "alpha");
        let mut writer = before.writer().unwrap();
        writer.put_json(r#"{"id": "a", "t": "third"}"#).unwrap();
        std::fs::remove_dir_all(&place).unwrap();

        let now = create(&place);
        for commit in 0..commits {
            put(&now, commit..commit + 1, "omega");
        }
        for _ in 0..2 {
            // The first may find that a file of its name is there.
            let _ = writer.commit();
            let error = writer.commit().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
            assert!(
                error.to_string().contains("open the index again"),
                "{error}"
            );
            // Whether there are such files to go back to depends on their names.
            let _ = writer.rollback();
            writer.put_json(r#"{"id": "b", "t": "fourth"}"#).unwrap();
        }
        writer.close().unwrap_err();
        let index = Index::open(&place).unwrap();
        index.verify().unwrap();
        let counts = [found(&index, "*"), found(&index, "omega")];
        assert_eq!(counts, [u64::from(commits); 2]);
        std::fs::remove_dir_all(&place).unwrap();
    }
}

/// A writer whose folder was emptied writes nothing more there: what nobody names would be
/// in the way of the next index.
#[cfg(unix)]
#[test]
fn a_writer_leaves_an_emptied_folder_empty() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("index");
    let index = create(&place);
    put(&index, 0..5, "alpha");
    let mut writer = index.writer().unwrap();
    for number in 0..3 {
        let json = format!(r#"{{"id": "{number}", "t": "third"}}"#);
        writer.put_json(&json).unwrap();
        if number == 0 {
            for file in std::fs::read_dir(&place).unwrap() {
                std::fs::remove_file(file.unwrap().path()).unwrap();
            }
        }
        let refused = match number {
            0 | 1 => writer.commit().map(|_| ()),
            _ => writer.optimize().map(|_| ()),
        };
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
        let text = error.to_string();
        assert!(text.contains("open the index again"), "{text}");
        assert_eq!(std::fs::read_dir(&place).unwrap().count(), 0, "{number}");
    }
    drop(writer);
    let next = create(&place);
    put(&next, 0..2, "omega");
    assert_eq!(found(&next, "omega"), 2);
}
