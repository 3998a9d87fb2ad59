//! # Wildcards in words, and patterns between quotation marks
//!
//! Idea        people write `?` and `*` where they mean nothing by them: in questions, for
//!             emphasis, in URLs. So a bare word has wildcards only if it is of letters and
//!             digits beside them, doesn't end in `?`, and has a `?` or `*` between two of
//!             these, or a `*` that isn't its last character. Behind the name of a field
//!             that is no text any other characters may be there, too. Between quotation
//!             marks anything can be said
//! Example     `wh?le` and `*ology` are wildcards; `whale?`, `?hat`, `***` and `C*++` are
//!             words; `path:*.md` is a wildcard if paths are keywords, or no schema is known
//! Next        `values`

use super::Parser;
use crate::document::FieldKind;
use crate::query::Query;

/// Whether this, as a word of its own, is read as wildcards.
pub(in crate::query) fn is_bare_wildcard(written: &str) -> bool {
    written
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '*' | '?'))
        && has_wildcard(written)
}

/// Whether a word has a wildcard beside other characters, and not as a mere ending.
fn has_wildcard(written: &str) -> bool {
    let inner = written.trim_matches(['*', '?']);
    let but_last = written.strip_suffix('*').unwrap_or(written);
    let has_one = inner.contains(['*', '?']) || but_last.contains('*');
    has_one && !inner.is_empty() && !written.ends_with('?')
}

impl Parser<'_> {
    /// Whether a word, as it is written, is read as wildcards, if it is asked of this field.
    pub(super) fn is_wildcard(&self, written: &str, field: Option<&str>) -> bool {
        if is_bare_wildcard(written) {
            return true;
        }
        let Some(name) = field else { return false };
        let kind = self.schema.and_then(|schema| schema.field(name));
        let is_text = kind.is_some_and(|(_, field)| matches!(field.kind(), FieldKind::Text(_)));
        !is_text && !written.contains('\\') && has_wildcard(written)
    }

    /// What is put for a pattern that was written from `start` to here: nothing, if it is
    /// none.
    pub(super) fn pattern(&mut self, start: usize, query: Query) -> Query {
        match query.pattern() {
            Some(Err(fault)) => {
                self.report(
                    start..self.at,
                    "this pattern finds nothing",
                    fault.to_string(),
                );
                Query::Nothing
            }
            _ => query,
        }
    }
}
