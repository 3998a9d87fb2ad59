//! The fixtures are what `fixtures/README.md` says, and can be searched well.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use wordhoard::evaluation::{Judgments, Measure, Run, evaluate, parse_topics};
use wordhoard::{Index, Query, Schema, Text};

const ARTICLES: &str = include_str!("../fixtures/articles.jsonl");
const QUERIES: &str = include_str!("../fixtures/queries.jsonl");
const QRELS: &str = include_str!("../fixtures/qrels.tsv");

fn articles() -> Vec<Value> {
    ARTICLES
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn articles_are_whole_and_distinct() {
    let mut ids = BTreeSet::new();
    let mut languages: BTreeMap<String, usize> = BTreeMap::new();
    for article in articles() {
        let text = |name: &str| article[name].as_str().unwrap().to_owned();
        assert!(ids.insert(text("id")), "{} is there twice", text("id"));
        assert!(!text("title").is_empty() && text("body").chars().count() >= 40);
        assert!(article["year"].as_i64().unwrap() < 2030);
        assert!((1..=3).contains(&article["tags"].as_array().unwrap().len()));
        *languages.entry(text("language")).or_default() += 1;
    }
    assert_eq!(ids.len(), 142);
    assert_eq!(languages["en"], 112);
    assert!(
        ["de", "fr", "es", "it", "ru", "ja"]
            .iter()
            .all(|language| languages[*language] == 5)
    );
}

#[test]
fn judgments_name_what_is_there() {
    let ids: BTreeSet<String> = articles()
        .iter()
        .map(|article| article["id"].as_str().unwrap().to_owned())
        .collect();
    let queries = parse_topics(QUERIES, "queries.jsonl").unwrap();
    let judgments = Judgments::parse(QRELS, "qrels.tsv").unwrap();
    assert_eq!(queries.len(), 41);
    for query in &queries {
        assert!(
            judgments
                .grades(&query.id)
                .is_some_and(|grades| grades.relevant_count() > 0),
            "{}",
            query.id
        );
    }
    for (query, grades) in judgments.queries() {
        assert!(queries.iter().any(|known| known.id == query), "{query}");
        assert!(
            grades
                .documents()
                .all(|(document, _)| ids.contains(document)),
            "{query}"
        );
    }
}

#[test]
fn good_articles_come_first() {
    let schema = Schema::builder()
        .key("id")
        .text("title", Text::english().boost(2.0))
        .text("body", Text::english())
        .ignore_unknown()
        .build()
        .unwrap();
    let index = Index::in_memory(schema).unwrap();
    let mut writer = index.writer().unwrap();
    articles()
        .iter()
        .for_each(|article| writer.put(article).unwrap());
    writer.commit().unwrap();
    let searcher = index.searcher().unwrap();
    let mut run = Run::new("wordhoard");
    for query in parse_topics(QUERIES, "queries.jsonl").unwrap() {
        let page = searcher.search(Query::words(&query.text)).run().unwrap();
        let hits = page.hits();
        run.add(
            &query.id,
            hits.map(|hit| (hit.key().unwrap().unwrap(), f64::from(hit.score()))),
        );
    }
    let judgments = Judgments::parse(QRELS, "qrels.tsv").unwrap();
    let measures = Measure::list("ndcg@10").unwrap();
    let value = evaluate(&judgments, &run, &measures)
        .mean(measures[0])
        .unwrap();
    println!("nDCG@10 {value:.4}");
    assert!(value > 0.7, "nDCG@10 is {value:.4}");
}
