//! # Flushing beside `put`: runs become a segment while batches go on
//!
//! Idea        the threads that invert also flush. Where a flush leaves one without
//!             work, as when it writes what was compressed before, it takes up the
//!             next batch; and there is one, since `put` waits only when batches are
//!             many. So the memory is that of a flush that everybody waits for
//! Invariants  (1) a flush that fails gives its runs back, to be flushed again
//! Next        `writer/commit.rs`

use super::{Writer, discard};
use crate::error::{Error, Result};
use crate::index::background::{Background, Cancellable, install};
use crate::index::buffer::Due;
use crate::index::merging::CROWDED;
use crate::index::state::bury_keys;
use crate::inversion::{Run, flush};

/// Runs that are being written.
#[derive(Debug)]
pub(super) struct Flushing {
    /// The file.
    name: String,
    /// What was due when it began.
    due: Due,
    /// Gives the runs back.
    pub(super) work: Background<(Vec<Run>, Result<()>)>,
}

impl Writer {
    /// Takes up the oldest batch; `false` if there was none.
    pub(super) fn receive(&mut self) -> Result<bool> {
        if self.is_lossy {
            return Err(Error::document(
                "documents since the last commit couldn't be indexed, as an earlier error said; \
                 roll back, and put the good ones again",
            ));
        }
        self.buffer.help();
        self.finish_flush()?;
        match self.buffer.receive() {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(error) => {
                self.is_lossy = true;
                return Err(error);
            }
        }
        if self.buffer.is_full() {
            self.start_flush()?;
        }
        Ok(true)
    }

    /// Makes segments of all that was put, and carries out all deletions.
    pub(super) fn flush_all(&mut self) -> Result<()> {
        self.buffer.send();
        while self.receive()? {}
        self.start_flush()?;
        self.finish_flush()
    }

    /// Carries out the deletions due, and begins to make a segment of the runs, if there
    /// are any. Nothing else happens to the segments or the runs until it is
    /// [finished](Self::finish_flush).
    fn start_flush(&mut self) -> Result<()> {
        let due = self.buffer.due();
        let field = self
            .schema
            .key()
            .map(|key| self.schema.at(key).name().to_owned());
        if let Some(field) = &field {
            let entries = &mut self.entries;
            let buried = install(&self.pool, || bury_keys(entries, field, &due.keys))?;
            self.receipt.deleted += buried;
        }
        if !self.buffer.has_runs() {
            self.flushed();
            return Ok(());
        }
        let name = self.new_file("segment", "hoard")?;
        let directory = self.index.directory();
        let (mut file, path) = match directory.create(&name) {
            Ok(file) => (file, directory.describe_file(&name)),
            Err(error) => {
                discard(directory, &name, &error);
                return Err(error);
            }
        };
        let (runs, schema) = (self.buffer.take_runs(), self.schema.clone());
        let work = Background::start(&self.pool, move |cancelled| {
            let mut out = Cancellable {
                out: &mut file,
                cancelled,
            };
            let written = flush(&runs, &schema, &mut out, &path);
            (runs, written.and_then(|_| file.finish()))
        });
        self.flushing = Some(Flushing { name, due, work });
        Ok(())
    }

    /// Waits for the flush that was begun, if there is one. If it fails, the
    /// runs are where they were.
    fn finish_flush(&mut self) -> Result<()> {
        let Some(Flushing { name, due, work }) = self.flushing.take() else {
            return Ok(());
        };
        let flushed = match work.wait() {
            Some((runs, flushed)) => {
                self.buffer.give_back(runs);
                flushed
            }
            None => {
                self.is_lossy = true;
                Err(Error::document(
                    "a thread that wrote a segment panicked; roll back, and put the documents \
                     since the last commit again",
                ))
            }
        };
        if let Err(error) = flushed {
            discard(self.index.directory(), &name, &error);
            return Err(error);
        }
        let mut entry = self.entry_of_written(name)?;
        for document in due.dead {
            self.receipt.deleted += u64::from(entry.bury(document));
        }
        self.entries.push(entry);
        self.flushed();
        Ok(())
    }

