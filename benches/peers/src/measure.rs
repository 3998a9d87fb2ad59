//! # Measure: the engines beside each other, query by query
//!
//! Idea        all engines live in this process and are asked the same
//!             question one right after the other, who begins changing from
//!             pass to pass; of several passes over *all* queries the best
//!             time counts, so that neither a busy neighbour nor a warm cache
//!             of just this query decides
//! Invariants  (1) before anything is timed, every query's count agrees, or
//!             the difference is printed with what each engine understood
//!             (2) a time is that of the call: parsing in, no pipe in
//! Left out    several threads: see the lead of each engine's own benches
//! Next        [`crate::table`]

use crate::Result;
use crate::engines::{Command, Engine};
use crate::queries::{COLUMNS, Query};
use std::time::Instant;

/// The best time of each engine for one command on one query.
#[derive(Clone, Debug)]
pub struct Sample {
    pub query: usize,
    pub command: usize,
    /// Per engine.
    pub nanoseconds: Vec<u64>,
}

/// Asks every engine for the count of every query; returns how many differ.
pub fn check(engines: &[Box<dyn Engine>], queries: &[Query]) -> Result<usize> {
    const SHOWN: usize = 20;
    let mut differing = 0;
    for query in queries {
        let mut counts = Vec::new();
        for engine in engines {
            let count = engine.answer(Command::Count, &query.text);
            let named = |error| format!("{} can't answer {}: {error}", engine.name(), query.text);
            counts.push(count.map_err(named)?);
        }
        if counts.windows(2).all(|pair| pair[0] == pair[1]) {
            continue;
        }
        differing += 1;
        if differing <= SHOWN {
            eprintln!("counts differ: {} ({})", query.text, COLUMNS[query.column]);
            for (engine, count) in engines.iter().zip(&counts) {
                let understood = engine.understood(&query.text);
                eprintln!("  {:<10} {count:>10}  {understood}", engine.name());
            }
        }
    }
    if differing > SHOWN {
        eprintln!("… and {} more", differing - SHOWN);
    }
    Ok(differing)
}

/// Times every command on every query, `passes` times, and keeps the best.
pub fn run(
    engines: &[Box<dyn Engine>],
    queries: &[Query],
    commands: &[Command],
    passes: usize,
) -> Result<Vec<Sample>> {
    let mut samples = Vec::with_capacity(queries.len() * commands.len());
    for (command, _) in commands.iter().enumerate() {
        samples.extend((0..queries.len()).map(|query| Sample {
            query,
            command,
            nanoseconds: vec![u64::MAX; engines.len()],
        }));
    }
    for pass in 0..passes {
        for sample in &mut samples {
            let text = &queries[sample.query].text;
            let command = commands[sample.command];
            for turn in 0..engines.len() {
                let turn = (turn + pass) % engines.len();
                let started = Instant::now();
                let answer = engines[turn].answer(command, text)?;
                let time = started.elapsed().as_nanos() as u64;
                std::hint::black_box(answer);
                sample.nanoseconds[turn] = sample.nanoseconds[turn].min(time);
            }
        }
    }
    Ok(samples)
}
