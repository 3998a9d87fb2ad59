//! # Presence: which documents have a value, and how many before them
//!
//! Idea        a bit a document; and, so that not all bits before one must be
//!             counted, how many are set before every 512th
//! Example     bits 1101, the lowest first on the right: document 2 has a value, and
//!             one document before it has
//! Invariants  (1) and (3) of the chapter: bits that lie give wrong ranks, no panic
//! Cost        a rank O(1): at most eight words are counted
//! Paper       Jacobson, "Space-efficient static trees and graphs", 1989: rank by
//!             counts kept at intervals
//! Next        `codes.rs`

use crate::bytes::{Lie, U32s, U64s, padding};
use std::io::{self, Write};

/// Words of presence for each rank.
const RANK_WORDS: usize = 8;

fn words_of(documents: u32) -> usize {
    documents.div_ceil(64) as usize
}

/// Bytes of the places of an optional column.
pub(super) fn len(documents: u32) -> usize {
    let words = words_of(documents);
    (words * 8 + words.div_ceil(RANK_WORDS) * 4).next_multiple_of(8)
}

/// Writes them.
pub(super) fn write(words: &[u64], out: &mut dyn Write) -> io::Result<()> {
    for word in words {
        out.write_all(&word.to_le_bytes())?;
    }
    let mut rank = 0u32;
    for words in words.chunks(RANK_WORDS) {
        out.write_all(&rank.to_le_bytes())?;
        rank += words.iter().map(|word| word.count_ones()).sum::<u32>();
    }
    let ranks = words.len().div_ceil(RANK_WORDS) * 4;
    out.write_all(padding(ranks as u64))
}

/// The places of an optional column: a bit a document, and how many are set
/// before every 512th.
#[derive(Clone, Copy)]
pub(super) struct Presence<'a> {
    bits: U64s<'a>,
    ranks: U32s<'a>,
}

impl<'a> Presence<'a> {
    /// The places of a column of so many documents; their length was checked when
    /// it was opened.
    #[inline]
    pub(super) fn of(places: &'a [u8], documents: u32) -> Self {
        let words = words_of(documents) * 8;
        let (bits, ranks) = places.split_at(words.min(places.len()));
        Self {
            bits: U64s::new(bits),
            ranks: U32s::new(ranks),
        }
    }

    /// How many words of bits there are.
    #[inline]
    pub(super) fn words(self) -> usize {
        self.bits.len()
    }

    /// The bits of 64 documents.
    #[inline]
    pub(super) fn word(self, index: usize) -> u64 {
        self.bits.get(index).unwrap_or(0)
    }

    #[inline]
    fn has(self, document: u32) -> bool {
        self.word(document as usize / 64) >> (document % 64) & 1 == 1
    }

    /// The place of a document's code, if it has one.
    #[inline]
    pub(super) fn place(self, document: u32) -> Option<u64> {
        self.has(document).then(|| self.rank(document))
    }

    /// How many documents before this one have a value.
    #[inline]
    pub(super) fn rank(self, document: u32) -> u64 {
        let word = document as usize / 64;
        let sample = word / RANK_WORDS;
        let mut rank = u64::from(self.ranks.get(sample).unwrap_or(0));
        for index in sample * RANK_WORDS..word {
            rank += u64::from(self.word(index).count_ones());
        }
        let below = self.word(word) & ((1 << (document % 64)) - 1);
        rank + u64::from(below.count_ones())
    }

    pub(super) fn verify(self, documents: u32, values: u64) -> Result<(), Lie> {
        let mut rank = 0;
        for index in 0..self.bits.len() {
            if index.is_multiple_of(RANK_WORDS)
                && self.ranks.get(index / RANK_WORDS).map(u64::from) != Some(rank)
            {
                return Err(Lie("a column's rank is not the count of its bits"));
            }
            rank += u64::from(self.word(index).count_ones());
        }
        if rank != values {
            return Err(Lie("a column has other bits than values"));
        }
        let past = documents % 64;
        if past > 0 && self.word(self.bits.len() - 1) >> past != 0 {
            return Err(Lie("a column has a value for no document"));
        }
        Ok(())
    }
}

/// Ranks of documents that ascend: the bits of each word are counted once.
pub(super) struct Ranks<'a> {
    presence: Presence<'a>,
    /// The word of the document asked about last, and how many have a value before it.
    word: usize,
    before: u64,
}

impl<'a> Ranks<'a> {
    pub(super) fn of(presence: Presence<'a>) -> Self {
        Self {
            presence,
            word: 0,
            before: 0,
        }
    }

    /// The place of a document's code, if it has one.
    #[inline]
    pub(super) fn place(&mut self, document: u32) -> Option<u64> {
        let word = document as usize / 64;
        if word.wrapping_sub(self.word) >= RANK_WORDS {
            (self.word, self.before) = (word, self.presence.rank(document / 64 * 64));
        }
        while self.word < word {
            self.before += u64::from(self.presence.word(self.word).count_ones());
            self.word += 1;
        }
        let bits = self.presence.word(word);
        let bit = document % 64;
        let below = bits & ((1 << bit) - 1);
        (bits >> bit & 1 == 1).then(|| self.before + u64::from(below.count_ones()))
    }
}
