//! `search index`: documents into an index.

use crate::bulk::{Bulk, Parsed, Reading};
use crate::infer::{self, Wishes};
use crate::input::{self, Bad, Chunk, Chunks, Input};
use crate::{Failure, Outcome, change, out, style};
use clap::Args;
use indicatif::ProgressBar;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;
use wordhoard::{ErrorKind, Index, Writer, WriterOptions};

/// Put JSON lines, text files or folders into an index.
#[derive(Args)]
#[command(
    after_help = "Example:\n  search index articles.hoard articles.jsonl --key id --text title:english --text body:english\n\nFields that are not declared are inferred from the first thousand documents, or as many as 32 MB hold. Of a text file the fields are path, title and body. Into an index that exists, documents go under its schema.\n\nWith --json: a line {put, skipped, documents, bytes_read, seconds, megabytes_per_second, segments, index_bytes}."
)]
pub struct Options {
    /// The index: a folder, created if it isn't there.
    index: OsString,
    /// JSON lines (.jsonl, .ndjson, .json; packed .gz or .zst), text files, folders, or - for JSON lines from stdin.
    #[arg(required = true)]
    inputs: Vec<OsString>,
    #[command(flatten)]
    wishes: Wishes,
    #[arg(long, help = format!("Threads that invert documents, at most {} [default: as many as there are cores]", WriterOptions::THREADS_MAX))]
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

/// Bytes after which those read so far must do: all wait in memory until the schema is
/// known. A thousand books of 600 kB took 1.2 GB, beyond the memory that was allowed.
const SAMPLED_BYTES: u64 = 32 << 20;

/// Bad lines shown; the rest are counted.
const SHOWN: u64 = 20;

/// A run of this command.
struct Run {
    options: Options,
    put: u64,
    bad: u64,
    /// Bytes of text, unpacked.
    bytes: u64,
    /// Bytes of the files that were read.
    read: Arc<AtomicU64>,
    started: Instant,
    progress: ProgressBar,
    stopped: Arc<AtomicBool>,
    /// Whether the index is of this run's making, and the folder, too.
    created: bool,
    created_folder: bool,
}

pub fn run(options: Options, json: bool) -> Result<Outcome, Failure> {
    let inputs = input::inputs(&options.inputs, &options.index)?;
    let stopped = Arc::new(AtomicBool::new(false));
    let committing = Arc::new(AtomicBool::new(false));
    let flags = (stopped.clone(), committing.clone());
    ctrlc::set_handler(move || {
        let is_second = flags.0.swap(true, Ordering::SeqCst);
        if flags.1.load(Ordering::SeqCst) {
            // A commit holds or doesn't, wherever it is stopped.
            style::complain(
                "stopped late: all documents are in the index, or none; see search stats",
            );
            std::process::exit(130);
        } else if is_second {
            std::process::exit(130);
        }
    })?;
    let started = Instant::now();
    let progress = progress(&inputs);
    let read = Arc::new(AtomicU64::new(0));
    let chunks = Reading::start(Chunks::new(inputs, read.clone()), stopped.clone())?;
    let mut run = Run {
        options,
        put: 0,
        bad: 0,
        bytes: 0,
        read,
        started,
        progress,
        stopped,
        created: false,
        created_folder: false,
    };
    let filled = run.fill(chunks);
    committing.store(true, Ordering::SeqCst);
    // One of the two sees what the other does.
    let filled = filled.map(|writer| writer.filter(|_| !run.is_stopped()));
    run.progress.finish_and_clear();
    // Segments that no commit names are swept when the next writer opens; but an
    // index that nothing came into would hold the next run to its schema.
    let is_futile = run.put == 0 || !matches!(filled, Ok(Some(_)));
    let filled = match run.created && is_futile {
        true => {
            let filled = filled.map(|writer| writer.map(drop));
            run.take_back();
            if filled?.is_some() {
                return Err("no document could be put, so no index was created".into());
            }
            None
        }
        false => filled?,
    };
    let Some(mut writer) = filled else {
        style::complain("stopped: nothing was committed, the index is as it was");
        std::process::exit(130);
    };
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
    let mut out = out::out();
    if json {
        writeln!(
            out,
            "{}",
            serde_json::json!({
                "put": run.put, "skipped": run.bad, "documents": receipt.documents, "bytes_read": run.bytes,
                "seconds": seconds, "megabytes_per_second": rate, "segments": receipt.segments, "index_bytes": receipt.bytes,
            })
        )?;
    } else {
        writeln!(
            out,
            "{}, {} of input, in {seconds:.1} s: {rate:.1} MB/s",
            style::counted(run.put, "document"),
            style::bytes(run.bytes)
        )?;
        writeln!(
            out,
            "{} has {} in {}, {}",
            style::named(&run.options.index),
            style::counted(receipt.documents, "document"),
            style::counted(receipt.segments as u64, "segment"),
            style::bytes(receipt.bytes)
        )?;
    }
    if let Some(why) = receipt.failed_merge {
        style::complain(format_args!(
            "committed, but some segments couldn't be joined: {why}"
        ));
    }
    if run.bad > 0 {
        style::complain(format_args!(
            "{} skipped; --strict stops at the first",
            style::counted(run.bad, "bad document")
        ));
    }
    Ok(if run.put > 0 {
        Outcome::Found
    } else {
        Outcome::Nothing
    })
}

/// A bar on the terminal, if there is one.
fn progress(inputs: &[Input]) -> ProgressBar {
    let sizes: Option<Vec<u64>> = inputs.iter().map(Input::size).collect();
    let (bar, template) = match sizes {
        Some(sizes) => (
            ProgressBar::new(sizes.iter().sum()),
            "{bar:20} {bytes}/{total_bytes} ETA {eta} {msg}",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
    };
    bar.with_style(style::progress(template))
}

/// Bytes of memory that this process has, where Linux tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes << 10)
}

/// The first documents, and why one of them couldn't be read.
fn read_samples(waiting: &[Chunk]) -> (Vec<serde_json::Value>, Option<String>) {
    let mut samples = Vec::new();
    let mut first = None;
    for chunk in waiting {
        chunk.visit(|json, place| {
            let sample = json.and_then(|json| match serde_json::from_str(json) {
                Ok(sample @ serde_json::Value::Object(_)) => Ok(sample),
                Ok(_) => Err("the line is JSON, but no object".to_owned()),
                Err(error) => Err(format!("the line is not JSON: {error}")),
            });
            match sample {
                Ok(sample) if samples.len() < SAMPLES => samples.push(sample),
                Ok(_) => {}
                Err(why) => {
                    first.get_or_insert_with(|| format!("{}: {why}", place()));
                }
            }
        });
    }
    (samples, first)
}

/// The same, from which a schema is to be inferred.
fn read_some(waiting: &[Chunk]) -> Result<Vec<serde_json::Value>, Failure> {
    let remedy = match waiting.iter().all(|chunk| matches!(chunk, Chunk::File(_))) {
        true => "texts are read in UTF-8, as iconv -t UTF-8 makes them",
        false => "documents are JSON objects, one a line, as jq -c '.[]' makes them of an array",
    };
    match read_samples(waiting) {
        (samples, Some(why)) if samples.is_empty() => Err(format!(
            "no document could be read, so no index was created: {}; {remedy}",
            style::plain(&why)
        )
        .into()),
        (samples, _) => Ok(samples),
    }
}

impl Run {
    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.options
            .threads
            .unwrap_or_else(cores)
            .clamp(1, WriterOptions::THREADS_MAX)
    }

