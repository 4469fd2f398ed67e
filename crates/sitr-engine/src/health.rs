//! What the probes say, kept as plain atomics so that a probe never waits for the stream.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// The coordinator hears of its consumer every two seconds; after this silence one of the two hangs.
const SILENCE: Duration = Duration::from_secs(30);

/// Shared state of the probes.
pub(crate) struct Health {
    started: Instant,
    heard_ms: AtomicU64,
    joined: AtomicBool,
    producing: AtomicBool,
    draining: AtomicBool,
    stalled: AtomicBool,
}

impl Health {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            heard_ms: AtomicU64::new(0),
            joined: AtomicBool::new(false),
            producing: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            stalled: AtomicBool::new(false),
        }
    }

    /// The coordinator's loop goes round.
    pub(crate) fn beat(&self) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard_ms.store(now, Ordering::Relaxed);
    }

    /// The group has answered, if only to give us nothing.
    pub(crate) fn set_joined(&self) {
        self.joined.store(true, Ordering::Relaxed);
    }

    /// The transaction coordinator has answered.
    pub(crate) fn set_producing(&self) {
        self.producing.store(true, Ordering::Relaxed);
    }

    /// No more records are taken.
    pub(crate) fn set_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether a partition stands still although it should move; true when that is news.
    pub(crate) fn set_stalled(&self, stalled: bool) -> bool {
        self.stalled.swap(stalled, Ordering::Relaxed) != stalled
    }

    pub(crate) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// Alive = the coordinator's loop goes round.
    pub(crate) fn alive(&self) -> Result<(), &'static str> {
        let heard = Duration::from_millis(self.heard_ms.load(Ordering::Relaxed));
        if self.started.elapsed().saturating_sub(heard) > SILENCE {
            return Err("the coordinator has not gone round for 30 s");
        }
        Ok(())
    }

    /// Ready = alive, member of the group, able to commit, and not on the way out. The model was warm before any of it.
    pub(crate) fn ready(&self) -> Result<(), &'static str> {
        self.alive()?;
        if self.draining.load(Ordering::Relaxed) {
            return Err("draining");
        }
        if !self.producing.load(Ordering::Relaxed) {
            return Err("the transaction coordinator has not answered yet");
        }
        if !self.joined.load(Ordering::Relaxed) {
            return Err("not yet a member of the consumer group");
        }
        if self.stalled.load(Ordering::Relaxed) {
            return Err("a partition has stood still for longer than delivery.stall_timeout");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_ready_once_it_has_joined_and_can_commit_and_until_it_drains() {
        let health = Health::new();
        assert!(health.ready().is_err());
        health.set_joined();
        assert!(health.ready().is_err());
        health.set_producing();
        assert_eq!(health.ready(), Ok(()));
        assert!(health.set_stalled(true) && !health.set_stalled(true));
        assert!(health.ready().is_err());
        health.set_stalled(false);
        health.set_draining();
        assert_eq!(health.ready(), Err("draining"));
    }
}
