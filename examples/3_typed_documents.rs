//! Lesson 3: how do my own types go in and come out, and what are fields other
//! than text good for?
//!
//! Run it: `cargo run --example 3_typed_documents`

use serde::{Deserialize, Serialize};
use wordhoard::search::Sort;
use wordhoard::{Date, ErrorKind, Index, Schema, Text};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Book {
    isbn: u64,
    title: String,
    published: Date,
    pages: Option<u32>,
    subjects: Vec<String>,
}

pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let schema = Schema::builder()
        .unsigned("isbn")
        .key("isbn")
        .text("title", Text::english())
        .date("published")
        .unsigned("pages")
        .keyword("subjects")
        .build()?;
    let index = Index::in_memory(schema)?;
    let mut writer = index.writer()?;
    let whale = Book {
        isbn: 1,
        title: "The natural history of whales".into(),
        published: "1839-05-01".parse()?,
        pages: Some(393),
        subjects: vec!["animals".into(), "sea".into()],
    };
    writer.put(&whale)?;
    writer.put(&Book {
        isbn: 2,
        title: "A history of the sea".into(),
        published: "1901-01-01".parse()?,
        pages: None,
        subjects: vec!["sea".into()],
    })?;

    // What doesn't fit is refused, and says why; the writer goes on.
    let refused = writer.put_json(r#"{"isbn": 3, "title": 7, "published": "1999-12-31"}"#);
    let error = refused.expect_err("a title is a text");
    println!("{error}");
    assert_eq!(error.kind(), ErrorKind::Document);
    writer.commit()?;

    let searcher = index.searcher()?;
    // A filter by what its field can't have is refused: the error says what a date looks like.
    let page = searcher.search("history").filter("published:soon").run();
    println!("{}", page.expect_err("soon is no date"));

    // A date in a query is all that it names: from the first moment of 1800 to the last of
    // May 1901.
    let page = searcher
        .search("history")
        .filter("published:[1800 TO 1901-05]")
        .sort_by(Sort::ascending("published"))
        .facet("subjects", 10)
        .run()?;
    let found: Vec<Book> = page
        .into_iter()
        .map(|hit| hit.document())
        .collect::<Result<_, _>>()?;
    assert_eq!(found[0], whale);
    println!("{:?}", page.facets());
    assert_eq!(page.facets()[0].counts()[0], ("sea".to_owned(), 2));

    println!("Read next: src/document/mod.rs; then lesson 4, phrases and explanations");
    Ok(())
}