    /// Puts all documents; `None` if it was stopped.
    fn fill(&mut self, mut chunks: Reading) -> Result<Option<Writer>, Failure> {
        let waiting = self.samples(&mut chunks)?;
        if self.is_stopped() {
            return Ok(None);
        }
        if waiting.is_empty() {
            return Err("there is nothing to index: the input has no documents".into());
        }
        let mut writer = self.open(&waiting)?;
        let chunks = waiting.into_iter().map(Ok).chain(chunks);
        let threads = self.threads().div_ceil(2);
        let mut bulk = Bulk::start(chunks, writer.schema(), threads)?;
        while let Some(parsed) = bulk.next(|| self.is_stopped()) {
            self.take(&mut writer, parsed?)?;
        }
        Ok((!self.is_stopped()).then_some(writer))
    }

    /// Chunks with enough documents to infer a schema, or all there are.
    fn samples(&self, chunks: &mut Reading) -> Result<Vec<Chunk>, Failure> {
        let mut waiting = Vec::new();
        let mut documents = 0;
        let mut bytes = 0;
        while documents < SAMPLES && bytes < SAMPLED_BYTES && !self.is_stopped() {
            let Some(chunk) = chunks.next() else { break };
            let chunk = chunk?;
            let before = documents;
            chunk.visit(|_, _| documents += 1);
            if documents > before {
                bytes += chunk.len();
                waiting.push(chunk);
            }
        }
        Ok(waiting)
    }

