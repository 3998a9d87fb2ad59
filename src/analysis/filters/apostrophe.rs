//! # Apostrophes: what a word's apostrophe sets off
//!
//! A word keeps its apostrophe when text is cut: `dog's`, `l'eau`, `İzmir'de`
//! are one token each. What is meant is the dog, the water, the city.
//!
//! Idea        each language sets something else off. English, the possessive
//!             after it; French and Italian, an article or pronoun before it;
//!             Turkish, the endings of a name after it
//! Example     `dog's` → `dog`; `l'eau` → `eau`; `izmir'de` → `izmir`
//! Invariants  something is always left: `'s` alone stays as it is
//! Left out    `n't`, `'ll`: the stop words and stemmers know them
//! Next        [`super::spelling`]

use super::{super::Language, Filter};

/// Drops what an apostrophe sets off.
#[derive(Debug)]
pub(super) struct Apostrophes(pub(super) Language);

/// Whether the filter does anything in this language.
pub(in crate::analysis) fn has_apostrophes(language: Language) -> bool {
    use Language::{English, French, Italian, Turkish};
    matches!(language, English | French | Italian | Turkish)
}

/// What comes before an apostrophe without being the word, in lower case.
const FRENCH: &[&str] = &[
    "c", "d", "j", "jusqu", "l", "lorsqu", "m", "n", "puisqu", "qu", "quoiqu", "s", "t",
];
const ITALIAN: &[&str] = &[
    "agl", "all", "c", "coll", "d", "dagl", "dall", "degl", "dell", "gl", "l", "m", "negl", "nell",
    "pell", "quell", "quest", "s", "sugl", "sull", "t", "un", "v",
];

impl Filter for Apostrophes {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        emit(bare(self.0, term));
    }
}

fn bare(language: Language, term: &str) -> &str {
    let is_apostrophe = |c| matches!(c, '\'' | '’' | 'ʼ' | '＇');
    let rest = match language {
        Language::English => term
            .strip_suffix(['s', 'S'])
            .and_then(|rest| rest.strip_suffix(is_apostrophe)),
        Language::French | Language::Italian => {
            let elided = if language == Language::French {
                FRENCH
            } else {
                ITALIAN
            };
            term.split_once(is_apostrophe)
                .filter(|(before, _)| elided.contains(before))
                .map(|(_, rest)| rest)
        }
        Language::Turkish => term.split_once(is_apostrophe).map(|(rest, _)| rest),
        _ => None,
    };
    rest.filter(|rest| !rest.is_empty()).unwrap_or(term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own() {
        use Language::{English, French, German, Italian, Turkish};
        for (language, term, expected) in [
            (English, "dog's", "dog"),
            (English, "dog’s", "dog"),
            (English, "dogs'", "dogs'"),
            (English, "'s", "'s"),
            (English, "s", "s"),
            (French, "l'eau", "eau"),
            (French, "qu’il", "il"),
            (French, "aujourd'hui", "aujourd'hui"),
            (French, "l'", "l'"),
            (Italian, "dell'arte", "arte"),
            (Turkish, "izmir'de", "izmir"),
            (Turkish, "'de", "'de"),
            (German, "geht's", "geht's"),
        ] {
            assert_eq!(bare(language, term), expected, "{language:?}");
        }
    }
}
