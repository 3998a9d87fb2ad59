//! Threat: reordering loses a document, moves a value to another one, or
//! changes a score. An index is reordered and asked beside one that is not.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use wordhoard::index::Optimize;
use wordhoard::search::{Sort, Total};
use wordhoard::storage::{Directory, Memory};
use wordhoard::{Index, Schema, Searcher, Text, WriterOptions};

fn schema() -> Schema {
    Schema::builder()
        .key("id")
        .text("title", Text::plain().boost(2.0))
        .text("body", Text::english())
        .keyword("tags")
        .integer("year")
        .stored("note")
        .build()
        .unwrap()
}

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % end
    }

    /// Small numbers more often than large ones.
    fn skewed(&mut self, end: u64) -> u64 {
        let once = self.below(end);
        once.min(self.below(end)).min(self.below(end))
    }
}

/// Documents of a few topics in no order, some without one field or another,
/// many alike enough to have equal scores.
fn documents(count: u64) -> Vec<Value> {
    let mut random = Random(11);
    let mut make = |number| {
        let topic = random.below(7);
        let mut words = |most: u64| {
            let length = random.skewed(most);
            let word = |_| match random.below(3) {
                0 => format!("w{}", random.skewed(40)),
                _ => format!("t{topic}x{}", random.skewed(25)),
            };
            (0..length).map(word).collect::<Vec<String>>().join(" ")
        };
        let (title, body) = (words(4), words(60));
        let mut document = json!({ "id": format!("k{number}"), "title": title, "body": body });
        if number % 5 > 0 {
            document["year"] = json!(1990 + random.below(30));
            let tags = (0..random.below(4)).map(|_| format!("tag{}", random.below(6)));
            document["tags"] = tags.collect();
        }
        if number % 300 == 7 {
            document["note"] = json!("long ".repeat(5000));
        }
        document
    };
    (0..count).map(&mut make).collect()
}

/// An index of them in several segments, with documents replaced and deleted.
fn index(directory: Arc<dyn Directory>, threads: usize, count: u64) -> Index {
    let index = Index::options()
        .schema(schema())
        .create_in(directory)
        .unwrap();
    let options = WriterOptions::default().threads(threads).without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for (number, document) in documents(count).iter().enumerate() {
        writer.put(document).unwrap();
        if number % 700 == 699 {
            writer.commit().unwrap();
        }
    }
    for number in (3..count).step_by(11) {
        writer.delete(format!("k{number}")).unwrap();
    }
    for document in documents(count).iter().step_by(13) {
        writer.put(document).unwrap();
    }
    writer.commit().unwrap();
    drop(writer);
    index
}

fn in_memory(count: u64) -> Index {
    index(Arc::new(Memory::new()), 2, count)
}

const QUERIES: [&str; 18] = [
    "w0",
    "w21",
    "t3x0",
    "w0 w1 w2",
    "t1x0 t2x1 t3x2 w5",
    "title:w1 body:w1",
    "+w0 +w1",
    "+t4x1 +t4x2 +w0",
    "\"w0 w1\"",
    "\"t5x0 t5x1\"~3",
    "+w1 -w2",
    "-w0",
    "body:t1*",
    "year:[1995 TO 1999]",
    "tags:tag3 w3",
    "tags:tag* +t0x0",
    "(w0 | t6x1) & !tags:tag1",
    "*",
];

/// The keys, scores and texts of the best so many hits.
fn hits(searcher: &Searcher, query: &str, limit: usize) -> Vec<(u32, String, String)> {
    let page = searcher.search(query).limit(limit).run().unwrap();
    let hit = |hit: wordhoard::Hit<'_>| {
        let key = hit.key().unwrap().unwrap();
        (hit.score().to_bits(), key, hit.source().unwrap())
    };
    page.into_iter().map(hit).collect()
}

