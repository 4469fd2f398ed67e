//! Loads a model and scores posts with it.
//!
//! The principal type is [`Bundle`]: a directory that holds one model with everything needed to trust it. [`Bundle::load`] checks the
//! whole of it before anything is served (checksums, description, operators, shapes, fit of tokeniser and embedding, independence of
//! rows, golden scores); what fails is a [`BundleError`] that names the file, what was found, what was expected and how to mend it.
//!
//! ```
//! use sitr_model::{Bundle, TextInput};
//! use sitr_types::{Label, Lang};
//!
//! # let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ngrams");
//! let bundle = Bundle::load(&dir)?;
//! let post = bundle.prepare(&TextInput { text: "salam khoya", words: &["salam", "khoya"] })?;
//! for logits in bundle.score(&[post]) {
//!     let judgement = bundle.judge(&logits?, Lang::AryLatn, &[]);
//!     let over = judgement.scores[&Label::Offensive] >= bundle.thresholds(Lang::AryLatn)[&Label::Offensive];
//!     assert!((0.0..=1.0).contains(&judgement.scores[&Label::Offensive]), "{over}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What holds
//!
//! 1. **A post's scores are the same bits whatever else is in its batch**, in any order, on any thread. Each window is padded to a
//!    length that depends on itself alone, and windows share a batch only at lengths where the engine's kernels treat every row alike
//!    (`batch::rows_of` says why); an engine that breaks this is found out at load and runs rows one by one
//!    ([`ModelInfo::batched`]). Between processors with other vector units the last bits differ; golden scores have a tolerance.
//! 2. A post that fails, fails alone: a batch that errs or panics is run again row by row, and a score that is no finite number is
//!    an error of its post.
//! 3. No error, log or `Debug` of this crate holds any part of a post: neither words nor piece ids nor the engine's own messages.
//! 4. Nothing is cut off in silence: a post longer than a window is read in overlapping windows, and every output is the largest of
//!    its windows.
//!
//! # The bundle
//!
//! `bundle.toml` (every key known; an unknown one is an error), `model.onnx`, `golden.jsonl`, and `tokenizer.json` or an n-gram table:
//!
//! ```toml
//! format = 1
//! name = "sitr-ngrams"
//! version = "0.1.0"
//! licence = "Apache-2.0"
//! role = "judge"                 # or "screen"
//! input = "ngrams"               # or "pieces"
//! max_len = 96                   # words or pieces of a window, special pieces included; at most 512
//! overlap = 16                   # of neighbouring windows
//! outputs = ["offensive", "distress", "partial.demand", "role.victim", "subtype.money"]  # the columns of the logits
//! [ngrams]                       # for input = "ngrams" only
//! buckets = 131072
//! dim = 192                      # multiples of 16 keep rows apart in the engine's vectors; others run one post at a time
//! min = 2
//! max = 5
//! most = 40
//! scale = 3.0
//! table = "ngrams.i8"            # rows of a little-endian f16 step and dim signed bytes
//! [files]                        # sha256 of each file, lower-case hex; every file listed is checked and is part of the model's checksum
//! "model.onnx" = "…"
//! [calibration.default]          # p = sigmoid(a * logit + b); missing: a = 1, b = 0; roles: softmax over a * logit + b
//! offensive = { a = 1.0, b = 0.0 }
//! [calibration.ary-Latn]         # an output named here is taken from here as a whole
//! offensive = { a = 0.9, b = 0.1 }
//! [cues.extortion]               # added to that calibrated logit when all cue families of the key are present; all that match add up
//! demand = 0.2
//! "demand+threat" = 1.5
//! [thresholds.default]           # per label; missing: 0.5
//! offensive = 0.5
//! ```
//!
//! The graph: `words` f32 `[batch, seq, dim]` and `mask` f32 `[batch, seq]` for n-grams; `input_ids`, `attention_mask` and, if it has
//! it, `token_type_ids` int64 `[batch, seq]` for pieces; one output, `logits` f32 `[batch, outputs]`, before any sigmoid. Weights may
//! be stored as f16 with a Cast to f32; they are widened at load. `golden.jsonl` has lines of `text` (normal form), `words`, `lang` and
//! `scores` (output → probability without cues: sigmoid, and softmax among roles).
//!
//! # A plain export
//!
//! A directory without `bundle.toml` but with the `config.json` of a Hugging Face or Optimum export, `tokenizer.json` and `model.onnx`
//! (or `onnx/model.onnx`) loads as it is, uncalibrated and without golden scores: windows of at most 128 pieces; softmax or sigmoid as
//! `problem_type` says, or as transformers would read a config without one; its version is the start of its checksum.
//! Labels are taken by name. Besides Sitr's own names these are understood:
//!
//! | name in `id2label` | label |
//! |---|---|
//! | toxic, toxicity, severe_toxic, severe_toxicity, obscene, abusive, offensive_language | `offensive` |
//! | insult | `harassment` |
//! | identity_hate, identity_attack, hate_speech, hateful | `hate` |
//! | neutral, none, normal, clean, not_toxic, non_toxic, not_offensive, non_offensive, not_hate | not asked about |
//!
//! Case, spaces and hyphens do not matter. Any other name (`LABEL_0`, …) is an error: what a column means cannot be guessed.

mod batch;
mod bundle;
mod calibration;
mod error;
mod files;
mod golden;
mod graph;
mod hf;
mod judge;
mod manifest;
mod ngrams;
mod output;
mod pieces;
mod prepare;
mod probe;
mod score;
mod tract;

pub use batch::{Batch, BatchInput, Classifier, Matrix};
pub use bundle::{Bundle, ModelInfo};
pub use error::{BundleError, Fault, ModelError};
pub use judge::{Judgement, Logits};
pub use manifest::{BundleRole, InputKind};
pub use output::Output;
pub use prepare::{Prepared, TextInput};
