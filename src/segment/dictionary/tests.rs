use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn list(document: u32, document_frequency: u32, more: u64, length: usize) -> EncodedList {
    EncodedList {
        document_frequency,
        total_frequency: u64::from(document_frequency) + more,
        single: (document_frequency == 1).then(|| (document, (more == 0).then_some(7))),
        len: if document_frequency == 1 && more == 0 {
            0
        } else {
            length
        },
        left_out: None,
    }
}

fn build(terms: &BTreeMap<Vec<u8>, EncodedList>) -> Dictionary {
    let spools = Spools::default();
    let mut builder = DictionaryBuilder::new(true, &spools);
    let mut offset = 0;
    for (term, list) in terms {
        builder.push(term, list, offset).unwrap();
        offset += list.len as u64;
    }
    let (terms, index) = builder.finish().unwrap();
    let (mut all, mut heads) = (Vec::new(), Vec::new());
    terms.write_to(&mut all).unwrap();
    index.write_to(&mut heads).unwrap();
    Dictionary::open(true, all.into(), heads.into()).unwrap()
}

fn beginning_alike(longest: usize) -> impl Strategy<Value = Vec<u8>> {
    (0..longest, prop::collection::vec(97u8..100, 0..9)).prop_map(|(length, end)| {
        let mut term = vec![b'b'; length];
        term.extend(end);
        term
    })
}

fn terms() -> impl Strategy<Value = BTreeMap<Vec<u8>, EncodedList>> {
    let term = prop_oneof![
        prop::collection::vec(97u8..100, 0..12),
        prop::collection::vec(any::<u8>(), 0..20),
        // Long ones, whose lengths take more bits.
        beginning_alike(60),
        beginning_alike(20_000),
    ];
    let entry = (
        any::<u32>(),
        prop_oneof![Just(1u32), 1u32..5000],
        0u64..3,
        0usize..50,
    );
    let entry = entry.prop_map(|(document, df, more, length)| list(document, df, more, length));
    prop::collection::btree_map(term, entry, 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn terms_come_back(terms in terms(), wanted in prop::collection::vec(97u8..100, 0..12)) {
        let dictionary = build(&terms);
        let mut offset = 0;
        for (ordinal, (term, list)) in terms.iter().enumerate() {
            let entry = dictionary.lookup(term).unwrap().unwrap();
            prop_assert_eq!(entry.ordinal as usize, ordinal);
            prop_assert_eq!(entry.document_frequency, list.document_frequency);
            prop_assert_eq!(entry.total_frequency, list.total_frequency);
            prop_assert_eq!(entry.place.bytes(), (offset, list.len as u64));
            prop_assert_eq!(&dictionary.term(ordinal as u32).unwrap(), term);
            offset += list.len as u64;
        }
        prop_assert_eq!(dictionary.lookup(&wanted).unwrap().is_some(), terms.contains_key(&wanted));
        let mut cursor = dictionary.cursor(&wanted).unwrap();
        for term in terms.range(wanted..).map(|(term, _)| term) {
            prop_assert!(cursor.next().unwrap().is_some());
            prop_assert_eq!(cursor.term(), term.as_slice());
        }
        prop_assert!(cursor.next().unwrap().is_none());
        dictionary.verify(&mut |_| Ok(())).unwrap();
    }

    /// Short leaps and long ones, with steps between, to terms that there are and
    /// others; those of one long beginning, too.
    #[test]
    fn a_cursor_leaps_to_the_next_that_is_not_below(
        terms in terms(), long in any::<bool>(),
        leaps in prop::collection::btree_map(prop_oneof![
            prop::collection::vec(97u8..100, 0..9), prop::collection::vec(any::<u8>(), 0..4), beginning_alike(60),
        ], 0usize..3, 0..60),
    ) {
        let terms: BTreeMap<Vec<u8>, EncodedList> =
            terms.into_iter().filter(|(term, _)| long || term.len() < 15).collect();
        let dictionary = build(&terms);
        let mut cursor = dictionary.cursor(b"").unwrap();
        let mut behind = None;
        for (from, steps) in leaps {
            if behind.as_ref().is_some_and(|behind| from <= *behind) {
                continue;
            }
            cursor.seek(&from).unwrap();
            behind = Some(from.clone());
            let ahead: Vec<&Vec<u8>> = terms.range(from..).map(|(term, _)| term).take(steps + 1).collect();
            for expected in &ahead {
                prop_assert!(cursor.advance().unwrap());
                prop_assert_eq!(cursor.term(), expected.as_slice());
                prop_assert_eq!(Some(cursor.entry().unwrap()), dictionary.lookup(expected).unwrap());
                behind = Some((*expected).clone());
            }
            if ahead.len() <= steps {
                prop_assert!(!cursor.advance().unwrap());
                break;
            }
        }
    }

    #[test]
    fn damaged_dictionaries_are_read_or_refused(
        terms in terms(), at in any::<prop::sample::Index>(), flip in 1u8..
    ) {
        let good = build(&terms);
        let mut bytes = good.terms.to_vec();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
        }
        let mut index = good.index.to_vec();
        let at = at.index(index.len());
        index[at] ^= flip;
        for dictionary in [
            Dictionary::open(true, bytes.into(), good.index.clone()),
            Dictionary::open(true, good.terms.clone(), index.into()),
        ] {
            let Ok(dictionary) = dictionary else { continue };
            let _ = dictionary.verify(&mut |_| Ok(()));
            let cursor = dictionary.cursor(b"");
            for term in terms.keys() {
                let _ = dictionary.lookup(term);
            }
            let Ok(mut cursor) = cursor else { continue };
            for term in terms.keys().step_by(5) {
                let _ = cursor.seek(term).and_then(|()| cursor.next());
            }
        }
    }
}

