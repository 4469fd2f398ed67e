//! The log and the group as the brokers see them, and a small source of chance.

use std::collections::HashMap;

use sitr_delivery::TransactionUnit;

pub(crate) type Record = (i32, i64);

pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// Every third record gives nothing.
pub(crate) fn gives(record: Record) -> bool {
    (record.0 as i64 + record.1) % 3 != 0
}

/// The log and the group, as the brokers see them.
pub(crate) struct Broker {
    pub(crate) logs: Vec<Vec<i64>>,
    pub(crate) committed: Vec<i64>,
    pub(crate) owner: Vec<Option<usize>>,
    pub(crate) outputs: HashMap<Record, usize>,
}

impl Broker {
    pub(crate) fn apply(&mut self, unit: &TransactionUnit<Record>) {
        for output in &unit.outputs {
            let seen = self.outputs.entry(*output).or_default();
            *seen += 1;
            assert_eq!(*seen, 1, "D2: the output of {output:?} is in the log twice");
        }
        let covered: HashMap<i32, i64> = unit.offsets.iter().map(|(id, next)| (id.partition, next.get())).collect();
        assert_eq!(covered.len(), unit.offsets.len(), "each partition once");
        for (partition, next) in &covered {
            let before = std::mem::replace(&mut self.committed[*partition as usize], *next);
            assert!(before < *next, "D1: position of {partition} went from {before} to {next}");
            for offset in self.logs[*partition as usize].iter().filter(|offset| (before..*next).contains(*offset)) {
                let record = (*partition, *offset);
                assert!(!gives(record) || self.outputs.contains_key(&record), "{record:?} is covered without output");
            }
        }
        assert!(
            unit.outputs.iter().all(|(partition, offset)| covered.get(partition).is_some_and(|next| offset < next))
        );
    }
}
