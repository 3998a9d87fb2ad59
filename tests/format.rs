//! Threat: the drawings of the format drift from what is written.
//!
//! A second reader (`format/reader.rs`), made from the drawings alone, reads
//! what the crate writes, and its reading is compared with the documents that
//! went in. Of the example of the chapter `segment/` there is a dump in which
//! each byte has its meaning: `format/golden.txt`; after a change of the format
//! `WORDHOARD_BLESS=1 cargo test --test format` writes it anew.

#[path = "format/columns.rs"]
mod columns;
#[path = "format/cursor.rs"]
mod cursor;
#[path = "format/lists.rs"]
mod lists;
#[path = "format/reader.rs"]
mod reader;

use reader::{Field, Inverted, Segment};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use wordhoard::document::Date;
use wordhoard::{Index, Schema, Text, WriterOptions};

/// A generator of numbers that are the same everywhere (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

fn schema() -> Schema {
    Schema::builder()
        .key("id")
        .text("body", Text::plain())
        .text("notes", Text::plain())
        .keyword("tags")
        .keyword("shelf")
        .unsigned("pages")
        .integer("delta")
        .float("ratio")
        .boolean("lent")
        .date("day")
        .stored("extra")
        .build()
        .unwrap()
}

/// Documents with lists of every kind: words in all documents, in every other,
/// in long runs, in few, in one; once and hundreds of times; long and short,
/// empty and missing fields; none, one and several values.
fn documents() -> Vec<Json> {
    let mut random = Random(7);
    (0..5000u64)
        .map(|number| {
            let mut words = vec!["everywhere".to_owned()];
            if number % 2 == 0 {
                words.push("even".into());
            }
            if (1000..2500).contains(&number) {
                words.push("run".into());
            }
            if (100..228).contains(&number) {
                words.push("fullblock".into());
            }
            if number % 997 == 3 {
                words.push("seldom".into());
            }
            // Of nearly one gap, with some that are far off.
            if number < 2000 && number % 5 == 0 || number == 4321 {
                words.push("uneven".into());
            }
            for _ in 0..random.below(40) {
                // Zipf's law, nearly.
                let rank = (3000f64.powf(random.below(1 << 20) as f64 / f64::from(1 << 20))) as u64;
                words.push(format!("word{rank}"));
            }
            if number % 50 == 0 {
                words.push("größe".into());
                words.push("ünïcödé".into());
            }
            let repeats = match number % 700 {
                0 => 300,
                1 => 20,
                _ => random.below(3),
            };
            words.extend((0..repeats).map(|_| "again".to_owned()));
            if number == 77 {
                words.extend((0..400).map(|_| "onlyhere".to_owned()));
            }
            let mut document = json!({
                "id": format!("key-{number:05}"),
                "body": words.join(" "),
                "shelf": format!("shelf {}", number / 500),
                "day": day(random.below(20_000)),
                "lent": number % 3 == 0,
                "delta": random.below(1000) as i64 - 500,
            });
            if number % 4 != 1 {
                document["pages"] = json!(u64::MAX - random.below(1 << 40));
                document["ratio"] = json!((random.below(2000) as f64 - 1000.0) / 7.0);
            }
            if number % 3 == 2 {
                document["notes"] = json!(["first note", "a second note", ""]);
            }
            if number % 5 == 0 {
                document["tags"] = json!(["z", format!("tag {}", number % 70), "z"]);
                document["extra"] = json!({"any": ["json", number]});
            }
            document
        })
        .collect()
}

fn day(number: u64) -> String {
    let microseconds = 86_400_000_000 * number as i64;
    Date::from_microseconds(microseconds).unwrap().to_string()
}

fn file(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap()
}

/// The values of a field, as serde would read them.
fn values<'a>(document: &'a Json, field: &str) -> Vec<&'a Json> {
    match &document[field] {
        Json::Null => Vec::new(),
        Json::Array(values) => values.iter().collect(),
        value => vec![value],
    }
}

