//! A schema for documents that come without one.

use crate::{Failure, style};
use clap::Args;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use wordhoard::document::MAX_FIELDS;
use wordhoard::{Date, Schema, Text};

/// Fields shown that can't be searched; the rest are counted.
const SHOWN: usize = 20;

/// Bytes of a string that may be a name or a tag.
const SHORT: usize = 200;

// What the user said about fields; the rest is inferred. (A comment with three strokes would
// be taken for what the command does.)
#[derive(Args)]
pub struct Wishes {
    /// The field that names a document; the same key again replaces it.
    #[arg(long, value_name = "FIELD")]
    key: Option<String>,
    /// A text field, with an analyzer if not the default one.
    #[arg(long, value_name = "FIELD[:ANALYZER]")]
    text: Vec<String>,
    /// A field of exact strings.
    #[arg(long, value_name = "FIELD")]
    keyword: Vec<String>,
    /// A field of numbers.
    #[arg(long, value_name = "FIELD")]
    number: Vec<String>,
    /// A text field that is searched but not kept with the document.
    #[arg(long, value_name = "FIELD")]
    unstored: Vec<String>,
    /// How texts are analysed: english, plain, cjk, german, …
    #[arg(long, default_value = "english")]
    analyzer: String,
}

impl Wishes {
    /// Whether anything was said about any field.
    pub fn names_any(&self) -> bool {
        let named = [&self.text, &self.keyword, &self.number, &self.unstored];
        self.key.is_some() || named.iter().any(|fields| !fields.is_empty())
    }

    /// Refuses what contradicts itself, and names what may be a slip: a field that no
    /// document has.
    fn check(&self, is_there: impl Fn(&str) -> bool) -> Result<(), Failure> {
        let text = |wish: &'_ String| wish.split(':').next().unwrap_or_default().to_owned();
        let texts: Vec<String> = self.text.iter().map(text).collect();
        for name in &self.keyword {
            if texts.contains(name) || self.number.contains(name) {
                return Err(format!(
                    "--keyword {name} says another kind of field than --text or --number; keep one"
                )
                .into());
            }
        }
        for name in &self.number {
            if texts.contains(name) {
                return Err(format!(
                    "--number {name} says another kind of field than --text; keep one"
                )
                .into());
            }
        }
        for name in &self.unstored {
            if self.keyword.contains(name)
                || self.number.contains(name)
                || self.key.as_ref() == Some(name)
            {
                return Err(format!(
                    "--unstored {name}: only a text can be searched without being kept"
                )
                .into());
            }
        }
        let named = [&texts, &self.keyword, &self.number, &self.unstored];
        for name in named.into_iter().flatten().filter(|name| !is_there(name)) {
            style::complain(format_args!(
                "no document so far has the field {name:?}; is it written so?"
            ));
        }
        Ok(())
    }
}

/// What the values of a member have been so far.
#[derive(Default)]
struct Seen {
    /// In how many documents it is.
    documents: usize,
    unsigned: usize,
    integers: usize,
    floats: usize,
    booleans: usize,
    dates: usize,
    strings: usize,
    /// Strings of several words, or too long for a keyword: not all scripts have blanks
    /// between words.
    sentences: usize,
    lists: usize,
    other: usize,
    distinct: HashSet<String>,
}

impl Seen {
    fn add(&mut self, value: &Value) {
        match value {
            Value::Bool(_) => self.booleans += 1,
            Value::Number(number) if number.is_u64() => {
                self.unsigned += 1;
                self.distinct.insert(number.to_string());
            }
            Value::Number(number) if number.is_i64() => self.integers += 1,
            Value::Number(_) => self.floats += 1,
            Value::String(text) => {
                self.strings += 1;
                self.dates += usize::from(text.parse::<Date>().is_ok());
                let is_short = text.len() <= SHORT;
                let is_sentence = !is_short || text.split_whitespace().nth(3).is_some();
                self.sentences += usize::from(is_sentence);
                if is_short {
                    self.distinct.insert(text.clone());
                }
            }
            Value::Null | Value::Array(_) | Value::Object(_) => self.other += 1,
        }
    }

    fn values(&self) -> usize {
        self.unsigned + self.integers + self.floats + self.booleans + self.strings + self.other
    }
}

const KEYS: [&str; 7] = ["id", "_id", "key", "docid", "uid", "url", "path"];

