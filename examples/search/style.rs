//! Colours, where somebody sees them; and numbers as people read them.

use indicatif::ProgressStyle;
use std::io::{IsTerminal, Write};
use std::path::Path;

/// Whether to colour.
#[derive(Clone, Copy)]
pub struct Style(bool);

pub fn on_stdout() -> Style {
    Style(std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none())
}

pub fn on_stderr() -> Style {
    Style(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub fn bad(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    /// What stands before and after a highlighted word.
    pub fn marks(self) -> (&'static str, &'static str) {
        if self.0 {
            ("\x1b[1;33m", "\x1b[0m")
        } else {
            ("*", "*")
        }
    }
}

/// What a progress bar looks like, by a template that is right.
pub fn progress(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar())
}

/// A line on stderr. If nobody reads it any more, as behind `2>&1 | head`, the work
/// goes on all the same.
pub fn complain(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Text without what could steer a terminal.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The same of several lines.
pub fn plain_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(plain).collect();
    lines.join("\n")
}

/// The name of a file as text. Bytes that are none stand as `\xe9`: two files keep two
/// names.
pub fn named(path: impl AsRef<Path>) -> String {
    let bytes = path.as_ref().as_os_str().as_encoded_bytes();
    let mut name = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        name += chunk.valid();
        for byte in chunk.invalid() {
            name += &format!("\\x{byte:02x}");
        }
    }
    name
}

/// `1234567` → `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 segment`, `1,234 segments`.
pub fn counted(number: u64, noun: &str) -> String {
    format!(
        "{} {noun}{}",
        count(number),
        if number == 1 { "" } else { "s" }
    )
}

/// `1234567` → `1.2 MB`.
pub fn bytes(number: u64) -> String {
    let mut value = number as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 1000.0 {
            return if unit == "B" {
                format!("{number} B")
            } else {
                format!("{value:.1} {unit}")
            };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

/// Rows with their columns aligned; `right` says which lean to the right.
pub fn table(rows: &[Vec<String>], right: &[bool]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let space = " ".repeat(widths[column] - cell.chars().count());
            let parts = if right.get(column) == Some(&true) {
                [&space, cell]
            } else {
                [cell, &space]
            };
            line.push_str(parts[0]);
            line.push_str(parts[1]);
            line.push_str("  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
