//! One instance: its machine, and everything around it.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use sitr_delivery::{Command, DeliverySettings, Event, Machine, RebalanceId, StopReason, TransactionUnit, WorkId};

use crate::{broker::Record, broker::Rng};

pub(crate) struct Callback {
    pub(crate) id: RebalanceId,
    pub(crate) partitions: Vec<i32>,
}

/// One instance: its machine, and everything around it.
pub(crate) struct Instance {
    pub(crate) machine: Machine<Record>,
    pub(crate) joined: bool,
    pub(crate) closing: bool,
    pub(crate) stopped: Option<StopReason>,
    pub(crate) fifo: VecDeque<Event<Record>>,
    pub(crate) commands: VecDeque<Command<Record>>,
    pub(crate) deferred: Vec<Command<Record>>,
    pub(crate) callback: Option<Callback>,
    pub(crate) position: HashMap<i32, i64>,
    pub(crate) paused: HashSet<i32>,
    pub(crate) workers: Vec<(WorkId, Record)>,
    pub(crate) unit: Option<TransactionUnit<Record>>,
    pub(crate) answer: Option<Event<Record>>,
}

impl Instance {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let settings = DeliverySettings {
            commit_interval: Duration::from_millis(rng.below(120) as u64),
            max_records_per_commit: 1 + rng.below(12),
            max_bytes_per_commit: 40 + rng.below(400),
            max_in_flight_bytes: 1_000 + rng.below(2_000),
            max_in_flight_cost: 5 + rng.below(40),
            revoke_budget: Duration::from_millis(rng.below(400) as u64),
        };
        Self {
            machine: Machine::new(settings).expect("these settings fit together"),
            joined: true,
            closing: false,
            stopped: None,
            fifo: VecDeque::new(),
            commands: VecDeque::new(),
            deferred: Vec::new(),
            callback: None,
            position: HashMap::new(),
            paused: HashSet::new(),
            workers: Vec::new(),
            unit: None,
            answer: None,
        }
    }
}
