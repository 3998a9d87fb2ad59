//! How fast do segments become one? Megabytes of segment files a second that go
//! in, for eight neighbours as a writer makes them: without deleted documents,
//! where stored ones are copied as they are, and with one in ten deleted.
//!
//! `cargo bench --bench merging`; `WORDHOARD_CORPUS=file.jsonl` for real text.

mod corpus;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use std::time::Duration;
use wordhoard::segment::{Segment, Tombstones, merge};
use wordhoard::{Result, Text};

const BYTES: usize = 32 << 20;
const SEGMENTS: usize = 8;

fn merging(criterion: &mut Criterion) {
    measure(criterion).expect("what was just indexed can be read");
}

fn measure(criterion: &mut Criterion) -> Result<()> {
    let documents = corpus::documents(BYTES);
    let slices = documents.chunks(documents.len().div_ceil(SEGMENTS));
    let index = corpus::indexed(Text::english(), slices)?;
    let snapshot = index.snapshot()?;
    let bytes: u64 = snapshot
        .parts()
        .iter()
        .map(|part| part.segment.size())
        .sum();

    let mut group = criterion.benchmark_group("merge");
    group.throughput(Throughput::Bytes(bytes));
    group.sampling_mode(SamplingMode::Flat);
    group.sample_size(10);
    group.measurement_time(Duration::from_secs(8));
    for (name, every) in [("none deleted", u32::MAX), ("1 in 10 deleted", 10)] {
        let tombstones: Vec<Tombstones> = snapshot
            .parts()
            .iter()
            .map(|part| {
                let mut tombstones = Tombstones::new(part.segment.documents());
                for document in (0..tombstones.documents()).filter(|n| n % every == every - 1) {
                    tombstones.delete(document);
                }
                tombstones
            })
            .collect();
        let segments = snapshot.parts().iter().map(|part| &*part.segment);
        let inputs: Vec<(&Segment, &Tombstones)> = segments.zip(&tombstones).collect();
        let mut out = Vec::new();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                merge(&inputs, snapshot.schema(), &mut out, None, "merged")
            });
        });
    }
    group.finish();
    Ok(())
}

criterion_group!(benches, merging);
criterion_main!(benches);
