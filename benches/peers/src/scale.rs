//! # Scale: does the end go as fast as the beginning?
//!
//! Idea        documents are put from a corpus, as large as one likes. After
//!             every so many a commit, and a line: how fast these came, what
//!             memory and disk they took, and how long some queries take now
//! Example     nothing large need lie on a disk but the index:
//!             `peers grow SOURCE /dev/stdout --documents 50000000 --mean 180 |
//!             peers scale /dev/stdin FOLDER`
//! Invariants  (1) seconds have the commit in them, and not the queries
//!             (2) the peak of memory is that of the documents of its line: it
//!             is begun anew after the queries, and these are asked of another
//!             opening of the index, whose mapped pages are gone with it
//! Left out    tantivy: that is [`crate::compare`]
//! Next        [`crate::queries`]

use crate::engines::Analysis;
use crate::engines::hoard::{Document, Hoard};
use crate::{Result, build, corpus};
use std::path::{Path, PathBuf};
use std::time::Instant;
use wordhoard::{Index, WriterOptions};

/// What is asked at each line: of one term and two, together, and a phrase of
/// the commonest words.
const QUERIES: [&str; 5] = ["time", "the", "people world", "+people +time", "\"of the\""];

/// Of so many times the best counts.
const PASSES: usize = 7;

#[derive(clap::Args)]
pub struct Scale {
    /// JSON lines with "text"; `/dev/stdin` for a pipe.
    corpus: PathBuf,
    /// Where the index is made.
    folder: PathBuf,
    /// Documents a line and commit.
    #[arg(long, default_value_t = 2_500_000)]
    every: u64,
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Megabytes for the writer.
    #[arg(long, default_value_t = 256)]
    memory: usize,
    /// Keep the texts, too.
    #[arg(long)]
    stored: bool,
}

/// What was there at the last line.
struct Mark {
    at: Instant,
    cpu_seconds: f64,
    bytes: u64,
}

impl Mark {
    fn new(bytes: u64) -> Self {
        Self {
            at: Instant::now(),
            cpu_seconds: build::cpu_seconds().unwrap_or(0.0),
            bytes,
        }
    }
}

pub fn run(options: &Scale) -> Result<()> {
    let schema = Hoard::schema(Analysis::Plain, options.stored)?;
    let index = Index::options().schema(schema).create(&options.folder)?;
    let writing = WriterOptions::default()
        .threads(options.threads)
        .memory(options.memory << 20);
    let mut writer = index.writer_with(writing)?;
    print!(
        "{:>12}{:>10}{:>9}{:>12}{:>9}{:>10}{:>9}",
        "documents", "text MB", "MB/s", "MB/CPU s", "peak MB", "segments", "index MB"
    );
    println!("  ms for {}", QUERIES.join(" · "));
    let (mut documents, mut bytes) = (0, 0);
    let mut mark = Mark::new(0);
    corpus::each(&options.corpus, |line| {
        documents += 1;
        bytes += line.text.len() as u64;
        writer.put(&Document {
            id: &line.id,
            text: &line.text,
        })?;
        if documents % options.every == 0 {
            writer.commit()?;
            report(options, &index, documents, bytes, &mark)?;
            mark = Mark::new(bytes);
        }
        Ok(())
    })?;
    writer.close()?;
    report(options, &index, documents, bytes, &mark)
}

fn report(options: &Scale, index: &Index, documents: u64, bytes: u64, mark: &Mark) -> Result<()> {
    let seconds = mark.at.elapsed().as_secs_f64();
    let cpu_seconds = build::cpu_seconds().unwrap_or(0.0) - mark.cpu_seconds;
    let peak = build::memory("VmHWM:").unwrap_or(0) as f64 / 1e6;
    let megabytes = (bytes - mark.bytes) as f64 / 1e6;
    let snapshot = index.snapshot()?;
    let size: u64 = snapshot
        .parts()
        .iter()
        .map(|part| part.segment.size())
        .sum();
    print!(
        "{documents:>12}{:>10.0}{:>9.1}{:>12.1}{peak:>9.0}{:>10}{:>9.0} ",
        bytes as f64 / 1e6,
        megabytes / seconds,
        megabytes / cpu_seconds,
        snapshot.parts().len(),
        size as f64 / 1e6,
    );
    let searcher = Index::open(&options.folder)?.searcher()?;
    for query in QUERIES {
        let mut best = f64::INFINITY;
        for _ in 0..PASSES {
            let asked = Instant::now();
            searcher.search(query).limit(10).run()?;
            best = best.min(asked.elapsed().as_secs_f64());
        }
        print!(" {:.3}", best * 1e3);
    }
    println!();
    drop(searcher);
    // Linux begins the peak anew; elsewhere there is none to read.
    let _ = std::fs::write(Path::new("/proc/self/clear_refs"), "5");
    Ok(())
}
