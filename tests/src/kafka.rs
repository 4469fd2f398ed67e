//! Real Apache Kafka for one test: KRaft brokers on free loopback ports, with data that goes when the cluster goes.
//!
//! Brokers are indexed from 0; their node ids are the index plus 1. Three brokers replicate everything three times and need
//! two in sync, so that one may die. Topics are not created by being named: create them, as a production cluster asks.

mod broker;
mod jars;
mod ports;
mod probe;
mod settings;

use std::time::{Duration, Instant};

use broker::{Broker, Start};
pub use jars::KafkaUnavailable;
use jars::Runtime;

/// Longest wait for a cluster to come up; 3–10 s is usual, a machine full of builds takes its time.
const START_LIMIT: Duration = Duration::from_secs(120);
/// Longest wait for a broker to end after SIGTERM.
const STOP_LIMIT: Duration = Duration::from_secs(60);
/// Starts that fail because another process took a port in between are tried again this often.
const ATTEMPTS: usize = 3;
/// Pause between two looks at something that another process does.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A running cluster. Dropping it ends its brokers (SIGKILL) and removes their data.
#[derive(Debug)]
pub struct Cluster {
    runtime: Runtime,
    cluster_id: String,
    // Before `dir`: the brokers must have ended when their files go.
    brokers: Vec<Broker>,
    dir: tempfile::TempDir,
}

impl Cluster {
    /// Starts 1 or 3 brokers and waits until each of them answers a metadata request that lists them all.
    ///
    /// The first start on a machine fetches Kafka by Maven (about 10 s).
    ///
    /// # Errors
    /// Java, Maven or the jars cannot be had. The reason has been said on stderr as `SKIPPED: …`.
    ///
    /// # Panics
    /// Another number of brokers, or brokers that do not come up; the end of their logs is in the message.
    pub fn start(brokers: usize) -> Result<Self, KafkaUnavailable> {
        assert!(brokers == 1 || brokers == 3, "a cluster has 1 or 3 brokers, not {brokers}");
        let runtime = Runtime::resolve().inspect_err(|why| crate::skipped(&why.to_string()))?;
        for _ in 1..ATTEMPTS {
            match Self::try_start(runtime.clone(), brokers) {
                Err(why) if why.contains("Address already in use") => {}
                started => return Ok(started.unwrap_or_else(|why| panic!("{why}"))),
            }
        }
        Ok(Self::try_start(runtime, brokers).unwrap_or_else(|why| panic!("{why}")))
    }

    fn try_start(runtime: Runtime, count: usize) -> Result<Self, String> {
        let dir = tempfile::Builder::new().prefix("sitr-kafka-").tempdir().map_err(|e| e.to_string())?;
        let cluster_id = settings::new_cluster_id();
        let ports = ports::free(2 * count);
        let (client_ports, controller_ports) = ports.split_at(count);
        let brokers = settings::all(dir.path(), client_ports, controller_ports)
            .into_iter()
            .enumerate()
            .map(|(index, settings)| Broker::new(index, client_ports[index], dir.path(), &settings))
            .collect::<Result<Vec<_>, _>>()?;
        let mut cluster = Self { runtime, cluster_id, brokers, dir };
        cluster.format()?;
        for broker in &mut cluster.brokers {
            broker.spawn(&cluster.runtime, count)?;
        }
        cluster.await_ready()?;
        Ok(cluster)
    }

    /// What a client needs: `host:port` of every broker, running or not, separated by commas.
    #[must_use]
    pub fn bootstrap_servers(&self) -> String {
        let all: Vec<_> = self.brokers.iter().map(Broker::address).collect();
        all.join(",")
    }

