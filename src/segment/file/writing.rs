//! # Writing the file: section after section, then the table
//!
//! Idea        sections come one after the other, and whoever writes one knows nothing
//!             of the file. Where each began, how long it is and its checksum are noted,
//!             and become the table when the last has ended
//! Invariants  (1) one section at a time: while it is written, the file can't be used
//!             otherwise
//! Cost        bytes are copied to a buffer of a megabyte, large pieces not even that
//! Next        [`inverted`](crate::segment::inverted)

use super::{HEADER, Kind, MAGIC, MAGIC_END, NO_FIELD, TAIL, VERSION, table_checksum};
use crate::bytes::padding;
use crate::error::{Error, Result};
use std::io::{self, Write};

/// Bytes between two writes.
const BUFFER: usize = 1 << 20;

/// As many at once are written as they are: to copy them would take longer than
/// a call of the system.
const LARGE: usize = 64 << 10;

/// Writes a segment file, section after section.
pub(in crate::segment) struct FileWriter<'a> {
    out: &'a mut (dyn Write + Send),
    /// For messages.
    path: String,
    /// Bytes written, those of the buffer included.
    position: u64,
    buffer: Vec<u8>,
    /// Field, kind, checksum, offset and length of each.
    sections: Vec<(u16, Kind, u32, u64, u64)>,
}

/// The file's first bytes, the same in all.
fn header() -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    header
}

impl<'a> FileWriter<'a> {
    /// Begins a file; `path` is what it is called in messages.
    pub(in crate::segment) fn new(out: &'a mut (dyn Write + Send), path: &str) -> Self {
        let mut buffer = Vec::with_capacity(BUFFER + BUFFER / 4);
        buffer.extend_from_slice(&header());
        Self {
            out,
            path: path.to_owned(),
            position: HEADER as u64,
            buffer,
            sections: Vec::new(),
        }
    }

    /// What the file is called.
    pub(in crate::segment) fn path(&self) -> &str {
        &self.path
    }

    /// Begins a section; what is written to the result belongs to it, until
    /// [`SectionWriter::finish`].
    pub(in crate::segment) fn begin(
        &mut self,
        kind: Kind,
        field: Option<u16>,
    ) -> SectionWriter<'_, 'a> {
        let start = self.position;
        SectionWriter {
            file: self,
            hasher: crc32fast::Hasher::new(),
            kind,
            field: field.unwrap_or(NO_FIELD),
            start,
        }
    }

    /// A section that `write` writes.
    pub(in crate::segment) fn write_section(
        &mut self,
        kind: Kind,
        field: Option<u16>,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<()> {
        let mut section = self.begin(kind, field);
        let written = write(&mut section);
        written.map_err(|error| section.error(error))?;
        section.finish()?;
        Ok(())
    }

    /// A whole section at once.
    pub(in crate::segment) fn section(
        &mut self,
        kind: Kind,
        field: Option<u16>,
        bytes: &[u8],
    ) -> Result<()> {
        self.write_section(kind, field, |out| out.write_all(bytes))
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.position += bytes.len() as u64;
        let large = bytes.len() >= LARGE;
        if large || self.buffer.len() + bytes.len() > BUFFER {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
            if large {
                return self.out.write_all(bytes);
            }
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes table and tail; returns the file's length. Making it durable is
    /// for the one who opened it.
    pub(in crate::segment) fn finish(mut self, documents: u32) -> Result<u64> {
        self.sections.sort_unstable();
        let mut table = Vec::new();
        for (field, kind, checksum, offset, length) in &self.sections {
            table.extend((*kind as u16).to_le_bytes());
            table.extend(field.to_le_bytes());
            table.extend(checksum.to_le_bytes());
            table.extend(offset.to_le_bytes());
            table.extend(length.to_le_bytes());
        }
        let mut tail = Vec::with_capacity(TAIL);
        tail.extend(self.position.to_le_bytes());
        tail.extend((self.sections.len() as u32).to_le_bytes());
        tail.extend(documents.to_le_bytes());
        tail.extend(0u64.to_le_bytes());
        let checksum = table_checksum(&table, &tail, &header());
        tail.extend(checksum.to_le_bytes());
        tail.extend(VERSION.to_le_bytes());
        tail.extend(MAGIC_END);
        self.append(&table)
            .and_then(|()| self.append(&tail))
            .and_then(|()| self.out.write_all(&self.buffer))
            .map_err(|error| Error::io("writing", &self.path, error))?;
        Ok(self.position)
    }
}

/// A section being written.
pub(crate) struct SectionWriter<'f, 'a> {
    file: &'f mut FileWriter<'a>,
    hasher: crc32fast::Hasher,
    kind: Kind,
    field: u16,
    start: u64,
}

impl<'f, 'a> SectionWriter<'f, 'a> {
    pub(in crate::segment) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(|error| self.error(error))
    }

    /// The error of what couldn't be written.
    #[cold]
    pub(in crate::segment) fn error(&self, error: io::Error) -> Error {
        Error::io("writing", &self.file.path, error)
    }

    /// Bytes of the section so far.
    pub(in crate::segment) fn len(&self) -> u64 {
        self.file.position - self.start
    }

    /// Ends the section and gives the file back.
    pub(in crate::segment) fn finish(self) -> Result<&'f mut FileWriter<'a>> {
        let length = self.len();
        let file = self.file;
        let checksum = self.hasher.finalize();
        file.sections
            .push((self.field, self.kind, checksum, self.start, length));
        let padded = file.append(padding(file.position));
        padded.map_err(|error| Error::io("writing", &file.path, error))?;
        Ok(file)
    }
}

impl Write for SectionWriter<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        self.file.append(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
