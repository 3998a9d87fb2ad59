//! Pages after a cursor, of lists long enough to have champions and witnesses.

use super::{hits, index, index_of};
use crate::document::Schema;
use crate::error::ErrorKind;
use crate::index::{Index, WriterOptions};
use crate::query::Query;
use crate::search::{Search, Sort, Total};
use serde_json::json;

/// Hits of a long list.
const LONG: usize = 6_000;

/// From many places of the long list on, a page is what stands there.
fn check(ask: impl Fn() -> Search, about: &str) {
    let long = ask().filter(Query::All).limit(LONG).run().unwrap();
    let all = hits(&long);
    assert!(all.len() > 20, "{about}");
    let counted = ask().limit(0).count_exactly().run().unwrap().total();
    let Total::Exact(matches) = counted else {
        panic!("it was counted")
    };
    for limit in [1, 10, 100] {
        for place in [0, 1, 9, 10, 13, 40, 126, 700, 2_500, all.len() - 2] {
            let Some(hit) = long.hit(place) else { continue };
            let here = &all[place + 1..];
            if here.len() < limit && all.len() == LONG {
                continue;
            }
            let here = &here[..limit.min(here.len())];
            let after = || ask().after(hit.cursor()).limit(limit);
            let pages = [
                after().run(),
                after().parallel().run(),
                after().count_exactly().run(),
                after().filter(Query::All).run(),
            ];
            for (way, page) in pages.into_iter().enumerate() {
                let page = page.unwrap();
                let so_far = (place + 1 + page.len()) as u64;
                match page.total() {
                    Total::Exact(count) => assert_eq!(count, matches, "{about}, way {way}"),
                    Total::AtLeast(count) => {
                        let told = (so_far..=matches).contains(&count);
                        assert!(told, "{about}: {count} of {limit} after {place}, way {way}");
                    }
                }
                let page = hits(&page);
                let differs = (0..limit).find(|at| page.get(*at) != here.get(*at));
                assert_eq!(differs, None, "{about}: {limit} after {place}, way {way}");
            }
        }
    }
}

fn check_all(index: &Index, queries: &[&str]) {
    let searcher = index.searcher().unwrap();
    for query in queries {
        check(|| searcher.search(*query), query);
    }
}

const QUERIES: [&str; 14] = [
    "w0",
    "w5",
    "w0 w1",
    "w1 w0 w2",
    "w3 w60 w100",
    "+w0 +w1",
    "+w0 +w1 +w2",
    "+w1 w50",
    "w0 w1 -w2",
    "w0 -w1",
    "\"w0 w1\"",
    "\"w0 w2\"~3 -w1",
    "+w0 \"w1 w0\"",
    "w1 id:<40000",
];

#[test]
fn a_page_is_what_stands_after_its_cursor() {
    for (documents, parts, deleted) in [(70_000, 1, 0), (20_000, 5, 0), (20_000, 3, 300)] {
        check_all(&index(documents, 7, parts, deleted), &QUERIES);
    }
    let queries = ["w0", "w0 w1", "+w0 +w1", "+w1 w2", "\"w0 w1\""];
    check_all(&index_of(&["title", "body"], 12_000, 5, 3, 0), &queries);
}

/// Many are alike, in all parts.
#[test]
fn ties_go_on_where_they_ended() {
    let index = index(12_000, 11, 6, 90);
    let searcher = index.searcher().unwrap();
    for query in ["*", "id:>3000", "w0^=2 w1^=2", "w0^0 w1", "+w0^0 +w1^0"] {
        check(|| searcher.search(query), query);
    }
    for sort in ["id", "-id"] {
        let sort: Sort = sort.parse().unwrap();
        let ask = || searcher.search("w0").sort_by(sort.clone());
        check(ask, &format!("by {sort}"));
    }
}

/// Most keywords are in some segments only, with another ordinal in each.
#[test]
fn a_keyword_is_gone_on_from_where_it_is_not() {
    let schema = Schema::builder().keyword("tag").build().unwrap();
    let index = Index::in_memory(schema).unwrap();
    let options = WriterOptions::default().without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for part in 0..9 {
        for number in 0..24 {
            let tag = number * 7 % 20;
            let document = match (tag + part) % 4 {
                0 => json!({ "tag": format!("t{tag:02}") }),
                1 if number > 20 => json!({}),
                _ => continue,
            };
            writer.put(&document).unwrap();
        }
        writer.commit().unwrap();
    }
    let searcher = index.searcher().unwrap();
    for sort in ["tag", "-tag"] {
        let search = searcher.search("*").sort_by(sort.parse().unwrap());
        let all = hits(&search.clone().limit(300).run().unwrap());
        let (mut found, mut next) = (Vec::new(), Some(search));
        while let Some(search) = next {
            let page = search.limit(3).run().unwrap();
            found.extend(hits(&page));
            assert!(found.len() <= all.len());
            let after = |cursor| {
                searcher
                    .search("*")
                    .sort_by(sort.parse().unwrap())
                    .after(cursor)
            };
            next = page.cursor().map(after);
        }
        assert_eq!(found, all, "{sort}");
    }
}

#[test]
fn facets_are_those_of_all_on_every_page() {
    let index = index(3_000, 13, 3, 90);
    let searcher = index.searcher().unwrap();
    for sort in [None, Some(Sort::descending("id"))] {
        let search = searcher.search("w0 w3").facet("id", 5);
        let search = sort
            .into_iter()
            .fold(search, |search, sort| search.sort_by(sort));
        let first = search.clone().run().unwrap();
        let next = search.after(first.cursor().unwrap()).run().unwrap();
        assert_eq!(next.len(), 10);
        assert_eq!(next.facets(), first.facets());
        assert_eq!(next.total(), first.total());
    }
}

#[test]
fn cursors_of_another_order_are_refused() {
    let index = index(300, 3, 1, 0);
    let searcher = index.searcher().unwrap();
    let by_score = || searcher.search("w0");
    let by_id = || by_score().sort_by(Sort::descending("id"));
    let last = |search: Search| search.run().unwrap().cursor().unwrap();
    let other = "id.n5.3".parse().unwrap();
    let keyword = "-id.kred.3".parse().unwrap();
    for (search, cursor, said) in [
        (by_score(), last(by_id()), "by \"-id\", these come by score"),
        (by_id(), last(by_score()), "by score, these come by \"-id\""),
        (by_id(), other, "by \"id\", these come by \"-id\""),
        (by_id(), keyword, "another kind of value than field \"id\""),
    ] {
        for search in [search.clone(), search.limit(0)] {
            let error = search.after(cursor.clone()).run().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Query);
            assert!(error.to_string().contains(said), "{error}");
        }
    }
    // Beyond all documents, and all scores.
    for (cursor, left) in [
        ("7f800000.4294967295", true),
        ("00000000.4294967295", false),
        ("00000000.0", false),
    ] {
        let page = by_score().after(cursor.parse().unwrap()).run().unwrap();
        assert_eq!(!page.is_empty(), left, "{cursor}");
    }
    for (cursor, left) in [
        ("-id.nffffffffffffffff.4294967295", true),
        ("-id.n0.4294967295", false),
        ("-id..4294967295", false),
    ] {
        let page = by_id().after(cursor.parse().unwrap()).run().unwrap();
        assert_eq!(!page.is_empty(), left, "{cursor}");
    }
}
