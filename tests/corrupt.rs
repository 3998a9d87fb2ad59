//! Threat: bytes that lie. A disk, a copy or a person has changed a file of
//! the index, or taken a part of it away.
//!
//! Whatever is done to a file: opening, checking and searching end with an
//! error that names it, or with the answers of the undamaged index. Where the
//! checksums were made to fit the lie, so that nobody can notice it from
//! outside, answers may be wrong; but nothing panics, hangs or takes memory
//! without bound.

use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wordhoard::search::{Search, Sort};
use wordhoard::storage::{Directory, Memory};
use wordhoard::{Error, ErrorKind, Index, Query, Result, Schema, Text, WriterOptions};

type Files = BTreeMap<String, Vec<u8>>;

fn schema() -> Schema {
    Schema::builder()
        .key("id")
        .text("t", Text::plain())
        .keyword("tag")
        .integer("n")
        .float("f")
        .build()
        .unwrap()
}

/// An index of so many documents, some of them deleted, as its files.
fn files(documents: u64) -> Files {
    let memory = Memory::new();
    let index = Index::options()
        .schema(schema())
        .create_in(Arc::new(memory.clone()))
        .unwrap();
    let mut writer = index.writer().unwrap();
    for number in 0..documents {
        let mut document = json!({
            "id": format!("k{number}"),
            "t": format!("to be or not w{} {} to be", number % 7, "be ".repeat(number as usize % 5)),
            "n": number as i64 * 37 % 101 - 50,
        });
        if number % 3 != 1 {
            document["tag"] = json!([format!("tag{}", number % 4), "all"]);
            document["f"] = json!(number as f64 / 3.0);
        }
        writer.put(&document).unwrap();
    }
    writer.commit().unwrap();
    writer.delete("k2").unwrap();
    writer.delete("k5").unwrap();
    writer.commit().unwrap();
    let names = memory.list().unwrap();
    let files = names.into_iter().map(|name| {
        let bytes = memory.open(&name).unwrap().to_vec();
        (name, bytes)
    });
    files.collect()
}

fn directory(files: &Files) -> Arc<Memory> {
    let memory = Memory::new();
    for (name, bytes) in files {
        let mut file = memory.create(name).unwrap();
        file.write_all(bytes).unwrap();
        file.finish().unwrap();
    }
    Arc::new(memory)
}

/// Opens the index and asks it all kinds of questions; what it answered.
fn ask(files: &Files) -> Result<Vec<String>> {
    let index = Index::options().open_in(directory(files))?;
    let searcher = index.searcher()?;
    let mut answers = Vec::new();
    for asked in [
        "to",
        "be -w3",
        "+be +w2",
        "\"to be\"",
        "\"not w1\"~3",
        "w*",
        "b* tag:t*",
        "w? +*o*",
        "tag:\"?a*2\"~? -t:\"[n-o].*|w[1-3]\"~/",
        "wk1~",
        "nott~2 tag:tak2~1",
        "tag:tag2",
        "n:[-10 TO 20]",
        "id:k7 OR id:k2",
        "+w4 tag:all n:{0 TO *}",
    ] {
        let page = searcher
            .search(asked)
            .limit(20)
            .facet("tag", 10)
            .facet("n", 3)
            .count_exactly()
            .run()?;
        answers.push(format!("{asked}: {:?} {:?}", page.total(), page.facets()));
        for hit in &page {
            answers.push(format!(
                "{} {} {}",
                hit.number(),
                hit.score(),
                hit.source()?
            ));
            answers.push(hit.snippet("t")?.to_html());
            answers.push(hit.explain()?.to_string());
            hit.key()?;
        }
    }
    for asked in ["be w3", "+to +w?", "\"to be\""] {
        turn_pages(&searcher.search(asked), &mut answers)?;
    }
    for sort in [
        Sort::descending("n"),
        Sort::ascending("f"),
        Sort::ascending("tag"),
        Sort::descending("tag"),
    ] {
        turn_pages(&searcher.search(Query::all()).sort_by(sort), &mut answers)?;
    }
    answers.push(format!("{:?}", searcher.document::<Json>("k3")?));
    Ok(answers)
}

