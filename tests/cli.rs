//! The example command line, end to end: its flags are a contract.

#[path = "cli/program.rs"]
mod program;

use program::program;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

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

fn run(arguments: &[&str]) -> Output {
    run_with(arguments, "")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const LINES: &str = r#"{"id": "1", "title": "The quick fox", "body": "A quick brown fox jumps over the lazy dog.", "year": 2001, "tags": ["animal", "red"]}
{"id": "2", "title": "Bears", "body": "Brown bears are not quick to anger.", "year": 2005, "tags": ["animal"]}
{"id": "3", "title": "Rivers", "body": "The river runs to the sea, and the fox drinks.", "year": 1999, "tags": ["water"]}
"#;

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

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn the_demo_shows_hits() {
    let output = run(&["demo"]);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    let text = out(&output);
    for wanted in [
        "Indexed 142 articles",
        "Blue whale",
        "*printing* *press*",
        "To go on:",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
}

#[test]
fn queries_find_and_say_so() {
    let (_folder, index) = indexed();
    let output = run(&["query", &index, "fox"]);
    assert_eq!(code(&output), Some(0));
    assert!(
        out(&output).contains("The quick fox") && out(&output).contains("2 matches"),
        "{}",
        out(&output)
    );
    assert_eq!(code(&run(&["query", &index, "unheard"])), Some(1));

    let output = run(&[
        "query",
        &index,
        "quick",
        "--json",
        "--facet",
        "tags",
        "--explain",
        "--k1",
        "0.9",
        "--b",
        "0.4",
        "-k",
        "1",
    ]);
    let lines: Vec<serde_json::Value> = out(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["key"], "1");
    assert_eq!(lines[0]["explanation"]["value"], lines[0]["score"]);
    assert_eq!(lines[1]["facets"]["tags"]["animal"], 2);
    assert_eq!(lines[1]["cost"]["windows"]["looked_at"], 1, "{lines:?}");
    let explained = out(&run(&["query", &index, "body:river", "--explain"]));
    assert!(
        explained.contains("cost: 1 of 1 blocks decoded, 1 of 1 postings scored, 0 look-ups\n"),
        "{explained}"
    );

    let output = run(&[
        "query",
        &index,
        "*",
        "--filter",
        "year:[2000 TO 2010]",
        "--sort",
        "-year",
        "--json",
        "--offset",
        "1",
    ]);
    let first: serde_json::Value =
        serde_json::from_str(out(&output).lines().next().unwrap()).unwrap();
    assert_eq!(first["key"], "1");
    let output = run(&["query", &index, "fox", "--fields", "title^2", "--count"]);
    assert!(out(&output).contains("1 match "), "{}", out(&output));
}

#[test]
fn mistakes_are_named() {
    let (folder, index) = indexed();
    let output = run(&["query", "/no/such/index", "fox"]);
    assert_eq!(code(&output), Some(2));
    assert!(err(&output).contains("/no/such/index"), "{}", err(&output));
    let output = run(&["query", folder.path().to_str().unwrap(), "fox"]);
    assert!(err(&output).contains("no index"), "{}", err(&output));
    let output = run(&["query", &index, "fox", "--sort", "colour"]);
    assert_eq!(code(&output), Some(2));
    assert!(
        err(&output).contains("\"colour\"") && err(&output).contains("year"),
        "{}",
        err(&output)
    );
    let output = run(&["query", &index, "fox \"quick"]);
    assert_eq!(code(&output), Some(0));
    assert!(err(&output).contains('^'), "{}", err(&output));
    assert_eq!(
        code(&run(&["query", &index, "fox \"quick", "--strict"])),
        Some(2)
    );
    let backward = "year:[2005 TO 1999]";
    let output = run(&["query", &index, backward]);
    assert_eq!(code(&output), Some(1));
    assert!(
        err(&output).contains("from 2005 to 1999: the bounds are the wrong way round"),
        "{}",
        err(&output)
    );
    assert_eq!(
        code(&run(&["delete", &index, "--query", backward])),
        Some(2)
    );
    assert_eq!(code(&run(&["quarry"])), Some(2));
    let output = run(&["index", &index, "/no/such/file.jsonl"]);
    assert!(
        err(&output).contains("/no/such/file.jsonl"),
        "{}",
        err(&output)
    );
    let output = run(&["query", &index, "year:soon"]);
    assert_eq!(code(&output), Some(2));
    assert!(err(&output).contains("\"year\""), "{}", err(&output));
}

#[test]
fn bad_lines_are_reported_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i").display().to_string();
    let lines = format!("{LINES}not json\n{{\"id\": \"4\", \"body\": 7}}\n");
    let output = run_with(&["index", &index, "-", "--text", "body"], &lines);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    assert!(
        err(&output).contains("stdin:4") && err(&output).contains("stdin:5"),
        "{}",
        err(&output)
    );
    assert!(err(&output).contains("\"body\""), "{}", err(&output));
    assert!(out(&output).contains("3 documents"), "{}", out(&output));

    let strict = folder.path().join("s").display().to_string();
    let output = run_with(&["index", &strict, "-", "--strict"], &lines);
    assert_eq!(code(&output), Some(2));
    assert!(!Path::new(&strict).exists(), "nothing was committed");
    let output = run_with(&["index", &index, "-", "--strict"], &lines);
    assert_eq!(code(&output), Some(2));
    assert_eq!(documents(&index), 3);

    let output = run_with(
        &["index", &folder.path().join("e").display().to_string(), "-"],
        "",
    );
    assert_eq!(code(&output), Some(2));
    assert!(err(&output).contains("no documents"), "{}", err(&output));
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
    assert!(err(&output).contains("picture.bin"), "{}", err(&output));
    let output = run(&["query", &index, "singing whale"]);
    assert!(
        out(&output).contains("Whales") && out(&output).contains("one.md"),
        "{}",
        out(&output)
    );
    // An index in the folder that it is of doesn't take itself for texts.
    let index = notes.join("i").display().to_string();
    for _ in 0..2 {
        run(&["index", &index, notes.to_str().unwrap()]);
        assert_eq!(documents(&index), 2);
    }
}

#[test]
fn drive_speaks_the_protocol() {
    let (_folder, index) = indexed();
    let asked = "TOP_10\tfox quick\nCOUNT\t+quick +fox\nCOUNT\t\"quick brown\"\nTOP_10_COUNT\tbrown -bears\n\
                 UNOPTIMIZED_COUNT\tfox\nTOP_1000\tnothing\nIDS_10\tfox\nPING\t\nSHOUT\tfox\n";
    let output = run_with(&["drive", &index], asked);
    assert_eq!(out(&output), "3\n1\n1\n1\n2\n0\n1,3\n0\nUNSUPPORTED\n");
    let output = run_with(&["drive", &index, "--timed"], asked);
    for line in out(&output).lines() {
        let (_, nanoseconds) = line.split_once('\t').unwrap();
        nanoseconds.parse::<u64>().unwrap();
    }
}

#[test]
fn drive_answers_line_by_line_whatever_is_asked() {
    let (_folder, index) = indexed();
    let wide = "w ".repeat(100_000);
    let deep = "(".repeat(10_000);
    let asked = [
        b"TOP_10\tfox\r\nTOP_100\tfox\nTOP_1000\tfox\n".to_vec(),
        b"TOP_10_COUNT\tfox\nTOP_100_COUNT\tfox\nTOP_1000_COUNT\tfox\nCOUNT\tfox\nUNOPTIMIZED_COUNT\tfox\n".to_vec(),
        b"IDS_10\tunheard\nCOUNT\t-fox\nCOUNT\t\nCOUNT\nPING\n".to_vec(),
        b"COUNT\tfox \xff\xfe\nCOUNT\tfox \"quick\nCOUNT\t\0\n\n".to_vec(),
        format!("COUNT\t{wide}\nCOUNT\t{deep}\nCOUNT\tyear:soon\nCOUNT\tfox").into_bytes(),
    ];
    let output = run_with(&["drive", &index], asked.concat());
    assert_eq!(code(&output), Some(0));
    let expected = [
        &["2", "2", "2"][..],
        &["2"; 5],
        &["", "1", "0", "0", "0"],
        &["2", "3", "0", "UNSUPPORTED"],
        // Not a number, since there is none; what was wrong is on stderr.
        &["ERROR", "ERROR", "ERROR", "2"],
    ];
    assert_eq!(out(&output).lines().collect::<Vec<_>>(), expected.concat());
    for said in ["more than the 10000 clauses", "30 levels", "\"year\""] {
        assert!(err(&output).contains(said), "{said}: {}", err(&output));
    }
}

#[test]
fn eval_measures() {
    let (folder, index) = indexed();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let queries = write("q.tsv", "q1\tquick fox\nq2\triver\n");
    let qrels = write("r.tsv", "q1\t1\t1\nq2\t3\t1\n");
    let trec = folder.path().join("run.txt").display().to_string();
    let output = run(&[
        "eval",
        &index,
        "--queries",
        &queries,
        "--qrels",
        &qrels,
        "--measures",
        "ndcg@10,map,recall@100,mrr@10",
        "--run",
        &trec,
    ]);
    assert_eq!(
        out(&output),
        "ndcg@10\t1.0000\nmap\t1.0000\nrecall@100\t1.0000\nmrr@10\t1.0000\n",
        "{}",
        err(&output)
    );
    assert!(
        std::fs::read_to_string(Path::new(&trec))
            .unwrap()
            .starts_with("q1 Q0 1 1 ")
    );
    let output = run(&[
        "eval",
        &index,
        "--queries",
        &queries,
        "--qrels",
        "/no/such/qrels",
    ]);
    assert!(err(&output).contains("/no/such/qrels"), "{}", err(&output));

    // Nothing to measure is nothing, and not less.
    let none = write("none.tsv", "q9\t1\t1\n");
    let output = run(&["eval", &index, "--queries", &queries, "--qrels", &none]);
    assert_eq!(code(&output), Some(1));
    assert!(out(&output).contains("map\t0.0000\n"), "{}", out(&output));
    assert!(!out(&output).contains('-'), "{}", out(&output));
}

#[test]
fn eval_reads_what_collections_come_in() {
    let (folder, index) = indexed();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let queries = [
        write("q.tsv", "q1\tquick fox\nq2\triver\n"),
        write(
            "q.jsonl",
            "{\"id\": \"q1\", \"text\": \"quick fox\"}\n{\"id\": \"q2\", \"text\": \"river\"}\n",
        ),
    ];
    let qrels = [
        write(
            "beir.tsv",
            "query-id\tcorpus-id\tscore\nq1\t2\t1\nq2\t3\t1\n",
        ),
        write("plain.tsv", "q1\t2\t1\nq2\t3\t1\n"),
        write("trec.txt", "q1 0 2 1\nq2 0 3 1\n"),
    ];
    for queries in &queries {
        for qrels in &qrels {
            let eval = [
                "eval",
                &index,
                "--queries",
                queries,
                "--qrels",
                qrels,
                "--measures",
                "mrr,recall@1",
            ];
            // Document 2 is the second or third for q1.
            let output = run(&[&eval[..], &["--k1", "0.9", "--b", "0.4"]].concat());
            assert_eq!(
                out(&output),
                "mrr\t0.7500\nrecall@1\t0.5000\n",
                "{}",
                err(&output)
            );
            assert_eq!(code(&output), Some(0));
            let output = run(&[&eval[..], &["--json"]].concat());
            let lines = json_lines(&output);
            assert_eq!(lines[0]["measure"], "mrr");
            assert_eq!(lines[1]["value"], 0.5);
        }
    }
    for (queries, qrels, said) in [
        (&write("bad.jsonl", "{\"id\": 1\n"), &qrels[0], "bad.jsonl"),
        (
            &queries[0],
            &write("bad.tsv", "q1\t2\t1\nq1\t2\tx\n"),
            "line 2",
        ),
        (&queries[0], &write("two.tsv", "q1\t2\n"), "two.tsv"),
    ] {
        let output = run(&["eval", &index, "--queries", queries, "--qrels", qrels]);
        assert_eq!(code(&output), Some(2));
        assert!(err(&output).contains(said), "{}", err(&output));
    }
    // Judgments of other queries: nothing to measure.
    let others = write("others.tsv", "q7\t2\t1\n");
    let output = run(&["eval", &index, "--queries", &queries[0], "--qrels", &others]);
    assert_eq!(code(&output), Some(1));
    assert!(err(&output).contains("others.tsv"), "{}", err(&output));
}

fn json_lines(output: &Output) -> Vec<serde_json::Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    out(output).lines().map(line).collect()
}