    /// Puts what was parsed.
    fn take(&mut self, writer: &mut Writer, parsed: Parsed) -> Result<(), Failure> {
        self.bytes += parsed.bytes;
        for document in parsed.documents {
            match document {
                Ok(document) => {
                    writer.put_document(document)?;
                    self.put += 1;
                }
                Err(bad) => self.refuse(&bad)?,
            }
        }
        self.progress
            .set_position(self.read.load(Ordering::Relaxed));
        let seconds = self.started.elapsed().as_secs_f64();
        let mut message = format!(
            "{}, {}/s, {}",
            style::counted(self.put, "document"),
            style::bytes((self.bytes as f64 / seconds) as u64),
            style::counted(writer.segments() as u64, "segment"),
        );
        if let Some(bytes) = resident() {
            message += &format!(", {} of memory", style::bytes(bytes));
        }
        self.progress.set_message(message);
        Ok(())
    }

    /// Opens or creates the index.
    fn open(&mut self, waiting: &[Chunk]) -> Result<Writer, Failure> {
        let options = &self.options;
        let index = match Index::open(&options.index) {
            Ok(index) => {
                if options.wishes.names_any() {
                    let index = style::named(&options.index);
                    style::complain(format_args!(
                        "{index} is there already: its own schema is used"
                    ));
                }
                let (samples, _) = read_samples(waiting);
                infer::name_unsearched(&index.schema()?, &samples);
                index
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let samples = read_some(waiting)?;
                let schema = infer::schema(&samples, &options.wishes)?;
                let was_there = Path::new(&options.index).exists();
                let index = Index::options().schema(schema).create(&options.index)?;
                self.created = true;
                self.created_folder = !was_there;
                index
            }
            Err(error) => return Err(error.into()),
        };
        let writing = WriterOptions::default()
            .memory(options.memory)
            .threads(self.threads());
        Ok(index.writer_with(writing)?)
    }

    /// Removes the index that this run has made. What can't be removed stays.
    fn take_back(&self) {
        let folder = Path::new(&self.options.index);
        if self.created_folder {
            let _ = std::fs::remove_dir_all(folder);
            return;
        }
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| input::is_of_index(&style::named(entry.file_name()))) {
            let _ = std::fs::remove_file(entry.path());
        }
    }

    fn refuse(&mut self, bad: &Bad) -> Result<(), Failure> {
        // A file can be called as it likes, and hold what it likes.
        let said = style::plain(&format!("{}: {}", bad.place, bad.why));
        if self.options.strict {
            return Err(format!("{said}; nothing was committed").into());
        }
        self.bad += 1;
        if self.bad <= SHOWN {
            self.progress.suspend(|| style::complain(said));
        }
        Ok(())
    }
}
