//! # Gain: what it is worth to move a document to the other side of a cut
//!
//! A term that is in `d` of `n` documents costs about `d · log₂(n ÷ (d + 1))`
//! bits in gaps. With `l` of `n` documents on the left and `r` of `m` on the
//! right, one document that moves from left to right saves
//!
//! ```text
//! cost(l, n) + cost(r, m) − cost(l − 1, n) − cost(r + 1, m)
//!     = log₂ n − log₂ m − step(l) + step(r + 1)
//! where step(d) = d · log₂(d + 1) − (d − 1) · log₂ d
//! ```
//!
//! so a table of `step` is all that is needed. It is made of integers and of
//! sums, products and roundings that are the same on every machine.
//!
//! Next        `bisect.rs`

/// Counts in the table; beyond, `step(2d) ≈ step(d) + 1` to 5 digits.
const TABLE: usize = 1 << 16;

/// The table of steps.
#[derive(Debug)]
pub(super) struct Steps(Vec<f32>);

impl Steps {
    pub(super) fn new() -> Self {
        let mut steps = vec![0.0];
        let mut before = 0.0;
        for count in 1..TABLE as u32 {
            let cost = f64::from(count) * log2(count + 1);
            steps.push((cost - before) as f32);
            before = cost;
        }
        Self(steps)
    }

    #[inline]
    fn step(&self, count: u32) -> f32 {
        if let Some(step) = self.0.get(count as usize) {
            return *step;
        }
        let shift = count.ilog2() - (TABLE.ilog2() - 1);
        self.0[(count >> shift) as usize] + shift as f32
    }

    /// The gain of moving a term's document from a side that has `from` of
    /// them to one that has `to`; the sides are of equal size.
    #[inline]
    pub(super) fn gain(&self, from: u32, to: u32) -> f32 {
        if from == 0 {
            // No document of that side asks.
            return 0.0;
        }
        self.step(to + 1) - self.step(from)
    }
}

/// The binary logarithm, digit by digit: squaring doubles it.
fn log2(number: u32) -> f64 {
    const DIGITS: u32 = 40;
    let whole = number.ilog2();
    // From 1 up to 2, as a fraction of 2³¹.
    let mut fraction = u64::from(number) << (31 - whole);
    let mut digits = 0u64;
    for _ in 0..DIGITS {
        fraction = (fraction * fraction) >> 31;
        let doubled = fraction >> 32;
        fraction >>= doubled;
        digits = digits << 1 | doubled;
    }
    f64::from(whole) + digits as f64 / (1u64 << DIGITS) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_those_of_the_standard_library() {
        for number in (1..1000).chain([4096, 65_535, 65_536, 1 << 20, u32::MAX]) {
            let difference = log2(number) - f64::from(number).log2();
            assert!(difference.abs() < 1e-7, "{number}: {difference}");
        }
    }

    #[test]
    fn steps_past_the_table_go_on_from_those_in_it() {
        let steps = Steps::new();
        let exact = |d: u32| {
            let d = f64::from(d);
            d * (d + 1.0).log2() - (d - 1.0) * d.log2()
        };
        for count in [1, 2, 77, 65_535, 65_536, 65_537, 1_000_003, u32::MAX] {
            let difference = f64::from(steps.step(count)) - exact(count);
            assert!(difference.abs() < 1e-4, "{count}: {difference}");
        }
    }

    #[test]
    fn a_term_gains_where_more_of_its_documents_are() {
        let steps = Steps::new();
        assert!(steps.gain(1, 9) > 0.0);
        assert!(steps.gain(9, 1) < 0.0);
        // There and back again is worth nothing.
        assert!((steps.gain(5, 7) + steps.gain(8, 4)).abs() < 1e-5);
    }
}
