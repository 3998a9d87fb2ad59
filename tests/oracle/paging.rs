//! Threat: between two pages a hit is lost, or stands on both: where scores or values tie
//! at the cursor, where segments are answered in another order than documents have, or
//! where what is known of the best documents is taken for something known of those
//! after the cursor.

use crate::ask::{expected, found, sort_hits};
use crate::draw::{document, query, steps, usual};
use crate::naive::Naive;
use crate::{carry_out, fields, searcher_of, unique};
use proptest::prelude::*;
use wordhoard::search::{Cursor, Page, Search, Sort, Statistics, Total};
use wordhoard::{Query, Searcher, WriterOptions};

/// An order: a field and whether it descends, or that of scores.
type Order = Option<(&'static str, bool)>;

fn order() -> impl Strategy<Value = Order> {
    let fields = vec!["tags", "year", "size", "price", "sold", "when"];
    prop::option::of((prop::sample::select(fields), any::<bool>()))
}

fn ordered(search: Search, order: Order) -> Search {
    match order {
        None => search,
        Some((field, true)) => search.sort_by(Sort::descending(field)),
        Some((field, false)) => search.sort_by(Sort::ascending(field)),
    }
}

/// How pages are asked for.
#[derive(Clone, Copy, Debug)]
struct Turning {
    limit: usize,
    offset: usize,
    counted: bool,
    parallel: bool,
    traced: bool,
}

fn turning() -> impl Strategy<Value = Turning> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (
        1usize..9,
        prop_oneof![3 => Just(0usize), 1 => 1usize..4],
        flags,
    )
        .prop_map(|(limit, offset, (counted, parallel, traced))| Turning {
            limit,
            offset,
            counted,
            parallel,
            traced,
        })
}

impl Turning {
    fn page(self, mut search: Search) -> Page {
        search = search.limit(self.limit).offset(self.offset);
        if self.counted {
            search = search.count_exactly();
        }
        if self.parallel {
            search = search.parallel();
        }
        match self.traced {
            true => search.xray().unwrap().0,
            false => search.run().unwrap(),
        }
    }

    /// Turns pages to the last, each cursor written and read, and sees that they are
    /// `all`, of which each leaves out some before it.
    fn check(self, ask: impl Fn() -> Search, all: &[(String, u32)], about: &str) {
        let (mut search, mut rest, mut place) = (ask(), all, 0);
        loop {
            let page = self.page(search);
            rest = &rest[self.offset.min(rest.len())..];
            let (here, after) = rest.split_at(self.limit.min(rest.len()));
            place += self.offset + here.len();
            assert_eq!(found(&page), here, "{about}: hits up to {place}, {self:?}");
            match page.total() {
                Total::Exact(count) => assert_eq!(count as usize, all.len(), "{about}, {self:?}"),
                Total::AtLeast(count) => {
                    let known = place.min(all.len())..=all.len();
                    assert!(
                        !self.counted && known.contains(&(count as usize)),
                        "{about}: {count} after {place}, {self:?}"
                    );
                }
            }
            let Some(cursor) = page.cursor() else {
                assert!(here.is_empty());
                return;
            };
            assert_eq!(page.cursors(), [Some(cursor.clone())]);
            search = ask().after(cursor.to_string().parse().unwrap());
            rest = after;
        }
    }
}

