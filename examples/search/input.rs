//! Documents from files: JSON lines, packed or not, text files, folders of them,
//! stdin. Cut into chunks, which can be parsed side by side.

use crate::Failure;
use crate::style::{complain, named, plain};
use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wordhoard::{Document, Schema};

/// The longest line that is read; what is longer is reported and skipped.
const LINE_MAX: u64 = 1 << 30;

/// Bytes of lines in a chunk, unless one line has more.
const CHUNK: usize = 1 << 20;

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

/// What the arguments name, but for what is in the index itself: it may well lie
/// in the folder that it is of.
pub fn inputs(arguments: &[OsString], index: &OsStr) -> Result<Vec<Input>, Failure> {
    let index = std::fs::canonicalize(index).ok();
    let mut inputs = Vec::new();
    for argument in arguments {
        if argument == "-" {
            inputs.push(Input::Stdin);
            continue;
        }
        let path = PathBuf::from(argument);
        let metadata = std::fs::metadata(&path).map_err(|error| {
            let argument = named(argument);
            format!("can't read the input {argument}: {error}; check the path, or give - for stdin")
        })?;
        if metadata.is_dir() {
            let mut files = Vec::new();
            walk(&path, index.as_deref(), &mut files)?;
            files.sort();
            let lines = |file: &&PathBuf| has_suffix(file, "jsonl") || has_suffix(file, "ndjson");
            if let Some(first) = files.iter().find(lines) {
                let (folder, first) = (plain(&named(argument)), plain(&named(first)));
                complain(format_args!(
                    "of a folder such as {folder} each file is a text, {first} too; name it itself \
                     to have a document of each line"
                ));
            }
            inputs.push(Input::Texts(files));
        } else if is_lines(&path) {
            inputs.push(Input::Lines(path));
        } else if !metadata.is_file() {
            // It may have no end, and is read more than once.
            return Err(format!(
                "the input {} is neither a file nor a folder; give - for JSON lines from stdin",
                named(argument)
            )
            .into());
        } else {
            inputs.push(Input::Texts(vec![path]));
        }
    }
    Ok(inputs)
}

/// What is packed is JSON lines too.
fn is_lines(path: &Path) -> bool {
    let known = ["jsonl", "json", "ndjson", "gz", "zst"];
    known.into_iter().any(|known| has_suffix(path, known))
}

/// Whether a file's name ends so, in letters of whatever case.
fn has_suffix(path: &Path, suffix: &str) -> bool {
    path.extension()
        .is_some_and(|it| it.eq_ignore_ascii_case(suffix))
}

