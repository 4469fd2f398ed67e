//! The decision itself.

use sitr_types::{
    ALL_LABELS, Counts, Decision, DetectedLang, Label, LabelScore, Lang, LatencyMs, Mode, Preview, Reason, ReasonKind,
    RecommendedAction, Role, SCHEMA_DECISION, Script, Signal, Verdict, decision_id,
};

use crate::{Policy, evidence, explain};

/// What a decision needs and a signal does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct DecideContext {
    /// RFC 3339, UTC; given by the caller, since nothing here reads a clock.
    pub decided_at: String,
    /// Milliseconds from the record's time stamp to now.
    pub total_ms: f64,
    /// Live, shadow or replay.
    pub mode: Mode,
}

/// Verdict with the reasons that the scores alone do not give.
struct Ruling {
    verdict: Verdict,
    because: Vec<Reason>,
}

impl Policy {
    /// Decides about one signal. Total: every signal has a decision.
    #[must_use]
    pub fn decide(&self, signal: &Signal, context: &DecideContext) -> Decision {
        let labels = labels_over(signal);
        let ruling = self.rule_on(signal, &labels);
        let spans = evidence::spans(signal, &labels);
        let mut reasons = evidence::reasons(&labels, &spans);
        reasons.extend(ruling.because);
        let explanation = explain::explain(ruling.verdict, &reasons);
        let preview = (ruling.verdict != Verdict::None).then(|| Preview {
            masked_text: signal.masked_text.clone(),
            severity: labels.first().map_or(sitr_types::Severity::V1, |label| label.severity),
        });
        let post = &signal.post;
        Decision {
            schema: SCHEMA_DECISION.to_owned(),
            decision_id: decision_id(post.event(), &post.post_id, &signal.model, self.reference()),
            post_id: post.post_id.clone(),
            event_id: post.event().to_owned(),
            decided_at: context.decided_at.clone(),
            verdict: ruling.verdict,
            recommended_action: match ruling.verdict {
                Verdict::None => RecommendedAction::None,
                Verdict::Care => RecommendedAction::OfferHelp,
                Verdict::Review => RecommendedAction::QueueForReview,
                Verdict::Takedown => RecommendedAction::HoldPendingReview,
            },
            reversible: true,
            labels,
            role: signal.role,
            partial: signal.partial,
            distress: signal.distress,
            spans,
            reasons,
            explanation,
            lang: DetectedLang {
                detected: signal.lang.lang,
                script: signal.lang.script,
                mixed: signal.lang.lang == Lang::Mixed || signal.lang.script == Script::Mixed,
            },
            model: signal.model.clone(),
            policy: self.reference().clone(),
            counts: Counts::default(),
            legal_hooks: Vec::new(),
            referrals: Vec::new(),
            statement_of_reasons: None,
            audit: None,
            preview,
            latency_ms: LatencyMs { queue: signal.queue_ms, infer: signal.infer_ms, total: context.total_ms },
            mode: context.mode,
            scores: None,
        }
    }

    fn rule_on(&self, signal: &Signal, labels: &[LabelScore]) -> Ruling {
        if signal.role.name.is_protected() {
            return self.rule_on_protected(signal, labels);
        }
        let mut ruling = Ruling { verdict: Verdict::None, because: Vec::new() };
        for label in labels {
            let rule = self.rule(label.name);
            let verdict = match rule.takedown_at {
                Some(at) if label.score >= at => Verdict::Takedown,
                _ if rule.review => Verdict::Review,
                _ => Verdict::None,
            };
            if rule.takedown_at.is_none() && rule.review {
                ruling.because.push(evidence::plain(ReasonKind::AlwaysHuman));
            }
            ruling.verdict = ruling.verdict.max(verdict);
        }
        if ruling.verdict == Verdict::Takedown && signal.role.name == Role::Banter {
            ruling.verdict = Verdict::Review;
            ruling.because.push(evidence::plain(ReasonKind::RoleBanter));
        }
        let near = |label: &LabelScore| label.score < label.threshold + self.uncertain_band();
        if ruling.verdict == Verdict::Review && labels.iter().any(near) {
            ruling.because.push(evidence::plain(ReasonKind::Uncertain));
        }
        if labels.iter().all(|label| label.name != Label::Extortion) {
            match signal.partial {
                Some(sitr_types::Partial::Demand) => ruling.because.push(evidence::plain(ReasonKind::DemandOnly)),
                Some(sitr_types::Partial::Threat) => ruling.because.push(evidence::plain(ReasonKind::ThreatOnly)),
                None => {}
            }
        }
        if ruling.verdict == Verdict::None && signal.distress >= self.care_at() && !holds_attack(labels) {
            ruling.verdict = Verdict::Care;
            ruling.because.push(evidence::plain(ReasonKind::AsksForHelp));
        }
        ruling
    }

    /// P1: care for those who ask for help; a person where the role itself is in doubt and the label grave; otherwise nothing.
    fn rule_on_protected(&self, signal: &Signal, labels: &[LabelScore]) -> Ruling {
        let role = match signal.role.name {
            Role::Victim => ReasonKind::RoleVictim,
            Role::Quoter => ReasonKind::RoleQuoter,
            _ => ReasonKind::RoleReporter,
        };
        let mut because = vec![evidence::plain(role)];
        let asks = signal.distress >= self.care_at();
        if asks {
            because.push(evidence::plain(ReasonKind::AsksForHelp));
        }
        let sure = |label: &LabelScore| self.rule(label.name).takedown_at.is_some_and(|at| label.score >= at);
        let verdict = if asks && signal.role.name != Role::Reporter {
            Verdict::Care
        } else if signal.role.score < self.sure_role() && labels.iter().any(sure) {
            because.push(evidence::plain(ReasonKind::Uncertain));
            Verdict::Review
        } else {
            Verdict::None
        };
        Ruling { verdict, because }
    }
}

/// Labels over their threshold, gravest first, then by score.
fn labels_over(signal: &Signal) -> Vec<LabelScore> {
    let mut over: Vec<LabelScore> = ALL_LABELS
        .into_iter()
        .filter_map(|name| {
            let score = *signal.scores.get(&name)?;
            let threshold = signal.thresholds.get(&name).copied().unwrap_or(0.5);
            let subtype = if name == Label::Extortion { signal.subtype } else { None };
            (score >= threshold).then_some(LabelScore { name, subtype, score, threshold, severity: name.severity() })
        })
        .collect();
    over.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.score.total_cmp(&a.score)));
    over
}

/// Whether any label besides `offensive` holds: then it is no plain cry for help.
fn holds_attack(labels: &[LabelScore]) -> bool {
    labels.iter().any(|label| label.name != Label::Offensive)
}

#[cfg(test)]
mod tests;
