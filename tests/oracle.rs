//! The engine against an oracle that does everything the slow way: the same
//! documents in the same order with the same scores, to the bit, whatever was
//! put, replaced, deleted, committed, merged and reopened, by however many
//! threads.

#[path = "oracle/naive.rs"]
mod naive;

use naive::{Field, Kind, Naive};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use wordhoard::analysis::{Analyzer, Analyzers, FilterKind};
use wordhoard::index::IndexOptions;
use wordhoard::query::{Clause, Occur};
use wordhoard::search::{Bm25, Explanation, Page, Search, Sort, Statistics, Total};
use wordhoard::storage::{Directory, Memory};
use wordhoard::{Index, Query, Schema, Searcher, Text, WriterOptions};

/// Pieces of words, several at a place.
fn grams() -> Analyzer {
    let grams = FilterKind::Ngrams { min: 2, max: 3 };
    let builder = Analyzer::builder().filter(FilterKind::Lowercase);
    builder.filter(grams).build().unwrap()
}

fn options(schema: Schema) -> IndexOptions {
    let mut analyzers = Analyzers::default();
    analyzers.register("grams", grams()).unwrap();
    Index::options().schema(schema).analyzers(analyzers)
}

fn in_memory() -> Index {
    options(schema())
        .create_in(Arc::new(Memory::new()))
        .unwrap()
}

fn schema() -> Schema {
    Schema::builder()
        .key("id")
        .text("title", Text::plain().boost(2.0))
        .text("body", Text::english())
        .text("name", Text::analyzer("grams").boost(0.5))
        .keyword("tags")
        .integer("year")
        .unsigned("size")
        .float("price")
        .boolean("sold")
        .date("when")
        .build()
        .unwrap()
}

/// Prices are quarters, and negative zero is zero.
fn quarters(text: &str) -> i128 {
    (text.parse::<f64>().unwrap() * 4.0) as i128
}

/// `2001-07-09` → 20010709; the time is midnight always.
fn digits(text: &str) -> i128 {
    let day = text.split('T').next().unwrap();
    day.replace('-', "").parse().unwrap()
}

fn number(text: &str) -> i128 {
    text.parse().unwrap()
}

fn fields() -> Vec<Field> {
    vec![
        Field {
            name: "id",
            kind: Kind::Keyword,
        },
        Field {
            name: "title",
            kind: Kind::Text(Analyzer::plain(), 2.0),
        },
        Field {
            name: "body",
            kind: Kind::Text(Analyzer::english(), 1.0),
        },
        Field {
            name: "name",
            kind: Kind::Text(grams(), 0.5),
        },
        Field {
            name: "tags",
            kind: Kind::Keyword,
        },
        Field {
            name: "year",
            kind: Kind::Ordered(number),
        },
        Field {
            name: "size",
            kind: Kind::Ordered(number),
        },
        Field {
            name: "price",
            kind: Kind::Ordered(quarters),
        },
        Field {
            name: "sold",
            kind: Kind::Ordered(|text| i128::from(text == "true")),
        },
        Field {
            name: "when",
            kind: Kind::Ordered(digits),
        },
    ]
}

const SIZES: [u64; 5] = [0, 1, 7, u64::MAX - 1, u64::MAX];
const PRICES: [f64; 7] = [-1e18, -0.25, -0.0, 0.0, 0.25, 2.5, 1e18];
const DAYS: [&str; 5] = [
    "0001-01-01",
    "1969-12-31",
    "1970-01-01",
    "2001-07-09",
    "9999-12-30",
];

/// Words of which a few are frequent and some are stop words.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-c]",
        3 => "[a-e]{2}",
        2 => prop::sample::select(vec!["the", "foxes", "fox", "running", "not", "C++", "usb-c"]).prop_map(str::to_owned),
        1 => "[a-z]{3}",
    ]
}

fn text(words: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(word(), words).prop_map(|words| words.join(" "))
}

fn document() -> impl Strategy<Value = Value> {
    let tags = prop::collection::vec(
        prop::sample::select(vec!["red", "green", "blue", "bluish"]),
        0..3,
    );
    let body = prop_oneof![
        4 => text(0..12).prop_map(Value::from),
        1 => prop::collection::vec(text(0..5), 0..3).prop_map(Value::from),
        1 => text(30..60).prop_map(Value::from),
    ];
    let year = prop_oneof![1 => Just(Value::Null), 4 => (-3i64..8).prop_map(Value::from), 1 => prop::collection::vec(-3i64..8, 0..3).prop_map(Value::from)];
    let ordered = (
        prop::option::of(prop::sample::select(&SIZES)),
        prop::collection::vec(prop::sample::select(&PRICES), 0..3),
        prop::option::of(any::<bool>()),
        prop::option::of(prop::sample::select(&DAYS)),
        "([a-c]{1,5}( [A-C]{1,4})?)?",
    );
    (0u8..120, text(0..4), body, tags, year, ordered).prop_map(
        |(id, title, body, tags, year, (size, price, sold, when, name))| {
            json!({
                "id": format!("k{id}"), "title": title, "body": body, "tags": tags, "year": year,
                "size": size, "price": price, "sold": sold, "when": when, "name": name,
            })
        },
    )
}

