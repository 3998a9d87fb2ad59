//! # Impacts: the best that a block can do, whatever the formula
//!
//! Idea        to skip a block one must know that none of its documents can
//!             score high. BM25 grows with the frequency and falls with the
//!             length, so only documents that no other beats in *both* can be
//!             best: the Pareto frontier of (frequency, norm). Bounds from it
//!             hold for any k1, b and collection statistics
//! Example     (2, 10) (5, 12) (5, 40) (9, 40): the third is beaten by the
//!             second; the frontier is (2, 10) (5, 12) (9, 40)
//! Bytes       an impact is | frequency u8 | norm u8 |; a block has [`LANES`]
//!             of them in eight bytes. The frequency is a code:
//!
//! ```text
//! code < 128: the frequency itself
//! code < 255: 128 + v, where v = | exponent e: 3 bits | mantissa m: 4 bits |
//!             stands for (16 + m) << (e + 3): 128, 136, 144 … 30720
//! code = 255: any frequency
//! ```
//!
//! Rounding    of the code: up for a bound, down for a witness (see
//!             [`posting_list`](super::posting_list))
//! Ceilings    thousands of frontiers take time to go through. So each block
//!             has one more byte, its *ceiling*: what the best of its postings
//!             is worth on a fixed [`Yardstick`], in 255ths, rounded up. A bound
//!             under any other constants follows by one factor, the same for
//!             all blocks ([`Yardstick::factor`]); where it is too loose the
//!             frontier decides
//! Invariants  (1) for every posting of the block there is an impact with at
//!             least its frequency and at most its norm
//!             (2) a higher frequency never has a lower code
//!             (3) a frontier longer than the space is thinned by *joining*
//!             neighbours (higher frequency, lower norm), which keeps (1)
//!             (4) spare places repeat the last impact
//!             (5) for every posting of the block `worth · 255 <= ceiling`
//! Left out    frontiers of full length: four pairs came within a few per
//!             cent of them, and a fixed stride needs no offsets
//! Papers      Ding and Suel, "Faster top-k document retrieval using
//!             block-max indexes", 2011; Grand et al., "From MaxScore to
//!             Block-Max WAND", 2020, §3: why pairs and not scores
//! Next        [`column`](super::column), the other way round: from a document to its
//!             values

use super::norms;

/// Impacts a block.
pub const LANES: usize = 4;

/// Impacts a whole list.
pub const LIST_LANES: usize = 8;

/// The code of a frequency without limit.
pub const FREQUENCY_MAX: u8 = u8::MAX;

/// Codes below this are exact.
const EXACT: u32 = 128;

/// A frequency and a norm that bound those of some postings, or are reached by
/// them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// A code: see [`frequency`](Self::frequency).
    pub code: u8,
    /// At most the norm of each posting that is bounded.
    pub norm: u8,
}

impl Impact {
    /// The least impact that bounds a posting.
    ///
    /// ```
    /// use wordhoard::segment::Impact;
    ///
    /// assert_eq!(Impact::bounding(7, 40).frequency(), Some(7));
    /// assert_eq!(Impact::bounding(130, 40).frequency(), Some(136));
    /// assert_eq!(Impact::reached(130, 40).frequency(), Some(128));
    /// assert_eq!(Impact::bounding(1_000_000, 40).frequency(), None);
    /// ```
    #[must_use]
    pub fn bounding(frequency: u32, norm: u8) -> Self {
        let reached = Self::reached(frequency, norm);
        let exact = reached.frequency() == Some(frequency);
        Self {
            // At most 254 before.
            code: reached.code + u8::from(!exact),
            norm,
        }
    }

    /// The greatest impact that a posting reaches.
    #[must_use]
    pub fn reached(frequency: u32, norm: u8) -> Self {
        let code = if frequency < EXACT {
            frequency
        } else {
            let exponent = 24 - frequency.leading_zeros();
            let mantissa = frequency >> (exponent + 3) & 15;
            (EXACT + exponent * 16 + mantissa).min(254)
        };
        Self {
            code: code as u8,
            norm,
        }
    }

    /// The frequency that the code stands for; `None` if for any.
    #[inline]
    #[must_use]
    pub fn frequency(self) -> Option<u32> {
        match (self.code, u32::from(self.code & 127)) {
            (FREQUENCY_MAX, _) => None,
            (0..128, code) => Some(code),
            (_, value) => Some((16 + (value & 15)) << ((value >> 4) + 3)),
        }
    }

    /// Whether the code stands for a frequency that is rounded.
    #[inline]
    #[must_use]
    pub fn is_rounded(self) -> bool {
        u32::from(self.code) >= EXACT
    }
}

/// Collects postings and keeps their frontier.
#[derive(Debug)]
pub(super) struct Frontier {
    /// The highest code at each norm; 0 where there is none. 256 bytes
    /// are four cache lines, and a block touches few of them.
    best: Box<[u8; 256]>,
    low: usize,
    high: usize,
}

