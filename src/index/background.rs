//! # Background: work that goes on while the writer does something else
//!
//! Idea        a flush or a merge writes a file on another thread. Whoever began it may
//!             wait for what comes of it, or drop it: then it is cancelled, and ends at
//!             its next write
//! Invariants  (1) dropping it doesn't wait, so the work may outlive the writer and its
//!             lock. All that it does then is to write to files that are its own
//!             already: whoever has the lock creates and deletes files, and so no other
//!             file of the same name can be meant
//! Next        `writer/flushing.rs`, which begins one; or on to [`merging`](super::merging)

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

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