/// Words and their positions, as the analyzer `plain` finds them in the text
/// of this corpus, which has nothing but words and spaces.
fn occurrences(document: &Json, field: &str) -> Vec<(String, u32)> {
    let mut all = Vec::new();
    let mut base = 0;
    for value in values(document, field) {
        let mut next = base;
        for word in value.as_str().unwrap().split_whitespace() {
            all.push((word.to_owned(), next));
            next += 1;
        }
        base = next + 100;
    }
    all
}

/// `norms.rs`, the drawing backwards: the greatest byte that doesn't decode to
/// more than the length.
fn norm(length: u64) -> u8 {
    let decode = |byte: u64| match byte {
        0..24 => byte,
        byte => {
            let v = byte - 24;
            let (e, m) = (v >> 3, v & 7);
            24 + if e == 0 { m } else { (8 + m) << (e - 1) }
        }
    };
    (0..=255u8)
        .rev()
        .find(|byte| decode(u64::from(*byte)) <= length)
        .unwrap()
}

#[test]
fn the_drawing_of_norms_is_true() {
    for length in (0..100_000).chain([1 << 20, 1 << 31, u64::from(u32::MAX)]) {
        let length = length as u32;
        assert_eq!(
            norm(u64::from(length)),
            wordhoard::segment::norms::encode(length),
            "{length}"
        );
    }
}

fn compare(segment: &Segment, documents: &[&Json]) {
    assert_eq!(segment.documents, documents.len());
    for (text, document) in segment.stored.iter().zip(documents) {
        assert_eq!(&serde_json::from_str::<Json>(text).unwrap(), *document);
    }
    let names: Vec<&str> = segment
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "id", "body", "notes", "tags", "shelf", "pages", "delta", "ratio", "lent", "day"
        ]
    );
    for field in &segment.fields {
        match field.name.as_str() {
            "body" | "notes" => compare_text(field, documents),
            "id" | "tags" | "shelf" => compare_keyword(field, documents),
            _ => compare_codes(field, documents),
        }
    }
}

fn compare_text(field: &Field, documents: &[&Json]) {
    assert!(field.column.is_none());
    let inverted = field.inverted.as_ref().unwrap();
    let mut expected: BTreeMap<Vec<u8>, Vec<(u32, Vec<u32>)>> = BTreeMap::new();
    let mut lengths = Vec::new();
    for (number, document) in (0..).zip(documents) {
        let occurrences = occurrences(document, &field.name);
        lengths.push(occurrences.len() as u64);
        for (word, position) in occurrences {
            let list = expected.entry(word.into_bytes()).or_default();
            match list.last_mut() {
                Some((last, positions)) if *last == number => positions.push(position),
                _ => list.push((number, vec![position])),
            }
        }
    }
    assert!(inverted.text);
    assert_eq!(inverted.lengths, lengths);
    assert_eq!(inverted.length, lengths.iter().sum::<u64>());
    let with_tokens = lengths.iter().filter(|length| **length > 0).count();
    assert_eq!(inverted.documents as usize, with_tokens);
    let norms: Vec<u8> = lengths.iter().map(|length| norm(*length)).collect();
    assert_eq!(inverted.norms, norms);
    assert_eq!(inverted.terms.len(), expected.len());
    for (term, (word, postings)) in inverted.terms.iter().zip(&expected) {
        assert_eq!(&term.term, word);
        let read: Vec<(u32, Vec<u32>)> = term
            .postings
            .iter()
            .map(|posting| (posting.document, posting.positions.clone()))
            .collect();
        assert_eq!(&read, postings, "{}", String::from_utf8_lossy(word));
        let counted =
            |posting: &reader::Posting| posting.frequency as usize == posting.positions.len();
        assert!(term.postings.iter().all(counted));
        let average = inverted.length as f64 / f64::from(inverted.documents.max(1));
        compare_impacts(term, &norms, average);
    }
}

