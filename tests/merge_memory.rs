//! Threat: a merge that takes memory in proportion to what it joins. However
//! long the lists of the commonest terms are, they are never held whole; however
//! many terms there are, their dictionary and column aren't either.

use serde_json::json;
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use wordhoard::index::{Part, Snapshot};
use wordhoard::segment::{Segment, Tombstones, merge};
use wordhoard::storage::{Bytes, Directory, FileSystem, Scratch};
use wordhoard::{Index, Schema, Text, WriterOptions};

/// Counts what is held of the system, and the most that ever was.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all is left to the system's allocator; the counters are plain numbers.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: the caller's promise is that of the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise is that of the system's.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // As if it were copied, old and new there together for a moment.
        take(size);
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise is that of the system's.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn take(size: usize) {
    let held = HELD.fetch_add(size, Relaxed) + size;
    PEAK.fetch_max(held, Relaxed);
}

const DOCUMENTS: u32 = 60_000;

const COPIES: usize = 40;

/// One segment: three terms are in nearly all documents, often, and their lists
/// stand side by side; there are rare ones between them. The last has one alone.
fn snapshot() -> Snapshot {
    let schema = Schema::builder()
        .text("body", Text::plain().unstored())
        .build()
        .unwrap();
    let index = Index::in_memory(schema).unwrap();
    let options = WriterOptions::default().without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for id in 0..DOCUMENTS {
        let mut body = String::new();
        for place in 0..8 + id * 7 % 13 {
            let word = ["ta ", "tb ", "tc "][((id >> (place % 7)) + place) as usize % 3];
            body.push_str(word);
            if (id + place) % 300 == 0 {
                body.push_str(&format!("ta{id} tb{place} x "));
            }
        }
        writer.put(&json!({ "body": body })).unwrap();
    }
    writer.put(&json!({ "body": "ta" })).unwrap();
    writer.commit().unwrap();
    index.snapshot().unwrap()
}

/// Joins so many copies of the segment, of each of which the documents that
/// `dies` are deleted.
fn join(
    segment: &Segment,
    copies: usize,
    dies: impl Fn(usize, u32) -> bool,
    threads: usize,
    out: &mut (dyn Write + Send),
) {
    let deleted = |copy| {
        let mut tombstones = Tombstones::new(segment.documents());
        for document in (0..segment.documents()).filter(|id| dies(copy, *id)) {
            tombstones.delete(document);
        }
        tombstones
    };
    let tombstones: Vec<Tombstones> = (0..copies).map(deleted).collect();
    let inputs: Vec<(&Segment, &Tombstones)> = tombstones.iter().map(|t| (segment, t)).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap()
        .install(|| merge(&inputs, segment.schema(), out, None, "joined").unwrap());
}

/// The length of a term's list.
fn total(segment: &Segment, term: &str) -> u64 {
    let body = segment.inverted("body").unwrap();
    let entry = body.lookup(term.as_bytes()).unwrap();
    entry.map_or(0, |entry| entry.total_frequency)
}

/// Calls `each` with the documents that a term is in, and where it is in them.
fn each_posting(segment: &Segment, term: &str, mut each: impl FnMut(u32, &[u32])) {
    let body = segment.inverted("body").unwrap();
    let entry = body.lookup(term.as_bytes()).unwrap().unwrap();
    let list = body.postings(&entry).unwrap();
    let mut reader = list.positions().unwrap().unwrap();
    let (mut at, mut positions) = (0, Vec::new());
    for block in 0..list.block_count() {
        let (mut documents, mut frequencies) = ([0; 128], [0; 128]);
        let count = list.decode_documents(block, &mut documents).unwrap();
        list.decode_frequencies(block, &mut frequencies).unwrap();
        for (document, frequency) in documents[..count].iter().zip(frequencies) {
            reader.read(at, frequency, &mut positions).unwrap();
            at += u64::from(frequency);
            each(*document, &positions);
        }
    }
}

/// That a joined list has what those of the copies had, but for one document in `every`.
fn must_be_joined(segment: &Segment, joined: &Segment, term: &str, every: u32) {
    let mut own = Vec::new();
    each_posting(segment, term, |id, positions| {
        own.push((id, positions.to_vec()));
    });
    own.retain(|(id, _)| id % every != every - 1);
    let live = segment.documents() - segment.documents() / every;
    assert_eq!(joined.documents(), live * COPIES as u32);
    let copies = (0..COPIES as u32).map(|copy| copy * live);
    let mut expected = copies.flat_map(|base| {
        let renumbered = move |id: u32| base + id - id / every;
        own.iter()
            .map(move |(id, positions)| (renumbered(*id), positions))
    });
    each_posting(joined, term, |document, positions| {
        let (id, wanted) = expected.next().unwrap();
        assert_eq!((document, positions), (id, &wanted[..]), "{term}");
    });
    assert_eq!(expected.next(), None, "{term}");
}

/// What is held at the most while this is done, besides what is held before.
fn peak(work: impl FnOnce()) -> usize {
    let before = HELD.load(Relaxed);
    PEAK.store(before, Relaxed);
    work();
    PEAK.load(Relaxed) - before
}

/// One after the other, since all memory is counted together.
#[test]
fn memory_has_a_bound() {
    the_commonest_terms_are_never_held_whole();
    many_terms_are_never_held_whole();
}

