//! Random schedules of two or three instances against a small model of a group and a transactional log.
//!
//! The oracle: every record's output is in the log exactly once, and every position ends behind its last record, whatever
//! was revoked, lost, aborted, drained or crashed on the way. `SITR_SEEDS` sets how many schedules run (default 10,000),
//! `SITR_SEED` replays one.
//!
//! The model is harsh where Kafka is: a commit is checked against the *current* membership only, not against who owns
//! the partition; a lost partition is with its next owner before the old one hears of it; seeks come late, and
//! records from before them still arrive.

mod broker;
mod group;
mod instance;
mod planted;
mod world;

use std::{collections::BTreeMap, time::Duration};

use crate::{broker::gives, world::World};

impl World {
    fn finished(&self) -> bool {
        let logs = self.broker.logs.iter().zip(&self.broker.committed);
        logs.into_iter().all(|(log, committed)| log.last().is_none_or(|last| last < committed))
    }

    fn settled(&self) -> bool {
        self.instances.iter().all(|i| {
            i.fifo.is_empty() && i.workers.is_empty() && i.unit.is_none() && i.answer.is_none() && i.stopped.is_none()
        })
    }

    pub(crate) fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            self.now += Duration::from_millis(self.rng.below(12) as u64);
            let at = self.rng.below(self.instances.len());
            if self.rng.chance(6) {
                self.trouble(at);
            } else {
                let kind = self.rng.below(7);
                self.step(at, kind);
            }
        }
        // Peace: everything must come to its end, and soon.
        for round in 0.. {
            if self.finished() && self.settled() {
                break;
            }
            assert!(round < 20_000, "the stream has come to a halt: {:?}", self.halted());
            self.now += Duration::from_millis(5);
            for at in 0..self.instances.len() {
                for kind in 0..7 {
                    self.step(at, kind);
                }
            }
        }
        self.judge();
    }

    fn halted(&self) -> Vec<sitr_delivery::Status> {
        self.instances.iter().map(|instance| instance.machine.status(self.now)).collect()
    }

    fn judge(&self) {
        for (partition, log) in self.broker.logs.iter().enumerate() {
            for offset in log {
                let record = (partition as i32, *offset);
                let times = self.broker.outputs.get(&record).copied().unwrap_or(0);
                assert_eq!(times, usize::from(gives(record)), "output of {record:?}");
            }
        }
        for instance in &self.instances {
            let status = instance.machine.status(self.now);
            assert_eq!(
                (status.in_flight_bytes, status.in_flight_cost),
                (0, 0),
                "what is held is given back: {status:?}"
            );
            assert_eq!(status.in_flight_records, 0);
            assert!(!status.paused);
        }
    }
}

#[test]
fn every_record_is_decided_exactly_once_under_any_schedule() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seeds = match number("SITR_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SITR_SEEDS").unwrap_or(10_000),
    };
    let mut seen = BTreeMap::<&str, u64>::new();
    let count = seeds.end - seeds.start;
    for seed in seeds {
        let outcome = std::panic::catch_unwind(|| {
            let mut world = World::new(seed);
            let steps = 200 + world.rng.below(2_000);
            world.run(steps);
            world.seen
        });
        match outcome {
            Ok(of_one) => of_one.into_iter().for_each(|(what, times)| *seen.entry(what).or_default() += times),
            Err(panic) => {
                panic!("SITR_SEED={seed} fails: {}", panic.downcast_ref::<String>().map_or("see above", String::as_str))
            }
        }
    }
    // A schedule that brings no trouble proves nothing.
    let names = [
        ("committed", 50),
        ("aborted", 5),
        ("sought", 5),
        ("revoked", 5),
        ("revoked during its transaction", 1),
        ("lost", 5),
        ("lost during its transaction", 1),
        ("crashed", 1),
        ("drained", 1),
        ("paused", 5),
    ];
    if count >= 100 {
        for (name, least) in names {
            assert!(seen.get(name).copied().unwrap_or(0) >= least * count / 10, "too little of {name}: {seen:?}");
        }
        for name in ["stopped", "fenced", "crashed unanswered"] {
            assert!(seen.contains_key(name), "no schedule was {name}: {seen:?}");
        }
    }
}
