//! `search query`: ranked hits.

use crate::{Failure, Outcome, out, style};
use clap::Args;
use serde_json::{Map, Value, json};
use std::ffi::OsString;
use std::io::Write;
use std::time::{Duration, Instant};
use wordhoard::document::FieldKind;
use wordhoard::query::{Clause, Occur};
use wordhoard::search::{Asked, Bm25, Cursor, Search, Total, Xray};
use wordhoard::{ErrorKind, Hit, Index, Page, Query, Schema, Searcher};

/// Search.
///
/// Words are searched in all text fields. `"a phrase"`, `+must -not`,
/// `field:word`, `begin*`, `misspelt~`, `year:[1990 TO 2000]` and parentheses do
/// what one expects.
#[derive(Args)]
#[command(after_help = "Example:
  search query articles.hoard '\"quick fox\" -lazy' --filter 'year:[1990 TO 2000]' --facet tags

What can be asked:
  quick fox               one of them, better both
  +quick -fox             what must match, and what must not; also AND, OR, NOT and ( )
  \"quick fox\"             a phrase; \"quick fox\"~2 lets its words stand apart
  title:fox title:*       in that field; whatever has the field
  qui* wh?le *fish        wildcards (of stems, where words are stemmed); \"*.rs\"~?
  \"gr[ae]ys?\"~/           terms that a regular expression describes
  govermnent~             a word, however it may have been misspelt
  year:[2001 TO 2010]     a range; year:>=2001; day:2001-07 is that July
  fox^2                   counts twice

With --json: a line {score, key, document} for each hit, with its {explanation} after --explain; then one {total, exact}, with the {cursor} to ask for the next page --after if there may be more hits, and with {facets} and {cost} if they were asked for. Diagnostics go to stderr.")]
pub struct Options {
    /// The index.
    index: OsString,
    /// What to look for.
    #[arg(allow_hyphen_values = true)]
    query: String,
    /// How many hits.
    #[arg(short = 'k', long, default_value_t = 10)]
    limit: usize,
    /// How many of the first hits to leave out.
    #[arg(long, default_value_t = 0)]
    offset: usize,
    /// Only hits after this one: where the page before ended, of the same query in the same
    /// order.
    #[arg(long, value_name = "CURSOR", allow_hyphen_values = true)]
    after: Option<String>,
    /// Only documents that this query matches; it doesn't score.
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    filter: Vec<String>,
    /// Order by a field; -field for descending.
    #[arg(long, value_name = "[-]FIELD", allow_hyphen_values = true)]
    sort: Option<String>,
    /// Count the values of a field among all matches.
    #[arg(long, value_name = "FIELD[:N]")]
    facet: Vec<String>,
    #[command(flatten)]
    scoring: Scoring,
    /// Count all matches exactly.
    #[arg(long)]
    count: bool,
    /// Take each score apart, and tell what the answer cost.
    #[arg(long)]
    explain: bool,
    /// Refuse a query that isn't well formed.
    #[arg(long)]
    strict: bool,
    /// Give up after so many milliseconds.
    #[arg(long, value_name = "MILLISECONDS")]
    time_limit: Option<u64>,
}

// How hits are scored.
#[derive(Args)]
pub struct Scoring {
    /// The fields to search, such as title^2,body.
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    fields: Vec<String>,
    /// BM25's k1.
    #[arg(long, allow_negative_numbers = true)]
    k1: Option<f32>,
    /// BM25's b.
    #[arg(long, allow_negative_numbers = true)]
    b: Option<f32>,
}

impl Scoring {
    /// A search that scores so; as usual where nothing was said.
    pub fn choose(&self, search: Search) -> Result<Search, Failure> {
        let mut fields = Vec::new();
        for field in &self.fields {
            // `title^2` → `title`, 2.
            let (name, boost) = field.split_once('^').unwrap_or((field, "1"));
            let boost: f32 = boost.parse().map_err(|_| {
                format!("--fields takes names and boosts like title^2,body, found {field:?}")
            })?;
            fields.push((name.trim(), boost));
        }
        let search = search.fields(fields);
        if self.k1.is_none() && self.b.is_none() {
            return Ok(search);
        }
        let usual = Bm25::default();
        let (k1, b) = (self.k1.unwrap_or(usual.k1()), self.b.unwrap_or(usual.b()));
        Ok(search.bm25(Bm25::new(k1, b)?))
    }
}

