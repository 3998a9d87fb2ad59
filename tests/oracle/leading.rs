//! Threat: a rare list leads, and what only another list would have led to is missed.

use crate::ask::check;
use crate::naive::Naive;
use crate::{fields, in_memory, random};
use serde_json::json;
use wordhoard::{Query, WriterOptions};

/// Phrases, filters, ranges and nested clauses where something must match: behind
/// short lists, some 128 documents at a time, and behind long ones, window by window.
#[test]
fn what_must_match_leads_or_is_walked_over() {
    let mut random = random(11);
    let mut documents = Vec::new();
    for id in 0..640u64 {
        let mut body: Vec<String> = (0..2 + id * 7 % 11)
            .map(|_| {
                let words = 1 << random(6);
                format!("w{}", random(words))
            })
            .collect();
        // In one document of ten, of five, of three.
        for (word, every) in [("tenth", 10), ("fifth", 5), ("third", 3)] {
            if random(every) == 0 {
                let at = random(body.len() as u64 + 1) as usize;
                body.splice(at..at, [word.to_owned(), "next".to_owned()]);
            }
        }
        let title = if id % 4 == 0 { "a tenth" } else { "an other" };
        let tags: Vec<String> = (0..id % 3).map(|_| format!("t{}", random(9))).collect();
        documents.push(json!({
            "id": format!("k{id}"), "title": title, "body": body.join(" "), "tags": tags,
            "year": random(50),
        }));
    }
    let index = in_memory();
    let mut writer = index
        .writer_with(WriterOptions::default().without_merges())
        .unwrap();
    documents
        .iter()
        .for_each(|document| writer.put(document).unwrap());
    writer.commit().unwrap();
    let mut naive = Naive::new(fields(), documents.clone(), 1.2, 0.75);
    let queries = [
        "+body:\"tenth next\" +body:w0",
        "+body:\"third next\" +body:w3",
        "+body:\"tenth next\" +body:\"third next\"",
        "+body:fifth body:\"next w1\" -body:\"w0 w0\"",
        "+body:tenth +(body:w1 body:\"third next\")",
        "+body:w0 +(body:w1 body:w2) -body:\"tenth next\"",
        "+(+body:w0 +body:fifth) +(body:third body:w5 -body:w9) body:w20",
        "+tenth +\"next w0\"",
        "+body:tenth +year:[10 TO 30]",
        "+body:next +tags:t* +year:[10 TO 30]^=0.5",
        "+body:fifth +tags:t3 -year:[0 TO 9]",
        "+body:\"fifth w1\"~4 +body:w2",
        "+(body:tenth)^=2 body:w4 body:\"w4 w1\"",
        "+body:tenth #body:third body:w1 #year:[3 TO 40]",
    ];
    let filters = [
        None,
        Some("tags:t1"),
        Some("year:[5 TO 20]"),
        Some("+body:third -body:w0"),
    ];
    let check_all = |naive: &Naive| {
        let searcher = index.searcher().unwrap();
        for (number, query) in queries.iter().enumerate() {
            let query = Query::parse(query).query;
            check(&searcher, naive, &query, None);
            let filter = filters[number % filters.len()].map(|filter| Query::parse(filter).query);
            check(&searcher, naive, &query, filter.as_ref());
        }
        // And what leads may be the filter alone.
        let filter = Query::parse("+body:tenth +tags:t*").query;
        check(
            &searcher,
            naive,
            &Query::parse("body:w0 body:third").query,
            Some(&filter),
        );
    };
    check_all(&naive);
    // Several parts, and deletes in them.
    for number in (0..640).step_by(6) {
        writer.delete(format!("k{number}")).unwrap();
    }
    writer.commit().unwrap();
    for document in &documents[..90] {
        writer.put(document).unwrap();
    }
    writer.commit().unwrap();
    let kept = documents[90..].iter().zip(90..);
    let kept = kept.filter(|(_, number)| number % 6 > 0);
    let live = kept.map(|(document, _)| document.clone());
    let live = live.chain(documents[..90].iter().cloned()).collect();
    naive = Naive::new(fields(), live, 1.2, 0.75);
    check_all(&naive);
}
