//! From pooled logits to what a signal needs.

use sitr_types::{Cue, Label, Lang, Partial, Role, Scores, Subtype};

use crate::{calibration::Calibration, output::Output};

/// Logits of one post, one an output of the bundle: for each output the largest over the post's windows, so that a post is as bad as
/// its worst window, and a victim's voice in any window is heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Logits(pub(crate) Vec<f32>);

impl Logits {
    /// In the order of [`crate::ModelInfo::outputs`]; uncalibrated.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.0
    }
}

/// What the model says about a post, calibrated.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Probability of every label that the bundle knows; the others are absent.
    pub scores: Scores,
    /// Probability that the author asks for help; 0 when the bundle does not say.
    pub distress: f32,
    /// Probability of each role in the order of [`Role::ALL`], summing to 1; all on `unclear` when the bundle does not say.
    pub roles: [f32; Role::ALL.len()],
    /// The likeliest subtype of extortion; `None` when the bundle does not say. Means something only beside extortion or a demand.
    pub subtype: Option<Subtype>,
    /// Probability of a demand without a threat and of a threat without a demand; 0 when the bundle does not say.
    pub partial: [f32; 2],
}

/// Calibrates in that language, adds what the cues add, and reads every output as what it means.
pub(crate) fn judge(
    outputs: &[Output],
    calibration: &Calibration,
    logits: &Logits,
    (lang, cues): (Lang, &[Cue]),
) -> Judgement {
    let calibrated = calibration.logits(&logits.0, lang, cues);
    let pairs = || outputs.iter().copied().zip(calibrated.iter().copied());
    let of = |wanted: Output| pairs().find(|(output, _)| *output == wanted).map_or(0.0, |(_, logit)| sigmoid(logit));
    let label = |(output, logit): (Output, f32)| match output {
        Output::Label(label) => Some((label, sigmoid(logit))),
        _ => None,
    };
    let subtype = pairs().fold(None::<(Subtype, f32)>, |best, (output, logit)| match (output, best) {
        (Output::Subtype(_), Some((_, top))) if logit <= top => best,
        (Output::Subtype(subtype), _) => Some((subtype, logit)),
        _ => best,
    });
    Judgement {
        scores: pairs().filter_map(label).collect::<std::collections::BTreeMap<Label, f32>>(),
        distress: of(Output::Distress),
        roles: roles(pairs()),
        subtype: subtype.map(|(subtype, _)| subtype),
        partial: [of(Output::Partial(Partial::Demand)), of(Output::Partial(Partial::Threat))],
    }
}

/// Softmax over the roles that the bundle knows.
fn roles(pairs: impl Iterator<Item = (Output, f32)>) -> [f32; Role::ALL.len()] {
    let mut odds = [f32::NEG_INFINITY; Role::ALL.len()];
    for (output, logit) in pairs {
        if let Output::Role(role) = output {
            odds[role as usize] = logit;
        }
    }
    let top = odds.into_iter().fold(f32::NEG_INFINITY, f32::max);
    if top == f32::NEG_INFINITY {
        // The bundle knows no role.
        odds[Role::Unclear as usize] = 0.0;
        return odds.map(|logit| if logit == 0.0 { 1.0 } else { 0.0 });
    }
    let odds = odds.map(|logit| (logit - top).exp());
    let total: f32 = odds.iter().sum();
    odds.map(|odds| odds / total)
}

pub(crate) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// The probability of each output, as golden files state it: softmax among roles, sigmoid for everything else.
pub(crate) fn probabilities(outputs: &[Output], calibrated: &[f32]) -> Vec<f32> {
    let roles = roles(outputs.iter().copied().zip(calibrated.iter().copied()));
    let probability = |(output, logit): (&Output, &f32)| match output {
        Output::Role(role) => roles[*role as usize],
        _ => sigmoid(*logit),
    };
    outputs.iter().zip(calibrated).map(probability).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::RawCalibration;

    fn judged(outputs: &[Output], logits: &[f32]) -> Judgement {
        let calibration = Calibration::new(outputs, RawCalibration::default()).unwrap();
        judge(outputs, &calibration, &Logits(logits.to_vec()), (Lang::Fr, &[]))
    }

    #[test]
    fn a_bundle_that_knows_labels_only_leaves_the_speaker_unclear_and_the_rest_at_nothing() {
        let it = judged(&[Output::Label(Label::Hate)], &[0.0]);
        assert_eq!(it.scores.into_iter().collect::<Vec<_>>(), [(Label::Hate, 0.5)]);
        assert_eq!(it.roles, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
        assert_eq!((it.distress, it.subtype, it.partial), (0.0, None, [0.0, 0.0]));
    }

    #[test]
    fn roles_share_one_probability_and_the_best_subtype_wins_even_below_zero() {
        let outputs = [
            Output::Label(Label::Extortion),
            Output::Role(Role::Victim),
            Output::Role(Role::Perpetrator),
            Output::Subtype(Subtype::Money),
            Output::Subtype(Subtype::Account),
            Output::Distress,
            Output::Partial(Partial::Threat),
        ];
        let it = judged(&outputs, &[3.0, 1.0, 1.0, -5.0, -4.0, 0.0, 0.0]);
        assert_eq!(it.roles[..3], [0.5, 0.5, 0.0]);
        assert_eq!((it.subtype, it.distress, it.partial), (Some(Subtype::Account), 0.5, [0.0, 0.5]));
        let huge = judged(&outputs, &[1e30, -1e30, -1e30, 0.0, 0.0, -1e30, 0.0]);
        assert_eq!((huge.scores[&Label::Extortion], huge.distress, huge.roles[1]), (1.0, 0.0, 0.5));
    }
}
