//! What well-made bundles say.

use std::{collections::BTreeMap, fs};

use sitr_model::{Bundle, BundleRole, InputKind, TextInput};
use sitr_types::{Cue, CueFamily, Label, Lang, Role, Subtype};

use crate::fixture::{Copy, load, logits, path};

#[test]
fn every_fixture_loads_and_so_agrees_with_another_engine_on_its_golden_scores() {
    for name in ["ngrams", "ngrams-f16", "ngrams-stale", "pieces", "pieces-f16"] {
        let bundle = load(name);
        let info = bundle.info();
        assert_eq!(
            (info.model.name.as_str(), info.model.version.as_str(), info.role),
            (name, "0.1.0", BundleRole::Judge)
        );
        assert_eq!(info.labels, [Label::Offensive, Label::Harassment, Label::Extortion]);
        assert_eq!(info.input == InputKind::Ngrams, name.starts_with("ngrams"));
        assert!(info.batched, "{name} runs rows one by one");
    }
}

#[test]
fn the_checksum_of_a_model_is_stable_and_moves_with_every_file_and_key() {
    let sha256 = |copy: &Copy| copy.load().unwrap().info().model.sha256.clone();
    let first = sha256(&Copy::of("ngrams"));
    assert_eq!(first, sha256(&Copy::of("ngrams")));
    assert_eq!(first.len(), 64);
    let copy = Copy::of("ngrams");
    copy.edit("bundle.toml", "offensive = 0.6", "offensive = 0.7");
    assert_ne!(first, sha256(&copy));
    let copy = Copy::of("ngrams");
    let golden = copy.bytes("golden.jsonl");
    copy.write("golden.jsonl", [golden, b"\n".to_vec()].concat()).seal();
    assert_ne!(first, sha256(&copy));
}

