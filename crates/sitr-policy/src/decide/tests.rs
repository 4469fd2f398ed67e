use proptest::prelude::*;
use sitr_types::{
    Cue, CueFamily, LangGuess, ModelRef, Partial, Post, RoleScore, SCHEMA_SIGNAL, Scores, SpanRole, Subtype,
};

use super::*;

fn signal(role: Role, scores: &[(Label, f32)]) -> Signal {
    let post: Post = serde_json::from_str(r#"{"post_id":"p1","text":"canary"}"#).unwrap();
    Signal {
        schema: SCHEMA_SIGNAL.into(),
        post,
        scores: scores.iter().copied().collect(),
        thresholds: Scores::new(),
        distress: 0.0,
        role: RoleScore { name: role, score: 0.9 },
        subtype: Some(Subtype::Money),
        partial: None,
        cues: vec![
            Cue { start: 0, end: 3, family: CueFamily::Demand },
            Cue { start: 4, end: 6, family: CueFamily::Threat },
        ],
        lang: LangGuess { lang: Lang::Fr, script: Script::Latn, confidence: 1.0 },
        model: ModelRef { name: "m".into(), version: "1".into(), sha256: "aa".into() },
        masked_text: "canary".into(),
        queue_ms: 0.0,
        infer_ms: 0.0,
    }
}

fn decide(signal: &Signal) -> Decision {
    let context = DecideContext { decided_at: "2026-01-01T00:00:00Z".into(), total_ms: 1.0, mode: Mode::Live };
    Policy::builtin().decide(signal, &context)
}

fn codes(decision: &Decision) -> Vec<ReasonKind> {
    decision.reasons.iter().map(|reason| reason.code).collect()
}

#[test]
fn sure_extortion_is_held_with_its_spans_and_its_subtype() {
    let decision = decide(&signal(Role::Perpetrator, &[(Label::Extortion, 0.95), (Label::Offensive, 0.8)]));
    assert_eq!(decision.verdict, Verdict::Takedown);
    assert_eq!(decision.labels[0].name, Label::Extortion);
    assert_eq!(decision.labels[0].subtype, Some(Subtype::Money));
    assert_eq!(decision.labels[1].subtype, None);
    assert_eq!(decision.spans.iter().map(|span| span.role).collect::<Vec<_>>(), [SpanRole::Demand, SpanRole::Threat]);
    assert!((decision.spans.iter().map(|span| span.weight).sum::<f32>() - 1.0).abs() < 1e-6);
    assert!(codes(&decision).contains(&ReasonKind::DemandFound));
}

#[test]
fn doubtful_extortion_is_put_before_a_person() {
    let decision = decide(&signal(Role::Perpetrator, &[(Label::Extortion, 0.52)]));
    assert_eq!(decision.verdict, Verdict::Review);
    assert!(codes(&decision).contains(&ReasonKind::Uncertain));
}

#[test]
fn a_victim_who_asks_for_help_gets_a_card_and_nothing_else() {
    let mut asking = signal(Role::Victim, &[(Label::Extortion, 0.99)]);
    asking.distress = 0.9;
    let decision = decide(&asking);
    assert_eq!(decision.verdict, Verdict::Care);
    assert_eq!(decision.recommended_action, RecommendedAction::OfferHelp);
    assert!(codes(&decision).contains(&ReasonKind::RoleVictim));
}

#[test]
fn news_and_quotes_have_no_verdict_however_high_the_scores() {
    for role in [Role::Reporter, Role::Quoter] {
        assert_eq!(decide(&signal(role, &[(Label::Extortion, 0.99), (Label::Threat, 0.99)])).verdict, Verdict::None);
    }
}

#[test]
fn a_doubtful_victim_with_a_sure_label_is_put_before_a_person() {
    let mut doubtful = signal(Role::Victim, &[(Label::Extortion, 0.99)]);
    doubtful.role.score = 0.52;
    assert_eq!(decide(&doubtful).verdict, Verdict::Review);
}

#[test]
fn banter_is_reviewed_and_never_held() {
    assert_eq!(decide(&signal(Role::Banter, &[(Label::Threat, 0.99)])).verdict, Verdict::Review);
}

#[test]
fn offensive_alone_leads_nowhere_and_defamation_only_to_a_person() {
    assert_eq!(decide(&signal(Role::Unclear, &[(Label::Offensive, 1.0)])).verdict, Verdict::None);
    let decision = decide(&signal(Role::Unclear, &[(Label::Defamation, 1.0)]));
    assert_eq!(decision.verdict, Verdict::Review);
    assert!(codes(&decision).contains(&ReasonKind::AlwaysHuman));
}

#[test]
fn half_of_extortion_is_named_as_such() {
    let mut half = signal(Role::Unclear, &[(Label::Threat, 0.6)]);
    half.partial = Some(Partial::Threat);
    assert!(codes(&decide(&half)).contains(&ReasonKind::ThreatOnly));
}

#[test]
fn the_preview_is_there_for_flags_only() {
    assert!(decide(&signal(Role::Unclear, &[(Label::Offensive, 0.9)])).preview.is_none());
    assert!(decide(&signal(Role::Unclear, &[(Label::Hate, 0.7)])).preview.is_some());
}

#[test]
fn the_words_of_a_decision_hold_nothing_of_the_post() {
    let decision = decide(&signal(Role::Perpetrator, &[(Label::Extortion, 0.95)]));
    for words in [&decision.explanation.fr, &decision.explanation.ar, &decision.explanation.en] {
        assert!(!words.is_empty() && !words.contains("canary"));
    }
}

proptest! {
    #[test]
    fn no_scores_and_no_cues_ever_take_down_a_protected_speaker(
        scores in proptest::array::uniform10(0f32..=1.0), distress in 0f32..=1.0, role in 1usize..4,
    ) {
        let mut any = signal(Role::ALL[role], &ALL_LABELS.into_iter().zip(scores).collect::<Vec<_>>());
        any.distress = distress;
        prop_assert!(decide(&any).verdict < Verdict::Review);
        any.role.score = 0.5;
        prop_assert!(decide(&any).verdict < Verdict::Takedown);
    }

    #[test]
    fn a_higher_score_never_gives_a_milder_verdict(label in 0usize..10, low in 0f32..=1.0, more in 0f32..=1.0) {
        let high = (low + more).min(1.0);
        let label = ALL_LABELS[label];
        let verdict = |score| decide(&signal(Role::Perpetrator, &[(label, score)])).verdict;
        prop_assert!(verdict(high) >= verdict(low));
    }

    #[test]
    fn below_the_floor_nothing_is_ever_published(scores in proptest::array::uniform10(0f32..0.15), role in 0usize..6) {
        let any = signal(Role::ALL[role], &ALL_LABELS.into_iter().zip(scores).collect::<Vec<_>>());
        prop_assert!(!Policy::builtin().is_over_floor(&any));
        prop_assert_eq!(decide(&any).verdict, Verdict::None);
    }
}
