//! Threat: input that nobody has in mind. Whatever is put or asked: it is
//! taken, or refused by an error that names what is wrong, and the writer, the
//! index and the searcher are as good as before.
//!
//! Damaged files are in `corrupt.rs`, mistakes on the command line in `cli/`,
//! what fits a schema in `documents.rs`.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use wordhoard::evaluation::{Judgments, read_topics};
use wordhoard::query::Occur;
use wordhoard::search::{Bm25, Sort};
use wordhoard::storage::{Directory, Memory};
use wordhoard::{
    Document, Error, ErrorKind, Index, Query, Schema, Searcher, Text, Writer, WriterOptions,
};

fn schema() -> Schema {
    Schema::builder()
        .key("id")
        .text("title", Text::english().boost(2.0))
        .text("body", Text::plain())
        .keyword("tag")
        .integer("year")
        .float("price")
        .date("when")
        .build()
        .unwrap()
}

fn index() -> (Index, Writer) {
    let index = Index::in_memory(schema()).unwrap();
    let writer = index.writer().unwrap();
    (index, writer)
}

/// An index of a few documents.
fn searcher() -> Searcher {
    let (index, mut writer) = index();
    for (id, title) in [("1", "The quick fox"), ("2", "C++ for foxes"), ("3", "")] {
        writer
            .put(&json!({ "id": id, "title": title, "body": "the fox (quick) said \"a b\"", "year": 2001 }))
            .unwrap();
    }
    writer.commit().unwrap();
    index.searcher().unwrap()
}

fn count(index: &Index, query: &str) -> u64 {
    index.searcher().unwrap().count(query).unwrap()
}

/// It is of this kind, and its message has all of these and is short enough to
/// be read.
fn must_say(error: &Error, kind: ErrorKind, said: &[&str]) {
    let message = error.to_string();
    assert_eq!(error.kind(), kind, "{message}");
    for said in said {
        assert!(message.contains(said), "{said:?} is not in: {message}");
    }
    assert!(message.len() < 1000, "{} bytes: {message}", message.len());
}

#[test]
fn odd_texts_are_texts() {
    let (index, mut writer) = index();
    let odd = [
        "\0",
        "nul\0inside",
        "\u{feff}mark",
        "\u{202e}right\u{202c}",
        "e\u{301}\u{301}\u{301}\u{301}",
        "\u{301}",
        "\u{fffd}",
        "\u{10ffff}",
        "\u{d7ff}\u{e000}",
        "\r\n\t\u{b}\u{85}\u{2028}",
        "👩‍👩‍👧‍👦",
        "İ ı ß ﬃ ǅ",
        "\u{1}\u{2}*<b>&amp;</b>",
        "",
        " ",
    ];
    for (number, text) in odd.iter().enumerate() {
        writer
            .put(&json!({ "id": format!("{number}{text}"), "title": text, "body": [text, text], "tag": [text, "all"] }))
            .unwrap();
    }
    writer.commit().unwrap();
    index.verify().unwrap();
    let searcher = index.searcher().unwrap();
    assert_eq!(searcher.count("tag:all").unwrap(), odd.len() as u64);
    for (number, text) in odd.iter().enumerate() {
        let key = format!("{number}{text}");
        let found: Value = searcher.document(key.as_str()).unwrap().unwrap();
        assert_eq!(found["title"], *text);
        // As a keyword it is found as it is.
        let page = searcher
            .search(Query::term(*text).field("tag"))
            .run()
            .unwrap();
        let keys: Vec<_> = page.hits().map(|hit| hit.key().unwrap().unwrap()).collect();
        assert_eq!(keys, [key], "{text:?}");
        // As a query it is answered, and what it finds can be shown.
        for hit in &searcher.search(*text).run().unwrap() {
            hit.snippet("body").unwrap();
            hit.explain().unwrap();
        }
    }
    assert_eq!(searcher.count("title:nul").unwrap(), 1);
    writer.delete("0\0").unwrap();
    assert_eq!(
        writer.commit().unwrap().documents,
        odd.len() as u64 - 1,
        "a key with a zero byte"
    );
}

