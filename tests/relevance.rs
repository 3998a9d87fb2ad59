//! Is what comes first what people judged relevant? The collections lie beside
//! the crate, in `../shared/data`; without them these tests skip, saying so.

use std::path::{Path, PathBuf};
use wordhoard::evaluation::{Judgments, Measure, Run, Topic, evaluate, read_topics};
use wordhoard::search::Bm25;
use wordhoard::{Index, Query, Schema, Text};

/// The collections, if they are there.
fn data(set: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = std::env::var_os("WORDHOARD_DATA").map_or(beside, PathBuf::from);
    let folder = data.join(set);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there is no collection at {}", folder.display());
    None
}

/// Whether title and text are one field or two.
#[derive(Clone, Copy, PartialEq)]
enum Fields {
    One,
    Two,
}

fn index(folder: &Path, fields: Fields, analyzer: &str) -> Index {
    let text = || Text::analyzer(analyzer);
    let schema = Schema::builder().key("id").text("text", text());
    let schema = match fields {
        Fields::One => schema,
        Fields::Two => schema.text("title", text()),
    };
    let index = Index::in_memory(schema.ignore_unknown().build().unwrap()).unwrap();
    let mut writer = index.writer().unwrap();
    for line in std::fs::read_to_string(folder.join("docs.jsonl"))
        .unwrap()
        .lines()
    {
        let mut document: serde_json::Value = serde_json::from_str(line).unwrap();
        if fields == Fields::One {
            let part = |name: &str| document[name].as_str().unwrap_or("").to_owned();
            let whole = format!("{} {}", part("title"), part("text"));
            document["text"] = whole.into();
        }
        writer.put(&document).unwrap();
    }
    writer.commit().unwrap();
    index
}

fn measure(set: &str, fields: Fields, analyzer: &str, bm25: (f32, f32), name: &str) -> Option<f64> {
    let folder = data(set)?;
    let index = index(&folder, fields, analyzer);
    let searcher = index.searcher().unwrap();
    let judgments = Judgments::read(folder.join("qrels.tsv")).unwrap();
    let mut run = Run::new("wordhoard");
    for Topic { id, text, .. } in read_topics(folder.join("queries.jsonl")).unwrap() {
        if judgments.grades(&id).is_none() {
            continue;
        }
        let search = searcher.search(Query::words(&text)).limit(1000);
        let page = search
            .bm25(Bm25::new(bm25.0, bm25.1).unwrap())
            .run()
            .unwrap();
        let hits = page.hits();
        run.add(
            &id,
            hits.map(|hit| (hit.key().unwrap().unwrap(), f64::from(hit.score()))),
        );
    }
    let measures = Measure::list(name).unwrap();
    let value = evaluate(&judgments, &run, &measures)
        .mean(measures[0])
        .unwrap();
    println!("{set}, {analyzer}: {name} {value:.4}");
    Some(value)
}

/// nDCG@10 under k1 = 0.9, b = 0.4.
fn check(set: &str, fields: Fields, bar: f64) {
    if let Some(value) = measure(set, fields, "english", (0.9, 0.4), "ndcg@10") {
        assert!(value >= bar, "{set}: nDCG@10 is {value:.4}, below {bar}");
    }
}

/// MRR@10 under k1 = 1.2, b = 0.75, as the collections' description has it.
fn check_language(set: &str, analyzer: &str, plain_bm25: f64) {
    if let Some(value) = measure(set, Fields::One, analyzer, (1.2, 0.75), "mrr@10") {
        let bar = 0.98 * plain_bm25;
        assert!(value >= bar, "{set}: MRR@10 is {value:.4}, below {bar:.4}");
    }
}

/// Published for Lucene: 0.6789.
#[test]
fn scifact_in_one_field() {
    check("scifact", Fields::One, 0.673);
}

/// Published for Lucene: 0.6647.
#[test]
fn scifact_in_two_fields() {
    check("scifact", Fields::Two, 0.660);
}

#[test]
fn cranfield() {
    check("cranfield", Fields::One, 0.98 * 0.3578);
}

#[test]
fn time() {
    check("time", Fields::One, 0.98 * 0.7080);
}

#[test]
fn adi() {
    check("adi", Fields::One, 0.98 * 0.4737);
}

#[test]
fn cystic_fibrosis() {
    check("cystic-fibrosis", Fields::One, 0.98 * 0.4965);
}

#[test]
fn english_questions() {
    check_language("multilingual/xquad/en", "english", 0.9573);
}

#[test]
fn spanish_questions() {
    check_language("multilingual/xquad/es", "spanish", 0.9505);
}

#[test]
fn russian_questions() {
    check_language("multilingual/xquad/ru", "russian", 0.9395);
}

#[test]
fn turkish_questions() {
    check_language("multilingual/xquad/tr", "turkish", 0.9228);
}

/// There is no stemmer for Hindi: compared with plain words.
#[test]
fn hindi_questions() {
    check_language("multilingual/xquad/hi", "plain", 0.9311);
}

#[test]
fn chinese_questions() {
    check_language("multilingual/xquad/zh", "cjk", 0.9535);
}

#[test]
fn japanese_questions() {
    check_language("multilingual/jaquad-dev", "cjk", 0.8891);
}
