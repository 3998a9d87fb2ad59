//! # Engines: one face for each
//!
//! Idea        an engine is built from a corpus into a folder, opened from it,
//!             and answers commands with a number; all else is its own
//! Invariants  (1) all engines see the same terms at the same positions:
//!             wordhoard's analysis, through an adaptor where it is foreign
//!             (2) every call parses its query anew, and nothing is cached
//!             between calls
//! Left out    Lucene and others that speak through a pipe: their round trip
//!             costs more than most queries
//! Next        [`hoard`], then [`tantivy`](mod@tantivy)

pub mod hoard;
pub mod tantivy;

use crate::Result;
use std::path::Path;
use std::str::FromStr;

/// What is asked of an engine, in the words of the search-benchmark-game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The best so many; the answer is how many there were.
    Top(usize),
    /// How many match.
    Count,
    /// Both at once; the answer is how many match.
    TopCount(usize),
}

impl FromStr for Command {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Ok(match text {
            "TOP_10" => Self::Top(10),
            "TOP_100" => Self::Top(100),
            "TOP_1000" => Self::Top(1000),
            "COUNT" => Self::Count,
            "TOP_10_COUNT" => Self::TopCount(10),
            "TOP_100_COUNT" => Self::TopCount(100),
            "TOP_1000_COUNT" => Self::TopCount(1000),
            _ => {
                return Err(format!(
                    "there is no command {text}; take TOP_10, TOP_100, TOP_1000, COUNT, \
                     TOP_10_COUNT, TOP_100_COUNT or TOP_1000_COUNT"
                ));
            }
        })
    }
}

impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Top(count) => f.pad(&format!("TOP_{count}")),
            Self::Count => f.pad("COUNT"),
            Self::TopCount(count) => f.pad(&format!("TOP_{count}_COUNT")),
        }
    }
}

/// An index that is open and answers.
pub trait Engine {
    /// What it is called in tables.
    fn name(&self) -> &'static str;

    /// Parses the query and answers it.
    fn answer(&self, command: Command, query: &str) -> Result<u64>;

    /// How it understood the query.
    fn understood(&self, query: &str) -> String;

    /// Segments of the index.
    fn segments(&self) -> usize;
}

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    Wordhoard,
    /// The same index, its documents reordered.
    Reordered,
    Tantivy,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Wordhoard => "wordhoard",
            Self::Reordered => "reordered",
            Self::Tantivy => "tantivy",
        }
    }

    pub fn open(self, folder: &Path) -> Result<Box<dyn Engine>> {
        Ok(match self {
            Self::Wordhoard | Self::Reordered => Box::new(hoard::Hoard::open(self, folder)?),
            Self::Tantivy => Box::new(tantivy::Tantivy::open(folder)?),
        })
    }
}

/// How texts are cut into terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Analysis {
    /// Words of UAX #29 in lower case, by wordhoard's analyzer in both.
    Shared,
    /// Words in lower case, by each engine's own parts: tantivy cuts at what
    /// is neither letter nor digit.
    Plain,
    /// The same, without Lucene's 33 stop words, stemmed: tantivy by `en_stem`
    /// with these stop words.
    English,
}

/// How an index is built.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub threads: usize,
    pub memory: usize,
    pub analysis: Analysis,
    /// Whether texts are stored, or ids alone.
    pub stored: bool,
    /// Documents go into so many segments of equal count; 0: as they come.
    pub parts: usize,
    /// Whether all is joined to one segment at last.
    pub optimize: bool,
}

/// What building took.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Built {
    pub documents: u64,
    pub text_bytes: u64,
    /// Until all was committed.
    pub index_seconds: f64,
    /// To join the segments to one.
    pub merge_seconds: f64,
    /// Segments before.
    pub segments: usize,
    pub index_bytes: u64,
    /// Of these, stored documents.
    pub stored_bytes: u64,
}
