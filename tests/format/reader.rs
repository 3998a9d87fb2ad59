//! A second reader of segment files, written from the drawings in the chapter
//! headers of `src/segment/` alone: no line of the crate's own decoding is
//! used here, and none of its speed is looked for.
//!
//! It reads front to back, and names each piece of bytes as it takes it; the
//! annotated dump of `golden.txt` is made of these names. Whatever isn't as
//! drawn is a panic: this is a test.

use super::columns::column;
use super::cursor::{Cursor, Note};
use super::lists::terms;
use serde_json::Value as Json;
use std::cell::RefCell;
use std::ops::Range;

/// All that a segment file says.
#[derive(Debug)]
pub struct Segment {
    pub documents: usize,
    pub schema: Json,
    pub fields: Vec<Field>,
    pub stored: Vec<String>,
}

#[derive(Debug)]
pub struct Field {
    pub name: String,
    pub inverted: Option<Inverted>,
    pub column: Option<Column>,
}

/// The codes of each document.
pub type Column = Vec<Vec<u64>>;

#[derive(Debug)]
pub struct Inverted {
    /// Documents with a token.
    pub documents: u32,
    pub text: bool,
    pub length: u64,
    /// Of a text field.
    pub norms: Vec<u8>,
    pub lengths: Vec<u64>,
    pub terms: Vec<Term>,
}

#[derive(Debug)]
pub struct Term {
    pub term: Vec<u8>,
    pub postings: Vec<Posting>,
    /// Of a list with a full block.
    pub head: Option<Head>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posting {
    pub document: u32,
    pub frequency: u32,
    pub positions: Vec<u32>,
}

#[derive(Debug)]
pub struct Head {
    /// Frequency and norm.
    pub impacts: Vec<(u8, u8)>,
    pub witnesses: Vec<Vec<(u8, u8)>>,
    pub ceilings: Vec<u8>,
    pub block_impacts: Vec<Vec<(u8, u8)>>,
    pub champions: Vec<Champions>,
    /// How many blocks are bitmaps.
    pub bitmaps: usize,
    /// How many blocks, of documents or frequencies, have quotients past the steps.
    pub rests: usize,
}

#[derive(Debug)]
pub struct Champions {
    pub others: f32,
    pub documents: Vec<u32>,
    pub frequencies: Vec<u32>,
    pub norms: Vec<u8>,
}

/// The kinds of sections, from 1 on: `Kind` in `file.rs`.
const KINDS: [&str; 9] = [
    "summary",
    "postings",
    "terms",
    "term index",
    "norms",
    "lengths",
    "column",
    "schema",
    "stored documents",
];
const NO_FIELD: u16 = 0xffff;

struct Section {
    kind: u16,
    field: u16,
    bytes: Range<usize>,
}

impl Section {
    fn word(&self) -> &'static str {
        KINDS[usize::from(self.kind) - 1]
    }
}

/// Reads a segment file.
pub fn segment(file: &[u8]) -> Segment {
    read(file, None)
}

/// Reads a segment file, and names all its bytes in their order.
pub fn annotate(file: &[u8]) -> (Segment, Vec<Note>) {
    let notes = RefCell::new(Vec::new());
    let segment = read(file, Some(&notes));
    let mut notes = notes.into_inner();
    notes.sort_by_key(|note| (note.bytes.start, note.bytes.end));
    (segment, notes)
}

