//! # Tracing: counters that are not there unless asked for
//!
//! Idea        whoever reads a posting list says so to a [`Trace`], which is a
//!             type parameter. The usual one is [`Silent`]: it has no size, its
//!             methods are empty, and the compiler leaves nothing of them. The
//!             other, [`Recording`], writes down what an [`Xray`] shows; for it a
//!             second copy of the code is compiled, that nobody else runs
//! Example     `self.trace.decoded(7)` where block 7 is decoded: nothing at all
//!             in a search, and a mark in a search with `xray`
//! Invariants  (1) a trace is told things and never asked: no result depends on it
//!             (2) a list is written down when it is dropped, once
//! Cost        silent, none. But what had one caller has two, as it is compiled
//!             twice, and compilers are less ready to inline that; so small
//!             things in the middle of loops are marked `inline` for it: without,
//!             queries took 0.9 % more instructions, with it 0.1 % less than
//!             before there was any trace. Recording, eight bytes a block and a
//!             few nanoseconds an event
//! Left out    a counter in each list that is always there: an addition a block
//!             is cheap, but nobody needs it, and there would be a place for it
//!             in a struct whose size matters
//! Next        [`crate::evaluation`]: whether what was found is any good

use super::xray::{Depth, ListXray, Way, Xray};
use crate::index::{Part, Snapshot};
use crate::segment::PostingList;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is told about an answer in the making.
pub(super) trait Trace: Copy + Send + Sync {
    type List: ListTrace;

    /// Whether anybody hears it: what isn't read at all need not be told to nobody.
    const LISTENS: bool = true;

    /// A list is going to be read.
    fn list(self, part: &Part, field: &str, term: &str, list: &PostingList) -> Self::List;

    /// This way is gone from here on.
    fn way(self, _: Way) {}

    /// The same, for whoever begins a part anew: thresholds are told in the order of
    /// documents, so its own aren't.
    fn aside(self) -> Self {
        self
    }

    /// From this document of the snapshot on, hits must score more than this.
    fn threshold(self, _document: u32, _threshold: f32) {}

    /// The same for a part that isn't the next one: what was told of the one
    /// before holds no more.
    fn enter(self, _part: &Part, _threshold: f32) {}

    /// A window was looked at, or passed over by its bounds.
    fn window(self, _passed_over: bool) {}

    /// A list of so many blocks was decoded from end to end, for a set.
    fn whole(self, _blocks: usize) {}
}

/// What is told about one list.
pub(super) trait ListTrace: Send {
    /// A block was looked into so deeply, if not deeper.
    fn reached(&self, _block: usize, _depth: Depth) {}

    /// The ceilings of some blocks were compared.
    fn ceilings(&self, _blocks: Range<usize>) {}

    /// The documents of a block were decoded.
    fn decoded(&self, _block: usize) {}

    /// So many documents were looked up.
    fn looked_up(&self, _documents: usize) {}

    /// So many scores were worked out.
    fn scored(&self, _postings: usize) {}

    /// So many champions were scored.
    fn champions(&self, _count: usize) {}

    /// So many positions were read.
    fn positions(&self, _count: u32) {}
}

/// Nobody listens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Silent;

impl ListTrace for Silent {}

impl Trace for Silent {
    type List = Self;

    const LISTENS: bool = false;

    #[inline(always)]
    fn list(self, _: &Part, _: &str, _: &str, _: &PostingList) -> Self {
        self
    }
}

/// What has been counted so far.
pub(super) struct Recorder(Mutex<Xray>);