/// The schema for documents like these samples.
pub fn schema(samples: &[Value], wishes: &Wishes) -> Result<Schema, Failure> {
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    let mut order: Vec<&str> = Vec::new();
    for sample in samples {
        let Value::Object(members) = sample else {
            continue;
        };
        for (name, value) in members {
            if !seen.contains_key(name.as_str()) {
                order.push(name);
            }
            let seen = seen.entry(name).or_default();
            seen.documents += usize::from(!value.is_null());
            match value {
                Value::Null => {}
                Value::Array(values) => {
                    seen.lists += 1;
                    values.iter().for_each(|value| seen.add(value));
                }
                value => seen.add(value),
            }
        }
    }
    wishes.check(|name| seen.contains_key(name))?;
    let mut named: HashSet<String> = HashSet::new();
    let mut builder = Schema::builder().ignore_unknown();
    let key = match &wishes.key {
        Some(key) => Some(key.clone()),
        None => infer_key(&seen, samples.len()),
    };
    if let Some(key) = &key {
        builder = builder.key(key);
        let whole = seen
            .get(key.as_str())
            .is_some_and(|seen| seen.unsigned == seen.values() && seen.values() > 0);
        if whole && !wishes.keyword.contains(key) {
            builder = builder.unsigned(key);
        }
        named.insert(key.clone());
    }
    let text = |name: &str, analyzer: &str| {
        let text = Text::analyzer(analyzer);
        match wishes.unstored.iter().any(|unstored| unstored == name) {
            true => text.unstored(),
            false => text,
        }
    };
    for wish in &wishes.text {
        let (name, analyzer) = wish.split_once(':').unwrap_or((wish, &wishes.analyzer));
        builder = builder.text(name, text(name, analyzer));
        named.insert(name.to_owned());
    }
    for name in &wishes.keyword {
        if named.insert(name.clone()) {
            builder = builder.keyword(name);
        }
    }
    for name in &wishes.number {
        if named.insert(name.clone()) {
            builder = match seen.get(name.as_str()) {
                Some(seen) if seen.floats > 0 => builder.float(name),
                Some(seen) if seen.integers + seen.unsigned > 0 => builder.integer(name),
                _ => builder.float(name),
            };
        }
    }
    for name in &wishes.unstored {
        if named.insert(name.clone()) {
            builder = builder.text(name, text(name, &wishes.analyzer));
        }
    }
    // Who names the texts means all of them.
    let texts_named = !wishes.text.is_empty();
    let mut searched = named.len();
    let mut refused = 0;
    for name in order {
        if named.contains(name) {
            continue;
        }
        let Some(seen) = seen.get(name) else { continue };
        let all = seen.values();
        let is_text = seen.strings == all && seen.dates < all;
        if all == 0 || seen.other > 0 || (texts_named && is_text) {
            builder = builder.stored(name);
            continue;
        }
        if let Some(why) = refusal(name, seen, searched) {
            refused += 1;
            if refused <= SHOWN {
                style::complain(format_args!(
                    "{why}; as it is, the field is kept with the documents but not searched"
                ));
            }
            builder = builder.stored(name);
            continue;
        }
        searched += 1;
        builder = match () {
            () if seen.booleans == all => builder.boolean(name),
            () if seen.unsigned + seen.integers == all => builder.integer(name),
            () if seen.unsigned + seen.integers + seen.floats == all => builder.float(name),
            () if seen.dates == all => builder.date(name),
            () if is_keyword(name, seen) => builder.keyword(name),
            () => builder.text(name, text(name, &wishes.analyzer)),
        };
    }
    say_more(refused);
    builder.build().map_err(Failure::from)
}

/// Names fields of documents that the schema of an index hasn't, which they are put into
/// nevertheless: who asks for what these hold finds nothing.
pub fn name_unsearched(schema: &Schema, samples: &[Value]) {
    // A schema that ignores nothing refuses the documents.
    if !schema.ignores_unknown() {
        return;
    }
    let members = samples.iter().filter_map(Value::as_object).flatten();
    let names = members.filter(|(_, value)| !value.is_null());
    let mut unknown: BTreeSet<&str> = names.map(|(name, _)| name.as_str()).collect();
    unknown.retain(|name| {
        schema.field(name).is_none() && schema.stored().iter().all(|stored| stored != name)
    });
    for name in unknown.iter().take(SHOWN) {
        style::complain(format_args!(
            "field {name:?} is not in the schema of the index; it is kept with the documents but not \
             searched: to search it, too, put all documents into a new index"
        ));
    }
    say_more(unknown.len());
}

/// Of so many fields those are counted that were not shown.
fn say_more(count: usize) {
    if count > SHOWN {
        style::complain(format_args!(
            "{} more fields are not searched",
            count - SHOWN
        ));
    }
}

/// Why a field that nobody declared can't be searched.
fn refusal(name: &str, seen: &Seen, searched: usize) -> Option<String> {
    let all = seen.values();
    let numbers = seen.unsigned + seen.integers + seen.floats;
    if ![seen.booleans, numbers, seen.strings].contains(&all) {
        return Some(format!(
            "field {name:?} has values of several kinds, which --text, --keyword or --number decides"
        ));
    }
    if searched >= MAX_FIELDS {
        return Some(format!(
            "field {name:?} is one too many, as {MAX_FIELDS} can be searched"
        ));
    }
    let error = Schema::builder().keyword(name).build().err()?;
    Some(error.to_string())
}

/// A member that every document has, once, and no two the same.
fn infer_key(seen: &BTreeMap<&str, Seen>, documents: usize) -> Option<String> {
    let unique = |name: &&str| {
        seen.get(name).is_some_and(|seen| {
            let is_one_kind = seen.strings == documents || seen.unsigned == documents;
            let differ = seen.distinct.len() == documents;
            seen.lists == 0 && seen.documents == documents && is_one_kind && differ
        })
    };
    KEYS.into_iter().find(unique).map(str::to_owned)
}

/// Short strings that come again and again, or lists of short ones.
fn is_keyword(name: &str, seen: &Seen) -> bool {
    if matches!(
        name,
        "title" | "name" | "body" | "text" | "abstract" | "content" | "headline"
    ) {
        return false;
    }
    let short = seen.sentences * 20 <= seen.strings;
    let repeated = seen.distinct.len() * 2 <= seen.strings;
    short && (seen.lists > 0 || repeated)
}
