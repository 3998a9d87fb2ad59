//! # Pages: the hits of a search, and what one can ask of each
//!
//! Idea        a page keeps numbers and scores, and the snapshot and the plan that these are
//!             of; texts, keys, snippets and explanations are read when asked for
//! Invariants  (1) equal hits of merged pages are in the order of the pages
//! Next        `snippets.rs`, `explain.rs`

use super::cursor::Cursor;
use super::explain::{self, Explanation};
use super::facets::Facet;
use super::limits::Deadline;
use super::plan::{Node, find};
use super::snippets::{Snippet, Wanted, report_wanted};
use super::sort::{Sort, Standing};
use super::topk::Scored;
use crate::document::{FieldKind, Text, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::index::{Part, Snapshot};
use crate::query::{Diagnostic, Occur};
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::time::Duration;

/// Characters of a snippet.
const SNIPPET: usize = 200;

/// How many documents match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exact(u64),
    /// So many were seen; others can't be among the hits and were passed over.
    AtLeast(u64),
}

/// What was asked, for hits to refer to.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) snapshot: Snapshot,
    pub(super) node: Node,
    /// How long the search might take, and so each question about a hit.
    pub(super) time_limit: Option<Duration>,
    /// The order of the hits, if it isn't that of scores.
    pub(super) sort: Option<Sort>,
    /// Where each hit stands in that order, in the order of the hits. They are kept, as
    /// what a keyword is called was read to sort them, and reading it again could fail.
    pub(super) standings: Vec<Option<Standing>>,
}

impl Origin {
    /// Where the hit at a place stands, if it has a value.
    fn standing(&self, place: u32) -> Option<&Standing> {
        self.standings.get(place as usize)?.as_ref()
    }
}

/// A hit as a page keeps it, from which of its origins, and its place among those of it.
#[derive(Clone, Copy, Debug)]
struct Kept {
    scored: Scored,
    origin: u32,
    place: u32,
}

/// The hits of a search, the best first.
#[derive(Clone, Debug)]
pub struct Page {
    hits: Vec<Kept>,
    /// One, unless pages were [merged](Self::merge).
    origins: Vec<Origin>,
    total: Total,
    facets: Vec<Facet>,
    diagnostics: Vec<Diagnostic>,
    filter_diagnostics: Vec<(usize, Diagnostic)>,
}

impl Page {
    pub(super) fn new(
        origin: Origin,
        scored: &[Scored],
        total: Total,
        facets: Vec<Facet>,
        (diagnostics, filter_diagnostics): (Vec<Diagnostic>, Vec<(usize, Diagnostic)>),
    ) -> Self {
        let hits = (0..).zip(scored).map(|(place, &scored)| Kept {
            scored,
            origin: 0,
            place,
        });
        Self {
            hits: hits.collect(),
            origins: vec![origin],
            total,
            facets,
            diagnostics,
            filter_diagnostics,
        }
    }

