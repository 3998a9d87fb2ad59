//! # Build: indexing, measured each in a process of its own
//!
//! Idea        a child process builds one index and prints what it took, with
//!             the peak of its resident memory as Linux saw it (`VmHWM`, which
//!             has mapped files in it). Children of the engines take turns, and
//!             the medians of several rounds are compared
//! Invariants  (1) one process, one index: nobody inherits a warm allocator
//!             (2) both read and parse the same lines inside their time; what
//!             that alone takes is printed as *reading*
//! Left out    stored texts off for wordhoard: a hit is its document. What they
//!             take is subtracted from the size instead
//! Next        [`crate::table`]

use crate::engines::{Analysis, Built, Kind, Recipe, hoard::Hoard, tantivy::Tantivy};
use crate::{Result, corpus};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

impl Recipe {
    /// Whether a part is complete with the document of this number, from 1.
    pub fn ends_part(&self, number: u64, documents: u64) -> bool {
        let parts = self.parts as u64;
        parts > 0
            && number < documents
            && number * parts / documents > (number - 1) * parts / documents
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            format!("--threads={}", self.threads),
            format!("--memory={}", self.memory >> 20),
            format!("--parts={}", self.parts),
            format!("--analysis={:?}", self.analysis).to_lowercase(),
        ];
        if self.stored {
            arguments.push("--stored".to_owned());
        }
        if self.optimize {
            arguments.push("--optimize".to_owned());
        }
        arguments
    }
}

/// What a child reports.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    #[serde(flatten)]
    pub built: Built,
    /// The peak of resident memory, mapped files and all.
    pub peak_bytes: u64,
}

/// Builds an index here, in this process.
pub fn here(kind: Kind, corpus: &Path, folder: &Path, recipe: &Recipe) -> Result<Report> {
    let mut documents = 0;
    if recipe.parts > 0 {
        corpus::each(corpus, |_| {
            documents += 1;
            Ok(())
        })?;
    }
    let built = match kind {
        Kind::Reordered => Hoard::reorder(folder, recipe.threads, recipe.memory)?,
        Kind::Wordhoard => Hoard::build(corpus, documents, folder, recipe)?,
        Kind::Tantivy => Tantivy::build(corpus, documents, folder, recipe)?,
    };
    Ok(Report {
        built,
        peak_bytes: peak_bytes().unwrap_or(0),
    })
}

fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes << 10)
}

