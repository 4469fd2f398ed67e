//! Names of partitions, places in them, and pieces of work.

use std::{fmt, sync::Arc};

/// A partition of an input topic. Cloning costs one reference count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionId {
    /// The topic's name; adapters share one allocation a topic, which makes look-ups cheap.
    pub topic: Arc<str>,
    /// The partition's number.
    pub partition: i32,
}

impl PartitionId {
    /// The partition `partition` of `topic`.
    #[must_use]
    pub fn new(topic: impl Into<Arc<str>>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }

    /// Same partition, with the usual case (shared topic name) decided without comparing text.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.partition == other.partition && (Arc::ptr_eq(&self.topic, &other.topic) || self.topic == other.topic)
    }
}

impl fmt::Display for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.topic, self.partition)
    }
}

/// The place of one record in its partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub i64);

impl Offset {
    /// The position after this record. With [`NextOffset::at`] and [`NextOffset::committed`] this is the only way to
    /// make a position, so that "+ 1" is written once.
    pub(crate) const fn next(self) -> NextOffset {
        NextOffset(self.0 + 1)
    }
}

/// A position: the offset of the first record that is **not** covered. It is what Kafka stores as "committed".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NextOffset(i64);

impl NextOffset {
    /// A position that the group coordinator gave, unchanged.
    #[must_use]
    pub const fn committed(position: i64) -> Self {
        Self(position)
    }

    /// The position at which this record is the next one.
    pub(crate) const fn at(record: Offset) -> Self {
        Self(record.0)
    }

    /// The number to hand to Kafka: nothing is added to it.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// One stay of a partition at this instance, or one pass over its records: a new one begins at every assignment and
/// every rewind. Never repeats within a machine, so the answer to older work is always recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub(crate) u64);

/// One record on its way through a worker. Small, `Copy`, and without meaning outside the machine that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkId {
    pub(crate) slot: u32,
    pub(crate) epoch: Epoch,
    pub(crate) seq: u64,
}

impl WorkId {
    /// The pass over the partition that the record belongs to.
    #[must_use]
    pub const fn epoch(self) -> Epoch {
        self.epoch
    }
}

/// One transaction. Increases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub(crate) u64);

impl UnitId {
    /// A number for logs.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// One call of the rebalance callback. The consumer side chooses it and never repeats it, so that a release that comes
/// late cannot let a later callback go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RebalanceId(pub u64);
