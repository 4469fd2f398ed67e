//! The group: who gets what, who joins and leaves, and what goes wrong.

use sitr_delivery::{Event, NextOffset};

use crate::{instance::Instance, world::World};

impl World {
    /// Hands free partitions out, lets a member that lost everything join again, and closes what has stopped.
    pub(crate) fn manage_group(&mut self, at: usize) -> bool {
        let instance = &mut self.instances[at];
        if instance.callback.is_some() {
            return false;
        }
        if instance.stopped.is_some() {
            if instance.position.is_empty() {
                self.restart(at);
                return true;
            }
            if instance.closing {
                return false;
            }
            instance.closing = true;
            let partitions = instance.position.keys().copied().collect();
            let lost = !instance.joined;
            return self.call_back(at, partitions, lost);
        }
        if !instance.joined {
            let rejoins = instance.position.is_empty();
            instance.joined |= rejoins;
            return rejoins;
        }
        let Some(free) = self.broker.owner.iter().position(Option::is_none) else { return false };
        let partition = free as i32;
        // The old owner may not have heard yet that it lost it; this very instance may not get it twice.
        if instance.position.contains_key(&partition) {
            return false;
        }
        let committed = self.broker.committed[free];
        self.broker.owner[free] = Some(at);
        instance.position.insert(partition, committed);
        let known = (committed > 0 && self.rng.chance(70)).then(|| NextOffset::committed(committed));
        let event = Event::Assigned(vec![(self.id(partition), known)]);
        self.instances[at].fifo.push_back(event);
        true
    }

    pub(crate) fn restart(&mut self, at: usize) {
        for owner in &mut self.broker.owner {
            if *owner == Some(at) {
                *owner = None;
            }
        }
        self.instances[at] = Instance::new(&mut self.rng);
    }

    pub(crate) fn trouble(&mut self, at: usize) {
        match self.rng.below(100) {
            0..=29 => {
                self.run_transaction(at, 60);
            }
            30..=59 if self.instances[at].callback.is_none() && !self.instances[at].closing => {
                let mut held: Vec<i32> = self.instances[at].position.keys().copied().collect();
                held.sort_unstable();
                held.retain(|_| self.rng.chance(50));
                if !held.is_empty() && self.instances[at].joined {
                    self.call_back(at, held, false);
                }
            }
            60..=79 => {
                // The session ends: others may have the partitions at once, this one hears of it at its next poll.
                self.instances[at].joined = false;
                for owner in &mut self.broker.owner {
                    if *owner == Some(at) {
                        *owner = None;
                    }
                }
            }
            80..=89 => {
                self.note(if self.instances[at].answer.is_some() { "crashed unanswered" } else { "crashed" });
                self.restart(at);
            }
            90..=95 if self.instances[at].stopped.is_none() => self.feed(at, Event::Drain),
            96..=97 => self.feed(at, Event::Abort),
            98 => {
                // Fenced: its transaction never answers, and it is no member any more.
                if self.instances[at].unit.take().is_some() {
                    self.instances[at].joined = false;
                    self.feed(at, Event::Fenced);
                }
            }
            _ => self.feed(at, Event::Tick),
        }
    }
}