impl Options {
    /// A text that is a query or a filter.
    fn asked(&self, text: &String, searcher: &Searcher) -> Result<Asked, Failure> {
        if !self.strict {
            return Ok(text.into());
        }
        let parsed = Query::parse_for(text, searcher.snapshot().schema());
        Ok(parsed.strict()?.into())
    }

    /// A query, with all that was chosen.
    fn search(&self, query: impl Into<Asked>, searcher: &Searcher) -> Result<Search, Failure> {
        let search = searcher.search(query).limit(self.limit);
        let mut search = self.scoring.choose(search.offset(self.offset))?;
        for filter in &self.filter {
            search = search.filter(self.asked(filter, searcher)?);
        }
        if let Some(sort) = &self.sort {
            search = search.sort_by(sort.parse()?);
        }
        for facet in &self.facet {
            let (name, count) = facet.split_once(':').unwrap_or((facet, "10"));
            let count = count
                .parse()
                .map_err(|_| format!("--facet takes FIELD or FIELD:N, found {facet:?}"))?;
            search = search.facet(name, count);
        }
        // Without a hit there is nothing but the number.
        if self.count || self.limit == 0 {
            search = search.count_exactly();
        }
        if let Some(milliseconds) = self.time_limit {
            search = search.time_limit(Duration::from_millis(milliseconds));
        }
        Ok(search)
    }

    /// Where to go on, if there may be more hits than were shown.
    fn next(&self, page: &Page) -> Option<Cursor> {
        let shown = self.offset.saturating_add(page.len()) as u64;
        let is_last = match page.total() {
            // Nobody knows how many come before a cursor.
            Total::Exact(count) => self.after.is_none() && count <= shown,
            Total::AtLeast(_) => false,
        };
        let is_full = page.len() == self.limit;
        page.cursor().filter(|_| is_full && !is_last)
    }
}

pub fn run(options: Options, json: bool) -> Result<Outcome, Failure> {
    let index = Index::open(&options.index)?;
    let searcher = index.searcher()?;
    let started = Instant::now();
    let query = options.asked(&options.query, &searcher)?;
    let mut search = options.search(query, &searcher)?;
    if let Some(cursor) = &options.after {
        search = search.after(cursor.parse::<Cursor>()?);
    }
    let (page, cost) = if options.explain {
        let (page, xray) = search.xray()?;
        (page, Some(xray))
    } else {
        (search.run()?, None)
    };
    let micros = started.elapsed().as_micros();
    for diagnostic in page.diagnostics() {
        show_diagnostic(&options.query, diagnostic);
    }
    for (number, diagnostic) in page.filter_diagnostics() {
        show_diagnostic(&options.filter[*number], diagnostic);
    }
    let schema = searcher.snapshot().schema();
    let mut out = out::out();
    let next = options.next(&page);
    if json {
        write_json(&mut out, &page, next.as_ref(), cost.as_ref())?;
    } else {
        write_page(&mut out, &page, schema, options.offset, cost.as_ref())?;
        let style = style::on_stdout();
        let took = format!("{} in {:.2} ms", total(&page), micros as f64 / 1e3);
        writeln!(out, "{}", style.dim(&took))?;
        if let Some(cursor) = next {
            let without = match options.offset {
                0 => "",
                _ => ", without --offset",
            };
            let more = format!("more: --after {cursor}{without}");
            writeln!(out, "{}", style.dim(&more))?;
        }
    }
    if page.total() == Total::Exact(0) {
        out.flush()?;
        offer_near(&options, &searcher)?;
    }
    // What lies beyond the page was found, too.
    let (Total::Exact(count) | Total::AtLeast(count)) = page.total();
    Ok(match count {
        0 => Outcome::Nothing,
        _ => Outcome::Found,
    })
}

