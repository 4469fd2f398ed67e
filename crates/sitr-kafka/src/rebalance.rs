//! The group's callbacks: partitions come and go.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crossbeam_channel::Receiver;
use rdkafka::{
    ClientContext, Statistics,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer as _, ConsumerContext, Rebalance},
    error::KafkaError as Native,
    util::Timeout,
};

use crate::{IntakeCommand, IntakeEvent, IntakeSink, Partition, PartitionState, client, partition::Names};

/// Whether the consumer thread goes on after a command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pending {
    GoOn,
    Close,
}

/// Context of the group's consumer. Its callbacks run on the consumer thread, inside `poll`.
pub(crate) struct GroupContext {
    sink: IntakeSink,
    inbox: Receiver<IntakeCommand>,
    budget: Duration,
    calls: AtomicU64,
    /// Taken from the inbox while a rebalance waited; executed before the next poll. Only the consumer thread touches it:
    /// the mutex is there because a context must be `Sync`.
    pending: Mutex<Vec<IntakeCommand>>,
}

impl GroupContext {
    pub(crate) fn new(sink: IntakeSink, inbox: Receiver<IntakeCommand>, budget: Duration) -> Self {
        Self { sink, inbox, budget, calls: AtomicU64::new(0), pending: Mutex::new(Vec::new()) }
    }

    pub(crate) fn take_pending(&self) -> Vec<IntakeCommand> {
        std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells the machine, and stays here until it lets go: while this call lasts, the partitions are still ours.
    fn hold(&self, partitions: Vec<Partition>, lost: bool) {
        let rebalance = self.calls.fetch_add(1, Ordering::Relaxed);
        let event = if lost {
            IntakeEvent::Lost { rebalance, partitions }
        } else {
            IntakeEvent::Revoked { rebalance, partitions }
        };
        if !(self.sink)(event) {
            return;
        }
        let until = Instant::now() + self.budget;
        loop {
            match self.inbox.recv_deadline(until) {
                Ok(IntakeCommand::Release(id)) if id == rebalance => return,
                Ok(IntakeCommand::Release(_)) => {}
                Ok(other) => self.pending.lock().unwrap_or_else(PoisonError::into_inner).push(other),
                Err(error) => {
                    // The broker's fencing still keeps a late transaction from counting.
                    tracing::error!(%error, budget = ?self.budget, "a rebalance was not released in time");
                    return;
                }
            }
        }
    }
}

impl ClientContext for GroupContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(level, facility, message);
    }

    fn error(&self, error: Native, reason: &str) {
        client::log_error(&error, reason);
    }

    fn stats(&self, statistics: Statistics) {
        // Without a connection nothing can move, and whatever stands here is old.
        if !statistics.brokers.values().any(|broker| broker.nodeid >= 0 && broker.state == "UP") {
            (self.sink)(IntakeEvent::Disconnected);
            return;
        }
        let mut names = Names::default();
        let mut seen = Vec::new();
        let known = |offset: i64| (offset >= 0).then_some(offset);
        for topic in statistics.topics.values() {
            for (number, place) in &topic.partitions {
                // Partitions that are no longer ours keep their last values: `desired` tells.
                if place.desired && *number >= 0 {
                    seen.push(PartitionState {
                        partition: Partition { topic: names.shared(&topic.topic), number: *number },
                        begin: known(place.lo_offset),
                        end: known(place.ls_offset),
                        committed: known(place.committed_offset),
                        fetch_state: place.fetch_state.clone(),
                    });
                }
            }
        }
        (self.sink)(IntakeEvent::States(seen));
    }
}

/// Whether librdkafka holds the partition for ours.
pub(crate) fn owns(consumer: &BaseConsumer<GroupContext>, partition: &Partition) -> bool {
    consumer.assignment().is_ok_and(|list| list.find_partition(&partition.topic, partition.number).is_some())
}

impl ConsumerContext for GroupContext {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance {
            let partitions = Names::default().partitions(list);
            tracing::info!(partitions = partitions.len(), lost = consumer.assignment_lost(), "partitions leave");
            if !partitions.is_empty() {
                self.hold(partitions, consumer.assignment_lost());
            }
        }
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(list) => {
                let partitions = Names::default().partitions(list);
                tracing::info!(partitions = partitions.len(), "partitions arrive");
                // rdkafka drops the answer of the assignment: what was refused would be ours and never be read.
                let refused = partitions.iter().filter(|partition| !owns(consumer, partition)).count();
                if refused > 0 {
                    let why = format!("librdkafka refused {refused} of {} assigned partitions", partitions.len());
                    tracing::error!(%why, "assignment failed");
                    (self.sink)(IntakeEvent::Fatal(why));
                    return;
                }
                // A partition that left while it was paused may come back paused; a new stay begins unpaused.
                if let Err(error) = consumer.resume(list) {
                    tracing::warn!(%error, "new partitions could not be resumed");
                }
                (self.sink)(IntakeEvent::Assigned(partitions));
            }
            Rebalance::Revoke(_) => {}
            Rebalance::Error(error) => tracing::warn!(%error, "rebalance error"),
        }
    }

    fn main_queue_min_poll_interval(&self) -> Timeout {
        Timeout::After(Duration::from_millis(500))
    }
}
