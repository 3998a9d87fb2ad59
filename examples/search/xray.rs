//! `search xray`: a question seen through. Which tokens and terms it becomes; what
//! each segment knows of each term before a posting is read, which is what lets
//! most of them stay unread; and each hit's score taken apart.

use crate::{Failure, Outcome, query::show_diagnostic, style};
use clap::Args;
use serde_json::{Value, json};
use std::io::Write;
use wordhoard::document::{FieldKind, Schema};
use wordhoard::query::Clause;
use wordhoard::search::{Bm25, idf};
use wordhoard::segment::{FieldStatistics, Impact, norms};
use wordhoard::{Index, Query, Searcher};

/// Show how a query is answered.
#[derive(Args)]
#[command(after_help = "Example:\n  search xray articles.hoard '+quick fox' --limit 3")]
pub struct Options {
    /// The index.
    index: String,
    /// The query.
    query: String,
    /// How many hits to take apart.
    #[arg(short = 'k', long, default_value_t = 3)]
    limit: usize,
}

pub fn run(options: Options, as_json: bool) -> Result<Outcome, Failure> {
    let searcher = Index::open(&options.index)?.searcher()?;
    let schema = searcher.snapshot().schema();
    let parsed = Query::parse_with(&options.query, |name| schema.field(name).is_some());
    let mut words = Vec::new();
    words_of(&parsed.query, schema, &mut words);
    let terms = terms(&searcher, &words)?;
    let page = searcher.search(&parsed.query).limit(options.limit).run()?;
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(out, "{}", json!({ "query": parsed.query.to_string() }))?;
        for term in &terms {
            writeln!(out, "{term}")?;
        }
        for hit in &page {
            let why = hit.explain()?.to_string();
            let line = json!({ "number": hit.number(), "score": hit.score(), "explanation": why });
            writeln!(out, "{line}")?;
        }
    } else {
        for diagnostic in &parsed.diagnostics {
            show_diagnostic(&options.query, diagnostic);
        }
        let paint = style::on_stdout();
        let asked = style::plain(&parsed.query.to_string());
        writeln!(out, "{} {asked}", paint.bold("query"))?;
        show_terms(&mut out, &terms, paint)?;
        for hit in &page {
            let title = format!("document {}", hit.number());
            writeln!(out, "{} scores {}", paint.bold(&title), hit.score())?;
            for line in hit.explain()?.to_string().lines() {
                writeln!(out, "  {}", style::plain(line))?;
            }
        }
    }
    Ok(if page.is_empty() {
        Outcome::Nothing
    } else {
        Outcome::Found
    })
}

/// The words of a query, each with a field that it is looked for in.
fn words_of(query: &Query, schema: &Schema, out: &mut Vec<(String, String)>) {
    match query {
        Query::Term { field, text }
        | Query::Words { field, text }
        | Query::Phrase { field, text, .. } => match field {
            Some(field) => out.push((field.clone(), text.clone())),
            None => {
                let fields = schema.fields().iter();
                let texts = fields.filter(|field| matches!(field.kind(), FieldKind::Text(_)));
                out.extend(texts.map(|field| (field.name().to_owned(), text.clone())));
            }
        },
        Query::Boolean { clauses, .. } => {
            for Clause { query, .. } in clauses {
                words_of(query, schema, out);
            }
        }
        Query::Boost(inner, _) | Query::Constant(inner, _) => words_of(inner, schema, out),
        // They name no word.
        _ => {}
    }
}

/// An object for each term: field, token, term, and what each segment knows.
fn terms(searcher: &Searcher, words: &[(String, String)]) -> Result<Vec<Value>, Failure> {
    let snapshot = searcher.snapshot();
    let mut found = Vec::new();
    for (field, text) in words {
        let Some((_, kind)) = snapshot.schema().field(field).map(|(n, f)| (n, f.kind())) else {
            continue;
        };
        let analyzer = match kind {
            FieldKind::Text(text) => text.query_analyzer.as_ref().unwrap_or(&text.analyzer),
            FieldKind::Keyword => "keyword",
            _ => continue,
        };
        let mut pairs = Vec::new();
        snapshot
            .analyzers()
            .get(analyzer)?
            .analyze(text, &mut |term, token| {
                pairs.push((token.text.to_owned(), term.to_owned()));
            });
        for (token, term) in pairs {
            found.push(json!({
                "field": field, "analyzer": analyzer, "token": token, "term": term,
                "segments": lists(searcher, field, &term)?,
            }));
        }
    }
    Ok(found)
}