#[test]
fn every_command_speaks_json() {
    let (folder, index) = indexed();
    let lines = folder.path().join("articles.jsonl").display().to_string();
    for (arguments, wanted) in [
        (&["demo"][..], "total"),
        (&["index", &index, &lines], "put"),
        (&["query", &index, "fox", "--facet", "year:1"], "facets"),
        (&["stats", &index], "segments"),
        (&["terms", &index, "--field", "tags"], "occurrences"),
        (&["xray", &index, "river bears"], "explanation"),
        (&["verify", &index], "commit"),
        (&["merge", &index, "--optimize"], "segments"),
        (
            &[
                "delete", &index, "--key", "1", "--key", "7", "--query", "river",
            ],
            "deleted",
        ),
    ] {
        let output = run(&[arguments, &["--json"]].concat());
        assert_eq!(code(&output), Some(0), "{arguments:?}: {}", err(&output));
        let lines = json_lines(&output);
        // What stands in a line is said.
        let help = out(&run(&[arguments[0], "--help"]));
        let json = help
            .split_once("With --json: ")
            .map_or("", |(_, json)| json);
        let names: Vec<&str> = json
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        for line in &lines {
            for name in line.as_object().unwrap().keys() {
                let is_said = names.contains(&name.as_str()) || arguments[0] == "demo";
                assert!(is_said, "{arguments:?}: {name} is not in {help}");
            }
        }
        assert!(
            lines.last().unwrap().get(wanted).is_some(),
            "{arguments:?}: {}",
            out(&output)
        );
        assert_eq!(err(&output), "", "{arguments:?}");
    }
    let output = run(&["xray", &index, "bears", "--json"]);
    let lines = json_lines(&output);
    let hit = lines.last().unwrap();
    assert_eq!(hit["explanation"]["value"], hit["score"]);
    let output = run(&["stats", &index, "--json"]);
    let fields = json_lines(&output)[0]["fields"].clone();
    for field in fields.as_array().unwrap() {
        let has_terms = field["name"] != "year";
        for of_terms in ["documents", "tokens", "terms"] {
            assert_eq!(field[of_terms].is_u64(), has_terms, "{field}");
        }
    }
    let output = run(&["query", &index, "bears", "--json"]);
    assert_eq!(
        json_lines(&output)[1],
        serde_json::json!({ "total": 1, "exact": true })
    );
}

