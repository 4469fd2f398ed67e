//! What goes into the machine and what comes out of it.

use std::{fmt, time::Duration};

use crate::{Epoch, NextOffset, Offset, PartitionId, RebalanceId, UnitId, WorkId};

/// A fact, or a wish of the operator. Facts of the consumer side ([`Assigned`](Event::Assigned), [`Revoked`](Event::Revoked),
/// [`Lost`](Event::Lost), [`Fetched`](Event::Fetched), [`Rewound`](Event::Rewound)) must arrive in the order in which they
/// happened there.
///
/// `Debug` never shows an output.
pub enum Event<O> {
    /// These partitions are ours from now on. With each: the group's committed position, or `None` when there is none or
    /// it was not asked for (the first fetched record then stands for it). Nothing waits for an answer.
    Assigned(Vec<(PartitionId, Option<NextOffset>)>),
    /// These partitions are to be given away. The consumer thread stays inside its callback, and keeps the partitions,
    /// until [`Command::ReleaseRebalance`] with the same id.
    Revoked {
        /// The call of the callback.
        rebalance: RebalanceId,
        /// The partitions.
        partitions: Vec<PartitionId>,
    },
    /// These partitions have been taken away already. The callback waits for its release just as well.
    Lost {
        /// The call of the callback.
        rebalance: RebalanceId,
        /// The partitions.
        partitions: Vec<PartitionId>,
    },
    /// A record was polled. The machine answers in the same call with [`Command::Submit`], or not at all when the record is
    /// stale: then the caller drops it.
    Fetched {
        /// Where it comes from.
        partition: PartitionId,
        /// Its offset.
        offset: Offset,
        /// Bytes of the record that stay in memory until its [`Event::Done`]: key, value and headers.
        bytes: usize,
        /// What it will cost a worker, in the caller's unit (an estimate of tokens).
        cost: usize,
    },
    /// The consumer has executed the [`SeekTo`] of that epoch: what follows in the stream of events is read from there.
    Rewound {
        /// The partition.
        partition: PartitionId,
        /// [`SeekTo::epoch`].
        epoch: Epoch,
    },
    /// A worker is done with a record. Every [`Command::Submit`] is answered by exactly one, however the work ended and even
    /// when its partition is gone: until then its bytes count as held.
    Done {
        /// The work.
        work: WorkId,
        /// What is to be written for it: decisions, signals or a dead letter; `None` for a record that gives nothing.
        output: Option<O>,
        /// Bytes of `output`.
        output_bytes: usize,
        /// Records in `output`.
        records: usize,
    },
    /// The transaction is committed.
    Committed(UnitId),
    /// The transaction is aborted, and certainly so: nothing of it is or becomes visible. Errors that can be retried were
    /// retried below.
    Aborted(UnitId),
    /// Another producer or member took this instance's identity. As with [`Event::Fatal`], no answer to a transaction under
    /// way is awaited any more: say it when the producer will do nothing further.
    Fenced,
    /// Nothing can be saved here: the reason, for the operator; it must hold no part of a post.
    Fatal(String),
    /// Time has passed: see [`Machine::next_deadline`](crate::Machine::next_deadline).
    Tick,
    /// Stop in good order.
    Drain,
    /// Stop now.
    Abort,
}

/// What the surroundings must do, in this order.
///
/// [`Pause`](Command::Pause), [`Resume`](Command::Resume), [`Seek`](Command::Seek) and
/// [`ReleaseRebalance`](Command::ReleaseRebalance) go to the consumer thread through one FIFO. What it takes from there while
/// it waits inside the rebalance callback it executes before its next poll, leaving out the partitions that it then no
/// longer owns.
///
/// `Debug` never shows an output.
#[derive(Debug)]
pub enum Command<O> {
    /// Give the record of the [`Event::Fetched`] being handled to a worker under this id. The machine never holds a
    /// record: the caller has it at hand during `handle` and attaches it here.
    Submit(WorkId),
    /// Stop delivering records of these partitions; go on polling.
    Pause(Vec<PartitionId>),
    /// Deliver records of these partitions again.
    Resume(Vec<PartitionId>),
    /// Write the outputs and the offsets in one transaction; answer with [`Event::Committed`], [`Event::Aborted`],
    /// [`Event::Fenced`] or [`Event::Fatal`]. At most one is under way. The group's metadata belongs to the moment of
    /// execution and must be that of a member: where the assignment is lost, answer [`Event::Aborted`] without sending.
    Commit(TransactionUnit<O>),
    /// Go back in these partitions; answer each with [`Event::Rewound`].
    Seek(Vec<SeekTo>),
    /// Let the rebalance callback of that id return.
    ReleaseRebalance(RebalanceId),
    /// The last word, said once. Afterwards the machine only answers rebalances (closing a consumer causes one), so keep
    /// feeding it [`Event::Revoked`], [`Event::Lost`], [`Event::Committed`] and [`Event::Aborted`] until the consumer is closed.
    Stop(StopReason),
}

