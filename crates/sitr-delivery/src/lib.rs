//! Sans-I/O delivery machine: partitions, contiguous prefixes, transactions, rebalances.
//!
//! [`Machine`] decides, for one instance, which records go to the workers, when a transaction begins and what is in it, and
//! what a rebalance, an abort, a drain or a pile-up means. It does nothing itself: no Kafka, no thread, no clock. Facts go
//! in as [`Event`]s with the time, [`Command`]s come out. So every schedule of crashes can be played against it, and its
//! surroundings stay thin:
//!
//! - **one consumer thread** polls, forwards records, executes pause, resume and seek, and waits inside the rebalance
//!   callback until released. Everything it has to say reaches the machine in one FIFO, in the order in which it happened;
//! - **one coordinator thread** owns the machine and sleeps until an event or [`Machine::next_deadline`];
//! - **one producer thread** executes one transaction at a time and answers what became of it;
//! - **workers** turn records into outputs. They hold the records; the machine never sees a byte of one.
//!
//! # Rules
//!
//! The numbers are cited by assertions and tests.
//!
//! - **D1** Positions move only over a contiguous prefix of what was *fetched*. Control records and compaction leave gaps in the
//!   numbers, so contiguity is in the order of fetching; a position is the last record of the prefix, plus one, made in one place.
//! - **D2** An output is in exactly one transaction, together with the position that covers its record.
//! - **D3** At most one transaction is under way.
//! - **D4** Once a rebalance is released, nothing of the epochs it ended is committed. Answers to an epoch that is over are dropped.
//! - **D5** After an abort every owned partition with uncommitted records goes back to its last committed position (or to
//!   its first record, when nothing was committed); what was in flight is dropped, and outputs are made again. Records that
//!   arrive before the consumer says that it has gone back are stale and dropped. A run of aborts backs off, 100 ms to 5 s.
//! - **D6** Bytes and cost in flight stay under their bounds, plus what one poll lets slip: pause at the bound, resume at
//!   half. No partition holds more than its share of the cost, so that a long backlog in one does not starve the others: it is
//!   paused alone at the share and resumed at half. Polling never stops. Records at the workers count until they are answered, even when their partition is gone.
//! - **D7** Poison is an output like any other (a dead letter) and never holds its partition up.
//! - **D8** Drain: pause all, finish what is in flight, commit, stop. Abort: stop now. "Drained" is said only if all was committed.
//! - **D9** Revoked: those partitions take no more records, running work gets `revoke_budget`, the ready prefix is committed,
//!   the rest is left to the next owner. Lost: all of it is dropped at once. Both are released only when no transaction under
//!   way contains one of their partitions (see below).
//! - **D10** A transaction begins when its oldest record has been ready for `commit_interval`, or when enough records or
//!   bytes are ready, or at a drain or revocation, or when only it can end a stall. Never an empty one; positions
//!   without outputs (harmless posts, the usual case) are committed too.
//!
//! **Why a lost partition waits too.** A commit carries the group's generation, read when the commit is made. Were the
//! callback released first, the consumer could join again, the late commit would carry the new generation and pass, and the
//! next owner, which began at the old position, would make the same outputs again. While the callback waits, the
//! instance cannot join, and the stale commit is refused. Other owners do not wait for it: their partitions are theirs already.
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//! use sitr_delivery::{Command, DeliverySettings, Event, Machine, NextOffset, Offset, PartitionId};
//!
//! let mut machine = Machine::<&str>::new(DeliverySettings::default())?;
//! let posts = PartitionId::new("posts", 0);
//! let (t0, mut out) = (Duration::ZERO, Vec::new());
//!
//! machine.handle(Event::Assigned(vec![(posts.clone(), Some(NextOffset::committed(7)))]), t0, &mut out);
//! machine.handle(Event::Fetched { partition: posts.clone(), offset: Offset(7), bytes: 300, cost: 75 }, t0, &mut out);
//! let Some(Command::Submit(work)) = out.pop() else { panic!("the record goes to a worker") };
//!
//! machine.handle(Event::Done { work, output: Some("review"), output_bytes: 6, records: 1 }, t0, &mut out);
//! let due = machine.next_deadline().expect("a ready record waits for its transaction");
//! machine.handle(Event::Tick, due, &mut out);
//! let Some(Command::Commit(unit)) = out.pop() else { panic!("the transaction is due") };
//! assert_eq!(unit.outputs, ["review"]);
//! assert_eq!(unit.offsets, [(posts, NextOffset::committed(8))]);
//!
//! machine.handle(Event::Committed(unit.id), due, &mut out);
//! assert_eq!(machine.next_deadline(), None, "an idle instance sleeps");
//! # Ok::<(), sitr_delivery::SettingsError>(())
//! ```

mod api;
mod commit;
mod ids;
mod intake;
mod load;
mod machine;
mod rebalance;
mod settings;
mod slots;
mod window;

pub use api::{Command, Event, SeekTo, Status, StopReason, TransactionUnit};
pub use ids::{Epoch, NextOffset, Offset, PartitionId, RebalanceId, UnitId, WorkId};
pub use machine::Machine;
pub use settings::{DeliverySettings, SettingsError};
