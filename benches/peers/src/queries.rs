//! # Queries: from a file, or from the corpus itself
//!
//! Idea        a file is the search-benchmark-game's: an object a line, with
//!             `query` and `tags`, of which the first that names a column
//!             counts. It has one query of a single term, so the column *term*
//!             is made of the distinct words of all the others.
//!             Without a file, runs of two to four words are drawn from the
//!             texts themselves, so that phrases match, and sorted into
//!             classes by the document frequencies of their most and least
//!             frequent word; each class gives as many, and each run is asked
//!             as union, intersection and phrase, and, with a word of the run
//!             before it, in the other ways that people ask
//! Example     `{"query": "+griffith +observatory", "tags": ["intersection"]}`
//! Invariants  the same corpus and seed draw the same queries
//! Left out    filters and orders, for which the protocol has no word
//! Next        [`crate::measure`]

use crate::random::Random;
use crate::{Result, corpus};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use wordhoard::analysis::Analyzer;

/// The columns of the table. Those behind the fourth are drawn: `+a b c`, `a b -c`,
/// `+(a c) +b`, `"a b" c` or `+"a b" +c`, `"a b"~3`, and twelve words in a row. *Other*
/// is whatever else a file has.
pub const COLUMNS: [&str; 11] = [
    "term",
    "intersection",
    "union",
    "phrase",
    "optional",
    "forbidden",
    "nested",
    "beside",
    "sloppy",
    "long",
    "other",
];

/// A question and its column.
#[derive(Clone, Debug)]
pub struct Query {
    pub text: String,
    /// Index into [`COLUMNS`].
    pub column: usize,
}

#[derive(Deserialize)]
struct Line {
    query: String,
    #[serde(default)]
    tags: Vec<String>,
}

/// The queries of a file.
pub fn read(path: &Path) -> Result<Vec<Query>> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut queries = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(line)
            .map_err(|error| format!("{}, line {}: {error}", path.display(), number + 1))?;
        let column = COLUMNS
            .iter()
            .position(|column| line.tags.iter().any(|tag| tag == column));
        queries.push(Query {
            text: line.query,
            column: column.unwrap_or(COLUMNS.len() - 1),
        });
    }
    Ok(with_terms(queries))
}

/// Adds the distinct words of the queries, each as a query of one term.
fn with_terms(queries: Vec<Query>) -> Vec<Query> {
    let mut seen = HashSet::new();
    let mut terms = Vec::new();
    let analyzer = Analyzer::plain();
    for query in &queries {
        analyzer.analyze(&query.text, &mut |term, _| {
            if seen.insert(term.to_owned()) {
                terms.push(Query {
                    text: term.to_owned(),
                    column: 0,
                });
            }
        });
    }
    // A query of one term in the file is among them now.
    terms.extend(queries.into_iter().filter(|query| query.column != 0));
    terms
}

/// Documents that are looked at; more would not change the classes.
const SAMPLE: u64 = 50_000;

/// Shares of the documents above which a word is frequent, and rare below.
const FREQUENT: f64 = 0.05;
const RARE: f64 = 0.002;

/// Runs drawn for each class of most and least frequent word.
const PER_CLASS: usize = 50;

/// Words of a long query, and how many such are drawn, from one document of so many.
const LONG: usize = 12;
const LONGS: usize = 100;
const LONG_FROM: usize = 50;

/// Queries drawn from the texts of a corpus.
pub fn draw(corpus: &Path, seed: u64) -> Result<Vec<Query>> {
    let analyzer = Analyzer::plain();
    let mut random = Random(seed);
    let mut frequency: HashMap<String, u32> = HashMap::new();
    let (mut runs, mut longs): (Vec<Vec<String>>, Vec<Vec<String>>) = (Vec::new(), Vec::new());
    let mut documents = 0u64;
    let sampled = corpus::each(corpus, |line| {
        if documents == SAMPLE {
            return Err(STOP.into());
        }
        documents += 1;
        let mut words: Vec<String> = Vec::new();
        analyzer.analyze(&line.text, &mut |term, _| words.push(term.to_owned()));
        let length = 2 + random.below(3);
        if words.len() >= length {
            let start = random.below(words.len() - length + 1);
            runs.push(words[start..start + length].to_vec());
        }
        if words.len() >= LONG && longs.len() < LONGS && random.below(LONG_FROM) == 0 {
            let start = random.below(words.len() - LONG + 1);
            longs.push(words[start..start + LONG].to_vec());
        }
        words.sort_unstable();
        words.dedup();
        for word in words {
            *frequency.entry(word).or_default() += 1;
        }
        Ok(())
    });
    match sampled {
        Err(error) if error.to_string() != STOP => return Err(error),
        _ => {}
    }
    let class = |word: &String| {
        let share = f64::from(frequency.get(word).copied().unwrap_or(0)) / documents as f64;
        usize::from(share < FREQUENT) + usize::from(share < RARE)
    };
    let mut taken: HashMap<(usize, usize), usize> = HashMap::new();
    let mut seen = HashSet::new();
    let (mut queries, mut others) = (Vec::new(), Vec::new());
    let mut before: Option<String> = None;
    for run in runs {
        let classes = run.iter().map(class);
        let key = (
            classes.clone().min().unwrap_or(0),
            classes.max().unwrap_or(0),
        );
        let count = taken.entry(key).or_default();
        let distinct: HashSet<&String> = run.iter().collect();
        let is_new = |seen: &mut HashSet<Vec<String>>| seen.insert(run.clone());
        if *count == PER_CLASS
            || !is_plain(&run)
            || distinct.len() < run.len()
            || !is_new(&mut seen)
        {
            continue;
        }
        *count += 1;
        let words = run.join(" ");
        for (column, text) in [
            (1, format!("+{}", run.join(" +"))),
            (2, words.clone()),
            (3, format!("\"{words}\"")),
        ] {
            queries.push(Query { text, column });
        }
        if let Some(c) = before.replace(run[0].clone()) {
            others.extend(other_ways(&run, &c, others.len()));
        }
    }
    let mut queries = with_terms(queries);
    queries.extend(others);
    longs.retain(|long| is_plain(long));
    queries.extend(longs.iter().map(|long| Query {
        text: long.join(" "),
        column: 9,
    }));
    Ok(queries)
}

/// Whether both parsers take the words for words: an apostrophe opens a quotation for
/// tantivy's.
fn is_plain(words: &[String]) -> bool {
    let mut characters = words.iter().flat_map(|word| word.chars());
    characters.all(char::is_alphanumeric)
}

/// What else is asked with a run and another word.
fn other_ways(run: &[String], c: &str, number: usize) -> [Query; 5] {
    let (a, b, all) = (&run[0], &run[1], run.join(" "));
    let beside = match number % 2 {
        0 => format!("\"{a} {b}\" {c}"),
        _ => format!("+\"{a} {b}\" +{c}"),
    };
    [
        (4, format!("+{a} {b} {c}")),
        (5, format!("{a} {b} -{c}")),
        (6, format!("+({a} {c}) +{b}")),
        (7, beside),
        (8, format!("\"{all}\"~3")),
    ]
    .map(|(column, text)| Query { text, column })
}

/// Ends the reading of a corpus before its end.
const STOP: &str = "enough documents";
