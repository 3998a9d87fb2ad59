//! `search eval`: how good is the ranking?

use crate::query::Scoring;
use crate::{Failure, Outcome, out, style};
use clap::Args;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use wordhoard::evaluation::{Judgments, Measure, Run, evaluate, read_topics};
use wordhoard::{Index, Query};

/// Measure relevance against judgments.
#[derive(Args)]
#[command(
    after_help = "Example:\n  search eval scifact.hoard --queries queries.jsonl --qrels qrels.tsv --measures ndcg@10,map,recall@100\n\nEach query is taken as words, not as syntax; a thousand hits are measured.\n\nWith --json: a line {measure, value} for each measure."
)]
pub struct Options {
    /// The index. Its documents are named by their keys.
    index: OsString,
    /// JSON lines {"id", "text"}, or lines of id, tab, text.
    #[arg(long)]
    queries: PathBuf,
    /// Lines of query, tab, document, tab, grade; or TREC's four columns.
    #[arg(long)]
    qrels: PathBuf,
    /// ndcg, map, mrr, recall, precision, each with a cutoff such as @10 if wanted.
    #[arg(long, default_value = "ndcg@10,map,recall@100,mrr@10")]
    measures: String,
    /// Write the hits as a TREC run.
    #[arg(long, value_name = "FILE")]
    run: Option<PathBuf>,
    #[command(flatten)]
    scoring: Scoring,
}

/// Hits measured for each query.
const DEPTH: usize = 1000;

pub fn run(options: Options, json: bool) -> Result<Outcome, Failure> {
    let measures = Measure::list(&options.measures)?;
    let judgments = Judgments::read(&options.qrels)?;
    let topics = read_topics(&options.queries)?;
    let searcher = Index::open(&options.index)?.searcher()?;
    if searcher.snapshot().schema().key().is_none() {
        return Err(
            "the index has no key, by which judgments name documents; index again with --key FIELD"
                .into(),
        );
    }
    // What can't be chosen is said, whether any query is asked or not.
    let _ = options.scoring.choose(searcher.search(Query::nothing()))?;
    let mut run = Run::new("wordhoard");
    let mut asked = 0;
    for topic in &topics {
        if judgments.grades(&topic.id).is_none() {
            continue;
        }
        asked += 1;
        let search = searcher.search(Query::words(&topic.text)).limit(DEPTH);
        let page = options.scoring.choose(search)?.run()?;
        let mut ranking = Vec::with_capacity(page.len());
        for hit in &page {
            ranking.push((hit.key()?.unwrap_or_default(), f64::from(hit.score())));
        }
        run.add(&topic.id, ranking);
    }
    if let Some(path) = &options.run {
        let failure = |error| format!("can't write the run {}: {error}", path.display());
        let mut out = BufWriter::new(File::create(path).map_err(failure)?);
        run.write(&mut out)?;
        out.flush().map_err(failure)?;
    }
    let report = evaluate(&judgments, &run, &measures);
    let mut out = out::out();
    for (measure, value) in report.means() {
        if json {
            writeln!(
                out,
                "{}",
                serde_json::json!({ "measure": measure.to_string(), "value": value })
            )?;
        } else {
            writeln!(out, "{measure}\t{value:.4}")?;
        }
    }
    if asked == 0 {
        style::complain(format_args!(
            "no query has judgments: compare the ids in {} and {}",
            options.queries.display(),
            options.qrels.display()
        ));
        return Ok(Outcome::Nothing);
    }
    Ok(Outcome::Found)
}
