//! The example command line, end to end: its flags, its exit codes and what it
//! prints are a contract. Here is what all rooms need: the program run to its end,
//! and an index of three documents.

mod answers;
mod contract;
mod drive;
mod eval;
mod inputs;
#[cfg(unix)]
mod interrupts;
mod mistakes;
mod names;
mod pipes;
mod program;

use program::program;
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str]) -> Output {
    run_with(arguments, "")
}

fn run_with(arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
    let mut child = Command::new(program())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo test builds the examples");
    // One that has read enough closes its end, which is no mistake here.
    let _ = child.stdin.take().unwrap().write_all(input.as_ref());
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn json_lines(output: &Output) -> Vec<serde_json::Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    out(output).lines().map(line).collect()
}

const LINES: &str = r#"{"id": "1", "title": "The quick fox", "body": "A quick brown fox jumps over the lazy dog.", "year": 2001, "tags": ["animal", "red"]}
{"id": "2", "title": "Bears", "body": "Brown bears are not quick to anger.", "year": 2005, "tags": ["animal"]}
{"id": "3", "title": "Rivers", "body": "The river runs to the sea, and the fox drinks.", "year": 1999, "tags": ["water"]}
"#;

/// A folder, and the name of an index that may be made in it.
fn empty() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i").display().to_string();
    (folder, index)
}

/// A folder with an index of three documents.
fn indexed() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let lines = folder.path().join("articles.jsonl");
    std::fs::write(&lines, LINES).unwrap();
    let index = folder.path().join("articles.hoard").display().to_string();
    let output = run(&[
        "index",
        &index,
        lines.to_str().unwrap(),
        "--key",
        "id",
        "--keyword",
        "tags",
        "--number",
        "year",
    ]);
    assert!(output.status.success(), "{}", err(&output));
    (folder, index)
}

/// Documents in an index, as `stats` counts them.
fn documents(index: &str) -> u64 {
    json_lines(&run(&["stats", index, "--json"]))[0]["documents"]
        .as_u64()
        .unwrap()
}

/// It has ended with this status: 0 found, 1 found nothing, 2 failed.
#[track_caller]
fn assert_code(output: &Output, code: i32) {
    let said = format!("{}{}", out(output), err(output));
    assert_eq!(output.status.code(), Some(code), "{said}");
}

#[track_caller]
fn assert_has(text: impl AsRef<str>, wanted: &str) {
    let text = text.as_ref();
    assert!(text.contains(wanted), "{wanted:?} is not in {text}");
}