    /// The hits, the best first.
    pub fn hits(&self) -> Hits<'_> {
        Hits {
            page: self,
            kept: self.hits.iter(),
        }
    }

    /// The hit at a place, from 0; `None` if the page has no more than so many.
    #[must_use]
    pub fn hit(&self, place: usize) -> Option<Hit<'_>> {
        self.hits().nth(place)
    }

    /// How many hits the page has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hits.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// Where the last hit stands, to be asked for the [page after it](super::Search::after).
    /// `None` if there are no hits; nor does a [merged](Self::merge) page of several indexes
    /// stand at one place: each has [its own](Self::cursors).
    ///
    /// ```
    /// use wordhoard::{Index, Schema, Text};
    ///
    /// let index = Index::in_memory(Schema::builder().text("body", Text::plain()).build()?)?;
    /// let mut writer = index.writer()?;
    /// for number in 0..25 {
    ///     writer.put(&serde_json::json!({ "body": format!("a fox and {number}") }))?;
    /// }
    /// writer.commit()?;
    /// let search = index.searcher()?.search("fox");
    /// let mut page = search.clone().run()?;
    /// let mut lengths = vec![page.len()];
    /// while let Some(cursor) = page.cursor() {
    ///     page = search.clone().after(cursor).run()?;
    ///     lengths.push(page.len());
    /// }
    /// assert_eq!(lengths, [10, 10, 5, 0]);
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        match self.origins.len() {
            1 => self.hits().next_back().map(|hit| hit.cursor()),
            _ => None,
        }
    }

    /// The same for each of the indexes whose pages were [merged](Self::merge), in the
    /// order in which they were: where the last of its hits stands that are here. `None`
    /// for one that has none here, which is to be asked as it was for this page.
    ///
    /// ```
    /// use wordhoard::search::{Cursor, Page};
    /// use wordhoard::{Index, Result, Schema, Searcher, Text};
    ///
    /// let shard = |texts: &[&str]| -> Result<Searcher> {
    ///     let index = Index::in_memory(Schema::builder().text("body", Text::plain()).build()?)?;
    ///     let mut writer = index.writer()?;
    ///     for text in texts {
    ///         writer.put(&serde_json::json!({ "body": text }))?;
    ///     }
    ///     writer.commit()?;
    ///     index.searcher()
    /// };
    /// let shards = [shard(&["a fox", "two"])?, shard(&["fox", "that fox", "this fox"])?];
    /// let known = shards[0].statistics("fox")? + shards[1].statistics("fox")?;
    /// let mut cursors: Vec<Option<Cursor>> = vec![None; shards.len()];
    /// let mut found = Vec::new();
    /// loop {
    ///     let mut pages = Vec::new();
    ///     for (shard, cursor) in shards.iter().zip(&cursors) {
    ///         let mut search = shard.search("fox").statistics(known.clone()).limit(2);
    ///         if let Some(cursor) = cursor {
    ///             search = search.after(cursor.clone());
    ///         }
    ///         pages.push(search.run()?);
    ///     }
    ///     let page = Page::merge(pages, 2);
    ///     if page.is_empty() {
    ///         break;
    ///     }
    ///     for hit in &page {
    ///         found.push(hit.source()?);
    ///     }
    ///     for (last, here) in cursors.iter_mut().zip(page.cursors()) {
    ///         *last = here.or(last.take());
    ///     }
    /// }
    /// let bodies = ["fox", "a fox", "that fox", "this fox"];
    /// assert_eq!(found, bodies.map(|body| format!(r#"{{"body":"{body}"}}"#)));
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    #[must_use]
    pub fn cursors(&self) -> Vec<Option<Cursor>> {
        let mut cursors = vec![None; self.origins.len()];
        for (kept, hit) in self.hits.iter().zip(self.hits()).rev() {
            cursors[kept.origin as usize].get_or_insert_with(|| hit.cursor());
        }
        cursors
    }

    /// How many documents match in all, whatever part of them the page has.
    #[must_use]
    pub fn total(&self) -> Total {
        self.total
    }

    /// The facets asked for, in the order in which they were.
    #[must_use]
    pub fn facets(&self) -> &[Facet] {
        &self.facets
    }

    /// What of the query's text was taken otherwise than it may have been
    /// meant; or that analysis leaves nothing of all of it.
    ///
    /// ```
    /// use wordhoard::{Index, Schema, Text};
    ///
    /// let index = Index::in_memory(Schema::builder().text("body", Text::english()).build()?)?;
    /// let page = index.searcher()?.search("the !!!").run()?;
    /// assert_eq!(
    ///     page.diagnostics()[0].message,
    ///     "nothing of this is left to look for, so it finds nothing",
    /// );
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The same of the filters' texts, each with its filter's number, from 0, in the
    /// order in which they were given.
    ///
    /// ```
    /// use wordhoard::{Index, Schema, Text};
    ///
    /// let index = Index::in_memory(Schema::builder().text("body", Text::plain()).build()?)?;
    /// let page = index.searcher()?.search("fox").filter("red").filter("colour:red").run()?;
    /// let (number, diagnostic) = &page.filter_diagnostics()[0];
    /// assert_eq!((*number, diagnostic.span.clone()), (1, 0..7));
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    #[must_use]
    pub fn filter_diagnostics(&self) -> &[(usize, Diagnostic)] {
        &self.filter_diagnostics
    }

    /// Joins the pages that several indexes, of disjoint documents, gave to one
    /// question under the same [`Statistics`](super::Statistics): the `limit`
    /// best hits of all, of equal ones those of the earlier page first. If all were
    /// [sorted](super::Search::sort_by) alike, that is the order of the joined page,
    /// too. For a later page ask each for all hits up to its end, without an
    /// [offset](super::Search::offset), and leave out the first of the joined ones; or ask
    /// each for the hits [after](super::Search::after) its own of the
    /// [cursors](Self::cursors) of the page before. Totals
    /// and the counts of facets add up, exactly; a facet that one of the
    /// pages wasn't asked for is left out.
    #[must_use]
    pub fn merge(pages: impl IntoIterator<Item = Self>, limit: usize) -> Self {
        let mut merged = Self {
            hits: Vec::new(),
            origins: Vec::new(),
            total: Total::Exact(0),
            facets: Vec::new(),
            diagnostics: Vec::new(),
            filter_diagnostics: Vec::new(),
        };
        for (number, page) in pages.into_iter().enumerate() {
            merged.facets = match number {
                0 => page.facets,
                _ => join(merged.facets, page.facets),
            };
            let before = merged.origins.len() as u32;
            merged.origins.extend(page.origins);
            merged.hits.extend(page.hits.iter().map(|kept| Kept {
                origin: before + kept.origin,
                ..*kept
            }));
            merged.total = match (merged.total, page.total) {
                (Total::Exact(a), Total::Exact(b)) => Total::Exact(a + b),
                (Total::Exact(a) | Total::AtLeast(a), Total::Exact(b) | Total::AtLeast(b)) => {
                    Total::AtLeast(a + b)
                }
            };
            if merged.diagnostics.is_empty() {
                merged.diagnostics = page.diagnostics;
            }
            if merged.filter_diagnostics.is_empty() {
                merged.filter_diagnostics = page.filter_diagnostics;
            }
        }
        merged.order();
        merged.hits.truncate(limit);
        merged
    }

    /// Puts the hits of several pages in the order that these have. Stable: equal ones
    /// stay in the order of the pages.
    fn order(&mut self) {
        let sort = self.origins.first().and_then(|first| first.sort.as_ref());
        let alike = |origin: &Origin| origin.sort.as_ref() == sort;
        if let Some(sort) = sort.filter(|_| self.origins.iter().all(alike)) {
            let standing = |kept: &Kept| self.origins[kept.origin as usize].standing(kept.place);
            self.hits
                .sort_by(|a, b| sort.compare(standing(a), standing(b)));
            return;
        }
        let score = |kept: &Kept| kept.scored.score;
        self.hits.sort_by(|a, b| score(b).total_cmp(&score(a)));
    }
}

