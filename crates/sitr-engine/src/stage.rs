//! What a worker does with a batch of records: one stage, or both.

use sitr_kafka::FetchedRecord;
use sitr_types::{Label, Lang, Mode, OutRecord, Poison, ReasonCode, Signal, Verdict, decode_post};

use crate::{
    judge::{Arrival, Judge},
    records,
};

/// Which stages an instance runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Posts in, signals out.
    Classify,
    /// Signals in, decisions out.
    Score,
    /// Posts in, decisions out.
    Both,
}

/// What became of one record: what is to be written, and what is to be counted once it is.
pub(crate) struct Output {
    /// At most one today; a list, since a decision may come to be accompanied by its audit record.
    pub(crate) records: Vec<OutRecord>,
    /// For the metrics, after the commit.
    pub(crate) tally: Tally,
    /// The record's time stamp, for the end-to-end time.
    pub(crate) timestamp_ms: Option<i64>,
}

/// What is counted when an output is committed.
pub(crate) enum Tally {
    /// A decision, `none` included.
    Decision {
        /// Its verdict.
        verdict: Verdict,
        /// The post's language.
        lang: Lang,
        /// Labels over their threshold.
        labels: Vec<Label>,
    },
    /// A signal was passed on, or the post lies below the floor.
    Signal,
    /// A dead letter.
    DeadLetter(ReasonCode),
}

impl Output {
    /// Bytes held until the commit.
    pub(crate) fn bytes(&self) -> usize {
        self.records.iter().map(OutRecord::bytes).sum()
    }

    pub(crate) fn dead_letter(record: &FetchedRecord, poison: &Poison) -> Self {
        let letter = records::dead_letter(record, poison, crate::VERSION);
        Self { records: vec![letter], tally: Tally::DeadLetter(poison.code), timestamp_ms: record.timestamp_ms }
    }
}

impl Stage {
    /// Works on a batch. One output a record, in order; nothing is lost, whatever a record holds.
    pub(crate) fn process(self, judge: &Judge, batch: &[FetchedRecord]) -> Vec<Output> {
        match self {
            Self::Score => batch.iter().map(|record| decide_signal(judge, record)).collect(),
            Self::Classify | Self::Both => self.score_posts(judge, batch),
        }
    }

    fn score_posts(self, judge: &Judge, batch: &[FetchedRecord]) -> Vec<Output> {
        let mut arrivals = Vec::with_capacity(batch.len());
        let mut poisons: Vec<Option<Poison>> = Vec::with_capacity(batch.len());
        for record in batch {
            match decode_post(record.value.as_deref().unwrap_or_default()) {
                Ok(post) => {
                    arrivals.push(Arrival { post, timestamp_ms: record.timestamp_ms });
                    poisons.push(None);
                }
                Err(poison) => poisons.push(Some(poison)),
            }
        }
        let mut signals = judge.score(arrivals).into_iter();
        batch
            .iter()
            .zip(poisons)
            .map(|(record, poison)| {
                let scored = match poison {
                    Some(poison) => Err(poison),
                    None => signals.next().expect("invariant: the judge answers every post"),
                };
                scored
                    .and_then(|signal| self.output(judge, record, &signal))
                    .unwrap_or_else(|poison| Output::dead_letter(record, &poison))
            })
            .collect()
    }

    fn output(self, judge: &Judge, record: &FetchedRecord, signal: &Signal) -> Result<Output, Poison> {
        match self {
            Self::Classify => {
                let over = judge.policy().is_over_floor(signal);
                let records = if over { vec![records::signal(signal, traceparent(record))?] } else { Vec::new() };
                Ok(Output { records, tally: Tally::Signal, timestamp_ms: record.timestamp_ms })
            }
            Self::Score | Self::Both => decision(judge, record, signal),
        }
    }
}

fn decide_signal(judge: &Judge, record: &FetchedRecord) -> Output {
    let bytes = record.value.as_deref().unwrap_or_default();
    let signal: Result<Signal, Poison> = match std::str::from_utf8(bytes) {
        Err(_) => Err(Poison::new(ReasonCode::InvalidUtf8, "a signal is not UTF-8")),
        Ok(json) => serde_json::from_str(json).map_err(|e| Poison::from_json(&e, json)),
    };
    signal
        .and_then(|signal| decision(judge, record, &signal))
        .unwrap_or_else(|poison| Output::dead_letter(record, &poison))
}

fn decision(judge: &Judge, record: &FetchedRecord, signal: &Signal) -> Result<Output, Poison> {
    let decision = judge.decide(signal, record.timestamp_ms, Mode::Live);
    let records = match records::route_of(decision.verdict) {
        Some(route) => vec![records::flag(&decision, route, traceparent(record))?],
        None => Vec::new(),
    };
    let labels = decision.labels.iter().map(|label| label.name).collect();
    let tally = Tally::Decision { verdict: decision.verdict, lang: decision.lang.detected, labels };
    Ok(Output { records, tally, timestamp_ms: record.timestamp_ms })
}

fn traceparent(record: &FetchedRecord) -> Option<&[u8]> {
    record.headers.iter().find(|(name, _)| name == "traceparent").map(|(_, value)| value.as_slice())
}