/// Ranges of all kinds of fields, with and without their ends, and single
/// values.
fn range() -> impl Strategy<Value = Query> {
    let texts = prop_oneof![
        (-3i64..8, -3i64..8).prop_map(|(a, b)| ("year", a.to_string(), b.to_string())),
        (prop::sample::select(&SIZES), prop::sample::select(&SIZES)).prop_map(|(a, b)| (
            "size",
            a.to_string(),
            b.to_string()
        )),
        (prop::sample::select(&PRICES), prop::sample::select(&PRICES)).prop_map(|(a, b)| (
            "price",
            format!("{a:?}"),
            format!("{b:?}")
        )),
        (any::<bool>(), any::<bool>()).prop_map(|(a, b)| ("sold", a.to_string(), b.to_string())),
        (prop::sample::select(&DAYS), prop::sample::select(&DAYS)).prop_map(|(a, b)| (
            "when",
            a.to_owned(),
            b.to_owned()
        )),
        ("[a-h]{1,3}", "[a-z]{1,3}").prop_map(|(a, b)| ("tags", a, b)),
    ];
    let ends = (0u8..3, 0u8..3);
    prop_oneof![
        3 => (texts.clone(), ends).prop_map(|((field, a, b), (lower, upper))| {
            let bound = |kind, text| match kind {
                0 => Bound::Included(text),
                1 => Bound::Excluded(text),
                _ => Bound::Unbounded,
            };
            Query::range(field, (bound(lower, a), bound(upper, b)))
        }),
        1 => texts.prop_map(|(field, value, _)| Query::term(value).field(field)),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<Value>),
    Delete(u8),
    DeleteMatching(String),
    Commit,
    Rollback,
    Reopen,
    Optimize,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => prop::collection::vec(document(), 1..40).prop_map(Step::Put),
        2 => (0u8..120).prop_map(Step::Delete),
        1 => prop::sample::select(vec!["tags:red -title:a", "year:[6 TO 7]", "body:zz*"]).prop_map(|query| Step::DeleteMatching(query.into())),
        3 => Just(Step::Commit),
        1 => Just(Step::Rollback),
        1 => Just(Step::Reopen),
        1 => Just(Step::Optimize),
    ];
    prop::collection::vec(step, 1..14)
}

fn query() -> impl Strategy<Value = Query> {
    let field = || prop::option::of(prop::sample::select(vec!["title", "body", "name"]));
    let in_field = |query: Query, field: Option<&'static str>| match field {
        Some(field) => query.field(field),
        None => query,
    };
    let leaf = prop_oneof![
        8 => (word(), field()).prop_map(move |(word, field)| in_field(Query::term(word), field)),
        3 => (text(1..4), field(), 0u32..4).prop_map(move |(text, field, slop)| in_field(Query::phrase(text).slop(slop), field)),
        2 => (text(0..4), field()).prop_map(move |(text, field)| in_field(Query::words(text), field)),
        2 => ("[a-f]{0,2}", field()).prop_map(move |(text, field)| in_field(Query::prefix(text), Some(field.unwrap_or("body")))),
        1 => prop::sample::select(vec!["red", "blue", "none"]).prop_map(|tag| Query::term(tag).field("tags")),
        1 => prop::sample::select(vec!["bl", ""]).prop_map(|tag| Query::prefix(tag).field("tags")),
        3 => range(),
        1 => prop::sample::select(vec!["year", "price", "sold", "title", "tags"]).prop_map(Query::exists),
        1 => Just(Query::All),
        1 => Just(Query::Nothing),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let occur = prop::sample::select(vec![Occur::Should, Occur::Should, Occur::Must, Occur::Must, Occur::MustNot, Occur::Filter]);
        let same = prop::sample::select(vec![Occur::Should, Occur::Must]);
        let clauses = prop_oneof![
            prop::collection::vec((occur, inner.clone()), 0..5),
            // All of one kind: the shapes that have ways of their own.
            (same, prop::collection::vec(inner.clone(), 1..5)).prop_map(|(occur, queries)| queries.into_iter().map(|query| (occur, query)).collect()),
        ];
        prop_oneof![
            6 => (clauses, prop_oneof![4 => Just(0u32), 1 => 1u32..4]).prop_map(|(clauses, minimum)| Query::Boolean {
                clauses: clauses.into_iter().map(|(occur, query)| Clause::new(occur, query)).collect(),
                minimum_should_match: minimum,
            }),
            1 => (inner.clone(), 0.0f32..3.0).prop_map(|(query, factor)| query.boost(factor)),
            1 => (inner, 0.0f32..3.0).prop_map(|(query, score)| query.constant(score)),
        ]
    })
}

