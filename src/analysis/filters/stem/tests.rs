use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

fn stem(language: Language, word: &str) -> String {
    let mut stems = Vec::new();
    Stem(language).apply(word, &mut |stem| stems.push(stem.to_owned()));
    assert_eq!(
        stems.len(),
        1,
        "{language:?}: {word} has {} stems",
        stems.len()
    );
    stems.pop().unwrap_or_default()
}

/// Panics are caught, so a test has to look for them: none may get so far, since
/// a hook of the program's may print or abort.
fn count_panics(work: impl FnOnce()) -> usize {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let before = std::panic::take_hook();
    let this = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == this {
            PANICS.fetch_add(1, Ordering::Relaxed);
        } else {
            before(info);
        }
    }));
    PANICS.store(0, Ordering::Relaxed);
    work();
    let panics = PANICS.load(Ordering::Relaxed);
    drop(std::panic::take_hook());
    panics
}

/// A source of numbers that is the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % end
    }
}

/// The words that the crate panics on, in each spelling, and words of Greek
/// suffixes without end. One test, since the panic hook is the process's.
#[test]
fn greek_never_panics() {
    let panics = count_panics(|| {
        for ending in [
            "ισα",
            "ισε",
            "ισεσ",
            "ισες",
            "ισαμε",
            "ισατε",
            "ισαν",
            "ισανε",
        ] {
            for beginning in ["ισα", "ίσα", "ΙΣΑ", "Ίσα", "ϊσα", "ι\u{301}σα"] {
                let word = format!("{beginning}{ending}");
                assert_eq!(stem(Language::Greek, &word), word);
            }
        }
        for beginning in BEGINNINGS {
            for middle in MIDDLES {
                for ending in ["ετε", "ετεησετε", "έτε", "ετεισα"] {
                    stem(Language::Greek, &format!("{beginning}{middle}{ending}"));
                }
            }
        }
        for word in ["ϋδιαθετε", "αβρραθετε", "αβρραθετέ"] {
            assert_eq!(stem(Language::Greek, word), word);
        }
        let pieces: Vec<&str> = [
            BEGINNINGS,
            MIDDLES,
            &[
                "ισα",
                "ισε",
                "ισεσ",
                "ετε",
                "ησετε",
                "ουσανε",
                "ανε",
                "αγαμε",
                "αμε",
                "ιζα",
                "ιζω",
                "ωθηκα",
                "ουλα",
                "ακι",
                "ικο",
                "ωση",
                "εωσ",
                "ιδη",
                "ματα",
                "ουσ",
                "τερο",
                "εστατοσ",
                "α",
                "ε",
                "η",
                "ι",
                "ο",
                "υ",
                "ω",
                "ς",
                "ά",
                "Σ",
                "x",
                "1",
            ],
        ]
        .concat();
        let mut numbers = Numbers(1);
        for _ in 0..200_000 {
            let count = 1 + numbers.below(5);
            let word: String = (0..count)
                .map(|_| pieces[numbers.below(pieces.len())])
                .collect();
            assert!(!stem(Language::Greek, &word).is_empty());
        }
    });
    assert_eq!(panics, 0);
}

/// Without the guard the crate does panic, so the tests above test something;
/// when this fails, the guard can go.
#[test]
fn the_guard_is_needed() {
    for word in ["ισαισα", "υδιαθετε"] {
        assert!(is_fatal(word));
        // Resumed panics call no hook; these are the crate's and do, once each.
        assert!(catch_unwind(|| Stemmer::create(Algorithm::Greek).stem(word)).is_err());
    }
}

#[test]
fn no_language_panics_on_the_words_of_another() {
    let pieces = [
        "a",
        "e",
        "i",
        "o",
        "u",
        "y",
        "ing",
        "ed",
        "s",
        "'s",
        "issement",
        "ität",
        "keit",
        "ción",
        "mente",
        "ости",
        "ыми",
        "ую",
        "lar",
        "ında",
        "nın",
        "ssa",
        "sten",
        "het",
        "ban",
        "nek",
        "ில்",
        "கள்",
        "ும்",
        "ال",
        "ات",
        "ها",
        "ية",
        "وا",
        "\u{640}",
        "ά",
        "ς",
        "日",
        "\u{301}",
        "\u{200d}",
        "\u{1f600}",
        "ß",
        "İ",
        "ı",
        "\0",
        "1",
        "_",
    ];
    for language in Language::ALL {
        let mut numbers = Numbers(7);
        for _ in 0..20_000 {
            let count = numbers.below(7);
            let word: String = (0..count)
                .map(|_| pieces[numbers.below(pieces.len())])
                .collect();
            assert_eq!(
                stem(language, &word).is_empty(),
                word.is_empty(),
                "{language:?}: {word}"
            );
        }
    }
}

#[test]
fn what_is_no_word_stays_as_it_is() {
    for language in Language::ALL {
        for word in ["", "日本", "12", &"ings".repeat(100), &"ι".repeat(200)] {
            assert_eq!(stem(language, word), word, "{language:?}");
        }
    }
}