/// Says so if words near those that were asked for would have found something.
fn offer_near(options: &Options, searcher: &Searcher) -> Result<(), Failure> {
    let parsed = Query::parse_for(&options.query, searcher.snapshot().schema());
    if has_pattern(&parsed.query) {
        style::complain(
            "a pattern is compared with terms as they are in the index, stemmed where words are: \
             `search terms` shows them; for ? and * themselves write \\? and \\*",
        );
    }
    let near = misspelt(&parsed.query);
    // All that there may be in a hundred words is no typing error.
    if near == parsed.query || near.check().is_err() || near.to_string().len() > 1_000 {
        return Ok(());
    }
    let page = match options.search(near.clone(), searcher)?.offset(0).run() {
        Ok(page) => page,
        // It was only an offer.
        Err(error) if matches!(error.kind(), ErrorKind::Query | ErrorKind::Limit) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if !page.is_empty() {
        let near = style::plain(&near.to_string());
        style::complain(format!(
            "there are matches for words spelt alike: ask for {near}"
        ));
    }
    Ok(())
}

/// Whether terms are asked for that a pattern describes.
fn has_pattern(query: &Query) -> bool {
    match query {
        Query::Wildcard { .. } | Query::Regex { .. } => true,
        Query::Boolean { clauses, .. } => clauses.iter().any(|clause| has_pattern(&clause.query)),
        Query::Boost(inner, _) | Query::Constant(inner, _) => has_pattern(inner),
        _ => false,
    }
}

/// A query in which each word may be another that is near it.
fn misspelt(query: &Query) -> Query {
    match query {
        Query::Term { field, text } => match field {
            Some(field) => Query::fuzzy(text).field(field),
            None => Query::fuzzy(text),
        },
        Query::Boolean {
            clauses,
            minimum_should_match,
        } => {
            let clauses = clauses.iter();
            let near = clauses.map(|clause| match clause.occur {
                Occur::MustNot => clause.clone(),
                occur => Clause::new(occur, misspelt(&clause.query)),
            });
            Query::boolean(near).at_least(*minimum_should_match)
        }
        Query::Boost(inner, factor) => misspelt(inner).boost(*factor),
        Query::Constant(inner, score) => misspelt(inner).constant(*score),
        other => other.clone(),
    }
}

/// The query with a caret under what was not understood.
pub fn show_diagnostic(query: &str, diagnostic: &wordhoard::query::Diagnostic) {
    let style = style::on_stderr();
    let before = query
        .get(..diagnostic.span.start)
        .unwrap_or("")
        .chars()
        .count();
    let length = query
        .get(diagnostic.span.clone())
        .map_or(1, |part| part.chars().count().max(1));
    style::complain(format_args!("  {}", style::plain(query)));
    style::complain(format_args!(
        "  {}{} {}",
        " ".repeat(before),
        style.bad(&"^".repeat(length)),
        style::plain(&diagnostic.to_string())
    ));
}

pub fn total(page: &Page) -> String {
    match page.total() {
        Total::Exact(1) => "1 match".to_owned(),
        Total::Exact(count) => format!("{} matches", style::count(count)),
        Total::AtLeast(count) => format!("at least {} matches", style::count(count)),
    }
}

/// Hits for people; explained, if it is known what they cost.
pub fn write_page(
    out: &mut dyn Write,
    page: &Page,
    schema: &Schema,
    offset: usize,
    cost: Option<&Xray>,
) -> Result<(), Failure> {
    let style = style::on_stdout();
    for (number, hit) in (offset + 1..).zip(page) {
        write_hit(out, number, hit, schema, style)?;
        if cost.is_some() {
            for line in hit.explain()?.to_string().lines() {
                writeln!(out, "      {line}")?;
            }
        }
    }
    for facet in page.facets() {
        writeln!(out, "{}", style.bold(facet.field()))?;
        let rows: Vec<Vec<String>> = facet
            .counts()
            .iter()
            .map(|(value, count)| {
                vec![format!("    {}", style::plain(value)), style::count(*count)]
            })
            .collect();
        write!(out, "{}", style::table(&rows, &[false, true]))?;
    }
    if let Some(xray) = cost {
        writeln!(out, "{}", style.dim(&format!("cost: {xray}")))?;
    }
    Ok(())
}

/// The field that is a title.
pub fn heading(document: &Map<String, Value>) -> Option<&'static str> {
    ["title", "name", "headline"]
        .into_iter()
        .find(|name| document.get(*name).is_some_and(Value::is_string))
}

