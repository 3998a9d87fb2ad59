//! # Beginnings: where a phrase would begin, as its terms allow
//!
//! Idea        of those beginnings that a term allows only those are kept that the next
//!             allows, too. Both ascend, so that each is among sixteen of the others
//!             that follow one another, if it is among them at all; and these are all
//!             compared at once, since it takes longer to find out that two would have
//!             done. Most documents have a word once or twice: then there are no other
//!             sixteen
//! Example     "was" is at 4, 90 and 200 of a document, "the" at 40 places: 4 is
//!             compared with the first sixteen, 90 and 200 with the next
//! Ways        where the others are so many more that most sixteens have nobody to
//!             compare, each is searched in halves. Whether a beginning is found is
//!             nowhere a branch, which would be guessed wrong
//! Cost        to count "was the" among 500,000 articles takes 28 ms: whoever only counts
//!             stops at the first place; with all of them it is 34
//! Next        `sloppy.rs`

use super::phrase::PhraseTerm;
use super::trace::Trace;
use crate::bytes::find::is_among;
use crate::error::Result;
use crate::segment::positions::{SPAN_PADDING, Span};
use crate::segment::posting_list::BLOCK_LEN;
use std::hint::select_unpredictable;
use std::ops::Range;

/// Where a phrase may begin in the documents that are asked about.
pub(super) struct Beginnings {
    /// Of one document after the other; what is past `len` says nothing.
    values: Vec<u32>,
    len: usize,
    /// Where those of each slot begin.
    starts: [u32; BLOCK_LEN],
    positions: Vec<u32>,
    others: Vec<u32>,
}

impl Default for Beginnings {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            len: 0,
            starts: [0; BLOCK_LEN],
            positions: Vec::new(),
            others: Vec::new(),
        }
    }
}

impl Beginnings {
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Notes the beginnings that two terms allow in the document of a slot; returns
    /// how many there are. If `any` will do, some may be left out if there are others.
    #[inline]
    pub(super) fn of_two<T: Trace>(
        &mut self,
        first: &mut PhraseTerm<T>,
        second: &mut PhraseTerm<T>,
        slot: usize,
        any: bool,
    ) -> Result<u32> {
        let (from, count) = first.positions(slot);
        let (other_from, other_count) = second.positions(slot);
        let kept = if first.sums.load(from, count)? & second.sums.load(other_from, other_count)?
            && let Some(one) = first.sums.span(from, count)
            && let Some(other) = second.sums.span(other_from, other_count)
        {
            let one = Place::of(one, first.distance);
            let out = self.make_room(slot, count);
            allowed(one, other, second.distance, any, &mut self.values[out])
        } else {
            first.read(slot, &mut self.positions)?;
            second.read(slot, &mut self.others)?;
            let out = self.make_room(slot, count);
            let one = Place::new(&self.positions, first.distance);
            let other = Place::new(&self.others, second.distance);
            search(one, other, any, &mut self.values[out])
        };
        self.len += kept;
        Ok(kept as u32)
    }

    /// Room for the beginnings of a slot, at most as many as a term's positions, which
    /// are known to be there: what a file says of their number may be a lie.
    fn make_room(&mut self, slot: usize, most: u32) -> Range<usize> {
        self.starts[slot] = self.len as u32;
        let room = self.len..self.len + most as usize;
        if self.values.len() < room.end {
            self.values.resize(room.end.next_power_of_two(), 0);
        }
        room
    }

    /// Of the `count` beginnings of a slot keeps those that another term allows;
    /// returns how many these are. If `any` will do, likewise.
    pub(super) fn narrow<T: Trace>(
        &mut self,
        term: &mut PhraseTerm<T>,
        slot: usize,
        count: u32,
        any: bool,
    ) -> Result<u32> {
        let start = self.starts[slot] as usize;
        let (from, positions) = term.positions(slot);
        let out = &mut self.values[start..start + count as usize];
        self.others.clear();
        self.others.extend_from_slice(out);
        let before = Place::new(&self.others, 0);
        let kept = if term.sums.load(from, positions)?
            && let Some(span) = term.sums.span(from, positions)
        {
            allowed(before, span, term.distance, any, out)
        } else {
            term.read(slot, &mut self.positions)?;
            search(before, Place::new(&self.positions, term.distance), any, out)
        };
        Ok(kept as u32)
    }
}

/// Numbers that are to become beginnings.
#[derive(Clone, Copy)]
struct Place<'n> {
    numbers: &'n [u32],
    /// To be taken from each to get a position.
    before: u32,
    /// To be taken from each position.
    distance: u32,
}

