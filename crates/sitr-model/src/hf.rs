//! A plain Hugging Face or Optimum export, read as a bundle: `config.json`, `tokenizer.json`, `model.onnx` (or `onnx/model.onnx`).
//!
//! Labels are taken by name; the table of names stands in the documentation of the crate.

use std::collections::BTreeMap;

use serde::Deserialize;
use sitr_types::Label;

use crate::{
    BundleError, BundleRole,
    calibration::{Calibration, RawCalibration},
    error::Fault,
    files::Files,
    manifest::{Manifest, Source},
    output::{Columns, Output},
};

pub(crate) const CONFIG: &str = "config.json";

/// Pieces of a window: most posts fit, and a window that is twice as long costs more than two.
const WINDOW: usize = 128;
/// Pieces that a window repeats of the one before.
const OVERLAP: usize = 16;

/// What is read of `config.json`; the rest is the model's own business.
#[derive(Deserialize)]
struct Config {
    #[serde(rename = "_name_or_path")]
    name: Option<String>,
    model_type: Option<String>,
    id2label: Option<BTreeMap<String, String>>,
    problem_type: Option<String>,
    pad_token_id: Option<i64>,
    max_position_embeddings: Option<usize>,
}

/// Reads `config.json`.
///
/// # Errors
/// [`BundleError::Description`] naming what cannot be understood.
pub(crate) fn read(files: &mut Files) -> Result<Manifest, BundleError> {
    let text = files.read_text(CONFIG)?;
    let config: Config = serde_json::from_str(&text).map_err(|error| {
        let found = format!("line {} column {}: {:?}", error.line(), error.column(), error.classify());
        wrong(found, "the config.json of a transformers model", "export the model again")
    })?;
    let columns = columns(&config)?;
    let calibration = Calibration::new(&columns.outputs, RawCalibration::default())
        .expect("invariant: empty tables name nothing that could be wrong");
    // RoBERTa's family counts positions from the padding id + 1.
    let offset = match config.model_type.as_deref() {
        Some("roberta" | "xlm-roberta" | "camembert" | "xlm-roberta-xl") => 2,
        _ => 0,
    };
    let positions = config.max_position_embeddings.map_or(WINDOW, |most| most.saturating_sub(offset));
    let max_len = WINDOW.min(positions).max(1);
    Ok(Manifest {
        name: config.name.filter(|name| !name.is_empty()).unwrap_or_else(|| files.dir_name()),
        version: None,
        licence: "unstated".to_owned(),
        role: BundleRole::Judge,
        source: Source::Pieces { pad: config.pad_token_id },
        max_len,
        overlap: OVERLAP.min(max_len / 4),
        columns,
        calibration,
    })
}

fn wrong(found: impl Into<String>, expected: &str, fix: &str) -> BundleError {
    BundleError::Description(Fault::new(CONFIG, found, expected, fix))
}

fn columns(config: &Config) -> Result<Columns, BundleError> {
    let names = config.id2label.as_ref().filter(|names| !names.is_empty()).ok_or_else(|| {
        wrong(
            "no id2label",
            "id2label with a name for each column of the logits",
            "add the names that the model was trained with",
        )
    })?;
    let ordered: Option<Vec<&String>> = (0..names.len()).map(|id| names.get(&id.to_string())).collect();
    let ordered = ordered.ok_or_else(|| {
        wrong("ids in id2label that leave gaps", "ids 0, 1, 2, …", "number the columns of the logits")
    })?;
    let exclusive = match config.problem_type.as_deref() {
        Some("multi_label_classification") => false,
        Some("single_label_classification") => true,
        // As transformers itself reads a config that does not say.
        None => ordered.len() > 1,
        Some(other) => {
            let expected = "single_label_classification or multi_label_classification";
            return Err(wrong(format!("problem_type {other}"), expected, "use a classifier"));
        }
    };
    let classes: Vec<Result<Option<Output>, &str>> = ordered.iter().map(|name| class(name)).collect();
    let unknown: Vec<&str> = classes.iter().filter_map(|class| class.err()).collect();
    if !unknown.is_empty() {
        let expected = "Sitr's labels, or names that are known to mean one (toxic, insult, identity_hate, neutral, …)";
        return Err(wrong(
            format!("labels {} in id2label", unknown.join(", ")),
            expected,
            "rename them in id2label to what they mean",
        ));
    }
    let classes: Vec<Option<Output>> = classes.into_iter().flatten().collect();
    let mut outputs: Vec<Output> = Vec::new();
    for output in classes.iter().flatten() {
        if !outputs.contains(output) {
            outputs.push(*output);
        }
    }
    // With softmax a class needs another one to stand against.
    if outputs.is_empty() || (exclusive && classes.iter().all(|class| *class == classes[0])) {
        return Err(wrong(
            "no label to score in id2label",
            "at least one label, and for a softmax another class",
            "use another model",
        ));
    }
    let meaning = classes.iter().map(|class| outputs.iter().position(|output| Some(*output) == *class)).collect();
    Ok(Columns { outputs, meaning, exclusive })
}

/// What a class of that name means: an output, or nothing that is asked about.
fn class(name: &str) -> Result<Option<Output>, &str> {
    let plain = name.trim().to_lowercase().replace([' ', '-'], "_");
    match plain.as_str() {
        "toxic" | "toxicity" | "severe_toxic" | "severe_toxicity" | "obscene" | "abusive" | "offensive_language" => {
            Ok(Some(Output::Label(Label::Offensive)))
        }
        "insult" => Ok(Some(Output::Label(Label::Harassment))),
        "identity_hate" | "identity_attack" | "hate_speech" | "hateful" => Ok(Some(Output::Label(Label::Hate))),
        "neutral" | "none" | "normal" | "clean" | "not_toxic" | "non_toxic" | "not_offensive" | "non_offensive"
        | "not_hate" => Ok(None),
        own => Output::parse(own).map(Some).ok_or(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_columns(json: &str) -> Result<Columns, String> {
        columns(&serde_json::from_str(json).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_mapped_and_several_names_may_mean_one_label() {
        let it = read_columns(
            r#"{"problem_type":"multi_label_classification","id2label":{"0":"toxic","1":"Severe Toxic","2":"threat","3":"hate-speech"}}"#,
        )
        .unwrap();
        assert_eq!(it.outputs, [Label::Offensive, Label::Threat, Label::Hate].map(Output::Label));
        assert_eq!(it.meaning, [Some(0), Some(0), Some(1), Some(2)]);
        assert!(!it.exclusive);
    }

    #[test]
    fn without_a_problem_type_two_classes_exclude_each_other_and_one_stands_alone() {
        let two = read_columns(r#"{"id2label":{"0":"neutral","1":"toxic"}}"#).unwrap();
        assert_eq!((two.meaning, two.exclusive), (vec![None, Some(0)], true));
        assert!(!read_columns(r#"{"id2label":{"0":"toxic"}}"#).unwrap().exclusive);
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        for (json, expected) in [
            (r#"{"id2label":{"0":"LABEL_0","1":"LABEL_1"}}"#, "LABEL_0, LABEL_1"),
            (r#"{"id2label":{"0":"toxic","2":"threat"}}"#, "gaps"),
            (r#"{"id2label":{"0":"neutral","1":"normal"}}"#, "no label"),
            (r#"{"id2label":{"0":"toxic","1":"obscene"}}"#, "another class"),
            (r#"{"id2label":{"0":"toxic"},"problem_type":"regression"}"#, "regression"),
            ("{}", "no id2label"),
        ] {
            let error = read_columns(json).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
