//! Thresholds for a wanted precision.

use std::collections::BTreeMap;

use sitr_types::Label;

use crate::{Gold, Prediction, Sources};

/// Rows with yes that a cell needs before a threshold of its own is believed.
const LEAST_YES: usize = 20;
/// A threshold is never lower: below it a label would hold that is less likely than not by far.
const FLOOR: f64 = 0.3;

/// A threshold and what it gave on the rows that it was chosen on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// The label holds from this probability on.
    pub at: f64,
    /// Precision there.
    pub precision: f64,
    /// Recall there.
    pub recall: f64,
    /// Rows with yes.
    pub pos: usize,
}

/// For every label, and for every label in each detected language with enough rows (`default` is all rows): the lowest
/// threshold whose precision is at least `wanted`, there and on average above it. Labels that cannot reach it are absent.
#[must_use]
pub fn thresholds(
    gold: &[Gold],
    predictions: &[Prediction],
    sources: &Sources,
    wanted: f64,
) -> BTreeMap<(String, Label), Threshold> {
    let said: BTreeMap<&str, &Prediction> = predictions.iter().map(|p| (p.id.as_str(), p)).collect();
    let mut cells: BTreeMap<(String, Label), Vec<(f64, bool)>> = BTreeMap::new();
    for row in gold {
        let Some(prediction) = said.get(row.id.as_str()) else { continue };
        for (label, answer) in row.answers(sources) {
            let Some(score) = prediction.scores.get(&label) else { continue };
            for lang in ["default", &prediction.detected] {
                cells.entry((lang.to_owned(), label)).or_default().push((*score, answer));
            }
        }
    }
    cells.into_iter().filter_map(|(key, cell)| Some((key, lowest(cell, wanted)?))).collect()
}

fn lowest(mut cell: Vec<(f64, bool)>, wanted: f64) -> Option<Threshold> {
    let pos = cell.iter().filter(|(_, yes)| *yes).count();
    if pos < LEAST_YES {
        return None;
    }
    cell.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut hits, mut rank, mut best) = (0, 0, None);
    // Equal scores are on the same side of every threshold.
    for tied in cell.chunk_by(|a, b| a.0 == b.0) {
        rank += tied.len();
        hits += tied.iter().filter(|(_, yes)| *yes).count();
        let precision = hits as f64 / rank as f64;
        if precision >= wanted && tied[0].0 >= FLOOR {
            best = Some(Threshold { at: tied[0].0, precision, recall: hits as f64 / pos as f64, pos });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_the_lowest_that_keeps_the_precision() {
        // 30 sure hits, then one miss among ten, then rubbish.
        let cell: Vec<_> = (0..30)
            .map(|_| (0.9, true))
            .chain((0..10).map(|n| (0.6, n > 0)))
            .chain((0..50).map(|n| (0.4, n == 0)))
            .collect();
        let found = lowest(cell.clone(), 0.95).unwrap();
        assert!((found.at - 0.6).abs() < 1e-12 && (found.recall - 39.0 / 40.0).abs() < 1e-12, "{found:?}");
        assert!((lowest(cell.clone(), 0.99).unwrap().at - 0.9).abs() < 1e-12);
        assert_eq!(lowest(cell.into_iter().map(|(s, yes)| (1.0 - s, yes)).collect(), 0.95), None);
    }

    #[test]
    fn few_examples_give_no_threshold() {
        assert_eq!(lowest(vec![(0.9, true); LEAST_YES - 1], 0.5), None);
    }
}
