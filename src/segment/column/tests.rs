use super::*;
use crate::segment::spool::Spools;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

fn bytes_of(documents: &[Vec<u64>]) -> Vec<u8> {
    let spools = Spools::default();
    let mut builder = ColumnBuilder::new(&spools);
    for codes in documents {
        builder.push(codes).unwrap();
    }
    assert_eq!(builder.documents() as usize, documents.len());
    let mut bytes = Vec::new();
    builder.finish(&mut bytes).unwrap();
    assert_eq!(bytes.len() % 8, 0);
    bytes
}

fn open(bytes: Vec<u8>, documents: usize) -> Result<Column, Lie> {
    Column::open(Bytes::from(bytes), documents as u32)
}

/// Looks at everything; for bytes that lie, only that it doesn't panic counts.
fn use_all(column: &Column) {
    for document in 0..column.documents() {
        let _ = column.first(document);
        let _ = column.values(document).take(1000).count();
    }
    for range in [0..=u64::MAX, 5..=1000] {
        let _ = matching(column, 0..column.documents(), range);
    }
    for every in [1, 50] {
        let wanted = |document: &u32| document.is_multiple_of(every);
        let _ = read(column, |document| wanted(&document));
        let _ = counted(
            column,
            &(0..column.documents()).filter(wanted).collect::<Vec<_>>(),
        );
    }
    let _ = column.verify();
}

/// What a reader says of some documents.
fn read(column: &Column, is_wanted: impl Fn(u32) -> bool) -> Vec<(u32, Vec<u64>)> {
    let mut found = Vec::new();
    let mut reader = column.reader();
    for first in (0..column.documents()).step_by(128) {
        let mut wanted = [0; 2];
        for place in (0..128).filter(|place| first + place < column.documents()) {
            if is_wanted(first + place) {
                wanted[place as usize / 64] |= 1 << (place % 64);
            }
        }
        reader.each(first, wanted, |document, codes| {
            found.push((document, codes.iter().take(1000).copied().collect()));
        });
    }
    found
}

/// How often each code came in some documents, by groups of neighbours and by their list.
fn counted(column: &Column, documents: &[u32]) -> [Vec<(u64, u64)>; 2] {
    let (mut by_group, mut by_list) = (Counts::new(column), Counts::new(column));
    let (mut reader, mut other) = (column.reader(), column.reader());
    for group in documents.chunk_by(|one, next| one / 128 == next / 128) {
        let mut wanted = [0; 2];
        for document in group {
            wanted[*document as usize / 64 % 2] |= 1 << (document % 64);
        }
        by_group.add(&mut reader, group[0] / 128 * 128, wanted);
        by_list.add_few(&mut other, group);
    }
    [by_group, by_list].map(Counts::into_sorted)
}

/// The documents that a column says to have a code in a range, ascending.
fn matching(
    column: &Column,
    documents: Range<u32>,
    codes: RangeInclusive<u64>,
) -> Result<Vec<u32>, Lie> {
    let mut found = std::collections::BTreeSet::new();
    column.matching(documents, codes, &mut |first, bits| {
        assert_eq!(first % 64, 0);
        found.extend(
            (0..64)
                .filter(|bit| bits >> bit & 1 == 1)
                .map(|bit| first + bit),
        );
    })?;
    Ok(found.into_iter().collect())
}

fn check(documents: &[Vec<u64>]) -> TestCaseResult {
    let column = open(bytes_of(documents), documents.len()).unwrap();
    prop_assert_eq!(column.verify(), Ok(()));
    let all: Vec<u64> = documents.concat();
    prop_assert_eq!(column.value_count(), all.len() as u64);
    let bounds = all.iter().min().zip(all.iter().max());
    prop_assert_eq!(column.min_max(), bounds.map(|(a, b)| (*a, *b)));
    for (document, codes) in (0..).zip(documents) {
        let found: Vec<u64> = column.values(document).collect();
        prop_assert_eq!(&found, codes);
        prop_assert_eq!(column.first(document), codes.first().copied());
    }
    let end = documents.len() as u32;
    // All, most, few of neighbours, and none of some.
    for every in [1, 3, 17, 300] {
        let is_wanted = |document: u32| document.is_multiple_of(every);
        let naive = (0..end).filter(|document| is_wanted(*document));
        let naive: Vec<_> = naive
            .map(|document| (document, documents[document as usize].clone()))
            .collect();
        let wanted: Vec<u32> = naive.iter().map(|(document, _)| *document).collect();
        let mut counts = std::collections::BTreeMap::new();
        for (_, codes) in &naive {
            for code in codes.iter().collect::<std::collections::BTreeSet<_>>() {
                *counts.entry(*code).or_default() += 1;
            }
        }
        let counts: Vec<(u64, u64)> = counts.into_iter().collect();
        prop_assert_eq!(counted(&column, &wanted), [counts.clone(), counts]);
        prop_assert_eq!(read(&column, is_wanted), naive);
    }
    prop_assert_eq!(column.first(end), None);
    prop_assert_eq!(column.values(u32::MAX).count(), 0);
    let mut pivots: Vec<u64> = all.iter().step_by(1 + all.len() / 5).copied().collect();
    pivots.extend([0, u64::MAX]);
    for &low in &pivots {
        for &high in &pivots {
            for within in [0..end, end / 3..end / 2, end / 2..u32::MAX] {
                let found = matching(&column, within.clone(), low..=high).unwrap();
                let naive: Vec<u32> = (0..end)
                    .filter(|d| within.contains(d))
                    .filter(|d| {
                        let codes = &documents[*d as usize];
                        codes.iter().any(|code| (low..=high).contains(code))
                    })
                    .collect();
                prop_assert_eq!(found, naive);
            }
        }
    }
    Ok(())
}

