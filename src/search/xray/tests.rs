use super::*;
use crate::document::{Schema, Text};
use crate::index::{Index, WriterOptions};
use crate::query::Query;
use crate::search::tests::{hits, index as random_index};
use crate::search::{Bm25, Page, Search, Searcher, Sort};
use proptest::prelude::*;

/// A searcher of these texts, a segment for each slice.
fn searcher(segments: &[Vec<String>]) -> Searcher {
    let schema = Schema::builder().text("body", Text::plain()).build();
    let index = Index::in_memory(schema.unwrap()).unwrap();
    let options = WriterOptions::default().without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for texts in segments {
        for text in texts {
            writer.put(&serde_json::json!({ "body": text })).unwrap();
        }
        writer.commit().unwrap();
    }
    index.searcher().unwrap()
}

/// A thousand documents of one length: "a" in all, so in eight blocks; "b" in
/// every second, so in four; "fox" in number 500, after "b".
fn thousand() -> Vec<String> {
    let text = |number| match (number, number % 2) {
        (500, _) => "a b fox".to_owned(),
        (_, 0) => "a b c".to_owned(),
        _ => "a d d".to_owned(),
    };
    (0..1000).map(text).collect()
}

fn ask(searcher: &Searcher, query: &str) -> Xray {
    searcher.search(query).xray().unwrap().1
}

/// The list of a term in the first segment that has it.
fn of<'x>(xray: &'x Xray, term: &str) -> &'x ListXray {
    xray.lists()
        .iter()
        .find(|list| list.term() == term)
        .unwrap()
}

/// What must hold whatever was asked; the reader of the segment is the witness.
fn check(searcher: &Searcher, xray: &Xray) {
    let parts = searcher.snapshot().parts();
    let mut sums = (0, 0, 0, 0);
    for list in xray.lists() {
        let part = &parts[list.segment()];
        let inverted = part.segment.inverted(list.field()).unwrap();
        let entry = inverted.lookup(list.term().as_bytes()).unwrap().unwrap();
        let reader = inverted.postings(&entry).unwrap();
        assert_eq!(list.documents(), entry.document_frequency);
        assert_eq!(list.segment_documents().start, part.base);
        assert_eq!(list.blocks().len(), reader.block_count());
        let mut first = part.base;
        for (block, (range, _)) in list.blocks().enumerate() {
            assert_eq!(*range.start(), first);
            assert_eq!(*range.end(), part.base + reader.last_document(block));
            first = range.end() + 1;
        }
        let depths = list.depths();
        let all = depths.decoded() + depths.in_place + depths.skipped();
        assert_eq!(all, reader.block_count() as u64, "{list:?}");
        assert!(list.decodings() >= depths.documents, "{list:?}");
        // A block has 128 postings, and is scored in whole, again for each window
        // that it reaches into, or one by one as looked up, or a champion.
        let blocks = list.decodings() + xray.windows().looked_at;
        let apart = list.looked_up() + list.champions();
        assert!(list.scored() <= blocks * 128 + apart, "{list:?}");
        sums.0 += depths.blocks();
        sums.1 += depths.decoded();
        sums.2 += depths.skipped();
        sums.3 += list.scored();
    }
    let told = (xray.blocks(), xray.decoded(), xray.skipped(), xray.scored());
    assert_eq!(told, sums);
    for pair in xray.thresholds().windows(2) {
        let enters = parts.iter().any(|part| part.base == pair[1].0);
        let rises = pair[0].1 < pair[1].1;
        assert!(pair[0].0 <= pair[1].0 && (rises || enters), "{pair:?}");
    }
}

/// Who sorts, counts facets or filters goes through the list of the word alone, which
/// without an x-ray is not asked about its own documents.
#[test]
fn a_list_that_leads_is_seen_to_be_read() {
    let searcher = random_index(20_000, 7, 2, 100).searcher().unwrap();
    for word in ["w20", "w20^=2"] {
        let asked: [Search; 3] = [
            searcher.search(word).sort_by(Sort::ascending("id")),
            searcher.search(word).facet("id", 5),
            searcher.search("*").filter(word).facet("id", 5),
        ];
        for search in asked {
            // No hits: to score these, the list would be read once more.
            let xray = search.limit(0).xray().unwrap().1;
            assert_eq!(xray.windows(), Windows::default(), "it leads");
            assert!(xray.blocks() > 4, "{xray:?}");
            assert_eq!(xray.decoded(), xray.blocks(), "{word}");
        }
    }
}

