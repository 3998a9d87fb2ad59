//! What can be put in, and does it come out the same? Typed documents and
//! schemas through the public interface, without an index: one story a test.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wordhoard::document::{FieldKind, Key};
use wordhoard::{Date, Document, ErrorKind, Schema, Text, Value};

/// A type with something of everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Book {
    isbn: u64,
    title: String,
    subtitle: Option<String>,
    authors: Vec<String>,
    /// Years before Christ are negative.
    written: i64,
    price: f64,
    #[serde(rename = "in-print")]
    in_print: bool,
    read_on: Vec<Date>,
    genre: Genre,
    publisher: Publisher,
    #[serde(flatten)]
    rest: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Genre {
    Novel,
    Epic,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Publisher {
    name: String,
    cities: Vec<String>,
}

fn books() -> Schema {
    Schema::builder()
        .unsigned("isbn")
        .key("isbn")
        .text("title", Text::english().boost(2.0))
        .text("subtitle", Text::english())
        .keyword("authors")
        .integer("written")
        .float("price")
        .boolean("in-print")
        .date("read_on")
        .keyword("genre")
        .stored("publisher")
        .unsigned("pages")
        .build()
        .unwrap()
}

fn odyssey() -> Book {
    Book {
        isbn: u64::MAX,
        title: "The \"Odyssey\" \u{0} 🐋".into(),
        subtitle: None,
        authors: vec!["Homer".into(), "Emily Wilson".into()],
        written: -725,
        price: 0.1 + 0.2,
        in_print: true,
        read_on: vec![
            "2001-07-09".parse().unwrap(),
            "1999-12-31T23:59:59.5-05:00".parse().unwrap(),
        ],
        genre: Genre::Epic,
        publisher: Publisher {
            name: "Norton".into(),
            cities: vec!["New York".into(), "London".into()],
        },
        rest: BTreeMap::from([("pages".into(), 582)]),
    }
}

fn values(schema: &Schema, document: &Document, field: &str) -> Vec<Value> {
    let (id, _) = schema.field(field).expect("a declared field");
    document.of(id).cloned().collect()
}

fn back<T: DeserializeOwned>(document: &Document) -> T {
    serde_json::from_str(document.source()).unwrap()
}

#[test]
fn a_typed_document_comes_back_as_it_was() {
    let schema = books();
    let document = Document::new(&schema, &odyssey()).unwrap();
    assert_eq!(back::<Book>(&document), odyssey());
    assert_eq!(document.key(), Some("18446744073709551615"));
    let of = |field| values(&schema, &document, field);
    assert_eq!(of("isbn"), [Value::Unsigned(u64::MAX)]);
    assert_eq!(of("title"), [Value::from(odyssey().title)]);
    assert_eq!(of("subtitle"), []);
    assert_eq!(of("authors"), ["Homer", "Emily Wilson"].map(Value::from));
    assert_eq!(of("written"), [Value::Integer(-725)]);
    assert_eq!(of("price"), [Value::Float(0.1 + 0.2)]);
    assert_eq!(of("in-print"), [Value::Boolean(true)]);
    assert_eq!(of("genre"), [Value::from("epic")]);
    assert_eq!(of("pages"), [Value::Unsigned(582)]);
    let dates: Vec<String> = of("read_on").iter().map(Value::to_string).collect();
    assert_eq!(dates, ["2001-07-09T00:00:00Z", "2000-01-01T04:59:59.5Z"]);
}

#[test]
fn a_type_its_json_and_its_tree_are_the_same_document() {
    let schema = books();
    let typed = Document::new(&schema, &odyssey()).unwrap();
    let text = serde_json::to_string(&odyssey()).unwrap();
    assert_eq!(Document::from_json(&schema, &text).unwrap(), typed);
    let raw = serde_json::from_str::<serde_json::Value>(&text).unwrap();
    let tree = Document::new(&schema, &raw).unwrap();
    assert_eq!(tree.values(), typed.values());
    assert_eq!(tree.key(), typed.key());
}

#[test]
fn json_is_kept_to_the_letter() {
    let schema = Schema::builder().float("x").stored("y").build().unwrap();
    let text = "{ \"x\" : 1.50 ,\r\n \"y\": [ 12345678901234567890123 ] }";
    let document = Document::from_json(&schema, &format!("\n {text}\t")).unwrap();
    assert_eq!(document.source(), text);
    assert_eq!(values(&schema, &document, "x"), [Value::Float(1.5)]);
}

#[test]
fn null_absent_and_empty_are_no_value() {
    let schema = Schema::builder().keyword("tags").build().unwrap();
    for text in [
        "{}",
        r#"{"tags":null}"#,
        r#"{"tags":[]}"#,
        r#"{"tags":[null,null]}"#,
    ] {
        let document = Document::from_json(&schema, text).unwrap();
        assert_eq!(document.values(), [], "{text}");
    }
    let document = Document::from_json(&schema, r#"{"tags":""}"#).unwrap();
    assert_eq!(values(&schema, &document, "tags"), [Value::from("")]);
}

#[test]
fn names_may_be_escaped_in_json() {
    let schema = Schema::builder().keyword("größe").build().unwrap();
    let document = Document::from_json(&schema, r#"{"gr\u00f6\u00dfe":"\ud83d\udc0b"}"#).unwrap();
    assert_eq!(values(&schema, &document, "größe"), [Value::from("🐋")]);
    let twice = r#"{"größe":"a","gr\u00f6\u00dfe":"b"}"#;
    let error = Document::from_json(&schema, twice).unwrap_err();
    assert!(error.to_string().contains("there twice"), "{error}");
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    #[derive(Serialize)]
    struct Loose<'a> {
        year: &'a str,
        id: &'a str,
    }
    let schema = Schema::builder().key("id").integer("year").build().unwrap();
    let loose = Loose {
        year: "next spring",
        id: "42",
    };
    let error = Document::new(&schema, &loose).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Document);
    assert_eq!(
        error.to_string(),
        "the document \"42\" was refused: field \"year\" takes an integer, \
         found \"next spring\" (a string); write a whole number from \
         -9223372036854775808 to 9223372036854775807, or declare the field as \
         unsigned, a float or a keyword"
    );
}

#[test]
fn each_kind_takes_its_values_and_no_others() {
    // Columns: text, keyword, unsigned, integer, float, boolean, date.
    let kinds = ["t", "k", "u", "i", "f", "b", "d"];
    let schema = Schema::builder()
        .text("t", Text::plain())
        .keyword("k")
        .unsigned("u")
        .integer("i")
        .float("f")
        .boolean("b")
        .date("d")
        .build()
        .unwrap();
    for (json, fits) in [
        (r#""whale""#, "tk"),
        (r#""2001-07-09""#, "tkd"),
        ("0", "uif"),
        ("-1", "if"),
        ("9223372036854775807", "uif"),
        ("9223372036854775808", "uf"),
        ("-9223372036854775808", "if"),
        ("-9223372036854775809", "f"),
        ("18446744073709551615", "uf"),
        ("18446744073709551616", "f"),
        ("1.0", "f"),
        ("1e300", "f"),
        ("true", "b"),
        ("{}", ""),
        ("[[]]", ""),
        (r#"["a", 1]"#, ""),
        (r#"["a", "b"]"#, "tk"),
        ("null", "tkuifbd"),
    ] {
        for kind in kinds {
            let text = format!(r#"{{"{kind}":{json}}}"#);
            let taken = Document::from_json(&schema, &text);
            assert_eq!(taken.is_ok(), fits.contains(kind), "{text}: {taken:?}");
        }
    }
}

#[test]
fn broken_json_says_where() {
    let schema = Schema::builder().key("id").build().unwrap();
    for text in [
        r#"{"id":"42""#,
        r#"{"id":"42",}"#,
        r#"{"id":'42'}"#,
        r#"{"id":"42"}}"#,
        r#"{"id":"4"#,
        "{id:42}",
        "\u{feff}{}",
        "\0",
    ] {
        let error = Document::from_json(&schema, text).unwrap_err();
        let said = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Document);
        assert!(
            said.contains("not JSON") && said.contains("column"),
            "{said}"
        );
    }
}

#[test]
fn a_giant_is_a_document_too() {
    let schema = Schema::builder()
        .text("body", Text::plain())
        .build()
        .unwrap();
    let body = "x".repeat(50_000_000);
    let document = Document::new(&schema, &BTreeMap::from([("body", &body)])).unwrap();
    assert!(document.size() > 100_000_000);
    assert_eq!(back::<BTreeMap<String, String>>(&document)["body"], body);
}

#[test]
fn a_schema_is_stored_as_json_that_a_person_can_read() {
    let schema = books();
    let json = serde_json::to_string_pretty(&schema).unwrap();
    assert!(json.starts_with("{\n  \"key\": \"isbn\",\n"), "{json}");
    assert_eq!(serde_json::from_str::<Schema>(&json).unwrap(), schema);
    let (key, _) = schema.field("isbn").unwrap();
    assert_eq!(schema.key(), Some(key));
    assert_eq!(*schema.at(key).kind(), FieldKind::Unsigned);
    assert!(schema.field("publisher").is_none(), "stored, not searched");
    assert_eq!(schema.stored(), ["publisher"]);
}

#[test]
fn a_key_is_one_name_however_it_is_written() {
    let schema = books();
    for key in [Key::from(7u64), Key::from(7), Key::from("7")] {
        assert_eq!(schema.key_text(&key).unwrap(), "7");
    }
    let error = schema.key_text(&Key::from(-7)).unwrap_err();
    assert!(error.to_string().contains("\"isbn\""), "{error}");
}
