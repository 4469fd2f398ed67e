//! The catalogue: every metric of Sitr, one sentence each.

use prometheus::{
    Encoder as _, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

/// Buckets of stage and transaction times, in seconds: from 50 µs (a short post) to 10 s (a broker in trouble).
const SECONDS: &[f64] =
    &[5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Buckets of times from record to decision, in seconds: a back-log of an hour must still be told from one of a minute.
const END_TO_END: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0];

/// All metrics of one process. Cloning is cheap and shares them.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    /// Records taken from a stream, by stream.
    pub records_consumed: IntCounterVec,
    /// Decisions committed, by verdict and language; `none` included.
    pub decisions: IntCounterVec,
    /// Labels over threshold in published flags, by label, verdict and language.
    pub flags: IntCounterVec,
    /// Dead letters committed, by reason code.
    pub dead_letters: IntCounterVec,
    /// Seconds a record spends in a stage.
    pub stage_seconds: HistogramVec,
    /// Seconds between a record's time stamp and the commit of its decision.
    pub end_to_end_seconds: Histogram,
    /// Records between the last committed offset and the end of the log, owned partitions only.
    pub lag_records: IntGaugeVec,
    /// Age of the oldest record that is fetched and not committed, owned partitions only.
    pub oldest_uncommitted_seconds: GaugeVec,
    /// Transactions by result.
    pub transactions: IntCounterVec,
    /// Seconds a transaction takes from begin to committed.
    pub transaction_seconds: Histogram,
    /// Bytes of records that are fetched and not committed.
    pub in_flight_bytes: IntGauge,
    /// Partitions whose fetching is paused by backpressure.
    pub paused_partitions: IntGauge,
    /// Partitions that wait for their consumer to go back after an aborted transaction.
    pub rewinding_partitions: IntGauge,
    /// Partitions that should move and have stood still for longer than `delivery.stall_timeout`.
    pub stalled_partitions: IntGauge,
    /// Partitions owned.
    pub assigned_partitions: IntGauge,
    /// 1 when the instance is ready.
    pub ready: IntGauge,
    /// Seconds between two polls of the consumer.
    pub poll_gap_seconds: Histogram,
    /// Panics of the engine that were caught and became dead letters.
    pub caught_panics: IntCounter,
    /// Seconds since the process started.
    pub uptime_seconds: Gauge,
    model_info: IntGaugeVec,
    build_info: IntGaugeVec,
}

/// The registry could not be written as text.
#[derive(Debug, thiserror::Error)]
#[error("metrics could not be encoded: {0}")]
pub struct EncodeError(String);

