//! # Wildcards: the simpler way to write a pattern
//!
//! Idea        most of what one wants to leave open is a character, or any number of any
//! Example     `c?t*` is three parts of text, one and many: c, any, t, any again and again
//! Next        [`crate::search`]; in `search/walk.rs` a dictionary is walked by a pattern

use super::shape::Shape;

/// A part of a text with wildcards.
#[derive(Debug, PartialEq, Eq)]
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
        // Stars in a row are one.
        if part == WildcardPart::One || parts.last() != Some(&part) {
            parts.push(part);
        }
    }
    if !plain.is_empty() {
        parts.push(WildcardPart::Text(plain));
    }
    parts
}

/// What these parts describe.
pub(super) fn shape_of(parts: &[WildcardPart]) -> Shape {
    let mut row = Vec::new();
    for part in parts {
        match part {
            WildcardPart::Text(text) => row.extend(text.chars().map(Shape::character)),
            WildcardPart::One => row.push(Shape::any_character()),
            WildcardPart::Many => {
                row.push(Shape::Repeat(Box::new(Shape::any_character()), 0, None));
            }
        }
    }
    Shape::Sequence(row)
}
