//! wordhoard: a full-text search library that can be read in a weekend.
#![deny(unsafe_op_in_unsafe_fn)]

pub mod analysis;
pub(crate) mod bytes;
pub mod document;
pub mod error;
pub mod evaluation;
pub mod index;
pub mod inversion;
pub mod query;
pub mod search;
pub mod segment;
pub mod storage;

pub use document::{Date, Document, Schema, Text, Value};
pub use error::{Error, ErrorKind, Result};
pub use index::{Index, Writer, WriterOptions};
pub use query::Query;
