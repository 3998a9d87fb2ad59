//! # Ends: where each of many short blocks ends
//!
//! Idea        blocks that lie one after the other need but one number each to be
//!             found: where it ends, and the next begins. That grows with the list,
//!             but for 32 blocks at a time it fits in two bytes, once it is known
//!             where the 32 begin
//! Example     33 blocks of 100 bytes: 3200 · 100, 200 … 3200, 100
//! Bytes       of m blocks:
//!
//! ```text
//! | base u32 × ((m - 1) / 32) | end u16 × m |
//!   where block 32, 64 … begins   where each ends, past the base before it
//! ```
//!
//! Invariants  (1) 32 blocks have less than 2¹⁶ bytes
//! Cost        two loads for one
//! Next        [`find`](super::find)

use super::U32s;

/// Blocks that share a base.
const GROUP: usize = 32;

/// The ends, read in place.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ends<'a> {
    bases: U32s<'a>,
    ends: &'a [[u8; 2]],
}

impl<'a> Ends<'a> {
    /// The bytes that the ends of so many blocks take; `None` if that is too much.
    pub(crate) fn len(blocks: usize) -> Option<usize> {
        blocks.checked_mul(2)?.checked_add(Self::bases(blocks) * 4)
    }

    fn bases(blocks: usize) -> usize {
        blocks.saturating_sub(1) / GROUP
    }

    /// The ends of so many blocks in as many bytes as they take.
    pub(crate) fn new(blocks: usize, bytes: &'a [u8]) -> Self {
        let (bases, ends) = bytes.split_at((Self::bases(blocks) * 4).min(bytes.len()));
        Self {
            bases: U32s::new(bases),
            ends: ends.as_chunks().0,
        }
    }

    /// Where a block ends; `None` past the last.
    #[inline]
    pub(crate) fn get(self, block: usize) -> Option<u32> {
        let end = u16::from_le_bytes(*self.ends.get(block)?);
        let base = match block / GROUP {
            0 => 0,
            group => self.bases.get(group - 1)?,
        };
        Some(base.saturating_add(u32::from(end)))
    }

    /// Where a block begins.
    #[inline]
    pub(crate) fn start(self, block: usize) -> Option<u32> {
        match block {
            0 => Some(0),
            _ => self.get(block - 1),
        }
    }
}

/// Appends the ends.
pub(crate) fn write(ends: &[u32], out: &mut Vec<u8>) {
    let bases = || ends.chunks(GROUP).filter_map(<[u32]>::last).copied();
    let more = ends.len().saturating_sub(1) / GROUP;
    out.extend(bases().take(more).flat_map(u32::to_le_bytes));
    for (group, base) in ends.chunks(GROUP).zip(std::iter::once(0).chain(bases())) {
        debug_assert!(group.iter().all(|end| end - base <= u32::from(u16::MAX)));
        // Invariant (1).
        out.extend(
            group
                .iter()
                .flat_map(|end| ((end - base) as u16).to_le_bytes()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_true() {
        let ends: Vec<u32> = (1..=33).map(|block| block * 100).collect();
        let mut bytes = Vec::new();
        write(&ends, &mut bytes);
        let numbers: Vec<u16> = std::iter::once(3200)
            .chain([0])
            .chain((1..=32).map(|n| n * 100))
            .chain([100])
            .collect();
        let expected: Vec<u8> = numbers
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
        assert_eq!(bytes, expected);
    }

    #[test]
    fn ends_come_back() {
        for count in 0..200 {
            let ends: Vec<u32> = (1..=count).map(|block| block * 2000 + block % 7).collect();
            let mut bytes = Vec::new();
            write(&ends, &mut bytes);
            assert_eq!(Ends::len(ends.len()), Some(bytes.len()));
            let read = Ends::new(ends.len(), &bytes);
            for (block, end) in ends.iter().enumerate() {
                assert_eq!(read.get(block), Some(*end));
                assert_eq!(read.start(block + 1), Some(*end));
            }
            assert_eq!(read.start(0), Some(0));
            assert_eq!(read.get(ends.len()), None);
        }
    }
}
