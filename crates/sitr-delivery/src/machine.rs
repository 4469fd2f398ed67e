//! The machine's face: state, dispatch, what can be asked.

use std::time::Duration;

use crate::{
    Command, DeliverySettings, Epoch, Event, NextOffset, PartitionId, SettingsError, Status, StopReason, WorkId,
    commit::Commits,
    load::Load,
    rebalance::Rebalance,
    slots::{Slots, Tenure},
    window::Tally,
};

/// Where the instance is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Running,
    /// Takes no more records; `cut_short` once a transaction was aborted meanwhile.
    Draining {
        cut_short: bool,
    },
    Stopped,
}

/// The delivery machine of one instance. See the crate's description for its rules.
///
/// `O` is what a worker makes of one record.
pub struct Machine<O> {
    pub(crate) settings: DeliverySettings,
    pub(crate) phase: Phase,
    pub(crate) slots: Slots<O>,
    /// Sum over the windows of all slots.
    pub(crate) tally: Tally,
    pub(crate) load: Load,
    pub(crate) commits: Commits,
    pub(crate) rebalances: Vec<Rebalance>,
    pub(crate) late_dropped: u64,
    pub(crate) repeats_dropped: u64,
    last_epoch: u64,
}

impl<O> Machine<O> {
    /// A machine that owns nothing yet.
    ///
    /// # Errors
    /// When the settings contradict each other.
    pub fn new(settings: DeliverySettings) -> Result<Self, SettingsError> {
        settings.validate()?;
        Ok(Self {
            load: Load::new(&settings),
            settings,
            phase: Phase::Running,
            slots: Slots::new(),
            tally: Tally::default(),
            commits: Commits::default(),
            rebalances: Vec::new(),
            late_dropped: 0,
            repeats_dropped: 0,
            last_epoch: 0,
        })
    }

    /// Takes in one event and appends to `out` what must be done about it, in order. `now` is any monotonic clock, the same
    /// for every call. The caller clears `out`.
    pub fn handle(&mut self, event: Event<O>, now: Duration, out: &mut Vec<Command<O>>) {
        match event {
            Event::Fetched { partition, offset, bytes, cost } => {
                self.fetched(&partition, (offset, crate::load::Weight { bytes, cost }), now, out);
            }
            Event::Done { work, output, output_bytes, records } => {
                self.done(work, crate::window::Made { output, bytes: output_bytes, records }, now);
            }
            Event::Assigned(partitions) => self.assigned(partitions, now, out),
            Event::Revoked { rebalance, partitions } => self.revoked(rebalance, &partitions, now),
            Event::Lost { rebalance, partitions } => self.lost(rebalance, &partitions, now),
            Event::Rewound { partition, epoch } => self.rewound(&partition, epoch),
            Event::Committed(unit) => self.committed(unit),
            Event::Aborted(unit) => self.aborted(unit, now, out),
            Event::Fenced => self.broken(StopReason::Fenced, now, out),
            Event::Fatal(reason) => self.broken(StopReason::Fatal(reason), now, out),
            Event::Tick => {}
            Event::Drain => self.drain(out),
            Event::Abort => self.stop(StopReason::Aborted, now, out),
        }
        self.pump(now, out);
    }