#[test]
fn counters_are_those_counted_by_hand() {
    let searcher = searcher(&[thousand()]);

    // All score the same, so that the 16 champions leave a doubt: the first block has
    // ten of them, and when they are taken nothing can score more.
    let xray = ask(&searcher, "a");
    assert_eq!(xray.ways(), [Way::Term]);
    assert_eq!((xray.blocks(), xray.decoded(), xray.skipped()), (8, 1, 7));
    assert_eq!((xray.postings(), xray.scored()), (1000, 16 + 128));
    let first = of(&xray, "a").blocks().next().unwrap();
    assert_eq!(first, (0..=127, Depth::Frequencies));
    assert_eq!(xray.thresholds().last().unwrap().0, 9);

    // "fox" leads, and is looked up in the one block of "a" that has 500.
    let xray = ask(&searcher, "+a +fox");
    assert_eq!(xray.ways(), [Way::Intersection]);
    assert_eq!((xray.blocks(), xray.decoded(), xray.skipped()), (9, 2, 7));
    assert_eq!((xray.scored(), xray.looked_up()), (2, 1));
    let decoded = of(&xray, "a")
        .blocks()
        .filter(|(_, depth)| *depth > Depth::Impacts);
    assert_eq!(
        decoded.collect::<Vec<_>>(),
        [(384..=511, Depth::Frequencies)]
    );
    assert_eq!(xray.thresholds(), [], "one hit is less than ten");

    // A position of each term, in the one document that has both.
    let xray = ask(&searcher, "\"b fox\"");
    assert_eq!(xray.ways(), [Way::Phrase]);
    assert_eq!((xray.decoded(), xray.positions()), (2, 2));

    // As for "b" alone; and each of the ten is looked up in the block of "fox".
    let xray = ask(&searcher, "b -fox");
    assert_eq!(xray.ways(), [Way::Term]);
    assert_eq!((xray.blocks(), xray.decoded(), xray.scored()), (5, 2, 128));
    assert_eq!(of(&xray, "fox").looked_up(), 10);

    // As for "b" alone; and each of the ten is asked about the phrase, whose "fox" none
    // of them has.
    let xray = ask(&searcher, "b -\"b fox\"");
    assert_eq!(xray.ways(), [Way::Term]);
    assert_eq!((xray.blocks(), xray.decoded(), xray.scored()), (9, 2, 128));

    // There is no short way; "b" leads. Of its first block all are asked about "a",
    // whose runs tell in place. Since all score the same, no document of another block
    // is good enough, and none of these is read.
    let xray = ask(&searcher, "+b +a^=1");
    assert_eq!(xray.ways(), [Way::Walk]);
    assert_eq!((xray.blocks(), xray.decoded(), xray.scored()), (12, 1, 128));
    assert_eq!(xray.windows(), Windows::default());

    // Where nothing leads, windows are walked over: the one that there is.
    let xray = ask(&searcher, "b \"b fox\"");
    assert_eq!(xray.ways(), [Way::Walk]);
    assert_eq!(
        xray.windows(),
        Windows {
            looked_at: 1,
            passed_over: 0
        }
    );

    let xray = ask(&searcher, "fo*");
    assert_eq!(
        xray.sets(),
        Sets {
            lists: 1,
            blocks: 1
        }
    );
    assert_eq!(
        xray.blocks(),
        0,
        "it is made into a set, and no list is walked"
    );

    // Counted by the dictionary, then ranked.
    let (_, xray) = searcher.search("a").count_exactly().xray().unwrap();
    assert_eq!(xray.ways(), [Way::Count, Way::Term]);
    assert_eq!(xray.blocks(), 8);

    // Counted by looking up the one document, where all have "a": nothing of that
    // is read.
    let search = searcher.search("+a +fox").limit(0).count_exactly();
    let (_, xray) = search.xray().unwrap();
    assert_eq!(xray.ways(), [Way::Count]);
    let depths = of(&xray, "a").depths();
    assert_eq!(
        (depths.documents, depths.in_place, xray.scored()),
        (0, 1, 0)
    );

    assert_eq!(ask(&searcher, "nothing").lists().len(), 0);
}