impl Default for Frontier {
    fn default() -> Self {
        Self {
            best: Box::new([0; 256]),
            low: 256,
            high: 0,
        }
    }
}

impl Frontier {
    pub(super) fn add(&mut self, impact: Impact) {
        let norm = usize::from(impact.norm);
        self.best[norm] = self.best[norm].max(impact.code);
        self.low = self.low.min(norm);
        self.high = self.high.max(norm);
    }

    /// At most `N` impacts that satisfy invariant (1); empties the frontier.
    pub(super) fn take<const N: usize>(&mut self, yardstick: &Yardstick) -> [Impact; N] {
        let mut frontier = self.take_all();
        thin(&mut frontier, N, yardstick);
        let last = frontier.last().copied().unwrap_or_default();
        let mut out = [last; N];
        out[..frontier.len()].copy_from_slice(&frontier);
        out
    }

    /// The whole frontier, frequencies and norms ascending; empties it.
    pub(super) fn take_all(&mut self) -> Vec<Impact> {
        let mut frontier: Vec<Impact> = Vec::new();
        if self.low <= self.high {
            for norm in self.low..=self.high {
                let code = std::mem::take(&mut self.best[norm]);
                if code > frontier.last().map_or(0, |last| last.code) {
                    // Norms are indices into 256 places.
                    let norm = norm as u8;
                    frontier.push(Impact { code, norm });
                }
            }
        }
        (self.low, self.high) = (256, 0);
        frontier
    }
}

/// Joins neighbours, those first whose bound rises least, until `most` are
/// left.
fn thin(frontier: &mut Vec<Impact>, most: usize, yardstick: &Yardstick) {
    let join = |pair: &[Impact]| Impact {
        code: pair[1].code,
        norm: pair[0].norm,
    };
    join_cheapest(frontier, most, yardstick, join);
}

/// The contrary: thins corners that postings *reach*, both numbers ascending,
/// by joining neighbours to what reaches of either still do.
pub(super) fn thin_reached(corners: &mut Vec<Impact>, most: usize, yardstick: &Yardstick) {
    let join = |pair: &[Impact]| Impact {
        code: pair[0].code,
        norm: pair[1].norm,
    };
    join_cheapest(corners, most, yardstick, join);
}

/// Joins the neighbours whose worth changes least by it, until `most` impacts
/// are left.
fn join_cheapest(
    impacts: &mut Vec<Impact>,
    most: usize,
    yardstick: &Yardstick,
    join: impl Fn(&[Impact]) -> Impact,
) {
    let worth = |impact| yardstick.worth(impact);
    let loss = |pair: &[Impact]| {
        let (joined, a, b) = (worth(join(pair)), worth(pair[0]), worth(pair[1]));
        (joined - a).abs().min((joined - b).abs())
    };
    while impacts.len() > most {
        let cheapest = (0..impacts.len() - 1)
            .min_by(|&a, &b| loss(&impacts[a..a + 2]).total_cmp(&loss(&impacts[b..b + 2])));
        // There are at least two impacts, hence a pair.
        let Some(at) = cheapest else { return };
        impacts[at] = join(&impacts[at..at + 2]);
        impacts.remove(at + 1);
    }
}

/// A fixed way to weigh frequencies against lengths, so that blocks can be
/// compared by a byte: `f / (f + 0.3 + 0.9 · length / average)`.
///
/// It is what BM25 with its usual constants makes of a posting, but nothing
/// depends on that: to other constants leads [`factor`](Self::factor), and
/// any choice is safe.
#[derive(Clone, Debug)]
pub struct Yardstick {
    /// What is added to `f` below the line, by norm.
    denominators: Box<[f32; 256]>,
}

impl Yardstick {
    /// For a field of this length on average.
    #[must_use]
    pub fn new(average_length: f64) -> Self {
        let denominator = |norm: usize| {
            let length = f64::from(norms::decode(norm as u8));
            (0.3 + 0.9 * length / average_length) as f32
        };
        Self {
            denominators: Box::new(std::array::from_fn(denominator)),
        }
    }

    /// What an impact is worth, from 0 to 1.
    #[must_use]
    pub fn worth(&self, impact: Impact) -> f32 {
        let Some(frequency) = impact.frequency() else {
            return 1.0;
        };
        self.worth_of(frequency, impact.norm)
    }

    /// What a posting is worth.
    #[inline]
    pub(super) fn worth_of(&self, frequency: u32, norm: u8) -> f32 {
        let frequency = frequency as f32;
        frequency / (frequency + self.denominators[usize::from(norm)])
    }

    /// The ceiling of a block with this frontier.
    pub(crate) fn ceiling(&self, frontier: &[Impact]) -> u8 {
        let worths = frontier.iter().map(|impact| self.worth(*impact));
        // At most 255, as a worth is at most 1.
        (worths.fold(0.0, f32::max) * 255.0).ceil() as u8
    }

