//! # Reordering: similar documents beside each other
//!
//! Idea        a posting list is gaps, and a block of it has bounds. If the
//!             documents that share words stand together, gaps are small, runs
//!             are dense, and whole blocks have nothing to offer to a query
//!             and are skipped. So the documents are numbered anew: split into
//!             two halves such that words gather in one of them, then each
//!             half likewise, down to a few documents (`bisect`, with `gain`
//!             for what a word is worth). The segment is then written in that
//!             order ([`permute`](crate::segment::permute))
//! Example     documents a "cat", b "dog", c "cat", d "dog" become a c b d:
//!             both words have the gap 1 instead of 2
//! Invariants  (1) what is found, and with what score, stays the same to the
//!             bit; only among equal scores the order is that of the new
//!             numbers
//!             (2) the same segment and memory give the same order, whatever
//!             the number of threads
//!             (3) memory: at most what is asked for, and 20 bytes a document.
//!             Terms in few documents don't count; where not all others fit,
//!             the most frequent ones do, since they have most of the gaps
//! Cost        for each of the log₂(documents ÷ 32) levels up to 20 passes over
//!             the terms of all documents, which shrink from level to level
//!             as terms are left that only one document of a part has
//! Left out    reordering in merges that run by themselves: they would undo
//!             the order in which documents were put, which is worth something
//!             where that was by time or by site
//! Papers      Dhulipala, Kabiljo, Karrer, Ottaviano, Pupyrev and Shalita,
//!             "Compressing graphs and indexes with recursive graph bisection",
//!             2016, §4; Mackenzie, Petri and Moffat, "Faster index reordering
//!             with bipartite graph partitioning", 2021, §3: cooling, and
//!             smaller graphs on the way down
//! Next        `graph.rs`, `gain.rs`, `bisect.rs`; then `check.rs`

mod bisect;
mod gain;
mod graph;
#[cfg(test)]
mod tests;

use crate::error::Result;
use crate::segment::Segment;
use graph::Graph;

/// Called with the share of the work that is done, from 0 to 1; by one thread
/// or another, not always ascending.
type Progress<'a> = &'a (dyn Fn(f32) + Sync);

/// Which document of the segment comes first, which next, and so on. Uses the
/// threads of the current rayon pool.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) if the segment lies.
pub(super) fn order(segment: &Segment, memory: usize, progress: Progress) -> Result<Vec<u32>> {
    let graph = Graph::of_segment(segment, memory)?;
    Ok(bisect::order(graph, progress))
}
