//! What is held in memory, and when that is too much (D6).

use std::collections::HashMap;

use crate::{DeliverySettings, Epoch, WorkId, window::Remains};

/// Bytes that the bookkeeping of one record takes, about; counted so that a flood of tiny records is bounded too.
pub(crate) const RECORD_OVERHEAD: usize = 64;

/// What one record at a worker weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Weight {
    pub(crate) bytes: usize,
    pub(crate) cost: usize,
}

/// All that is held, against its bounds.
pub(crate) struct Load {
    bytes: usize,
    cost: usize,
    max_bytes: usize,
    max_cost: usize,
    paused: bool,
    late: HashMap<Epoch, Remains>,
}

impl Load {
    pub(crate) fn new(settings: &DeliverySettings) -> Self {
        Self {
            bytes: 0,
            cost: 0,
            max_bytes: settings.max_in_flight_bytes,
            max_cost: settings.max_in_flight_cost,
            paused: false,
            late: HashMap::new(),
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn cost(&self) -> usize {
        self.cost
    }

    pub(crate) fn paused(&self) -> bool {
        self.paused
    }

    /// A record went to a worker.
    pub(crate) fn fetched(&mut self, weight: Weight) {
        self.bytes += weight.bytes + RECORD_OVERHEAD;
        self.cost += weight.cost;
    }

    /// A worker gave an output that is kept: the record's bytes make room for the output's, the bookkeeping stays.
    pub(crate) fn finished(&mut self, weight: Weight, output_bytes: usize) {
        self.bytes = self.bytes - weight.bytes + output_bytes;
        self.cost -= weight.cost;
    }

    /// Outputs are gone: committed, aborted or dropped.
    pub(crate) fn released(&mut self, output_bytes: usize, records: usize) {
        self.bytes -= output_bytes + records * RECORD_OVERHEAD;
    }

    /// Keeps count of what workers hold of an epoch that is over.
    pub(crate) fn bury(&mut self, epoch: Epoch, remains: Remains) {
        if !remains.is_empty() {
            let before = self.late.insert(epoch, remains);
            debug_assert!(before.is_none(), "invariant: an epoch ends once");
        }
    }

    /// A worker answered for an epoch that is over.
    pub(crate) fn late(&mut self, work: WorkId) {
        let Some(remains) = self.late.get_mut(&work.epoch) else { return };
        let Some(weight) = remains.finish(work.seq) else { return };
        if remains.is_empty() {
            self.late.remove(&work.epoch);
        }
        self.finished(weight, 0);
        self.released(0, 1);
    }

    /// Full at either bound, and until half of both is free again.
    pub(crate) fn turn(&mut self) {
        self.paused = if self.paused {
            self.bytes > self.max_bytes / 2 || self.cost > self.max_cost / 2
        } else {
            self.bytes >= self.max_bytes || self.cost >= self.max_cost
        };
    }
}
