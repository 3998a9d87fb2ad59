//! Lesson 4: how do I ask precisely, and why did this document win?
//!
//! Run it: `cargo run --example 4_phrases_and_explain`

use serde_json::json;
use wordhoard::{Index, Query, Schema, Text};

pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let schema = Schema::builder()
        .text("title", Text::english().boost(2.0))
        .text("body", Text::english())
        .build()?;
    let index = Index::in_memory(schema)?;
    let mut writer = index.writer()?;
    for (title, body) in [
        (
            "The quick fox",
            "A quick brown fox jumps over the lazy dog.",
        ),
        ("Brown bears", "Quick they are not; a fox is brown, too."),
        ("C++ for foxes", "Even a fox needs usb-c."),
    ] {
        writer.put(&json!({ "title": title, "body": body }))?;
    }
    writer.commit()?;
    let searcher = index.searcher()?;

    for query in [
        "quick fox",
        "+quick +fox -dog",
        r#""quick fox""#,
        r#"body:"quick fox"~1"#,
        "bro* title:b?ar",
        "foks~",
        "C++ usb-c",
    ] {
        let page = searcher.search(query).count_exactly().run()?;
        println!("{query:<24} {:?}", page.total());
    }

    // Whatever is typed gets an answer; what it was not taken as is said.
    let page = searcher.search("fox \"quick").run()?;
    println!("{}", page.diagnostics()[0]);

    // The same as data, and back to text.
    let query = (Query::term("fox").field("title") | Query::phrase("brown fox"))
        .filter(Query::prefix("qui"));
    println!("{query}");
    assert_eq!(Query::parse(&query.to_string()).query, query);

    // A score, taken apart; the numbers add up.
    let page = searcher.search("quick fox").run()?;
    let explanation = page.hit(0).unwrap().explain()?;
    println!("{explanation}");
    assert_eq!(explanation.value(), page.hit(0).unwrap().score());
    let sum: f32 = explanation
        .details()
        .iter()
        .fold(0.0, |sum, part| sum + part.value());
    assert_eq!(sum, explanation.value());

    println!(
        "Read next: src/query/mod.rs and src/search/bm25.rs; then lesson 5, updates and snapshots"
    );
    Ok(())
}