    /// What a posting that is worth no more than this has at most for its
    /// `f / (f + K)`, if no `K` is less than `ratio` times the denominator `D` here:
    /// `f <= worth · D / (1 - worth)`, and the rest follows.
    #[must_use]
    pub(crate) fn reweighed(worth: f32, ratio: f32) -> f32 {
        let bound = worth / (worth + (1.0 - worth) * ratio);
        // Where nothing is known of it, 0 / 0.
        if bound <= 1.0 { bound } else { 1.0 }
    }

    /// The least ratio of other denominators by norm to those here.
    #[must_use]
    pub(crate) fn least_ratio(&self, denominators: &[f32; 256]) -> f32 {
        let pairs = denominators.iter().zip(self.denominators.iter());
        let ratios = pairs.map(|(other, own)| other / own);
        // A little less than it is, for what rounding does.
        ratios.fold(f32::INFINITY, f32::min) * (1.0 - 8.0 * f32::EPSILON)
    }

    /// How many times its worth a posting's `f / (f + K)` can be at most, for other
    /// denominators `K` by norm: `f + D <= factor · (f + K)`, as `f >= 1`.
    #[must_use]
    pub fn factor(&self, denominators: &[f32; 256]) -> f32 {
        let pairs = self.denominators.iter().zip(denominators);
        let ratios = pairs.map(|(own, other)| (1.0 + own) / (1.0 + other));
        ratios.fold(1.0, f32::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_is_true() {
        let mut frontier = Frontier::default();
        for (frequency, norm) in [(2, 10), (5, 12), (5, 40), (9, 40)] {
            frontier.add(Impact::bounding(frequency, norm));
        }
        let impacts = frontier.take::<LANES>(&Yardstick::new(200.0));
        let pairs = impacts.map(|impact| (impact.code, impact.norm));
        assert_eq!(pairs, [(2, 10), (5, 12), (9, 40), (9, 40)]);
    }

    #[test]
    fn codes_round_as_they_should() {
        let mut last = Impact::default();
        for frequency in 0..100_000 {
            let (above, below) = (
                Impact::bounding(frequency, 0),
                Impact::reached(frequency, 0),
            );
            assert!(above.frequency().is_none_or(|above| above >= frequency));
            assert!(below.frequency().unwrap() <= frequency);
            assert!(above.code - below.code <= 1 && below.code >= last.code);
            assert!(frequency >= 128 || above == below);
            last = below;
        }
        assert_eq!(Impact::bounding(30_720, 0).frequency(), Some(30_720));
    }

    proptest! {
        #[test]
        fn every_posting_is_dominated(
            postings in prop::collection::vec((1u32..40_000, any::<u8>()), 1..200),
            average in 1f64..5000.0,
        ) {
            let mut frontier = Frontier::default();
            let yardstick = Yardstick::new(average);
            for round in 0..2 {
                for &(frequency, norm) in &postings {
                    frontier.add(Impact::bounding(frequency, norm));
                }
                let impacts = frontier.take::<LANES>(&yardstick);
                for &(frequency, norm) in &postings {
                    let posting = Impact::bounding(frequency, norm);
                    prop_assert!(impacts.iter().any(|impact| {
                        impact.code >= posting.code && impact.norm <= posting.norm
                    }), "round {}", round);
                }
            }
        }

        #[test]
        fn what_is_worth_no_more_scores_no_more(
            average in 1f64..5000.0, k1 in 0f32..3.0, b in 0f32..=1.0, near in 0.8f32..1.2,
            far in prop::option::of(1f32..5000.0),
            (frequency, norm) in (1u32..70_000, any::<u8>()),
        ) {
            let yardstick = Yardstick::new(average);
            let other = far.unwrap_or(average as f32 * near);
            let denominator =
                |norm: u8| k1 * (1.0 - b + b * norms::decode(norm) as f32 / other);
            let denominators = std::array::from_fn(|norm| denominator(norm as u8));
            let ratio = yardstick.least_ratio(&denominators);
            let worth = yardstick.worth_of(frequency, norm);
            let score = frequency as f32 / (frequency as f32 + denominator(norm));
            let bound = Yardstick::reweighed(worth, ratio);
            prop_assert!(bound * (1.0 + 8.0 * f32::EPSILON) >= score, "{} {}", bound, score);
        }

        #[test]
        fn factors_hold(
            average in 1f64..5000.0, k1 in 0f32..3.0, b in 0f32..=1.0, other in 1f32..5000.0,
            frequency in 1u32..70_000, norm in any::<u8>(),
        ) {
            let yardstick = Yardstick::new(average);
            let denominator =
                |norm: u8| k1 * (1.0 - b + b * norms::decode(norm) as f32 / other);
            let denominators = std::array::from_fn(|norm| denominator(norm as u8));
            let factor = yardstick.factor(&denominators);
            let ceiling = yardstick.ceiling(&[Impact::bounding(frequency, norm)]);
            let score = frequency as f32 / (frequency as f32 + denominator(norm));
            let bound = f32::from(ceiling) / 255.0 * factor;
            prop_assert!(bound * (1.0 + 4.0 * f32::EPSILON) >= score);
        }
    }
}
