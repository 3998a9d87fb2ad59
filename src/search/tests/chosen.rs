//! Fields that a search names: to look in, to sort by, to count.

use crate::document::{Schema, Text};
use crate::index::Index;
use crate::search::{Searcher, Sort};
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
