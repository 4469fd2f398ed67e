//! From the log to the workers and back: assignment, records, answers.

use std::time::Duration;

use crate::{
    Command, Epoch, Machine, NextOffset, Offset, PartitionId, StopReason, WorkId,
    load::Weight,
    machine::Phase,
    slots::Tenure,
    window::{Dropped, Made, Window},
};

impl<O> Machine<O> {
    pub(crate) fn assigned(
        &mut self,
        partitions: Vec<(PartitionId, Option<NextOffset>)>,
        now: Duration,
        out: &mut Vec<Command<O>>,
    ) {
        if self.phase == Phase::Stopped {
            return;
        }
        for (partition, committed) in partitions {
            let place = self.slots.place(&partition);
            if self.slots.get(place).tenure != Tenure::Gone {
                // Where the consumer stands now is unknown, so nothing that follows could be trusted.
                self.stop(
                    StopReason::Fatal(format!("{partition} was assigned while this instance still had it")),
                    now,
                    out,
                );
                return;
            }
            let epoch = self.new_epoch();
            self.slots.get_mut(place).settle(epoch, committed);
        }
        if self.phase != Phase::Running {
            self.pause_owned(out);
        }
    }

    pub(crate) fn fetched(
        &mut self,
        partition: &PartitionId,
        (offset, weight): (Offset, Weight),
        now: Duration,
        out: &mut Vec<Command<O>>,
    ) {
        if self.phase != Phase::Running {
            return;
        }
        let Some(place) = self.slots.find(partition) else { return };
        let slot = self.slots.get_mut(place);
        if slot.tenure != Tenure::Owned || slot.rewinding {
            return;
        }
        let at = NextOffset::at(offset);
        let below = slot.base.is_some_and(|base| at < base);
        match slot.last {
            // A repeat of something in flight or in a transaction. To take it would be to do it twice.
            Some(last) if offset <= last && !below => {
                self.repeats_dropped += 1;
                return;
            }
            // The log was cut, or the consumer did not go where it was sent. To go on would lose or double records.
            _ if below && (slot.last.is_some() || slot.rewound) => {
                let reason = format!("{partition} went back to offset {}, below what is committed", offset.0);
                self.stop(StopReason::Fatal(reason), now, out);
                return;
            }
            // The first record of a stay. It may lie below the group's position when that is no longer in the log and a
            // reset policy chose the start: then that is where this stay begins.
            None if below || slot.base.is_none() => slot.base = Some(at),
            _ => {}
        }
        slot.last = Some(offset);
        let work = WorkId { slot: place, epoch: slot.epoch(), seq: slot.window.push(offset, weight, now) };
        slot.cost += weight.cost;
        self.tally.tasks += 1;
        self.tally.running += 1;
        self.load.fetched(weight);
        out.push(Command::Submit(work));
    }

    pub(crate) fn rewound(&mut self, partition: &PartitionId, epoch: Epoch) {
        let Some(place) = self.slots.find(partition) else { return };
        let slot = self.slots.get_mut(place);
        if slot.epoch() == epoch {
            slot.rewinding = false;
        }
    }

    pub(crate) fn done(&mut self, work: WorkId, made: Made<O>, now: Duration) {
        let output_bytes = made.bytes;
        if (work.slot as usize) < self.slots.len() {
            let slot = self.slots.get_mut(work.slot);
            if slot.epoch() == work.epoch {
                let before = *slot.window.tally();
                if let Some(weight) = slot.window.finish(work.seq, made) {
                    let after = slot.window.tally();
                    self.tally.sub(&before);
                    self.tally.add(after);
                    self.slots.get_mut(work.slot).cost -= weight.cost;
                    self.load.finished(weight, output_bytes);
                    self.commits.note_ready(self.tally.ready, now);
                    return;
                }
            }
        }
        // D4: the answer to an epoch that is over is dropped; what its record held is given back.
        self.late_dropped += 1;
        self.load.late(work);
    }

    /// Drops all of a window and begins a new epoch, so that no answer to the old one is taken for a new one.
    pub(crate) fn discard(&mut self, place: u32) {
        let fresh = self.new_epoch();
        let slot = self.slots.get_mut(place);
        let (epoch, tally) = (slot.epoch(), *slot.window.tally());
        let dropped = slot.window.drop_all();
        slot.window = Window::new(fresh);
        slot.cost = 0;
        slot.last = None;
        self.tally.sub(&tally);
        self.bury(epoch, dropped);
    }

    /// Drops what is not ready in a window; the ready prefix stays.
    pub(crate) fn cut(&mut self, place: u32) {
        let slot = self.slots.get_mut(place);
        let (epoch, before) = (slot.epoch(), *slot.window.tally());
        let dropped = slot.window.drop_unready();
        slot.cost = 0;
        self.tally.sub(&before);
        self.tally.add(slot.window.tally());
        self.bury(epoch, dropped);
    }

    fn bury(&mut self, epoch: Epoch, dropped: Dropped) {
        self.load.released(dropped.output_bytes, dropped.done);
        self.load.bury(epoch, dropped.remains);
        self.commits.note_left(self.tally.ready);
    }
}
