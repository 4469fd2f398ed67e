//! Sitr's log: Apache Kafka through rdkafka, as thin as it can be. The only crate that names rdkafka.
//!
//! Two threads do the work, and neither decides anything:
//! - [`Intake`] owns the consumer. It polls, forwards records, executes [`IntakeCommand`]s, and holds a rebalance until it is
//!   released. Its events ([`IntakeEvent`]) reach one sink in the order in which they happened.
//! - [`Outlet`] owns the producer. It writes one [`Unit`] at a time, records and positions together, and answers each with
//!   one [`OutletEvent`].
//!
//! Who decides is the delivery machine; this crate does not know it, the engine translates.
//!
//! Invariants
//! - **K1** Positions are committed inside the producer's transaction or not at all; the consumer never commits by itself
//!   (in at-least-once mode: only after every record of the unit is acknowledged).
//! - **K2** The group's metadata is fetched anew for each transaction: an old copy is how a zombie is recognised.
//! - **K3** A producer is drained before commit and purged before abort; a `flush` that waits is never called by us (it costs 100 ms).
//! - **K4** The poll thread never blocks on anything but the sink and a rebalance, and the latter is bounded.
//! - **K5** Nothing of a record's value reaches a log line or an error.

mod check;
mod client;
mod consumer;
mod error;
mod feed;
mod mock;
mod partition;
mod positions;
mod producer;
mod reader;
mod rebalance;
mod settings;
mod topics;
mod triage;

pub use check::{Reachability, check};
pub use consumer::{FetchedRecord, Intake, IntakeCommand, IntakeEvent, IntakeSink, PartitionState, SeekTo};
pub use error::KafkaError;
pub use feed::Feed;
pub use mock::MockBroker;
pub use partition::Partition;
pub use positions::{Position, positions};
pub use producer::{Delivery, Outlet, OutletEvent, OutletSink, Phases, Resize, Unit};
pub use reader::{ReadFrom, ReadRecord, Reader};
pub use settings::{KafkaSettings, Sasl, SaslMechanism, Security, SettingError};
pub use topics::{Applied, TopicSpec, apply as apply_topics};
