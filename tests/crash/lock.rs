//! Threat: the lock doesn't hold.

use crate::disk::Disk;
use crate::documents;
use crate::work::{Step, Work, must_be_whole, one_thread, open};
use wordhoard::ErrorKind;

/// The lock doesn't hold: of two writers one commits, and the other is told so
/// and harms nothing, whatever it goes on to do.
#[test]
fn writers_past_the_lock_lose_no_commit() {
    for (first, second) in [(1, 1), (0, 1), (3, 1), (1, 4)] {
        let disk = Disk::new();
        let mut work = Work::new(&disk, &one_thread());
        let put = |key| Step::Put {
            key,
            version: 0,
            words: 3,
        };
        work.carry_out(put(100)).unwrap();
        work.carry_out(Step::Commit).unwrap();
        disk.break_locks();
        let mut other = Work::new(&disk, &one_thread());
        other.writer().unwrap();
        other.now = work.committed.clone();
        work.carry_out(put(200)).unwrap();
        for key in 0..second {
            other.carry_out(put(key)).unwrap();
            other.carry_out(Step::Commit).unwrap();
        }
        for key in 0..first {
            work.carry_out(put(200 + key)).unwrap();
            let error = work.carry_out(Step::Commit).unwrap_err();
            let message = error.to_string();
            let told = error.kind() == ErrorKind::Locked && message.contains("another writer");
            assert!(told || message.contains("exists"), "{error:?}");
        }
        work.carry_out(Step::Rollback).unwrap();
        assert_eq!(documents(&open(&disk).unwrap()), other.committed);
        work.writer = None;
        other.carry_out(put(300)).unwrap();
        // A name may be taken by what the first has left; the next one isn't.
        assert!((0..3).any(|_| other.carry_out(Step::Commit).is_ok()));
        other.writer = None;
        must_be_whole(&disk, &other, "after both");
    }
}
