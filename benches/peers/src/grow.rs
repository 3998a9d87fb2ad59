//! # Grow: a large corpus from a small one
//!
//! Idea        a document is made of runs of consecutive sentences, each run
//!             from one real document, begun at a random sentence of it: so
//!             words stand beside the words that they stand beside in life,
//!             and documents have a topic, or a few. How long a document gets
//!             is drawn from the lengths of the real ones, stretched to the
//!             mean that is asked for, so that the skew stays
//! Invariants  (1) the same source, count, mean and seed give the same bytes
//!             (2) memory is bounded: at most [`SOURCE_BYTES_MAX`] of the
//!             source is held, and the corpus goes straight to the file
//! Left out    new words: the vocabulary is that of the source, so a word is
//!             found in more documents of a grown corpus than of a real one
//!             of its size, and dictionaries are smaller
//! Next        [`crate::queries`]

use crate::random::Random;
use crate::{Result, corpus};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// What is held of the source.
const SOURCE_BYTES_MAX: usize = 512 << 20;

/// A run of sentences ends where a paragraph does, one time in so many.
const STAY: usize = 4;

/// Reads the source and writes a corpus of `count` documents, whose texts have
/// about `mean` bytes on average (the source's own mean if `None`).
pub fn grow(source: &Path, to: &Path, count: u64, mean: Option<f64>, seed: u64) -> Result<()> {
    let mut text = String::new();
    // For each document: its title, and where its sentences begin.
    let mut documents: Vec<(String, Vec<u32>)> = Vec::new();
    let mut lengths: Vec<usize> = Vec::new();
    corpus::each(source, |line| {
        if !line.text.trim().is_empty() && text.len() + line.text.len() < SOURCE_BYTES_MAX {
            let start = text.len();
            text.push_str(&line.text);
            documents.push((line.title.into_owned(), sentences(&text, start)));
            lengths.push(line.text.len());
        }
        Ok(())
    })?;
    if documents.is_empty() {
        return Err(format!("{} has no text to grow from", source.display()).into());
    }
    // An end for the last sentence of each document: the next one's start.
    let ends: Vec<usize> = (1..documents.len())
        .map(|next| documents[next].1[0] as usize)
        .chain([text.len()])
        .collect();
    let source_mean = lengths.iter().sum::<usize>() as f64 / lengths.len() as f64;
    let stretch = mean.unwrap_or(source_mean) / source_mean;

    let mut random = Random(seed);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(to)?);
    let mut made = String::new();
    let mut written = 0u64;
    for number in 0..count {
        made.clear();
        let wanted = lengths[random.below(lengths.len())] as f64 * stretch;
        let mut title = None;
        while made.is_empty() || (made.len() as f64) < wanted {
            let from = random.below(documents.len());
            let (name, starts) = &documents[from];
            title.get_or_insert(name);
            let first = random.below(starts.len());
            for (place, &start) in starts.iter().enumerate().skip(first) {
                let end = starts
                    .get(place + 1)
                    .map_or(ends[from], |next| *next as usize);
                let sentence = &text[start as usize..end];
                made.push_str(sentence);
                let is_paragraph = sentence.ends_with('\n');
                if made.len() as f64 >= wanted || (is_paragraph && random.below(STAY) == 0) {
                    break;
                }
            }
            if !made.ends_with('\n') {
                made.push('\n');
            }
        }
        // A sentence of thirty thousand words doesn't make a long document
        // of a short one.
        let mut end = made.len().min((wanted * 1.25) as usize + 200);
        while !made.is_char_boundary(end) {
            end += 1;
        }
        let line = serde_json::json!({
            "id": number.to_string(),
            "title": title,
            "text": made[..end].trim_end(),
        });
        let line = line.to_string();
        written += line.len() as u64 + 1;
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    eprintln!("{}: {count} documents, {written} bytes", to.display());
    Ok(())
}

/// Where sentences begin in `text[start..]`: after ". ", "! ", "? " and line
/// ends. Good enough, since nothing is asked of them but to be read as such.
fn sentences(text: &str, start: usize) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut starts = vec![start as u32];
    for at in start + 1..bytes.len() - 1 {
        let ends = match bytes[at] {
            b'\n' => true,
            b' ' => matches!(bytes[at - 1], b'.' | b'!' | b'?'),
            _ => false,
        };
        if ends {
            starts.push(at as u32 + 1);
        }
    }
    starts
}
