//! How long until the first answer? An index is opened anew each time, asked, and
//! dropped, its files in the operating system's cache: what a program waits for
//! that starts, asks once and ends.
//!
//! `cargo bench --bench opening` with generated text; `WORDHOARD_INDEXES=a:b` for
//! indexes that are there, and `WORDHOARD_ASK=query` to ask something of them.

mod corpus;

use std::time::{Duration, Instant};
use wordhoard::{Index, Result, Text, WriterOptions};

const BYTES: usize = 64 << 20;
const ROUNDS: usize = 50;

fn main() -> Result<()> {
    if let Ok(paths) = std::env::var("WORDHOARD_INDEXES") {
        let query = std::env::var("WORDHOARD_ASK").unwrap_or_else(|_| "the first".to_owned());
        return paths.split(':').try_for_each(|path| open(path, &query));
    }
    let folder = tempfile::tempdir().expect("there is room for files");
    let path = folder.path().join("index");
    let schema = corpus::schema(Text::plain())?;
    let index = Index::options().schema(schema).create(&path)?;
    let mut writer = index.writer_with(WriterOptions::default())?;
    for document in corpus::documents(BYTES) {
        writer.put_json(&document)?;
    }
    writer.commit()?;
    writer.close()?;
    let query = format!(
        "{} {}",
        corpus::term_in(&index, 1.0 / 3.0)?,
        corpus::term_in(&index, 1.0 / 300.0)?
    );
    drop(index);
    open(path, &query)
}

fn open(path: impl AsRef<std::path::Path>, query: &str) -> Result<()> {
    let path = path.as_ref();
    let rounds = if corpus::measuring() { ROUNDS } else { 2 };
    let mut times: [Vec<Duration>; 4] = Default::default();
    let (mut bytes, mut segments) = (0, 0);
    for _ in 0..rounds {
        let started = Instant::now();
        let index = Index::open(path)?;
        times[0].push(started.elapsed());
        let searcher = index.searcher()?;
        let page = searcher.search(query).run()?;
        times[1].push(started.elapsed());
        let documents = page.hits().map(|hit| hit.source().map(|text| text.len()));
        let read: usize = documents.sum::<Result<_>>()?;
        assert!(read > 0, "{query:?} finds something to read");
        times[2].push(started.elapsed());
        let again = Instant::now();
        searcher.search(query).run()?;
        times[3].push(again.elapsed());
        let parts = searcher.snapshot().parts();
        segments = parts.len();
        bytes = parts.iter().map(|part| part.segment.size()).sum();
    }
    println!("{} MB in {segments} segments, {query:?}:", bytes >> 20);
    let names = ["open", "and ask", "and read the hits", "ask again"];
    for (name, times) in names.iter().zip(&mut times) {
        times.sort_unstable();
        let (least, middle) = (times[0], times[times.len() / 2]);
        println!("{name:>18} {least:>10.1?} at best {middle:>10.1?} median");
    }
    Ok(())
}
