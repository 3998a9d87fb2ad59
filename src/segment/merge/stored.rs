//! # Stored documents, joined
//!
//! Idea        a block of which all documents live is copied as it is, still
//!             compressed, many at a time. Only what is left of others is compressed
//!             anew
//! Invariants  (1) many small segments don't leave many small blocks: a short one is
//!             joined with its neighbours
//! Next        [`permute`](crate::segment::permute)

use super::inputs::Input;
use crate::error::{Error, Result};
use crate::segment::file::Kind;
use crate::segment::stored::StoredWriter;
use std::io::Write;

/// Blocks that are copied together: no more than a near cache holds, as their
/// bytes are read twice, for the checksum and to be written.
const COPIED: usize = 32;

pub(super) fn merge_stored<W: Write>(
    inputs: &[Input],
    out: &mut StoredWriter<W>,
    path: &str,
) -> Result<()> {
    let io = |error| Error::io("writing", path, error);
    for input in inputs {
        let corrupt = |lie| input.segment.corrupt(Kind::Stored.word(), lie);
        let all_live = input.tombstones.deleted_count() == 0;
        let stored = input.segment.stored_blocks();
        // Blocks before the one looked at, that are copied as they are.
        let mut run = Vec::new();
        let copy = |run: &mut Vec<_>, end: usize, out: &mut StoredWriter<W>| {
            let bytes = stored.bytes_of(end - run.len()..end).map_err(corrupt)?;
            out.push_blocks(run, bytes).map_err(io)?;
            run.clear();
            Ok::<_, Error>(())
        };
        for (index, block) in stored.blocks().enumerate() {
            let (first, block) = block.map_err(corrupt)?;
            if run.len() == COPIED {
                copy(&mut run, index, out)?;
            }
            // A short block is joined with its neighbours, lest many small
            // segments leave many small blocks.
            if all_live && block.is_long() {
                run.push(block);
                continue;
            }
            copy(&mut run, index, out)?;
            let texts = block.texts().map_err(corrupt)?;
            for (document, text) in (first..).zip(texts.iter()) {
                if !input.tombstones.is_deleted(document) {
                    out.push(text.map_err(corrupt)?).map_err(io)?;
                }
            }
        }
        copy(&mut run, stored.block_count(), out)?;
    }
    Ok(())
}
