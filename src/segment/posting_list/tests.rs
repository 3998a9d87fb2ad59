use super::*;
use crate::segment::dictionary::{Dictionary, DictionaryBuilder};
use crate::segment::impacts::Yardstick;
use crate::segment::positions::{StreamBuilder, steps};
use crate::segment::spool::Spools;
use proptest::prelude::*;

/// Document and positions.
type Posting = (u32, Vec<u32>);

const DOCUMENTS: u32 = 1_000_000;

fn norm(document: u32) -> u8 {
    (document.wrapping_mul(2_654_435_761) >> 25) as u8
}

fn yardstick() -> Yardstick {
    Yardstick::new(90.0)
}

/// The list as the encoder writes it, and its dictionary entry.
fn encode(text: bool, postings: &[Posting]) -> (Vec<u8>, TermEntry) {
    let yardstick = yardstick();
    let mut encoder = ListEncoder::new(text.then_some(&yardstick));
    let (mut bytes, mut list) = (Vec::new(), EncodedList::default());
    // Twice, since an encoder keeps its buffers.
    for _ in 0..2 {
        push_all(&mut encoder, text, postings);
        bytes.clear();
        list = encoder.finish(&mut bytes);
        assert_eq!(list.len, bytes.len());
    }
    assert_eq!(encode_later(text, postings), (bytes.clone(), list.len));
    let spools = Spools::default();
    let mut dictionary = DictionaryBuilder::new(text, &spools);
    dictionary.push(b"term", &list, 0).unwrap();
    let (terms, index) = dictionary.finish().unwrap();
    let (mut all, mut heads) = (Vec::new(), Vec::new());
    terms.write_to(&mut all).unwrap();
    index.write_to(&mut heads).unwrap();
    let dictionary = Dictionary::open(text, all.into(), heads.into()).unwrap();
    let entry = dictionary.lookup(b"term").unwrap().unwrap();
    (bytes, entry)
}

fn push_all(encoder: &mut ListEncoder, text: bool, postings: &[Posting]) {
    for (document, positions) in postings {
        let frequency = if text { positions.len() as u32 } else { 1 };
        let norm = norm(*document);
        encoder.push(*document, norm, frequency).unwrap();
        encoder.push_steps(&steps(positions)).unwrap();
    }
}

/// The list as it is if it is measured first, and the length measured.
fn encode_later(text: bool, postings: &[Posting]) -> (Vec<u8>, usize) {
    let yardstick = yardstick();
    let mut encoder = ListEncoder::new(text.then_some(&yardstick));
    encoder.measure();
    push_all(&mut encoder, text, postings);
    let mut encoded = Vec::new();
    let list = encoder.finish(&mut encoded);
    let left_out = list.left_out.unwrap();
    let mut bytes = encoded[..left_out.at].to_vec();
    let mut stream = StreamBuilder::default();
    encoder.pack();
    for (document, positions) in postings {
        let frequency = if text { positions.len() as u32 } else { 1 };
        encoder.push(*document, 0, frequency).unwrap();
        stream.push(&steps(positions)).unwrap();
    }
    let mut append = |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        Ok(())
    };
    encoder.drain(true, &mut append).unwrap();
    append(&encoded[left_out.at..]).unwrap();
    if list.single.is_none_or(|(_, position)| position.is_none()) && text {
        stream.drain_all(&mut append).unwrap();
    }
    assert_eq!(
        bytes.len(),
        encoded.len() + left_out.payload + left_out.positions
    );
    (bytes, list.len)
}

const OWNER: Owner = Owner {
    file: "a.seg",
    field: "body",
};

fn check(text: bool, postings: &[Posting]) {
    let (encoded, entry) = encode(text, postings);
    assert_eq!(entry.document_frequency as usize, postings.len());
    let list = PostingList::new(OWNER, DOCUMENTS, text, &entry, &encoded).unwrap();
    list.verify(&norm, &yardstick()).unwrap();
    let mut reader = list.positions().unwrap();
    assert_eq!(reader.is_some(), text);
    let mut decoded: Vec<Posting> = Vec::new();
    let (mut documents, mut frequencies) = ([0; BLOCK_LEN], [0; BLOCK_LEN]);
    for block in 0..list.block_count() {
        let count = list.decode_documents(block, &mut documents).unwrap();
        assert_eq!(count, list.block_len(block));
        list.decode_frequencies(block, &mut frequencies).unwrap();
        let (mut both, mut their) = ([0; BLOCK_LEN], [0; BLOCK_LEN]);
        let together = list.decode_both(block, &mut both, &mut their).unwrap();
        assert_eq!(together, count);
        assert_eq!(both[..count], documents[..count]);
        assert_eq!(their[..count], frequencies[..count]);
        let mut first = list.first_position(block);
        for index in 0..count {
            let mut positions = Vec::new();
            if let Some(reader) = &mut reader {
                reader
                    .read(first, frequencies[index], &mut positions)
                    .unwrap();
                first += u64::from(frequencies[index]);
            } else {
                assert_eq!(frequencies[index], 1);
            }
            decoded.push((documents[index], positions));
        }
    }
    assert_eq!(decoded, postings);
}

