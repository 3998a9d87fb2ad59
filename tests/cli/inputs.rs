//! What documents come in: lines of any bytes, packed files, folders of texts.

use crate::program::program;
use crate::{
    LINES, assert_code, assert_has, documents, empty, err, json_lines, out, run, run_with,
};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn bad_lines_are_reported_or_refused() {
    let (folder, index) = empty();
    let lines = format!("{LINES}not json\n{{\"id\": \"4\", \"body\": 7}}\n");
    let output = run_with(&["index", &index, "-", "--text", "body"], &lines);
    assert_code(&output, 0);
    assert_has(err(&output), "stdin:4");
    assert_has(err(&output), "stdin:5");
    assert_has(err(&output), "\"body\"");
    assert_has(out(&output), "3 documents");

    let strict = folder.path().join("s").display().to_string();
    let output = run_with(&["index", &strict, "-", "--strict"], &lines);
    assert_code(&output, 2);
    assert!(!Path::new(&strict).exists(), "nothing was committed");
    let output = run_with(&["index", &index, "-", "--strict"], &lines);
    assert_code(&output, 2);
    assert_eq!(documents(&index), 3);

    let output = run_with(
        &["index", &folder.path().join("e").display().to_string(), "-"],
        "",
    );
    assert_code(&output, 2);
    assert_has(err(&output), "no documents");
}

#[test]
fn lines_of_any_bytes_are_taken_or_reported() {
    let (_folder, index) = empty();
    let lines = [
        &b"\xef\xbb\xbf{\"id\": \"1\", \"body\": \"a mark before it\"}\r\n\r\n  \n"[..],
        b"{\"id\": \"2\", \"body\": \"\xff\xfe\"}\n\0\n[1]\n{\"id\": \"3\"\n{}\n",
        b"{\"id\": \"4\", \"body\": \"nul \\u0000 inside\", \"more\": {\"deep\": [1, null]}}\n",
        b"{\"id\": \"5\", \"body\": \"no end of line\"}",
    ];
    let output = run_with(&["index", &index, "-", "--key", "id"], lines.concat());
    assert_code(&output, 0);
    for said in [
        "stdin:4",
        "UTF-8",
        "stdin:5",
        "stdin:6",
        "stdin:7",
        "stdin:8",
        "5 bad documents",
    ] {
        assert_has(err(&output), said);
    }
    assert_has(out(&output), "3 documents");
    assert_has(out(&run(&["query", &index, "inside"])), "1 match");
    assert_code(&run(&["verify", &index]), 0);
}

#[test]
fn text_files_become_documents() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes");
    std::fs::create_dir_all(notes.join("deep")).unwrap();
    std::fs::write(notes.join("one.md"), "# Whales\n\nThey sing.").unwrap();
    std::fs::write(notes.join("deep/two.txt"), "The sea is deep.").unwrap();
    std::fs::write(notes.join("picture.bin"), [0xff, 0xfe, 0x00]).unwrap();
    let index = folder.path().join("i").display().to_string();
    let output = run(&["index", &index, notes.to_str().unwrap()]);
    assert_has(err(&output), "picture.bin");
    let output = run(&["query", &index, "singing whale"]);
    assert_has(out(&output), "Whales");
    assert_has(out(&output), "one.md");
    // An index in the folder that it is of doesn't take itself for texts, nor does one that
    // a shell names with the others, or that is this folder.
    let index = notes.join("i").display().to_string();
    let notes = notes.to_str().unwrap();
    for inputs in [&[notes][..], &[notes], &[&index, notes]] {
        run(&[&["index", &index], inputs].concat());
        assert_eq!(documents(&index), 2);
    }
    std::fs::remove_dir_all(&index).unwrap();
    for _ in 0..2 {
        run(&["index", notes, notes]);
        assert_eq!(documents(notes), 2);
    }
}