/// Invariants (3) and (5) of the posting lists, and what a witness promises.
fn compare_impacts(term: &reader::Term, norms: &[u8], average: f64) {
    let Some(head) = &term.head else {
        assert!(term.postings.len() < 128);
        return;
    };
    let pair = |code: fn(u32) -> u8, posting: &reader::Posting| {
        (code(posting.frequency), norms[posting.document as usize])
    };
    let rounded_up = |posting| pair(code_above, posting);
    let pairs: Vec<(u8, u8)> = term.postings.iter().map(rounded_up).collect();
    bound(&head.impacts, &pairs);
    for (block, impacts) in pairs.chunks_exact(128).zip(&head.block_impacts) {
        bound(impacts, block);
    }
    let worth = |pair: &(u8, u8)| match *pair {
        (255, _) => 1.0,
        (code, norm) => {
            let frequency = frequency_of(code) as f64;
            frequency / (frequency + 0.3 + 0.9 * length_of(norm) as f64 / average)
        }
    };
    for (block, &ceiling) in pairs.chunks(128).zip(&head.ceilings) {
        let highest = block.iter().map(worth).fold(0.0, f64::max) * 255.0;
        let above = f64::from(ceiling) - highest;
        // But for what single precision may round.
        assert!((-0.001..1.001).contains(&above), "{ceiling} for {highest}");
    }
    assert_eq!(head.ceilings.len(), pairs.len().div_ceil(128));
    let circles = [(16, 2), (128, 16)].into_iter();
    let circles = circles.filter(|(_, blocks)| pairs.len() / 128 >= *blocks);
    let counts = head.champions.iter().map(|circle| circle.documents.len());
    assert!(counts.eq(circles.map(|(count, _)| count)));
    for champions in &head.champions {
        compare_champions(champions, &term.postings, norms, average);
    }
    for (k, corners) in [10, 100, 1000].into_iter().zip(&head.witnesses) {
        if pairs.len() < k {
            assert!(corners.iter().all(|corner| *corner == (0, 0)));
            continue;
        }
        let reaches = |pair: &(u8, u8)| {
            let mut corners = corners.iter();
            corners.any(|corner| pair.0 >= corner.0 && pair.1 <= corner.1)
        };
        let rounded_down = |posting| pair(code_below, posting);
        assert!(corners.iter().all(|corner| corner.0 > 0));
        let reached = term.postings.iter().map(rounded_down).filter(reaches);
        assert!(reached.count() >= k, "witness for {k}");
    }
}

/// The invariants of a circle of champions: they are postings of the list, and no
/// other is worth more than is said.
fn compare_champions(
    champions: &reader::Champions,
    postings: &[reader::Posting],
    norms: &[u8],
    average: f64,
) {
    let mut left = champions.documents.iter().enumerate().peekable();
    for posting in postings {
        let norm = norms[posting.document as usize];
        if let Some((place, _)) = left.next_if(|(_, champion)| **champion == posting.document) {
            assert_eq!(champions.frequencies[place], posting.frequency);
            assert_eq!(champions.norms[place], norm);
            continue;
        }
        let frequency = f64::from(posting.frequency);
        let worth = frequency / (frequency + 0.3 + 0.9 * length_of(norm) as f64 / average);
        assert!(worth <= f64::from(champions.others) * 1.000_001);
    }
    assert_eq!(left.count(), 0);
    assert!((0.0..1.0).contains(&champions.others));
}

/// `impacts.rs`, as drawn there: what a code below 255 stands for.
fn frequency_of(code: u8) -> u32 {
    match u32::from(code) {
        code @ 0..128 => code,
        code => (16 + (code - 128) % 16) << ((code - 128) / 16 + 3),
    }
}

/// The lowest code for this frequency or a higher one.
fn code_above(frequency: u32) -> u8 {
    let fits = |code: &u8| frequency_of(*code) >= frequency;
    (0..255).find(fits).unwrap_or(255)
}

