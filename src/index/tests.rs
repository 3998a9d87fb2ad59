use super::*;
use crate::document::{Schema, Text};
use crate::storage::{Directory, Memory, write_file};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

fn schema() -> Schema {
    Schema::builder()
        .key("id")
        .text("body", Text::plain())
        .keyword("tags")
        .build()
        .unwrap()
}

fn in_memory(memory: &Memory) -> Index {
    let options = Index::options().schema(schema());
    options.create_in(Arc::new(memory.clone())).unwrap()
}

fn in_folder(folder: &TempDir) -> Index {
    let options = Index::options().schema(schema());
    options.create(folder.path()).unwrap()
}

fn document(key: u8, version: usize) -> Value {
    let tags: Vec<String> = (0..key % 3).map(|tag| format!("t{tag}")).collect();
    json!({ "id": key.to_string(), "body": format!("v{version} {}", "word ".repeat(usize::from(key) % 7)), "tags": tags })
}

/// All live documents in order, as the snapshot has them.
fn live(snapshot: &Snapshot) -> Vec<Value> {
    let mut all = Vec::new();
    for part in snapshot.parts() {
        for document in 0..part.segment.documents() {
            if !part.tombstones.is_deleted(document) {
                let text = part.segment.stored(document).unwrap();
                all.push(serde_json::from_str(&text).unwrap());
            }
        }
    }
    all
}

/// Every document whose key begins so.
struct KeyPrefix(&'static str);

impl Selection for KeyPrefix {
    fn select(&self, snapshot: &Snapshot) -> crate::Result<Vec<u32>> {
        let mut selected = Vec::new();
        for part in snapshot.parts() {
            for document in 0..part.segment.documents() {
                let text = part.segment.stored(document)?;
                let value: Value = serde_json::from_str(&text).unwrap();
                let wanted = value["id"].as_str().unwrap().starts_with(self.0);
                if wanted && !part.tombstones.is_deleted(document) {
                    selected.push(part.base + document);
                }
            }
        }
        Ok(selected)
    }
}

#[derive(Clone, Debug)]
enum Step {
    Put(u8),
    Delete(u8),
    DeleteMatching,
    Commit,
    Rollback,
    Reopen,
    Optimize,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => (0u8..60).prop_map(Step::Put),
        3 => (0u8..60).prop_map(Step::Delete),
        1 => Just(Step::DeleteMatching),
        3 => Just(Step::Commit),
        1 => Just(Step::Rollback),
        1 => Just(Step::Reopen),
        1 => Just(Step::Optimize),
    ];
    prop::collection::vec(step, 1..120)
}

/// Puts in order; the last with a key counts.
type Model = Vec<(u8, Value)>;

fn check(index: &Index, model: &Model) {
    let snapshot = index.snapshot().unwrap();
    let expected: Vec<Value> = model.iter().map(|(_, document)| document.clone()).collect();
    assert_eq!(live(&snapshot), expected);
    assert_eq!(snapshot.live_count(), expected.len() as u64);
    let lengths = expected.iter().map(|document| {
        let body = document["body"].as_str().unwrap();
        body.split_whitespace().count() as u64
    });
    let statistics = snapshot.statistics("body");
    assert_eq!(statistics.total_length, lengths.sum::<u64>());
    assert_eq!(statistics.documents as usize, expected.len());
    let tagged = expected
        .iter()
        .filter(|document| !document["tags"].as_array().unwrap().is_empty());
    assert_eq!(
        snapshot.statistics("tags").documents as usize,
        tagged.count()
    );
    index.verify().unwrap();
}

