//! What proptest draws: documents, queries of all shapes, and steps of a writer.

use proptest::prelude::*;
use serde_json::{Value, json};
use std::ops::Bound;
use wordhoard::Query;
use wordhoard::query::{Clause, Occur};

const SIZES: [u64; 5] = [0, 1, 7, u64::MAX - 1, u64::MAX];
const PRICES: [f64; 7] = [-1e18, -0.25, -0.0, 0.0, 0.25, 2.5, 1e18];
const DAYS: [&str; 9] = [
    "0001-01-01",
    "1969-12-31",
    "1970-01-01",
    "2001-07-09",
    "2001-07-09T18:30:00Z",
    "2001-07-09T18:30:00.5Z",
    "2001-07-31T23:59:59.999999Z",
    "2001-08-01",
    "9999-12-31T23:59:59.999999Z",
];
/// What a query may ask for beside these.
const PERIODS: [&str; 9] = [
    "0000",
    "1969",
    "1970-01",
    "2001",
    "2001-06",
    "2001-07",
    "2001-07-31",
    "2001-07-09T18:30Z",
    "9999",
];

pub fn document() -> impl Strategy<Value = Value> {
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

/// Words of which a few are frequent and some are stop words.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-c]",
        3 => "[a-e]{2}",
        2 => prop::sample::select(vec!["the", "foxes", "fox", "running", "not", "C++", "usb-c", "3", "2001-07"]).prop_map(str::to_owned),
        1 => "[a-z]{3}",
    ]
}

fn text(words: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(word(), words).prop_map(|words| words.join(" "))
}

fn date() -> impl Strategy<Value = &'static str> + Clone {
    prop_oneof![prop::sample::select(&DAYS), prop::sample::select(&PERIODS)]
}

/// Ranges of all kinds of fields, with and without their ends, and single
/// values.
pub fn range() -> impl Strategy<Value = Query> {
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
        (date(), date()).prop_map(|(a, b)| ("when", a.to_owned(), b.to_owned())),
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

pub fn query() -> impl Strategy<Value = Query> {
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
        2 => ("[a-e?*]{0,4}", field()).prop_map(move |(text, field)| in_field(Query::wildcard(text), field)),
        1 => prop::sample::select(vec!["b?u*", "*e*", "r?d", "Red", "?*"]).prop_map(|tag| Query::wildcard(tag).field("tags")),
        2 => (prop::sample::select(vec!["[a-c]", "a|b?c", "fo.*|c", "(a|e){2,}", "[^a-d]+", "[b-z]*"]), field())
            .prop_map(move |(text, field)| in_field(Query::regex(text), field)),
        1 => prop::sample::select(vec!["bl.*", "r[aeo]d|green", ".{5,}"]).prop_map(|tag| Query::regex(tag).field("tags")),
        3 => (word(), field(), prop::option::of(0u32..=2)).prop_map(move |(word, field, edits)| {
            let fuzzy = Query::fuzzy(word);
            in_field(match edits { Some(edits) => fuzzy.edits(edits), None => fuzzy }, field)
        }),
        1 => prop::sample::select(vec!["rde", "blu", "bluesih"]).prop_map(|tag| Query::fuzzy(tag).field("tags")),
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
pub fn usual() -> impl Strategy<Value = Query> {
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

#[derive(Clone, Debug)]
pub enum Step {
    Put(Vec<Value>),
    Delete(u8),
    DeleteMatching(String),
    Commit,
    Rollback,
    Reopen,
    Optimize,
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
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
