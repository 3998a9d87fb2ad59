//! # Rows: documents, each beside what it is worth, sifted by vectors
//!
//! Idea        whoever looks for the best documents throws most of them away, a
//!             few at a time: those that can't clear a hurdle. "Is it high
//!             enough?" can't be foreseen, so nothing may branch on the answer.
//!             Eight rows are compared together; the eight answers, a byte, say
//!             in a table of 256 how the rows that stay move side by side, and
//!             all eight are written, the next ones over those that don't stay
//! Example     sums 4.1 2.0 4.6 0.3 …, hurdle 3: the answers are 0b…0101, whose
//!             entry is 0 2 …: row 0 stays where it is, row 2 goes to place 1
//! Invariants  (1) rows keep their order
//!             (2) both ways give the same rows: the sums are `f32`, added,
//!             multiplied and compared one by one
//! Cost        some five instructions a row with vectors of eight, twenty without
//! Paper       Polychroniou, Raghavan and Ross, "Rethinking SIMD vectorization
//!             for in-memory databases", 2015, §3: selective stores
//! Next        [`prefetch`](super::prefetch)

use super::block::BLOCK;
use std::ops::Range;

/// How many rows are sifted together.
const WIDTH: usize = 8;

/// Rows are read and written eight at a time, wherever they begin.
const ROOM: usize = BLOCK + WIDTH;

/// What a row must be good for to stay: the sum, and what may still be added to
/// it, times the scale, must be higher than this.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hurdle {
    pub(crate) height: f32,
    pub(crate) add: f32,
    pub(crate) scale: f32,
}

impl Hurdle {
    /// Whether this sum clears it.
    #[inline(always)]
    fn is_cleared(self, sum: f32) -> bool {
        (sum + self.add) * self.scale > self.height
    }
}

/// Up to 128 documents, ascending, what each is known to be worth, and a number
/// below 128 by which others know it: its slot.
#[derive(Debug)]
pub(crate) struct Rows {
    len: usize,
    documents: [u32; ROOM],
    sums: [f32; ROOM],
    slots: [u8; ROOM],
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            len: 0,
            documents: [0; ROOM],
            sums: [0.0; ROOM],
            slots: [0; ROOM],
        }
    }
}

impl Rows {
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn documents(&self) -> &[u32] {
        &self.documents[..self.len]
    }

    pub(crate) fn slots(&self) -> &[u8] {
        &self.slots[..self.len]
    }

