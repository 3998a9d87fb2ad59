//! # Lower case
//!
//! Idea        character by character, each by itself, so that a word's
//!             beginning is the beginning of its lower case (prefix queries rely
//!             on it)
//! Example     `ΟΔΟΣ` and `οδος` → `οδοσ`: the final sigma is an ordinary one
//!             here, since whether it is final is no matter of meaning
//! Invariants  what is in lower case already passes without a copy
//! Left out    case folding, under which `ß` is `ss`; [`super::fold`] does that
//! Next        [`super::fold`]

use super::{Filter, with_buffer};

/// Lower case in all scripts.
#[derive(Debug)]
pub(super) struct Lowercase;

impl Filter for Lowercase {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        lower(term, |_| None, emit);
    }
}

/// The same, but for the two letters that Turkish has and others share: dotted
/// and dotless i are different letters, each with both cases.
#[derive(Debug)]
pub(super) struct TurkishLowercase;

impl Filter for TurkishLowercase {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        let special = |c| match c {
            'I' => Some('ı'),
            'İ' => Some('i'),
            _ => None,
        };
        lower(term, special, emit);
    }
}

fn lower(term: &str, special: impl Fn(char) -> Option<char>, emit: &mut dyn FnMut(&str)) {
    if term.is_ascii() {
        if !term.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return emit(term);
        }
    } else if term.chars().all(|c| c != 'ς' && is_lower(c)) {
        return emit(term);
    }
    with_buffer(|buffer| {
        for c in term.chars() {
            match (special(c), c) {
                (Some(lower), _) => buffer.push(lower),
                (None, 'ς') => buffer.push('σ'),
                (None, _) if c.is_ascii() => buffer.push(c.to_ascii_lowercase()),
                (None, _) => buffer.extend(c.to_lowercase()),
            }
        }
        emit(buffer);
    });
}

/// Whether lower-casing leaves `c` as it is.
fn is_lower(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_uppercase();
    }
    if matches!(c, '\u{2E80}'..='\u{A63F}' | '\u{AC00}'..='\u{D7FF}') {
        return true; // East Asian scripts have no case.
    }
    let mut lower = c.to_lowercase();
    lower.next() == Some(c) && lower.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_is_its_own_lower_case_or_has_another() {
        for c in '\0'..=char::MAX {
            let is_same = c.to_lowercase().eq([c]);
            assert_eq!(is_lower(c), is_same, "{c:?}");
        }
    }

    #[test]
    fn final_sigma_and_turkish() {
        for (filter, term, expected) in [
            (&Lowercase as &dyn Filter, "ΟΔΟΣ", "οδοσ"),
            (&Lowercase, "οδος", "οδοσ"),
            (&Lowercase, "İI", "i\u{307}i"),
            (&Lowercase, "ẞ", "ß"),
            (&TurkishLowercase, "İIŞ", "iış"),
            (&TurkishLowercase, "KIZ", "kız"),
        ] {
            filter.apply(term, &mut |term| assert_eq!(term, expected));
        }
    }
}
