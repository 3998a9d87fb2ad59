//! # Wildcards in words, and patterns between quotation marks
//!
//! Idea        people write `?` and `*` where they mean nothing by them: in questions, for
//!             emphasis, in URLs. So a bare word of letters and digits has wildcards only if
//!             some stand between these, or a star before three or more. Behind the name of
//!             a field stars may stand at both ends, and if it is no text, among any
//!             characters. Between quotation marks anything can be said
//! Example     `wh?le`, `wh*le`, `*ology` and `title:*olog*` are wildcards; `whale?`, `*whale*`,
//!             `char *p`, `f***` and `C*++` are words; `path:*.md` is a wildcard if paths are
//!             keywords, or no schema is known
//! Next        `ranges.rs`

use super::Parser;
use crate::document::FieldKind;
use crate::query::Query;

/// A star before at least this many characters is a wildcard; before fewer it may be a
/// pointer of a program, as in `*p`.
const BEHIND_STAR: usize = 3;

/// From here on scripts write no blanks between words, nor behind a question mark.
const NO_BLANKS: char = '\u{2e80}';

/// Whether this, as a word of its own, is read as wildcards.
pub(in crate::query) fn is_bare_wildcard(written: &str) -> bool {
    let inner = written.trim_matches(is_mark);
    // Looked at once, not for each `?`.
    let has_blanks = inner.chars().all(|c| c < NO_BLANKS);
    let is_between = inner.contains('*') || has_blanks && inner.contains('?');
    let is_before = written.starts_with('*')
        && written[1..].starts_with(char::is_alphanumeric)
        && !written.ends_with('*')
        && inner.chars().count() >= BEHIND_STAR;
    is_plain(written)
        && !inner.is_empty()
        && !written.ends_with('?')
        && (is_between || is_before || written.ends_with("?*"))
}

/// Whether there are none but letters, digits and marks.
fn is_plain(written: &str) -> bool {
    written.chars().all(|c| c.is_alphanumeric() || is_mark(c))
}

fn is_mark(c: char) -> bool {
    matches!(c, '*' | '?')
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
        let but_last = written.strip_suffix('*').unwrap_or(written);
        but_last.contains('*')
            && !written.trim_matches(is_mark).is_empty()
            && !written.ends_with('?')
            && (is_plain(written) || !is_text && !written.contains('\\'))
    }

    /// What is put for a pattern that was written from `start` to here between quotation
    /// marks: nothing, if it is none. In a filter it stays, to be refused.
    pub(super) fn pattern(&mut self, start: usize, query: Query) -> Query {
        match query.pattern() {
            Some(Err(fault)) if self.schema.is_none() || self.drops_misfits => {
                let twice = match fault.what.contains('\\') {
                    true => " (a backslash between quotation marks is written twice)",
                    false => "",
                };
                self.report(
                    start..self.at,
                    "this pattern finds nothing",
                    format!("{fault}{twice}"),
                );
                Query::Nothing
            }
            _ => query,
        }
    }
}
