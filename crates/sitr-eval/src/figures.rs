//! The figures of one label on one slice.

use serde::Serialize;

use crate::dice::Dice;

/// One gold answer and what was said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Call {
    /// The gold answer.
    pub gold: bool,
    /// Whether the label was over its threshold.
    pub over: bool,
    /// Its probability.
    pub score: f64,
}

/// How well a label is told on a slice. `auc` and `ap` are absent where one of the two answers never occurs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Rows with an answer.
    pub n: usize,
    /// Rows whose answer is yes.
    pub pos: usize,
    /// Share of the rows over the threshold whose answer is yes; 0 when there are none.
    pub precision: f64,
    /// Share of the rows with yes that are over the threshold; 0 when there are none.
    pub recall: f64,
    /// F1 of "yes".
    pub f1: f64,
    /// Mean of the F1 of "yes" and that of "no".
    pub macro_f1: f64,
    /// 95 % bootstrap interval of `macro_f1`.
    pub ci95: [f64; 2],
    /// Area under the ROC curve.
    pub auc: Option<f64>,
    /// Average precision.
    pub ap: Option<f64>,
    /// Expected calibration error over ten bins of equal width.
    pub ece: f64,
}

/// Rows of a confusion matrix.
#[derive(Debug, Clone, Copy, Default)]
struct Confusion {
    tp: usize,
    fp: usize,
    fn_: usize,
    tn: usize,
}

impl Confusion {
    fn of(calls: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut all = Self::default();
        for (gold, over) in calls {
            *match (gold, over) {
                (true, true) => &mut all.tp,
                (false, true) => &mut all.fp,
                (true, false) => &mut all.fn_,
                (false, false) => &mut all.tn,
            } += 1;
        }
        all
    }

    fn macro_f1(self) -> f64 {
        f64::midpoint(f1(self.tp, self.fp, self.fn_), f1(self.tn, self.fn_, self.fp))
    }
}

/// 1 where there is nothing to find and nothing was found.
fn f1(tp: usize, fp: usize, fn_: usize) -> f64 {
    if tp + fp + fn_ == 0 { 1.0 } else { 2.0 * tp as f64 / (2 * tp + fp + fn_) as f64 }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl Figures {
    /// The figures of `calls`, with an interval from `boot` draws (0: none, the interval is the figure itself).
    #[must_use]
    pub fn of(calls: &[Call], boot: usize) -> Self {
        let all = Confusion::of(calls.iter().map(|call| (call.gold, call.over)));
        Self {
            n: calls.len(),
            pos: all.tp + all.fn_,
            precision: share(all.tp, all.tp + all.fp),
            recall: share(all.tp, all.tp + all.fn_),
            f1: f1(all.tp, all.fp, all.fn_),
            macro_f1: all.macro_f1(),
            ci95: interval(calls, boot).unwrap_or([all.macro_f1(); 2]),
            auc: auc(calls),
            ap: average_precision(calls),
            ece: reliability(calls).iter().map(|bin| bin.share(calls.len()) * (bin.said - bin.held).abs()).sum(),
        }
    }
}

fn interval(calls: &[Call], boot: usize) -> Option<[f64; 2]> {
    if boot == 0 || calls.is_empty() {
        return None;
    }
    let mut dice = Dice::new(7);
    let mut draws: Vec<f64> = (0..boot)
        .map(|_| {
            let draw = (0..calls.len()).map(|_| calls[dice.below(calls.len())]);
            Confusion::of(draw.map(|call| (call.gold, call.over))).macro_f1()
        })
        .collect();
    draws.sort_by(f64::total_cmp);
    let at = |share: f64| draws[(share * (boot - 1) as f64) as usize];
    Some([at(0.025), at(0.975)])
}

/// The chance that a "yes" has a higher score than a "no"; equal scores count half.
fn auc(calls: &[Call]) -> Option<f64> {
    let yes = calls.iter().filter(|call| call.gold).count();
    let no = calls.len() - yes;
    if yes == 0 || no == 0 {
        return None;
    }
    let mut ranked: Vec<_> = calls.iter().collect();
    ranked.sort_by(|a, b| a.score.total_cmp(&b.score));
    let (mut sum, mut at) = (0.0, 0);
    for tied in ranked.chunk_by(|a, b| a.score == b.score) {
        // Ranks at+1 ..= at+len, each counted as their mean.
        let rank = (2 * at + tied.len() + 1) as f64 / 2.0;
        sum += rank * tied.iter().filter(|call| call.gold).count() as f64;
        at += tied.len();
    }
    Some((sum - (yes * (yes + 1)) as f64 / 2.0) / (yes * no) as f64)
}

/// Mean of the precisions at each "yes", highest score first; equal scores stay in the order of the input.
fn average_precision(calls: &[Call]) -> Option<f64> {
    let mut ranked: Vec<_> = calls.iter().collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    let (mut hits, mut total) = (0usize, 0.0);
    for (rank, _) in ranked.iter().enumerate().filter(|(_, call)| call.gold) {
        hits += 1;
        total += hits as f64 / (rank + 1) as f64;
    }
    (hits > 0).then(|| total / hits as f64)
}

/// Rows whose probabilities are near each other: what was said of them and what held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Rows.
    pub n: usize,
    /// Mean probability.
    pub said: f64,
    /// Share whose answer is yes.
    pub held: f64,
}

