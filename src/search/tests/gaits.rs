//! The two gaits of the long way, side by side.

use super::{hits, index_of};
use crate::query::Query;
use crate::search::execute::Exec;
use crate::search::known::Known;
use crate::search::limits::{Deadline, Limits};
use crate::search::places::Slots;
use crate::search::plan::{Choices, Planner};
use crate::search::trace::Silent;
use crate::search::window::{Bits, WINDOW, scores};
use crate::segment::posting_list::BLOCK_LEN;

/// Over several windows and parts, deletes and all: what is asked about a window and about a few documents, and what a page makes of it.
#[test]
fn a_few_documents_are_answered_as_a_window_is() {
    let index = index_of(&["title", "body"], 10_000, 5, 2, 300);
    let searcher = index.searcher().unwrap();
    let (known, choices) = (Known::default(), Choices::default());
    for query in [
        "+body:w6 +\"w0 w1\"",
        "+body:w9 body:\"w0 w2\" title:w3 -body:\"w1 w0\"",
        "+(+body:w4 +body:w0) +(title:w1 body:\"w2 w0\" -w9)",
        "+body:\"w1 w0\" +\"w0 w1\"~4",
        "+body:w3 +id:[1000 TO 9000]^=2 id:[0 TO 5000]",
        "+title:w7 +(w0 w1 w2) +body:w*",
    ] {
        let query = Query::parse(query).query;
        let mut planner = Planner::new(searcher.snapshot(), &known, &choices).unwrap();
        let node = planner.plan(&query).unwrap().unwrap();
        let limits = Limits::new(Deadline::default());
        let mut all = Vec::new();
        for part in searcher.snapshot().parts() {
            let documents = part.segment.documents();
            assert!(documents > WINDOW && part.tombstones.deleted_count() > 0);
            let live = |document: &u32| !part.tombstones.is_deleted(*document);
            let (mut windows, mut few) = (Vec::new(), Vec::new());
            let mut exec = Exec::new(&node, part, &limits, Silent).unwrap();
            let several = exec.lead().is_some_and(|lead| lead.block_count() > 1);
            assert!(several, "{query} leads to no block, or to one");
            let (mut candidates, mut matches, mut found) =
                (Bits::default(), Bits::default(), scores());
            for start in (0..documents).step_by(WINDOW as usize) {
                candidates.fill_below(documents - start);
                exec.evaluate(start, &candidates, &mut matches, Some(&mut found))
                    .unwrap();
                let scored = matches
                    .iter()
                    .map(|at| (start + at, found[at as usize].to_bits()));
                windows.extend(scored.filter(|(document, _)| live(document)));
            }
            let mut exec = Exec::new(&node, part, &limits, Silent).unwrap();
            let alive: Vec<u32> = (0..documents).filter(live).collect();
            for chunk in alive.chunks(BLOCK_LEN - 1) {
                let (mut asked, mut found) = ([0; BLOCK_LEN], [0.0; BLOCK_LEN]);
                asked[..chunk.len()].copy_from_slice(chunk);
                let mut left = Slots::none();
                left.fill(chunk.len());
                assert!(
                    exec.keep(&asked, &mut left, Some(&mut found), -1.0)
                        .unwrap()
                );
                let slots = left.as_slice().iter().map(|slot| usize::from(*slot));
                few.extend(slots.map(|slot| (asked[slot], found[slot].to_bits())));
            }
            assert!(windows == few && !few.is_empty(), "{query}");
            all.extend(
                few.iter()
                    .map(|(document, score)| (part.base + document, *score)),
            );
        }
        // Scores are above 0, so their bits are in their order.
        all.sort_by_key(|(document, score)| (std::cmp::Reverse(*score), *document));
        for limit in [10, 1000] {
            let page = searcher.search(query.clone()).limit(limit).run().unwrap();
            assert_eq!(
                hits(&page),
                all[..limit.min(all.len())],
                "{query} top {limit}"
            );
        }
        assert_eq!(
            searcher.count(query.clone()).unwrap(),
            all.len() as u64,
            "{query}"
        );
    }
}
