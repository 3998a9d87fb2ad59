//! Threat: a question that costs memory in proportion to what it matches. Once a
//! searcher is warm, a question takes a fixed number of small allocations, which
//! depends on its words and on nothing else: the same for a thousand documents as
//! for fifty thousand.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use wordhoard::search::Searcher;
use wordhoard::{Index, Schema, Text, WriterOptions};

/// Counts what the current thread asks of the system.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: all is left to the system's allocator; the counters are plain numbers
// of this thread, which neither allocate nor are dropped.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promise is that of the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is that of the system's.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        // SAFETY: the caller's promise is that of the system's.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn note(size: usize) {
    COUNT.set(COUNT.get() + 1);
    BYTES.set(BYTES.get() + size);
}

/// How often, and for how many bytes, memory is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    count: usize,
    bytes: usize,
}

fn asked(run: impl FnOnce()) -> Asked {
    let before = (COUNT.get(), BYTES.get());
    run();
    Asked {
        count: COUNT.get() - before.0,
        bytes: BYTES.get() - before.1,
    }
}

/// One segment; "a" to "d" are in all, a third, a seventh and a fourteenth of the
/// documents.
fn searcher(documents: u32) -> Searcher {
    let schema = Schema::builder()
        .text("body", Text::plain())
        .build()
        .unwrap();
    let index = Index::in_memory(schema).unwrap();
    let options = WriterOptions::default().without_merges();
    let mut writer = index.writer_with(options).unwrap();
    for id in 0..documents {
        let mut body = "x ".repeat((id * 7 % 13) as usize);
        for (word, every) in [("a ", 1), ("b ", 3), ("c ", 7), ("d ", 14)] {
            if id % every == 0 {
                body.push_str(&word.repeat(1 + (id % 11 % 4) as usize));
            }
        }
        writer.put(&serde_json::json!({ "body": body })).unwrap();
    }
    writer.commit().unwrap();
    index.searcher().unwrap()
}

/// Questions and, for the ten best and for the count, the most that they may ask
/// for: what they do, and half as much again at most. A list at work is 1.3 kB, and
/// what brings several together 4 kB: they go from segment to segment.
const BOUNDS: [(&str, Asked, Asked); 8] = [
    ("a", most(30, 4_500), most(25, 2_500)),
    ("d", most(30, 4_500), most(25, 2_500)),
    ("a b", most(60, 16_000), most(48, 9_000)),
    ("a d", most(60, 16_000), most(48, 9_000)),
    ("+a +b", most(60, 16_000), most(48, 9_000)),
    ("+c +d", most(60, 16_000), most(48, 9_000)),
    ("\"a b\"", most(45, 22_000), most(45, 22_000)),
    ("\"c d\"", most(45, 22_000), most(45, 22_000)),
];

const fn most(count: usize, bytes: usize) -> Asked {
    Asked { count, bytes }
}

#[test]
fn a_question_takes_little_memory_whatever_it_matches() {
    let (few, many) = (searcher(1_000), searcher(50_000));
    let mut broken = Vec::new();
    for (query, best_most, count_most) in BOUNDS {
        let best = |searcher: &Searcher| {
            let run = || assert_eq!(searcher.search(query).run().unwrap().len(), 10, "{query}");
            run();
            asked(run)
        };
        let count = |searcher: &Searcher| {
            let run = || assert!(searcher.count(query).unwrap() > 0, "{query}");
            run();
            asked(run)
        };
        for (asked, most) in [(best(&many), best_most), (count(&many), count_most)] {
            if asked.count > most.count || asked.bytes > most.bytes {
                broken.push(format!("{query}: {asked:?}, at most {most:?}"));
            }
        }
        for (many, few) in [(best(&many), best(&few)), (count(&many), count(&few))] {
            let more = many.count > few.count || many.bytes > few.bytes;
            assert!(!more, "{query}: {many:?} of many, {few:?} of few");
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
