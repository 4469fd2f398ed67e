//! A loaded model.

use std::path::Path;

use sitr_types::{Cue, Label, Lang, ModelRef, Scores};

use crate::{
    BundleError, BundleRole, InputKind, Judgement, Logits, ModelError, Output, Prepared, TextInput,
    calibration::Calibration,
    error::Fault,
    files::Files,
    golden,
    graph::{Feed, Graph},
    hf, judge,
    manifest::{self, Manifest, Source},
    ngrams::NgramTable,
    pieces::{Cut, Pieces},
    prepare::{Padding, Window, cut},
    probe,
    score::Scorer,
    tract::TractClassifier,
};

/// What is known of a loaded model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelInfo {
    /// Name, version and checksum, as decisions carry them.
    pub model: ModelRef,
    /// Judge or screen.
    pub role: BundleRole,
    /// The labels that it scores, in their own order.
    pub labels: Vec<Label>,
    /// All that it says, in the order of [`Logits::values`].
    pub outputs: Vec<Output>,
    /// How text becomes its input.
    pub input: InputKind,
    /// Words or pieces of one window.
    pub max_len: usize,
    /// Words or pieces that a window repeats of the one before.
    pub overlap: usize,
    /// SPDX name of its licence, or `unstated`.
    pub licence: String,
    /// Posts share batches; false where the engine gave a row other bits beside others, so that each runs alone.
    pub batched: bool,
}

/// A model that has passed every check, shared by all threads.
pub struct Bundle {
    info: ModelInfo,
    text: TextSource,
    scorer: Scorer,
    calibration: Calibration,
}

/// What turns text into windows.
enum TextSource {
    Ngrams(Box<NgramTable>),
    Pieces(Box<Pieces>),
}

impl Bundle {
    /// Loads a bundle (`bundle.toml`), or a plain Hugging Face export (`config.json`), and checks it whole: checksums, description,
    /// graph, fit of the parts, independence of rows, golden scores.
    ///
    /// # Errors
    /// [`BundleError`]: what is wrong, in which file, and how to mend it.
    pub fn load(dir: &Path) -> Result<Self, BundleError> {
        let mut files = Files::open(dir)?;
        if files.has(manifest::FILE) {
            return Self::load_sealed(&mut files);
        }
        if files.has(hf::CONFIG) {
            return Self::load_export(&mut files);
        }
        let found = format!("neither {} nor {}", manifest::FILE, hf::CONFIG);
        let fix = "point [model] dir at the bundle itself";
        Err(BundleError::Missing(Fault::new(manifest::FILE, found, "one of them", fix)))
    }

    fn load_sealed(files: &mut Files) -> Result<Self, BundleError> {
        let (manifest, sealed) = Manifest::read(files)?;
        let mut contents = std::collections::BTreeMap::new();
        for (name, sha256) in &sealed {
            contents.insert(name.as_str(), files.read_sealed(name, sha256)?);
        }
        let content = match &manifest.source {
            Source::Ngrams(recipe) => recipe.table.clone(),
            Source::Pieces { .. } => manifest::TOKENIZER.to_owned(),
        };
        let mut take = |name: &str| contents.remove(name).expect("invariant: the manifest demands these in [files]");
        let golden = String::from_utf8(take(manifest::GOLDEN)).map_err(|_| {
            BundleError::Golden(Fault::new(manifest::GOLDEN, "bytes that are no UTF-8", "JSON Lines", "write it again"))
        })?;
        let parts = Parts { model: (manifest::MODEL, take(manifest::MODEL)), content: take(&content) };
        let bundle = Self::assemble(manifest, parts, files)?;
        golden::check(&bundle, &golden)?;
        Ok(bundle)
    }

    fn load_export(files: &mut Files) -> Result<Self, BundleError> {
        let manifest = hf::read(files)?;
        let model =
            ["model.onnx", "onnx/model.onnx"].into_iter().find(|name| files.has(name)).unwrap_or(manifest::MODEL);
        let parts = Parts { model: (model, files.read(model)?), content: files.read(manifest::TOKENIZER)? };
        Self::assemble(manifest, parts, files)
    }

