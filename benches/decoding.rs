//! How fast does a posting list become numbers? Integers a second, for lists of
//! which every third, every thirtieth or every three-hundredth document is one:
//! documents alone, documents with their frequencies, and positions.
//!
//! `cargo bench --bench decoding`; `WORDHOARD_CORPUS=file.jsonl` for real text.

mod corpus;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use wordhoard::segment::posting_list::BLOCK_LEN;
use wordhoard::{Result, Text};

const BYTES: usize = 64 << 20;

fn decoding(criterion: &mut Criterion) {
    measure(criterion).expect("what was just indexed can be read");
}

fn measure(criterion: &mut Criterion) -> Result<()> {
    let documents = corpus::documents(BYTES);
    let index = corpus::indexed(Text::plain(), std::iter::once(documents.as_slice()))?;
    let snapshot = index.snapshot()?;
    let segment = &snapshot.parts()[0].segment;
    let inverted = segment.inverted("text").expect("the schema has it");

    for share in [3, 30, 300] {
        let term = corpus::term_in(&index, 1.0 / f64::from(share))?;
        let entry = inverted.lookup(term.as_bytes())?;
        let list = inverted.postings(&entry.expect("it is from the dictionary"))?;
        let name = format!("1 in {share}");
        let (mut documents, mut frequencies) = ([0; BLOCK_LEN], [0; BLOCK_LEN]);

        let mut group = criterion.benchmark_group("postings");
        group.throughput(Throughput::Elements(u64::from(list.document_frequency())));
        group.bench_function(BenchmarkId::new("documents", &name), |bencher| {
            bencher.iter(|| -> Result<u32> {
                let mut last = 0;
                for block in 0..black_box(&list).block_count() {
                    let count = list.decode_documents(block, &mut documents)?;
                    last = black_box(&documents)[count - 1];
                }
                Ok(last)
            });
        });
        group.bench_function(
            BenchmarkId::new("documents and frequencies", &name),
            |bencher| {
                bencher.iter(|| -> Result<u32> {
                    let mut last = 0;
                    for block in 0..black_box(&list).block_count() {
                        let count = list.decode_both(block, &mut documents, &mut frequencies)?;
                        last = black_box(&documents)[count - 1] + black_box(&frequencies)[0];
                    }
                    Ok(last)
                });
            },
        );
        group.throughput(Throughput::Elements(list.total_frequency()));
        group.bench_function(BenchmarkId::new("positions", &name), |bencher| {
            let mut positions = Vec::new();
            bencher.iter(|| -> Result<u32> {
                let Some(mut reader) = black_box(&list).positions()? else {
                    return Ok(0);
                };
                let mut last = 0;
                for block in 0..list.block_count() {
                    list.decode_frequencies(block, &mut frequencies)?;
                    let mut first = list.first_position(block);
                    for &frequency in &frequencies[..list.block_len(block)] {
                        reader.read(first, frequency, &mut positions)?;
                        first += u64::from(frequency);
                        last = positions.last().copied().unwrap_or(0);
                    }
                }
                Ok(last)
            });
        });
        group.finish();
    }
    Ok(())
}

criterion_group!(benches, decoding);
criterion_main!(benches);
