//! The threads of the instances: what each may do next.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use sitr_delivery::{Command, Event, Offset, PartitionId, RebalanceId, StopReason};

use crate::{
    broker::{Broker, Record, Rng, gives},
    instance::{Callback, Instance},
    planted::Planted,
};

pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) now: Duration,
    pub(crate) broker: Broker,
    pub(crate) instances: Vec<Instance>,
    pub(crate) last_rebalance: u64,
    /// What the schedule brought about.
    pub(crate) seen: BTreeMap<&'static str, u64>,
    pub(crate) topic: std::sync::Arc<str>,
    /// The bug that this schedule has.
    pub(crate) planted: Option<Planted>,
    /// Rebalances that a planted bug has released already.
    pub(crate) released: HashSet<RebalanceId>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng(seed);
        let logs: Vec<Vec<i64>> = (0..1 + rng.below(4))
            .map(|_| {
                let mut offset = rng.below(5) as i64;
                (0..rng.below(150))
                    .map(|_| {
                        offset += 1 + if rng.chance(20) { rng.below(9) as i64 } else { 0 };
                        offset
                    })
                    .collect()
            })
            .collect();
        let instances = (0..2 + rng.below(2)).map(|_| Instance::new(&mut rng)).collect();
        let broker =
            Broker { committed: vec![0; logs.len()], owner: vec![None; logs.len()], outputs: HashMap::new(), logs };
        Self {
            rng,
            now: Duration::ZERO,
            broker,
            instances,
            last_rebalance: 0,
            seen: BTreeMap::new(),
            topic: "posts".into(),
            planted: None,
            released: HashSet::new(),
        }
    }

    pub(crate) fn note(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    pub(crate) fn id(&self, partition: i32) -> PartitionId {
        PartitionId::new(self.topic.clone(), partition)
    }

    pub(crate) fn feed(&mut self, at: usize, event: Event<Record>) {
        let record = match &event {
            Event::Fetched { partition, offset, .. } => Some((partition.partition, offset.0)),
            _ => None,
        };
        let mut out = Vec::new();
        let (planted, before) = (self.planted, self.instances[at].machine.status(self.now));
        let goes = matches!(event, Event::Revoked { .. } | Event::Lost { .. });
        let answered = matches!(event, Event::Committed(_) | Event::Aborted(_));
        if let (Some(Planted::ReleaseTooEarly), Event::Revoked { rebalance, .. }) = (planted, &event) {
            self.released.insert(*rebalance);
            self.instances[at].commands.push_back(Command::ReleaseRebalance(*rebalance));
        }
        let drains_early = planted == Some(Planted::DrainTooEarly) && matches!(event, Event::Drain);
        let instance = &mut self.instances[at];
        instance.machine.handle(event, self.now, &mut out);
        if let Some(bug) = planted {
            out = out.into_iter().filter_map(|command| bug.spoil(command, &self.released)).collect();
        }
        if drains_early && instance.stopped.is_none() && !out.iter().any(|c| matches!(c, Command::Stop(_))) {
            out.push(Command::Stop(StopReason::Drained));
        }
        let deadline = instance.machine.next_deadline();
        assert!(deadline.is_none_or(|deadline| deadline > self.now), "a deadline in the past would spin");
        let mut ended = None;
        for command in out {
            match command {
                Command::Submit(work) => instance.workers.push((work, record.expect("a submit answers a record"))),
                Command::Commit(unit) => {
                    assert!(instance.unit.is_none() && instance.answer.is_none(), "D3");
                    assert!(!unit.offsets.is_empty(), "D10");
                    assert!(instance.stopped.is_none());
                    instance.unit = Some(unit);
                }
                Command::Stop(reason) => {
                    let name = match reason {
                        StopReason::Drained => "drained",
                        StopReason::Aborted => "stopped",
                        _ => "fenced",
                    };
                    *self.seen.entry(name).or_default() += 1;
                    assert!(!matches!(reason, StopReason::Fatal(_)), "{reason:?}");
                    assert!(instance.stopped.replace(reason.clone()).is_none(), "stop is said once");
                    ended = Some(reason);
                }
                other => instance.commands.push_back(other),
            }
        }
        // What was in flight a moment ago can have ended well only by a commit, or have gone to another owner.
        if ended == Some(StopReason::Drained) && before.rebalances_waiting == 0 && !goes {
            assert_eq!(before.in_flight_records, 0, "D8: drained with records in flight");
            assert!(before.unit_age.is_none() || answered, "D8: drained while a transaction is under way");
        }
    }

    /// One thing that the healthy parts may do; `false` if nothing could be done there.
    pub(crate) fn step(&mut self, at: usize, kind: usize) -> bool {
        if self.instances[at].machine.next_deadline().is_some_and(|deadline| deadline <= self.now) {
            self.feed(at, Event::Tick);
            return true;
        }
        match kind {
            0 => self.poll(at),
            1 => self.execute_command(at),
            2 => {
                let Some(event) = self.instances[at].fifo.pop_front() else { return false };
                self.feed(at, event);
                true
            }
            3 => self.finish_work(at),
            4 => self.run_transaction(at, 0),
            5 => {
                let Some(answer) = self.instances[at].answer.take() else { return false };
                self.feed(at, answer);
                true
            }
            _ => self.manage_group(at),
        }
    }

    pub(crate) fn poll(&mut self, at: usize) -> bool {
        let instance = &self.instances[at];
        if instance.callback.is_some() {
            return false;
        }
        if !instance.joined && !instance.position.is_empty() {
            let partitions = instance.position.keys().copied().collect();
            return self.call_back(at, partitions, true);
        }
        let open: Vec<i32> = instance.position.keys().copied().filter(|p| !instance.paused.contains(p)).collect();
        if open.is_empty() {
            return false;
        }
        // Sorted, for a seed must give the same schedule each time.
        let mut open = open;
        open.sort_unstable();
        let partition = open[self.rng.below(open.len())];
        let instance = &self.instances[at];
        let told = instance.commands.is_empty() && instance.deferred.is_empty() && instance.fifo.is_empty();
        // A stopped machine takes nothing and says nothing: its consumer is about to leave.
        let paused = told && instance.stopped.is_none() && instance.machine.status(self.now).paused;
        assert!(!paused, "D6: {partition} is read although all is paused and everybody has heard of it");
        let from = instance.position[&partition];
        let Some(offset) = self.broker.logs[partition as usize].iter().copied().find(|offset| *offset >= from) else {
            return false;
        };
        let (bytes, cost) = (self.rng.below(200), self.rng.below(5));
        let event = Event::Fetched { partition: self.id(partition), offset: Offset(offset), bytes, cost };
        self.instances[at].position.insert(partition, offset + 1);
        self.instances[at].fifo.push_back(event);
        true
    }

    /// Enters the rebalance callback.
    pub(crate) fn call_back(&mut self, at: usize, mut partitions: Vec<i32>, lost: bool) -> bool {
        partitions.sort_unstable();
        self.last_rebalance += 1;
        let id = RebalanceId(self.last_rebalance);
        let touched = self.instances[at]
            .unit
            .as_ref()
            .is_some_and(|unit| unit.offsets.iter().any(|(id, _)| partitions.contains(&id.partition)));
        self.note(if lost { "lost" } else { "revoked" });
        if touched {
            self.note(if lost { "lost during its transaction" } else { "revoked during its transaction" });
        }
        let named: Vec<_> = partitions.iter().map(|p| self.id(*p)).collect();
        let instance = &mut self.instances[at];
        instance.fifo.push_back(if lost {
            Event::Lost { rebalance: id, partitions: named }
        } else {
            Event::Revoked { rebalance: id, partitions: named }
        });
        instance.callback = Some(Callback { id, partitions });
        true
    }

    pub(crate) fn execute_command(&mut self, at: usize) -> bool {
        let Some(command) = self.instances[at].commands.pop_front() else { return false };
        let instance = &mut self.instances[at];
        match (&instance.callback, command) {
            (Some(callback), Command::ReleaseRebalance(id)) => {
                assert_eq!(callback.id, id);
                let Some(callback) = instance.callback.take() else { unreachable!() };
                for partition in callback.partitions {
                    instance.position.remove(&partition);
                    instance.paused.remove(&partition);
                    let owner = &mut self.broker.owner[partition as usize];
                    if *owner == Some(at) {
                        *owner = None;
                    }
                }
                for command in std::mem::take(&mut self.instances[at].deferred) {
                    self.obey(at, command);
                }
            }
            (Some(_), command) => instance.deferred.push(command),
            (None, command) => self.obey(at, command),
        }
        true
    }

    pub(crate) fn obey(&mut self, at: usize, command: Command<Record>) {
        let instance = &mut self.instances[at];
        match command {
            Command::Pause(ids) => {
                *self.seen.entry("paused").or_default() += 1;
                instance.paused.extend(ids.iter().map(|id| id.partition).filter(|p| instance.position.contains_key(p)));
            }
            Command::Resume(ids) => {
                for id in ids {
                    instance.paused.remove(&id.partition);
                }
            }
            Command::Seek(seeks) => {
                for seek in seeks {
                    *self.seen.entry("sought").or_default() += 1;
                    if let Some(position) = instance.position.get_mut(&seek.partition.partition) {
                        if self.planted != Some(Planted::SeekForgotten) {
                            *position = seek.to.get();
                        }
                        instance.fifo.push_back(Event::Rewound { partition: seek.partition, epoch: seek.epoch });
                    }
                }
            }
            other => panic!("not for the consumer now: {other:?}"),
        }
    }

    pub(crate) fn finish_work(&mut self, at: usize) -> bool {
        if self.instances[at].workers.is_empty() {
            return false;
        }
        let pick = self.rng.below(self.instances[at].workers.len());
        let (work, record) = self.instances[at].workers.swap_remove(pick);
        if !gives(record) && self.planted == Some(Planted::PoisonUnanswered) {
            return true;
        }
        let output = gives(record).then_some(record);
        let (output_bytes, records) = if output.is_some() { (self.rng.below(80), 1) } else { (0, 0) };
        self.feed(at, Event::Done { work, output, output_bytes, records });
        true
    }

    pub(crate) fn run_transaction(&mut self, at: usize, abort_percent: usize) -> bool {
        let Some(unit) = self.instances[at].unit.take() else { return false };
        let refused = !self.instances[at].joined || self.rng.chance(abort_percent);
        self.note(if refused { "aborted" } else { "committed" });
        let skipped = self.planted == Some(Planted::SilentUnitSkipped) && unit.outputs.is_empty();
        if !refused && !skipped {
            self.broker.apply(&unit);
            if self.planted == Some(Planted::TransactionRepeated) {
                self.broker.apply(&unit);
            }
        }
        let aborted = refused && self.planted != Some(Planted::AbortTakenForCommit);
        self.instances[at].answer = Some(if aborted { Event::Aborted(unit.id) } else { Event::Committed(unit.id) });
        true
    }
}
