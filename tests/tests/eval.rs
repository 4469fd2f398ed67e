//! `sitr eval` and `sitr calibrate` as a data scientist meets them, on the posts of the demonstration.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sitr_tests::{Said, model_dir, root, said, sitr};

/// The posts of the demonstration as gold rows: what kind each is was written down when they were written.
fn gold(dir: &Path) -> PathBuf {
    let posts = fs::read_to_string(root().join("demo/posts.jsonl")).expect("the demonstration has posts");
    let row = |line: &str| {
        let post: Value = serde_json::from_str(line).expect("a post is JSON");
        let kind = post["demo"]["kind"].as_str().expect("a post has a kind");
        let labels = if kind == "extortion" { vec!["extortion"] } else { vec![] };
        let role = match kind {
            "victim" => Some("victim"),
            "news" | "campaign" | "law" => Some("reporter"),
            _ => None,
        };
        json!({"id": post["post_id"], "text": post["text"], "lang": post["demo"]["variety"], "labels": labels,
            "offensive": null, "known": ["extortion"], "role": role, "split": "test"})
        .to_string()
    };
    let path = dir.join("gold.jsonl");
    fs::write(&path, posts.lines().map(row).collect::<Vec<_>>().join("\n")).expect("gold can be written");
    path
}

fn run(args: &[&str], model: &Path, gold: &Path) -> Said {
    said(sitr(args).arg("--model").arg(model).arg("--gold").arg(gold))
}

fn report(model: &Path, gold: &Path, dir: &Path) -> Value {
    let out = dir.join("report.json");
    let said = run(&["eval", "--json", out.to_str().expect("a path is text")], model, gold);
    assert_eq!(said.code, Some(0), "{}", said.err);
    serde_json::from_str(&fs::read_to_string(out).expect("the report is there")).expect("the report is JSON")
}

#[test]
fn an_evaluation_gives_figures_by_language_and_script_and_what_happened_to_victims() {
    let dir = tempfile::tempdir().unwrap();
    let gold = gold(dir.path());
    let page = dir.path().join("report.html");
    let said = run(&["eval", "--html", page.to_str().unwrap()], &model_dir(), &gold);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("lang=ary-Latn") && said.out.contains("script=Arab"), "{}", said.out);
    let report = report(&model_dir(), &gold, dir.path());
    let all = &report["slices"]["all"]["extortion"];
    assert_eq!((&all["n"], &all["pos"]), (&json!(477), &json!(55)));
    assert!(all["auc"].as_f64().unwrap() > 0.9, "{all}");
    assert_eq!(report["roles"]["victim"]["takedown"], Value::Null, "{}", report["roles"]);
    assert_eq!(report["missing"], 0);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("<svg") && page.contains("extortion") && page.ends_with("</html>\n"));
}

#[test]
fn a_calibrated_bundle_keeps_the_wanted_precision_says_so_in_its_version_and_loads() {
    let dir = tempfile::tempdir().unwrap();
    let (gold, out) = (gold(dir.path()), dir.path().join("bundle"));
    let args = ["calibrate", "--precision", "0.98", "--out", out.to_str().unwrap()];
    let said_so = run(&args, &model_dir(), &gold);
    assert_eq!(said_so.code, Some(0), "{}", said_so.err);
    let report = report(&out, &gold, dir.path());
    assert!(report["slices"]["all"]["extortion"]["precision"].as_f64().unwrap() >= 0.98, "{report}");
    let shown = said(sitr(&["model", "check"]).arg(&out));
    assert!(shown.code == Some(0) && shown.out.contains("+p98"), "{} {}", shown.out, shown.err);
    let again = run(&args, &model_dir(), &gold);
    assert!(again.code != Some(0) && again.err.contains("is there already"), "{}", again.err);
}

#[test]
fn gold_that_is_no_gold_is_refused_with_its_line_and_without_its_text() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bad.jsonl");
    fs::write(&path, "{\"id\":\"1\",\"text\":\"a\"}\n{\"id\":\"2\",\"text\":[\"sekret\"]}\n").unwrap();
    let said = run(&["eval"], &model_dir(), &path);
    assert!(said.code == Some(1) && said.err.contains("line 2"), "{:?} {}", said.code, said.err);
    assert!(!said.err.contains("sekret"), "{}", said.err);
}
