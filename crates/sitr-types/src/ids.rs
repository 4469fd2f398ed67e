//! Ids that make a repeated decision recognisable.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::PolicyRef;

/// Which model gave the scores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModelRef {
    /// Name of the bundle.
    pub name: String,
    /// Version of the bundle.
    pub version: String,
    /// sha256 over the bundle's files, lower-case hex.
    pub sha256: String,
}

/// Id of the decision about one event by one model under one policy: the same three give the same id, for ever.
///
/// ```
/// use sitr_types::{ModelRef, PolicyRef, decision_id};
/// let model = ModelRef { name: "m".into(), version: "1".into(), sha256: "aa".into() };
/// let policy = PolicyRef { version: "p1".into(), sha256: "bb".into() };
/// let id = decision_id("event-1", "post-1", &model, &policy);
/// assert_eq!(id, decision_id("event-1", "post-1", &model, &policy));
/// assert_ne!(id, decision_id("event-2", "post-1", &model, &policy));
/// ```
#[must_use]
pub fn decision_id(event_id: &str, post_id: &str, model: &ModelRef, policy: &PolicyRef) -> String {
    let mut hash = Sha256::new();
    for part in [event_id, post_id, &model.sha256, &policy.sha256] {
        // Length first: no two different lists of parts give the same bytes.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    format!("d-{}", hex(&hash.finalize()[..16]))
}

/// sha256 of bytes, lower-case hex.
#[must_use]
pub fn event_digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_id_cannot_run_into_each_other() {
        let model = ModelRef { name: "m".into(), version: "1".into(), sha256: "aa".into() };
        let policy = PolicyRef { version: "p".into(), sha256: "bb".into() };
        assert_ne!(decision_id("ab", "c", &model, &policy), decision_id("a", "bc", &model, &policy));
    }
}
