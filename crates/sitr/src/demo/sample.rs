//! A decision for tests.

use sitr_types::{Decision, Label, Lang, Verdict};

/// A decision about `post_id`, with a span on the first five scalar values.
pub(super) fn decision(post_id: &str, verdict: Verdict, labels: &[Label], lang: Lang) -> Decision {
    let labels: Vec<_> = labels
        .iter()
        .map(|label| {
            let subtype = (*label == Label::Extortion).then_some("money");
            serde_json::json!({"name": label, "subtype": subtype, "score": 0.97, "threshold": 0.6, "severity": "v4"})
        })
        .collect();
    serde_json::from_value(serde_json::json!({
        "schema": "sitr.decision.v1", "decision_id": format!("d-{post_id}"), "post_id": post_id, "event_id": post_id,
        "decided_at": "2026-01-01T00:00:00Z", "verdict": verdict, "recommended_action": "hold_pending_review",
        "reversible": true, "labels": labels, "role": {"name": "perpetrator", "score": 0.9}, "distress": 0.75,
        "spans": [{"start": 0, "end": 5, "role": "demand", "label": "extortion", "weight": 1.0}],
        "reasons": [{"code": "demand_found"}],
        "explanation": {"fr": "une demande est dans le texte", "ar": "في النص طلب", "en": "a demand stands in the text"},
        "lang": {"detected": lang, "script": "Arab", "mixed": false},
        "model": {"name": "m", "version": "1", "sha256": "aa"}, "policy": {"version": "1", "sha256": "bb"},
        "counts": {"distinct_reporters": 0, "target_authors_24h": 0, "author_to_target_7d": 0},
        "legal_hooks": [], "referrals": [], "statement_of_reasons": null, "audit": null, "preview": null,
        "latency_ms": {"queue": 1.0, "infer": 1.0, "total": 2.0}, "mode": "live",
    }))
    .expect("a valid decision")
}
