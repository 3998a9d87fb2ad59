//! Snippets of readable texts, then of every text there can be.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::*;
use crate::analysis::{Analyzer, Token};
use crate::search::limits::Deadline;

type Emit<'a> = dyn FnMut(&str, Range<usize>, u32) + 'a;

/// A plain analyzer: the words, in lower case.
fn words(text: &str) -> impl FnOnce(&mut Emit) {
    move |found| {
        for ((start, word), position) in text.unicode_word_indices().zip(0..) {
            found(&word.to_lowercase(), start..start + word.len(), position);
        }
    }
}

fn wanted(terms: &[&str]) -> Wanted {
    let mut wanted = Wanted::default();
    terms.iter().for_each(|term| wanted.term(term));
    wanted
}

#[track_caller]
fn shows(wanted: &Wanted, text: &str, length: usize, expected: &str) {
    let snippet = wanted.snippet(text, length, words(text));
    assert_eq!(snippet.highlighted("[", "]"), expected);
    let is_cut = (expected.starts_with('…'), expected.ends_with('…'));
    assert_eq!(snippet.is_cut(), is_cut);
    assert_eq!(&text[snippet.range()], snippet.text());
}

const WHALE: &str = "Call me Ishmael. Some years ago, never mind how long, I thought I would sail \
    about a little. The whale came later. It was white, they said. At last we saw the white whale! \
    It swam on, and we went after it for three days.";

#[test]
fn the_passage_with_most_terms_wins() {
    shows(&wanted(&["whale"]), WHALE, 24, "…The [whale] came later.…");
    shows(
        &wanted(&["white", "whale"]),
        WHALE,
        40,
        "…At last we saw the [white] [whale]!…",
    );
    shows(
        &wanted(&["days"]),
        WHALE,
        30,
        "…went after it for three [days].",
    );
}

#[test]
fn a_text_that_fits_is_shown_whole() {
    shows(&wanted(&["whale"]), "The whale.", 100, "The [whale].");
    shows(&wanted(&["whale"]), "  The whale. \n", 100, "The [whale].");
    shows(&wanted(&["x"]), "The whale.", 100, "The whale.");
    shows(&wanted(&["x"]), "", 100, "");
    shows(&wanted(&["x"]), " \n ", 100, "");
}

#[test]
fn without_a_hit_it_is_the_beginning() {
    shows(&wanted(&["x"]), WHALE, 30, "Call me Ishmael.…");
    shows(&Wanted::default(), WHALE, 24, "Call me Ishmael.…");
    shows(
        &Wanted::default(),
        "one two three four five",
        11,
        "one two…",
    );
}

#[test]
fn phrases_and_prefixes() {
    let mut phrase = Wanted::default();
    phrase.phrase([(0, "the"), (1, "white"), (2, "whale")]);
    shows(
        &phrase,
        WHALE,
        40,
        "…At last we saw [the] [white] [whale]!…",
    );
    phrase.prefix("whal");
    shows(
        &phrase,
        "The white whale; whaling; white.",
        99,
        "[The] [white] [whale]; [whaling]; white.",
    );
    let mut gap = Wanted::default();
    gap.phrase([(3, "a"), (5, "c")]);
    shows(&gap, "a c a b c", 99, "a c [a] b [c]");
    let mut prefixes = Wanted::default();
    ["abc", "ab", "abd", "b"]
        .iter()
        .for_each(|prefix| prefixes.prefix(prefix));
    assert_eq!(prefixes.prefixes, ["ab", "b"]);
    shows(&prefixes, "a ab abc b", 99, "a [ab] [abc] [b]");
}

