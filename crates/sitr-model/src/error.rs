//! What can go wrong, sorted by what the caller can do about it.

use std::fmt;

use sitr_types::{Poison, ReasonCode};

/// One fault of a bundle, told so that its maker can mend it without reading this crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, relative to the bundle's directory.
    pub file: String,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
    /// What to do.
    pub fix: String,
}

impl Fault {
    pub(crate) fn new(
        file: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { file: file.into(), found: found.into(), expected: expected.into(), fix: fix.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}; expected {}. Fix: {}", self.file, self.found, self.expected, self.fix)
    }
}

/// Why a bundle does not load. Nothing of a bundle is served when any part of it is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// A file is absent or cannot be read: copy the bundle again.
    #[error("the bundle is incomplete: {0}")]
    Missing(Fault),
    /// A file is not the one that the bundle was sealed with, or was cut short: copy the bundle again.
    #[error("the bundle is damaged: {0}")]
    Damaged(Fault),
    /// `bundle.toml` or `config.json` says something that cannot be: edit it.
    #[error("the bundle's description is wrong: {0}")]
    Description(Fault),
    /// The graph cannot be run: export the model again.
    #[error("the model cannot be run: {0}")]
    Graph(Fault),
    /// Two parts are sound but do not belong together: labels and columns, vocabulary and embedding rows.
    #[error("parts of the bundle do not fit: {0}")]
    Mismatch(Fault),
    /// The model runs but gives other scores than its maker saw: do not serve it.
    #[error("the model gives other scores than its golden file: {0}")]
    Golden(Fault),
}

impl BundleError {
    /// The details.
    #[must_use]
    pub const fn fault(&self) -> &Fault {
        match self {
            Self::Missing(fault)
            | Self::Damaged(fault)
            | Self::Description(fault)
            | Self::Graph(fault)
            | Self::Mismatch(fault)
            | Self::Golden(fault) => fault,
        }
    }
}

/// Why one post could not be scored. Each is about that post alone and comes back the same when it is tried again: a dead letter.
/// No variant holds any part of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The tokeniser refused the text.
    #[error("the tokeniser refused the text")]
    Tokenizer,
    /// A piece's id has no row in the model's embedding.
    #[error("a piece is outside the model's vocabulary of {rows} rows")]
    OutOfVocabulary {
        /// Rows of the embedding.
        rows: usize,
    },
    /// The engine failed, by error or by panic; where, never on what.
    #[error("the engine failed: {0}")]
    Engine(String),
    /// A score is infinite or no number.
    #[error("output {output} is no finite number")]
    NotANumber {
        /// Name of the output.
        output: String,
    },
}

impl ModelError {
    /// The reason that the post's dead letter carries.
    #[must_use]
    pub fn poison(&self) -> Poison {
        let code = match self {
            Self::Tokenizer => ReasonCode::Tokenizer,
            Self::OutOfVocabulary { .. } | Self::Engine(_) | Self::NotANumber { .. } => ReasonCode::Model,
        };
        Poison::new(code, self.to_string())
    }
}
