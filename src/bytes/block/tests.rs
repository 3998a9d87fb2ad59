use super::encode::{encode_plain, plan_plain, width_of};
use super::*;
use proptest::prelude::*;

fn encoded(values: &[u32]) -> Vec<u8> {
    let mut bytes = vec![7];
    encode(values, &plan(values), &mut bytes);
    bytes.split_off(1)
}

#[test]
fn the_example_is_true() {
    let bytes = encoded(&[5, 2, 0, 9]);
    assert_eq!(bytes, [0x21, 0xb9, 0x35]);
    let mut out = [0; 4];
    assert_eq!(decode_few(&bytes, &mut out), Ok(3));
    assert_eq!(out, [5, 2, 0, 9]);
}

/// The length of the smallest encoding there is.
fn naive_len(values: &[u32]) -> usize {
    let bits = |low: u32| {
        let quotients = values.iter().map(|value| value >> low);
        let at_least = |step| {
            quotients
                .clone()
                .filter(|quotient| *quotient >= step)
                .count()
        };
        let most = quotients.clone().max()?;
        let rest = width_of(most.saturating_sub(3));
        let packed = values.len() * low as usize;
        let steps = values.len() + at_least(1) + at_least(2) + at_least(3) * rest as usize;
        (rest <= 6).then_some(if most == 0 { packed } else { packed + steps })
    };
    1 + (0..=30).filter_map(bits).min().unwrap().div_ceil(8)
}

/// Numbers of which most have nearly one width.
fn numbers(len: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<u32>> {
    let number = (any::<u32>(), 0u32..32, prop::bool::weighted(0.1));
    let numbers = prop::collection::vec(number, len);
    (numbers, 0u32..=32, 0u32..4).prop_map(|(numbers, common, spread)| {
        let number = |(seed, own, odd): (u32, u32, bool)| match odd {
            true => seed >> own,
            false => seed
                .checked_shr(common.saturating_sub(own % (spread + 1)))
                .unwrap_or(0),
        };
        numbers.into_iter().map(number).collect()
    })
}

proptest! {
    #[test]
    fn blocks_come_back(values in numbers(BLOCK), start in any::<u32>()) {
        let mut bytes = encoded(&values);
        let values: [u32; BLOCK] = values.try_into().unwrap();
        let len = bytes.len();
        prop_assert_eq!(len, plan(&values).len());
        prop_assert!(len >= naive_len(&values) && len <= naive_len(&values) * 21 / 20 + 1);
        prop_assert!(bytes[0] != NO_HEAD);
        let (mut out, mut few) = ([0; BLOCK], [0; BLOCK]);
        for end in 0..len {
            prop_assert!(decode(&bytes[..end], &mut out, 0).is_err());
        }
        // Whatever follows, and whether there's room for vectors.
        for more in [0, 1, 40, 1000] {
            bytes.resize(len + more, 0xee);
            let width = with_room(&bytes, |block| head(block).map(width)).unwrap();
            let decoded = Ok(Decoded { len, width });
            let widest = values.iter().map(|value| width_of(*value)).max().unwrap();
            prop_assert!((widest..=widest + 1).contains(&width));
            prop_assert_eq!(skip(&bytes), Ok(len));
            prop_assert_eq!(decode_few(&bytes, &mut few), Ok(len));
            prop_assert_eq!(few, values);
            prop_assert_eq!(decode(&bytes, &mut out, 0), decoded);
            prop_assert_eq!(out, values);
            prop_assert_eq!(decode(&bytes, &mut out, start), decoded);
            prop_assert_eq!(out, values.map(|value| value.wrapping_add(start)));
            prop_assert_eq!(decode_sums(&bytes, &mut out, start), decoded);
            gaps::sum_up(&mut few, start);
            prop_assert_eq!(out, few);
            prop_assert_eq!(decode_gaps(&bytes, &mut out, start), decoded);
            let sums = few;
            few = values;
            gaps::add_up(&mut few, start);
            prop_assert_eq!(out, few);
            let plus = values.map(|value| value.wrapping_add(start));
            for way in other_ways(&bytes, BLOCK, start) {
                prop_assert!(way.iter().all(|way| way.0.div_ceil(8) + 1 == len));
                prop_assert_eq!(way.map(|way| way.1), [plus, sums, few]);
            }
        }
    }

    #[test]
    fn few_come_back(values in numbers(1..BLOCK), start in any::<u32>()) {
        let mut bytes = encoded(&values);
        prop_assert_eq!(bytes.len(), plan(&values).len());
        let mut out = vec![0; values.len()];
        prop_assert_eq!(decode_few(&bytes, &mut out), Ok(bytes.len()));
        prop_assert_eq!(skip_few(&bytes, values.len()), Ok(bytes.len()));
        prop_assert_eq!(&out, &values);
        for [(used, plain), ..] in other_ways(&bytes, values.len(), 0) {
            prop_assert_eq!((1 + used.div_ceil(8), &plain[..values.len()]), (bytes.len(), &*values));
        }
        for end in 0..bytes.len() {
            prop_assert!(decode_few(&bytes[..end], &mut out).is_err());
        }
        let (len, count) = (bytes.len(), values.len());
        let (mut plus, mut gaps, mut out) = ([0; BLOCK], [0; BLOCK], [7; BLOCK]);
        for (index, value) in values.iter().enumerate() {
            plus[index] = value.wrapping_add(start);
            gaps[index] = *value;
        }
        gaps::add_up(&mut gaps, start);
        for more in [0, 1, 40, 1000] {
            bytes.resize(len + more, 0xee);
            let decoded = decode_few_plus(&bytes, count, &mut out, start).unwrap();
            prop_assert_eq!(&out[..count], &plus[..count]);
            let also = decode_few_gaps(&bytes, count, &mut out, start).unwrap();
            prop_assert_eq!(&out[..count], &gaps[..count]);
            for decoded in [decoded, also] {
                prop_assert_eq!(decoded.len, len);
                prop_assert!(values.iter().all(|value| width_of(*value) <= decoded.width));
            }
        }
    }

    /// All ways read the same out of bytes that nobody wrote.
    #[test]
    fn any_bytes_are_read_or_refused(
        mut bytes in prop::collection::vec(any::<u8>(), 0..800), head in 0u32..31, rest in 0u32..8,
        count in 1..=BLOCK,
    ) {
        if let Some(first) = bytes.first_mut() {
            *first = (head | rest << 5) as u8;
        }
        let (mut out, mut few) = ([0; BLOCK], [0; BLOCK]);
        let len = decode(&bytes, &mut out, 0).map(|decoded| decoded.len);
        prop_assert_eq!(skip(&bytes), len);
        for [(used, plain), ..] in other_ways(&bytes, BLOCK, 0) {
            prop_assert_eq!(end(&bytes, used), len);
            prop_assert_eq!(plain, out);
        }
        let len = decode_few(&bytes, &mut few[..count]);
        prop_assert_eq!(skip_few(&bytes, count), len);
        for [(used, plain), ..] in other_ways(&bytes, count, 0) {
            prop_assert_eq!(end(&bytes, used), len);
            // Of what is refused nothing comes.
            prop_assert!(len.is_err() || plain[..count] == few[..count]);
        }
    }

    #[test]
    fn all_ways_write_the_same(values in numbers(1..=BLOCK)) {
        let mut bytes = Vec::new();
        encode_plain(&values, &plan_plain(&values), &mut bytes);
        prop_assert_eq!(bytes, encoded(&values));
    }
}

/// What a way of decoding makes of a block: plain, added up, as gaps.
type Way = [(usize, [u32; BLOCK]); 3];

/// The plain way and that of vectors of 256 bits, of a block of `count` numbers; the
/// widest vectors that there are decode in [`decode`] and [`decode_few`].
fn other_ways(bytes: &[u8], count: usize, before: u32) -> Vec<Way> {
    let Ok((low, rest)) = with_room(bytes, head) else {
        return Vec::new();
    };
    let mut plain = [0; BLOCK];
    let used = with_room(bytes, |block| {
        portable::decode(block, low, rest, &mut plain[..count])
    });
    let (mut sums, mut gaps) = (plain, plain);
    gaps::sum_up(&mut sums, before);
    gaps::add_up(&mut gaps, before);
    portable::add(&mut plain, before);
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_mut))]
    let mut ways = vec![[plain, sums, gaps].map(|out| (used, out))];
    #[cfg(target_arch = "x86_64")]
    if low <= low::LOW_MAX && avx2::is_there() {
        let head = (low as usize, rest as usize);
        let mut outs = [[0; BLOCK]; 3];
        let [plain, sums, gaps] = &mut outs;
        // SAFETY: the processor has what the functions are compiled for.
        let decoded = with_room(bytes, |block| unsafe {
            [
                avx2::decode::<false, 0, false>(block, head, count, plain, before),
                avx2::decode::<true, 0, false>(block, head, count, sums, before),
                avx2::decode::<true, 1, false>(block, head, count, gaps, before),
            ]
        });
        ways.push(std::array::from_fn(|i| (decoded[i], outs[i])));
    }
    ways
}

