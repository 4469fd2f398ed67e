//! Sitr's stages, wired to a log.
//!
//! [`Judge`] takes one post through both stages; [`Engine`] does so for a stream on Kafka, [`lines`] for JSON Lines. Both use
//! the same code, so a file and a stream give the same decisions.
//!
//! ```text
//!  sitr-consumer ──┐ (facts, one FIFO)            ┌──> sitr-worker-N ──┐ (answers)
//!                  ├──> sitr-coordinator ─────────┤                    │
//!  sitr-producer ──┘     owns the delivery machine└──> sitr-producer   │
//!        ^  ^                    ^──────────────────────────────────────┘
//!        └──┴── commands: pause, seek, release, units
//! ```
//!
//! Invariants
//! - **E1** The coordinator never blocks: it only takes from its queue and gives to unbounded ones, whose length the delivery
//!   machine bounds.
//! - **E2** Every record that is submitted to a worker is answered exactly once, whatever the record does to the model.
//! - **E3** Nothing is counted as decided before its transaction is committed.
//! - **E4** The producer ends before the consumer leaves the group.

mod admin;
mod clock;
mod coordinator;
mod engine;
mod health;
mod judge;
mod ledger;
pub mod lines;
mod records;
mod settings;
mod stage;
mod watch;
mod worker;

pub use engine::{Control, Engine, EngineError, Stopped};
pub use judge::{Arrival, Judge};
pub use records::route_of;
pub use settings::{EngineSettings, Topics};
pub use sitr_delivery::{DeliverySettings, SettingsError as DeliverySettingsError};
pub use sitr_kafka as kafka;
pub use sitr_model::{Bundle, BundleError, ModelInfo};
pub use sitr_policy::Policy;
pub use sitr_telemetry::{Metrics, logs};
pub use sitr_text as text;
pub use stage::Stage;

/// Version of this build, as it stands in dead letters and `/version`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
