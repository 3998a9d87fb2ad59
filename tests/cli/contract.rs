//! What scripts rely on: flags, help, and what --json prints.

use crate::{assert_code, assert_has, code, err, indexed, json_lines, out, run};

#[test]
fn every_command_has_help() {
    for command in [
        "demo", "index", "query", "xray", "eval", "drive", "stats", "terms", "verify", "delete",
        "merge",
    ] {
        let output = run(&[command, "--help"]);
        assert_code(&output, 0);
        assert!(out(&output).contains("Usage: search"), "{command}");
    }
}

/// What isn't to be seen from the flags.
#[test]
fn help_says_what_a_command_does() {
    for (command, said) in [
        ("index", &["inferred", "that exists", "title and body"][..]),
        ("eval", &["as words", "a thousand hits"]),
        (
            "drive",
            &["a tab and a query", "IDS_10", "UNSUPPORTED", "ERROR"],
        ),
    ] {
        // Wherever a line ends.
        let help = out(&run(&[command, "--help"]));
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        said.iter().for_each(|said| assert_has(&help, said));
    }
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
            "-k --limit --offset --after --filter --sort --facet --fields --count --explain --k1 --b --json",
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
    assert_code(&output, 0);
    let stats = out(&run(&["stats", &other]));
    for said in [
        "text (german)",
        "text (plain)",
        "integer",
        "keyword",
        "1 segment",
    ] {
        assert_has(&stats, said);
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
fn every_command_speaks_json() {
    let (folder, index) = indexed();
    let lines = folder.path().join("articles.jsonl").display().to_string();
    for (arguments, wanted) in [
        (&["demo"][..], "total"),
        (&["index", &index, &lines], "put"),
        (&["query", &index, "fox", "--facet", "year:1"], "facets"),
        (&["query", &index, "fox", "-k", "1"], "cursor"),
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
