//! `search drive`: the protocol of the search-benchmark-game, on stdin and
//! stdout: `COMMAND<TAB>query` in, one number out.

use crate::{Failure, Outcome, out};
use clap::Args;
use std::ffi::OsString;
use std::io::{BufRead, Write};
use std::time::Instant;
use wordhoard::search::{Search, Total};
use wordhoard::{Index, Searcher};

/// Answer queries from stdin: the protocol of the search-benchmark-game.
#[derive(Args)]
#[command(
    after_help = "Example:\n  printf 'TOP_10\\tquick fox\\n' | search drive articles.hoard --timed\n\nEach line is a command, a tab and a query; each is answered by a line.\nTOP_10, TOP_100, TOP_1000: how many hits came back. COUNT, TOP_10_COUNT, TOP_100_COUNT, TOP_1000_COUNT, UNOPTIMIZED_COUNT: how many documents match. IDS_10: the keys of the ten best, with commas between. PING: 0. Anything else is UNSUPPORTED; what can't be answered is an ERROR, which stderr explains."
)]
pub struct Options {
    /// The index.
    index: OsString,
    /// Add a tab and the nanoseconds spent inside to each answer.
    #[arg(long)]
    timed: bool,
}

pub fn run(options: Options) -> Result<Outcome, Failure> {
    let searcher = Index::open(&options.index)?.searcher()?;
    let mut out = out::out();
    let mut line = Vec::new();
    let mut input = std::io::stdin().lock();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(Outcome::Found);
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        let (command, query) = text.split_once('\t').unwrap_or((text, ""));
        let started = Instant::now();
        let answer = match answer(&searcher, command, query) {
            Ok(answer) => answer,
            Err(error) => {
                crate::style::complain(crate::style::plain(&error.to_string()));
                "ERROR".to_owned()
            }
        };
        let nanoseconds = started.elapsed().as_nanos();
        if options.timed {
            writeln!(out, "{answer}\t{nanoseconds}")?;
        } else {
            writeln!(out, "{answer}")?;
        }
        out.flush()?;
    }
}

fn answer(searcher: &Searcher, command: &str, query: &str) -> Result<String, Failure> {
    let top = |count: usize| -> Result<String, Failure> {
        Ok(searcher.search(query).limit(count).run()?.len().to_string())
    };
    let top_count = |count: usize| -> Result<String, Failure> {
        let page = searcher.search(query).limit(count).count_exactly().run()?;
        match page.total() {
            Total::Exact(count) | Total::AtLeast(count) => Ok(count.to_string()),
        }
    };
    match command {
        "TOP_10" => top(10),
        "TOP_100" => top(100),
        "TOP_1000" => top(1000),
        "COUNT" => Ok(searcher.count(query)?.to_string()),
        "TOP_10_COUNT" => top_count(10),
        "TOP_100_COUNT" => top_count(100),
        "TOP_1000_COUNT" => top_count(1000),
        // Where there is room for all hits none can be passed over: each match is scored.
        "UNOPTIMIZED_COUNT" => {
            let all = usize::try_from(searcher.snapshot().live_count());
            top_count(all.unwrap_or(usize::MAX).min(Search::HITS_MAX))
        }
        "IDS_10" => {
            let page = searcher.search(query).limit(10).run()?;
            let keys: Result<Vec<String>, wordhoard::Error> = page
                .into_iter()
                .map(|hit| Ok(hit.key()?.unwrap_or_else(|| hit.number().to_string())))
                .collect();
            Ok(keys?.join(","))
        }
        "PING" => Ok("0".to_owned()),
        _ => Ok("UNSUPPORTED".to_owned()),
    }
}
