//! # Ahead: a list's bytes, called for before they are read
//!
//! Idea        to read a list is to wait for memory twice or thrice: for its head,
//!             for what that points to, for the tail at its end. So before many
//!             lists are read, the heads of all are called for, then the rest of all:
//!             that waits for the slowest rather than for each
//! Cost        what was called for and isn't read is a line or two for nothing
//! Next        [`positions`](crate::segment::positions)

use super::{BLOCK, HEAD, Lengths, directory_len};
use crate::bytes::ends::Ends;
use crate::bytes::prefetch::prefetch;

/// Bytes that a cache takes at once.
const LINE: usize = 64;

/// As much of a list's beginning as is called for: a head and a directory of ten
/// blocks, or all of a list that has no blocks.
const BEGINNING: usize = 4 * LINE;

/// The same of the blocks, and of the tail.
const BLOCKS: usize = 2 * LINE;
const TAIL: usize = 3 * LINE;

/// Calls for the head of a list.
#[inline]
pub(in crate::segment) fn call_for_head(bytes: &[u8]) {
    prefetch(bytes, 0);
    prefetch(bytes, HEAD - 1);
}

/// Calls for the first bytes of a list.
#[inline]
pub(in crate::segment) fn call_for_beginning(bytes: &[u8], document_frequency: u32) {
    let length = match document_frequency {
        // All that is asked of it stands in the dictionary.
        1 => 0,
        _ => BEGINNING,
    };
    call_for(bytes, 0, length);
}

/// Calls for what the head points to.
#[inline]
pub(in crate::segment) fn call_for_blocks(bytes: &[u8], document_frequency: u32, text: bool) {
    let documents = document_frequency as usize;
    let blocks = documents / BLOCK;
    let lengths = bytes.get(..HEAD).map(Lengths::read);
    let (1.., Some(Ok(lengths))) = (blocks, lengths) else {
        return;
    };
    let lasts = HEAD + lengths.champions + Ends::len(blocks).unwrap_or(0);
    let directory = directory_len(text, blocks, documents.div_ceil(BLOCK));
    if lasts + blocks * 4 > BEGINNING {
        call_for(bytes, lasts, BEGINNING);
    }
    call_for(bytes, lasts + directory, BLOCKS);
    if !documents.is_multiple_of(BLOCK) {
        call_for(
            bytes,
            (lasts + directory).saturating_add(lengths.payload),
            TAIL,
        );
    }
}

#[inline]
fn call_for(bytes: &[u8], from: usize, length: usize) {
    let length = length.min(bytes.len().saturating_sub(from));
    for line in 0..length.div_ceil(LINE) {
        prefetch(bytes, from + line * LINE);
    }
}