#[test]
fn packed_numbers_are_unpacked() {
    for width in 0..=UNPACK_MAX {
        let numbers: [u32; BLOCK] =
            std::array::from_fn(|i| (i as u32).wrapping_mul(0x9e37_79b9) & ((1 << width) - 1));
        // A byte before, and more or less behind.
        let mut bytes = vec![0xff; 1];
        let mut bits = vec![0u8; 16 * width as usize];
        for (number, index) in numbers.iter().zip(0..) {
            for bit in (0..width as usize).filter(|bit| number >> bit & 1 == 1) {
                let at = index * width as usize + bit;
                bits[at / 8] |= 1 << (at % 8);
            }
        }
        bytes.extend(bits);
        for behind in [0, 8, ROOM] {
            let mut bytes = bytes.clone();
            bytes.resize(bytes.len() + behind, 0xa5);
            let mut found = [0; BLOCK];
            unpack(&bytes, width, &mut found, 7);
            assert_eq!(found, numbers.map(|number| number + 7), "{width}, {behind}");
        }
    }
}

#[test]
fn a_head_says_how_wide_its_numbers_are() {
    for low in 0..=LOW_MAX {
        assert_eq!(width((low, NO_QUOTIENTS)), low);
        for rest in 0..=REST_MAX {
            let greatest = (u64::from(STEPS + (1 << rest)) << low) - 1;
            assert_eq!(width((low, rest)), u64::BITS - greatest.leading_zeros());
        }
    }
}

#[test]
fn no_head_is_none() {
    assert!(decode(&[NO_HEAD; 1000], &mut [0; BLOCK], 0).is_err());
    assert!(skip(&[NO_HEAD; 1000]).is_err());
    assert!(decode_few(&[NO_HEAD; 1000], &mut [0; 3]).is_err());
}

#[test]
fn the_greatest_come_back() {
    for value in [u32::MAX, u32::MAX >> 1, 1 << 31, 1 << 30, (1 << 30) - 1] {
        let bytes = encoded(&[value; BLOCK]);
        let mut out = [0; BLOCK];
        decode(&bytes, &mut out, 0).unwrap();
        assert_eq!(out, [value; BLOCK]);
    }
}
