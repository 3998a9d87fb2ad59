//! `search delete` and `merge`.

use crate::{Failure, Outcome, out, style};
use clap::{ArgGroup, Args};
use indicatif::ProgressBar;
use serde_json::json;
use std::ffi::OsString;
use std::io::Write;
use wordhoard::index::{Optimize, Receipt};
use wordhoard::{Index, Writer};

/// Delete documents by key or query.
#[derive(Args)]
#[command(
    after_help = "Example:\n  search delete articles.hoard --key 42 --query 'year:<1900'\n\nWith --json: a line {deleted, documents}."
)]
#[command(group(ArgGroup::new("what").required(true).multiple(true)))]
pub struct DeleteOptions {
    /// The index.
    index: OsString,
    /// A document's key.
    #[arg(long, group = "what", allow_hyphen_values = true)]
    key: Vec<String>,
    /// A query; all that it matches is deleted.
    #[arg(long, group = "what", allow_hyphen_values = true)]
    query: Vec<String>,
}

/// Join segments.
#[derive(Args)]
#[command(after_help = "With --json: a line {merges, segments, documents, bytes}.")]
pub struct MergeOptions {
    /// The index.
    index: OsString,
    /// Join all segments to one, without deleted documents.
    #[arg(long)]
    optimize: bool,
    /// Likewise, with similar documents beside each other, which makes the index smaller and
    /// queries faster; hits of equal score come in another order.
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
    let mut out = out::out();
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

/// Joins all segments to one, with a bar on the terminal while documents are
/// reordered.
pub fn optimize(writer: &mut Writer, reorder: bool) -> Result<Receipt, Failure> {
    if !reorder {
        return Ok(writer.optimize()?);
    }
    const STEPS: u64 = 1000;
    let template = "{bar:30} {percent} % reordering ETA {eta}";
    let bar = ProgressBar::new(STEPS).with_style(style::progress(template));
    let shown = bar.clone();
    let options = Optimize::reordered().on_progress(move |share| {
        // From several threads, so an older share may come later.
        let step = (share * STEPS as f32) as u64;
        shown.set_position(step.max(shown.position()));
    });
    let receipt = writer.optimize_with(options)?;
    bar.finish_and_clear();
    Ok(receipt)
}

pub fn merge(options: MergeOptions, as_json: bool) -> Result<Outcome, Failure> {
    let mut writer = Index::open(&options.index)?.writer()?;
    let receipt = if options.optimize || options.reorder {
        optimize(&mut writer, options.reorder)?
    } else {
        writer.close()?
    };
    let mut out = out::out();
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
