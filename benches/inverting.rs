//! How fast does text become an index? Megabytes of JSON a second, from the
//! first `put` to the end of the commit, in memory, so that no disk is measured;
//! with the analyzer that only lower-cases and with the English one, on one
//! thread and on all.
//!
//! `cargo bench --bench inverting`; `WORDHOARD_CORPUS=file.jsonl` for real text.

mod corpus;

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use std::time::Duration;
use wordhoard::{Document, Index, Text, WriterOptions};

const BYTES: usize = 32 << 20;

fn inverting(criterion: &mut Criterion) {
    let documents = corpus::documents(BYTES);
    let bytes: usize = documents.iter().map(String::len).sum();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all_threads = vec![1, cores];
    all_threads.dedup();

    let mut group = criterion.benchmark_group("index");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.sampling_mode(SamplingMode::Flat);
    group.sample_size(10);
    group.measurement_time(Duration::from_secs(8));
    for (name, text) in [("plain", Text::plain()), ("english", Text::english())] {
        for &threads in &all_threads {
            let options = WriterOptions::default().threads(threads);
            group.bench_function(format!("{name}, threads: {threads}"), |bencher| {
                bencher.iter_batched(
                    || corpus::schema(text.clone()).and_then(Index::in_memory),
                    |index| {
                        let index = index?;
                        let mut writer = index.writer_with(options.clone())?;
                        for document in &documents {
                            writer.put_json(document)?;
                        }
                        writer.close()
                    },
                    BatchSize::PerIteration,
                );
            });
        }
    }
    group.finish();

    // What the writer's own thread does before a batch is handed on.
    let schema = corpus::schema(Text::plain()).expect("it has no odd names");
    let mut group = criterion.benchmark_group("json to document");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.sample_size(10);
    group.bench_function("all", |bencher| {
        bencher.iter(|| {
            let made = documents
                .iter()
                .filter_map(|json| Document::from_json(&schema, json).ok());
            made.map(|document| document.size()).sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, inverting);
criterion_main!(benches);
