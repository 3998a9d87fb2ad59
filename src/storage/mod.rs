//! # Storage: where bytes live, and what "durable" means
//!
//! Idea        an index needs little of a file system: write a file once from
//!             front to back, give it its name, read it whole, delete it. So
//!             that is the whole of [`Directory`]; files, memory, or something
//!             of your own stand behind it
//! Example     how a commit becomes durable, and where a crash leaves it:
//!
//! ```text
//!   create "a.new", write, finish      a crash leaves a file that nothing
//!                                      names; the next writer sweeps it
//!   publish "a.new" as "manifest-7"    readers see all of it or nothing
//!   sync                               from here on it survives a power cut
//! ```
//!
//! Rooms       `bytes`: shared bytes, in memory or mapped. `file_system`:
//!             files, `fsync`, the lock of the operating system. `memory`: for
//!             tests and small indexes
//! Invariants  (1) what [`FileWriter::finish`] has returned `Ok` for is on the
//!             device, under whatever name
//!             (2) a *name* is durable only after [`Directory::sync`]
//!             (3) [`Directory::publish`] gives a name at most once: of two
//!             that try, one gets an error. Commits are numbered by it
//!             (4) a file is never changed once it is finished, so what is
//!             mapped stays what it was, even after it was deleted
//!             (5) [`Scratch`] promises nothing but to give back what it was
//!             given while it is held; whoever finds its name may delete it
//! Left out    a cache of pages: the operating system has one. Reading ranges
//!             over a network: an index would be slow in ways nobody could
//!             explain
//! Next        `bytes.rs`; or on to [`crate::document`]

mod bytes;
mod file_system;
mod memory;

#[cfg(test)]
mod tests;

pub use bytes::Bytes;
pub use file_system::FileSystem;
pub use memory::Memory;

pub(crate) use file_system::taken;

use crate::error::{Error, Result};
use std::fmt::Debug;
use std::io::{self, Write};

/// A place for the files of one index.
///
/// Names are plain file names, without separators.
pub trait Directory: Send + Sync + Debug {
    /// The whole file.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such file,
    /// [`Io`](crate::ErrorKind::Io) if it can't be read.
    fn open(&self, name: &str) -> Result<Bytes>;

    /// Begins a new file.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io), also if the file exists.
    fn create(&self, name: &str) -> Result<Box<dyn FileWriter>>;

    /// Begins a new file that is going to stay, and to have about so many bytes: it will
    /// be read for long, a little here and a little there. A directory may lay it out for
    /// that; unless it does, the file is [created](Self::create) like any.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    fn create_lasting(&self, name: &str, bytes: u64) -> Result<Box<dyn FileWriter>> {
        let _ = bytes;
        self.create(name)
    }

    /// Begins a file for what there is no room for in memory, for a while.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io), also if the file exists.
    fn scratch(&self, name: &str) -> Result<Box<dyn Scratch>>;

    /// Gives the finished file `from` the name `to` instead, at once: nobody
    /// sees a part of it. Invariant (3).
    ///
    /// # Errors
    /// [`Locked`](crate::ErrorKind::Locked) if there is a file `to`, since
    /// another writer took the name; [`Io`](crate::ErrorKind::Io) else.
    fn publish(&self, from: &str, to: &str) -> Result<()>;

    /// Deletes a file; that it isn't there is no error.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io), as for a file that someone has mapped, on
    /// Windows.
    fn delete(&self, name: &str) -> Result<()>;

    /// The names of all files, ascending.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if the directory isn't there,
    /// [`Io`](crate::ErrorKind::Io) if it can't be read.
    fn list(&self) -> Result<Vec<String>>;

    /// Makes the names durable that were given and taken so far.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io).
    fn sync(&self) -> Result<()>;

    /// Takes the lock that only one writer can have, in this process or any
    /// other; dropping the result, or dying, releases it.
    ///
    /// # Errors
    /// [`Locked`](crate::ErrorKind::Locked), naming the process that has it;
    /// [`Io`](crate::ErrorKind::Io).
    fn lock(&self) -> Result<Box<dyn Lock>>;

    /// What to call this place in messages.
    fn describe(&self) -> String;

    /// What to call a file in it in messages.
    fn describe_file(&self, name: &str) -> String {
        format!("{}/{name}", self.describe())
    }
}

/// A file being written. Dropping it unfinished leaves it without meaning.
pub trait FileWriter: Write + Send {
    /// Ends the file; when this returns `Ok`, its content is durable.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io).
    fn finish(self: Box<Self>) -> Result<()>;
}

/// A file that goes with its handle: invariant (5).
///
/// It needs its name only to be begun. Where the system lets an open file lose its
/// name it has none from then on, so that nothing is left if the process dies.
pub trait Scratch: Send {
    /// Adds bytes at the end.
    ///
    /// # Errors
    /// Those of the system; then what is at the end is anything.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Reads as many bytes as there is room for in `out`, from `at` on.
    ///
    /// # Errors
    /// Those of the system, and if there aren't so many.
    fn read(&mut self, at: u64, out: &mut [u8]) -> io::Result<()>;

    /// Forgets all bytes, so that the next are at 0.
    ///
    /// # Errors
    /// Those of the system.
    fn clear(&mut self) -> io::Result<()>;
}

/// The writers' lock, held.
pub trait Lock: Send + Sync + Debug {}

/// Writes a whole file durably.
///
/// # Errors
/// [`Io`](crate::ErrorKind::Io).
pub(crate) fn write_file(directory: &dyn Directory, name: &str, bytes: &[u8]) -> Result<()> {
    let mut file = directory.create(name)?;
    file.write_all(bytes)
        .map_err(|error| Error::io("writing", directory.describe_file(name), error))?;
    file.finish()
}
