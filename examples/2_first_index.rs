//! Lesson 2: how do I put documents in and find them again?
//!
//! Run it: `cargo run --example 2_first_index`

use serde_json::json;
use wordhoard::{Index, Schema, Text};

pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("articles.hoard");

    // The schema says what of a document is searched, and how.
    let schema = Schema::builder()
        .key("id")
        .text("body", Text::english())
        .build()?;
    let index = Index::options().schema(schema).create(&path)?;

    // One writer at a time. Nothing is seen by others before the commit.
    let mut writer = index.writer()?;
    writer.put(&json!({ "id": "1", "body": "A word-hoard is a store of words." }))?;
    writer.put(&json!({ "id": "2", "body": "Dragons guard hoards of gold." }))?;
    writer.put(&json!({ "id": "3", "body": "Gold doesn't rust." }))?;
    let receipt = writer.commit()?;
    assert_eq!(receipt.documents, 3);
    drop(writer);

    // Any number of searchers, here or in other processes.
    let searcher = Index::open(&path)?.searcher()?;
    let page = searcher.search("hoard of gold").run()?;
    for hit in &page {
        let snippet = hit.snippet("body")?;
        println!("{:.3}  {}", hit.score(), snippet.highlighted("[", "]"));
    }
    let best = page.hit(0).unwrap();
    assert_eq!(best.key()?.as_deref(), Some("2"));
    assert_eq!(page.len(), 3);

    println!("Read next: src/search/mod.rs; then lesson 3, typed documents");
    Ok(())
}
