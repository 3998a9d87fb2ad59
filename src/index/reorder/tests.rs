use super::bisect;
use super::graph::Graph;
use crate::document::{Schema, Text};
use crate::index::{Index, Optimize};
use crate::segment::file::{File, Kind};
use crate::storage::{Directory, Memory};
use serde_json::json;
use std::sync::Arc;

fn order(documents: &[&[u32]], threads: usize) -> Vec<u32> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let graph = Graph::of_terms(documents);
    let progress = |share| assert!(share <= 1.0, "{share} of the work is done");
    pool.unwrap().install(|| bisect::order(graph, &progress))
}

/// Documents of several topics, shuffled: each has words of its topic, and
/// some that are everywhere.
fn topics(documents: usize, topics: usize) -> Vec<Vec<u32>> {
    let mut state = 7u64;
    let mut next = move |below: usize| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    let make = |_| {
        let topic = next(topics);
        let mut terms: Vec<u32> = (0..8).map(|_| (topic * 20 + next(20)) as u32).collect();
        terms.extend((0..4).map(|_| (topics * 20 + next(30)) as u32));
        terms.sort_unstable();
        terms.dedup();
        terms
    };
    (0..documents).map(make).collect()
}

/// Bits that the gaps of all lists take, about.
fn cost(documents: &[Vec<u32>], order: &[u32]) -> f64 {
    let mut last = std::collections::HashMap::new();
    let mut bits = 0.0;
    for (number, document) in order.iter().enumerate() {
        for term in &documents[*document as usize] {
            let before = last.insert(*term, number as f64).unwrap_or(-1.0);
            bits += (number as f64 - before).log2();
        }
    }
    bits
}

#[test]
fn every_document_comes_once() {
    for count in [0, 1, 2, 15, 16, 17, 33, 96, 1000] {
        let documents = topics(count, 5);
        let slices: Vec<&[u32]> = documents.iter().map(Vec::as_slice).collect();
        let mut order = order(&slices, 2);
        order.sort_unstable();
        assert!(order.into_iter().eq(0..count as u32));
    }
}

#[test]
fn topics_come_together_whatever_the_threads() {
    let documents = topics(6000, 24);
    let slices: Vec<&[u32]> = documents.iter().map(Vec::as_slice).collect();
    let before: Vec<u32> = (0..6000).collect();
    let one = order(&slices, 1);
    let ratio = cost(&documents, &one) / cost(&documents, &before);
    assert!(ratio < 0.6, "{ratio} of the bits are left");
    assert_eq!(one, order(&slices, 2));
    assert_eq!(one, order(&slices, 5));
}

/// The claim of `segment::permute`: what it writes is what inversion writes
/// for the same documents in the new order.
#[test]
fn a_reordered_segment_is_one_that_was_written_so() {
    let (reordered, file) = optimized(&documents(3000), Optimize::reordered());
    let snapshot = reordered.snapshot().unwrap();
    let segment = &snapshot.parts()[0].segment;
    let order = (0..segment.documents()).map(|document| segment.stored(document).unwrap());
    let order: Vec<String> = order.collect();
    assert_ne!(order, documents(3000));

    let (_, written) = optimized(&order, Optimize::joined());
    assert_eq!(file.sections().len(), written.sections().len());
    for (a, b) in file.sections().iter().zip(written.sections()) {
        assert_eq!((a.kind, a.field), (b.kind, b.field));
        // Stored documents may fall into blocks otherwise.
        if a.kind != Kind::Stored {
            let (a_bytes, b_bytes) = (
                file.section(a.kind, a.field),
                written.section(b.kind, b.field),
            );
            assert!(
                a_bytes.as_deref() == b_bytes.as_deref(),
                "{:?} of {:?}",
                a.kind,
                a.field
            );
        }
    }
}

fn documents(count: usize) -> Vec<String> {
    let document = |(number, terms): (usize, Vec<u32>)| {
        let words: Vec<String> = terms
            .iter()
            .map(|term| format!("w{term} w{}", term / 2))
            .collect();
        let tags: Vec<String> = terms.iter().take(number % 3).map(u32::to_string).collect();
        let year = (number % 4 > 0).then_some(number % 50);
        json!({ "id": number.to_string(), "body": words.join(" "), "tags": tags, "year": year })
            .to_string()
    };
    topics(count, 9)
        .into_iter()
        .enumerate()
        .map(document)
        .collect()
}

/// An index of these documents, and its one file.
fn optimized(documents: &[String], options: Optimize) -> (Index, File) {
    let schema = Schema::builder().key("id").text("body", Text::plain());
    let schema = schema.keyword("tags").integer("year").build().unwrap();
    let directory: Arc<dyn Directory> = Arc::new(Memory::new());
    let index = Index::options()
        .schema(schema)
        .create_in(directory.clone())
        .unwrap();
    let mut writer = index.writer().unwrap();
    documents
        .iter()
        .for_each(|document| writer.put_json(document).unwrap());
    writer.optimize_with(options).unwrap();
    let names = directory.list().unwrap();
    let name = names.iter().find(|name| name.ends_with(".hoard")).unwrap();
    let file = File::open(name, directory.open(name).unwrap()).unwrap();
    (index, file)
}