#[test]
fn flags_are_as_agreed() {
    for (command, flags) in [
        (
            "index",
            "--key --text --keyword --number --analyzer --threads --memory --optimize --reorder --strict --json",
        ),
        (
            "query",
            "-k --limit --offset --filter --sort --facet --fields --count --explain --k1 --b --json",
        ),
        ("eval", "--queries --qrels --measures --run --k1 --b --json"),
        ("drive", "--timed"),
        ("terms", "--prefix --json"),
        ("xray", "--limit --count --html --json"),
        ("merge", "--optimize --reorder --json"),
        ("delete", "--key --query --json"),
    ] {
        let help = out(&run(&[command, "--help"]));
        for flag in flags.split(' ') {
            let named = help.split([' ', ',', '\n']).any(|word| word == flag);
            assert!(named, "{command} {flag}: {help}");
        }
    }
    let (folder, index) = indexed();
    let lines = folder.path().join("articles.jsonl").display().to_string();
    let other = folder.path().join("other.hoard").display().to_string();
    let output = run(&[
        "index",
        &other,
        &lines,
        "--key",
        "id",
        "--text",
        "title",
        "--text",
        "body:plain",
        "--keyword",
        "tags",
        "--number",
        "year",
        "--analyzer",
        "german",
        "--threads",
        "2",
        "--memory",
        "16M",
        "--optimize",
        "--strict",
    ]);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    let stats = out(&run(&["stats", &other]));
    for said in [
        "text (german)",
        "text (plain)",
        "integer",
        "keyword",
        "1 segment",
    ] {
        assert!(stats.contains(said), "{said}: {stats}");
    }
    let hits = |arguments: &[&str]| {
        let output = run(&[&["query", &index], arguments, &["--json"]].concat());
        let lines = json_lines(&output);
        let keys = lines
            .iter()
            .filter_map(|line| line["key"].as_str().map(str::to_owned));
        keys.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(hits(&["*"]), "1 2 3");
    assert_eq!(hits(&["*", "--sort", "year"]), "3 1 2");
    assert_eq!(hits(&["*", "--sort=-year", "--limit", "2"]), "2 1");
    assert_eq!(
        hits(&["*", "--sort", "-tags", "--offset", "1", "-k", "1"]),
        "1"
    );
    assert_eq!(
        hits(&["*", "--filter", "tags:animal", "--filter", "-year:2001"]),
        "2"
    );
    assert_eq!(hits(&["quick", "--fields", "title"]), "1");
    assert_eq!(hits(&["quick", "--fields", "body^2"]), "2 1");
    assert_eq!(hits(&["-fox"]), "2");
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

#[test]
fn lines_of_any_bytes_are_taken_or_reported() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i").display().to_string();
    let lines = [
        &b"\xef\xbb\xbf{\"id\": \"1\", \"body\": \"a mark before it\"}\r\n\r\n  \n"[..],
        b"{\"id\": \"2\", \"body\": \"\xff\xfe\"}\n\0\n[1]\n{\"id\": \"3\"\n{}\n",
        b"{\"id\": \"4\", \"body\": \"nul \\u0000 inside\", \"more\": {\"deep\": [1, null]}}\n",
        b"{\"id\": \"5\", \"body\": \"no end of line\"}",
    ];
    let output = run_with(&["index", &index, "-", "--key", "id"], lines.concat());
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    for said in [
        "stdin:4",
        "UTF-8",
        "stdin:5",
        "stdin:6",
        "stdin:7",
        "stdin:8",
        "5 bad documents",
    ] {
        assert!(err(&output).contains(said), "{said}: {}", err(&output));
    }
    assert!(out(&output).contains("3 documents"), "{}", out(&output));
    assert!(out(&run(&["query", &index, "inside"])).contains("1 match"));
    assert_eq!(code(&run(&["verify", &index])), Some(0));
}

#[test]
fn looking_in_and_changing() {
    let (_folder, index) = indexed();
    let output = run(&["stats", &index]);
    assert!(
        out(&output).contains("3 documents") && out(&output).contains("text (english)"),
        "{}",
        out(&output)
    );
    let output = run(&["stats", &index, "--json"]);
    let stats: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(stats["documents"], 3);
    let output = run(&["terms", &index, "--field", "body", "--prefix", "qui"]);
    assert_eq!(
        out(&output).split_whitespace().collect::<Vec<_>>(),
        ["body", "quick", "2", "2"]
    );
    assert_eq!(code(&run(&["terms", &index, "--prefix", "zzz"])), Some(1));
    assert_eq!(code(&run(&["verify", &index])), Some(0));
    let output = run(&["delete", &index, "--key", "1"]);
    assert!(
        out(&output).contains("1 deleted, 2 left"),
        "{}",
        out(&output)
    );
    assert_eq!(code(&run(&["delete", &index, "--key", "1"])), Some(1));
    let output = run(&["delete", &index, "--query", "year:<2000"]);
    assert!(
        out(&output).contains("1 deleted, 1 left"),
        "{}",
        out(&output)
    );
    for how in ["--optimize", "--reorder"] {
        let output = run(&["merge", &index, how, "--json"]);
        let merged: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
        assert_eq!(
            (&merged["documents"], &merged["segments"]),
            (&1.into(), &1.into())
        );
        assert_eq!(code(&run(&["verify", &index])), Some(0));
    }
}

#[test]
fn an_xray_shows_what_was_read() {
    let (folder, index) = indexed();
    let text = out(&run(&["xray", &index, "+body:quick +body:bears"]));
    for wanted in [
        "cost 2 of 2 blocks decoded, 2 of 3 postings scored, 1 look-ups",
        "Answered by the short way of an intersection.",
        "body:quick       1        1         0        0          1       1          0  [███]",
        "document 1 scores",
        "Bears (2)",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let text = out(&run(&["xray", &index, "body:fox", "-k", "1"]));
    assert!(
        text.contains("threshold [▇▇█] up to 0.") && text.contains("in 2 steps\n"),
        "{text}"
    );

    let lines = json_lines(&run(&[
        "xray",
        &index,
        "body:\"brown fox\"",
        "--json",
        "--count",
    ]));
    let xray = lines.iter().find_map(|line| line.get("xray")).unwrap();
    assert_eq!(xray["documents"], 3);
    let lists = xray["lists"].as_array().unwrap();
    let terms: Vec<&str> = lists
        .iter()
        .filter_map(|list| list["term"].as_str())
        .collect();
    assert!(terms.ends_with(&["brown", "fox"]), "{xray}");
    for list in lists {
        let depths = list["blocks"].as_object().unwrap().values();
        assert_eq!(depths.filter_map(serde_json::Value::as_u64).sum::<u64>(), 1);
    }

    // Whatever is asked and whatever a document says, the page is a page.
    let lines = folder.path().join("odd.jsonl");
    let odd = r#"{"id": "9", "title": "<script>alert(1)</script> & \"co\"", "body": "odd", "year": 1, "tags": ["x"]}"#;
    std::fs::write(&lines, odd).unwrap();
    assert_eq!(
        code(&run(&["index", &index, lines.to_str().unwrap()])),
        Some(0)
    );
    let page = folder.path().join("xray.html");
    let page_name = page.to_str().unwrap();
    let output = run(&["xray", &index, "odd \"</title><b>", "--html", page_name]);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;co&quot; (9)"));
    assert!(!html.contains("<script") && !html.contains("<b>\"") && !html.contains("http://"));
    for element in [
        "title", "svg", "section", "table", "ul", "li", "div", "details", "style",
    ] {
        let opened = html.matches(&format!("<{element}>")).count()
            + html.matches(&format!("<{element} ")).count();
        let closed = html.matches(&format!("</{element}>")).count();
        assert_eq!(opened, closed, "{element}");
        assert!(opened > 0, "{element}");
    }
    // Nothing found is drawn, too; what can't be written is said.
    let output = run(&["xray", &index, "unheard", "--html", page_name]);
    assert_eq!(code(&output), Some(1));
    assert!(
        std::fs::read_to_string(&page)
            .unwrap()
            .contains("Nothing was found.")
    );
    let output = run(&["xray", &index, "fox", "--html", "/no/such/folder/x.html"]);
    assert_eq!(code(&output), Some(2));
    assert!(err(&output).contains("/no/such/folder/x.html can't be written"));
}

/// What can't be written is no word about the index.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_the_output_is_named() {
    let (_folder, index) = indexed();
    let full = std::fs::File::options().write(true).open("/dev/full");
    let output = Command::new(program())
        .args(["delete", &index, "--key", "1"])
        .stdout(full.unwrap())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(code(&output), Some(2));
    assert!(err(&output).contains("standard output"), "{}", err(&output));
    assert!(err(&output).contains("is done"), "{}", err(&output));
    // Only the document that is gone has the word.
    assert_eq!(code(&run(&["query", &index, "jumps"])), Some(1));
}

#[test]
fn every_command_has_help() {
    for command in [
        "demo", "index", "query", "eval", "drive", "stats", "terms", "verify", "delete", "merge",
    ] {
        let output = run(&[command, "--help"]);
        assert_eq!(code(&output), Some(0));
        assert!(out(&output).contains("Usage: search"), "{command}");
    }
}

/// Documents in an index, as `stats` counts them.
/// A pipe that nobody reads any more, as `head` leaves it.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

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

fn documents(index: &str) -> u64 {
    let output = run(&["stats", index, "--json"]);
    let stats: serde_json::Value =
        serde_json::from_str(out(&output).lines().next().unwrap()).unwrap();
    stats["documents"].as_u64().unwrap()
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
    assert_eq!(code(&output), Some(2));
    let error = err(&output);
    assert!(error.contains("not packed by zstd"), "{error}");
    // One bit of a text, which only the checksum can tell.
    let damaged = folder.path().join("damaged.jsonl.zst");
    let level = ruzstd::encoding::CompressionLevel::Uncompressed;
    let mut bytes = ruzstd::encoding::compress_to_vec(LINES.as_bytes(), level);
    let at = bytes.windows(4).position(|word| word == b"lazy").unwrap();
    bytes[at] ^= 1;
    std::fs::write(&damaged, bytes).unwrap();
    let output = run(&["index", &index, damaged.to_str().unwrap()]);
    assert_eq!(code(&output), Some(2), "{}", out(&output));
    assert!(err(&output).contains("checksum"), "{}", err(&output));
    for input in [gz, zst] {
        let index = input.with_extension("hoard").display().to_string();
        let output = run(&["index", &index, input.to_str().unwrap(), "--key", "id"]);
        assert_eq!(code(&output), Some(0), "{}", err(&output));
        assert_eq!(documents(&index), 3);
        let output = run(&["query", &index, "anger"]);
        assert!(out(&output).contains("Bears"), "{}", out(&output));
        // What is cut short is an error, and nothing is committed.
        let bytes = std::fs::read(&input).unwrap();
        std::fs::write(&input, &bytes[..bytes.len() - 5]).unwrap();
        let output = run(&["index", &index, input.to_str().unwrap()]);
        assert_eq!(code(&output), Some(2), "{}", err(&output));
        assert!(err(&output).contains("lines.jsonl"), "{}", err(&output));
        assert_eq!(documents(&index), 3);
    }
}

#[test]
fn an_unstored_field_is_searched_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i").display().to_string();
    let output = run_with(&["index", &index, "-", "--unstored", "body"], LINES);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    let output = run(&["query", &index, "anger", "--json"]);
    assert!(out(&output).contains("Bears"), "{}", out(&output));
    assert!(!out(&output).contains("not quick to"), "{}", out(&output));

    // Also beside fields that are named as texts.
    let both = folder.path().join("b").display().to_string();
    let fields = ["--text", "title", "--unstored", "body"];
    let output = run_with(&[&["index", &both, "-"][..], &fields].concat(), LINES);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    let output = run(&["query", &both, "anger", "--json"]);
    assert!(out(&output).contains("Bears"), "{}", out(&output));
    assert!(!out(&output).contains("not quick to"), "{}", out(&output));
    // An index that is there goes by its own schema, and says so.
    let output = run_with(&["index", &both, "-", "--unstored", "title"], LINES);
    assert!(err(&output).contains("own schema"), "{}", err(&output));
}

