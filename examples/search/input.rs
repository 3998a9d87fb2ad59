//! Documents from files: JSON lines, text files, folders of them, stdin.

use crate::Failure;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest line that is read; what is longer is reported and skipped.
const LINE_MAX: usize = 1 << 30;

/// A document in the making, and where it comes from.
pub struct Source {
    pub place: String,
    pub json: String,
}

/// A thing that was to be a document and is none.
pub struct Bad {
    pub place: String,
    pub why: String,
}

/// Where documents come from.
pub enum Input {
    Stdin,
    Lines(PathBuf),
    /// Whole files, each a document of path, title and body.
    Texts(Vec<PathBuf>),
}

/// What an argument names.
pub fn inputs(arguments: &[String]) -> Result<Vec<Input>, Failure> {
    let mut inputs = Vec::new();
    for argument in arguments {
        if argument == "-" {
            inputs.push(Input::Stdin);
            continue;
        }
        let path = PathBuf::from(argument);
        let metadata = std::fs::metadata(&path).map_err(|error| {
            format!("can't read the input {argument}: {error}; check the path, or give - for stdin")
        })?;
        if metadata.is_dir() {
            let mut files = Vec::new();
            walk(&path, &mut files)?;
            files.sort();
            inputs.push(Input::Texts(files));
        } else if is_lines(&path) {
            inputs.push(Input::Lines(path));
        } else {
            inputs.push(Input::Texts(vec![path]));
        }
    }
    Ok(inputs)
}

fn is_lines(path: &Path) -> bool {
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or("");
    matches!(extension, "jsonl" | "json" | "ndjson")
}

/// All files below a folder but hidden ones; links are not followed.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failure = |error| format!("can't read the folder {}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failure)? {
        let entry = entry.map_err(failure)?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(failure)?;
        if kind.is_dir() {
            walk(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

impl Input {
    /// Bytes to be read, if that is known.
    pub fn size(&self) -> Option<u64> {
        let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        match self {
            Self::Stdin => None,
            Self::Lines(path) => Some(size(path)),
            Self::Texts(paths) => Some(paths.iter().map(size).sum()),
        }
    }

    /// Calls `each` with the documents in turn, and the bytes that each took;
    /// stops if it returns `false`.
    pub fn read(
        self,
        each: &mut dyn FnMut(Result<Source, Bad>, usize) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        match self {
            Self::Stdin => read_lines(std::io::stdin().lock(), "stdin", each),
            Self::Lines(path) => {
                let name = path.display().to_string();
                let file =
                    File::open(&path).map_err(|error| format!("can't read {name}: {error}"))?;
                read_lines(BufReader::with_capacity(1 << 20, file), &name, each)
            }
            Self::Texts(paths) => {
                for path in paths {
                    let (document, length) = read_text(&path);
                    if !each(document, length)? {
                        break;
                    }
                }
                Ok(())
            }
        }
    }
}

fn read_lines(
    mut lines: impl BufRead,
    name: &str,
    each: &mut dyn FnMut(Result<Source, Bad>, usize) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        let read = (&mut lines)
            .take(LINE_MAX as u64)
            .read_until(b'\n', &mut line);
        let length = read.map_err(|error| format!("can't read {name}: {error}"))?;
        if length == 0 {
            break;
        }
        let place = format!("{name}:{number}");
        let too_long = length == LINE_MAX && line.last() != Some(&b'\n');
        if too_long {
            skip_line(&mut lines).map_err(|error| format!("can't read {name}: {error}"))?;
        }
        let text = line.trim_ascii();
        // A mark of the byte order before the first line is no part of it.
        let text = if number == 1 {
            text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
        } else {
            text
        };
        if text.is_empty() {
            continue;
        }
        let document = match str::from_utf8(text) {
            _ if too_long => Err(Bad {
                place,
                why: "the line is longer than 1 GiB".into(),
            }),
            Ok(text) => Ok(Source {
                place,
                json: text.to_owned(),
            }),
            Err(error) => {
                let at = error.valid_up_to();
                Err(Bad {
                    place,
                    why: format!("byte {at} of the line is not valid UTF-8; convert the file"),
                })
            }
        };
        if !each(document, length)? {
            break;
        }
    }
    Ok(())
}

fn skip_line(lines: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = lines.fill_buf()?;
        let (skipped, done) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        lines.consume(skipped);
        if done {
            return Ok(());
        }
    }
}

fn read_text(path: &Path) -> (Result<Source, Bad>, usize) {
    let place = path.display().to_string();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            return (
                Err(Bad {
                    place,
                    why: error.to_string(),
                }),
                0,
            );
        }
    };
    let length = bytes.len();
    let Ok(body) = String::from_utf8(bytes) else {
        return (
            Err(Bad {
                place,
                why: "it is not text in UTF-8".into(),
            }),
            length,
        );
    };
    // A heading or the first line, if there is one of decent length.
    let first = body
        .lines()
        .map(|line| line.trim_start_matches('#').trim())
        .find(|line| !line.is_empty());
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let title = first
        .filter(|line| line.chars().count() <= 120)
        .map(str::to_owned)
        .or(stem);
    let document = serde_json::json!({ "path": place, "title": title, "body": body });
    (
        Ok(Source {
            json: document.to_string(),
            place,
        }),
        length,
    )
}
