//! What do many segments cost, and what do several cores give? The mean time of a
//! question in an index of one segment, and how many times as long it takes in one
//! of 8 and of 32: by one core, and by all (`Search::parallel`). Then how many
//! questions a second are answered by one thread, and by as many as there are
//! cores, each with its own.
//!
//! `cargo bench --bench segments` with generated text. `WORDHOARD_INDEXES=a:b:c`
//! for indexes that are there, the first of which is what others are compared
//! with; `WORDHOARD_QUERIES=file` for queries of the search-benchmark-game
//! instead of pairs of neighbouring words. `-- "TOP_10 term"` for one row alone.

mod corpus;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};
use wordhoard::search::Searcher;
use wordhoard::{Index, Result, Text};

const BYTES: usize = 64 << 20;
const SEGMENTS: [usize; 3] = [1, 8, 32];
const KINDS: [&str; 4] = ["term", "intersection", "union", "phrase"];

/// Passes over all questions, of which each question's best time counts.
const PASSES: usize = 6;

/// Of each kind.
const QUESTIONS: usize = 150;

type Ask = fn(&Searcher, &str) -> Result<u64>;

/// By one core, and by all.
const WAYS: [(&str, Ask, Ask); 3] = [
    (
        "TOP_10",
        |searcher, query| Ok(searcher.search(query).run()?.len() as u64),
        |searcher, query| Ok(searcher.search(query).parallel().run()?.len() as u64),
    ),
    (
        "TOP_1000",
        |searcher, query| Ok(searcher.search(query).limit(1000).run()?.len() as u64),
        |searcher, query| {
            let search = searcher.search(query).limit(1000).parallel();
            Ok(search.run()?.len() as u64)
        },
    ),
    (
        "COUNT",
        |searcher, query| searcher.count(query),
        |searcher, query| {
            let search = searcher.search(query).limit(0).count_exactly();
            match search.parallel().run()?.total() {
                wordhoard::search::Total::Exact(count) => Ok(count),
                wordhoard::search::Total::AtLeast(_) => unreachable!("it was to be exact"),
            }
        },
    ),
];

fn main() -> Result<()> {
    let (indexes, queries) = match std::env::var("WORDHOARD_INDEXES") {
        Ok(paths) => {
            let indexes = paths.split(':').map(Index::open);
            (indexes.collect::<Result<Vec<_>>>()?, None)
        }
        Err(_) => {
            let documents = corpus::documents(BYTES);
            let indexes = SEGMENTS.iter().map(|segments| {
                let slice = documents.len().div_ceil(*segments);
                let index = corpus::indexed(Text::plain(), documents.chunks(slice))?;
                if *segments == 1 {
                    // So much text is more than a writer holds.
                    let mut writer = index.writer()?;
                    writer.optimize()?;
                    writer.close()?;
                }
                Ok(index)
            });
            (indexes.collect::<Result<_>>()?, Some(pairs(&documents)))
        }
    };
    let searchers = indexes.iter().map(Index::searcher);
    let searchers = searchers.collect::<Result<Vec<_>>>()?;
    let queries = match (std::env::var("WORDHOARD_QUERIES"), queries) {
        (Ok(path), _) => of_file(&path),
        (Err(_), Some(queries)) => queries,
        (Err(_), None) => panic!("with WORDHOARD_INDEXES give WORDHOARD_QUERIES"),
    };
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    compare(&searchers, &queries, wanted.as_deref())?;
    match wanted {
        Some(_) => Ok(()),
        None => throughput(&searchers, &queries),
    }
}

/// Queries by their kind.
type Queries = BTreeMap<&'static str, Vec<String>>;

/// Neighbouring words of documents here and there, asked in every way.
fn pairs(documents: &[String]) -> Queries {
    let mut queries = Queries::new();
    for document in documents
        .iter()
        .step_by(documents.len().div_ceil(QUESTIONS))
    {
        let text = document.split("\"text\":\"").nth(1).unwrap_or("");
        let words: Vec<&str> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let [a, b] = match words.get(words.len() / 2..) {
            Some([a, b, ..]) => [a, b],
            _ => continue,
        };
        let ways = [a.to_string(), format!("+{a} +{b}"), format!("{a} {b}")];
        let ways = ways.into_iter().chain([format!("\"{a} {b}\"")]);
        for (kind, query) in KINDS.into_iter().zip(ways) {
            queries.entry(kind).or_default().push(query);
        }
    }
    queries
}

