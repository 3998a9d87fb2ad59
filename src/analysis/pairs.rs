//! # Pairs: words for scripts without spaces
//!
//! Chinese, Japanese, Thai and others don't say where a word ends. Overlapping
//! pairs of characters are a stand-in that needs no dictionary: most words have
//! two characters, and a longer one is a phrase of pairs.
//!
//! Idea        take the words as they come; where one is in such a script,
//!             join its characters with their neighbours two by two. A
//!             character that stands alone is a token by itself
//! Example     `東京都へ` → `東京` `京都` `都へ`; `PC방` → `PC` `방`
//! Invariants  (1) a pair is a slice of the text: its characters touch
//!             (2) a mark belongs to the character before it
//! Cost        as `words`, plus a look at each character that isn't ASCII
//! Left out    single characters beside the pairs, which would double the index
//!             for queries of one character
//! Paper       Nie, Gao, Zhang and Zhou 2000: on bigrams against words in
//!             Chinese retrieval
//! Next        `filters`

use unicode_normalization::char::is_combining_mark;

use super::{Token, words};

/// The tokens of `text`: words, and pairs where a script has no spaces.
pub(super) fn split<'t>(text: &'t str, emit: impl FnMut(Token<'t>)) {
    let mut run = Run {
        text,
        before: None,
        last: None,
        position: 0,
        emit,
    };
    words::split(text, |word| run.word(&word));
    run.end();
}

/// A stretch of characters that touch. A pair is emitted once the character
/// after it begins, or the stretch ends: until then, marks may follow.
struct Run<'t, E> {
    text: &'t str,
    /// Where the last character but one begins.
    before: Option<usize>,
    /// Where the last character begins and where it ends, marks and all.
    last: Option<(usize, usize)>,
    position: u32,
    emit: E,
}

impl<'t, E: FnMut(Token<'t>)> Run<'t, E> {
    fn word(&mut self, word: &Token<'t>) {
        // Where a stretch of letters with spaces began that isn't emitted yet.
        let mut other = Some(word.start);
        if !word.text.is_ascii() {
            other = None;
            for (at, c) in word.text.char_indices() {
                let (start, end) = (word.start + at, word.start + at + c.len_utf8());
                if is_attached(c) && at > 0 {
                    if let (None, Some(last)) = (other, &mut self.last) {
                        last.1 = end;
                    }
                } else if is_unspaced(c) {
                    if let Some(from) = other.take() {
                        self.token(from, start);
                    }
                    self.character(start, end);
                } else if other.is_none() {
                    self.end();
                    other = Some(start);
                }
            }
        }
        if let Some(from) = other {
            self.end();
            self.token(from, word.end);
        }
    }

    fn character(&mut self, start: usize, end: usize) {
        match self.last {
            Some((last_start, last_end)) if last_end == start => {
                if let Some(before) = self.before {
                    self.token(before, last_end);
                }
                self.before = Some(last_start);
            }
            _ => self.end(),
        }
        self.last = Some((start, end));
    }

    fn end(&mut self) {
        if let Some((start, end)) = self.last.take() {
            let start = self.before.take().unwrap_or(start);
            self.token(start, end);
        }
    }

    fn token(&mut self, start: usize, end: usize) {
        (self.emit)(Token {
            text: &self.text[start..end],
            start,
            end,
            position: self.position,
        });
        self.position = self.position.wrapping_add(1);
    }
}

/// Whether `c` is no character by itself, but belongs to the one before it:
/// marks, joiners, half-width voicing, the later letters of a Hangul syllable.
fn is_attached(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FF9E}' | '\u{FF9F}'
        | '\u{1160}'..='\u{11FF}' | '\u{D7B0}'..='\u{D7FF}')
        || is_combining_mark(c)
}

/// Whether `c` is a letter of a script that is written without spaces, or of
/// Hangul, whose words carry their particles with them.
fn is_unspaced(c: char) -> bool {
    let at = UNSPACED.partition_point(|(_, last)| *last < c);
    UNSPACED.get(at).is_some_and(|(first, _)| *first <= c)
}

/// The blocks of these scripts, ascending, without their decimal digits: numbers
/// stay whole.
const UNSPACED: &[(char, char)] = &[
    ('\u{0E00}', '\u{0E4F}'), // Thai
    ('\u{0E5A}', '\u{0ECF}'), // Thai, Lao
    ('\u{0EDA}', '\u{0EFF}'), // Lao
    ('\u{1000}', '\u{103F}'), // Myanmar
    ('\u{104A}', '\u{108F}'),
    ('\u{109A}', '\u{109F}'),
    ('\u{1100}', '\u{11FF}'), // Hangul Jamo
    ('\u{1780}', '\u{17DF}'), // Khmer
    ('\u{1950}', '\u{19CF}'), // Tai Le, New Tai Lue
    ('\u{1A20}', '\u{1A7F}'), // Tai Tham
    ('\u{2E80}', '\u{2FDF}'), // Han radicals
    ('\u{3005}', '\u{3007}'), // Han: iteration mark, zero
    ('\u{3021}', '\u{3029}'),
    ('\u{3038}', '\u{303B}'),
    ('\u{3041}', '\u{318F}'), // Kana, Bopomofo, Hangul Compatibility Jamo
    ('\u{31A0}', '\u{31BF}'), // Bopomofo
    ('\u{31F0}', '\u{31FF}'), // Katakana
    ('\u{3400}', '\u{4DBF}'), // Han
    ('\u{4E00}', '\u{9FFF}'),
    ('\u{A960}', '\u{A97F}'), // Hangul Jamo
    ('\u{A9E0}', '\u{A9EF}'), // Myanmar
    ('\u{A9FA}', '\u{A9FE}'),
    ('\u{AA60}', '\u{AADF}'),   // Myanmar, Tai Viet
    ('\u{AC00}', '\u{D7FF}'),   // Hangul
    ('\u{F900}', '\u{FAFF}'),   // Han
    ('\u{FF66}', '\u{FFDC}'),   // half-width Katakana and Hangul
    ('\u{1AFF0}', '\u{1B16F}'), // Kana
    ('\u{20000}', '\u{3FFFF}'), // Han
];