/// Words, in one field or in the default ones, that must, should or must not match;
/// or a phrase, less words: the shapes that have ways of their own.
fn usual() -> impl Strategy<Value = Query> {
    let field = || prop_oneof![4 => Just(None), 1 => prop::sample::select(vec![Some("title"), Some("body")])];
    let in_field = |query: Query, field: Option<&'static str>| match field {
        Some(field) => query.field(field),
        None => query,
    };
    let words =
        || (word(), field()).prop_map(move |(word, field)| in_field(Query::term(word), field));
    let phrase = (
        text(2..4),
        field(),
        prop_oneof![4 => Just(0u32), 1 => Just(2u32)],
    )
        .prop_map(move |(text, field, slop)| in_field(Query::phrase(text).slop(slop), field));
    let wanted = prop_oneof![
        3 => prop::collection::vec((prop::sample::select(vec![Occur::Must, Occur::Should]), words()), 1..5),
        1 => phrase.prop_map(|phrase| vec![(Occur::Should, phrase)]),
    ];
    let forbidden = prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(words(), 1..3)];
    (wanted, forbidden).prop_map(|(wanted, forbidden)| {
        let forbidden = forbidden.into_iter().map(|query| (Occur::MustNot, query));
        let clauses = wanted.into_iter().chain(forbidden);
        Query::Boolean {
            clauses: clauses
                .map(|(occur, query)| Clause::new(occur, query))
                .collect(),
            minimum_should_match: 0,
        }
    })
}

/// Carries the steps out on an index and on a list; returns both.
fn carry_out(steps: &[Step], writing: &WriterOptions) -> (Index, Vec<Value>, Memory) {
    let directory = Memory::new();
    let mut index = options(schema())
        .create_in(Arc::new(directory.clone()))
        .unwrap();
    let mut writer = index.writer_with(writing.clone()).unwrap();
    let (mut live, mut committed): (Vec<Value>, Vec<Value>) = Default::default();
    for step in steps {
        match step {
            Step::Put(documents) => {
                for document in documents {
                    writer.put(document).unwrap();
                    live.retain(|other| other["id"] != document["id"]);
                    live.push(document.clone());
                }
            }
            Step::Delete(id) => {
                writer.delete(format!("k{id}")).unwrap();
                live.retain(|other| other["id"] != format!("k{id}"));
            }
            Step::DeleteMatching(text) => {
                let deleted = writer.delete_matching(text.as_str()).unwrap();
                let naive = Naive::new(fields(), live.clone(), 1.2, 0.75);
                let gone: Vec<usize> = naive
                    .search(&Query::parse(text).query, None)
                    .iter()
                    .map(|(at, _)| *at)
                    .collect();
                assert_eq!(deleted as usize, gone.len(), "{text}");
                let mut at = 0..;
                live.retain(|_| !gone.contains(&at.next().unwrap()));
            }
            Step::Commit => {
                writer.commit().unwrap();
                committed = live.clone();
            }
            Step::Rollback => {
                writer.rollback().unwrap();
                live = committed.clone();
            }
            Step::Reopen => {
                drop(writer);
                live = committed.clone();
                index = Index::options()
                    .open_in(Arc::new(directory.clone()))
                    .unwrap();
                writer = index.writer_with(writing.clone()).unwrap();
            }
            Step::Optimize => {
                writer.optimize().unwrap();
                committed = live.clone();
            }
        }
    }
    writer.close().unwrap();
    (index, live, directory)
}

/// Key and score of each hit.
fn found(page: &Page) -> Vec<(String, u32)> {
    page.hits()
        .map(|hit| (hit.key().unwrap().unwrap(), hit.score().to_bits()))
        .collect()
}

fn expected(naive: &Naive, hits: &[(usize, f32)]) -> Vec<(String, u32)> {
    let key = |at: usize| naive.documents[at]["id"].as_str().unwrap().to_owned();
    hits.iter()
        .map(|(at, score)| (key(*at), score.to_bits()))
        .collect()
}

