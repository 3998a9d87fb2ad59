//! The measures against cases worked out by hand, and the readers against files
//! as they come.

use super::*;

fn value(measure: &str, ranking: &[&str], judged: &[(&str, i64)]) -> f64 {
    let mut judgments = Judgments::new();
    for (document, grade) in judged {
        judgments.add("q", document, *grade);
    }
    let measure: Measure = measure.parse().unwrap();
    measure.value(ranking, judgments.grades("q").unwrap())
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 1e-12,
        "{found} is not {expected}"
    );
}

const BINARY: [(&str, i64); 4] = [("a", 1), ("b", 1), ("c", 1), ("n", 0)];

#[test]
fn average_precision_by_hand() {
    // found at ranks 1, 3 and 6
    let ranking = ["a", "x", "b", "n", "y", "c"];
    near(
        value("map", &ranking, &BINARY),
        (1.0 + 2.0 / 3.0 + 3.0 / 6.0) / 3.0,
    );
    // c is never found: its precision is 0, and it still divides
    near(
        value("map", &ranking[..5], &BINARY),
        (1.0 + 2.0 / 3.0) / 3.0,
    );
    near(value("map@5", &ranking, &BINARY), (1.0 + 2.0 / 3.0) / 3.0);
    near(value("map", &[], &BINARY), 0.0);
}

#[test]
fn reciprocal_rank_by_hand() {
    near(value("mrr", &["n", "x", "b", "a"], &BINARY), 1.0 / 3.0);
    near(value("mrr@3", &["n", "x", "b", "a"], &BINARY), 1.0 / 3.0);
    near(value("mrr@2", &["n", "x", "b", "a"], &BINARY), 0.0);
}

#[test]
fn recall_and_precision_by_hand() {
    let ranking = ["a", "x", "b", "n"];
    near(value("recall@3", &ranking, &BINARY), 2.0 / 3.0);
    near(value("recall@1", &ranking, &BINARY), 1.0 / 3.0);
    near(value("recall", &ranking, &BINARY), 2.0 / 3.0);
    near(value("precision@3", &ranking, &BINARY), 2.0 / 3.0);
    // trec_eval's P_10 divides by 10 even if four were returned
    near(value("precision@10", &ranking, &BINARY), 2.0 / 10.0);
    near(value("precision", &ranking, &BINARY), 2.0 / 4.0);
    near(value("precision", &[], &BINARY), 0.0);
}

#[test]
fn discounted_gain_by_hand() {
    let judged = [
        ("a", 3),
        ("b", 2),
        ("c", 3),
        ("d", 0),
        ("e", 1),
        ("f", 2),
        ("g", 3),
        ("h", -2),
    ];
    // ranks 1 to 6 have the gains 3 2 3 0 1 2
    let ranking = ["a", "b", "c", "d", "e", "f"];
    let log = |n: f64| n.log2();
    let dcg = 3.0 + 2.0 / log(3.0) + 3.0 / 2.0 + 0.0 + 1.0 / log(6.0) + 2.0 / log(7.0);
    // the best that the judged documents allow: 3 3 3 2 2 1
    let ideal = 3.0 + 3.0 / log(3.0) + 3.0 / 2.0 + 2.0 / log(5.0) + 2.0 / log(6.0) + 1.0 / log(7.0);
    near(value("ndcg@6", &ranking, &judged), dcg / ideal);
    near(value("ndcg", &ranking, &judged), dcg / ideal);
    // 3 + 1.26186 + 1.5 + 0.38685 + 0.71241 and 3 + 1.89279 + 1.5 + 0.86135 + 0.77371 + 0.35621
    assert_eq!(
        format!("{dcg:.4} {ideal:.4} {:.4}", dcg / ideal),
        "6.8611 8.3841 0.8184"
    );
    // cut at 2, both sums are
    near(
        value("ndcg@2", &ranking, &judged),
        (3.0 + 2.0 / log(3.0)) / (3.0 + 3.0 / log(3.0)),
    );
    // a negative grade is no gain, and takes nothing away
    near(value("ndcg@1", &["h"], &judged), 0.0);
    near(
        value("ndcg@2", &["h", "a"], &judged),
        3.0 / log(3.0) / (3.0 + 3.0 / log(3.0)),
    );
    near(
        value("ndcg@10", &["g", "c", "a", "f", "b", "e"], &judged),
        1.0,
    );
}

