//! # Wordhoard, as an engine to measure
//!
//! Idea        the public interface, used as anyone would: a schema with a
//!             text and an id that is stored, `put`, `commit`, `optimize`,
//!             `search`
//! Invariants  what stored documents take is told apart in
//!             [`Built::stored_bytes`]
//! Next        [`super::tantivy`]

use super::{Analysis, Built, Command, Engine, Kind, Recipe};
use crate::{Result, corpus};
use serde::Serialize;
use std::path::Path;
use std::time::Instant;
use wordhoard::index::Optimize;
use wordhoard::search::Total;
use wordhoard::{Index, Schema, Searcher, Text, WriterOptions};

/// What is put.
#[derive(Serialize)]
pub struct Document<'t> {
    pub id: &'t str,
    pub text: &'t str,
}

/// An open index.
pub struct Hoard {
    name: &'static str,
    searcher: Searcher,
}

impl Hoard {
    pub fn open(kind: Kind, folder: &Path) -> Result<Self> {
        Ok(Self {
            name: kind.name(),
            searcher: Index::open(folder)?.searcher()?,
        })
    }

    /// Reorders the documents of an index that is there.
    pub fn reorder(folder: &Path, threads: usize, memory: usize) -> Result<Built> {
        let index = Index::open(folder)?;
        let options = WriterOptions::default().threads(threads).memory(memory);
        let mut writer = index.writer_with(options)?;
        let started = Instant::now();
        let receipt = writer.optimize_with(Optimize::reordered())?;
        let merge_seconds = started.elapsed().as_secs_f64();
        writer.close()?;
        Ok(Built {
            documents: receipt.documents,
            merge_seconds,
            segments: receipt.segments,
            index_bytes: receipt.bytes,
            stored_bytes: stored_bytes(&index)?,
            ..Built::default()
        })
    }

    pub fn schema(analysis: Analysis, stored: bool) -> Result<Schema> {
        let text = match analysis {
            Analysis::Shared | Analysis::Plain => Text::plain(),
            Analysis::English => Text::english(),
        };
        let text = match stored {
            true => text,
            false => text.unstored(),
        };
        Ok(Schema::builder().stored("id").text("text", text).build()?)
    }

    pub fn build(corpus: &Path, documents: u64, folder: &Path, recipe: &Recipe) -> Result<Built> {
        let schema = Self::schema(recipe.analysis, recipe.stored)?;
        let index = Index::options().schema(schema).create(folder)?;
        let mut options = WriterOptions::default()
            .threads(recipe.threads)
            .memory(recipe.memory);
        if recipe.parts > 0 {
            options = options.without_merges();
        }
        let started = Instant::now();
        let mut writer = index.writer_with(options)?;
        let mut built = Built::default();
        corpus::each(corpus, |line| {
            built.documents += 1;
            built.text_bytes += line.text.len() as u64;
            writer.put(&Document {
                id: &line.id,
                text: &line.text,
            })?;
            if recipe.ends_part(built.documents, documents) {
                writer.commit()?;
            }
            Ok(())
        })?;
        writer.commit()?;
        built.index_seconds = started.elapsed().as_secs_f64();
        built.segments = index.snapshot()?.parts().len();
        let started = Instant::now();
        if recipe.optimize {
            writer.optimize()?;
        }
        built.merge_seconds = started.elapsed().as_secs_f64();
        let receipt = writer.close()?;
        built.index_bytes = receipt.bytes;
        built.stored_bytes = stored_bytes(&index)?;
        Ok(built)
    }
}

fn stored_bytes(index: &Index) -> Result<u64> {
    let mut bytes = 0;
    for part in index.snapshot()?.parts() {
        let sizes = part.segment.sizes();
        let stored = sizes.iter().filter(|(name, _)| name.starts_with("stored"));
        bytes += stored.map(|(_, bytes)| bytes).sum::<u64>();
    }
    Ok(bytes)
}

impl Engine for Hoard {
    fn name(&self) -> &'static str {
        self.name
    }

    fn answer(&self, command: Command, query: &str) -> Result<u64> {
        Ok(match command {
            Command::Top(count) => self.searcher.search(query).limit(count).run()?.len() as u64,
            Command::Count => self.searcher.count(query)?,
            Command::TopCount(count) => {
                let page = self
                    .searcher
                    .search(query)
                    .limit(count)
                    .count_exactly()
                    .run()?;
                match page.total() {
                    Total::Exact(count) | Total::AtLeast(count) => count,
                }
            }
        })
    }

    fn understood(&self, query: &str) -> String {
        wordhoard::Query::parse(query).query.to_string()
    }

    fn segments(&self) -> usize {
        self.searcher.snapshot().parts().len()
    }
}
