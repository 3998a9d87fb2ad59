//! # Encoding a block: which k, then the bits
//!
//! Which k     how many quotients are at least 1, 2 and 3 can be told from each number's
//!             width and the bit below its highest alone. Both together are its *class*,
//!             a byte, and bytes are quickly counted
//! Low bits    those of eight numbers are `k` bytes, so eight after eight are put side by
//!             side (`pext`) and written where they belong
//! Quotients   the classes say which are at least 1, at least 2, at least 3: a bit each.
//!             Of the second bits those are kept whose number has the first (`pext`), of
//!             the third those whose number has the second
//! Cost        to choose k 45 to 60 ns a block, to encode 30 to 80
//! Next        `avx512.rs`: to decode, by vectors

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::portable;
use super::{BLOCK, LOW_MAX, NO_QUOTIENTS, REST_MAX, STEPS};

/// How a block is encoded, and how long that is.
#[derive(Debug)]
pub(crate) struct Plan {
    low: u32,
    rest: u32,
    /// Bits after the head.
    bits: usize,
    classes: Classes,
}

impl Plan {
    /// Bytes.
    pub(crate) fn len(&self) -> usize {
        1 + self.bits.div_ceil(8)
    }
}

/// The class of each number: twice its width, and one more if its second highest
/// bit is set. So the class of 0 is 0, that of 1 is 2, of 2 it's 4, of 3 it's 5.
/// Past the numbers there are zeros.
type Classes = [u8; BLOCK];

/// Classes that are looked at together.
const ROW: usize = 32;

/// The lowest class of a number with `low` low bits whose quotient is at least 1,
/// 2, 3.
#[inline(always)]
fn thresholds(low: u32) -> [u8; STEPS as usize] {
    [2, 4, 5].map(|class| class + 2 * low as u8)
}

/// The bits that `value` needs.
pub(super) const fn width_of(value: u32) -> u32 {
    32 - value.leading_zeros()
}