/// So many blocks that their groups matter: the first and the last of each, those
/// that share a prefix, and what lies between.
#[test]
fn terms_are_found_in_any_group() {
    for count in [1, 32, 33, 511, 512, 513, 544, 545, 3000u32] {
        let name = |number: u32| {
            format!(
                "{}{number:06}",
                ["ab", "abcdefgh"][number as usize / 1000 % 2]
            )
        };
        let terms = (0..count).map(|number| (name(number).into_bytes(), list(0, 1, 0, 0)));
        let terms: BTreeMap<Vec<u8>, EncodedList> = terms.collect();
        let dictionary = build(&terms);
        for (ordinal, term) in terms.keys().enumerate() {
            let found = dictionary.lookup(term).unwrap();
            assert_eq!(found.map(|entry| entry.ordinal as usize), Some(ordinal));
            let longer = [term.as_slice(), b"x"].concat();
            assert_eq!(dictionary.lookup(&longer).unwrap(), None);
            assert_eq!(dictionary.lookup(&term[..term.len() - 1]).unwrap(), None);
        }
        assert_eq!(dictionary.lookup(b"zzz").unwrap(), None);
        assert_eq!(dictionary.lookup(b"").unwrap(), None);
    }
}

#[test]
fn the_example_is_true() {
    let terms = ["hoard", "hoarder", "horse"];
    let terms = terms.map(|term| (term.as_bytes().to_vec(), list(0, 1, 0, 0)));
    let dictionary = build(&terms.into());
    let block = dictionary.bytes_of(0).unwrap();
    assert_eq!(&block[..6], b"\x05hoard");
    // Lists begin at 0. No document's number needs a bit; but the positions are 7.
    assert_eq!(block[6..17], [0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0]);
    // All are in one document, once.
    assert_eq!(block[17..25], [7, 0, 0, 0, 7, 0, 0, 0]);
    assert_eq!(&block[25..32], b"\x52\x23errse");
    assert_eq!(block[32..], [0b1111_1111, 1]);
}