    /// The runs are a segment now.
    fn flushed(&mut self) {
        self.buffer.flushed();
        if self.options.merges && self.entries.len() > CROWDED {
            self.catch_up();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::document::{Schema, Text};
    use crate::error::{ErrorKind, Result};
    use crate::index::{Index, Writer, WriterOptions};
    use crate::storage::{Bytes, Directory, FileWriter, Lock, Memory, Scratch};
    use serde_json::json;
    use std::io::{self, Write};
    use std::sync::{Arc, Condvar, Mutex};
    use std::time::Duration;

    /// What happens to segments that are written.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Door {
        /// They wait.
        Shut,
        /// One is going to wait.
        Begun,
        /// One does.
        Waiting,
        Open,
        Failing,
    }

    #[derive(Clone, Debug)]
    struct Gate {
        memory: Memory,
        door: Arc<(Mutex<Door>, Condvar)>,
    }

    impl Gate {
        fn new(door: Door) -> Self {
            Self {
                memory: Memory::new(),
                door: Arc::new((Mutex::new(door), Condvar::new())),
            }
        }

        fn is(&self) -> Door {
            *self.door.0.lock().unwrap()
        }

        fn set(&self, door: Door) {
            *self.door.0.lock().unwrap() = door;
            self.door.1.notify_all();
        }

        fn wait_for(&self, state: Door) {
            let (door, changed) = &*self.door;
            let door = door.lock().unwrap();
            let _door = changed.wait_while(door, |door| *door != state).unwrap();
        }

        fn index(&self) -> Index {
            let schema = Schema::builder().key("id").text("body", Text::plain());
            let options = Index::options().schema(schema.build().unwrap());
            options.create_in(Arc::new(self.clone())).unwrap()
        }
    }

    impl Directory for Gate {
        fn open(&self, name: &str) -> Result<Bytes> {
            self.memory.open(name)
        }

        fn create(&self, name: &str) -> Result<Box<dyn FileWriter>> {
            let file = self.memory.create(name)?;
            if !name.starts_with("segment") {
                return Ok(file);
            }
            let gate = self.clone();
            if gate.is() == Door::Shut {
                gate.set(Door::Begun);
            }
            Ok(Box::new(Gated { gate, file }))
        }

        fn scratch(&self, name: &str) -> Result<Box<dyn Scratch>> {
            self.memory.scratch(name)
        }

        fn publish(&self, from: &str, to: &str) -> Result<()> {
            self.memory.publish(from, to)
        }

        fn delete(&self, name: &str) -> Result<()> {
            self.memory.delete(name)
        }

        fn list(&self) -> Result<Vec<String>> {
            self.memory.list()
        }

        fn sync(&self) -> Result<()> {
            self.memory.sync()
        }

        fn lock(&self) -> Result<Box<dyn Lock>> {
            self.memory.lock()
        }

        fn describe(&self) -> String {
            self.memory.describe()
        }
    }

    struct Gated {
        gate: Gate,
        file: Box<dyn FileWriter>,
    }

    impl Write for Gated {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (door, changed) = &*self.gate.door;
            let mut door = door.lock().unwrap();
            while matches!(*door, Door::Shut | Door::Begun | Door::Waiting) {
                if *door == Door::Begun {
                    *door = Door::Waiting;
                    changed.notify_all();
                }
                // So that a test fails, and doesn't hang.
                let (next, waited) = changed.wait_timeout(door, Duration::from_secs(60)).unwrap();
                door = next;
                if waited.timed_out() {
                    *door = Door::Open;
                }
            }
            if *door == Door::Failing {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.file.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl FileWriter for Gated {
        fn finish(self: Box<Self>) -> Result<()> {
            self.file.finish()
        }
    }

    fn writer(index: &Index) -> Writer {
        let options = WriterOptions::default().memory(1 << 20).threads(2);
        index.writer_with(options).unwrap()
    }

    fn put(writer: &mut Writer, id: usize) -> Result<()> {
        let body = format!("{} word{id}", "whale ".repeat(id % 50));
        writer.put(&json!({ "id": id.to_string(), "body": body }))
    }

    /// Puts documents until a segment is going to be written; returns how many.
    fn fill(gate: &Gate, writer: &mut Writer) -> usize {
        let mut next = 0;
        while gate.is() == Door::Shut {
            put(writer, next).unwrap();
            next += 1;
        }
        next
    }

    #[test]
    fn documents_are_put_while_a_segment_is_written() {
        let gate = Gate::new(Door::Shut);
        let index = gate.index();
        let mut writer = writer(&index);
        let mut next = fill(&gate, &mut writer);
        for _ in 0..10 {
            put(&mut writer, next).unwrap();
            next += 1;
        }
        assert_eq!(writer.segments(), 0);
        assert_ne!(gate.is(), Door::Open);
        // One that is replaced stands in what is being written.
        put(&mut writer, 7).unwrap();
        gate.set(Door::Open);
        let receipt = writer.commit().unwrap();
        assert_eq!((receipt.put, receipt.deleted), (next as u64 + 1, 1));
        assert_eq!(receipt.documents, next as u64);
        let searcher = index.searcher().unwrap();
        assert_eq!(searcher.count("word7").unwrap(), 1);
    }

    #[test]
    fn what_could_not_be_written_is_kept() {
        let gate = Gate::new(Door::Shut);
        let index = gate.index();
        let mut writer = writer(&index);
        let next = fill(&gate, &mut writer);
        gate.set(Door::Failing);
        assert_eq!(writer.commit().unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(writer.commit().unwrap_err().kind(), ErrorKind::Io);
        gate.set(Door::Open);
        assert_eq!(writer.commit().unwrap().documents, next as u64);
    }

    #[test]
    fn a_writer_is_dropped_while_a_segment_is_written() {
        let gate = Gate::new(Door::Shut);
        let index = gate.index();
        let mut writer = writer(&index);
        fill(&gate, &mut writer);
        gate.wait_for(Door::Waiting);
        drop(writer);
        // If that had waited, the door had been opened for it.
        assert_eq!(gate.is(), Door::Waiting);
        let names = index.directory().list().unwrap();
        assert!(!names.iter().any(|name| name.starts_with("segment")));
        gate.set(Door::Open);
    }

    #[test]
    fn what_nobody_waits_for_does_no_harm() {
        let gate = Gate::new(Door::Shut);
        let index = gate.index();
        let mut first = writer(&index);
        fill(&gate, &mut first);
        drop(first);
        let mut second = writer(&index);
        gate.set(Door::Open);
        put(&mut second, 1).unwrap();
        assert_eq!(second.commit().unwrap().documents, 1);
        // Rolled back while one is written.
        gate.set(Door::Shut);
        fill(&gate, &mut second);
        gate.set(Door::Open);
        second.rollback().unwrap();
        put(&mut second, 2).unwrap();
        assert_eq!(second.close().unwrap().documents, 2);
    }
}
