//! From logits to probabilities: Platt scaling and thresholds per language, and what matched cues add.

use std::collections::BTreeMap;

use serde::Deserialize;
use sitr_types::{Cue, CueFamily, Label, Lang, Scores};

use crate::output::Output;

/// Threshold of a label that the bundle says nothing about.
const DEFAULT_THRESHOLD: f32 = 0.5;

/// `p = sigmoid(a * logit + b)`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAffine {
    #[serde(default = "one")]
    a: f32,
    #[serde(default)]
    b: f32,
}

const fn one() -> f32 {
    1.0
}

/// The tables of `bundle.toml`, by name.
#[derive(Default)]
pub(crate) struct RawCalibration {
    /// Language or `default` → output → scaling.
    pub(crate) calibration: BTreeMap<String, BTreeMap<String, RawAffine>>,
    /// Output → families joined by `+` → what their presence adds.
    pub(crate) cues: BTreeMap<String, BTreeMap<String, f32>>,
    /// Language or `default` → label → threshold.
    pub(crate) thresholds: BTreeMap<String, BTreeMap<String, f32>>,
}

/// The tables, resolved for every language.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Calibration {
    /// By language, then by output.
    scaling: [Vec<RawAffine>; Lang::ALL.len()],
    bonuses: Vec<Bonus>,
    thresholds: [Scores; Lang::ALL.len()],
}

/// Added to a calibrated logit when every family of the set is present.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bonus {
    output: usize,
    families: u32,
    value: f32,
}

impl Calibration {
    /// Resolves names. The error says what name or number is wrong.
    pub(crate) fn new(outputs: &[Output], raw: RawCalibration) -> Result<Self, String> {
        let RawCalibration { calibration, cues, thresholds } = raw;
        let mut scaling = std::array::from_fn(|_| vec![RawAffine { a: 1.0, b: 0.0 }; outputs.len()]);
        for (table, langs) in tables("calibration", &calibration)? {
            for (name, affine) in table {
                let output =
                    index(outputs, name).ok_or_else(|| format!("[calibration] of {name}, which is no output"))?;
                if !affine.a.is_finite() || !affine.b.is_finite() || affine.a <= 0.0 {
                    return Err(format!(
                        "[calibration] {name}: a = {}, b = {} (a must be above 0)",
                        affine.a, affine.b
                    ));
                }
                langs.iter().for_each(|lang| scaling[*lang][output] = *affine);
            }
        }
        let label = |output: &Output| match output {
            Output::Label(label) => Some((*label, DEFAULT_THRESHOLD)),
            _ => None,
        };
        let mut resolved: [Scores; Lang::ALL.len()] =
            std::array::from_fn(|_| outputs.iter().filter_map(label).collect());
        for (table, langs) in tables("thresholds", &thresholds)? {
            for (name, threshold) in table {
                let label = Label::parse(name).filter(|label| index(outputs, label.as_str()).is_some());
                let label = label.ok_or_else(|| format!("[thresholds] of {name}, which is no label of the bundle"))?;
                if !(0.0..=1.0).contains(threshold) {
                    return Err(format!("[thresholds] {name} = {threshold}, outside 0 to 1"));
                }
                langs.iter().for_each(|lang| _ = resolved[*lang].insert(label, *threshold));
            }
        }
        Ok(Self { scaling, bonuses: bonuses(outputs, &cues)?, thresholds: resolved })
    }

    /// Calibrated logits in that language, with what the cues add.
    pub(crate) fn logits(&self, logits: &[f32], lang: Lang, cues: &[Cue]) -> Vec<f32> {
        let scaling = &self.scaling[position(lang)];
        let mut scaled: Vec<f32> =
            logits.iter().zip(scaling).map(|(logit, affine)| affine.a * logit + affine.b).collect();
        let present = cues.iter().fold(0, |set, cue| set | bit(cue.family));
        for bonus in self.bonuses.iter().filter(|bonus| bonus.families & present == bonus.families) {
            scaled[bonus.output] += bonus.value;
        }
        scaled
    }

    pub(crate) fn thresholds(&self, lang: Lang) -> &Scores {
        &self.thresholds[position(lang)]
    }
}

fn position(lang: Lang) -> usize {
    Lang::ALL.into_iter().position(|known| known == lang).expect("invariant: Lang::ALL holds every language")
}

const fn bit(family: CueFamily) -> u32 {
    1 << family as u32
}

fn index(outputs: &[Output], name: &str) -> Option<usize> {
    let output = Output::parse(name)?;
    outputs.iter().position(|known| *known == output)
}

