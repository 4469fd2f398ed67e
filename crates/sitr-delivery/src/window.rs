//! The records of one epoch in fetch order, and how long a prefix of them is done.

use std::{collections::VecDeque, time::Duration};

use crate::{Epoch, NextOffset, Offset, load::Weight};

/// What a worker made of one record.
pub(crate) struct Made<O> {
    pub(crate) output: Option<O>,
    pub(crate) bytes: usize,
    pub(crate) records: usize,
}

enum State<O> {
    Running(Weight),
    Done(Made<O>),
}

struct Task<O> {
    offset: Offset,
    fetched_at: Duration,
    state: State<O>,
}

/// Sums over the records of a window, or over all windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    /// Records.
    pub(crate) tasks: usize,
    /// Records at the workers.
    pub(crate) running: usize,
    /// Records in a done prefix.
    pub(crate) ready: usize,
    /// Output records of the done prefixes.
    pub(crate) ready_records: usize,
    /// Output bytes of the done prefixes.
    pub(crate) ready_bytes: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.tasks += other.tasks;
        self.running += other.running;
        self.ready += other.ready;
        self.ready_records += other.ready_records;
        self.ready_bytes += other.ready_bytes;
    }

    pub(crate) fn sub(&mut self, other: &Self) {
        self.tasks -= other.tasks;
        self.running -= other.running;
        self.ready -= other.ready;
        self.ready_records -= other.ready_records;
        self.ready_bytes -= other.ready_bytes;
    }
}

/// A record that left the front of a window for a transaction.
pub(crate) struct Taken<O> {
    pub(crate) next: NextOffset,
    pub(crate) fetched_at: Duration,
    pub(crate) made: Made<O>,
}

/// What is left when records are dropped.
pub(crate) struct Dropped {
    /// Output bytes that were waiting.
    pub(crate) output_bytes: usize,
    /// Done records among them.
    pub(crate) done: usize,
    /// The part that workers still hold.
    pub(crate) remains: Remains,
}

/// Records that workers hold although their epoch is over.
pub(crate) struct Remains {
    first_seq: u64,
    tasks: Vec<Option<Weight>>,
    left: usize,
}

impl Remains {
    pub(crate) fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// The weight of a record whose answer came at last.
    pub(crate) fn finish(&mut self, seq: u64) -> Option<Weight> {
        let weight = self.tasks.get_mut(usize::try_from(seq.checked_sub(self.first_seq)?).ok()?)?.take()?;
        self.left -= 1;
        Some(weight)
    }
}

/// Records of one partition in fetch order; `first_seq` numbers the front.
pub(crate) struct Window<O> {
    epoch: Epoch,
    tasks: VecDeque<Task<O>>,
    first_seq: u64,
    tally: Tally,
}

impl<O> Window<O> {
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self { epoch, tasks: VecDeque::new(), first_seq: 0, tally: Tally::default() }
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// When the front was fetched.
    pub(crate) fn oldest(&self) -> Option<Duration> {
        self.tasks.front().map(|task| task.fetched_at)
    }

    pub(crate) fn push(&mut self, offset: Offset, weight: Weight, now: Duration) -> u64 {
        let seq = self.first_seq + self.tasks.len() as u64;
        self.tasks.push_back(Task { offset, fetched_at: now, state: State::Running(weight) });
        self.tally.tasks += 1;
        self.tally.running += 1;
        seq
    }

    pub(crate) fn is_running(&self, seq: u64) -> bool {
        self.place(seq).is_some_and(|place| matches!(self.tasks[place].state, State::Running(_)))
    }

    /// Notes the answer of a worker and gives the weight it frees; `None` when the record is not running here.
    pub(crate) fn finish(&mut self, seq: u64, made: Made<O>) -> Option<Weight> {
        let place = self.place(seq)?;
        let State::Running(weight) = self.tasks[place].state else { return None };
        self.tasks[place].state = State::Done(made);
        self.tally.running -= 1;
        // D1: the prefix grows only from its end, in fetch order.
        if place == self.tally.ready {
            while let Some(Task { state: State::Done(made), .. }) = self.tasks.get(self.tally.ready) {
                self.tally.ready += 1;
                self.tally.ready_records += made.records;
                self.tally.ready_bytes += made.bytes;
            }
        }
        Some(weight)
    }

