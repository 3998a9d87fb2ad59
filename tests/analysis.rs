//! How does analysis fare on real data: Unicode's own test file, and the
//! vocabularies of Snowball? Both lie beside the crate, in `../shared/data` (or
//! where `WORDHOARD_DATA` says), and are not part of it; where they are missing,
//! these tests say so and pass.

use std::path::PathBuf;

use unicode_segmentation::UnicodeSegmentation;
use wordhoard::analysis::{Analyzer, FilterKind, Language};

/// The text of a file of `../shared/data`.
fn shared(path: &str) -> Option<String> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");
    let folder = std::env::var_os("WORDHOARD_DATA").unwrap_or_else(|| beside.into());
    let file = PathBuf::from(folder).join(path);
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        eprintln!("skipped: there is no {}", file.display());
    }
    text
}

/// Each line of the file shows a text with all its boundaries (`÷`): the words
/// are the pieces that have a letter or a digit.
///
/// The file is Unicode 15.0's, `unicode-segmentation` knows 17.0. One line tells:
/// U+2701, a pair of scissors, is no emoji any more, so a joiner doesn't join it.
#[test]
fn words_are_those_of_the_unicode_test_file() {
    let Some(file) = shared("unicode/WordBreakTest.txt") else {
        return;
    };
    let (mut lines, mut differing) = (0, Vec::new());
    for line in file.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        lines += 1;
        let pieces: Vec<String> = line
            .split('÷')
            .map(|piece| {
                let codes = piece.split(['×', ' ']).filter(|code| !code.is_empty());
                let code = |code| u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
                codes
                    .map(|hex| code(hex).expect("the file has code points"))
                    .collect()
            })
            .collect();
        let text = pieces.concat();
        let mut found = Vec::new();
        Analyzer::plain().tokens(&text, |token| found.push(token.text));
        assert_eq!(found, text.unicode_words().collect::<Vec<_>>(), "{line}");
        let words = pieces
            .iter()
            .filter(|piece| piece.contains(char::is_alphanumeric));
        if !words.eq(found) {
            differing.push(line.to_owned());
        }
    }
    assert_eq!(lines, 1823);
    assert_eq!(differing, ["÷ 0061 × 200D × 2701 ÷"]);
}

/// How many words of a vocabulary have another stem here, and why. A vocabulary
/// of 2021 is nearer to `rust-stemmers`, whose rules are of 2018.
///
/// Everywhere, a word whose stem would be empty stays whole instead.
const VOCABULARIES: [(Language, &str, usize, &str); 26] = [
    (Language::Arabic, "snowball", 0, ""),
    (Language::Danish, "snowball", 0, ""),
    (Language::Dutch, "snowball-2021", 0, ""),
    (
        Language::Dutch,
        "snowball",
        20_897,
        "another algorithm since (Kraaij and Pohlmann)",
    ),
    (Language::English, "snowball-2021", 0, ""),
    (
        Language::English,
        "snowball",
        57,
        "added, ebbing, organic, university… have rules since",
    ),
    (
        Language::Finnish,
        "snowball",
        3,
        "ñ, and é before a vowel's end: coruñassa, elysée, garcía",
    ),
    (
        Language::French,
        "snowball-2021",
        79,
        "ë and ï are vowels since: canoës, égoïsme",
    ),
    (
        Language::French,
        "snowball",
        919,
        "the same, and elisions: d'anciens (ours by a filter)",
    ),
    (Language::German, "snowball-2021", 0, ""),
    (
        Language::German,
        "snowball",
        1_247,
        "-et and -ln are endings since: berichtet, flügeln",
    ),
    (Language::Greek, "snowball", 41, "empty: έως, όταν, ους"),
    (Language::Hungarian, "snowball", 0, ""),
    (Language::Italian, "snowball", 1, "divano has a rule since"),
    (Language::Norwegian, "snowball-2021", 0, ""),
    (
        Language::Norwegian,
        "snowball",
        136,
        "ê, ò, ó, ô are vowels since: hòlet; -sters: asters",
    ),
    (Language::Portuguese, "snowball", 0, ""),
    (Language::Romanian, "snowball", 0, ""),
    (Language::Russian, "snowball", 0, ""),
    (Language::Spanish, "snowball-2021", 0, ""),
    (
        Language::Spanish,
        "snowball",
        9,
        "-cion without an accent since: educacion",
    ),
    (Language::Swedish, "snowball-2021", 0, ""),
    (
        Language::Swedish,
        "snowball",
        553,
        "-et has more rules since: biblioteket",
    ),
    (Language::Tamil, "snowball", 48, "empty: mere endings"),
    (
        Language::Turkish,
        "snowball-2021",
        4,
        "empty: ları, larında, leri, sunuz",
    ),
    (
        Language::Turkish,
        "snowball",
        9_208,
        "apostrophes since: kur'an'ın (ours by a filter)",
    ),
];

#[test]
fn stems_are_those_of_snowball() {
    for (language, edition, expected, why) in VOCABULARIES {
        let name = language.name();
        let Some(file) = shared(&format!("{edition}/{name}.tsv")) else {
            continue;
        };
        // Both sides are spelled alike: `ё` is `е`, commas are cedillas.
        let builder = Analyzer::builder().filter(FilterKind::Spelling(language));
        let spelled = builder.clone().build().expect("a filter");
        let stemmed = builder
            .filter(FilterKind::Stem(language))
            .build()
            .expect("two filters");
        let mut differing = Vec::new();
        for line in file.lines() {
            let (word, stem) = line.split_once('\t').expect("each line has a tab");
            let mut wanted = String::new();
            spelled.terms(stem, &mut |stem| wanted.push_str(stem));
            stemmed.terms(word, &mut |found| {
                if found != wanted {
                    differing.push(format!("{word}: {found}, not {wanted}"));
                }
            });
        }
        assert_eq!(
            differing.len(),
            expected,
            "{name}, {edition}, {why}: {differing:?}"
        );
    }
}
