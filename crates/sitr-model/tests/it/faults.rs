//! Every way in which a bundle can be wrong has an error that names the file, what was found, what was expected and what to do.

use std::fs;

use sitr_model::{Bundle, BundleError};

use crate::fixture::{Copy, path};

/// The good n-gram bundle with one of the graphs made to be refused.
fn with_graph(name: &str) -> Copy {
    let copy = Copy::of("ngrams");
    copy.write("model.onnx", fs::read(path("broken").join(format!("{name}.onnx"))).unwrap()).seal();
    copy
}

#[test]
fn a_directory_that_is_none_or_holds_no_bundle_is_said_so() {
    let error = Bundle::load(&path("nowhere")).unwrap_err();
    assert!(matches!(&error, BundleError::Missing(fault) if fault.file.ends_with("nowhere")), "{error}");
    let error = Bundle::load(&path("broken")).unwrap_err();
    assert!(error.to_string().contains("neither bundle.toml nor config.json"), "{error}");
}

#[test]
fn each_file_that_is_missing_is_named() {
    for (bundle, files) in [
        ("ngrams", ["model.onnx", "ngrams.i8", "golden.jsonl"]),
        ("pieces", ["model.onnx", "tokenizer.json", "golden.jsonl"]),
    ] {
        for file in files {
            let copy = Copy::of(bundle);
            fs::remove_file(copy.file(file)).unwrap();
            assert!(matches!(copy.refused(&[file, "no such file"]), BundleError::Missing(_)));
        }
    }
    for file in ["model.onnx", "tokenizer.json"] {
        let copy = Copy::of("hf");
        fs::remove_file(copy.file(file)).unwrap();
        assert!(matches!(copy.refused(&[file]), BundleError::Missing(_)));
    }
}

#[test]
fn a_file_that_is_not_the_sealed_one_or_is_cut_short_is_damaged() {
    for file in ["model.onnx", "ngrams.i8", "golden.jsonl"] {
        let copy = Copy::of("ngrams");
        let bytes = copy.bytes(file);
        copy.write(file, &bytes[..bytes.len() / 2]);
        let size = format!("({} bytes)", bytes.len() / 2);
        assert!(matches!(copy.refused(&[file, "sha256", &size]), BundleError::Damaged(_)));
    }
    // A plain export has no checksums: what is cut short must be found by reading it.
    for file in ["model.onnx", "tokenizer.json"] {
        let copy = Copy::of("hf");
        let bytes = copy.bytes(file);
        copy.write(file, &bytes[..bytes.len() / 2]);
        assert!(matches!(copy.refused(&[file, "copy"]), BundleError::Damaged(_)));
    }
}

#[test]
fn a_description_that_cannot_be_is_refused_with_the_key() {
    for (from, to, words) in [
        ("format = 1", "format = ", vec!["line 1"]),
        ("format = 1", "format = 2", vec!["format = 2"]),
        ("role = \"judge\"", "role = \"jury\"", vec!["jury", "judge"]),
        ("overlap = 4", "overlap = 4\ncolour = 3", vec!["line 9", "colour"]),
        ("overlap = 4", "overlap = 24", vec!["overlap = 24", "overlap < max_len"]),
        ("max_len = 24", "max_len = 5000", vec!["max_len = 5000"]),
        ("\"offensive\",", "\"offensif\",", vec!["offensif"]),
        ("\"harassment\",", "\"offensive\",", vec!["offensive twice"]),
        ("input = \"ngrams\"", "input = \"pieces\"", vec!["[ngrams]"]),
        ("min = 2", "min = 6", vec!["n-grams of 6 to 5"]),
        ("[thresholds.fr]", "[thresholds.klingon]", vec!["klingon", "ary-Latn"]),
        ("\"demand+threat\"", "\"demand+menace\"", vec!["menace"]),
        ("\"golden.jsonl\" =", "\"silver.jsonl\" =", vec!["golden.jsonl", "[files]"]),
    ] {
        let copy = Copy::of("ngrams");
        copy.edit("bundle.toml", from, to);
        let error = copy.refused(&words);
        assert!(matches!(&error, BundleError::Description(fault) if fault.file == "bundle.toml"), "{error}");
    }
}

#[test]
fn a_file_outside_the_bundle_is_never_read() {
    for name in ["../secret", "/etc/hostname"] {
        let copy = Copy::of("ngrams");
        copy.edit("bundle.toml", "[files]", &format!("[files]\n\"{name}\" = \"00\""));
        assert!(matches!(copy.refused(&[name]), BundleError::Description(_)));
    }
}

#[test]
fn labels_of_an_export_that_mean_nothing_to_sitr_are_named() {
    let copy = Copy::of("hf");
    copy.edit("config.json", "\"insult\"", "\"LABEL_3\"");
    copy.edit("config.json", "\"threat\"", "\"mood\"");
    assert!(matches!(copy.refused(&["mood, LABEL_3", "config.json"]), BundleError::Description(_)));
}