/// Those of the game; the terms are the words of its unions.
fn of_file(path: &str) -> Queries {
    let text = std::fs::read_to_string(path).expect("WORDHOARD_QUERIES names a file");
    let mut queries = Queries::new();
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("lines are JSON");
        let query = line["query"].as_str().expect("with a query");
        let tags = line["tags"].as_array().expect("and tags");
        let kind = KINDS
            .into_iter()
            .find(|kind| tags.iter().any(|tag| tag == kind));
        let Some(kind) = kind else { continue };
        queries.entry(kind).or_default().push(query.to_owned());
        if kind == "union" {
            let words = query.split_whitespace().map(str::to_owned);
            queries.entry("term").or_default().extend(words);
        }
    }
    for list in queries.values_mut() {
        list.truncate(QUESTIONS);
    }
    queries
}

fn segments(searcher: &Searcher) -> String {
    format!("{} segments", searcher.snapshot().parts().len())
}

fn compare(searchers: &[Searcher], queries: &Queries, wanted: Option<&str>) -> Result<()> {
    print!("{:10}{:14}{:>12}", "", "", "1st, µs");
    for searcher in searchers {
        print!("{:>14}{:>10}", segments(searcher), "all cores");
    }
    println!();
    let passes = if corpus::measuring() { PASSES } else { 1 };
    for (name, alone, together) in WAYS {
        for kind in KINDS {
            if wanted.is_some_and(|wanted| wanted != format!("{name} {kind}")) {
                continue;
            }
            let list = &queries[kind];
            // For each index by one core, then by all.
            let mut best = vec![vec![Duration::MAX; list.len()]; searchers.len() * 2];
            for pass in 0..passes {
                for (number, query) in list.iter().enumerate() {
                    let mut answers = Vec::new();
                    for turn in 0..best.len() {
                        // Each goes first once: who goes second finds the way
                        // trodden.
                        let place = (turn + pass) % best.len();
                        let ask = [alone, together][place % 2];
                        let started = Instant::now();
                        answers.push(ask(&searchers[place / 2], query)?);
                        let best = &mut best[place][number];
                        *best = started.elapsed().min(*best);
                    }
                    answers.dedup();
                    assert_eq!(answers.len(), 1, "{name} {query}: {answers:?}");
                }
            }
            let mean = |times: &[Duration]| {
                let sum: Duration = times.iter().sum();
                sum.as_secs_f64() * 1e6 / times.len().max(1) as f64
            };
            let means: Vec<f64> = best.iter().map(|times| mean(times)).collect();
            print!("{name:10}{kind:14}{:12.1}", means[0]);
            for pair in means.chunks(2) {
                print!("{:13.2}×{:9.2}×", pair[0] / means[0], pair[1] / means[0]);
            }
            println!();
        }
    }
    Ok(())
}

/// Questions a second, for the ten best; and where the system tells how long a
/// thread had a core for itself, per second of that: on a machine that has other
/// work to do, the figure to compare.
fn throughput(searchers: &[Searcher], queries: &Queries) -> Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let time = match corpus::measuring() {
        true => Duration::from_secs(2),
        false => Duration::from_millis(20),
    };
    let all: Vec<&String> = KINDS.iter().flat_map(|kind| &queries[kind]).collect();
    for searcher in searchers {
        println!("{}, questions a second:", segments(searcher));
        for threads in [1, 2, 4, 8].into_iter().filter(|n| *n <= cores * 2) {
            let started = Instant::now();
            let ask = |thread: usize| {
                let (mut count, before) = (0, on_core());
                while started.elapsed() < time {
                    let query = all[(count * 7 + thread * 31) % all.len()];
                    black_box(searcher.search(query.as_str()).run()?.len());
                    count += 1;
                }
                Ok((count, on_core() - before))
            };
            let counts: Vec<Result<(usize, f64)>> = std::thread::scope(|scope| {
                let ask = &ask;
                let threads = (0..threads).map(|thread| scope.spawn(move || ask(thread)));
                let threads: Vec<_> = threads.collect();
                let joined = threads.into_iter().map(|thread| thread.join());
                joined
                    .map(|count| count.expect("it doesn't panic"))
                    .collect()
            });
            let seconds = started.elapsed().as_secs_f64();
            let (mut count, mut busy) = (0, 0.0);
            for thread in counts {
                let (asked, on_core) = thread?;
                count += asked;
                busy += on_core;
            }
            let (rate, each) = (count as f64 / seconds, count as f64 / busy);
            println!(
                "{threads:>4} threads {rate:8.0}, by {:.2} cores; {each:8.0} a core",
                busy / seconds
            );
        }
    }
    Ok(())
}

/// Seconds for which this thread has had a core; 0 if the system doesn't tell.
fn on_core() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told
        .split(' ')
        .next()
        .and_then(|first| first.parse::<f64>().ok());
    nanoseconds.unwrap_or(0.0) / 1e9
}
