//! # Background: work that goes on while the writer does something else
//!
//! Idea        a flush or a merge writes a file on another thread. Whoever began it may
//!             wait for what comes of it, or drop it: then it is cancelled, and ends at
//!             its next write
//! Invariants  (1) dropping it doesn't wait, so the work may outlive the writer and its
//!             lock. All that it does then is to write to files that are its own
//!             already: whoever has the lock creates and deletes files, and so no other
//!             file of the same name can be meant
//!             (2) while the writer waits, its thread does nothing else, even where it is
//!             one of a pool of the program's own
//! Next        `writer/flushing.rs`, which begins one; or on to [`merging`](super::merging)

use crate::error::{Error, Result};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::{panic, thread};

/// Work on a thread of a pool.
#[derive(Debug)]
pub(super) struct Background<T> {
    cancelled: Arc<AtomicBool>,
    receiver: Receiver<T>,
}

impl<T: Send + 'static> Background<T> {
    /// Begins work, which should end soon once its flag is set. The pool may be dropped.
    pub(super) fn start(
        pool: &rayon::ThreadPool,
        work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
    ) -> Self {
        let cancelled = Arc::new(AtomicBool::new(false));
        let flag = cancelled.clone();
        let (sender, receiver) = sync_channel(1);
        pool.spawn(move || {
            // If nobody waits for it, the writer is gone.
            let _ = sender.send(work(&flag));
        });
        Self {
            cancelled,
            receiver,
        }
    }

    /// Whether it has ended, or very nearly.
    pub(super) fn is_finished(&self) -> bool {
        // Until then the flag is its, too.
        Arc::strong_count(&self.cancelled) == 1
    }

    /// Waits for what comes of it; `None` if it panicked.
    pub(super) fn wait(self) -> Option<T> {
        self.receiver.recv().ok()
    }

    /// Cancels it, and waits until it has ended.
    pub(super) fn cancel(self) {
        self.cancelled.store(true, Ordering::Relaxed);
        // Nobody wants what it made.
        drop(self.wait());
    }
}

impl<T> Drop for Background<T> {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// Does work on a pool, and waits for it: invariant (2). A thread of another pool that
/// waits for this one does other work of its own meanwhile, be it a put to the same writer,
/// and waits forever for the lock on the writer, which it has. So a thread that is in no
/// pool waits for the work, and that of the other pool for this thread.
pub(super) fn install<R: Send>(
    pool: &rayon::ThreadPool,
    work: impl FnOnce() -> Result<R> + Send,
) -> Result<R> {
    if rayon::current_thread_index().is_none() {
        return pool.install(work);
    }
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("wordhoard-wait".to_owned());
        let waiting = thread.spawn_scoped(scope, || pool.install(work));
        let waiting =
            waiting.map_err(|error| Error::io("starting a thread for", "a segment", error))?;
        // As if there were no thread between.
        waiting
            .join()
            .unwrap_or_else(|panic| panic::resume_unwind(panic))
    })
}

/// Fails once the flag is set, so that whatever writes to it ends soon.
pub(super) struct Cancellable<'a, W> {
    pub(super) out: W,
    pub(super) cancelled: &'a AtomicBool,
}

impl<W: Write> Write for Cancellable<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(io::Error::other("it was cancelled"));
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Invariant (2).
    #[test]
    fn who_waits_does_nothing_else() {
        let pool = || rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let (own, other) = (pool().unwrap(), pool().unwrap());
        let ran = AtomicBool::new(false);
        let slow = || {
            thread::sleep(Duration::from_millis(50));
            Ok(rayon::current_num_threads())
        };
        other.scope(|scope| {
            scope.spawn(|_| ran.store(true, Ordering::Relaxed));
            assert_eq!(install(&own, slow).unwrap(), 1);
            assert!(!ran.load(Ordering::Relaxed));
        });
        assert!(ran.load(Ordering::Relaxed));
        let refused = || install(&own, || Err::<(), _>(Error::document("no")));
        assert_eq!(other.install(refused).unwrap_err().to_string(), "no");
    }
}
