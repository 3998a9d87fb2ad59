//! # Filters: what becomes of a word
//!
//! Idea        small pure steps, each in a file of its own where there is
//!             something to tell: [`case`], [`fold`], [`apostrophe`],
//!             [`spelling`], [`stop`], [`stem`], [`grams`]
//! Example     `Foxes` → lower case → `foxes` → stem → `fox`
//! Invariants  (1) a filter hands on the very term that it was given where
//!             there is nothing to change, without a copy
//!             (2) what it writes goes into a buffer that is used again
//! Cost        a word of ASCII in lower case passes most of them at the price of
//!             a look at each byte
//! Left out    a filter that knows the word's neighbours
//! Next        [`normalize`], and so on to [`stem`], the one with a story

mod apostrophe;
mod case;
mod fold;
mod grams;
mod normalize;
mod spelling;
mod stem;
mod stop;

use std::cell::RefCell;
use std::sync::Arc;

use super::{Filter, FilterKind};
pub(super) use apostrophe::has_apostrophes;
pub(super) use spelling::has_spellings;

/// The filter of a kind, unless the program brings it.
pub(super) fn make(kind: &FilterKind) -> Option<Arc<dyn Filter>> {
    Some(match kind {
        FilterKind::Length { max } => Arc::new(Length(*max as usize)),
        FilterKind::Normalize => Arc::new(normalize::Normalize),
        FilterKind::Lowercase => Arc::new(case::Lowercase),
        FilterKind::TurkishLowercase => Arc::new(case::TurkishLowercase),
        FilterKind::Fold => Arc::new(fold::Fold),
        FilterKind::Apostrophes(language) => Arc::new(apostrophe::Apostrophes(*language)),
        FilterKind::Spelling(language) => Arc::new(spelling::Spelling(*language)),
        FilterKind::Stop(language) => Arc::new(stop::Stop::of(*language)),
        FilterKind::StopWords(words) => Arc::new(stop::Stop::new(words)),
        FilterKind::Stem(language) => Arc::new(stem::Stem(*language)),
        FilterKind::Ngrams { min, max } => Arc::new(grams::Ngrams(*min..=*max)),
        FilterKind::EdgeNgrams { min, max } => Arc::new(grams::EdgeNgrams(*min..=*max)),
        FilterKind::Custom(_) => return None,
    })
}

/// Drops what is longer than so many characters.
#[derive(Debug)]
struct Length(usize);

impl Filter for Length {
    fn apply(&self, term: &str, emit: &mut dyn FnMut(&str)) {
        // A character has one to four bytes; most terms are decided by that.
        let is_short = term.len() <= self.0
            || term.len() <= self.0.saturating_mul(4) && term.chars().count() <= self.0;
        if is_short {
            emit(term);
        }
    }
}

/// Longer buffers than this are given back to the system.
const KEPT_BUFFER_BYTES: usize = 4096;

thread_local! {
    /// Buffers that no filter uses right now. A chain uses several at a time,
    /// and `emit` may call an analyzer again.
    static BUFFERS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Lends an empty buffer to `work`. If it panics, the buffer is lost, no more.
fn with_buffer(work: impl FnOnce(&mut String)) {
    let mut buffer = BUFFERS.with_borrow_mut(Vec::pop).unwrap_or_default();
    work(&mut buffer);
    if buffer.capacity() <= KEPT_BUFFER_BYTES {
        buffer.clear();
        BUFFERS.with_borrow_mut(|buffers| buffers.push(buffer));
    }
}