/// The smallest encoding, invariant (1), of at most 128 numbers.
pub(crate) fn plan(values: &[u32]) -> Plan {
    #[cfg(target_arch = "x86_64")]
    if avx2::is_there() {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { plan_avx2(values) };
    }
    plan_plain(values)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi2,popcnt")]
fn plan_avx2(values: &[u32]) -> Plan {
    // A few are sooner seen one by one.
    let many = values.len() > 8;
    let fast = many.then(|| avx2::survey(values)).flatten();
    let survey = fast.unwrap_or_else(|| survey(values));
    plan_with(survey, values.len(), |classes, least, rest| {
        avx2::weigh(classes, least, rest)
    })
}

pub(super) fn plan_plain(values: &[u32]) -> Plan {
    plan_with(survey(values), values.len(), portable::weigh)
}

/// What is to be known of numbers to choose a `k`.
pub(super) struct Survey {
    pub(super) classes: Classes,
    pub(super) most: u32,
    pub(super) sum: u64,
}

fn survey(values: &[u32]) -> Survey {
    let mut survey = Survey {
        classes: [0; BLOCK],
        most: 0,
        sum: 0,
    };
    for (class, &value) in survey.classes.iter_mut().zip(values) {
        let width = width_of(value);
        let second = u64::from(value) << 2 >> width & 1;
        *class = (2 * width) as u8 + second as u8;
        survey.most = value.max(survey.most);
        survey.sum += u64::from(value);
    }
    survey
}

/// `weigh` says how many classes are at least the first two of three, and, each
/// times as many bits as it is told, how many are at least the third.
#[inline(always)]
fn plan_with(
    survey: Survey,
    count: usize,
    weigh: impl Fn(&[u8], [u8; STEPS as usize], u8) -> usize,
) -> Plan {
    let Survey { classes, most, sum } = survey;
    let used = rows(&classes, count);
    let cost = |low: u32| {
        let rest = match most >> low {
            0 => NO_QUOTIENTS,
            highest => width_of(highest.saturating_sub(STEPS)),
        };
        let quotients = match rest {
            NO_QUOTIENTS => 0,
            _ => count + weigh(used, thresholds(low), rest as u8),
        };
        (rest, count * low as usize + quotients)
    };
    let widest = width_of(most).min(LOW_MAX);
    // The rest must fit in its bits.
    let mut least = width_of(most).saturating_sub(REST_MAX + 1);
    least += u32::from(most >> least >= (1 << REST_MAX) + STEPS);
    let mean = (sum / count.max(1) as u64) as u32;
    let start = width_of(mean).saturating_sub(1).clamp(least, widest);
    let (mut low, mut best) = (start, cost(start));
    while low > least {
        let next = cost(low - 1);
        if next.1 > best.1 {
            break;
        }
        (low, best) = (low - 1, next);
    }
    while low >= start && low < widest {
        let next = cost(low + 1);
        if next.1 >= best.1 {
            break;
        }
        (low, best) = (low + 1, next);
    }
    let (rest, bits) = best;
    Plan {
        low,
        rest,
        bits,
        classes,
    }
}

/// The classes of the first `count` numbers, and of as many more as fill a row.
#[inline(always)]
fn rows(classes: &Classes, count: usize) -> &[u8] {
    &classes[..count.next_multiple_of(ROW).min(BLOCK)]
}

/// Appends a block of at most 128 numbers as it was planned.
pub(crate) fn encode(values: &[u32], plan: &Plan, out: &mut Vec<u8>) {
    #[cfg(target_arch = "x86_64")]
    if avx2::is_there() {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { encode_avx2(values, plan, out) };
    }
    encode_plain(values, plan, out);
}

pub(super) fn encode_plain(values: &[u32], plan: &Plan, out: &mut Vec<u8>) {
    encode_with(values, plan, out, portable::at_least, portable::extract);
}

/// The same, with an instruction for [`extract`](portable::extract).
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi2,popcnt")]
fn encode_avx2(values: &[u32], plan: &Plan, out: &mut Vec<u8>) {
    use std::arch::x86_64::_pext_u64;
    let at_least = |classes: &[u8], class| avx2::at_least(classes, class);
    encode_with(values, plan, out, at_least, |bits, of| _pext_u64(bits, of));
}

#[inline(always)]
fn encode_with(
    values: &[u32],
    plan: &Plan,
    out: &mut Vec<u8>,
    at_least: impl Fn(&[u8], u8) -> [u64; 2],
    extract: impl Fn(u64, u64) -> u64,
) {
    let &Plan {
        low,
        rest,
        bits,
        ref classes,
    } = plan;
    let start = out.len();
    out.resize(start + plan.len() + SLACK, 0);
    out[start] = (low | rest << 5) as u8;
    let mut packed = Packed {
        bytes: &mut out[start + 1..],
        word: 0,
        bits: 0,
    };
    pack_low(values, low, &mut packed, &extract);
    if rest != NO_QUOTIENTS {
        let mut of = [values.len().min(64), values.len().saturating_sub(64)]
            .map(|count| u64::MAX.checked_shr(64 - count as u32).unwrap_or(0));
        for class in thresholds(low) {
            let next = at_least(rows(classes, values.len()), class);
            for half in 0..values.len().div_ceil(64) {
                packed.push_word(extract(next[half], of[half]), of[half].count_ones());
            }
            of = next;
        }
        for (half, mut left) in of.into_iter().enumerate() {
            while left != 0 {
                let index = 64 * half + left.trailing_zeros() as usize;
                packed.push(u64::from((values[index] >> low) - STEPS), rest);
                left &= left - 1;
            }
        }
    }
    debug_assert_eq!(packed.bits, bits);
    out.truncate(start + plan.len());
}

/// Bytes behind a block that may be written while it is encoded.
const SLACK: usize = 16;

/// Packs the low bits of all numbers.
#[inline(always)]
fn pack_low(values: &[u32], low: u32, packed: &mut Packed, extract: impl Fn(u64, u64) -> u64) {
    let mask = (1u64 << low) - 1;
    let (eights, rest) = match low {
        0 => return,
        // Two are 16 bytes at most.
        1..=16 => values.as_chunks::<8>(),
        _ => (&[][..], values),
    };
    let of = mask << 32 | mask;
    let two = |first: u32, second: u32| extract(u64::from(second) << 32 | u64::from(first), of);
    for (eight, index) in eights.iter().zip(0..) {
        let [a, b, c, d, e, f, g, h] = *eight;
        let four = two(a, b) | two(c, d) << (2 * low);
        let more = two(e, f) | two(g, h) << (2 * low);
        let all = u128::from(four) | u128::from(more) << (4 * low);
        let at = index * low as usize;
        if let Some(place) = packed.bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *place = all.to_le_bytes();
        }
    }
    packed.bits = eights.len() * 8 * low as usize;
    for value in rest {
        packed.push(u64::from(*value) & mask, low);
    }
}

/// Bits, from the lowest of the first byte on.
struct Packed<'o> {
    /// [`SLACK`] more than are needed.
    bytes: &'o mut [u8],
    bits: usize,
    /// What the byte at `bits` has already.
    word: u64,
}

impl Packed<'_> {
    /// Appends the low `count` bits, at most 56, of a value that has no others.
    #[inline(always)]
    fn push(&mut self, value: u64, count: u32) {
        self.word |= value << (self.bits % 8);
        let place = self.bytes.get_mut(self.bits / 8..);
        if let Some(place) = place.and_then(<[u8]>::first_chunk_mut) {
            *place = self.word.to_le_bytes();
        }
        let bytes = (self.bits % 8 + count as usize) / 8;
        self.word >>= 8 * bytes;
        self.bits += count as usize;
    }

    /// The same of up to 64 bits.
    #[inline(always)]
    fn push_word(&mut self, value: u64, count: u32) {
        let all = u128::from(self.word) | u128::from(value) << (self.bits % 8);
        let place = self.bytes.get_mut(self.bits / 8..);
        if let Some(place) = place.and_then(<[u8]>::first_chunk_mut) {
            *place = all.to_le_bytes();
        }
        let bytes = (self.bits % 8 + count as usize) / 8;
        self.word = (all >> (8 * bytes)) as u64;
        self.bits += count as usize;
    }
}
