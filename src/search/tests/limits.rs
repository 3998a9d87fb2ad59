//! Whatever is asked, a search that has no more time ends.

use super::index;
use crate::document::{Schema, Text};
use crate::error::{ErrorKind, Result};
use crate::index::Index;
use crate::query::Query;
use crate::search::{Hit, Search, Sort};
use std::time::{Duration, Instant};

/// How often it is tried to be soon, since now and then a machine stands still. Whoever
/// doesn't look at the clock is late every time.
const TRIES: usize = 20;

/// How it is asked.
type Choose = fn(Search) -> Search;

/// Questions that go all ways there are, each of which takes a while: a tenth of it is
/// not enough.
#[test]
fn each_way_looks_at_the_clock() {
    let searcher = index(30_000, 5, 1, 10).searcher().unwrap();
    let words = |count: u32| (0..count).map(|number| format!("w{number}"));
    let pairs = words(8).flat_map(|a| words(8).map(move |b| format!("{a} {b}")));
    let phrases: Vec<Query> = pairs.clone().map(Query::phrase).collect();
    let sloppy = pairs.map(|pair| Query::phrase(pair).slop(3));
    let beginnings = Query::any_of((0..60).map(|_| Query::prefix("w")));
    let terms: Vec<Query> = words(200).map(Query::term).collect();
    // Where a word must match beside others that may, lists take turns.
    let leads = Query::boolean(
        terms[..30]
            .iter()
            .enumerate()
            .map(|(number, term)| match number {
                0 => term.clone().must(),
                _ => term.clone().should(),
            }),
    );
    let walks = Query::any_of(phrases[..40].iter().cloned()) & Query::all();
    let patterns = Query::any_of((0..60).map(|_| Query::wildcard("*w*")));
    let questions = [
        ("phrases", Query::any_of(phrases.clone())),
        ("sloppy phrases", Query::any_of(sloppy)),
        ("beginnings", beginnings),
        ("patterns", patterns),
        ("words", Query::any_of(terms)),
        ("leads", leads),
        ("the walk", walks),
        (
            "few at a time",
            Query::term("w100") & Query::any_of(phrases.clone()),
        ),
        (
            "fuzzy words",
            Query::any_of((0..200).map(|n| Query::fuzzy(format!("w{n}")).edits(2))),
        ),
    ];
    for (name, query) in questions {
        let ways: [(&str, Choose); 4] = [
            ("the best", |search| search.limit(1_000)),
            ("counted", |search| search.limit(10).count_exactly()),
            ("only counted", |search| search.limit(0).count_exactly()),
            ("sorted", |search| search.sort_by(Sort::ascending("id"))),
        ];
        for (way, choose) in ways {
            let search = choose(searcher.search(query.clone()));
            // At its quickest, as now and then a machine stands still.
            let takes = (0..3).map(|_| {
                let started = Instant::now();
                let enough = Duration::from_secs(600);
                search.clone().time_limit(enough).run().unwrap();
                started.elapsed()
            });
            let limit = takes.min().unwrap() / 10;
            // There are those who are at the end at once, as when nothing but one list
            // counts.
            let is_long = limit > Duration::from_micros(100);
            let is_soon = (0..TRIES).any(|_| {
                let started = Instant::now();
                let late = search.clone().time_limit(limit).run();
                let Err(error) = late else {
                    panic!("{name}, {way}: {limit:?} were enough");
                };
                assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
                started.elapsed() < 7 * limit
            });
            assert!(
                is_soon || !is_long,
                "{name}, {way}: later than {:?}",
                7 * limit
            );
        }
    }
}

/// What comes after the walk, the names of keywords above all, may take far longer than it.
#[test]
fn names_of_many_keywords_look_at_the_clock() {
    let schema = Schema::builder().keyword("tag").text("body", Text::plain());
    let index = Index::in_memory(schema.build().unwrap()).unwrap();
    let mut writer = index.writer().unwrap();
    for number in 0..100_000 {
        let tag = format!("{:020}", number * 7 % 100_000);
        let document = serde_json::json!({ "tag": tag, "body": "word" });
        writer.put(&document).unwrap();
    }
    writer.optimize().unwrap();
    let searcher = index.searcher().unwrap();
    let ways: [(&str, Choose); 2] = [
        ("facets", |search| search.limit(0).facet("tag", 5)),
        ("sorted", |search| {
            search.limit(100_000).sort_by(Sort::ascending("tag"))
        }),
    ];
    for (way, choose) in ways {
        let search = choose(searcher.search(Query::term("word")));
        let takes = (0..3).map(|_| {
            let started = Instant::now();
            search.clone().run().unwrap();
            started.elapsed()
        });
        let limit = takes.min().unwrap() / 3;
        let late = search.time_limit(limit).run();
        let error = late.expect_err(way);
        assert_eq!(error.kind(), ErrorKind::Limit, "{way}: {error}");
    }
}

/// What is asked of a hit may take as long as the search might, and here takes far longer
/// than the search did.
fn ends_in_time(name: &str, search: &Search, ask: fn(Hit) -> Result<()>) {
    let answer = |limit: Duration| -> Result<(Result<()>, Duration)> {
        let page = search.clone().time_limit(limit).run()?;
        let started = Instant::now();
        Ok((ask(page.hit(0).unwrap()), started.elapsed()))
    };
    let takes = (0..3).map(|_| {
        let (answer, took) = answer(Duration::from_secs(600)).unwrap();
        answer.unwrap();
        took
    });
    let limit = takes.min().unwrap() / 5;
    let (mut is_asked, mut is_soon) = (false, false);
    for _ in 0..TRIES {
        // It may stand still while it searches.
        let Ok((late, took)) = answer(limit) else {
            continue;
        };
        let error = late.expect_err(name);
        assert_eq!(error.kind(), ErrorKind::Limit, "{name}: {error}");
        is_asked = true;
        is_soon = took < 4 * limit;
        if is_soon {
            break;
        }
    }
    assert!(is_asked, "{name}: {limit:?} are too little to search");
    assert!(is_soon, "{name}: later than {:?}", 4 * limit);
}

#[test]
fn explanations_look_at_the_clock() {
    let searcher = index(30_000, 5, 1, 10).searcher().unwrap();
    for (name, leaf) in [
        ("patterns", Query::wildcard("*w*")),
        ("beginnings", Query::prefix("w")),
        ("ranges", Query::prefix("w") & Query::range("id", 5..20_000)),
    ] {
        // Taken apart, each level is asked anew.
        let query = (0..25).fold(leaf, |query, _| query.constant(1.0));
        ends_in_time(name, &searcher.search(query), |hit| {
            hit.explain().map(|_| ())
        });
    }
}

#[test]
fn snippets_look_at_the_clock() {
    let schema = Schema::builder().text("body", Text::plain());
    let index = Index::in_memory(schema.build().unwrap()).unwrap();
    let mut writer = index.writer().unwrap();
    // The dictionary has few words; but long ones are compared wherever they are.
    let words = (0..50_000).map(|number| format!("w{}{} ", number % 50, "a".repeat(20)));
    let body: String = words.collect();
    writer.put(&serde_json::json!({ "body": body })).unwrap();
    writer.commit().unwrap();
    let patterns = (0..30).map(|number| Query::regex(format!("(.?a)*b{number}")));
    let query = Query::any_of(patterns.chain([Query::prefix("w")]));
    let search = index.searcher().unwrap().search(query);
    ends_in_time("patterns", &search, |hit| hit.snippet("body").map(|_| ()));
}
