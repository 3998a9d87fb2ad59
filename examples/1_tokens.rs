//! Lesson 1: what does a text become before it is indexed?
//!
//! Run it: `cargo run --example 1_tokens`

use wordhoard::analysis::{Analyzer, FilterKind, Language, TokenizerKind};

pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = "The whales' songs can't be heard in Łódź.";
    let english = Analyzer::english();

    // A tokenizer cuts the text; a token knows where it stands.
    english.tokens(text, |token| {
        println!(
            "{:>2}  bytes {:>2}..{:<2}  {}",
            token.position, token.start, token.end, token.text
        );
    });

    // Filters make terms of tokens: lower case, no stop words, stems. What is
    // dropped leaves a gap in the positions, so that phrases stay true.
    let mut terms = Vec::new();
    english.analyze(text, &mut |term, token| {
        terms.push((token.position, term.to_owned()))
    });
    println!("{terms:?}");
    assert_eq!(terms[0], (1, "whale".to_owned()));
    assert!(terms.contains(&(7, "łódź".to_owned())));

    // An analyzer of your own, from parts; it is data that an index keeps.
    let folded = Analyzer::builder()
        .tokenizer(TokenizerKind::Words)
        .filter(FilterKind::Lowercase)
        .filter(FilterKind::Fold)
        .filter(FilterKind::Stop(Language::English))
        .build()?;
    let mut terms = Vec::new();
    folded.analyze(text, &mut |term, _| terms.push(term.to_owned()));
    println!("{terms:?}");
    assert_eq!(terms.last().map(String::as_str), Some("lodz"));

    println!("Read next: src/analysis/mod.rs; then lesson 2, a first index");
    Ok(())
}
