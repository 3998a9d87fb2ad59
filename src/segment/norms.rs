//! # Norms: how long a field is, in one byte
//!
//! Idea        BM25 asks each matching document for its length. Its precision
//!             matters little, its cost much: so a byte a document, with
//!             three significant bits past the leading one, like a tiny float
//! Example     lengths up to 40 are exact; 41 → 40, 100 → 96, 1000 → 984
//! Bytes       one a document, in document order; 0 where the field is empty
//!
//! ```text
//! byte  < 24: the length itself
//! byte ≥ 24: 24 + v, where v = byte - 24 = | exponent e: 5 bits | mantissa m: 3 bits |
//!            e = 0: v = m        e > 0: v = (8 + m) << (e - 1)
//! ```
//!
//! Invariants  (1) a longer field never has a smaller norm
//!             (2) decoding rounds down: `decode(encode(n)) <= n`
//! Why so      this is the quantisation of Lucene's `SmallFloat`, so that its
//!             published relevance figures can be reproduced to the digit
//! Next        [`impacts`](super::impacts)

/// Lengths below this are stored as they are.
const EXACT: u32 = 24;

/// The norm of a field in which terms occur `length` times.
///
/// ```
/// use wordhoard::segment::norms;
///
/// assert_eq!(norms::encode(0), 0);
/// assert_eq!(norms::decode(norms::encode(40)), 40);
/// assert_eq!(norms::decode(norms::encode(41)), 40);
/// assert_eq!(norms::decode(norms::encode(1000)), 984);
/// ```
#[must_use]
pub const fn encode(length: u32) -> u8 {
    if length < EXACT {
        return length as u8;
    }
    let value = length - EXACT;
    if value < 8 {
        return (EXACT + value) as u8;
    }
    let shift = 28 - value.leading_zeros();
    let mantissa = (value >> shift) & 7;
    let norm = EXACT + ((shift + 1) << 3 | mantissa);
    // The last norm stands for all lengths past 2³¹, too.
    if norm > 255 { 255 } else { norm as u8 }
}

/// How long a field is on average, if so many documents that have it have so many
/// occurrences of terms together; at least 1.
pub(crate) fn average_length(documents: u64, total_length: u64) -> f64 {
    // None of them has a length of 0. But a file may lie, and statistics that were handed
    // in may contradict themselves.
    (total_length as f64 / documents.max(1) as f64).max(1.0)
}

/// The length that stands for all lengths with this norm: the smallest.
#[must_use]
pub const fn decode(norm: u8) -> u32 {
    let norm = norm as u32;
    if norm < EXACT {
        return norm;
    }
    let value = norm - EXACT;
    let (exponent, mantissa) = (value >> 3, value & 7);
    if exponent == 0 {
        EXACT + mantissa
    } else {
        // The largest, norm 255, is 24 + (15 << 27): it fits.
        EXACT + ((8 + mantissa) << (exponent - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_round_down_and_keep_their_order() {
        let mut last = 0;
        let lengths = (0..100_000).chain((100_000..u32::MAX - 100_000).step_by(99_991));
        for length in lengths {
            let norm = encode(length);
            assert!(decode(norm) <= length, "{length}");
            assert!(norm >= last, "{length}");
            let close = u64::from(length) < u64::from(decode(norm)) * 9 / 8 + 8;
            assert!(close || norm == 255, "{length}");
            last = norm;
        }
    }

    #[test]
    fn every_norm_stands_for_itself() {
        for norm in 0..=255 {
            if decode(norm) >= decode(norm.saturating_sub(1)) && norm < 248 {
                assert_eq!(encode(decode(norm)), norm);
            }
        }
        assert!((0..40).all(|length| decode(encode(length)) == length));
    }
}
