//! The chapter's invariants, each as a test, and the shapes of text that break
//! analyzers.

use proptest::prelude::*;

use super::*;
use crate::ErrorKind;

fn terms(analyzer: &Analyzer, text: &str) -> Vec<(String, u32)> {
    let mut terms = Vec::new();
    analyzer.analyze(text, &mut |term, token| {
        terms.push((term.to_owned(), token.position))
    });
    terms
}

fn words(analyzer: &Analyzer, text: &str) -> Vec<String> {
    terms(analyzer, text)
        .into_iter()
        .map(|(term, _)| term)
        .collect()
}

fn built_in() -> impl Iterator<Item = (&'static str, &'static Analyzer)> {
    Analyzer::built_in_names().filter_map(|name| Some((name, Analyzer::built_in(name)?)))
}

#[test]
fn stopped_and_overlong_words_take_a_position() {
    let english = Analyzer::english();
    let text = "The whale's in the sea";
    assert_eq!(
        terms(&english, text),
        [("whale".into(), 1), ("sea".into(), 4)]
    );
    let long = "x".repeat(256);
    let text = format!("a {long} b {}", &long[1..]);
    let found = terms(&Analyzer::plain(), &text);
    assert_eq!(
        found,
        [("a".into(), 0), ("b".into(), 2), (long[1..].into(), 3)]
    );
    // Characters count, not bytes.
    assert_eq!(terms(&Analyzer::plain(), &"é".repeat(255)).len(), 1);
    assert_eq!(terms(&Analyzer::plain(), &"é".repeat(256)).len(), 0);
}

#[test]
fn each_language_knows_its_words() {
    for (language, text, expected) in [
        (Language::Arabic, "في الكتاب", &["كتاب"][..]),
        (Language::Danish, "de røde huse", &["rød", "hus"]),
        (
            Language::Dutch,
            "de boeken van mijn opleidingen",
            &["boek", "opleid"],
        ),
        (
            Language::English,
            "Connections of the dog’s owners",
            &["connect", "dog", "owner"],
        ),
        (Language::Finnish, "taloissa ja kaduilla", &["talo", "kadu"]),
        (Language::French, "l'eau des rivières", &["eau", "rivi"]),
        (
            Language::German,
            "die Häuser der Straße",
            &["haus", "strass"],
        ),
        (
            Language::Greek,
            "ΤΩΝ ΑΝΘΡΏΠΩΝ ή του ανθρώπου",
            &["ανθρωπ", "ανθρωπ"],
        ),
        (Language::Hungarian, "a házakban", &["ház"]),
        (Language::Italian, "dell'università", &["univers"]),
        (Language::Norwegian, "de røde husene", &["rød", "hus"]),
        (
            Language::Portuguese,
            "as nações do mundo",
            &["naçõ", "mund"],
        ),
        (
            Language::Romanian,
            "știința și ştiinţa",
            &["ştiinţ", "ştiinţ"],
        ),
        (
            Language::Russian,
            "в книгах о ёлках и елках",
            &["книг", "елк", "елк"],
        ),
        (
            Language::Spanish,
            "las canciones de los niños",
            &["cancion", "niñ"],
        ),
        (Language::Swedish, "de röda husen", &["röd", "hus"]),
        (Language::Tamil, "ஒரு புத்தகங்கள்", &["புத்தகம்"]),
        (
            Language::Turkish,
            "İzmir'de KIZLAR ve evler",
            &["izmir", "kız", "ev"],
        ),
    ] {
        assert_eq!(
            words(&Analyzer::language(language), text),
            expected,
            "{language:?}"
        );
    }
}

#[test]
fn what_looks_alike_is_alike() {
    for (one, other) in [
        ("caf\u{e9}", "cafe\u{301}"),
        ("ﬁne", "FINE"),
        ("Ｗｉｄｅ", "wide"),
        ("ΟΔΟΣ", "οδος"),
        ("\u{212b}", "å"),
    ] {
        assert_eq!(
            words(&Analyzer::plain(), one),
            words(&Analyzer::plain(), other)
        );
    }
}

#[test]
fn pairs_for_scripts_without_spaces() {
    for (text, expected) in [
        ("", &[][..]),
        ("京", &["京"]),
        ("東京都", &["東京", "京都"]),
        ("東京、大阪", &["東京", "大阪"]),
        ("東京 タワー", &["東京", "タワ", "ワー"]),
        ("iPhone手机2台", &["iphone", "手机", "2", "台"]),
        ("한국어 PC방", &["한국", "국어", "pc", "방"]),
        ("ﾄﾞｱ", &["ドア"]),
        ("か\u{3099}き", &["がき"]),
        ("ก็ดี๒๓", &["ก็ดี", "๒๓"]),
        ("カ_a_カ", &["カ", "_a_", "カ"]),
        ("naïve 日本", &["naïve", "日本"]),
        (
            "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}",
            &["한국"],
        ),
    ] {
        assert_eq!(words(&Analyzer::cjk(), text), expected, "{text}");
    }
    let positions: Vec<u32> = terms(&Analyzer::cjk(), "a東京都b")
        .iter()
        .map(|t| t.1)
        .collect();
    assert_eq!(positions, [0, 1, 2, 3]);
}

#[test]
fn odd_texts() {
    for (name, analyzer) in built_in() {
        assert_eq!(words(analyzer, ""), [""; 0], "{name}");
        let found = words(analyzer, "zebra\0zebra");
        let expected = if name == "keyword" { 1 } else { 2 };
        assert_eq!(found.len(), expected, "{name}: {found:?}");
    }
    assert_eq!(words(&Analyzer::keyword(), " As it is. "), [" As it is. "]);
    let long = "x".repeat(MAX_TERM_BYTES);
    assert_eq!(words(&Analyzer::keyword(), &long), [long.as_str()]);
    assert_eq!(words(&Analyzer::keyword(), &format!("{long}x")), [""; 0]);
}

