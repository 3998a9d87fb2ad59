//! Names of files: of any bytes, with suffixes in any case.

use crate::{LINES, assert_code, documents, run};
use std::io::Write;

/// Systems let a name be any bytes, and whoever has such files can't do anything about it.
#[cfg(target_os = "linux")]
#[test]
fn a_name_may_be_no_text() {
    use crate::program::program;
    use crate::{assert_has, err, json_lines, out};
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;
    use std::process::{Command, Output};

    fn ask(arguments: &[&OsStr]) -> Output {
        Command::new(program()).args(arguments).output().unwrap()
    }
    let name = |bytes: &'static [u8]| Path::new(OsStr::from_bytes(bytes));
    let folder = tempfile::tempdir().unwrap();
    let lines = folder.path().join(name(b"caf\xe9.jsonl"));
    std::fs::write(&lines, LINES).unwrap();
    let index = folder.path().join(name(b"caf\xe9.hoard"));
    let output = ask(&["index".as_ref(), index.as_ref(), lines.as_ref()]);
    assert_code(&output, 0);
    assert_has(out(&output), "caf\\xe9.hoard has 3 documents");
    let output = ask(&["query".as_ref(), index.as_ref(), "anger".as_ref()]);
    assert_has(out(&output), "Bears");
    for command in ["stats", "verify", "terms", "merge"] {
        assert_code(&ask(&[command.as_ref(), index.as_ref()]), 0);
    }
    let gone = folder.path().join(name(b"gone\xff.jsonl"));
    let output = ask(&["index".as_ref(), index.as_ref(), gone.as_ref()]);
    assert_code(&output, 2);
    assert_has(err(&output), "gone\\xff.jsonl");

    // Two that differ in such a byte are two documents, not one that replaces the other.
    let texts = folder.path().join("texts");
    std::fs::create_dir(&texts).unwrap();
    for bytes in [&b"\xe8.txt"[..], b"\xe9.txt"] {
        let name = OsStr::from_bytes(bytes);
        std::fs::write(texts.join(name), "Whales.").unwrap();
    }
    let index = folder.path().join("texts.hoard").display().to_string();
    let texts = texts.display().to_string();
    for _ in 0..2 {
        assert_code(&run(&["index", &index, &texts]), 0);
        assert_eq!(documents(&index), 2);
    }
    let hits = json_lines(&run(&["query", &index, "whales", "--json"]));
    let path = hits[0]["document"]["path"].as_str().unwrap();
    assert!(path.ends_with("texts/\\xe8.txt"), "{path}");
}

#[test]
fn a_suffix_may_be_in_capitals() {
    let folder = tempfile::tempdir().unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(LINES.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    for (name, bytes) in [("A.JSONL", LINES.as_bytes()), ("B.Json.GZ", &packed)] {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let index = file.with_extension("hoard").display().to_string();
        let output = run(&["index", &index, file.to_str().unwrap()]);
        assert_code(&output, 0);
        assert_eq!(documents(&index), 3, "{name}");
    }
}
