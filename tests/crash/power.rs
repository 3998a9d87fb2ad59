//! Threat: the power fails, at any operation.

use crate::disk::{Fault, Unsynced};
use crate::work::{Step, Work, must_be_whole, one_thread, operations, script};
use wordhoard::{ErrorKind, WriterOptions};

#[test]
fn the_power_may_fail_at_every_operation() {
    let (script, options) = (script(), one_thread());
    let count = operations(&script, &options);
    assert!(count > 300, "{count}");
    for at in 1..=count + 1 {
        let unsynced = [Unsynced::Lost, Unsynced::Kept, Unsynced::Mixed(at)];
        cut(&script, &options, at, &unsynced);
    }
}

/// A process dies, another one begins where it stopped, and then the power
/// fails.
#[test]
fn the_power_may_fail_after_a_process_has() {
    let (script, options) = (script(), one_thread());
    for at in 1..=operations(&script, &options) {
        for half_done in [false, true] {
            let mut work = Work::faulty(Fault::From(at), half_done, &options);
            let _ = script.iter().find_map(|step| work.carry_out(*step).err());
            work.end();
            let mut second = Work::new(&work.disk, &options);
            second.writer().unwrap();
            for unsynced in [Unsynced::Lost, Unsynced::Kept, Unsynced::Mixed(at)] {
                let after = work.disk.after_power_cut(unsynced);
                let when = format!("killed at {at}, half done: {half_done}, {unsynced:?}");
                must_be_whole(&after, &work, &when);
            }
        }
    }
}

/// The power fails while segments are merged behind the writer's back, too.
#[test]
fn the_power_may_fail_during_a_merge_in_the_background() {
    let mut script = Vec::new();
    for round in 0..18 {
        script.extend((0..20).map(|at| Step::Put {
            key: round * 15 + at,
            version: round,
            words: 800,
        }));
        script.push(Step::Commit);
    }
    script.extend([Step::Delete(3), Step::Commit]);
    let options = WriterOptions::default().threads(2);
    let count = operations(&script, &options);
    for at in (1..=count).step_by((count / 40) as usize) {
        cut(&script, &options, at, &[Unsynced::Mixed(at)]);
    }
}

/// Runs until the power fails at this operation, and looks at what is there
/// when it is back.
fn cut(script: &[Step], options: &WriterOptions, at: u64, unsynced: &[Unsynced]) {
    for half_done in [false, true] {
        let mut work = Work::faulty(Fault::From(at), half_done, options);
        let failed = script.iter().find_map(|step| work.carry_out(*step).err());
        if let Some(error) = &failed {
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        }
        for unsynced in unsynced {
            let after = work.disk.after_power_cut(*unsynced);
            let when = format!("power cut at {at}, half done: {half_done}, {unsynced:?}");
            must_be_whole(&after, &work, &when);
        }
        work.writer = None;
    }
}
