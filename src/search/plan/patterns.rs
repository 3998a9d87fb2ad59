//! # Beginnings and patterns: terms by what they are written like
//!
//! Idea        what is asked for isn't a word but a part of one, or what one looks like; so
//!             of analysis only what it makes of characters is done, not what it makes of
//!             words
//! Example     `Wh?le*` in an English field becomes `wh?le*`. It finds "whales" and
//!             "whaling", as both are indexed by their stem `whale`; `whal?ng` finds neither
//! Rules       whatever term a document has, it scores the same
//! Next        `near.rs`; `set.rs`, in which their documents are found

use super::{Node, Planner, nothing};
use crate::analysis::{Analyzer, FilterKind, TokenizerKind};
use crate::document::{Field, FieldKind};
use crate::error::{Error, Result};
use crate::query::{Fault, MAX_NEAR, Pattern, WildcardPart, wildcard_parts};
use std::sync::Arc;

impl<'a> Planner<'a> {
    /// The terms that begin so.
    pub(super) fn prefix(&self, field: &Field, text: &str, boost: f32) -> Result<Node> {
        let name = field.name().to_owned();
        if !text.is_empty() && !field.kind().is_terms() {
            return Err(Error::query(format!(
                "field {name:?} is of the kind {:?}, whose values have no beginnings; \
                 ask for {name}:{}, say",
                field.kind().word(),
                field.kind().example()
            )));
        }
        let mut prefix = text.to_owned();
        if let FieldKind::Text(kind) = field.kind()
            && !text.is_empty()
        {
            prefix = unstemmed(self.analyzer(kind)?, text)?;
            if prefix.is_empty() {
                // No term is so long. Without a text it would be any term.
                return Ok(nothing());
            }
        }
        Ok(Node::Prefix {
            field: name,
            prefix,
            score: boost,
        })
    }

    /// The terms that a text with wildcards describes.
    pub(super) fn wildcard(&mut self, field: &'a Field, text: &str, boost: f32) -> Result<Node> {
        let mut parts = wildcard_parts(text);
        if let FieldKind::Text(kind) = field.kind() {
            let analyzer = self.analyzer(kind)?;
            for part in &mut parts {
                if let WildcardPart::Text(text) = part {
                    *text = unstemmed(analyzer, text)?;
                }
            }
        }
        let pattern = Pattern::wildcard(&parts);
        self.described(field, format!("{text:?}~?"), pattern, boost)
    }

    /// The terms that a regular expression describes.
    pub(super) fn regex(&mut self, field: &'a Field, text: &str, boost: f32) -> Result<Node> {
        self.described(field, format!("{text:?}~/"), Pattern::regex(text), boost)
    }

    /// A field's documents with a term that a pattern describes.
    fn described(
        &mut self,
        field: &'a Field,
        written: String,
        pattern: Result<Pattern, Fault>,
        score: f32,
    ) -> Result<Node> {
        self.deadline.check()?;
        let name = field.name().to_owned();
        if !field.kind().is_terms() {
            return Err(Error::query(format!(
                "field {name:?} is of the kind {:?}, for which there are no patterns; \
                 ask for {name}:{}, say",
                field.kind().word(),
                field.kind().example()
            )));
        }
        // As for near words, a dictionary is walked.
        self.take_room(field, MAX_NEAR)?;
        Ok(match pattern {
            Ok(pattern) => Node::Pattern {
                field: name,
                pattern: Arc::new(pattern),
                written,
                score,
            },
            // As it was written it can be used, but analysis has made it too long.
            Err(_) => nothing(),
        })
    }
}

/// A part of a term as analysis makes its characters: in lower case and so on, but not
/// stemmed, which takes the whole word.
fn unstemmed(analyzer: &Analyzer, text: &str) -> Result<String> {
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
    let mut part = String::new();
    builder
        .build()?
        .terms(text, &mut |term| part.push_str(term));
    Ok(part)
}
