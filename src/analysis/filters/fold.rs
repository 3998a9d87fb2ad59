//! # Folding: Latin letters without their marks
//!
//! People type `cafe` for *café* and `Lodz` for *Łódź*.
//!
//! Idea        Unicode decomposes most such letters into a plain one and its
//!             marks: keep the plain one. A table has those that it doesn't
//!             decompose, being letters of their own to it
//! Example     `naïve` → `naive`; `Straße` → `Strasse`; `øre` → `ore`
//! Invariants  (1) only what is Latin changes: a mark goes only if it sits on a
//!             letter that has become ASCII, so `が`, `й` and `ά` stay whole
//!             (2) folding twice is folding once
//! Cost        nothing for ASCII; a decomposition per character otherwise
//! Left out    transliteration of other scripts
//! Next        [`super::apostrophe`]

use unicode_normalization::char::decompose_compatible;

use super::{Filter, with_buffer};

/// Folds Latin letters to ASCII.
#[derive(Debug)]
pub(super) struct Fold;

impl Filter for Fold {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        if term.is_ascii() {
            return emit(term);
        }
        with_buffer(|buffer| {
            let mut is_latin = false;
            for c in term.chars() {
                if is_mark(c) && is_latin {
                    continue;
                }
                is_latin = fold(c, buffer);
                if !is_latin {
                    buffer.push(c);
                }
            }
            emit(buffer);
        });
    }
}

/// Writes what `c` is in ASCII, if it is something.
fn fold(c: char, buffer: &mut String) -> bool {
    if c.is_ascii() {
        buffer.push(c);
        return true;
    }
    let before = buffer.len();
    let mut is_latin = true;
    decompose_compatible(c, |part| {
        if part.is_ascii() {
            buffer.push(part);
        } else if let Ok(at) = LETTERS.binary_search_by_key(&part, |&(letter, _)| letter) {
            buffer.push_str(LETTERS[at].1);
        } else if !is_mark(part) {
            is_latin = false;
        }
    });
    // A mark alone, or something like `ή`, which has a mark but no Latin letter.
    is_latin &= buffer.len() > before;
    if !is_latin {
        buffer.truncate(before);
    }
    is_latin
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

/// Letters that have no decomposition, and what they are in ASCII; ascending.
const LETTERS: &[(char, &str)] = &[
    ('Æ', "AE"),
    ('Ð', "D"),
    ('×', "x"),
    ('Ø', "O"),
    ('Þ', "TH"),
    ('ß', "ss"),
    ('æ', "ae"),
    ('ð', "d"),
    ('ø', "o"),
    ('þ', "th"),
    ('Đ', "D"),
    ('đ', "d"),
    ('Ħ', "H"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ĸ', "q"),
    ('Ł', "L"),
    ('ł', "l"),
    ('Ŋ', "N"),
    ('ŋ', "n"),
    ('Œ', "OE"),
    ('œ', "oe"),
    ('Ŧ', "T"),
    ('ŧ', "t"),
    ('ƀ', "b"),
    ('Ɓ', "B"),
    ('Ƃ', "B"),
    ('ƃ', "b"),
    ('Ɔ', "O"),
    ('Ƈ', "C"),
    ('ƈ', "c"),
    ('Ɖ', "D"),
    ('Ɗ', "D"),
    ('Ƌ', "D"),
    ('ƌ', "d"),
    ('Ǝ', "E"),
    ('Ə', "E"),
    ('Ɛ', "E"),
    ('Ƒ', "F"),
    ('ƒ', "f"),
    ('Ɠ', "G"),
    ('ƕ', "hv"),
    ('Ɩ', "I"),
    ('Ɨ', "I"),
    ('Ƙ', "K"),
    ('ƙ', "k"),
    ('ƚ', "l"),
    ('Ɯ', "M"),
    ('Ɲ', "N"),
    ('ƞ', "n"),
    ('Ƥ', "P"),
    ('ƥ', "p"),
    ('ƫ', "t"),
    ('Ƭ', "T"),
    ('ƭ', "t"),
    ('Ʈ', "T"),
    ('Ʋ', "V"),
    ('Ƴ', "Y"),
    ('ƴ', "y"),
    ('Ƶ', "Z"),
    ('ƶ', "z"),
    ('ǝ', "e"),
    ('Ǥ', "G"),
    ('ǥ', "g"),
    ('Ƕ', "HV"),
    ('ȡ', "d"),
    ('Ȥ', "Z"),
    ('ȥ', "z"),
    ('ȴ', "l"),
    ('ȵ', "n"),
    ('ȶ', "t"),
    ('ȷ', "j"),
    ('ȸ', "db"),
    ('ȹ', "qp"),
    ('Ⱥ', "A"),
    ('Ȼ', "C"),
    ('ȼ', "c"),
    ('Ƚ', "L"),
    ('Ⱦ', "T"),
    ('ȿ', "s"),
    ('ɀ', "z"),
    ('Ƀ', "B"),
    ('Ʉ', "U"),
    ('Ɇ', "E"),
    ('ɇ', "e"),
    ('Ɉ', "J"),
    ('ɉ', "j"),
    ('Ɍ', "R"),
    ('ɍ', "r"),
    ('Ɏ', "Y"),
    ('ɏ', "y"),
    ('ɓ', "b"),
    ('ɔ', "o"),
    ('ɖ', "d"),
    ('ɗ', "d"),
    ('ə', "e"),
    ('ɛ', "e"),
    ('ɠ', "g"),
    ('ɨ', "i"),
    ('ɫ', "l"),
    ('ɲ', "n"),
    ('ɵ', "o"),
    ('ʈ', "t"),
    ('ʉ', "u"),
    ('ʋ', "v"),
    ('ẜ', "s"),
    ('ẝ', "s"),
    ('ẞ', "SS"),
    ('‐', "-"),
    ('‘', "'"),
    ('’', "'"),
    ('“', "\""),
    ('”', "\""),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(term: &str) -> String {
        let mut out = String::new();
        Fold.apply(term, &mut |term| out.push_str(term));
        out
    }

    #[test]
    fn the_table_ascends() {
        assert!(LETTERS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn latin_loses_its_marks_and_nothing_else_does() {
        for (term, expected) in [
            ("naïve", "naive"),
            ("nai\u{308}ve", "naive"),
            ("Straße", "Strasse"),
            ("Łódź", "Lodz"),
            ("Ærøskøbing", "AEroskobing"),
            ("þórr", "thorr"),
            ("ǿ", "o"),
            ("Việt", "Viet"),
            ("ﬁne", "fine"),
            ("Ｔｅｓｔ", "Test"),
            ("x²", "x2"),
            ("ガが", "ガが"),
            ("мой", "мой"),
            ("ά", "ά"),
            ("한국", "한국"),
            ("हिन्दी", "हिन्दी"),
            ("e\u{301}ά\u{301}", "eά\u{301}"),
        ] {
            assert_eq!(folded(term), expected, "{term}");
            assert_eq!(folded(expected), expected, "{term}, twice");
        }
    }
}
