//! Threat: Ctrl-C at any time.

use crate::program::program;
use crate::{LINES, assert_code, assert_has, documents, empty, err, indexed, run, run_with};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Nothing typed yet, a line or two, a pipe that nobody writes to, one that stalls.
#[test]
fn whoever_waits_for_input_can_be_interrupted() {
    let (folder, index) = empty();
    for typed in ["", LINES] {
        let mut child = begin(&index);
        let mut input = child.stdin.take().unwrap();
        input.write_all(typed.as_bytes()).unwrap();
        interrupt(child, "nothing was committed");
        drop(input);
        assert!(!Path::new(&index).exists());
    }
    let pipe = folder.path().join("pipe.jsonl");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for typed in [None, Some(LINES)] {
        let child = Command::new(program())
            .args(["index", &index, pipe.to_str().unwrap()])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let writes = typed.map(|lines| {
            // Opening waits for the one that reads.
            let mut writes = std::fs::File::options().write(true).open(&pipe).unwrap();
            writes.write_all(lines.as_bytes()).unwrap();
            writes
        });
        interrupt(child, "nothing was committed");
        drop(writes);
        assert!(!Path::new(&index).exists());
    }
}

#[test]
fn an_interrupted_run_leaves_the_index_as_it_was() {
    let (_folder, index) = indexed();
    let mut child = begin(&index);
    let mut input = child.stdin.take().unwrap();
    for number in 0..2000 {
        let title = "a title ".repeat(20);
        writeln!(
            input,
            r#"{{"id": "n{number}", "title": "{title}", "body": "words"}}"#
        )
        .unwrap();
    }
    input.flush().unwrap();
    // Once it has the lock, it is at work. It waits for more input then.
    let id = child.id().to_string();
    let lock = Path::new(&index).join("lock");
    let begun = std::time::Instant::now();
    while std::fs::read_to_string(&lock).is_ok_and(|holder| holder.trim() != id) {
        assert!(begun.elapsed().as_secs() < 60, "it doesn't begin");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let interrupted = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(interrupted.success());
    let output = child.wait_with_output().unwrap();
    drop(input);
    assert_code(&output, 130);
    assert_has(err(&output), "nothing was committed");
    assert_eq!(documents(&index), 3);
    // A second run goes on cleanly.
    let output = run_with(&["index", &index, "-"], r#"{"id": "4", "title": "Owls"}"#);
    assert_code(&output, 0);
    assert_eq!(documents(&index), 4);
    let output = run(&["verify", &index]);
    assert_code(&output, 0);
}

/// The index that another process creates meanwhile is not this run's to remove.
#[test]
fn an_interrupted_run_removes_only_what_it_made() {
    let (_folder, index) = empty();
    let mut child = begin(&index);
    let input = child.stdin.take().unwrap();
    // It handles the signal before it reads. It waits for a first document then.
    wait_for_handler(child.id());
    let output = run_with(&["index", &index, "-"], LINES);
    assert_code(&output, 0);
    interrupt(child, "nothing was committed");
    drop(input);
    assert_eq!(documents(&index), 3);
}

/// To join and to reorder takes long, and the documents are committed by then.
#[test]
fn whoever_waits_for_joining_can_be_interrupted() {
    let (folder, index) = empty();
    let lines = folder.path().join("l.jsonl");
    let mut text = String::new();
    for number in 0..20_000u32 {
        let words = (1..40).map(|place| format!("w{}", number.wrapping_mul(place * 7919) >> 20));
        let body = words.collect::<Vec<_>>().join(" ");
        text += &format!("{{\"id\": \"{number}\", \"body\": \"{body}\"}}\n");
    }
    std::fs::write(&lines, text).unwrap();
    let child = Command::new(program())
        .args(["index", &index, lines.to_str().unwrap(), "--reorder"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let committed = Path::new(&index).join("manifest-000000000002.json");
    let begun = std::time::Instant::now();
    while !committed.exists() {
        assert!(begun.elapsed().as_secs() < 60, "it doesn't commit");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    interrupt(child, "stopped late: all documents are in the index");
    assert_eq!(documents(&index), 20_000);
    let output = run(&["verify", &index]);
    assert_code(&output, 0);
}

/// A run that reads what it is given.
fn begin(index: &str) -> Child {
    Command::new(program())
        .args(["index", index, "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Interrupts a run that waits for input, which must end by that.
fn interrupt(mut child: Child, said: &str) {
    wait_for_handler(child.id());
    let id = child.id().to_string();
    let interrupted = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(interrupted.success());
    let at = std::time::Instant::now();
    while child.try_wait().unwrap().is_none() {
        if at.elapsed().as_secs() >= 10 {
            child.kill().unwrap();
            panic!("it goes on");
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    assert_code(&output, 130);
    assert_has(err(&output), said);
}

/// Waits until a process handles the signal of Ctrl-C, where the system tells; else
/// for as long as that should take.
fn wait_for_handler(process: u32) {
    let pause = |milliseconds| std::thread::sleep(std::time::Duration::from_millis(milliseconds));
    for _ in 0..3_000 {
        let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) else {
            return pause(1_000);
        };
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = caught.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
        // Signal 2, the second bit.
        if caught.is_none_or(|bits| bits >> 1 & 1 == 1) {
            return;
        }
        pause(10);
    }
    panic!("process {process} doesn't handle the signal");
}