fn hits_of(
    naive: &Naive,
    query: &Query,
    filter: Option<&Query>,
    order: Order,
) -> Vec<(String, u32)> {
    let mut hits = naive.search(query, filter);
    if let Some((field, descending)) = order {
        sort_hits(naive, &mut hits, field, descending);
    }
    expected(naive, &hits)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn pages_in_a_row_are_the_list(
        steps in steps(), queries in prop::collection::vec((prop_oneof![query(), usual()], order(), turning()), 1..8),
        filter in prop::option::of(query()), merging in any::<bool>(),
    ) {
        let mut options = WriterOptions::default();
        if !merging {
            options = options.without_merges();
        }
        let (index, live, _) = carry_out(&steps, &options);
        let naive = Naive::new(fields(), live, 1.2, 0.75);
        let searcher = index.searcher().unwrap();
        for (query, order, turning) in &queries {
            let ask = || {
                let search = ordered(searcher.search(query), *order);
                filter.iter().fold(search, |search, filter| search.filter(filter))
            };
            let all = hits_of(&naive, query, filter.as_ref(), *order);
            turning.check(ask, &all, &format!("{query} in order {order:?}"));
        }
    }

    /// A cursor that no hit gave: hits are those that would come after it, if any would.
    #[test]
    fn any_place_will_do(
        steps in steps(), query in prop_oneof![query(), usual()], order in order(),
        near in any::<prop::sample::Index>(), (by, document) in (-2i32..3, prop_oneof![0u32..200, any::<u32>()]),
    ) {
        let (index, _, _) = carry_out(&steps, &WriterOptions::default().without_merges());
        let searcher = index.searcher().unwrap();
        let ask = || ordered(searcher.search(&query), order).limit(1_000);
        let all = ask().run().unwrap();
        if all.is_empty() {
            return Ok(());
        }
        // The place of some hit, moved to another document or a number nearby.
        let text = all.hit(near.index(all.len())).unwrap().cursor().to_string();
        let place = text.rsplit_once('.').unwrap().0;
        let (sign, digits) = place.split_at(place.find(".n").map_or(0, |at| at + 2));
        let moved = match u64::from_str_radix(digits, 16) {
            Ok(bits) if !place.ends_with('.') && !digits.contains(".k") => {
                let bits = bits.saturating_add_signed(by.into());
                if order.is_none() { format!("{bits:08x}") } else { format!("{sign}{bits:x}") }
            }
            // A keyword, one just after it, or none.
            _ if by > 0 && !place.ends_with('.') => format!("{place}0"),
            _ => place.to_owned(),
        };
        let cursor: Cursor = format!("{moved}.{document}").parse().unwrap();
        let after = ask().after(cursor).run().unwrap();
        // Hits after it are the end of the list; those before have no business there.
        let (whole, after) = (found(&all), found(&after));
        prop_assert_eq!(&after, &whole[whole.len() - after.len()..]);
        if order.is_none() {
            let bits = u32::from_str_radix(&moved, 16).unwrap();
            let comes_after = |hit: &wordhoard::Hit<'_>| {
                let score = f32::from_bits(bits);
                hit.score() < score || hit.score() == score && hit.number() > document
            };
            prop_assert_eq!(after.len(), all.hits().filter(comes_after).count());
        }
    }

    /// Each shard goes on after its own last hit.
    #[test]
    fn shards_turn_pages_as_one(
        documents in prop::collection::vec(document(), 1..80), query in query(), cut in any::<prop::sample::Index>(),
        order in order(), limit in 1usize..9,
    ) {
        let unique = unique(documents);
        let (first, second) = unique.split_at(cut.index(unique.len()));
        let shards = [searcher_of(first), searcher_of(second)];
        let sum: Statistics = shards[0].statistics(&query).unwrap() + shards[1].statistics(&query).unwrap();
        let whole = ordered(searcher_of(&unique).search(&query), order).limit(200).run().unwrap();
        let (mut cursors, mut all) = ([None::<Cursor>, None], Vec::new());
        loop {
            let ask = |(shard, cursor): (&Searcher, &Option<Cursor>)| {
                let search = ordered(shard.search(&query), order).limit(limit).statistics(sum.clone());
                match cursor {
                    Some(cursor) => search.after(cursor.clone()).run().unwrap(),
                    None => search.run().unwrap(),
                }
            };
            let merged = Page::merge(shards.iter().zip(&cursors).map(ask), limit);
            prop_assert_eq!(merged.cursor(), None);
            for (cursor, last) in cursors.iter_mut().zip(merged.cursors()) {
                *cursor = last.or(cursor.take());
            }
            if merged.is_empty() {
                break;
            }
            all.extend(found(&merged));
            prop_assert!(all.len() <= whole.len());
        }
        prop_assert_eq!(all, found(&whole));
    }
}
