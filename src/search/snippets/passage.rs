//! # Passages: where to cut a text so that it reads well
//!
//! Idea        given what has to be shown and how much room there is: begin with
//!             the sentence if its beginning is near, else some words before;
//!             end with a sentence if that leaves less than half of the room
//!             empty, else with a word
//! Example     room for 24 characters around "whale" in `It sank. The whale came
//!             later. It was white.` → `The whale came later.`
//! Invariants  what is returned begins and ends between characters, and has at most
//!             `length` of them
//! Cost        linear in `length`, but for blanks, which are skipped in one go
//! Left out    UAX #29's sentences: they need the text from its beginning, and
//!             know "e.g." no better
//! Next        `words.rs`: how the wanted ones are found

use std::ops::Range;

use unicode_segmentation::GraphemeCursor;

/// How far, in characters, a cut is moved to fall between words. Scripts without
/// blanks are cut between any two characters.
const WORD_SEARCH_MAX: usize = 24;

/// Widens a window to about `length` characters: to the beginning of its
/// sentence if that is near, else to a word; and as far to the right as fits.
pub(super) fn widen(text: &str, window: Range<usize>, length: usize) -> Range<usize> {
    let start = window.start;
    let end = forward(text, start, length).min(window.end.max(start));
    let mut slack = length - text[start..end].chars().count().min(length);

    let back = backward(text, start, slack);
    let sentences = sentence_starts(&text[back..start], back == 0);
    let new_start = match sentences.last() {
        Some(offset) => back + offset,
        None if back == 0 => back,
        None => word_start(text, backward(text, start, slack / 3), start),
    };
    slack -= text[new_start..start].chars().count().min(slack);

    let limit = forward(text, end, slack);
    let mut new_end = limit;
    if limit < text.len() {
        let sentences = sentence_starts(&text[end..limit], false);
        // Rather a whole sentence than the last half of the room.
        let enough = new_start + (limit - new_start) / 2;
        new_end = match sentences.last() {
            Some(&offset) if offset > 0 && end + offset >= enough => end + offset,
            _ => word_end(text, end, limit),
        };
    }
    slack -= text[end..new_end].chars().count().min(slack);
    // At the end of the text there may be room left, which goes to the front.
    let new_start = if new_end == text.len() && slack > 0 && new_start > 0 {
        let back = backward(text, new_start, slack);
        if back == 0 {
            back
        } else {
            word_start(text, back, new_start)
        }
    } else {
        new_start
    };
    let passage = &text[new_start..new_end];
    let trimmed = passage.trim_start();
    let new_start = new_end - trimmed.len();
    new_start..new_start + trimmed.trim_end().len()
}

/// `count` characters before `at`, if there are so many.
fn backward(text: &str, at: usize, count: usize) -> usize {
    let Some(last) = count.checked_sub(1) else {
        return at;
    };
    let before = text[..at].char_indices().rev().nth(last);
    before.map_or(0, |(before, _)| before)
}

/// `count` characters after `at`, if there are so many.
fn forward(text: &str, at: usize, count: usize) -> usize {
    let after = text[at..].char_indices().nth(count);
    after.map_or(text.len(), |(offset, _)| at + offset)
}

/// Where sentences begin in `text`, its end included if the next one would begin
/// there. A rule of thumb: after `.`, `!`, `?` and a blank, unless a lower-case
/// letter follows (as after "e.g."); after `。` and its like; after a line's end.
fn sentence_starts(text: &str, is_beginning: bool) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut is_ended = false; // a full stop was seen
    let mut is_due = is_beginning; // and what comes next begins a sentence
    for (at, c) in text.char_indices() {
        match c {
            '\n' | '\u{2029}' | '。' | '！' | '？' | '｡' => is_due = true,
            '.' | '!' | '?' | '…' | '।' | '؟' => is_ended = true,
            '"' | '\'' | ')' | ']' | '”' | '’' | '»' | '」' if is_ended || is_due => {}
            c if c.is_whitespace() => is_due |= is_ended,
            c => {
                if is_due && !(is_ended && c.is_lowercase()) {
                    starts.push(at);
                }
                (is_ended, is_due) = (false, false);
            }
        }
    }
    if is_due {
        starts.push(text.len());
    }
    starts
}

/// The first place from `at` where a word begins, at most at `most`.
fn word_start(text: &str, at: usize, most: usize) -> usize {
    if text[..at].ends_with(char::is_whitespace) {
        return at;
    }
    let near = text[at..most].char_indices().take(WORD_SEARCH_MAX);
    match near.into_iter().find(|(_, c)| c.is_whitespace()) {
        Some((offset, blank)) => at + offset + blank.len_utf8(),
        None => boundary(text, at, true).min(most),
    }
}

/// The last place up to `at` where a word ends, at least at `least`.
fn word_end(text: &str, least: usize, at: usize) -> usize {
    if text[at..].starts_with(char::is_whitespace) {
        return at;
    }
    let near = text[least..at].char_indices().rev().take(WORD_SEARCH_MAX);
    match near.into_iter().find(|(_, c)| c.is_whitespace()) {
        Some((offset, _)) => least + offset,
        None => boundary(text, at, false).max(least),
    }
}

/// The nearest place between two user-perceived characters, from `at` on or up to
/// it: an emoji isn't torn from its skin tone.
fn boundary(text: &str, at: usize, is_forward: bool) -> usize {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    // The whole text is at hand, so the cursor can't ask for more.
    if cursor.is_boundary(text, 0).unwrap_or(true) {
        return at;
    }
    let next = if is_forward {
        cursor.next_boundary(text, 0)
    } else {
        cursor.prev_boundary(text, 0)
    };
    next.ok().flatten().unwrap_or(at)
}
