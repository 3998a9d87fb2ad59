//! # What was asked: a query or a text, read and planned
//!
//! Idea        a program hands over a query or a text. A text is read for the schema, what
//!             comes of it is planned, and what is to be said of the text goes along
//! Example     `fox (`, typed: the plan of any of "fox" and "(", of which analysis leaves
//!             "fox", and a diagnostic about the parenthesis
//! Invariants  (1) what analysis leaves nothing of matches nothing, and a diagnostic says so
//! Next        `plan.rs`

use super::plan::{Node, Planner, joined, nothing};
use crate::document::Schema;
use crate::error::{Error, Result};
use crate::query::{Diagnostic, MAX_DIAGNOSTICS, Occur, Parsed, Query};

/// A question as a program has it: a [`Query`], or text to be
/// [parsed](Query::parse).
#[derive(Clone, Debug)]
pub struct Asked(Form);

#[derive(Clone, Debug)]
enum Form {
    Text(String),
    Query(Query),
    /// A query that is over a limit, and why: too large to be copied.
    Refused(String),
}

impl From<&str> for Asked {
    fn from(text: &str) -> Self {
        Self(Form::Text(text.to_owned()))
    }
}

impl From<String> for Asked {
    fn from(text: String) -> Self {
        Self(Form::Text(text))
    }
}

impl From<&String> for Asked {
    fn from(text: &String) -> Self {
        Self(Form::Text(text.clone()))
    }
}

impl From<Query> for Asked {
    fn from(query: Query) -> Self {
        Self(Form::Query(query))
    }
}

impl From<&Query> for Asked {
    fn from(query: &Query) -> Self {
        // A copy is made by recursion, which only a query of decent depth bears.
        Self(match query.check() {
            Ok(()) => Form::Query(query.clone()),
            Err(error) => Form::Refused(error.to_string()),
        })
    }
}

/// Reads a text that is for an index with this schema.
type Reader = fn(&str, &Schema) -> Parsed;

/// The plan of what was asked, and what is to be said of its text, if it is one. What
/// analysis leaves nothing of matches nothing, and whoever typed it should know why.
pub(super) fn plan(
    planner: &mut Planner,
    asked: Asked,
    reader: Reader,
) -> Result<(Node, Vec<Diagnostic>)> {
    let (query, mut diagnostics, typed) = match asked.0 {
        Form::Query(query) => (query, Vec::new(), None),
        Form::Refused(why) => return Err(Error::query(why)),
        Form::Text(text) => {
            let parsed = reader(&text, planner.snapshot().schema());
            let diagnostics = parsed.diagnostics.clone();
            (
                parsed.lenient()?,
                diagnostics,
                Some(0..text.trim_end().len()),
            )
        }
    };
    let plan = planner.plan(&query)?;
    if let (None, Some(span)) = (&plan, typed) {
        diagnostics.truncate(MAX_DIAGNOSTICS - 1);
        diagnostics.push(Diagnostic {
            span,
            message: "nothing of this is left to look for, so it finds nothing".to_owned(),
            hint: "signs and stop words, such as \"the\" in English, aren't searched: write other \
                   words, or name a field that has these"
                .to_owned(),
        });
    }
    Ok((plan.unwrap_or_else(nothing), diagnostics))
}

/// One plan that all filters must match; a filter of which analysis leaves nothing
/// matches nothing. What was found about a filter's text is noted with the filter's
/// number.
pub(super) fn plan_filters(
    planner: &mut Planner,
    filters: Vec<Asked>,
    diagnostics: &mut Vec<(usize, Diagnostic)>,
) -> Result<Option<Node>> {
    planner.scores = false;
    let mut nodes = Vec::with_capacity(filters.len());
    for (number, filter) in filters.into_iter().enumerate() {
        let (node, of_filter) = plan(planner, filter, Query::parse_filter)?;
        diagnostics.extend(of_filter.into_iter().map(|found| (number, found)));
        nodes.push(node);
    }
    Ok(joined(nodes, Occur::Filter))
}
