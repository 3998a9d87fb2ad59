use super::file_system::{AT_ONCE, LARGE, UNIT};
use super::*;
use crate::error::ErrorKind;

/// Every directory must behave so.
fn exercise(directory: &dyn Directory) {
    assert_eq!(directory.open("a").unwrap_err().kind(), ErrorKind::NotFound);
    write_file(directory, "a", b"one").unwrap();
    assert!(directory.create("a").is_err());
    write_file(directory, "b", b"").unwrap();
    assert_eq!(&*directory.open("a").unwrap(), b"one");
    assert_eq!(&*directory.open("b").unwrap(), b"");
    directory.publish("a", "c").unwrap();
    assert_eq!(
        directory.publish("b", "c").unwrap_err().kind(),
        ErrorKind::Locked
    );
    assert_eq!(directory.list().unwrap(), ["b", "c"]);
    assert!(directory.publish("a", "d").is_err());
    directory.delete("c").unwrap();
    directory.delete("c").unwrap();
    let names = directory.list().unwrap();
    // What is needed for a while comes back in any order, and leaves nothing.
    let mut scratch = directory.scratch("s").unwrap();
    scratch.append(b"hoard of").unwrap();
    scratch.append(b" words").unwrap();
    let mut read = [0; 5];
    scratch.read(9, &mut read).unwrap();
    assert_eq!(&read, b"words");
    scratch.read(0, &mut read).unwrap();
    assert_eq!(&read, b"hoard");
    assert!(scratch.read(10, &mut read).is_err());
    scratch.append(b"!").unwrap();
    scratch.read(10, &mut read).unwrap();
    assert_eq!(&read, b"ords!");
    scratch.clear().unwrap();
    assert!(scratch.read(0, &mut read).is_err());
    scratch.append(b"anew, ").unwrap();
    scratch.read(0, &mut read).unwrap();
    assert_eq!(&read, b"anew,");
    drop(scratch);
    assert_eq!(directory.list().unwrap(), names);
    directory.sync().unwrap();
    let lock = directory.lock().unwrap();
    let error = directory.lock().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    // On Windows nobody reads what another has locked.
    let process = std::process::id().to_string();
    assert!(
        cfg!(windows) || error.to_string().contains(&process),
        "{error}"
    );
    drop(lock);
    drop(directory.lock().unwrap());
}

/// What is open outlives its name, where the system lets it.
fn outlive(directory: &dyn Directory) {
    write_file(directory, "a", b"one").unwrap();
    let held = directory.open("a").unwrap();
    directory.publish("a", "c").unwrap();
    assert!(!directory.list().unwrap().contains(&"a".to_owned()));
    directory.delete("c").unwrap();
    assert_eq!(&*held, b"one");
    // A writer whose file was deleted has nothing to do with the next one.
    let mut late = directory.create("d").unwrap();
    directory.delete("d").unwrap();
    write_file(directory, "d", b"two").unwrap();
    late.write_all(b"late").unwrap();
    late.finish().unwrap();
    assert_eq!(&*directory.open("d").unwrap(), b"two");
    directory.delete("d").unwrap();
}

#[test]
fn memory() {
    let memory = Memory::new();
    exercise(&memory);
    outlive(&memory);
}

#[test]
fn files() {
    let folder = tempfile::tempdir().unwrap();
    let directory = FileSystem::new(folder.path().join("deep/index"));
    assert_eq!(directory.list().unwrap_err().kind(), ErrorKind::NotFound);
    directory.make().unwrap();
    exercise(&directory);
    if cfg!(unix) {
        outlive(&directory);
    }
    let names = directory.list().unwrap();
    assert_eq!(names, ["b", "lock"]);
    let error = directory.open("missing").unwrap_err();
    assert!(error.to_string().contains("missing"), "{error}");
}

/// Of so many bytes some are made durable before the last are written.
#[test]
fn a_large_file_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let directory = FileSystem::new(folder.path());
    let piece: Vec<u8> = (0..1 << 20).map(|at: u32| (at % 251) as u8).collect();
    let mut file = directory.create("large").unwrap();
    for _ in 0..50 {
        file.write_all(&piece).unwrap();
    }
    file.finish().unwrap();
    let bytes = directory.open("large").unwrap();
    assert_eq!(bytes.len(), 50 << 20);
    assert!(bytes.chunks(1 << 20).all(|chunk| chunk == piece));
    // One that nobody finishes can be deleted, whatever goes on.
    let mut file = directory.create("left").unwrap();
    for _ in 0..20 {
        file.write_all(&piece).unwrap();
    }
    drop(file);
    directory.delete("left").unwrap();
    if cfg!(unix) {
        assert_eq!(directory.list().unwrap(), ["large"]);
    }
}

/// How much of a file is in memory once a byte of it was read depends on this.
#[test]
fn files_are_written_in_small_units() {
    let folder = tempfile::tempdir().unwrap();
    let directory = FileSystem::new(folder.path());
    let bytes: Vec<u8> = (0..3 * AT_ONCE + 7).map(|at| (at % 251) as u8).collect();
    let mut file = directory.create("a").unwrap();
    assert_eq!(file.write(&bytes).unwrap(), AT_ONCE);
    file.write_all(&bytes[AT_ONCE..]).unwrap();
    file.finish().unwrap();
    assert!(*directory.open("a").unwrap() == bytes);
}

#[test]
fn a_large_file_has_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let directory = FileSystem::new(folder.path());
    let bytes: Vec<u8> = (0..2 * UNIT + UNIT / 3)
        .map(|at| (at % 251) as u8)
        .collect();
    // In pieces that end before, at and behind the end of a unit, and flushed within one.
    for (name, piece) in [
        ("a", 1000),
        ("b", UNIT / 4),
        ("c", UNIT + 1),
        ("d", bytes.len()),
    ] {
        let mut file = directory.create_lasting(name, LARGE).unwrap();
        let mut flushed = 0;
        for (number, piece) in bytes.chunks(piece).enumerate() {
            file.write_all(piece).unwrap();
            if number == 1 {
                file.flush().unwrap();
                flushed = directory.open(name).unwrap().len();
                assert_eq!(flushed, bytes.len().min(2 * piece.len()));
            }
        }
        // No more than a unit waits in memory.
        let written = directory.open(name).unwrap().len();
        assert_eq!(written, flushed.max(2 * UNIT), "in pieces of {piece}");
        file.finish().unwrap();
        assert!(
            *directory.open(name).unwrap() == bytes,
            "in pieces of {piece}"
        );
    }
    let empty = directory.create_lasting("e", LARGE).unwrap();
    empty.finish().unwrap();
    assert!(directory.open("e").unwrap().is_empty());
    assert!(directory.create_lasting("e", LARGE).is_err());
    // One that isn't so large is like any.
    let mut small = directory.create_lasting("f", LARGE - 1).unwrap();
    assert_eq!(small.write(&bytes).unwrap(), AT_ONCE);
}
