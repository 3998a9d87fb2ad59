//! How does an index do with millions of documents? This writes them: as JSON
//! lines `{"id":"0","text":"…"}`, the same ones every time.
//!
//! `cargo bench --bench generate -- --documents 5000000 --out documents.jsonl`
//!
//! and, if need be, `--words 30`, the median length of a document, and `--seed 1`.
//! Without `--out` it does nothing, so that it takes no time where all benches
//! are run.

mod corpus;

use corpus::Generator;
use std::io::Write;
use std::path::PathBuf;

struct Options {
    documents: u64,
    words: f64,
    seed: u64,
    out: Option<PathBuf>,
}

fn options() -> Result<Options, Box<dyn std::error::Error>> {
    let mut options = Options {
        documents: 1_000_000,
        words: 30.0,
        seed: 1,
        out: None,
    };
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        let name = argument.to_string_lossy().into_owned();
        // Cargo itself gives these.
        if name == "--bench" || name == "--test" {
            continue;
        }
        let value = arguments.next().ok_or(format!("{name} needs a value"))?;
        let text = value.to_string_lossy();
        match name.as_str() {
            "--documents" => options.documents = text.parse()?,
            "--words" => options.words = text.parse()?,
            "--seed" => options.seed = text.parse()?,
            "--out" => options.out = Some(value.into()),
            _ => {
                let known = "--documents, --words, --seed and --out";
                return Err(format!("there is no {name}; known are {known}").into());
            }
        }
    }
    Ok(options)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = options()?;
    let Some(path) = options.out else {
        return Ok(());
    };
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut generator = Generator::new(options.seed, options.words);
    let mut line = String::new();
    for id in 0..options.documents {
        line.clear();
        generator.line(id, &mut line);
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    out.flush()?;
    Ok(())
}
