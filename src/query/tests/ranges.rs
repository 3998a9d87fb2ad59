//! Ranges that no value can be in are said to be empty, and no others are.

use crate::document::Schema;
use crate::query::Query;

#[test]
fn ranges_the_wrong_way_round_are_said_to_be_empty() {
    let schema = Schema::builder()
        .unsigned("year")
        .float("price")
        .date("day")
        .keyword("tag")
        .build()
        .unwrap();
    for (text, at, turned) in [
        ("a year:[2020 TO 1990]^2", 7..21, "year:[1990 TO 2020]"),
        ("year:{10 TO 9]", 5..14, "year:{9 TO 10]"),
        // Without its bounds this would be empty, too.
        ("year:{10 TO 9}", 5..14, "year:[9 TO 10]"),
        ("year:([9 TO 1] 5)", 6..14, "year:[1 TO 9]"),
        ("price:[1e3 TO -1]", 6..17, "price:[-1 TO 1e3]"),
        (
            "day:[2001-02-01 TO 2001-01-01]",
            4..30,
            "day:[2001-01-01 TO 2001-02-01]",
        ),
        ("day:{2002 TO 2001-12}", 4..21, "day:[2001-12 TO 2002]"),
        ("day:{2003 TO 2001-12}", 4..21, "day:{2001-12 TO 2003}"),
        ("tag:[9 TO \"10 a\"]", 4..17, "tag:[\"10 a\" TO 9]"),
    ] {
        let parsed = Query::parse_for(text, &schema);
        assert_eq!(parsed.diagnostics.len(), 1, "{text}");
        let said = &parsed.diagnostics[0];
        assert_eq!(
            (said.span.clone(), &said.hint),
            (at, &format!("write {turned}")),
            "{text}"
        );
        // What it is stays what was written, and what is proposed is well.
        assert_eq!(parsed.query, Query::parse(text).query);
        assert!(parsed.strict().is_err());
        assert!(Query::parse_for(turned, &schema).diagnostics.is_empty());
    }
}

#[test]
fn comparisons_are_read_in_groups() {
    let schema = Schema::builder().unsigned("year").build().unwrap();
    for (group, alone) in [
        ("year:(<1900 OR >=2000)", "year:<1900 OR year:>=2000"),
        ("year:(>1 -(<9))^2", "(year:>1 -year:<9)^2"),
        ("year:(>\"1\")", "year:>\"1\""),
    ] {
        let parsed = Query::parse_for(group, &schema);
        assert_eq!(parsed.query, Query::parse(alone).query, "{group}");
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        assert_eq!(Query::parse(group).query, parsed.query);
    }
    // Where no field is named it is text, as is one without a value.
    for text in ["(>9)", "\\>9", "title:(c -\\> d)"] {
        let query = Query::parse(text).query;
        assert!(!format!("{query:?}").contains("Range"), "{query}");
    }
    let parsed = Query::parse_for("year:(>)", &schema);
    assert_eq!(parsed.diagnostics.len(), 1);
}

