//! `sitr.decision.v1`: what Sitr decided about a post, with everything needed to defend it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Label, Lang, ModelRef, Partial, Role, Scores, Script, Severity, Span, Subtype};

/// Name and version of the contract.
pub const SCHEMA_DECISION: &str = "sitr.decision.v1";

/// What should happen to a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing.
    None,
    /// A victim asks for help: a card, never an action.
    Care,
    /// A person decides.
    Review,
    /// Hold it now, reversibly, until a person confirms.
    Takedown,
}

impl Verdict {
    /// All verdicts, from the mildest.
    pub const ALL: [Self; 4] = [Self::None, Self::Care, Self::Review, Self::Takedown];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Care => "care",
            Self::Review => "review",
            Self::Takedown => "takedown",
        }
    }
}

/// What the platform is advised to do. Machines only hold; people remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecommendedAction {
    /// Nothing.
    None,
    /// Show the author where help is.
    OfferHelp,
    /// Put it before a moderator.
    QueueForReview,
    /// Hide it until a moderator has looked, and keep it as evidence.
    HoldPendingReview,
}

/// Live, shadow or replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Counts.
    Live,
    /// A candidate's opinion: recorded, never acted on.
    Shadow,
    /// An old post judged again.
    Replay,
}

/// A decision. Personal data outside `preview` (masked) and the offsets of `spans`: none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// `sitr.decision.v1`.
    pub schema: String,
    /// Hash of event, model and policy: a repeat is recognisable.
    pub decision_id: String,
    /// The post.
    pub post_id: String,
    /// The event.
    pub event_id: String,
    /// RFC 3339, UTC.
    pub decided_at: String,
    /// What should happen.
    pub verdict: Verdict,
    /// What the platform is advised to do.
    pub recommended_action: RecommendedAction,
    /// Always true for what a machine decides.
    pub reversible: bool,
    /// Labels over their threshold, gravest first.
    pub labels: Vec<LabelScore>,
    /// Who speaks.
    pub role: RoleScore,
    /// Which half of extortion is there, when only one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Partial>,
    /// Probability that the author asks for help.
    pub distress: f32,
    /// Evidence, by place.
    pub spans: Vec<Span>,
    /// Why, as stable codes.
    pub reasons: Vec<Reason>,
    /// The codes in words, for people.
    pub explanation: Explanation,
    /// Language and script.
    pub lang: DetectedLang,
    /// Which model.
    pub model: ModelRef,
    /// Which policy.
    pub policy: PolicyRef,
    /// What is known of the subject's last days; zero until the stage that counts is there.
    pub counts: Counts,
    /// Articles of law that may apply; a person decides.
    pub legal_hooks: Vec<LegalHook>,
    /// Where the person concerned can be sent.
    pub referrals: Vec<Referral>,
    /// A statement valid for the EU DSA Transparency Database, or null.
    pub statement_of_reasons: Option<serde_json::Value>,
    /// Link of the hash chain, when the audit topic is written.
    pub audit: Option<AuditLink>,
    /// A masked look at the post, for flags only.
    pub preview: Option<Preview>,
    /// Where the time went.
    pub latency_ms: LatencyMs,
    /// Live, shadow or replay.
    pub mode: Mode,
    /// Probability of every label, on request only (`sitr classify --all-scores`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scores: Option<Scores>,
}

/// A label over its threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LabelScore {
    /// The label.
    pub name: Label,
    /// For extortion: what is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<Subtype>,
    /// Calibrated probability, 0 to 1.
    pub score: f32,
    /// The threshold that it passed.
    pub threshold: f32,
    /// How grave.
    pub severity: Severity,
}

/// The speaker's role with its probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RoleScore {
    /// The role.
    pub name: Role,
    /// 0 to 1.
    pub score: f32,
}

/// Stable code of a reason; its words in three languages come from the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// A label passed its threshold.
    LabelOverThreshold,
    /// A demand stands in the text.
    DemandFound,
    /// A threat stands in the text.
    ThreatFound,
    /// Something is held over the addressee.
    LeverageFound,
    /// A time limit is set.
    DeadlineFound,
    /// A sum is named.
    AmountFound,
    /// A way to pay or to publish is named.
    ChannelFound,
    /// A person or group it would be shown to is named.
    TargetFound,
    /// A slur stands in the text.
    SlurFound,
    /// A personal identifier stands in the text.
    IdentifierFound,
    /// Only a demand: half of extortion.
    DemandOnly,
    /// Only a threat: half of extortion.
    ThreatOnly,
    /// The author seems to be the victim: never a takedown.
    RoleVictim,
    /// The author seems to report: never a takedown.
    RoleReporter,
    /// The author seems to quote: never a takedown.
    RoleQuoter,
    /// It seems to be banter: a person decides.
    RoleBanter,
    /// The author asks for help.
    AsksForHelp,
    /// The score is near its threshold: a person decides.
    Uncertain,
    /// The label is always a person's call.
    AlwaysHuman,
}

/// Why, as a code with parameters. Parameters are numbers and names of ours, never text of the post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// The code.
    pub code: ReasonKind,
    /// Its parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}

/// The reasons in words, made from codes only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// French.
    pub fr: String,
    /// Arabic.
    pub ar: String,
    /// English.
    pub en: String,
}

/// Language and script, as published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DetectedLang {
    /// The variety.
    pub detected: Lang,
    /// The script.
    pub script: Script,
    /// Two varieties in one post.
    pub mixed: bool,
}

/// Which policy decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyRef {
    /// Version of the policy.
    pub version: String,
    /// sha256 of its content, lower-case hex.
    pub sha256: String,
}

/// What is known of the subject's last days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Different people who reported it.
    pub distinct_reporters: u32,
    /// Different authors about the target in 24 hours.
    pub target_authors_24h: u32,
    /// Posts of this author about this target in 7 days.
    pub author_to_target_7d: u32,
}

/// An article of law that may apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LegalHook {
    /// Which law.
    pub code: String,
    /// Which article.
    pub article: String,
    /// Version of the table that says so.
    pub table_version: String,
}

/// Where the person concerned can be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Referral {
    /// The service.
    pub to: String,
    /// Why there.
    pub reason: String,
}

/// Link of the audit hash chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditLink {
    /// Of this decision's manifest.
    pub sha256: String,
    /// Of the one before.
    pub prev_sha256: String,
}

/// A masked look at the post. `Debug` never shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Preview {
    /// The text with identifiers masked.
    pub masked_text: String,
    /// How grave, so that a moderator is warned before looking.
    pub severity: Severity,
}

impl std::fmt::Debug for Preview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Preview").field("severity", &self.severity).finish_non_exhaustive()
    }
}

/// Where the time went, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LatencyMs {
    /// Between the record's time stamp and scoring.
    pub queue: f64,
    /// Scoring.
    pub infer: f64,
    /// From the record's time stamp to the decision.
    pub total: f64,
}
