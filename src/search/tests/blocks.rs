//! Blocks of all kinds, by every way there is to read them.

use super::*;

/// Of blocks whose documents follow one another only the directory is read, by
/// every way there is: bits, look-ups of one and of many, and scores.
#[test]
fn runs_without_a_gap_are_found_unread() {
    let schema = Schema::builder().text("body", Text::plain());
    let index = Index::in_memory(schema.unsigned("id").key("id").build().unwrap()).unwrap();
    let mut writer = index.writer().unwrap();
    // Neither begins nor ends with a word of bits, nor with a window.
    let is_in_run = |id: u32| (100..4_500).contains(&id) || (4_610..9_001).contains(&id);
    let has = |id: u32, word: &str| match word {
        "run" => is_in_run(id),
        "third" => id.is_multiple_of(3),
        _ => id % 97 == 5,
    };
    let documents = 9_500;
    for id in 0..documents {
        let words = ["run", "third", "rare"].into_iter();
        let words: Vec<_> = words.filter(|word| has(id, word)).collect();
        let body = format!("{} {}", words.join(" "), "x ".repeat(id as usize % 7));
        writer
            .put(&serde_json::json!({ "id": id, "body": body }))
            .unwrap();
    }
    writer.commit().unwrap();
    drop(writer);
    let searcher = index.searcher().unwrap();
    type Matches = fn(bool, bool, bool) -> bool;
    let questions: [(&str, Matches); 8] = [
        ("run", |run, _, _| run),
        ("run rare", |run, _, rare| run || rare),
        ("+run +third", |run, third, _| run && third),
        ("+run +rare", |run, _, rare| run && rare),
        ("+rare +third +run", |run, third, rare| run && third && rare),
        ("rare -run", |run, _, rare| rare && !run),
        ("\"run third\"", |run, third, _| run && third),
        ("third AND NOT (run OR rare)", |run, third, rare| {
            third && !run && !rare
        }),
    ];
    for (query, matches) in questions {
        let matches = |id: &u32| matches(has(*id, "run"), has(*id, "third"), has(*id, "rare"));
        let expected: Vec<u32> = (0..documents).filter(matches).collect();
        assert_eq!(
            searcher.count(query).unwrap(),
            expected.len() as u64,
            "{query}"
        );
        let page = searcher.search(query).limit(documents as usize);
        let (short, long) = (page.clone().run().unwrap(), page.filter(Query::All));
        let mut found: Vec<u32> = short.hits().map(|hit| hit.number()).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
        let ten = searcher.search(query).limit(10).run().unwrap();
        let long = long.run().unwrap();
        assert_eq!(hits(&short), hits(&long), "{query}");
        let first = hits(&long).into_iter().take(10);
        assert_eq!(hits(&ten), first.collect::<Vec<_>>(), "{query}");
    }
}

/// A set is made of blocks of all kinds: runs, bitmaps, gaps, tails.
#[test]
fn a_beginning_finds_what_its_words_do() {
    let searcher = index(9_000, 5, 2, 40).searcher().unwrap();
    let numbers = |query: &Query| {
        let page = searcher.search(query).limit(9_000).run().unwrap();
        let mut numbers: Vec<u32> = page.hits().map(|hit| hit.number()).collect();
        numbers.sort_unstable();
        numbers
    };
    for beginning in ["w", "w0", "w1", "w12", "w3"] {
        let words = (0..256).map(|number| format!("w{number}"));
        let words = words.filter(|word| word.starts_with(beginning));
        let words = Query::any_of(words.map(Query::term)).field("body");
        let found = numbers(&Query::prefix(beginning).field("body"));
        assert!(found.len() > 100);
        assert_eq!(found, numbers(&words), "{beginning}*");
    }
}
