//! Giving partitions away (D4, D9).

use std::time::Duration;

use crate::{Command, Machine, PartitionId, RebalanceId, machine::Phase, slots::Tenure};

/// However small the budget: what is ready may still wait this long for a transaction of others to end.
const LEAST_GRACE: Duration = Duration::from_secs(1);

/// A rebalance callback that waits for its release.
pub(crate) struct Rebalance {
    id: RebalanceId,
    places: Vec<u32>,
    /// Running work is waited for until then.
    until: Duration,
    /// A last transaction is not begun after this.
    give_up: Duration,
}

impl<O> Machine<O> {
    pub(crate) fn revoked(&mut self, id: RebalanceId, partitions: &[PartitionId], now: Duration) {
        let places = self.leave(partitions);
        let budget = self.settings.revoke_budget;
        let until = now + budget;
        self.rebalances.push(Rebalance { id, places, until, give_up: until + budget.max(LEAST_GRACE) });
    }

    pub(crate) fn lost(&mut self, id: RebalanceId, partitions: &[PartitionId], now: Duration) {
        let places = self.leave(partitions);
        for place in &places {
            self.discard(*place);
        }
        self.rebalances.push(Rebalance { id, places, until: now, give_up: now });
    }

    /// Stops taking records of these partitions; gives the places of those that were ours.
    fn leave(&mut self, partitions: &[PartitionId]) -> Vec<u32> {
        let mut places = Vec::with_capacity(partitions.len());
        for partition in partitions {
            let Some(place) = self.slots.find(partition) else { continue };
            let slot = self.slots.get_mut(place);
            if slot.tenure != Tenure::Gone {
                slot.tenure = Tenure::Leaving;
                places.push(place);
            }
        }
        places
    }

    pub(crate) fn pump_rebalances(&mut self, now: Duration, out: &mut Vec<Command<O>>) {
        let mut at = 0;
        while at < self.rebalances.len() {
            if self.pump_rebalance(at, now, out) {
                let Rebalance { id, places, .. } = self.rebalances.remove(at);
                for place in places {
                    if self.slots.get(place).tenure == Tenure::Leaving {
                        self.discard(place);
                        self.slots.get_mut(place).tenure = Tenure::Gone;
                    }
                }
                out.push(Command::ReleaseRebalance(id));
            } else {
                at += 1;
            }
        }
    }

    /// Brings one rebalance as far as it goes; true when it may be released.
    fn pump_rebalance(&mut self, at: usize, now: Duration, out: &mut Vec<Command<O>>) -> bool {
        let Rebalance { until, give_up, .. } = self.rebalances[at];
        if self.unit_holds(&self.rebalances[at]) {
            return false;
        }
        if self.is_busy(&self.rebalances[at]) && now < until {
            return false;
        }
        let places = std::mem::take(&mut self.rebalances[at].places);
        for place in &places {
            self.cut(*place);
        }
        let ready = places.iter().any(|place| !self.slots.get(*place).window.is_empty());
        let released = if !ready || now >= give_up {
            true
        } else {
            if self.commits.unit.is_none() {
                self.begin(&places, now, out);
            }
            false
        };
        self.rebalances[at].places = places;
        released
    }

    /// Whether the transaction under way contains one of its partitions. To release before its answer would be wrong even
    /// for a lost partition: the consumer could join again, and a commit that reads the group's metadata after that would
    /// pass for one of the new generation, while the next owner has begun at the old position.
    fn unit_holds(&self, rebalance: &Rebalance) -> bool {
        self.commits.unit.as_ref().is_some_and(|unit| unit.touches(&rebalance.places))
    }

    fn is_busy(&self, rebalance: &Rebalance) -> bool {
        rebalance.places.iter().any(|place| {
            let tally = self.slots.get(*place).window.tally();
            tally.ready < tally.tasks
        })
    }

    /// When this rebalance wants to be looked at again.
    pub(crate) fn rebalance_at(&self, rebalance: &Rebalance) -> Option<Duration> {
        if self.phase == Phase::Stopped || self.unit_holds(rebalance) {
            None
        } else if self.is_busy(rebalance) {
            Some(rebalance.until)
        } else {
            Some(rebalance.give_up)
        }
    }
}
