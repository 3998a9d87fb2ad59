//! Threat: the process is killed.

use crate::{Documents, document, documents, only_needed_files, schema};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;
use wordhoard::{Index, Query};

const FOLDER: &str = "WORDHOARD_TEST_CRASH";

/// Not a test but a process: commits again and again, and says how often.
#[test]
fn the_process_to_be_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let index = Index::open(folder).unwrap();
    let searcher = index.searcher().unwrap();
    let mut done = searcher.count(Query::all()).unwrap() as u32;
    let mut writer = index.writer().unwrap();
    println!();
    loop {
        writer.put(&document(done, done, 200)).unwrap();
        writer.commit().unwrap();
        done += 1;
        println!("committed {done}");
    }
}

#[test]
fn a_killed_process_leaves_all_that_it_committed() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::options()
        .schema(schema())
        .create(folder.path())
        .unwrap();
    let mut last = 0;
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::the_process_to_be_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let begun = lines.find(|line| line.as_ref().unwrap().starts_with("committed"));
        assert!(begun.is_some(), "it never committed");
        std::thread::sleep(Duration::from_millis(7 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let said = lines.map_while(|line| line.ok()).chain(begun.unwrap());
        let said = said.filter_map(|line| line.strip_prefix("committed ")?.parse::<u64>().ok());
        let said = said.max().unwrap();
        let found = documents(&index).len() as u64;
        assert!(
            found == said || found == said + 1,
            "{found} documents after {said} commits"
        );
        assert!(said > last);
        last = found;
    }
    let expected: Documents = (0..last as u32).map(|n| document(n, n, 200)).collect();
    assert_eq!(documents(&index), expected);
    only_needed_files(&index, folder.path());
}