/// All pages of a search, each after the last hit of the one before.
fn turn_pages(search: &Search, answers: &mut Vec<String>) -> Result<()> {
    let mut page = search.clone().limit(20).run()?;
    let mut pages = 1;
    while let Some(cursor) = page.cursor() {
        let numbers = page.hits().map(|hit| hit.number().to_string());
        answers.extend(numbers.chain([cursor.to_string()]));
        page = search.clone().limit(20).after(cursor).run()?;
        pages += 1;
        assert!(pages < 50, "{search:?} goes round in circles");
    }
    Ok(())
}

fn verify(files: &Files) -> Result<()> {
    Index::options()
        .open_in(directory(files))?
        .verify()
        .map(|_| ())
}

/// A writer at work on the damaged index.
fn write(files: &Files) -> Result<()> {
    let index = Index::options().open_in(directory(files))?;
    let mut writer = index.writer()?;
    writer.put(&json!({"id": "k1", "t": "be new", "n": 1}))?;
    writer.delete_matching("w5")?;
    writer.optimize()?;
    index.verify().map(|_| ())
}

/// The name of the segment.
fn segment_of(files: &Files) -> &str {
    let segment = files.keys().find(|name| name.starts_with("segment-"));
    segment.unwrap()
}

fn damaged(files: &Files, name: &str, damage: impl FnOnce(&mut Vec<u8>)) -> Files {
    let mut files = files.clone();
    damage(files.get_mut(name).unwrap());
    files
}

fn must_name(error: &Error, name: &str, what: &str) {
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{what}: {error}");
    assert!(error.to_string().contains(name), "{what}: {error}");
}

#[test]
fn every_flip_and_every_cut_is_an_error_that_names_the_file() {
    let files = files(40);
    let right = ask(&files).unwrap();
    assert!(right.len() > 150);
    verify(&files).unwrap();
    let kinds = ["segment-", "deleted-", "manifest-"];
    assert!(
        kinds
            .iter()
            .all(|kind| files.keys().any(|name| name.starts_with(kind)))
    );
    for (name, bytes) in &files {
        for at in 0..bytes.len() {
            for mask in [0x01, 0x80, 0xff] {
                let what = format!("{name}, byte {at} ^ {mask:02x}");
                let files = damaged(&files, name, |bytes| bytes[at] ^= mask);
                check(&files, name, &right, &what);
            }
            let what = format!("{name} cut at {at}");
            let files = damaged(&files, name, |bytes| bytes.truncate(at));
            check(&files, name, &right, &what);
        }
        for more in [1, 8, 4096] {
            let what = format!("{name} and {more} zeros");
            let files = damaged(&files, name, |bytes| bytes.resize(bytes.len() + more, 0));
            check(&files, name, &right, &what);
        }
    }
}

fn check(files: &Files, name: &str, right: &[String], what: &str) {
    match ask(files) {
        Err(error) if matches!(error.kind(), ErrorKind::Incompatible { .. }) => {
            // A flip of the version itself.
            assert!(error.to_string().contains(name), "{what}: {error}");
            return;
        }
        Err(error) => must_name(&error, name, what),
        Ok(answers) => assert_eq!(answers, right, "{what}"),
    }
    must_name(&verify(files).unwrap_err(), name, what);
}

#[test]
fn missing_files_are_named() {
    let files = files(10);
    for name in files.keys() {
        let mut fewer = files.clone();
        fewer.remove(name);
        let error = ask(&fewer).unwrap_err();
        if name.starts_with("manifest-") {
            assert_eq!(error.kind(), ErrorKind::NotFound);
            // Nor is another index made there, whose writer would sweep the rest.
            let directory = directory(&fewer);
            let created = Index::options()
                .schema(schema())
                .create_in(directory.clone());
            must_name(&created.unwrap_err(), "segment-", "no manifest");
            let left = directory.list().unwrap();
            assert!(fewer.keys().all(|name| left.contains(name)));
        } else {
            must_name(&error, name, "missing");
        }
    }
}

