use super::*;
use crate::index::Index;
use crate::query::Query;
use crate::search::known::Known;
use crate::search::limits::Deadline;
use crate::search::plan::{Choices, Planner};
use crate::search::tests::{index, index_of};
use crate::search::trace::ListTrace;
use crate::search::xray::Depth;
use crate::segment::PostingList;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Another core, that raises the shared floor at a certain moment: at event number
/// `moment`. Events are all that a trace is told.
#[derive(Clone, Copy)]
struct Meddler<'a> {
    floor: &'a Floor,
    to: f32,
    moment: usize,
    events: &'a AtomicUsize,
}

impl Meddler<'_> {
    fn event(&self) {
        if self.events.fetch_add(1, Ordering::Relaxed) == self.moment {
            self.floor.raise(self.to);
        }
    }
}

impl Trace for Meddler<'_> {
    type List = Self;

    fn list(self, _: &Part, _: &str, _: &str, _: &PostingList) -> Self {
        self
    }

    fn threshold(self, _: u32, _: f32) {
        self.event();
    }

    fn window(self, _: bool) {
        self.event();
    }
}

impl ListTrace for Meddler<'_> {
    fn reached(&self, _: usize, _: Depth) {
        self.event();
    }

    fn ceilings(&self, _: Range<usize>) {
        self.event();
    }

    fn decoded(&self, _: usize) {
        self.event();
    }

    fn looked_up(&self, _: usize) {
        self.event();
    }

    fn scored(&self, _: usize) {
        self.event();
    }

    fn positions(&self, _: u32) {
        self.event();
    }
}

/// What one core finds, if another raises the floor to `to` at event number
/// `moment`; and how many events there were.
fn meddled_with(
    snapshot: &Snapshot,
    question: &Question,
    pruning: Pruning,
    (to, moment): (f32, usize),
) -> (Vec<Scored>, usize) {
    let (floor, events) = (Floor::new(), AtomicUsize::new(0));
    let trace = Meddler {
        floor: &floor,
        to,
        moment,
        events: &events,
    };
    let stretch = Stretch {
        limit: 10,
        after: None,
    };
    let mut goal = Goal::new(stretch, pruning, Some(&floor), Deadline::default(), trace);
    let mut room = Room::of(&question.shape);
    for part in snapshot.parts() {
        in_part(part, question, &mut room, &mut goal).unwrap();
    }
    let (hits, _) = goal.finish(question.has_conditions());
    (hits, events.into_inner())
}

/// Whenever others have found ten better documents than a run's own, between
/// whichever two steps of it, its hits among the best ten stay what they are.
#[test]
fn the_floor_may_rise_at_any_moment() {
    let one_field = index(12_000, 5, 2, 0);
    let queries = [
        "w5",
        "w3 w60",
        "w0 w9 w100",
        "+w3 +w60",
        "+w0 +w2 +w9",
        "\"w2 w1\"",
        "w9 -w3",
        "+w5 +w9 -w60",
        "\"w0 w1\" -w3",
        "+w2 w60",
        "+w60 w2 w9",
    ];
    the_floor_may_rise(&one_field, &queries);
    let three_fields = index_of(&["title", "body", "notes"], 6_000, 5, 2, 0);
    let queries = [
        "+w3 +w60",
        "+w0 +w2 +w9",
        "+w5 w9 -w60",
        "+w1 +body:w4",
        "\"w0 w1\"",
    ];
    the_floor_may_rise(&three_fields, &queries);
}

fn the_floor_may_rise(index: &Index, queries: &[&str]) {
    let searcher = index.searcher().unwrap();
    let snapshot = searcher.snapshot();
    let (known, choices) = (Known::default(), Choices::default());
    for query in queries {
        let query = Query::parse(query).query;
        let mut planner = Planner::new(snapshot, &known, &choices).unwrap();
        let node = planner.plan(&query).unwrap().unwrap();
        let question = Question::of(&node).unwrap();
        assert!(is_open(&question, 10), "{query}");
        let counted = can_count(&question).then_some(Pruning::Off);
        for pruning in [Pruning::Allowed].into_iter().chain(counted) {
            let undisturbed = (-1.0, usize::MAX);
            let (hits, events) = meddled_with(snapshot, &question, pruning, undisturbed);
            assert_eq!(hits.len(), 10, "{query}");
            // Ten documents score more than this, as a floor says.
            let to = hits[9].score.next_down();
            assert!(events > 20, "{query}: {events}");
            for moment in (0..events).step_by(events.div_ceil(400)) {
                let (found, _) = meddled_with(snapshot, &question, pruning, (to, moment));
                assert_eq!(
                    found, hits,
                    "{query}, {pruning:?}: the floor rose at {moment}"
                );
            }
        }
    }
}
