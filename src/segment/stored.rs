//! # Stored documents: what comes back with a hit
//!
//! Idea        a document is kept as the JSON text that it came as. Texts are
//!             joined to blocks of some 16 KiB, since what repeats (the names
//!             of the members above all) repeats *between* documents; each
//!             block is compressed by itself, so that a hit costs one block
//! Example     the documents `{"n":1}` and `{"n":22}` make one block, before
//!             compression: `07 08 {"n":1}{"n":22}`
//! Bytes       little-endian:
//!
//! ```text
//! blocks     one after the other, without gaps, each an LZ4 block (no frame)
//!            of | length varint × documents of the block | texts … |;
//!            then zeros to a multiple of 8
//! index      16 bytes × (blocks + 1), the last one for the end:
//!      0  offset    u64   where the block begins in the section
//!      8  first     u32   its first document
//!     12  length    u32   its length before compression; 0 in the last
//! trailer
//!      0  blocks    u64
//!      8  documents u64
//! ```
//!
//! Invariants  (1) offsets and first documents ascend strictly from 0; the
//!             last entry has the blocks' end and the number of documents
//!             (2) the lengths in a block add up to the rest of it
//!             (3) a length is at most 255 times the compressed length, which
//!             is as far as LZ4 goes; it is checked before memory is asked
//!             for, so that no file makes a reader ask for more
//! Cost        get O(log blocks), then one block: some 10 µs
//! Left out    a dictionary shared by blocks: tried by others for a tenth of
//!             the size at most, and blocks could no longer be copied from
//!             segment to segment as they are. A cache: the few hits of a page
//!             lie in as many blocks
//! Paper       the LZ4 block format, <https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md>
//! Next        [`crate::segment::tombstones`]

#[cfg(test)]
mod tests;

use crate::bytes::{Lie, Reader, padding, varint};
use crate::document::MAX_DOCUMENT_BYTES;
use crate::storage::Bytes;
use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};
use std::io::{self, Write};
use std::ops::Range;

/// Texts are joined until they are this long.
const BLOCK_BYTES: usize = 16 * 1024;

const ENTRY: usize = 16;
const TRAILER: usize = 16;

/// The factor that LZ4 can't exceed: invariant (3).
const LZ4_FACTOR: usize = 255;

/// A block, compressed.
#[derive(Debug, PartialEq)]
pub(crate) struct Block<B> {
    bytes: B,
    /// Before compression.
    length: u32,
    documents: u32,
}

impl<B: AsRef<[u8]>> Block<B> {
    /// Documents in it.
    pub(crate) fn documents(&self) -> u32 {
        self.documents
    }

    /// Its compressed size.
    pub(crate) fn size(&self) -> usize {
        self.bytes.as_ref().len()
    }

    /// Whether it is about as long as blocks are made.
    pub(super) fn is_long(&self) -> bool {
        self.length as usize >= BLOCK_BYTES / 2
    }

    /// The texts in it.
    pub(super) fn texts(&self) -> Result<Texts, Lie> {
        let compressed = self.bytes.as_ref();
        let length = self.length as usize;
        if length > compressed.len().saturating_mul(LZ4_FACTOR) {
            return Err(Lie("a block claims to be longer than LZ4 can make it"));
        }
        let mut bytes = vec![0; length];
        let written = lz4_flex::block::decompress_into(compressed, &mut bytes);
        if !written.is_ok_and(|written| written == length) {
            return Err(Lie("a block can't be decompressed"));
        }
        // Every length is a byte at least, so this bounds what follows.
        if self.documents as usize > length {
            return Err(Lie("a block is too short for its documents"));
        }
        let mut reader = Reader::new(&bytes);
        let mut ends = Vec::with_capacity(self.documents as usize);
        let mut end = 0u64;
        for _ in 0..self.documents {
            end += u64::from(reader.varint_u32()?);
            ends.push(end);
        }
        let start = reader.position();
        if end != (length - start) as u64 {
            return Err(Lie("the lengths in a block don't add up"));
        }
        Ok(Texts { bytes, start, ends })
    }
}

