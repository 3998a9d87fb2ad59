//! Documents against schemas: what fits, what is refused, and what is said.

use super::*;
use crate::error::ErrorKind;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn schema() -> Schema {
    Schema::builder()
        .key("id")
        .text("title", Text::english().boost(2.0).bm25(0.9, 0.4))
        .unsigned("size")
        .integer("year")
        .float("price")
        .boolean("sold")
        .date("when")
        .keyword("tags")
        .stored("note")
        .build()
        .unwrap()
}

fn refusal(text: &str) -> String {
    let error = Document::from_json(&schema(), text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Document);
    error.to_string()
}

#[test]
fn numbers_are_exact() {
    let text = format!(
        r#"{{"price":[-1.7976931348623157e308,-3,3],"year":[{},{}],"size":{},"id":"a"}}"#,
        i64::MIN,
        i64::MAX,
        u64::MAX
    );
    let document = Document::from_json(&schema(), &text).unwrap();
    let values: Vec<Value> = document.values().iter().map(|(_, v)| v.clone()).collect();
    assert_eq!(
        values,
        [
            Value::from("a"),
            Value::from(u64::MAX),
            Value::from(i64::MIN),
            Value::from(i64::MAX),
            Value::from(f64::MIN),
            Value::from(-3.0),
            Value::from(3.0),
        ]
    );
}