/// One transaction: outputs, and the positions that cover exactly the records they were made from.
pub struct TransactionUnit<O> {
    /// Its name.
    pub id: UnitId,
    /// Outputs; those of one partition in the order of its records. May be empty: records that give nothing are covered too.
    pub outputs: Vec<O>,
    /// The new position of every partition that the unit advances; never empty, each partition once.
    pub offsets: Vec<(PartitionId, NextOffset)>,
}

/// A place to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeekTo {
    /// The partition.
    pub partition: PartitionId,
    /// To be returned in [`Event::Rewound`].
    pub epoch: Epoch,
    /// The first offset to be read again.
    pub to: NextOffset,
}

/// Why the machine stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// Asked to drain, and every record that was in flight is committed.
    Drained,
    /// Asked to stop now, or the last transaction of a drain was aborted: what was in flight will be read again.
    Aborted,
    /// Another took this instance's identity. Do not restart under the same identity before the other is gone.
    Fenced,
    /// Nothing could be saved; the reason.
    Fatal(String),
}

/// A look inside, for gauges and readiness. Ages are measured from `now` of the call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Partitions owned, without those on their way out.
    pub assigned: usize,
    /// Records fetched and not yet part of a transaction.
    pub in_flight_records: usize,
    /// Bytes held: records at the workers (also of partitions that are gone), outputs that wait, outputs in the
    /// transaction under way.
    pub in_flight_bytes: usize,
    /// Cost units at the workers.
    pub in_flight_cost: usize,
    /// Records that could go into the next transaction.
    pub ready_records: usize,
    /// Whether backpressure holds all partitions.
    pub paused: bool,
    /// Partitions that are paused, all together or each for its own share.
    pub paused_partitions: usize,
    /// Partitions that wait for their consumer to go back.
    pub rewinding: usize,
    /// Rebalance callbacks that wait for their release.
    pub rebalances_waiting: usize,
    /// Age of the transaction under way.
    pub unit_age: Option<Duration>,
    /// Time since the oldest record that is not committed was fetched.
    pub oldest_uncommitted: Option<Duration>,
    /// Aborted transactions since the last committed one.
    pub consecutive_aborts: u32,
    /// Transactions committed.
    pub units_committed: u64,
    /// Transactions aborted.
    pub units_aborted: u64,
    /// Records dropped because the log gave them twice within one epoch.
    pub repeats_dropped: u64,
    /// Answers of workers dropped because their epoch is over.
    pub late_dropped: u64,
}

impl<O> fmt::Debug for TransactionUnit<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionUnit")
            .field("id", &self.id)
            .field("outputs", &self.outputs.len())
            .field("offsets", &self.offsets)
            .finish()
    }
}

impl<O> fmt::Debug for Event<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assigned(partitions) => f.debug_tuple("Assigned").field(partitions).finish(),
            Self::Revoked { rebalance, partitions } => {
                f.debug_struct("Revoked").field("rebalance", rebalance).field("partitions", partitions).finish()
            }
            Self::Lost { rebalance, partitions } => {
                f.debug_struct("Lost").field("rebalance", rebalance).field("partitions", partitions).finish()
            }
            Self::Fetched { partition, offset, .. } => write!(f, "Fetched({partition} {})", offset.0),
            Self::Rewound { partition, epoch } => write!(f, "Rewound({partition} {epoch:?})"),
            Self::Done { work, records, .. } => write!(f, "Done({work:?}, {records} records)"),
            Self::Committed(unit) => write!(f, "Committed({})", unit.0),
            Self::Aborted(unit) => write!(f, "Aborted({})", unit.0),
            Self::Fenced => f.write_str("Fenced"),
            Self::Fatal(reason) => f.debug_tuple("Fatal").field(reason).finish(),
            Self::Tick => f.write_str("Tick"),
            Self::Drain => f.write_str("Drain"),
            Self::Abort => f.write_str("Abort"),
        }
    }
}
