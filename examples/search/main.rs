//! A search engine for the terminal: the whole library, in eleven commands.
//!
//! `cargo run --release --example search -- demo` shows what it can do.

mod bulk;
mod change;
mod demo;
mod drive;
mod eval;
mod index;
mod infer;
mod input;
mod inspect;
mod memory;
mod out;
mod query;
mod style;
mod xray;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Full-text search over your own files.
#[derive(Parser)]
#[command(name = "search", version, after_help = "Begin with: search demo")]
struct Cli {
    /// Print JSON, one object a line, instead of text for people.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Index a small bundled corpus, search it, and say how to go on.
    Demo,
    /// Put JSON lines, text files or folders into an index.
    Index(index::Options),
    /// Search.
    Query(query::Options),
    /// Measure relevance against judgments.
    Eval(eval::Options),
    /// Answer queries from stdin: the protocol of the search-benchmark-game.
    Drive(drive::Options),
    /// What is in an index.
    Stats(inspect::StatsOptions),
    /// The terms of a field.
    Terms(inspect::TermsOptions),
    /// Show how a query is answered.
    Xray(xray::Options),
    /// Check every byte.
    Verify(inspect::VerifyOptions),
    /// Delete documents by key or query.
    Delete(change::DeleteOptions),
    /// Join segments.
    Merge(change::MergeOptions),
}

/// What a command that nothing stopped came to: the exit status 0 or 1.
#[derive(Clone, Copy, PartialEq)]
pub enum Outcome {
    Found,
    Nothing,
}

/// Whatever stops a command. Its text is one sentence with a hint.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    if let Command::Index(_) | Command::Merge(_) = cli.command {
        memory::begin_frugally();
    }
    let json = cli.json;
    let outcome = match cli.command {
        Command::Demo => demo::run(json),
        Command::Index(options) => index::run(options, json),
        Command::Query(options) => query::run(options, json),
        Command::Eval(options) => eval::run(options, json),
        Command::Drive(options) => drive::run(options),
        Command::Stats(options) => inspect::stats(options, json),
        Command::Terms(options) => inspect::terms(options, json),
        Command::Xray(options) => xray::run(options, json),
        Command::Verify(options) => inspect::verify(options, json),
        Command::Delete(options) => change::delete(options, json),
        Command::Merge(options) => change::merge(options, json),
    };
    match outcome {
        Ok(Outcome::Found) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::from(1),
        Err(failure) => {
            if is_broken_pipe(&failure) {
                // Whoever read has had enough, as `head` does.
                return ExitCode::SUCCESS;
            }
            let error = style::on_stderr().bad("error:");
            // It may name a file, whose name may be anything.
            let failure = style::plain_lines(&failure.to_string());
            style::complain(format_args!("{error} {failure}"));
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(failure: &Failure) -> bool {
    let io = failure.downcast_ref::<std::io::Error>();
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
