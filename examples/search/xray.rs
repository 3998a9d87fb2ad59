//! `search xray`: a question seen through. Which tokens and terms it becomes; what
//! each segment knows of each term before a posting is read, which is what lets
//! most of them stay unread; how deep each block was looked into, and how the
//! threshold rose; and each hit's score taken apart.

mod html;

use crate::query::{heading, show_diagnostic};
use crate::{Failure, Outcome, out, style};
use clap::Args;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use wordhoard::document::{FieldKind, Schema};
use wordhoard::query::Clause;
use wordhoard::search::{Bm25, Depth, Depths, Explanation, ListXray, Way, Xray, idf};
use wordhoard::segment::{FieldStatistics, Impact, norms};
use wordhoard::{Hit, Index, Query, Searcher};

/// Show how a query is answered.
#[derive(Args)]
#[command(
    after_help = "Example:\n  search xray articles.hoard '+quick fox' --limit 3 --html xray.html\n\nWith --json: a line {query}, one {field, token, term, analyzer, segments} for each term, one {xray}, then one {number, score, explanation} for each hit."
)]
pub struct Options {
    /// The index.
    index: OsString,
    /// The query.
    #[arg(allow_hyphen_values = true)]
    query: String,
    /// How many hits to find and to take apart.
    #[arg(short = 'k', long, default_value_t = 3)]
    limit: usize,
    /// Count all matches exactly, too.
    #[arg(long)]
    count: bool,
    /// Draw it, too: a page for the browser.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// What there is to show.
pub struct Seen {
    query: String,
    terms: Vec<Value>,
    xray: Xray,
    hits: Vec<SeenHit>,
}

struct SeenHit {
    number: u32,
    name: String,
    score: f32,
    explanation: Explanation,
}

impl SeenHit {
    fn of(hit: Hit<'_>) -> Result<Self, Failure> {
        let document: serde_json::Map<String, Value> = hit.document()?;
        let key = hit.key()?.unwrap_or_else(|| format!("#{}", hit.number()));
        let title = heading(&document).and_then(|name| document[name].as_str());
        Ok(Self {
            number: hit.number(),
            name: title.map_or_else(|| key.clone(), |title| format!("{title} ({key})")),
            score: hit.score(),
            explanation: hit.explain()?,
        })
    }
}

pub fn run(options: Options, as_json: bool) -> Result<Outcome, Failure> {
    let searcher = Index::open(&options.index)?.searcher()?;
    let schema = searcher.snapshot().schema();
    let query = Query::parse_for(&options.query, schema).lenient()?;
    let mut words = Vec::new();
    words_of(&query, schema, &mut words);
    let mut search = searcher.search(&options.query).limit(options.limit);
    if options.count {
        search = search.count_exactly();
    }
    let (page, xray) = search.xray()?;
    let seen = Seen {
        query: query.to_string(),
        terms: terms(&searcher, &words)?,
        xray,
        hits: page.hits().map(SeenHit::of).collect::<Result<_, _>>()?,
    };
    for diagnostic in page.diagnostics() {
        show_diagnostic(&options.query, diagnostic);
    }
    let mut out = out::out();
    if as_json {
        show_json(&mut out, &seen)?;
    } else {
        show(&mut out, &seen)?;
    }
    if let Some(file) = &options.html {
        let page = html::page(&seen)?;
        std::fs::write(file, page)
            .map_err(|error| format!("{} can't be written: {error}", file.display()))?;
    }
    Ok(if page.is_empty() {
        Outcome::Nothing
    } else {
        Outcome::Found
    })
}

/// A line for the query, one for each term, one for the counters, one for each
/// hit.
fn show_json(out: &mut dyn Write, seen: &Seen) -> Result<(), Failure> {
    writeln!(out, "{}", json!({ "query": seen.query }))?;
    for term in &seen.terms {
        writeln!(out, "{term}")?;
    }
    writeln!(out, "{}", json!({ "xray": seen.xray }))?;
    for hit in &seen.hits {
        let line =
            json!({ "number": hit.number, "score": hit.score, "explanation": hit.explanation });
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn show(out: &mut dyn Write, seen: &Seen) -> Result<(), Failure> {
    let paint = style::on_stdout();
    writeln!(out, "{} {}", paint.bold("query"), style::plain(&seen.query))?;
    show_terms(out, &seen.terms, paint)?;
    show_xray(out, &seen.xray, paint)?;
    for hit in &seen.hits {
        let title = format!("document {}", hit.number);
        writeln!(
            out,
            "{} scores {}  {}",
            paint.bold(&title),
            hit.score,
            paint.dim(&style::plain(&hit.name))
        )?;
        for line in hit.explanation.to_string().lines() {
            writeln!(out, "  {}", style::plain(line))?;
        }
    }
    Ok(())
}

/// The lists of one term that were read on one way, one for each segment.
pub struct Row<'a> {
    lists: Vec<&'a ListXray>,
}

impl Row<'_> {
    fn depths(&self) -> Depths {
        let depths = self.lists.iter().map(|list| list.depths());
        depths.fold(Depths::default(), |a, b| a + b)
    }
}

/// Lists by what they are of, in the order in which they were read first. A term
/// that a query has twice is read twice, and stands in two rows.
fn rows(xray: &Xray) -> Vec<Row<'_>> {
    let mut rows: Vec<Row> = Vec::new();
    for list in xray.lists() {
        let same = rows.iter_mut().find(|row| {
            let first = row.lists[0];
            let is_of =
                |list: &ListXray| (list.way(), list.field().to_owned(), list.term().to_owned());
            is_of(first) == is_of(list)
                && row.lists.iter().all(|one| one.segment() != list.segment())
        });
        match same {
            Some(row) => row.lists.push(list),
            None => rows.push(Row { lists: vec![list] }),
        }
    }
    rows
}

