//! # Wordhoard, as an engine to measure
//!
//! Idea        the public interface, used as anyone would: a schema with a
//!             text and an id that is stored, `put`, `commit`, `optimize`,
//!             `search`
//! Invariants  stored texts cannot be left out (a hit is the document); what
//!             they take is told apart in [`Built::stored_bytes`]
//! Next        [`super::tantivy`]

use super::{Analysis, Built, Command, Engine, Recipe};
use crate::{Result, corpus};
use serde::Serialize;
use std::path::Path;
use std::time::Instant;
use wordhoard::search::Total;
use wordhoard::{Index, Schema, Searcher, Text, WriterOptions};

#[derive(Serialize)]
struct Document<'t> {
    id: &'t str,
    text: &'t str,
}

/// An open index.
pub struct Hoard(Searcher);

impl Hoard {
    pub fn open(folder: &Path) -> Result<Self> {
        Ok(Self(Index::open(folder)?.searcher()?))
    }

    pub fn build(corpus: &Path, documents: u64, folder: &Path, recipe: &Recipe) -> Result<Built> {
        let text = match recipe.analysis {
            Analysis::Shared | Analysis::Plain => Text::plain(),
            Analysis::English => Text::english(),
        };
        let schema = Schema::builder().stored("id").text("text", text).build()?;
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
        for part in index.snapshot()?.parts() {
            let sizes = part.segment.sizes();
            let stored = sizes.iter().filter(|(name, _)| name.starts_with("stored"));
            built.stored_bytes += stored.map(|(_, bytes)| bytes).sum::<u64>();
        }
        Ok(built)
    }
}

impl Engine for Hoard {
    fn name(&self) -> &'static str {
        "wordhoard"
    }

    fn answer(&self, command: Command, query: &str) -> Result<u64> {
        Ok(match command {
            Command::Top(count) => self.0.search(query).limit(count).run()?.len() as u64,
            Command::Count => self.0.count(query)?,
            Command::TopCount(count) => {
                let page = self.0.search(query).limit(count).count_exactly().run()?;
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
        self.0.snapshot().parts().len()
    }
}
