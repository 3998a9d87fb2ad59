//! The language as a table, and texts from hostile and from merely human hands.

mod random;
mod ranges;

use super::{MAX_CLAUSES, MAX_DEPTH, Query};
use crate::error::ErrorKind;

fn t(text: &str) -> Query {
    Query::term(text)
}

fn clean(text: &str) -> Query {
    let parsed = Query::parse(text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    parsed.query
}

#[test]
fn the_language() {
    let table = [
        ("fox", "fox"),
        ("  fox  ", "fox"),
        ("", "()"),
        (" \t\n", "()"),
        ("()", "()"),
        ("a b", "a b"),
        ("(a b)", "a b"),
        ("((a))", "a"),
        ("a (b c)", "a (b c)"),
        ("+a -b c", "+a -b c"),
        ("+a !b", "+a -b"),
        ("+#a b", "+#a b"),
        ("a AND b", "+a +b"),
        ("a && b", "+a +b"),
        ("a OR b", "a b"),
        ("a || b", "a b"),
        ("a AND b AND c", "+a +b +c"),
        ("a AND b OR c AND d", "(+a +b) (+c +d)"),
        ("a AND b c", "(+a +b) c"),
        ("a b AND c", "a (+b +c)"),
        ("a AND NOT b", "+a -b"),
        ("a AND -b", "+a -b"),
        ("a AND (b OR c)", "+a +(b c)"),
        ("a AND(b OR c)", "+a +(b c)"),
        ("a NOT b", "a -b"),
        ("a OR NOT b", "a (-b)"),
        ("NOT a OR b", "(-a) b"),
        ("NOT a", "-a"),
        ("NOT (a b)", "-(a b)"),
        ("NOT a AND NOT b", "-a -b"),
        ("+a AND b", "+a +b"),
        ("-a", "-a"),
        ("-(-a)", "-(-a)"),
        ("a and b or not c", "a and b or not c"),
        ("title:fox", "title:fox"),
        ("title:(a b)", "title:a title:b"),
        ("title:(a body:b (c d))", "title:a body:b (title:c title:d)"),
        ("title:(+a -\"b c\")", "+title:a -title:\"b c\""),
        ("title:(a)^2", "title:a^2"),
        ("title:\"c d\"~3", "title:\"c d\"~3"),
        ("title:*", "title:*"),
        ("title:(*)", "title:*"),
        ("*", "*"),
        ("*:*", "*"),
        ("* -a", "* -a"),
        ("a*", "a*"),
        ("title:a*^2", "title:a*^2"),
        ("\"new y\"*", "\"new y\"*"),
        ("wh?le wh??l*e", "wh?le wh??l*e"),
        ("*ology *o*g a*b** wha?*", "*ology *o*g a*b** wha?*"),
        ("title:*olog* path:*p", r#"title:"*olog*"~? path:"*p"~?"#),
        ("你好吗?我很好", r"你好吗\?我很好"),
        ("url:http://x.y/z?q=1", r"url:http\://x.y/z\?q=1"),
        ("what? ?hat", r"what\? \?hat"),
        ("really?yes", "really?yes"),
        (r"wh\?le a\*b", r"wh\?le a\*b"),
        ("title:wh?le^2", "title:wh?le^2"),
        ("title:(c*t -d?g)", "title:c*t -title:d?g"),
        ("path:src/*.rs", r#"path:"src/*.rs"~?"#),
        (
            r#""*.r?"~? path:"a \\* b"~?^2"#,
            r#""*.r?"~? path:"a \\* b"~?^2"#,
        ),
        (r#""qui*"~?"#, r#""qui*"~?"#),
        (r#""wh?le"~?"#, "wh?le"),
        (r#""gr[ae]y|(a b)"~/"#, r#""gr[ae]y|(a b)"~/"#),
        (r#"-path:".*\\.rs"~/"#, r#"-path:".*\\.rs"~/"#),
        ("it~", "it~"),
        ("fox~", "fox~"),
        ("foxes~1", "foxes~1"),
        ("vixens~^2", "vixens~^2"),
        ("fox~2^3", "fox~2^3"),
        ("(fox~ ~)", r"fox~ \~"),
        ("+title:fox~0", "+title:fox~0"),
        ("title:(fox~ dog)", "title:fox~ title:dog"),
        (r"AND~1", r#""AND"~=~1"#),
        (r#""new yrok"~=~"#, r#""new yrok"~=~"#),
        (r#"tags:"new yrok"~=~1^2"#, r#"tags:"new yrok"~=~1^2"#),
        (r"fox\~1", r"fox\~1"),
        ("\"c d\"", "\"c d\""),
        ("\"c d\"~2", "\"c d\"~2"),
        ("\"c d\"~0", "\"c d\""),
        ("\"c d\"~*", "\"c d\"~*"),
        ("\"c\"~=", "c"),
        (r#""say \"ho\"""#, r#""say \"ho\"""#),
        ("year:[1 TO 9]", "year:[1 TO 9]"),
        ("year:[ 1  TO  9 ]", "year:[1 TO 9]"),
        ("year:{1 TO 9}", "year:{1 TO 9}"),
        ("year:[1 TO 9}", "year:[1 TO 9}"),
        ("year:[* TO 5]", "year:[* TO 5]"),
        ("year:{* TO *}", "year:[* TO *]"),
        ("year:>=2001", "year:[2001 TO *]"),
        ("year:>2001", "year:{2001 TO *]"),
        ("year:<=-5", "year:[* TO -5]"),
        ("year:<9^2", "year:[* TO 9}^2"),
        ("(year:<9)", "year:[* TO 9}"),
        ("year:([1 TO 2] [5 TO 6])", "year:[1 TO 2] year:[5 TO 6]"),
        (
            "d:[2001-01-01T00:00:00Z TO \"a b\"]",
            "d:[2001-01-01T00:00:00Z TO \"a b\"]",
        ),
        ("year:-5", r"year:\-5"),
        ("fox^2.5", "fox^2.5"),
        ("fox^.5", "fox^0.5"),
        ("fox^2^3", "fox^2^3"),
        ("(a b)^2 c", "(a b)^2 c"),
        ("fox^=3", "fox^=3"),
        ("(a b c)~2", "(a b c)~2"),
        ("(a)~0", "(a)~0"),
        ("()~0", "()~0"),
        ("(a AND b)~1", "(+a +b)~1"),
        (r"a\ b", "\"a b\"~="),
        (r"\AND", r"\\AND"),
        ("\"odd name\":x", "\"odd name\":x"),
        ("TO", "TO"),
    ];
    for (text, printed) in table {
        let query = clean(text);
        assert_eq!(query.to_string(), printed, "{text}");
        assert_eq!(clean(printed), query, "{text}");
    }
}

#[test]
fn precedence_as_trees() {
    assert_eq!(clean("a AND b OR c"), (t("a") & t("b")) | t("c"));
    assert_eq!(clean("a AND NOT (b OR c)"), t("a") & !(t("b") | t("c")));
    assert_eq!(clean("-a"), !t("a"));
    assert_eq!(clean("a OR NOT b"), t("a") | !t("b"));
}

/// What people type is found as text, without a complaint.
#[test]
fn words_with_odd_characters_are_words() {
    for text in [
        "C++",
        "C#",
        "usb-c",
        "AT&T",
        "rock'n'roll",
        "12:30",
        "x=y",
        "a/b",
        "5\"",
        "what?",
        "wow!",
        "@me",
        "#tag",
        "--verbose",
        "++i",
        "-",
        "+",
        "!",
        "100%",
        "a&&b",
        "main()",
        "🦊",
        "\0",
        "日本語",
        "http://x.y/z?q=1",
        "https://example.org/a-b?c=d&e=f",
        "e-mail@x.org",
        "…",
    ] {
        assert_eq!(clean(text), t(text), "{text}");
    }
    let none = |text| Query::parse_with(text, |_| false);
    for text in [
        "a:b",
        "C:\\temp\\x",
        "http://x.y/z?q=1",
        "a:b:c",
        "a:>5",
        "std::mem",
    ] {
        assert_eq!(none(text).query, t(text), "{text}");
    }
    assert_eq!(none("a:\"b c\"").query, t("a:") | Query::phrase("b c"));
    assert_eq!(none("\"b c\":d").query, Query::phrase("b c") | t(":d"));
    assert_eq!(none(r#""C:\temp""#).query, Query::phrase(r"C:\temp"));
    assert_eq!(none("a:(b c)").query.to_string(), r"a\: (b c)");
}

#[test]
fn what_is_no_syntax_is_text() {
    let table: [(&str, Query, &str); 42] = [
        ("\"", t("\""), "never closed"),
        ("a \"b c", t("a") | t("\"b") | t("c"), "never closed"),
        ("title:\"a", t("\"a").field("title"), "never closed"),
        ("(", t("("), "never closed"),
        ("(a b", t("a") | t("b"), "never closed"),
        ("title:(", t("title:("), "never closed"),
        (")))", t(")))"), "closes nothing"),
        ("a)b", t("a)b"), "closes nothing"),
        (":)", t(":)"), "closes nothing"),
        ("title:", t("title:"), "nothing follows title:"),
        ("title: a", t("title:") | t("a"), "nothing follows title:"),
        ("a AND", t("a") | t("AND"), "nothing follows AND"),
        ("NOT", t("NOT"), "nothing follows NOT"),
        ("AND a", t("AND") | t("a"), "nothing to join"),
        ("a AND OR b", (t("a") & t("OR")) | t("b"), "nothing to join"),
        ("NOT OR", !t("OR"), "nothing to join"),
        ("NOT -a", !t("-a"), "two signs in a row"),
        ("NOT +a", !t("+a"), "two signs in a row"),
        ("year:[1 TO", t("[1").field("year") | t("TO"), "not a range"),
        (
            "year:[TO 2]",
            t("[TO").field("year") | t("2]"),
            "not a range",
        ),
        (
            "year:[1 TO 2]s",
            t("[1").field("year") | t("TO") | t("2]s"),
            "not a range",
        ),
        ("year:>", t(">").field("year"), "no value follows"),
        ("*.rs", t("*.rs"), "this * is taken as text"),
        (
            "a* *.b*",
            Query::prefix("a") | t("*.b*"),
            "this * is taken as text",
        ),
        ("\"a(b\"~/", Query::nothing(), "this pattern finds nothing"),
        ("fox~0.8", t("fox~0.8"), "no number of edits"),
        ("fox~4294967296", t("fox~4294967296"), "no number of edits"),
        ("1995~2001", t("1995~2001"), "no number of edits"),
        ("fox~^-2", t("fox~^-2"), "no boost follows"),
        (
            "*whale* char",
            t("*whale*") | t("char"),
            "this * is taken as text",
        ),
        ("char *p", t("char") | t("*p"), "this * is taken as text"),
        ("f***", t("f***"), "this * is taken as text"),
        ("fo*~1", t("fo*~1"), "this * is taken as text"),
        (
            "fox~3",
            Query::fuzzy("fox").edits(2),
            "no more than 2 edits",
        ),
        (
            "\"new yrok\"~=~9",
            Query::fuzzy("new yrok").edits(2),
            "no more than 2 edits",
        ),
        ("fox^-2", t("fox^-2"), "no boost follows"),
        ("fox^nan", t("fox^nan"), "no boost follows"),
        ("fox^=1e9", t("fox^=1e9"), "no boost follows"),
        ("fox^-2^3", t("fox^-2").boost(3.0), "no boost follows"),
        (
            "\"a b\"^-1",
            Query::phrase("a b") | t("^-1"),
            "no boost follows",
        ),
        (
            "\"a\"~4294967296",
            Query::phrase("a") | t("~4294967296"),
            "no whole number",
        ),
        (
            "(a b)~1.5",
            Query::boolean([(t("a") | t("b")).should(), t("~1.5").should()]),
            "no whole number",
        ),
    ];
    for (text, query, message) in table {
        let parsed = Query::parse(text);
        assert_eq!(parsed.query, query, "{text}");
        assert_eq!(
            parsed.diagnostics.len(),
            1,
            "{text}: {:?}",
            parsed.diagnostics
        );
        let said = &parsed.diagnostics[0];
        assert!(said.message.contains(message), "{text}: {said}");
        assert!(text.get(said.span.clone()).is_some_and(|s| !s.is_empty()));
        assert_eq!(
            Query::parse_strict(text).unwrap_err().kind(),
            ErrorKind::Query
        );
        assert_eq!(parsed.lenient().unwrap(), query);
    }
}

#[test]
fn a_comparison_apart_from_its_field_is_text() {
    for (text, span, names) in [
        ("year > 1990", 5..6, vec!["year", ">", "1990"]),
        ("whale year <=1990", 11..12, vec!["whale", "year", "<=1990"]),
        ("year [1 TO 9]", 5..6, vec!["year", "[1", "TO", "9]"]),
    ] {
        let parsed = Query::parse_with(text, |name| name == "year");
        let words = names.into_iter().map(t);
        assert_eq!(parsed.query, words.reduce(|a, b| a | b).unwrap(), "{text}");
        let [said] = &parsed.diagnostics[..] else {
            panic!("{text}: {:?}", parsed.diagnostics);
        };
        assert_eq!(said.span, span);
        assert!(said.to_string().contains("write year:>9"), "{said}");
        // Who knows no fields can't tell.
        clean(text);
    }
    for text in [
        "if a > 1",
        "> year",
        "year \\> 5",
        "year x >5",
        "year \">5\"",
    ] {
        let parsed = Query::parse_with(text, |name| name == "year");
        assert_eq!(parsed.diagnostics, [], "{text}");
    }
}

#[test]
fn what_a_field_cannot_have_finds_nothing_and_is_said() {
    let schema = crate::Schema::builder()
        .unsigned("year")
        .boolean("new")
        .keyword("tag");
    let schema = schema.build().unwrap();
    for (text, at, said) in [
        ("fox year:soon", 4..13, "found \"soon\""),
        ("year:[b TO a]", 0..13, "found \"b\""),
        ("year:[1 TO x]^2", 0..13, "found \"x\""),
        ("year:>-1", 0..8, "found \"-1\""),
        ("+year:(1 2 three)", 11..16, "found \"three\""),
        ("new:\"not yet\"", 0..13, "found \"not yet\""),
        ("year:20*", 0..8, "no beginnings"),
        ("new:\"tr.*\"~/", 0..12, "no patterns"),
    ] {
        let parsed = Query::parse_for(text, &schema);
        let [diagnostic] = &parsed.diagnostics[..] else {
            panic!("{text}: {:?}", parsed.diagnostics)
        };
        assert_eq!(diagnostic.span, at, "{text}");
        assert!(diagnostic.message.contains(said), "{text}: {diagnostic}");
        assert!(format!("{:?}", parsed.query).contains("Nothing"), "{text}");
    }
    for text in [
        "year:*",
        "year:1",
        "new:true",
        "tag:soon*",
        "soon",
        "tag:[b TO a}",
    ] {
        let parsed = Query::parse_for(text, &schema);
        assert_eq!(parsed.query, Query::parse(text).query, "{text}");
    }
}

#[test]
fn strict_errors_point_at_the_place() {
    let error = Query::parse_strict("ünder (a b").unwrap_err().to_string();
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(
        lines,
        [
            r"this parenthesis is never closed; it is taken to be at the end; close it, or write \(",
            "  ünder (a b",
            "        ^",
        ]
    );
    let long = format!("{} ) {}", "x".repeat(100), "y".repeat(100));
    let error = Query::parse_strict(&long).unwrap_err().to_string();
    let lines: Vec<&str> = error.lines().collect();
    let caret = lines[2].chars().position(|c| c == '^').unwrap();
    assert_eq!(lines[1].chars().nth(caret), Some(')'));
    assert!(lines[1].chars().count() < 100 && lines[1].ends_with('…'));
    assert!(lines[1].starts_with("  …"), "{error}");
    assert!(
        Query::parse_strict("a\n)\n\0b")
            .unwrap_err()
            .to_string()
            .lines()
            .count()
            == 3
    );
}

#[test]
fn limits_are_errors_not_crashes() {
    for deep in [
        "(".repeat(1_000_000),
        "a(".repeat(10_000),
        format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("{}a", "-(".repeat(10_000)),
        format!("a{}", "^1".repeat(100_000)),
        "t:(".repeat(10_000),
    ] {
        let parsed = Query::parse(&deep);
        assert_eq!(parsed.query, Query::Nothing);
        let error = parsed.lenient().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Query);
        assert!(
            error.to_string().contains("deeper than the 30 levels"),
            "{error}"
        );
    }
    for wide in [
        "a ".repeat(100_000),
        "a AND ".repeat(100_000),
        "(a) OR NOT ".repeat(50_000),
    ] {
        let error = Query::parse(&wide).lenient().unwrap_err();
        assert!(
            error.to_string().contains("more than the 10000 clauses"),
            "{error}"
        );
    }
    // Anything else a million characters long is merely text.
    for hostile in [
        ")", "\"", "\\", "a:", "[", "a:[", "^", "~", "*", "+", "-", "()", "a:\"", "^1x", "\"a\":",
    ] {
        let parsed = Query::parse(&hostile.repeat(1_000_000 / hostile.len()));
        assert!(parsed.diagnostics.len() <= super::MAX_DIAGNOSTICS);
    }
    // Marks that are looked at in vain, and what is no wildcard at the far end only.
    for (word, end) in [("?a", "語"), ("*a", "?"), ("a?", "-"), ("*", "a?")] {
        let parsed = Query::parse(&format!("{}{end}", word.repeat(500_000)));
        assert!(parsed.query.check().is_ok(), "{word}");
    }
    let long_name = format!("{}:(a b)", "n".repeat(100_000));
    let parsed = Query::parse(&long_name);
    assert_eq!(parsed.query.to_string().matches('n').count(), 100_000);
}

#[test]
fn the_limits_themselves_are_allowed() {
    let wide = Query::any_of((0..MAX_CLAUSES).map(|n| t(&n.to_string())));
    let group = wide.clone().at_least(2);
    for query in [wide, group] {
        query.check().unwrap();
        assert_eq!(clean(&query.to_string()), query);
    }
    let over = Query::any_of((0..=MAX_CLAUSES).map(|n| t(&n.to_string())));
    assert!(over.check().is_err() && Query::parse(&over.to_string()).lenient().is_err());

    let mut deep = t("a");
    for level in 1..MAX_DEPTH {
        deep = if level % 2 == 0 {
            !deep
        } else {
            Query::any_of([deep])
        };
    }
    deep.check().unwrap();
    assert_eq!(clean(&deep.to_string()), deep);
    let json = serde_json::to_string(&deep).unwrap();
    assert_eq!(serde_json::from_str::<Query>(&json).unwrap(), deep);
    let deeper = format!("-({deep})");
    assert!((!deep).check().is_err() && Query::parse(&deeper).lenient().is_err());
}

/// Each way to put a query into another, a hundred thousand times.
#[test]
fn no_tower_can_be_built() {
    let ways: [fn(Query) -> Query; 8] = [
        |query| !query,
        |query| query.boost(2.0),
        |query| query.constant(2.0),
        |query| query.at_least(1).must().query.at_least(1).boost(1.0),
        |query| (query & t("a")) | t("b"),
        |query| (query | t("b")).filter(t("c")),
        |query| Query::any_of([t("a"), query]),
        |query| Query::Boolean {
            clauses: vec![t("a").must(), query.must_not()],
            minimum_should_match: 1,
        },
    ];
    for way in ways {
        let mut tower = t("a");
        for _ in 0..100_000 {
            tower = way(tower);
        }
        assert_eq!(tower.clone(), tower);
        assert!(tower.to_string().len() < 1_000 && format!("{tower:?}").len() < 10_000);
        let json = serde_json::to_string(&tower).unwrap();
        assert_eq!(serde_json::from_str::<Query>(&json).unwrap(), tower);
        let error = tower.check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Query);
        assert!(
            error.to_string().contains("deeper than the 30 levels"),
            "{error}"
        );
    }
}

#[test]
fn check_refuses_scores_that_are_none() {
    for factor in [f32::NAN, f32::INFINITY, -1.0] {
        assert_eq!(
            t("a").boost(factor).check().unwrap_err().kind(),
            ErrorKind::Query
        );
        assert_eq!(
            t("a").constant(factor).check().unwrap_err().kind(),
            ErrorKind::Query
        );
    }
    t("a").boost(0.0).constant(f32::MAX).check().unwrap();
}

/// No schema has one; and a message would have to show it.
#[test]
fn check_refuses_names_longer_than_any_field_has() {
    let longest = "n".repeat(super::check::MAX_FIELD_BYTES);
    for query in [t("a"), Query::prefix("a"), Query::fuzzy("a")] {
        query.clone().field(&longest).check().unwrap();
        let error = query.field(longest.clone() + "n").check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Query);
        assert!(error.to_string().contains("a field of"), "{error}");
    }
    Query::range(longest.clone(), 1..).check().unwrap();
    Query::range(longest + "n", 1..).check().unwrap_err();
}

#[test]
fn operators_stay_flat() {
    let many = (0..1000)
        .map(|n| t(&n.to_string()))
        .reduce(|a, b| a & b)
        .unwrap();
    assert!(matches!(&many, Query::Boolean { clauses, .. } if clauses.len() == 1000));
    assert_eq!(((t("a") | t("b")) & t("c")).to_string(), "+(a b) +c");
    assert_eq!((!t("a") & !t("b")).to_string(), "-a -b");
    assert_eq!((!!t("a")).to_string(), "-(-a)");
    let two = Query::any_of([t("a"), t("b")]).at_least(2);
    assert_eq!((two | t("c")).to_string(), "(a b)~2 c");
    assert_eq!((Query::boolean([]) | t("c")).to_string(), "()~0 c");
}

#[test]
fn json_is_stable() {
    let query = t("fox").field("title").boost(2.0) & Query::range("year", 1..9);
    assert_eq!(
        serde_json::to_value(&query).unwrap(),
        serde_json::json!({"boolean": {
            "clauses": [
                {"occur": "must", "query":
                    {"boost": [{"term": {"field": "title", "text": "fox"}}, 2.0]}},
                {"occur": "must", "query":
                    {"range": {"field": "year", "lower": {"Included": "1"}, "upper": {"Excluded": "9"}}}},
            ],
            "minimum_should_match": 0,
        }})
    );
}
