//! What a hit's snippet marks is what the index found.

use crate::analysis::{Analyzer, Analyzers, FilterKind, TokenizerKind};
use crate::document::{Schema, Text};
use crate::index::Index;
use crate::storage::Memory;
use serde_json::json;
use std::sync::Arc;

/// The best hit's snippet, of `body`.
fn marked(index: &Index, query: &str, characters: usize) -> String {
    let page = index.searcher().unwrap().search(query).run().unwrap();
    let hit = page.hit(0).unwrap();
    let snippet = hit.snippet_of("body", characters).unwrap();
    snippet.highlighted("[", "]")
}

fn index(text: Text, body: serde_json::Value) -> Index {
    let mut analyzers = Analyzers::default();
    let whole = Analyzer::builder()
        .tokenizer(TokenizerKind::Whole)
        .filter(FilterKind::Lowercase);
    analyzers.register("whole", whole.build().unwrap()).unwrap();
    let schema = Schema::builder().text("body", text).build().unwrap();
    let options = Index::options().schema(schema).analyzers(analyzers);
    let index = options.create_in(Arc::new(Memory::new())).unwrap();
    let mut writer = index.writer().unwrap();
    writer.put(&json!({ "body": body })).unwrap();
    writer.commit().unwrap();
    index
}

/// A phrase reaches over no two values; and what takes a value as one term finds
/// each by itself.
#[test]
fn values_are_marked_one_by_one() {
    let values = json!(["a white whale", "", "swam", "a whale swam"]);
    let plain = index(Text::plain(), values.clone());
    for (query, expected) in [
        (
            "\"white whale\" white",
            "a [white] [whale]\n\nswam\na whale swam",
        ),
        ("\"whale swam\"", "a white whale\n\nswam\na [whale] [swam]"),
        ("\"swam a\" white", "a [white] whale\n\nswam\na whale swam"),
    ] {
        assert_eq!(marked(&plain, query, 100), expected, "{query}");
    }
    let whole = index(Text::analyzer("whole"), values);
    assert_eq!(
        marked(&whole, "swam", 100),
        "a white whale\n\n[swam]\na whale swam"
    );
}

/// What is no phrase word by word is one with some slop; the passage is where.
#[test]
fn a_sloppy_phrase_is_shown_where_it_is() {
    let dull = "nothing of note for a long while, ".repeat(20);
    let text = format!("{dull}then a whale, large and white, {dull}");
    let index = index(Text::plain(), json!(text));
    for query in [
        "\"whale and white\"~1",
        "\"white whale\"~4",
        "\"whale white\"~2",
    ] {
        let marked = marked(&index, query, 40);
        assert!(marked.contains("[whale]"), "{query}: {marked}");
        assert!(marked.contains("[white]"), "{query}: {marked}");
    }
}
