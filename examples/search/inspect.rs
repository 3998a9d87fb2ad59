//! `search stats`, `terms` and `verify`: looking into an index.

use crate::{Failure, Outcome, out, style};
use clap::Args;
use serde_json::json;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::time::Instant;
use wordhoard::Index;
use wordhoard::document::FieldKind;

/// What is in an index.
#[derive(Args)]
#[command(
    after_help = "With --json: a line {commit, documents, deleted, segments, bytes, sections, fields}; of each field {name, kind, documents, tokens, terms}, the last three null where it has no terms."
)]
pub struct StatsOptions {
    /// The index.
    index: OsString,
}

/// The terms of a field, in order.
#[derive(Args)]
#[command(
    after_help = "Example:\n  search terms articles.hoard --field body --prefix whal\n\nWith --json: a line {field, term, documents, occurrences} for each term."
)]
pub struct TermsOptions {
    /// The index.
    index: OsString,
    /// The field; all that have terms if not given.
    #[arg(long)]
    field: Option<String>,
    /// Only terms that begin so.
    #[arg(long, default_value = "")]
    prefix: String,
    /// How many of each field.
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

/// Check every byte.
#[derive(Args)]
#[command(after_help = "With --json: a line {commit, segments, documents, deleted, bytes}.")]
pub struct VerifyOptions {
    /// The index.
    index: OsString,
}

pub fn stats(options: StatsOptions, as_json: bool) -> Result<Outcome, Failure> {
    let snapshot = Index::open(&options.index)?.snapshot()?;
    let mut sections: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut documents, mut bytes) = (0, 0);
    for part in snapshot.parts() {
        documents += u64::from(part.segment.documents());
        bytes += part.segment.size();
        for (section, size) in part.segment.sizes() {
            *sections.entry(section).or_default() += size;
        }
    }
    let deleted = documents - snapshot.live_count();
    let mut fields = Vec::new();
    for field in snapshot.schema().fields() {
        let statistics = snapshot.statistics(field.name());
        let terms = snapshot
            .parts()
            .iter()
            .filter_map(|part| part.segment.inverted(field.name()));
        let terms = terms.map(|inverted| inverted.term_count()).max();
        let kind = match field.kind() {
            FieldKind::Text(text) => format!("text ({})", text.analyzer),
            kind => kind.word().to_owned(),
        };
        fields.push((field.name().to_owned(), kind, statistics, terms));
    }
    let mut out = out::out();
    if as_json {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, kind, statistics, terms)| {
                let documents = terms.map(|_| statistics.documents);
                let tokens = terms.map(|_| statistics.total_length);
                json!({ "name": name, "kind": kind, "documents": documents, "tokens": tokens, "terms": terms })
            })
            .collect();
        writeln!(
            out,
            "{}",
            json!({
                "commit": snapshot.commit(), "documents": snapshot.live_count(), "deleted": deleted,
                "segments": snapshot.parts().len(), "bytes": bytes, "sections": sections, "fields": fields,
            })
        )?;
        return Ok(Outcome::Found);
    }
    let style = style::on_stdout();
    writeln!(
        out,
        "{}: {}, {} deleted, in {}, {}, commit {}",
        style.bold(&style::named(&options.index)),
        style::counted(snapshot.live_count(), "document"),
        style::count(deleted),
        style::counted(snapshot.parts().len() as u64, "segment"),
        style::bytes(bytes),
        snapshot.commit()
    )?;
    // Which terms segments share isn't known without reading all of them.
    let terms = match snapshot.parts().len() {
        0 | 1 => "terms",
        _ => "terms (largest segment)",
    };
    let mut rows = vec![
        ["field", "kind", "documents", "tokens", "average", terms]
            .map(str::to_owned)
            .to_vec(),
    ];
    for (name, kind, statistics, terms) in fields {
        let mut row = vec![name, kind];
        if let Some(terms) = terms {
            let average = statistics.total_length as f64 / f64::from(statistics.documents.max(1));
            row.push(style::count(u64::from(statistics.documents)));
            row.push(style::count(statistics.total_length));
            row.push(format!("{average:.1}"));
            row.push(style::count(u64::from(terms)));
        }
        rows.push(row);
    }
    writeln!(
        out,
        "\n{}",
        style::table(&rows, &[false, false, true, true, true, true])
    )?;
    let mut sections: Vec<(&str, u64)> = sections.into_iter().collect();
    sections.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let rows: Vec<Vec<String>> = sections
        .into_iter()
        .map(|(section, size)| vec![section.to_owned(), style::bytes(size)])
        .collect();
    write!(out, "{}", style::table(&rows, &[false, true]))?;
    Ok(Outcome::Found)
}

