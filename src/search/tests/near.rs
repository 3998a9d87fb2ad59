//! Fuzzy words: what each counts, what isn't one, and what is said of them.

use super::*;
use crate::error::ErrorKind;
use serde_json::{Value, json};

fn schema() -> Schema {
    Schema::builder()
        .text("plain", Text::plain())
        .text("stemmed", Text::english())
        .keyword("tag")
        .unsigned("year")
        .build()
        .unwrap()
}

fn searcher(documents: &[Value]) -> Searcher {
    let index = Index::in_memory(schema()).unwrap();
    let mut writer = index.writer().unwrap();
    for document in documents {
        writer.put(document).unwrap();
    }
    writer.commit().unwrap();
    index.searcher().unwrap()
}

/// The numbers of the hits, the best first.
pub(super) fn hits(searcher: &Searcher, query: &str) -> Vec<u32> {
    let page = searcher.search(query).run().unwrap();
    assert_eq!(page.diagnostics(), [], "{query}");
    page.hits().map(|hit| hit.number()).collect()
}

/// A misspelling that hardly anybody makes counts no more than the word, though it is
/// rare; and less, the farther it is.
#[test]
fn the_nearest_lends_its_weight() {
    let plain = |text: &str| json!({ "plain": text });
    let searcher = searcher(&[
        plain("a governmant"),
        plain("a government"),
        plain("of government"),
        plain("my government"),
        plain("a gouvernement"),
    ]);
    assert_eq!(hits(&searcher, "government~"), [1, 2, 3, 0, 4]);
    assert_eq!(hits(&searcher, "government~1"), [1, 2, 3, 0]);
    let page = searcher.search("governmant^3 government~1").run().unwrap();
    assert_eq!(page.hit(0).unwrap().number(), 0);
    // Two are as near: that which is frequent counts as the nearest.
    let explained = searcher.search("govermnent~").run().unwrap();
    let explained = explained.hit(0).unwrap().explain().unwrap().to_string();
    for said in [
        "\"government\" in plain, an edit from \"govermnent\"",
        "idf of \"government\", the nearest, in 3 of 5 documents",
        "boost, less what the edits cost",
    ] {
        assert!(explained.contains(said), "{explained}");
    }
    let value = |query: &str| {
        let page = searcher.search(query).run().unwrap();
        page.hit(0).unwrap().score()
    };
    // One edit of ten characters.
    assert_eq!(value("govermnent~"), value("government^0.9"));
}

/// Nothing is changed in it, and nothing taken off.
#[test]
fn the_word_itself_is_explained_as_a_word() {
    let searcher = searcher(&[json!({ "plain": "a fox" }), json!({ "plain": "an ox" })]);
    let page = searcher.search("plain:fox~").run().unwrap();
    let explained = page.hit(0).unwrap().explain().unwrap().to_string();
    assert!(explained.contains("\"fox\" in plain"), "{explained}");
    for said in ["from", "less what the edits cost"] {
        assert!(!explained.contains(said), "{explained}");
    }
    // Of two letters none can be another.
    assert_eq!(hits(&searcher, "plain:ox~"), [1]);
    assert_eq!(hits(&searcher, "plain:fo~"), [] as [u32; 0]);
    let page = searcher.search("plain:foxes~2").run().unwrap();
    let explained = page.hit(0).unwrap().explain().unwrap().to_string();
    assert!(
        explained.contains(", 2 edits from \"foxes\""),
        "{explained}"
    );
}

#[test]
fn what_analysis_leaves_is_compared() {
    let searcher = searcher(&[
        json!({ "stemmed": "He was running", "tag": "New York", "year": 1999 }),
        json!({ "stemmed": "usb-c", "plain": "usb-c", "tag": "York", "year": 2001 }),
        json!({ "plain": "x".repeat(70) }),
    ]);
    // Stems, in their language.
    assert_eq!(hits(&searcher, "stemmed:RUNNNING~1"), [0]);
    // A stop word is none.
    assert_eq!(hits(&searcher, "stemmed:(the~1 running)"), [0]);
    // But where it is a word, to which nothing is near, it must match all the same.
    assert!(hits(&searcher, "+the~1 running").is_empty());
    // Several terms are a phrase, as they are.
    assert_eq!(hits(&searcher, "usb-c~"), [1]);
    assert_eq!(hits(&searcher, "usc-b~"), [0u32; 0]);
    // A keyword is one term, case and all.
    assert_eq!(hits(&searcher, "tag:\"New Yrok\"~=~1"), [0]);
    assert_eq!(hits(&searcher, "tag:york~"), [1]);
    assert_eq!(hits(&searcher, "tag:yorc~1"), [0u32; 0]);
    // Numbers and long words are what they are.
    assert_eq!(hits(&searcher, "year:2001~"), [1]);
    assert_eq!(hits(&searcher, &format!("plain:{}~", "x".repeat(70))), [2]);
    assert_eq!(
        hits(&searcher, &format!("plain:{}~", "x".repeat(69))),
        [0u32; 0]
    );
    // Of one letter nothing would be left.
    assert_eq!(hits(&searcher, "plain:b~2"), [0u32; 0]);
}

