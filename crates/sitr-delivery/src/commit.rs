//! Transactions: when one begins, what is in it, and what its end means.

use std::time::Duration;

use crate::{
    Command, Epoch, Machine, NextOffset, SeekTo, TransactionUnit, UnitId, machine::Phase, slots::Tenure, window::Taken,
};

/// Wait after the first of a run of aborted transactions; doubles with each.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
/// The longest wait. Beyond it an operator sees no progress where there may be some.
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);

/// The transaction under way.
pub(crate) struct Unit {
    id: UnitId,
    pub(crate) began: Duration,
    /// When the oldest of its records was fetched.
    pub(crate) oldest: Duration,
    output_bytes: usize,
    records: usize,
    advances: Vec<Advance>,
}

struct Advance {
    place: u32,
    epoch: Epoch,
    next: NextOffset,
}

impl Unit {
    pub(crate) fn touches(&self, places: &[u32]) -> bool {
        self.advances.iter().any(|advance| places.contains(&advance.place))
    }
}

/// What the machine knows of its transactions.
#[derive(Default)]
pub(crate) struct Commits {
    pub(crate) unit: Option<Unit>,
    pub(crate) aborts: u32,
    pub(crate) total_committed: u64,
    pub(crate) total_aborted: u64,
    last_unit: u64,
    ready_since: Option<Duration>,
    not_before: Duration,
    /// Where the next transaction begins to take, so that a partition cannot starve the others under a cap.
    turn: u32,
}

impl Commits {
    /// Something may have become ready.
    pub(crate) fn note_ready(&mut self, ready: usize, now: Duration) {
        if ready > 0 && self.ready_since.is_none() {
            self.ready_since = Some(now);
        }
    }

    /// Something ready may have gone. What a cap left behind keeps its age.
    pub(crate) fn note_left(&mut self, ready: usize) {
        if ready == 0 {
            self.ready_since = None;
        }
    }
}

/// A transaction being put together.
struct Draft<O> {
    outputs: Vec<O>,
    output_records: usize,
    unit: Unit,
}

impl<O> Draft<O> {
    fn take(&mut self, place: u32, epoch: Epoch, taken: Taken<O>) {
        let Taken { next, fetched_at, made } = taken;
        let unit = &mut self.unit;
        unit.oldest = unit.oldest.min(fetched_at);
        unit.output_bytes += made.bytes;
        unit.records += 1;
        self.output_records += made.records;
        self.outputs.extend(made.output);
        match unit.advances.last_mut() {
            Some(last) if last.place == place => {
                debug_assert!(last.next < next, "invariant: D1, offsets grow within a partition");
                last.next = next;
            }
            _ => unit.advances.push(Advance { place, epoch, next }),
        }
    }
}

impl<O> Machine<O> {
    /// When the next transaction is due (D10); `None` while there is nothing for it or one is under way (D3).
    pub(crate) fn commit_at(&self) -> Option<Duration> {
        let since = self.commits.ready_since?;
        if self.commits.unit.is_some() {
            return None;
        }
        let full = self.tally.ready_records >= self.settings.max_records_per_commit
            || self.tally.ready_bytes >= self.settings.max_bytes_per_commit;
        // With the input paused and no worker busy, nothing but this transaction can set things going again; and the end
        // of a drain has nothing to wait for.
        let stalled = self.tally.running == 0 && (self.load.paused() || self.phase != Phase::Running);
        let at = if full || stalled { Duration::ZERO } else { since + self.settings.commit_interval };
        // A drain tries once more at once: if that is aborted too, it ends.
        Some(if self.phase == Phase::Running { at.max(self.commits.not_before) } else { at })
    }

