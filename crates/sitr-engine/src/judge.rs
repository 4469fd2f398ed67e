//! One post through both stages: normalise, model, cues, role, policy. The same code for a stream and for a file.

use std::{path::Path, time::Instant};

use sitr_model::{Bundle, BundleError, ModelInfo, TextInput};
use sitr_policy::{DecideContext, Policy};
use sitr_types::{
    Cue, CueFamily, Decision, Label, Mode, Partial, Poison, Post, ReasonCode, SCHEMA_SIGNAL, Scores, Signal,
};

use crate::clock::Wall;

/// A model and a policy together: all that is needed to judge a post.
pub struct Judge {
    bundle: Bundle,
    policy: Policy,
}

/// A post, and when the log got it (milliseconds since 1970), if that is known.
pub struct Arrival {
    /// The post.
    pub post: Post,
    /// The record's time stamp.
    pub timestamp_ms: Option<i64>,
}

impl Judge {
    /// Loads the bundle in `model_dir`, with the built-in policy.
    ///
    /// # Errors
    /// Everything that can be wrong with a bundle, see [`BundleError`].
    pub fn load(model_dir: &Path) -> Result<Self, BundleError> {
        Ok(Self { bundle: Bundle::load(model_dir)?, policy: Policy::builtin() })
    }

    /// What is known of the model.
    #[must_use]
    pub fn model(&self) -> &ModelInfo {
        self.bundle.info()
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// First stage: scores posts, in order. A post that fails does so alone.
    #[must_use]
    pub fn score(&self, arrivals: Vec<Arrival>) -> Vec<Result<Signal, Poison>> {
        let begun = Instant::now();
        let started_ms = Wall::now().millis();
        let read: Vec<Reading> = arrivals.iter().map(|arrival| Reading::of(&arrival.post.text)).collect();
        // Rows that the tokeniser refuses leave a gap in the batch and keep their place in the answer.
        let mut prepared = Vec::with_capacity(read.len());
        let mut refused: Vec<Option<Poison>> = Vec::with_capacity(read.len());
        for reading in &read {
            let words: Vec<&str> = reading.normal.words().collect();
            match self.bundle.prepare(&TextInput { text: reading.normal.text(), words: &words }) {
                Ok(row) => {
                    prepared.push(row);
                    refused.push(None);
                }
                Err(error) => refused.push(Some(Poison::new(ReasonCode::Tokenizer, error.to_string()))),
            }
        }
        let mut rows = self.bundle.score(&prepared).into_iter();
        let infer_ms = begun.elapsed().as_secs_f64() * 1e3;
        arrivals
            .into_iter()
            .zip(read)
            .zip(refused)
            .map(|((arrival, reading), refused)| {
                if let Some(poison) = refused {
                    return Err(poison);
                }
                let logits = rows.next().expect("invariant: the model answers every row");
                let logits = logits.map_err(|e| Poison::new(ReasonCode::Model, e.to_string()))?;
                let judgement = self.bundle.judge(&logits, reading.lang.lang, &reading.cues);
                let queue_ms = arrival.timestamp_ms.map_or(0.0, |at| (started_ms - at).max(0) as f64);
                let thresholds = self.bundle.thresholds(reading.lang.lang).clone();
                let mut signal = Signal {
                    schema: SCHEMA_SIGNAL.to_owned(),
                    partial: partial(&judgement.scores, &thresholds, &reading.cues),
                    scores: judgement.scores,
                    thresholds,
                    distress: judgement.distress,
                    role: sitr_policy::speaker(&judgement.roles, &reading.cues),
                    subtype: judgement.subtype,
                    cues: reading.cues,
                    lang: reading.lang,
                    model: self.bundle.info().model.clone(),
                    masked_text: String::new(),
                    queue_ms,
                    infer_ms,
                    post: arrival.post,
                };
                if self.policy.is_over_floor(&signal) {
                    let masked = sitr_text::mask(&signal.post.text);
                    signal.masked_text = masked.text;
                    signal.cues.extend(masked.identifiers);
                    signal.cues.sort_unstable();
                    signal.cues.dedup();
                }
                Ok(signal)
            })
            .collect()
    }

    /// Second stage: decides about a signal, now. `timestamp_ms` as in [`Arrival`].
    #[must_use]
    pub fn decide(&self, signal: &Signal, timestamp_ms: Option<i64>, mode: Mode) -> Decision {
        let now = Wall::now();
        let total_ms = timestamp_ms.map_or(signal.infer_ms, |at| (now.millis() - at).max(0) as f64);
        self.policy.decide(signal, &DecideContext { decided_at: now.rfc3339(), total_ms, mode })
    }
}

/// What the text alone says.
struct Reading {
    normal: sitr_text::Normalised,
    lang: sitr_types::LangGuess,
    cues: Vec<Cue>,
}

impl Reading {
    fn of(text: &str) -> Self {
        let normal = sitr_text::normalise(text);
        let lang = sitr_text::guess_lang(&normal);
        let cues = sitr_text::cues(&normal);
        Self { normal, lang, cues }
    }
}

/// Which half of extortion stands alone, when extortion as a whole does not hold.
fn partial(scores: &Scores, thresholds: &Scores, cues: &[Cue]) -> Option<Partial> {
    let holds =
        |label| scores.get(&label).is_some_and(|score| *score >= thresholds.get(&label).copied().unwrap_or(0.5));
    let has = |family| cues.iter().any(|cue| cue.family == family);
    if holds(Label::Extortion) {
        None
    } else if holds(Label::Threat) {
        Some(Partial::Threat)
    } else if has(CueFamily::Demand) && !has(CueFamily::Threat) && has(CueFamily::Leverage) {
        Some(Partial::Demand)
    } else {
        None
    }
}
