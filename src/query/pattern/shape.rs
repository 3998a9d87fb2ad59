//! # Shapes: what patterns are made of
//!
//! Idea        however it is written, a pattern is characters in a row, one of several, or
//!             one again and again
//! Example     `colou?r` is a row of six, of which the fifth is there at most once
//! Next        `regex.rs`, which reads them

use crate::query::automaton::{predecessor, successor};

/// Characters that follow one another, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    pub(super) first: char,
    pub(super) last: char,
}

const ANY: Range = Range {
    first: '\0',
    last: char::MAX,
};

/// A part of an expression.
#[derive(Debug)]
pub(super) enum Shape {
    /// One character of these.
    Class(Vec<Range>),
    /// One after another.
    Sequence(Vec<Shape>),
    /// One of these.
    Choice(Vec<Shape>),
    /// At least so many times, and at most; `None` is without end.
    Repeat(Box<Shape>, u32, Option<u32>),
}

impl Shape {
    /// This character and no other.
    pub(super) fn character(c: char) -> Self {
        Self::Class(vec![Range { first: c, last: c }])
    }

    pub(super) fn any_character() -> Self {
        Self::Class(vec![ANY])
    }
}

/// The same characters in order, none in two of the ranges.
pub(super) fn merged(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    let mut merged: Vec<Range> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.first <= last.last => last.last = last.last.max(range.last),
            _ => merged.push(range),
        }
    }
    merged
}

/// All characters but these, which are in order.
pub(super) fn all_but(ranges: &[Range]) -> Vec<Range> {
    let (mut others, mut next) = (Vec::new(), Some(ANY.first));
    for range in ranges {
        let before = predecessor(range.first);
        if let (Some(first), Some(last)) = (next, before)
            && first <= last
        {
            others.push(Range { first, last });
        }
        next = successor(range.last);
    }
    let last = ANY.last;
    others.extend(next.map(|first| Range { first, last }));
    others
}
