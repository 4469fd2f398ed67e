//! Decisions, signals and dead letters as records, with their headers.

use sitr_kafka::FetchedRecord;
use sitr_types::{
    Decision, OutRecord, Poison, ReasonCode, Route, SCHEMA_DECISION, SCHEMA_SIGNAL, Signal, Verdict, event_digest,
};

use crate::clock::Wall;

/// `ce_source`: who says it.
const SOURCE: &str = "/sitr";

/// Where a verdict is published; `None` for `none`.
#[must_use]
pub const fn route_of(verdict: Verdict) -> Option<Route> {
    match verdict {
        Verdict::None => None,
        Verdict::Care => Some(Route::Care),
        Verdict::Review => Some(Route::Review),
        Verdict::Takedown => Some(Route::Takedown),
    }
}

/// A decision on its way to its topic, keyed by post.
///
/// # Errors
/// A poison of class `encode`, should a score be no number.
pub(crate) fn flag(decision: &Decision, route: Route, traceparent: Option<&[u8]>) -> Result<OutRecord, Poison> {
    let value = encode(decision)?;
    let mut headers = cloud_event(SCHEMA_DECISION, &decision.decision_id, &decision.decided_at, &decision.post_id);
    headers.push(("traceparent".to_owned(), trace(traceparent, &decision.event_id)));
    Ok(OutRecord { route, key: Some(decision.post_id.clone().into_bytes()), value: Some(value), headers })
}

/// A signal on its way to the second stage, keyed by subject.
///
/// # Errors
/// A poison of class `encode`.
pub(crate) fn signal(signal: &Signal, traceparent: Option<&[u8]>) -> Result<OutRecord, Poison> {
    let value = encode(signal)?;
    let mut headers = cloud_event(SCHEMA_SIGNAL, signal.post.event(), &Wall::now().rfc3339(), &signal.post.post_id);
    headers.push(("traceparent".to_owned(), trace(traceparent, signal.post.event())));
    Ok(OutRecord {
        route: Route::Signals,
        key: Some(signal.subject_key().as_bytes().to_vec()),
        value: Some(value),
        headers,
    })
}

/// A record that could not be judged: its bytes, key and headers as they were, and where and why.
pub(crate) fn dead_letter(record: &FetchedRecord, poison: &Poison, version: &str) -> OutRecord {
    let mut headers = record.headers.clone();
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value.into_bytes()));
    add("sitr-reason", poison.code.as_str().to_owned());
    add("sitr-detail", poison.detail.clone());
    add("sitr-version", version.to_owned());
    add("sitr-topic", record.partition.topic.to_string());
    add("sitr-partition", record.partition.number.to_string());
    add("sitr-offset", record.offset.to_string());
    if let Some(at) = record.timestamp_ms {
        add("sitr-timestamp", at.to_string());
    }
    OutRecord { route: Route::DeadLetter, key: record.key.clone(), value: record.value.clone(), headers }
}

/// What is left of a record that its topic refuses for its size: everything but the value, and what the value was.
pub(crate) fn without_value(record: OutRecord) -> OutRecord {
    let OutRecord { route, key, value, mut headers } = record;
    let value = value.unwrap_or_default();
    headers.push(("sitr-value-bytes".to_owned(), value.len().to_string().into_bytes()));
    headers.push(("sitr-value-sha256".to_owned(), event_digest(&value).into_bytes()));
    OutRecord { route, key, value: None, headers }
}

fn encode(message: &impl serde::Serialize) -> Result<Vec<u8>, Poison> {
    serde_json::to_vec(message).map_err(|_| Poison::new(ReasonCode::Encode, "the message could not be written as JSON"))
}

/// CloudEvents 1.0, binary mode.
fn cloud_event(kind: &str, id: &str, time: &str, subject: &str) -> Vec<(String, Vec<u8>)> {
    [
        ("content-type", "application/json"),
        ("ce_specversion", "1.0"),
        ("ce_type", kind),
        ("ce_source", SOURCE),
        ("ce_id", id),
        ("ce_time", time),
        ("ce_subject", subject),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
    .collect()
}

/// The trace of the post goes on; a post without one gets a trace that depends on its event only, so that a replay has it too.
fn trace(given: Option<&[u8]>, event_id: &str) -> Vec<u8> {
    given.map_or_else(
        || {
            let digest = event_digest(event_id.as_bytes());
            format!("00-{}-{}-00", &digest[..32], &digest[32..48]).into_bytes()
        },
        <[u8]>::to_vec,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use sitr_kafka::Partition;

    #[test]
    fn a_dead_letter_keeps_bytes_key_and_headers_and_says_where_and_why() {
        let record = FetchedRecord {
            partition: Partition { topic: "posts".into(), number: 3 },
            offset: 42,
            timestamp_ms: Some(7),
            key: Some(b"k".to_vec()),
            value: Some(b"\xff\x00".to_vec()),
            headers: vec![("a".to_owned(), b"b".to_vec())],
        };
        let letter = dead_letter(&record, &Poison::new(ReasonCode::InvalidUtf8, "from byte 0"), "1.2.3");
        assert_eq!(letter.route, Route::DeadLetter);
        assert_eq!((letter.key.as_deref(), letter.value.as_deref()), (Some(&b"k"[..]), Some(&b"\xff\x00"[..])));
        let header =
            |name: &str| letter.headers.iter().find(|(n, _)| n == name).map(|(_, v)| String::from_utf8_lossy(v));
        for (name, value) in [
            ("a", "b"),
            ("sitr-reason", "invalid_utf8"),
            ("sitr-detail", "from byte 0"),
            ("sitr-version", "1.2.3"),
            ("sitr-topic", "posts"),
            ("sitr-partition", "3"),
            ("sitr-offset", "42"),
            ("sitr-timestamp", "7"),
        ] {
            assert_eq!(header(name).as_deref(), Some(value), "{name}");
        }
    }

    #[test]
    fn a_trace_goes_on_or_depends_on_the_event_only() {
        assert_eq!(trace(Some(b"00-x"), "e"), b"00-x");
        assert_eq!(trace(None, "e"), trace(None, "e"));
        assert_ne!(trace(None, "e"), trace(None, "f"));
        assert_eq!(trace(None, "e").len(), 55);
    }
}
