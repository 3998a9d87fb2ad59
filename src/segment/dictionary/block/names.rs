//! # Names: which of the terms of a block is the wanted one
//!
//! Idea        no name is put together. How many bytes the wanted one has in common
//!             with a term says, with the bytes that the next shares with that, on
//!             which side of the wanted one this next stands. A term that shares more
//!             departs from the wanted one where the last did: it stands before, too.
//!             One that shares less stands behind, and the search is over. Only if it
//!             shares just as many are its own bytes looked at. So to search is to
//!             skip to the next that shares no more than a number, and the lengths of
//!             eight terms, each in a byte, are compared to it by one subtraction
//! Example     shared 5 2 7 3, and 4 in common so far: 4 + 128 less each, byte by
//!             byte, is 127 130 125 129; those that are at least 128 share no more.
//!             The first is the second term, which shares less
//! Cost        some 20 instructions for each name that is looked at, of which there
//!             are 5 to 10 in a block, and 15 for eight terms
//! Paper       none that we know of; bytes side by side in a word are Knuth's "broadword"
//!             steps, "The Art of Computer Programming", volume 4A, 2011, §7.1.3
//! Next        `dictionary/cursor.rs`

use super::super::BLOCK_TERMS;
use crate::bytes::reader::ENDS_EARLY;
use crate::bytes::{Lie, Reader, varint};
use std::cmp::Ordering;

/// Lengths in a word, words in a block.
const EIGHT: usize = 8;
const WORDS: usize = BLOCK_TERMS as usize / EIGHT;

/// A 1 in each byte; its lowest four bits; its highest bit.
const ONES: u64 = 0x0101_0101_0101_0101;
const LOW: u64 = 0x0f * ONES;
const HIGH: u64 = 0x80 * ONES;

/// Stands for a length of as much or more.
const LONG: u8 = 15;

/// How many bytes are a name's own, and how many it shares, in one byte; what
/// doesn't fit goes to `longer`.
pub(super) fn pair(own: usize, shared: usize, longer: &mut Vec<u8>) -> u8 {
    let mut four_bits = |length: usize| match length.checked_sub(usize::from(LONG)) {
        Some(more) => {
            varint::write(longer, more as u64);
            LONG
        }
        // Less than 15.
        None => length as u8,
    };
    let own = four_bits(own);
    own | (four_bits(shared) << 4)
}

/// The lengths of the names of a block but for the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lengths<'a> {
    pairs: &'a [u8],
    /// What the pairs lack.
    longer: &'a [u8],
    /// The own bytes of all.
    own: usize,
}

impl<'a> Lengths<'a> {
    /// Those of `count` names, at most 31.
    #[inline(always)]
    pub(super) fn read(reader: &mut Reader<'a>, count: usize) -> Result<Self, Lie> {
        let pairs = reader.take(count)?;
        let (mut own, mut long) = (0, 0);
        for word in 0..WORDS {
            let eight = eight(pairs, word);
            own += sums(eight & LOW) >> 56;
            // 15 and 1 is the only sum with a fifth bit.
            long |= ((eight & LOW) + ONES) | ((eight >> 4 & LOW) + ONES);
        }
        let mut lengths = Self {
            pairs,
            longer: &[],
            // At most 31 times 15.
            own: own as usize,
        };
        if long & (0x10 * ONES) != 0 {
            lengths.read_longer(reader)?;
        }
        Ok(lengths)
    }

    #[cold]
    fn read_longer(&mut self, reader: &mut Reader<'a>) -> Result<(), Lie> {
        let bytes = reader.rest();
        let before = reader.position();
        for pair in self.pairs {
            if pair & LONG == LONG {
                self.own += reader.varint_u32()? as usize;
            }
            if pair >> 4 == LONG {
                reader.varint_u32()?;
            }
        }
        self.longer = &bytes[..reader.position() - before];
        Ok(())
    }

    /// The own bytes of all.
    pub(super) fn own_in_all(&self) -> usize {
        self.own
    }

    /// Which of the names `term` is, of which the first is `head`, and whose own bytes
    /// are `names`.
    #[inline(always)]
    pub(super) fn find(&self, head: &[u8], names: &[u8], term: &[u8]) -> Result<Option<u32>, Lie> {
        let (mut common, order) = compare(head, term);
        match order {
            Ordering::Less => {}
            Ordering::Equal => return Ok(Some(0)),
            Ordering::Greater => return Ok(None),
        }
        if !self.longer.is_empty() {
            return self.find_one_by_one(head, names, term);
        }
        let mut before = 0;
        for word in 0..WORDS {
            let eight = eight(self.pairs, word);
            let (own, shared) = (eight & LOW, eight >> 4 & LOW);
            let ends = sums(own);
            let count = self.pairs.len().saturating_sub(EIGHT * word);
            let mut left = match count {
                EIGHT.. => HIGH,
                _ => HIGH & !(u64::MAX << (8 * count)),
            };
            loop {
                // No name shares more than fourteen.
                let most = (common.min(usize::from(LONG)) as u64 * ONES) | HIGH;
                let not_more = (most - shared) & left;
                if not_more == 0 {
                    break;
                }
                let byte = not_more.trailing_zeros() & !7;
                if (shared >> byte & u64::from(LONG)) as usize != common {
                    return Ok(None);
                }
                let end = before + (ends >> byte & 0xff) as usize;
                let start = end - (own >> byte & u64::from(LONG)) as usize;
                let own = names.get(start..end).ok_or(ENDS_EARLY)?;
                let (alike, order) = compare(own, &term[common..]);
                common += alike;
                match order {
                    Ordering::Less => {}
                    Ordering::Equal => return Ok(Some(EIGHT as u32 * word as u32 + byte / 8 + 1)),
                    Ordering::Greater => return Ok(None),
                }
                // Those behind this one.
                left &= u64::MAX << byte << 8;
            }
            before += (ends >> 56) as usize;
        }
        Ok(None)
    }

