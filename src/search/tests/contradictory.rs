//! Statistics and parameters that nobody would expect, as whoever hands them in may err:
//! bounds hold under any.

use super::*;

/// Numbers up to the largest.
fn count() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(1), 0u64..40_000, Just(u64::MAX), any::<u64>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_short_way_is_the_long_way_under_any_statistics(
        seed in any::<u64>(), documents in 1u32..20_000, parts in 1u32..4, deleted in prop_oneof![Just(0u32), 1u32..500],
        said in (count(), count()), frequencies in prop::collection::vec(count(), 6),
        k1 in prop_oneof![Just(0f32), Just(f32::MIN_POSITIVE), 0f32..2.0, Just(1e30), Just(f32::MAX)],
        b in prop_oneof![Just(0f32), 0f32..1.0, Just(1.0)],
    ) {
        let index = index(documents, seed, parts, deleted);
        let searcher = index.searcher().unwrap();
        let words = ["w0", "w1", "w3", "w60", "w77", "w100"];
        let terms: std::collections::BTreeMap<&str, u64> = words.into_iter().zip(frequencies).collect();
        let body = serde_json::json!({ "documents": said.0, "total_length": said.1, "terms": terms });
        let statistics = serde_json::json!({ "fields": { "body": body } });
        let statistics: Statistics = serde_json::from_value(statistics).unwrap();
        let queries = [
            "w0", "w60", "w0 w1", "w3 w60", "w0 w77 w100", "+w0 +w1", "+w3 +w60", "+w77 w0 w1", "+w0 w60", "\"w0 w1\"",
            "\"w0 w3\"~4", "w1 -w0", "w60^1000 w0", "w0^0 w1",
        ];
        for query in queries {
            for limit in [1, 10, 100] {
                let ask = || {
                    let search = searcher.search(query).statistics(statistics.clone());
                    search.bm25(Bm25::new(k1, b).unwrap()).limit(limit)
                };
                let short = ask().run().unwrap();
                let long = ask().filter(Query::All).count_exactly().run().unwrap();
                prop_assert_eq!(hits(&short), hits(&long), "{} top {}", query, limit);
                let are_numbers = long.hits().all(|hit| hit.score().is_finite());
                prop_assert!(are_numbers, "{} top {}", query, limit);
                prop_assert_eq!(ask().count_exactly().run().unwrap().total(), long.total());
            }
        }
    }
}
