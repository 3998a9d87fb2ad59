//! Filters and what else is asked last, beside the long way.

use super::{hits, index, tells};
use crate::query::Query;
use crate::search::xray::Way;
use crate::search::{Search, Total};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// What is asked about the best alone is what is asked about all.
    #[test]
    fn conditions_asked_last_are_conditions(
        seed in any::<u64>(), documents in 1u32..20_000, parts in 1u32..4, deleted in prop_oneof![Just(0u32), 1u32..500],
        low in 0u32..20_000, len in 1u32..20_000,
    ) {
        let index = index(documents, seed, parts, deleted);
        let searcher = index.searcher().unwrap();
        let range = format!("id:[{low} TO {}]", low + len);
        let filters = ["w1", "w60", "w120", "-w1", "w0 w3", "+w0 -w9", "\"w0 w1\"", "*", "nothing", &range, "w1*"];
        let queries = [
            "w0", "w5", "w120", "w0 w1", "w3 w60", "w90 w91 w92 w0", "+w0 +w1", "+w3 +w60", "+w2 w60 w7", "\"w0 w1\"", "\"w2 w30\"",
            "w0 -w3", "w0^0 w5", "w5 -\"w0 w1\"", "w1 w60 -(+w0 +w2)", "+w3 +#w1", "+w0 +w60 +#id:[100 TO 9000] -w4",
        ];
        for (query, filter) in queries.iter().flat_map(|query| filters.map(|filter| (*query, filter))) {
            for limit in [1, 10, 100] {
                let ask = || searcher.search(query).filter(Query::parse(filter).query).limit(limit);
                let (last, all) = (ask().run().unwrap(), ask().count_exactly().run().unwrap());
                prop_assert_eq!(hits(&last), hits(&all), "{} / {} top {}", query, filter, limit);
                let Total::Exact(count) = all.total() else { panic!("it was counted") };
                prop_assert!(tells(&last, count), "{} / {} top {}", query, filter, limit);
                let several = ask().parallel().run().unwrap();
                prop_assert_eq!(hits(&several), hits(&all), "{} / {} top {}", query, filter, limit);
            }
        }
    }
}

/// Both sides of every line that `pass_enough` draws.
#[test]
fn few_that_pass_are_not_asked_last() {
    let index = index(20_000, 3, 2, 100);
    let searcher = index.searcher().unwrap();
    let way = |search: Search| search.xray().unwrap().1.ways()[0];
    let ask =
        |query: &str, filter: &str, limit| way(searcher.search(query).filter(filter).limit(limit));
    let half = "id:[0 TO 10000]";
    for (query, way) in [
        ("w0", Way::Term),
        ("w0 w1", Way::Union),
        ("+w0 +w1", Way::Intersection),
        ("\"w0 w1\"", Way::Phrase),
    ] {
        assert_eq!(ask(query, half, 10), way);
        // As if a thousand hits were wanted, or two thousand.
        assert_eq!(ask(query, "id:[0 TO 200]", 10), Way::Walk, "{query}");
        assert_eq!(ask(query, half, 1000), Way::Walk, "{query}");
        // Nobody knows how many have the phrase.
        assert_eq!(ask(query, "\"w0 w1\"", 10), Way::Walk, "{query}");
    }
    // More than 128 as good as wanted: too many if a list leads in any case.
    assert_eq!(ask("w0 w1", half, 100), Way::Union);
    assert_eq!(ask("+w0 +w1", half, 100), Way::Walk);
    // The filter's list is short and would lead, unless the word's is shorter.
    assert_eq!(ask("w0 w1", "w120", 1), Way::Walk);
    assert_eq!(ask("w0", "w120", 1), Way::Walk);
    assert_eq!(ask("w120", "w0", 1), Way::Term);
    // Lists so short that all can be asked about.
    assert_eq!(ask("w120 nothing", "id:[0 TO 200]", 10), Way::Union);
    let counted = searcher.search("w0 w1").filter(half).count_exactly();
    assert_eq!(way(counted), Way::Walk);
}

#[test]
fn what_passes_several_filters_passes_each() {
    let index = index(5_000, 4, 2, 100);
    let searcher = index.searcher().unwrap();
    let ask = || searcher.search("w0 w3").limit(50).count_exactly();
    let all = ask().filter("+w1 +w2").run().unwrap();
    assert!(!all.is_empty());
    for [one, other] in [["w1", "w2"], ["w2", "w1"]] {
        let both = ask().filter(one).filter(other).run().unwrap();
        assert_eq!(hits(&both), hits(&all));
        assert_eq!(both.total(), all.total());
    }
    // What is odd about a filter is told with its number.
    let odd = ask().filter("w1").filter("\"w2").run().unwrap();
    assert_eq!(hits(&odd), hits(&all));
    let numbers = odd.filter_diagnostics().iter().map(|(number, _)| *number);
    assert_eq!(numbers.collect::<Vec<_>>(), [1]);
}
