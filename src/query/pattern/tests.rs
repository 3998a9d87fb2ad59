use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

fn accepts(pattern: &Pattern, text: &str) -> bool {
    pattern.accepts(&pattern.read(text))
}

fn wildcard(text: &str) -> Pattern {
    Pattern::wildcard(&wildcard_parts(text)).unwrap()
}

#[test]
fn the_example_is_true() {
    let pattern = Pattern::regex("wh(a|o)*le").unwrap();
    for text in ["whale", "whole", "whle", "whaoaole"] {
        assert!(accepts(&pattern, text), "{text}");
    }
    for text in ["", "wh", "whales", "a whale", "while"] {
        assert!(!accepts(&pattern, text), "{text}");
    }
    let state = pattern.read("wha");
    assert!(pattern.is_dead(&pattern.step(&state, 'x')));
    assert_eq!(pattern.next_after(&state, 'x'), None);
    assert_eq!(pattern.next_after(&state, 'b'), Some('l'));
}

#[test]
fn what_is_written_is_meant() {
    let table = [
        ("", "", "a"),
        ("a|", "a  ", "b"),
        ("a|bc|", "a bc ", "ab ac abc"),
        ("(a|b)c", "ac bc", "a c abc"),
        ("ab?c", "ac abc", "abbc ab"),
        ("ab+c", "abc abbbc", "ac"),
        ("a{2}", "aa", "a aaa"),
        ("a{2,}", "aa aaaaaa", "a"),
        ("(ab){1,2}", "ab abab", "ababab aba"),
        ("a{0}b", "b", "ab"),
        ("a.c", "abc a.c aéc a語c", "ac abbc"),
        ("[a-cx]", "a b c x", "d w -"),
        ("[^a-cx]", "d w é", "a b c x"),
        (r"[\]\-a]", "] - a", "b"),
        ("[a-]", "a -", "b"),
        ("[ab-ca]", "a b c", "d -"),
        (r"\.\*\\", r".*\", "a"),
        ("é|語", "é 語", "e"),
    ];
    for (text, yes, no) in table {
        let pattern = Pattern::regex(text).unwrap();
        for yes in yes.split(' ') {
            assert!(accepts(&pattern, yes), "{text} {yes}");
        }
        for no in no.split(' ').filter(|no| !no.is_empty()) {
            assert!(!accepts(&pattern, no), "{text} {no}");
        }
    }
}

#[test]
fn what_has_no_meaning_is_refused_where_it_is() {
    let table = [
        ("ab)", 2, "closes nothing"),
        ("(a", 0, "never closed"),
        ("a[bc", 1, "never closed"),
        ("[]", 0, "no character"),
        ("[]-]|[a-]", 0, "no character"),
        (r"\é", 0, "punctuation only"),
        ("[^\0-\u{10ffff}]", 0, "no character"),
        ("é[c-a]", 3, "write a-c"),
        ("*a", 0, "nothing to repeat"),
        ("a|+", 2, "nothing to repeat"),
        ("(?:a)", 1, "nothing to repeat"),
        ("a*?", 2, "nothing to repeat"),
        ("^a", 0, "as a whole"),
        ("a$", 1, "as a whole"),
        (r"a\d", 1, "[0-9]"),
        (r"a\", 1, "punctuation only"),
        ("a{", 1, "number of times"),
        ("a{,2}", 1, "number of times"),
        ("a{2,1}", 1, "number of times"),
        ("a{x}", 1, "number of times"),
    ];
    for (text, at, what) in table {
        let fault = Pattern::regex(text).unwrap_err();
        assert_eq!(fault.at, Some(at), "{text}");
        assert!(fault.what.contains(what), "{text}: {}", fault.what);
    }
    let nested = |depth| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Pattern::regex(&nested(29)).is_ok());
    // Beside each other there may be more.
    assert!(Pattern::regex(&"(a)".repeat(60)).is_ok());
    for deep in [&nested(30), &"(".repeat(100_000)] {
        let fault = Pattern::regex(deep).unwrap_err();
        assert!(fault.what.contains("deeper"), "{}", fault.what);
    }
}

/// However little is written, and however much that may stand for.
#[test]
fn a_pattern_has_127_places_at_most() {
    for longest in ["a{127}", "(a|b){63}c"] {
        assert!(Pattern::regex(longest).is_ok(), "{longest}");
    }
    let longest = Pattern::regex("[^b]{126}c").unwrap();
    assert!(accepts(&longest, &format!("{}c", "é".repeat(126))));
    assert!(!accepts(&longest, &format!("{}c", "é".repeat(125))));
    let many = ["a{128}", "(a{9}){99}", "a{99999999999}", "a{2,99999999999}"];
    let empty = ["((((){99}){99}){99}){99}", "(|){4294967295}"];
    for too_long in many {
        let fault = Pattern::regex(too_long).unwrap_err();
        assert!(
            fault.what.contains("more than 127 characters"),
            "{too_long}"
        );
    }
    let crowded: String = ('一'..).step_by(2).take(5000).collect();
    for too_much in [empty[0], empty[1], &format!("[{crowded}]")] {
        let fault = Pattern::regex(too_much).unwrap_err();
        assert!(fault.what.contains("more than 2000 parts"), "{too_much}");
    }
    assert!(Pattern::wildcard(&wildcard_parts(&"é*".repeat(63))).is_ok());
    assert!(Pattern::wildcard(&wildcard_parts(&"é*".repeat(64))).is_err());
    assert!(accepts(&wildcard(&"*".repeat(1000)), "whale"));
}

#[test]
fn wildcards_stand_for_characters() {
    let table = [
        ("wh?le", "whale while", "whle whaale whales"),
        ("*ology", "ology geology", "geologyst log"),
        ("c*t*", "ct cat coating", "cab act"),
        ("?", "a é 語", "ab"),
        ("**", "a ab", ""),
        (r"a\*\?", "a*?", "aab aa"),
        (r"a\\", r"a\", "a"),
        (r"a\", r"a\", "a"),
        ("[a].", "[a].", "a. ab"),
    ];
    for (text, yes, no) in table {
        let pattern = wildcard(text);
        for yes in yes.split(' ') {
            assert!(accepts(&pattern, yes), "{text} {yes}");
        }
        for no in no.split(' ').filter(|no| !no.is_empty()) {
            assert!(!accepts(&pattern, no), "{text} {no}");
        }
    }
    assert!(accepts(&wildcard("**"), ""));
    assert!(!accepts(&wildcard("?"), ""));
}

/// An expression of what this language and others have in common.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "a", "b", "c", "é", ".", "[ab]", "[b-dé]", "[^a]", "[^b-é]", r"\.", r"[\]a]", "",
    ]);
    leaf.prop_map(String::from)
        .prop_recursive(4, 24, 3, |inner| {
            let often = prop::sample::select(vec!["*", "+", "?", "{2}", "{1,}", "{0,2}", "{0}"]);
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                prop::collection::vec(inner.clone(), 2..4)
                    .prop_map(|ways| format!("({})", ways.join("|"))),
                (inner, often).prop_map(|(inner, often)| format!("({inner}){often}")),
            ]
        })
}

