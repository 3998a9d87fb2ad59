//! `search index`: documents into an index.

use crate::infer::{self, Wishes};
use crate::input::{self, Bad, Input, Source};
use crate::{Failure, Outcome, change, style};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use wordhoard::{ErrorKind, Index, Writer, WriterOptions};

/// Put JSON lines, text files or folders into an index.
///
/// Fields that are not declared are inferred from the first thousand documents.
/// Into an index that exists, documents go under its schema.
#[derive(Args)]
#[command(
    after_help = "Example:\n  search index articles.hoard articles.jsonl --key id --text title:english --text body:english"
)]
pub struct Options {
    /// The index: a folder, created if it isn't there.
    index: String,
    /// JSON lines (.jsonl, .ndjson, .json), text files, folders, or - for JSON lines from stdin.
    #[arg(required = true)]
    inputs: Vec<String>,
    /// The field that names a document; the same key again replaces it.
    #[arg(long, value_name = "FIELD")]
    key: Option<String>,
    /// A text field, with an analyzer if not the default one.
    #[arg(long, value_name = "FIELD[:ANALYZER]")]
    text: Vec<String>,
    /// A field of exact strings.
    #[arg(long, value_name = "FIELD")]
    keyword: Vec<String>,
    /// A field of numbers.
    #[arg(long, value_name = "FIELD")]
    number: Vec<String>,
    /// How texts are analysed: english, plain, cjk, german, …
    #[arg(long, default_value = "english")]
    analyzer: String,
    /// Threads that invert documents.
    #[arg(long)]
    threads: Option<usize>,
    /// Memory for documents on their way, such as 256M.
    #[arg(long, default_value = "256M", value_parser = parse_memory)]
    memory: usize,
    /// Join everything to one segment at the end.
    #[arg(long)]
    optimize: bool,
    /// Join to one segment and put similar documents beside each other, which makes the index
    /// smaller and queries faster; hits of equal score come in another order.
    #[arg(long)]
    reorder: bool,
    /// Stop at the first bad line, with nothing committed.
    #[arg(long)]
    strict: bool,
}

fn parse_memory(text: &str) -> Result<usize, String> {
    let text = text.trim();
    let (number, unit) = text.split_at(
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len()),
    );
    let shift = match unit.trim_end_matches(['b', 'B', 'i']) {
        "" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        _ => return Err("write it like 256M or 2G".to_owned()),
    };
    let number: usize = number
        .parse()
        .map_err(|_| "write it like 256M or 2G".to_owned())?;
    number
        .checked_shl(shift)
        .filter(|bytes| bytes >> shift == number)
        .ok_or("that is more than there can be".to_owned())
}

/// Documents looked at before a schema is inferred.
const SAMPLES: usize = 1000;

/// Bad lines shown; the rest are counted.
const SHOWN: u64 = 20;

/// A run of this command.
struct Run {
    options: Options,
    writer: Option<Writer>,
    /// Documents that wait for a schema.
    waiting: Vec<Source>,
    put: u64,
    bad: u64,
    bytes: u64,
    progress: ProgressBar,
    stopped: Arc<AtomicBool>,
}

pub fn run(options: Options, json: bool) -> Result<Outcome, Failure> {
    let inputs = input::inputs(&options.inputs)?;
    let stopped = Arc::new(AtomicBool::new(false));
    let flag = stopped.clone();
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            // Asked twice.
            std::process::exit(130);
        }
    })?;
    let started = Instant::now();
    let progress = progress(&inputs);
    let mut run = Run {
        options,
        writer: None,
        waiting: Vec::new(),
        put: 0,
        bad: 0,
        bytes: 0,
        progress,
        stopped,
    };
    for input in inputs {
        input.read(&mut |document, length| run.take(document, length))?;
        if run.stopped.load(Ordering::Relaxed) {
            break;
        }
    }
    run.begin()?;
    run.progress.finish_and_clear();
    let Some(mut writer) = run.writer.take() else {
        return Err("there is nothing to index: the input has no documents".into());
    };
    if run.stopped.load(Ordering::Relaxed) {
        drop(writer);
        eprintln!("stopped: nothing was committed, the index is as it was");
        std::process::exit(130);
    }
    if run.put > 0 && !json {
        run.progress.set_message("committing");
    }
    let receipt = match run.options.optimize || run.options.reorder {
        true => {
            let first = change::optimize(&mut writer, run.options.reorder)?;
            drop(writer);
            first
        }
        false => writer.close()?,
    };
    let seconds = started.elapsed().as_secs_f64();
    let rate = run.bytes as f64 / 1e6 / seconds;
    if json {
        println!(
            "{}",
            serde_json::json!({
                "put": run.put, "skipped": run.bad, "documents": receipt.documents, "bytes_read": run.bytes,
                "seconds": seconds, "megabytes_per_second": rate, "segments": receipt.segments, "index_bytes": receipt.bytes,
            })
        );
    } else {
        println!(
            "{}, {} of input, in {seconds:.1} s: {rate:.1} MB/s",
            style::counted(run.put, "document"),
            style::bytes(run.bytes)
        );
        println!(
            "{} has {} in {}, {}",
            run.options.index,
            style::counted(receipt.documents, "document"),
            style::counted(receipt.segments as u64, "segment"),
            style::bytes(receipt.bytes)
        );
    }
    if run.bad > 0 {
        eprintln!(
            "{} skipped; --strict stops at the first",
            style::counted(run.bad, "bad document")
        );
    }
    Ok(if run.put > 0 {
        Outcome::Found
    } else {
        Outcome::Nothing
    })
}

