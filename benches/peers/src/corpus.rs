//! # Corpus: documents from a file of JSON lines
//!
//! Idea        one object a line; of its members `id`, `title` and `text` are
//!             read, and only `text` is searched, as in the
//!             search-benchmark-game. A file whose name ends in `.gz` is
//!             unpacked on the way
//! Example     `{"id": "7", "title": "Whale", "text": "A whale is …"}`
//! Invariants  every engine gets the same bytes in the same order
//! Cost        JSON is read at some hundred MB a second and core, which each
//!             engine's time has in it; [`crate::build`] measures it alone
//! Next        [`crate::engines`]

use crate::Result;
use serde::Deserialize;
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// What is read of a line.
#[derive(Deserialize)]
pub struct Line<'t> {
    #[serde(borrow, default)]
    pub id: Cow<'t, str>,
    #[serde(borrow, default)]
    pub title: Cow<'t, str>,
    #[serde(borrow)]
    pub text: Cow<'t, str>,
}

/// Hands over every document, one after the other.
pub fn each(path: &Path, mut take: impl FnMut(Line<'_>) -> Result<()>) -> Result<()> {
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let reader: Box<dyn Read> = if path.extension().is_some_and(|suffix| suffix == "gz") {
        Box::new(flate2::read::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut reader = BufReader::with_capacity(1 << 20, reader);
    let mut bytes = Vec::new();
    let mut number = 0u64;
    loop {
        bytes.clear();
        number += 1;
        if reader.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(());
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let line: Line<'_> = serde_json::from_slice(&bytes)
            .map_err(|error| format!("{}, line {number}: {error}", path.display()))?;
        take(line)?;
    }
}
