mod blocks;
mod champions;
mod chosen;
mod columns;
mod conditions;
mod contradictory;
mod dates;
mod gaits;
mod limits;
mod marks;
mod merged;
mod near;
mod paging;
mod patterns;
mod phrases;

use super::*;
use crate::document::{Schema, Text};
use crate::index::{Index, WriterOptions};
use crate::query::Query;
use proptest::prelude::*;

/// A corpus of several windows, its words as frequent as words are.
pub(super) fn index(documents: u32, seed: u64, parts: u32, deleted: u32) -> Index {
    index_of(&["body"], documents, seed, parts, deleted)
}

/// The same with several texts a document.
pub(super) fn index_of(
    texts: &[&str],
    documents: u32,
    seed: u64,
    parts: u32,
    deleted: u32,
) -> Index {
    let mut schema = Schema::builder().unsigned("id").key("id");
    for (number, text) in (1u8..).zip(texts) {
        schema = schema.text(*text, Text::plain().boost(1.0 / f32::from(number)));
    }
    let index = Index::in_memory(schema.build().unwrap()).unwrap();
    let mut writer = index
        .writer_with(WriterOptions::default().without_merges())
        .unwrap();
    let mut random = random(seed);
    for id in 0..documents {
        let mut document = serde_json::json!({ "id": id });
        for text in texts {
            let count = 1 + random(12) * random(4);
            let words: Vec<String> = (0..count).map(|_| word(&mut random)).collect();
            document[*text] = words.join(" ").into();
        }
        writer.put(&document).unwrap();
        if (id + 1) % documents.div_ceil(parts) == 0 {
            writer.commit().unwrap();
        }
    }
    for _ in 0..deleted {
        writer.delete(random(u64::from(documents))).unwrap();
    }
    writer.commit().unwrap();
    index
}

