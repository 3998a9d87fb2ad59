//! Mistakes of those who type: each is named, with a way on, and changes nothing.

use crate::{LINES, assert_code, assert_has, code, err, indexed, json_lines, out, run, run_with};
use std::path::Path;

#[test]
fn mistakes_are_named() {
    let (folder, index) = indexed();
    let output = run(&["query", "/no/such/index", "fox"]);
    assert_code(&output, 2);
    assert_has(err(&output), "/no/such/index");
    let output = run(&["query", folder.path().to_str().unwrap(), "fox"]);
    assert_has(err(&output), "no index");
    let output = run(&["query", &index, "fox", "--sort", "colour"]);
    assert_code(&output, 2);
    assert_has(err(&output), "\"colour\"");
    assert_has(err(&output), "year");
    let output = run(&["query", &index, "fox \"quick"]);
    assert_code(&output, 0);
    assert!(err(&output).contains('^'), "{}", err(&output));
    assert_code(&run(&["query", &index, "fox \"quick", "--strict"]), 2);
    let backward = "year:[2005 TO 1999]";
    let output = run(&["query", &index, backward]);
    assert_code(&output, 1);
    assert_has(
        err(&output),
        "from 2005 to 1999: the bounds are the wrong way round",
    );
    assert_code(&run(&["delete", &index, "--query", backward]), 2);
    assert_code(&run(&["quarry"]), 2);
    let output = run(&["index", &index, "/no/such/file.jsonl"]);
    assert_has(err(&output), "/no/such/file.jsonl");
    let output = run(&["query", &index, "year:soon"]);
    assert_code(&output, 1);
    assert_has(err(&output), "year takes an integer, found \"soon\"");
    assert_code(&run(&["query", &index, "year:soon", "--strict"]), 2);
    let output = run(&["query", &index, "fox", "--time-limit", "0"]);
    assert_code(&output, 2);
    assert_has(
        err(&output),
        "takes longer than the 0ns that the search may take",
    );
}

#[test]
fn who_misspells_a_word_is_told_how_to_find_it() {
    let (_folder, index) = indexed();
    let output = run(&["query", &index, "+fxo -quikc in"]);
    assert_code(&output, 1);
    assert_has(err(&output), "ask for +fxo~ -quikc in~");
    assert_code(&run(&["query", &index, "+fxo~ -quikc in~"]), 0);
    // Neither if there is no such word, nor if there are matches.
    for query in ["zzyzx", "fox"] {
        assert_eq!(err(&run(&["query", &index, query])), "");
    }
}

#[test]
fn mistakes_change_nothing_and_say_what_to_do() {
    let (folder, index) = indexed();
    let lines = folder.path().join("articles.jsonl").display().to_string();
    let fresh = folder.path().join("fresh.hoard");
    let new = fresh.to_str().unwrap();
    for (arguments, said) in [
        (
            &["index", new, &lines, "--text", "body:klingon"][..],
            "klingon",
        ),
        (&["index", new, &lines, "--memory", "lots"], "256M"),
        (&["index", new, &lines, "--memory", "256T"], "256M"),
        (
            &["index", new, &lines, "--memory", "18014398509481984k"],
            "more than there can be",
        ),
        (&["index", new, &lines, "--threads", "many"], "many"),
        (&["index", new], "INPUT"),
        (&["query", new, "fox"], "no index"),
        (&["query", &index], "QUERY"),
        (&["query", &index, "fox", "--k1", "-1"], "k1"),
        (&["query", &index, "fox", "--b", "2"], "b from 0 to 1"),
        (
            &["query", &index, "fox", "--limit", "99999999999"],
            "99999999999",
        ),
        (&["query", &index, "fox", "--sort", "body"], "sort by"),
        (&["query", &index, "fox", "--facet", "body"], "facets"),
        (&["query", &index, "fox", "--facet", "tags:x"], "FIELD:N"),
        (&["query", &index, "fox", "--fields", "titel"], "titel"),
        (&["query", &index, "fox", "--filter", "year:soon"], "year"),
        (&["query", &index, "fox", "--limt", "3"], "--limit"),
        (&["terms", &index, "--field", "titel"], "title"),
        (&["delete", &index], "--key"),
        (&["delete", &index, "--query", "fox \"quick"], "^"),
        (&["delete", &index, "--query", "titel:fox"], "titel"),
        (&["verify", new], "no index"),
        (
            &[
                "eval",
                &index,
                "--queries",
                "q",
                "--qrels",
                "r",
                "--measures",
                "bleu",
            ],
            "ndcg",
        ),
    ] {
        let output = run(arguments);
        assert_eq!(code(&output), Some(2), "{arguments:?}: {}", err(&output));
        assert!(
            err(&output).contains(said),
            "{arguments:?}: {}",
            err(&output)
        );
        assert!(
            err(&output).starts_with("error: "),
            "{arguments:?}: {}",
            err(&output)
        );
        assert_eq!(out(&output), "", "{arguments:?}");
        assert!(!fresh.exists(), "{arguments:?}");
    }
    assert_eq!(
        json_lines(&run(&["stats", &index, "--json"]))[0]["documents"],
        3
    );
}

