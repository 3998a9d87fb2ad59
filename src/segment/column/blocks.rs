//! # Blocks of codes: an array of `u64` in few bits
//!
//! Idea        cut the numbers into blocks of 128. In each, subtract the
//!             least, divide by what all the differences have in common, and
//!             write the rest with the bits that the largest needs
//! Example     three dates at midnight, 0, 1 and 3 days after 1970, are
//!             multiples of 86,400,000,000 µs: minimum 0, maximum
//!             259,200,000,000, step 86,400,000,000, and the numbers 0, 1, 3
//!             at two bits each: the byte `34`
//! Bytes       for `n` numbers, `n` being known from elsewhere:
//!
//! ```text
//! directory   32 bytes × ⌈n / 128⌉:
//!      0  minimum  u64
//!      8  maximum  u64
//!     16  step     u64   greatest common divisor of all number − minimum;
//!                        0 if all are equal
//!     24  width    u8    bits a number: 0 to 56, or 64
//!     25  offset   u56   where the block begins in `packed`, in bytes
//! packed      of each block, (number − minimum) / step, `width` bits each,
//!             lowest bits first, without gaps; zeros to a multiple of 8
//! end         8 zero bytes
//! ```
//!
//! Why 56      a number of at most 56 bits begins somewhere in one byte and
//!             ends within the seven that follow, one of 64 fills eight bytes
//!             exactly; so every number is one load, one shift, one mask. The
//!             zero bytes at the end let that load happen for the last one too
//! Invariants  (1) minimum and maximum are in the block; both are exact
//!             (2) blocks lie in order without gaps
//! Cost        one number: a directory entry and a word. Building: the memory
//!             of the result, unless there is a scratch file to
//!             [spill](crate::segment::spool) to
//! Next        `unpack.rs`

use super::unpack::Packed;
use crate::bytes::block::UNPACK_MAX;
use crate::bytes::{Lie, U64s};
use crate::segment::spool::{Spool, Spools};
use std::io::{self, Write};

/// Numbers in a block.
pub(super) const BLOCK: usize = 128;

const ENTRY: usize = 32;
const END: usize = 8;
const WIDEST: u32 = 56;

pub(super) const NO_BLOCK: Lie = Lie("a block of values lies outside of its column");

/// Bytes that a block of so many numbers takes.
const fn packed_len(count: usize, width: u32) -> usize {
    (count * width as usize).div_ceil(64) * 8
}

/// Packs the numbers of a block, which is going to begin at `offset`; appends the
/// bytes to `packed`, and returns the block's entry in the directory.
fn pack(numbers: &[u64], offset: u64, packed: &mut Vec<u8>) -> [u8; ENTRY] {
    let (min, max) = bounds(numbers);
    let mut step = 0;
    for number in numbers {
        step = common_divisor(number - min, step);
        if step == 1 {
            break;
        }
    }
    let width = match (max - min).checked_div(step) {
        None => 0,
        Some(largest) => match 64 - largest.leading_zeros() {
            width if width <= WIDEST => width,
            _ => 64,
        },
    };
    if width > 0 {
        let (mut word, mut filled) = (0u64, 0);
        for number in numbers {
            let number = (number - min) / step;
            word |= number << filled;
            filled += width;
            if filled >= 64 {
                packed.extend(word.to_le_bytes());
                filled -= 64;
                // What of the number didn't fit; nothing if it ended flush.
                word = number.checked_shr(width - filled).unwrap_or(0);
            }
        }
        if filled > 0 {
            packed.extend(word.to_le_bytes());
        }
    }
    let mut entry = [0; ENTRY];
    let fields = [min, max, step, offset << 8 | u64::from(width)];
    for (bytes, field) in entry.as_chunks_mut().0.iter_mut().zip(fields) {
        *bytes = field.to_le_bytes();
    }
    entry
}

/// The least and the greatest; zeros of none.
fn bounds(numbers: &[u64]) -> (u64, u64) {
    let bounds = numbers.iter().min().zip(numbers.iter().max());
    bounds.map_or((0, 0), |(min, max)| (*min, *max))
}

/// Builds an array, number after number.
pub(super) struct BlocksBuilder<'s> {
    directory: Spool<'s>,
    packed: Spool<'s>,
    /// The block being filled.
    pending: Vec<u64>,
    len: u64,
}

impl<'s> BlocksBuilder<'s> {
    pub(super) fn new(spools: &'s Spools) -> Self {
        Self {
            directory: Spool::new(spools),
            packed: Spool::new(spools),
            pending: Vec::with_capacity(BLOCK),
            len: 0,
        }
    }

