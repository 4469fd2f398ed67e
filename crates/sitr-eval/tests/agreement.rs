//! The figures agree with those of the independent scorer of the data set.
//!
//! `fixtures/` holds 240 invented rows without text, predictions for them with ties among the scores, and what that scorer (Python,
//! standard library only) printed for them by language and by source.

use std::collections::BTreeMap;

use serde::Deserialize;
use sitr_eval::{EvalOptions, Gold, Prediction, Report, Slice, Sources};
use sitr_types::{Label, Verdict};

#[derive(Deserialize)]
struct Said {
    post_id: String,
    scores: BTreeMap<Label, f64>,
    labels: Vec<Label>,
}

type Expected = BTreeMap<String, BTreeMap<Label, BTreeMap<String, serde_json::Value>>>;

fn report() -> Report {
    let sources = Sources::read(include_str!("fixtures/sources.json")).expect("sources are JSON");
    let gold = Gold::read(include_str!("fixtures/gold.jsonl")).expect("gold is gold");
    let said: Vec<Prediction> = include_str!("fixtures/pred.jsonl")
        .lines()
        .map(|line| {
            let Said { post_id, scores, labels } = serde_json::from_str(line).expect("a prediction is JSON");
            let over = labels.into_iter().collect();
            Prediction { id: post_id, scores, over, verdict: Verdict::None, detected: String::new() }
        })
        .collect();
    Report::of(&gold, &said, &sources, EvalOptions { boot: 500, least: 1 })
}

#[test]
fn every_figure_of_every_slice_is_that_of_the_independent_scorer() {
    let report = report();
    let mut compared = 0;
    for (text, slice) in [
        (include_str!("fixtures/lang.json"), Slice::Lang as fn(String) -> Slice),
        (include_str!("fixtures/source.json"), Slice::Source as fn(String) -> Slice),
    ] {
        let expected: Expected = serde_json::from_str(text).unwrap();
        for (name, labels) in expected {
            let slice = if name == "all" { Slice::All } else { slice(name) };
            for (label, theirs) in labels {
                let ours = serde_json::to_value(&report.figures[&(label, slice.clone())]).unwrap();
                for (figure, value) in theirs.iter().filter(|(figure, _)| *figure != "ci95") {
                    let same = match (value.as_f64(), ours[figure].as_f64()) {
                        (Some(theirs), Some(ours)) => (theirs - ours).abs() < 1e-9,
                        (theirs, ours) => theirs == ours,
                    };
                    assert!(same, "{slice} {} {figure}: {} here, {value} there", label.as_str(), ours[figure]);
                    compared += 1;
                }
                // The generators differ, so the intervals agree about, not exactly.
                for end in 0..2 {
                    let (theirs, ours) = (theirs["ci95"][end].as_f64().unwrap(), ours["ci95"][end].as_f64().unwrap());
                    assert!(
                        (theirs - ours).abs() < 0.06,
                        "{slice} {}: interval {ours} here, {theirs} there",
                        label.as_str()
                    );
                }
            }
        }
    }
    assert!(compared > 100, "{compared} figures were compared");
}