/// Fifty megabytes without a space, in ASCII and not, and the texts that a slip
/// in looking ahead or back would make quadratic.
#[test]
fn huge_tokens_are_cut_in_linear_time() {
    let size = 50 << 20;
    let shapes = [
        "x", "é", "x.", "1,", "a\u{301}", " ", ".", "\u{301}", "京", "é.", "  é", "_",
    ];
    for shape in shapes {
        let text = shape.repeat((if shape == "x" { size } else { size / 10 }) / shape.len());
        for analyzer in [Analyzer::english(), Analyzer::cjk(), Analyzer::keyword()] {
            let mut count = 0;
            analyzer.analyze(&text, &mut |term, _| {
                count += usize::from(term.len() < 1024)
            });
            assert!(count <= text.len());
        }
    }
}

#[test]
fn the_registry_keeps_what_an_index_says() {
    #[derive(Debug)]
    struct Upper;
    impl Filter for Upper {
        fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
            emit(&term.to_uppercase());
        }
    }
    let custom = Analyzer::builder()
        .custom_filter("upper", Upper)
        .build()
        .expect("one filter");
    let json = serde_json::to_string(custom.definition()).expect("plain data");
    assert_eq!(
        json,
        r#"{"tokenizer":"words","filters":[{"custom":"upper"}]}"#
    );
    let stored: Definition = serde_json::from_str(&json).expect("what was written");

    // Not registered: an error that says what to do.
    let mut analyzers = Analyzers::default();
    let error = analyzers
        .restore("shout", &stored)
        .expect_err("a custom part");
    assert_eq!(error.kind(), ErrorKind::Schema);
    let message = error.to_string();
    assert!(
        message.contains("\"shout\"") && message.contains("\"upper\""),
        "{message}"
    );
    assert!(message.contains("register"), "{message}");

    // Registered: found, with its parts.
    analyzers.register("shout", custom).expect("a free name");
    analyzers
        .restore("shout", &stored)
        .expect("it is registered");
    assert_eq!(
        words(analyzers.get("shout").expect("registered"), "hey you"),
        ["HEY", "YOU"]
    );
    let error = analyzers.restore("shout", Analyzer::plain().definition());
    assert_eq!(error.expect_err("another one").kind(), ErrorKind::Schema);

    // Without custom parts, the index's definition wins over the built-in one.
    let old = Analyzer::builder()
        .filter(FilterKind::Lowercase)
        .build()
        .expect("one filter");
    analyzers
        .restore("english", old.definition())
        .expect("no custom part");
    assert_eq!(
        words(analyzers.get("english").expect("built in"), "The Dogs"),
        ["the", "dogs"]
    );
    assert_eq!(
        analyzers.names().filter(|name| *name == "english").count(),
        1
    );

    // Names that are taken, or none.
    for name in ["", "german"] {
        let error = analyzers
            .register(name, old.clone())
            .expect_err("not a free name");
        assert_eq!(error.kind(), ErrorKind::Schema);
    }
}

#[test]
fn definitions_that_make_no_sense_are_refused() {
    let refused = |builder: AnalyzerBuilder| {
        let error = builder.build().expect_err("it makes no sense");
        assert_eq!(error.kind(), ErrorKind::Schema);
        error.to_string()
    };
    let build = Analyzer::builder;
    for filter in [
        FilterKind::Ngrams { min: 0, max: 3 },
        FilterKind::Ngrams { min: 3, max: 2 },
        FilterKind::EdgeNgrams { min: 1, max: 256 },
        FilterKind::Length { max: 0 },
        FilterKind::Custom("nobody's".to_owned()),
        FilterKind::Custom(String::new()),
    ] {
        refused(build().filter(filter));
    }
    let tokenizer = TokenizerKind::Custom("nobody's".to_owned());
    assert!(refused(build().tokenizer(tokenizer)).contains("\"nobody's\""));
    let many = (0..65).fold(build(), |builder, _| builder.filter(FilterKind::Fold));
    refused(many);
}

#[test]
fn built_in_definitions_survive_storing() {
    for (name, analyzer) in built_in() {
        let json = serde_json::to_string(analyzer.definition()).expect("plain data");
        let definition: Definition = serde_json::from_str(&json).expect("what was written");
        let rebuilt = Analyzer::from_definition(definition).expect("a built-in one");
        assert_eq!(&rebuilt, analyzer, "{name}");
    }
}

proptest! {
    /// Invariants (1), (3), (4) and (5), for every analyzer, on any text.
    #[test]
    fn invariants_hold_on_anything(text in any::<String>(), other in "\\PC{0,40}") {
        for text in [&text, &other] {
            for (_, analyzer) in built_in() {
                let mut last: Option<(usize, u32)> = None;
                analyzer.tokens(text, |token| {
                    assert_eq!(&text[token.start..token.end], token.text);
                    if let Some((start, position)) = last {
                        assert!(token.start > start && token.position == position + 1);
                    }
                    last = Some((token.start, token.position));
                    let terms = || {
                        let mut terms = Vec::new();
                        analyzer.terms(token.text, &mut |term| terms.push(term.to_owned()));
                        terms
                    };
                    assert_eq!(terms(), terms());
                    for term in terms() {
                        assert!(!term.is_empty() && term.len() <= MAX_TERM_BYTES);
                    }
                });
            }
        }
    }
}
