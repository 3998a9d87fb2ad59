//! Queries and judgments in, measures out.

use crate::{assert_code, assert_has, err, indexed, json_lines, out, run};
use std::path::Path;

#[test]
fn eval_measures() {
    let (folder, index) = indexed();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let queries = write("q.tsv", "q1\tquick fox\nq2\triver\n");
    let qrels = write("r.tsv", "q1\t1\t1\nq2\t3\t1\n");
    let trec = folder.path().join("run.txt").display().to_string();
    let output = run(&[
        "eval",
        &index,
        "--queries",
        &queries,
        "--qrels",
        &qrels,
        "--measures",
        "ndcg@10,map,recall@100,mrr@10",
        "--run",
        &trec,
    ]);
    assert_eq!(
        out(&output),
        "ndcg@10\t1.0000\nmap\t1.0000\nrecall@100\t1.0000\nmrr@10\t1.0000\n",
        "{}",
        err(&output)
    );
    assert!(
        std::fs::read_to_string(Path::new(&trec))
            .unwrap()
            .starts_with("q1 Q0 1 1 ")
    );
    let output = run(&[
        "eval",
        &index,
        "--queries",
        &queries,
        "--qrels",
        "/no/such/qrels",
    ]);
    assert_has(err(&output), "/no/such/qrels");
    let texts = write("text.jsonl", "{\"body\": \"a quick fox\"}\n");
    let keyless = folder.path().join("keyless.hoard").display().to_string();
    assert_code(&run(&["index", &keyless, &texts]), 0);
    let output = run(&["eval", &keyless, "--queries", &queries, "--qrels", &qrels]);
    assert_code(&output, 2);
    assert_has(err(&output), "no key");

    // Nothing to measure is nothing, and not less.
    let none = write("none.tsv", "q9\t1\t1\n");
    let output = run(&["eval", &index, "--queries", &queries, "--qrels", &none]);
    assert_code(&output, 1);
    assert_has(out(&output), "map\t0.0000\n");
    assert!(!out(&output).contains('-'), "{}", out(&output));
}

#[test]
fn eval_reads_what_collections_come_in() {
    let (folder, index) = indexed();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let queries = [
        write("q.tsv", "q1\tquick fox\nq2\triver\n"),
        write(
            "q.jsonl",
            "{\"id\": \"q1\", \"text\": \"quick fox\"}\n{\"id\": \"q2\", \"text\": \"river\"}\n",
        ),
    ];
    let qrels = [
        write(
            "beir.tsv",
            "query-id\tcorpus-id\tscore\nq1\t2\t1\nq2\t3\t1\n",
        ),
        write("plain.tsv", "q1\t2\t1\nq2\t3\t1\n"),
        write("trec.txt", "q1 0 2 1\nq2 0 3 1\n"),
    ];
    for queries in &queries {
        for qrels in &qrels {
            let eval = [
                "eval",
                &index,
                "--queries",
                queries,
                "--qrels",
                qrels,
                "--measures",
                "mrr,recall@1",
            ];
            // Document 2 is the second or third for q1.
            let output = run(&[&eval[..], &["--k1", "0.9", "--b", "0.4"]].concat());
            assert_eq!(
                out(&output),
                "mrr\t0.7500\nrecall@1\t0.5000\n",
                "{}",
                err(&output)
            );
            assert_code(&output, 0);
            let output = run(&[&eval[..], &["--json"]].concat());
            let lines = json_lines(&output);
            assert_eq!(lines[0]["measure"], "mrr");
            assert_eq!(lines[1]["value"], 0.5);
        }
    }
    for (queries, qrels, said) in [
        (&write("bad.jsonl", "{\"id\": 1\n"), &qrels[0], "bad.jsonl"),
        (
            &queries[0],
            &write("bad.tsv", "q1\t2\t1\nq1\t2\tx\n"),
            "line 2",
        ),
        (&queries[0], &write("two.tsv", "q1\t2\n"), "two.tsv"),
    ] {
        let output = run(&["eval", &index, "--queries", queries, "--qrels", qrels]);
        assert_code(&output, 2);
        assert_has(err(&output), said);
    }
    // Judgments of other queries: nothing to measure.
    let others = write("others.tsv", "q7\t2\t1\n");
    let output = run(&["eval", &index, "--queries", &queries[0], "--qrels", &others]);
    assert_code(&output, 1);
    assert_has(err(&output), "others.tsv");
}