#[test]
fn nothing_is_a_document() {
    let schema = Schema::builder().text("body", Text::plain()).build();
    let index = Index::in_memory(schema.unwrap()).unwrap();
    let mut writer = index.writer().unwrap();
    writer.commit().unwrap();
    assert_eq!(count(&index, "*"), 0);
    for json in ["{}", r#"{"body":""}"#, r#"{"body":[]}"#, r#"{"body":null}"#] {
        writer.put_json(json).unwrap();
    }
    writer.put(&BTreeMap::<String, String>::new()).unwrap();
    writer.put_json(r#"{"body":["",""," - "]}"#).unwrap();
    writer.commit().unwrap();
    index.verify().unwrap();
    assert_eq!((count(&index, "*"), count(&index, "body:*")), (6, 0));
    writer.put_json(r#"{"body":"word"}"#).unwrap();
    writer.optimize().unwrap();
    index.verify().unwrap();
    assert_eq!((count(&index, "*"), count(&index, "word")), (7, 1));
}

/// Serialized as bytes, which need not be UTF-8.
struct Raw<'a>(&'a [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let (index, mut writer) = index();
    for field in ["id", "title", "tag"] {
        let document = BTreeMap::from([(field, Raw(b"\xff\xfe"))]);
        let error = writer.put(&document).unwrap_err();
        must_say(&error, ErrorKind::Document, &[field, "as a string"]);
    }
    // Half of a pair of surrogates, which JSON can write and UTF-8 can't.
    let error = writer
        .put_json(r#"{"id":"1","title":"\ud800"}"#)
        .unwrap_err();
    must_say(&error, ErrorKind::Document, &["column"]);
    writer.commit().unwrap();
    assert_eq!(count(&index, "*"), 0);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.tsv");
    std::fs::write(&path, b"q1\t\xff\t1\n").unwrap();
    for error in [
        Judgments::read(&path).unwrap_err(),
        read_topics(&path).unwrap_err(),
    ] {
        assert!(error.to_string().contains("broken.tsv"), "{error}");
        assert!(error.to_string().contains("UTF-8"), "{error}");
    }
}

#[test]
fn tokens_of_fifty_megabytes() {
    let (index, mut writer) = index();
    let huge = "x".repeat(50_000_000);
    let put = |writer: &mut Writer, field: &str, id: &str| {
        let document = BTreeMap::from([("id", id), (field, huge.as_str())]);
        writer.put(&document)
    };
    // In a text: left out of the terms, kept in the document.
    put(&mut writer, "body", "1").unwrap();
    // An exact value is found whole or not at all.
    let error = put(&mut writer, "tag", "2").unwrap_err();
    must_say(&error, ErrorKind::Document, &["\"tag\"", "32766"]);
    let error = writer
        .put(&BTreeMap::from([("id", huge.as_str())]))
        .unwrap_err();
    must_say(&error, ErrorKind::Document, &["\"id\"", "32766"]);
    let error = put(&mut writer, "year", "3").unwrap_err();
    must_say(&error, ErrorKind::Document, &["\"year\""]);
    writer
        .put(&json!({ "id": "4", "body": format!("word {huge} word") }))
        .unwrap();
    writer.commit().unwrap();
    index.verify().unwrap();
    assert_eq!((count(&index, "*"), count(&index, "word")), (2, 1));
    let searcher = index.searcher().unwrap();
    let found: Value = searcher.document("1").unwrap().unwrap();
    assert_eq!(found["body"], huge);
    let page = searcher.search("word").run().unwrap();
    let snippet = page.hit(0).unwrap().snippet("body").unwrap();
    assert!(snippet.text().len() < 2000, "{}", snippet.text().len());
    // What no term can be the beginning of finds nothing, and not all there is.
    for query in [
        Query::prefix(huge.as_str()).field("body"),
        Query::prefix("x".repeat(40_000)).field("title"),
        Query::parse(&format!("body:{huge}*")).query,
    ] {
        assert_eq!(searcher.count(&query).unwrap(), 0);
        assert_eq!(writer.delete_matching(&query).unwrap(), 0);
    }
    for query in [
        Query::parse(&huge).query,
        Query::phrase(format!("word {huge}")),
        Query::prefix(huge.as_str()).field("tag"),
        Query::prefix(huge.as_str()),
        Query::wildcard(huge.as_str()),
        Query::wildcard(format!("*{huge}")).field("tag"),
        Query::regex(huge.as_str()),
        Query::fuzzy(huge.as_str()),
        Query::fuzzy(huge.as_str()).field("tag"),
        Query::term(huge.as_str()).field("tag"),
    ] {
        match searcher.search(query).run() {
            Ok(page) => assert!(page.len() <= 1),
            Err(error) => must_say(&error, ErrorKind::Query, &[]),
        }
    }
}

#[test]
fn a_document_of_a_million_terms() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::options()
        .schema(schema())
        .create(folder.path())
        .unwrap();
    // Less memory than the document takes.
    let options = WriterOptions::default().memory(1 << 20);
    let mut writer = index.writer_with(options).unwrap();
    let words: Vec<String> = (0..1_000_000).map(|word| format!("w{word}")).collect();
    writer
        .put(&json!({ "id": "0", "body": "w7 small" }))
        .unwrap();
    writer
        .put(&json!({ "id": "1", "body": words.join(" ") }))
        .unwrap();
    writer
        .put(&json!({ "id": "2", "body": "w7 ".repeat(1_000_000) }))
        .unwrap();
    writer.commit().unwrap();
    index.verify().unwrap();
    let searcher = index.searcher().unwrap();
    for (query, expected) in [
        ("w999999", &["1"][..]),
        ("\"w499999 w500000 w500001\"", &["1"]),
        ("\"w500000 w499999\"", &[]),
        ("w99999*", &["1"]),
        ("w*", &["0", "1", "2"]),
        ("+w7 -small", &["1", "2"]),
        ("\"w7 w7 w7\"", &["2"]),
    ] {
        let page = searcher.search(query).count_exactly().run().unwrap();
        let mut keys: Vec<String> = page.hits().map(|hit| hit.key().unwrap().unwrap()).collect();
        keys.sort();
        assert_eq!(keys, expected, "{query}");
        for hit in &page {
            assert!(hit.snippet("body").unwrap().text().len() < 2000);
            assert_eq!(hit.explain().unwrap().value(), hit.score());
        }
    }
    let statistics = index.snapshot().unwrap().statistics("body");
    assert_eq!(statistics.total_length, 2_000_002);
}

#[test]
fn fields_that_are_not_there_are_named() {
    let (index, mut writer) = index();
    for document in [
        json!({ "id": "1", "colour": "red" }),
        json!({ "id": "1", "": "red" }),
    ] {
        let error = writer.put(&document).unwrap_err();
        must_say(&error, ErrorKind::Document, &["\"1\"", "field"]);
    }
    let error = writer.put_json(r#"{"id":"1","colour":"red"}"#).unwrap_err();
    must_say(&error, ErrorKind::Document, &["\"colour\""]);
    let error = writer.put(&json!({ "title": "no key" })).unwrap_err();
    must_say(&error, ErrorKind::Document, &["\"id\""]);
    for wrong in [json!(7), json!("text"), json!(null), json!([{ "id": "1" }])] {
        must_say(&writer.put(&wrong).unwrap_err(), ErrorKind::Document, &[]);
    }
    writer.commit().unwrap();
    assert_eq!(count(&index, "*"), 0);

    let searcher = searcher();
    let known = &["\"colour\"", "title"][..];
    for error in [
        searcher
            .search(Query::term("red").field("colour"))
            .run()
            .unwrap_err(),
        searcher
            .search("fox")
            .fields([("colour", 1.0)])
            .run()
            .unwrap_err(),
        searcher.count(Query::range("colour", 1..9)).unwrap_err(),
        writer
            .delete_matching(&Query::prefix("r").field("colour"))
            .unwrap_err(),
    ] {
        must_say(&error, ErrorKind::Query, known);
    }
    let sorted = searcher.search("fox").sort_by(Sort::ascending("colour"));
    for search in [sorted, searcher.search("fox").facet("colour", 3)] {
        let error = search.run().unwrap_err();
        must_say(&error, ErrorKind::Query, &["\"colour\"", "year"]);
        assert!(!error.to_string().contains("title"), "{error}");
    }
    let page = searcher.search("fox").run().unwrap();
    let hit = page.hit(0).unwrap();
    must_say(&hit.snippet("colour").unwrap_err(), ErrorKind::Query, known);
    // In a text of a query it may be a word with a colon.
    assert_eq!(searcher.count("colour:red fox").unwrap(), 3);
}

/// Ten good documents with bad ones between leave the same bytes as without.
#[test]
fn what_is_refused_leaves_no_trace() {
    let bad = [
        "",
        "{",
        "not json",
        r#"{"id":"2""#,
        r#"{"id":"2","year":"soon"}"#,
        r#"{"id":"2","id":"3"}"#,
        r#"{"id":["2","3"]}"#,
        r#"{"id":"2","body":{"nested":true}}"#,
        r#"{"id":"2","when":"yesterday"}"#,
        r#"{"id":"2","price":1e999}"#,
        r#"{"id":"2","colour":"red"}"#,
        r#"[1,2]"#,
        "{\"id\":\"2\u{0}",
        "nul\0",
    ];
    let run = |bad: &[&str]| {
        let directory = Memory::new();
        let index = Index::options()
            .schema(schema())
            .create_in(Arc::new(directory.clone()))
            .unwrap();
        let mut writer = index.writer().unwrap();
        for number in 0..10 {
            for json in bad {
                let error = writer.put_json(json).unwrap_err();
                must_say(&error, ErrorKind::Document, &[]);
            }
            writer
                .put(&json!({ "id": number.to_string(), "body": "a good one" }))
                .unwrap();
        }
        assert_eq!(writer.close().unwrap().put, 10);
        let names = directory.list().unwrap().into_iter();
        let read = names.map(|name| (name.clone(), directory.open(&name).unwrap().to_vec()));
        read.collect::<BTreeMap<_, _>>()
    };
    assert!(run(&bad) == run(&[]));
}

#[test]
fn a_search_box_answers_whatever_is_typed() {
    let searcher = searcher();
    for text in [
        "fox \"quick",
        "fox (quick",
        "fox quick)",
        "((((fox",
        "fox))))",
        "\"\"fox\"",
        "fox ()\"\"",
        "fox AND",
        "OR fox",
        "fox NOT",
        "+fox +",
        "fox -",
        "fox^",
        "fox~",
        "fox^^2",
        "fox title:",
        "title:(fox",
        "fox [1 TO",
        "fox year:",
        "fox year:(2001 OR ",
        "fox year:(2001 AND",
        "fox year:(NOT",
        "fox year:((",
        "fox \\",
        "C++ fox",
        "http://a.b/c?d=e&f#g fox",
        "fox C:\\temp",
        "\0fox",
    ] {
        let page = searcher.search(text).run().unwrap_or_else(|error| {
            panic!("{text}: {error}");
        });
        assert!(!page.is_empty(), "{text}");
    }
    // Refused if one asks for that, with the place.
    for (text, said) in [("fox \"quick", "\""), ("(fox", "("), ("fox)", ")")] {
        let error = Query::parse_strict(text).unwrap_err();
        must_say(&error, ErrorKind::Query, &[said, "^"]);
    }
    for nothing in ["", " ", "\"", "(", ")", "\"\"", "()", "\0", "!", "+-"] {
        assert_eq!(
            searcher.search(nothing).run().unwrap().len(),
            0,
            "{nothing:?}"
        );
    }
}

#[test]
fn giant_queries_are_refused_wherever_they_are_asked() {
    let searcher = searcher();
    let (_, mut writer) = index();
    let words = || (0..100_000).map(|number| format!("w{number}"));
    let list = words().collect::<Vec<_>>().join(" ");
    let deep = (0..10_000).fold(Query::term("fox"), |query, _| {
        Query::boolean([query.must()])
    });
    let boosted = (0..10_000).fold(Query::term("fox"), |query, _| query.boost(1.5));
    let giants = [
        (Query::any_of(words().map(Query::term)), "clauses"),
        (Query::all_of(words().map(Query::term)), "clauses"),
        (Query::words(&list).field("body"), "terms"),
        (Query::phrase(&list).field("body"), "terms"),
        (deep, "30 levels"),
        (boosted, "30 levels"),
    ];
    for (query, said) in &giants {
        for error in [
            searcher.search(query).run().unwrap_err(),
            searcher.count(query).unwrap_err(),
            searcher.search("fox").filter(query).run().unwrap_err(),
            searcher.statistics(query).unwrap_err(),
            writer.delete_matching(query).unwrap_err(),
        ] {
            must_say(&error, ErrorKind::Query, &[said]);
        }
    }
    for (text, said) in [
        (list.clone(), "clauses"),
        (words().map(|word| format!("+{word} ")).collect(), "clauses"),
        (format!("\"{list}\""), "terms"),
        (
            "(".repeat(10_000) + "fox" + &")".repeat(10_000),
            "30 levels",
        ),
        ("-(".repeat(10_000) + "fox", "30 levels"),
    ] {
        for error in [
            searcher.search(text.as_str()).run().unwrap_err(),
            searcher.count(text.as_str()).unwrap_err(),
            writer.delete_matching(text.as_str()).unwrap_err(),
        ] {
            must_say(&error, ErrorKind::Query, &[said]);
        }
    }
    // As JSON it can't get so deep.
    let json = format!(
        "{}\"all\"{}",
        r#"{"boost":["#.repeat(10_000),
        ",2.0]}".repeat(10_000)
    );
    serde_json::from_str::<Query>(&json).unwrap_err();
    // The largest that is allowed is answered.
    let most = Query::any_of((0..10_000).map(|number| Query::term(format!("fox{number}"))));
    assert_eq!(searcher.count(most).unwrap(), 0);
}

/// As many values as a document may well have, each of them another.
#[test]
fn a_document_of_many_values_is_counted_in_time() {
    const VALUES: u64 = 300_000;
    let schema = Schema::builder()
        .unsigned("n")
        .keyword("k")
        .build()
        .unwrap();
    let index = Index::in_memory(schema).unwrap();
    let mut writer = index.writer().unwrap();
    let numbers: Vec<u64> = (0..VALUES).map(|n| n * 7919 % VALUES).collect();
    let words: Vec<String> = numbers.iter().map(u64::to_string).collect();
    writer
        .put(&serde_json::json!({ "n": numbers, "k": words }))
        .unwrap();
    writer
        .put(&serde_json::json!({ "n": [7, 7, 8], "k": "7" }))
        .unwrap();
    writer.commit().unwrap();
    let searcher = index.searcher().unwrap();
    let begun = std::time::Instant::now();
    let search = searcher.search("*").facet("n", 3).facet("k", 2);
    let page = search.run().unwrap();
    let counts = |facet: usize| -> Vec<(&str, u64)> {
        let counts = page.facets()[facet].counts().iter();
        counts
            .map(|(value, count)| (value.as_str(), *count))
            .collect()
    };
    assert_eq!(counts(0), [("7", 2), ("8", 2), ("0", 1)]);
    assert_eq!(counts(1), [("7", 2), ("0", 1)]);
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

/// Ids of fields are numbers: another schema's mean other fields here.
#[test]
fn documents_of_another_schema_are_refused() {
    let (index, mut writer) = index();
    let keyed = || Schema::builder().key("id");
    for (other, json) in [
        (
            Schema::builder().text("body", Text::plain()),
            json!({ "body": "no key" }),
        ),
        (keyed().integer("title"), json!({ "id": "1", "title": 7 })),
        (
            keyed()
                .text("a", Text::plain())
                .text("b", Text::plain())
                .float("c"),
            json!({ "id": "1", "c": 1.5 }),
        ),
    ] {
        let document = Document::new(&other.build().unwrap(), &json).unwrap();
        let error = writer.put_document(document).unwrap_err();
        must_say(&error, ErrorKind::Document, &["another schema"]);
    }
    let document = Document::new(writer.schema(), &json!({ "id": "1", "title": "Foxes" })).unwrap();
    writer.put_document(document).unwrap();
    assert_eq!(writer.commit().unwrap().documents, 1);
    assert_eq!(count(&index, "foxes"), 1);
}

/// Thousands of threads would take half a minute for one document.
#[test]
fn any_number_of_threads_is_taken() {
    let index = Index::in_memory(schema()).unwrap();
    let options = WriterOptions::default().threads(usize::MAX);
    let mut writer = index.writer_with(options).unwrap();
    writer.put(&json!({ "id": "1", "title": "Foxes" })).unwrap();
    assert_eq!(writer.commit().unwrap().documents, 1);
}

#[test]
fn absurd_numbers_are_refused_or_mean_what_they_say() {
    let searcher = searcher();
    for (limit, offset) in [(usize::MAX, 0), (1, usize::MAX), (usize::MAX, usize::MAX)] {
        let search = searcher.search("fox").limit(limit).offset(offset);
        must_say(&search.run().unwrap_err(), ErrorKind::Limit, &["hit"]);
    }
    assert!(searcher.search("fox").limit(0).run().unwrap().is_empty());
    assert!(searcher.search("fox").offset(4).run().unwrap().is_empty());
    let page = searcher.search("fox").facet("year", usize::MAX).run();
    assert_eq!(page.unwrap().facets()[0].counts().len(), 1);
    for (k1, b) in [
        (f32::NAN, 0.5),
        (-1.0, 0.5),
        (f32::INFINITY, 0.5),
        (1.0, f32::NAN),
        (1.0, 1.5),
        (1.0, -0.1),
    ] {
        assert!(Bm25::new(k1, b).is_err(), "{k1}, {b}");
    }
    for boost in [f32::NAN, f32::INFINITY, -1.0] {
        let boosted = searcher.search(Query::term("fox").boost(boost)).run();
        must_say(&boosted.unwrap_err(), ErrorKind::Query, &["boost"]);
        let fields = searcher.search("fox").fields([("body", boost)]).run();
        must_say(&fields.unwrap_err(), ErrorKind::Query, &["boost"]);
    }
    // As good as one may be, a sum is still a number.
    let most = Query::term("fox").field("body").boost(1e30);
    let page = searcher
        .search(Query::any_of(vec![most.clone(); 5_000]))
        .run();
    assert_eq!(page.as_ref().unwrap().len(), 3);
    assert!(page.unwrap().hits().all(|hit| hit.score().is_finite()));
    for beyond in [
        most.boost(1.5),
        Query::term("fox").boost(f32::MAX),
        Query::all().boost(1e20).constant(f32::MAX),
        Query::range("year", 1..).boost(1e20).boost(1e20),
    ] {
        let error = searcher.search(beyond).run().unwrap_err();
        must_say(&error, ErrorKind::Query, &["boosts", "1e30"]);
    }
    let far = Query::phrase("fox quick said").slop(u32::MAX).field("body");
    assert_eq!(searcher.count(far).unwrap(), 3);
    let many = Query::boolean([Query::term("fox").should()]).at_least(u32::MAX);
    assert_eq!(searcher.count(many).unwrap(), 0);
    for (text, expected) in [
        ("year:[9 TO 1]", 0),
        ("year:[* TO *]", 3),
        ("year:[-9223372036854775808 TO 9223372036854775807]", 3),
        ("year:{2001 TO 2001}", 0),
        ("year:>9223372036854775807", 0),
    ] {
        assert_eq!(searcher.count(text).unwrap(), expected, "{text}");
    }
    let page = searcher.search("fox year:{9 TO 1}").run().unwrap();
    assert_eq!((page.len(), page.diagnostics().len()), (3, 1));
    let said = page.diagnostics()[0].to_string();
    assert!(
        said.contains("from 9 to 1") && said.contains("write year:{1 TO 9}"),
        "{said}"
    );
    for text in [
        "year:[a TO b]",
        "year:99999999999999999999",
        "price:>nan",
        "when:[soon TO later]",
    ] {
        // A text finds nothing and says so; a program's query is refused.
        let page = searcher.search(text).run().unwrap();
        assert_eq!((page.len(), page.diagnostics().len()), (0, 1), "{text}");
        let error = searcher.search("fox").filter(text).run().unwrap_err();
        must_say(&error, ErrorKind::Query, &["\""]);
        let query = Query::parse(text).query;
        must_say(
            &searcher.count(query).unwrap_err(),
            ErrorKind::Query,
            &["\""],
        );
    }
    // What is being typed is answered, too.
    let whole = "fox year:[2001 TO 2010] when:>2001-07-09 year:20*";
    for (end, _) in whole.char_indices() {
        assert!(searcher.search(&whole[..end]).run().is_ok(), "{end}");
    }
    let occurs = [Occur::Must, Occur::Should, Occur::MustNot, Occur::Filter];
    for occur in occurs {
        let clauses = vec![wordhoard::query::Clause::new(occur, Query::Nothing)];
        let query = Query::Boolean {
            clauses,
            minimum_should_match: u32::MAX,
        };
        searcher.search(query).run().unwrap();
    }
}