/// Slips of those who are new here: each is named, with a way on.
#[test]
fn slips_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let documents: Vec<serde_json::Value> = LINES
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (index, array, pretty, wide) = (path("i"), path("a.json"), path("p.json"), path("w.jsonl"));
    std::fs::write(&array, serde_json::to_string(&documents).unwrap()).unwrap();
    std::fs::write(&pretty, serde_json::to_string_pretty(&documents).unwrap()).unwrap();
    let utf_16: Vec<u8> = LINES.encode_utf16().flat_map(u16::to_be_bytes).collect();
    std::fs::write(&wide, [&[0xFE, 0xFF][..], &utf_16].concat()).unwrap();
    for (input, said) in [
        (
            &array,
            "a.json:1: the line is JSON, but no object; documents are JSON objects, one a line",
        ),
        (&pretty, "p.json:1: the line is not JSON"),
        (&wide, "w.jsonl:1: byte 0 of the line is not valid UTF-8"),
    ] {
        let output = run(&["index", &index, input]);
        assert_eq!(code(&output), Some(2), "{input}");
        assert_has(err(&output), said);
        assert!(!Path::new(&index).exists());
    }
    for (flags, said) in [
        (
            ["--keyword", "body", "--text", "body:plain"],
            "--keyword body says another kind",
        ),
        (
            ["--number", "year", "--keyword", "year"],
            "--keyword year says another kind",
        ),
        (
            ["--number", "year", "--text", "year"],
            "--number year says another kind",
        ),
        (
            ["--key", "id", "--unstored", "id"],
            "--unstored id: only a text",
        ),
    ] {
        let output = run_with(&[&["index", &index, "-"][..], &flags].concat(), LINES);
        assert_eq!(code(&output), Some(2), "{flags:?}");
        assert_has(err(&output), said);
        assert!(!Path::new(&index).exists());
    }
    let output = run_with(
        &["index", &index, "-", "--text", "titel", "--key", "id"],
        LINES,
    );
    assert_code(&output, 0);
    let said = "no document so far has the field \"titel\"; is it written so?\n";
    assert_eq!(err(&output), said);

    let (_folder, index) = indexed();
    let output = run(&["terms", &index, "--field", "year"]);
    assert_code(&output, 2);
    assert_has(err(&output), "\"year\" is of the kind \"integer\"");
    for command in ["query", "xray"] {
        let output = run(&[command, &index, &"(".repeat(100)]);
        assert_eq!(code(&output), Some(2), "{command}: {}", out(&output));
        assert_has(err(&output), "30 levels");
        let output = run(&[command, &index, "fox \"quick", "--json"]);
        assert_eq!(code(&output), Some(0), "{command}");
        assert!(
            err(&output).contains("never closed"),
            "{command}: {}",
            err(&output)
        );
    }
}
