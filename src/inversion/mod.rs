//! # Inversion: from "which words are in this document" to the opposite
//!
//! Idea        a batch of documents is a table of occurrences: term, document,
//!             position, in the order of the text. Sorted by term it *is* the
//!             inverted index. Terms are numbers by then, so the sort is a
//!             counting sort: count, add up, put each occurrence in its place
//! Example     three documents, and what becomes of them:
//!
//! ```text
//!   0 "to be"  1 "be"  2 "to do"
//!   occurrences   to 0·0  be 0·1  be 1·0  to 2·0  do 2·1
//!   counts        to 2  be 2  do 1
//!   by term       be: 0·1 1·0   do: 2·1   to: 0·0 2·0
//! ```
//!
//! Rooms       `vocabulary`: bytes → number. `surfaces`: token → its terms.
//!             `batch`: documents → run. `occurrences`: the counting sort.
//!             `packed`: postings as they wait. `run`: an inverted batch.
//!             `flush`: runs → segment
//! The way     1. documents are gathered to a batch of some megabytes
//!             2. batches are inverted side by side, each into a *run*
//!             3. when the runs have filled their share of the memory, the
//!                names of all terms are sorted, and ranges of terms encoded
//!                side by side, straight into a segment file
//! Invariants  (1) a run depends on its documents alone, and a segment on its
//!             runs in their order: the same documents make the same bytes,
//!             however many threads there are
//!             (2) a token's filters run once for each *distinct* token that
//!             an inverter remembers, since they are functions of the token
//!             alone; so stemming costs next to nothing
//!             (3) [`Run::size`] counts what a run takes, so that the budget
//!             holds, and is the same on every machine
//! Cost        a hash and a look-up, eight bytes and one scattered write a
//!             token; then a varint or two, and as many to read them back
//!
//! ```text
//!   what each trick brought, beside the code before it, one thread on 140 MB
//!   of articles (22 million tokens), by turns on two shared cores
//!                                                       inverting  flushing
//!   words remembered from batch to batch, short ones
//!     in the table's slots; names sorted once a flush,
//!     where a heap over all runs had compared them         - 50 %    - 20 %
//!   runs in the order of their names, so that flushing
//!     reads each from front to back                             0    - 27 %
//!   words looked up 32 at a time, without a branch         - 12 %         0
//!   together: postings packed and read without a
//!     branch, runs sorted by three bytes only, places of
//!     postings in the order of names, slots asked for
//!     before they are read, batches of 4 MB           - 14 % of all CPU time
//!   names asked for before they are read, a vocabulary
//!     that grows slot by slot without its names         - 4 % of all CPU time
//! ```
//!
//! Of stored texts most of the time goes into compressing them: an eighth of all.
//! Whoever would only wait does it, be it the thread that puts.
//!
//! Left out    more than three bytes in the order of a run: what a flush reads
//!             together lies in the near cache by then. Posting lists that grow
//!             one by one in linked chunks, as most engines do: two passes over
//!             an array are faster than one over a hundred thousand lists, and
//!             there is nothing to explain
//! Paper       Witten, Moffat and Bell, "Managing Gigabytes", 1999, §5.2:
//!             sort-based inversion with multiway merging
//! Next        `vocabulary.rs`; or on to [`crate::segment`]

mod batch;
mod flush;
mod occurrences;
mod packed;
mod run;
mod surfaces;
#[cfg(test)]
mod tests;
mod vocabulary;

pub use batch::Inverter;
pub(crate) use batch::{StoredBlocks, store};
pub use flush::flush;
pub use run::Run;

/// Between the positions of two values of a field lie so many that no phrase
/// reaches over.
pub const POSITION_GAP: u32 = 100;
