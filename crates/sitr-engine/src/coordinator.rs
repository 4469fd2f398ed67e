//! The coordinator thread: facts in, commands out. It owns the delivery machine and nothing that can block.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use sitr_delivery::{
    Command, Epoch, Event, Machine, NextOffset, Offset, PartitionId, RebalanceId, StopReason, TransactionUnit, UnitId,
};
use sitr_kafka::{
    FetchedRecord, IntakeCommand, IntakeEvent, Outlet, OutletEvent, Partition, PartitionState, SeekTo, Unit,
};
use sitr_types::Route;

use crate::{
    Stopped,
    health::Health,
    ledger::Ledger,
    settings::Names,
    stage::Output,
    watch::{self, Look, Standing, Watch},
    worker::{Done, Task},
};

/// Everything that the coordinator hears, in one queue.
pub(crate) enum Input {
    Intake(IntakeEvent),
    Outlet(OutletEvent),
    Done(Done),
    Drain,
    Abort,
}

impl From<Done> for Input {
    fn from(done: Done) -> Self {
        Self::Done(done)
    }
}

/// Gauges are refreshed this often while there is something to do.
const GAUGES: Duration = Duration::from_millis(500);
/// Weight of a record in the machine's cost unit: bytes of a post for about one token.
const BYTES_PER_TOKEN: usize = 4;

pub(crate) struct Coordinator {
    pub(crate) machine: Machine<Output>,
    pub(crate) inbox: Receiver<Input>,
    pub(crate) tasks: Sender<Task>,
    pub(crate) intake: Sender<IntakeCommand>,
    /// Gone once the machine has stopped.
    pub(crate) outlet: Option<Outlet>,
    pub(crate) names: Names,
    pub(crate) input: Route,
    pub(crate) ledger: Ledger,
    pub(crate) health: Arc<Health>,
    pub(crate) drain_timeout: Duration,
    /// The unit under way: the machine's name for it.
    pub(crate) unit: Option<UnitId>,
    /// Seeks that are under way: the machine's epochs by the token that the consumer returns.
    pub(crate) seeks: HashMap<u64, Epoch>,
    pub(crate) tokens: u64,
    pub(crate) drain_until: Option<Instant>,
    pub(crate) watch: Watch,
    /// Partitions for whose sake the instance gives up.
    pub(crate) hopeless: Option<String>,
    pub(crate) stopped: Option<Stopped>,
}

impl Coordinator {
    /// Runs until the consumer has left.
    pub(crate) fn run(mut self) -> Stopped {
        let started = Instant::now();
        let mut commands = Vec::new();
        let mut refreshed = Instant::now();
        loop {
            let input = self.wait(started);
            self.health.beat();
            let event = match input {
                Some(Input::Intake(IntakeEvent::Closed)) => break,
                Some(Input::Intake(IntakeEvent::Fetched(record))) => {
                    self.fetched(record, started.elapsed(), &mut commands);
                    None
                }
                Some(input) => self.translate(input, started.elapsed()),
                None => Some(Event::Tick),
            };
            if let Some(event) = event {
                self.machine.handle(event, started.elapsed(), &mut commands);
            }
            for command in std::mem::take(&mut commands) {
                self.execute(command);
            }
            if refreshed.elapsed() >= GAUGES {
                refreshed = Instant::now();
                self.ledger.refresh(&self.machine, started.elapsed());
            }
        }
        self.stopped.unwrap_or_else(|| Stopped::Fatal("the consumer ended by itself".to_owned()))
    }

    /// The next input, or `None` when a deadline of the machine or of the drain has come.
    fn wait(&mut self, started: Instant) -> Option<Input> {
        let machine = self.machine.next_deadline().map(|at| started + at);
        match [machine, self.drain_until].into_iter().flatten().min() {
            None => self.inbox.recv().ok(),
            Some(until) => match self.inbox.recv_deadline(until) {
                Ok(input) => Some(input),
                Err(RecvTimeoutError::Disconnected) => None,
                Err(RecvTimeoutError::Timeout) if self.drain_until.is_some_and(|at| at <= Instant::now()) => {
                    tracing::warn!(timeout = ?self.drain_timeout, "the drain is cut short; what is in flight will be read again");
                    self.drain_until = None;
                    Some(Input::Abort)
                }
                Err(RecvTimeoutError::Timeout) => None,
            },
        }
    }