#[test]
fn a_document_counts_once() {
    near(value("recall@3", &["a", "a", "a"], &BINARY), 1.0 / 3.0);
    near(value("ndcg@3", &["a", "a", "b", "c"], &BINARY), 1.0);
}

#[test]
fn the_mean_is_over_queries_with_a_relevant_document() {
    let judgments = Judgments::parse("1 0 a 1\n2 0 b 1\n3 0 c 0\n", "qrels").unwrap();
    let mut run = Run::new("t");
    run.add("1", [("a", 2.0)]);
    run.add("3", [("c", 2.0)]);
    run.add("4", [("z", 2.0)]);
    let measures = Measure::list("map, P@1").unwrap();
    let report = evaluate(&judgments, &run, &measures);
    assert_eq!(report.query_count(), 2);
    assert_eq!(report.mean(measures[0]), Some(0.5));
    let each: Vec<_> = report.queries().map(|(q, v)| (q, v[0])).collect();
    assert_eq!(each, [("1", 1.0), ("2", 0.0)]);
    let none = evaluate(&Judgments::new(), &run, &measures);
    assert_eq!(none.mean(measures[1]), Some(0.0));
}

#[test]
fn judgments_in_every_form() {
    let expected = Judgments::parse("q1 0 d1 1\nq1 0 d2 0\nq2 0 d1 -1\n", "").unwrap();
    for text in [
        "q1\td1\t1\nq1\td2\t0\nq2\td1\t-1",
        "query-id\tcorpus-id\tscore\r\nq1\td1\t1\r\nq1\td2\t0\r\n\r\nq2\td1\t-1\r\n",
        "\u{feff}q1\t0\td1\t1\nq1\t0\td2\t0\nq2\t0\td1\t-1\n\n",
        "q1 d1 1\nq1 d1 1\nq1   d2   0\n q2 d1 -1\n",
    ] {
        assert_eq!(Judgments::parse(text, "").unwrap(), expected, "{text:?}");
    }
    let blanks = Judgments::parse("q 1\td 1\t1", "").unwrap();
    assert_eq!(blanks.grades("q 1").unwrap().grade("d 1"), 1);
    assert!(Judgments::parse("", "").unwrap().queries().next().is_none());
}

#[test]
fn bad_lines_are_named() {
    let of = |text: &str| Judgments::parse(text, "q.tsv").unwrap_err();
    assert_eq!(of("a\tb\t1\na\tc\tx\n").kind(), ErrorKind::Evaluation);
    for (text, said) in [
        ("a\tb\t1\na\tc\tx\n", "q.tsv line 2: the grade \"x\""),
        ("a\tb\n", "q.tsv line 1: 2 columns"),
        (
            "\na b 1\n\na b 2\n",
            "q.tsv line 4: document b has the grade 2 for query a, but 1",
        ),
        ("a\t\t1\n", "an id is empty"),
    ] {
        assert!(of(text).to_string().contains(said), "{}", of(text));
    }
    let of = |text: &str| parse_topics(text, "t").unwrap_err().to_string();
    for (text, said) in [
        ("1\ta\n1\tb\n", "t line 2: query 1 was there before"),
        ("just text\n", "t line 1: no tab and no JSON"),
        ("{\"id\": 1}\n", "no \"text\""),
        ("{\"text\": \"a\"}\n", "no \"id\""),
        ("{\"id\": 1, \n", "malformed JSON"),
        ("\ta\n", "the id is empty"),
    ] {
        assert!(of(text).contains(said), "{}", of(text));
    }
    let of = |text: &str| Run::parse(text, "r").unwrap_err().to_string();
    for (text, said) in [
        ("q Q0 d 1 2.5\n", "r line 1: 5 columns"),
        ("q Q0 d first 2.5 t\n", "the rank \"first\""),
        ("q Q0 d 1 NaN t\n", "the score \"NaN\""),
        (
            "q Q0 d 1 2 t\nq Q0 d 2 1 t\n",
            "r line 2: document d is there twice",
        ),
    ] {
        assert!(of(text).contains(said), "{}", of(text));
    }
    let io = Judgments::read("/no/such/file").unwrap_err();
    assert_eq!(io.kind(), ErrorKind::Io);
    assert!(io.to_string().contains("/no/such/file"));
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"q\td\xff\t1\n").unwrap();
    let error = Judgments::read(file.path()).unwrap_err();
    assert!(error.to_string().contains("byte 3 is not UTF-8"), "{error}");
}