/// The highest code for this frequency or a lower one.
fn code_below(frequency: u32) -> u8 {
    let fits = |code: &u8| frequency_of(*code) <= frequency;
    (0..255).rfind(fits).unwrap()
}

/// `norms.rs`, as drawn there.
fn length_of(norm: u8) -> u64 {
    match (norm, norm.saturating_sub(24)) {
        (0..24, _) => u64::from(norm),
        (_, value) => {
            let (exponent, mantissa) = (value >> 3, u64::from(value & 7));
            24 + match exponent {
                0 => mantissa,
                _ => (8 + mantissa) << (exponent - 1),
            }
        }
    }
}

/// That the impacts bound the pairs; and if there is place for all of the
/// frontier, that they are it.
fn bound(impacts: &[(u8, u8)], pairs: &[(u8, u8)]) {
    for pair in pairs {
        assert!(
            impacts
                .iter()
                .any(|impact| impact.0 >= pair.0 && impact.1 <= pair.1)
        );
    }
    let beaten = |pair: &(u8, u8)| {
        pairs
            .iter()
            .any(|by| by != pair && by.0 >= pair.0 && by.1 <= pair.1)
    };
    let frontier: BTreeSet<(u8, u8)> = pairs.iter().copied().filter(|pair| !beaten(pair)).collect();
    if frontier.len() <= impacts.len() {
        let mut frontier: Vec<(u8, u8)> = frontier.into_iter().collect();
        let last = *frontier.last().unwrap();
        frontier.resize(impacts.len(), last);
        assert_eq!(impacts, frontier);
    }
}

fn compare_keyword(field: &Field, documents: &[&Json]) {
    let inverted = field.inverted.as_ref().unwrap();
    assert!(!inverted.text);
    let mut expected: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let mut count = 0;
    for (number, document) in (0..).zip(documents) {
        let of_document = values(document, &field.name);
        count += of_document.len() as u64;
        for value in of_document {
            let list = expected
                .entry(value.as_str().unwrap().to_owned())
                .or_default();
            if list.last() != Some(&number) {
                list.push(number);
            }
        }
    }
    assert_eq!(inverted.terms.len(), expected.len());
    for (term, (word, list)) in inverted.terms.iter().zip(&expected) {
        assert_eq!(term.term, word.as_bytes());
        let read: Vec<u32> = term
            .postings
            .iter()
            .map(|posting| posting.document)
            .collect();
        assert_eq!(&read, list, "{word}");
        assert!(term.postings.iter().all(|posting| posting.frequency == 1));
    }
    let ordinals: BTreeMap<&str, u64> = expected.keys().map(String::as_str).zip(0..).collect();
    let columns = field.column.as_ref().unwrap();
    for (codes, document) in columns.iter().zip(documents) {
        let values = values(document, &field.name);
        let expected: Vec<u64> = values
            .iter()
            .map(|v| ordinals[v.as_str().unwrap()])
            .collect();
        assert_eq!(codes, &expected);
    }
    assert_eq!(columns.len(), documents.len());
    // What the summary counts: values, and documents that have one.
    assert_eq!(inverted.length, count);
    let with_value = columns.iter().filter(|codes| !codes.is_empty()).count();
    assert_eq!(inverted.documents as usize, with_value);
}

/// The table of `document/value.rs`.
fn code(field: &str, value: &Json) -> u64 {
    match field {
        "pages" => value.as_u64().unwrap(),
        "delta" => value.as_i64().unwrap() as u64 ^ 1 << 63,
        "ratio" => {
            let bits = value.as_f64().unwrap().to_bits();
            if bits >> 63 == 1 {
                !bits
            } else {
                bits ^ 1 << 63
            }
        }
        "lent" => u64::from(value.as_bool().unwrap()),
        "day" => {
            serde_json::from_value::<Date>(value.clone())
                .unwrap()
                .microseconds() as u64
                ^ 1 << 63
        }
        other => panic!("{other} has no codes"),
    }
}