impl<'n> Place<'n> {
    fn new(positions: &'n [u32], distance: u32) -> Self {
        Self {
            numbers: positions,
            before: 0,
            distance,
        }
    }

    fn of(span: Span<'n>, distance: u32) -> Self {
        Self {
            numbers: span.sums,
            before: span.before,
            distance,
        }
    }

    #[inline]
    fn beginning(&self, index: usize) -> i64 {
        i64::from(self.numbers[index].wrapping_sub(self.before)) - i64::from(self.distance)
    }
}

/// Writes the beginnings that both allow, each once and none below 0; returns
/// how many there are. If `any` will do, those behind the first may be left out.
#[inline(always)]
fn allowed(one: Place, other: Span, distance: u32, any: bool, out: &mut [u32]) -> usize {
    if other.sums.len() <= SPAN_PADDING {
        scan(one, other, distance, out)
    } else {
        search(one, Place::of(other, distance), any, out)
    }
}

/// For each number of sums the bits of all lanes but these.
static PAST: [[u32; SPAN_PADDING]; SPAN_PADDING + 1] = {
    let mut past = [[u32::MAX; SPAN_PADDING]; SPAN_PADDING + 1];
    let mut count = 0;
    while count <= SPAN_PADDING {
        let mut lane = 0;
        while lane < count {
            past[count][lane] = 0;
            lane += 1;
        }
        count += 1;
    }
    past
};

/// Compares each with all of the others.
#[inline(never)]
fn scan(one: Place, other: Span, distance: u32, out: &mut [u32]) -> usize {
    let Some(past) = PAST.get(other.sums.len()) else {
        return 0;
    };
    let shift = other.before.wrapping_add(distance);
    // Those that aren't the document's are `u32::MAX`, which is no beginning.
    let mut others = *other.padded;
    for (other, past) in others.iter_mut().zip(past) {
        *other = other.wrapping_sub(shift) | past;
    }
    let (mut kept, mut last) = (0, -1);
    for index in 0..one.numbers.len() {
        let beginning = one.beginning(index);
        let found = is_among(beginning as u32, &others);
        // Sums that wrap tell positions below 2³¹ apart, and no others.
        let fresh = (beginning > last) & (beginning < 1 << 31);
        if let Some(slot) = out.get_mut(kept) {
            *slot = beginning as u32;
        }
        kept += usize::from(found & fresh);
        last = beginning.max(last);
    }
    kept
}

/// Numbers that are compared together.
const TOGETHER: usize = 16;

/// Sixteens that may be passed over for each beginning.
const PASSED: usize = 4;

/// Looks for each among the others, or until one is found.
fn search(one: Place, other: Place, any: bool, out: &mut [u32]) -> usize {
    let sixteens = other.numbers.len() / TOGETHER;
    match (sixteens > 0 && sixteens <= PASSED * one.numbers.len(), any) {
        (true, true) => by_sixteens::<true>(one, other, out),
        (true, false) => by_sixteens::<false>(one, other, out),
        (false, _) => by_halves(one, other, out),
    }
}

/// With the sixteen that each may be among.
fn by_sixteens<const ANY: bool>(one: Place, other: Place, out: &mut [u32]) -> usize {
    let (mut kept, mut last, mut at) = (0, -1, 0);
    // Where the last sixteen begin, some of which may be of those before, too.
    let end = other.numbers.len().saturating_sub(TOGETHER);
    let shift = other.before.wrapping_add(other.distance);
    for index in 0..one.numbers.len() {
        let beginning = one.beginning(index);
        while at < end && other.beginning(at + TOGETHER - 1) < beginning {
            at = (at + TOGETHER).min(end);
        }
        let sixteen = other.numbers.get(at..).and_then(<[u32]>::first_chunk);
        let wanted = (beginning as u32).wrapping_add(shift);
        let found = sixteen.is_some_and(|sixteen| is_among(wanted, sixteen));
        // What is past the last position there can be would be the first one.
        let position = beginning + i64::from(other.distance);
        let fresh = (beginning > last) & (position <= i64::from(u32::MAX));
        if let Some(slot) = out.get_mut(kept) {
            *slot = beginning as u32;
        }
        kept += usize::from(found & fresh);
        if ANY && kept > 0 {
            break;
        }
        last = beginning.max(last);
    }
    kept
}

