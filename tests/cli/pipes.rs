//! Threat: nobody reads what is printed, or it can't be written.

use crate::program::program;
use crate::{code, documents, err, indexed};
use std::process::{Command, Stdio};

#[test]
fn whoever_has_read_enough_is_no_error() {
    let (folder, index) = indexed();
    let lines = folder.path().join("articles.jsonl").display().to_string();
    let questions = folder.path().join("questions");
    std::fs::write(&questions, "TOP_10\tfox\nCOUNT\tfox\n").unwrap();
    for arguments in [
        &["demo"][..],
        &["index", &index, &lines],
        &["query", &index, "fox", "--explain"],
        &["xray", &index, "fox"],
        &["drive", &index],
        &["stats", &index],
        &["terms", &index, "--field", "tags"],
        &["verify", &index],
        &["merge", &index, "--optimize"],
        &["delete", &index, "--key", "1"],
        &["--help"],
    ] {
        for json in [&[][..], &["--json"]] {
            let output = Command::new(program())
                .args(arguments)
                .args(json)
                .stdin(std::fs::File::open(&questions).unwrap())
                .stdout(closed_pipe())
                .stderr(Stdio::piped())
                .output()
                .unwrap();
            assert_eq!(code(&output), Some(0), "{arguments:?}: {}", err(&output));
            assert_eq!(err(&output), "", "{arguments:?}");
        }
    }

    // Nor does it stop the work if complaints go unread.
    let mixed = folder.path().join("mixed.jsonl");
    std::fs::write(&mixed, "no JSON\n{\"id\": \"77\"}\nno JSON\n").unwrap();
    let status = Command::new(program())
        .args(["index", &index, mixed.to_str().unwrap()])
        .stdin(Stdio::null())
        .stdout(closed_pipe())
        .stderr(closed_pipe())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(documents(&index), 3, "1 was deleted, 77 came");
}

/// What can't be written is no word about the index.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_the_output_is_named() {
    use crate::{assert_code, assert_has, run};

    let (_folder, index) = indexed();
    let full = std::fs::File::options().write(true).open("/dev/full");
    let output = Command::new(program())
        .args(["delete", &index, "--key", "1"])
        .stdout(full.unwrap())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_code(&output, 2);
    assert_has(err(&output), "standard output");
    assert_has(err(&output), "is done");
    // Only the document that is gone has the word.
    assert_code(&run(&["query", &index, "jumps"]), 1);
}

/// A pipe that nobody reads any more, as `head` leaves it.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}
