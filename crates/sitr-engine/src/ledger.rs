//! Counting: what was committed, how far we are behind. Nothing is counted as decided before it is committed.

use std::{collections::BTreeMap, time::Duration};

use sitr_delivery::{Machine, WorkId};
use sitr_kafka::{FetchedRecord, Partition, Phases};
use sitr_telemetry::Metrics;
use sitr_types::{Route, Verdict};

use crate::{
    clock::Wall,
    stage::{Output, Tally},
};

/// The coordinator's book.
pub(crate) struct Ledger {
    metrics: Metrics,
    /// Of the unit under way.
    pending: Vec<(Tally, Option<i64>)>,
    /// Time stamp of the record that each owned partition was last seen at, for the age of what waits.
    seen: BTreeMap<Partition, i64>,
}

impl Ledger {
    pub(crate) const fn new(metrics: Metrics) -> Self {
        Self { metrics, pending: Vec::new(), seen: BTreeMap::new() }
    }

    pub(crate) fn consumed(&self, route: Route) {
        self.metrics.records_consumed.with_label_values(&[route.as_str()]).inc();
    }

    pub(crate) fn submitted(&mut self, _work: WorkId, record: &FetchedRecord) {
        if let Some(at) = record.timestamp_ms {
            match self.seen.get_mut(&record.partition) {
                Some(seen) => *seen = at,
                None => {
                    self.seen.insert(record.partition.clone(), at);
                }
            }
        }
    }

    pub(crate) fn begun(&mut self, tallies: Vec<(Tally, Option<i64>)>) {
        self.pending = tallies;
    }

    pub(crate) fn aborted(&mut self) {
        self.pending.clear();
        self.metrics.transactions.with_label_values(&["aborted"]).inc();
    }

    pub(crate) fn committed(&mut self, phases: Phases) {
        self.metrics.transactions.with_label_values(&["committed"]).inc();
        self.metrics.transaction_seconds.observe(phases.total().as_secs_f64());
        let now = Wall::now().millis();
        for (tally, timestamp_ms) in self.pending.drain(..) {
            if let Some(at) = timestamp_ms {
                self.metrics.end_to_end_seconds.observe((now - at).max(0) as f64 / 1e3);
            }
            match tally {
                Tally::Decision { verdict, lang, labels } => {
                    self.metrics.decisions.with_label_values(&[verdict.as_str(), lang.as_str()]).inc();
                    if verdict != Verdict::None {
                        for label in labels {
                            let values = [label.as_str(), verdict.as_str(), lang.as_str()];
                            self.metrics.flags.with_label_values(&values).inc();
                        }
                    }
                }
                Tally::Signal => {}
                Tally::DeadLetter(code) => self.metrics.dead_letters.with_label_values(&[code.as_str()]).inc(),
            }
        }
    }

    /// Series of partitions that are gone must not go on showing their last value.
    pub(crate) fn left(&mut self, partitions: &[Partition]) {
        for partition in partitions {
            let number = partition.number.to_string();
            let labels = [&*partition.topic, number.as_str()];
            // An error means that the series was never there.
            let _ = self.metrics.lag_records.remove_label_values(&labels);
            let _ = self.metrics.oldest_uncommitted_seconds.remove_label_values(&labels);
            self.seen.remove(partition);
        }
    }

    pub(crate) fn lag(&self, partition: &Partition, records: i64) {
        let number = partition.number.to_string();
        let labels = [&*partition.topic, number.as_str()];
        self.metrics.lag_records.with_label_values(&labels).set(records);
        let age = match self.seen.get(partition) {
            Some(at) if records > 0 => (Wall::now().millis() - at).max(0) as f64 / 1e3,
            _ => 0.0,
        };
        self.metrics.oldest_uncommitted_seconds.with_label_values(&labels).set(age);
    }

    pub(crate) fn poll_gap(&self, gap: Duration) {
        self.metrics.poll_gap_seconds.observe(gap.as_secs_f64());
    }

    pub(crate) fn stalled(&self, partitions: usize) {
        self.metrics.stalled_partitions.set(i64::try_from(partitions).unwrap_or(i64::MAX));
    }

    pub(crate) fn refresh(&self, machine: &Machine<Output>, now: Duration) {
        let status = machine.status(now);
        let gauge = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
        self.metrics.in_flight_bytes.set(gauge(status.in_flight_bytes));
        self.metrics.assigned_partitions.set(gauge(status.assigned));
        self.metrics.rewinding_partitions.set(gauge(status.rewinding));
        self.metrics.paused_partitions.set(gauge(status.paused_partitions));
    }
}
