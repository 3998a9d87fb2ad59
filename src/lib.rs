//! # wordhoard: a full-text search library that can be read in a weekend
//!
//! A word-hoard is a store of words, and so is an inverted index. This crate
//! takes documents, keeps them in a directory, and answers which of them match
//! a query and which match best. It is small enough to be read, chapter by
//! chapter, and meant to be the fastest that one can embed.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use wordhoard::{Index, Schema, Text};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Article { id: String, title: String, body: String, year: u32, tags: Vec<String> }
//!
//! let schema = Schema::builder()
//!     .key("id")                                    // the same key again replaces
//!     .text("title", Text::english().boost(2.0))    // searched, ranked
//!     .text("body", Text::english())
//!     .unsigned("year")                             // filter, sort, range
//!     .keyword("tags")                              // exact, facets
//!     .build()?;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("articles.hoard");
//! let index = Index::options().schema(schema).open_or_create(&path)?;
//!
//! let mut writer = index.writer()?;
//! writer.put(&Article {
//!     id: "1".into(),
//!     title: "The quick fox".into(),
//!     body: "Foxes are quick, and brown.".into(),
//!     year: 2005,
//!     tags: vec!["animals".into()],
//! })?;
//! writer.commit()?;                                 // durable from here on
//!
//! let searcher = index.searcher()?;                 // a snapshot; cheap, Send, Sync
//! let page = searcher.search("title:fox \"quick\" -lazy +year:[2001 TO 2010]").limit(10).run()?;
//! for hit in &page {
//!     let article: Article = hit.document()?;
//!     println!("{:.3} {}: {}", hit.score(), article.title, hit.snippet("body")?);
//! }
//! assert_eq!(page.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # One request's life
//!
//! Data flows one way, and the folders of `src/` are the stations; each imports
//! only from those before it, but for inversion, which writes with segment's
//! writer.
//!
//! 1. [`document`]: a value of yours becomes a document that fits the schema.
//! 2. [`analysis`]: its texts become tokens, the tokens terms.
//! 3. [`inversion`]: a batch of documents becomes a run: for each term, where it
//!    is.
//! 4. [`segment`]: runs become a segment, a small index in one file that never
//!    changes.
//! 5. [`index`]: segments and a manifest become an index; a commit is a new
//!    manifest.
//! 6. [`query`]: a text becomes a query, which is plain data.
//! 7. [`search`]: the query meets the segments and becomes hits, the best first.
//! 8. [`evaluation`]: were they the right ones? Judgments become figures.
//!
//! Below all of them are `bytes`, integers as bytes and back, and [`storage`],
//! where bytes live; beside them [`Error`], one type for whatever fails.
//!
//! # Where to begin
//!
//! To use it: this page, then [`Schema`], [`Index`], [`Writer`] and
//! [`search::Search`]. To learn how it works: the [`tour`], which follows three
//! documents from text to ranked hit; the numbered lessons in `examples/`; then
//! [a weekend of reading](weekend), the main road through all chapters; or the chapters
//! as a whole, in the order above. Every chapter opens with its idea, its bytes,
//! what holds always, what it costs, and what was left out, and ends with the
//! page to turn to.
//!
//! What something costs was measured on two shared cores of a server with
//! AVX-512. Where the cost of another way stands beside it, the code of that way is
//! in the history only. `benches/` measures anew: each file opens with its question.
//! The 500,000 articles of the examples are Wikipedia's, as the README says.
#![deny(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(clippy::undocumented_unsafe_blocks)]

pub mod analysis;
mod bytes;
pub mod document;
pub mod error;
pub mod evaluation;
pub mod index;
pub mod inversion;
pub mod query;
pub mod search;
pub mod segment;
pub mod storage;
pub mod tour;
pub mod weekend;

pub use document::{Date, Document, Schema, Text, Value};
pub use error::{Error, ErrorKind, Result};
pub use index::{Index, Writer, WriterOptions};
pub use query::Query;
pub use search::{Hit, Page, Searcher};

/// What the README shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
