//! # Spools: bytes that come about side by side and are written one after another
//!
//! Idea        a segment is written from front to back, but a field's lists, terms
//!             and term index grow together, and what must stand before a column
//!             is known behind it. So all but one of them wait in *spools*: a piece
//!             of each in memory and, where there is a scratch file, what came
//!             before it there, in the order in which pieces were full
//! Example     two spools, `a` and `b`, that hold less than four bytes: pushed are
//!             a `one`, b `two`, a `three`, b `four`. The file has `onethree` and
//!             `twofour`, and nothing is in memory but where these lie
//! Invariants  (1) a spool gives back what it was given, in order, with a scratch
//!             file or without
//!             (2) what was pushed between two calls of [`Spool::spill`] stays
//!             together: it comes back in one piece
//!             (3) memory: of a spool twice what it may hold and what is pushed
//!             between two calls, and 16 bytes a piece; without a scratch file all
//! Left out    a file each: what is many at once are the ordinals of segments to be
//!             joined, a hundred maybe
//! Next        `ranges.rs`; then [`writer`](super::writer), which has them

use crate::storage::Scratch;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Makes spools that share a scratch file, if there is one.
#[derive(Default)]
pub(crate) struct Spools {
    shared: Option<Mutex<Shared>>,
}

struct Shared {
    scratch: Box<dyn Scratch>,
    /// Where the next piece begins.
    end: u64,
}

impl Spools {
    /// Without a scratch file all stays in memory.
    pub(super) fn new(scratch: Option<Box<dyn Scratch>>) -> Self {
        let shared = |scratch| Mutex::new(Shared { scratch, end: 0 });
        Self {
            shared: scratch.map(shared),
        }
    }

    fn shared(&self) -> Option<MutexGuard<'_, Shared>> {
        let shared = self.shared.as_ref()?;
        // Whoever panicked here has written a piece that nobody knows of.
        Some(shared.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Frees the scratch file; no spool that was made before may be used.
    pub(super) fn clear(&self) -> io::Result<()> {
        match self.shared() {
            Some(mut shared) if shared.end > 0 => {
                shared.end = 0;
                shared.scratch.clear()
            }
            _ => Ok(()),
        }
    }
}

/// What a spool holds in memory, unless told otherwise.
const HELD: usize = 64 << 10;

/// Some bytes, gathered from front to back.
pub(super) struct Spool<'s> {
    spools: &'s Spools,
    /// What isn't in the scratch file.
    held: Vec<u8>,
    most: usize,
    /// Where each piece in the file begins, and its length.
    pieces: Vec<(u64, usize)>,
    spilled: u64,
}

impl<'s> Spool<'s> {
    pub(super) fn new(spools: &'s Spools) -> Self {
        Self::holding(HELD, spools)
    }

    /// One that holds so many bytes in memory.
    pub(super) fn holding(most: usize, spools: &'s Spools) -> Self {
        Self {
            spools,
            held: Vec::new(),
            most,
            pieces: Vec::new(),
            spilled: 0,
        }
    }

    /// Bytes in all.
    pub(super) fn len(&self) -> u64 {
        self.spilled + self.held.len() as u64
    }

    /// Where bytes are pushed: the end, of which the beginning may be elsewhere.
    #[inline]
    pub(super) fn end(&mut self) -> &mut Vec<u8> {
        &mut self.held
    }

    /// Moves what is in memory to the scratch file, if it is much.
    #[inline]
    pub(super) fn spill(&mut self) -> io::Result<()> {
        match self.held.len() < self.most {
            true => Ok(()),
            false => self.spill_all(),
        }
    }

    #[cold]
    fn spill_all(&mut self) -> io::Result<()> {
        let Some(mut shared) = self.spools.shared() else {
            return Ok(());
        };
        shared.scratch.append(&self.held)?;
        self.pieces.push((shared.end, self.held.len()));
        shared.end += self.held.len() as u64;
        self.spilled += self.held.len() as u64;
        self.held.clear();
        self.held.shrink_to(2 * self.most);
        Ok(())
    }

    /// Hands over all of it, piece by piece.
    pub(super) fn each(self, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut piece = Vec::new();
        for (at, length) in self.pieces {
            piece.resize(length, 0);
            if let Some(mut shared) = self.spools.shared() {
                shared.scratch.read(at, &mut piece)?;
            }
            take(&piece)?;
        }
        take(&self.held)
    }

    /// Writes all of it.
    pub(super) fn write_to(self, out: &mut dyn Write) -> io::Result<()> {
        self.each(|bytes| out.write_all(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Directory, Memory};
    use proptest::prelude::*;

    proptest! {
        /// Invariants (1) and (2).
        #[test]
        fn all_comes_back(pushed in prop::collection::vec((0usize..3, 0usize..9), 0..60)) {
            for scratch in [false, true] {
                let scratch = scratch.then(|| Memory::new().scratch("scratch").unwrap());
                let is_there = scratch.is_some();
                let spools = Spools::new(scratch);
                for _ in 0..2 {
                    let mut all = [0, 1, 2].map(|_| Spool::holding(8, &spools));
                    let mut expected = [vec![], vec![], vec![]];
                    for (number, &(which, length)) in (0..).zip(&pushed) {
                        let bytes = vec![number; length];
                        all[which].end().extend(&bytes);
                        all[which].spill().unwrap();
                        prop_assert!(!is_there || all[which].held.len() < 8);
                        expected[which].push(bytes);
                    }
                    for (spool, expected) in all.into_iter().zip(expected) {
                        prop_assert_eq!(spool.len() as usize, expected.concat().len());
                        let mut found: Vec<u8> = Vec::new();
                        let mut whole = true;
                        spool.each(|piece| {
                            let ends = found.last().zip(piece.first());
                            whole &= ends.is_none_or(|(a, b)| a != b);
                            found.extend(piece);
                            Ok(())
                        }).unwrap();
                        prop_assert!(whole);
                        prop_assert_eq!(found, expected.concat());
                    }
                    spools.clear().unwrap();
                }
            }
        }
    }
}
