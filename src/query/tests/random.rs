//! The round trip, on trees that are drawn, and texts of all kinds.

use crate::document::{Schema, Text};
use crate::query::{Clause, MAX_EDITS, Occur, Query};
use proptest::prelude::*;
use std::ops::Bound;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        "[a-zA-Z0-9+#.:/\\\\\"'()*~^<>=&|!?\\[\\]{} -]{0,8}",
        "\\PC{0,6}",
        Just("AND".to_owned()),
        Just("NOT".to_owned()),
        Just("TO".to_owned()),
        Just("&&".to_owned()),
        any::<String>().prop_map(|s| s.chars().take(6).collect()),
    ]
}

fn field() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        "[a-z]{1,5}".prop_map(Some),
        text().prop_map(Some)
    ]
}

fn bound() -> impl Strategy<Value = Bound<String>> {
    prop_oneof![
        Just(Bound::Unbounded),
        text().prop_map(Bound::Included),
        text().prop_map(Bound::Excluded),
    ]
}

fn factor() -> impl Strategy<Value = f32> {
    prop_oneof![
        Just(0.0f32),
        Just(2.5),
        any::<f32>().prop_filter_map("finite", |f| f.is_finite().then_some(f.abs())),
    ]
}

fn query() -> impl Strategy<Value = Query> {
    let leaf = prop_oneof![
        Just(Query::All),
        Just(Query::Nothing),
        (field(), text()).prop_map(|(field, text)| Query::Term { field, text }),
        (field(), text()).prop_map(|(field, text)| Query::Words { field, text }),
        (field(), text(), prop_oneof![Just(0), 1..9u32, any::<u32>()])
            .prop_map(|(field, text, slop)| Query::Phrase { field, text, slop }),
        (field(), text()).prop_map(|(field, text)| Query::Prefix { field, text }),
        (field(), text(), prop::option::of(0..=MAX_EDITS))
            .prop_map(|(field, text, edits)| Query::Fuzzy { field, text, edits }),
        (field(), text()).prop_map(|(field, text)| Query::Wildcard { field, text }),
        (field(), "[a-c*?.-]{0,6}").prop_map(|(field, text)| Query::Wildcard { field, text }),
        (field(), text()).prop_filter_map("a pattern", |(field, text)| {
            let query = Query::Regex { field, text };
            query.check().is_ok().then_some(query)
        }),
        (text(), bound(), bound()).prop_map(|(field, lower, upper)| Query::Range {
            field,
            lower,
            upper
        }),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let occur = prop::sample::select(vec![
            Occur::Must,
            Occur::Should,
            Occur::MustNot,
            Occur::Filter,
        ]);
        let clause = (occur, inner.clone()).prop_map(|(occur, query)| Clause { occur, query });
        let minimum = prop_oneof![3 => Just(0), 1 => 0..4u32];
        prop_oneof![
            4 => (prop::collection::vec(clause, 0..4), minimum).prop_map(|(clauses, minimum)| {
                Query::Boolean { clauses, minimum_should_match: minimum }
            }),
            1 => (inner.clone(), factor()).prop_map(|(q, f)| q.boost(f)),
            1 => (inner, factor()).prop_map(|(q, f)| q.constant(f)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_is_printed_reads_back(query in query()) {
        let printed = query.to_string();
        let parsed = Query::parse(&printed);
        prop_assert_eq!(&parsed.diagnostics, &[], "{}", printed);
        prop_assert_eq!(&parsed.query, &query, "{}", printed);
        let json = serde_json::to_string(&query).unwrap();
        prop_assert_eq!(serde_json::from_str::<Query>(&json).unwrap(), query);
    }

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        answer(&text)?;
    }

    #[test]
    fn any_text_of_syntax_is_answered(
        parts in prop::collection::vec(prop::sample::select(vec![
            " ", " ", "a", "b", "ü", "+", "-", "!", "#", "(", ")", "\"", "[", "]", "{", "}", "TO", " TO ", ":",
            "*", "?", "^", "^2", "^=", "~", "~2", "~*", "~=", "~?", "~/", "~=~1", "\\", "AND", " AND ", " OR ", " NOT ", "&&", "||",
            ">", ">=", "<", "=", "/", "title:", "year:[1 TO 9]", "\0", "🦊",
        ]), 0..24)
    ) {
        answer(&parts.concat())?;
    }
}

/// The parser answers with a tree that prints and reads back, and diagnostics
/// that point into the text.
fn answer(text: &str) -> Result<(), TestCaseError> {
    let schema = Schema::builder()
        .text("title", Text::plain())
        .integer("year");
    for parsed in [
        Query::parse(text),
        Query::parse_with(text, |name| name == "title"),
        Query::parse_for(text, &schema.build().unwrap()),
    ] {
        prop_assert!(parsed.query.check().is_ok());
        for diagnostic in &parsed.diagnostics {
            prop_assert!(text.get(diagnostic.span.clone()).is_some());
        }
        let again = Query::parse(&parsed.query.to_string());
        prop_assert_eq!(&again.diagnostics, &[]);
        prop_assert_eq!(&again.query, &parsed.query);
        let _ = parsed.strict(); // draws the picture
    }
    Ok(())
}
