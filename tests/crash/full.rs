//! Threat: the disk is full.

use crate::disk::Disk;
use crate::documents;
use crate::work::{Work, must_be_whole, one_thread, open, script};
use wordhoard::ErrorKind;

/// At first everything fits, then ever less.
#[test]
fn a_full_disk_is_an_error_and_the_writer_lives_on() {
    let (script, options) = (script(), one_thread());
    let mut refused = 0;
    for space in (0..60_000).step_by(701) {
        let disk = Disk::new();
        let mut work = Work::new(&disk, &options);
        work.writer().unwrap();
        disk.set_space(space);
        for step in &script {
            let Err(error) = work.carry_out(*step) else {
                continue;
            };
            refused += 1;
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains("space"), "{error}");
            assert!(
                error.to_string().contains(".hoard")
                    || error.to_string().contains(".bits")
                    || error.to_string().contains("manifest"),
                "{error}"
            );
            // What is there can be searched meanwhile.
            let found = documents(&open(&disk).unwrap());
            assert!(work.allows(&found), "{found:?}");
            disk.set_space(space + 100_000);
            work.carry_out(*step).unwrap();
        }
        work.writer = None;
        disk.set_space(usize::MAX);
        must_be_whole(&disk, &work, &format!("{space} bytes of space"));
    }
    assert!(refused > 20, "{refused}");
}
