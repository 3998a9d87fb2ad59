//! # BM25: what a match is worth
//!
//! Idea        a term counts the more, the rarer it is among documents (`idf`)
//!             and the oftener it stands in this one; but each further
//!             occurrence adds less, and in a long document each says less
//!
//! ```text
//!   score = weight · tf / (tf + K)        weight = idf · boosts
//!   K     = k1 · (1 - b + b · length / average length)
//!   idf   = ln(1 + (N - df + ½) / (df + ½))
//! ```
//!
//! Example     N = 100 documents, the term in df = 9 of them: idf = ln(1 +
//!             91.5 / 9.5) = 2.364; twice in a document of average length, k1 =
//!             1.2: 2.364 · 2 / 3.2 = 1.478
//! Invariants  (1) `weight`, `tf` and `K` are `f32`, and the operations are
//!             those of the formula in its order: this is the *canonical*
//!             score, the same bits by whatever way it is reached
//!             (2) K has one of 256 values a field, one for each norm, computed
//!             once a query
//!             (3) a [`bound`](Similarity::bound) is never below the score of
//!             any posting that its impacts stand for
//!             (4) from K = 0.1 on a higher frequency, up to 255, never rounds
//!             to a lower ratio: two neighbours differ by more than all that
//!             rounding can do. So the score of an impact is a bound itself,
//!             and documents that tie with the threshold are passed over
//! Papers      Robertson and Zaragoza, "The probabilistic relevance framework:
//!             BM25 and beyond", 2009; the variant is Lucene's since 8.0, which
//!             leaves out the factor k1 + 1, as it changes no order
//! Next        `window.rs`: what a plan is asked about

use crate::bytes::rows::Hurdle;
use crate::error::{Error, Result};
use crate::segment::{Impact, PostingList, Yardstick, norms};

/// The parameters of BM25.
///
/// ```
/// use wordhoard::search::Bm25;
///
/// assert_eq!(Bm25::default(), Bm25::new(1.2, 0.75)?);
/// assert!(Bm25::new(1.2, 7.5).is_err());
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bm25 {
    k1: f32,
    b: f32,
}

impl Default for Bm25 {
    fn default() -> Self {
        Self { k1: 1.2, b: 0.75 }
    }
}

impl Bm25 {
    /// `k1`: how slowly further occurrences cease to count, finite and at
    /// least 0. `b`: how much length counts, from 0 to 1.
    ///
    /// # Errors
    /// [`Query`](crate::ErrorKind::Query) if one of them is out of its range.
    pub fn new(k1: f32, b: f32) -> Result<Self> {
        if !(k1.is_finite() && k1 >= 0.0 && (0.0..=1.0).contains(&b)) {
            return Err(Error::query(format!(
                "BM25 takes a finite k1 of at least 0 and a b from 0 to 1, found k1 = {k1} and b = {b}"
            )));
        }
        Ok(Self { k1, b })
    }

    /// How slowly further occurrences cease to count.
    #[must_use]
    pub fn k1(self) -> f32 {
        self.k1
    }

    /// How much length counts.
    #[must_use]
    pub fn b(self) -> f32 {
        self.b
    }
}

/// How rare a term is: it is in `document_frequency` of the `documents` that
/// have the field.
#[must_use]
pub fn idf(documents: u64, document_frequency: u64) -> f32 {
    // Statistics handed in from outside may contradict themselves.
    let documents = documents.max(document_frequency) as f64;
    let frequency = document_frequency as f64;
    (1.0 + (documents - frequency + 0.5) / (frequency + 0.5)).ln() as f32
}

/// From this denominator on invariant (4) holds.
const STEADY: f32 = 0.1;

/// How one field scores under one set of parameters.
#[derive(Debug)]
pub(super) struct Similarity {
    /// `K`, by norm.
    denominators: Box<[f32; 256]>,
    /// For each part of the snapshot what turns a ceiling into a bound; see
    /// [`Yardstick::factor`].
    factors: Vec<f32>,
    /// For each part what turns a worth into a bound; see [`Yardstick::reweighed`].
    ratios: Vec<f32>,
    /// Whether all denominators are at least [`STEADY`], so that the score of
    /// an impact bounds those that it stands for without more ado.
    steady: bool,
}

