//! The lessons in `examples/` do what they say.

#[path = "../examples/1_tokens.rs"]
mod tokens;

#[path = "../examples/2_first_index.rs"]
mod first_index;

#[path = "../examples/3_typed_documents.rs"]
mod typed_documents;

#[path = "../examples/4_phrases_and_explain.rs"]
mod phrases_and_explain;

#[path = "../examples/5_updates_and_snapshots.rs"]
mod updates_and_snapshots;

#[test]
fn lesson_1() {
    tokens::main().unwrap();
}

#[test]
fn lesson_2() {
    first_index::main().unwrap();
}

#[test]
fn lesson_3() {
    typed_documents::main().unwrap();
}

#[test]
fn lesson_4() {
    phrases_and_explain::main().unwrap();
}

#[test]
fn lesson_5() {
    updates_and_snapshots::main().unwrap();
}
