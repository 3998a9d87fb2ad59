//! # A directory in memory: for tests, and for indexes that needn't last
//!
//! Idea        a map from names to bytes. What the file system does for an open file
//!             that is deleted, a number for each file does here
//! Next        [`crate::document`]

use super::{Bytes, Directory, FileWriter, Lock, Scratch};
use crate::error::{Error, ErrorKind, Result};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Files in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: Arc<Mutex<Files>>,
    locked: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Files {
    /// How many there ever were; numbers them.
    created: u64,
    /// Name to number and content.
    named: BTreeMap<String, (u64, Bytes)>,
}

impl Memory {
    /// A directory without files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        // Nothing panics while it is held; if it did, the map would be whole.
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Directory for Memory {
    fn open(&self, name: &str) -> Result<Bytes> {
        let file = self.files().named.get(name).cloned();
        file.map(|(_, bytes)| bytes).ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("there is no file {}", self.describe_file(name)),
            )
        })
    }

    fn create(&self, name: &str) -> Result<Box<dyn FileWriter>> {
        let mut files = self.files();
        if files.named.contains_key(name) {
            return Err(Error::io(
                "creating",
                self.describe_file(name),
                io::ErrorKind::AlreadyExists.into(),
            ));
        }
        files.created += 1;
        let number = files.created;
        let empty = (number, Bytes::from(Vec::new()));
        files.named.insert(name.to_owned(), empty);
        Ok(Box::new(MemoryWriter {
            directory: self.clone(),
            name: name.to_owned(),
            number,
            bytes: Vec::new(),
        }))
    }

    fn scratch(&self, _: &str) -> Result<Box<dyn Scratch>> {
        Ok(Box::<MemoryScratch>::default())
    }

    fn publish(&self, from: &str, to: &str) -> Result<()> {
        let mut files = self.files();
        if files.named.contains_key(to) {
            return Err(super::file_system::taken(&self.describe_file(to)));
        }
        let file = files.named.remove(from).ok_or_else(|| {
            Error::io(
                "renaming",
                self.describe_file(from),
                io::ErrorKind::NotFound.into(),
            )
        })?;
        files.named.insert(to.to_owned(), file);
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<()> {
        self.files().named.remove(name);
        Ok(())
    }

    fn list(&self) -> Result<Vec<String>> {
        Ok(self.files().named.keys().cloned().collect())
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }

    fn lock(&self) -> Result<Box<dyn Lock>> {
        if self.locked.swap(true, Ordering::AcqRel) {
            let holder = std::process::id().to_string();
            return Err(super::file_system::locked(&self.describe(), &holder));
        }
        Ok(Box::new(MemoryLock(self.locked.clone())))
    }

    fn describe(&self) -> String {
        "(in memory)".to_owned()
    }
}

struct MemoryWriter {
    directory: Memory,
    name: String,
    number: u64,
    bytes: Vec<u8>,
}

impl Write for MemoryWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl FileWriter for MemoryWriter {
    fn finish(self: Box<Self>) -> Result<()> {
        // As with a file that is open: one that was deleted in the meantime
        // stays so, even if its name was given again.
        if let Some((number, bytes)) = self.directory.files().named.get_mut(&self.name)
            && *number == self.number
        {
            *bytes = Bytes::from(self.bytes);
        }
        Ok(())
    }
}

/// It never needed the name.
#[derive(Default)]
struct MemoryScratch(Vec<u8>);

impl Scratch for MemoryScratch {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn read(&mut self, at: u64, out: &mut [u8]) -> io::Result<()> {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let mut bytes = self.0.get(at..).unwrap_or_default();
        io::Read::read_exact(&mut bytes, out)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.0 = Vec::new();
        Ok(())
    }
}

#[derive(Debug)]
struct MemoryLock(Arc<AtomicBool>);

impl Lock for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