/// What to do depends on what can't be read.
#[test]
fn inputs_of_which_nothing_can_be_read_have_a_hint_of_their_own() {
    let (folder, index) = empty();
    for (name, bytes, hint, other) in [
        ("a.txt", &b"caf\xe9"[..], "iconv", "jq"),
        ("a.jsonl", b"[1]\n", "jq", "iconv"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let output = run(&["index", &index, path.to_str().unwrap()]);
        assert_code(&output, 2);
        assert_has(err(&output), name);
        assert_has(err(&output), hint);
        assert!(!err(&output).contains(other), "{}", err(&output));
        assert!(!Path::new(&index).exists());
    }
}

/// Whoever has lines in several files may name the folder that they are in.
#[test]
fn lines_in_a_folder_are_pointed_out() {
    let folder = tempfile::tempdir().unwrap();
    let parts = folder.path().join("parts");
    std::fs::create_dir(&parts).unwrap();
    std::fs::write(parts.join("1.jsonl"), LINES).unwrap();
    let index = folder.path().join("i").display().to_string();
    let output = run(&["index", &index, parts.to_str().unwrap()]);
    assert_code(&output, 0);
    assert_eq!(documents(&index), 1);
    assert_has(err(&output), "1.jsonl too; name it itself");
}

/// A pipe named as a file: a text is read more than once, and to its end.
#[cfg(unix)]
#[test]
fn what_has_no_end_is_no_text_file() {
    let (_folder, index) = empty();
    for input in ["/dev/zero", "/dev/stdin"] {
        let output = run_with(&["index", &index, input], LINES);
        assert_code(&output, 2);
        let error = err(&output);
        assert_has(&error, input);
        assert_has(&error, "give -");
    }
}

#[test]
fn packed_lines_are_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let half = LINES.len() / 2;
    let gz = folder.path().join("lines.jsonl.gz");
    let mut packed = Vec::new();
    // Two members, cut in the middle of a line.
    for part in [&LINES[..half], &LINES[half..]] {
        let mut encoder = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
        encoder.write_all(part.as_bytes()).unwrap();
        encoder.finish().unwrap();
    }
    std::fs::write(&gz, packed).unwrap();
    let zst = folder.path().join("lines.jsonl.zst");
    let mut packed = Vec::new();
    for part in [&LINES[..half], &LINES[half..]] {
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        packed.extend(ruzstd::encoding::compress_to_vec(part.as_bytes(), level));
    }
    std::fs::write(&zst, packed).unwrap();
    let not_packed = folder.path().join("not-packed.zst");
    std::fs::write(&not_packed, LINES).unwrap();
    let index = folder.path().join("n").display().to_string();
    let output = run(&["index", &index, not_packed.to_str().unwrap()]);
    assert_code(&output, 2);
    let error = err(&output);
    assert_has(&error, "not packed by zstd");
    // One bit of a text, which only the checksum can tell.
    let damaged = folder.path().join("damaged.jsonl.zst");
    let level = ruzstd::encoding::CompressionLevel::Uncompressed;
    let mut bytes = ruzstd::encoding::compress_to_vec(LINES.as_bytes(), level);
    let at = bytes.windows(4).position(|word| word == b"lazy").unwrap();
    bytes[at] ^= 1;
    std::fs::write(&damaged, bytes).unwrap();
    let output = run(&["index", &index, damaged.to_str().unwrap()]);
    assert_code(&output, 2);
    assert_has(err(&output), "checksum");
    for input in [gz, zst] {
        let index = input.with_extension("hoard").display().to_string();
        let output = run(&["index", &index, input.to_str().unwrap(), "--key", "id"]);
        assert_code(&output, 0);
        assert_eq!(documents(&index), 3);
        let output = run(&["query", &index, "anger"]);
        assert_has(out(&output), "Bears");
        // What is cut short is an error, and nothing is committed.
        let bytes = std::fs::read(&input).unwrap();
        std::fs::write(&input, &bytes[..bytes.len() - 5]).unwrap();
        let output = run(&["index", &index, input.to_str().unwrap()]);
        assert_code(&output, 2);
        for said in ["lines.jsonl", " -t tells", "nothing was committed"] {
            assert_has(err(&output), said);
        }
        assert_eq!(documents(&index), 3);
    }
}

#[test]
fn an_unstored_field_is_searched_and_not_shown() {
    let (folder, index) = empty();
    let output = run_with(&["index", &index, "-", "--unstored", "body"], LINES);
    assert_code(&output, 0);
    let output = run(&["query", &index, "anger", "--json"]);
    assert_has(out(&output), "Bears");
    assert!(!out(&output).contains("not quick to"), "{}", out(&output));

    // Also beside fields that are named as texts.
    let both = folder.path().join("b").display().to_string();
    let fields = ["--text", "title", "--unstored", "body"];
    let output = run_with(&[&["index", &both, "-"][..], &fields].concat(), LINES);
    assert_code(&output, 0);
    let output = run(&["query", &both, "anger", "--json"]);
    assert_has(out(&output), "Bears");
    assert!(!out(&output).contains("not quick to"), "{}", out(&output));
    // An index that is there goes by its own schema, and says so.
    let output = run_with(&["index", &both, "-", "--unstored", "title"], LINES);
    assert_has(err(&output), "own schema");
}