    /// Documents, sums and slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, f32, usize)> + '_ {
        let slots = self.slots.iter().map(|slot| usize::from(*slot));
        let all = self.documents.iter().zip(&self.sums).zip(slots);
        all.take(self.len)
            .map(|((document, sum), slot)| (*document, *sum, slot))
    }

    /// Adds a row, later than all so far, if it is wanted; there must be room.
    #[inline]
    pub(crate) fn offer(&mut self, document: u32, sum: f32, slot: u8, is_wanted: bool) {
        let at = self.len % BLOCK;
        self.documents[at] = document;
        self.sums[at] = sum;
        self.slots[at] = slot;
        self.len += usize::from(is_wanted);
    }

    /// Adds those documents, at some places from `first` on, whose sums clear the
    /// hurdle, later than all so far, in slot 0; takes these sums. There must be
    /// room for all.
    #[inline]
    pub(crate) fn take_sums<const N: usize>(
        &mut self,
        first: u32,
        places: &[u16],
        sums: &mut [f32; N],
        hurdle: Hurdle,
    ) {
        let mut len = self.len;
        for place in places {
            let sum = std::mem::take(&mut sums[usize::from(*place) % N]);
            let at = len % BLOCK;
            self.documents[at] = first + u32::from(*place);
            self.sums[at] = sum;
            self.slots[at] = 0;
            len += usize::from(hurdle.is_cleared(sum));
        }
        self.len = len.min(BLOCK);
    }

    /// Adds to the sum of a row; returns its slot.
    #[inline]
    pub(crate) fn add(&mut self, row: usize, score: f32) -> usize {
        self.sums[row % BLOCK] += score;
        usize::from(self.slots[row % BLOCK]) % BLOCK
    }

    /// Moves a row to a place before it, or leaves it in its own; returns the place
    /// behind it if it clears the hurdle, or this one, to be written over.
    #[inline]
    pub(crate) fn keep(&mut self, row: usize, place: usize, hurdle: Hurdle) -> usize {
        self.copy(row, place);
        place + usize::from(hurdle.is_cleared(self.sums[place % BLOCK]))
    }

    /// Keeps the rows whose slots are wanted.
    #[inline]
    pub(crate) fn retain(&mut self, mut is_wanted: impl FnMut(usize) -> bool) {
        let mut kept = 0;
        for row in 0..self.len {
            self.copy(row, kept);
            kept += usize::from(is_wanted(usize::from(self.slots[kept])));
        }
        self.len = kept;
    }

    #[inline]
    fn copy(&mut self, row: usize, place: usize) {
        let (from, to) = (row % BLOCK, place % BLOCK);
        self.documents[to] = self.documents[from];
        self.slots[to] = self.slots[from];
        self.sums[to] = self.sums[from];
    }

    /// Leaves out the rows from this place on.
    #[inline]
    pub(crate) fn truncate(&mut self, place: usize) {
        self.len = self.len.min(place);
    }

    /// Replaces all rows by those of a block, in these places, that clear the
    /// hurdle; their slots are their places.
    #[inline]
    pub(crate) fn take_block(
        &mut self,
        documents: &[u32; BLOCK],
        sums: &[f32; BLOCK],
        places: Range<usize>,
        hurdle: Hurdle,
    ) {
        self.len = 0;
        let block = Columns {
            documents,
            sums,
            slots: &PLACES,
        };
        self.sift(block, places, u32::MAX, hurdle);
    }

    /// Adds those of another's rows from `at` on that clear the hurdle, as far as
    /// document `last`; returns the row behind it. There must be room for all of
    /// them.
    #[inline]
    pub(crate) fn take_until(
        &mut self,
        last: u32,
        from: &Rows,
        at: usize,
        hurdle: Hurdle,
    ) -> usize {
        let rows = Columns {
            documents: &from.documents,
            sums: &from.sums,
            slots: &from.slots,
        };
        self.sift(rows, at..from.len, last, hurdle)
    }

    #[inline]
    fn sift<const N: usize>(
        &mut self,
        from: Columns<'_, N>,
        rows: Range<usize>,
        last: u32,
        hurdle: Hurdle,
    ) -> usize {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") {
            // SAFETY: the processor has what the function is compiled for; all that
            // have AVX2 can count bits.
            return unsafe { self.sift_avx2(from, rows, last, hurdle) };
        }
        self.sift_plain(from, rows, last, hurdle)
    }

    fn sift_plain<const N: usize>(
        &mut self,
        from: Columns<'_, N>,
        rows: Range<usize>,
        last: u32,
        hurdle: Hurdle,
    ) -> usize {
        for row in rows.clone() {
            if from.documents[row] > last {
                return row;
            }
            let at = self.len % ROOM;
            self.documents[at] = from.documents[row];
            self.sums[at] = from.sums[row];
            self.slots[at] = from.slots[row];
            self.len += usize::from(hurdle.is_cleared(from.sums[row]));
        }
        rows.end
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn sift_avx2<const N: usize>(
        &mut self,
        from: Columns<'_, N>,
        rows: Range<usize>,
        last: u32,
        hurdle: Hurdle,
    ) -> usize {
        use std::arch::x86_64::{
            __m128i, __m256i, _CMP_GT_OQ, _mm_cvtsi64_si128, _mm_loadl_epi64, _mm_shuffle_epi8,
            _mm_storel_epi64, _mm256_add_ps, _mm256_castsi256_ps, _mm256_cmp_ps,
            _mm256_cmpgt_epi32, _mm256_cvtepu8_epi32, _mm256_loadu_ps, _mm256_loadu_si256,
            _mm256_movemask_ps, _mm256_mul_ps, _mm256_permutevar8x32_epi32,
            _mm256_permutevar8x32_ps, _mm256_set1_epi32, _mm256_set1_ps, _mm256_storeu_ps,
            _mm256_storeu_si256, _mm256_xor_si256,
        };
        let add = _mm256_set1_ps(hurdle.add);
        let scale = _mm256_set1_ps(hurdle.scale);
        let height = _mm256_set1_ps(hurdle.height);
        // Only signed numbers can be compared, so both sides are moved by half.
        let half = _mm256_set1_epi32(i32::MIN);
        let last = _mm256_xor_si256(_mm256_set1_epi32(last.cast_signed()), half);
        // A block has no room behind it, so there its eights are gone by.
        let mut at = match N {
            ROOM => rows.start,
            _ => rows.start / WIDTH * WIDTH,
        };
        let mut wanted = u32::MAX << (rows.start - at);
        let mut len = self.len;
        // Where an eight ends is left to be guessed, so that none waits for the
        // one before it.
        let end = loop {
            if at >= rows.end {
                break rows.end;
            }
            // No eight begins later than this, nor is written later.
            let (first, to) = (at.min(N - WIDTH), len.min(BLOCK));
            let documents = &from.documents[first..first + WIDTH];
            let sums = &from.sums[first..first + WIDTH];
            let slots = &from.slots[first..first + WIDTH];
            let to_documents = &mut self.documents[to..to + WIDTH];
            let to_sums = &mut self.sums[to..to + WIDTH];
            let to_slots = &mut self.slots[to..to + WIDTH];
            // SAFETY: these are the 32 bytes that are read, at any alignment.
            let documents = unsafe { _mm256_loadu_si256(documents.as_ptr().cast::<__m256i>()) };
            // SAFETY: likewise.
            let sums = unsafe { _mm256_loadu_ps(sums.as_ptr()) };
            let most = _mm256_mul_ps(_mm256_add_ps(sums, add), scale);
            let high = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(most, height));
            let later = _mm256_cmpgt_epi32(_mm256_xor_si256(documents, half), last);
            let later = _mm256_movemask_ps(_mm256_castsi256_ps(later));
            // Documents ascend, so that those until `last` come first.
            let left = u32::MAX << (rows.end - at).min(WIDTH);
            let beyond = later.cast_unsigned() | left;
            let stay = high.cast_unsigned() & wanted & !beyond;
            wanted = u32::MAX;
            let order = _mm_cvtsi64_si128(ORDERS[stay as usize % ORDERS.len()]);
            let places = _mm256_cvtepu8_epi32(order);
            // SAFETY: likewise, eight bytes.
            let slots = unsafe { _mm_loadl_epi64(slots.as_ptr().cast::<__m128i>()) };
            let slots = _mm_shuffle_epi8(slots, order);
            let documents = _mm256_permutevar8x32_epi32(documents, places);
            let sums = _mm256_permutevar8x32_ps(sums, places);
            // SAFETY: these are the 32 bytes that are written, at any alignment.
            unsafe { _mm256_storeu_si256(to_documents.as_mut_ptr().cast::<__m256i>(), documents) };
            // SAFETY: likewise.
            unsafe { _mm256_storeu_ps(to_sums.as_mut_ptr(), sums) };
            // SAFETY: likewise, eight bytes.
            unsafe { _mm_storel_epi64(to_slots.as_mut_ptr().cast::<__m128i>(), slots) };
            len += stay.count_ones() as usize;
            if beyond & 0xff != 0 {
                break at + beyond.trailing_zeros() as usize;
            }
            at += WIDTH;
        };
        self.len = len;
        end
    }
}

