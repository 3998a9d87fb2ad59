//! Lesson 5: what happens to searches while the index changes?
//!
//! Run it: `cargo run --example 5_updates_and_snapshots`

use serde_json::json;
use wordhoard::{ErrorKind, Index, Schema, Text};

pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let schema = Schema::builder()
        .key("id")
        .text("body", Text::english())
        .build()?;
    let index = Index::options().schema(schema).create(folder.path())?;
    let mut writer = index.writer()?;
    writer.put(&json!({ "id": "a", "body": "a red fox" }))?;
    writer.put(&json!({ "id": "b", "body": "a grey wolf" }))?;
    writer.commit()?;

    // A searcher stays at its commit, whatever comes after.
    let before = index.searcher()?;

    // The same key again replaces the document; keys and queries delete.
    writer.put(&json!({ "id": "a", "body": "a silver fox" }))?;
    writer.delete("b")?;
    writer.delete_matching("body:dragon")?;
    assert_eq!(
        index.searcher()?.count("silver")?,
        0,
        "it is not committed yet"
    );
    let receipt = writer.commit()?;
    println!("{receipt:?}");

    let after = index.searcher()?;
    assert_eq!(
        (
            before.count("red")?,
            before.count("wolf")?,
            before.count("silver")?
        ),
        (1, 1, 0)
    );
    assert_eq!(
        (
            after.count("red")?,
            after.count("wolf")?,
            after.count("silver")?
        ),
        (0, 0, 1)
    );

    // Changes that are not committed can be taken back; a crash does the same.
    writer.put(&json!({ "id": "c", "body": "a blue whale" }))?;
    writer.rollback()?;
    writer.commit()?;
    assert_eq!(index.searcher()?.count("whale")?, 0);

    // There is one writer; a second one is told who has the lock.
    let second = index.writer().expect_err("there is one");
    println!("{second}");
    assert_eq!(second.kind(), ErrorKind::Locked);

    // All in one segment again, without what is deleted.
    let receipt = writer.optimize()?;
    assert_eq!((receipt.documents, receipt.segments), (1, 1));

    println!("Read next: src/index/mod.rs, how a commit survives anything");
    Ok(())
}