#[test]
fn fields_that_cannot_be_searched_are_kept_and_named() {
    let (folder, index) = empty();
    let lines = format!("{LINES}{{\"id\": \"4\", \"title\": 1984, \"body\": \"A novel.\"}}\n");
    let output = run_with(&["index", &index, "-"], lines);
    assert_code(&output, 0);
    let error = err(&output);
    assert_has(&error, "\"title\"");
    assert_has(&error, "--text");
    assert_eq!(error.lines().count(), 1, "{error}");

    // One that a query could not write, and more than there can be.
    let mut lines = String::from(r#"{"a name": "Ann", "body": "a fox""#);
    for number in 0..1_500 {
        lines += &format!(r#", "f{number}": {number}"#);
    }
    let index = folder.path().join("m").display().to_string();
    let output = run_with(&["index", &index, "-"], lines + "}\n");
    assert_code(&output, 0);
    for said in ["\"a name\"", "one too many", "1000", "482 more fields"] {
        assert_has(err(&output), said);
    }
    let output = run(&["query", &index, "fox", "--json"]);
    assert_has(out(&output), "Ann");
}

#[test]
fn a_schema_is_inferred_from_what_the_values_are() {
    let (_folder, index) = empty();
    let lines = [
        r#"{"id": 7, "n": 1, "x": 1, "old": true, "day": "2001-07-09", "none": null, "u": 3}"#,
        r#"{"id": 9, "n": -2, "x": 0.5, "old": false, "day": "2001-07-10", "u": 3}"#,
    ];
    let output = run_with(&["index", &index, "-"], lines.join("\n"));
    assert_code(&output, 0);
    assert_eq!(err(&output), "");
    let stats = &json_lines(&run(&["stats", &index, "--json"]))[0];
    let fields = stats["fields"].as_array().unwrap().iter();
    let kinds: Vec<_> = fields
        .map(|field| {
            (
                field["name"].as_str().unwrap(),
                field["kind"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("id", "unsigned"),
            ("day", "date"),
            ("n", "integer"),
            ("old", "boolean"),
            ("u", "integer"),
            ("x", "float"),
        ]
    );
    // The same numbers once more are the same documents.
    run_with(&["index", &index, "-"], lines.join("\n"));
    assert_eq!(documents(&index), 2);
}

/// Else the later of two would silently take the place of the earlier.
#[test]
fn what_two_documents_have_is_no_key() {
    for (one, other) in [
        ("7", "7"),
        ("\"a\"", "\"a\""),
        ("7", "\"7\""),
        ("7", "[8]"),
        ("7", "null"),
    ] {
        let (_folder, index) = empty();
        let lines = [one, other].map(|uid| format!("{{\"uid\": {uid}, \"body\": \"a fox\"}}\n"));
        assert_code(&run_with(&["index", &index, "-"], lines.concat()), 0);
        assert_eq!(documents(&index), 2, "{one} {other}");
    }
}

/// Where a script puts no blanks between words, a text is no keyword for having none.
#[test]
fn a_long_string_is_a_text_in_any_script() {
    let (_folder, index) = empty();
    let mut lines = String::new();
    for (id, sea) in ["北海", "東海", "南海", "地中海"].into_iter().enumerate() {
        let paragraph = "鯨は海に住む哺乳類である。".repeat(8) + sea;
        lines += &format!("{{\"id\": \"{id}\", \"paragraph\": \"{paragraph}\"}}\n");
    }
    run_with(&["index", &index, "-", "--analyzer", "cjk"], lines);
    let output = run(&["query", &index, "paragraph:哺乳類 paragraph:地中海"]);
    assert_has(out(&output), "4 matches");
}

/// Otherwise the next run, with the mistake put right, would find an index with
/// the wrong schema and refuse its documents again.
#[test]
fn a_run_that_puts_nothing_leaves_no_index() {
    let (folder, index) = empty();
    let output = run_with(&["index", &index, "-", "--key", "isbn"], LINES);
    assert_code(&output, 2);
    for said in ["stdin:3", "\"isbn\"", "no index was created"] {
        assert_has(err(&output), said);
    }
    assert!(!Path::new(&index).exists());
    let output = run_with(&["index", &index, "-", "--key", "id"], LINES);
    assert_code(&output, 0);
    // Nor one in a folder that was there, with what else is in it.
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("manifest-2.txt"), "mine").unwrap();
    let other_index = other.display().to_string();
    let output = run_with(&["index", &other_index, "-", "--key", "isbn"], LINES);
    assert_code(&output, 2);
    assert!(other.join("manifest-2.txt").exists());
    let output = run_with(&["index", &other_index, "-", "--key", "id"], LINES);
    assert_code(&output, 0);
    assert_eq!(documents(&other_index), 3);
    // But one that was there stays.
    let output = run_with(&["index", &index, "-"], "{}");
    assert_code(&output, 1);
    assert_eq!(documents(&index), 3);
}

/// Who adds documents of another kind is told that nobody finds them.
#[test]
fn fields_that_an_index_lacks_are_named() {
    let (_folder, index) = empty();
    let more = r#", "meta": {"a": 1}}"#;
    let output = run_with(&["index", &index, "-"], LINES.replace('}', more));
    assert_eq!(err(&output), "");
    let lines =
        format!("{LINES}{{\"id\": \"4\", \"meta\": 7, \"summary\": \"bees\", \"none\": null}}");
    let output = run_with(&["index", &index, "-"], lines);
    assert_code(&output, 0);
    let error = err(&output);
    assert_has(&error, "\"summary\" is not in the schema");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert_eq!(documents(&index), 4);
}

/// What indexes begins again with an environment that tells glibc to give memory
/// back, as the same process and with the same input.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn what_indexes_gives_memory_back() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i.hoard");
    let mut child = Command::new(program())
        .arg("index")
        .arg(&index)
        .arg("-")
        .env_remove("MALLOC_MMAP_THRESHOLD_")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let environment = format!("/proc/{}/environ", child.id());
    let is_told = || {
        let variables = std::fs::read(&environment).unwrap();
        let mut variables = variables.split(|byte| *byte == 0);
        variables.any(|variable| variable.starts_with(b"MALLOC_MMAP_THRESHOLD_="))
    };
    // It waits for its input; but the test for it no longer than this.
    let begun = std::time::Instant::now();
    while !is_told() {
        assert!(begun.elapsed().as_secs() < 60, "it never began again");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let mut input = child.stdin.take().unwrap();
    input.write_all(LINES.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_has(out(&output), "3 documents");
}

/// Else the first thousand documents, however large, would wait in memory.
#[test]
fn a_few_large_documents_are_enough_for_a_schema() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i");
    let mut child = Command::new(program())
        .arg("index")
        .args([&index, Path::new("-")])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let body = "word ".repeat(400_000);
    for id in 0..40 {
        writeln!(stdin, r#"{{"id": "{id}", "body": "{body}"}}"#).unwrap();
    }
    // There is more to come, and the index is begun nevertheless.
    let begun = std::time::Instant::now();
    while !index.exists() {
        assert!(begun.elapsed().as_secs() < 60, "it waits for more");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
    assert_eq!(documents(index.to_str().unwrap()), 40);
}

/// A file from elsewhere may be called so that its name moves the cursor, or recolours
/// what follows.
#[cfg(unix)]
#[test]
fn names_of_bad_files_do_not_steer_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let texts = folder.path().join("texts");
    std::fs::create_dir(&texts).unwrap();
    std::fs::write(texts.join("red\u{1b}[31m.bin"), [0xff, 0xfe]).unwrap();
    std::fs::write(texts.join("words.txt"), "Words.").unwrap();
    let index = folder.path().join("i").display().to_string();
    let output = run(&["index", &index, "gone\u{1b}[31m.jsonl"]);
    assert_has(err(&output), "can't read the input gone");
    assert!(!err(&output).contains('\u{1b}'), "{:?}", err(&output));
    for strict in [&[][..], &["--strict"]] {
        let texts = texts.to_str().unwrap();
        let output = run(&[&["index", &index, texts], strict].concat());
        assert_has(err(&output), "[31m.bin: it is not text");
        assert!(!err(&output).contains('\u{1b}'), "{:?}", err(&output));
    }
}