fn check(searcher: &Searcher, naive: &Naive, query: &Query, filter: Option<&Query>) {
    let bm25 = Bm25::new(naive.k1, naive.b).unwrap();
    check_as(searcher, naive, query, filter, |search| search.bm25(bm25));
}

/// All that can be asked about a query, with choices that the oracle has made
/// too.
fn check_as(
    searcher: &Searcher,
    naive: &Naive,
    query: &Query,
    filter: Option<&Query>,
    choose: impl Fn(Search) -> Search,
) {
    let all = expected(naive, &naive.search(query, filter));
    let ask = || {
        let search = choose(searcher.search(query));
        match filter {
            Some(filter) => search.filter(filter),
            None => search,
        }
    };
    for limit in [1, 3, 10, 1000] {
        let page = ask().limit(limit).run().unwrap();
        assert_eq!(
            found(&page),
            all[..limit.min(all.len())],
            "{query} top {limit}"
        );
        match page.total() {
            Total::Exact(count) => assert_eq!(count as usize, all.len(), "{query}"),
            Total::AtLeast(count) => assert!(count as usize <= all.len(), "{query}"),
        }
        let exact = ask().limit(limit).count_exactly().run().unwrap();
        assert_eq!(found(&exact), found(&page), "{query} top {limit}, counted");
        assert_eq!(exact.total(), Total::Exact(all.len() as u64), "{query}");
        let together = ask().limit(limit).parallel();
        let exact = together.clone().count_exactly().run().unwrap();
        let together = together.run().unwrap();
        assert_eq!(found(&together), found(&page), "{query}, by all cores");
        assert_eq!(found(&exact), found(&page), "{query}, by all cores");
        assert_eq!(exact.total(), Total::Exact(all.len() as u64), "{query}");
    }
    let page = ask().offset(2).limit(3).run().unwrap();
    assert_eq!(
        found(&page),
        all[2.min(all.len())..5.min(all.len())],
        "{query} from the third"
    );
    for hit in &page {
        let explanation = hit.explain().unwrap();
        assert_eq!(
            explanation.value().to_bits(),
            hit.score().to_bits(),
            "{query}"
        );
        add_up(&explanation);
    }
    if filter.is_none() && naive.chosen.is_empty() {
        assert_eq!(
            searcher.count(query).unwrap() as usize,
            all.len(),
            "{query}"
        );
    }
}

/// Sums are those of their parts, and products those of their factors.
fn add_up(explanation: &Explanation) {
    let parts: Vec<f32> = explanation
        .details()
        .iter()
        .map(Explanation::value)
        .collect();
    let value = match (explanation.text(), parts.as_slice()) {
        ("the sum of", parts) => parts.iter().fold(0.0, |sum, part| sum + part),
        ("tf / (tf + K)", [tf, k]) => tf / (tf + k),
        ("a constant score, whatever this would have", [_]) => explanation.value(),
        // A term or a phrase, and its weight.
        (_, [a, b]) => a * b,
        (text, []) => {
            assert_ne!(text, "the document doesn't match");
            explanation.value()
        }
        (text, parts) => panic!("{text} of {} parts", parts.len()),
    };
    assert_eq!(
        value.to_bits(),
        explanation.value().to_bits(),
        "{explanation}"
    );
    explanation.details().iter().for_each(add_up);
}

