//! The traffic: posts at a pace, never more than a bound of them undecided.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sitr_engine::{Metrics, kafka::Feed};

use super::{
    board::{Board, committed_none},
    posts::Corpus,
    session::lock,
};

/// Posts that may be sent and not yet decided and read. The mock broker keeps 5 MB a partition and drops older records in
/// silence: two thousand posts or decisions of about two kilobytes stay under it even in one partition.
const WAITING: u64 = 2_000;
/// A pause that is over soon, so that a stop is seen.
const NAP: Duration = Duration::from_millis(2);
/// The group must have given us its partitions by then.
const JOIN: Duration = Duration::from_secs(60);

/// How many, and how fast.
pub(super) struct Pace {
    limit: Option<u64>,
    gap: Duration,
    due: Option<Instant>,
}

impl Pace {
    /// `limit` posts (`None`: endless), `rate` a second (`None`: at once).
    pub(super) fn new(limit: Option<u64>, rate: Option<f64>) -> Self {
        Self { limit, gap: rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(1.0 / rate)), due: None }
    }

    fn is_over(&self, sent: u64) -> bool {
        self.limit.is_some_and(|limit| sent >= limit)
    }

    /// Whether a post is due; if so, the next one is set. What was missed for more than a second is not made up for.
    fn is_due(&mut self, now: Instant) -> bool {
        let due = self.due.unwrap_or(now);
        if due > now {
            return false;
        }
        let oldest = now.checked_sub(Duration::from_secs(1)).unwrap_or(now);
        self.due = Some(due.max(oldest) + self.gap);
        true
    }
}

/// The thread's state.
pub(super) struct Generator {
    pub(super) feed: Feed,
    pub(super) topic: String,
    pub(super) corpus: Arc<Corpus>,
    pub(super) board: Arc<Mutex<Board>>,
    pub(super) metrics: Metrics,
    pub(super) partitions: i64,
    pub(super) stop: Arc<AtomicBool>,
}

impl Generator {
    /// Sends until the pace is over or a stop is asked for.
    pub(super) fn run(self, pace: Pace) {
        if let Err(why) = self.join().and_then(|()| self.send(pace)) {
            lock(&self.board).fail(why.to_string());
        }
        lock(&self.board).finish();
    }

    /// Posts sent before the group has settled would only wait, and be measured as waiting.
    fn join(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        while self.metrics.assigned_partitions.get() < self.partitions && !self.is_stopped() {
            anyhow::ensure!(begun.elapsed() < JOIN, "the consumer group gave no partitions within {JOIN:?}");
            std::thread::sleep(NAP);
        }
        Ok(())
    }

    fn send(&self, mut pace: Pace) -> anyhow::Result<()> {
        let mut replay = self.corpus.replay();
        let mut sent = 0;
        while !pace.is_over(sent) && !self.is_stopped() {
            if self.is_full() || !pace.is_due(Instant::now()) {
                std::thread::sleep(NAP);
                continue;
            }
            let Some((place, pass)) = replay.next() else { break };
            let source = self.corpus.get(place);
            let post_id = source.id_in(pass);
            let record = source.record(&post_id);
            // Known before it is sent: its decision may come at once.
            lock(&self.board).sending(post_id.clone(), place, Instant::now());
            self.feed.send(&self.topic, Some(post_id.as_bytes()), Some(&record), &[])?;
            sent += 1;
        }
        self.feed.finish(Duration::from_secs(30))?;
        Ok(())
    }

    fn is_full(&self) -> bool {
        let none = committed_none(&self.metrics);
        let board = lock(&self.board);
        board.sent().saturating_sub(board.done(none)) >= WAITING
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_sends_its_rate_and_makes_up_for_a_second_at_most() {
        let begun = Instant::now();
        let mut pace = Pace::new(Some(10), Some(10.0));
        let mut sent_until = |millis: u64| {
            let mut sent = 0;
            while pace.is_due(begun + Duration::from_millis(millis)) {
                sent += 1;
            }
            sent
        };
        assert_eq!(sent_until(0), 1);
        assert_eq!(sent_until(99), 0);
        assert_eq!(sent_until(500), 5);
        assert!((10..=11).contains(&sent_until(60_000)), "a minute's pause is no minute's burst");
    }

    #[test]
    fn without_a_rate_a_post_is_always_due_and_the_limit_ends_it() {
        let mut pace = Pace::new(Some(3), None);
        let now = Instant::now();
        assert!((0..1000).all(|_| pace.is_due(now)));
        assert!(!pace.is_over(2));
        assert!(pace.is_over(3));
        assert!(!Pace::new(None, None).is_over(u64::MAX));
    }
}
