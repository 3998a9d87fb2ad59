//! Threat: the house grows crooked. A layer imports only from those above it
//! in this list, files stay short enough to be read in one go, and each opens
//! with what it is about and where to read on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Data flows down this list; see "One request's life" in `src/lib.rs`.
const LAYERS: [&str; 11] = [
    "error",
    "bytes",
    "storage",
    "document",
    "analysis",
    "segment",
    "inversion",
    "index",
    "query",
    "search",
    "evaluation",
];

/// What a layer leaves alone though it stands above: a segment knows neither
/// analyzers nor a query segments.
const APART: [(&str, &[&str]); 4] = [
    ("document", &["bytes", "storage"]),
    ("analysis", &["bytes", "storage"]),
    ("segment", &["analysis"]),
    (
        "query",
        &["bytes", "storage", "segment", "inversion", "index"],
    ),
];

/// What is no layer, and nobody imports: pages of prose whose code runs as
/// tests, and what that code includes. They are read from top to bottom once,
/// so they may be longer, and have headings of their own.
const PAGES: [&str; 2] = ["tour", "weekend"];

const LINES_MAX: usize = 640;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The layer of a file, which is its first folder or its own name.
fn layer(name: &str) -> &str {
    name.split(['/', '.']).next().unwrap()
}

/// All Rust files under `src`, with their paths in it.
fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![source()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|suffix| suffix == "rs") {
                let name = path.strip_prefix(source()).unwrap();
                let name = name.to_str().unwrap().replace('\\', "/");
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs") || name.contains("/tests/")
}

/// A file without its tests, which are at its end.
fn without_tests(text: &str) -> &str {
    match text.find("#[cfg(test)]\nmod tests {") {
        Some(tests) => &text[..tests],
        None => text,
    }
}

/// The code of a file without comments and its tests.
fn code(text: &str) -> String {
    let without_comments = without_tests(text)
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""));
    without_comments.collect::<Vec<_>>().join("\n")
}

/// The names that follow `crate::` in the code, with those of a group in
/// braces.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, path) in code.match_indices("crate::") {
        // `$crate::` in a macro, or `other_crate::`.
        let before = code[..at].chars().next_back().unwrap_or(' ');
        if before.is_alphanumeric() || before == '_' {
            continue;
        }
        let rest = &code[at + path.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut word_begins) = (0, true);
            for (at, letter) in group.char_indices() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => word_begins = true,
                    letter if letter.is_whitespace() => {}
                    _ if word_begins && depth == 0 => {
                        found.insert(word(&group[at..]));
                        word_begins = false;
                    }
                    _ => {}
                }
            }
        } else {
            found.insert(word(rest));
        }
    }
    found
}

fn word(text: &str) -> String {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    text[..end.unwrap_or(text.len())].to_owned()
}

fn rank(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|known| *known == layer)
}

/// What is wrong with `layer` importing `name`, if anything.
fn objection(layer: &str, name: &str) -> Option<String> {
    if layer == "lib" || name == layer {
        return None;
    }
    let Some(own) = rank(layer) else {
        return Some(format!("{layer} is no layer in the list"));
    };
    let Some(imported) = rank(name) else {
        // The front door gathers from everywhere.
        return Some(format!("{name} is no layer: import from the module itself"));
    };
    if name == "error" {
        return None;
    }
    let apart = APART
        .iter()
        .any(|(this, those)| *this == layer && those.contains(&name));
    if imported > own {
        Some(format!("{name} stands below {layer}"))
    } else if apart {
        Some(format!("{layer} is to know nothing of {name}"))
    } else {
        None
    }
}

