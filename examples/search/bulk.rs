//! Parsing ahead of the writer: threads make documents of chunks, in any order,
//! and hand them over in the order of the input. Every queue is short, so that a
//! slow disk slows the reading and memory stays bounded.

use crate::input::{Bad, Chunk};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvError, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use wordhoard::{Document, Schema};

/// A chunk, parsed.
pub struct Parsed {
    pub documents: Vec<Result<Document, Bad>>,
    /// Bytes of text.
    pub bytes: u64,
}

/// Chunks being parsed, the first first; or why one couldn't be read.
pub struct Bulk {
    parsed: Receiver<Result<Receiver<Parsed>, String>>,
    reading: Option<JoinHandle<()>>,
}

impl Bulk {
    /// Starts parsing on so many threads; or says why one can't be had.
    pub fn start(
        chunks: impl Iterator<Item = Result<Chunk, String>> + Send + 'static,
        schema: &Schema,
        threads: usize,
    ) -> Result<Self, String> {
        let (order, parsed) = sync_channel(threads + 1);
        let (hand_out, work) = sync_channel::<(Chunk, SyncSender<Parsed>)>(1);
        let work = Arc::new(Mutex::new(work));
        for _ in 0..threads {
            let (work, schema) = (work.clone(), schema.clone());
            let parse = move || {
                loop {
                    // Nobody panics with it in hand.
                    let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((chunk, done)) = next else { break };
                    let parsed = Parsed {
                        documents: chunk.documents(&schema),
                        bytes: chunk.len(),
                    };
                    // Nobody waits any more if all was stopped.
                    let _ = done.send(parsed);
                }
            };
            std::thread::Builder::new().spawn(parse).map_err(refused)?;
        }
        let read = move || {
            for chunk in chunks {
                let (done, receiver) = sync_channel(1);
                let (chunk, place) = match chunk {
                    Ok(chunk) => (Some(chunk), Ok(receiver)),
                    Err(error) => (None, Err(error)),
                };
                if order.send(place).is_err() {
                    break;
                }
                if let Some(chunk) = chunk
                    && hand_out.send((chunk, done)).is_err()
                {
                    break;
                }
            }
        };
        let reading = std::thread::Builder::new().spawn(read).map_err(refused)?;
        Ok(Self {
            parsed,
            reading: Some(reading),
        })
    }

    /// The next chunk; `None` at the end, or once `stopped` says so.
    pub fn next(&mut self, stopped: impl Fn() -> bool) -> Option<Result<Parsed, String>> {
        match wait(&self.parsed, &stopped)? {
            Ok(Ok(parsed)) => Some(wait(&parsed, stopped)?.map_err(|_| died())),
            Ok(Err(error)) => Some(Err(error)),
            // A reader that panics must not pass for the end of the input.
            Err(_) => self.reading.take()?.join().err().map(|_| Err(died())),
        }
    }
}

fn refused(error: std::io::Error) -> String {
    format!("starting a thread: {error}; allow more, or index with --threads 1")
}

fn died() -> String {
    "a thread that read the input panicked; leave out what is damaged".to_owned()
}

/// Chunks that a thread of their own reads: whoever waits for one need not wait on,
/// though nobody can call back a thread that waits for a terminal or a pipe.
pub struct Reading {
    chunks: Receiver<Result<Chunk, String>>,
    thread: Option<JoinHandle<()>>,
    stopped: Arc<AtomicBool>,
}

impl Reading {
    /// Starts reading, until `stopped`.
    pub fn start(
        chunks: impl Iterator<Item = Result<Chunk, String>> + Send + 'static,
        stopped: Arc<AtomicBool>,
    ) -> Result<Self, String> {
        let (read, receiver) = sync_channel(0);
        let all = move || {
            for chunk in chunks {
                if read.send(chunk).is_err() {
                    break;
                }
            }
        };
        let thread = std::thread::Builder::new().spawn(all).map_err(refused)?;
        Ok(Self {
            chunks: receiver,
            thread: Some(thread),
            stopped,
        })
    }
}

impl Iterator for Reading {
    type Item = Result<Chunk, String>;

    /// The next chunk; `None` at the end, or once it is stopped.
    fn next(&mut self) -> Option<Self::Item> {
        match wait(&self.chunks, || self.stopped.load(Ordering::Relaxed))? {
            Ok(chunk) => Some(chunk),
            // A reader that panics must not pass for the end of the input.
            Err(_) => self.thread.take()?.join().err().map(|_| Err(died())),
        }
    }
}

/// Waits, but not so long that nobody can stop it: `None` if somebody did.
fn wait<T>(receiver: &Receiver<T>, stopped: impl Fn() -> bool) -> Option<Result<T, RecvError>> {
    while !stopped() {
        match receiver.recv_timeout(Duration::from_millis(50)) {
            Ok(received) => return Some(Ok(received)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Some(Err(RecvError)),
        }
    }
    None
}