#[test]
fn a_folder_that_is_no_index_is_called_so() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    std::fs::write(folder.path().join("letter.txt"), "Dear reader").unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    let error = Index::open(folder.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains(place), "{error}");

    let file = folder.path().join("letter.txt");
    let error = Index::open(&file).unwrap_err();
    assert!(
        error.to_string().contains("letter.txt: it is a file"),
        "{error}"
    );
    let error = Index::options().schema(schema()).create(&file).unwrap_err();
    assert!(error.to_string().contains("letter.txt"), "{error}");

    // Other people's files are not the index's to delete.
    let index = Index::options()
        .schema(schema())
        .create(folder.path())
        .unwrap();
    let mut writer = index.writer().unwrap();
    writer.put(&json!({"id": "a"})).unwrap();
    writer.commit().unwrap();
    writer.close().unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), b"Dear reader");
    Index::open(folder.path()).unwrap().verify().unwrap();

    // A folder where a manifest should be.
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("manifest-000000000001.json");
    std::fs::create_dir(&manifest).unwrap();
    let error = Index::open(folder.path()).unwrap_err();
    assert!(
        error.to_string().contains("manifest-000000000001.json"),
        "{error}"
    );
}

#[test]
fn empty_and_foreign_files_are_named() {
    let files = files(10);
    for name in files.keys() {
        for content in [&b""[..], b"x", b"{}", b"null\n", &[0; 100], &[0xff; 5000]] {
            let files = damaged(&files, name, |bytes| *bytes = content.to_vec());
            must_name(&ask(&files).unwrap_err(), name, &format!("{content:?}"));
        }
        // Each file in the place of each other.
        for other in files.values() {
            if *other != files[name] {
                let files = damaged(&files, name, |bytes| bytes.clone_from(other));
                must_name(&ask(&files).unwrap_err(), name, "another file's content");
            }
        }
    }
}

#[test]
fn newer_versions_are_told_from_damage() {
    let files = files(10);
    let newer = |name: &str, damage: &dyn Fn(&mut Vec<u8>)| {
        let files = damaged(&files, name, |bytes| damage(bytes));
        let error = ask(&files).unwrap_err();
        let kind = ErrorKind::Incompatible {
            found: 7,
            supported: 1,
        };
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(name), "{error}");
        assert!(error.to_string().contains("newer wordhoard"), "{error}");
    };
    for name in files.keys() {
        match name.split('-').next().unwrap() {
            "segment" => newer(name, &|bytes| {
                let end = bytes.len();
                bytes[8] = 7;
                bytes[end - 12] = 7;
            }),
            "deleted" => newer(name, &|bytes| bytes[8] = 7),
            _ => newer(name, &|bytes| {
                let text = String::from_utf8(bytes.clone()).unwrap();
                *bytes = text.replace("\"format\": 1", "\"format\": 7").into_bytes();
            }),
        }
    }
}

/// The sections of a segment, their entries in the table, and the table, as
/// `src/segment/file.rs` draws them.
struct Layout {
    sections: Vec<(usize, Range<usize>)>,
    table: usize,
    tail: usize,
}

fn number(bytes: &[u8], at: usize, length: usize) -> usize {
    let bytes = &bytes[at..at + length];
    bytes
        .iter()
        .rev()
        .fold(0, |value, byte| value << 8 | usize::from(*byte))
}

fn layout(bytes: &[u8]) -> Layout {
    let tail = bytes.len() - 40;
    let table = number(bytes, tail, 8);
    let entries = (table..tail).step_by(24);
    let sections = entries.map(|entry| {
        let offset = number(bytes, entry + 8, 8);
        (entry, offset..offset + number(bytes, entry + 16, 8))
    });
    Layout {
        sections: sections.collect(),
        table,
        tail,
    }
}

/// Makes the checksums of the table fit.
fn seal(bytes: &mut [u8], layout: &Layout) {
    let Layout { table, tail, .. } = *layout;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bytes[table..tail]);
    hasher.update(&bytes[tail..tail + 24]);
    hasher.update(&bytes[..16]);
    bytes[tail + 24..tail + 28].copy_from_slice(&hasher.finalize().to_le_bytes());
}

