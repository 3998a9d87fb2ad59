use super::*;
use crate::analysis::Analyzers;
use crate::document::{Document, Schema, Text, Value};
use crate::segment::{Segment, Tombstones, merge};
use proptest::prelude::*;

fn schema() -> Schema {
    Schema::builder()
        .unsigned("id")
        .key("id")
        .text("body", Text::plain())
        .keyword("tags")
        .integer("year")
        .build()
        .unwrap()
}

fn document(
    schema: &Schema,
    id: usize,
    body: &[String],
    tags: &[String],
    year: Option<i64>,
) -> Document {
    let value = serde_json::json!({ "id": id, "body": body, "tags": tags, "year": year });
    Document::new(schema, &value).unwrap()
}

/// A segment of these documents, in batches of so many.
fn segment(documents: &[Document], batch: usize, schema: &Schema) -> Segment {
    let mut inverter = Inverter::new(schema, &Analyzers::default()).unwrap();
    let runs: Vec<Run> = documents
        .chunks(batch.max(1))
        .map(|batch| inverter.invert(batch).unwrap())
        .collect();
    let mut bytes = Vec::new();
    let size = flush(&runs, schema, &mut bytes, "a.seg").unwrap();
    assert_eq!(size, bytes.len() as u64);
    let segment = Segment::open("a.seg", bytes.into()).unwrap();
    segment.verify().unwrap();
    segment
}

fn bytes(segment: &Segment) -> Vec<u8> {
    let mut all = Vec::new();
    let none = Tombstones::new(segment.documents());
    merge(
        &[(segment, &none)],
        segment.schema(),
        &mut all,
        None,
        "copy",
    )
    .unwrap();
    all
}

fn documents() -> impl Strategy<Value = Vec<Document>> {
    let word = "[a-f]{1,2}";
    let body = prop::collection::vec(prop::collection::vec(word, 0..30), 0..3);
    let tags = prop::collection::vec("[a-c]", 0..3);
    let year = prop::option::of(-5i64..5);
    prop::collection::vec((body, tags, year), 0..400).prop_map(|documents| {
        let schema = schema();
        let documents = documents.into_iter().enumerate();
        let documents = documents.map(|(id, (body, tags, year))| {
            let body: Vec<String> = body.iter().map(|words| words.join(" ")).collect();
            document(&schema, id, &body, &tags, year)
        });
        documents.collect()
    })
}

/// Every posting of a text as (term, document, positions), the slow way.
fn naive(documents: &[Document], schema: &Schema) -> Vec<(String, u32, Vec<u32>)> {
    let (body, _) = schema.field("body").unwrap();
    let mut all: Vec<(String, u32, Vec<u32>)> = Vec::new();
    for (number, document) in (0..).zip(documents) {
        let mut base = 0;
        for value in document.of(body) {
            let Value::Text(text) = value else {
                unreachable!("a text")
            };
            let words: Vec<&str> = text.split_whitespace().collect();
            for (index, word) in (0..).zip(&words) {
                all.push((word.to_string(), number, vec![base + index]));
            }
            base += words.len() as u32 + POSITION_GAP;
        }
    }
    all.sort();
    all.dedup_by(|next, kept| {
        let same = next.0 == kept.0 && next.1 == kept.1;
        if same {
            kept.2.append(&mut next.2);
        }
        same
    });
    all
}

