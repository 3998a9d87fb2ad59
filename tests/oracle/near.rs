//! Threat: a walk over a dictionary passes over a word that is near, or takes others
//! than the nearest where there are too many.

use crate::ask::{check, found};
use crate::naive::Naive;
use crate::{fields, in_memory, random, searcher_of};
use serde_json::{Value, json};
use wordhoard::query::MAX_NEAR;
use wordhoard::search::Page;
use wordhoard::{Query, Searcher, WriterOptions};

/// Words of few letters, some of more than a byte, so that many are near each other.
fn word(random: &mut impl FnMut(u64) -> u64) -> String {
    let letters = ['a', 'b', 'é', '語', '𝄞'];
    let length = 1 + random(6);
    (0..length)
        .map(|_| letters[random(letters.len() as u64) as usize])
        .collect()
}

fn documents(random: &mut impl FnMut(u64) -> u64) -> Vec<Value> {
    let words: Vec<String> = (0..700).map(|_| word(random)).collect();
    let mut document = |id| {
        let title: Vec<&str> = (0..random(24))
            // Some words are frequent.
            .map(|_| {
                let most = 1 + random(words.len() as u64);
                words[random(most) as usize].as_str()
            })
            .collect();
        json!({ "id": format!("k{id}"), "title": title.join(" "), "tags": title.first() })
    };
    (0..160).map(&mut document).collect()
}

fn queries(random: &mut impl FnMut(u64) -> u64) -> Vec<Query> {
    let mut fuzzy = || {
        let (word, edits) = (word(random), random(4) as u32);
        let field = if random(4) == 0 { "tags" } else { "title" };
        let fuzzy = Query::fuzzy(word).field(field);
        if edits > 2 { fuzzy } else { fuzzy.edits(edits) }
    };
    let mut queries: Vec<Query> = (0..12).map(|_| fuzzy()).collect();
    queries.push(fuzzy() & fuzzy());
    queries.push(fuzzy() | fuzzy().boost(2.0));
    queries.push(fuzzy() & !fuzzy());
    // Half of all words of three letters are near it.
    queries.push(Query::fuzzy("abé").edits(2).field("title"));
    queries
}

#[test]
fn the_nearest_words_are_found_wherever_they_are() {
    let mut random = random(23);
    let mut most = 0;
    for round in 0..4 {
        let documents = documents(&mut random);
        let index = in_memory();
        let mut writer = index
            .writer_with(WriterOptions::default().without_merges())
            .unwrap();
        for (number, document) in documents.iter().enumerate() {
            writer.put(document).unwrap();
            if round % 2 == 1 && number % 50 == 0 {
                writer.commit().unwrap();
            }
        }
        for number in (0..documents.len()).step_by(3).filter(|_| round > 1) {
            writer.delete(format!("k{number}")).unwrap();
        }
        writer.commit().unwrap();
        let live = documents.iter().zip(0..);
        let live = live.filter(|(_, number)| round < 2 || number % 3 > 0);
        let live: Vec<Value> = live.map(|(document, _)| document.clone()).collect();
        let naive = Naive::new(fields(), live, 1.2, 0.75);
        let searcher = index.searcher().unwrap();
        for query in queries(&mut random) {
            check(&searcher, &naive, &query, None);
            let known = serde_json::to_value(searcher.statistics(&query).unwrap()).unwrap();
            let terms = known["fields"]["title"]["terms"].as_object();
            most = most.max(terms.map_or(0, |terms| terms.len()));
        }
        let filter = Query::fuzzy("abc").edits(2).field("title");
        check(&searcher, &naive, &Query::all(), Some(&filter));
    }
    assert!(most > MAX_NEAR, "only {most} are near");
}

/// What is near in one shard only counts in the other, too, for the first place and for
/// the last.
#[test]
fn shards_find_the_same_words() {
    let mut random = random(29);
    for _ in 0..4 {
        let documents = documents(&mut random);
        let shards = [searcher_of(&documents[..60]), searcher_of(&documents[60..])];
        let whole = searcher_of(&documents);
        for query in queries(&mut random) {
            let of = |shard: &Searcher| shard.statistics(&query).unwrap();
            let sum = of(&shards[0]) + of(&shards[1]);
            assert_eq!(sum, of(&whole), "{query}");
            let ask = |shard: &Searcher| {
                let search = shard.search(&query).limit(200).count_exactly();
                search.statistics(sum.clone()).run().unwrap()
            };
            let merged = Page::merge(shards.iter().map(ask), 200);
            let page = whole
                .search(&query)
                .limit(200)
                .count_exactly()
                .run()
                .unwrap();
            assert_eq!(found(&merged), found(&page), "{query}");
            assert_eq!(merged.total(), page.total(), "{query}");
        }
    }
}
