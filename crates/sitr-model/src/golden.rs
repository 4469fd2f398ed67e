//! Checks at load that the model gives the scores its maker saw.

use std::collections::BTreeMap;

use serde::Deserialize;
use sitr_types::Lang;

use crate::{Bundle, BundleError, TextInput, error::Fault, judge::probabilities, manifest::GOLDEN, output::Output};

/// Largest difference of a probability from the golden file. Weights rounded to f16 move a score by 0.001 at most, sums taken in
/// another order on another processor by a thousandth of that; a wrong recipe, table or label order moves it by far more.
const TOLERANCE: f32 = 2e-3;

/// A line of `golden.jsonl`.
#[derive(Deserialize)]
struct Line {
    /// The normal form.
    text: String,
    /// Its words.
    #[serde(default)]
    words: Vec<String>,
    /// The language whose calibration applies.
    lang: String,
    /// Output → probability: sigmoid of the calibrated logit, softmax among roles; no cues.
    scores: BTreeMap<String, f32>,
}

/// Scores every line and compares.
///
/// # Errors
/// [`BundleError::Golden`] with the line, the output and the difference; the text is not shown.
pub(crate) fn check(bundle: &Bundle, jsonl: &str) -> Result<(), BundleError> {
    let mut checked = 0;
    for (index, json) in jsonl.lines().enumerate().filter(|(_, json)| !json.trim().is_empty()) {
        check_line(bundle, index + 1, json)?;
        checked += 1;
    }
    if checked == 0 {
        return Err(fault(
            "no line",
            "at least one text with its scores",
            "write the golden file with the model's own scores",
        ));
    }
    Ok(())
}

fn fault(found: impl Into<String>, expected: impl Into<String>, fix: &str) -> BundleError {
    BundleError::Golden(Fault::new(GOLDEN, found, expected, fix))
}

fn check_line(bundle: &Bundle, number: usize, json: &str) -> Result<(), BundleError> {
    let malformed = |what: String| {
        fault(format!("line {number}: {what}"), "text, words, lang and scores by output", "write it again")
    };
    let line: Line = serde_json::from_str(json)
        .map_err(|error| malformed(format!("column {}: {:?}", error.column(), error.classify())))?;
    let lang = Lang::parse(&line.lang).ok_or_else(|| malformed(format!("unknown lang {:?}", line.lang)))?;
    let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
    let prepared =
        bundle.prepare(&TextInput { text: &line.text, words: &words }).map_err(|error| malformed(error.to_string()))?;
    let logits =
        bundle.score(std::slice::from_ref(&prepared)).remove(0).map_err(|error| malformed(error.to_string()))?;
    let outputs = &bundle.info().outputs;
    let given = probabilities(outputs, &bundle.calibrated(&logits, lang));
    for (name, expected) in &line.scores {
        let output = Output::parse(name).and_then(|output| outputs.iter().position(|known| *known == output));
        let given =
            given[output.ok_or_else(|| malformed(format!("score of {name}, which is no output of the bundle")))?];
        let difference = (given - expected).abs();
        if difference.is_nan() || difference > TOLERANCE {
            return Err(fault(
                format!("line {number}: {name} = {given:.5}, off by {difference:.5}"),
                format!("{expected:.5} within {TOLERANCE}"),
                "make sure that graph, table or tokeniser, outputs and calibration belong to one training run",
            ));
        }
    }
    Ok(())
}
