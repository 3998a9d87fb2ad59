// What the later blocks of the tour begin with: the three documents, an index
// of them in memory, and a reader of the table of sections. The tour shows all
// of it where it comes first.

use std::sync::Arc;
use wordhoard::storage::{Bytes, Directory, Memory};
use wordhoard::{Index, Result, Schema, Text};

pub const DOCUMENTS: [&str; 3] = [
    r#"{"id":"w1","year":1851,"text":"The whale and the sea."}"#,
    r#"{"id":"w2","year":1870,"text":"Whales sing. A whale sang to the whales."}"#,
    r#"{"id":"w3","year":1952,"text":"The old man of the sea fears no whale."}"#,
];

pub fn schema() -> Result<Schema> {
    Schema::builder()
        .key("id")
        .unsigned("year")
        .text("text", Text::english())
        .build()
}

/// The three documents in an index, and where its files are.
pub fn index() -> Result<(Index, Memory)> {
    let memory = Memory::new();
    let index = Index::options()
        .schema(schema()?)
        .create_in(Arc::new(memory.clone()))?;
    let mut writer = index.writer()?;
    for json in DOCUMENTS {
        writer.put_json(json)?;
    }
    writer.commit()?;
    Ok((index, memory))
}

/// The one segment file.
pub fn segment() -> Result<Bytes> {
    index()?.1.open("segment-000000000002.hoard")
}

pub fn number(bytes: &[u8], at: usize, len: usize) -> usize {
    let bytes = bytes[at..at + len].iter().rev();
    bytes.fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

/// The bytes of the section with this kind and field.
pub fn section(file: &[u8], kind: usize, field: usize) -> &[u8] {
    let tail = &file[file.len() - 40..];
    let table = &file[number(tail, 0, 8)..file.len() - 40];
    let mut entries = table.chunks(24);
    let entry = entries.find(|entry| (number(entry, 0, 2), number(entry, 2, 2)) == (kind, field));
    let entry = entry.expect("the segment has it");
    &file[number(entry, 8, 8)..][..number(entry, 16, 8)]
}
