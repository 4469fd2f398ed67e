//! What an operator sees of Sitr: one catalogue of metrics ([`Metrics`]) and the set-up of structured logs ([`logs`]).
//!
//! Invariants
//! - **T1** Every metric is registered in `metrics.rs`, with one sentence of help; nothing else in the workspace names a metric.
//! - **T2** No value that a user controls ever becomes a metric label or a log field: labels, verdicts, languages, reason
//!   codes, topics and partitions only.

pub mod logs;
mod metrics;

pub use metrics::{EncodeError, Metrics};
