//! # Snippets: the passage that shows why a document matched
//!
//! Idea        analyse the stored text once more, note where the query's terms
//!             are, slide a window over these hits, and cut out the window that
//!             holds the most different terms; then the most hits; then the
//!             earliest
//! Example     "white whale" in *Moby-Dick*: not the first "white", nor the first
//!             "whale", but the first lines that have both
//! Invariants  (1) a snippet is a slice of the text: it begins and ends between
//!             characters, and every highlight lies within it, in order, without
//!             overlap
//!             (2) no text, no query and no analyzer can make it panic, not even
//!             one that reports offsets outside of the text
//! Cost        linear in the text, plus the sort of the hits where an analyzer
//!             doesn't report them in order. A phrase is compared at each
//!             occurrence of its first word; but at most 32 phrases of at most 32
//!             terms are, further ones count as their words; of different patterns the
//!             first 32 are shown. Each word of the text is compared with all patterns, of
//!             words of up to 16 bytes mostly once: a text of nothing but other words can
//!             take seconds a MB, but no longer than the search's time limit
//! Left out    stored offsets: they would double the positions to make a
//!             rare step faster. Weights: a term is as good as another
//! Next        `passage`, which says where to cut

mod passage;
mod words;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::query::{Automaton, Pattern};

use passage::widen;
pub(super) use words::report_wanted;

/// How many phrases are looked for as phrases.
const PHRASES_MAX: usize = 32;

/// How many patterns are looked for.
const PATTERNS_MAX: usize = 32;

/// How many terms a phrase may have to be looked for as one.
const PHRASE_TERMS_MAX: usize = 32;

/// How many steps phrases may take in all, for each word of theirs in the text.
/// Only a text and a query that repeat one word use them up.
const PHRASE_STEPS_MAX: usize = 32;

/// A passage of a text, and where in it the query's terms are.
///
/// ```
/// use wordhoard::{Index, Schema, Text};
///
/// let index = Index::in_memory(Schema::builder().text("body", Text::plain()).build()?)?;
/// let mut writer = index.writer()?;
/// writer.put_json(r#"{"body": "Call me Ishmael. The White Whale & I"}"#)?;
/// writer.commit()?;
/// let page = index.searcher()?.search("whale").run()?;
/// let snippet = page.hit(0).unwrap().snippet_of("body", 20)?;
/// assert_eq!(snippet.text(), "The White Whale & I");
/// assert_eq!(snippet.highlights(), [10..15]);
/// assert_eq!(snippet.to_html(), "…The White <mark>Whale</mark> &amp; I");
/// assert_eq!(snippet.highlighted("[", "]"), "…The White [Whale] & I");
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    text: String,
    start: usize,
    highlights: Vec<Range<usize>>,
    is_cut_before: bool,
    is_cut_after: bool,
}

impl Snippet {
    /// The passage, as it is in the text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the passage is in the text, in bytes.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// Where the query's terms are, in bytes of the passage; in order, none
    /// overlapping.
    #[must_use]
    pub fn highlights(&self) -> &[Range<usize>] {
        &self.highlights
    }

    /// Whether the text goes on before the passage, after it.
    #[must_use]
    pub fn is_cut(&self) -> (bool, bool) {
        (self.is_cut_before, self.is_cut_after)
    }

    /// The passage with `before` and `after` around each highlight, and an
    /// ellipsis where it was cut.
    #[must_use]
    pub fn highlighted(&self, before: &str, after: &str) -> String {
        self.render(before, after, |text, out| out.push_str(text))
    }

    /// The passage as HTML: escaped, with `<mark>` around each highlight, and an
    /// ellipsis where it was cut.
    #[must_use]
    pub fn to_html(&self) -> String {
        self.render("<mark>", "</mark>", |text, out| {
            for c in text.chars() {
                match c {
                    '&' => out.push_str("&amp;"),
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    '"' => out.push_str("&quot;"),
                    '\'' => out.push_str("&#39;"),
                    c => out.push(c),
                }
            }
        })
    }

    fn render(&self, before: &str, after: &str, write: impl Fn(&str, &mut String)) -> String {
        let mut out = String::with_capacity(self.text.len() + 16);
        if self.is_cut_before {
            out.push('…');
        }
        let mut done = 0;
        for highlight in &self.highlights {
            write(&self.text[done..highlight.start], &mut out);
            out.push_str(before);
            write(&self.text[highlight.clone()], &mut out);
            out.push_str(after);
            done = highlight.end;
        }
        write(&self.text[done..], &mut out);
        if self.is_cut_after {
            out.push('…');
        }
        out
    }
}

impl fmt::Display for Snippet {
    /// The passage without marks, with an ellipsis where it was cut.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.highlighted("", ""))
    }
}

/// What snippets of a field look for: terms as the field's analyzer makes them.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Each term wanted by itself or in a phrase.
    terms: HashMap<String, Term>,
    prefixes: Vec<String>,
    patterns: Vec<Arc<Pattern>>,
    phrases: Vec<Vec<(u32, usize)>>,
}

