//! The rules D1 to D10, one scenario each. Time is a number; nothing sleeps.

mod flow;
mod offsets;

use std::{collections::HashMap, time::Duration};

use sitr_delivery::{
    Command, DeliverySettings, Event, Machine, NextOffset, Offset, PartitionId, RebalanceId, SeekTo, TransactionUnit,
    WorkId,
};

type Out = &'static str;

/// A machine with its surroundings played by the test.
struct Rig {
    machine: Machine<Out>,
    now: Duration,
    work: HashMap<(i32, i64), WorkId>,
}

const INTERVAL: Duration = Duration::from_millis(100);
const BUDGET: Duration = Duration::from_secs(3);

fn p(partition: i32) -> PartitionId {
    PartitionId::new("posts", partition)
}

fn at(position: i64) -> NextOffset {
    NextOffset::committed(position)
}

impl Rig {
    fn new() -> Self {
        Self::with(DeliverySettings::default())
    }

    fn with(settings: DeliverySettings) -> Self {
        Self {
            machine: Machine::new(settings).expect("these settings fit together"),
            now: Duration::from_secs(1),
            work: HashMap::new(),
        }
    }

    fn send(&mut self, event: Event<Out>) -> Vec<Command<Out>> {
        let mut out = Vec::new();
        self.machine.handle(event, self.now, &mut out);
        assert!(self.machine.next_deadline().is_none_or(|deadline| deadline > self.now));
        out
    }

    fn assign(&mut self, partitions: &[i32]) -> Vec<Command<Out>> {
        self.send(Event::Assigned(partitions.iter().map(|n| (p(*n), Some(at(0)))).collect()))
    }

    fn fetch(&mut self, partition: i32, offset: i64) -> Vec<Command<Out>> {
        self.fetch_sized(partition, offset, 100)
    }

    fn fetch_sized(&mut self, partition: i32, offset: i64, bytes: usize) -> Vec<Command<Out>> {
        let mut out =
            self.send(Event::Fetched { partition: p(partition), offset: Offset(offset), bytes, cost: bytes / 4 });
        if let Some(Command::Submit(work)) = out.first() {
            self.work.insert((partition, offset), *work);
            out.remove(0);
        }
        out
    }

    fn done(&mut self, partition: i32, offset: i64, output: Option<Out>) -> Vec<Command<Out>> {
        let work = self.work[&(partition, offset)];
        let (output_bytes, records) = (output.map_or(0, str::len), usize::from(output.is_some()));
        self.send(Event::Done { work, output, output_bytes, records })
    }

    /// Lets the next deadline come.
    fn wait(&mut self) -> Vec<Command<Out>> {
        self.now = self.machine.next_deadline().expect("something is due");
        self.send(Event::Tick)
    }

    fn revoke(&mut self, id: u64, partitions: &[i32]) -> Vec<Command<Out>> {
        self.send(Event::Revoked {
            rebalance: RebalanceId(id),
            partitions: partitions.iter().copied().map(p).collect(),
        })
    }

    fn lose(&mut self, id: u64, partitions: &[i32]) -> Vec<Command<Out>> {
        self.send(Event::Lost { rebalance: RebalanceId(id), partitions: partitions.iter().copied().map(p).collect() })
    }
}

fn commit(out: Vec<Command<Out>>) -> TransactionUnit<Out> {
    let Ok([Command::Commit(unit)]) = <[_; 1]>::try_from(out) else { panic!("one transaction is expected") };
    unit
}

fn seek(out: Vec<Command<Out>>) -> Vec<SeekTo> {
    let Ok([Command::Seek(seeks)]) = <[_; 1]>::try_from(out) else { panic!("one seek is expected") };
    seeks
}

fn is_release(out: &[Command<Out>], id: u64) -> bool {
    matches!(out, [Command::ReleaseRebalance(RebalanceId(released))] if *released == id)
}