fn the_commonest_terms_are_never_held_whole() {
    let snapshot = snapshot();
    let segment = &*snapshot.parts()[0].segment;

    let held = |copies| peak(|| join(segment, copies, |_, _| false, 1, &mut io::sink()));
    let (few, many) = (held(2), held(COPIES));
    // Waves and buffers; and, a document, no more than what the directory of a
    // list has of it, while that grows.
    let documents = COPIES * segment.documents() as usize;
    assert!(many <= (16 << 20) + documents, "{few} bytes, then {many}");

    // What is measured first and encoded when it is written is the list that it
    // would have been, for any number of threads.
    for every in [u32::MAX, 10] {
        let [one, four] = [1, 4].map(|threads| {
            let mut bytes = Vec::new();
            let dies = |_, id| id % every == every - 1;
            join(segment, COPIES, dies, threads, &mut bytes);
            bytes
        });
        assert!(one == four, "one in {every} deleted");
        let joined = Segment::open("joined", Bytes::from(one)).unwrap();
        joined.verify().unwrap();
        let sizes = joined.sizes();
        let postings = sizes.iter().find(|(part, _)| *part == "postings");
        assert!(postings.unwrap().1 > 10 << 20, "{sizes:?}");
        for term in ["ta", "tb", "tc"] {
            let (before, after) = (total(segment, term), total(&joined, term));
            assert!(after <= before * COPIES as u64, "{term}");
            assert!((every == 10) != (after == before * COPIES as u64), "{term}");
            must_be_joined(segment, &joined, term, every);
        }
    }

    // Of a long list a single posting may be left, which needs no bytes.
    let mut bytes = Vec::new();
    let dies = |copy, id| (copy, id) != (COPIES - 1, DOCUMENTS);
    join(segment, COPIES, dies, 1, &mut bytes);
    let joined = Segment::open("joined", Bytes::from(bytes)).unwrap();
    joined.verify().unwrap();
    assert_eq!(["ta", "tb"].map(|term| total(&joined, term)), [1, 0]);
}

const SEGMENTS: u64 = 8;

/// Documents of each.
const TAGGED: u64 = 1_000;

const TAGS: u64 = 150;

/// As many segments, in which no tag comes twice; each document has many.
fn tagged() -> Snapshot {
    let schema = Schema::builder().keyword("tags").build().unwrap();
    let index = Index::in_memory(schema).unwrap();
    let options = WriterOptions::default().without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for id in 0..SEGMENTS * TAGGED {
        // In no order.
        let tag = |number: u64| (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let tags = (id * TAGS..(id + 1) * TAGS).map(|number| format!("{:016x}", tag(number)));
        writer
            .put(&json!({ "tags": tags.collect::<Vec<_>>() }))
            .unwrap();
        if (id + 1) % TAGGED == 0 {
            writer.commit().unwrap();
        }
    }
    index.snapshot().unwrap()
}

fn many_terms_are_never_held_whole() {
    let snapshot = tagged();
    let parts = snapshot.parts();
    assert_eq!(parts.len() as u64, SEGMENTS);
    let folder = tempfile::tempdir().unwrap();
    let directory = FileSystem::new(folder.path());
    let join = |parts: &[Part], scratch, out: &mut (dyn Write + Send)| {
        let inputs: Vec<(&Segment, &Tombstones)> = parts
            .iter()
            .map(|part| (&*part.segment, &*part.tombstones))
            .collect();
        merge(&inputs, snapshot.schema(), out, scratch, "joined").unwrap();
    };
    let scratch = || Some(directory.scratch("scratch").unwrap());
    // One thread, since each has a range of its own.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let held = |count: u64, scratch: Option<Box<dyn Scratch>>| {
        let parts = &parts[..count as usize];
        let pool = pool.as_ref().unwrap();
        peak(|| pool.install(|| join(parts, scratch, &mut io::sink())))
    };
    let (few, many) = (held(1, scratch()), held(SEGMENTS, scratch()));
    // Waves and spools, and of one input at a time the ordinals, at less than a byte
    // each.
    let terms = (SEGMENTS * TAGGED * TAGS) as usize;
    assert!(
        many <= 12 << 20,
        "{few} bytes, then {many} for {terms} terms"
    );
    // There is enough that must be written later.
    let all = held(SEGMENTS, None);
    assert!(
        all > many + (16 << 20),
        "{many} bytes, {all} without a scratch file"
    );

    // Nothing is left of the scratch file, and it changes nothing.
    assert_eq!(directory.list().unwrap().len(), 0);
    let [with, without] = [scratch(), None].map(|scratch| {
        let mut bytes = Vec::new();
        join(parts, scratch, &mut bytes);
        bytes
    });
    assert!(with == without);
    let joined = Segment::open("joined", Bytes::from(with)).unwrap();
    joined.verify().unwrap();
    assert_eq!(
        joined.inverted("tags").unwrap().term_count() as usize,
        terms
    );
    for document in [0, 1, TAGGED, SEGMENTS * TAGGED - 1] {
        let (part, own) = (document / TAGGED, (document % TAGGED) as u32);
        let tags = |segment: &Segment, document| -> Vec<Vec<u8>> {
            let (column, terms) = (segment.column("tags"), segment.inverted("tags").unwrap());
            let ordinals = column.unwrap().values(document);
            ordinals
                .map(|ordinal| terms.term(ordinal as u32).unwrap())
                .collect()
        };
        let before = tags(&parts[part as usize].segment, own);
        assert_eq!(before.len() as u64, TAGS);
        assert_eq!(tags(&joined, document as u32), before);
    }
}
