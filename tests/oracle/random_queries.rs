//! Threat: one of many ways to answer goes astray. Whatever is put, deleted, merged
//! and asked, the engine finds what the oracle finds.

use crate::ask::{check, check_as, expected, found, sort_hits};
use crate::draw::{document, query, steps, usual};
use crate::naive::Naive;
use crate::{carry_out, fields, options, schema_with, searcher_of, title, unique};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use wordhoard::search::{Page, Sort, Statistics};
use wordhoard::{Searcher, WriterOptions};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn every_query_finds_what_the_oracle_finds(
        steps in steps(), queries in prop::collection::vec(prop_oneof![query(), usual()], 1..12), filter in query(),
        k1 in 0f32..2.0, b in 0f32..=1.0, threads in 1usize..=4,
    ) {
        let options = WriterOptions::default().threads(threads);
        let (index, live, _) = carry_out(&steps, &options);
        let searcher = index.searcher().unwrap();
        let naive = Naive::new(fields(), live, k1, b);
        for query in &queries {
            check(&searcher, &naive, query, None);
        }
        check(&searcher, &naive, &queries[0], Some(&filter));
        index.verify().unwrap();
    }

    /// Fields with parameters and boosts of their own, default fields of the
    /// question's, and statistics that are another collection's.
    #[test]
    fn whatever_is_chosen_the_oracle_chooses_too(
        steps in steps(), query in prop_oneof![query(), usual()], filter in query(),
        k1 in 0f32..2.0, b in 0f32..=1.0, boosts in (0f32..3.0, 0f32..3.0),
        names in prop::sample::subsequence(vec!["when", "body", "tags", "year", "name", "title"], 1..=6),
    ) {
        let grown = schema_with(title().bm25(k1, b));
        let (index, live, directory) = carry_out(&steps, &WriterOptions::default());
        let searcher = index.searcher().unwrap();
        let mut naive = Naive::new(fields(), live.clone(), 1.2, 0.75);
        let boosts = [boosts.0, boosts.1, 1.0].into_iter().cycle();
        let chosen: Vec<(&str, f32)> = names.into_iter().zip(boosts).collect();
        naive.chosen = chosen.clone();
        check_as(&searcher, &naive, &query, Some(&filter), |search| search.fields(chosen.clone()));
        naive.chosen.clear();

        let half = live[..live.len() / 2].to_vec();
        let shard = searcher_of(&half);
        let statistics = searcher.statistics(&query).unwrap();
        let mut part = Naive::new(fields(), half, 1.2, 0.75);
        let names = ["id", "title", "body", "name", "tags"];
        part.foreign = Some(names.map(|name| (name, naive.collection(name))).into());
        check_as(&shard, &part, &query, None, |search| search.statistics(statistics.clone()));

        let index = options(grown).open_in(Arc::new(directory)).unwrap();
        naive.own = BTreeMap::from([("title", (k1, b))]);
        check_as(&index.searcher().unwrap(), &naive, &query, None, |search| search);
    }

    #[test]
    fn sorting_and_facets(
        steps in steps(), query in query(), filter in prop::option::of(query()), descending in any::<bool>(),
        field in prop::sample::select(vec!["tags", "year", "size", "price", "sold", "when"]), offset in 0usize..4,
    ) {
        let (index, live, _) = carry_out(&steps, &WriterOptions::default());
        let naive = Naive::new(fields(), live, 1.2, 0.75);
        let mut hits = naive.search(&query, filter.as_ref());
        let values = |at: usize| naive.values(at, field);
        let mut counts: BTreeMap<(i128, String), u64> = BTreeMap::new();
        for (at, _) in &hits {
            let mut values = values(*at);
            values.sort();
            values.dedup();
            values.into_iter().for_each(|value| *counts.entry(value).or_default() += 1);
        }
        sort_hits(&naive, &mut hits, field, descending);
        let sort = if descending { Sort::descending(field) } else { Sort::ascending(field) };
        let searcher = index.searcher().unwrap();
        let mut search = searcher.search(&query).sort_by(sort).facet(field, 100);
        if let Some(filter) = &filter {
            search = search.filter(filter);
        }
        let page = search.offset(offset).limit(7).run().unwrap();
        let from = offset.min(hits.len());
        prop_assert_eq!(found(&page), &expected(&naive, &hits)[from..(from + 7).min(hits.len())]);
        let mut counts: Vec<((i128, String), u64)> = counts.into_iter().collect();
        // Stable: values that are as frequent stay in their order.
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let facets = page.facets()[0].counts();
        prop_assert_eq!(facets.len(), counts.len());
        for ((facet, count), ((rank, value), expected)) in facets.iter().zip(&counts) {
            prop_assert_eq!(count, expected);
            prop_assert_eq!(naive.rank(field, facet), (*rank, value.clone()));
        }
    }

    #[test]
    fn shards_answer_as_one(documents in prop::collection::vec(document(), 1..80), query in query(), cut in any::<prop::sample::Index>()) {
        let unique = unique(documents);
        let (first, second) = unique.split_at(cut.index(unique.len()));
        let shards = [searcher_of(first), searcher_of(second)];
        let sum: Statistics = shards[0].statistics(&query).unwrap() + shards[1].statistics(&query).unwrap();
        // Few of each facet, so that what one shard has seldom another may have often.
        let ask = |shard: &Searcher| shard.search(&query).facet("tags", 2).facet("year", 3).facet("size", 1).limit(10);
        let pages: Vec<Page> = shards.iter().map(|shard| ask(shard).statistics(sum.clone()).run().unwrap()).collect();
        let merged = Page::merge(pages, 10);
        let whole = ask(&searcher_of(&unique)).run().unwrap();
        prop_assert_eq!(found(&merged), found(&whole));
        prop_assert_eq!(merged.facets(), whole.facets());
        prop_assert_eq!(merged.total(), whole.total());
    }
}
