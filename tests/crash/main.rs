//! Threat: everything stops in the middle. The power fails, an operation
//! fails, the disk is full, the process is killed.
//!
//! What was committed is there afterwards, to the last document: the index is
//! that of the last commit that returned, or of the one under way; it is whole;
//! the next writer goes on from it, and leaves nothing lying about.

mod command_line;
mod disk;
mod failing;
mod full;
mod joining;
mod killed;
mod lock;
mod power;
#[path = "../cli/program.rs"]
mod program;
mod work;

use serde_json::{Value, json};
use std::path::Path;
use wordhoard::{Index, Query, Schema, Text};

fn schema() -> Schema {
    Schema::builder()
        .key("id")
        .text("body", Text::plain())
        .keyword("tag")
        .build()
        .unwrap()
}

fn document(key: u32, version: u32, words: u32) -> Value {
    // Words that don't compress, so that sizes are what they seem.
    let mut state = u64::from(key) << 32 | u64::from(version);
    let mut word = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        format!("w{:x}", state >> 40)
    };
    let body: Vec<String> = (0..words).map(|_| word()).collect();
    json!({
        "id": key.to_string(),
        "body": format!("all v{version} {}", body.join(" ")),
        "tag": format!("t{}", key % 3),
    })
}

/// The documents that an index should have, in order.
type Documents = Vec<Value>;

/// All documents of an index, which must be whole.
fn documents(index: &Index) -> Documents {
    index.verify().unwrap();
    let searcher = index.searcher().unwrap();
    let page = searcher.search(Query::all()).limit(10_000).run().unwrap();
    let documents: Documents = page.hits().map(|hit| hit.document().unwrap()).collect();
    // By another way: each has this word.
    assert_eq!(searcher.count("all").unwrap() as usize, documents.len());
    documents
}

/// After the next writer, nothing of what was killed is left.
fn only_needed_files(index: &Index, folder: &Path) {
    index.writer().unwrap().close().unwrap();
    let segments = index.snapshot().unwrap().parts().len();
    let files = std::fs::read_dir(folder).unwrap();
    let segment = |name: &str| name.ends_with(".hoard");
    let names: Vec<String> = files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        names.iter().filter(|name| segment(name)).count(),
        segments,
        "{names:?}"
    );
    assert!(
        !names.iter().any(|name| name.ends_with(".new")),
        "{names:?}"
    );
}