#[test]
fn no_layer_imports_from_below() {
    let mut wrong = Vec::new();
    for (name, text) in files() {
        if is_test(&name) {
            continue;
        }
        let layer = layer(&name);
        if PAGES.contains(&layer) {
            continue;
        }
        for import in imports(&code(&text)) {
            if let Some(objection) = objection(layer, &import) {
                wrong.push(format!("src/{name}: crate::{import}: {objection}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "imports that run the wrong way:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_layer_is_in_the_list() {
    let entries = fs::read_dir(source()).unwrap();
    let mut found: Vec<String> = entries
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .filter(|name| name != "lib" && !PAGES.contains(&name.as_str()))
        .collect();
    found.sort();
    let mut known: Vec<&str> = LAYERS.to_vec();
    known.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn files_are_short_and_open_with_a_header() {
    let mut wrong = Vec::new();
    for (name, text) in files() {
        if PAGES.contains(&layer(&name)) {
            continue;
        }
        let lines = text.lines().count();
        if lines > LINES_MAX {
            wrong.push(format!(
                "src/{name} has {lines} lines, more than {LINES_MAX}"
            ));
        }
        // The header of a file of tests is the module that they test.
        if is_test(&name) {
            continue;
        }
        if !text.starts_with("//! # ") {
            wrong.push(format!("src/{name} doesn't begin with what it is about"));
        }
        // The front page has the whole way.
        if name != "lib.rs" && !text.contains("\n//! Next  ") {
            wrong.push(format!("src/{name} doesn't say where to read on"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_scanner_sees_imports() {
    let code = code(
        "use crate::{error::Error, bytes::{Lie, Reader},\n  storage};\n\
         // crate::search is only spoken of\n\
         fn f() { crate::query::check(); other_crate::index() }\n\
         #[cfg(test)]\nmod tests {\n use crate::evaluation; }",
    );
    let found: Vec<String> = imports(&code).into_iter().collect();
    assert_eq!(found, ["bytes", "error", "query", "storage"]);
    assert!(objection("segment", "search").is_some());
    assert!(objection("segment", "inversion").is_some());
    assert!(objection("index", "query").is_some());
    assert!(objection("segment", "analysis").is_some());
    assert!(objection("search", "index").is_none());
}

/// So that whoever reads on finds the way: a file that a comment names is there, in
/// the folder of the one that names it or in one above.
#[test]
fn files_that_comments_name_are_there() {
    let mut missing = Vec::new();
    for (name, text) in files() {
        if PAGES.contains(&layer(&name)) {
            continue;
        }
        let own = source().join(&name).with_extension("");
        let comments = text.lines().filter_map(|line| line.split_once("//"));
        for named in comments.flat_map(|(_, comment)| comment.split('`').skip(1).step_by(2)) {
            let is_file = named.ends_with(".rs") && !named.contains(' ');
            if is_file && !own.ancestors().any(|folder| folder.join(named).exists()) {
                missing.push(format!("src/{name}: {named}"));
            }
        }
    }
    assert!(missing.is_empty(), "not there:\n{}", missing.join("\n"));
}

/// What the page for a weekend lists is there, once, and can be read in one.
#[test]
fn a_weekend_holds_the_main_road() {
    let page = fs::read_to_string(source().join("weekend.rs")).unwrap();
    let (road, streets) = page.split_once("# Side streets").unwrap();
    let all = files();
    let text_of = |path: &str| {
        let found = all.iter().find(|(name, _)| name == path);
        found.map(|(_, text)| without_tests(text))
    };
    let paths = |text: &str| -> Vec<String> {
        let named = text.split('`').skip(1).step_by(2);
        named
            .filter(|name| name.contains('/') || name.ends_with(".rs"))
            .map(str::to_owned)
            .collect()
    };
    let road = paths(road);
    let (mut lines, mut prose) = (0, 0);
    for path in road.iter().filter(|path| *path != "src/") {
        let text = text_of(path).unwrap_or_else(|| panic!("src/{path} isn't there"));
        lines += text.lines().count();
        prose += text
            .lines()
            .filter(|line| line.trim_start().starts_with("//"))
            .count();
    }
    let distinct: BTreeSet<&String> = road.iter().collect();
    assert_eq!(distinct.len(), road.len(), "a file is listed twice");
    assert!(
        (14_500..15_500).contains(&lines),
        "the main road has {lines} lines"
    );
    assert!(
        (prose * 4).abs_diff(lines) < lines / 8,
        "{prose} lines of it are prose"
    );
    for path in paths(streets).iter().filter(|path| path.contains('/')) {
        assert!(source().join(path).exists(), "src/{path} isn't there");
        assert!(
            !distinct.contains(path),
            "src/{path} is on the main road, too"
        );
    }
}