    /// A record is submitted in the same breath or dropped: the machine never holds it.
    fn fetched(&mut self, record: FetchedRecord, now: Duration, commands: &mut Vec<Command<Output>>) {
        let bytes = record.bytes();
        let event = Event::Fetched {
            partition: id(&record.partition),
            offset: Offset(record.offset),
            bytes,
            cost: bytes / BYTES_PER_TOKEN + 1,
        };
        self.ledger.consumed(self.input);
        self.machine.handle(event, now, commands);
        let mut record = Some(record);
        let mut others = Vec::with_capacity(commands.len());
        for command in commands.drain(..) {
            match (command, record.take()) {
                (Command::Submit(work), Some(record)) => {
                    self.ledger.submitted(work, &record);
                    // A closed channel means that the workers are gone, and so is this loop, soon.
                    let _ = self.tasks.send(Task { work, record });
                }
                (command, kept) => {
                    record = kept;
                    others.push(command);
                }
            }
        }
        commands.append(&mut others);
    }

    /// The machine's event for an input, if there is one.
    fn translate(&mut self, input: Input, now: Duration) -> Option<Event<Output>> {
        match input {
            Input::Intake(event) => self.translate_intake(event, now),
            Input::Outlet(event) => self.translate_outlet(event),
            Input::Done(Done { work, output }) => {
                let (bytes, records) = (output.bytes(), output.records.len());
                Some(Event::Done { work, output: Some(output), output_bytes: bytes, records })
            }
            Input::Drain => {
                self.health.set_draining();
                self.drain_until.get_or_insert_with(|| Instant::now() + self.drain_timeout);
                Some(Event::Drain)
            }
            Input::Abort => {
                self.health.set_draining();
                Some(Event::Abort)
            }
        }
    }

    fn translate_intake(&mut self, event: IntakeEvent, now: Duration) -> Option<Event<Output>> {
        match event {
            IntakeEvent::Assigned(partitions) => {
                self.health.set_joined();
                // The position is not asked for: the first fetched record stands for it.
                Some(Event::Assigned(partitions.iter().map(|partition| (id(partition), None)).collect()))
            }
            IntakeEvent::Revoked { rebalance, partitions } => {
                self.ledger.left(&partitions);
                Some(Event::Revoked { rebalance: RebalanceId(rebalance), partitions: ids(&partitions) })
            }
            IntakeEvent::Lost { rebalance, partitions } => {
                tracing::warn!(partitions = partitions.len(), "partitions were lost");
                self.ledger.left(&partitions);
                Some(Event::Lost { rebalance: RebalanceId(rebalance), partitions: ids(&partitions) })
            }
            IntakeEvent::Rewound { partition, token } => {
                let epoch = self.seeks.remove(&token)?;
                Some(Event::Rewound { partition: id(&partition), epoch })
            }
            IntakeEvent::States(states) => self.look(&states, now),
            IntakeEvent::Disconnected => {
                self.watch.forget();
                None
            }
            IntakeEvent::PollGap(gap) => {
                self.ledger.poll_gap(gap);
                None
            }
            IntakeEvent::Fatal(why) => Some(Event::Fatal(why)),
            // Handled by the caller.
            IntakeEvent::Fetched(_) | IntakeEvent::Closed => None,
        }
    }

    fn translate_outlet(&mut self, event: OutletEvent) -> Option<Event<Output>> {
        match event {
            OutletEvent::Ready => {
                tracing::info!("the producer is ready");
                self.health.set_producing();
                None
            }
            OutletEvent::Committed { phases, .. } => {
                tracing::debug!(send = ?phases.send, drain = ?phases.drain, commit = ?phases.commit, "committed");
                self.ledger.committed(phases);
                self.unit.take().map(Event::Committed)
            }
            OutletEvent::Aborted { why, .. } => {
                tracing::warn!(%why, "a transaction was aborted; its records will be read again");
                self.ledger.aborted();
                self.unit.take().map(Event::Aborted)
            }
            OutletEvent::Fenced(why) => {
                tracing::error!(%why, "another instance has this instance_id");
                Some(Event::Fenced)
            }
            OutletEvent::Fatal(why) => Some(Event::Fatal(why)),
        }
    }

