//! Threat: a process that goes to another folder, as daemons do, loses its index.
//!
//! The folder is the whole process's, so this test has a program of its own.

use std::error::Error;
use wordhoard::{Index, Schema, Text, Writer};

#[test]
fn an_index_stays_where_it_was_opened() -> Result<(), Box<dyn Error>> {
    let (here, elsewhere) = (tempfile::tempdir()?, tempfile::tempdir()?);
    std::env::set_current_dir(&here)?;
    let schema = Schema::builder().key("id").text("body", Text::plain());
    let index = Index::options()
        .schema(schema.build()?)
        .create("deep/i.hoard")?;
    let mut writer = index.writer()?;
    let put = |writer: &mut Writer, id: u32| {
        writer.put(&serde_json::json!({ "id": id.to_string(), "body": "whale" }))
    };
    put(&mut writer, 1)?;
    writer.commit()?;
    std::env::set_current_dir(&elsewhere)?;
    put(&mut writer, 2)?;
    writer.optimize()?;
    writer.close()?;
    assert_eq!(index.searcher()?.count("whale")?, 2);
    index.verify()?;
    assert_eq!(std::fs::read_dir(&elsewhere)?.count(), 0);
    let again = Index::open(here.path().join("deep/i.hoard"))?;
    assert_eq!(again.searcher()?.count("whale")?, 2);
    // What people read is what they gave.
    let error = Index::open("no.hoard").unwrap_err().to_string();
    assert!(
        !error.contains(elsewhere.path().to_str().unwrap()),
        "{error}"
    );
    std::env::set_current_dir("/")?;
    Ok(())
}
