use super::bisect::Bisection;
use super::graph::Graph;

fn order(documents: &[&[u32]], threads: usize) -> Vec<u32> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let graph = Graph::of_terms(documents);
    pool.unwrap().install(|| Bisection::new(&|_| {}).run(graph))
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
    for count in [0, 1, 2, 15, 16, 17, 33, 1000] {
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
