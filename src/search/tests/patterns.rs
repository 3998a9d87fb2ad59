//! Terms that look so and so: in which fields, how they are written, and what is said.

use super::near::hits;
use super::*;
use crate::error::ErrorKind;
use serde_json::json;

fn searcher() -> Searcher {
    let schema = Schema::builder()
        .text("plain", Text::plain())
        .text("stemmed", Text::english())
        .keyword("path")
        .unsigned("year")
        .build()
        .unwrap();
    let index = Index::in_memory(schema).unwrap();
    let mut writer = index.writer().unwrap();
    for document in [
        json!({ "plain": "The Whale", "path": "src/main.rs", "year": 1851 }),
        json!({ "plain": "a while ago", "path": "src/Lib.rs" }),
        json!({ "plain": "Wahlverwandtschaften", "stemmed": "happily whaling", "path": "a*b" }),
        json!({ "plain": "what?no", "stemmed": "Zoölogy", "path": "notes.md" }),
    ] {
        writer.put(&document).unwrap();
    }
    writer.commit().unwrap();
    index.searcher().unwrap()
}

/// It would be the beginning of any, were it cut to nothing.
#[test]
fn what_is_longer_than_any_term_begins_none() {
    let searcher = searcher();
    let long = Query::prefix("w".repeat(crate::analysis::MAX_TERM_BYTES + 1));
    for field in ["plain", "stemmed", "path"] {
        assert_eq!(searcher.count(long.clone().field(field)).unwrap(), 0);
    }
    assert_eq!(searcher.count(Query::prefix("").field("plain")).unwrap(), 4);
}

#[test]
fn terms_that_look_so_are_found() {
    let searcher = searcher();
    assert_eq!(hits(&searcher, "plain:wh?le"), [0, 1]);
    assert_eq!(hits(&searcher, "wh?le"), [0, 1, 2]);
    assert_eq!(hits(&searcher, "plain:WH*E"), [0, 1]);
    assert_eq!(hits(&searcher, "plain:*wand*"), [2]);
    assert_eq!(hits(&searcher, "*schaften"), [2]);
    // Stems, and folded.
    assert_eq!(hits(&searcher, "stemmed:*appi*"), [2]);
    assert_eq!(hits(&searcher, "stemmed:Z?ÖLO*"), [3]);
    // Keywords as they are.
    assert_eq!(hits(&searcher, "path:*.rs"), [0, 1]);
    assert!(hits(&searcher, "path:*lib*").is_empty());
    assert_eq!(hits(&searcher, r#"path:"a\\*?"~?"#), [2]);
    assert_eq!(hits(&searcher, r#"path:".*/[A-L].*|.*\\.md"~/"#), [1, 3]);
    // Among the letters of a text; a question mark of a sentence is none.
    assert_eq!(hits(&searcher, "while?"), [1]);
    assert!(hits(&searcher, "plain:x.y/wh?le=1").is_empty());
    let scores: Vec<f32> = searcher
        .search("plain:wh*le^2")
        .run()
        .unwrap()
        .hits()
        .map(|hit| hit.score())
        .collect();
    assert_eq!(scores, [2.0, 2.0]);
}

#[test]
fn what_was_found_is_shown() {
    let searcher = searcher();
    let page = searcher.search("w?ale +path:src*").run().unwrap();
    let hit = page.hit(0).unwrap();
    assert_eq!(
        hit.snippet("plain").unwrap().to_html(),
        "The <mark>Whale</mark>"
    );
    let explained = hit.explain().unwrap().to_string();
    assert!(explained.contains("\"w?ale\"~? in plain"), "{explained}");
}

#[test]
fn what_is_no_pattern_is_said() {
    let searcher = searcher();
    let page = searcher.search(r#"plain:whale "wh[ale"~/"#).run().unwrap();
    assert_eq!(page.len(), 1);
    let said = page.diagnostics()[0].to_string();
    assert!(
        said.contains("at byte 2 this bracket is never closed"),
        "{said}"
    );
    let page = searcher.search("year:18*1").run().unwrap();
    assert!(page.is_empty());
    assert!(page.diagnostics()[0].message.contains("year"));
    for refused in [
        Query::regex("wh[ale"),
        Query::wildcard("w".repeat(128)),
        Query::wildcard("18*1").field("year"),
        Query::regex("18.1").field("year"),
    ] {
        let error = searcher.search(refused).run().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Query);
    }
    // What analysis makes of it may be too long, and then finds nothing.
    let longer = Query::wildcard("İ*".repeat(50)).field("stemmed");
    assert!(searcher.search(longer).run().unwrap().is_empty());
    let filter = r#"-path:"re[d"~/"#;
    let error = searcher.search("*").filter(filter).run().unwrap_err();
    assert!(error.to_string().contains("never closed"), "{error}");
    let many = Query::any_of((0..400).map(|n| Query::wildcard(format!("a*{n}"))));
    let error = searcher.search(many).run().unwrap_err();
    assert!(
        error.to_string().contains("a pattern counts as 32"),
        "{error}"
    );
}
