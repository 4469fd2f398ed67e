//! `sitr.signal.v1`: a scored post on its way to a decision (internal topic, keyed by subject).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Cue, Label, LangGuess, ModelRef, Partial, Post, RoleScore, Subtype};

/// Name and version of the contract.
pub const SCHEMA_SIGNAL: &str = "sitr.signal.v1";

/// Calibrated probabilities, one a label that the model knows.
pub type Scores = BTreeMap<Label, f32>;

/// A scored post. It still carries the post, because the second stage masks its preview and counts its windows.
///
/// `Debug` never shows the text.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Signal {
    /// `sitr.signal.v1`.
    pub schema: String,
    /// The post as it came in.
    pub post: Post,
    /// Calibrated probabilities.
    pub scores: Scores,
    /// Thresholds of the bundle for the post's language, per label.
    pub thresholds: Scores,
    /// Probability that the author asks for help.
    pub distress: f32,
    /// The speaker's role as the model and the cues see it together.
    pub role: RoleScore,
    /// What is asked for, when extortion or a demand is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<Subtype>,
    /// Which half of extortion is there, when only one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Partial>,
    /// Matched patterns, by place.
    pub cues: Vec<Cue>,
    /// Language and script.
    pub lang: LangGuess,
    /// The model.
    pub model: ModelRef,
    /// The text with identifiers masked; empty when the post is below the floor of every label.
    pub masked_text: String,
    /// Milliseconds that the post waited before it was scored.
    pub queue_ms: f64,
    /// Milliseconds that scoring took.
    pub infer_ms: f64,
}

impl Signal {
    /// The key of the signal: the subject when known, else thread, author, post; so that what belongs together meets in one window.
    #[must_use]
    pub fn subject_key(&self) -> &str {
        let post = &self.post;
        post.target
            .as_ref()
            .map(|target| target.key.as_str())
            .or(post.thread_id.as_deref())
            .or(post.author.as_ref().map(|author| author.key.as_str()))
            .unwrap_or(&post.post_id)
    }

    /// The score of a label; 0 when the model does not know the label.
    #[must_use]
    pub fn score(&self, label: Label) -> f32 {
        self.scores.get(&label).copied().unwrap_or(0.0)
    }
}

impl std::fmt::Debug for Signal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signal").field("post", &self.post).field("scores", &self.scores).finish_non_exhaustive()
    }
}
