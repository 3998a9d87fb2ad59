//! # Build: an index, in a process of its own
//!
//! Idea        a child process builds one index and prints what it took as
//!             JSON: seconds, CPU, bytes, and the peak of its resident memory
//!             as Linux saw it (`VmHWM`, which has mapped files in it, and the
//!             highest `RssAnon` that was seen, which has not)
//! Invariants  (1) one process, one index: nobody inherits a warm allocator
//! Next        [`crate::compare`]

use crate::engines::{Analysis, Built, Kind, Recipe, hoard::Hoard, tantivy::Tantivy};
use crate::{Result, corpus};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

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
    /// The peak of that without mapped files, looked at every few
    /// milliseconds.
    pub anonymous_bytes: u64,
    /// Of all threads, in the kernel too.
    pub cpu_seconds: f64,
}

/// Builds an index here, in this process.
pub fn here(kind: Kind, corpus: &Path, folder: &Path, recipe: &Recipe) -> Result<Report> {
    let watch = Watch::start();
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
        peak_bytes: memory("VmHWM:").unwrap_or(0),
        anonymous_bytes: watch.0.load(Ordering::Relaxed),
        cpu_seconds: cpu_seconds().unwrap_or(0.0),
    })
}

/// A figure that Linux keeps of this process.
pub fn memory(line: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|text| text.strip_prefix(line))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes << 10)
}

/// Processor seconds of this process, in the kernel too.
pub fn cpu_seconds() -> Option<f64> {
    /// What Linux counts in, whatever its clock.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in parentheses, may have anything in it.
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

/// Looks at the anonymous memory of this process, again and again.
struct Watch(Arc<AtomicU64>);

impl Watch {
    fn start() -> Self {
        let most = Arc::new(AtomicU64::new(0));
        let seen = most.clone();
        // It ends with the process.
        std::thread::spawn(move || {
            loop {
                let now = memory("RssAnon:").unwrap_or(0);
                seen.fetch_max(now, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        Self(most)
    }
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
        "{}: {} documents, {} bytes ({} of them stored), {:.1} s and {:.1} s to join, \
         {:.1} s of CPU, peak {} MB, {} without mapped files",
        kind.name(),
        built.documents,
        built.index_bytes,
        built.stored_bytes,
        built.index_seconds,
        built.merge_seconds,
        report.cpu_seconds,
        report.peak_bytes / 1_000_000,
        report.anonymous_bytes / 1_000_000,
    );
    std::fs::write(complete, serde_json::to_string(&report)?)?;
    Ok(folder)
}
