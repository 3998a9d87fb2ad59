//! (being written)

mod snippets;

pub use snippets::{Snippet, Wanted};
