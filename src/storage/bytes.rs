//! # Bytes: shared by many holders, in memory or mapped from a file
//!
//! Idea        a section of a file is a range of bytes and a share of whatever owns
//!             them; the last holder frees them
//! Invariants  (1) a range lies within its owner's bytes
//!             (2) a mapped file is never changed: see the `unsafe` below
//! Cost        to clone or to cut out a slice: a counter goes up, nothing is copied
//! Next        `file_system.rs`

use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Shared bytes; cloning and slicing copy nothing.
///
/// ```
/// use wordhoard::storage::Bytes;
///
/// let bytes = Bytes::from(b"hoard of words".to_vec());
/// assert_eq!(&*bytes.slice(9..14), b"words");
/// ```
#[derive(Clone)]
pub struct Bytes {
    owner: Arc<Owner>,
    /// Within the owner's bytes, always.
    range: Range<usize>,
}

enum Owner {
    Memory(Vec<u8>),
    Mapped(Mmap),
}

impl Bytes {
    /// Maps a file. Its content must not change from now on.
    pub(super) fn map(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            // Some systems can't map nothing.
            return Ok(Self::from(Vec::new()));
        }
        // SAFETY: a mapping is sound as long as nobody changes the file under
        // it. This crate never changes a finished file, only deletes it, which
        // leaves the mapping valid (invariant (4) of the chapter). Another
        // program that writes into an index breaks that, as it would for any
        // user of mmap; one that cuts it short, and a disk that fails, end
        // whoever reads there (SIGBUS).
        let mapped = unsafe { Mmap::map(file)? };
        let range = 0..mapped.len();
        Ok(Self {
            owner: Arc::new(Owner::Mapped(mapped)),
            range,
        })
    }

    /// Tells the system that nobody will read these bytes soon: the memory that
    /// a mapped file takes is given back, and read anew when it is wanted.
    pub(crate) fn release(&self) {
        #[cfg(unix)]
        if let Owner::Mapped(mapped) = &*self.owner {
            // SAFETY: dropping the pages of a shared mapping of a file that
            // nobody writes to loses nothing: whoever reads them next, or holds
            // a reference to them now, gets the same bytes from the file.
            let advised = unsafe {
                mapped.unchecked_advise_range(
                    memmap2::UncheckedAdvice::DontNeed,
                    self.range.start,
                    self.range.len(),
                )
            };
            // It is advice: that it isn't taken costs memory, nothing else.
            drop(advised);
        }
    }

    /// A part of these bytes.
    ///
    /// # Panics
    /// If `range` isn't within them, as slicing does.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        assert!(
            range.start <= range.end && range.end <= self.len(),
            "a slice outside of its bytes"
        );
        let start = self.range.start;
        Self {
            owner: self.owner.clone(),
            range: start + range.start..start + range.end,
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        let all: &[u8] = match &*self.owner {
            Owner::Memory(bytes) => bytes,
            Owner::Mapped(bytes) => bytes,
        };
        &all[self.range.clone()]
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        let range = 0..bytes.len();
        Self {
            owner: Arc::new(Owner::Memory(bytes)),
            range,
        }
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bytes({})", self.len())
    }
}