fn write_hit(
    out: &mut dyn Write,
    number: usize,
    hit: Hit<'_>,
    schema: &Schema,
    style: style::Style,
) -> Result<(), Failure> {
    let document: Map<String, Value> = hit.document()?;
    let texts: Vec<&str> = schema
        .fields()
        .iter()
        .filter(|field| matches!(field.kind(), FieldKind::Text(_)))
        .map(|field| field.name())
        .collect();
    let heading = heading(&document);
    let key = hit.key()?.unwrap_or_else(|| format!("#{}", hit.number()));
    let title = heading
        .and_then(|name| document[name].as_str())
        .unwrap_or("");
    let line = if title.is_empty() {
        style.bold(&style::plain(&key))
    } else {
        format!(
            "{}  {}",
            style.bold(&style::plain(title)),
            style.dim(&style::plain(&key))
        )
    };
    writeln!(out, "{number:>3}. {:<8.4} {line}", hit.score())?;
    let marks = style.marks();
    for field in texts.into_iter().filter(|name| Some(*name) != heading) {
        let snippet = hit.snippet(field)?;
        if !snippet.text().trim().is_empty() {
            let marked = snippet.highlighted("\u{1}", "\u{2}");
            let marked: String = marked
                .chars()
                .map(|c| match c {
                    '\u{1}' => marks.0.to_owned(),
                    '\u{2}' => marks.1.to_owned(),
                    c if c.is_control() => " ".to_owned(),
                    c => c.to_string(),
                })
                .collect();
            writeln!(out, "     {marked}")?;
        }
    }
    Ok(())
}

/// A document without blanks between its parts, and else to the letter: read and written
/// again, a number of many digits would be another.
fn in_one_line(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    let (mut is_in_string, mut is_escaped) = (false, false);
    for c in json.chars() {
        if is_in_string || !c.is_ascii_whitespace() {
            line.push(c);
        }
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_in_string = !is_in_string,
            _ => {}
        }
    }
    line
}

/// A line for each hit, then one for the rest.
pub fn write_json(
    out: &mut dyn Write,
    page: &Page,
    next: Option<&Cursor>,
    cost: Option<&Xray>,
) -> Result<(), Failure> {
    for hit in page {
        let mut line = json!({ "score": hit.score(), "key": hit.key()? });
        if cost.is_some() {
            line["explanation"] = serde_json::to_value(hit.explain()?)?;
        }
        let (document, line) = (in_one_line(&hit.source()?), line.to_string());
        // What was just written begins with a brace, and isn't empty.
        writeln!(out, "{{\"document\":{document},{}", &line[1..])?;
    }
    let (count, exact) = match page.total() {
        Total::Exact(count) => (count, true),
        Total::AtLeast(count) => (count, false),
    };
    let mut facets = Map::new();
    for facet in page.facets() {
        let counts: Map<String, Value> = facet
            .counts()
            .iter()
            .map(|(value, count)| (value.clone(), json!(count)))
            .collect();
        facets.insert(facet.field().to_owned(), counts.into());
    }
    let mut last = json!({ "total": count, "exact": exact });
    if let Some(cursor) = next {
        last["cursor"] = serde_json::to_value(cursor)?;
    }
    if !facets.is_empty() {
        last["facets"] = facets.into();
    }
    if let Some(xray) = cost {
        last["cost"] = serde_json::to_value(xray)?;
    }
    writeln!(out, "{last}")?;
    Ok(())
}
