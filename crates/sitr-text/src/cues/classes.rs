//! Word classes: small sets of interned names.

use std::collections::HashMap;

const LANES: usize = 3;

/// The classes of one word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ClassSet([u64; LANES]);

impl ClassSet {
    pub(super) fn insert(&mut self, class: u8) {
        self.0[usize::from(class) / 64] |= 1 << (class % 64);
    }

    pub(super) fn extend(&mut self, other: Self) {
        for (lane, more) in self.0.iter_mut().zip(other.0) {
            *lane |= more;
        }
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(lane, more)| lane & more != 0)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == [0; LANES]
    }

    /// The lowest class of both.
    pub(super) fn first_common(self, other: Self) -> Option<u8> {
        let mut both = self;
        both.0.iter_mut().zip(other.0).for_each(|(lane, more)| *lane &= more);
        both.members().next()
    }

    /// The members, lowest first.
    pub(super) fn members(self) -> impl Iterator<Item = u8> {
        (0..LANES).flat_map(move |lane| {
            let mut rest = self.0[lane];
            std::iter::from_fn(move || {
                let bit = u8::try_from(rest.trailing_zeros()).ok().filter(|bit| *bit < 64)?;
                rest &= rest - 1;
                u8::try_from(lane * 64).ok().map(|base| base + bit)
            })
        })
    }
}

/// Names of classes, numbered as they are first met.
#[derive(Debug, Default)]
pub(super) struct ClassNames(HashMap<String, u8>);

impl ClassNames {
    /// The number of a class, new or known.
    pub(super) fn intern(&mut self, name: &str) -> u8 {
        let next = u8::try_from(self.0.len()).expect("invariant: the tables hold fewer than 192 classes");
        assert!(usize::from(next) < LANES * 64, "invariant: the tables hold fewer than 192 classes");
        *self.0.entry(name.to_owned()).or_insert(next)
    }

    /// The number of a class that a table defined.
    pub(super) fn get(&self, name: &str) -> Option<u8> {
        self.0.get(name).copied()
    }

    /// The set that `a|b|…` names; `None` when a name is unknown.
    pub(super) fn set(&self, names: &str) -> Option<ClassSet> {
        let mut set = ClassSet::default();
        for name in names.split('|') {
            set.insert(self.get(name)?);
        }
        Some(set)
    }
}
