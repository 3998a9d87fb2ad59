//! Text to measure with: generated, or real text from a file.
//!
//! Idea        speed depends on how words are distributed: few are everywhere,
//!             most are nearly nowhere. So the word of rank `r` is drawn with
//!             a chance of about `(r + 2.7)^-1.07` (Zipf's law as Mandelbrot
//!             mended it), lengths of documents are log-normal, and a document
//!             comes back to words that it has used before, as texts do
//! Example     "Rousreer feachinnor sas soutlenly the leondmo oundcha was
//!             rousreer on penren."
//! Invariants  (1) the same seed makes the same text every time
//!             (2) a rarer word is longer, on average; no two are the same
//! Left out    grammar and topics. Where they matter, name a file of JSON
//!             lines in the environment variable `WORDHOARD_CORPUS`: all texts
//!             of an object's members become one document

// Each bench is a program of its own and uses a part of this.
#![allow(dead_code, reason = "each bench uses another part")]

use std::collections::HashSet;
use std::io::BufRead;
use wordhoard::{Index, Result, Schema, Text, WriterOptions};

/// Distinct words.
const WORDS: usize = 200_000;

/// Out of 16 words so many are ones that the document had before.
const REPEATED: usize = 2;

/// Words up to this rank are never repeated on purpose: they are everywhere.
const COMMON: usize = 64;

/// The median document, in words, unless told otherwise.
pub const WORDS_MEDIAN: f64 = 100.0;

/// A sequence of numbers that look random: SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// From 0 up to 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// About normal, with mean 0 and deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// Makes documents.
pub struct Generator {
    random: Random,
    words: Vec<String>,
    /// Walker's alias method: a draw is one look-up. With the chance `keep` it
    /// is the slot's own word, else its `alias`.
    keep: Vec<f64>,
    alias: Vec<u32>,
    words_median: f64,
    /// Ranks that the document at hand has used.
    used: Vec<usize>,
}

impl Generator {
    pub fn new(seed: u64, words_median: f64) -> Self {
        let mut random = Random(seed);
        let words = vocabulary(&mut random);
        let (keep, alias) = alias_table(WORDS, |rank| (rank as f64 + 2.7).powf(-1.07));
        Self {
            random,
            words,
            keep,
            alias,
            words_median,
            used: Vec::new(),
        }
    }

    fn rank(&mut self) -> usize {
        if !self.used.is_empty() && self.random.below(16) < REPEATED {
            return self.used[self.random.below(self.used.len())];
        }
        let slot = self.random.below(WORDS);
        let rank = if self.random.unit() < self.keep[slot] {
            slot
        } else {
            self.alias[slot] as usize
        };
        if rank >= COMMON {
            self.used.push(rank);
        }
        rank
    }

    /// Appends the text of a new document to `out`.
    pub fn text(&mut self, out: &mut String) {
        let length = (self.words_median * (0.8 * self.random.normal()).exp()).max(1.0) as usize;
        self.used.clear();
        let mut sentence = 0;
        for place in 0..length {
            let rank = self.rank();
            if sentence == 0 {
                let (first, rest) = self.words[rank].split_at(1);
                out.push_str(&first.to_ascii_uppercase());
                out.push_str(rest);
                sentence = 4 + self.random.below(20);
            } else {
                out.push_str(&self.words[rank]);
            }
            sentence -= 1;
            let last = place + 1 == length;
            match self.random.below(12) {
                _ if last => out.push('.'),
                _ if sentence == 0 => out.push_str(". "),
                0 => out.push_str(", "),
                _ => out.push(' '),
            }
        }
    }

    /// A document as a line of JSON, without the line's end.
    pub fn line(&mut self, id: u64, out: &mut String) {
        out.push_str("{\"id\":\"");
        out.push_str(&id.to_string());
        out.push_str("\",\"text\":\"");
        // Letters, spaces, commas and full stops: nothing to escape.
        self.text(out);
        out.push_str("\"}");
    }
}

