//! The engine against an oracle that does everything the slow way
//! ([`naive`]): the same documents in the same order with the same scores, to the
//! bit, whatever was put, replaced, deleted, committed, merged and reopened, by
//! however many threads. Here are the fields that the two agree on, and a writer
//! whose every step a list takes too.

mod ask;
mod draw;
mod large;
mod leading;
mod naive;
mod near;
mod paging;
mod random_queries;
mod threads;

use draw::Step;
use naive::{Field, Kind, Naive, Named};
use serde_json::Value;
use std::sync::Arc;
use wordhoard::analysis::{Analyzer, Analyzers, FilterKind};
use wordhoard::index::IndexOptions;
use wordhoard::storage::Memory;
use wordhoard::{Index, Query, Schema, Searcher, Text, WriterOptions};

fn schema() -> Schema {
    schema_with(title())
}

fn title() -> Text {
    Text::plain().boost(2.0)
}

fn schema_with(title: Text) -> Schema {
    Schema::builder()
        .key("id")
        .text("title", title)
        .text("body", Text::english())
        .text("name", Text::analyzer("grams").boost(0.5))
        .keyword("tags")
        .integer("year")
        .unsigned("size")
        .float("price")
        .boolean("sold")
        .date("when")
        .build()
        .unwrap()
}

/// Pieces of words, several at a place.
fn grams() -> Analyzer {
    let grams = FilterKind::Ngrams { min: 2, max: 3 };
    let builder = Analyzer::builder().filter(FilterKind::Lowercase);
    builder.filter(grams).build().unwrap()
}

fn options(schema: Schema) -> IndexOptions {
    let mut analyzers = Analyzers::default();
    analyzers.register("grams", grams()).unwrap();
    Index::options().schema(schema).analyzers(analyzers)
}

fn in_memory() -> Index {
    options(schema())
        .create_in(Arc::new(Memory::new()))
        .unwrap()
}

/// Asks an index of these documents alone.
fn searcher_of(documents: &[Value]) -> Searcher {
    let index = in_memory();
    let mut writer = index.writer().unwrap();
    for document in documents {
        writer.put(document).unwrap();
    }
    writer.commit().unwrap();
    index.searcher().unwrap()
}

/// Of documents with the same key the last, where it stands.
fn unique(documents: Vec<Value>) -> Vec<Value> {
    let mut unique: Vec<Value> = Vec::new();
    for document in documents {
        unique.retain(|other| other["id"] != document["id"]);
        unique.push(document);
    }
    unique
}

fn fields() -> Vec<Field> {
    vec![
        Field {
            name: "id",
            kind: Kind::Keyword,
        },
        Field {
            name: "title",
            kind: Kind::Text(Analyzer::plain(), 2.0),
        },
        Field {
            name: "body",
            kind: Kind::Text(Analyzer::english(), 1.0),
        },
        Field {
            name: "name",
            kind: Kind::Text(grams(), 0.5),
        },
        Field {
            name: "tags",
            kind: Kind::Keyword,
        },
        Field {
            name: "year",
            kind: Kind::Ordered(number),
        },
        Field {
            name: "size",
            kind: Kind::Ordered(number),
        },
        Field {
            name: "price",
            kind: Kind::Ordered(quarters),
        },
        Field {
            name: "sold",
            kind: Kind::Ordered(truth),
        },
        Field {
            name: "when",
            kind: Kind::Ordered(moments),
        },
    ]
}

/// Prices are quarters, and negative zero is zero.
fn quarters(text: &str) -> Option<Named> {
    let price: f64 = text.parse().ok().filter(|price: &f64| price.is_finite())?;
    let quarters = (price * 4.0) as i128;
    Some(quarters..=quarters)
}

/// `2001-07` → from 20010700000000000000 to 20010799999999999999: no calendar is needed
/// to know what lies between. One that says the second says all.
fn moments(text: &str) -> Option<Named> {
    let text = text.trim_end_matches('Z');
    let rest = if text.len() < 19 { '9' } else { '0' };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let filled = |with: char| {
        let missing = String::from(with).repeat(20 - digits.len());
        format!("{digits}{missing}").parse::<i128>().unwrap()
    };
    let is_date =
        digits.len() >= 4 && !text.contains(|c: char| c.is_alphabetic() && c != 'T' || c == ' ');
    is_date.then(|| filled('0')..=filled(rest))
}

fn truth(text: &str) -> Option<Named> {
    let truth = i128::from(text.parse::<bool>().ok()?);
    Some(truth..=truth)
}

fn number(text: &str) -> Option<Named> {
    let number = text.parse().ok()?;
    Some(number..=number)
}

/// Carries the steps out on an index and on a list; returns both.
fn carry_out(steps: &[Step], writing: &WriterOptions) -> (Index, Vec<Value>, Memory) {
    let directory = Memory::new();
    let mut index = options(schema())
        .create_in(Arc::new(directory.clone()))
        .unwrap();
    let mut writer = index.writer_with(writing.clone()).unwrap();
    let (mut live, mut committed): (Vec<Value>, Vec<Value>) = Default::default();
    for step in steps {
        match step {
            Step::Put(documents) => {
                for document in documents {
                    writer.put(document).unwrap();
                    live.retain(|other| other["id"] != document["id"]);
                    live.push(document.clone());
                }
            }
            Step::Delete(id) => {
                writer.delete(format!("k{id}")).unwrap();
                live.retain(|other| other["id"] != format!("k{id}"));
            }
            Step::DeleteMatching(text) => {
                let deleted = writer.delete_matching(text.as_str()).unwrap();
                let naive = Naive::new(fields(), live.clone(), 1.2, 0.75);
                let gone: Vec<usize> = naive
                    .search(&Query::parse(text).query, None)
                    .iter()
                    .map(|(at, _)| *at)
                    .collect();
                assert_eq!(deleted as usize, gone.len(), "{text}");
                let mut at = 0..;
                live.retain(|_| !gone.contains(&at.next().unwrap()));
            }
            Step::Commit => {
                writer.commit().unwrap();
                committed = live.clone();
            }
            Step::Rollback => {
                writer.rollback().unwrap();
                live = committed.clone();
            }
            Step::Reopen => {
                drop(writer);
                live = committed.clone();
                index = Index::options()
                    .open_in(Arc::new(directory.clone()))
                    .unwrap();
                writer = index.writer_with(writing.clone()).unwrap();
            }
            Step::Optimize => {
                writer.optimize().unwrap();
                committed = live.clone();
            }
        }
    }
    writer.close().unwrap();
    (index, live, directory)
}

/// Numbers below what is asked, always the same.
fn random(mut state: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}