fn code() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0u32..64).prop_map(|(code, shift)| code >> shift)
}

/// Columns that look like real ones: one scale for all, some noise.
fn column(values: Range<usize>) -> impl Strategy<Value = Vec<Vec<u64>>> {
    let numbers = (code(), 0u32..64, 1u64..1000).prop_flat_map(move |(base, shift, step)| {
        let number = any::<u64>()
            .prop_map(move |code| base.wrapping_add((code >> shift).wrapping_mul(step)));
        prop::collection::vec(prop::collection::vec(number, values.clone()), 0..700)
    });
    numbers.boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn one_each(documents in column(1..2)) {
        check(&documents)?;
    }

    #[test]
    fn one_or_none(documents in column(0..2)) {
        check(&documents)?;
    }

    #[test]
    fn any_number(documents in column(0..5)) {
        check(&documents)?;
    }

    #[test]
    fn codes_that_lie_close(
        mut documents in prop::collection::vec(prop::collection::vec(1000u64..1060, 0..7), 0..700),
        distinct in any::<bool>(), most in 1usize..7,
    ) {
        for codes in &mut documents {
            codes.truncate(most);
            if distinct {
                codes.sort_unstable();
                codes.dedup();
            }
        }
        check(&documents)?;
    }

    #[test]
    fn bytes_that_lie_do_not_panic(
        documents in column(0..3),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let mut bytes = bytes_of(&documents);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(column) = open(bytes.clone(), documents.len()) {
            use_all(&column);
        }
        bytes.truncate(at);
        if let Ok(column) = open(bytes, documents.len()) {
            prop_assert!(column.verify().is_err());
            use_all(&column);
        }
    }
}

#[test]
fn every_flip_of_a_small_column_is_survived_and_most_are_seen() {
    for documents in [
        vec![vec![7], vec![9], vec![7]],
        vec![vec![7], vec![], vec![9], vec![7]],
        vec![vec![7, 8], vec![], vec![9]],
    ] {
        let bytes = bytes_of(&documents);
        let mut seen = 0;
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut lie = bytes.clone();
                lie[at] ^= 1 << bit;
                let column = open(lie, documents.len());
                column.iter().for_each(use_all);
                seen += usize::from(column.and_then(|column| column.verify()).is_err());
            }
            if let Ok(column) = open(bytes[..at].to_vec(), documents.len()) {
                assert!(column.verify().is_err());
                use_all(&column);
            }
        }
        assert!(seen > 4 * bytes.len(), "{seen} of {}", 8 * bytes.len());
    }
}

#[test]
fn the_examples_are_true() {
    let bytes = bytes_of(&[vec![7], vec![], vec![9], vec![7]]);
    assert_eq!(bytes[0], 1, "optional");
    assert_eq!(bytes[HEADER], 0b1101);
    assert_eq!(open(bytes, 4).unwrap().first(2), Some(9));

    let day = 86_400_000_000;
    let bytes = bytes_of(&[vec![0], vec![day], vec![3 * day]]);
    let numbers: Vec<u64> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|n| u64::from_le_bytes(*n))
        .collect();
    // A header of six numbers, an entry of four, a word and the end.
    assert_eq!(
        numbers,
        [0, 3, 3, 0, 3 * day, 0, 0, 3 * day, day, 2, 0x34, 0]
    );
}

#[test]
fn equal_values_take_no_bits() {
    let documents = vec![vec![u64::MAX]; 128 * 100];
    let bytes = bytes_of(&documents);
    assert_eq!(bytes.len(), HEADER + 100 * 32 + 8);
    check(&documents).unwrap();
    check(&[vec![0], vec![u64::MAX]]).unwrap();
    check(&vec![vec![]; 1000]).unwrap();
    check(&[]).unwrap();
}

