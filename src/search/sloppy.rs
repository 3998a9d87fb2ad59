//! # Sloppy: terms that stand near each other
//!
//! Idea        what can be in an occurrence has a place of the rarest term near it. So
//!             of each term only what is near enough is kept, which is little; in most
//!             documents it is nothing, which vectors tell without a branch. What is left
//!             of all terms is walked through from left to right
//! Example     slop 3, "member" would begin the phrase at 40, "of" at 2, 41 and 90, "the"
//!             at 42 and 43: 41, 42 and 43 are near 40, and 40 to 42 is the shortest
//!             interval that has all three
//! Cost        to count `"member of the"~3` among 500,000 articles takes 28 ms, where all
//!             places were walked through it took 41
//! Next        `set.rs`, `boolean.rs`

use std::hint::select_unpredictable;

/// Of two terms one has as many positions as the other if it has no more than so
/// many times that.
const AS_MANY: usize = 4;

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sought {
    /// Terms of the phrase.
    pub(super) terms: usize,
    /// How long an interval may be.
    pub(super) slop: i64,
    /// Whether one will do.
    pub(super) any: bool,
}

/// Where the terms of a phrase would begin it in a document, the rarest term first.
#[derive(Default)]
pub(super) struct Near {
    lists: Vec<Vec<i64>>,
}

impl Near {
    /// Adds what term number `number` allows, which stands in these positions at this
    /// distance; says whether there can be an occurrence.
    #[inline]
    pub(super) fn add(
        &mut self,
        number: usize,
        positions: &[u32],
        distance: u32,
        sought: Sought,
    ) -> bool {
        let (distance, slop) = (i64::from(distance), sought.slop);
        self.lists.resize_with(sought.terms, Vec::new);
        let (before, list) = self.lists.split_at_mut(number);
        let list = &mut list[0];
        list.clear();
        let Some(rarest) = before.first_mut() else {
            list.extend(positions.iter().map(|x| i64::from(*x) - distance));
            return true;
        };
        if !is_any_near(rarest, positions, distance, slop) {
            return false;
        }
        if sought.terms > 2 || !sought.any && positions.len() > AS_MANY * rarest.len() {
            take_near(positions, distance, rarest, slop, list);
            keep_near(rarest, list, slop);
        } else if !sought.any {
            // Of two as many it is told as soon.
            list.extend(positions.iter().map(|x| i64::from(*x) - distance));
        }
        true
    }

    /// How many occurrences there are, if every term allowed one; or if any will do,
    /// whether there is one.
    #[inline]
    pub(super) fn occurrences(&self, sought: Sought) -> u32 {
        match self.lists.as_slice() {
            // Two that are near are one.
            [_, _] if sought.any => 1,
            [one, other] => occurrences_of_two(one, other, sought.slop),
            several => occurrences(several, sought.slop, sought.any),
        }
    }
}

/// Whether any beginning has another, which the positions of a further term allow, no
/// farther away than `slop`. Most often none has; and here vectors compare.
fn is_any_near(beginnings: &[i64], positions: &[u32], distance: i64, slop: i64) -> bool {
    let within = |low: i64, high: i64| {
        let range = (
            u32::try_from(low.max(0)),
            u32::try_from(high.min(u32::MAX.into())),
        );
        let (Ok(low), Ok(high)) = range else {
            return false;
        };
        let others = positions.iter();
        others.fold(false, |any, other| {
            any | (other.wrapping_sub(low) <= high - low)
        })
    };
    let mut beginnings = beginnings.iter().map(|beginning| beginning + distance);
    beginnings.any(|place| within(place - slop, place + slop))
}

/// Takes the beginnings that have one of the others no farther away than `slop`, of
/// those that the positions of a term allow. For each of the others they are searched
/// in halves, since they are far more.
fn take_near(positions: &[u32], distance: i64, others: &[i64], slop: i64, out: &mut Vec<i64>) {
    let mut rest = positions;
    for other in others {
        let beginning = |index: usize| i64::from(rest[index]) - distance;
        let mut at = 0;
        let mut left = rest.len();
        while left > 0 {
            let half = left.div_ceil(2);
            // Not a branch: nobody could guess it.
            let lower = beginning(at + half - 1) < other - slop;
            at = select_unpredictable(lower, at + half, at);
            left -= half;
        }
        while at < rest.len() && beginning(at) <= other + slop {
            out.push(beginning(at));
            at += 1;
        }
        rest = &rest[at..];
    }
}

/// Keeps those that have one of the others no farther away than `slop`; both ascend.
fn keep_near(list: &mut Vec<i64>, others: &[i64], slop: i64) {
    let (mut kept, mut at) = (0, 0);
    for read in 0..list.len() {
        let beginning = list[read];
        while others
            .get(at)
            .is_some_and(|other| *other < beginning - slop)
        {
            at += 1;
        }
        list[kept] = beginning;
        let is_near = others
            .get(at)
            .is_some_and(|other| *other <= beginning + slop);
        kept += usize::from(is_near);
    }
    list.truncate(kept);
}