fn compare_codes(field: &Field, documents: &[&Json]) {
    assert!(field.inverted.is_none());
    let column = field.column.as_ref().unwrap();
    assert_eq!(column.len(), documents.len());
    for (codes, document) in column.iter().zip(documents) {
        let values = values(document, &field.name);
        let expected: Vec<u64> = values
            .iter()
            .map(|value| code(&field.name, value))
            .collect();
        assert_eq!(codes, &expected, "{} of {document}", field.name);
    }
}

#[test]
fn a_second_reader_finds_what_was_put() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::options()
        .schema(schema())
        .create(folder.path())
        .unwrap();
    let mut writer = index
        .writer_with(WriterOptions::default().without_merges())
        .unwrap();
    let documents = documents();
    // Two segments, the second a small one.
    let (most, few) = documents.split_at(4900);
    for part in [most, few] {
        for document in part {
            writer.put(document).unwrap();
        }
        writer.commit().unwrap();
    }
    let dead = |document: &&Json| document["id"].as_str().unwrap().ends_with('7');
    for document in documents.iter().filter(dead) {
        writer.delete(document["id"].as_str().unwrap()).unwrap();
    }
    writer.commit().unwrap();

    let (commit, manifest) = newest_manifest(folder.path());
    assert_eq!(manifest["commit"], commit);
    let lines = manifest["segments"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    for (line, part) in lines.iter().zip([most, few]) {
        let bytes = file(folder.path(), line["file"].as_str().unwrap());
        assert_eq!(line["bytes"], bytes.len());
        assert_eq!(line["documents"], part.len());
        let part: Vec<&Json> = part.iter().collect();
        let segment = reader::segment(&bytes);
        assert_eq!(segment.schema, manifest["schema"]);
        compare(&segment, &part);
        compare_tombstones(folder.path(), &line["tombstones"], &part, dead);
    }
    let bytes = file(folder.path(), lines[0]["file"].as_str().unwrap());
    every_shape_occurs(&reader::segment(&bytes));

    // What a merge writes is read the same way.
    writer.optimize().unwrap();
    let (_, manifest) = newest_manifest(folder.path());
    let lines = manifest["segments"].as_array().unwrap();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].get("tombstones").is_none());
    let alive: Vec<&Json> = documents
        .iter()
        .filter(|document| !dead(document))
        .collect();
    let bytes = file(folder.path(), lines[0]["file"].as_str().unwrap());
    compare(&reader::segment(&bytes), &alive);
}

fn newest_manifest(folder: &Path) -> (u64, Json) {
    let names = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("manifest-") && name.ends_with(".json"))
        .collect();
    names.sort();
    let name = names.last().unwrap();
    let number = name["manifest-".len()..name.len() - ".json".len()]
        .parse()
        .unwrap();
    (number, reader::manifest(&file(folder, name)))
}

fn compare_tombstones(folder: &Path, line: &Json, part: &[&Json], dead: impl Fn(&&Json) -> bool) {
    let tombstones = reader::tombstones(&file(folder, line["file"].as_str().unwrap()));
    let deleted: Vec<u32> = (0..)
        .zip(part)
        .filter(|(_, document)| dead(document))
        .map(|(number, _)| number)
        .collect();
    assert_eq!(tombstones.documents, part.len());
    assert_eq!(line["count"], deleted.len());
    assert_eq!(tombstones.deleted, deleted);
    let mut corrections: BTreeMap<&str, (u32, u64)> = BTreeMap::new();
    for document in deleted {
        for field in ["id", "body", "notes", "tags", "shelf"] {
            let document = part[document as usize];
            let length = match field {
                "body" | "notes" => occurrences(document, field).len(),
                _ => values(document, field).len(),
            };
            if length > 0 {
                let correction = corrections.entry(field).or_default();
                *correction = (correction.0 + 1, correction.1 + length as u64);
            }
        }
    }
    let corrections: Vec<(String, u32, u64)> = corrections
        .into_iter()
        .map(|(field, (documents, tokens))| (field.to_owned(), documents, tokens))
        .collect();
    assert_eq!(tombstones.corrections, corrections);
}