#[derive(Clone, Copy, Debug)]
struct Term {
    id: usize,
    /// Wanted wherever it is, not only within a phrase.
    is_alone: bool,
}

/// A place where something wanted is.
#[derive(Debug)]
struct Hit {
    range: Range<usize>,
    /// The same place in characters.
    characters: Range<usize>,
    /// Which of the different things wanted it is.
    concept: usize,
}

impl Wanted {
    /// Whether nothing is wanted.
    fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.prefixes.is_empty() && self.patterns.is_empty()
    }

    /// Whether this term is looked for, be it as a part of a phrase.
    fn wants(&self, term: &str) -> bool {
        self.terms.contains_key(term)
            || self.prefix_of(term).is_some()
            || self.pattern_of(term).is_some()
    }

    /// The number of the first pattern that describes this term.
    fn pattern_of(&self, term: &str) -> Option<usize> {
        let looks = |pattern: &Arc<Pattern>| pattern.accepts(&pattern.read(term));
        self.patterns.iter().position(looks)
    }

    /// The number of the beginning that this term has.
    fn prefix_of(&self, term: &str) -> Option<usize> {
        let after = self
            .prefixes
            .partition_point(|prefix| prefix.as_str() <= term);
        let place = after.checked_sub(1)?;
        term.starts_with(self.prefixes[place].as_str())
            .then_some(place)
    }

    /// Looks for a term.
    pub(super) fn term(&mut self, term: &str) {
        let id = self.id(term);
        self.terms
            .insert(term.to_owned(), Term { id, is_alone: true });
    }

    /// Looks for all terms with this beginning.
    pub(super) fn prefix(&mut self, prefix: &str) {
        // None is a beginning of another, so that a term has one at most; and those that
        // begin with this one stand together.
        if self.prefix_of(prefix).is_some() {
            return;
        }
        let from = self
            .prefixes
            .partition_point(|known| known.as_str() < prefix);
        let longer = self.prefixes[from..]
            .iter()
            .take_while(|known| known.starts_with(prefix))
            .count();
        self.prefixes
            .splice(from..from + longer, [prefix.to_owned()]);
    }

    /// Looks for all terms that a pattern describes.
    pub(super) fn pattern(&mut self, pattern: &Arc<Pattern>) {
        if self.patterns.len() < PATTERNS_MAX && !self.patterns.contains(pattern) {
            self.patterns.push(Arc::clone(pattern));
        }
    }

    /// Looks for terms at these positions from one another, as in
    /// `[(0, "call"), (2, "ishmael")]`.
    pub(super) fn phrase<'t>(&mut self, terms: impl IntoIterator<Item = (u32, &'t str)>) {
        let mut terms: Vec<(u32, &str)> = terms.into_iter().collect();
        if terms.len() < 2 || terms.len() > PHRASE_TERMS_MAX {
            terms.iter().for_each(|(_, term)| self.term(term));
            return;
        }
        terms.sort_by_key(|&(position, _)| position);
        let first = terms[0].0;
        let phrase: Vec<(u32, usize)> = terms
            .iter()
            .map(|(position, term)| (position - first, self.id(term)))
            .collect();
        if self.phrases.contains(&phrase) {
            return;
        }
        if self.phrases.len() == PHRASES_MAX {
            terms.iter().for_each(|(_, term)| self.term(term));
            return;
        }
        self.phrases.push(phrase);
    }

    fn id(&mut self, term: &str) -> usize {
        if let Some(known) = self.terms.get(term) {
            return known.id;
        }
        let id = self.terms.len();
        self.terms.insert(
            term.to_owned(),
            Term {
                id,
                is_alone: false,
            },
        );
        id
    }

    /// The best passage of about `length` characters; the beginning of the text
    /// if nothing wanted is in it.
    ///
    /// `analyze` is called once, and reports each term of the text, its bytes
    /// and its position.
    pub(super) fn snippet(
        &self,
        text: &str,
        length: usize,
        analyze: impl FnOnce(&mut dyn FnMut(&str, Range<usize>, u32)),
    ) -> Snippet {
        let length = length.max(1);
        let hits = self.hits(text, analyze);
        let shown = &hits[best_window(&hits, length)];
        let start = shown.first().map_or(0, |hit| hit.range.start);
        let end = shown.iter().map(|hit| hit.range.end).max().unwrap_or(0);
        let mut passage = widen(text, start..end, length);
        if passage.is_empty() {
            // Nothing was hit but a blank.
            passage = widen(text, 0..0, length);
        }
        cut(text, passage, &hits)
    }

    /// Where everything wanted is, by place.
    fn hits(
        &self,
        text: &str,
        analyze: impl FnOnce(&mut dyn FnMut(&str, Range<usize>, u32)),
    ) -> Vec<Hit> {
        let hit = |range, concept| Hit {
            range,
            characters: 0..0,
            concept,
        };
        let mut hits = Vec::new();
        let mut words: Vec<Occurrence> = Vec::new(); // what phrases are made of
        if !self.is_empty() {
            analyze(&mut |term, range, position| {
                if range.start >= range.end || text.get(range.clone()).is_none() {
                    return; // no place in this text
                }
                if let Some(&Term { id, is_alone }) = self.terms.get(term) {
                    if is_alone {
                        hits.push(hit(range.clone(), id));
                    }
                    if !self.phrases.is_empty() {
                        let range = range.clone();
                        words.push(Occurrence {
                            id,
                            position,
                            range,
                        });
                    }
                }
                let first = self.terms.len();
                if let Some(place) = self.prefix_of(term) {
                    hits.push(hit(range.clone(), first + place));
                }
                let first = first + self.prefixes.len();
                if let Some(place) = self.pattern_of(term) {
                    hits.push(hit(range, first + place));
                }
            });
        }
        let first_concept = self.terms.len() + self.prefixes.len() + self.patterns.len();
        for (concept, word) in self.in_phrases(&words) {
            hits.push(hit(words[word].range.clone(), first_concept + concept));
        }
        if !hits.is_sorted_by_key(|hit| hit.range.start) {
            hits.sort_by_key(|hit| hit.range.start);
        }
        let mut at = (0, 0);
        for hit in &mut hits {
            at.1 += text[at.0..hit.range.start].chars().count();
            at.0 = hit.range.start;
            hit.characters.start = at.1;
        }
        count_ends(text, &mut hits);
        hits
    }

    /// The phrases that are in the text, each with the places of its words there.
    fn in_phrases(&self, words: &[Occurrence]) -> Vec<(usize, usize)> {
        let places = words.iter().enumerate();
        let places: HashMap<(usize, u32), usize> = places
            .map(|(place, word)| ((word.id, word.position), place))
            .collect();
        let mut found = Vec::new();
        let mut budget = words.len() * PHRASE_STEPS_MAX;
        // Of each word the last phrase that it was found in: `a a` is twice in
        // `a a a`, with one word in both.
        let mut last_phrase = vec![usize::MAX; words.len()];
        for (number, phrase) in self.phrases.iter().enumerate() {
            for from in words.iter().filter(|word| word.id == phrase[0].1) {
                let member = |&(offset, id): &(u32, usize)| {
                    places
                        .get(&(id, from.position.checked_add(offset)?))
                        .copied()
                };
                let count = phrase.iter().map_while(member).count();
                budget = budget.saturating_sub(count);
                if budget == 0 {
                    return found;
                }
                if count == phrase.len() {
                    for word in phrase.iter().filter_map(member) {
                        if last_phrase[word] != number {
                            last_phrase[word] = number;
                            found.push((number, word));
                        }
                    }
                }
            }
        }
        found
    }
}