    pub(super) fn push(&mut self, number: u64) -> io::Result<()> {
        self.pending.push(number);
        self.len += 1;
        match self.pending.len() < BLOCK {
            true => Ok(()),
            false => self.end_block(),
        }
    }

    /// Numbers pushed so far.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    fn end_block(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let entry = pack(&self.pending, self.packed.len(), self.packed.end());
        self.directory.end().extend(entry);
        self.pending.clear();
        self.directory.spill()?;
        self.packed.spill()
    }

    /// Ends the last block; returns the array's length in bytes, a multiple of 8.
    pub(super) fn end(&mut self) -> io::Result<u64> {
        self.end_block()?;
        Ok(self.directory.len() + self.packed.len() + END as u64)
    }

    /// Writes the array, which was [ended](Self::end).
    pub(super) fn write_to(self, out: &mut dyn Write) -> io::Result<()> {
        debug_assert!(self.pending.is_empty());
        self.directory.write_to(out)?;
        self.packed.write_to(out)?;
        out.write_all(&[0; END])
    }
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// An array, read in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blocks<'a> {
    len: u64,
    directory: &'a [[u8; ENTRY]],
    /// The directory and what follows it, with the zeros at the end.
    bytes: &'a [u8],
}

/// A bit for each number of a block.
pub(super) type Hits = [u64; HIT_WORDS];

pub(super) const HIT_WORDS: usize = BLOCK / 64;

/// Those of the lowest `count` bits that are in a word.
pub(super) fn lowest(count: usize, word: usize) -> u64 {
    match count.saturating_sub(64 * word) {
        64.. => u64::MAX,
        left => (1 << left) - 1,
    }
}

/// A block's entry in the directory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(super) min: u64,
    pub(super) max: u64,
    step: u64,
    width: u8,
    offset: u64,
}

impl<'a> Blocks<'a> {
    /// The array of `len` numbers in `bytes`, whose length is checked.
    pub(super) fn open(bytes: &'a [u8], len: u64) -> Result<Self, Lie> {
        let directory = len.div_ceil(BLOCK as u64).checked_mul(ENTRY as u64);
        let least = directory.and_then(|length| length.checked_add(END as u64));
        if least.is_none_or(|least| least > bytes.len() as u64) || !bytes.len().is_multiple_of(8) {
            return Err(Lie("a column is shorter than its values need"));
        }
        Ok(Self::trusted(bytes, len))
    }

    /// The array in bytes that were opened before. Never panics; bytes that
    /// were not opened have fewer numbers.
    #[inline]
    pub(super) fn trusted(bytes: &'a [u8], len: u64) -> Self {
        let blocks = usize::try_from(len.div_ceil(BLOCK as u64)).unwrap_or(usize::MAX);
        let at = blocks.saturating_mul(ENTRY).min(bytes.len());
        Self {
            len,
            directory: bytes[..at].as_chunks().0,
            bytes,
        }
    }

    /// The directory's entry of a block.
    #[inline]
    pub(super) fn entry(self, block: u64) -> Option<Entry> {
        let entry = self.directory.get(usize::try_from(block).ok()?)?;
        let numbers = entry.as_chunks::<8>().0;
        let [min, max, step, place] = [0, 1, 2, 3].map(|n| u64::from_le_bytes(numbers[n]));
        Some(Entry {
            min,
            max,
            step,
            width: place as u8,
            offset: place >> 8,
        })
    }

    /// The number at `index`; `None` past the end, or if its block lies outside.
    #[inline]
    pub(super) fn get(self, index: u64) -> Option<u64> {
        if index >= self.len {
            return None;
        }
        let entry = self.entry(index / BLOCK as u64)?;
        // Where the width is 0 any word will do, and behind the last block there is one.
        let bit = index % BLOCK as u64 * u64::from(entry.width);
        let at = self.place(&entry).wrapping_add(bit as usize / 8);
        let word = u64::from_le_bytes(*self.bytes.get(at..)?.first_chunk()?);
        let number = word >> (bit % 8) & MASKS[usize::from(entry.width)];
        Some(entry.min.wrapping_add(number.wrapping_mul(entry.step)))
    }

    /// The numbers of a block; returns how many.
    pub(super) fn decode(self, block: u64, out: &mut [u64; BLOCK]) -> Result<usize, Lie> {
        let entry = self.entry(block).ok_or(NO_BLOCK)?;
        let count = self.count(block);
        if entry.width == 0 {
            out[..count].fill(entry.min);
            return Ok(count);
        }
        let packed = self.packed(&entry, count)?;
        packed.decode(entry.min, entry.step, out);
        Ok(count)
    }