/// The texts of a block.
#[derive(Debug)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    /// Where the first text begins.
    start: usize,
    /// Where each text ends, from `start`: invariant (2), checked.
    ends: Vec<u64>,
}

impl Texts {
    /// The text of the block's document of this number; a lie if there is
    /// none or it is no text.
    pub(super) fn get(&self, index: usize) -> Result<&str, Lie> {
        let end = *self
            .ends
            .get(index)
            .ok_or(Lie("a block has too few documents"))?;
        let begin = match index {
            0 => 0,
            _ => self.ends[index - 1],
        };
        let bytes = &self.bytes[self.start + begin as usize..self.start + end as usize];
        str::from_utf8(bytes).map_err(|_| Lie("a document is not valid UTF-8"))
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = Result<&str, Lie>> {
        (0..self.ends.len()).map(|index| self.get(index))
    }
}

/// Joins texts to blocks and compresses them, in memory.
#[derive(Default)]
struct BlockBuilder {
    lengths: Vec<u8>,
    /// [`LENGTHS_MAX`] bytes, where the lengths come when all are known, and the
    /// texts; empty until there is one.
    texts: Vec<u8>,
    documents: u32,
    compressor: Compressor,
}

/// The most bytes that a block's lengths take: it isn't full before the last one,
/// which is below 2³⁵.
const LENGTHS_MAX: usize = BLOCK_BYTES + 5;

impl BlockBuilder {
    /// Adds a document's text; returns the blocks that this completed, in
    /// order: one before the text if it is long, and the text's own.
    fn push(&mut self, text: &str) -> io::Result<[Option<Block<Vec<u8>>>; 2]> {
        if text.len() > MAX_DOCUMENT_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("a document of {} bytes is over 1 GiB; split it", text.len()),
            ));
        }
        // A long text doesn't share, so that its neighbours stay cheap to read.
        let before = if text.len() >= BLOCK_BYTES {
            self.finish()?
        } else {
            None
        };
        if self.texts.is_empty() {
            self.texts.resize(LENGTHS_MAX, 0);
        }
        varint::write(&mut self.lengths, text.len() as u64);
        self.texts.extend_from_slice(text.as_bytes());
        self.documents += 1;
        let full = self.lengths.len() + self.texts.len() - LENGTHS_MAX >= BLOCK_BYTES;
        Ok([before, if full { self.finish()? } else { None }])
    }

    /// The block begun, if there is any.
    fn finish(&mut self) -> io::Result<Option<Block<Vec<u8>>>> {
        if self.documents == 0 {
            return Ok(None);
        }
        let start = LENGTHS_MAX - self.lengths.len();
        self.texts[start..LENGTHS_MAX].copy_from_slice(&self.lengths);
        let bytes = &self.texts[start..];
        let block = Block {
            bytes: self.compressor.compress(bytes)?,
            // At most 1 GiB and a little: checked when pushed.
            length: bytes.len() as u32,
            documents: self.documents,
        };
        self.documents = 0;
        self.lengths.clear();
        self.texts.truncate(LENGTHS_MAX);
        // Don't hold on to the memory of a giant.
        self.texts.shrink_to(4 * BLOCK_BYTES);
        Ok(Some(block))
    }
}

/// Joins texts to blocks, of which the last may be short; for those who compress
/// side by side and write later.
pub(crate) fn compress<T: AsRef<str>>(
    texts: impl IntoIterator<Item = T>,
) -> io::Result<Vec<Block<Vec<u8>>>> {
    let mut builder = BlockBuilder::default();
    let mut blocks = Vec::new();
    for text in texts {
        blocks.extend(builder.push(text.as_ref())?.into_iter().flatten());
    }
    blocks.extend(builder.finish()?);
    Ok(blocks)
}

/// Compresses block after block; keeps its memory.
struct Compressor {
    /// Where words were last seen. The larger of the two kinds there are looks
    /// for five bytes that come again, the other for four: one word in a hundred
    /// is found less, and a fifth of the time saved.
    table: CompressTable,
    out: Vec<u8>,
}

impl Default for Compressor {
    fn default() -> Self {
        Self {
            table: CompressTable::large(),
            out: Vec::new(),
        }
    }
}

