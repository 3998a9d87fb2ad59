//! What a query finds, and how the command line shows it.

use crate::{assert_code, assert_has, code, empty, err, indexed, json_lines, out, run, run_with};

#[test]
fn the_demo_shows_hits() {
    let output = run(&["demo"]);
    assert_code(&output, 0);
    let text = out(&output);
    for wanted in [
        "Indexed 142 articles",
        "Blue whale",
        "*printing* *press*",
        "To go on:",
    ] {
        assert_has(&text, wanted);
    }
}

#[test]
fn queries_find_and_say_so() {
    let (_folder, index) = indexed();
    let output = run(&["query", &index, "fox"]);
    assert_code(&output, 0);
    assert_has(out(&output), "The quick fox");
    assert_has(out(&output), "2 matches");
    assert_code(&run(&["query", &index, "unheard"]), 1);

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
    let lines = json_lines(&output);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["key"], "1");
    assert_eq!(lines[0]["explanation"]["value"], lines[0]["score"]);
    assert_eq!(lines[1]["facets"]["tags"]["animal"], 2);
    assert_eq!(lines[1]["cost"]["windows"]["looked_at"], 1, "{lines:?}");
    let explained = out(&run(&["query", &index, "body:river", "--explain"]));
    assert_has(
        &explained,
        "cost: 1 of 1 blocks decoded, 1 scores for 1 postings, 0 look-ups\n",
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
    assert_eq!(json_lines(&output)[0]["key"], "1");
    let output = run(&["query", &index, "fox", "--fields", "title^2", "--count"]);
    assert_has(out(&output), "1 match ");
}

/// A number may have more digits than a program's, and members an order.
#[test]
fn json_has_documents_as_they_were_put() {
    let (_folder, index) = empty();
    let line = r#"{"id":"1","much":123456789012345678901234567890,"a":[1.10, "x  \\\" y"], "body":"a fox"}"#;
    run_with(
        &["index", &index, "-", "--key", "id", "--text", "body"],
        line,
    );
    let output = run(&["query", &index, "fox", "--json", "--explain"]);
    let document = r#"{"document":{"id":"1","much":123456789012345678901234567890,"a":[1.10,"x  \\\" y"],"body":"a fox"},"#;
    assert_has(out(&output), document);
    let hit = &json_lines(&output)[0];
    assert_eq!(
        (&hit["key"], &hit["document"]["body"]),
        (&"1".into(), &"a fox".into())
    );
    assert!(hit["score"].is_number() && hit["explanation"].is_object());
}

#[test]
fn what_is_not_shown_is_found_all_the_same() {
    let (_folder, index) = indexed();
    for flags in [["--limit", "0", "--count"], ["--offset", "9", "--count"]] {
        let output = run(&[&["query", &index, "fox"][..], &flags].concat());
        assert_has(out(&output), "2 matches");
        assert_eq!(code(&output), Some(0), "{flags:?}");
    }
}

#[test]
fn pages_go_on_after_a_cursor() {
    let (_folder, index) = indexed();
    for order in [&[][..], &["--sort", "-year"], &["--sort", "tags"]] {
        let ask = |arguments: &[&str]| {
            let asked = [&["query", &index, "fox OR quick OR *"], order, arguments].concat();
            let output = run(&asked);
            assert_code(&output, 0);
            output
        };
        let all = json_lines(&ask(&["--json"]));
        let mut keys = Vec::new();
        let mut next = None::<String>;
        loop {
            let after = next.iter().flat_map(|cursor| ["--after", cursor]);
            let page = [&["-k", "1", "--count"][..], &after.collect::<Vec<_>>()].concat();
            let lines = json_lines(&ask(&[&page[..], &["--json"]].concat()));
            let last = lines.last().unwrap();
            assert_eq!(last["total"], 3);
            let Some(cursor) = last["cursor"].as_str() else {
                break;
            };
            keys.push(lines[0]["key"].clone());
            let more = format!("more: --after {cursor}\n");
            if keys.len() == 1 {
                assert_has(out(&ask(&page)), &more);
            }
            next = Some(cursor.to_owned());
        }
        let expected: Vec<_> = all[..3].iter().map(|hit| hit["key"].clone()).collect();
        assert_eq!(keys, expected, "{order:?}");
        // On the last page there is no more.
        assert!(!out(&ask(&[])).contains("--after"));
    }
    for (after, said) in [("17", "no cursor"), ("-year.n7.0", "by score")] {
        let output = run(&["query", &index, "fox", "--after", after]);
        assert_code(&output, 2);
        assert_has(err(&output), said);
    }
}

#[test]
fn a_filter_is_read_as_a_query_is() {
    let (_folder, index) = indexed();
    let filtered = ["query", &index, "fox", "--filter", "colour:red"];
    let output = run(&filtered);
    assert_code(&output, 1);
    for said in ["no field colour", "\n  ^^^^^^^"] {
        assert_has(err(&output), said);
    }
    let output = run(&[&filtered[..], &["--strict"]].concat());
    assert_code(&output, 2);
}