/// Shortest intervals, no longer than `slop`, with an element of each list, all of them
/// or the first one alone; the lists ascend.
fn occurrences(lists: &[Vec<i64>], slop: i64, first: bool) -> u32 {
    let mut heads = vec![0; lists.len()];
    let mut count = 0;
    // The last interval seen; one with a later start and the same end is
    // shorter and takes its place.
    let mut last: Option<(i64, i64)> = None;
    let mut counted = |interval: Option<(i64, i64)>| {
        count += u32::from(interval.is_some_and(|(low, high)| high - low <= slop));
    };
    loop {
        let mut low = i64::MAX;
        let mut high = i64::MIN;
        for (list, &head) in lists.iter().zip(&heads) {
            let Some(&beginning) = list.get(head) else {
                counted(last);
                return count;
            };
            low = low.min(beginning);
            high = high.max(beginning);
        }
        if first && high - low <= slop {
            // It is an interval, whether or not it is the shortest here.
            return 1;
        }
        if last.is_some_and(|(_, end)| end != high) {
            counted(last);
        }
        last = Some((low, high));
        for (list, head) in lists.iter().zip(&mut heads) {
            while list.get(*head).is_some_and(|beginning| *beginning <= low) {
                *head += 1;
            }
        }
    }
}

/// The same of two lists, without a branch on which is behind. An interval is shortest
/// if the list that begins it has nothing more up to its end.
fn occurrences_of_two(one: &[i64], other: &[i64], slop: i64) -> u32 {
    let next = |list: &[i64], at: usize| list.get(at).copied().unwrap_or(i64::MAX);
    let (mut count, mut at, mut other_at) = (0, 0, 0);
    while at < one.len() && other_at < other.len() {
        let (x, y) = (one[at], other[other_at]);
        at += usize::from(x <= y);
        other_at += usize::from(y <= x);
        if x == y {
            // Where one says it twice it is still one place.
            while next(one, at) == x {
                at += 1;
            }
            while next(other, other_at) == x {
                other_at += 1;
            }
            count += 1;
            continue;
        }
        let following = select_unpredictable(x < y, next(one, at), next(other, other_at));
        count += u32::from(((x - y).abs() <= slop) & (following > x.max(y)));
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_is_true() {
        let sought = Sought {
            terms: 3,
            slop: 3,
            any: false,
        };
        let mut near = Near::default();
        let mut add =
            |number, positions: &[u32]| near.add(number, positions, number as u32, sought);
        assert!(add(0, &[40]) && add(1, &[3, 42, 91]) && add(2, &[44, 45]));
        assert_eq!(near.lists, [vec![40], vec![41], vec![42, 43]]);
        assert_eq!(near.occurrences(sought), 1);
    }

    /// The definition, literally: all intervals between elements.
    fn naive(lists: &[Vec<i64>], slop: i64) -> u32 {
        let mut ends: Vec<i64> = lists.concat();
        ends.sort_unstable();
        ends.dedup();
        let mut full = Vec::new();
        for &low in &ends {
            for &high in ends.iter().filter(|high| **high >= low) {
                let inside = |list: &Vec<i64>| list.iter().any(|x| (low..=high).contains(x));
                if lists.iter().all(inside) {
                    full.push((low, high));
                }
            }
        }
        let shortest = |&&(low, high): &&(i64, i64)| {
            !full
                .iter()
                .any(|&(a, b)| (a, b) != (low, high) && a >= low && b <= high)
        };
        full.iter()
            .filter(shortest)
            .filter(|(low, high)| high - low <= slop)
            .count() as u32
    }

    proptest! {
        #[test]
        fn occurrences_are_those_of_the_definition(
            mut lists in prop::collection::vec(prop::collection::vec(-3i64..15, 1..8), 1..4),
            slop in 0i64..6,
        ) {
            lists.iter_mut().for_each(|list| list.sort_unstable());
            let mut near = lists.clone();
            for number in 1..lists.len() {
                let (rarest, others) = near.split_at_mut(number);
                // Positions are what is left of their distance.
                let positions: Vec<u32> = others[0].iter().map(|x| (x + 3) as u32).collect();
                let is_any = others[0].iter().any(|x| rarest[0].iter().any(|y| (x - y).abs() <= slop));
                prop_assert_eq!(is_any_near(&rarest[0], &positions, 3, slop), is_any);
                let mut taken = Vec::new();
                take_near(&positions, 3, &rarest[0], slop, &mut taken);
                keep_near(&mut others[0], &rarest[0], slop);
                prop_assert_eq!(&taken, &others[0]);
                keep_near(&mut rarest[0], &others[0], slop);
            }
            prop_assert_eq!(occurrences(&near, slop, false), naive(&lists, slop));
            prop_assert_eq!(occurrences(&near, slop, true), naive(&lists, slop).min(1));
            if let [one, other] = lists.as_slice() {
                prop_assert_eq!(occurrences_of_two(one, other, slop), naive(&lists, slop));
            }
            let count = occurrences(&lists, slop, false);
            prop_assert_eq!(count, naive(&lists, slop));
            prop_assert_eq!(occurrences(&lists, slop, true), count.min(1));
            // What bounds the score of a sloppy phrase.
            let fewest = lists.iter().map(Vec::len).min().unwrap_or(0);
            prop_assert!(count as usize <= lists.len() * fewest);
        }
    }
}