fn files(directory: &Memory) -> BTreeMap<String, Vec<u8>> {
    let names = directory.list().unwrap();
    names
        .into_iter()
        .map(|name| (name.clone(), directory.open(&name).unwrap().to_vec()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn every_query_finds_what_the_oracle_finds(
        steps in steps(), queries in prop::collection::vec(prop_oneof![query(), usual()], 1..12), filter in query(),
        k1 in 0f32..2.0, b in 0f32..=1.0, threads in 1usize..=4,
    ) {
        let options = WriterOptions::default().threads(threads);
        let (index, live, _) = carry_out(&steps, &options);
        let searcher = index.searcher().unwrap();
        let naive = Naive::new(fields(), live, k1, b);
        for query in &queries {
            check(&searcher, &naive, query, None);
        }
        check(&searcher, &naive, &queries[0], Some(&filter));
        index.verify().unwrap();
    }

    /// Fields with parameters and boosts of their own, default fields of the
    /// question's, and statistics that are another collection's.
    #[test]
    fn whatever_is_chosen_the_oracle_chooses_too(
        steps in steps(), query in prop_oneof![query(), usual()], filter in query(),
        k1 in 0f32..2.0, b in 0f32..=1.0, boosts in (0f32..3.0, 0f32..3.0),
    ) {
        let grown = Schema::builder()
            .key("id")
            .text("title", Text::plain().boost(2.0).bm25(k1, b))
            .text("body", Text::english())
            .text("name", Text::analyzer("grams").boost(0.5))
            .keyword("tags")
            .integer("year")
            .unsigned("size")
            .float("price")
            .boolean("sold")
            .date("when")
            .build()
            .unwrap();
        let (index, live, directory) = carry_out(&steps, &WriterOptions::default());
        let searcher = index.searcher().unwrap();
        let mut naive = Naive::new(fields(), live.clone(), 1.2, 0.75);
        let chosen = [("body", boosts.0), ("tags", boosts.1), ("title", 1.0)];
        naive.chosen = chosen.to_vec();
        check_as(&searcher, &naive, &query, Some(&filter), |search| search.fields(chosen));
        naive.chosen.clear();

        let half = live[..live.len() / 2].to_vec();
        let shard = in_memory();
        let mut writer = shard.writer().unwrap();
        half.iter().for_each(|document| writer.put(document).unwrap());
        writer.commit().unwrap();
        let statistics = searcher.statistics(&query).unwrap();
        let mut part = Naive::new(fields(), half, 1.2, 0.75);
        let names = ["id", "title", "body", "name", "tags"];
        part.foreign = Some(names.map(|name| (name, naive.collection(name))).into());
        let shard = shard.searcher().unwrap();
        check_as(&shard, &part, &query, None, |search| search.statistics(statistics.clone()));

        let index = options(grown).open_in(Arc::new(directory)).unwrap();
        naive.own = BTreeMap::from([("title", (k1, b))]);
        check_as(&index.searcher().unwrap(), &naive, &query, None, |search| search);
    }

    #[test]
    fn threads_leave_no_trace_in_the_bytes(steps in steps()) {
        let run = |threads| files(&carry_out(&steps, &WriterOptions::default().threads(threads)).2);
        let one = run(1);
        prop_assert!(one == run(2), "two threads");
        prop_assert!(one == run(4), "four threads");
    }

    #[test]
    fn sorting_and_facets(
        steps in steps(), query in query(), filter in prop::option::of(query()), descending in any::<bool>(),
        field in prop::sample::select(vec!["tags", "year", "size", "price", "sold", "when"]), offset in 0usize..4,
    ) {
        let (index, live, _) = carry_out(&steps, &WriterOptions::default());
        let naive = Naive::new(fields(), live, 1.2, 0.75);
        let mut hits = naive.search(&query, filter.as_ref());
        let values = |at: usize| naive.values(at, field);
        let mut counts: BTreeMap<(i128, String), u64> = BTreeMap::new();
        for (at, _) in &hits {
            let mut values = values(*at);
            values.sort();
            values.dedup();
            values.into_iter().for_each(|value| *counts.entry(value).or_default() += 1);
        }
        hits.sort_by(|a, b| {
            let rank = |at: usize| if descending { values(at).into_iter().max() } else { values(at).into_iter().min() };
            let (x, y) = (rank(a.0), rank(b.0));
            let by_value = match (&x, &y) {
                (Some(x), Some(y)) if descending => y.cmp(x),
                (Some(x), Some(y)) => x.cmp(y),
                _ => x.is_none().cmp(&y.is_none()),
            };
            by_value.then(a.0.cmp(&b.0))
        });
        let sort = if descending { Sort::descending(field) } else { Sort::ascending(field) };
        let searcher = index.searcher().unwrap();
        let mut search = searcher.search(&query).sort_by(sort).facet(field, 100);
        if let Some(filter) = &filter {
            search = search.filter(filter);
        }
        let page = search.offset(offset).limit(7).run().unwrap();
        let from = offset.min(hits.len());
        prop_assert_eq!(found(&page), &expected(&naive, &hits)[from..(from + 7).min(hits.len())]);
        let mut counts: Vec<((i128, String), u64)> = counts.into_iter().collect();
        // Stable: values that are as frequent stay in their order.
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let facets = page.facets()[0].counts();
        prop_assert_eq!(facets.len(), counts.len());
        for ((facet, count), ((rank, value), expected)) in facets.iter().zip(&counts) {
            prop_assert_eq!(count, expected);
            prop_assert_eq!(naive.rank(field, facet), (*rank, value.clone()));
        }
    }

    #[test]
    fn shards_answer_as_one(documents in prop::collection::vec(document(), 1..80), query in query(), cut in any::<prop::sample::Index>()) {
        let build = |documents: &[Value]| {
            let index = in_memory();
            let mut writer = index.writer().unwrap();
            documents.iter().for_each(|document| writer.put(document).unwrap());
            writer.commit().unwrap();
            index.searcher().unwrap()
        };
        let mut unique: Vec<Value> = Vec::new();
        for document in documents {
            unique.retain(|other| other["id"] != document["id"]);
            unique.push(document);
        }
        let (first, second) = unique.split_at(cut.index(unique.len()));
        let shards = [build(first), build(second)];
        let sum: Statistics = shards[0].statistics(&query).unwrap() + shards[1].statistics(&query).unwrap();
        // Few of each facet, so that what one shard has seldom another may have often.
        let ask = |shard: &Searcher| shard.search(&query).facet("tags", 2).facet("year", 3).facet("size", 1).limit(10);
        let pages: Vec<Page> = shards.iter().map(|shard| ask(shard).statistics(sum.clone()).run().unwrap()).collect();
        let merged = Page::merge(pages, 10);
        let whole = ask(&build(&unique)).run().unwrap();
        prop_assert_eq!(found(&merged), found(&whole));
        prop_assert_eq!(merged.facets(), whole.facets());
        prop_assert_eq!(merged.total(), whole.total());
    }
}

/// Many commits; and documents for many times the memory there is.
#[test]
fn threads_leave_no_trace_in_many_segments() {
    let run = |rounds: u64, documents: u64, words: u64, writing: WriterOptions| {
        let directory = Memory::new();
        let index = options(schema())
            .create_in(Arc::new(directory.clone()))
            .unwrap();
        let mut writer = index.writer_with(writing.clone()).unwrap();
        let mut all = Vec::new();
        for round in 0..rounds {
            for number in 0..documents {
                let body: Vec<String> = (0..words)
                    .map(|word| format!("w{}", (round * 7 + number * 31 + word * word) % 997))
                    .collect();
                let id = format!(
                    "k{}",
                    (round * documents + number * 3) % (rounds * documents / 2)
                );
                writer
                    .put(&json!({ "id": id, "body": body.join(" "), "tags": [format!("t{}", number % 9)], "year": number % 50 }))
                    .unwrap();
            }
            writer.delete(format!("k{round}")).unwrap();
            writer
                .delete_matching(format!("+w{round} +tags:t{}", round % 9).as_str())
                .unwrap();
            writer.commit().unwrap();
            all.push(files(&directory));
        }
        let most = all.iter().map(BTreeMap::len).max().unwrap();
        writer.optimize().unwrap();
        all.push(files(&directory));
        index.verify().unwrap();
        (all, most)
    };
    let small = |threads| run(60, 20, 10, WriterOptions::default().threads(threads));
    let large = |threads| {
        let options = WriterOptions::default().memory(1 << 20);
        run(3, 4_000, 40, options.threads(threads).without_merges())
    };
    let (one, most) = large(1);
    assert!(most > 6, "the memory was never full: {most} files");
    assert!((2..=4).all(|threads| large(threads).0 == one));
    let (one, _) = small(1);
    assert!((2..=4).all(|threads| small(threads).0 == one));
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

/// Many documents of few words, over several windows and segments: what is
/// passed over must not be missed.
#[test]
fn large_corpora_of_frequent_words() {
    let mut random = random(7);
    let mut documents = Vec::new();
    for id in 0..9_000 {
        let mut words = |length: u64| {
            let words = (0..length).map(|_| {
                let words = 1 << random(7);
                format!("w{}", random(words))
            });
            words.collect::<Vec<_>>().join(" ")
        };
        let mut title = words(1 + id * id % 4);
        let mut body = words(1 + id * 7 % 9 * (id % 5));
        // Rare words, some of them in both fields of a document.
        for (word, in_title, in_body) in [("rare", 300, 200), ("odd", 450, 150)] {
            for (text, every) in [(&mut title, in_title), (&mut body, in_body)] {
                if id % every == 0 {
                    *text += &format!(" {word}");
                }
            }
        }
        documents.push(json!({ "id": format!("k{id}"), "title": title, "body": body, "tags": [], "year": id % 50 }));
    }
    let writing = WriterOptions::default().memory(1 << 20).without_merges();
    let index = in_memory();
    let mut writer = index.writer_with(writing).unwrap();
    for (number, document) in documents.iter().enumerate() {
        writer.put(document).unwrap();
        if number == 5_000 {
            writer.commit().unwrap();
        }
    }
    writer.commit().unwrap();
    let naive = Large::new(&documents);
    let check = |index: &Index, dead: &dyn Fn(usize) -> bool| {
        let searcher = index.searcher().unwrap();
        for (fields, query) in [&FIELDS[..1], &FIELDS[..]].iter().flat_map(|fields| {
            let queries = [
                "w0",
                "w1 w2",
                "w0 w30 w60",
                "w5 w5",
                "w5 -w2",
                "w0 w30 w60 -w1 -w9",
                "+w0 +w1",
                "+w3 +w40",
                "+w0 +w2 +w7",
                "+w60 +w70",
                "+w3 +w40 -w1",
                "+w1 w50",
                "+w50 w1 w2",
                "+w0 w9 w60 -w3",
                "+w2 w40 +w7 -w1 -w50",
                "+rare +odd",
                "+odd rare",
                "+rare -odd",
                "rare odd -w1",
                "+odd +w0 -rare",
            ];
            queries.map(|query| (*fields, query))
        }) {
            let all = naive.best(query, fields, dead);
            for limit in [10, 100, 1000] {
                let ask = || {
                    searcher
                        .search(query)
                        .fields(fields.iter().map(|name| (*name, 1.0)))
                };
                let page = ask().limit(limit).run().unwrap();
                let counted = ask().limit(limit).count_exactly().run().unwrap();
                assert_eq!(found(&counted), found(&page), "{query} top {limit}");
                assert_eq!(counted.total(), Total::Exact(all.len() as u64), "{query}");
                let found = found(&page);
                let differs = (0..limit).find(|at| found.get(*at) != all.get(*at));
                assert_eq!(differs, None, "{query} top {limit} in {fields:?}");
            }
            let counted = searcher
                .search(query)
                .fields(fields.iter().map(|name| (*name, 1.0)));
            let counted = counted.limit(0).count_exactly().run().unwrap();
            assert_eq!(counted.total(), Total::Exact(all.len() as u64), "{query}");
        }
    };
    check(&index, &|_| false);
    for number in (0..9_000).step_by(7) {
        writer.delete(format!("k{number}")).unwrap();
    }
    writer.commit().unwrap();
    check(&index, &|number| number % 7 == 0);
    writer.optimize().unwrap();
    check(&index, &|number| number % 7 == 0);
}

/// Fields of plain words, and their boosts.
const FIELDS: [&str; 2] = ["body", "title"];
const BOOSTS: [f32; 2] = [1.0, 2.0];

/// The oracle for these, quick enough for thousands of documents: the words of each, field by field.
struct Large(Vec<[Vec<String>; 2]>);

impl Large {
    fn new(documents: &[Value]) -> Self {
        let words = |document: &Value| {
            FIELDS.map(|field| {
                let words = document[field].as_str().unwrap().split(' ');
                words.map(str::to_owned).collect()
            })
        };
        Self(documents.iter().map(words).collect())
    }

    /// All hits of words, of which some have a sign before them.
    fn best(
        &self,
        query: &str,
        fields: &[&str],
        dead: &dyn Fn(usize) -> bool,
    ) -> Vec<(String, u32)> {
        let live: Vec<usize> = (0..self.0.len()).filter(|number| !dead(*number)).collect();
        let averages: Vec<f64> = (0..fields.len())
            .map(|field| {
                let lengths = live.iter().map(|number| self.0[*number][field].len());
                lengths.sum::<usize>() as f64 / live.len() as f64
            })
            .collect();
        let terms: Vec<(&str, &str)> = query
            .split(' ')
            .map(|word| word.split_at(word.len() - word.trim_start_matches(['+', '-']).len()))
            .collect();
        let weight = |term: &str, field: usize| {
            let with = live.iter().filter(|number| {
                let mut words = self.0[**number][field].iter();
                words.any(|word| word == term)
            });
            let frequency = with.count() as f64;
            let idf = (1.0 + (live.len() as f64 - frequency + 0.5) / (frequency + 0.5)).ln() as f32;
            idf * BOOSTS[field]
        };
        let weights: Vec<Vec<f32>> = terms
            .iter()
            .map(|(_, term)| (0..fields.len()).map(|field| weight(term, field)).collect())
            .collect();
        let must = terms.iter().any(|(sign, _)| *sign == "+");
        let mut hits = Vec::new();
        for number in live {
            let (mut score, mut is_hit, mut any) = (0.0f32, true, must);
            for ((sign, term), weights) in terms.iter().zip(&weights) {
                let mut own = None;
                for (field, average) in averages.iter().enumerate() {
                    // Lengths up to 40 are kept exactly.
                    let words = &self.0[number][field];
                    let length = words.len() as f64;
                    let denominator = (f64::from(1.2f32) * (0.25 + 0.75 * length / average)) as f32;
                    let frequency = words.iter().filter(|word| word == term).count() as f32;
                    if frequency > 0.0 {
                        let part = weights[field] * (frequency / (frequency + denominator));
                        own = Some(own.unwrap_or(0.0) + part);
                    }
                }
                match (*sign, own) {
                    ("-", Some(_)) | ("+", None) => is_hit = false,
                    ("-", None) | (_, None) => {}
                    (_, Some(own)) => {
                        score += own;
                        any = true;
                    }
                }
            }
            if is_hit && any {
                hits.push((number, score));
            }
        }
        hits.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let hits = hits.into_iter();
        hits.map(|(number, score)| (format!("k{number}"), score.to_bits()))
            .collect()
    }
}

/// Phrases, filters, ranges and nested clauses where something must match: behind
/// short lists, some 128 documents at a time, and behind long ones, window by window.
#[test]
fn what_must_match_leads_or_is_walked_over() {
    let mut random = random(11);
    let mut documents = Vec::new();
    for id in 0..640u64 {
        let mut body: Vec<String> = (0..2 + id * 7 % 11)
            .map(|_| {
                let words = 1 << random(6);
                format!("w{}", random(words))
            })
            .collect();
        // In one document of ten, of five, of three.
        for (word, every) in [("tenth", 10), ("fifth", 5), ("third", 3)] {
            if random(every) == 0 {
                let at = random(body.len() as u64 + 1) as usize;
                body.splice(at..at, [word.to_owned(), "next".to_owned()]);
            }
        }
        let title = if id % 4 == 0 { "a tenth" } else { "an other" };
        let tags: Vec<String> = (0..id % 3).map(|_| format!("t{}", random(9))).collect();
        documents.push(json!({
            "id": format!("k{id}"), "title": title, "body": body.join(" "), "tags": tags,
            "year": random(50),
        }));
    }
    let index = in_memory();
    let mut writer = index
        .writer_with(WriterOptions::default().without_merges())
        .unwrap();
    documents
        .iter()
        .for_each(|document| writer.put(document).unwrap());
    writer.commit().unwrap();
    let mut naive = Naive::new(fields(), documents.clone(), 1.2, 0.75);
    let queries = [
        "+body:\"tenth next\" +body:w0",
        "+body:\"third next\" +body:w3",
        "+body:\"tenth next\" +body:\"third next\"",
        "+body:fifth body:\"next w1\" -body:\"w0 w0\"",
        "+body:tenth +(body:w1 body:\"third next\")",
        "+body:w0 +(body:w1 body:w2) -body:\"tenth next\"",
        "+(+body:w0 +body:fifth) +(body:third body:w5 -body:w9) body:w20",
        "+tenth +\"next w0\"",
        "+body:tenth +year:[10 TO 30]",
        "+body:next +tags:t* +year:[10 TO 30]^=0.5",
        "+body:fifth +tags:t3 -year:[0 TO 9]",
        "+body:\"fifth w1\"~4 +body:w2",
        "+(body:tenth)^=2 body:w4 body:\"w4 w1\"",
        "+body:tenth #body:third body:w1 #year:[3 TO 40]",
    ];
    let filters = [
        None,
        Some("tags:t1"),
        Some("year:[5 TO 20]"),
        Some("+body:third -body:w0"),
    ];
    let check_all = |naive: &Naive| {
        let searcher = index.searcher().unwrap();
        for (number, query) in queries.iter().enumerate() {
            let query = Query::parse(query).query;
            check(&searcher, naive, &query, None);
            let filter = filters[number % filters.len()].map(|filter| Query::parse(filter).query);
            check(&searcher, naive, &query, filter.as_ref());
        }
        // And what leads may be the filter alone.
        let filter = Query::parse("+body:tenth +tags:t*").query;
        check(
            &searcher,
            naive,
            &Query::parse("body:w0 body:third").query,
            Some(&filter),
        );
    };
    check_all(&naive);
    // Several parts, and deletes in them.
    for number in (0..640).step_by(6) {
        writer.delete(format!("k{number}")).unwrap();
    }
    writer.commit().unwrap();
    for document in &documents[..90] {
        writer.put(document).unwrap();
    }
    writer.commit().unwrap();
    let kept = documents[90..].iter().zip(90..);
    let kept = kept.filter(|(_, number)| number % 6 > 0);
    let live = kept.map(|(document, _)| document.clone());
    let live = live.chain(documents[..90].iter().cloned()).collect();
    naive = Naive::new(fields(), live, 1.2, 0.75);
    check_all(&naive);
}
