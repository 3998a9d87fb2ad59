//! A place in a file, which moves on as it is read, and remembers what it read.

use std::cell::RefCell;
use std::fmt::{Arguments, Display};
use std::ops::Range;

/// What some bytes of the file are.
#[derive(Debug)]
pub struct Note {
    pub bytes: Range<usize>,
    pub what: String,
}

/// A place in the file, which moves on as it is read.
#[derive(Clone)]
pub struct Cursor<'a> {
    pub file: &'a [u8],
    pub at: usize,
    pub end: usize,
    pub notes: Option<&'a RefCell<Vec<Note>>>,
}

impl<'a> Cursor<'a> {
    pub fn within(&self, bytes: Range<usize>) -> Self {
        assert!(bytes.start <= bytes.end && bytes.end <= self.file.len());
        Self {
            at: bytes.start,
            end: bytes.end,
            ..self.clone()
        }
    }

    pub fn note(&self, start: usize, what: Arguments<'_>) {
        if let Some(notes) = self.notes {
            let what = what.to_string();
            let bytes = start..self.at;
            notes.borrow_mut().push(Note { bytes, what });
        }
    }

    pub fn take(&mut self, length: usize, what: impl Display) -> &'a [u8] {
        let start = self.at;
        assert!(length <= self.end - start, "{what} ends past its part");
        self.at += length;
        if length > 0 {
            self.note(start, format_args!("{what}"));
        }
        &self.file[start..self.at]
    }

    pub fn number(&mut self, length: usize, what: impl Display) -> u64 {
        let start = self.at;
        let bytes = &self.file[start..start + length];
        assert!(length <= self.end - start, "{what} ends past its part");
        self.at += length;
        let value = bytes
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u64::from(*byte));
        self.note(start, format_args!("{what}: {value}"));
        value
    }

    pub fn u8(&mut self, what: impl Display) -> u8 {
        self.number(1, what) as u8
    }

    pub fn u16(&mut self, what: impl Display) -> u16 {
        self.number(2, what) as u16
    }

    pub fn u32(&mut self, what: impl Display) -> u32 {
        self.number(4, what) as u32
    }

    pub fn u64(&mut self, what: impl Display) -> u64 {
        self.number(8, what)
    }

    pub fn u32s(&mut self, count: usize, what: impl Display) -> Vec<u32> {
        (0..count)
            .map(|index| self.u32(format_args!("{what} {index}")))
            .collect()
    }

    /// Seven bits a byte, lowest first; the eighth says that more follow.
    pub fn varint(&mut self, what: impl Display) -> u64 {
        let (start, mut value, mut shift) = (self.at, 0u64, 0);
        loop {
            assert!(self.at < self.end, "{what} ends past its part");
            let byte = self.file[self.at];
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        self.note(start, format_args!("{what}: {value}"));
        value
    }

    pub fn zeros_to_eight(&mut self) {
        let length = self.at.wrapping_neg() % 8;
        let zeros = self.take(length, "zeros to a multiple of 8");
        assert!(zeros.iter().all(|byte| *byte == 0));
    }

    pub fn left(&self) -> usize {
        self.end - self.at
    }

    pub fn ends(&self, what: &str) {
        assert_eq!(self.at, self.end, "something follows {what}");
    }
}
