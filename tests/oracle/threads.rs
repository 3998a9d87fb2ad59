//! Threat: the number of threads shows in the bytes.

use crate::draw::steps;
use crate::{carry_out, options, schema};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use wordhoard::WriterOptions;
use wordhoard::storage::{Directory, Memory};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn threads_leave_no_trace_in_the_bytes(steps in steps()) {
        let run = |threads| files(&carry_out(&steps, &WriterOptions::default().threads(threads)).2);
        let one = run(1);
        prop_assert!(one == run(2), "two threads");
        prop_assert!(one == run(4), "four threads");
    }
}

/// Many commits; and documents for many times the memory there is.
#[test]
fn threads_leave_no_trace_in_many_segments() {
    let run = |rounds: u64, documents: u64, words: u64, writing: WriterOptions| {
        let directory = Memory::new();
        let index = options(schema())
            .create_in(Arc::new(directory.clone()))
            .unwrap();
        let mut writer = index.writer_with(writing.clone()).unwrap();
        let mut all = Vec::new();
        for round in 0..rounds {
            for number in 0..documents {
                let body: Vec<String> = (0..words)
                    .map(|word| format!("w{}", (round * 7 + number * 31 + word * word) % 997))
                    .collect();
                let id = format!(
                    "k{}",
                    (round * documents + number * 3) % (rounds * documents / 2)
                );
                writer
                    .put(&json!({ "id": id, "body": body.join(" "), "tags": [format!("t{}", number % 9)], "year": number % 50 }))
                    .unwrap();
            }
            writer.delete(format!("k{round}")).unwrap();
            writer
                .delete_matching(format!("+w{round} +tags:t{}", round % 9).as_str())
                .unwrap();
            writer.commit().unwrap();
            all.push(files(&directory));
        }
        let most = all.iter().map(BTreeMap::len).max().unwrap();
        writer.optimize().unwrap();
        all.push(files(&directory));
        index.verify().unwrap();
        (all, most)
    };
    let small = |threads| run(60, 20, 10, WriterOptions::default().threads(threads));
    let large = |threads| {
        let options = WriterOptions::default().memory(1 << 20);
        run(3, 4_000, 40, options.threads(threads).without_merges())
    };
    let (one, most) = large(1);
    assert!(most > 6, "the memory was never full: {most} files");
    assert!((2..=4).all(|threads| large(threads).0 == one));
    let (one, _) = small(1);
    assert!((2..=4).all(|threads| small(threads).0 == one));
}

fn files(directory: &Memory) -> BTreeMap<String, Vec<u8>> {
    let names = directory.list().unwrap();
    names
        .into_iter()
        .map(|name| (name.clone(), directory.open(&name).unwrap().to_vec()))
        .collect()
}
