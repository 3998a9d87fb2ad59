//! # Normalizing: one way of writing what looks the same
//!
//! Texts come from keyboards, typesetters and web pages. These write `é` as one character
//! or as two, `O'Brien` with the one apostrophe or the other, and put into words what
//! nobody sees: where they may be hyphenated, in which direction they run.
//!
//! Idea        Unicode's form NFKC, where one sequence of characters stands for all that
//!             look alike, but for two things that it leaves: what isn't seen goes, and
//!             of the apostrophes one stands for all
//! Example     `e` and an accent → `é`; `ﬁn` → `fin`; `hy\u{ad}phen` → `hyphen`;
//!             `O’Brien` → `O'Brien`
//! Invariants  (1) normalizing twice is normalizing once
//! Cost        nothing for ASCII and for most letters of most texts; else a look at
//!             Unicode's tables for each character
//! Left out    quotation marks and dashes: no word has them
//! Paper       Unicode Standard Annex #15; NFKC_Casefold in the Unicode Character Database
//!             leaves out the same characters
//! Next        [`super::case`]

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::{Filter, with_buffer};

/// NFKC, without what isn't seen, and with one apostrophe.
#[derive(Debug)]
pub(super) struct Normalize;

impl Filter for Normalize {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        let stays = |c| !is_unseen(c) && !is_typeset_apostrophe(c);
        if term.is_ascii()
            || term.chars().all(is_settled)
            || is_nfkc_quick(term.chars()) == IsNormalized::Yes && term.chars().all(stays)
        {
            return emit(term);
        }
        with_buffer(|buffer| {
            let seen = term.chars().filter(|c| !is_unseen(*c));
            // Afterwards, as some letters contain an apostrophe.
            buffer.extend(seen.nfkc().map(|c| match is_typeset_apostrophe(c) {
                true => '\'',
                false => c,
            }));
            emit(buffer);
        });
    }
}

/// Whether `c` stays as it is whatever is beside it that does so too: most of most
/// texts, and quicker to tell than by Unicode's tables.
fn is_settled(c: char) -> bool {
    matches!(c,
        '\0'..='\x7F'
        | 'À'..='ÿ'
        | 'Ѐ'..='ҁ'
        | 'ぁ'..='ゖ'
        | 'ァ'..='ヺ'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '가'..='힣')
}

/// An apostrophe that isn't the keyboard's, within a word.
fn is_typeset_apostrophe(c: char) -> bool {
    matches!(c, '’' | 'ʼ')
}

/// What Unicode calls default ignorable: soft hyphens, joiners, marks of direction,
/// selectors of variants. The rule for words has them stay with the letter before.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{115F}'..='\u{1160}'
        | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFF8}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normalized(term: &str) -> String {
        let mut normal = String::new();
        Normalize.apply(term, &mut |term| normal.push_str(term));
        normal
    }

    #[test]
    fn what_is_settled_stays() {
        for c in ('\0'..=char::MAX).filter(|&c| is_settled(c)) {
            assert_eq!(is_nfkc_quick([c].into_iter()), IsNormalized::Yes, "{c:?}");
            assert!(!is_unseen(c) && !is_typeset_apostrophe(c), "{c:?}");
        }
    }

    #[test]
    fn words_that_look_alike_are_one() {
        for (written, normal) in [
            ("cafe\u{301}", "café"),
            ("ﬁnance", "finance"),
            ("O’Brien", "O'Brien"),
            ("об\u{2bc}єкт", "об'єкт"),
            ("O＇Brien", "O'Brien"),
            ("ŉ", "'n"),
            ("Do\u{ad}nau\u{ad}dampf", "Donaudampf"),
            ("word\u{200f}", "word"),
            ("می\u{200c}خواهم", "میخواهم"),
            ("葛\u{e0100}城", "葛城"),
            ("e\u{ad}\u{301}", "é"),
        ] {
            assert_eq!(normalized(written), normal, "{written:?}");
        }
    }

    proptest! {
        #[test]
        fn twice_is_once(term in "[a-zé’ʼ'\u{ad}\u{301}\u{200d}\u{ff07}\u{149}\u{ffa0}]{0,6}|.{0,6}") {
            let once = normalized(&term);
            prop_assert!(once.chars().all(|c| !is_unseen(c) && !is_typeset_apostrophe(c)));
            prop_assert_eq!(normalized(&once), once);
        }
    }
}
