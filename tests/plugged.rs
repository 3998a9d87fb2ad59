//! Threat: analyzers that others write. They are remembered by an index, run
//! once for each word, and do no harm, whatever they do.

use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wordhoard::analysis::{
    Analyzer, AnalyzerBuilder, Analyzers, Filter, FilterKind, Token, Tokenizer,
};
use wordhoard::storage::Memory;
use wordhoard::{ErrorKind, Index, Result, Schema, Text, WriterOptions};

/// A registry with the analyzer "own".
fn own(analyzer: AnalyzerBuilder) -> Analyzers {
    let mut analyzers = Analyzers::default();
    analyzers
        .register("own", analyzer.build().unwrap())
        .unwrap();
    analyzers
}

fn create(directory: &Memory, analyzers: Analyzers) -> Index {
    let schema = Schema::builder()
        .key("id")
        .text("body", Text::analyzer("own"))
        .build()
        .unwrap();
    let options = Index::options().schema(schema).analyzers(analyzers);
    options.create_in(Arc::new(directory.clone())).unwrap()
}

fn with(analyzer: AnalyzerBuilder) -> Index {
    create(&Memory::new(), own(analyzer))
}

/// Turns words round, and counts how often it is asked.
#[derive(Debug)]
struct Reverse(Arc<AtomicUsize>);

impl Filter for Reverse {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        self.0.fetch_add(1, Ordering::Relaxed);
        emit(&term.chars().rev().collect::<String>());
    }
}

#[test]
fn an_index_remembers_its_analyzers() {
    let reverse = || {
        Analyzer::builder()
            .filter(FilterKind::Lowercase)
            .custom_filter("reverse", Reverse(Arc::default()))
    };
    let directory = Memory::new();
    let index = create(&directory, own(reverse()));
    let mut writer = index.writer().unwrap();
    writer
        .put(&json!({ "id": "1", "body": "Desserts stressed" }))
        .unwrap();
    writer.commit().unwrap();
    assert_eq!(index.searcher().unwrap().count("DESSERTS").unwrap(), 1);
    drop(writer);
    let open = |analyzers: Analyzers| -> Result<Index> {
        Index::options()
            .analyzers(analyzers)
            .open_in(Arc::new(directory.clone()))
    };
    let searcher = open(own(reverse())).unwrap().searcher().unwrap();
    let page = searcher.search("stressed").run().unwrap();
    let snippet = page.hit(0).unwrap().snippet("body").unwrap();
    assert_eq!(snippet.highlighted("[", "]"), "Desserts [stressed]");
    // It can't be guessed, and isn't taken for another.
    let error = open(Analyzers::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(error.to_string().contains("\"reverse\""), "{error}");
    let error = open(own(Analyzer::builder().filter(FilterKind::Lowercase))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
}

/// Not first when something is searched or written.
#[test]
fn a_new_field_of_an_unknown_analyzer_is_refused_at_once() {
    let directory = Memory::new();
    let index = create(&directory, own(Analyzer::builder()));
    for title in [
        Text::analyzer("klingon"),
        Text::plain().query_analyzer("klingon"),
    ] {
        let wider = Schema::builder()
            .key("id")
            .text("body", Text::analyzer("own"))
            .text("title", title);
        let options = Index::options().schema(wider.build().unwrap());
        let error = options.open_in(Arc::new(directory.clone())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Schema);
        assert!(
            error.to_string().contains("no analyzer \"klingon\""),
            "{error}"
        );
    }
    assert_eq!(index.searcher().unwrap().count("*").unwrap(), 0);
}

#[test]
fn filters_run_once_for_each_distinct_word() {
    let calls = Arc::new(AtomicUsize::new(0));
    let index = with(Analyzer::builder().custom_filter("count", Reverse(calls.clone())));
    let mut writer = index
        .writer_with(WriterOptions::default().threads(1))
        .unwrap();
    for number in 0..1_000 {
        let body = format!("one two three w{} {}", number % 10, "one ".repeat(50));
        writer
            .put(&json!({ "id": number.to_string(), "body": body }))
            .unwrap();
    }
    writer.commit().unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 13, "of 54,000 words");
}

#[derive(Debug)]
struct Panics;

impl Filter for Panics {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        assert!(term != "bomb", "as it was told to");
        emit(term);
    }
}