impl Similarity {
    /// Of a text field that is so long on average, and whose parts have these
    /// yardsticks.
    pub(super) fn text(
        bm25: Bm25,
        average: f64,
        parts: impl Iterator<Item = Option<Yardstick>>,
    ) -> Self {
        let (k1, b) = (f64::from(bm25.k1), f64::from(bm25.b));
        let denominator = |norm: usize| {
            let length = f64::from(norms::decode(norm as u8));
            (k1 * (1.0 - b + b * length / average)) as f32
        };
        let denominators: Box<[f32; 256]> = Box::new(std::array::from_fn(denominator));
        let of = |yardstick: Yardstick| {
            let ratio = yardstick.least_ratio(&denominators);
            (yardstick.factor(&denominators), ratio)
        };
        let (factors, ratios) = parts.map(|part| part.map_or((1.0, 0.0), of)).unzip();
        Self {
            factors,
            ratios,
            steady: denominators[0] >= STEADY,
            denominators,
        }
    }

    /// Of a keyword, which has no lengths and no ceilings.
    pub(super) fn keyword(bm25: Bm25) -> Self {
        Self {
            denominators: Box::new([bm25.k1; 256]),
            factors: Vec::new(),
            ratios: Vec::new(),
            steady: bm25.k1 >= STEADY,
        }
    }

    /// `K` for a norm.
    pub(super) fn denominator(&self, norm: u8) -> f32 {
        self.denominators[usize::from(norm)]
    }

    /// The canonical score: invariant (1).
    #[inline(always)]
    pub(super) fn score(&self, weight: f32, frequency: u32, norm: u8) -> f32 {
        canonical(weight, frequency, self.denominator(norm))
    }

    /// The canonical scores of some postings.
    ///
    /// First all denominators, then all divisions: these go by vectors.
    #[inline]
    pub(super) fn scores(
        &self,
        weight: f32,
        frequencies: &[u32],
        norms: impl Iterator<Item = u8>,
        out: &mut [f32],
    ) {
        for (slot, norm) in out.iter_mut().zip(norms) {
            *slot = self.denominator(norm);
        }
        for (slot, frequency) in out.iter_mut().zip(frequencies) {
            *slot = canonical(weight, *frequency, *slot);
        }
    }

    /// No posting that these impacts stand for scores more.
    #[inline]
    pub(super) fn bound(&self, weight: f32, impacts: &[Impact]) -> f32 {
        let mut best = 0.0f32;
        for impact in impacts {
            let ratio = match impact.frequency() {
                Some(frequency) => {
                    let frequency = frequency as f32;
                    frequency / (frequency + self.denominator(impact.norm))
                }
                None => 1.0,
            };
            // Where frequencies are rounded they are too high for invariant
            // (4).
            best = best.max(if impact.is_rounded() {
                inflated(ratio, 1)
            } else {
                ratio
            });
        }
        if self.steady {
            return weight * best;
        }
        inflated(weight * best, 1)
    }

    /// No posting of a list of the part scores more.
    pub(super) fn list_bound(&self, weight: f32, part: usize, list: &PostingList) -> f32 {
        let impacts = list.list_impacts();
        let different = match list.full_block_count() {
            // Of these nothing is known, so all are alike.
            0 => &impacts[..1],
            _ => &impacts,
        };
        let bound = self.bound(weight, different);
        match (list.full_block_count(), list.ceilings()) {
            // But for a ceiling.
            (0, [ceiling]) => {
                let unit = inflated(weight * self.ceiling_unit(part), 1);
                bound.min(f32::from(*ceiling) * unit)
            }
            _ => bound,
        }
    }

    /// No posting of the part that is worth no more than this scores more.
    pub(super) fn bound_of(&self, weight: f32, part: usize, worth: f32) -> f32 {
        let ratio = self.ratios.get(part).copied().unwrap_or(0.0);
        inflated(weight * Yardstick::reweighed(worth, ratio), 8)
    }

    /// What a ceiling of the part is to be multiplied with to be a bound, but
    /// for the weight.
    pub(super) fn ceiling_unit(&self, part: usize) -> f32 {
        self.factors.get(part).copied().unwrap_or(1.0) / 255.0
    }