fn run(steps: &[Step], threads: usize) -> BTreeMap<String, Vec<u8>> {
    let directory = Memory::new();
    let index = in_memory(&directory);
    let options = || WriterOptions::default().threads(threads);
    let mut writer = index.writer_with(options()).unwrap();
    let (mut model, mut committed) = (Model::new(), Model::new());
    // Since the last commit.
    let (mut put, mut deleted) = (0, 0);
    for (version, step) in steps.iter().enumerate() {
        let before = model.len();
        match step {
            Step::Put(key) => {
                writer.put(&document(*key, version)).unwrap();
                model.retain(|(known, _)| known != key);
                (put, deleted) = (put + 1, deleted + before - model.len());
                model.push((*key, document(*key, version)));
            }
            Step::Delete(key) => {
                writer.delete(key.to_string()).unwrap();
                model.retain(|(known, _)| known != key);
                deleted += before - model.len();
            }
            Step::DeleteMatching => {
                model.retain(|(key, _)| !key.to_string().starts_with('1'));
                let matching = writer.delete_matching(&KeyPrefix("1")).unwrap();
                assert_eq!(matching as usize, before - model.len());
                deleted += before - model.len();
            }
            Step::Commit => {
                let receipt = writer.commit().unwrap();
                committed = model.clone();
                assert_eq!(receipt.documents as usize, committed.len());
                assert_eq!((receipt.put, receipt.deleted as usize), (put, deleted));
            }
            Step::Optimize => {
                let receipt = writer.optimize().unwrap();
                committed = model.clone();
                assert_eq!((receipt.put, receipt.deleted as usize), (put, deleted));
                assert!(index.snapshot().unwrap().parts().len() <= 1);
            }
            Step::Rollback => {
                writer.rollback().unwrap();
                model = committed.clone();
            }
            Step::Reopen => {
                drop(writer);
                model = committed.clone();
                writer = index.writer_with(options()).unwrap();
            }
        }
        if !matches!(step, Step::Put(_) | Step::Delete(_)) {
            check(&index, &committed);
        }
        if !matches!(step, Step::Put(_) | Step::Delete(_) | Step::DeleteMatching) {
            (put, deleted) = (0, 0);
        }
    }
    writer.close().unwrap();
    check(&index, &model);
    let reopened = Index::options()
        .open_in(Arc::new(directory.clone()))
        .unwrap();
    check(&reopened, &model);
    let names = directory.list().unwrap();
    names
        .into_iter()
        .map(|name| (name.clone(), directory.open(&name).unwrap().to_vec()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn an_index_is_what_was_put(steps in steps()) {
        let one = run(&steps, 1);
        let four = run(&steps, 4);
        prop_assert!(one == four, "the bytes depend on the number of threads");
    }
}

#[test]
fn many_commits_stay_few_segments() {
    let index = Index::in_memory(schema()).unwrap();
    let mut writer = index.writer().unwrap();
    for version in 0..500 {
        writer
            .put(&json!({ "id": version.to_string(), "body": "b" }))
            .unwrap();
        writer.commit().unwrap();
        assert!(index.snapshot().unwrap().parts().len() <= 16);
    }
    assert_eq!(index.snapshot().unwrap().live_count(), 500);
}

/// Text that doesn't compress.
fn noise(seed: u64, words: usize) -> String {
    let mut state = seed;
    let mut text = String::new();
    for _ in 0..words {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        text.push_str(&format!("{:x} ", state >> 20));
    }
    text
}

#[test]
fn large_merges_go_on_beside_and_carry_deletes_over() {
    let index = Index::in_memory(schema()).unwrap();
    let mut writer = index.writer().unwrap();
    let mut expected = Vec::new();
    for round in 0..20u64 {
        for id in 0..10 {
            let key = round * 10 + id;
            let value = json!({ "id": key.to_string(), "body": noise(key, 2_000), "tags": [] });
            writer.put(&value).unwrap();
            expected.push(value);
        }
        writer.commit().unwrap();
        // Hits what a merge may be joining just now.
        let gone = (round * 7 % ((round + 1) * 10)).to_string();
        writer.delete(gone.as_str()).unwrap();
        expected.retain(|value| value["id"] != gone.as_str());
        writer.commit().unwrap();
        assert_eq!(live(&index.snapshot().unwrap()).len(), expected.len());
    }
    let receipt = writer.close().unwrap();
    assert!(receipt.segments < 16, "{receipt:?}");
    let snapshot = index.snapshot().unwrap();
    assert!(live(&snapshot) == expected);
    index.verify().unwrap();
}

#[test]
fn one_large_transaction_stays_few_segments() {
    let memory = Memory::new();
    let index = in_memory(&memory);
    let mut writer = index.writer().unwrap();
    writer.put(&json!({ "id": "before" })).unwrap();
    writer.commit().unwrap();
    let before = live(&index.snapshot().unwrap());
    for commits in [false, true] {
        for number in 0..600 {
            writer.put(&json!({ "id": number.to_string() })).unwrap();
            // Makes a segment of it.
            writer.delete_matching(&KeyPrefix("none")).unwrap();
            if writer.segments() > merging::CROWDED {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        }
        // How fast the merges are is the machine's business.
        assert!(writer.segments() < 200, "{} segments", writer.segments());
        let files = memory.list().unwrap().len();
        assert!(files < 250, "{files} files");
        assert_eq!(live(&index.snapshot().unwrap()), before);
        if commits {
            assert_eq!(writer.commit().unwrap().documents, 601);
        } else {
            writer.rollback().unwrap();
        }
    }
    let ids: Vec<Value> = live(&index.snapshot().unwrap())
        .into_iter()
        .map(|document| document["id"].clone())
        .collect();
    let expected = (0..600).map(|number| json!(number.to_string()));
    assert_eq!(ids[1..], expected.collect::<Vec<_>>());
}

/// A key takes more memory than a short document, and counts like one.
#[test]
fn keys_alone_fill_the_memory() {
    let index = Index::in_memory(Schema::builder().key("id").build().unwrap()).unwrap();
    let options = WriterOptions::default().memory(1 << 20).without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for number in 0..20_000u32 {
        writer.put(&json!({ "id": number.to_string() })).unwrap();
    }
    assert!(writer.segments() >= 3, "{} segments", writer.segments());
}

#[test]
fn a_dropped_writer_takes_what_it_did_not_commit_with_it() {
    let memory = Memory::new();
    let index = in_memory(&memory);
    let mut writer = index.writer().unwrap();
    writer.put(&document(1, 0)).unwrap();
    writer.commit().unwrap();
    let mut committed = memory.list().unwrap();
    for number in 2..10 {
        writer.put(&document(number, 0)).unwrap();
        // Makes a segment of it.
        writer.delete_matching(&KeyPrefix("none")).unwrap();
    }
    assert!(memory.list().unwrap().len() > committed.len());
    drop(writer);
    let mut left = memory.list().unwrap();
    committed.sort_unstable();
    left.sort_unstable();
    assert_eq!(left, committed);
    assert_eq!(live(&index.snapshot().unwrap()), [document(1, 0)]);
}

#[test]
fn files_with_names_past_all_numbers_are_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let index = in_folder(&folder);
    for name in [
        format!("segment-{}.hoard", u64::MAX),
        format!("manifest-{}.json", u64::MAX),
        format!("deleted-{}.bits", u64::MAX - 1),
    ] {
        std::fs::write(folder.path().join(name), "?").unwrap();
    }
    let mut writer = index.writer().unwrap();
    for number in 1..4 {
        writer.put(&document(number, 0)).unwrap();
        writer.commit().unwrap();
    }
    drop(writer);
    let index = Index::open(folder.path()).unwrap();
    assert_eq!(live(&index.snapshot().unwrap()).len(), 3);
}

#[test]
fn files_of_others_are_not_swept() {
    let memory = Memory::new();
    let index = in_memory(&memory);
    let others = ["deleted-1.txt", "notes.json", "segment-1.txt", "x.hoard"];
    for name in others {
        write_file(&memory, name, b"?").unwrap();
    }
    write_file(&memory, "segment-000000000099.hoard", b"?").unwrap();
    let mut writer = index.writer().unwrap();
    writer.put(&document(1, 0)).unwrap();
    writer.close().unwrap();
    let names = memory.list().unwrap();
    assert!(others.iter().all(|name| names.iter().any(|n| n == name)));
    assert!(!names.contains(&"segment-000000000099.hoard".to_owned()));
}

#[test]
fn a_snapshot_outlives_sweeping() {
    let folder = tempfile::tempdir().unwrap();
    let index = in_folder(&folder);
    let mut writer = index.writer().unwrap();
    writer.put(&document(1, 0)).unwrap();
    writer.commit().unwrap();
    let old = index.snapshot().unwrap();
    for version in 1..20 {
        writer.put(&document(1, version)).unwrap();
        writer.commit().unwrap();
    }
    assert_eq!(live(&old), [document(1, 0)]);
    assert_eq!(live(&index.snapshot().unwrap()), [document(1, 19)]);
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert!(files < 8, "{files} files are left");
}

#[test]
fn flushing_by_memory_changes_nothing() {
    let run = |memory: usize| {
        let index = Index::in_memory(schema()).unwrap();
        let options = WriterOptions::default()
            .memory(memory)
            .threads(3)
            .without_merges();
        let mut writer = index.writer_with(options).unwrap();
        for version in 0..6_000usize {
            let key = (version % 251) as u8;
            writer.put(&json!({
                "id": key.to_string(), "body": noise(version as u64, 100), "tags": [version.to_string()]
            })).unwrap();
            if version % 100 == 7 {
                writer.delete((key / 2).to_string()).unwrap();
            }
        }
        writer.commit().unwrap();
        index.verify().unwrap();
        let snapshot = index.snapshot().unwrap();
        (live(&snapshot), snapshot.parts().len())
    };
    let (small, many) = run(1 << 20);
    let (large, one) = run(256 << 20);
    assert!(many > 1 && one == 1, "{many} and {one} segments");
    assert!(small == large);
}

/// Invariant (1) of [`crate::inversion`], through a whole writer: documents are
/// cut into batches and segments by what they are, not by who was ready first.
#[test]
fn any_number_of_threads_writes_the_same_files() {
    let run = |threads: usize| {
        let memory = Memory::new();
        let index = in_memory(&memory);
        let options = WriterOptions::default().memory(1 << 20).threads(threads);
        let mut writer = index.writer_with(options).unwrap();
        for number in 0..2_000usize {
            writer
                .put(&json!({
                    "id": (number % 1_500).to_string(), "body": noise(number as u64, 200),
                    "tags": [(number % 7).to_string()]
                }))
                .unwrap();
        }
        // More in one transaction are joined beside, and then time matters.
        let few = 3..=merging::CROWDED;
        assert!(few.contains(&writer.segments()), "{}", writer.segments());
        writer.commit().unwrap();
        let names = memory.list().unwrap().into_iter();
        let files = names.map(|name| (name.clone(), memory.open(&name).unwrap().to_vec()));
        files.collect::<BTreeMap<_, _>>()
    };
    let one = run(1);
    for threads in [2, 4, 8] {
        assert!(run(threads) == one, "{threads} threads write other bytes");
    }
}

#[test]
fn no_index_is_created_where_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    in_folder(&folder);
    let again = Index::options().schema(schema()).create(folder.path());
    assert_eq!(again.unwrap_err().kind(), ErrorKind::Schema);
}

#[test]
fn a_damaged_manifest_falls_back_if_it_can() {
    let directory = Memory::new();
    let index = in_memory(&directory);
    let mut writer = index.writer().unwrap();
    writer.put(&document(1, 0)).unwrap();
    writer.commit().unwrap();
    drop(writer);
    write_file(&directory, &manifest::file_name(3), b"{}").unwrap();
    let reopened = Index::options()
        .open_in(Arc::new(directory.clone()))
        .unwrap();
    assert_eq!(reopened.snapshot().unwrap().live_count(), 1);
    // A writer goes on past it.
    let mut writer = reopened.writer().unwrap();
    writer.put(&document(2, 0)).unwrap();
    assert_eq!(
        writer.commit().unwrap().commit,
        3,
        "opening swept the damaged one"
    );
    assert_eq!(live(&reopened.snapshot().unwrap()).len(), 2);
}

/// In a program's own pool, where other tasks may wait for the lock on the writer: none of
/// them runs on the thread that has it.
#[test]
fn a_writer_in_a_pool_lets_no_other_task_run() {
    let folder = TempDir::new().unwrap();
    let index = in_folder(&folder);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let ran = AtomicBool::new(false);
    pool.unwrap().scope(|scope| {
        let mut writer = index.writer().unwrap();
        scope.spawn(|_| ran.store(true, Ordering::Relaxed));
        for version in 0..20 {
            (0..50).for_each(|key| writer.put(&document(key, version)).unwrap());
            writer.commit().unwrap();
        }
        writer.optimize_with(Optimize::reordered()).unwrap();
        assert_eq!(writer.close().unwrap().documents, 50);
        assert!(!ran.load(Ordering::Relaxed));
    });
}

fn with_one_document(directory: &Arc<Memory>) -> Index {
    let index = in_memory(directory);
    let mut writer = index.writer().unwrap();
    writer.put(&document(1, 0)).unwrap();
    writer.close().unwrap();
    index
}

#[test]
fn a_schema_may_gain_fields() {
    let directory = Arc::new(Memory::new());
    with_one_document(&directory);
    let wider = Schema::builder()
        .key("id")
        .text("body", Text::plain())
        .keyword("tags")
        .integer("year")
        .text("title", Text::english())
        .build()
        .unwrap();
    let index = Index::options()
        .schema(wider)
        .open_in(directory.clone())
        .unwrap();
    let mut writer = index.writer().unwrap();
    let newer = json!({ "id": "9", "body": "b", "tags": [], "year": 7, "title": "Titles" });
    writer.put(&newer).unwrap();
    writer.commit().unwrap();
    writer.optimize().unwrap();
    assert_eq!(live(&index.snapshot().unwrap()), [document(1, 0), newer]);
    index.verify().unwrap();
    let narrow = Schema::builder().key("id").build().unwrap();
    let error = Index::options()
        .schema(narrow)
        .open_in(directory)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
}

/// Who has an index open goes on when another adds a field to it.
#[test]
fn a_handle_of_fewer_fields_takes_up_new_ones() {
    let directory = Arc::new(Memory::new());
    let index = with_one_document(&directory);
    let before = index.snapshot().unwrap();
    let same = Index::options().schema(schema());
    let same = same.open_in(directory.clone()).unwrap();

    let title = Text::english();
    let wider = Schema::builder()
        .key("id")
        .text("body", Text::plain())
        .keyword("tags")
        .text("title", title);
    let other = Index::options()
        .schema(wider.build().unwrap())
        .open_in(directory.clone())
        .unwrap();
    let mut writer = other.writer().unwrap();
    let newer = json!({ "id": "9", "body": "b", "tags": [], "title": "Titles" });
    writer.put(&newer).unwrap();
    writer.close().unwrap();

    for index in [&index, &same] {
        let snapshot = index.snapshot().unwrap();
        assert_eq!(live(&snapshot), [document(1, 0), newer.clone()]);
        assert!(snapshot.schema().field("title").is_some());
        index.verify().unwrap();
    }
    assert!(before.schema().field("title").is_none());
    // What it writes has the field, too.
    let mut writer = index.writer().unwrap();
    let last = json!({ "id": "10", "body": "b", "tags": [], "title": "More" });
    writer.put(&last).unwrap();
    writer.optimize().unwrap();
    writer.close().unwrap();
    assert_eq!(live(&other.snapshot().unwrap()).len(), 3);
    // One that is opened now must know the field.
    let narrow = Index::options().schema(schema()).open_in(directory);
    let error = narrow.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(
        error
            .to_string()
            .contains("open the index without a schema")
    );
}