impl Compressor {
    fn compress(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let most = get_maximum_output_size(bytes.len());
        if self.out.len() < most {
            self.out.resize(most, 0);
        }
        let written = compress_into_with_table(bytes, &mut self.out, &mut self.table);
        let compressed = self.out[..written.map_err(io::Error::other)?].to_vec();
        self.out.truncate(4 * BLOCK_BYTES);
        self.out.shrink_to(4 * BLOCK_BYTES);
        Ok(compressed)
    }
}

/// Writes the section, block after block.
pub(crate) struct StoredWriter<W> {
    out: W,
    begun: BlockBuilder,
    index: Vec<u8>,
    offset: u64,
    documents: u64,
}

impl<W: Write> StoredWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            begun: BlockBuilder::default(),
            index: Vec::new(),
            offset: 0,
            documents: 0,
        }
    }

    /// The text of the next document.
    pub(super) fn push(&mut self, text: &str) -> io::Result<()> {
        for block in self.begun.push(text)?.iter().flatten() {
            self.write(block)?;
        }
        Ok(())
    }

    /// The next documents, already compressed; what was pushed before goes
    /// into a block of its own.
    pub(crate) fn push_block<B: AsRef<[u8]>>(&mut self, block: &Block<B>) -> io::Result<()> {
        self.end_begun()?;
        self.write(block)
    }

    /// The same for several blocks, whose bytes lie one after the other.
    pub(super) fn push_blocks<B: AsRef<[u8]>>(
        &mut self,
        blocks: &[Block<B>],
        bytes: &[u8],
    ) -> io::Result<()> {
        if blocks.is_empty() {
            return Ok(());
        }
        self.end_begun()?;
        debug_assert_eq!(bytes.len(), blocks.iter().map(Block::size).sum::<usize>());
        blocks.iter().for_each(|block| self.describe(block));
        self.out.write_all(bytes)
    }

    fn end_begun(&mut self) -> io::Result<()> {
        match self.begun.finish()? {
            Some(begun) => self.write(&begun),
            None => Ok(()),
        }
    }

    fn write<B: AsRef<[u8]>>(&mut self, block: &Block<B>) -> io::Result<()> {
        self.describe(block);
        self.out.write_all(block.bytes.as_ref())
    }

    fn describe<B: AsRef<[u8]>>(&mut self, block: &Block<B>) {
        self.entry(block.length);
        self.offset += block.size() as u64;
        self.documents += u64::from(block.documents);
    }

    fn entry(&mut self, length: u32) {
        self.index.extend(self.offset.to_le_bytes());
        // An index has fewer than 2³² documents.
        self.index.extend((self.documents as u32).to_le_bytes());
        self.index.extend(length.to_le_bytes());
    }

    /// Writes the index; the section's length is a multiple of 8.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.end_begun()?;
        let blocks = (self.index.len() / ENTRY) as u64;
        self.entry(0);
        self.out.write_all(padding(self.offset))?;
        self.out.write_all(&self.index)?;
        self.out.write_all(&blocks.to_le_bytes())?;
        self.out.write_all(&self.documents.to_le_bytes())
    }
}

/// The stored documents of a segment, read block by block.
#[derive(Debug)]
pub(super) struct Stored {
    bytes: Bytes,
    /// Where the index begins.
    index: usize,
    /// How many there are; the index has one entry more.
    blocks: usize,
    documents: u32,
}

/// An entry of the index.
#[derive(Clone, Copy, Debug)]
struct Entry {
    offset: u64,
    first: u32,
    length: u32,
}

impl Entry {
    fn of(bytes: &[u8; ENTRY]) -> Self {
        let all = u128::from_le_bytes(*bytes);
        Self {
            offset: all as u64,
            first: (all >> 64) as u32,
            length: (all >> 96) as u32,
        }
    }
}

const NO_INDEX: Lie = Lie("the index of the stored documents lies outside of them");

