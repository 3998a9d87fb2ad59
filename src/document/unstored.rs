//! # Unstored: a JSON object without some of its members
//!
//! Idea        the text of a document that was accepted is known to be one JSON
//!             object. So its members can be told apart by quotes and brackets
//!             alone, and those that aren't to be kept are left out, the others
//!             copied as they are
//! Example     `{"id": 7, "body": "…", "year": 1851}` without `body` is
//!             `{"id": 7,"year": 1851}`
//! Invariants  (1) the result is one JSON object with the other members in
//!             their order, each byte by byte
//!             (2) of a text that is no JSON the result is some text: nothing
//!             panics
//! Cost        one pass; strings are gone through at the speed of a search for
//!             a byte
//! Next        [`crate::analysis`]

/// The object in `text` without the members whose name is `dropped`.
pub(super) fn without(text: &str, dropped: impl Fn(&str) -> bool) -> String {
    let mut kept = String::from("{");
    let mut rest = text.trim_ascii_start();
    rest = rest.strip_prefix('{').unwrap_or(rest);
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ',']);
        if !rest.starts_with('"') {
            break;
        }
        let name = string(rest);
        let colon = rest[name.len()..].find(':').unwrap_or(0);
        let before = name.len() + colon + 1;
        let Some(after) = rest.get(before..) else {
            break;
        };
        let space = after.len() - after.trim_ascii_start().len();
        let value = value(&after[space..]);
        let member = &rest[..before + space + value.len()];
        rest = &rest[member.len()..];
        // A name may be written with escapes.
        let written: std::borrow::Cow<'_, str> = serde_json::from_str(name).unwrap_or_default();
        if !dropped(&written) {
            if kept.len() > 1 {
                kept.push(',');
            }
            kept.push_str(member);
        }
    }
    kept.push('}');
    kept
}

/// The string that `text` begins with, quotes and all.
fn string(text: &str) -> &str {
    let mut end = 1;
    while let Some(quote) = text.get(end..).and_then(|rest| rest.find('"')) {
        let before = &text.as_bytes()[end..end + quote];
        end += quote + 1;
        let escapes = before.iter().rev().take_while(|&&byte| byte == b'\\');
        if escapes.count() % 2 == 0 {
            return &text[..end];
        }
    }
    text
}

/// The value that `text` begins with.
fn value(text: &str) -> &str {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => {
                at += string(&text[at..]).len();
                if depth == 0 {
                    return &text[..at];
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return text[..at].trim_ascii_end(),
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return &text[..=at];
                }
            }
            b',' if depth == 0 => return text[..at].trim_ascii_end(),
            _ => {}
        }
        at += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    #[test]
    fn the_example_is_true() {
        let text = r#"{"id": 7, "body": "…", "year": 1851}"#;
        let kept = without(text, |name| name == "body");
        assert_eq!(kept, r#"{"id": 7,"year": 1851}"#);
    }

    #[test]
    fn blanks_may_stand_anywhere_between() {
        let text = "\t{ \"id\"  : 7 , \"body\" : [ 1 ] ,\r\n\"year\"\n:\n1851 }\n";
        let kept = without(text, |name| name == "body");
        assert_eq!(kept, "{\"id\"  : 7,\"year\"\n:\n1851}");
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z\"\\\\{}\\[\\],: é]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            let name = "[a-c\"\\\\]{0,3}";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(name, inner, 0..4)
                    .prop_map(|map| Value::from(map.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_tree(
            members in prop::collection::btree_map("[a-c\"\\\\é]{0,2}", json(), 0..6),
            pretty in any::<bool>(),
        ) {
            let object: Map<String, Value> = members.into_iter().collect();
            let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
            let text = write(&object).unwrap();
            let dropped = |name: &str| name.contains('a');
            let mut expected = object;
            expected.retain(|name, _| !dropped(name));
            let kept: Map<String, Value> = serde_json::from_str(&without(&text, dropped)).unwrap();
            prop_assert_eq!(kept, expected);
        }

        #[test]
        fn any_text_is_survived(text in "[{}\\[\\]\",:\\\\ aé1]{0,30}") {
            without(&text, |name| name.is_empty());
        }
    }
}
