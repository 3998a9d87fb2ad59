//! # Words: where they begin and end
//!
//! Unicode Standard Annex #29 says where, for all scripts; `can't` is one word,
//! and so are `3.5` and `U.S`. Nearly all bytes of nearly all corpora are ASCII,
//! where the twenty rules of the annex are down to three, and a table of 256
//! classes does.
//!
//! Idea        *core* bytes (letters, digits, `_`) belong together. An *infix*
//!             joins two of them: `'` `.` `:` between letters, `'` `.` `,` `;`
//!             between digits. All else stands alone. What lies between two
//!             boundaries is here called a segment; one without letter or digit
//!             is no word
//! Example     `e.g. 1,000` → `e.g` `1,000`
//! Invariants  (1) the words are exactly those of
//!             [`unicode_words`](unicode_segmentation::UnicodeSegmentation::unicode_words),
//!             for every text
//!             (2) what a segment is depends on what follows it, but not on
//!             what is before it. So at any boundary, either way of cutting may
//!             take over from the other
//! Cost        a block of 64 bytes becomes a bitmap of its core bytes, without a
//!             branch; then a word costs two searches for a bit. Measured
//!             (`benches/tokenizing.rs`, two shared cores): 570 MiB a second of
//!             English and 295 of Russian, where `unicode_words` has 205
//!             of English and a loop over the bytes had 325
//! Left out    a table for all of Unicode: `unicode-segmentation` has one
//! Paper       Unicode Standard Annex #29, §4.1; for the bitmaps, Langdale and
//!             Lemire 2019, §3
//! Next        `words/blocks.rs`; then `pairs`, for scripts that don't show where a
//!             word ends
//!
//! ## The join with the rest of Unicode
//!
//! To the rules a letter is a letter, in ASCII or not; the commonest of two bytes
//! (`é`, `ł`, `σ`, `ж`) are taken as such here. Any other character may reach
//! back: a combining mark belongs to the letter before it, `a.京` asks what `京`
//! is. It reaches no further than the beginning of the segment that it touches.
//! So when one turns up, the text from that beginning on goes to
//! `unicode-segmentation`, segment by segment, until one ends before an ASCII
//! byte; by (2) the table goes on from there.

mod blocks;
#[cfg(test)]
mod tests;

use unicode_segmentation::UnicodeSegmentation;

use super::Token;
use blocks::Blocks;

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

/// The class of the byte at `at`; none at the end.
#[inline]
fn class(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).map_or(0, |&byte| CLASS[usize::from(byte)])
}

/// The words of `text`.
#[inline]
pub(super) fn split<'t>(text: &'t str, mut emit: impl FnMut(Token<'t>)) {
    let bytes = text.as_bytes();
    let mut blocks = Blocks::new(bytes);
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
    // The last boundary that is certain; where to look next.
    let (mut boundary, mut at) = (0, 0);
    loop {
        let mut start = blocks.next_word(at);
        if start >= bytes.len() {
            return;
        }
        let core_end = blocks.core_end(start);
        // Mostly neither an infix follows nor anything that isn't ASCII.
        let end = if class(bytes, core_end) & (HIGH | JOINS_LETTERS | JOINS_DIGITS) == 0 {
            Some(core_end)
        } else {
            word_end(bytes, core_end)
        };
        if let Some(end) = end {
            if bytes[start] != b'_' || bytes[start..end].iter().any(|&byte| byte != b'_') {
                word(start, end);
            }
            (boundary, at) = (end, end);
            continue;
        }
        // Something that isn't known here touches the segment.
        if CLASS[usize::from(bytes[start])] & HIGH != 0 && letter(bytes, start) == 0 {
            start = touched(bytes, boundary, start);
        }
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

/// Where the word ends that goes on, or not, at `at`; none if a character that
/// isn't known here has a say in it.
fn word_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let next = class(bytes, at);
        if next & CORE != 0 {
            at += 1;
        } else if next & HIGH != 0 {
            match letter(bytes, at) {
                0 => return None,
                length => at += length,
            }
        } else if next & (JOINS_LETTERS | JOINS_DIGITS) != 0 {
            // Before it is the word's last byte: perhaps the last of a letter.
            let before = match class(bytes, at - 1) {
                HIGH => LETTER,
                before => before,
            };
            let after = match class(bytes, at + 1) {
                HIGH if letter(bytes, at + 1) > 0 => LETTER,
                after => after,
            };
            let joins = |of: u8, infix: u8| {
                next & infix != 0 && before & of != 0 && after & (of | HIGH) != 0
            };
            if !joins(LETTER, JOINS_LETTERS) && !joins(DIGIT, JOINS_DIGITS) {
                return Some(at);
            }
            if after == HIGH {
                return None;
            }
            at += 1;
        } else {
            return Some(at);
        }
    }
}

/// The length of the letter at `at`, if it is one of the common letters of two
/// bytes; else 0. All are `ALetter` in the annex's terms, as those of ASCII are.
fn letter(bytes: &[u8], at: usize) -> usize {
    let (Some(&lead @ 0xC3..=0xDF), Some(&next)) = (bytes.get(at), bytes.get(at + 1)) else {
        return 0;
    };
    let code = u32::from(lead & 0x1F) << 6 | u32::from(next & 0x3F);
    let is_letter = match code {
        0xD7 | 0xF7 | 0x3A2 => false,          // × ÷ and a gap
        0xC0..=0x2AF => true,                  // Latin
        0x38E..=0x3F5 => true,                 // Greek
        0x400..=0x481 | 0x48A..=0x52F => true, // Cyrillic
        _ => false,
    };
    if is_letter { 2 } else { 0 }
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
