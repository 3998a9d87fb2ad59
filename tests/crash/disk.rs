//! A disk that fails on purpose. It forgets at a power cut what it hasn't
//! promised to keep, and nothing else.
//!
//! What it promises is what [`Directory`] does: the content of a file whose
//! `finish` returned, and the names there were at the last `sync`. All else is
//! up to chance: a name that was given or taken since may be there or not, each
//! by itself; a file that wasn't finished may hold all, nothing, a part, or
//! rubbish. A scratch file keeps its name until it is dropped, as where the system
//! doesn't take it from a file that is open; who dies leaves it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use wordhoard::storage::{Bytes, Directory, FileWriter, Lock, Scratch};
use wordhoard::{Error, ErrorKind, Result};

/// When an operation fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    Never,
    /// The operation of this number does, and no other.
    Once(u64),
    /// This one does, and all after it: the power is gone.
    From(u64),
    /// Whatever a merge in the background does.
    Merging,
}

/// What becomes of the things that the disk has promised nothing about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unsynced {
    Lost,
    Kept,
    /// Each by itself, by lot.
    Mixed(u64),
}

#[derive(Clone, Debug, Default)]
struct File {
    bytes: Vec<u8>,
    finished: bool,
}

#[derive(Debug)]
struct State {
    /// All that ever were; names point here.
    files: Vec<File>,
    names: BTreeMap<String, usize>,
    /// At the last `sync`.
    durable: BTreeMap<String, usize>,
    locked: bool,
    /// Whether the lock keeps anybody out.
    locks: bool,
    operations: u64,
    fault: Fault,
    /// Whether what fails has happened nevertheless, or in part.
    half_done: bool,
    /// Bytes that can still be written.
    space: usize,
    /// Bytes that scratch files were given.
    scratched: u64,
    /// Names of files that were to last.
    lasting: Vec<String>,
}

/// The disk. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Mutex<State>>);

impl Disk {
    pub fn new() -> Self {
        Self::with(Vec::new(), BTreeMap::new())
    }

    fn with(files: Vec<File>, names: BTreeMap<String, usize>) -> Self {
        Self(Arc::new(Mutex::new(State {
            files,
            durable: names.clone(),
            names,
            locked: false,
            locks: true,
            operations: 0,
            fault: Fault::Never,
            half_done: false,
            space: usize::MAX,
            scratched: 0,
            lasting: Vec::new(),
        })))
    }

    fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }

    pub fn set_fault(&self, fault: Fault, half_done: bool) {
        self.state(|state| (state.fault, state.half_done) = (fault, half_done));
    }

    pub fn set_space(&self, bytes: usize) {
        self.state(|state| state.space = bytes);
    }

    /// From now on the lock is anybody's, as on some network file systems.
    pub fn break_locks(&self) {
        self.state(|state| state.locks = false);
    }

    pub fn operations(&self) -> u64 {
        self.state(|state| state.operations)
    }

    pub fn scratched(&self) -> u64 {
        self.state(|state| state.scratched)
    }

    /// Files that were to last, in the order of their creation.
    pub fn lasting(&self) -> Vec<String> {
        self.state(|state| state.lasting.clone())
    }

    pub fn names(&self) -> Vec<String> {
        self.state(|state| state.names.keys().cloned().collect())
    }

    /// The disk as it is when the power comes back.
    pub fn after_power_cut(&self, unsynced: Unsynced) -> Self {
        self.state(|state| {
            let mut lot = match unsynced {
                Unsynced::Mixed(seed) => seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
                _ => 1,
            };
            let mut draw = |sides: u64| {
                lot ^= lot << 13;
                lot ^= lot >> 7;
                lot ^= lot << 17;
                (lot >> 33) % sides
            };
            let mut names = BTreeMap::new();
            for name in state.durable.keys().chain(state.names.keys()) {
                let (old, new) = (state.durable.get(name), state.names.get(name));
                let found = match unsynced {
                    Unsynced::Lost => old,
                    Unsynced::Kept => new,
                    Unsynced::Mixed(_) if draw(2) == 0 => old,
                    Unsynced::Mixed(_) => new,
                };
                match found {
                    Some(file) => names.insert(name.clone(), *file),
                    None => names.remove(name),
                };
            }
            let mut files = state.files.clone();
            for file in files.iter_mut().filter(|file| !file.finished) {
                match unsynced {
                    Unsynced::Lost => file.bytes.clear(),
                    Unsynced::Kept => {}
                    Unsynced::Mixed(_) => {
                        let cut = draw(file.bytes.len() as u64 + 1) as usize;
                        match draw(3) {
                            0 => file.bytes.truncate(cut),
                            1 => file.bytes[cut..].fill(0),
                            _ => file.bytes[cut..].fill_with(|| draw(256) as u8),
                        }
                    }
                }
            }
            Self::with(files, names)
        })
    }

    /// Counts an operation; whether it happens, and whether it says so.
    fn begin(&self, what: &str) -> (bool, io::Result<()>) {
        self.state(|state| {
            state.operations += 1;
            let now = state.operations;
            let (fails, half_done) = match state.fault {
                Fault::Never => (false, false),
                Fault::Once(number) => (number == now, state.half_done),
                Fault::Merging => {
                    let thread = std::thread::current();
                    (thread.name() == Some("wordhoard-merge"), state.half_done)
                }
                // Once it is gone, nothing happens any more.
                Fault::From(number) => (number <= now, state.half_done && number == now),
            };
            if fails {
                let error = io::Error::other(format!("the disk failed at operation {now}, {what}"));
                (half_done, Err(error))
            } else {
                (true, Ok(()))
            }
        })
    }

    /// An operation that can be half done: done, and reported as failed.
    fn operate(
        &self,
        what: &str,
        name: &str,
        work: impl FnOnce(&mut State) -> Result<()>,
    ) -> Result<()> {
        let (happens, said) = self.begin(what);
        if happens {
            self.state(work)?;
        }
        said.map_err(|error| Error::io(what, self.describe_file(name), error))
    }
}