#[test]
fn a_refusal_says_which_document_field_and_value() {
    for (text, said) in [
        (
            r#"{"year":"next spring","id":"42"}"#,
            r#"the document "42" was refused: field "year" takes an integer, found "next spring" (a string); write a whole number"#,
        ),
        (
            r#"{"id":"42","year":2001.5}"#,
            "takes an integer, found 2001.5 (a float)",
        ),
        (
            r#"{"id":"42","year":9223372036854775808}"#,
            "found 9223372036854775808 (out of range)",
        ),
        (
            r#"{"id":"42","year":123456789012345678901234567890}"#,
            "(out of range)",
        ),
        (
            r#"{"id":"42","size":-1}"#,
            "takes an unsigned integer, found -1 (negative)",
        ),
        (
            r#"{"id":"42","size":[1,[2]]}"#,
            "found an array inside an array; make fields of what is in it",
        ),
        (r#"{"id":"42","tags":["a",7]}"#, "found 7 (a number)"),
        (
            r#"{"id":"42","tags":{"a":1}}"#,
            "found an object; make fields of what is in it, or declare the field as stored",
        ),
        (r#"{"id":{"a":1}}"#, "found an object; write it as a string"),
        (
            r#"{"id":"42","title":true}"#,
            "takes text, found true (a boolean)",
        ),
        (r#"{"id":"42","sold":"yes"}"#, "takes true or false"),
        (
            r#"{"id":"42","when":"soon"}"#,
            r#"takes a date, found "soon""#,
        ),
        (
            r#"{"id":"42","price":1e999}"#,
            "it is not JSON: number out of range",
        ),
        (
            r#"{"id":"42","colour":1}"#,
            r#"field "colour" is not in the schema, which has id, title, size"#,
        ),
        (
            r#"{"id":"42","year":1,"year":2}"#,
            r#"field "year" is there twice"#,
        ),
        (
            r#"{"id":"42","note":1,"note":2}"#,
            r#"field "note" is there twice"#,
        ),
        (
            r#"{"id":"42","note":"\ud800"}"#,
            "it is not JSON: unexpected end of hex escape",
        ),
        (r#"{"id":"42","note":1e999}"#, "number out of range"),
        (r#"{"year":1}"#, r#"its key field "id" is missing"#),
        (r#"{"id":null}"#, r#"key field "id" takes a keyword"#),
        (r#"{"id":["42"]}"#, "found an array"),
        (r#"{"id":""}"#, "is an empty string, which names nothing"),
        (r#"{"id":42}"#, "found 42 (a number)"),
        (r#"["id"]"#, "a document is an object, found an array"),
        (r#" ["id"]"#, "a document is an object, found an array"),
        (r#""id""#, r#"found "id" (a string)"#),
        ("null", "found null"),
        ("true", "found true"),
        ("1", "found 1"),
        ("-1", "found -1"),
        ("1.5", "found 1.5"),
        ("", "it is not JSON: EOF"),
        (
            r#"{"id":"42","year":1"#,
            r#"the document "42" was refused: it is not JSON: EOF"#,
        ),
        (r#"{"id":"42"} {}"#, "trailing characters"),
    ] {
        let message = refusal(text);
        assert!(message.contains(said), "{text}\n{message}\nlacks {said}");
    }
}

#[test]
fn a_long_value_is_cut_in_the_message() {
    let text = format!(r#"{{"id":"42","year":"{}"}}"#, "ü".repeat(100_000));
    assert!(refusal(&text).len() < 400);
    let text = format!(r#"{{"id":"42","tags":"{}"}}"#, "x".repeat(32_767));
    assert!(refusal(&text).contains("at most 32766 bytes"));
    let text = format!(r#"{{"id":"42","tags":"{}"}}"#, "x".repeat(32_766));
    assert!(Document::from_json(&schema(), &text).is_ok());
}

#[test]
fn nothing_overflows_the_stack() {
    for name in ["note", "tags"] {
        let text = format!(r#"{{"id":"42","{name}":{}}}"#, "[".repeat(1_000_000));
        assert!(refusal(&text).contains(r#"the document "42""#));
    }
    let deep = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(r#"{{"id":"42","note":{open}{close}}}"#)
    };
    assert!(Document::from_json(&schema(), &deep(126)).is_ok());
    assert!(refusal(&deep(127)).contains("nested deeper than 127 levels"));
}

#[test]
fn unknown_members_can_be_kept() {
    let schema = Schema::builder().ignore_unknown().build().unwrap();
    let text = r#"{"a":{"b":[1,2]},"c":null}"#;
    let document = Document::from_json(&schema, &format!(" {text}\n")).unwrap();
    assert_eq!(document.source(), text);
    assert_eq!((document.key(), document.values()), (None, &[][..]));
    assert!(Document::from_json(&schema, r#"{"a":1,"a":2}"#).is_err());
}

#[derive(serde::Serialize)]
struct Article<'a> {
    id: &'a str,
    title: Option<&'a str>,
    tags: Vec<Option<&'a str>>,
    price: f32,
    when: Date,
    note: BTreeMap<&'a str, f64>,
}

#[test]
fn a_type_becomes_a_document() -> Result<()> {
    let mut article = Article {
        id: "42",
        title: None,
        tags: vec![Some("a"), None, Some("b")],
        price: 0.1,
        when: "2001-07-09".parse()?,
        note: BTreeMap::from([("deep", 1.0)]),
    };
    let schema = schema();
    let document = Document::new(&schema, &article)?;
    assert_eq!(document.key(), Some("42"));
    let of = |name| -> Vec<String> {
        let (id, _) = schema.field(name).unwrap();
        document.of(id).map(Value::to_string).collect()
    };
    assert_eq!(of("title"), [""; 0]);
    assert_eq!(of("tags"), ["a", "b"]);
    assert_eq!(of("price"), ["0.1"]);
    assert_eq!(of("when"), ["2001-07-09T00:00:00Z"]);
    assert_eq!(
        Document::from_json(&schema, document.source())?,
        document,
        "one path"
    );

    article.note.insert("bad", f64::NAN);
    let said = Document::new(&schema, &article).unwrap_err().to_string();
    assert!(
        said.contains(r#"field "note" takes finite numbers, found NaN"#),
        "{said}"
    );
    article.note.clear();
    article.price = f32::INFINITY;
    let said = Document::new(&schema, &article).unwrap_err().to_string();
    assert!(
        said.contains(r#"field "price" takes finite numbers, found inf"#),
        "{said}"
    );
    let map = BTreeMap::from([("price", f64::NEG_INFINITY)]);
    let said = Document::new(&schema, &map).unwrap_err().to_string();
    assert!(said.contains(r#"field "price""#), "{said}");
    let said = Document::new(&schema, "{}").unwrap_err().to_string();
    assert!(said.contains("put_json"), "{said}");
    Ok(())
}

/// As serde's interface allows: a name, and then its value.
struct InTwo(f64);

impl serde::Serialize for InTwo {
    fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = to.serialize_map(None)?;
        map.serialize_key("id")?;
        map.serialize_value("42")?;
        map.serialize_key("price")?;
        map.serialize_value(&self.0)?;
        map.end()
    }
}

#[test]
fn members_may_be_written_in_two_steps() {
    let document = Document::new(&schema(), &InTwo(1.5)).unwrap();
    assert_eq!(document.source(), r#"{"id":"42","price":1.5}"#);
    let said = Document::new(&schema(), &InTwo(f64::NAN)).unwrap_err();
    let said = said.to_string();
    assert!(said.contains("it holds the float NaN"), "{said}");
}

#[test]
fn keys_have_one_text() -> Result<()> {
    let schema = Schema::builder().integer("n").key("n").build()?;
    let document = Document::from_json(&schema, r#"{"n":-7}"#)?;
    assert_eq!(document.key(), Some("-7"));
    assert_eq!(schema.key_text(&Key::from(-7))?, "-7");
    assert_eq!(schema.key_text(&Key::from("-007"))?, "-7");
    assert!(schema.key_text(&Key::from(true)).is_err());
    assert!(schema.key_text(&Key::from(u64::MAX)).is_err());
    let keyless = Schema::builder().build()?;
    assert!(keyless.key_text(&Key::from("a")).is_err());
    Ok(())
}

#[test]
fn the_schema_is_readable_json() {
    let json = serde_json::to_string(&schema()).unwrap();
    assert_eq!(
        json,
        concat!(
            r#"{"key":"id","fields":[{"name":"id","kind":"keyword"},"#,
            r#"{"name":"title","kind":"text","analyzer":"english","boost":2.0,"bm25":[0.9,0.4]},"#,
            r#"{"name":"size","kind":"unsigned"},{"name":"year","kind":"integer"},"#,
            r#"{"name":"price","kind":"float"},{"name":"sold","kind":"boolean"},"#,
            r#"{"name":"when","kind":"date"},{"name":"tags","kind":"keyword"}],"#,
            r#""stored":["note"]}"#
        )
    );
    assert_eq!(serde_json::from_str::<Schema>(&json).unwrap(), schema());
    for lie in [
        r#"{"fields":[{"name":"a","kind":"keyword"},{"name":"a","kind":"float"}]}"#,
        r#"{"fields":[{"name":"a","kind":"tensor"}]}"#,
        r#"{"fields":[{"name":"a:b","kind":"float"}]}"#,
        r#"{"fields":[],"stored":["a"],"key":"a"}"#,
        r#"{"fields":[],"colour":1}"#,
        r#"{"fields":[{"name":"a","kind":"text","analyzer":"english","boost":-1}]}"#,
    ] {
        assert!(serde_json::from_str::<Schema>(lie).is_err(), "{lie}");
    }
}

#[test]
fn a_schema_is_checked() {
    let b = Schema::builder;
    for (builder, said) in [
        (
            b().keyword("a").float("a"),
            r#"field "a" is declared twice"#,
        ),
        (
            b().keyword("a").stored("a"),
            r#"field "a" is declared twice"#,
        ),
        (b().stored("a").key("a"), r#"field "a" is declared twice"#),
        (b().keyword(""), "is empty"),
        (b().keyword("a b"), "has the sign ' '"),
        (b().keyword("a:b"), "has the sign ':'"),
        (b().keyword("-a"), "starts with a sign"),
        (b().keyword("a".repeat(256)), "has 256 bytes"),
        (b().key("a").key("b"), "both declared as the key"),
        (b().key("a").float("a"), "declared as a float field"),
        (b().text("t", Text::plain().boost(f32::NAN)), "boost NaN"),
        (b().text("t", Text::plain().boost(2e30)), "at most 1e30"),
        (b().text("t", Text::plain().bm25(1.2, 1.1)), "b = 1.1"),
        (b().text("t", Text::analyzer("")), "names an analyzer"),
        (
            (0..=1000).fold(b(), |b, n| b.float(format!("f{n}"))),
            "1001 fields are too many",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Schema);
        assert!(error.to_string().contains(said), "{error} lacks {said}");
    }
}

#[test]
fn a_schema_grows_and_does_not_change() {
    let b = || Schema::builder().key("id").text("t", Text::english());
    let old = b().stored("note").build().unwrap();
    let fine = [
        b().stored("note").stored("more").float("x"),
        Schema::builder()
            .text("t", Text::english().boost(3.0).bm25(0.9, 0.4))
            .stored("note")
            .key("id"),
    ];
    for newer in fine {
        assert!(old.check_extension(&newer.build().unwrap()).is_ok());
    }
    let bad = [
        (Schema::builder().key("id").stored("note"), r#"field "t""#),
        (b(), r#"stored field "note""#),
        (b().keyword("note"), r#"field "note" is only stored"#),
        (
            Schema::builder()
                .keyword("id")
                .stored("note")
                .text("t", Text::english()),
            r#"the key is "id" in the index and none"#,
        ),
        (
            Schema::builder()
                .key("id")
                .stored("note")
                .text("t", Text::plain()),
            r#"field "t" is analysed as "english" in the index and as "plain""#,
        ),
        (
            Schema::builder().key("id").stored("note").keyword("t"),
            r#"field "t" is a text field in the index and a keyword field"#,
        ),
    ];
    for (newer, said) in bad {
        let error = old.check_extension(&newer.build().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Schema);
        assert!(error.to_string().contains(said), "{error} lacks {said}");
    }
}

proptest! {
    #[test]
    fn what_goes_in_comes_out(
        id in "\\PC{1,20}",
        title in prop::option::of(any::<String>()),
        size in prop::collection::vec(any::<u64>(), 0..4),
        year: i64,
        price in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL,
        sold: bool,
    ) {
        let schema = schema();
        let json = serde_json::json!({
            "sold": sold, "price": price, "year": year, "size": size, "title": title, "id": id,
        });
        let document = Document::new(&schema, &json).unwrap();
        prop_assert_eq!(document.key(), Some(id.as_str()));
        let mut wanted = vec![Value::from(id)];
        wanted.extend(title.map(Value::from));
        wanted.extend(size.into_iter().map(Value::from));
        wanted.extend([year.into(), price.into(), sold.into()]);
        let values: Vec<Value> = document.values().iter().map(|(_, v)| v.clone()).collect();
        prop_assert_eq!(values, wanted);
        let back: serde_json::Value = serde_json::from_str(document.source()).unwrap();
        prop_assert_eq!(back, json);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}\":,0-9a-e\\\\ ]{0,60}") {
        let schema = Schema::builder().ignore_unknown().text("a", Text::plain()).build().unwrap();
        if let Ok(document) = Document::from_json(&schema, &text) {
            prop_assert!(serde_json::from_str::<serde_json::Value>(document.source()).is_ok());
        }
    }
}

#[test]
fn an_unstored_text_is_searched_and_not_kept() {
    let schema = Schema::builder()
        .key("id")
        .text("body", Text::plain().unstored())
        .build()
        .unwrap();
    let written = serde_json::to_string(&schema).unwrap();
    assert!(written.contains(r#""stored":false"#), "{written}");
    let read: Schema = serde_json::from_str(&written).unwrap();
    assert_eq!(read, schema);
    let document = Document::from_json(&read, r#"{"body":["a","b"],"id":"x"}"#).unwrap();
    assert_eq!(document.source(), r#"{"id":"x"}"#);
    let (body, _) = read.field("body").unwrap();
    assert_eq!(document.of(body).count(), 2);
    // What is stored all along is not said.
    let stored = Schema::builder()
        .key("id")
        .text("body", Text::plain())
        .build()
        .unwrap();
    assert!(
        !serde_json::to_string(&stored)
            .unwrap()
            .contains("\"stored\":true")
    );
    assert!(stored.check_extension(&schema).is_ok());
}
