//! The protocol of the search-benchmark-game: a line in, a line out.

use crate::{assert_code, assert_has, err, indexed, out, run_with};

#[test]
fn drive_speaks_the_protocol() {
    let (_folder, index) = indexed();
    let asked = "TOP_10\tfox quick\nCOUNT\t+quick +fox\nCOUNT\t\"quick brown\"\nTOP_10_COUNT\tbrown -bears\n\
                 UNOPTIMIZED_COUNT\tfox\nTOP_1000\tnothing\nIDS_10\tfox\nPING\t\nSHOUT\tfox\n";
    let output = run_with(&["drive", &index], asked);
    assert_eq!(out(&output), "3\n1\n1\n1\n2\n0\n1,3\n0\nUNSUPPORTED\n");
    let output = run_with(&["drive", &index, "--timed"], asked);
    for line in out(&output).lines() {
        let (_, nanoseconds) = line.split_once('\t').unwrap();
        nanoseconds.parse::<u64>().unwrap();
    }
}

#[test]
fn drive_answers_line_by_line_whatever_is_asked() {
    let (_folder, index) = indexed();
    let wide = "w ".repeat(100_000);
    let deep = "(".repeat(10_000);
    let asked = [
        b"TOP_10\tfox\r\nTOP_100\tfox\nTOP_1000\tfox\n".to_vec(),
        b"TOP_10_COUNT\tfox\nTOP_100_COUNT\tfox\nTOP_1000_COUNT\tfox\nCOUNT\tfox\nUNOPTIMIZED_COUNT\tfox\n".to_vec(),
        b"IDS_10\tunheard\nCOUNT\t-fox\nCOUNT\t\nCOUNT\nPING\n".to_vec(),
        b"COUNT\tfox \xff\xfe\nCOUNT\tfox \"quick\nCOUNT\t\0\n\n".to_vec(),
        format!("COUNT\t{wide}\nCOUNT\t{deep}\nCOUNT\tyear:soon\nCOUNT\tfox").into_bytes(),
    ];
    let output = run_with(&["drive", &index], asked.concat());
    assert_code(&output, 0);
    let expected = [
        &["2", "2", "2"][..],
        &["2"; 5],
        &["", "1", "0", "0", "0"],
        &["2", "3", "0", "UNSUPPORTED"],
        // Not a number, since there is none; what was wrong is on stderr.
        &["ERROR", "ERROR", "0", "2"],
    ];
    assert_eq!(out(&output).lines().collect::<Vec<_>>(), expected.concat());
    for said in ["more than the 10000 clauses", "30 levels"] {
        assert_has(err(&output), said);
    }
}
