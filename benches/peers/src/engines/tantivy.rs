//! # Tantivy, as an engine to measure
//!
//! Idea        set up as its entry in the search-benchmark-game: an id that is
//!             stored, a text with positions, norms on; one segment; counting
//!             by `Query::count`, ranking by `TopDocs`, both by one pass
//! Invariants  under [`Analysis::Shared`] its terms are wordhoard's: [`Words`]
//!             hands them on, with the positions that they have there
//! Cost        the adaptor fills a list of tokens per text, which costs about
//!             what tantivy's own tokenizer does; where indexing speed is
//!             compared, [`Analysis::Plain`] takes tantivy's own
//! Next        [`crate::measure`]

use super::{Analysis, Built, Command, Engine, Recipe};
use crate::{Result, corpus};
use std::path::Path;
use std::time::Instant;
use tantivy::collector::{Count, TopDocs};
use tantivy::indexer::NoMergePolicy;
use tantivy::query::QueryParser;
use tantivy::schema::{
    Field, IndexRecordOption, STORED, Schema, TantivyDocument, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{
    Language, LowerCaser, SimpleTokenizer, Stemmer, StopWordFilter, TextAnalyzer, Token,
    TokenStream, Tokenizer,
};
use tantivy::{Index, IndexWriter, ReloadPolicy, Searcher};
use wordhoard::analysis::Analyzer;

const STOP_WORDS: &str = include_str!("../../../../src/analysis/stop_words/english.txt");

/// Wordhoard's `plain` analyzer as a tantivy tokenizer.
#[derive(Clone)]
struct Words {
    analyzer: Analyzer,
    /// The terms of a text, one after the other.
    terms: String,
    /// For each: where it ends in `terms`; its offsets and position.
    ends: Vec<(usize, usize, usize, usize)>,
}

impl Words {
    fn new() -> Self {
        Self {
            analyzer: Analyzer::plain(),
            terms: String::new(),
            ends: Vec::new(),
        }
    }
}

struct WordStream<'a> {
    words: &'a Words,
    next: usize,
    start: usize,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.terms.clear();
        self.ends.clear();
        let Self {
            analyzer,
            terms,
            ends,
        } = self;
        analyzer.analyze(text, &mut |term, token| {
            terms.push_str(term);
            ends.push((terms.len(), token.start, token.end, token.position as usize));
        });
        WordStream {
            words: self,
            next: 0,
            start: 0,
            token: Token::default(),
        }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(&(end, from, to, position)) = self.words.ends.get(self.next) else {
            return false;
        };
        self.next += 1;
        self.token.text.clear();
        self.token.text.push_str(&self.words.terms[self.start..end]);
        self.start = end;
        self.token.offset_from = from;
        self.token.offset_to = to;
        self.token.position = position;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

pub fn register(index: &Index) {
    let words = TextAnalyzer::builder(Words::new()).build();
    index.tokenizers().register("shared", words);
    let plain = TextAnalyzer::builder(SimpleTokenizer::default()).filter(LowerCaser);
    index.tokenizers().register("plain", plain.build());
    let stop = STOP_WORDS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .map(str::to_owned);
    let english = TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(LowerCaser)
        .filter(StopWordFilter::remove(stop))
        .filter(Stemmer::new(Language::English));
    index.tokenizers().register("english", english.build());
}

/// An indexed text, with positions and norms, that isn't stored.
pub fn text_options(analysis: Analysis) -> TextOptions {
    let analyzer = match analysis {
        Analysis::Shared => "shared",
        Analysis::Plain => "plain",
        Analysis::English => "english",
    };
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(analyzer)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions)
        .set_fieldnorms(true);
    TextOptions::default().set_indexing_options(indexing)
}

fn schema(recipe: &Recipe) -> Schema {
    let mut text = text_options(recipe.analysis);
    if recipe.stored {
        text = text.set_stored();
    }
    let mut schema = Schema::builder();
    schema.add_text_field("id", STORED);
    schema.add_text_field("text", text);
    schema.build()
}

/// An open index.
pub struct Tantivy {
    searcher: Searcher,
    parser: QueryParser,
}

impl Tantivy {
    pub fn open(folder: &Path) -> Result<Self> {
        let index = Index::open_in_dir(folder)?;
        register(&index);
        let text = index.schema().get_field("text")?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        Ok(Self {
            searcher: reader.try_into()?.searcher(),
            parser: QueryParser::for_index(&index, vec![text]),
        })
    }

    pub fn build(corpus: &Path, documents: u64, folder: &Path, recipe: &Recipe) -> Result<Built> {
        std::fs::create_dir_all(folder)?;
        let schema = schema(recipe);
        let id: Field = schema.get_field("id")?;
        let text: Field = schema.get_field("text")?;
        let index = Index::create_in_dir(folder, schema)?;
        register(&index);
        let started = Instant::now();
        let mut writer: IndexWriter =
            index.writer_with_num_threads(recipe.threads, recipe.memory)?;
        if recipe.parts > 0 {
            writer.set_merge_policy(Box::new(NoMergePolicy));
        }
        let mut built = Built::default();
        corpus::each(corpus, |line| {
            built.documents += 1;
            built.text_bytes += line.text.len() as u64;
            let mut document = TantivyDocument::new();
            document.add_text(id, &line.id);
            document.add_text(text, &line.text);
            writer.add_document(document)?;
            if recipe.ends_part(built.documents, documents) {
                writer.commit()?;
            }
            Ok(())
        })?;
        writer.commit()?;
        built.index_seconds = started.elapsed().as_secs_f64();
        built.segments = index.searchable_segment_ids()?.len();
        let started = Instant::now();
        if recipe.optimize {
            // The merges that run already, first; then one over what is left.
            writer.wait_merging_threads()?;
            writer = index.writer_with_num_threads(1, recipe.memory)?;
            writer.set_merge_policy(Box::new(NoMergePolicy));
            let segments = index.searchable_segment_ids()?;
            if segments.len() > 1 {
                writer.merge(&segments).wait()?;
            }
        }
        built.merge_seconds = started.elapsed().as_secs_f64();
        writer.garbage_collect_files().wait()?;
        writer.wait_merging_threads()?;
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let bytes = entry.metadata()?.len();
            built.index_bytes += bytes;
            if entry.path().extension().is_some_and(|kind| kind == "store") {
                built.stored_bytes += bytes;
            }
        }
        Ok(built)
    }
}

impl Engine for Tantivy {
    fn name(&self) -> &'static str {
        "tantivy"
    }

    fn answer(&self, command: Command, query: &str) -> Result<u64> {
        let query = self.parser.parse_query(query)?;
        let top = |count| TopDocs::with_limit(count).order_by_score();
        Ok(match command {
            Command::Top(count) => self.searcher.search(&query, &top(count))?.len() as u64,
            Command::Count => query.count(&self.searcher)? as u64,
            Command::TopCount(count) => {
                self.searcher.search(&query, &(Count, top(count)))?.0 as u64
            }
        })
    }

    fn understood(&self, query: &str) -> String {
        match self.parser.parse_query(query) {
            Ok(query) => format!("{query:?}"),
            Err(error) => error.to_string(),
        }
    }

    fn segments(&self) -> usize {
        self.searcher.segment_readers().len()
    }
}