fn read<'a>(file: &'a [u8], notes: Option<&'a RefCell<Vec<Note>>>) -> Segment {
    let cursor = Cursor {
        file,
        at: 0,
        end: file.len(),
        notes,
    };
    let (documents, sections) = table(&cursor);
    for section in &sections {
        cursor
            .within(section.bytes.end..file.len())
            .zeros_to_eight();
    }
    let find = |kind: &str, field: u16| {
        let mut sections = sections.iter();
        let found = sections.find(|section| section.word() == kind && section.field == field);
        found.map(|section| {
            let part = cursor.within(section.bytes.clone());
            let name = match field {
                NO_FIELD => String::new(),
                field => format!(" of field {field}"),
            };
            part.note(part.at, format_args!("{kind}{name}"));
            part
        })
    };
    let json = find("schema", NO_FIELD).expect("a schema");
    let length = json.left();
    let shown = String::from_utf8_lossy(&file[json.at..json.end]);
    let json = json.clone().take(length, shown);
    let schema: Json = serde_json::from_slice(json).expect("the schema is JSON");
    let fields = schema["fields"].as_array().expect("fields");
    let fields = (0..).zip(fields).map(|(id, field)| {
        let values = find("column", id).map(|cursor| column(cursor, documents));
        let inverted = find("summary", id).map(|summary| {
            let (mut inverted, terms_claimed) = summarised(summary);
            inverted.terms = terms(
                find("terms", id).expect("terms"),
                find("term index", id).expect("a term index"),
                find("postings", id).expect("postings"),
                inverted.text,
            );
            assert_eq!(inverted.terms.len() as u64, terms_claimed);
            if inverted.text {
                let mut norms = find("norms", id).expect("norms");
                assert_eq!(norms.left(), documents);
                inverted.norms = norms.take(documents, "norms, one a document").to_vec();
                let lengths = column(find("lengths", id).expect("lengths"), documents);
                inverted.lengths = lengths.into_iter().map(|codes| codes[0]).collect();
            } else {
                assert!(find("norms", id).is_none() && find("lengths", id).is_none());
            }
            inverted
        });
        Field {
            name: field["name"].as_str().expect("a name").to_owned(),
            inverted,
            column: values,
        }
    });
    let fields = fields.collect();
    Segment {
        documents,
        fields,
        stored: stored(
            find("stored documents", NO_FIELD).expect("documents"),
            documents,
        ),
        schema,
    }
}

/// `file.rs`: header, table and tail.
fn table(cursor: &Cursor<'_>) -> (usize, Vec<Section>) {
    let file = cursor.file;
    let mut header = cursor.within(0..16);
    header.note(0, format_args!("header"));
    assert_eq!(header.take(8, "magic"), b"wordhord");
    assert_eq!(header.u32("version"), 1);
    assert_eq!(header.u32("zero"), 0);
    let mut tail = cursor.within(file.len() - 40..file.len());
    tail.note(tail.at, format_args!("tail"));
    let offset = tail.u64("where the table begins") as usize;
    let count = tail.u32("sections") as usize;
    let documents = tail.u32("documents") as usize;
    assert_eq!(tail.u64("zero"), 0);
    let checksum = tail.u32("checksum of table, tail and header");
    assert_eq!(tail.u32("version"), 1);
    assert_eq!(tail.take(8, "magic"), b"droghord");
    tail.ends("the tail");
    assert_eq!(offset % 8, 0);
    assert_eq!(offset + count * 24 + 40, file.len());
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&file[offset..file.len() - 40]);
    hasher.update(&file[file.len() - 40..file.len() - 16]);
    hasher.update(&file[..16]);
    assert_eq!(hasher.finalize(), checksum);

    let mut entries = cursor.within(offset..file.len() - 40);
    entries.note(entries.at, format_args!("table of sections"));
    let mut sections: Vec<Section> = Vec::new();
    for _ in 0..count {
        let start = entries.at;
        let mut entry = Cursor {
            notes: None,
            ..entries.clone()
        };
        let (kind, field) = (entry.u16(""), entry.u16(""));
        let checksum = entry.u32("");
        let (offset, length) = (entry.u64("") as usize, entry.u64("") as usize);
        entries.at = entry.at;
        let word = KINDS[usize::from(kind) - 1];
        let owner = match field {
            NO_FIELD => String::new(),
            field => format!(" of field {field}"),
        };
        entries.note(
            start,
            format_args!(
                "{word}{owner} ({kind}, {field:x}), checksum, offset {offset:#x}, length {length}"
            ),
        );
        assert_eq!(offset % 8, 0);
        let bytes = offset..offset + length;
        assert_eq!(crc32fast::hash(&file[bytes.clone()]), checksum);
        if let Some(last) = sections.last() {
            assert!((last.field, last.kind) < (field, kind), "out of order");
        }
        sections.push(Section { kind, field, bytes });
    }
    let mut ranges: Vec<Range<usize>> = sections.iter().map(|s| s.bytes.clone()).collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut end = 16;
    for range in ranges {
        assert_eq!(range.start, end, "sections follow each other");
        end = range.end.next_multiple_of(8);
    }
    assert_eq!(end, offset, "the table follows the sections");
    (documents, sections)
}

/// `inverted.rs`: the counts of a field, and how many terms it should have.
fn summarised(mut cursor: Cursor<'_>) -> (Inverted, u64) {
    let inverted = Inverted {
        documents: cursor.u32("documents with a token"),
        text: match cursor.u32("1: a text field") {
            0 => false,
            1 => true,
            other => panic!("{other} is no kind of field"),
        },
        length: cursor.u64("tokens in all"),
        norms: Vec::new(),
        lengths: Vec::new(),
        terms: Vec::new(),
    };
    let terms = cursor.u64("distinct terms");
    cursor.ends("the summary");
    (inverted, terms)
}

