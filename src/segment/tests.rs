use super::{Segment, merge, permute};
use crate::document::{Schema, Text};
use crate::index::{Index, Snapshot, WriterOptions};
use crate::storage::{Bytes, Scratch};
use std::fmt::Write;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const DOCUMENTS: u32 = 500;
const WORDS: u32 = 60;

/// A snapshot of two segments with so many fields, all of which have the same words.
fn snapshot(fields: u32) -> Snapshot {
    let names = (0..fields).map(|field| format!("t{field}"));
    let schema = names.fold(Schema::builder(), |schema, name| {
        schema.text(&name, Text::plain())
    });
    let index = Index::in_memory(schema.build().unwrap()).unwrap();
    let options = WriterOptions::default().without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for document in 0..DOCUMENTS {
        let words = (0..WORDS).fold(String::new(), |mut words, word| {
            write!(words, "w{} ", document * WORDS + word).unwrap();
            words
        });
        let members = (0..fields).map(|field| format!("\"t{field}\":\"{words}\""));
        let members: Vec<String> = members.collect();
        writer
            .put_json(&format!("{{{}}}", members.join(",")))
            .unwrap();
        if document == DOCUMENTS / 2 {
            writer.commit().unwrap();
        }
    }
    writer.commit().unwrap();
    index.snapshot().unwrap()
}

/// In memory; and the most that it ever had.
struct Measured(Vec<u8>, Arc<AtomicUsize>);

impl Scratch for Measured {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        self.1.fetch_max(self.0.len(), Ordering::Relaxed);
        Ok(())
    }

    fn read(&mut self, at: u64, out: &mut [u8]) -> io::Result<()> {
        let at = at as usize;
        out.copy_from_slice(&self.0[at..at + out.len()]);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.0.clear();
        Ok(())
    }
}

/// What `write` writes, and the most that its scratch file had.
fn measured(write: impl FnOnce(&mut Vec<u8>, Option<Box<dyn Scratch>>)) -> (Vec<u8>, usize) {
    let (most, mut bytes) = (Arc::default(), Vec::new());
    let scratch = Measured(Vec::new(), Arc::clone(&most));
    write(&mut bytes, Some(Box::new(scratch)));
    (bytes, most.load(Ordering::Relaxed))
}

/// The disk needs room for one field, not for all.
#[test]
fn a_scratch_file_has_one_field_at_a_time() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let most = |fields| {
        let snapshot = snapshot(fields);
        let parts = snapshot.parts().iter();
        let inputs: Vec<_> = parts
            .map(|part| (&*part.segment, &*part.tombstones))
            .collect();
        assert_eq!(inputs.len(), 2);
        let (joined, to_join) = measured(|out, scratch| {
            merge(&inputs, snapshot.schema(), out, scratch, "joined").unwrap();
        });
        let joined = Segment::open("joined", Bytes::from(joined)).unwrap();
        let order: Vec<u32> = (0..DOCUMENTS).rev().collect();
        let (permuted, to_permute) = measured(|out, scratch| {
            let schema = snapshot.schema();
            permute::permute(&joined, &order, schema, 1 << 20, out, scratch, "turned").unwrap();
        });
        let permuted = Segment::open("turned", Bytes::from(permuted)).unwrap();
        permuted.verify().unwrap();
        [to_join, to_permute]
    };
    let (one, three) = pool.unwrap().install(|| (most(1), most(3)));
    assert!(one.iter().all(|most| *most > 0), "{one:?}");
    assert_eq!(one, three);
}