#[test]
fn fields_that_cannot_be_searched_are_kept_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i").display().to_string();
    let lines = format!("{LINES}{{\"id\": \"4\", \"title\": 1984, \"body\": \"A novel.\"}}\n");
    let output = run_with(&["index", &index, "-"], lines);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    let error = err(&output);
    assert!(
        error.contains("\"title\"") && error.contains("--text"),
        "{error}"
    );
    assert_eq!(error.lines().count(), 1, "{error}");

    // One that a query could not write, and more than there can be.
    let mut lines = String::from(r#"{"a name": "Ann", "body": "a fox""#);
    for number in 0..1_500 {
        lines += &format!(r#", "f{number}": {number}"#);
    }
    let index = folder.path().join("m").display().to_string();
    let output = run_with(&["index", &index, "-"], lines + "}\n");
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    for said in ["\"a name\"", "one too many", "1000", "482 more fields"] {
        assert!(err(&output).contains(said), "{said}: {}", err(&output));
    }
    let output = run(&["query", &index, "fox", "--json"]);
    assert!(out(&output).contains("Ann"), "{}", out(&output));
}

/// Otherwise the next run, with the mistake put right, would find an index with
/// the wrong schema and refuse its documents again.
#[test]
fn a_run_that_puts_nothing_leaves_no_index() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i").display().to_string();
    let output = run_with(&["index", &index, "-", "--key", "isbn"], LINES);
    assert_eq!(code(&output), Some(2), "{}", out(&output));
    for said in ["stdin:3", "\"isbn\"", "no index was created"] {
        assert!(err(&output).contains(said), "{said}: {}", err(&output));
    }
    assert!(!Path::new(&index).exists());
    let output = run_with(&["index", &index, "-", "--key", "id"], LINES);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    // But one that was there stays.
    let output = run_with(&["index", &index, "-"], "{}");
    assert_eq!(code(&output), Some(1), "{}", err(&output));
    assert_eq!(documents(&index), 3);
}