/// Each table with the languages that it speaks for, `default` first, so that what a language says comes last.
fn tables<'a, T>(section: &str, named: &'a BTreeMap<String, T>) -> Result<Vec<(&'a T, Vec<usize>)>, String> {
    let mut tables: Vec<(&T, Vec<usize>)> = Vec::new();
    tables.extend(named.get("default").map(|table| (table, (0..Lang::ALL.len()).collect())));
    for (name, table) in named.iter().filter(|(name, _)| *name != "default") {
        let known: Vec<&str> = Lang::ALL.iter().map(|lang| lang.as_str()).collect();
        let lang =
            Lang::parse(name).ok_or_else(|| format!("[{section}.{name}]; languages are {}", known.join(", ")))?;
        tables.push((table, vec![position(lang)]));
    }
    Ok(tables)
}

fn bonuses(outputs: &[Output], cues: &BTreeMap<String, BTreeMap<String, f32>>) -> Result<Vec<Bonus>, String> {
    let mut bonuses = Vec::new();
    for (name, rules) in cues {
        let output = index(outputs, name).ok_or_else(|| format!("[cues.{name}], which is no output"))?;
        for (key, value) in rules {
            let mut families = 0;
            for family in key.split('+') {
                families |= bit(CueFamily::parse(family.trim())
                    .ok_or_else(|| format!("[cues.{name}] unknown cue family {family:?}"))?);
            }
            if !value.is_finite() {
                return Err(format!("[cues.{name}] {key} = {value}"));
            }
            bonuses.push(Bonus { output, families, value: *value });
        }
    }
    Ok(bonuses)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs() -> Vec<Output> {
        vec![Output::Label(Label::Offensive), Output::Label(Label::Extortion), Output::Distress]
    }

    fn build(toml: &str) -> Result<Calibration, String> {
        #[derive(Deserialize)]
        #[serde(default)]
        #[derive(Default)]
        struct Tables {
            calibration: BTreeMap<String, BTreeMap<String, RawAffine>>,
            cues: BTreeMap<String, BTreeMap<String, f32>>,
            thresholds: BTreeMap<String, BTreeMap<String, f32>>,
        }
        let Tables { calibration, cues, thresholds } = toml::from_str(toml).unwrap();
        Calibration::new(&outputs(), RawCalibration { calibration, cues, thresholds })
    }

    fn cue(family: CueFamily) -> Cue {
        Cue { start: 0, end: 1, family }
    }

    #[test]
    fn a_language_overrides_the_default_and_the_rest_keeps_one_and_zero() {
        let it =
            build("[calibration.default]\noffensive = { a = 2.0 }\n[calibration.fr]\noffensive = { b = 1.0 }").unwrap();
        assert_eq!(it.logits(&[1.0, 1.0, 1.0], Lang::Ar, &[]), [2.0, 1.0, 1.0]);
        assert_eq!(it.logits(&[1.0, 1.0, 1.0], Lang::Fr, &[]), [2.0, 1.0, 1.0]);
        let it = build("[calibration.fr]\noffensive = { b = 3.0 }").unwrap();
        assert_eq!(it.logits(&[1.0, 1.0, 1.0], Lang::Fr, &[])[0], 4.0);
    }

    #[test]
    fn bonuses_add_up_once_a_family_and_need_every_family_of_their_set() {
        let it = build("[cues.extortion]\ndemand = 0.2\n\"demand+threat\" = 1.5").unwrap();
        let extortion = |cues: &[Cue]| it.logits(&[0.0; 3], Lang::Fr, cues)[1];
        assert_eq!(extortion(&[]), 0.0);
        assert_eq!(extortion(&[cue(CueFamily::Threat)]), 0.0);
        assert_eq!(extortion(&[cue(CueFamily::Demand), cue(CueFamily::Demand)]), 0.2);
        assert_eq!(extortion(&[cue(CueFamily::Threat), cue(CueFamily::Demand)]), 1.7);
    }

    #[test]
    fn thresholds_are_there_for_every_label_and_only_for_labels() {
        let it = build("[thresholds.default]\noffensive = 0.4\n[thresholds.fr]\nextortion = 0.9").unwrap();
        let of = |lang| it.thresholds(lang).iter().map(|(label, t)| (*label, *t)).collect::<Vec<_>>();
        assert_eq!(of(Lang::Fr), [(Label::Offensive, 0.4), (Label::Extortion, 0.9)]);
        assert_eq!(of(Lang::Ar), [(Label::Offensive, 0.4), (Label::Extortion, 0.5)]);
    }

    #[test]
    fn wrong_names_and_numbers_are_named() {
        for (toml, expected) in [
            ("[calibration.de]\noffensive = {}", "calibration.de"),
            ("[calibration.fr]\nhate = {}", "hate"),
            ("[calibration.fr]\noffensive = { a = -1.0 }", "a = -1"),
            ("[cues.extortion]\n\"demand+menace\" = 1.0", "menace"),
            ("[cues.hate]\ndemand = 1.0", "cues.hate"),
            ("[thresholds.default]\ndistress = 0.5", "distress"),
            ("[thresholds.default]\noffensive = 1.5", "1.5"),
        ] {
            let error = build(toml).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
