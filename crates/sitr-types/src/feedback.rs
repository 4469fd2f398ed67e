//! `sitr.report.v1` and `sitr.outcome.v1`: what people say about posts and decisions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A user's report of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Id of the report.
    pub report_id: String,
    /// The reported post.
    pub post_id: String,
    /// Stable, opaque token of the reporter: many reports of one person count once.
    pub reporter_token: String,
    /// The platform's reason code.
    pub reason: String,
    /// How far this reporter is trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_tier: Option<String>,
    /// RFC 3339.
    pub at: String,
}

/// What a person decided later about a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The decision that was looked at.
    pub decision_id: String,
    /// What was decided.
    pub outcome: OutcomeKind,
    /// Role of the person.
    pub by: String,
    /// RFC 3339.
    pub at: String,
    /// Whether an appeal brought it about.
    #[serde(default)]
    pub appeal: bool,
}

/// Whether a decision stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// It was right.
    Upheld,
    /// It was wrong.
    Overturned,
}