    /// Takes the front record if it is done.
    pub(crate) fn take_ready(&mut self) -> Option<Taken<O>> {
        if self.tally.ready == 0 {
            return None;
        }
        let Task { offset, fetched_at, state } = self.tasks.pop_front()?;
        let State::Done(made) = state else { unreachable!("invariant: D1, a ready record is done") };
        self.first_seq += 1;
        self.tally.tasks -= 1;
        self.tally.ready -= 1;
        self.tally.ready_records -= made.records;
        self.tally.ready_bytes -= made.bytes;
        Some(Taken { next: offset.next(), fetched_at, made })
    }

    /// Drops everything.
    pub(crate) fn drop_all(&mut self) -> Dropped {
        self.tally = Tally::default();
        self.drop_from(0)
    }

    /// Drops everything behind the done prefix.
    pub(crate) fn drop_unready(&mut self) -> Dropped {
        let ready = self.tally.ready;
        self.tally.tasks = ready;
        self.tally.running = 0;
        self.drop_from(ready)
    }

    fn drop_from(&mut self, place: usize) -> Dropped {
        let mut dropped = Dropped {
            output_bytes: 0,
            done: 0,
            remains: Remains {
                first_seq: self.first_seq + place as u64,
                tasks: Vec::with_capacity(self.tasks.len() - place),
                left: 0,
            },
        };
        for task in self.tasks.drain(place..) {
            match task.state {
                State::Running(weight) => {
                    dropped.remains.left += 1;
                    dropped.remains.tasks.push(Some(weight));
                }
                State::Done(made) => {
                    dropped.done += 1;
                    dropped.output_bytes += made.bytes;
                    dropped.remains.tasks.push(None);
                }
            }
        }
        dropped
    }

    fn place(&self, seq: u64) -> Option<usize> {
        let place = usize::try_from(seq.checked_sub(self.first_seq)?).ok()?;
        (place < self.tasks.len()).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(offsets: &[i64]) -> Window<&'static str> {
        let mut window = Window::new(Epoch(0));
        for offset in offsets {
            window.push(Offset(*offset), Weight { bytes: 10, cost: 1 }, Duration::ZERO);
        }
        window
    }

    fn made(output: &'static str) -> Made<&'static str> {
        Made { output: Some(output), bytes: output.len(), records: 1 }
    }

    #[test]
    fn d1_a_record_behind_a_running_one_is_not_ready() {
        let mut window = window(&[3, 4]);
        window.finish(1, made("b"));
        assert_eq!(window.tally().ready, 0);
        assert!(window.take_ready().is_none());
        window.finish(0, made("a"));
        assert_eq!(window.tally().ready, 2);
    }

    #[test]
    fn d1_gaps_in_the_numbers_do_not_break_the_prefix() {
        let mut window = window(&[3, 7, 900]);
        for seq in 0..3 {
            window.finish(seq, made("x"));
        }
        let nexts: Vec<_> = std::iter::from_fn(|| window.take_ready()).map(|taken| taken.next.get()).collect();
        assert_eq!(nexts, [4, 8, 901]);
    }

    #[test]
    fn an_answer_counts_once() {
        let mut window = window(&[0]);
        assert!(window.finish(0, made("a")).is_some());
        assert!(window.finish(0, made("again")).is_none());
        assert!(window.finish(5, made("nobody")).is_none());
        assert_eq!(window.take_ready().and_then(|taken| taken.made.output), Some("a"));
    }

    #[test]
    fn dropping_behind_the_prefix_keeps_the_prefix_and_hands_over_what_runs() {
        let mut window = window(&[0, 1, 2]);
        window.finish(0, made("a"));
        window.finish(2, made("c"));
        let mut dropped = window.drop_unready();
        assert_eq!((dropped.done, dropped.output_bytes), (1, 1));
        assert_eq!(window.tally(), &Tally { tasks: 1, running: 0, ready: 1, ready_records: 1, ready_bytes: 1 });
        assert!(window.finish(1, made("late")).is_none());
        assert_eq!(dropped.remains.finish(2), None);
        assert_eq!(dropped.remains.finish(1), Some(Weight { bytes: 10, cost: 1 }));
        assert!(dropped.remains.is_empty());
    }
}