/// `field:term`, and on which way if there were several.
fn row_name(row: &Row, xray: &Xray) -> String {
    let first = row.lists[0];
    let name = format!("{}:{}", first.field(), first.term());
    if xray.ways().len() > 1 {
        format!("{name}, {}", way_name(first.way()))
    } else {
        name
    }
}

fn way_name(way: Way) -> &'static str {
    match way {
        Way::Term => "the short way of a term",
        Way::Union => "the short way of a union",
        Way::Intersection => "the short way of an intersection",
        Way::Phrase => "the short way of a phrase",
        Way::Count => "a short way to count",
        Way::Walk => "the long way: behind the rarest list that must match, or window by window",
        _ => "another way",
    }
}

fn depth_name(depth: Depth) -> &'static str {
    match depth {
        Depth::Untouched => "not looked at",
        Depth::Ceiling => "skipped by its ceiling",
        Depth::Impacts => "skipped by its impacts",
        Depth::InPlace => "a bitmap or a run, read in place",
        Depth::Documents => "documents decoded",
        Depth::Frequencies => "decoded with frequencies",
    }
}

/// Which ways were gone.
fn listed(xray: &Xray) -> String {
    let ways: Vec<&str> = xray.ways().iter().map(|way| way_name(*way)).collect();
    match ways.as_slice() {
        [] => "Nothing was read.".to_owned(),
        ways => format!("Answered by {}.", ways.join(", then ")),
    }
}

/// Parts of a score that are no sums themselves.
fn leaves(explanation: &Explanation) -> Vec<&Explanation> {
    let details = explanation.details();
    if explanation.is_sum() {
        details.iter().flat_map(leaves).collect()
    } else {
        vec![explanation]
    }
}