fn progress(inputs: &[Input]) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let sizes: Option<Vec<u64>> = inputs.iter().map(Input::size).collect();
    let (bar, template) = match sizes {
        Some(sizes) => (
            ProgressBar::new(sizes.iter().sum()),
            "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {msg} ETA {eta}",
        ),
        None => (
            ProgressBar::new_spinner(),
            "{spinner} {bytes} {bytes_per_sec} {msg}",
        ),
    };
    // The templates above are right.
    bar.with_style(ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar()))
}

impl Run {
    /// Takes a document; `false` to stop.
    fn take(&mut self, document: Result<Source, Bad>, length: usize) -> Result<bool, Failure> {
        self.bytes += length as u64;
        self.progress.inc(length as u64);
        match document {
            Ok(source) if self.writer.is_none() => {
                self.waiting.push(source);
                if self.waiting.len() >= SAMPLES {
                    self.begin()?;
                }
            }
            Ok(source) => self.put(&source)?,
            Err(bad) => self.refuse(&bad)?,
        }
        Ok(!self.stopped.load(Ordering::Relaxed))
    }

    /// Opens or creates the index, and puts what has waited for it.
    fn begin(&mut self) -> Result<(), Failure> {
        let waiting = std::mem::take(&mut self.waiting);
        if self.writer.is_none() {
            if waiting.is_empty() && self.bad == 0 {
                return Ok(());
            }
            self.writer = Some(self.open(&waiting)?);
        }
        waiting.iter().try_for_each(|source| self.put(source))
    }

    fn open(&self, waiting: &[Source]) -> Result<Writer, Failure> {
        let options = &self.options;
        let index = match Index::open(&options.index) {
            Ok(index) => {
                if options.key.is_some() || !options.text.is_empty() || !options.keyword.is_empty()
                {
                    eprintln!("{} is there already: its own schema is used", options.index);
                }
                index
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let samples: Vec<serde_json::Value> = waiting
                    .iter()
                    .filter_map(|source| serde_json::from_str(&source.json).ok())
                    .collect();
                if samples.is_empty() {
                    return Err("no document could be read, so no index was created".into());
                }
                let wishes = Wishes {
                    key: options.key.clone(),
                    text: options.text.clone(),
                    keyword: options.keyword.clone(),
                    number: options.number.clone(),
                    analyzer: options.analyzer.clone(),
                };
                let schema = infer::schema(&samples, &wishes)?;
                Index::options().schema(schema).create(&options.index)?
            }
            Err(error) => return Err(error.into()),
        };
        let mut writing = WriterOptions::default().memory(options.memory);
        if let Some(threads) = options.threads {
            writing = writing.threads(threads);
        }
        Ok(index.writer_with(writing)?)
    }

    fn put(&mut self, source: &Source) -> Result<(), Failure> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        match writer.put_json(&source.json) {
            Ok(()) => {
                self.put += 1;
                if self.put.is_multiple_of(1024) {
                    self.progress
                        .set_message(format!("{} documents", style::count(self.put)));
                }
                Ok(())
            }
            Err(error) if matches!(error.kind(), ErrorKind::Document) => self.refuse(&Bad {
                place: source.place.clone(),
                why: error.to_string(),
            }),
            Err(error) => Err(error.into()),
        }
    }

    fn refuse(&mut self, bad: &Bad) -> Result<(), Failure> {
        if self.options.strict {
            return Err(format!("{}: {}; nothing was committed", bad.place, bad.why).into());
        }
        self.bad += 1;
        if self.bad <= SHOWN {
            self.progress
                .suspend(|| eprintln!("{}: {}", bad.place, style::plain(&bad.why)));
        }
        Ok(())
    }
}
