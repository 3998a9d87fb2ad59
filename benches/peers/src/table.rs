//! # Table: what was measured, to read or to compute with
//!
//! Idea        a cell is a command and a kind of query: the mean over its
//!             queries of each engine's best time, and the ratio of the means;
//!             then the same for the median and the 99th percentile, since a
//!             mean hides both
//! Example     `142 → 81  0.57`: tantivy 142 µs, wordhoard 81, which is 0.57
//! Next        the README beside this package, which says how it is made

use crate::engines::{Command, Engine};
use crate::measure::Sample;
use crate::queries::{COLUMNS, Query};

/// One engine's figures in one cell, in microseconds.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Figures {
    pub mean: f64,
    pub p50: f64,
    pub p99: f64,
}

fn figures(mut nanoseconds: Vec<u64>) -> Option<Figures> {
    nanoseconds.sort_unstable();
    let last = nanoseconds.len().checked_sub(1)?;
    let micros = |ns: u64| ns as f64 / 1e3;
    let at = |share: f64| micros(nanoseconds[(last as f64 * share).round() as usize]);
    Some(Figures {
        mean: micros(nanoseconds.iter().sum()) / nanoseconds.len() as f64,
        p50: at(0.5),
        p99: at(0.99),
    })
}

/// A cell: the figures of each engine.
struct Cell {
    command: Command,
    column: usize,
    queries: usize,
    engines: Vec<Figures>,
}

fn cells(
    engines: &[Box<dyn Engine>],
    queries: &[Query],
    commands: &[Command],
    samples: &[Sample],
) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (number, command) in commands.iter().enumerate() {
        for column in 0..COLUMNS.len() {
            let of_cell: Vec<&Sample> = samples
                .iter()
                .filter(|s| s.command == number && queries[s.query].column == column)
                .collect();
            let figures = (0..engines.len())
                .filter_map(|e| figures(of_cell.iter().map(|s| s.nanoseconds[e]).collect()))
                .collect::<Vec<_>>();
            if !figures.is_empty() {
                cells.push(Cell {
                    command: *command,
                    column,
                    queries: of_cell.len(),
                    engines: figures,
                });
            }
        }
    }
    cells
}

/// Prints the cells as tables for people.
pub fn print(
    engines: &[Box<dyn Engine>],
    queries: &[Query],
    commands: &[Command],
    samples: &[Sample],
) {
    let cells = cells(engines, queries, commands, samples);
    let mut columns: Vec<(usize, usize)> = cells.iter().map(|c| (c.column, c.queries)).collect();
    columns.sort_unstable();
    columns.dedup();
    let width = 10 + 8 * (2 * engines.len() - 1);
    let names: Vec<&str> = engines.iter().map(|engine| engine.name()).collect();
    type Pick = fn(&Figures) -> f64;
    let kinds: [(&str, Pick); 3] = [
        ("mean", |f| f.mean),
        ("median (p50)", |f| f.p50),
        ("p99", |f| f.p99),
    ];
    for (title, pick) in kinds {
        let ratio = match engines.len() {
            1 => "",
            2 => " | their ratio",
            _ => " | ratios to the last",
        };
        println!("\n{title}, µs: {}{ratio}", names.join(" | "));
        print!("{:<16}", "");
        for (column, count) in &columns {
            print!("{:>width$}", format!("{} ({count})", COLUMNS[*column]));
        }
        println!();
        for command in commands {
            print!("{command:<16}");
            for (column, _) in &columns {
                let cell = cells
                    .iter()
                    .find(|c| c.command == *command && c.column == *column);
                let text = cell.map_or(String::new(), |cell| {
                    let times: Vec<f64> = cell.engines.iter().map(pick).collect();
                    let mut text: Vec<String> = times.iter().map(|time| short(*time)).collect();
                    if let [others @ .., last] = &times[..] {
                        text.extend(others.iter().map(|time| format!("{:.2}", time / last)));
                    }
                    text.join(" | ")
                });
                print!("{text:>width$}");
            }
            println!();
        }
    }
}

fn short(micros: f64) -> String {
    if micros < 10.0 {
        format!("{micros:.2}")
    } else if micros < 100.0 {
        format!("{micros:.1}")
    } else {
        format!("{micros:.0}")
    }
}

/// Prints the cells as JSON, one object a line.
pub fn print_json(
    engines: &[Box<dyn Engine>],
    queries: &[Query],
    commands: &[Command],
    samples: &[Sample],
) {
    for cell in cells(engines, queries, commands, samples) {
        let mut object = serde_json::json!({
            "command": cell.command.to_string(),
            "kind": COLUMNS[cell.column],
            "queries": cell.queries,
        });
        for (engine, figures) in engines.iter().zip(&cell.engines) {
            object[engine.name()] = serde_json::json!(figures);
        }
        println!("{object}");
    }
}

/// Prints for each cell the queries in which the first engine is slowest:
/// against the last, or at all where it is alone.
pub fn print_slowest(
    engines: &[Box<dyn Engine>],
    queries: &[Query],
    commands: &[Command],
    samples: &[Sample],
    count: usize,
) {
    for (number, command) in commands.iter().enumerate() {
        for (column, name) in COLUMNS.iter().enumerate() {
            let mut of_cell: Vec<&Sample> = samples
                .iter()
                .filter(|s| s.command == number && queries[s.query].column == column)
                .collect();
            if of_cell.is_empty() {
                continue;
            }
            let ratio = |s: &Sample| match s.nanoseconds[..] {
                [ours, .., theirs] => ours as f64 / theirs.max(1) as f64,
                _ => s.nanoseconds[0] as f64,
            };
            of_cell.sort_by(|a, b| ratio(b).total_cmp(&ratio(a)));
            println!("\n{command} {name}: worst for {}", engines[0].name());
            for sample in of_cell.into_iter().take(count) {
                let times = sample.nanoseconds.iter().map(|ns| short(*ns as f64 / 1e3));
                let times: Vec<String> = times.map(|time| format!("{time:>9}")).collect();
                let ratio = match engines.len() {
                    1 => String::new(),
                    _ => format!("{:>8.2}", ratio(sample)),
                };
                let text = &queries[sample.query].text;
                println!("  {}{ratio}  {text}", times.join(" "));
            }
        }
    }
}
