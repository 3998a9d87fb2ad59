//! # Words: where they begin and end
//!
//! Unicode Standard Annex #29 says where, for all scripts; `can't` is one word,
//! and so are `3.5` and `U.S`. Nearly all bytes of nearly all corpora are ASCII,
//! where the twenty rules of the annex are down to three, and a table of 256
//! classes and a loop do.
//!
//! Idea        *core* bytes (letters, digits, `_`) belong together. An *infix*
//!             joins two of them: `'` `.` `:` between letters, `'` `.` `,` `;`
//!             between digits. All else stands alone. A segment without letter
//!             or digit is no word
//! Example     `e.g. 1,000` → `e.g` `1,000`
//! Invariants  (1) the words are exactly those of
//!             [`unicode_words`](unicode_segmentation::UnicodeSegmentation::unicode_words),
//!             for every text
//!             (2) what a segment is depends on what follows it, but not on
//!             what is before it. So at any boundary, either way of cutting may
//!             take over from the other
//! Cost        each byte of ASCII is looked up once, an infix thrice
//! Left out    a table for all of Unicode: `unicode-segmentation` has one
//! Paper       Unicode Standard Annex #29, §4.1
//! Next        `pairs`, for scripts that don't show where a word ends
//!
//! ## The join with the rest of Unicode
//!
//! A character that isn't ASCII may reach back: a combining mark belongs to the
//! letter before it, `a.é` is one word. It reaches no further than the beginning
//! of the segment that it touches. So when one turns up, the text from that
//! beginning on goes to `unicode-segmentation`, segment by segment, until one
//! ends before an ASCII byte; by (2) the table goes on from there.

use unicode_segmentation::UnicodeSegmentation;

use super::Token;

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const UNDERSCORE: u8 = 4;
/// What belongs to a word wherever it is.
const CORE: u8 = LETTER | DIGIT | UNDERSCORE;
/// Joins letters.
const JOINS_LETTERS: u8 = 8;
/// Joins digits.
const JOINS_DIGITS: u8 = 16;
/// Not ASCII.
const HIGH: u8 = 32;

/// The class of each byte.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' => DIGIT,
            b'_' => UNDERSCORE,
            b'\'' | b'.' => JOINS_LETTERS | JOINS_DIGITS,
            b':' => JOINS_LETTERS,
            b',' | b';' => JOINS_DIGITS,
            128.. => HIGH,
            _ => 0,
        };
        byte += 1;
    }
    class
};

/// The words of `text`.
#[inline]
pub(super) fn split<'t>(text: &'t str, mut emit: impl FnMut(Token<'t>)) {
    let bytes = text.as_bytes();
    let class = |at: usize| bytes.get(at).map_or(0, |&byte| CLASS[usize::from(byte)]);
    let mut position = 0u32;
    let mut word = |start: usize, end: usize| {
        emit(Token {
            text: &text[start..end],
            start,
            end,
            position,
        });
        position = position.wrapping_add(1);
    };
    // The last boundary that is certain, and the byte that is looked at.
    let (mut boundary, mut at) = (0, 0);
    while at < bytes.len() {
        // Between words.
        let mut seen = CLASS[usize::from(bytes[at])];
        if seen & (CORE | HIGH) == 0 {
            at += 1;
            continue;
        }
        let mut start = at;
        if seen & HIGH == 0 {
            // In a word; `seen` gathers what is in it.
            loop {
                at += 1;
                let next = class(at);
                if next & CORE != 0 {
                    seen |= next;
                } else if next & (JOINS_LETTERS | JOINS_DIGITS) != 0 {
                    let (before, after) = (class(at - 1), class(at + 1));
                    let joins = |of: u8, infix: u8| {
                        next & infix != 0 && before & of != 0 && after & (of | HIGH) != 0
                    };
                    if !joins(LETTER, JOINS_LETTERS) && !joins(DIGIT, JOINS_DIGITS) {
                        break;
                    }
                } else {
                    break;
                }
            }
            if class(at) & HIGH == 0 {
                if seen & (LETTER | DIGIT) != 0 {
                    word(start, at);
                }
                boundary = at;
                continue;
            }
        } else {
            start = touched(bytes, boundary, at);
        }
        // Something beyond ASCII touches the segment that begins at `start`.
        at = start;
        for segment in text[start..].split_word_bounds() {
            let from = at;
            at += segment.len();
            if segment.contains(char::is_alphanumeric) {
                word(from, at);
            }
            if bytes.get(at).is_none_or(u8::is_ascii) {
                break;
            }
        }
        boundary = at;
    }
}

/// Where the segment begins that the character at `at`, which isn't ASCII, may
/// belong to: at the byte before it, if that isn't a word's; a row of spaces is
/// one segment.
fn touched(bytes: &[u8], boundary: usize, at: usize) -> usize {
    let before = &bytes[boundary..at];
    let spaces = before
        .iter()
        .rev()
        .take_while(|&&byte| byte == b' ')
        .count();
    at - spaces.max(usize::from(!before.is_empty()))
}

#[cfg(test)]
mod tests;