/// Facets that both were asked for, in the order of the first.
fn join(facets: Vec<Facet>, mut others: Vec<Facet>) -> Vec<Facet> {
    let joined = facets.into_iter().filter_map(|one| {
        let mut names = others.iter().map(Facet::field);
        let other = names.position(|name| name == one.field())?;
        Some(one.join(others.remove(other)))
    });
    joined.collect()
}

impl<'p> IntoIterator for &'p Page {
    type Item = Hit<'p>;
    type IntoIter = Hits<'p>;

    fn into_iter(self) -> Hits<'p> {
        self.hits()
    }
}

/// The hits of a page, the best first.
#[derive(Clone, Debug)]
#[must_use]
pub struct Hits<'p> {
    page: &'p Page,
    kept: std::slice::Iter<'p, Kept>,
}

impl<'p> Hits<'p> {
    fn hit(&self, kept: &Kept) -> Hit<'p> {
        Hit {
            origin: &self.page.origins[kept.origin as usize],
            scored: kept.scored,
            place: kept.place,
        }
    }
}

impl<'p> Iterator for Hits<'p> {
    type Item = Hit<'p>;

    fn next(&mut self) -> Option<Hit<'p>> {
        self.kept.next().map(|kept| self.hit(kept))
    }

    fn nth(&mut self, place: usize) -> Option<Hit<'p>> {
        self.kept.nth(place).map(|kept| self.hit(kept))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.kept.size_hint()
    }
}

