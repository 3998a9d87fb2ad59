//! Fields that a search names: to look in, to sort by, to count.

use crate::document::{Schema, Text};
use crate::error::ErrorKind;
use crate::index::Index;
use crate::query::Query;
use crate::search::{Searcher, Sort, Total};
use serde_json::json;

fn searcher() -> Searcher {
    let schema = Schema::builder()
        .text("title", Text::english())
        .unsigned("year")
        .float("price")
        .boolean("new")
        .date("day")
        .keyword("tag");
    let index = Index::in_memory(schema.build().unwrap()).unwrap();
    let mut writer = index.writer().unwrap();
    for (title, year) in [
        ("The whale", 1851),
        ("1851 in whales", 1900),
        ("True", 2001),
    ] {
        let document = json!({ "title": title, "year": year, "price": 1.5, "new": true, "day": "2001-07-09", "tag": "a" });
        writer.put(&document).unwrap();
    }
    writer.commit().unwrap();
    index.searcher().unwrap()
}

#[test]
fn numbers_are_found_in_fields_of_numbers() {
    let searcher = searcher();
    for (query, fields, count) in [
        ("1851", &["title"][..], 1),
        ("1851", &["year"], 1),
        ("1851", &["title", "year"], 2),
        ("+whale +1851", &["title", "year"], 2),
        ("soon", &["year"], 0),
        ("+soon +1851", &["year"], 0),
        ("-soon", &["year"], 3),
        ("\"1851 in\" soon", &["year", "day"], 0),
        // Left out, and not looked for among the years.
        ("+the +whale", &["title", "year"], 2),
        ("the", &["title", "year"], 0),
        ("-the", &["title", "year"], 0),
        ("185*", &["title", "year"], 1),
        ("185*", &["year"], 0),
        ("1851~1", &["year"], 1),
        ("true", &["title", "new"], 3),
        ("1.5", &["price"], 3),
        ("2001-07", &["day", "tag"], 3),
        ("2001", &["year", "day"], 3),
        ("a", &["tag", "day"], 3),
        ("nan inf -1", &["price", "year"], 0),
    ] {
        let search = searcher.search(query).limit(10);
        let chosen = search.fields(fields.iter().map(|field| (*field, 1.0)));
        let page = chosen.clone().run().unwrap();
        assert_eq!(page.len(), count, "{query} in {fields:?}");
        for hit in &page {
            assert_eq!(hit.explain().unwrap().value(), hit.score());
        }
        let filtered = chosen.clone().filter(Query::parse(query).query);
        assert_eq!(
            filtered.run().unwrap().len(),
            count,
            "{query} in {fields:?}"
        );
        let counted = chosen.count_exactly().run().unwrap();
        assert_eq!(counted.total(), Total::Exact(count as u64));
    }
    // Whoever names the field is told.
    let page = searcher.search("year:soon").run().unwrap();
    assert_eq!((page.len(), page.diagnostics().len()), (0, 1));
    let query = Query::term("soon").field("year");
    let error = searcher.search(query).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Query);
}

#[test]
fn a_field_to_sort_by_is_one_with_values() {
    let searcher = searcher();
    let there_are = "; there are: year, price, new, day, tag";
    for field in ["titel", "title"] {
        let sorted = searcher.search("*").sort_by(Sort::ascending(field)).run();
        let sorted = sorted.unwrap_err().to_string();
        assert!(
            sorted.ends_with(&format!("to sort by{there_are}")),
            "{sorted}"
        );
        let counted = searcher.search("*").facet(field, 1).run();
        let counted = counted.unwrap_err().to_string();
        assert!(
            counted.ends_with(&format!("to count facets of{there_are}")),
            "{counted}"
        );
    }
}
