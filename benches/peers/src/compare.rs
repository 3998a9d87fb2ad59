//! # Compare: building, engine beside engine
//!
//! Idea        for each recipe (analysis, threads, one segment or as it comes,
//!             ten parts to be joined) the engines build the same corpus in
//!             turn, each in a child process, for several rounds; medians are
//!             printed
//! Invariants  (1) both read and parse the same lines inside their time; what
//!             that alone takes is printed first, as *reading*
//!             (2) each engine analyses with its own parts: see
//!             [`Analysis`](crate::engines::Analysis)
//! Next        [`crate::build`], the child

use crate::build::{Report, child};
use crate::engines::{Analysis, Kind, Recipe};
use crate::{Result, corpus};
use std::path::Path;
use std::time::Instant;

/// Enough that each of ten parts becomes one segment, for up to some GB.
const JOIN_MEMORY: usize = 2 << 30;

const KINDS: [Kind; 2] = [Kind::Wordhoard, Kind::Tantivy];

fn recipes(memory: usize) -> Vec<(&'static str, Recipe)> {
    let plain = Recipe {
        threads: 1,
        memory,
        analysis: Analysis::Plain,
        stored: true,
        parts: 0,
        optimize: false,
    };
    let two = |recipe: &Recipe| Recipe {
        threads: 2,
        ..recipe.clone()
    };
    let english = Recipe {
        analysis: Analysis::English,
        ..plain.clone()
    };
    let optimized = Recipe {
        optimize: true,
        ..plain.clone()
    };
    let parts = Recipe {
        memory: JOIN_MEMORY,
        parts: 10,
        ..optimized.clone()
    };
    let unstored = Recipe {
        stored: false,
        ..optimized.clone()
    };
    vec![
        ("plain, 1 thread", plain.clone()),
        ("plain, 2 threads", two(&plain)),
        ("english, 1 thread", english.clone()),
        ("english, 2 threads", two(&english)),
        ("plain, 1 thread, one segment", optimized),
        ("plain, not stored, one segment", unstored),
        ("ten parts joined", parts),
    ]
}

/// Compares building on a corpus; indexes are made in `scratch` and deleted.
pub fn run(corpus: &Path, scratch: &Path, rounds: usize, memory: usize, json: bool) -> Result<()> {
    let reading = Instant::now();
    let mut bytes = 0u64;
    corpus::each(corpus, |line| {
        bytes += line.text.len() as u64;
        Ok(())
    })?;
    let reading = reading.elapsed().as_secs_f64();
    if !json {
        println!("{bytes} bytes of text; reading alone takes {reading:.2} s\n");
        println!(
            "{:<32}{:<11}{:>9}{:>8}{:>9}{:>8}{:>9}{:>9}{:>9}{:>9}{:>10}",
            "",
            "",
            "index s",
            "MB/s",
            "merge s",
            "CPU s",
            "peak MB",
            "unmapped",
            "segments",
            "index MB",
            "w/o store"
        );
    }
    std::fs::create_dir_all(scratch)?;
    for (title, recipe) in recipes(memory) {
        let mut reports = [Vec::new(), Vec::new()];
        for round in 0..rounds.max(1) {
            for turn in 0..KINDS.len() {
                let turn = (turn + round) % KINDS.len();
                let folder = scratch.join(KINDS[turn].name());
                if folder.exists() {
                    std::fs::remove_dir_all(&folder)?;
                }
                reports[turn].push(child(KINDS[turn], corpus, &folder, &recipe)?);
                std::fs::remove_dir_all(&folder)?;
            }
        }
        for (kind, reports) in KINDS.into_iter().zip(&reports) {
            print(title, kind, reports, bytes, json);
        }
    }
    Ok(())
}

fn print(title: &str, kind: Kind, reports: &[Report], bytes: u64, json: bool) {
    let of = |pick: fn(&Report) -> f64| median(reports.iter().map(pick).collect());
    let index = of(|r| r.built.index_seconds);
    let merge = of(|r| r.built.merge_seconds);
    let cpu = of(|r| r.cpu_seconds);
    let peak = of(|r| r.peak_bytes as f64);
    let anonymous = of(|r| r.anonymous_bytes as f64);
    let size = of(|r| r.built.index_bytes as f64);
    let stored = of(|r| r.built.stored_bytes as f64);
    let segments = of(|r| r.built.segments as f64);
    if json {
        let object = serde_json::json!({
            "recipe": title, "engine": kind.name(), "text_bytes": bytes,
            "index_seconds": index, "merge_seconds": merge, "cpu_seconds": cpu,
            "peak_bytes": peak, "anonymous_bytes": anonymous, "segments": segments,
            "index_bytes": size, "stored_bytes": stored,
        });
        println!("{object}");
        return;
    }
    println!(
        "{title:<32}{:<11}{index:>9.2}{:>8.1}{merge:>9.2}{cpu:>8.2}{:>9.0}{:>9.0}{segments:>9}{:>9.1}{:>10.1}",
        kind.name(),
        bytes as f64 / 1e6 / index,
        peak / 1e6,
        anonymous / 1e6,
        size / 1e6,
        (size - stored) / 1e6,
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
