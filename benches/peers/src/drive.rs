//! # Drive: the protocol of the search-benchmark-game, for either engine
//!
//! Idea        `COMMAND<TAB>query` in, one number out, as `search drive` of
//!             wordhoard's command line does it; so any client of the game can
//!             ask tantivy here
//! Example     `TOP_10<TAB>quick fox` gives `10`, with `--timed`
//!             `10<TAB>52417`: the nanoseconds inside
//! Next        [`crate::measure`], which needs no pipe

use crate::Result;
use crate::engines::{Command, Engine};
use std::io::{BufRead, Write};
use std::time::Instant;

pub fn run(engine: &dyn Engine, timed: bool) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (command, query) = line.split_once('\t').unwrap_or((&line, ""));
        let started = Instant::now();
        let answer = match command.parse::<Command>() {
            Ok(command) => match engine.answer(command, query) {
                Ok(count) => count.to_string(),
                Err(error) => {
                    eprintln!("{error}");
                    "ERROR".to_owned()
                }
            },
            Err(_) if command == "PING" => "0".to_owned(),
            Err(_) => "UNSUPPORTED".to_owned(),
        };
        let nanoseconds = started.elapsed().as_nanos();
        if timed {
            writeln!(out, "{answer}\t{nanoseconds}")?;
        } else {
            writeln!(out, "{answer}")?;
        }
        out.flush()?;
    }
    Ok(())
}
