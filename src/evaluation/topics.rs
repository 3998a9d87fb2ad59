//! # Topics: the questions of a collection
//!
//! Idea        a question has an id, which the judgments use, and a text
//! Example     `{"id": "q1", "text": "who hunted the whale?"}` as a line of
//!             JSON, or `q1<TAB>who hunted the whale?`
//! Invariants  ids are unique: an answer could not be told from another's
//! Left out    TREC's old topic files with their tags; they convert in a line
//!             of a script
//! Next        `run`

use std::collections::HashSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{lines, read, refuse};
use crate::error::Result;

/// A question, as collections give it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// What the judgments call it.
    pub id: String,
    /// The question.
    pub text: String,
}

/// Reads a file of questions.
///
/// # Errors
/// Io if the file can't be read, Evaluation if a line isn't a question.
pub fn read_topics(path: impl AsRef<Path>) -> Result<Vec<Topic>> {
    let path = path.as_ref();
    parse_topics(&read(path)?, &path.display().to_string())
}

/// Reads questions, one a line: JSON objects with `id` (or `_id`) and `text`, or
/// id, tab, text. In messages the text is called `name`.
///
/// ```
/// use wordhoard::evaluation::parse_topics;
///
/// let json = parse_topics(r#"{"id": 7, "text": "white whale"}"#, "queries.jsonl")?;
/// let tabs = parse_topics("7\twhite whale\n", "queries.tsv")?;
/// assert_eq!(json, tabs);
/// # Ok::<(), wordhoard::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Evaluation`](crate::ErrorKind::Evaluation), naming the line.
pub fn parse_topics(text: &str, name: &str) -> Result<Vec<Topic>> {
    let mut topics: Vec<Topic> = Vec::new();
    let mut seen = HashSet::new();
    for (index, (number, line)) in lines(text).enumerate() {
        let place = format!("{name} line {number}");
        let topic = if line.trim_start().starts_with('{') {
            from_json(line, &place)?
        } else {
            let Some((id, text)) = line.split_once('\t') else {
                return Err(refuse(
                    &place,
                    "no tab and no JSON object; write the id, a tab and the text of the query",
                ));
            };
            let (id, text) = (id.trim(), text.trim());
            let is_header = matches!(id, "id" | "_id" | "qid" | "query-id" | "query_id")
                && matches!(text, "text" | "query");
            if index == 0 && is_header {
                continue;
            }
            Topic {
                id: id.to_owned(),
                text: text.to_owned(),
            }
        };
        if topic.id.is_empty() {
            return Err(refuse(&place, "the id is empty; give each query an id"));
        }
        if !seen.insert(topic.id.clone()) {
            return Err(refuse(
                &place,
                format!(
                    "query {} was there before; give each query an id of its own",
                    topic.id
                ),
            ));
        }
        topics.push(topic);
    }
    Ok(topics)
}

fn from_json(line: &str, place: &str) -> Result<Topic> {
    let object: Value = serde_json::from_str(line).map_err(|error| {
        refuse(
            place,
            format!("malformed JSON: {error}; write one object a line"),
        )
    })?;
    let id = match object.get("id").or_else(|| object.get("_id")) {
        Some(Value::String(id)) => id.trim().to_owned(),
        Some(Value::Number(id)) => id.to_string(),
        _ => {
            return Err(refuse(
                place,
                r#"no "id" that is a string or a number; add one"#,
            ));
        }
    };
    match object.get("text") {
        Some(Value::String(text)) => Ok(Topic {
            id,
            text: text.clone(),
        }),
        _ => Err(refuse(
            place,
            r#"no "text" that is a string; add the query's text"#,
        )),
    }
}
