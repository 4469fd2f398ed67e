//! Cues: matched patterns with their place in the original text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Label;

/// What a matched pattern stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CueFamily {
    /// Asks the addressee for something: money, a meeting, pictures, a password.
    Demand,
    /// Announces harm or exposure.
    Threat,
    /// Something held over the addressee: pictures, chats, a secret.
    Leverage,
    /// A time limit.
    Deadline,
    /// A sum.
    Amount,
    /// How to pay or where to publish: agency cash, recharge, crypto, a group.
    Channel,
    /// Whom it would be shown to: family, husband, boss.
    Target,
    /// An insult or slur.
    Slur,
    /// A personal identifier: phone, card, e-mail.
    Identifier,
    /// The speaker tells of himself or herself as the victim.
    Victim,
    /// The speaker asks for help.
    Help,
    /// News, police, court, statistics.
    Report,
    /// Advice, campaign, hotline.
    Campaign,
    /// Law and its articles.
    Law,
    /// Says what another person said.
    Quote,
    /// Laughter and friendly address.
    Banter,
    /// Selling, orders, delivery, prices.
    Commerce,
    /// A debt, a rent, a court that is named.
    Debt,
}

impl CueFamily {
    /// All families, in the order used by models.
    pub const ALL: [Self; 18] = [
        Self::Demand,
        Self::Threat,
        Self::Leverage,
        Self::Deadline,
        Self::Amount,
        Self::Channel,
        Self::Target,
        Self::Slur,
        Self::Identifier,
        Self::Victim,
        Self::Help,
        Self::Report,
        Self::Campaign,
        Self::Law,
        Self::Quote,
        Self::Banter,
        Self::Commerce,
        Self::Debt,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Demand => "demand",
            Self::Threat => "threat",
            Self::Leverage => "leverage",
            Self::Deadline => "deadline",
            Self::Amount => "amount",
            Self::Channel => "channel",
            Self::Target => "target",
            Self::Slur => "slur",
            Self::Identifier => "identifier",
            Self::Victim => "victim",
            Self::Help => "help",
            Self::Report => "report",
            Self::Campaign => "campaign",
            Self::Law => "law",
            Self::Quote => "quote",
            Self::Banter => "banter",
            Self::Commerce => "commerce",
            Self::Debt => "debt",
        }
    }

    /// The family of that wire name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.as_str() == name)
    }

    /// The role of a published span of this family, for those that explain a decision.
    #[must_use]
    pub const fn span_role(self) -> Option<SpanRole> {
        match self {
            Self::Demand => Some(SpanRole::Demand),
            Self::Threat => Some(SpanRole::Threat),
            Self::Leverage => Some(SpanRole::Leverage),
            Self::Deadline => Some(SpanRole::Deadline),
            Self::Amount => Some(SpanRole::Amount),
            Self::Channel => Some(SpanRole::Channel),
            Self::Target => Some(SpanRole::Target),
            Self::Slur => Some(SpanRole::Slur),
            Self::Identifier => Some(SpanRole::Identifier),
            _ => None,
        }
    }
}

/// One matched pattern. `start..end` are Unicode scalar indices of the original text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Cue {
    /// First scalar value.
    pub start: u32,
    /// One past the last scalar value.
    pub end: u32,
    /// What it stands for.
    pub family: CueFamily,
}

/// What a published span shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names of `CueFamily` say it
pub enum SpanRole {
    Demand,
    Threat,
    Leverage,
    Deadline,
    Amount,
    Channel,
    Target,
    Slur,
    Identifier,
}

/// Evidence of a decision. `start..end` are Unicode scalar indices of the original text; the text itself is not in the message.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// First scalar value.
    pub start: u32,
    /// One past the last scalar value.
    pub end: u32,
    /// What it shows.
    pub role: SpanRole,
    /// The label that it speaks for.
    pub label: Label,
    /// 0 to 1: how much it weighs among the spans of the decision.
    pub weight: f32,
}