impl DoubleEndedIterator for Hits<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.kept.next_back().map(|kept| self.hit(kept))
    }
}

impl ExactSizeIterator for Hits<'_> {}

/// A document that matched. What it says about itself is read when asked for.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'p> {
    origin: &'p Origin,
    scored: Scored,
    place: u32,
}

impl<'p> Hit<'p> {
    /// The score.
    #[must_use]
    pub fn score(&self) -> f32 {
        self.scored.score
    }

    /// The document's number in the snapshot: documents are numbered in the
    /// order in which they were put, deleted ones included, until the index is
    /// [reordered](crate::index::Optimize::reordered).
    #[must_use]
    pub fn number(&self) -> u32 {
        self.scored.document
    }

    /// Where it stands, to be asked for the hits [after it](super::Search::after).
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        let document = self.scored.document;
        match &self.origin.sort {
            Some(sort) => {
                let standing = self.origin.standing(self.place);
                Cursor::by_value(sort, standing.cloned(), document)
            }
            None => Cursor::by_score(self.scored),
        }
    }

    fn part(&self) -> Result<(&'p Part, u32)> {
        let part = self.origin.snapshot.part_of(self.scored.document);
        let part = part.ok_or_else(|| {
            // Numbers come from the snapshot itself.
            Error::new(ErrorKind::Corrupt, "a hit lies outside of its snapshot")
        })?;
        Ok((part, self.scored.document - part.base))
    }

    /// The document as the JSON text that was put.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt) if it can't be read.
    pub fn source(&self) -> Result<String> {
        let (part, document) = self.part()?;
        part.segment.stored(document)
    }

    /// The document as any type that serde can read it as.
    ///
    /// # Errors
    /// [`Document`](ErrorKind::Document) if it isn't a `T`.
    pub fn document<T: DeserializeOwned>(&self) -> Result<T> {
        read(&self.source()?)
    }

    /// The document's key as text; `None` if the schema has no key.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt) if it can't be read.
    pub fn key(&self) -> Result<Option<String>> {
        let schema = self.origin.snapshot.schema();
        let Some(id) = schema.key() else {
            return Ok(None);
        };
        let field = schema.at(id);
        let (part, document) = self.part()?;
        let column = part.segment.column(field.name());
        let Some(code) = column.and_then(|column| column.first(document)) else {
            return Ok(None);
        };
        if let (FieldKind::Keyword, Some(inverted)) =
            (field.kind(), part.segment.inverted(field.name()))
        {
            let term = inverted.term(u32::try_from(code).unwrap_or(u32::MAX))?;
            return Ok(Some(String::from_utf8_lossy(&term).into_owned()));
        }
        Ok(Some(Value::from_code(field.kind(), code).to_string()))
    }

    /// The passage of a text field that shows best why the document matched,
    /// of some 200 characters. The text is analysed anew, and compared with the query's
    /// patterns word by word; it may take as long as the search was
    /// [given](super::Search::time_limit).
    ///
    /// # Errors
    /// [`Query`](ErrorKind::Query) if there is no such text field,
    /// [`Limit`](ErrorKind::Limit) if it takes longer than it may.
    pub fn snippet(&self, field: &str) -> Result<Snippet> {
        self.snippet_of(field, SNIPPET)
    }

    /// A snippet of about so many characters.
    ///
    /// # Errors
    /// Those of [`snippet`](Self::snippet).
    pub fn snippet_of(&self, field: &str, characters: usize) -> Result<Snippet> {
        let text = self.text_field(field)?;
        let document: serde_json::Map<String, serde_json::Value> = self.document()?;
        let passages: Vec<&str> = match document.get(field) {
            Some(serde_json::Value::String(text)) => vec![text],
            Some(serde_json::Value::Array(texts)) => {
                texts.iter().filter_map(serde_json::Value::as_str).collect()
            }
            _ => Vec::new(),
        };
        self.show(field, text, &passages, characters)
    }

    /// A snippet of about so many characters of a text that the program has itself, as that
    /// of a field which isn't [stored](crate::Text::unstored): what the query looks for in
    /// this field is shown in it.
    ///
    /// ```
    /// use wordhoard::{Index, Schema, Text};
    ///
    /// let fields = Schema::builder().key("id").text("body", Text::english().unstored());
    /// let index = Index::in_memory(fields.build()?)?;
    /// let mut writer = index.writer()?;
    /// let body = "They say that whales sing.";
    /// writer.put_json(&format!(r#"{{"id": "a", "body": "{body}"}}"#))?;
    /// writer.commit()?;
    ///
    /// let page = index.searcher()?.search("whale").run()?;
    /// let hit = page.hit(0).unwrap();
    /// assert_eq!(hit.source()?, r#"{"id": "a"}"#);
    /// let snippet = hit.snippet_from("body", body, 200)?;
    /// assert_eq!(snippet.highlighted("[", "]"), "They say that [whales] sing.");
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`snippet`](Self::snippet).
    pub fn snippet_from(&self, field: &str, text: &str, characters: usize) -> Result<Snippet> {
        self.show(field, self.text_field(field)?, &[text], characters)
    }

    /// How a field is analysed, which must be a text.
    fn text_field(&self, field: &str) -> Result<&Text> {
        let (found, _) = find(self.origin.snapshot.schema(), field)?;
        match found.kind() {
            FieldKind::Text(text) => Ok(text),
            _ => Err(Error::query(format!(
                "field {field:?} is not a text field, so it has no snippets"
            ))),
        }
    }

    /// Of the texts of a field the passage that shows best what the query looks for in it.
    fn show(
        &self,
        field: &str,
        text: &Text,
        passages: &[&str],
        characters: usize,
    ) -> Result<Snippet> {
        let whole = match passages {
            [only] => Cow::Borrowed(*only),
            _ => Cow::Owned(passages.join("\n")),
        };
        let mut wanted = Wanted::default();
        want(&self.origin.node, field, &mut wanted);
        let analyzer = self.origin.snapshot.analyzers().get(&text.analyzer)?;
        let deadline = Deadline::after(self.origin.time_limit);
        let mut in_time = Ok(());
        let snippet = wanted.snippet(&whole, characters, |report| {
            in_time = report_wanted(&wanted, passages, analyzer, deadline, report);
        });
        in_time.map(|()| snippet)
    }

    /// How the score came about. Beginnings and patterns are looked for anew, so that of a
    /// search with many it can take longer than the search did; it may take as long as
    /// the search was [given](super::Search::time_limit).
    ///
    /// # Errors
    /// [`Limit`](ErrorKind::Limit) if it takes longer than that,
    /// [`Corrupt`](ErrorKind::Corrupt) if a segment lies.
    pub fn explain(&self) -> Result<Explanation> {
        let (part, document) = self.part()?;
        let deadline = Deadline::after(self.origin.time_limit);
        explain::explain(&self.origin.node, part, document, deadline)
    }
}