/// To join and to reorder takes long, and the documents are committed by then.
#[cfg(unix)]
#[test]
fn whoever_waits_for_joining_can_be_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i").display().to_string();
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
    assert_eq!(code(&output), Some(0), "{}", err(&output));
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
        assert!(err(&output).contains(said), "{}", err(&output));
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
        assert!(err(&output).contains(said), "{}", err(&output));
        assert!(!Path::new(&index).exists());
    }
    let output = run_with(
        &["index", &index, "-", "--text", "titel", "--key", "id"],
        LINES,
    );
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    let said = "no document so far has the field \"titel\"; is it written so?\n";
    assert_eq!(err(&output), said);

    let (_folder, index) = indexed();
    let output = run(&["terms", &index, "--field", "year"]);
    assert_eq!(code(&output), Some(2));
    assert!(
        err(&output).contains("\"year\" is of the kind \"integer\""),
        "{}",
        err(&output)
    );
    for command in ["query", "xray"] {
        let output = run(&[command, &index, &"(".repeat(100)]);
        assert_eq!(code(&output), Some(2), "{command}: {}", out(&output));
        assert!(err(&output).contains("30 levels"), "{}", err(&output));
        let output = run(&[command, &index, "fox \"quick", "--json"]);
        assert_eq!(code(&output), Some(0), "{command}");
        assert!(
            err(&output).contains("never closed"),
            "{command}: {}",
            err(&output)
        );
    }
}

