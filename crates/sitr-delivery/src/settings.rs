//! How much may be under way, and for how long.

use std::time::Duration;

/// Limits of the delivery machine. [`Default`] gives values that hold for posts of about a kilobyte on a few cores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverySettings {
    /// A transaction begins when the oldest ready record has waited this long. Default 100 ms, as Kafka Streams does: the
    /// cost of a transaction is per transaction, not per record, and this is what it adds to the latency.
    pub commit_interval: Duration,
    /// A transaction begins when this many **output** records are ready, and takes no more than the piece of work that
    /// reaches it. Default 1,000: about 2 MB of decisions, far inside a transaction timeout of 10 s.
    pub max_records_per_commit: usize,
    /// The same for bytes of outputs. Default 4 MiB. At most half of `max_in_flight_bytes`.
    pub max_bytes_per_commit: usize,
    /// Partitions pause when this many bytes are held, and resume at half. Default 64 MiB; 64 bytes are added to each
    /// record, so that it bounds their number too (a million).
    pub max_in_flight_bytes: usize,
    /// Partitions pause when workers have this many cost units before them, and resume at half. Default 65,536: with a cost
    /// of a quarter of the bytes, 256 KiB of posts, about 2,000, two seconds of work for two cores. A deeper queue gives no
    /// speed, only age, and a drain has to work it off.
    pub max_in_flight_cost: usize,
    /// How long a revocation waits for work that is running before it commits what is ready and gives the rest to the next
    /// owner. Default 3 s, far below the session timeout (45 s). A last transaction is begun at most
    /// as long again (at least 1 s) after that.
    pub revoke_budget: Duration,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self {
            commit_interval: Duration::from_millis(100),
            max_records_per_commit: 1_000,
            max_bytes_per_commit: 4 << 20,
            max_in_flight_bytes: 64 << 20,
            max_in_flight_cost: 65_536,
            revoke_budget: Duration::from_secs(3),
        }
    }
}

/// Settings that contradict each other. Each says the key and the rule: the caller can only correct the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A limit of zero would stop the stream.
    #[error("delivery.{key} is 0, which would stop the stream; set it to at least 1 or leave it out")]
    Zero {
        /// The key.
        key: &'static str,
    },
    /// Outputs of one transaction would fill the memory bound and stall the input.
    #[error(
        "delivery.max_bytes_per_commit ({commit}) must be at most half of delivery.max_in_flight_bytes ({in_flight}): \
         lower the first or raise the second"
    )]
    CommitOverHalf {
        /// Bytes per commit.
        commit: usize,
        /// Bytes in flight.
        in_flight: usize,
    },
    /// Beyond a minute every reader of the outputs, and every rebalance, would wait for it.
    #[error("delivery.{key} is {given:?}, the most is {most:?}")]
    TooLong {
        /// The key.
        key: &'static str,
        /// What was given.
        given: Duration,
        /// What is allowed.
        most: Duration,
    },
}

impl DeliverySettings {
    /// The most that `commit_interval` and `revoke_budget` may be.
    pub const LONGEST_WAIT: Duration = Duration::from_mins(1);

    /// Checks that the limits fit together.
    ///
    /// # Errors
    /// Names the key that is wrong and the rule that it breaks. A `commit_interval` of zero is allowed (a transaction as
    /// soon as anything is ready), and so is a `revoke_budget` of zero (only what is ready is committed).
    pub fn validate(&self) -> Result<(), SettingsError> {
        for (key, value) in [
            ("max_records_per_commit", self.max_records_per_commit),
            ("max_bytes_per_commit", self.max_bytes_per_commit),
            ("max_in_flight_bytes", self.max_in_flight_bytes),
            ("max_in_flight_cost", self.max_in_flight_cost),
        ] {
            if value == 0 {
                return Err(SettingsError::Zero { key });
            }
        }
        for (key, given) in [("commit_interval", self.commit_interval), ("revoke_budget", self.revoke_budget)] {
            if given > Self::LONGEST_WAIT {
                return Err(SettingsError::TooLong { key, given, most: Self::LONGEST_WAIT });
            }
        }
        if self.max_bytes_per_commit > self.max_in_flight_bytes / 2 {
            return Err(SettingsError::CommitOverHalf {
                commit: self.max_bytes_per_commit,
                in_flight: self.max_in_flight_bytes,
            });
        }
        Ok(())
    }
}
