//! Partitions that should move and do not. Whatever the cause (a fetcher that went to sleep, a model that hangs), the operator
//! sees it within one limit, and within two the instance gives up, so that its supervisor can start it anew.

use std::{collections::HashMap, time::Duration};

use sitr_delivery::{NextOffset, PartitionId};
use sitr_kafka::PartitionState;

/// Where a partition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) partition: PartitionId,
    /// The committed position.
    pub(crate) position: Option<i64>,
    /// Records before the end of the log that no commit covers; `None` when nobody knows.
    pub(crate) lag: Option<i64>,
}

/// What the consumer knows of an owned partition.
pub(crate) fn state_of<'a>(partition: &PartitionId, states: &'a [PartitionState]) -> Option<&'a PartitionState> {
    states.iter().find(|s| s.partition.number == partition.partition && s.partition.topic == partition.topic)
}

/// Joins what this instance has committed with what its consumer knows. Before the first commit of a stay the group's position
/// stands for it, else the beginning of the log: a partition that never starts must not be invisible.
pub(crate) fn standing<'a>(
    owned: impl Iterator<Item = (&'a PartitionId, Option<NextOffset>)>,
    states: &[PartitionState],
) -> Vec<Standing> {
    owned
        .map(|(partition, committed)| {
            let state = state_of(partition, states);
            let position = committed.map(NextOffset::get).or_else(|| state.and_then(|s| s.committed.or(s.begin)));
            let lag = state.and_then(|s| s.end).zip(position).map(|(end, at)| (end - at).max(0));
            Standing { partition: partition.clone(), position, lag }
        })
        .collect()
}

/// What a look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Look {
    /// Everything moves or has nothing to do.
    Moving,
    /// These partitions have stood still for longer than the limit.
    Stalled(Vec<PartitionId>),
    /// One of them for longer than twice the limit.
    Hopeless(Vec<PartitionId>),
}

struct Mark {
    position: Option<i64>,
    moved: Duration,
}

pub(crate) struct Watch {
    limit: Duration,
    marks: HashMap<PartitionId, Mark>,
}

impl Watch {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, marks: HashMap::new() }
    }

    /// Looks at all owned partitions. `now` is any monotonic clock.
    pub(crate) fn look(&mut self, standing: &[Standing], now: Duration) -> Look {
        self.marks.retain(|partition, _| standing.iter().any(|s| s.partition == *partition));
        let (mut stalled, mut longest) = (Vec::new(), Duration::ZERO);
        for Standing { partition, position, lag } in standing {
            let mark = self.marks.entry(partition.clone()).or_insert(Mark { position: *position, moved: now });
            if mark.position != *position || *lag == Some(0) {
                *mark = Mark { position: *position, moved: now };
            }
            let still = now.saturating_sub(mark.moved);
            if still > self.limit {
                stalled.push(partition.clone());
                longest = longest.max(still);
            }
        }
        match longest {
            _ if stalled.is_empty() => Look::Moving,
            longest if longest > self.limit * 2 => Look::Hopeless(stalled),
            _ => Look::Stalled(stalled),
        }
    }

    /// Without a broker nothing can move: the time until it is back does not count.
    pub(crate) fn forget(&mut self) {
        self.marks.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(partition: i32, position: Option<i64>, lag: Option<i64>) -> Standing {
        Standing { partition: PartitionId { topic: "t".into(), partition }, position, lag }
    }

    fn watch() -> (Watch, impl Fn(u64) -> Duration) {
        (Watch::new(Duration::from_secs(60)), Duration::from_secs)
    }

    #[test]
    fn a_partition_that_was_never_committed_here_lags_from_the_groups_position() {
        let partition = PartitionId { topic: "t".into(), partition: 3 };
        let state = |committed| PartitionState {
            partition: sitr_kafka::Partition { topic: "t".into(), number: 3 },
            begin: Some(2),
            end: Some(12),
            committed,
            fetch_state: "none".to_owned(),
        };
        let lag = |mine: Option<i64>, states: &[PartitionState]| {
            let mine = mine.map(NextOffset::committed);
            standing([(&partition, mine)].into_iter(), states)[0].lag
        };
        assert_eq!(lag(Some(9), &[state(Some(5))]), Some(3));
        assert_eq!(lag(None, &[state(Some(5))]), Some(7));
        assert_eq!(lag(None, &[state(None)]), Some(10));
        assert_eq!(lag(None, &[]), None);
    }

    #[test]
    fn a_partition_that_lags_and_does_not_move_is_told_and_then_given_up() {
        let (mut watch, s) = watch();
        let stuck = [at(0, Some(5), Some(3)), at(1, Some(9), Some(0))];
        assert_eq!(watch.look(&stuck, s(0)), Look::Moving);
        assert_eq!(watch.look(&stuck, s(60)), Look::Moving);
        let named = vec![stuck[0].partition.clone()];
        assert_eq!(watch.look(&stuck, s(62)), Look::Stalled(named.clone()));
        assert_eq!(watch.look(&stuck, s(122)), Look::Hopeless(named));
    }

    #[test]
    fn one_commit_is_movement_however_much_is_left() {
        let (mut watch, s) = watch();
        for second in (0..600).step_by(50) {
            let slow = [at(0, Some(second), Some(1_000_000))];
            assert_eq!(watch.look(&slow, s(second.unsigned_abs())), Look::Moving);
        }
    }

    #[test]
    fn a_lag_that_nobody_knows_is_no_excuse() {
        let (mut watch, s) = watch();
        let blind = [at(0, None, None)];
        watch.look(&blind, s(0));
        assert!(matches!(watch.look(&blind, s(61)), Look::Stalled(_)));
    }

    #[test]
    fn a_new_stay_and_a_lost_connection_begin_the_clock_anew() {
        let (mut watch, s) = watch();
        let stuck = [at(0, Some(5), Some(3))];
        watch.look(&stuck, s(0));
        watch.look(&[], s(50));
        assert_eq!(watch.look(&stuck, s(70)), Look::Moving);
        watch.forget();
        assert_eq!(watch.look(&stuck, s(140)), Look::Moving);
    }
}
