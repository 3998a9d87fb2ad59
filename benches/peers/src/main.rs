//! # Peers: wordhoard beside tantivy
//!
//! Question    how fast is wordhoard on the work of the search-benchmark-game,
//!             and on indexing, against tantivy on the same text, with the same
//!             analysis, in the same run?
//! Answer      `peers run CORPUS` prints a table of times and ratios;
//!             `peers fields CORPUS` sorts, counts facets and filters;
//!             `peers index CORPUS` compares building; `peers grow` makes a
//!             large corpus of a small one; `peers scale` indexes as much as
//!             there is; `peers drive` speaks the game's protocol
//! Invariants  nothing here is part of the library or of its tests: this is a
//!             package of its own, since tantivy's dependencies are many
//! Next        [`engines`], then [`measure`]

mod build;
mod compare;
mod corpus;
mod drive;
mod engines;
mod fields;
mod grow;
mod measure;
mod queries;
mod random;
mod scale;
mod table;

use clap::{Args, Parser, Subcommand};
use engines::{Analysis, Command, Kind, Recipe};
use std::path::PathBuf;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Wordhoard beside tantivy: queries, indexing, and a corpus to do it on.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    Run(Run),
    Index(Compare),
    Grow(Grow),
    /// Index as much as there is, and see whether the end is as fast.
    Scale(scale::Scale),
    Fields(fields::Fields),
    Drive(Drive),
    #[command(hide = true)]
    Build(Build),
}

/// Time queries on both engines and print the table.
#[derive(Args)]
struct Run {
    /// JSON lines with "text", and "id" if there is one; .gz is unpacked.
    corpus: PathBuf,
    /// The queries; drawn from the corpus if absent.
    #[arg(long)]
    queries: Option<PathBuf>,
    /// Where the indexes are kept: CORPUS.peers unless given.
    #[arg(long)]
    indexes: Option<PathBuf>,
    /// Build again what is there already.
    #[arg(long, value_enum)]
    rebuild: Vec<Kind>,
    /// Passes over all queries, of which the best time counts.
    #[arg(long, default_value_t = 5)]
    passes: usize,
    /// Kinds of query: term, intersection, union, phrase, other; if they are drawn,
    /// also optional, forbidden, nested, beside, sloppy, long.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "term,intersection,union,phrase"
    )]
    only: Vec<String>,
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "TOP_10,TOP_100,TOP_1000,TOP_10_COUNT,TOP_100_COUNT,COUNT"
    )]
    commands: Vec<Command>,
    /// At most so many of each kind.
    #[arg(long)]
    limit_queries: Option<usize>,
    /// Only queries that are in this text, one a line.
    #[arg(long)]
    matching: Option<String>,
    /// The queries of each cell in which wordhoard does worst.
    #[arg(long)]
    slowest: Option<usize>,
    /// Which engines; wordhoard alone for a profiler.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "wordhoard,tantivy"
    )]
    engines: Vec<Kind>,
    /// The same as --engines wordhoard.
    #[arg(long, conflicts_with = "engines")]
    wordhoard_only: bool,
    /// Don't compare counts first.
    #[arg(long)]
    no_check: bool,
    /// One object a cell.
    #[arg(long)]
    json: bool,
    /// Megabytes for a writer that builds an index.
    #[arg(long, default_value_t = 512)]
    memory: usize,
}

/// Compare building: time, memory, size, and joining ten segments.
#[derive(Args)]
struct Compare {
    corpus: PathBuf,
    /// Where indexes are built and deleted.
    #[arg(long)]
    scratch: PathBuf,
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Megabytes for a writer, except for joining.
    #[arg(long, default_value_t = 256)]
    memory: usize,
    #[arg(long)]
    json: bool,
}