    /// The same, whatever the lengths.
    #[cold]
    fn find_one_by_one(&self, head: &[u8], names: &[u8], term: &[u8]) -> Result<Option<u32>, Lie> {
        let mut names = Names::new(head, self, names);
        let (_, head) = names.next()?;
        let (mut common, _) = compare(head, term);
        for place in 1..=self.pairs.len() {
            let (shared, own) = names.next()?;
            match shared.cmp(&common) {
                Ordering::Less => return Ok(None),
                Ordering::Greater => continue,
                Ordering::Equal => {}
            }
            let (alike, order) = compare(own, &term[common..]);
            common += alike;
            match order {
                Ordering::Less => {}
                // At most 31.
                Ordering::Equal => return Ok(Some(place as u32)),
                Ordering::Greater => return Ok(None),
            }
        }
        Ok(None)
    }
}

/// Eight of the bytes, the first lowest; zeros past the last.
#[inline(always)]
fn eight(bytes: &[u8], word: usize) -> u64 {
    match bytes.get(EIGHT * word..EIGHT * (word + 1)) {
        Some(eight) => u64::from_le_bytes(std::array::from_fn(|i| eight[i])),
        None => {
            let rest = bytes.get(EIGHT * word..).unwrap_or(&[]).iter().rev();
            rest.fold(0, |word, byte| word << 8 | u64::from(*byte))
        }
    }
}

/// Of each byte, none of which is more than 15, and those before it the sum.
#[inline(always)]
fn sums(bytes: u64) -> u64 {
    bytes.wrapping_mul(ONES)
}

/// How many bytes the two begin with in common, and which stands before.
#[inline(always)]
pub(in crate::segment::dictionary) fn compare(name: &[u8], wanted: &[u8]) -> (usize, Ordering) {
    let pairs = name.iter().zip(wanted);
    let alike = pairs.take_while(|(a, b)| a == b).count();
    (alike, name.get(alike).cmp(&wanted.get(alike)))
}

/// The names of a block, one after the other.
#[derive(Clone, Debug)]
pub(in crate::segment::dictionary) struct Names<'a> {
    /// As long as it is the next.
    head: Option<&'a [u8]>,
    pairs: std::slice::Iter<'a, u8>,
    longer: Reader<'a>,
    /// The own bytes of those that are left.
    names: &'a [u8],
}

impl<'a> Names<'a> {
    pub(super) fn new(head: &'a [u8], lengths: &Lengths<'a>, names: &'a [u8]) -> Self {
        Self {
            head: Some(head),
            pairs: lengths.pairs.iter(),
            longer: Reader::new(lengths.longer),
            names,
        }
    }

    /// Passes over those that share more than so many bytes with the one before;
    /// returns how many these were.
    pub(in crate::segment::dictionary) fn pass(&mut self, most: usize) -> Result<u32, Lie> {
        let mut passed = 0;
        if self.head.is_some() {
            return Ok(passed);
        }
        if self.longer.rest().is_empty() {
            let pairs = self.pairs.as_slice();
            let is_last = |pair: &u8| usize::from(pair >> 4) <= most;
            let count = pairs.iter().position(is_last).unwrap_or(pairs.len());
            let (pairs, rest) = pairs.split_at(count);
            let own = pairs.iter().map(|pair| usize::from(pair & LONG)).sum();
            self.pairs = rest.iter();
            self.names = self.names.get(own..).ok_or(ENDS_EARLY)?;
            // At most 31.
            return Ok(count as u32);
        }
        while self.pairs.len() > 0 {
            let mut next = self.clone();
            let (shared, _) = next.next()?;
            if shared <= most {
                break;
            }
            *self = next;
            passed += 1;
        }
        Ok(passed)
    }

    /// The next name: how many bytes it shares with the one before, and its own.
    pub(in crate::segment::dictionary) fn next(&mut self) -> Result<(usize, &'a [u8]), Lie> {
        if let Some(head) = self.head.take() {
            return Ok((0, head));
        }
        let pair = self.pairs.next().ok_or(ENDS_EARLY)?;
        let mut length = |four_bits: u8| match four_bits {
            LONG => Ok(usize::from(LONG) + self.longer.varint_u32()? as usize),
            _ => Ok(usize::from(four_bits)),
        };
        let (own, shared) = (length(pair & LONG)?, length(pair >> 4)?);
        let (own, rest) = self.names.split_at_checked(own).ok_or(ENDS_EARLY)?;
        self.names = rest;
        Ok((shared, own))
    }
}
