//! What each column of a model's logits means.

use std::fmt;

use sitr_types::{Label, Partial, Role, Subtype};

/// Meaning of one output, by the name that `bundle.toml` gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Output {
    /// `offensive`, `harassment`, …: a label.
    Label(Label),
    /// `distress`: the author asks for help.
    Distress,
    /// `partial.demand`, `partial.threat`: half of extortion.
    Partial(Partial),
    /// `role.perpetrator`, …: who speaks.
    Role(Role),
    /// `subtype.money`, …: what is asked for.
    Subtype(Subtype),
}

impl Output {
    /// The output of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if let Some(label) = Label::parse(name) {
            return Some(Self::Label(label));
        }
        match name.split_once('.') {
            None if name == "distress" => Some(Self::Distress),
            Some(("partial", "demand")) => Some(Self::Partial(Partial::Demand)),
            Some(("partial", "threat")) => Some(Self::Partial(Partial::Threat)),
            Some(("role", role)) => Role::parse(role).map(Self::Role),
            Some(("subtype", subtype)) => [Subtype::Money, Subtype::Sexual, Subtype::Act, Subtype::Account]
                .into_iter()
                .find(|known| known.as_str() == subtype)
                .map(Self::Subtype),
            _ => None,
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => f.write_str(label.as_str()),
            Self::Distress => f.write_str("distress"),
            Self::Partial(Partial::Demand) => f.write_str("partial.demand"),
            Self::Partial(Partial::Threat) => f.write_str("partial.threat"),
            Self::Role(role) => write!(f, "role.{}", role.as_str()),
            Self::Subtype(subtype) => write!(f, "subtype.{}", subtype.as_str()),
        }
    }
}

/// How the columns of a graph's logits become the bundle's outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    /// The outputs, each once.
    pub(crate) outputs: Vec<Output>,
    /// For each column of the graph, the index in `outputs` that it speaks for; `None` is a class that Sitr does not ask about
    /// (such as "neutral").
    pub(crate) meaning: Vec<Option<usize>>,
    /// The classes exclude each other (softmax) instead of standing side by side (sigmoid).
    pub(crate) exclusive: bool,
}

impl Columns {
    /// One independent column an output, in order.
    pub(crate) fn plain(outputs: Vec<Output>) -> Self {
        Self { meaning: (0..outputs.len()).map(Some).collect(), outputs, exclusive: false }
    }

    /// Log-odds of every output from one row of the graph. Several columns of one output: the strongest when they are independent,
    /// their summed probability when they exclude each other.
    pub(crate) fn log_odds(&self, row: &[f32]) -> Vec<f32> {
        let of =
            |output: usize| row.iter().zip(&self.meaning).filter(move |(_, m)| **m == Some(output)).map(|(z, _)| *z);
        let others =
            |output: usize| row.iter().zip(&self.meaning).filter(move |(_, m)| **m != Some(output)).map(|(z, _)| *z);
        (0..self.outputs.len())
            .map(|output| match self.exclusive {
                false => of(output).fold(f32::NEG_INFINITY, strongest),
                true => log_sum_exp(of(output)) - log_sum_exp(others(output)),
            })
            .collect()
    }
}

/// `f32::max` passes over a NaN; a NaN must come through, so that the post is refused.
fn strongest(a: f32, b: f32) -> f32 {
    if a.is_nan() || a > b { a } else { b }
}

fn log_sum_exp(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let top = values.clone().fold(f32::NEG_INFINITY, strongest);
    top + values.map(|z| (z - top).exp()).sum::<f32>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_output_parses_from_its_own_name() {
        for name in ["offensive", "sexual_harassment", "distress", "partial.threat", "role.quoter", "subtype.account"] {
            assert_eq!(Output::parse(name).unwrap().to_string(), name);
        }
        for name in ["toxic", "role.robot", "subtype.", "partial", "role", "distress.x", ""] {
            assert_eq!(Output::parse(name), None, "{name}");
        }
    }

    #[test]
    fn exclusive_classes_give_the_log_odds_of_their_softmax() {
        let outputs = vec![Output::Label(Label::Offensive), Output::Label(Label::Hate)];
        let columns = Columns { outputs, meaning: vec![None, Some(0), Some(0), Some(1)], exclusive: true };
        let row = [1.0f32, 0.5, -0.5, 2.0];
        let total: f32 = row.iter().map(|z| z.exp()).sum();
        let p = [(0.5f32.exp() + (-0.5f32).exp()) / total, 2.0f32.exp() / total];
        for (z, p) in columns.log_odds(&row).into_iter().zip(p) {
            assert!((1.0 / (1.0 + (-z).exp()) - p).abs() < 1e-6);
        }
    }

    #[test]
    fn a_nan_comes_through_pooling() {
        let columns = Columns { outputs: vec![Output::Distress], meaning: vec![Some(0), Some(0)], exclusive: false };
        assert!(columns.log_odds(&[f32::NAN, 3.0])[0].is_nan());
        assert!(columns.log_odds(&[3.0, f32::NAN])[0].is_nan());
    }
}
