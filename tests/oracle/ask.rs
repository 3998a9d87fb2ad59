//! All that can be asked about a query, and what the oracle has to say to it.

use crate::naive::Naive;
use wordhoard::search::{Bm25, Explanation, Page, Search, Total};
use wordhoard::{Query, Searcher};

pub fn check(searcher: &Searcher, naive: &Naive, query: &Query, filter: Option<&Query>) {
    let bm25 = Bm25::new(naive.k1, naive.b).unwrap();
    check_as(searcher, naive, query, filter, |search| search.bm25(bm25));
}

/// All that can be asked about a query, with choices that the oracle has made
/// too.
pub fn check_as(
    searcher: &Searcher,
    naive: &Naive,
    query: &Query,
    filter: Option<&Query>,
    choose: impl Fn(Search) -> Search,
) {
    let all = expected(naive, &naive.search(query, filter));
    let ask = || {
        let search = choose(searcher.search(query));
        match filter {
            Some(filter) => search.filter(filter),
            None => search,
        }
    };
    for limit in [1, 3, 10, 1000] {
        let page = ask().limit(limit).run().unwrap();
        assert_eq!(
            found(&page),
            all[..limit.min(all.len())],
            "{query} top {limit}"
        );
        match page.total() {
            Total::Exact(count) => assert_eq!(count as usize, all.len(), "{query}"),
            Total::AtLeast(count) => assert!(count as usize <= all.len(), "{query}"),
        }
        let exact = ask().limit(limit).count_exactly().run().unwrap();
        assert_eq!(found(&exact), found(&page), "{query} top {limit}, counted");
        assert_eq!(exact.total(), Total::Exact(all.len() as u64), "{query}");
        let together = ask().limit(limit).parallel();
        let exact = together.clone().count_exactly().run().unwrap();
        let together = together.run().unwrap();
        assert_eq!(found(&together), found(&page), "{query}, by all cores");
        assert_eq!(found(&exact), found(&page), "{query}, by all cores");
        assert_eq!(exact.total(), Total::Exact(all.len() as u64), "{query}");
    }
    let page = ask().offset(2).limit(3).run().unwrap();
    assert_eq!(
        found(&page),
        all[2.min(all.len())..5.min(all.len())],
        "{query} from the third"
    );
    for hit in &page {
        let explanation = hit.explain().unwrap();
        assert_eq!(
            explanation.value().to_bits(),
            hit.score().to_bits(),
            "{query}"
        );
        add_up(&explanation);
    }
    if filter.is_none() && naive.chosen.is_empty() {
        assert_eq!(
            searcher.count(query).unwrap() as usize,
            all.len(),
            "{query}"
        );
    }
}

/// Sums are those of their parts, and products those of their factors.
fn add_up(explanation: &Explanation) {
    let parts: Vec<f32> = explanation
        .details()
        .iter()
        .map(Explanation::value)
        .collect();
    let value = match (explanation.text(), parts.as_slice()) {
        ("the sum of", parts) => parts.iter().fold(0.0, |sum, part| sum + part),
        ("tf / (tf + K)", [tf, k]) => tf / (tf + k),
        ("a constant score, whatever this would have", [_]) => explanation.value(),
        // A term or a phrase, and its weight.
        (_, [a, b]) => a * b,
        (text, []) => {
            assert_ne!(text, "the document doesn't match");
            explanation.value()
        }
        (text, parts) => panic!("{text} of {} parts", parts.len()),
    };
    assert_eq!(
        value.to_bits(),
        explanation.value().to_bits(),
        "{explanation}"
    );
    explanation.details().iter().for_each(add_up);
}

/// Key and score of each hit.
pub fn found(page: &Page) -> Vec<(String, u32)> {
    page.hits()
        .map(|hit| (hit.key().unwrap().unwrap(), hit.score().to_bits()))
        .collect()
}

pub fn expected(naive: &Naive, hits: &[(usize, f32)]) -> Vec<(String, u32)> {
    let key = |at: usize| naive.documents[at]["id"].as_str().unwrap().to_owned();
    hits.iter()
        .map(|(at, score)| (key(*at), score.to_bits()))
        .collect()
}

/// Puts hits in the order of a field's values.
pub fn sort_hits(naive: &Naive, hits: &mut [(usize, f32)], field: &str, descending: bool) {
    let rank = |at: usize| {
        let values = naive.values(at, field).into_iter();
        if descending {
            values.max()
        } else {
            values.min()
        }
    };
    hits.sort_by(|a, b| {
        let by_value = match (rank(a.0), rank(b.0)) {
            (Some(x), Some(y)) if descending => y.cmp(&x),
            (Some(x), Some(y)) => x.cmp(&y),
            (x, y) => x.is_none().cmp(&y.is_none()),
        };
        by_value.then(a.0.cmp(&b.0))
    });
}
