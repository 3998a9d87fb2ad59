mod chosen;
mod columns;
mod conditions;
mod dates;
mod gaits;
mod limits;
mod marks;
mod merged;
mod near;
mod paging;
mod patterns;

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
    let mut state = seed;
    let mut random = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for id in 0..documents {
        let mut document = serde_json::json!({ "id": id });
        for text in texts {
            let words: Vec<String> = (0..1 + random(12) * random(4))
                .map(|_| {
                    let rank = 1 << random(8);
                    format!("w{}", random(rank))
                })
                .collect();
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
                match short.total() {
                    Total::Exact(count) => prop_assert_eq!(count, all, "{} top {}", query, limit),
                    Total::AtLeast(count) => prop_assert!(count <= all),
                }
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
                match short.total() {
                    Total::Exact(count) => prop_assert_eq!(count, all, "{} top {}", query, limit),
                    Total::AtLeast(count) => prop_assert!(count <= all, "{} top {}", query, limit),
                }
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
                match several.total() {
                    Total::Exact(count) => prop_assert_eq!(count, all, "{} top {}", query, limit),
                    Total::AtLeast(count) => prop_assert!(count <= all, "{} top {}", query, limit),
                }
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

/// Lists long enough to be primed, whose best blocks are looked at first; with
/// all documents alive, and with some deleted.
#[test]
fn primed_is_the_long_way() {
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
        assert!(blocks > 170, "{blocks} blocks are too few to be primed");
    }
}

/// A long list's champions are the answer as long as they leave no doubt: no block is
/// touched then. With ties at their end, more hits than there are champions, too
/// many of them deleted, or under a formula that ranks otherwise, blocks are.
#[test]
fn champions_are_the_answer_or_the_blocks_are() {
    let schema = Schema::builder().text("body", Text::plain());
    let schema = schema.unsigned("id").key("id").build().unwrap();
    let index = Index::in_memory(schema).unwrap();
    let mut writer = index.writer().unwrap();
    // All lengths differ, and 40 documents have the word "tie" alike, the others
    // once in 100 words. A fifth has "mid", twelve of these more often than once.
    let text = |id: u32| {
        let often = if id % 100 == 7 { 1 + id / 100 } else { 1 };
        let tie = if id % 75 == 3 { 9 } else { 1 };
        let mid = match id % 5 {
            0 if id.is_multiple_of(250) => 2 + id / 250,
            0 => 1,
            _ => 0,
        };
        let words = [("word ", often), ("tie ", tie), ("mid ", mid)];
        let words = words.map(|(word, often)| word.repeat(often as usize));
        words.concat() + &"other ".repeat((100 - tie - mid) as usize)
    };
    for id in 0..3_000u32 {
        let document = serde_json::json!({ "id": id, "body": text(id) });
        writer.put(&document).unwrap();
    }
    writer.commit().unwrap();
    writer.optimize().unwrap();
    let check = |query: &str, limit: usize, bm25: Bm25, untouched: bool| {
        let searcher = index.searcher().unwrap();
        let ask = || searcher.search(query).limit(limit).bm25(bm25);
        let (page, xray) = ask().xray().unwrap();
        let long = ask().filter(Query::All).run().unwrap();
        assert_eq!(hits(&page), hits(&long), "{query} top {limit} {bm25:?}");
        assert_eq!(xray.ways(), [Way::Term]);
        let decodings: u64 = xray.lists().iter().map(ListXray::decodings).sum();
        assert_eq!(decodings == 0, untouched, "{query} top {limit} {bm25:?}");
    };
    let usual = Bm25::default();
    for limit in [1, 10, 29] {
        check("word", limit, usual, true);
    }
    // From the 31st on all have the word once in as many.
    check("word", 100, usual, false);
    check("word", 129, usual, false);
    check("word", 10, Bm25::new(0.0, 0.5).unwrap(), false);
    check("word", 10, Bm25::new(1.2, 0.0).unwrap(), false);
    check("word", 10, Bm25::new(1.3, 0.75).unwrap(), true);
    check("tie", 10, usual, true);
    check("tie", 41, usual, false);
    // Of 600 postings the sixteen best are apart.
    check("mid", 10, usual, true);
    check("mid", 12, usual, true);
    check("mid", 13, usual, false);
    check("mid", 17, usual, false);
    check("mid", 10, Bm25::new(0.0, 0.5).unwrap(), false);
    check("mid -nothing", 10, usual, true);
    check("mid -tie", 10, usual, false);
    check("word -nothing", 10, usual, true);
    check("word -tie", 10, usual, false);
    for id in (0..20u32).map(|n| 2907 - 100 * n) {
        writer.delete(u64::from(id)).unwrap();
    }
    writer.commit().unwrap();
    check("word", 9, usual, true);
    check("word", 11, usual, false);
    check("mid", 10, usual, true);
    for id in [2_000u64, 2_250, 2_500, 2_750] {
        writer.delete(id).unwrap();
    }
    writer.commit().unwrap();
    check("mid", 8, usual, true);
    check("mid", 9, usual, false);
}

/// A match that is passed over is not among those counted, even if what it lacks to be
/// a hit is a list that ends before it.
#[test]
fn what_is_passed_over_past_the_end_of_a_list_is_told() {
    let schema = Schema::builder().text("body", Text::plain());
    let index = Index::in_memory(schema.build().unwrap()).unwrap();
    let mut writer = index.writer().unwrap();
    // All with "whale" score the same; in the second segment "sea" ends before it.
    for segment in [&["whale"][..], &["sea", "whale"]] {
        for body in segment {
            writer.put(&serde_json::json!({ "body": body })).unwrap();
        }
        writer.commit().unwrap();
    }
    let searcher = index.searcher().unwrap();
    assert_eq!(searcher.snapshot().parts().len(), 2);
    let ask = || searcher.search("+whale sea").limit(1);
    let ask = || ask().bm25(Bm25::new(0.0, 0.0).unwrap());
    assert_eq!(ask().run().unwrap().total(), Total::AtLeast(1));
    let exact = ask().count_exactly().run().unwrap();
    assert_eq!(exact.total(), Total::Exact(2));
}

/// Of blocks whose documents follow one another only the directory is read, by
/// every way there is: bits, look-ups of one and of many, and scores.
#[test]
fn runs_without_a_gap_are_found_unread() {
    let schema = Schema::builder().text("body", Text::plain());
    let index = Index::in_memory(schema.unsigned("id").key("id").build().unwrap()).unwrap();
    let mut writer = index.writer().unwrap();
    // Neither begins nor ends with a word of bits, nor with a window.
    let is_in_run = |id: u32| (100..4_500).contains(&id) || (4_610..9_001).contains(&id);
    let has = |id: u32, word: &str| match word {
        "run" => is_in_run(id),
        "third" => id.is_multiple_of(3),
        _ => id % 97 == 5,
    };
    let documents = 9_500;
    for id in 0..documents {
        let words = ["run", "third", "rare"].into_iter();
        let words: Vec<_> = words.filter(|word| has(id, word)).collect();
        let body = format!("{} {}", words.join(" "), "x ".repeat(id as usize % 7));
        writer
            .put(&serde_json::json!({ "id": id, "body": body }))
            .unwrap();
    }
    writer.commit().unwrap();
    drop(writer);
    let searcher = index.searcher().unwrap();
    type Matches = fn(bool, bool, bool) -> bool;
    let questions: [(&str, Matches); 8] = [
        ("run", |run, _, _| run),
        ("run rare", |run, _, rare| run || rare),
        ("+run +third", |run, third, _| run && third),
        ("+run +rare", |run, _, rare| run && rare),
        ("+rare +third +run", |run, third, rare| run && third && rare),
        ("rare -run", |run, _, rare| rare && !run),
        ("\"run third\"", |run, third, _| run && third),
        ("third AND NOT (run OR rare)", |run, third, rare| {
            third && !run && !rare
        }),
    ];
    for (query, matches) in questions {
        let matches = |id: &u32| matches(has(*id, "run"), has(*id, "third"), has(*id, "rare"));
        let expected: Vec<u32> = (0..documents).filter(matches).collect();
        assert_eq!(
            searcher.count(query).unwrap(),
            expected.len() as u64,
            "{query}"
        );
        let page = searcher.search(query).limit(documents as usize);
        let (short, long) = (page.clone().run().unwrap(), page.filter(Query::All));
        let mut found: Vec<u32> = short.hits().map(|hit| hit.number()).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
        let ten = searcher.search(query).limit(10).run().unwrap();
        let long = long.run().unwrap();
        assert_eq!(hits(&short), hits(&long), "{query}");
        let first = hits(&long).into_iter().take(10);
        assert_eq!(hits(&ten), first.collect::<Vec<_>>(), "{query}");
    }
}

/// A corpus in which some documents are long, and its documents word by word.
fn long_and_short(documents: usize, seed: u64) -> Vec<Vec<String>> {
    let mut state = seed;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut words = move || {
        let length = match random(40) {
            0 => random(3_000),
            _ => 1 + random(12) * random(4),
        };
        let word = |_| {
            let rank = 1 << random(8);
            format!("w{}", random(rank))
        };
        (0..length.max(1)).map(word).collect()
    };
    (0..documents).map(|_| words()).collect()
}

/// Two words and more, once in a document and five hundred times, whose lists
/// are dense and sparse, and shorter than a block; by the short way, with pruning
/// and without, in some parts and with documents deleted, and window by window.
#[test]
fn phrases_are_where_a_plain_look_finds_them() {
    let documents = long_and_short(6_000, 11);
    let schema = Schema::builder().text("body", Text::plain());
    let index = Index::in_memory(schema.unsigned("id").key("id").build().unwrap()).unwrap();
    let options = WriterOptions::default().without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for (id, words) in documents.iter().enumerate() {
        let body = words.join(" ");
        writer
            .put(&serde_json::json!({ "id": id, "body": body }))
            .unwrap();
        if id == 4_000 {
            writer.commit().unwrap();
        }
    }
    writer.commit().unwrap();
    let check = |deleted: &dyn Fn(usize) -> bool| {
        let searcher = index.searcher().unwrap();
        let phrases = [
            "w0 w0",
            "w0 w1",
            "w1 w0",
            "w2 w3",
            "w0 w90",
            "w90 w0",
            "w70 w80",
            "w40 w41 w0",
            "w0 w1 w0",
            "w0 w0 w0 w0",
            "w1 w0 w2 w0",
            "w5 w0 w0 w5",
            "w0 nothing",
        ];
        for phrase in phrases {
            let wanted: Vec<&str> = phrase.split(' ').collect();
            let frequency = |words: &[String]| {
                let places = words.windows(wanted.len());
                places.filter(|place| place.iter().eq(&wanted)).count()
            };
            let expected: Vec<(u32, usize)> = documents
                .iter()
                .enumerate()
                .map(|(id, words)| (id as u32, frequency(words)))
                .filter(|(id, frequency)| *frequency > 0 && !deleted(*id as usize))
                .collect();
            let query = format!("\"{phrase}\"");
            assert_eq!(
                searcher.count(query.as_str()).unwrap(),
                expected.len() as u64,
                "{phrase}"
            );
            // Without lengths a score tells the frequency: what comes first, and
            // that all with the same score are equals.
            let ask = || {
                let search = searcher.search(query.as_str());
                search.bm25(Bm25::new(1.2, 0.0).unwrap())
            };
            let mut ranked = expected.clone();
            ranked.sort_by_key(|(id, frequency)| (std::cmp::Reverse(*frequency), *id));
            for limit in [1, 10, 6_000] {
                for page in [
                    ask().limit(limit).run().unwrap(),
                    ask().limit(limit).count_exactly().run().unwrap(),
                    ask().limit(limit).filter(Query::All).run().unwrap(),
                ] {
                    let found = hits(&page);
                    assert_eq!(found.len(), ranked.len().min(limit), "{phrase} top {limit}");
                    for pair in found.iter().zip(&ranked).collect::<Vec<_>>().windows(2) {
                        let [((_, score), (_, frequency)), ((_, next), (_, lower))] = pair else {
                            panic!("they are two");
                        };
                        assert_eq!(score == next, frequency == lower, "{phrase}");
                    }
                    let numbers = found.iter().map(|(number, _)| *number);
                    let wanted = ranked.iter().map(|(id, _)| *id);
                    assert!(numbers.eq(wanted.take(limit)), "{phrase} top {limit}");
                }
            }
        }
        let often = |words: &Vec<String>| words.iter().filter(|word| *word == "w0").count();
        assert!(documents.iter().map(often).any(|often| often > 512));
    };
    check(&|_| false);
    for id in (0..documents.len()).step_by(5) {
        writer.delete(id as u64).unwrap();
    }
    writer.commit().unwrap();
    check(&|id| id % 5 == 0);
}

/// A keyword has no ceilings, and its list no frequencies: all tie, so the first
/// documents are the hits, though a witness says at once what they score.
#[test]
fn of_a_keyword_the_first_documents_are_best() {
    let schema = Schema::builder().keyword("tag").build().unwrap();
    let index = Index::in_memory(schema).unwrap();
    let options = WriterOptions::default().without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for id in 0..900 {
        let tag = if id % 3 == 0 { "rare" } else { "often" };
        writer.put(&serde_json::json!({ "tag": tag })).unwrap();
        if id == 600 {
            writer.commit().unwrap();
        }
    }
    writer.commit().unwrap();
    let searcher = index.searcher().unwrap();
    for (query, expected) in [
        ("tag:rare", [0, 3, 6]),
        ("tag:often", [1, 2, 4]),
        ("tag:rare tag:often", [0, 3, 6]),
    ] {
        let page = searcher.search(query).limit(3).run().unwrap();
        let found: Vec<u32> = page.hits().map(|hit| hit.number()).collect();
        assert_eq!(found, expected, "{query}");
    }
}

/// A set is made of blocks of all kinds: runs, bitmaps, gaps, tails.
#[test]
fn a_beginning_finds_what_its_words_do() {
    let searcher = index(9_000, 5, 2, 40).searcher().unwrap();
    let numbers = |query: &Query| {
        let page = searcher.search(query).limit(9_000).run().unwrap();
        let mut numbers: Vec<u32> = page.hits().map(|hit| hit.number()).collect();
        numbers.sort_unstable();
        numbers
    };
    for beginning in ["w", "w0", "w1", "w12", "w3"] {
        let words = (0..256).map(|number| format!("w{number}"));
        let words = words.filter(|word| word.starts_with(beginning));
        let words = Query::any_of(words.map(Query::term)).field("body");
        let found = numbers(&Query::prefix(beginning).field("body"));
        assert!(found.len() > 100);
        assert_eq!(found, numbers(&words), "{beginning}*");
    }
}
