//! The report for a terminal.

use std::fmt::Write as _;

use crate::Report;

/// Columns as the independent scorer prints them, then the calibration error; then verdicts by role.
#[must_use]
pub fn table(report: &Report) -> String {
    let mut out = format!(
        "{:<20}{:<26}{:>7}{:>7}{:>7}{:>7}{:>7}{:>9}{:>16}{:>7}{:>7}{:>7}\n",
        "label", "slice", "n", "pos", "P", "R", "F1", "macroF1", "95% CI", "AUC", "AP", "ECE"
    );
    let maybe = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    for ((label, slice), f) in &report.figures {
        let interval = format!("[{:.3},{:.3}]", f.ci95[0], f.ci95[1]);
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{:<20}{:<26}{:>7}{:>7}{:>7.3}{:>7.3}{:>7.3}{:>9.3}{interval:>16}{:>7}{:>7}{:>7.3}",
            label.as_str(),
            slice.to_string(),
            f.n,
            f.pos,
            f.precision,
            f.recall,
            f.f1,
            f.macro_f1,
            maybe(f.auc),
            maybe(f.ap),
            f.ece,
        );
    }
    for (role, verdicts) in &report.roles {
        let counts: Vec<_> = verdicts.0.iter().map(|(verdict, n)| format!("{} {n}", verdict.as_str())).collect();
        let _ = writeln!(out, "role {}: {}", role.as_str(), counts.join(", "));
    }
    out
}