/// A term of a phrase in the text.
struct Occurrence {
    id: usize,
    position: u32,
    range: Range<usize>,
}

/// Fills in where hits end, in characters, by one pass over the text.
fn count_ends(text: &str, hits: &mut [Hit]) {
    let mut by_end: Vec<&mut Hit> = hits.iter_mut().collect();
    if !by_end.is_sorted_by_key(|hit| hit.range.end) {
        by_end.sort_by_key(|hit| hit.range.end);
    }
    let mut at = (0, 0);
    for hit in by_end {
        at.1 += text[at.0..hit.range.end].chars().count();
        at.0 = hit.range.end;
        hit.characters.end = at.1;
    }
}

/// How good a window is: concepts, hits; then the shorter and the earlier are better.
type Rank = (usize, usize, Reverse<usize>);

/// The best window of at most `length` characters over hits sorted by start.
fn best_window(hits: &[Hit], length: usize) -> Range<usize> {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    let mut from = 0;
    let mut best: Option<(Rank, Range<usize>)> = None;
    for (to, hit) in hits.iter().enumerate() {
        *counts.entry(hit.concept).or_insert(0) += 1;
        let span_from = |from: usize| {
            hit.characters
                .end
                .saturating_sub(hits[from].characters.start)
        };
        while from < to && span_from(from) > length {
            let leaving = hits[from].concept;
            if let Some(count) = counts.get_mut(&leaving) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&leaving);
                }
            }
            from += 1;
        }
        let rank = (counts.len(), to + 1 - from, Reverse(span_from(from)));
        if best.as_ref().is_none_or(|(known, _)| rank > *known) {
            best = Some((rank, from..to + 1));
        }
    }
    best.map_or(0..0, |(_, window)| window)
}

/// The passage with the hits in it, joined where they overlap.
fn cut(text: &str, passage: Range<usize>, hits: &[Hit]) -> Snippet {
    let mut highlights: Vec<Range<usize>> = Vec::new();
    for hit in hits {
        let start = hit.range.start.max(passage.start);
        let end = hit.range.end.min(passage.end);
        if start >= end {
            continue;
        }
        let (start, end) = (start - passage.start, end - passage.start);
        match highlights.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => highlights.push(start..end),
        }
    }
    Snippet {
        is_cut_before: !text[..passage.start].trim().is_empty(),
        is_cut_after: !text[passage.end..].trim().is_empty(),
        text: text[passage.clone()].to_owned(),
        start: passage.start,
        highlights,
    }
}

#[cfg(test)]
mod tests;