/// Each by itself.
fn by_halves(one: Place, other: Place, out: &mut [u32]) -> usize {
    let (mut kept, mut last) = (0, -1);
    for index in 0..one.numbers.len() {
        let beginning = one.beginning(index);
        let (mut below, mut left) = (0, other.numbers.len());
        while left > 1 {
            let half = left / 2;
            // Not a branch: nobody could guess it.
            let higher = other.beginning(below + half - 1) < beginning;
            below = select_unpredictable(higher, below + half, below);
            left -= half;
        }
        let found = left > 0 && other.beginning(below) == beginning;
        if let Some(slot) = out.get_mut(kept) {
            *slot = beginning as u32;
        }
        kept += usize::from(found & (beginning > last));
        last = beginning.max(last);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// The definition, with sets.
    fn both(one: &[u32], distance: u32, other: &[u32], other_distance: u32) -> Vec<u32> {
        let beginnings = |positions: &[u32], distance: u32| -> BTreeSet<u32> {
            let positions = positions.iter();
            positions.filter_map(|x| x.checked_sub(distance)).collect()
        };
        let (one, other) = (beginnings(one, distance), beginnings(other, other_distance));
        one.intersection(&other).copied().collect()
    }

    fn positions(below: u32, most: usize) -> impl Strategy<Value = Vec<u32>> {
        prop::collection::vec(0..below, 1..most).prop_map(|mut positions| {
            positions.sort_unstable();
            positions
        })
    }

    proptest! {
        /// Few and many, some twice; with sums that wrap; and whatever follows a
        /// document's sums, even if it would fit.
        #[test]
        fn beginnings_are_those_that_both_allow(
            one in positions(60, 40), other in positions(60, 40), distance in 0u32..4, other_distance in 0u32..4,
            befores in any::<(u32, u32)>(), near in any::<bool>(),
        ) {
            let (before, other_before) = if near { (u32::MAX - 9, u32::MAX - 30) } else { befores };
            let sums: Vec<u32> = one.iter().map(|x| x.wrapping_add(before)).collect();
            let mut padded: Vec<u32> = other.iter().map(|x| x.wrapping_add(other_before)).collect();
            padded.extend((0..SPAN_PADDING as u32).map(|x| x.wrapping_add(other_before)));
            let span = |sums| Span { before, sums, padded: padded.first_chunk().unwrap() };
            let other_span = Span { before: other_before, ..span(&padded[..other.len()]) };
            let mut out = vec![0; one.len()];
            let kept = allowed(Place::of(span(&sums), distance), other_span, other_distance, false, &mut out);
            prop_assert_eq!(&out[..kept], both(&one, distance, &other, other_distance));
        }

        #[test]
        fn far_positions_are_searched(
            mut one in prop::collection::vec(any::<u32>(), 1..9), steps in prop::collection::vec(0u32..3, 1..9), distance in 0u32..4,
        ) {
            one.push(u32::MAX);
            one.sort_unstable();
            let mut other: Vec<u32> = one.iter().zip(&steps).map(|(x, step)| x.wrapping_add(*step)).collect();
            other.push(0);
            other.sort_unstable();
            let mut out = vec![0; one.len()];
            let kept = search(Place::new(&one, 0), Place::new(&other, distance), false, &mut out);
            prop_assert_eq!(&out[..kept], both(&one, 0, &other, distance));
        }

        /// Also with sums that wrap, and up to the last position there can be.
        #[test]
        fn both_ways_of_searching_find_the_same(
            one in positions(900, 700), other in positions(900, 700), distance in 0u32..4, other_distance in 0u32..4,
            before in prop_oneof![Just(0), any::<u32>()], last in any::<bool>(),
        ) {
            let moved = |numbers: &[u32]| -> Vec<u32> {
                numbers.iter().map(|x| if last { u32::MAX - 900 + x } else { *x }).collect()
            };
            let (one, mut other) = (moved(&one), moved(&other));
            // Sixteen at the least.
            other.resize(other.len().max(TOGETHER), other[other.len() - 1]);
            let sums: Vec<u32> = other.iter().map(|x| x.wrapping_add(before)).collect();
            let one_place = Place::new(&one, distance);
            let other_place = Place { before, ..Place::new(&sums, other_distance) };
            let all = both(&one, distance, &other, other_distance);
            for ways in [by_sixteens::<false>, by_halves] {
                let mut out = vec![0; one.len()];
                let kept = ways(one_place, other_place, &mut out);
                prop_assert_eq!(&out[..kept], &all);
            }
            for any in [false, true] {
                let mut out = vec![0; one.len()];
                let kept = search(one_place, other_place, any, &mut out);
                prop_assert!(kept == all.len() || any && kept > 0);
                prop_assert_eq!(&out[..kept], &all[..kept]);
            }
        }
    }
}
