//! What is known of a list before any block of it is read: champions, witnesses, ceilings.

use super::*;

/// A long list's champions are the answer as long as they leave no doubt: no block is
/// touched then. With ties at their end, more hits than there are champions, too
/// many of them deleted, or under a formula that ranks otherwise, blocks are.
#[test]
fn champions_are_the_answer_or_the_blocks_are() {
    let schema = Schema::builder().text("body", Text::plain());
    let schema = schema.unsigned("id").key("id").build().unwrap();
    let index = Index::in_memory(schema).unwrap();
    let mut writer = index.writer().unwrap();
    // All lengths differ, and 40 documents have the word "tie" alike, the others
    // once in 100 words. A fifth has "mid", twelve of these more often than once.
    let text = |id: u32| {
        let often = if id % 100 == 7 { 1 + id / 100 } else { 1 };
        let tie = if id % 75 == 3 { 9 } else { 1 };
        let mid = match id % 5 {
            0 if id.is_multiple_of(250) => 2 + id / 250,
            0 => 1,
            _ => 0,
        };
        let words = [("word ", often), ("tie ", tie), ("mid ", mid)];
        let words = words.map(|(word, often)| word.repeat(often as usize));
        words.concat() + &"other ".repeat((100 - tie - mid) as usize)
    };
    for id in 0..3_000u32 {
        let document = serde_json::json!({ "id": id, "body": text(id) });
        writer.put(&document).unwrap();
    }
    writer.commit().unwrap();
    writer.optimize().unwrap();
    let check = |query: &str, limit: usize, bm25: Bm25, untouched: bool| {
        let searcher = index.searcher().unwrap();
        let ask = || searcher.search(query).limit(limit).bm25(bm25);
        let (page, xray) = ask().xray().unwrap();
        let long = ask().filter(Query::All).run().unwrap();
        assert_eq!(hits(&page), hits(&long), "{query} top {limit} {bm25:?}");
        assert_eq!(xray.ways(), [Way::Term]);
        let decodings: u64 = xray.lists().iter().map(ListXray::decodings).sum();
        assert_eq!(decodings == 0, untouched, "{query} top {limit} {bm25:?}");
    };
    let usual = Bm25::default();
    for limit in [1, 10, 29] {
        check("word", limit, usual, true);
    }
    // From the 31st on all have the word once in as many.
    check("word", 100, usual, false);
    check("word", 129, usual, false);
    check("word", 10, Bm25::new(0.0, 0.5).unwrap(), false);
    check("word", 10, Bm25::new(1.2, 0.0).unwrap(), false);
    check("word", 10, Bm25::new(1.3, 0.75).unwrap(), true);
    check("tie", 10, usual, true);
    check("tie", 41, usual, false);
    // Of 600 postings the sixteen best are apart.
    check("mid", 10, usual, true);
    check("mid", 12, usual, true);
    check("mid", 13, usual, false);
    check("mid", 17, usual, false);
    check("mid", 10, Bm25::new(0.0, 0.5).unwrap(), false);
    check("mid -nothing", 10, usual, true);
    check("mid -tie", 10, usual, false);
    check("word -nothing", 10, usual, true);
    check("word -tie", 10, usual, false);
    for id in (0..20u32).map(|n| 2907 - 100 * n) {
        writer.delete(u64::from(id)).unwrap();
    }
    writer.commit().unwrap();
    check("word", 9, usual, true);
    check("word", 11, usual, false);
    check("mid", 10, usual, true);
    for id in [2_000u64, 2_250, 2_500, 2_750] {
        writer.delete(id).unwrap();
    }
    writer.commit().unwrap();
    check("mid", 8, usual, true);
    check("mid", 9, usual, false);
}

/// A match that is passed over is not among those counted, even if what it lacks to be
/// a hit is a list that ends before it.

#[test]
fn what_is_passed_over_past_the_end_of_a_list_is_told() {
    let schema = Schema::builder().text("body", Text::plain());
    let index = Index::in_memory(schema.build().unwrap()).unwrap();
    let mut writer = index.writer().unwrap();
    // All with "whale" score the same; in the second segment "sea" ends before it.
    for segment in [&["whale"][..], &["sea", "whale"]] {
        for body in segment {
            writer.put(&serde_json::json!({ "body": body })).unwrap();
        }
        writer.commit().unwrap();
    }
    let searcher = index.searcher().unwrap();
    assert_eq!(searcher.snapshot().parts().len(), 2);
    let ask = || searcher.search("+whale sea").limit(1);
    let ask = || ask().bm25(Bm25::new(0.0, 0.0).unwrap());
    assert_eq!(ask().run().unwrap().total(), Total::AtLeast(1));
    let exact = ask().count_exactly().run().unwrap();
    assert_eq!(exact.total(), Total::Exact(2));
}

/// A keyword has no ceilings, and its list no frequencies: all tie, so the first
/// documents are the hits, though a witness says at once what they score.
#[test]
fn of_a_keyword_the_first_documents_are_best() {
    let schema = Schema::builder().keyword("tag").build().unwrap();
    let index = Index::in_memory(schema).unwrap();
    let options = WriterOptions::default().without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for id in 0..900 {
        let tag = if id % 3 == 0 { "rare" } else { "often" };
        writer.put(&serde_json::json!({ "tag": tag })).unwrap();
        if id == 600 {
            writer.commit().unwrap();
        }
    }
    writer.commit().unwrap();
    let searcher = index.searcher().unwrap();
    for (query, expected) in [
        ("tag:rare", [0, 3, 6]),
        ("tag:often", [1, 2, 4]),
        ("tag:rare tag:often", [0, 3, 6]),
    ] {
        let page = searcher.search(query).limit(3).run().unwrap();
        let found: Vec<u32> = page.hits().map(|hit| hit.number()).collect();
        assert_eq!(found, expected, "{query}");
    }
}