#[test]
fn answers_stay_what_they_were() {
    const ALL: usize = 10_000;
    let plain = in_memory(4000);
    plain.writer().unwrap().optimize().unwrap();
    let reordered = in_memory(4000);
    let mut writer = reordered.writer().unwrap();
    let receipt = writer.optimize_with(Optimize::reordered()).unwrap();
    assert_eq!(receipt.segments, 1);
    reordered.verify().unwrap();
    let (before, after) = (plain.searcher().unwrap(), reordered.searcher().unwrap());
    assert_eq!(
        before.snapshot().live_count(),
        after.snapshot().live_count()
    );
    let keys = |searcher| hits(searcher, "*", ALL).into_iter().map(|(_, key, _)| key);
    assert!(keys(&before).ne(keys(&after)), "nothing was reordered");

    for query in QUERIES {
        let all = hits(&before, query, ALL);
        assert!(
            !all.is_empty(),
            "{query} finds nothing, and so tests nothing"
        );
        let mut expected = all.clone();
        expected.sort();
        let mut found = hits(&after, query, ALL);
        found.sort();
        assert_eq!(expected, found, "{query}");
        for limit in [1, 10, 100] {
            let expected = hits(&before, query, limit);
            let found = hits(&after, query, limit);
            let scores = |hits: &[(u32, _, _)]| hits.iter().map(|hit| hit.0).collect::<Vec<_>>();
            assert_eq!(scores(&expected), scores(&found), "{query}, best {limit}");
            // Which of those come that share the last one's score is open.
            let last = expected.last().unwrap().0;
            let above = |hits: &[(u32, String, String)]| {
                hits.iter()
                    .filter(|hit| hit.0 != last)
                    .cloned()
                    .collect::<BTreeSet<_>>()
            };
            assert_eq!(above(&expected), above(&found), "{query}, best {limit}");
            let all: BTreeSet<_> = all.iter().collect();
            assert!(
                found.iter().all(|hit| all.contains(hit)),
                "{query}, best {limit}"
            );
        }
        assert_eq!(before.count(query).unwrap(), after.count(query).unwrap());
        let facets = |searcher: &Searcher| {
            let page = searcher.search(query).facet("tags", 10).count_exactly();
            let page = page.run().unwrap();
            assert_eq!(page.total(), Total::Exact(searcher.count(query).unwrap()));
            format!("{:?}", page.facets())
        };
        assert_eq!(facets(&before), facets(&after), "{query}");
        let years = |searcher: &Searcher| {
            let page = searcher
                .search(query)
                .sort_by(Sort::descending("year"))
                .limit(50);
            let page = page.run().unwrap();
            let years = page.into_iter().map(|hit| {
                let document: Value = hit.document().unwrap();
                document["year"].clone()
            });
            years.collect::<Vec<Value>>()
        };
        assert_eq!(years(&before), years(&after), "{query}");
    }
}

#[test]
fn the_bytes_are_the_same_whatever_the_threads() {
    let bytes = |threads| {
        let directory: Arc<dyn Directory> = Arc::new(Memory::new());
        let index = index(directory.clone(), threads, 3000);
        let options = WriterOptions::default().threads(threads);
        let mut writer = index.writer_with(options).unwrap();
        writer.optimize_with(Optimize::reordered()).unwrap();
        let names = directory.list().unwrap();
        let name = names.iter().find(|name| name.ends_with(".hoard")).unwrap();
        directory.open(name).unwrap().to_vec()
    };
    let one = bytes(1);
    assert_eq!(one, bytes(2));
    assert_eq!(one, bytes(4));
}

#[test]
fn little_memory_is_enough() {
    let index = in_memory(1500);
    let options = WriterOptions::default().memory(0);
    let mut writer = index.writer_with(options).unwrap();
    let live = index.snapshot().unwrap().live_count();
    let receipt = writer.optimize_with(Optimize::reordered()).unwrap();
    assert_eq!(receipt.documents, live);
    index.verify().unwrap();
}

#[test]
fn the_index_lives_on() {
    let index = in_memory(1000);
    let mut writer = index.writer().unwrap();
    let shares = Arc::new(Mutex::new(Vec::new()));
    let seen = shares.clone();
    let options = Optimize::reordered().on_progress(move |share| seen.lock().unwrap().push(share));
    let first = writer.optimize_with(options).unwrap();
    let shares = shares.lock().unwrap();
    assert!(shares.len() > 2 && shares.iter().all(|share| (0.0..=1.0).contains(share)));
    assert_eq!(shares.last(), Some(&1.0));

    writer.delete("k1").unwrap();
    writer
        .put(&json!({ "id": "k2", "body": "new words", "year": 7 }))
        .unwrap();
    writer.commit().unwrap();
    let searcher = index.searcher().unwrap();
    assert_eq!(hits(&searcher, "new", 5)[0].1, "k2");
    assert_eq!(searcher.document::<Value>("k1").unwrap(), None);
    let second = writer.optimize_with(Optimize::reordered()).unwrap();
    assert_eq!(
        (second.segments, second.documents),
        (1, first.documents - 1)
    );
    index.verify().unwrap();
}

#[test]
fn an_empty_index_stays_empty() {
    let index = Index::in_memory(schema()).unwrap();
    let mut writer = index.writer().unwrap();
    let receipt = writer.optimize_with(Optimize::reordered()).unwrap();
    assert_eq!((receipt.segments, receipt.documents), (0, 0));
    writer.put(&json!({ "id": "only" })).unwrap();
    let receipt = writer.optimize_with(Optimize::reordered()).unwrap();
    assert_eq!((receipt.segments, receipt.documents), (1, 1));
    index.verify().unwrap();
}
