//! Threat: what is passed over had a hit in it. Many documents, so that there are
//! blocks and windows to pass over, and an oracle quick enough for them.

use crate::ask::found;
use crate::{in_memory, random};
use serde_json::{Value, json};
use wordhoard::search::Total;
use wordhoard::{Index, WriterOptions};

/// Many documents of few words, over several windows and segments: what is
/// passed over must not be missed.
#[test]
fn large_corpora_of_frequent_words() {
    let mut random = random(7);
    let mut documents = Vec::new();
    for id in 0..9_000 {
        let mut words = |length: u64| {
            let words = (0..length).map(|_| {
                let words = 1 << random(7);
                format!("w{}", random(words))
            });
            words.collect::<Vec<_>>().join(" ")
        };
        let mut title = words(1 + id * id % 4);
        let mut body = words(1 + id * 7 % 9 * (id % 5));
        // Rare words, some of them in both fields of a document.
        for (word, in_title, in_body) in [("rare", 300, 200), ("odd", 450, 150)] {
            for (text, every) in [(&mut title, in_title), (&mut body, in_body)] {
                if id % every == 0 {
                    *text += &format!(" {word}");
                }
            }
        }
        documents.push(json!({ "id": format!("k{id}"), "title": title, "body": body, "tags": [], "year": id % 50 }));
    }
    let writing = WriterOptions::default().memory(1 << 20).without_merges();
    let index = in_memory();
    let mut writer = index.writer_with(writing).unwrap();
    for (number, document) in documents.iter().enumerate() {
        writer.put(document).unwrap();
        if number == 5_000 {
            writer.commit().unwrap();
        }
    }
    writer.commit().unwrap();
    let naive = Large::new(&documents);
    let check = |index: &Index, dead: &dyn Fn(usize) -> bool| {
        let searcher = index.searcher().unwrap();
        for (fields, query) in [&FIELDS[..1], &FIELDS[..]].iter().flat_map(|fields| {
            let queries = [
                "w0",
                "w1 w2",
                "w0 w30 w60",
                "w5 w5",
                "w5 -w2",
                "w0 w30 w60 -w1 -w9",
                "+w0 +w1",
                "+w3 +w40",
                "+w0 +w2 +w7",
                "+w60 +w70",
                "+w3 +w40 -w1",
                "+w1 w50",
                "+w50 w1 w2",
                "+w0 w9 w60 -w3",
                "+w2 w40 +w7 -w1 -w50",
                "+rare +odd",
                "+odd rare",
                "+rare -odd",
                "rare odd -w1",
                "+odd +w0 -rare",
            ];
            queries.map(|query| (*fields, query))
        }) {
            let all = naive.best(query, fields, dead);
            for limit in [10, 100, 1000] {
                let ask = || {
                    searcher
                        .search(query)
                        .fields(fields.iter().map(|name| (*name, 1.0)))
                };
                let page = ask().limit(limit).run().unwrap();
                let counted = ask().limit(limit).count_exactly().run().unwrap();
                assert_eq!(found(&counted), found(&page), "{query} top {limit}");
                assert_eq!(counted.total(), Total::Exact(all.len() as u64), "{query}");
                let found = found(&page);
                let differs = (0..limit).find(|at| found.get(*at) != all.get(*at));
                assert_eq!(differs, None, "{query} top {limit} in {fields:?}");
                // And so on after one of them.
                let place = found.len() / 2;
                if let Some(hit) = page.hit(place) {
                    let after = ask().after(hit.cursor()).limit(limit).run().unwrap();
                    let (found, all) = (self::found(&after), &all[place + 1..]);
                    let differs = (0..limit).find(|at| found.get(*at) != all.get(*at));
                    assert_eq!(
                        differs, None,
                        "{query}: {limit} after {place} in {fields:?}"
                    );
                }
            }
            let counted = searcher
                .search(query)
                .fields(fields.iter().map(|name| (*name, 1.0)));
            let counted = counted.limit(0).count_exactly().run().unwrap();
            assert_eq!(counted.total(), Total::Exact(all.len() as u64), "{query}");
        }
    };
    check(&index, &|_| false);
    for number in (0..9_000).step_by(7) {
        writer.delete(format!("k{number}")).unwrap();
    }
    writer.commit().unwrap();
    check(&index, &|number| number % 7 == 0);
    writer.optimize().unwrap();
    check(&index, &|number| number % 7 == 0);
}

/// Fields of plain words, and their boosts.
const FIELDS: [&str; 2] = ["body", "title"];
const BOOSTS: [f32; 2] = [1.0, 2.0];

/// The oracle for these, quick enough for thousands of documents: the words of each, field by field.
struct Large(Vec<[Vec<String>; 2]>);

impl Large {
    fn new(documents: &[Value]) -> Self {
        let words = |document: &Value| {
            FIELDS.map(|field| {
                let words = document[field].as_str().unwrap().split(' ');
                words.map(str::to_owned).collect()
            })
        };
        Self(documents.iter().map(words).collect())
    }

    /// All hits of words, of which some have a sign before them.
    fn best(
        &self,
        query: &str,
        fields: &[&str],
        dead: &dyn Fn(usize) -> bool,
    ) -> Vec<(String, u32)> {
        let live: Vec<usize> = (0..self.0.len()).filter(|number| !dead(*number)).collect();
        let averages: Vec<f64> = (0..fields.len())
            .map(|field| {
                let lengths = live.iter().map(|number| self.0[*number][field].len());
                lengths.sum::<usize>() as f64 / live.len() as f64
            })
            .collect();
        let terms: Vec<(&str, &str)> = query
            .split(' ')
            .map(|word| word.split_at(word.len() - word.trim_start_matches(['+', '-']).len()))
            .collect();
        let weight = |term: &str, field: usize| {
            let with = live.iter().filter(|number| {
                let mut words = self.0[**number][field].iter();
                words.any(|word| word == term)
            });
            let frequency = with.count() as f64;
            let idf = (1.0 + (live.len() as f64 - frequency + 0.5) / (frequency + 0.5)).ln() as f32;
            idf * BOOSTS[field]
        };
        let weights: Vec<Vec<f32>> = terms
            .iter()
            .map(|(_, term)| (0..fields.len()).map(|field| weight(term, field)).collect())
            .collect();
        let must = terms.iter().any(|(sign, _)| *sign == "+");
        let mut hits = Vec::new();
        for number in live {
            let (mut score, mut is_hit, mut any) = (0.0f32, true, must);
            for ((sign, term), weights) in terms.iter().zip(&weights) {
                let mut own = None;
                for (field, average) in averages.iter().enumerate() {
                    // Lengths up to 40 are kept exactly.
                    let words = &self.0[number][field];
                    let length = words.len() as f64;
                    let denominator = (f64::from(1.2f32) * (0.25 + 0.75 * length / average)) as f32;
                    let frequency = words.iter().filter(|word| word == term).count() as f32;
                    if frequency > 0.0 {
                        let part = weights[field] * (frequency / (frequency + denominator));
                        own = Some(own.unwrap_or(0.0) + part);
                    }
                }
                match (*sign, own) {
                    ("-", Some(_)) | ("+", None) => is_hit = false,
                    ("-", None) | (_, None) => {}
                    (_, Some(own)) => {
                        score += own;
                        any = true;
                    }
                }
            }
            if is_hit && any {
                hits.push((number, score));
            }
        }
        hits.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let hits = hits.into_iter();
        hits.map(|(number, score)| (format!("k{number}"), score.to_bits()))
            .collect()
    }
}
