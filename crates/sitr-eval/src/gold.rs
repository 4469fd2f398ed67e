//! What is read: gold rows, predictions, and which labels a source really annotates.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sitr_types::{ALL_LABELS, Label, Role, Verdict};

/// A post that people have labelled.
///
/// JSON: `{"id", "text", "lang", "labels": […], "offensive": true|false|null}`, and where there are some `source`, `split`,
/// `role` and `known`: the labels that were asked about when the row was labelled, which outranks the source.
#[derive(Debug, Clone, Deserialize)]
pub struct Gold {
    /// Its id; `post_id` is the same.
    #[serde(alias = "post_id")]
    pub id: String,
    /// The post.
    pub text: String,
    /// Its language as the data set names it.
    #[serde(default = "unknown")]
    pub lang: String,
    /// Labels that hold.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Whether it is offensive; absent where nobody was asked.
    #[serde(default)]
    pub offensive: Option<bool>,
    /// The data set that it comes from.
    #[serde(default)]
    pub source: Option<String>,
    /// `train`, `dev` or `test`.
    #[serde(default)]
    pub split: Option<String>,
    /// Who speaks, where somebody said so.
    #[serde(default)]
    pub role: Option<String>,
    /// Labels that the row's labellers were asked about.
    #[serde(default)]
    pub known: Option<Vec<String>>,
}

fn unknown() -> String {
    "?".to_owned()
}

/// Why a gold file cannot be used. Says the line, never its content.
#[derive(Debug, thiserror::Error)]
pub enum GoldError {
    /// Correct the line.
    #[error(
        "line {line}: {why}; a gold row is {{\"id\", \"text\", \"lang\", \"labels\": [], \"offensive\": true|false|null}}"
    )]
    Row {
        /// Line number, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
}

impl Gold {
    /// Reads JSON Lines; empty lines are left out.
    ///
    /// # Errors
    /// A line that is no gold row.
    pub fn read(lines: &str) -> Result<Vec<Self>, GoldError> {
        let rows = lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        rows.map(|(at, line)| {
            // The message of a wrong type repeats the value, and the value is a post.
            let why = |e: serde_json::Error| format!("not a row ({:?} error in column {})", e.classify(), e.column());
            serde_json::from_str(line).map_err(|e| GoldError::Row { line: at + 1, why: why(e) })
        })
        .collect()
    }

    /// Labels of ours about which this row says yes or no, with the answer.
    #[must_use]
    pub fn answers(&self, sources: &Sources) -> BTreeMap<Label, bool> {
        let asked: BTreeSet<&str> = match (&self.known, self.source.as_deref().and_then(|source| sources.0.get(source)))
        {
            (Some(known), _) => known.iter().map(String::as_str).collect(),
            (None, Some(annotated)) => annotated.iter().map(String::as_str).collect(),
            (None, None) => self.labels.iter().map(String::as_str).collect(),
        };
        let holds = |label: Label| self.labels.iter().any(|held| held == label.as_str());
        let others =
            ALL_LABELS.into_iter().filter(|label| *label != Label::Offensive && asked.contains(label.as_str()));
        let offensive = self.offensive.map(|answer| (Label::Offensive, answer));
        others.map(|label| (label, holds(label))).chain(offensive).collect()
    }

    /// The role that was given, if it is one of ours.
    #[must_use]
    pub fn speaker(&self) -> Option<Role> {
        self.role.as_deref().and_then(Role::parse)
    }

    /// `Arab`, `Latn` or `mixed`, by the letters of its text.
    #[must_use]
    pub fn script(&self) -> &'static str {
        let arabic = self
            .text
            .chars()
            .filter(|c| matches!(*c as u32, 0x600..=0x6FF | 0x750..=0x77F | 0x8A0..=0x8FF | 0xFB50..=0xFEFF))
            .count();
        let latin = self.text.chars().filter(|c| c.is_alphabetic() && (*c as u32) < 0x250).count();
        match (arabic * 5 >= (arabic + latin) * 4, latin * 5 >= (arabic + latin) * 4) {
            (true, false) => "Arab",
            (false, true) => "Latn",
            _ => "mixed",
        }
    }
}

/// Source → labels that it annotates, as `sources.json` of a data folder says.
#[derive(Debug, Clone, Default)]
pub struct Sources(BTreeMap<String, Vec<String>>);

impl Sources {
    /// Reads `{"name": {"annotates": ["offensive", "hate (some words)", …]}}`; only the first word of an entry counts.
    ///
    /// # Errors
    /// Other JSON than that.
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Source {
            #[serde(default)]
            annotates: Vec<String>,
        }
        let raw: BTreeMap<String, Source> = serde_json::from_str(json)?;
        let first = |entry: String| entry.split(' ').next().unwrap_or_default().to_owned();
        Ok(Self(raw.into_iter().map(|(name, s)| (name, s.annotates.into_iter().map(first).collect())).collect()))
    }
}

/// What the stages said of a post.
#[derive(Debug, Clone)]
pub struct Prediction {
    /// The post's id.
    pub id: String,
    /// Calibrated probability of each label.
    pub scores: BTreeMap<Label, f64>,
    /// Labels over their thresholds.
    pub over: BTreeSet<Label>,
    /// The decision.
    pub verdict: Verdict,
    /// The language that was detected, which chooses calibration and thresholds.
    pub detected: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_a_source_does_not_annotate_is_unknown() {
        let sources = Sources::read(r#"{"a": {"annotates": ["offensive", "hate (weak)"]}}"#).unwrap();
        let rows = Gold::read(concat!(
            r#"{"id":"1","text":"x","labels":["hate"],"offensive":true,"source":"a"}"#,
            "\n\n",
            r#"{"id":"2","text":"x","labels":["threat"],"offensive":null,"source":"b"}"#,
            "\n",
            r#"{"id":"3","text":"x","labels":[],"known":["extortion"],"source":"a"}"#,
        ))
        .unwrap();
        let answers: Vec<_> = rows.iter().map(|row| row.answers(&sources)).collect();
        assert_eq!(answers[0], [(Label::Offensive, true), (Label::Hate, true)].into());
        assert_eq!(answers[1], [(Label::Threat, true)].into());
        assert_eq!(answers[2], [(Label::Extortion, false)].into());
    }

    #[test]
    fn a_broken_row_is_told_by_its_line_and_without_its_content() {
        let error =
            Gold::read("{\"id\":\"1\",\"text\":\"a\"}\n{\"id\":7,\"text\":\"sekret\"}").unwrap_err().to_string();
        assert!(error.starts_with("line 2:") && !error.contains("sekret"), "{error}");
    }

    #[test]
    fn the_script_is_that_of_four_fifths_of_the_letters() {
        let of = |text: &str| Gold::read(&format!(r#"{{"id":"1","text":"{text}"}}"#)).unwrap()[0].script();
        assert_eq!([of("سلام ok"), of("salam 3lik"), of("سلام salam"), of("123")], ["mixed", "Latn", "mixed", "mixed"]);
        assert_eq!(of("السلام عليكم ok"), "Arab");
    }
}
