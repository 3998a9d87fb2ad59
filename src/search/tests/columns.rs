//! Orders and facets of a corpus of several windows, beside what its values say.

use crate::document::{Schema, Text};
use crate::index::{Index, WriterOptions};
use crate::search::{Searcher, Sort, Total};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

const DOCUMENTS: usize = 12_000;

/// Deleted are those whose number is this, times seven.
const DELETED: usize = 500;

/// Values of every kind of column: one each, that ascend, that are near each other in
/// blocks of their own, that lie far apart; few of them, none for most, several.
fn document(number: usize) -> Value {
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let body = match number % 3 {
        0 => "all third",
        _ if number.is_multiple_of(50) => "all rare",
        _ => "all",
    };
    let mut document = json!({
        "id": number,
        "year": 1900 + mixed % 100,
        "near": number / 1000 * 1000 + (mixed % 7) as usize,
        "far": mixed,
        "body": format!("{body} ").repeat(1 + number % 5),
    });
    if number.is_multiple_of(9) {
        document["seldom"] = json!(mixed % 13);
    }
    if !number.is_multiple_of(4) {
        let tags = (0..1 + number % 3).map(|tag| format!("tag{}", (mixed >> tag) % 300));
        document["tags"] = tags.collect();
    }
    document
}

fn searcher(parts: usize) -> Searcher {
    let schema = Schema::builder()
        .unsigned("id")
        .key("id")
        .unsigned("year")
        .unsigned("near")
        .unsigned("far")
        .unsigned("seldom")
        .keyword("tags")
        .text("body", Text::plain());
    let index = Index::in_memory(schema.build().unwrap()).unwrap();
    let options = WriterOptions::default().without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for number in 0..DOCUMENTS {
        writer.put(&document(number)).unwrap();
        if (number + 1).is_multiple_of(DOCUMENTS.div_ceil(parts)) {
            writer.commit().unwrap();
        }
    }
    for number in 0..DELETED {
        writer.delete(number as u64 * 7).unwrap();
    }
    writer.commit().unwrap();
    index.searcher().unwrap()
}

/// What a document has in a field, in its order.
fn values(document: &Value, field: &str) -> Vec<(u64, String)> {
    let value = |value: &Value| match value {
        Value::String(text) => (0, text.clone()),
        number => (number.as_u64().unwrap(), number.to_string()),
    };
    let mut values: Vec<_> = match &document[field] {
        Value::Null => Vec::new(),
        Value::Array(several) => several.iter().map(value).collect(),
        one => vec![value(one)],
    };
    values.sort();
    values.dedup();
    values
}

#[test]
fn orders_and_facets_are_those_of_the_values() {
    let documents: Vec<Value> = (0..DOCUMENTS).map(document).collect();
    let is_live = |number: &usize| !number.is_multiple_of(7) || *number >= 7 * DELETED;
    for parts in [1, 3] {
        let searcher = searcher(parts);
        for (query, text) in [
            ("all", "all"),
            ("third", "third"),
            ("+all +rare", "rare"),
            ("*", ""),
        ] {
            let matching: Vec<usize> = (0..DOCUMENTS)
                .filter(|number| is_live(number))
                .filter(|number| documents[*number]["body"].as_str().unwrap().contains(text))
                .collect();
            let all = searcher.search(query).limit(DOCUMENTS).run().unwrap();
            let scores: HashMap<u32, u32> = all
                .hits()
                .map(|hit| (hit.number(), hit.score().to_bits()))
                .collect();
            assert_eq!(scores.len(), matching.len());
            for field in ["id", "year", "near", "far", "seldom", "tags"] {
                let mut counts: BTreeMap<String, u64> = BTreeMap::new();
                for number in &matching {
                    for (_, value) in values(&documents[*number], field) {
                        *counts.entry(value).or_default() += 1;
                    }
                }
                // Beside the best by score they are those of all matches, too.
                for limit in [0, 10] {
                    let search = searcher.search(query).limit(limit);
                    let page = search.facet(field, usize::MAX).run().unwrap();
                    let facets = page.facets()[0].counts().iter().cloned();
                    let what = format!("{query}, {field}, {limit} of {parts}");
                    assert_eq!(facets.collect::<BTreeMap<_, _>>(), counts, "{what}");
                }
                for descending in [false, true] {
                    let mut order: Vec<(Option<(u64, String)>, usize)> = matching
                        .iter()
                        .map(|number| {
                            let values = values(&documents[*number], field).into_iter();
                            (
                                if descending {
                                    values.max()
                                } else {
                                    values.min()
                                },
                                *number,
                            )
                        })
                        .collect();
                    order.sort_by(|(a, one), (b, other)| {
                        let by_value = match (a, b) {
                            (Some(a), Some(b)) if descending => b.cmp(a),
                            (Some(a), Some(b)) => a.cmp(b),
                            _ => a.is_none().cmp(&b.is_none()),
                        };
                        by_value.then(one.cmp(other))
                    });
                    for limit in [0, 1, 10, 300, DOCUMENTS] {
                        let sort = match descending {
                            true => Sort::descending(field),
                            false => Sort::ascending(field),
                        };
                        let search = searcher.search(query).sort_by(sort).limit(limit);
                        let page = search.facet(field, usize::MAX).run().unwrap();
                        let what = format!("{query} by {field}, {descending}, {limit} of {parts}");
                        let found = page.hits().map(|hit| (hit.number(), hit.score().to_bits()));
                        let wanted = order.iter().map(|(_, number)| *number as u32);
                        let wanted = wanted.map(|number| (number, scores[&number]));
                        assert!(found.eq(wanted.take(limit)), "{what}");
                        assert_eq!(page.total(), Total::Exact(matching.len() as u64), "{what}");
                        let facets = page.facets()[0].counts().iter().cloned();
                        assert_eq!(facets.collect::<BTreeMap<_, _>>(), counts, "{what}");
                    }
                }
            }
        }
    }
}
