//! Pages of several indexes, joined, are the page of one.

use crate::document::{Schema, Text};
use crate::index::Index;
use crate::search::{Bm25, Page, Sort, Statistics, Total};
use serde_json::json;

fn index(ids: impl Iterator<Item = u64>) -> Index {
    let schema = Schema::builder()
        .unsigned("id")
        .key("id")
        .text("body", Text::plain())
        .integer("n")
        .keyword("tag");
    let index = Index::in_memory(schema.build().unwrap()).unwrap();
    let mut writer = index.writer().unwrap();
    for id in ids {
        let mut document = json!({ "id": id, "body": "word ".repeat(id as usize % 7) });
        if id % 5 > 0 {
            document["n"] = json!([id as i64 * 7 % 11 - 5, 2]);
            document["tag"] = json!([format!("t{}", id * 3 % 8), format!("t{}", id % 3)]);
        }
        writer.put(&document).unwrap();
        if id % 16 == 0 {
            writer.commit().unwrap();
        }
    }
    writer.commit().unwrap();
    index
}

#[test]
fn sorted_pages_are_joined_in_their_order() {
    let shards = [index(0..30), index(30..40), index(40..40), index(40..100)];
    let whole = index(0..100);
    let page = |index: &Index, sort: &Sort, asked: &str| {
        let search = index.searcher().unwrap().search(asked);
        search.sort_by(sort.clone()).limit(25).run().unwrap()
    };
    let keys = |page: &Page| -> Vec<String> {
        let keys = page.hits().map(|hit| hit.key().unwrap().unwrap());
        keys.collect()
    };
    for sort in ["n", "-n", "tag", "-tag", "-id"] {
        let sort: Sort = sort.parse().unwrap();
        for asked in ["*", "word", "tag:t1"] {
            let pages = shards.iter().map(|shard| page(shard, &sort, asked));
            let merged = Page::merge(pages, 25);
            let expected = keys(&page(&whole, &sort, asked));
            assert_eq!(keys(&merged), expected, "{sort:?} {asked}");
            // Joined once more, as a tree of shards would.
            let (merged, twice) = (Page::merge([merged], 9), Page::merge([], 9));
            assert_eq!(keys(&Page::merge([twice, merged], 9)), expected[..9]);
        }
    }
}

/// Each index counts for itself; one may have been asked for more, or in another order.
#[test]
fn facets_that_all_were_asked_for_are_added_up() {
    let shards = [index(0..30), index(30..100)].map(|shard| shard.searcher().unwrap());
    let ask = |shard: usize, facets: &[&str]| {
        let search = shards[shard].search("word").limit(5);
        let search = facets
            .iter()
            .fold(search, |search, facet| search.facet(*facet, 50));
        search.run().unwrap()
    };
    let whole = index(0..100)
        .searcher()
        .unwrap()
        .search("word")
        .facet("tag", 50);
    let whole = whole.facet("n", 50).run().unwrap();
    let pages = [ask(0, &["id", "tag", "n"]), ask(1, &["n", "tag"])];
    let merged = Page::merge(pages, 5);
    let counts = |page: &Page| -> Vec<_> {
        let facets = page.facets().iter();
        facets
            .map(|facet| (facet.field().to_owned(), facet.counts().to_vec()))
            .collect()
    };
    assert_eq!(counts(&merged), counts(&whole));
}

/// What one index calls a number may be a keyword in another.
#[test]
fn facets_of_a_number_and_a_keyword_are_joined_by_what_is_written() {
    let page = |schema: crate::document::SchemaBuilder, documents: [serde_json::Value; 3]| {
        let index = Index::in_memory(schema.build().unwrap()).unwrap();
        let mut writer = index.writer().unwrap();
        for document in &documents {
            writer.put(document).unwrap();
        }
        writer.commit().unwrap();
        let search = index.searcher().unwrap().search("*").facet("year", 9);
        search.run().unwrap()
    };
    let numbers = [
        json!({ "year": 7 }),
        json!({ "year": 7 }),
        json!({ "year": 10 }),
    ];
    let names = [
        json!({ "year": "7" }),
        json!({ "year": "?" }),
        json!({ "year": "10" }),
    ];
    let merged = Page::merge(
        [
            page(Schema::builder().integer("year"), numbers.clone()),
            page(Schema::builder().unsigned("year"), numbers),
            page(Schema::builder().keyword("year"), names),
        ],
        9,
    );
    let expected = [("7", 5), ("10", 3), ("?", 1)].map(|(name, n)| (name.to_owned(), n));
    assert_eq!(merged.facets()[0].counts(), expected);
    assert_eq!(merged.total(), Total::Exact(9));
}