/// Distinct words that can be spoken, the frequent ones short.
fn vocabulary(random: &mut Random) -> Vec<String> {
    const ONSETS: &[&str] = &[
        "", "", "b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "w", "st", "ch",
    ];
    const CORES: &[&str] = &["a", "e", "i", "o", "u", "a", "e", "o", "ea", "ou"];
    const CODAS: &[&str] = &["", "", "", "", "n", "r", "s", "t", "l", "nd"];
    const ENDINGS: &[&str] = &["", "", "", "", "", "", "s", "s", "ed", "ing", "er", "ly"];
    // English's own, so that stop words have something to do.
    let mut words: Vec<String> = [
        "the", "of", "and", "in", "to", "a", "is", "was", "for", "as",
    ]
    .map(str::to_owned)
    .into();
    let mut known: HashSet<String> = words.iter().cloned().collect();
    while words.len() < WORDS {
        let mut pick = |from: &[&'static str]| from[random.below(from.len())];
        let mut word = String::new();
        let syllables = 1 + (words.len() + 1).ilog2() as usize / 7;
        for _ in 0..syllables {
            word.push_str(pick(ONSETS));
            word.push_str(pick(CORES));
            word.push_str(pick(CODAS));
        }
        word.push_str(pick(ENDINGS));
        if known.insert(word.clone()) {
            words.push(word);
        }
    }
    words
}

fn alias_table(count: usize, weight: impl Fn(usize) -> f64) -> (Vec<f64>, Vec<u32>) {
    let sum: f64 = (0..count).map(&weight).sum();
    let mut keep: Vec<f64> = (0..count)
        .map(|rank| weight(rank) * count as f64 / sum)
        .collect();
    let mut alias = vec![0; count];
    let (mut small, mut large): (Vec<usize>, Vec<usize>) =
        (0..count).partition(|&slot| keep[slot] < 1.0);
    while let (Some(&low), Some(&high)) = (small.last(), large.last()) {
        small.pop();
        alias[low] = high as u32;
        keep[high] -= 1.0 - keep[low];
        if keep[high] < 1.0 {
            large.pop();
            small.push(high);
        }
    }
    // What is left over is so by rounding only: it keeps its own.
    for slot in small.into_iter().chain(large) {
        keep[slot] = 1.0;
    }
    (keep, alias)
}

/// Whether figures are wanted. Under `cargo test` a bench only shows that it
/// runs, and a little text does.
pub fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// About so many bytes of documents, each a JSON object with an `id` and a
/// `text`; much fewer where nothing is measured.
pub fn documents(bytes: usize) -> Vec<String> {
    let bytes = if measuring() {
        bytes
    } else {
        bytes.min(200_000)
    };
    let mut documents = Vec::new();
    let mut size = 0;
    let mut push = |document: String| {
        size += document.len();
        documents.push(document);
        size < bytes
    };
    if let Some(path) = std::env::var_os("WORDHOARD_CORPUS") {
        let file = std::fs::File::open(path).expect("WORDHOARD_CORPUS names a file");
        for (number, line) in std::io::BufReader::new(file).lines().enumerate() {
            if !push(joined(number, &line.expect("its lines are text"))) {
                break;
            }
        }
    } else {
        let mut generator = Generator::new(1, WORDS_MEDIAN);
        for id in 0.. {
            let mut line = String::new();
            generator.line(id, &mut line);
            if !push(line) {
                break;
            }
        }
    }
    documents
}

/// All texts of a JSON object in one.
fn joined(number: usize, line: &str) -> String {
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(line).unwrap_or_default();
    let texts = members.values().filter_map(serde_json::Value::as_str);
    let text = texts.collect::<Vec<_>>().join("\n");
    serde_json::json!({ "id": number.to_string(), "text": text }).to_string()
}

/// A key and one text field.
pub fn schema(text: Text) -> Result<Schema> {
    Schema::builder().key("id").text("text", text).build()
}

/// An index in memory, of as many segments as there are `slices`.
pub fn indexed<'d>(text: Text, slices: impl Iterator<Item = &'d [String]>) -> Result<Index> {
    let index = Index::in_memory(schema(text)?)?;
    let mut writer = index.writer_with(WriterOptions::default().without_merges())?;
    for slice in slices {
        for document in slice {
            writer.put_json(document)?;
        }
        writer.commit()?;
    }
    writer.close()?;
    Ok(index)
}

/// The term of the field `text` whose share of the documents of the first
/// segment is nearest to `share`.
pub fn term_in(index: &Index, share: f64) -> Result<String> {
    let snapshot = index.snapshot()?;
    let mut best = (f64::INFINITY, String::new());
    if let Some(part) = snapshot.parts().first()
        && let Some(inverted) = part.segment.inverted("text")
    {
        let wanted = (share * f64::from(part.segment.documents())).max(1.0);
        let mut terms = inverted.terms(b"")?;
        while let Some(entry) = terms.next()? {
            // By the ratio: twice as many is as far as half as many.
            let distance = (f64::from(entry.document_frequency) / wanted).ln().abs();
            if distance < best.0 {
                best = (distance, String::from_utf8_lossy(terms.term()).into_owned());
            }
        }
    }
    Ok(best.1)
}
