//! What the whole-system suites in `tests/tests/` share.
//!
//! The principal type is [`kafka::Cluster`]: real Apache Kafka on loopback, made for one test and gone with it. Mock brokers
//! do not implement transactions, so nothing that speaks of delivery is shown on one.
//!
//! Invariants
//! - **S1** A test that cannot run says so through [`skipped`]; it never passes in silence.
//! - **S2** Only processes that this library started are ever signalled, by the process id of a child not yet reaped.
//! - **S3** What a test started ends with it, even when the test process is killed.
//!
//! ```no_run
//! use sitr_tests::kafka::Cluster;
//!
//! let Ok(mut kafka) = Cluster::start(3) else { return }; // has said `SKIPPED: …`
//! println!("{}", kafka.bootstrap_servers());
//! kafka.kill(1); // SIGKILL
//! kafka.restart(1); // the same data and ports
//! ```

mod binary;
mod decisions;
pub mod kafka;
pub mod posts;
mod process;
mod running;
mod skip;
mod topics;

pub use binary::{Said, model_dir, root, said, sitr, sitr_binary};
pub use decisions::{Decided, Difference, classify, has_model};
pub use process::{memory, processor_time};
pub use running::{Running, apply_topics, client};
pub use skip::skipped;
pub use topics::{read, send};