    /// Every posting that reaches one of these, in frequency and norm, scores
    /// more than this.
    pub(super) fn floor(&self, weight: f32, witness: &[Impact]) -> f32 {
        let mut floor = f32::INFINITY;
        let mut steady = self.steady;
        for corner in witness {
            let frequency = corner.frequency().unwrap_or(u32::MAX);
            floor = floor.min(self.score(weight, frequency, corner.norm));
            steady &= !corner.is_rounded();
        }
        if floor < f32::MIN_POSITIVE / f32::EPSILON {
            // Nothing, or too near to it for what follows to make it less.
            return -1.0;
        }
        if steady {
            return floor.next_down();
        }
        floor * (1.0 - 8.0 * f32::EPSILON)
    }
}

#[inline(always)]
fn canonical(weight: f32, frequency: u32, denominator: f32) -> f32 {
    // No document has 2³¹ of one term; and signed numbers become floats four at a
    // time.
    let frequency = frequency.cast_signed() as f32;
    weight * (frequency / (frequency + denominator))
}

/// `bound`, raised by what rounding in a sum of so many numbers can add.
#[inline]
pub(super) fn inflated(bound: f32, terms: usize) -> f32 {
    bound * (1.0 + (terms + 3) as f32 * f32::EPSILON)
}

/// What a sum must be for the canonical sum of so many scores to be able to beat
/// the threshold, if the parts that it lacks are at most `add` together. Without a
/// threshold, below 0, any will do.
#[inline]
pub(super) fn hurdle(threshold: f32, add: f32, terms: usize) -> Hurdle {
    Hurdle {
        height: threshold,
        add,
        scale: sum_bound(1.0, terms),
    }
}

/// What one of so many scores must be more than for their canonical sum to be able
/// to beat the threshold, if all others add at most `rest`: a little less than it is,
/// for what rounding does.
#[inline]
pub(super) fn needed(threshold: f32, rest: f32, terms: usize) -> f32 {
    threshold * (1.0 - (terms + 10) as f32 * f32::EPSILON)
        - rest * (1.0 + (terms + 3) as f32 * f32::EPSILON)
}

/// A bound on the canonical sum of so many scores, from a sum of their bounds
/// in any order. Of two numbers there is but one sum, and it never falls when
/// one of them rises.
#[inline]
pub(super) fn sum_bound(sum: f32, terms: usize) -> f32 {
    if terms <= 2 {
        sum
    } else {
        inflated(sum, terms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_is_true() {
        assert!((idf(100, 9) - 2.364).abs() < 0.001);
        let average = norms::average_length(10, 200);
        let similarity = Similarity::text(Bm25::default(), average, std::iter::empty());
        let score = similarity.score(idf(100, 9), 2, norms::encode(20));
        assert!((score - 1.478).abs() < 0.001, "{score}");
    }

    proptest! {
        #[test]
        fn bounds_hold(
            k1 in 0f32..3.0, b in 0f32..=1.0, average in 1u64..2000, weight in 0f32..20.0,
            frequency in prop_oneof![1u32..300, 1u32..70_000], norm in any::<u8>(), more in 0u32..100, shorter in any::<u8>(),
            other in 1f64..2000.0,
        ) {
            let yardstick = Yardstick::new(other);
            let parts = [Some(yardstick.clone())].into_iter();
            let similarity = Similarity::text(Bm25::new(k1, b).unwrap(), average as f64, parts);
            let impact = Impact::bounding(frequency + more, norm.saturating_sub(shorter));
            let score = similarity.score(weight, frequency, norm);
            prop_assert!(similarity.bound(weight, &[impact]) >= score);
            let ceiling = f32::from(yardstick.ceiling(&[impact]));
            prop_assert!(inflated(weight * (ceiling * similarity.ceiling_unit(0)), 1) >= score);
            if weight > 0.0 {
                let witness = Impact::reached(frequency, norm);
                let better = similarity.score(weight, frequency + more, impact.norm);
                prop_assert!(similarity.floor(weight, &[witness]) < better);
            }
        }
    }
}