    /// When to send [`Event::Tick`] if nothing else happens before; on the clock of `now`. `None`: an idle instance may
    /// sleep. After `handle(.., now, ..)` it is always later than that `now`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        let rebalance = self.rebalances.iter().filter_map(|rebalance| self.rebalance_at(rebalance)).min();
        [self.commit_at(), rebalance].into_iter().flatten().min()
    }

    /// Whether the answer to this work still matters. A caller that queues work may skip what is not live, but must still
    /// answer it with [`Event::Done`] (`output: None`).
    #[must_use]
    pub fn is_live(&self, work: WorkId) -> bool {
        (work.slot as usize) < self.slots.len() && {
            let slot = self.slots.get(work.slot);
            slot.epoch() == work.epoch && slot.window.is_running(work.seq)
        }
    }

    /// The partition of a piece of work; `None` for work of another machine.
    #[must_use]
    pub fn partition_of(&self, work: WorkId) -> Option<&PartitionId> {
        ((work.slot as usize) < self.slots.len()).then(|| &self.slots.get(work.slot).partition)
    }

    /// Owned partitions with their last committed position as this instance knows it: exact, without the control records
    /// that a lag computed from the group's offsets counts. `None` until something is known.
    pub fn positions(&self) -> impl Iterator<Item = (&PartitionId, Option<NextOffset>)> {
        self.slots.owned().map(|slot| (&slot.partition, slot.committed))
    }

    /// Whether [`Command::Stop`] has been said.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.phase == Phase::Stopped
    }

    /// A look inside at `now`. Costs a walk over the partitions.
    #[must_use]
    pub fn status(&self, now: Duration) -> Status {
        let unit = self.commits.unit.as_ref();
        let oldest =
            self.slots.iter().filter_map(|slot| slot.window.oldest()).chain(unit.map(|unit| unit.oldest)).min();
        Status {
            assigned: self.slots.owned().count(),
            in_flight_records: self.tally.tasks,
            in_flight_bytes: self.load.bytes(),
            in_flight_cost: self.load.cost(),
            ready_records: self.tally.ready,
            paused: self.load.paused(),
            paused_partitions: self.slots.owned().filter(|slot| slot.paused).count(),
            rewinding: self.slots.owned().filter(|slot| slot.rewinding).count(),
            rebalances_waiting: self.rebalances.len(),
            unit_age: unit.map(|unit| now.saturating_sub(unit.began)),
            oldest_uncommitted: oldest.map(|at| now.saturating_sub(at)),
            consecutive_aborts: self.commits.aborts,
            units_committed: self.commits.total_committed,
            units_aborted: self.commits.total_aborted,
            repeats_dropped: self.repeats_dropped,
            late_dropped: self.late_dropped,
        }
    }

    pub(crate) fn new_epoch(&mut self) -> Epoch {
        self.last_epoch += 1;
        Epoch(self.last_epoch)
    }

    /// Everything that may have become possible. Each step is a comparison when there is nothing to do.
    fn pump(&mut self, now: Duration, out: &mut Vec<Command<O>>) {
        self.breathe(out);
        self.pump_rebalances(now, out);
        if self.commit_at().is_some_and(|at| at <= now) {
            self.begin(&[], now, out);
        }
        if let Phase::Draining { cut_short } = self.phase
            && self.tally.tasks == 0
            && self.commits.unit.is_none()
        {
            // D8: "drained" is said only when it is true of every record.
            self.stop(if cut_short { StopReason::Aborted } else { StopReason::Drained }, now, out);
        }
        #[cfg(debug_assertions)]
        self.check(now);
    }

    /// Pauses and resumes by load (D6): all partitions at the bounds, one alone at its share of the cost. Without shares, the
    /// partition whose records come first would fill the queue each time, and the others would wait until it is at its end.
    /// While draining, everything is paused and stays so.
    fn breathe(&mut self, out: &mut Vec<Command<O>>) {
        self.load.turn();
        if self.phase != Phase::Running {
            return;
        }
        let (full, share) = (self.load.paused(), self.settings.max_in_flight_cost / self.slots.owned().count().max(1));
        let (mut pause, mut resume) = (Vec::new(), Vec::new());
        for slot in self.slots.iter_mut().filter(|slot| slot.tenure == Tenure::Owned) {
            slot.crowded = if slot.crowded { slot.cost > share / 2 } else { slot.cost >= share.max(1) };
            let wish = full || slot.crowded;
            if slot.paused != wish {
                slot.paused = wish;
                (if wish { &mut pause } else { &mut resume }).push(slot.partition.clone());
            }
        }
        if !pause.is_empty() {
            out.push(Command::Pause(pause));
        }
        if !resume.is_empty() {
            out.push(Command::Resume(resume));
        }
    }

    pub(crate) fn pause_owned(&mut self, out: &mut Vec<Command<O>>) {
        let mut paused = Vec::new();
        for slot in self.slots.iter_mut().filter(|slot| slot.tenure == Tenure::Owned && !slot.paused) {
            slot.paused = true;
            paused.push(slot.partition.clone());
        }
        if !paused.is_empty() {
            out.push(Command::Pause(paused));
        }
    }

    fn drain(&mut self, out: &mut Vec<Command<O>>) {
        if self.phase == Phase::Running {
            self.phase = Phase::Draining { cut_short: false };
            self.pause_owned(out);
        }
    }

    /// A producer that is fenced or broken gives no answer any more, also when the machine has stopped before.
    fn broken(&mut self, reason: StopReason, now: Duration, out: &mut Vec<Command<O>>) {
        self.forget_unit();
        self.stop(reason, now, out);
    }

    /// Drops all and says the last word. A transaction under way is still answered, and a rebalance that touches it still
    /// waits for that (D9).
    pub(crate) fn stop(&mut self, reason: StopReason, now: Duration, out: &mut Vec<Command<O>>) {
        if self.phase == Phase::Stopped {
            return;
        }
        self.phase = Phase::Stopped;
        for place in self.slots.places() {
            self.discard(place);
        }
        self.pump_rebalances(now, out);
        out.push(Command::Stop(reason));
    }

    #[cfg(debug_assertions)]
    fn check(&self, now: Duration) {
        let mut sum = Tally::default();
        for slot in self.slots.iter() {
            sum.add(slot.window.tally());
        }
        debug_assert_eq!(sum, self.tally, "invariant: the sums over the windows are right");
        debug_assert!(self.next_deadline().is_none_or(|at| at > now), "invariant: what is due has been done");
    }
}