impl Recorder {
    pub(super) fn new(snapshot: &Snapshot) -> Self {
        let last = snapshot.parts().last();
        let documents = last.map_or(0, |part| part.base + part.segment.documents());
        Self(Mutex::new(Xray {
            documents,
            ..Xray::default()
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Xray> {
        // Counters are never half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything in the order of documents, whenever it was told.
    pub(super) fn finish(self) -> Xray {
        let mut xray = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Xray { ways, lists, .. } = &mut xray;
        let number = |way: Way| ways.iter().position(|other| *other == way);
        lists.sort_by_key(|list| (number(list.way), list.segment));
        let thresholds = &mut xray.thresholds;
        thresholds.sort_by_key(|(document, _)| *document);
        let mut before = 0.0;
        thresholds
            .retain(|(_, threshold)| std::mem::replace(&mut before, *threshold) != *threshold);
        xray
    }
}

/// Writes down what it is told.
#[derive(Clone, Copy)]
pub(super) struct Recording<'r> {
    recorder: &'r Recorder,
    aside: bool,
}

impl<'r> Recording<'r> {
    pub(super) fn new(recorder: &'r Recorder) -> Self {
        Self {
            recorder,
            aside: false,
        }
    }
}

/// The steps of a threshold that are kept; of more, every second.
const STEPS_MAX: usize = 512;

impl<'r> Trace for Recording<'r> {
    type List = RecordingList<'r>;

    fn list(self, part: &Part, field: &str, term: &str, list: &PostingList) -> RecordingList<'r> {
        let way = self.recorder.lock().ways.last().copied();
        let last = |block| (list.last_document(block), Depth::Untouched);
        RecordingList {
            recorder: self.recorder,
            list: RefCell::new(ListXray {
                way: way.unwrap_or_default(),
                segment: part.number,
                first_document: part.base,
                segment_documents: part.segment.documents(),
                field: field.to_owned(),
                term: term.to_owned(),
                documents: list.document_frequency(),
                reached: (0..list.block_count()).map(last).collect(),
                ..ListXray::default()
            }),
        }
    }

    fn way(self, way: Way) {
        let mut xray = self.recorder.lock();
        if xray.ways.last() != Some(&way) {
            xray.ways.push(way);
        }
    }

    fn aside(self) -> Self {
        Self {
            aside: true,
            ..self
        }
    }

    fn threshold(self, document: u32, threshold: f32) {
        if self.aside || threshold < 0.0 {
            return;
        }
        let steps = &mut self.recorder.lock().thresholds;
        if steps.last().is_some_and(|(_, before)| *before >= threshold) {
            return;
        }
        push(steps, (document, threshold));
    }

    fn enter(self, part: &Part, threshold: f32) {
        if !self.aside {
            let steps = &mut self.recorder.lock().thresholds;
            push(steps, (part.base, threshold.max(0.0)));
        }
    }

    fn window(self, passed_over: bool) {
        let windows = &mut self.recorder.lock().windows;
        match passed_over {
            true => windows.passed_over += 1,
            false => windows.looked_at += 1,
        }
    }

    fn whole(self, blocks: usize) {
        let sets = &mut self.recorder.lock().sets;
        sets.lists += 1;
        sets.blocks += blocks as u64;
    }
}

fn push(steps: &mut Vec<(u32, f32)>, step: (u32, f32)) {
    if steps.len() >= STEPS_MAX {
        let mut number = 0;
        steps.retain(|_| {
            number += 1;
            number % 2 == 1
        });
    }
    steps.push(step);
}

/// A list that is being read, under observation.
pub(super) struct RecordingList<'r> {
    recorder: &'r Recorder,
    list: RefCell<ListXray>,
}

impl Drop for RecordingList<'_> {
    fn drop(&mut self) {
        let list = self.list.take();
        self.recorder.lock().lists.push(list);
    }
}

impl ListTrace for RecordingList<'_> {
    fn reached(&self, block: usize, depth: Depth) {
        // Past the last block there is nothing to be reached.
        if let Some((_, deepest)) = self.list.borrow_mut().reached.get_mut(block) {
            *deepest = depth.max(*deepest);
        }
    }

    fn ceilings(&self, blocks: Range<usize>) {
        blocks.for_each(|block| self.reached(block, Depth::Ceiling));
    }

    fn decoded(&self, block: usize) {
        self.reached(block, Depth::Documents);
        self.list.borrow_mut().decodings += 1;
    }

    fn looked_up(&self, documents: usize) {
        self.list.borrow_mut().looked_up += documents as u64;
    }

    fn scored(&self, postings: usize) {
        self.list.borrow_mut().scored += postings as u64;
    }

    fn champions(&self, count: usize) {
        self.scored(count);
        self.list.borrow_mut().champions += count as u64;
    }

    fn positions(&self, count: u32) {
        self.list.borrow_mut().positions += u64::from(count);
    }
}