/// How much of each cell, of so many that the documents are cut into, blocks of
/// each depth cover.
fn cells(row: &Row, documents: u32, count: usize) -> Vec<[f64; 6]> {
    let mut cells = vec![[0.0; 6]; count];
    let width = f64::from(documents.max(1)) / count as f64;
    for (range, depth) in row.lists.iter().flat_map(|list| list.blocks()) {
        let (first, end) = (f64::from(*range.start()), f64::from(*range.end()) + 1.0);
        let from = ((first / width) as usize).min(count - 1);
        let until = ((end / width).ceil() as usize).clamp(from + 1, count);
        for (number, cell) in cells.iter_mut().enumerate().take(until).skip(from) {
            let begins = number as f64 * width;
            let covered = end.min(begins + width) - first.max(begins);
            cell[depth as usize] += covered.max(0.0);
        }
    }
    cells
}

/// Columns of a map or of a curve.
const COLUMNS: usize = 48;

/// A list as a line: for each of its cells the deepest that is in it.
fn map(row: &Row, documents: u32) -> String {
    let deepest = |cell: &[f64; 6]| cell.iter().rposition(|covered| *covered > 0.0);
    let cells = cells(row, documents, COLUMNS.min(documents.max(1) as usize));
    let letter = |cell| match deepest(cell) {
        None | Some(0) => ' ',
        Some(1) => '·',
        Some(2) => ':',
        Some(3) => '▒',
        Some(4) => '▓',
        Some(_) => '█',
    };
    cells.iter().map(letter).collect()
}

/// The threshold as a line: what it is at the end of each column.
fn curve(xray: &Xray) -> String {
    let highest = xray.highest_threshold();
    let columns = COLUMNS.min(xray.documents().max(1) as usize) as u64;
    let level = |column: u64| {
        let end = (column + 1) * u64::from(xray.documents()) / columns;
        let reached = xray.thresholds().iter();
        let reached = reached.take_while(|(document, _)| u64::from(*document) < end);
        let share = reached
            .last()
            .map_or(0.0, |(_, threshold)| threshold / highest);
        // One of nine, the blank for nothing.
        [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][(share * 8.0).ceil().clamp(0.0, 8.0) as usize]
    };
    (0..columns).map(level).collect()
}

fn show_xray(out: &mut dyn Write, xray: &Xray, paint: style::Style) -> Result<(), Failure> {
    writeln!(out, "{} {xray}", paint.bold("cost"))?;
    writeln!(out, "  {}", listed(xray))?;
    let heads = [
        "list",
        "blocks",
        "decoded",
        "in place",
        "skipped",
        "looked up",
        "scored",
        "positions",
    ];
    let mut table = vec![heads.map(str::to_owned).to_vec()];
    table[0].push("over the documents".to_owned());
    for row in rows(xray) {
        let depths = row.depths();
        let sum = |of: fn(&ListXray) -> u64| row.lists.iter().map(|list| of(list)).sum();
        let numbers = [
            depths.blocks(),
            depths.decoded(),
            depths.in_place,
            depths.skipped(),
            sum(ListXray::looked_up),
            sum(ListXray::scored),
            sum(ListXray::positions),
        ];
        let mut cells = vec![style::plain(&row_name(&row, xray))];
        cells.extend(numbers.map(style::count));
        cells.push(format!("[{}]", map(&row, xray.documents())));
        table.push(cells);
    }
    table.iter_mut().for_each(|row| row[0].insert_str(0, "  "));
    if table.len() > 1 {
        let right = [false, true, true, true, true, true, true, true, false];
        write!(out, "{}", style::table(&table, &right))?;
        writeln!(
            out,
            "  {}",
            paint
                .dim("█ decoded  ▓ documents only  ▒ in place  : skipped by impacts  · by ceiling")
        )?;
    }
    if !xray.thresholds().is_empty() {
        let highest = xray.highest_threshold();
        let steps = style::counted(xray.thresholds().len() as u64, "step");
        writeln!(
            out,
            "  threshold [{}] up to {highest} in {steps}",
            curve(xray)
        )?;
    }
    Ok(())
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
