//! The rules: what each label may lead to, and from which score on.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sitr_types::{Label, PolicyRef, Signal};

/// What one label may lead to. The bundle's threshold says that the label holds; these say what follows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rule {
    /// A label that holds is put before a person.
    pub review: bool,
    /// From this score on (and over the threshold) the post is held; `None` = never by a machine.
    pub takedown_at: Option<f32>,
}

/// A policy. The built-in one needs no file.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    reference: PolicyRef,
    content: Content,
}

/// What the hash covers.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Content {
    version: &'static str,
    rules: BTreeMap<Label, Rule>,
    floor: f32,
    care_at: f32,
    uncertain_band: f32,
    sure_role: f32,
}

impl Policy {
    /// The default: extortion, threats and doxxing are held when nearly sure, abuse of a person when very sure; what needs
    /// context is always a person's call. Sources of the numbers: `docs/adr/0007-built-in-policy.md`.
    #[must_use]
    pub fn builtin() -> Self {
        let held_at = |at| Rule { review: true, takedown_at: Some(at) };
        let person = Rule { review: true, takedown_at: None };
        let rules = BTreeMap::from([
            (Label::Offensive, Rule { review: false, takedown_at: None }),
            (Label::Harassment, held_at(0.90)),
            (Label::Hate, held_at(0.90)),
            (Label::Misogyny, held_at(0.90)),
            (Label::Threat, held_at(0.85)),
            (Label::Extortion, held_at(0.75)),
            (Label::SexualHarassment, held_at(0.90)),
            (Label::Doxxing, held_at(0.85)),
            (Label::Defamation, person),
            (Label::Impersonation, person),
        ]);
        Self::from_content(Content {
            version: "builtin-1",
            rules,
            floor: 0.15,
            care_at: 0.5,
            uncertain_band: 0.05,
            sure_role: 0.65,
        })
    }

    fn from_content(content: Content) -> Self {
        let json = serde_json::to_vec(&content).expect("invariant: numbers, names and finite floats always serialise");
        let sha256 = Sha256::digest(&json).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { reference: PolicyRef { version: content.version.to_owned(), sha256 }, content }
    }

    /// Version and hash, as they stand in every decision.
    #[must_use]
    pub const fn reference(&self) -> &PolicyRef {
        &self.reference
    }

    /// Below this score of every label, and of distress, a post is no signal: its verdict is `none` whatever follows.
    #[must_use]
    pub const fn floor(&self) -> f32 {
        self.content.floor
    }

    /// Whether the second stage has to see this signal at all.
    #[must_use]
    pub fn is_over_floor(&self, signal: &Signal) -> bool {
        signal.distress >= self.content.floor || signal.scores.values().any(|score| *score >= self.content.floor)
    }

    pub(crate) fn rule(&self, label: Label) -> Rule {
        self.content.rules.get(&label).copied().unwrap_or(Rule { review: true, takedown_at: None })
    }

    pub(crate) const fn care_at(&self) -> f32 {
        self.content.care_at
    }

    /// Below this probability of a protected role, a post that would else be held is put before a person.
    pub(crate) const fn sure_role(&self) -> f32 {
        self.content.sure_role
    }

    pub(crate) const fn uncertain_band(&self) -> f32 {
        self.content.uncertain_band
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sitr_types::ALL_LABELS;

    #[test]
    fn the_built_in_policy_has_a_rule_for_every_label_and_a_stable_hash() {
        let policy = Policy::builtin();
        assert!(ALL_LABELS.iter().all(|label| policy.content.rules.contains_key(label)));
        assert_eq!(policy.reference(), Policy::builtin().reference());
        assert_eq!(policy.reference().sha256.len(), 64);
    }
}
