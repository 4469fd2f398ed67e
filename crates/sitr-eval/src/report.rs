//! Gold and predictions joined: figures for each label on each slice, and what happened to the posts of protected speakers.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use sitr_types::{Label, Role, Verdict};

use crate::{Call, Figures, Gold, Prediction, Sources};

/// How to evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvalOptions {
    /// Draws of the bootstrap; 0: no intervals.
    pub boot: usize,
    /// Cells with fewer rows are left out of every slice but `all`.
    pub least: usize,
}

impl Default for EvalOptions {
    fn default() -> Self {
        Self { boot: 500, least: 20 }
    }
}

/// A part of the rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slice {
    /// All of them.
    All,
    /// Those of one language, as the data set names it.
    Lang(String),
    /// Those of one script.
    Script(String),
    /// Those of one data set.
    Source(String),
}

impl std::fmt::Display for Slice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Lang(name) => write!(f, "lang={name}"),
            Self::Script(name) => write!(f, "script={name}"),
            Self::Source(name) => write!(f, "source={name}"),
        }
    }
}

/// Verdicts of the posts of one kind of speaker: victims, reporters, quoters and banter are where a wrong flag costs most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RoleVerdicts(pub BTreeMap<Verdict, usize>);

/// Everything that is known about a bundle on some gold rows.
#[derive(Debug, Clone)]
pub struct Report {
    /// Figures by label and slice.
    pub figures: BTreeMap<(Label, Slice), Figures>,
    /// The calls behind the figures of [`Slice::All`] and of each language, for plots.
    pub calls: BTreeMap<(Label, Slice), Vec<Call>>,
    /// Verdicts by role, of gold rows that name one.
    pub roles: BTreeMap<Role, RoleVerdicts>,
    /// Gold rows.
    pub rows: usize,
    /// Gold rows without a prediction; figures that leave them out would flatter.
    pub missing: usize,
}

impl Report {
    /// Joins by id. A gold row that nothing was said about is counted as missing.
    #[must_use]
    pub fn of(gold: &[Gold], predictions: &[Prediction], sources: &Sources, options: EvalOptions) -> Self {
        let said: HashMap<&str, &Prediction> = predictions.iter().map(|p| (p.id.as_str(), p)).collect();
        let mut calls: BTreeMap<(Label, Slice), Vec<Call>> = BTreeMap::new();
        let (mut roles, mut missing) = (BTreeMap::<Role, RoleVerdicts>::new(), 0);
        for row in gold {
            let Some(prediction) = said.get(row.id.as_str()) else {
                missing += 1;
                continue;
            };
            if let Some(role) = row.speaker() {
                *roles.entry(role).or_default().0.entry(prediction.verdict).or_default() += 1;
            }
            for (label, answer) in row.answers(sources) {
                let over = prediction.over.contains(&label);
                let score = prediction.scores.get(&label).copied().unwrap_or(f64::from(u8::from(over)));
                for slice in slices(row) {
                    calls.entry((label, slice)).or_default().push(Call { gold: answer, over, score });
                }
            }
        }
        calls.retain(|(_, slice), calls| *slice == Slice::All || calls.len() >= options.least);
        let figures = calls.iter().map(|(key, calls)| (key.clone(), Figures::of(calls, options.boot))).collect();
        calls.retain(|(_, slice), _| matches!(slice, Slice::All | Slice::Lang(_)));
        Self { figures, calls, roles, rows: gold.len(), missing }
    }

    /// The report as JSON: slice → label → figures, verdicts by role, rows and missing rows.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let mut slices: BTreeMap<String, BTreeMap<&str, &Figures>> = BTreeMap::new();
        for ((label, slice), figures) in &self.figures {
            slices.entry(slice.to_string()).or_default().insert(label.as_str(), figures);
        }
        let roles: BTreeMap<&str, BTreeMap<&str, usize>> = self
            .roles
            .iter()
            .map(|(role, verdicts)| (role.as_str(), verdicts.0.iter().map(|(v, n)| (v.as_str(), *n)).collect()))
            .collect();
        serde_json::json!({ "rows": self.rows, "missing": self.missing, "slices": slices, "roles": roles })
    }
}

fn slices(row: &Gold) -> impl Iterator<Item = Slice> {
    let own = [Slice::All, Slice::Lang(row.lang.clone()), Slice::Script(row.script().to_owned())];
    own.into_iter().chain(row.source.clone().map(Slice::Source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gold(id: &str, lang: &str, labels: &[&str], role: Option<&str>) -> Gold {
        let row = serde_json::json!({"id": id, "text": "salam", "lang": lang, "labels": labels, "offensive": false,
            "known": ["extortion"], "role": role});
        Gold::read(&row.to_string()).unwrap().remove(0)
    }

    fn said(id: &str, score: f64, verdict: Verdict) -> Prediction {
        let over = (score >= 0.5).then_some(Label::Extortion);
        Prediction {
            id: id.to_owned(),
            scores: [(Label::Extortion, score)].into(),
            over: over.into_iter().collect(),
            verdict,
            detected: "fr".to_owned(),
        }
    }

    #[test]
    fn rows_fall_into_their_slices_and_a_row_without_prediction_is_missing() {
        let gold =
            [gold("1", "fr", &["extortion"], None), gold("2", "ar", &[], Some("victim")), gold("3", "ar", &[], None)];
        let said = [said("1", 0.9, Verdict::Takedown), said("2", 0.7, Verdict::Care)];
        let report = Report::of(&gold, &said, &Sources::default(), EvalOptions { boot: 10, least: 1 });
        assert_eq!((report.rows, report.missing), (3, 1));
        let cell = |slice: Slice| &report.figures[&(Label::Extortion, slice)];
        assert_eq!((cell(Slice::All).n, cell(Slice::Lang("fr".to_owned())).n), (2, 1));
        assert!((cell(Slice::All).precision - 0.5).abs() < 1e-12);
        assert_eq!(report.roles[&Role::Victim].0, [(Verdict::Care, 1)].into());
        let json = report.to_json();
        assert_eq!(json["slices"]["lang=ar"]["extortion"]["n"], 1);
        assert_eq!(json["roles"]["victim"]["care"], 1);
    }

    #[test]
    fn small_cells_are_left_out_but_never_the_whole() {
        let report = Report::of(
            &[gold("1", "fr", &[], None)],
            &[said("1", 0.1, Verdict::None)],
            &Sources::default(),
            EvalOptions::default(),
        );
        let slices: Vec<_> = report.figures.keys().map(|(_, slice)| slice.to_string()).collect();
        assert_eq!(slices, ["all", "all"]);
    }
}