#[test]
fn what_was_said_of_a_text_is_said_once() {
    let searcher = index(0..30).searcher().unwrap();
    let page = |asked: &str| searcher.search(asked).filter(asked).run().unwrap();
    let merged = Page::merge([page("word"), page("word)"), page("word)")], 9);
    assert_eq!(merged.diagnostics(), page("word)").diagnostics());
    assert_eq!(merged.filter_diagnostics().len(), 1);
    let most = || {
        let search = searcher.search("word").limit(1).facet("tag", 1);
        search.run().unwrap()
    };
    assert_eq!(most().total(), Total::Exact(25));
    assert_eq!(Page::merge([most(), most()], 9).total(), Total::Exact(50));
}

#[test]
fn statistics_are_those_of_the_search_or_refused() {
    let shards = [index(0..30), index(30..100)];
    let whole = index(0..100).searcher().unwrap();
    let search = |searcher: &crate::search::Searcher| {
        let search = searcher.search("t1 t2").fields([("tag", 1.5)]);
        search.filter("body:word").limit(100)
    };
    let searchers = shards.map(|shard| shard.searcher().unwrap());
    let statistics = searchers.each_ref().map(search);
    let [one, other] = statistics.map(|search| search.collect_statistics().unwrap());
    // Its own, though others were handed in.
    let again = search(&searchers[0]).statistics(other.clone());
    assert_eq!(again.collect_statistics().unwrap(), one);
    let sum = one + other;
    let pages = searchers.iter().map(|shard| {
        let page = search(shard).statistics(sum.clone()).run();
        page.unwrap()
    });
    let merged = Page::merge(pages, 100);
    let scores = |page: &Page| -> Vec<(String, f32)> {
        let hits = page.hits();
        hits.map(|hit| (hit.key().unwrap().unwrap(), hit.score()))
            .collect()
    };
    let expected = scores(&search(&whole).run().unwrap());
    assert!(expected.len() > 20);
    assert_eq!(scores(&merged), expected);

    let of_default_fields = searchers[0].statistics("t1 t2").unwrap();
    let error = search(&searchers[0]).statistics(of_default_fields).run();
    let error = error.unwrap_err().to_string();
    assert!(error.contains("\"t1\" in field \"tag\""), "{error}");
}

#[test]
fn statistics_that_contradict_themselves_give_scores_all_the_same() {
    let searcher = index(0..30).searcher().unwrap();
    for field in [
        r#"{"documents": 30, "total_length": 0, "terms": {"word": 30}}"#,
        r#"{"documents": 0, "total_length": 0, "terms": {"word": 30}}"#,
        r#"{"documents": 1, "total_length": 18446744073709551615, "terms": {"word": 0}}"#,
    ] {
        let statistics = format!(r#"{{"fields": {{"body": {field}}}}}"#);
        let statistics: Statistics = serde_json::from_str(&statistics).unwrap();
        for (k1, b) in [(1.2, 0.0), (0.0, 0.75), (1.2, 0.75), (1.2, 1.0)] {
            let search = searcher.search("body:word").statistics(statistics.clone());
            let page = search.bm25(Bm25::new(k1, b).unwrap()).run().unwrap();
            assert_eq!(page.len(), 10, "{field} k1 = {k1}, b = {b}");
            let is_score = |score: f32| score.is_finite() && score > 0.0;
            assert!(
                page.hits().all(|hit| is_score(hit.score())),
                "{field} k1 = {k1}, b = {b}"
            );
        }
    }
}
