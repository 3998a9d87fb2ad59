//! Standard output, whose errors say what they are: a full disk behind `> file`
//! is not the index's.

use std::io::{self, StdoutLock, Write};

/// Standard output, locked.
pub struct Out(StdoutLock<'static>);

pub fn out() -> Out {
    Out(io::stdout().lock())
}

fn named(error: io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("writing to standard output: {error}; what the command did before is done"),
    )
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(named)
    }
}
