//! Planted bugs: each breaks one rule between the machine and its surroundings, and the oracle must catch it. An oracle that
//! catches nothing would let every schedule pass.

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
};

use sitr_delivery::{Command, NextOffset, RebalanceId};

use crate::{broker::Record, world::World};

/// What goes wrong, by the rule that it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Planted {
    /// D1: a position covers one record more than is done.
    PositionRunsAhead,
    /// D2: an output is left out of the transaction that covers it.
    OutputForgotten,
    /// D2: a transaction is written twice.
    TransactionRepeated,
    /// D4: an answer is taken for committed although the transaction was refused.
    AbortTakenForCommit,
    /// D5: the consumer says that it went back, and did not.
    SeekForgotten,
    /// D6: the consumer never pauses.
    PauseForgotten,
    /// D6: the consumer never resumes.
    ResumeForgotten,
    /// D7: a record that gives nothing is never answered.
    PoisonUnanswered,
    /// D8: a drain ends before everything is committed.
    DrainTooEarly,
    /// D9: a revoked partition goes to its next owner while its transaction is under way.
    ReleaseTooEarly,
    /// D10: a transaction without outputs is not written, though its positions are taken for committed.
    SilentUnitSkipped,
}

const ALL: [Planted; 11] = [
    Planted::PositionRunsAhead,
    Planted::OutputForgotten,
    Planted::TransactionRepeated,
    Planted::AbortTakenForCommit,
    Planted::SeekForgotten,
    Planted::PauseForgotten,
    Planted::ResumeForgotten,
    Planted::PoisonUnanswered,
    Planted::DrainTooEarly,
    Planted::ReleaseTooEarly,
    Planted::SilentUnitSkipped,
];

impl Planted {
    /// Spoils a command on its way out of the machine; `None` swallows it.
    pub(crate) fn spoil(self, command: Command<Record>, released: &HashSet<RebalanceId>) -> Option<Command<Record>> {
        match (self, command) {
            (Self::ReleaseTooEarly, Command::ReleaseRebalance(id)) if released.contains(&id) => None,
            (Self::PositionRunsAhead, Command::Commit(mut unit)) => {
                let (_, next) = unit.offsets.first_mut()?;
                *next = NextOffset::committed(next.get() + 1);
                Some(Command::Commit(unit))
            }
            (Self::OutputForgotten, Command::Commit(mut unit)) => {
                unit.outputs.pop();
                Some(Command::Commit(unit))
            }
            (Self::PauseForgotten, Command::Pause(_)) | (Self::ResumeForgotten, Command::Resume(_)) => None,
            (_, command) => Some(command),
        }
    }
}

/// Longest search for a schedule that shows a bug.
const SEEDS: u64 = 3_000;

/// The first schedule in which the oracle complains, with what it said.
fn caught(planted: Planted) -> Option<(u64, String)> {
    (0..SEEDS).find_map(|seed| {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut world = World::new(seed);
            world.planted = Some(planted);
            let steps = 200 + world.rng.below(2_000);
            world.run(steps);
        }));
        let panic = outcome.err()?;
        let said = panic.downcast_ref::<String>().cloned();
        Some((seed, said.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default()))
    })
}

/// The hook is the process's: two tests must not swap it under each other.
static HOOK: Mutex<()> = Mutex::new(());

#[test]
fn every_planted_bug_is_caught() {
    let _alone = HOOK.lock().unwrap();
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let found: Vec<_> = ALL.into_iter().map(|planted| (planted, caught(planted))).collect();
    std::panic::set_hook(told);
    for (planted, caught) in &found {
        match caught {
            Some((seed, said)) => println!("{planted:?}: seed {seed}: {}", said.lines().next().unwrap_or_default()),
            None => println!("{planted:?}: not caught"),
        }
    }
    let missed: Vec<_> = found.iter().filter(|(_, caught)| caught.is_none()).map(|(planted, _)| planted).collect();
    assert!(missed.is_empty(), "the oracle misses {missed:?} in {SEEDS} schedules");
}