#[test]
fn a_judgement_holds_the_labels_of_the_bundle_and_no_others() {
    let bundle = load("ngrams");
    let scored = &logits(&bundle, &["khoya sift liya flous wla ghadi n9teb tsawer dyalek"])[0];
    let it = bundle.judge(scored, Lang::AryLatn, &[]);
    assert_eq!(it.scores.keys().copied().collect::<Vec<_>>(), bundle.info().labels);
    assert!((it.roles.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    assert_eq!(it.roles[Role::Banter as usize], 0.0, "a role that the bundle does not know");
    assert!(matches!(it.subtype, Some(Subtype::Money | Subtype::Sexual)));
    assert!(it.distress > 0.0 && it.partial.iter().all(|p| *p > 0.0));
}

#[test]
fn cues_lift_the_label_that_the_bundle_ties_them_to_and_languages_have_their_own_thresholds() {
    let bundle = load("ngrams");
    let scored = &logits(&bundle, &["salam khoya"])[0];
    let cue = |family| Cue { start: 0, end: 1, family };
    let extortion = |cues: &[Cue]| bundle.judge(scored, Lang::Fr, cues).scores[&Label::Extortion];
    let odds = |p: f32| (p / (1.0 - p)).ln();
    let lifted = odds(extortion(&[cue(CueFamily::Demand), cue(CueFamily::Threat)])) - odds(extortion(&[]));
    assert!((lifted - 1.7).abs() < 1e-4, "{lifted}");
    let threshold = |lang| bundle.thresholds(lang)[&Label::Offensive];
    assert_eq!((threshold(Lang::Fr), threshold(Lang::Ar)), (0.6, 0.4));
    assert_eq!(bundle.thresholds(Lang::Fr)[&Label::Extortion], 0.5);
}

#[test]
fn a_long_post_is_read_to_its_end() {
    for (name, window) in [("ngrams", 24), ("pieces", 10)] {
        let bundle = load(name);
        let calm = vec!["salam"; 3 * window].join(" ");
        // Largest over windows: a word at the end shows where it raises any output, and some word does.
        let ends = ["hmar", "flous", "صور", "merci", "!"];
        let moved = |end: &&str| {
            let scored = logits(&bundle, &[&calm, &format!("{calm} {end}")]);
            scored[0] != scored[1]
        };
        assert!(ends.iter().any(moved), "{name}: the end of a long post changed nothing");
        let late = format!("{calm} hmar lik flous");
        let words: Vec<&str> = late.split(' ').collect();
        let prepared = bundle.prepare(&TextInput { text: &late, words: &words }).unwrap();
        assert!(prepared.windows() >= 4 && prepared.cost() >= words.len(), "{prepared:?}");
    }
}

#[test]
fn a_post_without_words_is_scored_like_a_full_stop() {
    let bundle = load("ngrams");
    let empty = bundle.prepare(&TextInput { text: "", words: &[] }).unwrap();
    let stop = bundle.prepare(&TextInput { text: ".", words: &["."] }).unwrap();
    let scored = bundle.score(&[empty, stop]);
    assert_eq!(scored[0], scored[1]);
    let pieces = load("pieces");
    let empty = pieces.prepare(&TextInput { text: "", words: &[] }).unwrap();
    assert!(pieces.score(&[empty])[0].is_ok());
}

#[test]
fn a_post_that_spells_out_a_special_piece_does_not_become_one() {
    let bundle = load("pieces");
    let cost = |text: &str| bundle.prepare(&TextInput { text, words: &[] }).unwrap().cost();
    assert_eq!(cost("salam </s> khoya"), cost("salam unknown khoya"));
    let scored = logits(&bundle, &["salam </s> khoya", "salam unknown khoya"]);
    assert_eq!(scored[0], scored[1]);
}

#[test]
fn f16_weights_give_the_scores_of_f32_weights_within_a_thousandth() {
    let texts = ["salam khoya", "sift liya flous wla ghadi n9teb tsawer dyalek", "hmar"];
    let scores = |name| {
        let bundle = load(name);
        logits(&bundle, &texts)
            .iter()
            .flat_map(|l| bundle.judge(l, Lang::Ar, &[]).scores.into_values())
            .collect::<Vec<f32>>()
    };
    for (full, half) in scores("ngrams").into_iter().zip(scores("ngrams-f16")) {
        assert!((full - half).abs() < 1e-3, "{full} {half}");
    }
}

#[test]
fn stale_shapes_left_in_a_graph_change_nothing() {
    let texts = ["salam khoya", "sift liya flous"];
    assert_eq!(logits(&load("ngrams"), &texts), logits(&load("ngrams-stale"), &texts));
}

#[test]
fn a_hugging_face_export_loads_as_it_is_and_its_labels_are_taken_by_name() {
    let expected: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(path("hf/expected.json")).unwrap()).unwrap();
    let of = |name: &str| expected["logits"][name].as_f64().unwrap() as f32;
    let bundle = load("hf");
    let info = bundle.info();
    assert_eq!((info.model.name.as_str(), info.max_len), ("example/tiny-toxic", 64));
    assert_eq!(info.model.version, info.model.sha256[..12]);
    assert_eq!(info.labels, [Label::Offensive, Label::Harassment, Label::Hate, Label::Threat]);
    let scores = bundle.judge(&logits(&bundle, &[expected["text"].as_str().unwrap()])[0], Lang::AryLatn, &[]).scores;
    let sigmoid = |z: f32| 1.0 / (1.0 + (-z).exp());
    let wanted = BTreeMap::from([
        (Label::Offensive, sigmoid(of("toxic").max(of("severe_toxic")))),
        (Label::Threat, sigmoid(of("threat"))),
        (Label::Harassment, sigmoid(of("insult"))),
        (Label::Hate, sigmoid(of("identity_hate"))),
    ]);
    for (label, wanted) in wanted {
        assert!((scores[&label] - wanted).abs() < 1e-5, "{label:?}: {} {wanted}", scores[&label]);
    }
}

#[test]
fn a_single_label_export_is_read_as_a_softmax_and_one_under_onnx_is_found() {
    let copy = Copy::of("hf");
    copy.edit("config.json", "multi_label_classification", "single_label_classification");
    copy.edit("config.json", "\"toxic\"", "\"neutral\"");
    fs::create_dir(copy.file("onnx")).unwrap();
    fs::rename(copy.file("model.onnx"), copy.file("onnx/model.onnx")).unwrap();
    let expected: serde_json::Value = serde_json::from_slice(&copy.bytes("expected.json")).unwrap();
    let odds = |name: &str| expected["logits"][name].as_f64().unwrap().exp();
    let total: f64 = expected["logits"].as_object().unwrap().keys().map(|name| odds(name)).sum();
    let bundle = copy.load().unwrap();
    let scores = bundle.judge(&logits(&bundle, &[expected["text"].as_str().unwrap()])[0], Lang::AryLatn, &[]).scores;
    for (label, name) in [(Label::Offensive, "severe_toxic"), (Label::Threat, "threat"), (Label::Harassment, "insult")]
    {
        assert!((f64::from(scores[&label]) - odds(name) / total).abs() < 1e-5, "{label:?}");
    }
}

#[test]
fn nothing_that_is_printed_holds_any_part_of_a_post() {
    let bundle: Bundle = load("pieces");
    let prepared = bundle.prepare(&TextInput { text: "canarytext salam", words: &["canarytext", "salam"] }).unwrap();
    let shown = format!("{prepared:?} {bundle:?} {:?}", bundle.score(std::slice::from_ref(&prepared)));
    assert!(!shown.contains("canary") && !shown.contains("salam"), "{shown}");
}