impl Bin {
    fn share(&self, all: usize) -> f64 {
        share(self.n, all)
    }
}

/// Ten bins of equal width over the probability; empty ones are left out.
#[must_use]
pub fn reliability(calls: &[Call]) -> Vec<Bin> {
    let mut bins = [(0usize, 0.0, 0usize); 10];
    for call in calls {
        let bin = &mut bins[((call.score * 10.0) as usize).min(9)];
        *bin = (bin.0 + 1, bin.1 + call.score, bin.2 + usize::from(call.gold));
    }
    let full = bins.into_iter().filter(|(n, ..)| *n > 0);
    full.map(|(n, said, held)| Bin { n, said: said / n as f64, held: share(held, n) }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn calls(of: &[(bool, f64)]) -> Vec<Call> {
        of.iter().map(|(gold, score)| Call { gold: *gold, over: *score >= 0.5, score: *score }).collect()
    }

    #[test]
    fn a_hand_counted_case_gives_the_hand_counted_figures() {
        let figures = Figures::of(&calls(&[(true, 0.9), (true, 0.4), (false, 0.6), (false, 0.1), (false, 0.1)]), 0);
        assert_eq!((figures.n, figures.pos), (5, 2));
        assert!((figures.precision - 0.5).abs() < 1e-12 && (figures.recall - 0.5).abs() < 1e-12);
        assert!((figures.macro_f1 - f64::midpoint(0.5, 2.0 / 3.0)).abs() < 1e-12);
        // Of the six pairs of yes and no, only (0.4, 0.6) is in the wrong order.
        assert!((figures.auc.unwrap() - 5.0 / 6.0).abs() < 1e-12);
        assert!((figures.ap.unwrap() - f64::midpoint(1.0, 2.0 / 3.0)).abs() < 1e-12);
    }

    #[test]
    fn probabilities_that_keep_their_word_have_no_calibration_error() {
        let said: Vec<_> = (0..10).map(|n| (n < 3, 0.3)).collect();
        assert!(Figures::of(&calls(&said), 0).ece < 1e-12);
        let lying: Vec<_> = (0..10).map(|n| (n < 3, 0.9)).collect();
        assert!((Figures::of(&calls(&lying), 0).ece - 0.6).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_figure_and_is_the_same_twice(
            of in prop::collection::vec((any::<bool>(), 0.0..1.0f64), 20..200)
        ) {
            let calls = calls(&of);
            let figures = Figures::of(&calls, 200);
            prop_assert!(figures.ci95[0] <= figures.macro_f1 + 0.1 && figures.macro_f1 <= figures.ci95[1] + 0.1);
            prop_assert!(figures.ci95[0] <= figures.ci95[1]);
            prop_assert_eq!(&figures, &Figures::of(&calls, 200));
        }

        #[test]
        fn turning_every_score_around_turns_the_auc_around(
            of in prop::collection::vec((any::<bool>(), 0.0..1.0f64), 2..100)
        ) {
            let turned: Vec<_> = of.iter().map(|(gold, score)| (*gold, 1.0 - score)).collect();
            if let (Some(a), Some(b)) = (auc(&calls(&of)), auc(&calls(&turned))) {
                prop_assert!((a + b - 1.0).abs() < 1e-9);
            }
        }
    }
}
