//! A directory in memory: for tests, and for indexes that needn't last.

use super::{Bytes, Directory, FileWriter, Lock};
use crate::error::{Error, ErrorKind, Result};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Files in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: Arc<Mutex<BTreeMap<String, Bytes>>>,
    locked: Arc<AtomicBool>,
}

impl Memory {
    /// A directory without files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        // Nothing panics while it is held; if it did, the map would be whole.
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Directory for Memory {
    fn open(&self, name: &str) -> Result<Bytes> {
        let file = self.files().get(name).cloned();
        file.ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("there is no file {}", self.describe_file(name)),
            )
        })
    }

    fn create(&self, name: &str) -> Result<Box<dyn FileWriter>> {
        let mut files = self.files();
        if files.contains_key(name) {
            return Err(Error::io(
                "creating",
                self.describe_file(name),
                io::ErrorKind::AlreadyExists.into(),
            ));
        }
        files.insert(name.to_owned(), Bytes::from(Vec::new()));
        Ok(Box::new(MemoryWriter {
            directory: self.clone(),
            name: name.to_owned(),
            bytes: Vec::new(),
        }))
    }

    fn publish(&self, from: &str, to: &str) -> Result<()> {
        let mut files = self.files();
        if files.contains_key(to) {
            return Err(super::file_system::taken(&self.describe_file(to)));
        }
        let file = files.remove(from).ok_or_else(|| {
            Error::io(
                "renaming",
                self.describe_file(from),
                io::ErrorKind::NotFound.into(),
            )
        })?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<()> {
        self.files().remove(name);
        Ok(())
    }

    fn list(&self) -> Result<Vec<String>> {
        Ok(self.files().keys().cloned().collect())
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
        let bytes = Bytes::from(self.bytes);
        self.directory.files().insert(self.name, bytes);
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
