//! The closed, versioned set of labels, and the speaker's role.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a post may be flagged for. Multi-label; the meaning of each stands in `docs/contract.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Rude, insulting or abusive language of any kind; never sufficient for an action by itself.
    Offensive,
    /// Insult or abuse aimed at a person, pile-on call, unwanted repeated contact.
    Harassment,
    /// Attack on people for origin, descent, religion, orientation or disability.
    Hate,
    /// Degradation or control of women as women.
    Misogyny,
    /// Announces harm to a person, violence or exposure, without a demand.
    Threat,
    /// A demand and a threat together.
    Extortion,
    /// Unwanted sexual advance or remark.
    SexualHarassment,
    /// Another person's private data, published to expose.
    Doxxing,
    /// Accuses an identifiable person of shameful acts as a smear.
    Defamation,
    /// Poses as someone.
    Impersonation,
}

/// All labels, in the order used by tables, schemas and metrics.
pub const ALL_LABELS: [Label; 10] = [
    Label::Offensive,
    Label::Harassment,
    Label::Hate,
    Label::Misogyny,
    Label::Threat,
    Label::Extortion,
    Label::SexualHarassment,
    Label::Doxxing,
    Label::Defamation,
    Label::Impersonation,
];

impl Label {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offensive => "offensive",
            Self::Harassment => "harassment",
            Self::Hate => "hate",
            Self::Misogyny => "misogyny",
            Self::Threat => "threat",
            Self::Extortion => "extortion",
            Self::SexualHarassment => "sexual_harassment",
            Self::Doxxing => "doxxing",
            Self::Defamation => "defamation",
            Self::Impersonation => "impersonation",
        }
    }

    /// The label of that wire name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        ALL_LABELS.into_iter().find(|label| label.as_str() == name)
    }

    /// Position in [`ALL_LABELS`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// How grave a post of this label is when nothing else is known (4 is gravest).
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Extortion => Severity::V4,
            Self::Threat | Self::Hate | Self::SexualHarassment | Self::Doxxing => Severity::V3,
            Self::Harassment | Self::Misogyny | Self::Impersonation => Severity::V2,
            Self::Offensive | Self::Defamation => Severity::V1,
        }
    }
}

/// Gravity of a label, `v1` (least) to `v4` (worst).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Least grave.
    V1,
    /// Grave enough for a person to look.
    V2,
    /// Harm is likely.
    V3,
    /// Harm is under way.
    V4,
}

/// What an extortionist asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subtype {
    /// Money, recharge, vouchers or crypto.
    Money,
    /// Pictures, videos or sexual acts.
    Sexual,
    /// Another act: a meeting, silence, a withdrawal, a vote.
    Act,
    /// An account, a password or a code.
    Account,
}

impl Subtype {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Sexual => "sexual",
            Self::Act => "act",
            Self::Account => "account",
        }
    }
}

/// One half of extortion without the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Partial {
    /// A demand without a threat.
    Demand,
    /// A threat without a demand.
    Threat,
}

/// Who speaks. A victim, a reporter or a quoter never gets a takedown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Does it himself.
    Perpetrator,
    /// Says that it is happening to him or her.
    Victim,
    /// News, law, campaign.
    Reporter,
    /// Quotes in order to condemn.
    Quoter,
    /// Jokes among friends.
    Banter,
    /// None of these can be told.
    Unclear,
}

impl Role {
    /// All roles, in the order used by models.
    pub const ALL: [Self; 6] =
        [Self::Perpetrator, Self::Victim, Self::Reporter, Self::Quoter, Self::Banter, Self::Unclear];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Perpetrator => "perpetrator",
            Self::Victim => "victim",
            Self::Reporter => "reporter",
            Self::Quoter => "quoter",
            Self::Banter => "banter",
            Self::Unclear => "unclear",
        }
    }

    /// The role of that wire name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether a post of this speaker may be taken down at all.
    #[must_use]
    pub const fn is_protected(self) -> bool {
        matches!(self, Self::Victim | Self::Reporter | Self::Quoter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_parses_from_its_own_name_and_sits_at_its_index() {
        for (index, label) in ALL_LABELS.into_iter().enumerate() {
            assert_eq!(Label::parse(label.as_str()), Some(label));
            assert_eq!(label.index(), index);
            assert_eq!(serde_json::to_string(&label).unwrap(), format!("\"{}\"", label.as_str()));
        }
        assert_eq!(Label::parse("toxic"), None);
    }

    #[test]
    fn victims_reporters_and_quoters_are_protected_and_nobody_else_is() {
        let protected: Vec<_> = Role::ALL.into_iter().filter(|role| role.is_protected()).collect();
        assert_eq!(protected, [Role::Victim, Role::Reporter, Role::Quoter]);
    }
}