/// What each segment that has the term knows of it.
fn lists(searcher: &Searcher, field: &str, term: &str) -> Result<Vec<Value>, Failure> {
    let snapshot = searcher.snapshot();
    let statistics = snapshot.statistics(field);
    let mut entries = Vec::new();
    for part in snapshot.parts() {
        if let Some(inverted) = part.segment.inverted(field)
            && let Some(entry) = inverted.lookup(term.as_bytes())?
        {
            entries.push((part, inverted, entry));
        }
    }
    let all = entries.iter();
    let all: u64 = all
        .map(|(.., entry)| u64::from(entry.document_frequency))
        .sum();
    let weight = idf(u64::from(statistics.documents), all);
    let mut lists = Vec::new();
    for (part, inverted, entry) in entries {
        let list = inverted.postings(&entry)?;
        let blocks = list.full_block_count();
        let bitmaps = (0..blocks).filter(|block| list.bitmap(*block).is_some());
        let mut ceilings = list.ceilings().to_vec();
        ceilings.sort_unstable();
        let at = |share: usize| {
            ceilings
                .get((ceilings.len().max(1) - 1) * share / 4)
                .copied()
        };
        let floors = [10, 100, 1000].map(|k| {
            let witness = list.witness(k)?;
            let least = witness
                .iter()
                .map(|reached| score(weight, *reached, statistics));
            Some(least.fold(f32::INFINITY, f32::min))
        });
        lists.push(json!({
            "segment": part.number, "documents": entry.document_frequency,
            "occurrences": entry.total_frequency, "idf": weight,
            "blocks": blocks, "bitmaps": bitmaps.count(), "tail": list.block_count() - blocks,
            "ceilings": [at(0), at(1), at(2), at(3), at(4)], "floors": floors,
        }));
    }
    Ok(lists)
}

/// About what a document scores that reaches this, under BM25's usual parameters:
/// the floor for the best of the list.
fn score(weight: f32, reached: Impact, statistics: FieldStatistics) -> f32 {
    let bm25 = Bm25::default();
    let length = f64::from(norms::decode(reached.norm)) / statistics.average_length();
    let k = bm25.k1() * (1.0 - bm25.b() + bm25.b() * length as f32);
    let frequency = reached.frequency().unwrap_or(u32::MAX) as f32;
    weight * (frequency / (frequency + k))
}

fn show_terms(out: &mut dyn Write, terms: &[Value], paint: style::Style) -> Result<(), Failure> {
    let text = |value: &Value| match value {
        Value::String(text) => style::plain(text),
        Value::Null => "–".to_owned(),
        Value::Number(number) if number.is_f64() => {
            format!("{:.3}", number.as_f64().unwrap_or_default())
        }
        other => other.to_string(),
    };
    let joined = |value: &Value| {
        let values = value.as_array().map(Vec::as_slice).unwrap_or_default();
        values.iter().map(text).collect::<Vec<_>>().join(" ")
    };
    for term in terms {
        writeln!(
            out,
            "{} → {} in {}, analyzer {}",
            text(&term["token"]),
            paint.bold(&text(&term["term"])),
            text(&term["field"]),
            text(&term["analyzer"])
        )?;
        let heads = [
            "segment",
            "documents",
            "occurrences",
            "idf",
            "blocks",
            "bitmaps",
            "tail",
        ];
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        rows[0]
            .extend(["ceilings, by quarters", "10th, 100th, 1000th best over"].map(str::to_owned));
        for list in term["segments"].as_array().into_iter().flatten() {
            let mut row: Vec<String> = heads.iter().map(|head| text(&list[*head])).collect();
            row.extend([joined(&list["ceilings"]), joined(&list["floors"])]);
            rows.push(row.into_iter().map(|cell| format!("  {cell}")).collect());
        }
        rows[0].iter_mut().for_each(|cell| cell.insert_str(0, "  "));
        if rows.len() > 1 {
            write!(out, "{}", style::table(&rows, &[true; 9]))?;
        } else {
            writeln!(out, "  in no document")?;
        }
    }
    Ok(())
}
