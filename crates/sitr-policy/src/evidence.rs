//! Evidence: cues become the spans and reason codes of a decision.

use std::collections::BTreeMap;

use sitr_types::{CueFamily, Label, LabelScore, Reason, ReasonKind, Signal, Span};

/// How much a family weighs among the spans of a decision. Demand and threat make the case; the others colour it.
const fn weight(family: CueFamily) -> f32 {
    match family {
        CueFamily::Demand | CueFamily::Threat => 1.0,
        CueFamily::Leverage | CueFamily::Slur => 0.8,
        CueFamily::Deadline | CueFamily::Target => 0.5,
        _ => 0.3,
    }
}

/// The label that a family speaks for, given the labels that hold (gravest first).
fn speaks_for(family: CueFamily, labels: &[LabelScore]) -> Option<Label> {
    let first_of = |wanted: &[Label]| labels.iter().map(|label| label.name).find(|name| wanted.contains(name));
    match family {
        CueFamily::Slur => first_of(&[
            Label::Hate,
            Label::Misogyny,
            Label::Harassment,
            Label::SexualHarassment,
            Label::Defamation,
            Label::Offensive,
        ]),
        CueFamily::Identifier => first_of(&[Label::Doxxing, Label::Extortion]),
        CueFamily::Threat => first_of(&[Label::Extortion, Label::Threat]),
        _ => first_of(&[Label::Extortion]),
    }
}

/// The spans of the labels that hold, by place. Their weights sum to 1 per decision.
pub(crate) fn spans(signal: &Signal, labels: &[LabelScore]) -> Vec<Span> {
    let mut spans: Vec<Span> = signal
        .cues
        .iter()
        .filter_map(|cue| {
            let role = cue.family.span_role()?;
            let label = speaks_for(cue.family, labels)?;
            Some(Span { start: cue.start, end: cue.end, role, label, weight: weight(cue.family) })
        })
        .collect();
    let sum: f32 = spans.iter().map(|span| span.weight).sum();
    for span in &mut spans {
        span.weight /= sum;
    }
    spans
}

/// One reason a label that holds and one a family that is shown, in a fixed order.
pub(crate) fn reasons(labels: &[LabelScore], spans: &[Span]) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = labels
        .iter()
        .map(|label| Reason {
            code: ReasonKind::LabelOverThreshold,
            params: BTreeMap::from([
                ("label".to_owned(), label.name.as_str().to_owned()),
                ("score".to_owned(), format!("{:.2}", label.score)),
                ("threshold".to_owned(), format!("{:.2}", label.threshold)),
            ]),
        })
        .collect();
    use sitr_types::SpanRole as R;
    for (role, code) in [
        (R::Demand, ReasonKind::DemandFound),
        (R::Threat, ReasonKind::ThreatFound),
        (R::Leverage, ReasonKind::LeverageFound),
        (R::Deadline, ReasonKind::DeadlineFound),
        (R::Amount, ReasonKind::AmountFound),
        (R::Channel, ReasonKind::ChannelFound),
        (R::Target, ReasonKind::TargetFound),
        (R::Slur, ReasonKind::SlurFound),
        (R::Identifier, ReasonKind::IdentifierFound),
    ] {
        if spans.iter().any(|span| span.role == role) {
            reasons.push(plain(code));
        }
    }
    reasons
}

/// A reason without parameters.
pub(crate) const fn plain(code: ReasonKind) -> Reason {
    Reason { code, params: BTreeMap::new() }
}