#[test]
fn a_graph_that_cannot_be_fed_or_run_is_refused_with_what_is_wrong_in_it() {
    for (graph, words) in [
        ("unknown-op", vec!["FusedEverything"]),
        ("integer-words", vec!["words declared INT64 [?, ?, 16]", "f32 [batch, seq, 16]"]),
        ("no-mask", vec!["no input mask"]),
        ("extra-input", vec!["speaker"]),
        ("probs", vec!["outputs probs", "logits"]),
        ("half-arithmetic", vec!["f16"]),
        ("external-weights", vec!["head", "another file"]),
        ("few-positions", vec!["at length 24", "lower max_len"]),
        ("deaf", vec!["padding", "mask"]),
        ("nan", vec!["no finite number"]),
    ] {
        let error = with_graph(graph).refused(&words);
        assert!(matches!(&error, BundleError::Graph(fault) if fault.file == "model.onnx"), "{graph}: {error}");
    }
}

#[test]
fn columns_without_a_name_and_names_without_a_column_are_a_mismatch() {
    assert!(matches!(with_graph("wide").refused(&["12 columns", "11, one for each name"]), BundleError::Mismatch(_)));
    let copy = Copy::of("ngrams");
    copy.edit("bundle.toml", "\"offensive\", \"harassment\"", "\"offensive\", \"hate\", \"harassment\"");
    assert!(matches!(copy.refused(&["11 columns", "12, one for each name"]), BundleError::Mismatch(_)));
}

#[test]
fn a_table_of_another_size_is_a_mismatch_and_a_graph_of_another_width_too() {
    let copy = Copy::of("ngrams");
    copy.edit("bundle.toml", "buckets = 64", "buckets = 128");
    assert!(matches!(copy.refused(&["ngrams.i8", "1152 bytes", "2304 bytes"]), BundleError::Mismatch(_)));
    let copy = Copy::of("ngrams");
    copy.edit("bundle.toml", "dim = 16", "dim = 32");
    copy.refused(&["words declared FLOAT [?, ?, 16]", "[batch, seq, 32]"]);
}

#[test]
fn a_vocabulary_larger_than_the_embedding_is_a_mismatch() {
    let copy = Copy::of("pieces");
    let last = sitr_vocabulary(&copy);
    copy.edit("tokenizer.json", &format!("\"photos\": {last}"), "\"photos\": 5000").seal();
    assert!(matches!(
        copy.refused(&["tokenizer.json", "ids up to 5000", &format!("ids below {}", last + 1)]),
        BundleError::Mismatch(_)
    ));
}

/// Id of the last piece of the tiny vocabulary.
fn sitr_vocabulary(copy: &Copy) -> u64 {
    let tokenizer: serde_json::Value = serde_json::from_slice(&copy.bytes("tokenizer.json")).unwrap();
    tokenizer["model"]["vocab"]["photos"].as_u64().unwrap()
}

#[test]
fn windows_without_room_for_text_beside_the_special_pieces_are_a_mismatch() {
    let copy = Copy::of("pieces");
    copy.edit("bundle.toml", "max_len = 12", "max_len = 4");
    assert!(matches!(copy.refused(&["max_len = 4, overlap = 3"]), BundleError::Mismatch(_)));
}

#[test]
fn other_scores_than_the_golden_ones_are_refused_with_line_output_and_difference() {
    let copy = Copy::of("ngrams");
    let golden = String::from_utf8(copy.bytes("golden.jsonl")).unwrap();
    let mut lines: Vec<serde_json::Value> = golden.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let was = lines[2]["scores"]["extortion"].as_f64().unwrap();
    lines[2]["scores"]["extortion"] = (was + if was > 0.5 { -0.25 } else { 0.25 }).into();
    let text = lines[2]["text"].as_str().unwrap().to_owned();
    copy.write("golden.jsonl", lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")).seal();
    let error = copy.refused(&["line 3: extortion", "off by 0.25"]);
    assert!(matches!(error, BundleError::Golden(_)));
    assert!(!error.to_string().contains(&text));
}

#[test]
fn scores_of_other_labels_are_found_by_the_golden_file() {
    let copy = Copy::of("ngrams");
    copy.edit("bundle.toml", "\"offensive\", \"harassment\"", "\"harassment\", \"offensive\"");
    assert!(matches!(copy.refused(&["golden.jsonl", "line 1"]), BundleError::Golden(_)));
    let copy = Copy::of("ngrams");
    copy.edit("bundle.toml", "scale = 3.0", "scale = 2.0");
    assert!(matches!(copy.refused(&["golden.jsonl", "line 1"]), BundleError::Golden(_)));
}

#[test]
fn a_golden_file_that_says_nothing_or_cannot_be_read_is_refused() {
    for (content, word) in [
        ("\n\n", "no line"),
        ("{\"text\": 3}", "line 1: column"),
        (r#"{"text":"a","words":["a"],"lang":"xx","scores":{}}"#, "\"xx\""),
        (r#"{"text":"a","words":["a"],"lang":"fr","scores":{"toxic":0.5}}"#, "toxic"),
    ] {
        let copy = Copy::of("ngrams");
        copy.write("golden.jsonl", content).seal();
        assert!(matches!(copy.refused(&["golden.jsonl", word]), BundleError::Golden(_)));
    }
}

#[test]
fn a_model_whose_rows_look_at_each_other_is_run_row_by_row() {
    let bundle = with_graph("neighbours").load().unwrap();
    assert!(!bundle.info().batched);
    let texts = ["salam khoya", "hmar lik", "sift liya flous"];
    let together = crate::fixture::logits(&bundle, &texts);
    for (text, together) in texts.iter().zip(together) {
        assert_eq!(crate::fixture::logits(&bundle, &[text])[0], together);
    }
}
