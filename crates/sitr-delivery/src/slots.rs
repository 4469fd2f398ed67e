//! The partitions that this instance has or had, each with its window.

use std::collections::HashMap;

use crate::{Epoch, NextOffset, Offset, PartitionId, window::Window};

/// Whose a partition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tenure {
    /// Somebody else's.
    Gone,
    /// Ours.
    Owned,
    /// Ours until the rebalance is released; takes no more records.
    Leaving,
}

/// One partition. Its place in [`Slots`] never changes, so a number names it.
pub(crate) struct Slot<O> {
    pub(crate) partition: PartitionId,
    pub(crate) tenure: Tenure,
    /// A seek is under way: records that still come in are from before it.
    pub(crate) rewinding: bool,
    /// The consumer was told to pause it.
    pub(crate) paused: bool,
    /// Cost of its records at the workers.
    pub(crate) cost: usize,
    /// It holds more than its share of the cost, and waits until half of that is worked off.
    pub(crate) crowded: bool,
    /// Where to go back to: the last committed position, or the first record fetched when there is none.
    pub(crate) base: Option<NextOffset>,
    /// What this instance committed, or was told to be committed.
    pub(crate) committed: Option<NextOffset>,
    /// The last record accepted in this epoch.
    pub(crate) last: Option<Offset>,
    /// The partition has been rewound since it was assigned: below `base` nothing may come any more.
    pub(crate) rewound: bool,
    pub(crate) window: Window<O>,
}

impl<O> Slot<O> {
    pub(crate) fn epoch(&self) -> Epoch {
        self.window.epoch()
    }

    /// Begins a stay.
    pub(crate) fn settle(&mut self, epoch: Epoch, committed: Option<NextOffset>) {
        debug_assert!(self.window.is_empty(), "invariant: D4, a stay begins with nothing of the one before");
        self.tenure = Tenure::Owned;
        self.rewinding = false;
        self.paused = false;
        self.cost = 0;
        self.crowded = false;
        self.base = committed;
        self.committed = committed;
        self.last = None;
        self.rewound = false;
        self.window = Window::new(epoch);
    }
}

pub(crate) struct Slots<O> {
    slots: Vec<Slot<O>>,
    places: HashMap<PartitionId, u32>,
    latest: u32,
}

impl<O> Slots<O> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), places: HashMap::new(), latest: 0 }
    }

    /// The place of a partition, if it was ever ours. Records come in runs of one partition: that case costs no hashing.
    pub(crate) fn find(&mut self, partition: &PartitionId) -> Option<u32> {
        if self.slots.get(self.latest as usize).is_some_and(|slot| slot.partition.same(partition)) {
            return Some(self.latest);
        }
        let place = *self.places.get(partition)?;
        self.latest = place;
        Some(place)
    }

    /// The place of a partition, made if need be.
    pub(crate) fn place(&mut self, partition: &PartitionId) -> u32 {
        if let Some(place) = self.find(partition) {
            return place;
        }
        let place = u32::try_from(self.slots.len()).expect("invariant: fewer than 2^32 partitions");
        self.slots.push(Slot {
            partition: partition.clone(),
            tenure: Tenure::Gone,
            rewinding: false,
            paused: false,
            cost: 0,
            crowded: false,
            base: None,
            committed: None,
            last: None,
            rewound: false,
            window: Window::new(Epoch(0)),
        });
        self.places.insert(partition.clone(), place);
        place
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn get(&self, place: u32) -> &Slot<O> {
        &self.slots[place as usize]
    }

    pub(crate) fn get_mut(&mut self, place: u32) -> &mut Slot<O> {
        &mut self.slots[place as usize]
    }

    /// All partitions ever seen, with their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Slot<O>> {
        self.slots.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Slot<O>> {
        self.slots.iter_mut()
    }

    pub(crate) fn places(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.slots.len()).expect("invariant: fewer than 2^32 partitions")
    }

    pub(crate) fn owned(&self) -> impl Iterator<Item = &Slot<O>> {
        self.iter().filter(|slot| slot.tenure == Tenure::Owned)
    }
}
