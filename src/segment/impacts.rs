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
//!             of them in eight bytes
//! Ceilings    thousands of frontiers take time to go through. So each block
//!             has one more byte, its *ceiling*: what the best of its postings
//!             is worth on a fixed [`Yardstick`], in 255ths, rounded up. A bound
//!             under any other constants follows by one factor, the same for
//!             all blocks ([`Yardstick::factor`]); where it is too loose the
//!             frontier decides
//! Invariants  (1) for every posting of the block there is an impact with at
//!             least its frequency and at most its norm
//!             (2) frequency 255 stands for "255 or more": the bound must
//!             take the frequency for unlimited there
//!             (3) a frontier longer than the space is thinned by *joining*
//!             neighbours (higher frequency, lower norm), which keeps (1)
//!             (4) spare places repeat the last impact
//!             (5) for every posting of the block `worth · 255 <= ceiling`
//! Left out    frontiers of full length: four pairs came within a few per
//!             cent of them, and a fixed stride needs no offsets
//! Papers      Ding and Suel, "Faster top-k document retrieval using
//!             block-max indexes", 2011; Grand et al., "From MaxScore to
//!             Block-Max WAND", 2020, §3: why pairs and not scores
//! Next        [`posting_list`](super::posting_list)

use super::norms;

/// Impacts a block.
pub const LANES: usize = 4;

/// Impacts a whole list.
pub const LIST_LANES: usize = 8;

/// The frequency that stands for itself and everything above.
pub const FREQUENCY_MAX: u8 = u8::MAX;

/// A frequency and a norm that bound those of some postings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// At least the frequency of each of them; 255 means 255 or more.
    pub frequency: u8,
    /// At most the norm of each of them.
    pub norm: u8,
}

impl Impact {
    /// The impact of one posting.
    #[must_use]
    pub fn new(frequency: u32, norm: u8) -> Self {
        Self {
            frequency: u8::try_from(frequency).unwrap_or(FREQUENCY_MAX),
            norm,
        }
    }
}

/// Collects postings and keeps their frontier.
#[derive(Debug)]
pub(crate) struct Frontier {
    /// The highest frequency at each norm; 0 where there is none. 256 bytes
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
    pub(crate) fn add(&mut self, impact: Impact) {
        let norm = usize::from(impact.norm);
        self.best[norm] = self.best[norm].max(impact.frequency);
        self.low = self.low.min(norm);
        self.high = self.high.max(norm);
    }

    /// At most `N` impacts that satisfy invariant (1); empties the frontier.
    pub(crate) fn take<const N: usize>(&mut self, yardstick: &Yardstick) -> [Impact; N] {
        let mut frontier = self.take_all();
        thin(&mut frontier, N, yardstick);
        let last = frontier.last().copied().unwrap_or_default();
        let mut out = [last; N];
        out[..frontier.len()].copy_from_slice(&frontier);
        out
    }

    /// The whole frontier, frequencies and norms ascending; empties it.
    pub(crate) fn take_all(&mut self) -> Vec<Impact> {
        let mut frontier: Vec<Impact> = Vec::new();
        if self.low <= self.high {
            for norm in self.low..=self.high {
                let frequency = std::mem::take(&mut self.best[norm]);
                if frequency > frontier.last().map_or(0, |last| last.frequency) {
                    // Norms are indices into 256 places.
                    let norm = norm as u8;
                    frontier.push(Impact { frequency, norm });
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
        frequency: pair[1].frequency,
        norm: pair[0].norm,
    };
    join_cheapest(frontier, most, join, |impact| yardstick.worth(impact));
}

/// The contrary: thins corners that postings *reach*, both numbers ascending,
/// by joining neighbours to what reaches of either still do.
pub(crate) fn thin_reached(corners: &mut Vec<Impact>, most: usize, yardstick: &Yardstick) {
    let join = |pair: &[Impact]| Impact {
        frequency: pair[0].frequency,
        norm: pair[1].norm,
    };
    join_cheapest(corners, most, join, |impact| yardstick.worth(impact));
}

/// Joins the neighbours whose worth changes least by it, until `most` impacts
/// are left.
fn join_cheapest(
    impacts: &mut Vec<Impact>,
    most: usize,
    join: impl Fn(&[Impact]) -> Impact,
    worth: impl Fn(Impact) -> f32,
) {
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
    /// By norm.
    denominators: Box<[f32; 256]>,
}

impl Yardstick {
    /// For a field of this length on average, in tokens.
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
        if impact.frequency == FREQUENCY_MAX {
            return 1.0;
        }
        let frequency = f32::from(impact.frequency);
        frequency / (frequency + self.denominators[usize::from(impact.norm)])
    }

    /// The ceiling of a block with this frontier.
    pub(crate) fn ceiling(&self, frontier: &[Impact]) -> u8 {
        let worths = frontier.iter().map(|impact| self.worth(*impact));
        // At most 255, as a worth is at most 1.
        (worths.fold(0.0, f32::max) * 255.0).ceil() as u8
    }

    /// How often a posting's worth its `f / (f + K)` can be at most, for other
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
            frontier.add(Impact::new(frequency, norm));
        }
        let impacts = frontier.take::<LANES>(&Yardstick::new(200.0));
        let pairs = impacts.map(|impact| (impact.frequency, impact.norm));
        assert_eq!(pairs, [(2, 10), (5, 12), (9, 40), (9, 40)]);
    }

    proptest! {
        #[test]
        fn every_posting_is_dominated(
            postings in prop::collection::vec((1u32..400, any::<u8>()), 1..200),
            average in 1f64..5000.0,
        ) {
            let mut frontier = Frontier::default();
            let yardstick = Yardstick::new(average);
            for round in 0..2 {
                for &(frequency, norm) in &postings {
                    frontier.add(Impact::new(frequency, norm));
                }
                let impacts = frontier.take::<LANES>(&yardstick);
                for &(frequency, norm) in &postings {
                    let posting = Impact::new(frequency, norm);
                    prop_assert!(impacts.iter().any(|impact| {
                        impact.frequency >= posting.frequency && impact.norm <= posting.norm
                    }), "round {}", round);
                }
            }
        }

        #[test]
        fn factors_hold(
            average in 1f64..5000.0, k1 in 0f32..3.0, b in 0f32..=1.0, other in 1f32..5000.0,
            frequency in 1u32..255, norm in any::<u8>(),
        ) {
            let yardstick = Yardstick::new(average);
            let denominator =
                |norm: u8| k1 * (1.0 - b + b * norms::decode(norm) as f32 / other);
            let denominators = std::array::from_fn(|norm| denominator(norm as u8));
            let factor = yardstick.factor(&denominators);
            let ceiling = yardstick.ceiling(&[Impact::new(frequency, norm)]);
            let score = frequency as f32 / (frequency as f32 + denominator(norm));
            let bound = f32::from(ceiling) / 255.0 * factor;
            prop_assert!(bound * (1.0 + 4.0 * f32::EPSILON) >= score);
        }
    }
}