/// Numbers below what is asked, always the same.
fn random(mut state: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

/// As frequent as words are.
fn word(random: &mut impl FnMut(u64) -> u64) -> String {
    let rank = 1 << random(8);
    format!("w{}", random(rank))
}

/// Whether a page says of so many matches what it may.
fn tells(page: &Page, matches: u64) -> bool {
    match page.total() {
        Total::Exact(count) => count == matches,
        Total::AtLeast(count) => count <= matches,
    }
}

pub(super) fn hits(page: &Page) -> Vec<(u32, u32)> {
    page.hits()
        .map(|hit| (hit.number(), hit.score().to_bits()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Invariant (1) of `ranked`: the short way gives what the walk gives, on
    /// either side of every condition.
    #[test]
    fn the_short_way_is_the_long_way(
        seed in any::<u64>(), documents in 1u32..30_000, parts in 1u32..4, deleted in prop_oneof![Just(0u32), 1u32..500],
        k1 in 0f32..2.0, b in 0f32..1.0,
    ) {
        let index = index(documents, seed, parts, deleted);
        let searcher = index.searcher().unwrap();
        let queries = [
            "w0", "w1", "w5", "w77", "w120", "w0 w1", "w3 w60", "w0 w9 w100", "w90 w91 w92 w0", "w0 w0 w4",
            "+w0 +w1", "+w3 +w60", "+w0 +w1 +w2", "+w2 +w0 +w100", "\"w0 w0\"", "\"w0 w1\"", "\"w1 w0 w0\"",
            "\"w2 w30\"", "w0^0 w5", "nothing w4", "+nothing +w4", "w1 -w0", "+w5 -w60", "w77 -w1 -w2", "w0 w9 -w3", "+w0 +w1 -w2",
            "w3 w60 w0 -w1 -w9", "\"w0 w0\" -w1", "+\"w2 w30\" -w0", "w0 -w0", "w3 -nothing", "nothing -w3", "w2 -\"w0 w1\"",
            "+w0 w1", "+w3 w60", "+w60 w3", "+w2 w0 w100 w90", "+w1 +w9 w77", "+w60 w0 -w3", "+w0 +w9 w2 -w1 -w77", "+w5 nothing",
            "+nothing w5", "+(w0 w60) +(w1 w77)", "+(w3 w100 w90) +w0 w5", "w1 -w0 -w9", "\"w0 w1\" \"w1 w2\"", "\"w0 w2\"~3 -w1",
            "\"w0 w2\"~3", "\"w1 w0\"~1", "\"w0 w0\"~5", "\"w1 w0 w0\"~4", "\"w3 w0 w9\"~20", "\"w5 w60\"~50", "\"w0 w2\"~2 -w3",
            "+w0^0 w5", "+w5 w0^0", "+w60 +w60 w60",
        ];
        for query in queries {
            for limit in [1, 10, 100, 1000] {
                let ask = || searcher.search(query).bm25(Bm25::new(k1, b).unwrap()).limit(limit);
                let short = ask().run().unwrap();
                // A filter, even one that all pass, takes the long way.
                let long = ask().filter(Query::All).count_exactly().run().unwrap();
                let counted = ask().count_exactly().run().unwrap();
                prop_assert_eq!(hits(&counted), hits(&long), "{} top {}, counted", query, limit);
                prop_assert_eq!(counted.total(), long.total());
                let (short_hits, long_hits) = (hits(&short), hits(&long));
                let differs = (0..limit).find(|at| short_hits.get(*at) != long_hits.get(*at));
                prop_assert_eq!(differs, None, "{} top {}: from this hit on", query, limit);
                let Total::Exact(all) = long.total() else { panic!("it was counted") };
                prop_assert_eq!(searcher.count(query).unwrap(), all);
                prop_assert!(tells(&short, all), "{} top {}", query, limit);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// The same for words that are looked for in several fields, whose scores are
    /// sums of sums.
    #[test]
    fn the_short_way_over_several_fields_is_the_long_way(
        seed in any::<u64>(), documents in 1u32..12_000, parts in 1u32..4, deleted in prop_oneof![Just(0u32), 1u32..300],
        k1 in 0f32..2.0, b in 0f32..1.0,
    ) {
        let index = index_of(&["title", "body", "notes"], documents, seed, parts, deleted);
        let searcher = index.searcher().unwrap();
        let queries = [
            ("w0", Way::Union), ("w0 w1", Way::Union), ("w3 w60 w100", Way::Union), ("w0 w0 w4", Way::Union),
            ("w1 w2 w5 w9 w20", Way::Union), ("w0 -w1", Way::Union), ("w3 w60 -w0 -w7", Way::Union), ("title:w0 w3", Way::Union),
            ("title:w0 body:w1 notes:w2", Way::Union), ("+w5 -w60", Way::Union), ("w0 title:w1 -body:w2", Way::Union),
            ("w0 -\"w1 w0\"", Way::Walk), ("w7 nothing", Way::Union), ("w0 w1^0", Way::Union), ("title:\"w0 w1\" -w2", Way::Phrase), ("\"w0 w3\"~4", Way::Phrase),
            ("+w0 +w1", Way::Intersection), ("+w3 +w60", Way::Intersection), ("+w0 +w2 +w7", Way::Intersection),
            ("+w90 +w0 -w3", Way::Intersection), ("+w3 w60", Way::Intersection), ("+w60 w0 w3 -title:w1", Way::Intersection),
            ("+w1 +title:w2", Way::Intersection), ("+title:w1 +body:w2 notes:w3", Way::Intersection), ("+w0^0 +w1", Way::Intersection),
            ("+w5 +w5 w5", Way::Intersection), ("+nothing +w0", Way::Intersection), ("+w0 nothing", Way::Intersection),
            ("+(w3 w60) +(w0 w9)", Way::Walk), ("+w1 \"w0 w1\"", Way::Walk), ("\"w0 w1\"", Way::Phrase), ("\"w2 w0 w1\"", Way::Phrase),
            ("\"w1 w3\" -w0", Way::Phrase), ("\"w0 w0\" -w1 -title:w2", Way::Phrase), ("\"w3 w0\"~2", Way::Phrase),
        ];
        for (query, way) in queries {
            for limit in [1, 10, 300] {
                let ask = || searcher.search(query).bm25(Bm25::new(k1, b).unwrap()).limit(limit);
                let (short, xray) = ask().xray().unwrap();
                prop_assert_eq!(xray.ways(), [way], "{}", query);
                let long = ask().filter(Query::All).count_exactly().run().unwrap();
                prop_assert_eq!(hits(&short), hits(&long), "{} top {}", query, limit);
                let counted = ask().count_exactly().run().unwrap();
                prop_assert_eq!(hits(&counted), hits(&long), "{} top {}, counted", query, limit);
                prop_assert_eq!(counted.total(), long.total(), "{}", query);
                let Total::Exact(all) = long.total() else { panic!("it was counted") };
                prop_assert_eq!(searcher.count(query).unwrap(), all, "{}", query);
                prop_assert!(tells(&short, all), "{} top {}", query, limit);
            }
        }
    }
}

/// On either side of what takes turns: so many words, for so many hits.
#[test]
fn many_words_that_may_match_go_the_long_way() {
    let index = index_of(&["title", "body"], 4_000, 3, 1, 40);
    let searcher = index.searcher().unwrap();
    let words = |count: u32| {
        let may = (1..=count).map(|number| format!(" w{}", number * 3));
        format!("+w1{}", may.collect::<String>())
    };
    for (count, limit, way) in [
        (8, 1000, Way::Intersection),
        (9, 1000, Way::Walk),
        (9, 100, Way::Intersection),
        (19, 100, Way::Intersection),
        (20, 100, Way::Walk),
    ] {
        let ask = || searcher.search(words(count)).limit(limit);
        let (short, xray) = ask().xray().unwrap();
        assert_eq!(xray.ways(), [way], "{count} words, {limit} hits");
        let long = ask().filter(Query::All).run().unwrap();
        assert_eq!(hits(&short), hits(&long), "{count} words, {limit} hits");
    }
}

/// Lists and phrases take turns, and the second to lead finds the first document: it
/// wins the tie.
#[test]
fn whoever_leads_later_may_win_a_tie() {
    let schema = Schema::builder().text("title", Text::plain());
    let schema = schema.text("body", Text::plain()).build().unwrap();
    let index = Index::in_memory(schema).unwrap();
    let mut writer = index.writer().unwrap();
    for (title, body) in [("z", "x y"), ("x", "y"), ("z", "v w"), ("v w", "z")] {
        let document = serde_json::json!({ "title": title, "body": body });
        writer.put(&document).unwrap();
    }
    writer.commit().unwrap();
    let searcher = index.searcher().unwrap();
    let flat = Bm25::new(0.0, 0.0).unwrap();
    for (query, first, second) in [("+x +y", 0, 1), ("\"v w\"", 2, 3)] {
        let ask = |limit| {
            searcher
                .search(query)
                .bm25(flat)
                .limit(limit)
                .run()
                .unwrap()
        };
        let (one, two) = (hits(&ask(1)), hits(&ask(2)));
        assert_eq!(two[0].1, two[1].1, "{query}: they score the same");
        assert_eq!([two[0].0, two[1].0], [first, second], "{query}");
        assert_eq!(one, two[..1], "{query}");
    }
}

/// What a page says, but for how many were passed over.
fn told(page: &Page) -> (Vec<(u32, u32)>, Option<u64>, Vec<Facet>) {
    let total = match page.total() {
        Total::Exact(count) => Some(count),
        Total::AtLeast(_) => None,
    };
    (hits(page), total, page.facets().to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// "Why exact" of `spread`: many parts, few distinct scores and thus ties
    /// across them, deletes or none, by more threads than there are cores.
    #[test]
    fn by_several_cores_comes_what_comes_by_one(
        seed in any::<u64>(), documents in 1u32..20_000, parts in 2u32..24, deleted in prop_oneof![Just(0u32), 1u32..500],
        k1 in prop_oneof![Just(0f32), 0f32..2.0], b in prop_oneof![Just(0f32), 0f32..1.0],
    ) {
        let index = index(documents, seed, parts, deleted);
        let searcher = index.searcher().unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
        let queries = [
            "w0", "w5", "w120", "w0 w1", "w3 w60", "w0 w9 w100", "+w0 +w1", "+w3 +w60", "+w2 +w0 +w100", "\"w0 w0\"",
            "\"w2 w30\"", "w0^0", "w0^0 w5", "nothing w4", "w1 -w0", "+w1 w3 w4", "\"w0 w2\"~3", "*",
        ];
        for query in queries {
            for limit in [0, 1, 10, 300] {
                let ask = || searcher.search(query).bm25(Bm25::new(k1, b).unwrap()).limit(limit);
                let together = |search: Search| pool.install(|| search.parallel().run()).unwrap();
                let (alone, several) = (ask().run().unwrap(), together(ask()));
                prop_assert_eq!(hits(&several), hits(&alone), "{} top {}", query, limit);
                let all = searcher.count(query).unwrap();
                prop_assert!(tells(&several, all), "{} top {}", query, limit);
                let ways: [fn(Search) -> Search; 5] = [
                    |search| search.count_exactly(),
                    |search| search.filter("w2").count_exactly(),
                    |search| search.filter("w2 w70").facet("id", 5),
                    |search| search.sort_by(Sort::descending("id")),
                    |search| search.sort_by(Sort::ascending("id")).facet("id", 3),
                ];
                for (number, way) in ways.into_iter().enumerate() {
                    let (alone, several) = (way(ask()).run().unwrap(), together(way(ask())));
                    prop_assert!(told(&alone).1.is_some(), "way {} counts", number);
                    prop_assert_eq!(told(&several), told(&alone), "{} top {} way {}", query, limit, number);
                }
                let alone = ask().filter("w2").run().unwrap();
                prop_assert_eq!(hits(&together(ask().filter("w2"))), hits(&alone), "{} top {}", query, limit);
            }
        }
    }
}

/// Lists of many blocks, most of which are passed over; with all documents alive, and with
/// some deleted.
#[test]
fn long_lists_are_the_long_way() {
    for deleted in [0, 300] {
        let index = index(70_000, 7, 1, deleted);
        let searcher = index.searcher().unwrap();
        for query in [
            "w0 w1",
            "+w0 +w1",
            "w1 w0 w2",
            "+w0 +w1 +w2",
            "w0 w1 -w2",
            "+w0 +w1 -w5",
            "w0 -w1",
        ] {
            for limit in [1, 10] {
                let ask = || searcher.search(query).limit(limit);
                let short = ask().run().unwrap();
                let long = ask().filter(Query::All).run().unwrap();
                assert_eq!(hits(&short), hits(&long), "{query} top {limit}");
            }
        }
        let blocks = searcher.count("w1").unwrap() / 128;
        assert!(blocks > 170, "{blocks} blocks are few");
    }
}