#[test]
fn one_that_panics_costs_what_was_not_committed() {
    let index = with(Analyzer::builder().custom_filter("panics", Panics));
    let mut writer = index.writer().unwrap();
    let put = |writer: &mut wordhoard::Writer, id: u32, body: &str| {
        writer.put(&json!({ "id": id.to_string(), "body": body }))
    };
    put(&mut writer, 1, "fine").unwrap();
    writer.commit().unwrap();
    put(&mut writer, 2, "fine too").unwrap();
    put(&mut writer, 3, "a bomb").unwrap();
    // Again and again, lest what is left pass for the whole.
    for said in ["panicked", "earlier error", "earlier error"] {
        let error = writer.commit().unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.to_string().contains("roll back"), "{error}");
    }
    assert_eq!(index.searcher().unwrap().count("fine").unwrap(), 1);
    writer.rollback().unwrap();
    put(&mut writer, 4, "fine again").unwrap();
    writer.commit().unwrap();
    assert_eq!(index.searcher().unwrap().count("fine").unwrap(), 2);
    index.verify().unwrap();
}

/// Says nothing true of where its tokens are.
#[derive(Debug)]
struct Liar;

impl Tokenizer for Liar {
    fn tokenize<'t>(&self, text: &'t str, emit: &mut dyn FnMut(Token<'t>)) {
        for (number, word) in text.split(' ').enumerate() {
            let far = (number as u32).wrapping_mul(1_431_655_765);
            for (start, end, position) in [
                (0, 0, far),
                (usize::MAX, 3, 0),
                (1, usize::MAX, u32::MAX),
                (2, 1, 7),
                (text.len(), text.len() + 9, 7),
            ] {
                emit(Token {
                    text: word,
                    start,
                    end,
                    position,
                });
            }
        }
    }
}

/// Emits nothing, emptiness, and more than a term can be.
#[derive(Debug)]
struct Extreme;

impl Filter for Extreme {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        if term.starts_with('n') {
            return;
        }
        emit("");
        emit(&term.repeat(100_000));
        (0..100).for_each(|number| emit(&format!("{term}{number}")));
        emit("\0\u{10ffff}");
    }
}

#[test]
fn nonsense_is_an_error_or_harmless() {
    for analyzer in [
        Analyzer::builder().custom_tokenizer("liar", Liar),
        Analyzer::builder().custom_filter("extreme", Extreme),
        Analyzer::builder()
            .custom_tokenizer("liar", Liar)
            .custom_filter("extreme", Extreme),
    ] {
        let index = with(analyzer);
        let mut writer = index.writer().unwrap();
        for id in 0..20 {
            let body = ["été né one two three", "naïve one", ""][id % 3];
            // What can't be indexed may be refused.
            let put = writer.put(&json!({ "id": id.to_string(), "body": [body, body] }));
            put.unwrap_or_else(|error| assert_eq!(error.kind(), ErrorKind::Document));
        }
        if let Err(error) = writer.commit() {
            assert!(!error.to_string().contains("panicked"), "{error}");
            continue;
        }
        index.verify().unwrap();
        let searcher = index.searcher().unwrap();
        for query in ["one", "\"one two\"", "naïve -two", "on*", "\"one three\"~5"] {
            let page = searcher.search(query).run().unwrap();
            for hit in &page {
                let _ = hit.snippet("body");
                hit.explain().unwrap();
            }
        }
        writer.optimize().unwrap();
        index.verify().unwrap();
    }
}
