//! `search demo`: what this is, in a minute.

use crate::query::{total, write_json, write_page};
use crate::{Failure, Outcome, out, style};
use std::io::Write;
use std::time::Instant;
use wordhoard::search::{Search, Searcher, Sort};
use wordhoard::{Index, Schema, Text};

const ARTICLES: &str = include_str!("../../fixtures/articles.jsonl");

/// A question, why it is telling, and the choices that go with it.
type Question = (&'static str, &'static str, fn(Search) -> Search);

const QUESTIONS: [Question; 6] = [
    (
        "whales",
        "stems: it finds \"whale\" too; titles count twice",
        |search| search,
    ),
    ("\"printing press\"", "a phrase", |search| search),
    ("+river -city", "must and must not", |search| search),
    ("astro* OR telescop*", "beginnings of words", |search| {
        search
    }),
    (
        "sea",
        "filtered by year, latest first, tags counted",
        |search| {
            search
                .filter("year:[1700 TO 2000]")
                .sort_by(Sort::descending("year"))
                .facet("tags", 5)
        },
    ),
    (
        "C++ \"unclosed",
        "whatever is typed gets an answer",
        |search| search,
    ),
];

pub fn run(json: bool) -> Result<Outcome, Failure> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("articles.hoard");
    let mut out = out::out();
    let style = style::on_stdout();

    let started = Instant::now();
    let schema = Schema::builder()
        .key("id")
        .text("title", Text::english().boost(2.0))
        .text("body", Text::english())
        .integer("year")
        .keyword("tags")
        .keyword("language")
        .build()?;
    let index = Index::options().schema(schema).create(&path)?;
    let mut writer = index.writer()?;
    for line in ARTICLES.lines() {
        writer.put_json(line)?;
    }
    let receipt = writer.close()?;
    if json {
        let searcher = index.searcher()?;
        for (query, _, choose) in QUESTIONS {
            writeln!(out, "{}", serde_json::json!({ "query": query }))?;
            let page = choose(searcher.search(query).limit(3)).run()?;
            write_json(&mut out, &page, None, None)?;
        }
        return Ok(Outcome::Found);
    }
    writeln!(
        out,
        "Indexed {} articles, {}, into {} in {:.1} ms.\n",
        receipt.documents,
        style::bytes(ARTICLES.len() as u64),
        path.display(),
        started.elapsed().as_secs_f64() * 1e3
    )?;

    let searcher = index.searcher()?;
    for (query, why, choose) in QUESTIONS {
        writeln!(
            out,
            "{} {}",
            style.bold(&format!("search query {query:?}")),
            style.dim(&format!("({why})"))
        )?;
        let started = Instant::now();
        let page = choose(searcher.search(query).limit(3)).run()?;
        let elapsed = started.elapsed();
        write_page(&mut out, &page, searcher.snapshot().schema(), 0, None)?;
        for diagnostic in page.diagnostics() {
            writeln!(out, "     note: {diagnostic}")?;
        }
        writeln!(
            out,
            "{}\n",
            style.dim(&format!(
                "{} in {:.0} µs",
                total(&page),
                elapsed.as_secs_f64() * 1e6
            ))
        )?;
    }
    explain(&mut out, &searcher)?;
    writeln!(
        out,
        "To go on:\n  \
         cargo build --release --example search\n  \
         target/release/examples/search index my.hoard FOLDER-OR-LINES.jsonl\n  \
         target/release/examples/search query my.hoard 'your words'\n\
         and to learn how it works: cargo run --example 1_tokens, or cargo doc --open"
    )?;
    Ok(Outcome::Found)
}

fn explain(out: &mut dyn Write, searcher: &Searcher) -> Result<(), Failure> {
    let page = searcher.search("blue whale").limit(1).run()?;
    if let Some(hit) = page.hit(0) {
        let style = style::on_stdout();
        writeln!(
            out,
            "{}",
            style.bold("Why is the first hit for \"blue whale\" the first?")
        )?;
        for line in hit.explain()?.to_string().lines() {
            writeln!(out, "     {line}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