/// Whether an index calls a file of its own so, but for the lock.
pub fn is_of_index(name: &str) -> bool {
    let kinds = [
        ("segment-", ".hoard"),
        ("deleted-", ".bits"),
        ("manifest-", ".json"),
        ("manifest-", ".json.new"),
        ("scratch-", ".hoard"),
    ];
    kinds.into_iter().any(|(begin, end)| {
        let rest = name.strip_prefix(begin);
        let number = rest.and_then(|rest| rest.strip_suffix(end));
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// All files below a folder but hidden ones and those of the index in the folder `but`;
/// links are not followed.
fn walk(folder: &Path, but: Option<&Path>, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failure = |error| format!("can't read the folder {}: {error}", named(folder));
    let is_index = but.is_some() && std::fs::canonicalize(folder).ok().as_deref() == but;
    for entry in std::fs::read_dir(folder).map_err(failure)? {
        let entry = entry.map_err(failure)?;
        let name = named(entry.file_name());
        if name.starts_with('.') || is_index && (name == "lock" || is_of_index(&name)) {
            continue;
        }
        let kind = entry.file_type().map_err(failure)?;
        if kind.is_dir() {
            walk(&entry.path(), but, files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

impl Input {
    /// Bytes of the files, if that is known.
    pub fn size(&self) -> Option<u64> {
        let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        match self {
            Self::Stdin => None,
            Self::Lines(path) => Some(size(path)),
            Self::Texts(paths) => Some(paths.iter().map(size).sum()),
        }
    }
}

/// A part of the input.
pub enum Chunk {
    /// Whole lines of a file, and the number of the first.
    Lines {
        name: Arc<str>,
        first: u64,
        text: Vec<u8>,
    },
    /// A text file.
    File(PathBuf),
    /// A line of so many bytes that can't be read.
    Bad(Bad, u64),
}

impl Chunk {
    /// Bytes of text in it; of a file that isn't read yet, what it has.
    pub fn len(&self) -> u64 {
        match self {
            Self::Lines { text, .. } => text.len() as u64,
            Self::File(path) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            Self::Bad(_, length) => *length,
        }
    }

    /// Calls `each` with the JSON text of each document, or why there is none,
    /// and a function that says where it is.
    pub fn visit(&self, mut each: impl FnMut(Result<&str, String>, &dyn Fn() -> String)) {
        match self {
            Self::Bad(bad, _) => each(Err(bad.why.clone()), &|| bad.place.clone()),
            Self::File(path) => {
                let text = read_text(path);
                each(text.as_deref().map_err(Clone::clone), &|| named(path));
            }
            Self::Lines { name, first, text } => {
                for (number, line) in (*first..).zip(text.split(|byte| *byte == b'\n')) {
                    let line = line.trim_ascii();
                    // A mark of the byte order before the first line is no
                    // part of it.
                    let line = match number {
                        1 => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
                        _ => line,
                    };
                    if line.is_empty() {
                        continue;
                    }
                    let json = str::from_utf8(line).map_err(|error| {
                        let at = error.valid_up_to();
                        format!("byte {at} of the line is not valid UTF-8; convert the file")
                    });
                    each(json, &|| format!("{name}:{number}"));
                }
            }
        }
    }

    /// The documents, parsed.
    pub fn documents(&self, schema: &Schema) -> Vec<Result<Document, Bad>> {
        let mut documents = Vec::new();
        self.visit(|json, place| {
            let document = json.and_then(|json| {
                Document::from_json(schema, json).map_err(|error| error.to_string())
            });
            documents.push(document.map_err(|why| Bad {
                place: place(),
                why,
            }));
        });
        documents
    }
}

/// All chunks of some inputs, in order.
pub struct Chunks {
    inputs: VecDeque<Input>,
    open: Option<Lines>,
    /// Bytes of files that were read: for the progress.
    read: Arc<AtomicU64>,
}

impl Chunks {
    pub fn new(inputs: Vec<Input>, read: Arc<AtomicU64>) -> Self {
        Self {
            inputs: inputs.into(),
            open: None,
            read,
        }
    }
}

impl Iterator for Chunks {
    type Item = Result<Chunk, String>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(lines) = &mut self.open {
                match lines.chunk() {
                    Ok(None) => self.open = None,
                    Ok(Some(chunk)) => return Some(Ok(chunk)),
                    Err(error) => {
                        let name = lines.name.clone();
                        self.open = None;
                        return Some(Err(unreadable(&name, &error)));
                    }
                }
            }
            match self.inputs.pop_front()? {
                Input::Stdin => self.open = Some(Lines::new("stdin", Box::new(io::stdin()))),
                Input::Lines(path) => match open(&path, &self.read) {
                    Ok(reader) => {
                        self.open = Some(Lines::new(&named(&path), reader));
                    }
                    Err(error) => {
                        return Some(Err(unreadable(&named(&path), &error)));
                    }
                },
                Input::Texts(paths) => {
                    let mut paths = VecDeque::from(paths);
                    let Some(path) = paths.pop_front() else {
                        continue;
                    };
                    self.inputs.push_front(Input::Texts(paths.into()));
                    let chunk = Chunk::File(path);
                    self.read.fetch_add(chunk.len(), Ordering::Relaxed);
                    return Some(Ok(chunk));
                }
            }
        }
    }
}

/// Opens a file, and unpacks it if its name says that it is packed.
fn open(path: &Path, read: &Arc<AtomicU64>) -> io::Result<Box<dyn Read + Send>> {
    let file = Counting {
        file: File::open(path)?,
        read: read.clone(),
    };
    let buffered = |file| BufReader::with_capacity(1 << 18, file);
    Ok(if has_suffix(path, "gz") {
        Box::new(MultiGzDecoder::new(buffered(file)))
    } else if has_suffix(path, "zst") {
        Box::new(Frames {
            packed: Some(buffered(file)),
            frame: None,
        })
    } else {
        Box::new(file)
    })
}

/// What is said of an input that can't be read, or not to its end.
fn unreadable(name: &str, error: &io::Error) -> String {
    let path = Path::new(name);
    let remedy = if has_suffix(path, "gz") {
        "gzip -t tells whether the file is whole"
    } else if has_suffix(path, "zst") {
        "zstd -t tells whether the file is whole"
    } else {
        "check that it may be read"
    };
    format!("can't read {name}: {error}; {remedy}; nothing was committed")
}

/// A file that counts what was read of it.
struct Counting {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

/// Zstandard frames, one after the other.
struct Frames {
    /// Between two frames.
    packed: Option<BufReader<Counting>>,
    /// In one.
    frame: Option<Frame>,
}

type Frame = StreamingDecoder<BufReader<Counting>, ruzstd::decoding::FrameDecoder>;

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let length = frame.read(buffer)?;
                if length > 0 || buffer.is_empty() {
                    return Ok(length);
                }
                let said = frame.decoder.get_checksum_from_data();
                if said.is_some() && said != frame.decoder.get_calculated_checksum() {
                    return Err(not_zstd("its checksum is wrong"));
                }
                self.packed = self.frame.take().map(StreamingDecoder::into_inner);
            }
            let Some(mut packed) = self.packed.take() else {
                return Ok(0);
            };
            if packed.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.frame = Some(StreamingDecoder::new(packed).map_err(not_zstd)?);
        }
    }
}

fn not_zstd(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("it is not packed by zstd, or damaged: {error}"))
}

/// A file of lines, cut into chunks.
struct Lines {
    name: Arc<str>,
    reader: BufReader<Box<dyn Read + Send>>,
    /// The number of the next line.
    number: u64,
    /// What comes after the chunk given last, if that is known.
    next: Option<Chunk>,
}

impl Lines {
    fn new(name: &str, reader: Box<dyn Read + Send>) -> Self {
        Self {
            name: name.into(),
            reader: BufReader::with_capacity(1 << 18, reader),
            number: 1,
            next: None,
        }
    }

    fn chunk(&mut self) -> io::Result<Option<Chunk>> {
        if let Some(next) = self.next.take() {
            return Ok(Some(next));
        }
        let (first, mut text) = (self.number, Vec::new());
        while text.len() < CHUNK {
            let before = text.len();
            let length = (&mut self.reader)
                .take(LINE_MAX)
                .read_until(b'\n', &mut text)?;
            if length == 0 {
                break;
            }
            self.number += 1;
            if length as u64 == LINE_MAX && text.last() != Some(&b'\n') {
                skip_line(&mut self.reader)?;
                text.truncate(before);
                let bad = Bad {
                    place: format!("{}:{}", self.name, self.number - 1),
                    why: "the line is longer than 1 GiB".to_owned(),
                };
                self.next = Some(Chunk::Bad(bad, LINE_MAX));
                break;
            }
            // Whoever types lines wants to see each go.
            if self.reader.buffer().is_empty() && &*self.name == "stdin" {
                break;
            }
        }
        let name = self.name.clone();
        if text.is_empty() {
            return Ok(self.next.take());
        }
        Ok(Some(Chunk::Lines { name, first, text }))
    }
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

/// A text file as the JSON of a document.
fn read_text(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LINE_MAX).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 == LINE_MAX {
        return Err("it is as long as 1 GiB or longer; split it".to_owned());
    }
    let Ok(body) = String::from_utf8(bytes) else {
        return Err("it is not text in UTF-8".to_owned());
    };
    // A heading or the first line, if there is one of decent length.
    let first = body
        .lines()
        .map(|line| line.trim_start_matches('#').trim())
        .find(|line| !line.is_empty());
    let stem = path.file_stem().map(named);
    let title = first
        .filter(|line| line.chars().count() <= 120)
        .map(str::to_owned)
        .or(stem);
    let place = named(path);
    Ok(serde_json::json!({ "path": place, "title": title, "body": body }).to_string())
}
