//! `bundle.toml`: as it is written, and as it is once every part has been checked.

use std::collections::BTreeMap;

use serde::Deserialize;
use sitr_types::Label;

use crate::{
    BundleError,
    batch::MOST_LEN,
    calibration::{Calibration, RawAffine, RawCalibration},
    error::Fault,
    files::Files,
    ngrams::Recipe,
    output::{Columns, Output},
};

pub(crate) const FILE: &str = "bundle.toml";
pub(crate) const MODEL: &str = "model.onnx";
pub(crate) const TOKENIZER: &str = "tokenizer.json";
pub(crate) const GOLDEN: &str = "golden.jsonl";

/// What a bundle is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BundleRole {
    /// Reads what the screen lets through, or everything.
    Judge,
    /// Cheap; reads everything.
    Screen,
}

/// How text becomes the model's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// Words hashed to character n-grams.
    Ngrams,
    /// Pieces of a `tokenizer.json`.
    Pieces,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    format: u32,
    name: String,
    version: String,
    licence: String,
    role: BundleRole,
    input: InputKind,
    max_len: usize,
    overlap: usize,
    outputs: Vec<String>,
    ngrams: Option<Recipe>,
    files: BTreeMap<String, String>,
    #[serde(default)]
    calibration: BTreeMap<String, BTreeMap<String, RawAffine>>,
    #[serde(default)]
    cues: BTreeMap<String, BTreeMap<String, f32>>,
    #[serde(default)]
    thresholds: BTreeMap<String, BTreeMap<String, f32>>,
}

/// A description that has been checked; from `bundle.toml` or from a Hugging Face export.
pub(crate) struct Manifest {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) licence: String,
    pub(crate) role: BundleRole,
    pub(crate) source: Source,
    /// Words or pieces of one window, special pieces included.
    pub(crate) max_len: usize,
    /// Words or pieces that a window repeats of the one before.
    pub(crate) overlap: usize,
    pub(crate) columns: Columns,
    pub(crate) calibration: Calibration,
}

/// Where a model's input comes from.
pub(crate) enum Source {
    Ngrams(Recipe),
    /// Id of the padding piece, where the description names one.
    Pieces {
        pad: Option<i64>,
    },
}

impl Manifest {
    /// Reads `bundle.toml`, and gives with it the checksums that it demands.
    ///
    /// # Errors
    /// [`BundleError::Description`] naming the key.
    pub(crate) fn read(files: &mut Files) -> Result<(Self, BTreeMap<String, String>), BundleError> {
        let text = files.read_text(FILE)?;
        let raw: Raw = toml::from_str(&text).map_err(|error| {
            let line =
                error.span().map_or(0, |span| text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1);
            let found = format!("line {line}: {}", error.message().trim().replace('\n', ", "));
            wrong(found, "the keys of bundle format 1", "see the crate's documentation for the format")
        })?;
        let source = check(&raw)?;
        let columns = Columns::plain(outputs(&raw.outputs)?);
        let scores = RawCalibration { calibration: raw.calibration, cues: raw.cues, thresholds: raw.thresholds };
        let calibration = Calibration::new(&columns.outputs, scores).map_err(|found| {
            wrong(found, "names of outputs, languages and cue families that exist", "correct the name or the number")
        })?;
        let manifest = Self {
            name: raw.name,
            version: Some(raw.version),
            licence: raw.licence,
            role: raw.role,
            source,
            max_len: raw.max_len,
            overlap: raw.overlap,
            columns,
            calibration,
        };
        Ok((manifest, raw.files))
    }

    /// The labels that the model knows, in their own order.
    pub(crate) fn labels(&self) -> Vec<Label> {
        let label = |output: &Output| match output {
            Output::Label(label) => Some(*label),
            _ => None,
        };
        let mut labels: Vec<Label> = self.columns.outputs.iter().filter_map(label).collect();
        labels.sort_unstable();
        labels
    }
}

fn wrong(found: impl Into<String>, expected: impl Into<String>, fix: &str) -> BundleError {
    BundleError::Description(Fault::new(FILE, found, expected, fix))
}

fn check(raw: &Raw) -> Result<Source, BundleError> {
    if raw.format != 1 {
        return Err(wrong(
            format!("format = {}", raw.format),
            "format = 1",
            "use a release of Sitr that reads this format",
        ));
    }
    if raw.name.is_empty() || raw.version.is_empty() {
        return Err(wrong("an empty name or version", "both", "name the bundle: decisions carry it"));
    }
    if raw.max_len == 0 || raw.max_len > MOST_LEN || raw.overlap >= raw.max_len {
        let found = format!("max_len = {}, overlap = {}", raw.max_len, raw.overlap);
        return Err(wrong(
            found,
            format!("1 <= max_len <= {MOST_LEN} and overlap < max_len"),
            "set both to what the model was trained with",
        ));
    }
    let source = match (raw.input, &raw.ngrams) {
        (InputKind::Ngrams, Some(recipe)) => {
            recipe.check().map_err(|found| {
                wrong(format!("[ngrams] {found}"), "the recipe of the training", "correct [ngrams]")
            })?;
            Source::Ngrams(recipe.clone())
        }
        (InputKind::Pieces, None) => Source::Pieces { pad: None },
        (InputKind::Ngrams, None) => {
            return Err(wrong("input = \"ngrams\" and no [ngrams]", "[ngrams] with the recipe", "add it"));
        }
        (InputKind::Pieces, Some(_)) => {
            return Err(wrong("input = \"pieces\" and [ngrams]", "one of them", "remove [ngrams]"));
        }
    };
    let content = match &source {
        Source::Ngrams(recipe) => recipe.table.as_str(),
        Source::Pieces { .. } => TOKENIZER,
    };
    if let Some(name) = [MODEL, content, GOLDEN].into_iter().find(|name| !raw.files.contains_key(*name)) {
        let found = format!("no {name} in [files]");
        return Err(wrong(found, "the sha256 of every file that is read", "seal the bundle anew"));
    }
    Ok(source)
}

fn outputs(names: &[String]) -> Result<Vec<Output>, BundleError> {
    const EXPECTED: &str =
        "labels, distress, partial.{demand,threat}, role.* and subtype.*, each at most once, at least one label";
    let unknown: Vec<&str> = names.iter().map(String::as_str).filter(|name| Output::parse(name).is_none()).collect();
    if !unknown.is_empty() {
        return Err(wrong(
            format!("unknown outputs {}", unknown.join(", ")),
            EXPECTED,
            "name each column of the logits, in order",
        ));
    }
    let outputs: Vec<Output> = names.iter().filter_map(|name| Output::parse(name)).collect();
    if let Some((_, twice)) = outputs.iter().enumerate().find(|(at, output)| outputs[..*at].contains(output)) {
        return Err(wrong(format!("output {twice} twice"), EXPECTED, "name each column of the logits, in order"));
    }
    if !outputs.iter().any(|output| matches!(output, Output::Label(_))) {
        return Err(wrong("no label among the outputs", EXPECTED, "name each column of the logits, in order"));
    }
    Ok(outputs)
}
