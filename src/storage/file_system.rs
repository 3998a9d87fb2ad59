//! # A directory of the file system: one folder, flat
//!
//! Idea        durable content is `fsync` of the file, durable names are `fsync` of
//!             the folder
//! Lock        the operating system's lock on the open file `lock`, which dies
//!             with its process, so that no crash leaves one behind. The file
//!             holds the number of the process, for the message to others. What a
//!             process has open its children have, too, until they become another
//!             program; so that none of them keeps the lock, it is given back before
//!             the file is closed
//! Writing     a large file is made durable piece by piece, on a thread of its own,
//!             while it is being written, so that little is left to be waited for at
//!             its end: of 132 MB, joined in 0.9 s, 15 to 55 ms instead of 80
//! Units       Linux keeps what one call wrote in units of up to 2 MB where it can,
//!             and since 6.18 whoever touches a byte of a mapped file has all of
//!             its unit in resident memory. So a call writes 64 KiB at most: to join 62
//!             segments, 38 MB were mapped instead of 91, in the same processor time.
//!             But large units are searched faster, as each is one page to the
//!             processor. So a file that [stays](Directory::create_lasting) has these:
//!             intersections in 1.3 GB took 1 to 5 % less beside another engine, their
//!             ten best 8 to 11 % less alone. Of 463 MB, 300 questions then had
//!             369 in resident memory instead of 53. What Linux has dropped meanwhile
//!             comes back in small units. In a virtual machine huge pages may first have
//!             to come from its host: to join 140 MB took 0.65 s or, now and then, 1.0.
//!             So a file must be large
//! Scratch     a file that loses its name at once: the system frees it when it is
//!             closed, however the process ends. It is never made durable, and
//!             what is soon deleted may never reach the device
//! Publishing  a hard link fails if the new name is there, atomically; then
//!             the old name is removed. A rename would replace what is there.
//!             Where there are no hard links the name is looked up before it
//!             is given, which leaves the lock as the only guard
//! Next        `memory.rs`, the same in fewer words

use super::{Bytes, Directory, FileWriter, Lock, Scratch};
use crate::error::{Error, ErrorKind, Result};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

const LOCK: &str = "lock";

/// A folder.
#[derive(Clone, Debug)]
pub struct FileSystem {
    /// As it was given, for messages.
    path: PathBuf,
    /// Where it is, whichever folder the process works in later.
    place: PathBuf,
}

impl FileSystem {
    /// The folder at `path`, which need not be there yet; but then nothing
    /// can be done with it before [`make`](Self::make). A relative path is one from
    /// the folder that the process works in now.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        // Where nobody can tell, as long as the process stays there.
        let place = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
        Self { path, place }
    }

    /// Makes the folder and those above it, where they aren't there, durably.
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io).
    pub fn make(&self) -> Result<()> {
        // The name of each is kept by the folder above.
        let above: Vec<&Path> = self
            .place
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
            .map(|path| match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            })
            .collect();
        fs::create_dir_all(&self.place)
            .map_err(|error| Error::io("creating", &self.path, error))?;
        above.into_iter().try_for_each(sync_folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.place.join(name)
    }

    fn error(what: &str, path: &Path, error: io::Error) -> Error {
        if error.kind() == io::ErrorKind::NotFound {
            let message = format!("{what} {}: there is no such file or folder", path.display());
            return Error::new(ErrorKind::NotFound, message);
        }
        if error.kind() == io::ErrorKind::NotADirectory {
            let message = format!(
                "{what} {}: it is a file, where the folder of an index was expected; check the path",
                path.display()
            );
            return Error::new(ErrorKind::Io, message);
        }
        Error::io(what, path, error)
    }
}

impl Directory for FileSystem {
    fn open(&self, name: &str) -> Result<Bytes> {
        let path = self.file(name);
        let mapped = File::open(&path).and_then(|file| Bytes::map(&file));
        mapped.map_err(|error| Self::error("reading", &path, error))
    }

    fn create(&self, name: &str) -> Result<Box<dyn FileWriter>> {
        Ok(Box::new(Writer::create(self.file(name))?))
    }

    fn create_lasting(&self, name: &str, bytes: u64) -> Result<Box<dyn FileWriter>> {
        if bytes < LARGE {
            return self.create(name);
        }
        Ok(Box::new(LargeWriter {
            writer: Writer::create(self.file(name))?,
            room: UNIT,
            unit: Vec::with_capacity(UNIT),
        }))
    }

