use super::*;
use proptest::prelude::*;

fn bytes_of<T: AsRef<str>>(texts: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = StoredWriter::new(&mut bytes);
    for text in texts {
        writer.push(text.as_ref()).unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(bytes.len() % 8, 0);
    bytes
}

fn open(bytes: Vec<u8>, documents: usize) -> Result<Stored, Lie> {
    Stored::open(Bytes::from(bytes), documents as u32)
}

fn check<T: AsRef<str>>(stored: &Stored, texts: &[T]) {
    assert_eq!(stored.verify(), Ok(()));
    assert_eq!(stored.documents as usize, texts.len());
    for (document, text) in (0..).zip(texts) {
        assert_eq!(stored.get(document).as_deref(), Ok(text.as_ref()));
    }
    assert!(stored.get(texts.len() as u32).is_err());
    assert!(stored.get(u32::MAX).is_err());
}

/// Texts from nothing to over a block, some compressible, some not.
fn texts() -> impl Strategy<Value = Vec<String>> {
    let text = prop_oneof![
        8 => "\\{\"[a-c]{1,3}\":[0-9]{1,8}\\}",
        2 => ".{0,200}",
        1 => (0usize..40_000).prop_map(|n| "whale ".repeat(n / 6)),
    ];
    prop::collection::vec(text, 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn documents_come_back(texts in texts()) {
        check(&open(bytes_of(&texts), texts.len()).unwrap(), &texts);
    }

    #[test]
    fn blocks_can_be_copied(left in texts(), right in texts(), between in texts()) {
        let source = [&left, &right].map(|t| open(bytes_of(t), t.len()).unwrap());
        let mut bytes = Vec::new();
        let mut writer = StoredWriter::new(&mut bytes);
        for block in source[0].blocks() {
            writer.push_block(&block.unwrap().1).unwrap();
        }
        for text in &between {
            writer.push(text).unwrap();
        }
        for block in source[1].blocks() {
            writer.push_block(&block.unwrap().1).unwrap();
        }
        writer.finish().unwrap();
        let all = [left, between, right].concat();
        check(&open(bytes, all.len()).unwrap(), &all);
    }

    #[test]
    fn bytes_that_lie_do_not_panic(
        texts in texts(),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let mut bytes = bytes_of(&texts);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(stored) = open(bytes.clone(), texts.len()) {
            let _ = stored.verify();
            for document in (0..texts.len() as u32).step_by(7) {
                let _ = stored.get(document);
            }
        }
        bytes.truncate(at);
        if let Ok(stored) = open(bytes, texts.len()) {
            prop_assert!(stored.verify().is_err());
        }
    }
}

#[test]
fn every_flip_of_a_small_section_is_survived() {
    let texts = [r#"{"n":1}"#, r#"{"n":22}"#, "{}"];
    let bytes = bytes_of(&texts);
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut lie = bytes.clone();
            lie[at] ^= 1 << bit;
            if let Ok(stored) = open(lie, texts.len()) {
                let _ = stored.verify();
                for document in 0..4 {
                    let _ = stored.get(document);
                }
            }
        }
        if let Ok(stored) = open(bytes[..at].to_vec(), texts.len()) {
            assert!(stored.verify().is_err());
        }
    }
}

#[test]
fn the_example_is_true() {
    let stored = open(bytes_of(&[r#"{"n":1}"#, r#"{"n":22}"#]), 2).unwrap();
    assert_eq!(stored.block_count(), 1);
    let (first, block) = stored.block(0).unwrap();
    assert_eq!((first, block.documents()), (0, 2));
    assert_eq!(block.texts().unwrap().bytes, b"\x07\x08{\"n\":1}{\"n\":22}");
}

#[test]
fn a_giant_has_its_own_block() {
    let giant = "0123456789".repeat(5_000_000);
    let texts = ["{}", giant.as_str(), "[]"];
    let stored = open(bytes_of(&texts), 3).unwrap();
    assert_eq!(stored.block_count(), 3);
    check(&stored, &texts);
}

#[test]
fn a_claim_beyond_what_lz4_can_do_asks_for_no_memory() {
    let mut bytes = bytes_of(&["{}"]);
    // The first entry's length: two entries and the trailer from the end.
    let at = bytes.len() - TRAILER - 2 * ENTRY + 12;
    bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let stored = open(bytes, 1).unwrap();
    assert_eq!(
        stored.get(0),
        Err(Lie("a block claims to be longer than LZ4 can make it"))
    );
}

#[test]
fn what_stands_behind_the_last_block_is_looked_at() {
    let bytes = bytes_of(&["{}"]);
    let index = bytes.len() - TRAILER - 2 * ENTRY;
    // The last entry is of no block and so has no length; before the index are zeros.
    for at in [index + ENTRY + 12, index - 1] {
        let mut lie = bytes.clone();
        assert_eq!(lie[at], 0);
        lie[at] = 1;
        let stored = open(lie, 1).unwrap();
        assert_eq!(
            stored.verify(),
            Err(Lie("the stored documents don't end where they should")),
            "at {at}"
        );
    }
}
