//! Threat: an operation fails, and the writer lives on: it repeats what it couldn't do,
//! or gives it up.

use crate::disk::{Disk, Fault, Unsynced};
use crate::work::{Step, Work, files_needed, must_be_whole, one_thread, open, operations, script};
use crate::{document, documents};

/// One operation fails, whichever, and the writer is told to repeat what it
/// couldn't do.
#[test]
fn any_operation_may_fail_and_the_writer_goes_on() {
    let (script, options) = (script(), one_thread());
    for at in 1..=operations(&script, &options) {
        for half_done in [false, true] {
            let mut work = Work::faulty(Fault::Once(at), half_done, &options);
            let mut errors = Vec::new();
            for step in &script {
                if let Err(error) = work.carry_out(*step) {
                    errors.push(error);
                    work.carry_out(*step).unwrap();
                }
            }
            let when = format!("operation {at} failed, half done: {half_done}: {errors:?}");
            assert!(errors.len() <= 1, "{when}");
            work.end();
            must_be_whole(&work.disk, &work, &when);
        }
    }
}

/// One operation fails, and what wasn't committed is given up.
#[test]
fn any_operation_may_fail_and_the_writer_rolls_back() {
    let (script, options) = (script(), one_thread());
    for at in 1..=operations(&script, &options) {
        for half_done in [false, true] {
            let mut work = Work::faulty(Fault::Once(at), half_done, &options);
            let when = format!("operation {at} failed, half done: {half_done}");
            for step in &script {
                if work.carry_out(*step).is_ok() || work.writer.is_none() {
                    continue;
                }
                work.carry_out(Step::Rollback).unwrap();
                if matches!(step, Step::Optimize | Step::Reorder) {
                    // It is a commit, and then a merge, which may have failed.
                    let found = documents(&open(&work.disk).unwrap());
                    assert!(work.allows(&found), "{when}: {found:?}");
                    (work.now, work.committed) = (found.clone(), found);
                }
                work.under_way = None;
                for unsynced in [Unsynced::Lost, Unsynced::Kept, Unsynced::Mixed(at)] {
                    must_be_whole(&work.disk.after_power_cut(unsynced), &work, &when);
                }
            }
            work.end();
            must_be_whole(&work.disk, &work, &when);
        }
    }
}

/// What a commit promises doesn't depend on a merge behind its back: that one
/// fails, as often as it is tried, and the receipt says so.
#[test]
fn a_merge_that_fails_in_the_background_fails_no_commit() {
    let disk = Disk::new();
    disk.set_fault(Fault::Merging, false);
    let mut writer = open(&disk).unwrap().writer_with(one_thread()).unwrap();
    let mut told = Vec::new();
    let mut put = 0;
    for round in 0..12 {
        for _ in 0..20 {
            writer.put(&document(put, round, 800)).unwrap();
            put += 1;
        }
        told.extend(writer.commit().unwrap().failed_merge);
    }
    let last = writer.close().unwrap();
    told.extend(last.failed_merge);
    assert!(!told.is_empty());
    for why in told {
        assert!(why.contains("segment-") && why.contains("failed"), "{why}");
    }
    assert_eq!(documents(&open(&disk).unwrap()).len() as u32, put);
    assert_eq!((last.segments, last.merges), (12, 0));

    // Nothing was lost, nothing is left lying about, and it is made up for.
    disk.set_fault(Fault::Never, false);
    let mut writer = open(&disk).unwrap().writer_with(one_thread()).unwrap();
    assert_eq!(disk.names(), files_needed(&disk));
    writer.put(&document(put, 0, 3)).unwrap();
    let receipt = writer.close().unwrap();
    assert_eq!(receipt.failed_merge, None);
    assert!(receipt.segments < 12 && receipt.merges > 0, "{receipt:?}");
    assert_eq!(documents(&open(&disk).unwrap()).len() as u32, put + 1);
}