#[test]
fn hits_of_misspelt_words_are_marked() {
    let searcher = searcher(&[json!({ "plain": "a white whale" })]);
    let page = searcher.search("whlae~").run().unwrap();
    let snippet = page.hit(0).unwrap().snippet("plain").unwrap();
    assert_eq!(snippet.highlighted("[", "]"), "a white [whale]");
}

#[test]
fn too_many_and_too_far_are_refused() {
    let searcher = searcher(&[json!({ "plain": "whale" })]);
    let refused = |query: Query, said: &str| {
        let error = searcher.search(query).run().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Query);
        assert!(error.to_string().contains(said), "{error}");
    };
    refused(Query::fuzzy("whale").edits(3), "3 edits; at most 2");
    let many = (0..400).map(|number| Query::fuzzy(format!("whale{number}")));
    refused(
        Query::any_of(many).field("plain"),
        "more than the 10000 terms",
    );
    // Statistics that were collected for something else, or for fewer edits.
    let query = Query::fuzzy("whale").field("plain");
    for other in [Query::term("whale"), query.clone().edits(0)] {
        let other = searcher.statistics(other).unwrap();
        let search = searcher.search(query.clone());
        let error = search.statistics(other).run().unwrap_err();
        let said = "nothing of what is near \"whale\" in field \"plain\"";
        assert!(error.to_string().contains(said), "{error}");
    }
    let more = searcher.statistics(query.clone().edits(2)).unwrap();
    let page = searcher
        .search(query.clone())
        .statistics(more.clone())
        .run()
        .unwrap();
    assert_eq!(page.len(), 1);
    // Of a sum is known what is known of each.
    let sum = more + searcher.statistics(query.clone().edits(1)).unwrap();
    let ask = |edits| {
        let search = searcher.search(query.clone().edits(edits));
        search.statistics(sum.clone()).run()
    };
    assert_eq!(ask(1).unwrap().len(), 1);
    assert!(ask(2).is_err());
}

/// In a filter, too, statistics tell which words are near, if they were collected with it.
#[test]
fn shards_filter_by_the_same_words() {
    let all: Vec<Value> = (0..200)
        .map(|number| json!({ "plain": format!("w{number}") }))
        .collect();
    let whole = searcher(&all);
    let shards = all.chunks(50).map(searcher).collect::<Vec<_>>();
    let ask = |searcher: &Searcher| {
        searcher
            .search("*")
            .filter("w11~1")
            .limit(300)
            .count_exactly()
    };
    let statistics = shards
        .iter()
        .map(|shard| ask(shard).collect_statistics().unwrap());
    let sum = statistics.reduce(|one, other| one + other).unwrap();
    let count = |search: Search| search.run().unwrap().len();
    let found = shards
        .iter()
        .map(|shard| count(ask(shard).statistics(sum.clone())));
    assert_eq!(found.sum::<usize>(), count(ask(&whole)));
    // Each by its own words finds others.
    let alone = shards.iter().map(|shard| count(ask(shard)));
    assert!(alone.sum::<usize>() > count(ask(&whole)));
}

#[test]
fn what_analysis_leaves_nothing_of_does_no_harm() {
    let index = Index::in_memory(schema()).unwrap();
    let mut writer = index.writer().unwrap();
    for tag in ["a", "b"] {
        writer
            .put(&json!({ "stemmed": "the whale", "tag": tag }))
            .unwrap();
    }
    writer.commit().unwrap();
    let searcher = index.searcher().unwrap();
    let filtered = |filter: &str| {
        let search = searcher.search("whale").filter(filter);
        search.run().unwrap().len()
    };
    assert_eq!(filtered("stemmed:whale"), 2);
    assert_eq!(filtered("stemmed:the"), 0);
    // Deleted is only what is meant.
    for query in [
        "tag:a AND stemmed:the",
        "+tag:a -stemmed:the",
        "+tag:a +#stemmed:the",
    ] {
        let error = writer.delete_matching(query).unwrap_err();
        assert!(
            error.to_string().contains("leaves nothing of stemmed:the"),
            "{error}"
        );
    }
    assert_eq!(writer.delete_matching("stemmed:the").unwrap(), 0);
    assert_eq!(writer.delete_matching("+tag:a stemmed:the").unwrap(), 1);
}

/// Where documents are deleted the dictionary can't tell how many match, but there are
/// hits.
#[test]
fn there_are_as_many_matches_as_hits() {
    let searcher = index(2_000, 5, 1, 40).searcher().unwrap();
    let total = |limit, offset| {
        let search = searcher.search("w0").limit(limit).offset(offset);
        match search.run().unwrap().total() {
            Total::AtLeast(count) | Total::Exact(count) => count,
        }
    };
    assert!(total(10, 0) >= 10);
    assert!(total(10, 30) >= 40);
}