/// The index of so many documents with a manifest that doesn't tell files by their
/// checksums, as those of before: so that lies get further than that.
fn credulous(documents: u64) -> Files {
    let mut files = files(documents);
    let (_, bytes) = files
        .iter_mut()
        .find(|(name, _)| name.starts_with("manifest-"))
        .unwrap();
    let body = &bytes[..bytes.len() - "crc32 00000000\n".len()];
    let mut manifest: Json = serde_json::from_slice(body).unwrap();
    for line in manifest["segments"].as_array_mut().unwrap() {
        line.as_object_mut().unwrap().remove("checksum").unwrap();
        if let Some(tombstones) = line.get_mut("tombstones") {
            let tombstones = tombstones.as_object_mut().unwrap();
            tombstones.remove("checksum").unwrap();
        }
    }
    *bytes = serde_json::to_vec_pretty(&manifest).unwrap();
    bytes.push(b'\n');
    bytes.extend(format!("crc32 {:08x}\n", crc32fast::hash(bytes)).into_bytes());
    ask(&files).unwrap();
    verify(&files).unwrap();
    files
}

/// Files that are whole, each in the place of another of its size.
#[test]
fn files_that_took_each_others_names_are_told_apart() {
    let memory = Memory::new();
    let index = Index::options()
        .schema(schema())
        .create_in(Arc::new(memory.clone()))
        .unwrap();
    let options = WriterOptions::default().without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for word in ["alpha", "omega"] {
        for number in 0..3 {
            let id = format!("{word}{number}");
            writer.put(&json!({ "id": id, "t": word })).unwrap();
        }
        writer.commit().unwrap();
    }
    writer.delete("alpha0").unwrap();
    writer.delete("omega1").unwrap();
    writer.commit().unwrap();
    let mut files = Files::new();
    for name in memory.list().unwrap() {
        let bytes = memory.open(&name).unwrap().to_vec();
        files.insert(name, bytes);
    }
    verify(&files).unwrap();
    for kind in ["segment-", "deleted-"] {
        let names: Vec<&String> = files.keys().filter(|n| n.starts_with(kind)).collect();
        let [one, other] = names[..] else {
            panic!("{names:?}");
        };
        assert_eq!(files[one].len(), files[other].len());
        let mut swapped = files.clone();
        swapped.insert(one.clone(), files[other].clone());
        swapped.insert(other.clone(), files[one].clone());
        must_name(&verify(&swapped).unwrap_err(), one, "swapped");
        let directory = directory(&swapped);
        must_name(
            &Index::options().open_in(directory).unwrap_err(),
            one,
            "swapped",
        );
    }
}

/// Lies whose checksums fit. What is answered then is anything, but in time.
#[test]
fn lies_under_right_checksums_do_no_harm() {
    // Enough for full blocks of postings, positions and values.
    for (documents, step) in [(40, 2), (700, 67)] {
        let files = credulous(documents);
        let name = segment_of(&files);
        let good = &files[name];
        let layout = layout(good);
        let (mut lies, mut seen) = (0, 0);
        let mut slowest = Duration::ZERO;
        for (entry, section) in &layout.sections {
            for at in section.clone().step_by(step) {
                // One of these, another at each byte.
                let tried = [good[at] ^ 1, good[at] ^ 0x80, 0xff, 0, good[at] ^ 0x10];
                let tried = [tried[at / step % 5], tried[(at / step + 2) % 5]];
                for byte in tried {
                    let lying = damaged(&files, name, |bytes| {
                        bytes[at] = byte;
                        let checksum = crc32fast::hash(&bytes[section.clone()]);
                        bytes[entry + 4..entry + 8].copy_from_slice(&checksum.to_le_bytes());
                        seal(bytes, &layout);
                    });
                    let begun = Instant::now();
                    let mut answers = vec![verify(&lying), ask(&lying).map(|_| ())];
                    if lies % 8 == 0 {
                        // A writer starts threads, which takes time.
                        answers.push(write(&lying));
                    }
                    slowest = slowest.max(begun.elapsed());
                    lies += 1;
                    seen += usize::from(answers[0].is_err());
                    for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
                        // Some lies make a document that can be parsed no longer. Others
                        // are found in what the segment was joined into.
                        let text = error.to_string();
                        let names_it = text.contains("segment-");
                        let is_text = error.kind() == ErrorKind::Document;
                        assert!(names_it || is_text, "byte {at}: {text}");
                    }
                }
            }
        }
        assert!(lies > 500, "{lies}");
        // What `verify` can't see are other texts in place of the documents',
        // other values and words, and bytes that were so before.
        assert!(seen * 10 > lies * 3, "{seen} of {lies}");
        assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    }
}