pub fn terms(options: TermsOptions, as_json: bool) -> Result<Outcome, Failure> {
    let snapshot = Index::open(&options.index)?.snapshot()?;
    let schema = snapshot.schema();
    if let Some(name) = &options.field
        && schema.field(name).is_none()
    {
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name()).collect();
        return Err(format!(
            "there is no field {name:?}; there are: {}",
            names.join(", ")
        )
        .into());
    }
    if let Some((_, field)) = options.field.as_deref().and_then(|name| schema.field(name))
        && !matches!(field.kind(), FieldKind::Text(_) | FieldKind::Keyword)
    {
        return Err(format!(
            "field {:?} is of the kind {:?}, whose values are no terms; a text or a keyword has some",
            field.name(),
            field.kind().word()
        )
        .into());
    }
    let mut out = out::out();
    let mut any = false;
    for field in schema.fields() {
        if options
            .field
            .as_deref()
            .is_some_and(|wanted| wanted != field.name())
        {
            continue;
        }
        let mut found: BTreeMap<Vec<u8>, (u64, u64)> = BTreeMap::new();
        for part in snapshot.parts() {
            let Some(inverted) = part.segment.inverted(field.name()) else {
                continue;
            };
            let mut cursor = inverted.terms(options.prefix.as_bytes())?;
            let mut taken = 0;
            while let Some(entry) = cursor.next()? {
                if !cursor.term().starts_with(options.prefix.as_bytes()) || taken == options.limit {
                    break;
                }
                taken += 1;
                let counts = found.entry(cursor.term().to_vec()).or_default();
                counts.0 += u64::from(entry.document_frequency);
                counts.1 += entry.total_frequency;
            }
        }
        let mut rows = Vec::new();
        for (term, (documents, total)) in found.into_iter().take(options.limit) {
            let term = String::from_utf8_lossy(&term).into_owned();
            any = true;
            if as_json {
                writeln!(
                    out,
                    "{}",
                    json!({ "field": field.name(), "term": term, "documents": documents, "occurrences": total })
                )?;
            } else {
                rows.push(vec![
                    field.name().to_owned(),
                    style::plain(&term),
                    style::count(documents),
                    style::count(total),
                ]);
            }
        }
        write!(out, "{}", style::table(&rows, &[false, false, true, true]))?;
    }
    Ok(if any {
        Outcome::Found
    } else {
        Outcome::Nothing
    })
}

pub fn verify(options: VerifyOptions, as_json: bool) -> Result<Outcome, Failure> {
    let started = Instant::now();
    let checked = Index::open(&options.index)?.verify()?;
    let seconds = started.elapsed().as_secs_f64();
    let mut out = out::out();
    if as_json {
        writeln!(
            out,
            "{}",
            json!({ "commit": checked.commit, "segments": checked.segments, "documents": checked.documents, "deleted": checked.deleted, "bytes": checked.bytes })
        )?;
    } else {
        writeln!(
            out,
            "{} is sound: {} in {}, {} read in {seconds:.1} s",
            style::named(&options.index),
            style::counted(checked.documents, "document"),
            style::counted(checked.segments as u64, "segment"),
            style::bytes(checked.bytes)
        )?;
    }
    Ok(Outcome::Found)
}