/// `stored.rs`: the text of each document.
fn stored(cursor: Cursor<'_>, documents: usize) -> Vec<String> {
    let start = cursor.at;
    let mut trailer = cursor.within(cursor.end - 16..cursor.end);
    let blocks = trailer.u64("blocks") as usize;
    assert_eq!(trailer.u64("documents"), documents as u64);
    let index_start = cursor.end - 16 - 16 * (blocks + 1);
    let mut index = cursor.within(index_start..cursor.end - 16);
    let entries: Vec<(usize, usize, usize)> = (0..=blocks)
        .map(|block| {
            (
                index.u64(format_args!("block {block}: offset")) as usize,
                index.u32("its first document") as usize,
                index.u32("its length before compression") as usize,
            )
        })
        .collect();
    let mut texts = Vec::new();
    for pair in entries.windows(2) {
        let [(offset, first, length), (end, next, _)] = [pair[0], pair[1]];
        assert_eq!(first, texts.len());
        let block = &cursor.file[start + offset..start + end];
        let block = lz4_flex::block::decompress(block, length).expect("an LZ4 block");
        assert_eq!(block.len(), length);
        let mut inside = Cursor {
            file: &block,
            at: 0,
            end: block.len(),
            notes: None,
        };
        let lengths: Vec<usize> = (first..next)
            .map(|_| inside.varint("length") as usize)
            .collect();
        for &length in &lengths {
            let text = inside.take(length, "text").to_vec();
            texts.push(String::from_utf8(text).expect("a document is UTF-8"));
        }
        inside.ends("a block");
        let shown = texts[first..].join("");
        cursor.within(start + offset..start + end).take(
            end - offset,
            format_args!("LZ4 of lengths {lengths:?} and texts {shown}"),
        );
    }
    let (end, count, _) = entries[blocks];
    assert_eq!(count, documents);
    let mut rest = cursor.within(start + end..index_start);
    rest.zeros_to_eight();
    rest.ends("the blocks");
    texts
}

/// A file of deleted documents, `tombstones.rs`.
#[derive(Debug)]
pub struct Tombstones {
    pub documents: usize,
    pub deleted: Vec<u32>,
    /// Field, documents, tokens.
    pub corrections: Vec<(String, u32, u64)>,
}

pub fn tombstones(file: &[u8]) -> Tombstones {
    let mut cursor = Cursor {
        file,
        at: 0,
        end: file.len() - 4,
        notes: None,
    };
    assert_eq!(cursor.take(8, "magic"), b"wh-tombs");
    assert_eq!(cursor.u32("version"), 1);
    let documents = cursor.u32("documents") as usize;
    let count = cursor.u32("deleted") as usize;
    let fields = cursor.u32("fields");
    let corrections = (0..fields).map(|_| {
        let length = usize::from(cursor.u16("length"));
        let name = cursor.take(length, "name").to_vec();
        let name = String::from_utf8(name).expect("a name is UTF-8");
        (name, cursor.u32("documents"), cursor.u64("total length"))
    });
    let corrections: Vec<_> = corrections.collect();
    assert!(corrections.is_sorted());
    cursor.zeros_to_eight();
    let words: Vec<u64> = (0..documents.div_ceil(64))
        .map(|_| cursor.u64("bits"))
        .collect();
    cursor.ends("the bits");
    let checksum = u32::from_le_bytes(file[file.len() - 4..].try_into().expect("four bytes"));
    assert_eq!(crc32fast::hash(&file[..file.len() - 4]), checksum);
    let deleted = (0..documents as u32)
        .filter(|document| words[*document as usize / 64] >> (document % 64) & 1 == 1);
    let deleted: Vec<u32> = deleted.collect();
    assert_eq!(deleted.len(), count);
    Tombstones {
        documents,
        deleted,
        corrections,
    }
}

/// A manifest, `index/manifest.rs`: JSON, then a line with its checksum.
pub fn manifest(file: &[u8]) -> Json {
    let text = str::from_utf8(file).expect("a manifest is UTF-8");
    let (body, line) = text
        .strip_suffix('\n')
        .and_then(|text| text.rsplit_once('\n'))
        .expect("a last line");
    let body = &text[..=body.len()];
    assert_eq!(
        line,
        format!("crc32 {:08x}", crc32fast::hash(body.as_bytes()))
    );
    serde_json::from_str(body).expect("a manifest is JSON")
}
