//! Threat: large segments are joined, which waits in scratch files, and anything fails.

use crate::disk::{Disk, Fault, Unsynced};
use crate::work::{Step, Work, files_needed, must_be_whole, one_thread, operations};
use wordhoard::ErrorKind;

/// What has no room in memory while large segments are joined waits in a scratch
/// file. That can fail as anything, and is left by who dies.
#[test]
fn any_operation_of_a_large_merge_may_fail() {
    let (script, options) = (large_script(), one_thread());
    let begin = operations(&script[..script.len() - 1], &options);
    let disk = Disk::new();
    let mut work = Work::new(&disk, &options);
    script
        .iter()
        .for_each(|step| work.carry_out(*step).unwrap());
    assert!(disk.scratched() > 200_000, "{}", disk.scratched());
    let count = disk.operations();
    let mut left = 0;
    for at in begin + 1..=count {
        let mut work = Work::faulty(Fault::From(at), at % 2 == 0, &options);
        let failed = script.iter().find_map(|step| work.carry_out(*step).err());
        // What only tidies up may fail unsaid.
        if let Some(error) = failed {
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        }
        let names = work.disk.names();
        left += u32::from(names.iter().any(|name| name.starts_with("scratch")));
        let after = work.disk.after_power_cut(Unsynced::Mixed(at));
        must_be_whole(&after, &work, &format!("power cut at {at}"));
        work.end();
        must_be_whole(&work.disk, &work, &format!("killed at {at}"));

        let mut work = Work::faulty(Fault::Once(at), at % 2 == 0, &options);
        for step in &script {
            if work.carry_out(*step).is_err() {
                work.carry_out(*step).unwrap();
            }
        }
        work.end();
        must_be_whole(&work.disk, &work, &format!("operation {at} failed"));
    }
    assert!(left > 10, "{left}");
}

#[test]
fn a_disk_may_be_full_while_large_segments_are_joined() {
    let (script, options) = (large_script(), one_thread());
    let (last, before) = script.split_last().unwrap();
    let mut refused = 0;
    for space in (0..1_500_000).step_by(70_001) {
        let disk = Disk::new();
        let mut work = Work::new(&disk, &options);
        before
            .iter()
            .for_each(|step| work.carry_out(*step).unwrap());
        disk.set_space(space);
        if let Err(error) = work.carry_out(*last) {
            refused += 1;
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains("space"), "{error}");
            assert!(error.to_string().contains(".hoard"), "{error}");
            // Whoever hears of it must know what became of the documents.
            assert!(error.to_string().starts_with("committed, but"), "{error}");
            disk.set_space(usize::MAX);
            work.carry_out(*last).unwrap();
        }
        work.end();
        disk.set_space(usize::MAX);
        must_be_whole(&disk, &work, &format!("{space} bytes of space"));
    }
    assert!(refused > 5, "{refused}");
}

/// A file that lasts may be laid out for searches, at the cost of who joins it. So that is
/// for the segment that is left alone.
#[test]
fn the_segment_that_is_left_alone_is_created_to_last() {
    let disk = Disk::new();
    let mut work = Work::new(&disk, &one_thread());
    let mut carry_out = |step| work.carry_out(step).unwrap();
    let segment = || {
        let needed = files_needed(&disk).into_iter();
        let mut segments = needed.filter(|name| name.starts_with("segment"));
        let segment = segments.next().unwrap();
        assert_eq!(segments.next(), None);
        segment
    };
    let script = large_script();
    let (optimize, before) = script.split_last().unwrap();
    before.iter().for_each(|step| carry_out(*step));
    assert_eq!(disk.lasting(), Vec::<String>::new());
    carry_out(*optimize);
    let mut lasting = vec![segment()];
    assert_eq!(disk.lasting(), lasting);
    // What is joined is but read to be reordered.
    carry_out(Step::Put {
        key: 100,
        version: 0,
        words: 1000,
    });
    carry_out(Step::Reorder);
    lasting.push(segment());
    assert_eq!(disk.lasting(), lasting);
}

/// Two segments, and what joins them.
fn large_script() -> Vec<Step> {
    let mut script = Vec::new();
    for round in 0..2 {
        script.extend((0..50).map(|at| Step::Put {
            key: round * 45 + at,
            version: round,
            words: 1000,
        }));
        script.push(Step::Commit);
    }
    script.push(Step::Optimize);
    script
}