#[test]
fn topics_in_every_form() {
    let expected = [
        Topic {
            id: "1".into(),
            text: "white whale".into(),
        },
        Topic {
            id: "b".into(),
            text: "".into(),
        },
    ];
    for text in [
        "{\"id\":\"1\",\"text\":\"white whale\"}\n{\"id\":\"b\",\"text\":\"\"}\n",
        "{\"_id\":1,\"text\":\"white whale\",\"metadata\":{}}\n\n{\"_id\":\"b\",\"text\":\"\"}",
        "1\twhite whale\nb\t\n",
        "id\ttext\r\n1\twhite whale\r\nb\t\r\n",
    ] {
        assert_eq!(parse_topics(text, "").unwrap(), expected, "{text:?}");
    }
    // These are no headers.
    let texts = ["1\ttext\n2\tquery\n", "id\twhale\n2\tquery\n"];
    for text in texts {
        assert_eq!(parse_topics(text, "").unwrap().len(), 2, "{text:?}");
    }
}

#[test]
fn runs_go_by_rank_and_round_trip() {
    let text = "b Q0 y 2 0.5 me\nb Q0 x 1 0.5 me\na\tQ0\tz\t1\t1e-3\tme\n";
    let run = Run::parse(text, "").unwrap();
    let order: Vec<_> = run.queries().map(|(q, _)| q).collect();
    assert_eq!(order, ["b", "a"]);
    let ids: Vec<_> = run
        .ranking("b")
        .iter()
        .map(|r| r.document.as_str())
        .collect();
    assert_eq!(ids, ["x", "y"]);
    assert!(run.ranking("c").is_empty());

    let mut run = Run::new("me");
    run.add("q", [("a", f64::from(0.1f32)), ("b", 1e300), ("c", -0.0)]);
    let mut out = Vec::new();
    run.write(&mut out).unwrap();
    assert_eq!(
        Run::parse(std::str::from_utf8(&out).unwrap(), "").unwrap(),
        run
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, &out).unwrap();
    let read = Run::read(&file).unwrap();
    assert_eq!((read.tag(), &read), ("me", &run));
    for tag in ["", "my tag"] {
        let error = Run::new(tag).write(&mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("the run's tag"), "{error}");
    }
    run.add("q", [("a b", 0.0)]);
    let error = run.write(&mut Vec::new()).unwrap_err();
    assert!(
        error.to_string().contains("the document id \"a b\""),
        "{error}"
    );
}

#[test]
fn measure_names() {
    let names = "ndcg@10,map,recall@100,mrr@10,precision@5";
    let list = Measure::list(names).unwrap();
    let written: Vec<_> = list.iter().map(ToString::to_string).collect();
    assert_eq!(written.join(","), names);
    assert_eq!(list[0], Measure::new(Kind::Ndcg).at(10));
    assert_eq!([list[0], list[1]].map(Measure::cutoff), [Some(10), None]);
    assert_eq!(
        Measure::list("NDCG@10, P@5,recip_rank").unwrap()[2].to_string(),
        "mrr"
    );
    for bad in [
        "", "ndcg@", "ndcg@0", "ndcg@-1", "ndcg@x", "f1", "map,,map", "@10",
    ] {
        let error = Measure::list(bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Evaluation);
        assert!(error.to_string().contains("such as ndcg@10"), "{error}");
    }
}