impl Disk {
    fn begin_file(&self, name: &str) -> Result<Writer> {
        let mut number = 0;
        self.operate("creating", name, |state| {
            if state.names.contains_key(name) {
                let exists = io::ErrorKind::AlreadyExists.into();
                return Err(Error::io("creating", name, exists));
            }
            number = state.files.len();
            state.files.push(File::default());
            state.names.insert(name.to_owned(), number);
            Ok(())
        })?;
        Ok(Writer {
            disk: self.clone(),
            name: name.to_owned(),
            number,
        })
    }
}

impl Directory for Disk {
    fn open(&self, name: &str) -> Result<Bytes> {
        let (_, said) = self.begin("reading");
        said.map_err(|error| Error::io("reading", self.describe_file(name), error))?;
        self.state(|state| match state.names.get(name) {
            Some(file) => Ok(state.files[*file].bytes.clone().into()),
            None => Err(Error::new(
                ErrorKind::NotFound,
                format!("there is no file {name}"),
            )),
        })
    }

    fn create(&self, name: &str) -> Result<Box<dyn FileWriter>> {
        Ok(Box::new(self.begin_file(name)?))
    }

    fn create_lasting(&self, name: &str, _: u64) -> Result<Box<dyn FileWriter>> {
        self.state(|state| state.lasting.push(name.to_owned()));
        self.create(name)
    }

    fn scratch(&self, name: &str) -> Result<Box<dyn Scratch>> {
        Ok(Box::new(ScratchFile(self.begin_file(name)?)))
    }

    fn publish(&self, from: &str, to: &str) -> Result<()> {
        self.operate("renaming", from, |state| {
            if state.names.contains_key(to) {
                return Err(Error::new(
                    ErrorKind::Locked,
                    format!("{to} is there already"),
                ));
            }
            let file = state.names.remove(from).ok_or_else(|| {
                Error::new(ErrorKind::NotFound, format!("there is no file {from}"))
            })?;
            state.names.insert(to.to_owned(), file);
            Ok(())
        })
    }

    fn delete(&self, name: &str) -> Result<()> {
        self.operate("deleting", name, |state| {
            state.names.remove(name);
            Ok(())
        })
    }

    fn list(&self) -> Result<Vec<String>> {
        let (_, said) = self.begin("listing");
        said.map_err(|error| Error::io("listing", self.describe(), error))?;
        Ok(self.names())
    }

    fn sync(&self) -> Result<()> {
        self.operate("syncing", "", |state| {
            state.durable = state.names.clone();
            Ok(())
        })
    }

    fn lock(&self) -> Result<Box<dyn Lock>> {
        let (_, said) = self.begin("locking");
        said.map_err(|error| Error::io("locking", self.describe(), error))?;
        self.state(|state| {
            if std::mem::replace(&mut state.locked, true) && state.locks {
                return Err(Error::new(ErrorKind::Locked, "the disk is locked"));
            }
            Ok(())
        })?;
        Ok(Box::new(Held(self.clone())))
    }

    fn describe(&self) -> String {
        "(failing disk)".to_owned()
    }
}

struct Writer {
    disk: Disk,
    name: String,
    number: usize,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (happens, said) = self.disk.begin("writing");
        self.disk.state(|state| {
            if happens {
                // Of what fails, the first part has happened.
                let count = match said {
                    Ok(()) => bytes.len().min(state.space),
                    Err(_) => (bytes.len() / 2).min(state.space),
                };
                state.space -= count;
                state.files[self.number].bytes.extend(&bytes[..count]);
                said?;
                if count == 0 && !bytes.is_empty() {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                return Ok(count);
            }
            said.map(|()| 0)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl FileWriter for Writer {
    fn finish(self: Box<Self>) -> Result<()> {
        let number = self.number;
        self.disk.operate("finishing", &self.name, |state| {
            state.files[number].finished = true;
            Ok(())
        })
    }
}

struct ScratchFile(Writer);

impl Scratch for ScratchFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)?;
        let more = bytes.len() as u64;
        self.0.disk.state(|state| state.scratched += more);
        Ok(())
    }

    fn read(&mut self, at: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.disk.begin("reading").1?;
        self.0.disk.state(|state| {
            let bytes = &state.files[self.0.number].bytes;
            let mut rest = bytes.get(at as usize..).unwrap_or_default();
            io::Read::read_exact(&mut rest, out)
        })
    }

    fn clear(&mut self) -> io::Result<()> {
        let (happens, said) = self.0.disk.begin("cutting");
        if happens {
            self.0.disk.state(|state| {
                let bytes = std::mem::take(&mut state.files[self.0.number].bytes);
                state.space = state.space.saturating_add(bytes.len());
            });
        }
        said
    }
}

impl Drop for ScratchFile {
    fn drop(&mut self) {
        let Writer { disk, name, number } = &self.0;
        if disk.begin("deleting").0 {
            disk.state(|state| {
                // It may be another's by now.
                if state.names.get(name) == Some(number) {
                    state.names.remove(name);
                }
            });
        }
    }
}

#[derive(Debug)]
struct Held(Disk);

impl Lock for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.state(|state| state.locked = false);
    }
}