const LETTERS: [char; 9] = ['.', ']', 'a', 'b', 'c', 'd', 'z', 'é', '語'];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn it_accepts_what_another_engine_does(text in expression(), terms in prop::collection::vec("[].a-dzé語]{0,6}", 8)) {
        let Ok(pattern) = Pattern::regex(&text) else {
            // Only because it is too long.
            prop_assert_eq!(Pattern::regex(&text).unwrap_err().at, None);
            return Ok(());
        };
        let other = ::regex::Regex::new(&format!("(?s)^(?:{text})$")).unwrap();
        for term in &terms {
            prop_assert_eq!(accepts(&pattern, term), other.is_match(term), "{} {}", text, term);
        }
    }

    /// From what it doesn't call dead a way leads on, and what may come next is just
    /// what isn't dead.
    #[test]
    fn it_knows_what_may_follow(text in expression()) {
        let Ok(pattern) = Pattern::regex(&text) else { return Ok(()) };
        let mut known = HashSet::from([pattern.start()]);
        let mut left: Vec<Places> = known.iter().copied().collect();
        let mut steps = Vec::new();
        while let Some(state) = left.pop().filter(|_| known.len() < 400) {
            let mut after = '\0';
            let mut alive = Vec::new();
            while let Some(c) = pattern.next_after(&state, after).filter(|c| *c <= '語') {
                // From one of the letters to the next, whatever lies between.
                let Some(letter) = LETTERS.into_iter().find(|letter| *letter >= c) else { break };
                prop_assert!(!pattern.is_dead(&pattern.step(&state, c)), "{} {}", text, c);
                if letter == c {
                    alive.push(c);
                }
                after = if letter > c { predecessor(letter).unwrap() } else { c };
            }
            for c in LETTERS {
                let next = pattern.step(&state, c);
                prop_assert_eq!(alive.contains(&c), !pattern.is_dead(&next), "{} {}", text, c);
                steps.push((state, next));
                if !pattern.is_dead(&next) && known.insert(next) {
                    left.push(next);
                }
            }
        }
        if known.len() < 400 {
            let mut good: HashSet<Places> = known.iter().copied().filter(|state| pattern.accepts(state)).collect();
            loop {
                let more: Vec<Places> = steps.iter().filter(|(_, next)| good.contains(next)).map(|(state, _)| *state).collect();
                let before = good.len();
                good.extend(more);
                if good.len() == before {
                    break;
                }
            }
            prop_assert_eq!(good, known, "{}", text);
        }
    }
}