    fn assemble(manifest: Manifest, parts: Parts<'_>, files: &Files) -> Result<Self, BundleError> {
        let Parts { model: (file, model), content } = parts;
        let labels = manifest.labels();
        let Manifest { max_len, overlap, source, columns, .. } = manifest;
        let feed = match &source {
            Source::Ngrams(recipe) => Feed::Words { dim: recipe.dim },
            Source::Pieces { .. } => Feed::Pieces,
        };
        let graph = Graph::read(file, &model, feed)?;
        let rows = graph.embedding_rows;
        let (input, text, padding) = match source {
            Source::Ngrams(recipe) => {
                let padding = Padding::Zero { dim: recipe.dim };
                (InputKind::Ngrams, TextSource::Ngrams(Box::new(NgramTable::new(recipe, content)?)), padding)
            }
            Source::Pieces { pad } => {
                let pieces = Pieces::new(&content, Cut { max_len, overlap, pad }, rows)?;
                let padding = Padding::Piece(pieces.pad);
                (InputKind::Pieces, TextSource::Pieces(Box::new(pieces)), padding)
            }
        };
        let classifier = Box::new(TractClassifier::load(&graph)?);
        drop(graph);
        let mut scorer = Scorer { classifier, columns, padding, batched: true };
        probe::probe(&mut scorer, file, max_len, rows)?;
        let sha256 = files.digest();
        let version = manifest.version.unwrap_or_else(|| sha256[..12].to_owned());
        let info = ModelInfo {
            model: ModelRef { name: manifest.name, version, sha256 },
            role: manifest.role,
            labels,
            outputs: scorer.columns.outputs.clone(),
            input,
            max_len,
            overlap,
            licence: manifest.licence,
            batched: scorer.batched,
        };
        Ok(Self { info, text, scorer, calibration: manifest.calibration })
    }

    /// What is known of the model.
    #[must_use]
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Cuts a post into windows of the model's input. A post without a word is read as one full stop, as in training.
    ///
    /// # Errors
    /// [`ModelError::Tokenizer`], [`ModelError::OutOfVocabulary`]: about this post alone.
    pub fn prepare(&self, input: &TextInput<'_>) -> Result<Prepared, ModelError> {
        let ModelInfo { max_len, overlap, .. } = self.info;
        let windows = match &self.text {
            TextSource::Ngrams(table) => {
                let words = if input.words.is_empty() { &["."] } else { input.words };
                let vectors: Vec<_> = words.iter().map(|word| table.vector(word)).collect();
                cut(&vectors, max_len, overlap).into_iter().map(Window::Words).collect()
            }
            TextSource::Pieces(pieces) => pieces.windows(input.text)?.into_iter().map(Window::Pieces).collect(),
        };
        Ok(Prepared::new(windows, max_len))
    }

    /// Scores posts, in order. A post that fails, fails alone; a post's logits are the same bits whatever else is scored beside it.
    #[must_use]
    pub fn score(&self, posts: &[Prepared]) -> Vec<Result<Logits, ModelError>> {
        self.scorer.score(posts)
    }

    /// Calibrates logits for a language, adds what the post's cues add, and reads every output as what it means.
    #[must_use]
    pub fn judge(&self, logits: &Logits, lang: Lang, cues: &[Cue]) -> Judgement {
        judge::judge(&self.info.outputs, &self.calibration, logits, (lang, cues))
    }

    /// Threshold of every label that the model knows, in that language.
    #[must_use]
    pub fn thresholds(&self, lang: Lang) -> &Scores {
        self.calibration.thresholds(lang)
    }

    pub(crate) fn calibrated(&self, logits: &Logits, lang: Lang) -> Vec<f32> {
        self.calibration.logits(&logits.0, lang, &[])
    }
}

/// Bytes of a bundle's files.
struct Parts<'a> {
    model: (&'a str, Vec<u8>),
    /// The n-gram table or the tokeniser.
    content: Vec<u8>,
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bundle").field("info", &self.info).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::padded_lengths;
    use proptest::prelude::*;

    fn load(name: &str) -> Bundle {
        Bundle::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// A row's own length picks the engine's path, so that other padding may move last bits; never more.
        #[test]
        fn padding_a_window_further_moves_no_probability_by_more_than_1e_5(len in 1usize..20, seed in 0usize..1000) {
            for name in ["ngrams", "pieces"] {
                let bundle = load(name);
                let words: Vec<String> = (0..len.min(bundle.info.max_len - 2)).map(|word| format!("w{}", seed + word)).collect();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let prepared = bundle.prepare(&TextInput { text: &words.join(" "), words: &words }).unwrap();
                let window = &prepared.windows[0];
                let mut given = Vec::new();
                for to in padded_lengths(bundle.info.max_len).into_iter().filter(|to| *to >= window.len()) {
                    given.push(bundle.scorer.raw(&[window], to).unwrap().values);
                }
                for (a, b) in given.iter().flatten().zip(given.iter().skip(1).flatten()) {
                    prop_assert!((judge::sigmoid(*a) - judge::sigmoid(*b)).abs() <= 1e-5, "{} {}", a, b);
                }
            }
        }
    }
}