/// That the corpus leaves no drawing untried.
fn every_shape_occurs(segment: &Segment) {
    let inverted = |name: &str| -> &Inverted {
        let field = segment
            .fields
            .iter()
            .find(|field| field.name == name)
            .unwrap();
        field.inverted.as_ref().unwrap()
    };
    let (body, shelf) = (inverted("body"), inverted("shelf"));
    let heads = || body.terms.iter().filter_map(|term| term.head.as_ref());
    assert!(body.terms.len() > 100, "several blocks of terms");
    assert!(heads().any(|head| head.bitmaps > 0));
    assert!(heads().any(|head| head.rests > 0));
    assert!(heads().any(|head| head.block_impacts.len() > 32));
    assert!(shelf.terms.iter().any(|term| term.head.is_some()));
    let alone = || body.terms.iter().filter(|term| term.postings.len() == 1);
    assert!(alone().any(|term| term.postings[0].frequency == 1));
    assert!(alone().any(|term| term.postings[0].frequency > 256));
    let short = |term: &reader::Term| (2..128).contains(&term.postings.len());
    assert!(body.terms.iter().any(short));
    assert!(body.terms.iter().any(|term| term.postings.len() == 128));
}

/// The example that the chapter `segment/` names.
#[test]
fn the_golden_dump_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let schema = Schema::builder().text("t", Text::plain()).build().unwrap();
    let index = Index::options()
        .schema(schema)
        .create(folder.path())
        .unwrap();
    let mut writer = index.writer().unwrap();
    writer.put_json(r#"{"t":"to be"}"#).unwrap();
    writer.put_json(r#"{"t":"not to be"}"#).unwrap();
    writer.commit().unwrap();
    let (_, manifest) = newest_manifest(folder.path());
    let bytes = file(
        folder.path(),
        manifest["segments"][0]["file"].as_str().unwrap(),
    );

    let dump = dump(&bytes);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format/golden.txt");
    if std::env::var_os("WORDHOARD_BLESS").is_some() {
        std::fs::write(&golden, &dump).unwrap();
    }
    let kept = std::fs::read_to_string(&golden)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    let differs = kept
        .lines()
        .zip(dump.lines())
        .find(|(kept, now)| kept != now);
    assert!(
        kept == dump,
        "the format has changed, first here:\n{differs:#?}\nif that is meant, and the drawings \
         say so, run `WORDHOARD_BLESS=1 cargo test --test format` and look at what has changed"
    );
}

/// Offset, bytes, meaning; every byte once.
fn dump(bytes: &[u8]) -> String {
    const PER_LINE: usize = 8;
    let (_, notes) = reader::annotate(bytes);
    let mut dump = format!(
        "The segment file of the documents {{\"t\":\"to be\"}} and {{\"t\":\"not to be\"}}, with a\n\
         text field `t` under the analyzer `plain`: {} bytes. The chapters in src/segment/\n\
         explain it; tests/format.rs keeps it true.\n",
        bytes.len()
    );
    let mut at = 0;
    for note in notes {
        assert_eq!(note.bytes.start, at, "each byte has one meaning: {note:?}");
        at = note.bytes.end;
        if note.bytes.is_empty() {
            dump.push_str(&format!("\n{}\n", note.what));
        }
        for (line, row) in bytes[note.bytes.clone()].chunks(PER_LINE).enumerate() {
            let hex: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
            let what = if line == 0 { note.what.as_str() } else { "" };
            let offset = note.bytes.start + line * PER_LINE;
            let row = format!("{offset:04x}  {:23}  {what}", hex.join(" "));
            dump.push_str(row.trim_end());
            dump.push('\n');
        }
    }
    assert_eq!(at, bytes.len());
    dump
}