#[test]
fn every_segment_has_lists_of_its_own() {
    let searcher = searcher(&[thousand(), vec!["a".to_owned()], thousand()]);
    let xray = ask(&searcher, "a");
    let segments: Vec<usize> = xray.lists().iter().map(ListXray::segment).collect();
    assert_eq!(segments, [0, 1, 2]);
    assert_eq!(xray.blocks(), 17);
    assert_eq!(xray.lists()[2].segment_documents(), 1001..2001);
    assert_eq!(xray.documents(), 2001);
    // The one short document scores more; the third segment has none that does.
    assert_eq!(xray.lists()[1].depths().decoded(), 1);
    assert_eq!(xray.lists()[2].depths().decoded(), 0);
    check(&searcher, &xray);
}

/// Twelve documents of 20,000 have the word oftener, in three places.
#[test]
fn a_good_threshold_leaves_most_blocks_unread() {
    let text = |number: u32| match number % 5000 {
        n if number < 15_000 && n < 4 => "a a a a a a b".to_owned(),
        n if n % 10 == 0 => "a c c c c c b".to_owned(),
        _ => "a c c c c c c".to_owned(),
    };
    let searcher = searcher(&[(0..20_000).map(text).collect()]);
    for (query, blocks, most) in [("a", 157, 3), ("a b", 173, 18), ("+a +b", 173, 20)] {
        let (page, xray) = searcher.search(query).xray().unwrap();
        assert_eq!(page.len(), 10);
        assert_eq!(xray.blocks(), blocks, "{query}");
        assert!(xray.decoded() <= most, "{query}: {xray}");
        check(&searcher, &xray);
    }
}

#[test]
fn steps_are_thinned_and_the_last_is_kept() {
    // Each document is better than all before it, so each raises the threshold;
    // by the walk, where no witness tells it beforehand.
    let texts = (0..600).map(|number| "a ".repeat(number + 1));
    let searcher = searcher(&[texts.collect()]);
    let search = searcher.search("a +(b OR a)").limit(1);
    let search = search.bm25(Bm25::new(1.2, 0.0).unwrap());
    let (page, xray) = search.xray().unwrap();
    let steps = xray.thresholds();
    assert!((100..=512).contains(&steps.len()), "{}", steps.len());
    assert_eq!(steps.last().unwrap().1, page.hit(0).unwrap().score());
    check(&searcher, &xray);
}

#[test]
fn it_reads_as_one_line_and_as_json() {
    let searcher = searcher(&[thousand()]);
    let xray = ask(&searcher, "\"b fox\"");
    let line = xray.to_string();
    assert!(line.starts_with("2 of 5 blocks decoded, "), "{line}");
    assert!(line.ends_with("2 positions read"), "{line}");
    let json = serde_json::to_value(&xray).unwrap();
    assert_eq!(json["ways"], serde_json::json!(["phrase"]));
    assert_eq!(json["lists"][0]["term"], "fox", "the rarest first");
    assert_eq!(json["lists"][0]["blocks"]["frequencies"], 1);
}

fn told(page: &Page) -> (Vec<(u32, u32)>, String) {
    (
        hits(page),
        format!("{:?} {:?}", page.total(), page.facets()),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Invariant (1) of `trace`: nothing depends on whether anybody listens.
    #[test]
    fn whoever_is_watched_answers_the_same(
        seed in any::<u64>(), documents in 1u32..20_000, parts in 1u32..4, deleted in prop_oneof![Just(0u32), 1u32..300],
    ) {
        let index = random_index(documents, seed, parts, deleted);
        let searcher = index.searcher().unwrap();
        let queries = [
            "w0", "w77", "w0 w1", "w3 w60", "w0 w9 w100", "w0 w0 w4", "+w0 +w1", "+w3 +w60", "+w2 +w0 +w100",
            "\"w0 w0\"", "\"w2 w30\"", "\"w0 w2\"~3", "w1 -w0", "+w1 w3 w4", "w1*", "*", "nothing w4",
        ];
        let choices: [fn(Search) -> Search; 5] = [
            |search| search,
            |search| search.limit(1000),
            |search| search.count_exactly(),
            |search| search.filter("w2 w70").facet("id", 5).limit(0),
            |search| search.filter(Query::All).sort_by(Sort::descending("id")),
        ];
        for query in queries {
            for (number, choose) in choices.iter().enumerate() {
                let page = choose(searcher.search(query)).run().unwrap();
                let (watched, xray) = choose(searcher.search(query)).xray().unwrap();
                prop_assert_eq!(told(&watched), told(&page), "{} choice {}", query, number);
                check(&searcher, &xray);
            }
        }
    }
}
