//! # Beginnings and patterns: terms that look so and so
//!
//! Idea        what is asked for isn't a word but what one looks like; so of analysis only
//!             what it makes of characters is done, not what it makes of words
//! Example     `Wh?le*` in an English field is `wh?le*`, and matches `whale`, but not all
//!             whose stem it isn't: "whaling" is there as `whale`, too, "whales" as well
//! Rules       whatever term a document has, it scores the same
//! Next        `near.rs`; `set.rs`, in which their documents are found

use super::{Node, Planner, nothing};
use crate::analysis::{Analyzer, FilterKind, TokenizerKind};
use crate::document::extract::shortened;
use crate::document::{Field, FieldKind};
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Fault, Pattern, WildcardPart, wildcard_parts};
use std::sync::Arc;

impl<'a> Planner<'a> {
    /// The terms that begin so.
    pub(super) fn prefix(
        &mut self,
        field: &'a Field,
        text: &str,
        boost: f32,
    ) -> Result<Option<Node>> {
        let name = field.name().to_owned();
        if !text.is_empty() && !field.kind().is_terms() {
            return Err(Error::new(
                ErrorKind::Query,
                format!(
                    "field {name:?} is of the kind {:?}, whose values have no beginnings; \
                     ask for {name}:{}, say",
                    field.kind().word(),
                    field.kind().example()
                ),
            ));
        }
        let mut prefix = text.to_owned();
        if let FieldKind::Text(kind) = field.kind()
            && !text.is_empty()
        {
            prefix = beginning(self.analyzer(kind)?, text)?;
            if prefix.is_empty() {
                // No term is so long. Without a text it would be any term.
                return Ok(Some(nothing()));
            }
        }
        Ok(Some(Node::Prefix {
            field: name,
            prefix,
            score: boost,
        }))
    }

    /// The terms that a text with wildcards looks like.
    pub(super) fn wildcard(&self, field: &Field, text: &str, boost: f32) -> Result<Node> {
        let mut parts = wildcard_parts(text);
        if let FieldKind::Text(kind) = field.kind() {
            let analyzer = self.analyzer(kind)?;
            for part in &mut parts {
                if let WildcardPart::Text(text) = part {
                    *text = beginning(analyzer, text)?;
                }
            }
        }
        looking_like(field, text, Pattern::wildcard(&parts), boost)
    }

    /// The terms that a regular expression describes.
    pub(super) fn regex(&self, field: &Field, text: &str, boost: f32) -> Result<Node> {
        looking_like(field, text, Pattern::regex(text), boost)
    }
}

/// A field's documents with a term that looks so.
fn looking_like(
    field: &Field,
    text: &str,
    pattern: Result<Pattern, Fault>,
    score: f32,
) -> Result<Node> {
    let name = field.name().to_owned();
    let refused = |what: String| Err(Error::new(ErrorKind::Query, what));
    if !field.kind().is_terms() {
        return refused(format!(
            "field {name:?} is of the kind {:?}, for which there are no patterns; \
             ask for {name}:{}, say",
            field.kind().word(),
            field.kind().example()
        ));
    }
    match pattern {
        Ok(pattern) => Ok(Node::Pattern {
            field: name,
            pattern: Arc::new(pattern),
            written: text.to_owned(),
            score,
        }),
        Err(fault) => refused(format!(
            "the pattern {} can't be used in field {name:?}: {fault}",
            shortened(text)
        )),
    }
}

/// The beginning of a term as analysis would leave it, as far as one can say of
/// a part: in lower case and so on, but not stemmed.
fn beginning(analyzer: &Analyzer, text: &str) -> Result<String> {
    let mut builder = Analyzer::builder().tokenizer(TokenizerKind::Whole);
    for filter in &analyzer.definition().filters {
        let of_characters = matches!(
            filter,
            FilterKind::Normalize
                | FilterKind::Lowercase
                | FilterKind::TurkishLowercase
                | FilterKind::Fold
                | FilterKind::Spelling(_)
        );
        if of_characters {
            builder = builder.filter(filter.clone());
        }
    }
    let mut beginning = String::new();
    builder
        .build()?
        .terms(text, &mut |term| beginning.push_str(term));
    Ok(beginning)
}