#[test]
fn codes_that_come_twice_are_told_from_those_that_do_not() {
    let mode = |documents: &[Vec<u64>]| bytes_of(documents)[0];
    let many: Vec<u64> = (0..20_000).rev().collect();
    assert_eq!(mode(&[vec![2, 1], vec![], many.clone()]), 3);
    assert_eq!(mode(&[vec![2, 1], vec![3, 1, 3]]), 2);
    assert_eq!(mode(&[vec![2, 1], [&many[..], &[7]].concat()]), 2);

    let documents = [vec![2, 1], vec![3, 1, 3]];
    let mut bytes = bytes_of(&documents);
    bytes[0] = 3;
    let lie = open(bytes, 2).unwrap().verify().unwrap_err();
    assert!(lie.0.contains("twice"), "{lie:?}");

    // More codes than are unpacked for 128 documents at once.
    let mut documents = vec![vec![1, 2, 3]; 6000];
    documents[150] = many;
    let column = open(bytes_of(&documents), 6000).unwrap();
    for wanted in [0..6000, 140..160] {
        let others = wanted.len() as u64 - 1;
        let count = |code| 1 + others * u64::from((1..=3).contains(&code));
        let expected: Vec<(u64, u64)> = (0..20_000).map(|code| (code, count(code))).collect();
        for counts in counted(&column, &wanted.collect::<Vec<u32>>()) {
            assert!(counts == expected);
        }
    }
}

#[test]
fn codes_far_apart_are_not_kept_for_long() {
    // Each of 300 documents has the same thousand.
    let many: Vec<u64> = (0..1000).map(|number| number << 20).collect();
    let column = open(bytes_of(&vec![many; 300]), 300).unwrap();
    let documents: Vec<u32> = (0..128).collect();
    let (mut by_group, mut by_list) = (Counts::new(&column), Counts::new(&column));
    by_group.add(&mut column.reader(), 0, [u64::MAX; 2]);
    by_list.add_few(&mut column.reader(), &documents);
    for counts in [by_group, by_list] {
        let Counts::Far(far) = &counts else {
            panic!("near");
        };
        assert!(far.codes.capacity() < 40_000, "{}", far.codes.capacity());
        let counts = counts.into_sorted();
        assert!(counts.len() == 1000 && counts.iter().all(|(_, count)| *count == 128));
    }
}

#[test]
fn huge_claims_are_refused_at_once() {
    let mut bytes = bytes_of(&vec![vec![1, 2]; 10]);
    bytes[16..24].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(open(bytes.clone(), 10).is_err());
    bytes[40..48].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(open(bytes, 10).is_err());
}

/// Whoever asks about a window has room for its documents only.
#[test]
fn no_lie_finds_documents_outside_of_what_was_asked() {
    let (mut lies, mut seen) = (0, 0);
    for most in [1, 2] {
        let documents: Vec<Vec<u64>> = (0..5000).map(|id| vec![7; id % 10 % (most + 1)]).collect();
        let bytes = bytes_of(&documents);
        for at in (0..bytes.len() - 4).step_by(4) {
            let mut lie = bytes.clone();
            let number = u32::from_le_bytes(*lie[at..].first_chunk().unwrap());
            lie[at..at + 4].copy_from_slice(&number.wrapping_add(300).to_le_bytes());
            let Ok(column) = open(lie, documents.len()) else {
                continue;
            };
            for window in [0..4096, 4096..8192] {
                let found = matching(&column, window.clone(), 0..=u64::MAX);
                for document in found.iter().flatten() {
                    assert!(window.contains(document), "{at}: {document}");
                }
                lies += 1;
                seen += usize::from(found.is_err());
            }
        }
    }
    assert!(lies > 1000 && seen > 10, "{seen} of {lies}");
}

#[test]
fn numbers_of_every_width_are_read_in_blocks_of_every_length() {
    for width in (1..=56).chain([64]) {
        for count in [1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 200] {
            let mask = u64::MAX >> (64 - width);
            let mut number = 0x9e37_79b9_7f4a_7c15u64;
            let mut next = || {
                number = number.wrapping_mul(0xd129_0d3b_3f5b_95b1).rotate_left(23);
                number & mask
            };
            let mut numbers: Vec<u64> = (0..count).map(|_| next()).collect();
            // The least and the greatest make it the width that is meant.
            (numbers[0], numbers[count / 2]) = (0, mask);
            let documents: Vec<Vec<u64>> = numbers.iter().map(|number| vec![*number]).collect();
            check(&documents).unwrap();
            for least in numbers.iter().step_by(13) {
                let column = open(bytes_of(&documents), count).unwrap();
                let range = *least..=least.saturating_add(mask / 5);
                let found = matching(&column, 0..count as u32, range.clone()).unwrap();
                let naive = (0..count as u32).filter(|n| range.contains(&numbers[*n as usize]));
                assert_eq!(
                    found,
                    naive.collect::<Vec<_>>(),
                    "{width} bits, {count} numbers"
                );
            }
        }
    }
}