/// What is asked twice takes no place from what is asked once.
#[test]
fn what_is_asked_again_counts_once() {
    let mut patterns = Wanted::default();
    for _ in 0..2 * PATTERNS_MAX {
        patterns.pattern(&Arc::new(Pattern::regex("isle").unwrap()));
    }
    patterns.pattern(&Arc::new(Pattern::regex("wh.*").unwrap()));
    assert_eq!(patterns.patterns.len(), 2);
    shows(&patterns, WHALE, 24, "…the [white] [whale]!…");

    // A phrase that is known is none too many, whose words would count by themselves.
    let mut phrases = Wanted::default();
    for number in 0..PHRASES_MAX {
        let other = format!("o{number}");
        phrases.phrase([(0, "white"), (1, "whale"), (2, &other)]);
    }
    phrases.phrase([(0, "white"), (1, "whale"), (2, "o0")]);
    shows(&phrases, WHALE, 24, "Call me Ishmael.…");
}

/// Of beginnings the shortest is kept, in whatever order they come.
#[test]
fn beginnings_of_beginnings_are_left_out() {
    let mut all = Wanted::default();
    for prefix in [
        "wha", "ab", "whal", "white", "whi", "wi", "wh", "x", "wh", "abc",
    ] {
        all.prefix(prefix);
    }
    assert_eq!(all.prefixes, ["ab", "wh", "wi", "x"]);

    // To compare each with each would take minutes.
    let begun = Instant::now();
    let mut many = Wanted::default();
    for number in 0..200_000 {
        many.prefix(&format!("{:06}", number * 7919 % 1_000_000));
    }
    assert_eq!(many.prefixes.len(), 200_000);
    assert!(
        begun.elapsed() < Duration::from_secs(60),
        "{:?}",
        begun.elapsed()
    );
}

/// The first is the example of `passage.rs`.
#[test]
fn a_passage_is_a_sentence_if_there_is_room() {
    for (text, word, length, expected) in [
        (
            "It sank. The whale came later. It was white.",
            "whale",
            24,
            "The whale came later.",
        ),
        (
            "It sank. Whales came later. It was white.",
            "Whales",
            24,
            "Whales came later.",
        ),
        (
            "\"It sank.\" Whales came later. It was white.",
            "Whales",
            24,
            "Whales came later.",
        ),
        (
            "Some ships, e.g. old whalers, sank. They did.",
            "whalers",
            40,
            "Some ships, e.g. old whalers, sank.",
        ),
        (
            "It sank\nWhales came\nIt was white",
            "Whales",
            16,
            "Whales came",
        ),
        ("船は沈んだ。鯨が来た。白い鯨。", "鯨が", 7, "鯨が来た。"),
    ] {
        let start = text.find(word).unwrap();
        let window = start..start + word.len();
        let passage = passage::widen(text, window, length);
        assert_eq!(&text[passage], expected, "{text}");
    }
}

#[test]
fn scripts_without_blanks_are_cut_between_characters() {
    let text = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。".repeat(3);
    let at = text.find("見当").unwrap();
    let mut wanted = Wanted::default();
    wanted.term("見当");
    wanted.term("当が");
    let bigrams = |found: &mut Emit| {
        found("見当", at..at + 6, 0);
        found("当が", at + 3..at + 9, 1);
    };
    let snippet = wanted.snippet(&text, 17, bigrams);
    assert_eq!(
        snippet.highlighted("[", "]"),
        "…どこで生れたかとんと[見当が]つかぬ。…"
    );
    let flags = "🇩🇪🇫🇷".repeat(50);
    let snippet = Wanted::default().snippet(&flags, 33, |_| {});
    assert_eq!(snippet.text().chars().count(), 32);
}

#[test]
fn html_is_escaped() {
    let text = r#"<b>"whale" & 'co'</b>"#;
    let snippet = wanted(&["whale"]).snippet(text, 99, words(text));
    assert_eq!(
        snippet.to_html(),
        "&lt;b&gt;&quot;<mark>whale</mark>&quot; &amp; &#39;co&#39;&lt;/b&gt;"
    );
}

#[test]
fn a_giant_token_is_cut() {
    let text = "x".repeat(1_000_000);
    let snippet = wanted(&[&text]).snippet(&text, 50, words(&text));
    assert_eq!(snippet.highlights().first(), Some(&(0..50)));
    assert_eq!(snippet.to_string().chars().count(), 51);
}