/// Keywords that are out of order, though each can be read.
#[test]
fn pages_in_the_order_of_a_lying_dictionary_end() {
    let files = credulous(40);
    let name = segment_of(&files);
    let good = &files[name];
    let layout = layout(good);
    // The terms of the first field, the key.
    let (entry, section) = layout
        .sections
        .iter()
        .find(|(entry, _)| number(good, *entry, 4) == 3)
        .unwrap();
    let mut refused = 0;
    for at in section.clone().filter(|at| good[*at].is_ascii_digit()) {
        let lying = damaged(&files, name, |bytes| {
            bytes[at] = b'z';
            let checksum = crc32fast::hash(&bytes[section.clone()]);
            bytes[entry + 4..entry + 8].copy_from_slice(&checksum.to_le_bytes());
            seal(bytes, &layout);
        });
        let index = Index::options().open_in(directory(&lying));
        let Ok(searcher) = index.and_then(|index| index.searcher()) else {
            continue;
        };
        let search = searcher.search(Query::all());
        let search = search.sort_by(Sort::ascending("id"));
        if let Err(error) = turn_pages(&search, &mut Vec::new()) {
            must_name(&error, name, "out of order");
            refused += usize::from(error.to_string().contains("out of order"));
        }
    }
    assert!(refused > 0);
}

/// Numbers in table and tail that point anywhere, under right checksums.
#[test]
fn a_lying_table_is_an_error_or_harmless() {
    let files = credulous(40);
    let name = segment_of(&files);
    let layout = layout(&files[name]);
    let end = files[name].len();
    for at in (layout.table..layout.tail + 24)
        .chain(0..16)
        .chain([end - 12])
    {
        for byte in [0, 1, 0x40, 0x7f, 0x80, 0xff] {
            let files = damaged(&files, name, |bytes| {
                bytes[at] = byte;
                seal(bytes, &layout);
            });
            for answer in [ask(&files).map(|_| ()), verify(&files), write(&files)] {
                if let Err(error) = answer {
                    assert!(error.to_string().contains(name), "byte {at}: {error}");
                }
            }
        }
    }
}

/// Tombstones and manifests that lie under right checksums.
#[test]
fn lying_tombstones_and_manifests_do_no_harm() {
    let files = credulous(40);
    let name = files
        .keys()
        .find(|name| name.starts_with("deleted-"))
        .unwrap();
    for at in 0..files[name].len() - 4 {
        for mask in [1, 0x80, 0xff] {
            let files = damaged(&files, name, |bytes| {
                bytes[at] ^= mask;
                let end = bytes.len() - 4;
                let checksum = crc32fast::hash(&bytes[..end]);
                bytes[end..].copy_from_slice(&checksum.to_le_bytes());
            });
            let _ = ask(&files);
            let _ = write(&files);
            // A bit moved, or lengths changed: the documents tell.
            assert!(verify(&files).is_err(), "byte {at}");
        }
    }
    let name = files
        .keys()
        .find(|name| name.starts_with("manifest-"))
        .unwrap();
    for at in 0..files[name].len() - 15 {
        for mask in [1, 2, 4, 0x80] {
            let files = damaged(&files, name, |bytes| {
                bytes[at] ^= mask;
                let end = bytes.len() - 15;
                let line = format!("crc32 {:08x}\n", crc32fast::hash(&bytes[..end]));
                bytes.truncate(end);
                bytes.extend(line.into_bytes());
            });
            let _ = ask(&files);
            let _ = verify(&files);
            let _ = write(&files);
        }
    }
}
