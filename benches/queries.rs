//! How long does a question take? Queries a second over one segment: a term, both
//! of two, any of two, and two in a row; for the ten best, the thousand best, and
//! the number of matches. `common` words are in a third of the documents, `rare`
//! ones in one of three hundred.
//!
//! `cargo bench --bench queries`; `WORDHOARD_CORPUS=file.jsonl` for real text.

mod corpus;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::time::Duration;
use wordhoard::search::Searcher;
use wordhoard::{Index, Query, Result, Text};

const BYTES: usize = 128 << 20;

fn queries(criterion: &mut Criterion) {
    measure(criterion).expect("what was just indexed can be searched");
}

/// Names and queries.
fn asked(index: &Index) -> Result<Vec<(String, Query)>> {
    let common = corpus::term_in(index, 1.0 / 3.0)?;
    let other = corpus::term_in(index, 1.0 / 5.0)?;
    let rare = corpus::term_in(index, 1.0 / 300.0)?;
    let term = |word: &str| Query::term(word);
    let both = |a: &str, b: &str| Query::boolean([term(a).must(), term(b).must()]);
    let any = |a: &str, b: &str| Query::boolean([term(a).should(), term(b).should()]);
    Ok(vec![
        ("a, common".to_owned(), term(&common)),
        ("a, rare".to_owned(), term(&rare)),
        ("+a +b, common".to_owned(), both(&common, &other)),
        ("+a +b, one rare".to_owned(), both(&common, &rare)),
        ("a b, common".to_owned(), any(&common, &other)),
        ("a b, one rare".to_owned(), any(&common, &rare)),
        (
            "\"a b\", common".to_owned(),
            Query::phrase(format!("{common} {other}")),
        ),
    ])
}

fn measure(criterion: &mut Criterion) -> Result<()> {
    let documents = corpus::documents(BYTES);
    let index = corpus::indexed(Text::plain(), std::iter::once(documents.as_slice()))?;
    let searcher = index.searcher()?;
    let asked = asked(&index)?;

    let best = |searcher: &Searcher, query: &Query, limit: usize| {
        let page = searcher.search(query).limit(limit).run();
        page.map(|page| page.len() as u64)
    };
    type Ask<'a> = &'a dyn Fn(&Searcher, &Query) -> Result<u64>;
    let ways: [(&str, Ask); 3] = [
        ("top 10", &|searcher, query| best(searcher, query, 10)),
        ("top 1000", &|searcher, query| best(searcher, query, 1000)),
        ("count", &|searcher, query| searcher.count(query)),
    ];
    for (way, ask) in ways {
        let mut group = criterion.benchmark_group(way);
        group.throughput(Throughput::Elements(1));
        group.sample_size(20);
        group.warm_up_time(Duration::from_millis(500));
        group.measurement_time(Duration::from_secs(2));
        for (name, query) in &asked {
            group.bench_with_input(
                BenchmarkId::from_parameter(name),
                query,
                |bencher, query| {
                    bencher.iter(|| ask(&searcher, query));
                },
            );
        }
        group.finish();
    }
    Ok(())
}

criterion_group!(benches, queries);
criterion_main!(benches);