/// Make a large corpus of a small one.
#[derive(Args)]
struct Grow {
    source: PathBuf,
    to: PathBuf,
    #[arg(long)]
    documents: u64,
    /// Mean bytes of a text; the source's own unless given.
    #[arg(long)]
    mean: Option<f64>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Answer `COMMAND<TAB>query` lines from stdin.
#[derive(Args)]
struct Drive {
    engine: Kind,
    index: PathBuf,
    /// Add a tab and the nanoseconds inside.
    #[arg(long)]
    timed: bool,
}

/// Build one index and report as JSON: what the others start as a child.
#[derive(Args)]
struct Build {
    engine: Kind,
    corpus: PathBuf,
    folder: PathBuf,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Megabytes.
    #[arg(long, default_value_t = 256)]
    memory: usize,
    #[arg(long, value_enum, default_value = "shared")]
    analysis: Analysis,
    #[arg(long)]
    stored: bool,
    #[arg(long, default_value_t = 0)]
    parts: usize,
    #[arg(long)]
    optimize: bool,
}

fn main() {
    let done = match Cli::parse().task {
        Task::Run(options) => run(options),
        Task::Index(options) => compare::run(
            &options.corpus,
            &options.scratch,
            options.rounds,
            options.memory << 20,
            options.json,
        ),
        Task::Grow(options) => grow::grow(
            &options.source,
            &options.to,
            options.documents,
            options.mean,
            options.seed,
        ),
        Task::Scale(options) => scale::run(&options),
        Task::Fields(options) => fields::run(&options),
        Task::Drive(options) => options
            .engine
            .open(&options.index)
            .and_then(|engine| drive::run(&*engine, options.timed)),
        Task::Build(options) => build_one(options),
    };
    if let Err(error) = done {
        eprintln!("error: {error}");
        std::process::exit(2);
    }
}

fn build_one(options: Build) -> Result<()> {
    let recipe = Recipe {
        threads: options.threads,
        memory: options.memory << 20,
        analysis: options.analysis,
        stored: options.stored,
        parts: options.parts,
        optimize: options.optimize,
    };
    let report = build::here(options.engine, &options.corpus, &options.folder, &recipe)?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

fn run(options: Run) -> Result<()> {
    let mut queries = match &options.queries {
        Some(path) => queries::read(path)?,
        None => queries::draw(&options.corpus, 1)?,
    };
    for kind in &options.only {
        if !queries::COLUMNS.contains(&kind.as_str()) {
            return Err(format!("there is no kind of query {kind}").into());
        }
    }
    queries.retain(|query| {
        options
            .only
            .iter()
            .any(|k| k == queries::COLUMNS[query.column])
    });
    if let Some(text) = &options.matching {
        queries.retain(|query| text.lines().any(|line| line == query.text));
    }
    if let Some(limit) = options.limit_queries {
        let mut left = [limit; queries::COLUMNS.len()];
        queries.retain(|query| {
            let left = &mut left[query.column];
            let keep = *left > 0;
            *left -= usize::from(keep);
            keep
        });
    }

    let indexes = options.indexes.clone().unwrap_or_else(|| {
        let mut name = options.corpus.clone().into_os_string();
        name.push(".peers");
        name.into()
    });
    let kinds: &[Kind] = match options.wordhoard_only {
        true => &[Kind::Wordhoard],
        false => &options.engines,
    };
    let mut engines = Vec::new();
    for kind in kinds {
        let rebuild = options.rebuild.contains(kind);
        let memory = options.memory << 20;
        let folder = build::prepared(*kind, &options.corpus, &indexes, memory, rebuild)?;
        let engine = kind.open(&folder).map_err(|error| {
            format!(
                "{error}; if the format has changed: --rebuild {}",
                kind.name()
            )
        })?;
        if engine.segments() != 1 {
            eprintln!("{}: {} segments, not one", kind.name(), engine.segments());
        }
        engines.push(engine);
    }
    if !options.no_check {
        let differing = measure::check(&engines, &queries)?;
        eprintln!(
            "{} queries; the counts of {differing} differ",
            queries.len()
        );
    }
    let samples = measure::run(&engines, &queries, &options.commands, options.passes)?;
    if options.json {
        table::print_json(&engines, &queries, &options.commands, &samples);
    } else {
        table::print(&engines, &queries, &options.commands, &samples);
    }
    if let Some(count) = options.slowest {
        table::print_slowest(&engines, &queries, &options.commands, &samples, count);
    }
    Ok(())
}