    /// How much each number of a block is above `base`, which none is below; what doesn't
    /// fit in 32 bits is [`u32::MAX`]. Returns how many there are.
    pub(super) fn decode_above(
        self,
        block: u64,
        base: u64,
        out: &mut [u32; BLOCK],
    ) -> Result<usize, Lie> {
        let entry = self.entry(block).ok_or(NO_BLOCK)?;
        let count = self.count(block);
        let [min, max] = [entry.min, entry.max].map(|code| code.wrapping_sub(base));
        if entry.step == 1
            && u32::from(entry.width) <= UNPACK_MAX
            && min <= max
            && max < u64::from(u32::MAX)
        {
            self.packed(&entry, count)?.decode_narrow(min as u32, out);
        } else {
            let mut codes = [0; BLOCK];
            self.decode(block, &mut codes)?;
            for (out, code) in out.iter_mut().zip(codes) {
                *out = u32::try_from(code.wrapping_sub(base)).unwrap_or(u32::MAX);
            }
        }
        Ok(count)
    }

    /// Which of a block's numbers lie in a range, a bit each, the first lowest.
    ///
    /// The range is made one of packed numbers, so that none is unpacked further.
    pub(super) fn within(self, block: u64, low: u64, high: u64) -> Result<Hits, Lie> {
        let entry = self.entry(block).ok_or(NO_BLOCK)?;
        let count = self.count(block);
        if entry.max < low || high < entry.min {
            return Ok([0; HIT_WORDS]);
        }
        let all = low <= entry.min && entry.max <= high;
        if all || entry.width == 0 {
            return Ok(std::array::from_fn(|word| lowest(count, word)));
        }
        let packed = self.packed(&entry, count)?;
        let step = entry.step.max(1);
        let least = low.saturating_sub(entry.min).div_ceil(step);
        let Some(most) = ((high - entry.min) / step).checked_sub(least) else {
            return Ok([0; HIT_WORDS]);
        };
        Ok(packed.within(least, most))
    }

    /// Where a block begins, in bytes; somewhere, if it lies.
    #[inline]
    fn place(&self, entry: &Entry) -> usize {
        size_of_val(self.directory).wrapping_add(entry.offset as usize)
    }

    /// How many numbers a block has.
    fn count(self, block: u64) -> usize {
        let before = block.saturating_mul(BLOCK as u64);
        self.len.saturating_sub(before).min(BLOCK as u64) as usize
    }

    /// The packed numbers of a block, which are so many and have a width.
    fn packed(self, entry: &Entry, count: usize) -> Result<Packed<'a>, Lie> {
        let mask = MASKS[usize::from(entry.width)];
        if mask == 0 {
            return Err(Lie("a block of values has a width that can't be"));
        }
        let length = packed_len(count, entry.width.into()) + END;
        // Before the first block there is the directory.
        let before = self.place(entry).wrapping_sub(1);
        let from_before = self.bytes.get(before..);
        Ok(Packed {
            from_before: from_before
                .filter(|bytes| bytes.len() > length)
                .ok_or(NO_BLOCK)?,
            count,
            width: entry.width.into(),
            mask,
        })
    }

    /// Checks every block; returns the least and the greatest number.
    pub(super) fn verify(self) -> Result<Option<(u64, u64)>, Lie> {
        let mut bounds: Option<(u64, u64)> = None;
        let mut offset = 0;
        let mut numbers = [0; BLOCK];
        for block in 0..self.directory.len() as u64 {
            let entry = self.entry(block).ok_or(NO_BLOCK)?;
            let count = self.decode(block, &mut numbers)?;
            let numbers = &numbers[..count];
            let found = (numbers.iter().min(), numbers.iter().max());
            if found != (Some(&entry.min), Some(&entry.max)) {
                return Err(Lie("a block's bounds are not those of its values"));
            }
            let (low, high) = bounds.unwrap_or((entry.min, entry.max));
            bounds = Some((low.min(entry.min), high.max(entry.max)));
            if entry.offset != offset {
                return Err(Lie("a block of values is not where the one before ends"));
            }
            offset += packed_len(count, entry.width.into()) as u64;
        }
        let packed = &self.bytes[size_of_val(self.directory)..];
        let end = packed.len() as u64 == offset + END as u64;
        let zeros = U64s::new(packed)
            .get((offset / 8) as usize)
            .is_some_and(|end| end == 0);
        if !(end && zeros) {
            return Err(Lie("a column does not end where its values do"));
        }
        Ok(bounds)
    }
}

/// By width its low bits; none for 0, and for a width that is never written.
static MASKS: [u64; 256] = {
    let mut masks = [0; 256];
    let mut width = 1;
    while width <= WIDEST {
        masks[width as usize] = (1 << width) - 1;
        width += 1;
    }
    masks[64] = u64::MAX;
    masks
};