#[test]
fn a_date_is_a_period() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("days.hoard").display().to_string();
    let days = [
        "2000-12-31",
        "2001-07-31",
        "2001-07-31T23:59:59.999999Z",
        "2001-08-01",
    ];
    let lines = (0..)
        .zip(days)
        .map(|(id, day)| format!(r#"{{"id": "{id}", "day": "{day}"}}"#));
    let lines = lines.collect::<Vec<_>>().join("\n");
    let output = run_with(&["index", &index, "-", "--key", "id"], lines);
    assert_code(&output, 0);
    let keys = |arguments: &[&str]| -> String {
        let output = run(&[&["query", &index, "--json"][..], arguments].concat());
        let hits = json_lines(&output).into_iter();
        hits.filter_map(|hit| Some(hit.get("key")?.as_str()?.to_owned()))
            .collect()
    };
    assert_eq!(keys(&["day:2001-07"]), "12");
    assert_eq!(keys(&["day:>2001-07"]), "3");
    assert_eq!(keys(&["*", "--filter", "day:[2000 TO 2001-07-31]"]), "012");
    let output = run(&["query", &index, "day:2001-07*"]);
    assert_code(&output, 1);
    assert_has(err(&output), "ask for day:2001-07, say");
    let output = run(&["query", &index, "day:july"]);
    assert_has(err(&output), "a month (2001-07)");
    let output = run(&["delete", &index, "--query", "day:<=2001-07"]);
    assert_has(out(&output), "3 deleted, 1 left");
}

#[test]
fn what_is_left_of_a_query_is_said_if_it_is_nothing() {
    let (_folder, index) = indexed();
    let said = "^ nothing of this is left to look for";
    for query in ["🐳", "!!!", "the", "-the", "\"of the\""] {
        for command in ["query", "xray"] {
            let output = run(&[command, &index, query]);
            assert_code(&output, 1);
            assert_has(err(&output), said);
        }
        let output = run(&["query", &index, "fox", "--filter", query]);
        assert_code(&output, 1);
        assert_has(err(&output), said);
    }
    for query in ["the fox", "unheard", "()", "fox -the"] {
        let output = run(&["query", &index, query]);
        assert!(!err(&output).contains(said), "{query}");
    }
    let output = run(&["query", &index, "fox", "--sort", "yeer"]);
    assert_code(&output, 2);
    assert_has(
        err(&output),
        "there is no field \"yeer\" to sort by; there are: id, tags, year",
    );
}

#[test]
fn patterns_that_find_nothing_are_explained() {
    let (_folder, index) = indexed();
    let said = "a pattern is compared with terms as they are in the index";
    for query in ["+f?x +*zzzz", "\"z[ab]z\"~/^2"] {
        let output = run(&["query", &index, query]);
        assert_code(&output, 1);
        assert_has(err(&output), said);
    }
    let output = run(&["query", &index, "f?x"]);
    assert_code(&output, 0);
    assert!(!err(&output).contains(said));
}

#[test]
fn looking_in_and_changing() {
    let (_folder, index) = indexed();
    let output = run(&["stats", &index]);
    assert_has(out(&output), "3 documents");
    assert_has(out(&output), "text (english)");
    let output = run(&["stats", &index, "--json"]);
    let stats = &json_lines(&output)[0];
    assert_eq!(stats["documents"], 3);
    let output = run(&["terms", &index, "--field", "body", "--prefix", "qui"]);
    assert_eq!(
        out(&output).split_whitespace().collect::<Vec<_>>(),
        ["body", "quick", "2", "2"]
    );
    assert_code(&run(&["terms", &index, "--prefix", "zzz"]), 1);
    assert_code(&run(&["verify", &index]), 0);
    let output = run(&["delete", &index, "--key", "1"]);
    assert_has(out(&output), "1 deleted, 2 left");
    assert_code(&run(&["delete", &index, "--key", "1"]), 1);
    // A key, not an option.
    assert_code(&run(&["delete", &index, "--key", "-5"]), 1);
    let output = run(&["delete", &index, "--query", "year:<2000"]);
    assert_has(out(&output), "1 deleted, 1 left");
    for how in ["--optimize", "--reorder"] {
        let output = run(&["merge", &index, how, "--json"]);
        let merged = &json_lines(&output)[0];
        assert_eq!(
            (&merged["documents"], &merged["segments"]),
            (&1.into(), &1.into())
        );
        assert_code(&run(&["verify", &index]), 0);
    }
}

#[test]
fn an_xray_shows_what_was_read() {
    let (folder, index) = indexed();
    let text = out(&run(&["xray", &index, "+body:quick +body:bears"]));
    for wanted in [
        "cost 2 of 2 blocks decoded, 2 scores for 3 postings, 1 look-ups",
        "Answered by the short way of an intersection.",
        "body:quick       1        1         0        0          1       1          0  [███]",
        "document 1 scores",
        "Bears (2)",
    ] {
        assert_has(&text, wanted);
    }
    let text = out(&run(&["xray", &index, "body:fox", "-k", "1"]));
    assert_has(&text, "threshold [▇▇█] up to 0.");
    assert_has(&text, "in 2 steps\n");

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
    assert_code(&run(&["index", &index, lines.to_str().unwrap()]), 0);
    let page = folder.path().join("xray.html");
    let page_name = page.to_str().unwrap();
    let output = run(&["xray", &index, "odd \"</title><b>", "--html", page_name]);
    assert_code(&output, 0);
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
    assert_has(
        &html,
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;co&quot; (9)",
    );
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
    assert_code(&output, 1);
    assert_has(
        std::fs::read_to_string(&page).unwrap(),
        "Nothing was found.",
    );
    let output = run(&["xray", &index, "fox", "--html", "/no/such/folder/x.html"]);
    assert_code(&output, 2);
    assert_has(err(&output), "/no/such/folder/x.html can't be written");
}