/// Builds an index in a child process, in a folder that isn't there yet;
/// reorders one that is.
pub fn child(kind: Kind, corpus: &Path, folder: &Path, recipe: &Recipe) -> Result<Report> {
    let output = Command::new(std::env::current_exe()?)
        .arg("build")
        .arg(kind.name())
        .arg(corpus)
        .arg(folder)
        .args(recipe.arguments())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("building {} failed", kind.name()).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Where an engine's index for queries is; built if it isn't there.
pub fn prepared(
    kind: Kind,
    corpus: &Path,
    indexes: &Path,
    memory: usize,
    rebuild: bool,
) -> Result<PathBuf> {
    let folder = indexes.join(kind.name());
    let complete = indexes.join(format!("{}.json", kind.name()));
    if !rebuild && complete.exists() {
        return Ok(folder);
    }
    std::fs::create_dir_all(indexes)?;
    if complete.exists() {
        std::fs::remove_file(&complete)?;
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let mut threads = 1;
    if kind == Kind::Reordered {
        let plain = prepared(Kind::Wordhoard, corpus, indexes, memory, false)?;
        std::fs::create_dir(&folder)?;
        for entry in std::fs::read_dir(plain)? {
            let entry = entry?;
            std::fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
        threads = 2;
    }
    let recipe = Recipe {
        threads,
        memory,
        analysis: Analysis::Shared,
        stored: false,
        parts: 0,
        optimize: true,
    };
    eprintln!("building {} …", folder.display());
    let report = child(kind, corpus, &folder, &recipe)?;
    let built = &report.built;
    eprintln!(
        "{}: {} documents, {} bytes ({} of them stored), {:.1} s and {:.1} s to join, peak {} MB",
        kind.name(),
        built.documents,
        built.index_bytes,
        built.stored_bytes,
        built.index_seconds,
        built.merge_seconds,
        report.peak_bytes / 1_000_000,
    );
    std::fs::write(complete, serde_json::to_string(&report)?)?;
    Ok(folder)
}

/// Compares building, recipe by recipe, in rounds; prints medians.
pub fn compare(
    corpus: &Path,
    scratch: &Path,
    rounds: usize,
    memory: usize,
    json: bool,
) -> Result<()> {
    let reading = Instant::now();
    let mut bytes = 0u64;
    corpus::each(corpus, |line| {
        bytes += line.text.len() as u64;
        Ok(())
    })?;
    let reading = reading.elapsed().as_secs_f64();
    println!(
        "{}: {bytes} bytes of text; reading alone {reading:.2} s",
        corpus.display()
    );

    let plain = Recipe {
        threads: 1,
        memory,
        analysis: Analysis::Plain,
        stored: true,
        parts: 0,
        optimize: false,
    };
    let english = Recipe {
        analysis: Analysis::English,
        ..plain.clone()
    };
    let merge = Recipe {
        memory: MERGE_MEMORY,
        parts: 10,
        optimize: true,
        ..plain.clone()
    };
    let recipes = [
        ("plain, 1 thread", plain.clone()),
        (
            "plain, 2 threads",
            Recipe {
                threads: 2,
                ..plain.clone()
            },
        ),
        ("english, 1 thread", english.clone()),
        (
            "english, 2 threads",
            Recipe {
                threads: 2,
                ..english
            },
        ),
        (
            "plain, 1 thread, one segment",
            Recipe {
                optimize: true,
                ..plain.clone()
            },
        ),
        (
            "plain, not stored, one segment",
            Recipe {
                optimize: true,
                stored: false,
                ..plain
            },
        ),
        ("10 parts joined", merge),
    ];
    println!(
        "{:<32}{:<11}{:>9}{:>9}{:>9}{:>10}{:>12}{:>12}{:>6}",
        "", "", "index s", "merge s", "MB/s", "peak MB", "index MB", "w/o stored", "segs"
    );
    for (title, recipe) in recipes {
        let mut reports = [Vec::new(), Vec::new()];
        for round in 0..rounds {
            for turn in 0..2 {
                let turn = (turn + round) % 2;
                let kind = [Kind::Wordhoard, Kind::Tantivy][turn];
                let folder = scratch.join(kind.name());
                if folder.exists() {
                    std::fs::remove_dir_all(&folder)?;
                }
                reports[turn].push(child(kind, corpus, &folder, &recipe)?);
                std::fs::remove_dir_all(&folder)?;
            }
        }
        for (kind, reports) in [Kind::Wordhoard, Kind::Tantivy].into_iter().zip(&reports) {
            let of = |pick: fn(&Report) -> f64| median(reports.iter().map(pick).collect());
            let index = of(|r| r.built.index_seconds);
            let merge = of(|r| r.built.merge_seconds);
            let peak = of(|r| r.peak_bytes as f64);
            let size = of(|r| r.built.index_bytes as f64);
            let stored = of(|r| r.built.stored_bytes as f64);
            let segments = of(|r| r.built.segments as f64);
            if json {
                let object = serde_json::json!({
                    "recipe": title, "engine": kind.name(), "index_seconds": index,
                    "merge_seconds": merge, "peak_bytes": peak, "index_bytes": size,
                    "stored_bytes": stored, "segments": segments, "text_bytes": bytes,
                });
                println!("{object}");
                continue;
            }
            println!(
                "{title:<32}{:<11}{index:>9.2}{merge:>9.2}{:>9.1}{:>10.0}{:>12.1}{:>12.1}{segments:>6}",
                kind.name(),
                bytes as f64 / 1e6 / index,
                peak / 1e6,
                size / 1e6,
                (size - stored) / 1e6,
            );
        }
    }
    Ok(())
}

/// Enough that each part becomes one segment, for up to a few hundred MB each.
const MERGE_MEMORY: usize = 2 << 30;

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