/// A text and a query made to be slow together.
#[test]
fn time_is_linear() {
    let text = "a ".repeat(200_000);
    let mut wanted = Wanted::default();
    for length in 2..100 {
        wanted.phrase((0..length).map(|n| (n, "a")));
    }
    let started = Instant::now();
    let snippet = wanted.snippet(&text, 100, words(&text));
    assert!(!snippet.highlights().is_empty());
    assert!(started.elapsed() < Duration::from_secs(20));
}

/// A filter that makes something wanted even of nothing.
#[derive(Debug)]
struct Whales;

impl crate::analysis::Filter for Whales {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        emit(if term.len().is_multiple_of(5) {
            "whale"
        } else {
            term
        });
    }
}

/// What is cut at every blank, so that words may be empty.
#[derive(Debug)]
struct Blanks;

impl crate::analysis::Tokenizer for Blanks {
    fn tokenize<'t>(&self, text: &'t str, emit: &mut dyn FnMut(Token<'t>)) {
        let mut start = 0;
        for (position, text) in (0..).zip(text.split(' ')) {
            let end = start + text.len();
            emit(Token {
                text,
                start,
                end,
                position,
            });
            start = end + 1;
        }
    }
}

proptest! {
    /// Words that are passed over change nothing.
    #[test]
    fn passing_over_words_is_as_analysing_all(
        words in prop::collection::vec("whale|Whales|whaling|WHITE|white-|the|The|a b|x|東京都|é|  |[a-e]{1,2}", 0..300),
        analyzer in prop::sample::select(vec![
            Analyzer::plain(),
            Analyzer::english(),
            Analyzer::cjk(),
            Analyzer::keyword(),
            Analyzer::builder()
                .custom_tokenizer("blanks", Blanks)
                .custom_filter("whales", Whales)
                .build()
                .unwrap(),
        ]),
        length in 1..200usize,
    ) {
        let text = words.join(" ");
        let mut wanted = Wanted::default();
        wanted.term("whale");
        wanted.prefix("b");
        wanted.phrase([(0, "white"), (1, "whale")]);
        let all = |report: &mut Emit| {
            analyzer.analyze(&text, &mut |term, token| report(term, token.start..token.end, token.position));
        };
        let few = |report: &mut Emit| {
            report_wanted(&wanted, &[&text], &analyzer, Deadline::default(), report).unwrap();
        };
        let (mut of_all, mut of_few) = (Vec::new(), Vec::new());
        all(&mut |term, range, position| if wanted.wants(term) { of_all.push((term.to_owned(), range, position)) });
        few(&mut |term, range, position| if wanted.wants(term) { of_few.push((term.to_owned(), range, position)) });
        prop_assert_eq!(of_all, of_few);
        prop_assert_eq!(wanted.snippet(&text, length, all), wanted.snippet(&text, length, few));
    }

    #[test]
    fn any_text_any_offsets(
        text in "(\\PC|[ .\n]|ab|🇩|\u{301}){0,60}",
        found in prop::collection::vec(("[ab]{1,2}", 0..90usize, 0..90usize, 0..9u32), 0..20),
        length in 0..40usize,
    ) {
        let mut wanted = Wanted::default();
        wanted.term("a");
        wanted.prefix("b");
        wanted.phrase([(0, "ab"), (1, "aa"), (u32::MAX, "a")]);
        wanted.phrase([(1, "ab"), (2, "aa")]);
        let analyze = |emit: &mut Emit| {
            for (term, start, end, position) in &found {
                emit(term, *start..*end, position + (u32::MAX - 8));
                emit(term, *start..*end, *position);
            }
        };
        let snippet = wanted.snippet(&text, length, analyze);
        prop_assert_eq!(text.get(snippet.range()), Some(snippet.text()));
        prop_assert!(snippet.text().chars().count() <= length.max(1));
        let mut done = 0;
        for highlight in snippet.highlights() {
            prop_assert!(highlight.start >= done && highlight.start < highlight.end);
            prop_assert!(snippet.text().get(highlight.clone()).is_some());
            done = highlight.end;
        }
        prop_assert!(snippet.to_html().len() >= snippet.text().len());
    }
}