    fn scratch(&self, name: &str) -> Result<Box<dyn Scratch>> {
        let path = self.file(name);
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).open(&path);
        let file = file.map_err(|error| Error::io("creating", &path, error))?;
        // Where it must keep its name as long as it is open, it is swept later.
        let _ = fs::remove_file(&path);
        Ok(Box::new(ScratchFile { file, length: 0 }))
    }

    fn publish(&self, from: &str, to: &str) -> Result<()> {
        let (old, new) = (self.file(from), self.file(to));
        let renamed = match fs::hard_link(&old, &new) {
            // That it has two names for a while, or after a crash, hurts
            // nobody: the old one is swept. Nor does it where a system doesn't
            // delete what someone reads, be it a program that looks for viruses.
            Ok(()) => {
                let _ = fs::remove_file(&old);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(taken(&new.display().to_string()));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error),
            Err(_) if new.exists() => return Err(taken(&new.display().to_string())),
            Err(_) => fs::rename(&old, &new),
        };
        renamed.map_err(|error| Self::error("renaming", &old, error))
    }

    fn delete(&self, name: &str) -> Result<()> {
        let path = self.file(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io("deleting", path, error))
            }
            _ => Ok(()),
        }
    }

    fn list(&self) -> Result<Vec<String>> {
        let listed = || -> io::Result<Vec<String>> {
            let mut names = Vec::new();
            for entry in fs::read_dir(&self.place)? {
                // A name that isn't Unicode is none of ours.
                names.extend(entry?.file_name().into_string().ok());
            }
            names.sort_unstable();
            Ok(names)
        };
        listed().map_err(|error| Self::error("reading", &self.path, error))
    }

    fn sync(&self) -> Result<()> {
        sync_folder(&self.place)
    }

    fn lock(&self) -> Result<Box<dyn Lock>> {
        let path = self.file(LOCK);
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let mut file = opened.map_err(|error| {
            Error::io(
                "opening the writer's lock (searching needs none)",
                &path,
                error,
            )
        })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Without it, as on Windows, the message is only less helpful.
                let _ = file.take(20).read_to_string(&mut holder);
                return Err(locked(&self.describe(), holder.trim()));
            }
            Err(TryLockError::Error(error)) => return Err(Error::io("locking", path, error)),
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(|error| Error::io("writing", &path, error))?;
        Ok(Box::new(HeldLock {
            file,
            process: std::process::id(),
        }))
    }

    fn describe(&self) -> String {
        self.path.display().to_string()
    }

    fn describe_file(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }
}

/// Makes the names in a folder durable.
fn sync_folder(path: &Path) -> Result<()> {
    // Elsewhere a folder can't be opened, and a name is as durable as the file.
    if cfg!(unix) {
        let synced = File::open(path).and_then(|folder| folder.sync_all());
        return synced.map_err(|error| Error::io("syncing", path, error));
    }
    Ok(())
}

/// The error of a name that was given already.
pub(crate) fn taken(path: &str) -> Error {
    Error::new(
        ErrorKind::Locked,
        format!(
            "{path} exists: another writer has committed in the meantime; \
             open the index again and repeat what was not committed"
        ),
    )
}

/// The error of a lock that another has.
pub(super) fn locked(place: &str, holder: &str) -> Error {
    let holder = match holder {
        "" => "another process".to_owned(),
        number if number == std::process::id().to_string() => {
            format!("process {number}, which is this one,")
        }
        number => format!("process {number}"),
    };
    Error::new(
        ErrorKind::Locked,
        format!(
            "the index {place} is locked: {holder} is writing to it; \
             wait for it to finish, or stop it"
        ),
    )
}

/// Bytes that are made durable at once, while more are written.
const PIECE: usize = 16 << 20;

/// Bytes that are written at once, at most: see *Units* above.
pub(super) const AT_ONCE: usize = 64 << 10;

/// Bytes of a lasting file from which on it is written in large units.
pub(super) const LARGE: u64 = 256 << 20;

/// Bytes of a large unit: the size of a huge page.
pub(super) const UNIT: usize = 2 << 20;

