use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::split;

/// The one-line oracle.
fn expected(text: &str) -> Vec<(usize, &str)> {
    text.unicode_word_indices().collect()
}

fn found(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    split(text, |word| {
        assert_eq!(&text[word.start..word.end], word.text);
        assert_eq!(word.position as usize, words.len());
        words.push((word.start, word.text));
    });
    words
}

#[test]
fn ascii() {
    for text in [
        "",
        " ",
        "The quick (\"brown\") fox can't jump 32.3 feet, right?",
        "a.b a..b .a a. a.1 1.a 1.2 1,2 1,a a,b a;b 1;2 a:b 1:2 a'b 1'2 a\"b",
        "_ __ _a a_ a_.b a._b 1_2 _'_ a_'b",
        "a.b.c.d 1.2,3;4'5 a:b:c a:1:b",
        "\0a\0b\u{1f}c\u{7f}d",
        "one\r\ntwo\nthree\u{b}four\u{c}five",
    ] {
        assert_eq!(found(text), expected(text), "{text:?}");
    }
}

/// What isn't ASCII reaches back into it, and the other way round.
#[test]
fn joins_with_the_rest_of_unicode() {
    for text in [
        "a\u{301}b",
        "a\u{200d}b",
        "a.\u{e9}",
        "a.\u{301}b",
        "1,\u{301}2",
        "1:\u{e9}",
        "a'\u{e9} a\u{e9}'b",
        "  \u{200d}\u{24c2}a",
        "!\u{200d}\u{24c2}a",
        "\r\n\u{200d}\u{24c2}a",
        "a _\u{301}_ b",
        "\u{5d0}\"\u{5d0} a\"\u{5d0} \u{5d0}'",
        "\u{1f1e6}\u{1f1e7}\u{1f1e8}a\u{1f1e6}\u{1f1e7}",
        "x\u{30ab}_y \u{30ab}\u{30bf}",
        "e\u{301}.e e.e\u{301} e\u{301}.1",
        "日本語 text 日本語text",
        "ไทย a ไทย1",
        "слово слово.слово, слово's",
    ] {
        assert_eq!(found(text), expected(text), "{text:?}");
    }
}

/// Characters of every class of the annex, and those that others treat
/// specially.
fn tricky() -> impl Strategy<Value = String> {
    let characters: Vec<char> = "aZ09_'.:,; \"!\0\r\n\t\u{b}\u{c}\u{85}\u{2028}\u{a0}\u{2003}\
         \u{301}\u{200d}\u{ad}\u{e9}\u{d7}\u{436}\u{387}\u{3c3}\u{5d0}\u{30ab}\u{3042}\u{6f22}\u{e01}\u{e31}\u{1f600}\u{1f3fd}\
         \u{24c2}\u{1f1e6}\u{b7}\u{2019}\u{203f}\u{661}\u{ac00}\u{1100}\u{ff21}\u{10400}\u{e0001}\u{feff}"
        .chars()
        .collect();
    proptest::collection::vec(proptest::sample::select(characters), 0..40)
        .prop_map(|characters| characters.into_iter().collect())
}

/// Each character there is, beside what it may join.
#[test]
fn every_character_in_company() {
    for c in '\0'..=char::MAX {
        let text = format!("{c} a{c}b.{c}'1,{c} {c}_{c}{c}  {c}a:{c}");
        if found(&text) != expected(&text) {
            assert_eq!(found(&text), expected(&text), "{c:?} {text:?}");
        }
    }
}

/// Words that end at, before and after the ends of blocks.
#[test]
fn words_of_every_length_at_every_place() {
    for place in 0..70 {
        for length in 0..70 {
            let text = format!("{}{} b", " ".repeat(place), "a".repeat(length));
            assert_eq!(found(&text), expected(&text), "{text:?}");
            let text = format!("{}.{}é.x", "é".repeat(place), "1".repeat(length));
            assert_eq!(found(&text), expected(&text), "{text:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn equals_unicode_words_on_tricky_texts(text in tricky()) {
        prop_assert_eq!(found(&text), expected(&text));
    }

    #[test]
    fn equals_unicode_words_on_ascii(text in "[ -~\n]{0,40}") {
        prop_assert_eq!(found(&text), expected(&text));
    }
}

proptest! {
    #[test]
    fn equals_unicode_words_on_anything(text in any::<String>()) {
        prop_assert_eq!(found(&text), expected(&text));
    }
}