fn read(segment: &Segment) -> Vec<(String, u32, Vec<u32>)> {
    let inverted = segment.inverted("body").unwrap();
    let mut cursor = inverted.terms(b"").unwrap();
    let mut all = Vec::new();
    while let Some(entry) = cursor.next().unwrap() {
        let list = inverted.postings(&entry).unwrap();
        let mut reader = list.positions().unwrap().unwrap();
        let mut at = 0;
        for block in 0..list.block_count() {
            let (mut documents, mut frequencies) = ([0; 128], [0; 128]);
            let count = list.decode_documents(block, &mut documents).unwrap();
            list.decode_frequencies(block, &mut frequencies).unwrap();
            for index in 0..count {
                let mut positions = Vec::new();
                reader.read(at, frequencies[index], &mut positions).unwrap();
                at += u64::from(frequencies[index]);
                let term = String::from_utf8(cursor.term().to_vec()).unwrap();
                all.push((term, documents[index], positions));
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn segments_hold_what_the_documents_say(documents in documents(), batch in 1usize..300) {
        let schema = schema();
        let segment = segment(&documents, batch, &schema);
        prop_assert_eq!(read(&segment), naive(&documents, &schema));
        let years = segment.column("year").unwrap();
        let tags = segment.column("tags").unwrap();
        let of_tags = segment.inverted("tags").unwrap();
        for (number, document) in (0..).zip(&documents) {
            prop_assert_eq!(segment.stored(number).unwrap(), document.source());
            let (year, _) = schema.field("year").unwrap();
            let expected: Vec<u64> = document.of(year).map(|value| value.code()).collect();
            prop_assert_eq!(years.values(number).collect::<Vec<_>>(), expected);
            let (field, _) = schema.field("tags").unwrap();
            let names: Vec<Value> = tags
                .values(number)
                .map(|ordinal| of_tags.term(ordinal as u32).unwrap())
                .map(|name| Value::from(str::from_utf8(&name).unwrap()))
                .collect();
            prop_assert_eq!(names, document.of(field).cloned().collect::<Vec<_>>());
            let key = segment.inverted("id").unwrap().lookup(document.key().unwrap().as_bytes());
            prop_assert_eq!(key.unwrap().unwrap().document_frequency, 1);
        }
    }

    #[test]
    fn merging_is_indexing_what_is_left(
        documents in documents(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        dead in prop::collection::vec(any::<bool>(), 400),
    ) {
        let schema = schema();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(documents.len() + 1)).collect();
        cuts.extend([0, documents.len()]);
        cuts.sort_unstable();
        let mut parts = Vec::new();
        for pair in cuts.windows(2) {
            let part = segment(&documents[pair[0]..pair[1]], 100, &schema);
            let mut tombstones = Tombstones::new(part.documents());
            for (number, _) in (0..).zip(pair[0]..pair[1]).filter(|(_, at)| dead[*at]) {
                tombstones.delete(number);
            }
            parts.push((part, tombstones));
        }
        let inputs: Vec<_> = parts.iter().map(|(part, tombstones)| (part, tombstones)).collect();
        let mut merged = Vec::new();
        merge(&inputs, &schema, &mut merged, None, "merged").unwrap();
        let merged = Segment::open("merged", merged.into()).unwrap();
        merged.verify().unwrap();
        let mut dead = dead.iter();
        let live: Vec<Document> =
            documents.into_iter().filter(|_| !dead.next().unwrap()).collect();
        let expected = segment(&live, 1000, &schema);
        prop_assert_eq!(read(&merged), read(&expected));
        // But for how documents fall into blocks, the bytes are the same; a
        // merge of one with itself evens that out.
        prop_assert_eq!(bytes(&merged), bytes(&expected));
    }
}

#[test]
fn any_number_of_threads_makes_the_same_bytes() {
    let schema = schema();
    let documents: Vec<Document> = (0..3000)
        .map(|id| {
            let body = format!("word{} w{} w{} common", id % 977, id * 7, id % 13);
            document(
                &schema,
                id,
                &[body],
                &[format!("t{}", id % 5)],
                Some(id as i64),
            )
        })
        .collect();
    let analyzers = Analyzers::default();
    let mut all: Vec<Vec<u8>> = Vec::new();
    for threads in [1, 4] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let mut bytes = Vec::new();
        pool.install(|| {
            let runs: Vec<Run> = documents
                .chunks(500)
                .map(|batch| {
                    // One that forgets, and so has other names each time.
                    let inverter = Inverter::new(&schema, &analyzers).unwrap();
                    inverter.memory(threads).invert(batch).unwrap()
                })
                .collect();
            flush(&runs, &schema, &mut bytes, "a.seg").unwrap();
        });
        all.push(bytes);
    }
    assert!(all[0] == all[1]);
}

/// Reads all that a search could.
fn read_everything(segment: &Segment) -> crate::Result<()> {
    for name in ["id", "body", "tags", "year"] {
        if let Some(inverted) = segment.inverted(name) {
            let mut terms = inverted.terms(b"")?;
            while let Some(entry) = terms.next()? {
                let list = inverted.postings(&entry)?;
                let mut reader = list.positions()?;
                let (mut documents, mut frequencies) = ([0; 128], [1; 128]);
                for block in 0..list.block_count() {
                    let count = list.decode_documents(block, &mut documents)?;
                    assert!(
                        documents[..count]
                            .iter()
                            .all(|document| *document < segment.documents())
                    );
                    list.decode_frequencies(block, &mut frequencies)?;
                    if let Some(reader) = &mut reader {
                        reader.read(list.first_position(block), frequencies[0], &mut Vec::new())?;
                    }
                }
            }
        }
        if let Some(column) = segment.column(name) {
            for document in 0..segment.documents().min(100) {
                column.values(document).for_each(drop);
            }
        }
    }
    for document in 0..segment.documents() {
        segment.stored(document)?;
    }
    Ok(())
}

/// Bytes that lie past all checksums, as in a large file, where these are not
/// looked at on opening.
#[test]
fn unchecked_lies_give_errors_and_no_panic() {
    use crate::segment::file::File;

    let schema = schema();
    let documents: Vec<Document> = (0..150)
        .map(|id| {
            let body = format!("w{} common common {}", id % 7, "x".repeat(id % 50));
            document(
                &schema,
                id,
                &[body, "be".into()],
                &[format!("t{}", id % 5)],
                Some(id as i64 % 9),
            )
        })
        .collect();
    let mut inverter = Inverter::new(&schema, &Analyzers::default()).unwrap();
    let runs = [inverter.invert(&documents).unwrap()];
    let mut good = Vec::new();
    flush(&runs, &schema, &mut good, "a.seg").unwrap();
    let mut refused = 0;
    for at in (0..good.len()).step_by(2) {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at / 2 % 8);
        match File::open("a.seg", bytes.into()).and_then(Segment::of) {
            Ok(segment) => {
                let verified = segment.verify();
                assert!(verified.is_err(), "byte {at}");
                refused += usize::from(read_everything(&segment).is_err());
            }
            Err(error) => {
                assert!(error.to_string().contains("a.seg"));
                refused += 1;
            }
        }
    }
    assert!(refused > good.len() / 20, "{refused} of {}", good.len());
}