struct Writer {
    file: File,
    path: PathBuf,
    /// Bytes since the last time that they were to be made durable.
    written: usize,
    /// Makes durable what was written before it began.
    syncing: Option<JoinHandle<io::Result<()>>>,
}

impl Writer {
    fn create(path: PathBuf) -> Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        match file {
            Ok(file) => Ok(Self {
                file,
                path,
                written: 0,
                syncing: None,
            }),
            Err(error) => Err(Error::io("creating", path, error)),
        }
    }

    /// Writes by one call, and begins to make durable what has come to be enough.
    fn write_at_once(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written >= PIECE {
            self.begin_sync()?;
        }
        let written = self.file.write(bytes)?;
        self.written += written;
        Ok(written)
    }

    /// Begins to make durable what was written, unless that is going on; but never
    /// waits, and does without where there can be no thread.
    fn begin_sync(&mut self) -> io::Result<()> {
        if self
            .syncing
            .as_ref()
            .is_some_and(|sync| !sync.is_finished())
        {
            return Ok(());
        }
        self.end_sync()?;
        self.written = 0;
        if let Ok(file) = self.file.try_clone() {
            let thread = thread::Builder::new().name("wordhoard-sync".to_owned());
            self.syncing = thread.spawn(move || file.sync_data()).ok();
        }
        Ok(())
    }

    /// Waits for it. The system tells of an error once, and here is who heard it.
    fn end_sync(&mut self) -> io::Result<()> {
        match self.syncing.take().map(JoinHandle::join) {
            Some(Ok(synced)) => synced,
            Some(Err(_)) => Err(io::Error::other("the thread that synced it panicked")),
            None => Ok(()),
        }
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_at_once(&bytes[..bytes.len().min(AT_ONCE)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl FileWriter for Writer {
    fn finish(mut self: Box<Self>) -> Result<()> {
        self.end_sync()
            .and_then(|()| self.file.sync_all())
            .map_err(|error| Error::io("syncing", &self.path, error))
    }
}

/// Writes whole units, each of which begins at a multiple of its size.
struct LargeWriter {
    writer: Writer,
    /// What the unit lacks.
    room: usize,
    unit: Vec<u8>,
}

impl LargeWriter {
    /// Writes what there is of the unit, by one call if the system takes all of it.
    fn write_out(&mut self) -> io::Result<()> {
        while !self.unit.is_empty() {
            match self.writer.write_at_once(&self.unit) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => drop(self.unit.drain(..written)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Write for LargeWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            self.write_out()?;
            self.room = UNIT;
        }
        let taken = bytes.len().min(self.room);
        self.unit.extend_from_slice(&bytes[..taken]);
        self.room -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_out()?;
        self.writer.flush()
    }
}

impl FileWriter for LargeWriter {
    fn finish(mut self: Box<Self>) -> Result<()> {
        self.write_out()
            .map_err(|error| Error::io("writing", &self.writer.path, error))?;
        Box::new(self.writer).finish()
    }
}

struct ScratchFile {
    file: File,
    length: u64,
}

impl Scratch for ScratchFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn read(&mut self, at: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(out)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.length = 0;
        self.file.set_len(0)
    }
}

#[derive(Debug)]
struct HeldLock {
    file: File,
    /// The one that has it.
    process: u32,
}

impl Lock for HeldLock {}

impl Drop for HeldLock {
    fn drop(&mut self) {
        // One that came of this by `fork` has a copy, and mustn't give back what isn't its.
        if self.process == std::process::id() {
            // Closing the file does it otherwise, unless a child has it.
            let _ = self.file.unlock();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else a file would count as durable of which the system has lost a piece.
    #[test]
    fn an_error_of_a_piece_is_told_by_what_comes_next() {
        let folder = tempfile::tempdir().unwrap();
        let lost = || {
            let thread = thread::spawn(|| Err(io::Error::other("a piece was lost")));
            while !thread.is_finished() {
                thread::yield_now();
            }
            Some(thread)
        };
        let mut writer = Writer::create(folder.path().join("a")).unwrap();
        (writer.syncing, writer.written) = (lost(), PIECE);
        let error = writer.write(b"more").unwrap_err();
        assert_eq!(error.to_string(), "a piece was lost");
        writer.write_all(b"more").unwrap();
        writer.syncing = lost();
        let error = Box::new(writer).finish().unwrap_err().to_string();
        assert!(error.contains("a piece was lost"), "{error}");
    }
}
