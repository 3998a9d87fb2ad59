//! # Shapes: what patterns are made of
//!
//! Idea        however it is written, a pattern is characters in a row, one of several, or
//!             one again and again
//! Example     `colou?r` is a row of six, of which the fifth is there at most once
//! Next        `regex.rs`, which reads them

use super::successor;

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
    /// At least so many times, and at most.
    Repeat(Box<Shape>, u32, Option<u32>),
}

/// A part of a text with wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WildcardPart {
    /// These characters.
    Text(String),
    /// Any one.
    One,
    /// Any number of any.
    Many,
}

/// Takes a text with wildcards apart: `?` is any character, `*` any number of them; a
/// backslash makes the next a character like others.
pub(crate) fn wildcard_parts(text: &str) -> Vec<WildcardPart> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        let part = match c {
            '?' => WildcardPart::One,
            '*' => WildcardPart::Many,
            '\\' => {
                plain.push(characters.next().unwrap_or(c));
                continue;
            }
            c => {
                plain.push(c);
                continue;
            }
        };
        if !plain.is_empty() {
            parts.push(WildcardPart::Text(std::mem::take(&mut plain)));
        }
        // Several are no more than one.
        if part == WildcardPart::One || parts.last() != Some(&part) {
            parts.push(part);
        }
    }
    if !plain.is_empty() {
        parts.push(WildcardPart::Text(plain));
    }
    parts
}

impl Shape {
    /// This character and no other.
    pub(super) fn character(c: char) -> Self {
        Self::Class(vec![Range { first: c, last: c }])
    }

    pub(super) fn any_character() -> Self {
        Self::Class(vec![ANY])
    }

    pub(super) fn of_wildcard(parts: &[WildcardPart]) -> Self {
        let mut row = Vec::new();
        for part in parts {
            match part {
                WildcardPart::Text(text) => row.extend(text.chars().map(Self::character)),
                WildcardPart::One => row.push(Self::any_character()),
                WildcardPart::Many => {
                    row.push(Self::Repeat(Box::new(Self::any_character()), 0, None));
                }
            }
        }
        Self::Sequence(row)
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

/// The character before this one.
pub(super) fn predecessor(c: char) -> Option<char> {
    ('\0'..c).next_back()
}