impl Metrics {
    /// A registry of its own with every metric in it, zero where a series is known beforehand.
    #[must_use]
    pub fn new(version: &str) -> Self {
        let registry = Registry::new();
        let counters = |name: &str, help: &str, labels: &[&str]| {
            registered(&registry, IntCounterVec::new(Opts::new(name, help), labels))
        };
        let gauges = |name: &str, help: &str, labels: &[&str]| {
            registered(&registry, IntGaugeVec::new(Opts::new(name, help), labels))
        };
        let gauge = |name: &str, help: &str| registered(&registry, IntGauge::new(name, help));
        let histogram = |name: &str, help: &str, buckets: &[f64]| {
            registered(&registry, Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec())))
        };
        let metrics = Self {
            records_consumed: counters("sitr_records_consumed_total", "Records taken from a stream.", &["route"]),
            decisions: counters(
                "sitr_decisions_total",
                "Decisions committed, by verdict and language; none included.",
                &["verdict", "lang"],
            ),
            flags: counters(
                "sitr_flags_total",
                "Labels over their threshold in published flags, by label, verdict and language.",
                &["label", "verdict", "lang"],
            ),
            dead_letters: counters("sitr_dead_letters_total", "Dead letters committed, by reason code.", &["reason"]),
            stage_seconds: registered(
                &registry,
                HistogramVec::new(
                    HistogramOpts::new("sitr_stage_duration_seconds", "Seconds a record spends in a stage.")
                        .buckets(SECONDS.to_vec()),
                    &["stage"],
                ),
            ),
            end_to_end_seconds: histogram(
                "sitr_end_to_end_seconds",
                "Seconds between a record's time stamp and the commit of its decision.",
                END_TO_END,
            ),
            lag_records: gauges(
                "sitr_consumer_lag_records",
                "Records between the last committed offset and the end of the log, owned partitions only.",
                &["topic", "partition"],
            ),
            oldest_uncommitted_seconds: registered(
                &registry,
                GaugeVec::new(
                    Opts::new(
                        "sitr_oldest_uncommitted_seconds",
                        "Age of the oldest record that is fetched and not committed, owned partitions only.",
                    ),
                    &["topic", "partition"],
                ),
            ),
            transactions: counters(
                "sitr_transactions_total",
                "Transactions by result: committed, aborted.",
                &["result"],
            ),
            transaction_seconds: histogram(
                "sitr_transaction_seconds",
                "Seconds a transaction takes from begin to committed.",
                SECONDS,
            ),
            in_flight_bytes: gauge("sitr_in_flight_bytes", "Bytes of records that are fetched and not committed."),
            paused_partitions: gauge("sitr_paused_partitions", "Partitions whose fetching is paused by backpressure."),
            rewinding_partitions: gauge(
                "sitr_rewinding_partitions",
                "Partitions that wait for their consumer to go back after an aborted transaction.",
            ),
            stalled_partitions: gauge(
                "sitr_stalled_partitions",
                "Partitions that should move and have stood still for longer than delivery.stall_timeout.",
            ),
            assigned_partitions: gauge("sitr_assigned_partitions", "Partitions owned by this instance."),
            ready: gauge("sitr_ready", "1 when the instance is ready: partitions assigned, model warm, commits fresh."),
            poll_gap_seconds: histogram("sitr_poll_gap_seconds", "Seconds between two polls of the consumer.", SECONDS),
            caught_panics: registered(
                &registry,
                IntCounter::new(
                    "sitr_caught_panics_total",
                    "Panics of the engine that were caught and became dead letters.",
                ),
            ),
            uptime_seconds: registered(
                &registry,
                Gauge::new("sitr_uptime_seconds", "Seconds since the process started."),
            ),
            model_info: gauges("sitr_model_info", "1 for the model in use.", &["name", "version", "sha256"]),
            build_info: gauges("sitr_build_info", "1 for the running version.", &["version"]),
            registry: registry.clone(),
        };
        metrics.build_info.with_label_values(&[version]).set(1);
        for result in ["committed", "aborted"] {
            metrics.transactions.with_label_values(&[result]).inc_by(0);
        }
        metrics
    }

    /// Says which model is in use, and takes back what was said of the one before.
    pub fn set_model(&self, name: &str, version: &str, sha256: &str) {
        self.model_info.reset();
        self.model_info.with_label_values(&[name, version, sha256]).set(1);
    }

    /// The text that Prometheus scrapes.
    ///
    /// # Errors
    /// The encoder refuses a metric family; that is a defect of the catalogue.
    pub fn encode(&self) -> Result<String, EncodeError> {
        let mut out = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut out).map_err(|e| EncodeError(e.to_string()))?;
        String::from_utf8(out).map_err(|e| EncodeError(e.to_string()))
    }
}

/// Registers a metric. Names and labels are literals of this file, so a refusal is a defect that the first test shows.
fn registered<M: prometheus::core::Collector + Clone + 'static>(
    registry: &Registry,
    metric: prometheus::Result<M>,
) -> M {
    let metric = metric.expect("invariant: T1, names and labels of the catalogue are valid");
    registry.register(Box::new(metric.clone())).expect("invariant: T1, each metric is registered once");
    metric
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_registers_and_every_family_has_a_sentence_of_help() {
        let metrics = Metrics::new("0.0.0");
        metrics.decisions.with_label_values(&["none", "fr"]).inc();
        metrics.set_model("m", "1", "aa");
        let text = metrics.encode().unwrap();
        assert!(text.contains("sitr_decisions_total{lang=\"fr\",verdict=\"none\"} 1"), "{text}");
        for line in text.lines().filter(|line| line.starts_with("# HELP")) {
            assert!(line.ends_with('.'), "{line}");
        }
    }

    #[test]
    fn a_new_model_replaces_the_old_one_in_the_info_metric() {
        let metrics = Metrics::new("0.0.0");
        metrics.set_model("m", "1", "aa");
        metrics.set_model("m", "2", "bb");
        let text = metrics.encode().unwrap();
        assert_eq!(text.lines().filter(|line| line.starts_with("sitr_model_info{")).count(), 1);
    }
}