/// For each set of eight rows: which of them stands where, once those that stay
/// have moved side by side; a byte each.
#[cfg(target_arch = "x86_64")]
const ORDERS: [i64; 256] = {
    let mut orders = [0; 256];
    let mut set = 0;
    while set < 256 {
        let (mut row, mut place) = (0, 0);
        while row < WIDTH {
            if set >> row & 1 == 1 {
                orders[set] |= (row as i64) << (8 * place);
                place += 1;
            }
            row += 1;
        }
        set += 1;
    }
    orders
};

/// Slots that are the places themselves.
pub(super) static PLACES: [u8; BLOCK] = {
    let mut places = [0; BLOCK];
    let mut place = 0;
    while place < BLOCK {
        places[place] = place as u8;
        place += 1;
    }
    places
};

/// The columns of rows that are sifted.
#[derive(Clone, Copy)]
struct Columns<'a, const N: usize> {
    documents: &'a [u32; N],
    sums: &'a [f32; N],
    slots: &'a [u8; N],
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(of: &[(u32, f32, usize)]) -> Rows {
        let mut rows = Rows::default();
        for (document, sum, slot) in of {
            rows.offer(*document, *sum, *slot as u8, true);
        }
        rows
    }

    #[test]
    fn the_example_is_true() {
        let hurdle = Hurdle {
            height: 3.0,
            add: 0.0,
            scale: 1.0,
        };
        let from = rows(&[(3, 4.1, 0), (7, 2.0, 1), (9, 4.6, 2), (12, 0.3, 3)]);
        let mut into = Rows::default();
        assert_eq!(into.take_until(u32::MAX, &from, 0, hurdle), 4);
        assert_eq!(into.iter().collect::<Vec<_>>(), [(3, 4.1, 0), (9, 4.6, 2)]);
        // As far as a document, and on from there.
        into.clear();
        assert_eq!(into.take_until(8, &from, 0, hurdle), 2);
        assert_eq!(into.documents(), [3]);
        assert_eq!(into.take_until(9, &from, 2, hurdle), 3);
        assert_eq!(into.documents(), [3, 9]);
    }

    proptest! {
        #[test]
        fn both_ways_keep_what_clears_the_hurdle(
            documents in prop::collection::btree_set(0u32..500, 0..=BLOCK),
            base in prop_oneof![Just(0u32), Just(0x7fff_ff00), Just(u32::MAX - 500)],
            sums in prop::collection::vec(0f32..4.0, BLOCK),
            (height, add) in (prop_oneof![Just(-1f32), 0f32..4.0], 0f32..2.0),
            (at, last) in (0..BLOCK, 0u32..510),
            held in 0usize..BLOCK,
        ) {
            let all: Vec<_> = documents
                .iter()
                .enumerate()
                .map(|(row, document)| (base + document, sums[row], BLOCK - 1 - row))
                .collect();
            let from = rows(&all);
            let at = at.min(all.len());
            let last = base.saturating_add(last);
            let hurdle = Hurdle { height, add, scale: 1.000_1 };
            let good = |row: &&(u32, f32, usize)| (row.1 + add) * 1.000_1 > height;
            let end = at + all[at..].iter().take_while(|row| row.0 <= last).count();
            let held = &all[..held.min(BLOCK - (all.len() - at)).min(all.len())];
            let kept = all[at..end].iter().filter(good);
            let naive: Vec<_> = held.iter().chain(kept).copied().collect();
            let (mut fast, mut plain) = (rows(held), rows(held));
            prop_assert_eq!(fast.take_until(last, &from, at, hurdle), end);
            prop_assert_eq!(fast.iter().collect::<Vec<_>>(), &naive[..]);
            let columns = Columns {
                documents: &from.documents,
                sums: &from.sums,
                slots: &from.slots,
            };
            prop_assert_eq!(plain.sift_plain(columns, at..from.len, last, hurdle), end);
            prop_assert_eq!(plain.iter().collect::<Vec<_>>(), naive);
        }

        #[test]
        fn sums_are_taken_and_those_that_clear_the_hurdle_kept(
            places in prop::collection::btree_set(0u16..512, 0..BLOCK - 3),
            worth in prop::collection::vec(0f32..4.0, 512), height in -1f32..4.0,
        ) {
            let hurdle = Hurdle { height, add: 0.5, scale: 1.0 };
            let places: Vec<u16> = places.into_iter().collect();
            let mut sums = [0.0; 512];
            places.iter().for_each(|place| sums[usize::from(*place)] = worth[usize::from(*place)]);
            let before = [(1, 2.0, 3), (5, 0.0, 6)];
            let mut rows = rows(&before);
            rows.take_sums(1000, &places, &mut sums, hurdle);
            let good = places.iter().map(|place| (*place, worth[usize::from(*place)]));
            let good = good.filter(|(_, sum)| sum + 0.5 > height);
            let good = good.map(|(place, sum)| (1000 + u32::from(place), sum, 0));
            let naive: Vec<_> = before.into_iter().chain(good).collect();
            prop_assert_eq!(rows.iter().collect::<Vec<_>>(), naive);
            prop_assert!(sums.iter().all(|sum| *sum == 0.0));
        }

        #[test]
        fn of_a_block_only_what_is_in_its_places(
            sums in prop::collection::vec(0f32..4.0, BLOCK),
            (from, until, height) in (0..=BLOCK, 0..=BLOCK, -1f32..4.0),
        ) {
            let documents = std::array::from_fn(|place| 3 * place as u32);
            let sums: [f32; BLOCK] = std::array::from_fn(|place| sums[place]);
            let until = until.max(from);
            let hurdle = Hurdle { height, add: 0.0, scale: 1.0 };
            let mut rows = rows(&[(1, 1.0, 1)]);
            rows.take_block(&documents, &sums, from..until, hurdle);
            let naive: Vec<_> = (from..until)
                .filter(|place| sums[*place] > height)
                .map(|place| (documents[place], sums[place], place))
                .collect();
            prop_assert_eq!(rows.iter().collect::<Vec<_>>(), naive);
        }

        #[test]
        fn rows_move_up(sums in prop::collection::vec(0f32..4.0, 1..=BLOCK), height in 0f32..4.0) {
            let all: Vec<_> = sums.iter().enumerate().map(|(row, sum)| (row as u32, *sum, row)).collect();
            let mut rows = rows(&all);
            let hurdle = Hurdle { height, add: 0.0, scale: 1.0 };
            let mut place = 0;
            for row in 0..all.len() {
                place = rows.keep(row, place, hurdle);
            }
            rows.truncate(place);
            let naive: Vec<_> = all.into_iter().filter(|row| row.1 > height).collect();
            prop_assert_eq!(rows.iter().collect::<Vec<_>>(), naive);
        }
    }
}
