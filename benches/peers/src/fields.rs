//! # Fields: sorting, facets, ranges and filters beside tantivy
//!
//! Idea        to the texts of a corpus, of which only the beginnings are taken, fields
//!             are made: a number, a year, and a keyword, of which some are frequent and
//!             most are not. Then both are asked for the first hits in an order, for the
//!             most frequent values, and for words within a range or beside a keyword
//! Example     of 500,000 documents those with a word that one in 32 has, the ten with
//!             the greatest numbers first
//! Invariants  (1) both give the same number: of hits, of matches, or of documents with
//!             the most frequent value; if not, the table says so
//!             (2) what is asked is put together anew each time: as text for wordhoard,
//!             which parses it, and as queries for tantivy
//! Next        [`crate::compare`]

use crate::engines::Analysis;
use crate::engines::tantivy::{register, text_options};
use crate::random::Random;
use crate::{Result, corpus};
use std::collections::BTreeMap;
use std::ops::{Bound, RangeInclusive};
use std::path::{Path, PathBuf};
use std::time::Instant;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::{AggContextParams, AggregationCollector};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{AllQuery, BooleanQuery, BoostQuery, Occur, RangeQuery, TermQuery};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{IndexWriter, Order, Term, doc};
use wordhoard::search::{Sort, Total};

/// Sort, count facets and filter on both engines.
#[derive(clap::Args)]
pub struct Fields {
    /// JSON lines with "text"; .gz is unpacked.
    corpus: PathBuf,
    /// Where both indexes are built; deleted first.
    #[arg(long)]
    scratch: PathBuf,
    /// Bytes of each text.
    #[arg(long, default_value_t = 300)]
    bytes: usize,
    /// Passes, of which the best time counts.
    #[arg(long, default_value_t = 9)]
    passes: usize,
}

/// Made values of a document.
struct Made {
    number: u64,
    year: u64,
    tag: String,
    /// None to three, no two the same.
    labels: Vec<String>,
    /// Two in three have one.
    edition: Option<u64>,
}

const YEARS: RangeInclusive<u64> = 1900..=2024;
const TAGS: f64 = 1000.0;

impl Made {
    fn next(random: &mut Random) -> Self {
        let mut labels: Vec<String> = (0..random.below(4)).map(|_| tag(random)).collect();
        labels.sort_unstable();
        labels.dedup();
        let edition = YEARS.start() + random.below(YEARS.count()) as u64;
        Self {
            number: random.next() >> 32,
            year: YEARS.start() + random.below(YEARS.count()) as u64,
            tag: tag(random),
            labels,
            edition: (random.below(3) > 0).then_some(edition),
        }
    }
}

/// Half are one of the first thirty.
fn tag(random: &mut Random) -> String {
    let share = random.below(1 << 20) as f64 / f64::from(1 << 20);
    format!("tag{}", TAGS.powf(share) as u64)
}