    /// Begins a transaction: all that is ready in the partitions of `first`, then of the others in turn up to the caps.
    pub(crate) fn begin(&mut self, first: &[u32], now: Duration, out: &mut Vec<Command<O>>) {
        debug_assert!(self.commits.unit.is_none(), "invariant: D3, one transaction at a time");
        let id = UnitId(self.commits.last_unit + 1);
        let unit = Unit { id, began: now, oldest: now, output_bytes: 0, records: 0, advances: Vec::new() };
        let mut draft = Draft { outputs: Vec::new(), output_records: 0, unit };
        for place in first {
            while self.take_one(*place, &mut draft) {}
        }
        let count = self.slots.places().end;
        let (mut place, mut visited) = (self.commits.turn, 0);
        while visited < count && !self.is_full(&draft) {
            while !self.is_full(&draft) && self.take_one(place, &mut draft) {}
            place = (place + 1) % count;
            visited += 1;
        }
        self.commits.turn = place;
        self.commits.note_left(self.tally.ready);
        let Draft { outputs, unit, .. } = draft;
        if unit.advances.is_empty() {
            debug_assert!(false, "invariant: D10, a transaction advances something");
            return;
        }
        self.commits.last_unit = id.0;
        let offsets = unit
            .advances
            .iter()
            .map(|advance| (self.slots.get(advance.place).partition.clone(), advance.next))
            .collect();
        self.commits.unit = Some(unit);
        out.push(Command::Commit(TransactionUnit { id, outputs, offsets }));
    }

    fn is_full(&self, draft: &Draft<O>) -> bool {
        draft.output_records >= self.settings.max_records_per_commit
            || draft.unit.output_bytes >= self.settings.max_bytes_per_commit
    }

    /// Moves the front of a window, if ready, into the draft: an output leaves the window together with the offset that
    /// covers it, and neither can be anywhere else (D2).
    fn take_one(&mut self, place: u32, draft: &mut Draft<O>) -> bool {
        let slot = self.slots.get_mut(place);
        let before = *slot.window.tally();
        let Some(taken) = slot.window.take_ready() else { return false };
        debug_assert!(slot.tenure != Tenure::Gone, "invariant: D4, nothing of a released partition is committed");
        debug_assert!(slot.base.is_some_and(|base| base < taken.next), "invariant: D1, positions only grow");
        self.tally.sub(&before);
        self.tally.add(slot.window.tally());
        draft.take(place, slot.epoch(), taken);
        true
    }

    /// The answer to the unit under way, or to none that is known.
    fn resolve(&mut self, id: UnitId) -> Option<Unit> {
        let unit = self.commits.unit.take_if(|unit| unit.id == id)?;
        self.load.released(unit.output_bytes, unit.records);
        Some(unit)
    }

    /// Gives up waiting for an answer.
    pub(crate) fn forget_unit(&mut self) {
        if let Some(id) = self.commits.unit.as_ref().map(|unit| unit.id) {
            self.resolve(id);
        }
    }

    pub(crate) fn committed(&mut self, id: UnitId) {
        let Some(unit) = self.resolve(id) else { return };
        self.commits.aborts = 0;
        self.commits.not_before = Duration::ZERO;
        self.commits.total_committed += 1;
        for Advance { place, epoch, next } in unit.advances {
            let slot = self.slots.get_mut(place);
            // A partition that was lost meanwhile has another epoch; its next stay brings its own position.
            if slot.epoch() == epoch {
                slot.base = Some(next);
                slot.committed = Some(next);
            }
        }
    }

    /// D5: nothing of the unit exists, so every partition goes back to where the log stands, and its records are made again.
    pub(crate) fn aborted(&mut self, id: UnitId, now: Duration, out: &mut Vec<Command<O>>) {
        let Some(unit) = self.resolve(id) else { return };
        let wait = FIRST_BACKOFF.saturating_mul(1 << self.commits.aborts.min(16)).min(LONGEST_BACKOFF);
        self.commits.aborts = self.commits.aborts.saturating_add(1);
        self.commits.not_before = now + wait;
        self.commits.total_aborted += 1;
        if let Phase::Draining { cut_short } = &mut self.phase {
            *cut_short = true;
        }
        let mut seeks = Vec::new();
        for place in self.slots.places() {
            let slot = self.slots.get(place);
            let touched = !slot.window.is_empty() || unit.touches(&[place]);
            // Nothing fetched and not committed: the consumer stands where it should.
            if slot.tenure == Tenure::Gone || !touched {
                continue;
            }
            self.discard(place);
            let rewinds = self.phase == Phase::Running;
            let slot = self.slots.get_mut(place);
            if rewinds && slot.tenure == Tenure::Owned {
                slot.rewinding = true;
                slot.rewound = true;
                let to = slot.base.expect("invariant: D5, a partition with records has a position to go back to");
                seeks.push(SeekTo { partition: slot.partition.clone(), epoch: slot.epoch(), to });
            }
        }
        if !seeks.is_empty() {
            out.push(Command::Seek(seeks));
        }
    }
}
