//! # Lists: several at work, in one part after the other
//!
//! Idea        a list at work is mostly room for a decoded block, a kilobyte. What
//!             asks many parts makes it once: in the next part the same room
//!             serves other lists
//! Invariants  (1) nothing that is said of a list comes from another that had the
//!             room before: whatever is read from it has been decoded since
//! Cost        nothing is allocated but in the part that has more of the terms
//!             than any before it
//! Next        `phrase.rs`, `set.rs`

use super::{Bounds, TermExec};
use crate::error::Result;
use crate::index::Part;
use crate::search::plan::TermNode;
use crate::search::trace::{Silent, Trace};
use std::ops::{Deref, DerefMut};

/// Lists of one part, in the order in which they came.
pub(in crate::search) struct Lists<'a, T: Trace = Silent> {
    /// Those that there are, and rooms that nobody uses.
    all: Vec<TermExec<'a, T>>,
    len: usize,
    bounds: Bounds,
}

impl<'a, T: Trace> Lists<'a, T> {
    /// None so far, and room for that many.
    pub(in crate::search) fn room_for(count: usize) -> Self {
        Self {
            all: Vec::with_capacity(count),
            len: 0,
            bounds: Bounds::Wanted,
        }
    }

    /// The same; and nobody asks at once what they score at most.
    pub(in crate::search) fn unbounded(count: usize) -> Self {
        Self {
            bounds: Bounds::Unwanted,
            ..Self::room_for(count)
        }
    }

    pub(in crate::search) fn clear(&mut self) {
        if T::LISTENS {
            // What was heard of a list is told when that is let go.
            self.all.clear();
        }
        self.len = 0;
    }

    /// Adds the list of a term, if the part has it; says whether it has.
    pub(in crate::search) fn add(
        &mut self,
        part: &'a Part,
        node: &'a TermNode,
        trace: T,
    ) -> Result<bool> {
        let has = match self.all.get_mut(self.len) {
            Some(room) => {
                let name = (node.field.as_str(), node.term.as_str());
                room.enter(part, name, 0, &node.weight, self.bounds, trace)?
            }
            None => {
                let exec = TermExec::of(part, node, self.bounds, trace)?;
                let has = exec.is_some();
                self.all.extend(exec);
                has
            }
        };
        self.len += usize::from(has);
        Ok(has)
    }
}

impl<'a, T: Trace> Deref for Lists<'a, T> {
    type Target = [TermExec<'a, T>];

    fn deref(&self) -> &Self::Target {
        &self.all[..self.len]
    }
}

impl<T: Trace> DerefMut for Lists<'_, T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.all[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Query;
    use crate::search::known::Known;
    use crate::search::plan::{Choices, Node, Planner};
    use crate::search::tests::index;

    /// Invariant (1): long lists, tails and lists that a part hasn't, in one room
    /// after the other, each in the state in which the last was left.
    #[test]
    fn who_had_the_room_before_is_forgotten() {
        let index = index(6_000, 3, 5, 0);
        let searcher = index.searcher().unwrap();
        let (known, choices) = (Known::default(), Choices::default());
        let mut planner = Planner::new(searcher.snapshot(), &known, &choices).unwrap();
        let words = ["w0", "w127", "w1", "w90", "w5", "absent", "w33"];
        let nodes = words.map(|word| planner.plan(&Query::term(word)).unwrap().unwrap());
        let (mut lists, mut lacking) = (Lists::room_for(0), 0);
        for part in searcher.snapshot().parts() {
            for first in 0..nodes.len() {
                lists.clear();
                for node in nodes[first..].iter().chain(&nodes[..first]) {
                    let Node::Term(node) = node else {
                        panic!("a word is a term, found {node:?}");
                    };
                    let fresh = TermExec::of(part, node, Bounds::Wanted, Silent).unwrap();
                    let has = lists.add(part, node, Silent).unwrap();
                    assert_eq!(has, fresh.is_some());
                    let Some(mut fresh) = fresh else {
                        lacking += 1;
                        continue;
                    };
                    let list = lists.last_mut().unwrap();
                    assert_eq!(list.list_bound(), fresh.list_bound());
                    assert_eq!(list.floor(10), fresh.floor(10));
                    for block in (0..list.list().block_count()).rev() {
                        assert_eq!(list.block_bound(block), fresh.block_bound(block));
                        assert_eq!(list.ceiling_bound(block), fresh.ceiling_bound(block));
                        let both = list.load_both(block).unwrap();
                        assert_eq!(both, fresh.load_both(block).unwrap());
                        assert!(!both.0.is_empty());
                        let padded = fresh.load_padded(block).unwrap();
                        assert_eq!(list.load_padded(block).unwrap(), padded);
                    }
                    for document in (0..part.segment.documents()).step_by(7) {
                        let found = list.find(document).unwrap();
                        assert_eq!(found, fresh.find(document).unwrap());
                        if found {
                            let score = fresh.score_found().unwrap();
                            assert_eq!(list.score_found().unwrap(), score);
                        }
                    }
                }
            }
        }
        assert!(lacking > 0, "every part has every word");
    }
}
