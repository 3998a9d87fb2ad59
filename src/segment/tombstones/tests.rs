use super::*;
use crate::error::ErrorKind;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn build(documents: u32, deleted: &BTreeSet<u32>) -> Tombstones {
    let mut tombstones = Tombstones::new(documents);
    for &document in deleted {
        assert!(tombstones.delete(document));
        tombstones.correct("title", 3);
        if document % 2 == 0 {
            tombstones.correct("body", u64::from(document));
        }
    }
    tombstones
}

fn deleted() -> impl Strategy<Value = (u32, BTreeSet<u32>)> {
    (1u32..400).prop_flat_map(|documents| {
        (
            Just(documents),
            prop::collection::btree_set(0..documents, 0..=documents as usize),
        )
    })
}

proptest! {
    #[test]
    fn bits_are_a_set((documents, deleted) in deleted()) {
        let mut tombstones = build(documents, &deleted);
        prop_assert_eq!(tombstones.deleted_count() as usize, deleted.len());
        prop_assert_eq!(tombstones.live_count(), documents - deleted.len() as u32);
        prop_assert!(tombstones.iter().eq(deleted.iter().copied()));
        for document in 0..documents + 70 {
            prop_assert_eq!(tombstones.is_deleted(document), deleted.contains(&document));
        }
        if let Some(&again) = deleted.first() {
            prop_assert!(!tombstones.delete(again));
        }
        prop_assert!(!tombstones.delete(documents));
        prop_assert!(!tombstones.delete(u32::MAX));
    }

    #[test]
    fn a_file_comes_back((documents, deleted) in deleted()) {
        let tombstones = build(documents, &deleted);
        let bytes = tombstones.to_bytes();
        let back = Tombstones::from_bytes("x", &bytes, documents).unwrap();
        prop_assert_eq!(&back, &tombstones);
        prop_assert_eq!(back.correction("title").documents as usize, deleted.len());
        prop_assert_eq!(back.correction("nothing"), FieldStatistics::default());
        prop_assert!(Tombstones::from_bytes("x", &bytes, documents + 1).is_err());
    }

    #[test]
    fn a_lie_under_a_true_checksum_does_not_panic(
        (documents, deleted) in deleted(),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let mut bytes = build(documents, &deleted).to_bytes();
        bytes.truncate(bytes.len() - 4);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        if let Ok(lie) = Tombstones::from_bytes("x", &bytes, documents) {
            // What still fits together is other tombstones, said the same way.
            prop_assert_eq!(lie.to_bytes(), bytes);
        }
    }
}

#[test]
fn every_flip_and_every_truncation_is_an_error_that_names_the_file() {
    let bytes = build(130, &BTreeSet::from([0, 64, 129])).to_bytes();
    let check = |bytes: &[u8]| {
        let error = Tombstones::from_bytes("7.tombs", bytes, 130).unwrap_err();
        assert!(error.to_string().contains("7.tombs"), "{error}");
    };
    for at in 0..bytes.len() {
        check(&bytes[..at]);
        for bit in 0..8 {
            let mut lie = bytes.clone();
            lie[at] ^= 1 << bit;
            check(&lie);
        }
    }
    check(&[&bytes[..], &[0]].concat());
}

#[test]
fn a_newer_version_says_so() {
    let mut bytes = Tombstones::new(3).to_bytes();
    bytes[8] = 2;
    let error = Tombstones::from_bytes("7.tombs", &bytes, 3).unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Incompatible {
            found: 2,
            supported: 1
        }
    );
}

#[test]
fn the_example_is_true() {
    let mut tombstones = Tombstones::new(10);
    tombstones.delete(1);
    tombstones.correct("title", 3);
    let bytes = tombstones.to_bytes();
    let expected = [
        b"wh-tombs".as_slice(),
        &[1, 0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0],
        &[5, 0],
        b"title",
        &[1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0],
        &[0; 5],
        &[2, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    assert_eq!(bytes[..bytes.len() - 4], expected);
}
