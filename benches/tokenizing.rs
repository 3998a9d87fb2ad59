//! How fast does text become tokens, and tokens become terms? Megabytes of text a
//! second, on English, on text that is half not ASCII, and on Chinese.
//!
//! `cargo bench --bench tokenizing`; the texts are generated, with the lengths of
//! words and their frequencies as in a newspaper.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use unicode_segmentation::UnicodeSegmentation;
use wordhoard::analysis::{Analyzer, Language};

const TEXT_BYTES: usize = 1 << 20;

/// A text of words made from `letters`, short ones often, joined by `gaps`.
fn text(letters: &str, gaps: &[&str]) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % end
    };
    // Two thousand words; the n-th is chosen with a chance of about 1 / n.
    let words: Vec<String> = (1..=2000_usize)
        .map(|rank| {
            let length = 1 + rank.ilog2().min(7) as usize / 2 + below(6);
            (0..length).map(|_| letters[below(letters.len())]).collect()
        })
        .collect();
    let mut text = String::new();
    while text.len() < TEXT_BYTES {
        let rank = 2000_f64.powf(below(1000) as f64 / 1000.0) as usize;
        text.push_str(&words[rank - 1]);
        text.push_str(gaps[below(gaps.len())]);
    }
    text
}

fn tokenizing(criterion: &mut Criterion) {
    let gaps = [
        " ", " ", " ", " ", " ", " ", " ", " ", ", ", ". ", " (", "-", "\n",
    ];
    let english = text("eeeetttaaaooinshrdlucmfwyp", &gaps);
    let russian = text("оеаинтсрвлкмдпуяыьгзб", &gaps);
    let chinese = text("的一是不了在人有我他这中大来上国", &["", "", "，", "。"]);
    let plain = Analyzer::plain();

    let mut group = criterion.benchmark_group("tokens");
    let mut tokens = |name: &str, analyzer: &Analyzer, text: &str| {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let (mut count, mut bytes) = (0_u64, 0);
                analyzer.tokens(black_box(text), |token| {
                    count += 1;
                    bytes += token.text.len();
                });
                (count, bytes)
            });
        });
    };
    tokens("english", &plain, &english);
    tokens("russian", &plain, &russian);
    tokens("chinese, words", &plain, &chinese);
    tokens("chinese, pairs", &Analyzer::cjk(), &chinese);
    group.throughput(Throughput::Bytes(english.len() as u64));
    group.bench_function("english, by unicode_words", |bencher| {
        bencher.iter(|| {
            black_box(english.as_str())
                .unicode_words()
                .map(str::len)
                .sum::<usize>()
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("terms");
    let russian_analyzer = Analyzer::language(Language::Russian);
    for (name, analyzer, text) in [
        ("plain", &plain, &english),
        ("english", &Analyzer::english(), &english),
        ("russian", &russian_analyzer, &russian),
        ("chinese", &Analyzer::cjk(), &chinese),
    ] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut bytes = 0;
                analyzer.analyze(black_box(text), &mut |term, _| bytes += term.len());
                bytes
            });
        });
    }
    group.finish();
}

criterion_group!(benches, tokenizing);
criterion_main!(benches);