    /// Brokers, running or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.brokers.len()
    }

    /// Never: a cluster has brokers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.brokers.is_empty()
    }

    /// The node ids (index + 1) that broker `index` holds for alive, in order; `None` when it does not answer.
    #[must_use]
    pub fn alive_according_to(&self, index: usize) -> Option<Vec<i32>> {
        let answer = probe::metadata(self.brokers[index].port()).ok()?;
        (answer.cluster_id == self.cluster_id).then_some(answer.nodes)
    }

    /// Ends broker `index` as a power cut would: SIGKILL, nothing is flushed or handed over.
    pub fn kill(&mut self, index: usize) {
        self.brokers[index].kill();
    }

    /// Ends broker `index` in order: SIGTERM, leaders are handed over.
    ///
    /// # Panics
    /// It is still there after a minute.
    pub fn stop(&mut self, index: usize) {
        self.brokers[index].signal(rustix::process::Signal::TERM);
        let deadline = Instant::now() + STOP_LIMIT;
        while self.brokers[index].is_running() {
            assert!(Instant::now() < deadline, "broker {index} does not end after SIGTERM");
            std::thread::sleep(LOOK_AGAIN);
        }
        self.brokers[index].kill();
    }

    /// Starts broker `index` again on its data and ports, after killing it if it runs, and waits until every running broker
    /// lists it. After [`kill`](Self::kill) that takes until the controller has given the old process up, some seconds.
    ///
    /// # Panics
    /// It does not come up.
    pub fn restart(&mut self, index: usize) {
        let count = self.brokers.len();
        self.brokers[index].kill();
        self.brokers[index].spawn(&self.runtime, count).unwrap_or_else(|why| panic!("{why}"));
        self.await_ready().unwrap_or_else(|why| panic!("{why}"));
    }

    /// Freezes broker `index` (SIGSTOP): its connections stay open and nothing answers.
    pub fn pause(&mut self, index: usize) {
        self.brokers[index].signal(rustix::process::Signal::STOP);
    }

    /// Lets broker `index` go on (SIGCONT).
    pub fn resume(&mut self, index: usize) {
        self.brokers[index].signal(rustix::process::Signal::CONT);
    }

    /// Resident memory of broker `index` in bytes; `None` when it does not run or the system does not say.
    #[must_use]
    pub fn rss(&self, index: usize) -> Option<u64> {
        self.brokers[index].rss()
    }

    /// Process id of broker `index`; `None` when it does not run.
    #[must_use]
    pub fn pid(&self, index: usize) -> Option<u32> {
        self.brokers[index].pid()
    }

    /// Where the brokers keep data and logs (`broker-N.log`) while the cluster lives.
    #[must_use]
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Formats the storage of all brokers at once: each is a Java process of a second.
    fn format(&self) -> Result<(), String> {
        std::thread::scope(|scope| {
            let all: Vec<_> =
                self.brokers.iter().map(|b| scope.spawn(|| b.format(&self.runtime, &self.cluster_id))).collect();
            all.into_iter().try_for_each(|one| one.join().map_err(|_| "formatting panicked".to_owned())?)
        })
    }

    /// Waits until every running broker answers as a member of this cluster and lists every running broker.
    fn await_ready(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + START_LIMIT;
        for index in 0..self.brokers.len() {
            loop {
                match self.brokers[index].state() {
                    Start::Ended => return Err(self.why_not(index, "ended")),
                    Start::Off => break,
                    Start::Running if self.lists_every_running_broker(index) => break,
                    Start::Running if Instant::now() > deadline => return Err(self.why_not(index, "does not answer")),
                    Start::Running => std::thread::sleep(LOOK_AGAIN),
                }
            }
        }
        Ok(())
    }

    fn lists_every_running_broker(&self, index: usize) -> bool {
        let Some(listed) = self.alive_according_to(index) else { return false };
        self.brokers.iter().filter(|b| b.pid().is_some()).all(|b| listed.contains(&b.node_id()))
    }

    fn why_not(&self, index: usize, what: &str) -> String {
        format!("Kafka broker {index} {what}; the end of its log:\n{}", self.brokers[index].log_tail())
    }
}