#[test]
fn ranges_that_lose_all_by_their_braces_are_said_to_be_empty() {
    let schema = Schema::builder()
        .unsigned("year")
        .integer("depth")
        .float("price")
        .boolean("sold")
        .date("day")
        .keyword("tag")
        .text("body", crate::Text::plain())
        .build()
        .unwrap();
    for (text, at, message, whole) in [
        (
            "a day:{2001 TO 2001-07]^2",
            6..23,
            "no day is from 2001 to 2001-07 without 2001",
            "day:[2001 TO 2001-07]",
        ),
        (
            "day:[2001-07 TO 2001}",
            4..21,
            "no day is from 2001-07 to 2001 without 2001",
            "day:[2001-07 TO 2001]",
        ),
        (
            "day:{2001 TO 2002}",
            4..18,
            "no day is from 2001 to 2002 without 2001 and 2002",
            "day:[2001 TO 2002]",
        ),
        (
            "year:{5 TO 5}",
            5..13,
            "no year is from 5 to 5 without 5",
            "year:[5 TO 5]",
        ),
        (
            "year:[5 TO 5}",
            5..13,
            "no year is from 5 to 5 without 5",
            "year:[5 TO 5]",
        ),
        (
            "year:{5 TO 6}",
            5..13,
            "no year is from 5 to 6 without 5 and 6",
            "year:[5 TO 6]",
        ),
        (
            "price:{1.5 TO 1.5]",
            6..18,
            "no price is from 1.5 to 1.5 without 1.5",
            "price:[1.5 TO 1.5]",
        ),
        (
            "sold:{false TO true}",
            5..20,
            "no sold is from false to true without false and true",
            "sold:[false TO true]",
        ),
        (
            "tag:[red TO red}",
            4..16,
            "no tag is from red to red without red",
            "tag:[red TO red]",
        ),
        ("year:<0 a", 5..7, "no year is below 0", "year:[* TO 0]"),
        (
            "depth:{9223372036854775807 TO *]",
            6..32,
            "no depth is above 9223372036854775807",
            "depth:[9223372036854775807 TO *]",
        ),
        // What has no value is past the last, though there are codes.
        (
            "sold:>true",
            5..10,
            "no sold is above true",
            "sold:[true TO *]",
        ),
        (
            "day:{9999 TO *}",
            4..15,
            "no day is above 9999",
            "day:[9999 TO *]",
        ),
        ("day:<0000", 4..9, "no day is below 0000", "day:[* TO 0000]"),
        (
            "price:>1.7976931348623157e308",
            6..29,
            "no price is above 1.7976931348623157e308",
            "price:[1.7976931348623157e308 TO *]",
        ),
        (
            "price:<-1.7976931348623157e308",
            6..30,
            "no price is below -1.7976931348623157e308",
            "price:[* TO -1.7976931348623157e308]",
        ),
        ("tag:<\"\"", 4..7, "no tag is below \"\"", "tag:[* TO \"\"]"),
    ] {
        let parsed = Query::parse_for(text, &schema);
        assert_eq!(parsed.diagnostics.len(), 1, "{text}");
        let said = &parsed.diagnostics[0];
        assert_eq!(
            (said.span.clone(), said.message.as_str()),
            (at, message),
            "{text}"
        );
        let hint = format!("to have the bounds, too, write {whole}");
        assert_eq!(said.hint, hint, "{text}");
        // What it is stays what was written, and what is proposed is well.
        assert_eq!(parsed.query, Query::parse(text).query);
        assert_eq!(Query::parse_for(whole, &schema).diagnostics, []);
        assert_eq!(Query::parse_filter(text, &schema).diagnostics.len(), 1);
    }
    for text in [
        "year:[9 TO 9]",
        "year:[9 TO 10]",
        "year:{9 TO 10]",
        "year:{9 TO 11}",
        "year:[9 TO *]",
        "year:[0 TO *} year:<=0 year:>0",
        "depth:{-1 TO 1} depth:<0",
        "price:{1 TO 1.0000001}",
        "price:{0 TO 1}",
        "sold:{false TO true]",
        // The last of the year is after that day.
        "day:[2001-07-09 TO 2001]",
        "day:[2001 TO 2001-07-09]",
        "day:{2001-07-09 TO 2001]",
        "day:{2001-07-09 TO 2001-07-11}",
        "day:{2001 TO 2002-01-01T00:00]",
        "day:[2001 TO 2002}",
        "tag:[10 TO 9]",
        "tag:{a TO aa}",
        "body:{a TO b}",
        // Where the fields aren't known, nothing is.
        "other:{5 TO 5}",
    ] {
        let said = Query::parse_for(text, &schema).diagnostics;
        let about_ranges = said.iter().any(|said| said.message.contains(" is from "));
        assert!(!about_ranges, "{text}: {said:?}");
    }
    assert_eq!(Query::parse("year:{5 TO 5}").diagnostics, []);
}