/// What is asked, of documents with a word.
#[derive(Clone, Copy)]
enum Ask {
    First(&'static str),
    Facet(&'static str),
    CountIn(u64, u64),
    BestIn(u64, u64),
    CountWith(&'static str),
    BestWith(&'static str),
}

const ASKS: [(&str, Ask); 14] = [
    ("first by number", Ask::First("number")),
    ("first by year", Ask::First("year")),
    ("first by tag", Ask::First("tag")),
    ("first by edition", Ask::First("edition")),
    ("facet of tags", Ask::Facet("tag")),
    ("facet of years", Ask::Facet("year")),
    ("facet of labels", Ask::Facet("labels")),
    ("facet of editions", Ask::Facet("edition")),
    ("COUNT, one year in 11", Ask::CountIn(2000, 2010)),
    ("TOP_10, one year in 11", Ask::BestIn(2000, 2010)),
    ("TOP_10, one year", Ask::BestIn(1950, 1950)),
    ("COUNT, a frequent tag", Ask::CountWith("tag1")),
    ("TOP_10, a frequent tag", Ask::BestWith("tag1")),
    ("TOP_10, a rare tag", Ask::BestWith("tag300")),
];

pub fn run(options: &Fields) -> Result<()> {
    let folders = ["wordhoard", "tantivy"].map(|name| options.scratch.join(name));
    for folder in &folders {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
    }
    eprintln!("building both indexes …");
    let [ours, theirs] = &folders;
    let ours = Ours::build(options, ours)?;
    let theirs = Theirs::build(options, theirs)?;
    let words = ours.words()?;
    print!("{:<26}", "µs: ours | theirs, ratio");
    words.iter().for_each(|(name, _)| print!("{name:>30}"));
    println!();
    for (name, ask) in ASKS {
        print!("{name:<26}");
        for (_, word) in &words {
            let (mut best, mut answers) = ([f64::INFINITY; 2], [0; 2]);
            // In turns, so that a slow moment is slow for both.
            for _ in 0..options.passes {
                let started = Instant::now();
                answers[0] = ours.answer(word.as_deref(), ask)?;
                best[0] = best[0].min(started.elapsed().as_secs_f64() * 1e6);
                let started = Instant::now();
                answers[1] = theirs.answer(word.as_deref(), ask)?;
                best[1] = best[1].min(started.elapsed().as_secs_f64() * 1e6);
            }
            let differ = if answers[0] == answers[1] { "" } else { " !" };
            let [one, other] = best;
            let cell = format!("{one:.1} | {other:.1}, {:.2}{differ}", one / other);
            print!("{cell:>30}");
        }
        println!();
    }
    Ok(())
}

/// Hands over every document: the beginning of its text, and what is made.
fn each(options: &Fields, mut take: impl FnMut(&str, Made) -> Result<()>) -> Result<()> {
    let mut random = Random(1);
    corpus::each(&options.corpus, |line| {
        let end = line.text.floor_char_boundary(options.bytes);
        take(&line.text[..end], Made::next(&mut random))
    })
}

struct Ours(wordhoard::Searcher);

impl Ours {
    fn build(options: &Fields, folder: &Path) -> Result<Self> {
        let schema = wordhoard::Schema::builder()
            .text("text", wordhoard::Text::plain().unstored())
            .unsigned("number")
            .unsigned("year")
            .keyword("tag")
            .keyword("labels")
            .unsigned("edition")
            .build()?;
        let index = wordhoard::Index::options().schema(schema).create(folder)?;
        let mut writer = index.writer()?;
        each(options, |text, made| {
            let document = BTreeMap::from([
                ("text", serde_json::json!(text)),
                ("number", made.number.into()),
                ("year", made.year.into()),
                ("tag", made.tag.into()),
                ("labels", made.labels.into()),
                ("edition", made.edition.into()),
            ]);
            Ok(writer.put(&document)?)
        })?;
        writer.optimize()?;
        writer.close()?;
        Ok(Self(index.searcher()?))
    }

    /// None, for all documents, and words that fewer and fewer have.
    fn words(&self) -> Result<Vec<(String, Option<String>)>> {
        let mut words = vec![("all".to_owned(), None)];
        let part = &self.0.snapshot().parts()[0];
        let inverted = part.segment.inverted("text").ok_or("there are no texts")?;
        for share in [4, 32, 1024] {
            let wanted = part.segment.documents() / share;
            let mut nearest = (u32::MAX, String::new());
            let mut terms = inverted.terms(b"a")?;
            while let Some(entry) = terms.next()? {
                let distance = entry.document_frequency.abs_diff(wanted);
                if distance < nearest.0 {
                    nearest = (distance, String::from_utf8_lossy(terms.term()).into_owned());
                }
            }
            let word = nearest.1;
            words.push((format!("1 in {share}: {word}"), Some(word)));
        }
        Ok(words)
    }

    fn answer(&self, word: Option<&str>, ask: Ask) -> Result<u64> {
        let search = self.0.search(word.unwrap_or("*"));
        let search = match ask {
            Ask::First(field) => search.sort_by(Sort::descending(field)),
            Ask::Facet(field) => search.facet(field, 10).limit(0),
            Ask::CountIn(from, to) => search
                .filter(format!("year:[{from} TO {to}]"))
                .limit(0)
                .count_exactly(),
            Ask::BestIn(from, to) => search.filter(format!("year:[{from} TO {to}]")),
            Ask::CountWith(tag) => search.filter(format!("tag:{tag}")).limit(0).count_exactly(),
            Ask::BestWith(tag) => search.filter(format!("tag:{tag}")),
        };
        let page = search.run()?;
        Ok(match (ask, page.total()) {
            (Ask::Facet(_), _) => page.facets()[0].counts().first().map_or(0, |best| best.1),
            (Ask::CountIn(..) | Ask::CountWith(_), Total::Exact(count)) => count,
            _ => page.len() as u64,
        })
    }
}

struct Theirs {
    searcher: tantivy::Searcher,
    text: Field,
    year: Field,
    tag: Field,
}

impl Theirs {
    fn build(options: &Fields, folder: &Path) -> Result<Self> {
        let mut schema = Schema::builder();
        let text = schema.add_text_field("text", text_options(Analysis::Shared));
        let number = schema.add_u64_field("number", INDEXED | FAST);
        let year = schema.add_u64_field("year", INDEXED | FAST);
        let raw = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false);
        let raw = TextOptions::default()
            .set_indexing_options(raw)
            .set_fast("raw");
        let tag = schema.add_text_field("tag", raw.clone());
        let labels = schema.add_text_field("labels", raw);
        let edition = schema.add_u64_field("edition", INDEXED | FAST);
        let index = tantivy::Index::create_in_dir(folder, schema.build())?;
        register(&index);
        let mut writer: IndexWriter = index.writer_with_num_threads(1, 512 << 20)?;
        each(options, |words, made| {
            let mut document = doc!(
                text => words, number => made.number, year => made.year, tag => made.tag
            );
            for label in made.labels {
                document.add_text(labels, label);
            }
            if let Some(year) = made.edition {
                document.add_u64(edition, year);
            }
            writer.add_document(document)?;
            Ok(())
        })?;
        writer.commit()?;
        let segments = index.searchable_segment_ids()?;
        if segments.len() > 1 {
            writer.merge(&segments).wait()?;
        }
        writer.wait_merging_threads()?;
        Ok(Self {
            searcher: index.reader()?.searcher(),
            text,
            year,
            tag,
        })
    }

    fn answer(&self, word: Option<&str>, ask: Ask) -> Result<u64> {
        let searcher = &self.searcher;
        let words: Box<dyn tantivy::query::Query> = match word {
            None => Box::new(AllQuery),
            Some(word) => {
                let term = Term::from_field_text(self.text, word);
                Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
            }
        };
        let (filter, counts): (Box<dyn tantivy::query::Query>, bool) = match ask {
            Ask::First("tag") => {
                let first = TopDocs::with_limit(10).order_by_string_fast_field("tag", Order::Desc);
                return Ok(searcher.search(&*words, &first)?.len() as u64);
            }
            Ask::First(field) => {
                let first = TopDocs::with_limit(10).order_by_fast_field::<u64>(field, Order::Desc);
                return Ok(searcher.search(&*words, &first)?.len() as u64);
            }
            Ask::Facet(field) => {
                let terms = serde_json::json!({ "f": { "terms": { "field": field, "size": 10 } } });
                let asked: Aggregations = serde_json::from_value(terms)?;
                let facet = AggregationCollector::from_aggs(asked, AggContextParams::default());
                let found = serde_json::to_value(searcher.search(&*words, &facet)?)?;
                return Ok(found["f"]["buckets"][0]["doc_count"].as_u64().unwrap_or(0));
            }
            Ask::CountIn(from, to) | Ask::BestIn(from, to) => {
                let bound = |year| Bound::Included(Term::from_field_u64(self.year, year));
                let range = RangeQuery::new(bound(from), bound(to));
                (Box::new(range), matches!(ask, Ask::CountIn(..)))
            }
            Ask::CountWith(tag) | Ask::BestWith(tag) => {
                let term = Term::from_field_text(self.tag, tag);
                let tagged = TermQuery::new(term, IndexRecordOption::Basic);
                (Box::new(tagged), matches!(ask, Ask::CountWith(_)))
            }
        };
        // A filter doesn't score.
        let filter: Box<dyn tantivy::query::Query> = Box::new(BoostQuery::new(filter, 0.0));
        let both = BooleanQuery::new(vec![(Occur::Must, words), (Occur::Must, filter)]);
        Ok(match counts {
            true => searcher.search(&both, &Count)? as u64,
            false => {
                let best = TopDocs::with_limit(10).order_by_score();
                searcher.search(&both, &best)?.len() as u64
            }
        })
    }
}
