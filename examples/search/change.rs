//! `search delete` and `merge`.

use crate::{Failure, Outcome, style};
use clap::{ArgGroup, Args};
use serde_json::json;
use std::io::Write;
use wordhoard::Index;

/// Delete documents by key or query.
#[derive(Args)]
#[command(after_help = "Example:\n  search delete articles.hoard --key 42 --query 'year:<1900'")]
#[command(group(ArgGroup::new("what").required(true).multiple(true)))]
pub struct DeleteOptions {
    /// The index.
    index: String,
    /// A document's key.
    #[arg(long, group = "what")]
    key: Vec<String>,
    /// A query; all that it matches is deleted.
    #[arg(long, group = "what", allow_hyphen_values = true)]
    query: Vec<String>,
}

/// Join segments.
#[derive(Args)]
pub struct MergeOptions {
    /// The index.
    index: String,
    /// Join all segments to one, without deleted documents.
    #[arg(long)]
    optimize: bool,
    /// Reorder documents for smaller lists; not there yet.
    #[arg(long)]
    reorder: bool,
}

pub fn delete(options: DeleteOptions, as_json: bool) -> Result<Outcome, Failure> {
    let mut writer = Index::open(&options.index)?.writer()?;
    for key in &options.key {
        writer.delete(key.as_str())?;
    }
    for query in &options.query {
        writer.delete_matching(query.as_str())?;
    }
    let receipt = writer.close()?;
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(
            out,
            "{}",
            json!({ "deleted": receipt.deleted, "documents": receipt.documents })
        )?;
    } else {
        writeln!(
            out,
            "{} deleted, {} left",
            style::count(receipt.deleted),
            style::count(receipt.documents)
        )?;
    }
    Ok(if receipt.deleted > 0 {
        Outcome::Found
    } else {
        Outcome::Nothing
    })
}

pub fn merge(options: MergeOptions, as_json: bool) -> Result<Outcome, Failure> {
    if options.reorder {
        return Err("--reorder isn't there yet; use --optimize".into());
    }
    let mut writer = Index::open(&options.index)?.writer()?;
    let receipt = if options.optimize {
        writer.optimize()?
    } else {
        writer.close()?
    };
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(
            out,
            "{}",
            json!({ "merges": receipt.merges, "segments": receipt.segments, "documents": receipt.documents, "bytes": receipt.bytes })
        )?;
    } else {
        writeln!(
            out,
            "{} in {}, {}",
            style::counted(receipt.documents, "document"),
            style::counted(receipt.segments as u64, "segment"),
            style::bytes(receipt.bytes)
        )?;
    }
    Ok(Outcome::Found)
}
