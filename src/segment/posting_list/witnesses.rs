//! # Witnesses: what it takes to be among the best
//!
//! Idea        whoever wants ten documents would like to know at once what the tenth
//!             best scores, for then blocks that can't reach it need no look. The
//!             best ten in which order depends on the formula; but some pairs of a
//!             frequency and a norm such that ten postings reach one of them, by
//!             at least this frequency and at most this norm, hold for any
//! Example     frequencies and norms (9, 40) (5, 12) (5, 30) (1, 3), and the best
//!             three are asked for: they are all but the last on the yardstick,
//!             and each of them reaches (9, 40) or (5, 30)
//! Cost        a counter for each pair of a code and a norm that occurs, and a
//!             sort of the best when the list ends
//! Next        `champions.rs`: who these documents are

use super::{Impact, WITNESS_COUNTS, WITNESS_LANES};
use crate::segment::impacts::{Yardstick, thin_reached};

/// Finds, for each of [`WITNESS_COUNTS`], what so many documents reach.
#[derive(Debug, Default)]
pub(super) struct Witnesses {
    /// How many postings have each frequency (the row) and norm, up to the highest
    /// frequency that there was. All are 0 between lists.
    table: Vec<u32>,
    /// The pairs that any has.
    pairs: Vec<u16>,
}

impl Witnesses {
    pub(super) fn add(&mut self, impact: Impact) {
        let pair = pair_of(impact);
        match self.table.get_mut(usize::from(pair)) {
            Some(count) if *count > 0 => *count += 1,
            _ => self.first(pair),
        }
    }

    #[cold]
    fn first(&mut self, pair: u16) {
        // All rows are 256 KiB, to be cleared for each range of a merge, which seldom
        // has more than the first few.
        let rows = usize::from(pair >> 8) + 1;
        self.table.resize(self.table.len().max(rows << 8), 0);
        self.table[usize::from(pair)] = 1;
        self.pairs.push(pair);
    }

    pub(super) fn clear(&mut self) {
        for pair in self.pairs.drain(..) {
            self.table[usize::from(pair)] = 0;
        }
    }

    /// For each count, corners such that at least so many postings reach one of them: the
    /// lower left edge of the best. Zeros where the list is too short.
    pub(super) fn take(
        &mut self,
        yardstick: &Yardstick,
    ) -> [[Impact; WITNESS_LANES]; WITNESS_COUNTS.len()] {
        let mut counts: Vec<(f32, u16, u32)> = Vec::with_capacity(self.pairs.len());
        counts.extend(self.pairs.drain(..).map(|pair| {
            let count = std::mem::take(&mut self.table[usize::from(pair)]);
            (yardstick.worth(impact_of(pair)), pair, count)
        }));
        let counts = best(&mut counts);
        let mut witnesses = [[Impact::default(); WITNESS_LANES]; WITNESS_COUNTS.len()];
        for (witness, &wanted) in witnesses.iter_mut().zip(&WITNESS_COUNTS) {
            let mut sum = 0;
            let enough = counts.iter().position(|(_, _, count)| {
                sum += u64::from(*count);
                sum >= wanted as u64
            });
            let Some(last) = enough else { break };
            let best = counts[..=last].iter().map(|(_, pair, _)| impact_of(*pair));
            let mut edge = lower_edge(best.collect());
            thin_reached(&mut edge, WITNESS_LANES, yardstick);
            // There is one at least.
            let spare = edge[edge.len() - 1];
            *witness = [spare; WITNESS_LANES];
            witness[..edge.len()].copy_from_slice(&edge);
        }
        witnesses
    }
}

fn pair_of(impact: Impact) -> u16 {
    u16::from_be_bytes([impact.code, impact.norm])
}

fn impact_of(pair: u16) -> Impact {
    let [code, norm] = pair.to_be_bytes();
    Impact { code, norm }
}

/// The pairs that are worth most, as many as the longest count of witnesses
/// needs, or all: by worth, equal ones by number. Only these are sorted.
fn best(counts: &mut [(f32, u16, u32)]) -> &[(f32, u16, u32)] {
    let wanted = WITNESS_COUNTS.iter().max().map_or(0, |most| *most as u64);
    let order = |a: &(f32, u16, u32), b: &(f32, u16, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    let mut most = 32;
    while most < counts.len() {
        counts.select_nth_unstable_by(most, order);
        let sum: u64 = counts[..most]
            .iter()
            .map(|(.., count)| u64::from(*count))
            .sum();
        if sum >= wanted {
            break;
        }
        most *= 4;
    }
    let most = most.min(counts.len());
    counts[..most].sort_unstable_by(order);
    &counts[..most]
}

/// Of these impacts the ones that reach no other, frequencies and norms
/// ascending; each of the others reaches one of them.
fn lower_edge(mut impacts: Vec<Impact>) -> Vec<Impact> {
    impacts.sort_unstable_by_key(|impact| (impact.code, std::cmp::Reverse(impact.norm)));
    let mut longest = None;
    impacts.retain(|impact| {
        let lower = longest.is_none_or(|longest| impact.norm > longest);
        if lower {
            longest = Some(impact.norm);
        }
        lower
    });
    impacts
}
