//! Threat: the command line is killed, interrupted, or has no room.

use crate::{Documents, document, documents, only_needed_files, program};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use wordhoard::Index;

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

/// Lines for the command line: so many documents with these keys.
fn lines(keys: std::ops::Range<u32>, version: u32) -> String {
    keys.map(|key| document(key, version, 100).to_string() + "\n")
        .collect()
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

/// All that the command line may leave: what was there, or all of the new.
fn old_or_new(path: &Path, old: &Documents, new: &Documents) -> Documents {
    let found = documents(&Index::open(path).unwrap());
    assert!(found == *old || found == *new, "{} documents", found.len());
    found
}