impl Stored {
    /// The stored documents in a section of a segment that has so many. Reads
    /// the trailer only.
    pub(super) fn open(bytes: Bytes, documents: u32) -> Result<Self, Lie> {
        let trailer = bytes.len().checked_sub(TRAILER).ok_or(NO_INDEX)?;
        let mut reader = Reader::new(&bytes[trailer..]);
        let blocks = usize::try_from(reader.u64()?).map_err(|_| NO_INDEX)?;
        if reader.u64()? != u64::from(documents) {
            return Err(Lie("there are other stored documents than documents"));
        }
        let index = blocks
            .checked_add(1)
            .and_then(|entries| entries.checked_mul(ENTRY))
            .and_then(|length| trailer.checked_sub(length))
            .ok_or(NO_INDEX)?;
        Ok(Self {
            bytes,
            index,
            blocks,
            documents,
        })
    }

    /// How many blocks they make.
    pub(super) fn block_count(&self) -> usize {
        self.blocks
    }

    /// One more than blocks.
    fn entries(&self) -> &[[u8; ENTRY]] {
        // Behind them is the trailer: seen when this was opened.
        self.bytes[self.index..self.bytes.len() - TRAILER]
            .as_chunks()
            .0
    }

    fn entry(&self, index: usize) -> Option<Entry> {
        self.entries().get(index).map(Entry::of)
    }

    /// A block, still compressed, and its first document.
    pub(super) fn block(&self, index: usize) -> Result<(u32, Block<&[u8]>), Lie> {
        let (Some(this), Some(next)) = (self.entry(index), self.entry(index + 1)) else {
            return Err(NO_INDEX);
        };
        let documents = next
            .first
            .checked_sub(this.first)
            .filter(|count| *count > 0)
            .ok_or(Lie("the stored documents are out of order"))?;
        let place = usize::try_from(this.offset).ok();
        let place = place.zip(usize::try_from(next.offset).ok());
        let bytes = place
            .filter(|(_, end)| *end <= self.index)
            .and_then(|(start, end)| self.bytes.get(start..end))
            .ok_or(Lie("a block of stored documents lies outside of them"))?;
        let block = Block {
            bytes,
            length: this.length,
            documents,
        };
        Ok((this.first, block))
    }

    /// The text of a document.
    pub(super) fn get(&self, document: u32) -> Result<String, Lie> {
        let begun = |entry: &[u8; ENTRY]| Entry::of(entry).first <= document;
        let after = self.entries()[..self.blocks].partition_point(begun);
        let (first, block) = self.block(after.saturating_sub(1))?;
        let index = document
            .checked_sub(first)
            .ok_or(Lie("the stored documents are out of order"))?;
        Ok(block.texts()?.get(index as usize)?.to_owned())
    }

    /// The bytes of neighbouring blocks, of which each was [there](Self::block).
    pub(super) fn bytes_of(&self, blocks: Range<usize>) -> Result<&[u8], Lie> {
        let bounds = self.entry(blocks.start).zip(self.entry(blocks.end));
        let bounds = bounds.map(|(start, end)| start.offset as usize..end.offset as usize);
        bounds
            .and_then(|range| self.bytes.get(range))
            .ok_or(NO_INDEX)
    }

    /// Every block in order, still compressed, with its first document.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Result<(u32, Block<&[u8]>), Lie>> {
        (0..self.blocks).map(|index| self.block(index))
    }

    /// Checks every block: invariants (1) to (3).
    pub(super) fn verify(&self) -> Result<(), Lie> {
        let (mut offset, mut next) = (0, 0);
        for block in self.blocks() {
            let (first, block) = block?;
            if first != next {
                return Err(Lie("the stored documents are out of order"));
            }
            block
                .texts()?
                .iter()
                .try_for_each(|text| text.map(|_| ()))?;
            next += block.documents();
            offset += block.size();
        }
        let starts = self.entry(0).is_some_and(|entry| entry.offset == 0);
        let end = self.entry(self.blocks).ok_or(NO_INDEX)?;
        let ends = end.offset == offset as u64
            && end.length == 0
            && offset.next_multiple_of(8) == self.index
            && self.bytes[offset..self.index].iter().all(|byte| *byte == 0);
        if !starts || !ends || next != self.documents || end.first != self.documents {
            return Err(Lie("the stored documents don't end where they should"));
        }
        Ok(())
    }
}