/// Waits until a process handles the signal of Ctrl-C, where the system tells; else
/// for as long as that should take.
#[cfg(unix)]
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

/// The index that another process creates meanwhile is not this run's to remove.
#[cfg(unix)]
#[test]
fn an_interrupted_run_removes_only_what_it_made() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i").display().to_string();
    let mut child = Command::new(program())
        .args(["index", &index, "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let input = child.stdin.take().unwrap();
    // It handles the signal before it reads. It waits for a first document then.
    wait_for_handler(child.id());
    let output = run_with(&["index", &index, "-"], LINES);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    interrupt(child, "nothing was committed");
    drop(input);
    assert_eq!(documents(&index), 3);
}

/// Interrupts a run that waits for input, which must end by that.
#[cfg(unix)]
fn interrupt(mut child: std::process::Child, said: &str) {
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
    assert_eq!(code(&output), Some(130), "{}", err(&output));
    assert!(err(&output).contains(said), "{}", err(&output));
}

/// Nothing typed yet, a line or two, a pipe that nobody writes to, one that stalls.
#[cfg(unix)]
#[test]
fn whoever_waits_for_input_can_be_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i").display().to_string();
    for typed in ["", LINES] {
        let mut child = Command::new(program())
            .args(["index", &index, "-"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
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

/// A pipe named as a file: a text is read more than once, and to its end.
#[cfg(unix)]
#[test]
fn what_has_no_end_is_no_text_file() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("i").display().to_string();
    for input in ["/dev/zero", "/dev/stdin"] {
        let output = run_with(&["index", &index, input], LINES);
        assert_eq!(code(&output), Some(2));
        let error = err(&output);
        assert!(error.contains(input) && error.contains("give -"), "{error}");
    }
}

#[test]
fn what_is_not_shown_is_found_all_the_same() {
    let (_folder, index) = indexed();
    for flags in [["--limit", "0", "--count"], ["--offset", "9", "--count"]] {
        let output = run(&[&["query", &index, "fox"][..], &flags].concat());
        assert!(out(&output).contains("2 matches"), "{}", out(&output));
        assert_eq!(code(&output), Some(0), "{flags:?}");
    }
}

#[test]
fn a_filter_is_read_as_a_query_is() {
    let (_folder, index) = indexed();
    let filtered = ["query", &index, "fox", "--filter", "colour:red"];
    let output = run(&filtered);
    assert_eq!(code(&output), Some(1));
    for said in ["no field colour", "\n  ^^^^^^^"] {
        assert!(err(&output).contains(said), "{said}: {}", err(&output));
    }
    let output = run(&[&filtered[..], &["--strict"]].concat());
    assert_eq!(code(&output), Some(2), "{}", out(&output));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_the_index_as_it_was() {
    let (_folder, index) = indexed();
    let mut child = Command::new(program())
        .args(["index", &index, "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
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
    assert_eq!(code(&output), Some(130), "{}", err(&output));
    assert!(
        err(&output).contains("nothing was committed"),
        "{}",
        err(&output)
    );
    assert_eq!(documents(&index), 3);
    // A second run goes on cleanly.
    let output = run_with(&["index", &index, "-"], r#"{"id": "4", "title": "Owls"}"#);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    assert_eq!(documents(&index), 4);
    let output = run(&["verify", &index]);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
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
    assert!(out(&output).contains("3 documents"), "{}", out(&output));
}
