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
//!             of them in eight bytes, one vector lane each
//! Invariants  (1) for every posting of the block there is an impact with at
//!             least its frequency and at most its norm
//!             (2) frequency 255 stands for "255 or more": the bound must
//!             take the frequency for unlimited there
//!             (3) a frontier longer than the space is thinned by *joining*
//!             neighbours (higher frequency, lower norm), which keeps (1)
//!             (4) spare places repeat the last impact
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
    pub(crate) fn take<const N: usize>(&mut self) -> [Impact; N] {
        let mut frontier = self.take_all();
        thin(&mut frontier, N);
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
fn thin(frontier: &mut Vec<Impact>, most: usize) {
    while frontier.len() > most {
        let join = |pair: &[Impact]| Impact {
            frequency: pair[1].frequency,
            norm: pair[0].norm,
        };
        let loss = |pair: &[Impact]| weight(join(pair)) - weight(pair[0]).max(weight(pair[1]));
        let cheapest = (0..frontier.len() - 1)
            .min_by(|&a, &b| loss(&frontier[a..a + 2]).total_cmp(&loss(&frontier[b..b + 2])));
        // There are at least two impacts, hence a pair.
        let Some(at) = cheapest else { return };
        frontier[at] = join(&frontier[at..at + 2]);
        frontier.remove(at + 1);
    }
}

/// How much an impact is worth under middling constants. It only decides
/// which neighbours are joined and which documents serve as witnesses: any
/// choice is safe, a good one is tight.
pub(crate) fn weight(impact: Impact) -> f32 {
    const LENGTH_TYPICAL: f32 = 200.0;
    let length = norms::decode(impact.norm) as f32;
    let frequency = f32::from(impact.frequency);
    frequency / (frequency + 0.4 + 0.6 * length / LENGTH_TYPICAL)
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
        let impacts = frontier.take::<LANES>();
        let pairs = impacts.map(|impact| (impact.frequency, impact.norm));
        assert_eq!(pairs, [(2, 10), (5, 12), (9, 40), (9, 40)]);
    }

    proptest! {
        #[test]
        fn every_posting_is_dominated(
            postings in prop::collection::vec((1u32..400, any::<u8>()), 1..200)
        ) {
            let mut frontier = Frontier::default();
            for round in 0..2 {
                for &(frequency, norm) in &postings {
                    frontier.add(Impact::new(frequency, norm));
                }
                let impacts = frontier.take::<LANES>();
                for &(frequency, norm) in &postings {
                    let posting = Impact::new(frequency, norm);
                    prop_assert!(impacts.iter().any(|impact| {
                        impact.frequency >= posting.frequency && impact.norm <= posting.norm
                    }), "round {}", round);
                }
            }
        }
    }
}
