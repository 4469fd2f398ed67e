//! Decisions as the suites compare them: everything but the time.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::binary::{model_dir, said, sitr};

/// A decision without its times, as JSON with sorted keys. Equal text means equal to the last bit of each score.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decided {
    /// `decision_id`.
    pub id: String,
    /// `verdict`.
    pub verdict: String,
    /// Everything but `decided_at` and `latency_ms`.
    pub rest: String,
}

impl Decided {
    /// Reads one decision.
    ///
    /// # Panics
    /// It is no decision.
    #[must_use]
    pub fn read(json: &[u8]) -> Self {
        let mut value: Value = serde_json::from_slice(json).expect("a decision is JSON");
        let decision = value.as_object_mut().expect("a decision is an object");
        for time in ["decided_at", "latency_ms"] {
            assert!(decision.remove(time).is_some(), "a decision has {time}");
        }
        let text = |key: &str| decision[key].as_str().expect("a string").to_owned();
        Self { id: text("decision_id"), verdict: text("verdict"), rest: value.to_string() }
    }

    /// Whether it is published.
    #[must_use]
    pub fn is_flag(&self) -> bool {
        self.verdict != "none"
    }
}

/// What `sitr classify` decides about posts, in order.
///
/// # Panics
/// It fails, or does not answer each post.
#[must_use]
pub fn classify(posts: &[String], args: &[&str]) -> Vec<Decided> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let input = dir.path().join("posts.jsonl");
    std::fs::write(&input, posts.join("\n")).expect("the posts can be written");
    let said = said(sitr(&["classify"]).arg("--model").arg(model_dir()).args(args).arg(&input));
    assert_eq!(said.code, Some(0), "{}", said.err);
    let decided: Vec<_> = said.out.lines().map(|line| Decided::read(line.as_bytes())).collect();
    assert_eq!(decided.len(), posts.len(), "a decision for each post: {}", said.err);
    decided
}

/// Whether a bundle is there.
#[must_use]
pub fn has_model(dir: &Path) -> bool {
    dir.join("bundle.toml").is_file()
}

/// What differs between what should be and what is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference<T> {
    /// Expected and never seen.
    pub lost: Vec<T>,
    /// Seen again after the first time, once for each time.
    pub doubled: Vec<T>,
    /// Seen and not expected.
    pub strange: Vec<T>,
}

impl<T: Ord + Clone> Difference<T> {
    /// Compares what is to be seen exactly once with what was seen.
    #[must_use]
    pub fn between(expected: impl IntoIterator<Item = T>, seen: impl IntoIterator<Item = T>) -> Self {
        let mut counts: BTreeMap<T, usize> = expected.into_iter().map(|item| (item, 0)).collect();
        let mut difference = Self { lost: Vec::new(), doubled: Vec::new(), strange: Vec::new() };
        for item in seen {
            match counts.get_mut(&item) {
                None => difference.strange.push(item),
                Some(0) => *counts.get_mut(&item).expect("invariant: just found") = 1,
                Some(_) => difference.doubled.push(item),
            }
        }
        difference.lost = counts.into_iter().filter(|(_, count)| *count == 0).map(|(item, _)| item).collect();
        difference
    }

    /// `lost 0 doubled 0 strange 0`.
    #[must_use]
    pub fn counts(&self) -> String {
        format!("lost {} doubled {} strange {}", self.lost.len(), self.doubled.len(), self.strange.len())
    }

    /// Exactly once, all of it.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.strange.is_empty()
    }

    /// The first few of each kind, for a failure.
    #[must_use]
    pub fn examples(&self) -> Difference<T> {
        let few = |all: &[T]| all.iter().take(3).cloned().collect();
        Difference { lost: few(&self.lost), doubled: few(&self.doubled), strange: few(&self.strange) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_doubled_and_strange_is_told_apart() {
        let difference = Difference::between([1, 2, 3], [3, 1, 3, 3, 9]);
        assert_eq!(difference, Difference { lost: vec![2], doubled: vec![3, 3], strange: vec![9] });
        assert_eq!(difference.counts(), "lost 1 doubled 2 strange 1");
        assert!(Difference::between([1], [1]).is_none());
    }
}