    fn execute(&mut self, command: Command<Output>) {
        match command {
            Command::Pause(partitions) => {
                self.tell(IntakeCommand::Pause(partitions.into_iter().map(partition).collect()));
            }
            Command::Resume(partitions) => {
                self.tell(IntakeCommand::Resume(partitions.into_iter().map(partition).collect()));
            }
            Command::Seek(places) => self.seek(places),
            Command::ReleaseRebalance(RebalanceId(id)) => self.tell(IntakeCommand::Release(id)),
            Command::Commit(unit) => self.commit(unit),
            Command::Stop(reason) => self.stop(reason),
            Command::Submit(_) => unreachable_submit(),
        }
    }

    fn tell(&self, command: IntakeCommand) {
        // The consumer thread outlives the machine's last word; an error would mean that it panicked, and it has said so.
        let _ = self.intake.send(command);
    }

    fn seek(&mut self, places: Vec<sitr_delivery::SeekTo>) {
        let places = places
            .into_iter()
            .map(|place| {
                self.tokens += 1;
                self.seeks.insert(self.tokens, place.epoch);
                SeekTo { partition: partition(place.partition), token: self.tokens, to: place.to.get() }
            })
            .collect();
        self.tell(IntakeCommand::Seek(places));
    }

    fn commit(&mut self, unit: TransactionUnit<Output>) {
        let TransactionUnit { id, outputs, offsets } = unit;
        let mut records = Vec::with_capacity(outputs.len());
        let mut tallies = Vec::with_capacity(outputs.len());
        for output in outputs {
            records.extend(output.records.into_iter().map(|record| (self.names.of(record.route), record)));
            tallies.push((output.tally, output.timestamp_ms));
        }
        self.ledger.begun(tallies);
        self.unit = Some(id);
        let offsets = offsets
            .into_iter()
            .map(|(place, next): (PartitionId, NextOffset)| (partition(place), next.get()))
            .collect();
        let sent = self
            .outlet
            .as_ref()
            .is_some_and(|outlet| outlet.units().send(Unit { id: id.get(), records, offsets }).is_ok());
        debug_assert!(sent, "the producer outlives the machine's last unit");
    }

    /// First the producer, so that nothing is written any more, then the consumer leaves the group.
    fn stop(&mut self, reason: StopReason) {
        tracing::info!(?reason, "stopping");
        self.drain_until = None;
        self.health.set_draining();
        self.stopped = Some(match reason {
            StopReason::Drained => Stopped::Drained,
            StopReason::Aborted => self.hopeless.take().map_or(Stopped::Aborted, Stopped::Stalled),
            StopReason::Fenced => Stopped::Fenced,
            StopReason::Fatal(why) => Stopped::Fatal(why),
        });
        if let Some(outlet) = self.outlet.take() {
            outlet.join();
        }
        self.tell(IntakeCommand::Close);
    }

    /// Publishes how far each owned partition is behind, and gives up when one has stood still for too long.
    fn look(&mut self, states: &[PartitionState], now: Duration) -> Option<Event<Output>> {
        let standing = watch::standing(self.machine.positions(), states);
        for Standing { partition, lag, .. } in &standing {
            if let (Some(lag), Some(state)) = (lag, watch::state_of(partition, states)) {
                self.ledger.lag(&state.partition, *lag);
            }
        }
        if self.stopped.is_some() || self.drain_until.is_some() {
            return None;
        }
        let look = self.watch.look(&standing, now);
        let (stalled, hopeless) = match &look {
            Look::Moving => (&[][..], false),
            Look::Stalled(partitions) => (&partitions[..], false),
            Look::Hopeless(partitions) => (&partitions[..], true),
        };
        if self.health.set_stalled(!stalled.is_empty()) {
            for partition in stalled {
                let state = watch::state_of(partition, states);
                tracing::error!(%partition, ?state, status = ?self.machine.status(now), "a partition stands still");
            }
        }
        self.ledger.stalled(stalled.len());
        hopeless.then(|| {
            let names: Vec<_> = stalled.iter().map(ToString::to_string).collect();
            self.hopeless = Some(names.join(", "));
            Event::Abort
        })
    }
}

/// The machine answers a record with `Submit` inside the same call, where the record is at hand.
fn unreachable_submit() {
    debug_assert!(false, "Submit outside Fetched");
    tracing::error!("the delivery machine submitted work without a record");
}

fn id(partition: &Partition) -> PartitionId {
    PartitionId { topic: Arc::clone(&partition.topic), partition: partition.number }
}

fn ids(partitions: &[Partition]) -> Vec<PartitionId> {
    partitions.iter().map(id).collect()
}

fn partition(id: PartitionId) -> Partition {
    Partition { topic: id.topic, number: id.partition }
}
