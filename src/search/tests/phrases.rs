//! Phrases of two words and more, beside a plain look at the documents.

use super::*;

/// A corpus in which some documents are long, and its documents word by word.
fn long_and_short(documents: usize, seed: u64) -> Vec<Vec<String>> {
    let mut random = random(seed);
    let mut words = move || {
        let length = match random(40) {
            0 => random(3_000),
            _ => 1 + random(12) * random(4),
        };
        (0..length.max(1)).map(|_| word(&mut random)).collect()
    };
    (0..documents).map(|_| words()).collect()
}

/// Two words and more, once in a document and five hundred times, whose lists
/// are dense and sparse, and shorter than a block; by the short way, with pruning
/// and without, in some parts and with documents deleted, and window by window.
#[test]
fn phrases_are_where_a_plain_look_finds_them() {
    let documents = long_and_short(6_000, 11);
    let schema = Schema::builder().text("body", Text::plain());
    let index = Index::in_memory(schema.unsigned("id").key("id").build().unwrap()).unwrap();
    let options = WriterOptions::default().without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for (id, words) in documents.iter().enumerate() {
        let body = words.join(" ");
        writer
            .put(&serde_json::json!({ "id": id, "body": body }))
            .unwrap();
        if id == 4_000 {
            writer.commit().unwrap();
        }
    }
    writer.commit().unwrap();
    let check = |deleted: &dyn Fn(usize) -> bool| {
        let searcher = index.searcher().unwrap();
        let phrases = [
            "w0 w0",
            "w0 w1",
            "w1 w0",
            "w2 w3",
            "w0 w90",
            "w90 w0",
            "w70 w80",
            "w40 w41 w0",
            "w0 w1 w0",
            "w0 w0 w0 w0",
            "w1 w0 w2 w0",
            "w5 w0 w0 w5",
            "w0 nothing",
        ];
        for phrase in phrases {
            let wanted: Vec<&str> = phrase.split(' ').collect();
            let frequency = |words: &[String]| {
                let places = words.windows(wanted.len());
                places.filter(|place| place.iter().eq(&wanted)).count()
            };
            let expected: Vec<(u32, usize)> = documents
                .iter()
                .enumerate()
                .map(|(id, words)| (id as u32, frequency(words)))
                .filter(|(id, frequency)| *frequency > 0 && !deleted(*id as usize))
                .collect();
            let query = format!("\"{phrase}\"");
            assert_eq!(
                searcher.count(query.as_str()).unwrap(),
                expected.len() as u64,
                "{phrase}"
            );
            // Without lengths a score tells the frequency: what comes first, and
            // that all with the same score are equals.
            let ask = || {
                let search = searcher.search(query.as_str());
                search.bm25(Bm25::new(1.2, 0.0).unwrap())
            };
            let mut ranked = expected.clone();
            ranked.sort_by_key(|(id, frequency)| (std::cmp::Reverse(*frequency), *id));
            for limit in [1, 10, 6_000] {
                for page in [
                    ask().limit(limit).run().unwrap(),
                    ask().limit(limit).count_exactly().run().unwrap(),
                    ask().limit(limit).filter(Query::All).run().unwrap(),
                ] {
                    let found = hits(&page);
                    assert_eq!(found.len(), ranked.len().min(limit), "{phrase} top {limit}");
                    for pair in found.iter().zip(&ranked).collect::<Vec<_>>().windows(2) {
                        let [((_, score), (_, frequency)), ((_, next), (_, lower))] = pair else {
                            panic!("they are two");
                        };
                        assert_eq!(score == next, frequency == lower, "{phrase}");
                    }
                    let numbers = found.iter().map(|(number, _)| *number);
                    let wanted = ranked.iter().map(|(id, _)| *id);
                    assert!(numbers.eq(wanted.take(limit)), "{phrase} top {limit}");
                }
            }
        }
        let often = |words: &Vec<String>| words.iter().filter(|word| *word == "w0").count();
        assert!(documents.iter().map(often).any(|often| often > 512));
    };
    check(&|_| false);
    for id in (0..documents.len()).step_by(5) {
        writer.delete(id as u64).unwrap();
    }
    writer.commit().unwrap();
    check(&|id| id % 5 == 0);
}
