//! What a date in a query stands for, whoever asks.

use crate::document::{Date, Schema, Text};
use crate::index::Index;
use crate::query::Query;
use crate::search::{Searcher, Sort};
use serde_json::json;
use std::ops::Bound;

/// Some that are the first or the last of a year, a month, a day, a minute or a second.
const DAYS: [&str; 10] = [
    "2000-12-31T23:59:59.999999Z",
    "2001-01-01",
    "2001-06-30T23:59:59.999999Z",
    "2001-07-01",
    "2001-07-09T18:30:00Z",
    "2001-07-09T18:30:00.5Z",
    "2001-07-09T18:31:00Z",
    "2001-07-31T23:59:59.999999Z",
    "2001-08-01",
    "2002-01-01",
];

fn index() -> Index {
    let schema = Schema::builder().unsigned("id").key("id").date("day");
    let schema = schema.text("body", Text::plain()).build().unwrap();
    let index = Index::in_memory(schema).unwrap();
    let mut writer = index.writer().unwrap();
    for (id, day) in DAYS.iter().enumerate() {
        let document = json!({ "id": id, "day": day, "body": "a" });
        writer.put(&document).unwrap();
    }
    writer.commit().unwrap();
    index
}

fn found(searcher: &Searcher, query: &Query) -> Vec<u32> {
    let search = searcher.search(query).sort_by(Sort::ascending("id"));
    let page = search.run().unwrap();
    let numbers: Vec<u32> = page.hits().map(|hit| hit.number()).collect();
    assert_eq!(searcher.count(query).unwrap(), numbers.len() as u64);
    let filtered = searcher.search("a").filter(query).run().unwrap();
    let filtered: Vec<u32> = filtered.hits().map(|hit| hit.number()).collect();
    assert_eq!(filtered, numbers, "{query}");
    numbers
}

#[test]
fn a_date_in_a_query_is_a_period() {
    let searcher = index().searcher().unwrap();
    for (text, from, to) in [
        ("day:2001", 1, 9),
        ("day:2001-07", 3, 8),
        ("day:\" 2001-07 \"", 3, 8),
        ("day:(2001-07)", 3, 8),
        ("day:2001-07-09", 4, 7),
        ("day:2001-07-09T18:30Z", 4, 6),
        ("day:2001-07-09T20:30+02:00", 4, 6),
        ("day:2001-07-09T18:30:00Z", 4, 5),
        ("day:2001-07-09T18:30:00.500Z", 5, 6),
        // As it was written before dates were periods.
        ("day:[2001-07-01 TO 2001-08-01}", 3, 8),
        ("day:[2001-07 TO 2001-08]", 3, 9),
        ("day:[2001-07 TO 2001-09}", 3, 9),
        ("day:[2001-06 TO 2001-07}", 2, 3),
        ("day:{2001-06 TO 2001-07]", 3, 8),
        ("day:{2001-06 TO 2001-08}", 3, 8),
        ("day:{2001-07 TO 2001-08}", 0, 0),
        ("day:[2001-07-09 TO 2001-07]", 4, 8),
        ("day:[2001-07 TO 2001-07-09T18:30Z]", 3, 6),
        ("day:[2001-08 TO 2001-07]", 0, 0),
        ("day:>2001", 9, 10),
        ("day:>=2001", 1, 10),
        ("day:<2001", 0, 1),
        ("day:<=2001", 0, 9),
        ("day:<=2001-07-09", 0, 7),
        ("day:>2001-07-09", 7, 10),
        ("day:>2001-07-09T18:30:00Z", 5, 10),
        ("day:<=2001-07-09T18:30:00Z", 0, 5),
        ("day:>9999", 0, 0),
        ("day:<0000", 0, 0),
        ("day:[0000 TO 9999]", 0, 10),
    ] {
        let query = Query::parse_for(text, searcher.snapshot().schema()).query;
        let wanted: Vec<u32> = (from..to).collect();
        assert_eq!(found(&searcher, &query), wanted, "{text}");
        // What it prints asks the same.
        let printed = Query::parse_strict(&query.to_string()).unwrap();
        assert_eq!(found(&searcher, &printed), wanted, "{query}");
    }
    let page = searcher.search("day:2001-13").run().unwrap();
    assert_eq!(page.len(), 0);
    let said = page.diagnostics()[0].to_string();
    assert!(said.contains("found \"2001-13\""), "{said}");
    assert!(said.contains("a month (2001-07)"), "{said}");
}

/// A program's moment has nothing around it, and nor has a facet's.
#[test]
fn a_program_asks_for_moments() {
    let searcher = index().searcher().unwrap();
    let dates = DAYS.map(|day| day.parse::<Date>().unwrap());
    let ask = |lower, upper| found(&searcher, &Query::range("day", (lower, upper)));
    for (at, date) in (0u32..).zip(dates) {
        let term = Query::term(date).field("day");
        assert_eq!(found(&searcher, &term), [at]);
        let none = Bound::<Date>::Unbounded;
        let to = |end| (0..end).collect::<Vec<u32>>();
        let from = |start| (start..10).collect::<Vec<u32>>();
        assert_eq!(ask(none, Bound::Included(date)), to(at + 1));
        assert_eq!(ask(none, Bound::Excluded(date)), to(at));
        assert_eq!(ask(Bound::Included(date), none), from(at));
        assert_eq!(ask(Bound::Excluded(date), none), from(at + 1));
    }
    let page = searcher.search("*").facet("day", 20).run().unwrap();
    for (value, count) in page.facets()[0].counts() {
        let term = Query::term(value).field("day");
        assert_eq!(found(&searcher, &term).len() as u64, *count);
    }
}

#[test]
fn a_period_is_deleted() {
    let index = index();
    let mut writer = index.writer().unwrap();
    assert_eq!(writer.delete_matching("day:2001-07").unwrap(), 5);
    writer
        .delete_matching("day:[2001-08 TO 2001-07]")
        .unwrap_err();
    writer.commit().unwrap();
    let searcher = index.searcher().unwrap();
    assert_eq!(searcher.count("day:2001").unwrap(), 3);
    assert_eq!(searcher.count("*").unwrap(), 5);
}