/// A stored document as a `T`.
pub(super) fn read<T: DeserializeOwned>(source: &str) -> Result<T> {
    serde_json::from_str(source).map_err(|error| {
        Error::document(format!(
            "the stored document isn't of the type asked for: {error}"
        ))
    })
}

/// Collects what a snippet of `field` should show.
fn want(node: &Node, field: &str, wanted: &mut Wanted) {
    match node {
        Node::Term(term) if term.field == field => wanted.term(&term.term),
        // Its words may be apart and in any order: where most are is shown best.
        Node::Phrase(phrase) if phrase.field == field && phrase.slop > 0 => {
            phrase.terms.iter().for_each(|(_, term)| wanted.term(term));
        }
        Node::Phrase(phrase) if phrase.field == field => {
            let terms = phrase.terms.iter();
            wanted.phrase(terms.map(|(distance, term)| (*distance, term.as_str())));
        }
        Node::Prefix {
            field: name,
            prefix,
            ..
        } if name == field && !prefix.is_empty() => {
            wanted.prefix(prefix);
        }
        Node::Pattern {
            field: name,
            pattern,
            ..
        } if name == field => wanted.pattern(pattern),
        Node::Constant(inner, _) => want(inner, field, wanted),
        Node::Boolean(boolean) => {
            for (occur, clause) in &boolean.clauses {
                if *occur != Occur::MustNot {
                    want(clause, field, wanted);
                }
            }
        }
        _ => {}
    }
}