fn postings(text: bool, gaps: &[(u32, Vec<u32>)]) -> Vec<Posting> {
    let mut next = 0;
    let mut postings = Vec::new();
    for (gap, positions) in gaps {
        let mut positions = if text { positions.clone() } else { Vec::new() };
        positions.sort_unstable();
        postings.push((next + gap, positions));
        next += gap + 1;
    }
    postings
}

fn gaps() -> impl Strategy<Value = Vec<(u32, Vec<u32>)>> {
    let gap = prop_oneof![8 => 0u32..4, 3 => 0u32..200, 1 => 0u32..2000];
    let positions = prop_oneof![
        6 => prop::collection::vec(0u32..1000, 1..4),
        1 => prop::collection::vec(0u32..1_000_000, 1..20),
    ];
    prop::collection::vec((gap, positions), 1..450)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn lists_come_back(text in any::<bool>(), gaps in gaps()) {
        check(text, &postings(text, &gaps));
    }

    #[test]
    fn damaged_lists_are_read_or_refused(
        text in any::<bool>(), gaps in gaps(), at in any::<prop::sample::Index>(), flip in 1u8..,
        cut in any::<prop::sample::Index>(),
    ) {
        let postings = postings(text, &gaps);
        let (encoded, entry) = encode(text, &postings);
        let mut bytes = encoded.clone();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            read_all(text, &entry, &bytes);
            read_all(text, &entry, &encoded[..cut.index(bytes.len())]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn champions_are_the_best(
        often in prop_oneof![
            prop::collection::vec((0u32..300, 1u32..200), 2048..2600),
            prop::collection::vec((0u32..300, 1u32..200), 256..2048),
        ],
        at in any::<prop::sample::Index>(), flip in 1u8..,
    ) {
        let gaps: Vec<(u32, Vec<u32>)> = often
            .iter()
            .map(|(gap, often)| (*gap, (0..1 + *often * *often / 700).collect()))
            .collect();
        let postings = postings(true, &gaps);
        check(true, &postings);
        let (encoded, entry) = encode(true, &postings);
        let list = PostingList::new(OWNER, DOCUMENTS, true, &entry, &encoded).unwrap();
        let expected: &[usize] = if postings.len() < 2048 { &[16] } else { &[16, 128] };
        prop_assert_eq!(list.circles(), expected);
        let yardstick = yardstick();
        let worth = |(document, positions): &Posting| {
            yardstick.worth_of(positions.len() as u32, norm(*document))
        };
        let mut best = postings.clone();
        best.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then(a.0.cmp(&b.0)));
        let mut bytes = encoded.clone();
        bytes[HEAD + at.index(list.champions_len)] ^= flip;
        let damaged = PostingList::new(OWNER, DOCUMENTS, true, &entry, &bytes).unwrap();
        let mut harmless = true;
        for count in [0, 1, 15, 17, 127, 129, 500, usize::MAX] {
            let (mut documents, mut frequencies) = ([0; CHAMPIONS], [0; CHAMPIONS]);
            let none = list.champions(count, &mut documents, &mut frequencies).unwrap();
            prop_assert!(none.is_none());
        }
        for &count in list.circles() {
            let (documents, frequencies, norms, others) = said(&list, count).unwrap();
            prop_assert_eq!(worth(&best[count - 1]), others);
            let next = worth(&best[count]);
            let mut best = best[..count].to_vec();
            best.sort();
            prop_assert_eq!(documents.len(), count);
            for (place, (document, positions)) in best.iter().enumerate() {
                prop_assert_eq!(documents[place], *document);
                prop_assert_eq!(frequencies[place] as usize, positions.len());
                prop_assert_eq!(norms[place], norm(*document));
            }
            // Any damage is found, if it matters.
            let found = said(&damaged, count);
            if let Ok((documents, ..)) = &found {
                prop_assert!(documents.is_sorted_by(|a, b| a < b));
                prop_assert!(documents[count - 1] < DOCUMENTS);
            }
            // A bound may be any that no other is worth more than, and what pads a block
            // anything.
            harmless &= found.is_ok_and(|found| {
                (&found.0, &found.1, &found.2) == (&documents, &frequencies, &norms)
                    && found.3 >= next
            });
        }
        let verified = damaged.verify(&norm, &yardstick).is_ok();
        prop_assert!(!verified || harmless);
    }
}

/// Documents, frequencies, norms, and what others are worth.
type Said = (Vec<u32>, Vec<u32>, Vec<u8>, f32);

/// Champions of a circle.
fn said(list: &PostingList, count: usize) -> Result<Said> {
    let (mut documents, mut frequencies) = ([0; CHAMPIONS], [0; CHAMPIONS]);
    let champions = list.champions(count, &mut documents, &mut frequencies)?;
    let champions = champions.unwrap();
    Ok((
        documents[..count].to_vec(),
        frequencies[..count].to_vec(),
        champions.norms.to_vec(),
        champions.others,
    ))
}

/// Reads everything; what comes back must be in order and in the segment.
fn read_all(text: bool, entry: &TermEntry, bytes: &[u8]) {
    let mut entry = *entry;
    let (Place::List { length, .. } | Place::Single { length, .. }) = &mut entry.place;
    *length = bytes.len() as u64;
    let Ok(list) = PostingList::new(OWNER, DOCUMENTS, text, &entry, bytes) else {
        return;
    };
    let _ = list.verify(&norm, &yardstick());
    let mut reader = list.positions().ok().flatten();
    let (mut documents, mut frequencies) = ([0; BLOCK_LEN], [1; BLOCK_LEN]);
    let mut positions = Vec::new();
    for block in 0..list.block_count() {
        let _ = list.decode_both(block, &mut documents, &mut frequencies);
        let Ok(count) = list.decode_documents(block, &mut documents) else {
            continue;
        };
        assert!(documents[..count].is_sorted_by(|a, b| a < b));
        assert!(
            documents[..count]
                .iter()
                .all(|document| *document < DOCUMENTS)
        );
        let _ = list.bitmap(block);
        if list.decode_frequencies(block, &mut frequencies).is_ok()
            && let Some(reader) = &mut reader
        {
            let _ = reader.read(list.first_position(block), frequencies[0], &mut positions);
        }
    }
}

#[test]
fn the_example_is_true() {
    let (list, _) = encode(true, &[(7, vec![3]), (11, vec![0, 2, 4])]);
    let ceiling =
        yardstick().ceiling(&[Impact::bounding(1, norm(7)), Impact::bounding(3, norm(11))]);
    assert_eq!(list, [ceiling, 0x01, 0x5f, 0x00, 0x06, 0x00, 0xfd, 0x00]);
}

#[test]
fn dense_blocks_are_bitmaps_and_runs_are_nothing() {
    let every_second: Vec<Posting> = (0..256).map(|n| (2 * n, Vec::new())).collect();
    check(false, &every_second);
    let irregular: Vec<Posting> = (0..256).map(|n| (2 * n + n % 3 / 2, Vec::new())).collect();
    check(false, &irregular);
    let (encoded, entry) = encode(false, &irregular);
    let list = PostingList::new(OWNER, DOCUMENTS, false, &entry, &encoded).unwrap();
    let (first, words) = list.bitmap(1).unwrap();
    let of = |bits: &[u8; 8]| u64::from_le_bytes(*bits);
    let base = 64 * first;
    let documents = (0..).zip(words).flat_map(|(word, bits)| {
        let set = (0..64).filter(move |bit| of(bits) >> bit & 1 == 1);
        set.map(move |bit| base + 64 * word + bit)
    });
    assert!(documents.eq(irregular[128..].iter().map(|posting| posting.0)));
    let run: Vec<Posting> = (5..5 + 256).map(|n| (n, Vec::new())).collect();
    check(false, &run);
    let (encoded, _) = encode(false, &run);
    // Head, directory of two; a bitmap of three words, as there is a gap before
    // the first document, and nothing but a head.
    assert_eq!(encoded.len(), 48 + 2 * (2 + 4) + (1 + 3 * 8) + 1);
}

#[test]
fn witnesses_hold_and_are_good() {
    let postings: Vec<Posting> = (0..100_000)
        .map(|n| (n, (0..1 + norm(n * 7) as u32 / 20).collect()))
        .collect();
    let (encoded, entry) = encode(true, &postings);
    let list = PostingList::new(OWNER, DOCUMENTS, true, &entry, &encoded).unwrap();
    list.verify(&norm, &yardstick()).unwrap();
    for k in WITNESS_COUNTS {
        let witness = list.witness(k).unwrap();
        let worth = |corner: &Impact| yardstick().worth(*corner);
        let least = witness.iter().map(worth).fold(1.0, f32::min);
        let reach = postings.iter().filter(|(document, positions)| {
            witness.iter().any(|corner| {
                positions.len() >= corner.frequency().unwrap() as usize
                    && norm(*document) <= corner.norm
            })
        });
        assert!(reach.count() >= k);
        // As good as the exact threshold, nearly.
        let worths = postings.iter().map(|(document, positions)| {
            yardstick().worth(Impact::reached(positions.len() as u32, norm(*document)))
        });
        let mut worths: Vec<f32> = worths.collect();
        worths.sort_by(|a, b| b.total_cmp(a));
        assert!(least > worths[k - 1] * 0.97, "{least} {}", worths[k - 1]);
    }
    assert!(list.witness(1001).is_none());
}

#[test]
fn blocks_are_found() {
    let postings: Vec<Posting> = (0..1000).map(|n| (n * 3, Vec::new())).collect();
    let (encoded, entry) = encode(false, &postings);
    let list = PostingList::new(OWNER, DOCUMENTS, false, &entry, &encoded).unwrap();
    for document in 0..4000 {
        let naive = (0..list.block_count())
            .find(|block| list.last_document(*block) >= document)
            .unwrap();
        assert_eq!(list.find_block(0, document), naive);
        assert_eq!(list.find_block(naive, document), naive);
    }
}
