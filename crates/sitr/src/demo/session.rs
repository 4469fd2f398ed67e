//! One run: a broker, the real engine between two topics' ends, the generator before it and the reader behind it.
//!
//! ```text
//!  demo-generator ──> posts ──> Engine (consumer, classifier, producer) ──> takedown, review, care, dead-letter ──> demo-reader
//!          └────────────────────────────── Board (one mutex) ────────────────────────────────────────────────────────┘
//! ```

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Context as _;
use sitr_engine::{
    DeliverySettings, Engine, EngineSettings, Judge, Metrics, Stage, Stopped, Topics,
    kafka::{Delivery, Feed, KafkaSettings, MockBroker, ReadFrom, Reader, Security, TopicSpec, apply_topics},
};
use sitr_types::ModelRef;

use super::{
    board::{Board, committed_none},
    generator::{Generator, Pace},
    posts::Corpus,
    reading,
};

const PARTITIONS: i32 = 4;
/// Topics of a run on a real broker have names of their own and stay behind; their records do not.
const RETENTION: (&str, &str) = ("retention.ms", "3600000");
const DRAIN: Duration = Duration::from_secs(10);
/// The mock broker drops data at times: a demonstration must not end for it.
const STALL: Duration = Duration::from_hours(24);

/// What a run is to be.
pub(super) struct Plan {
    /// Posts to send; `None` = until stopped.
    pub(super) posts: Option<u64>,
    /// Posts per second; `None` = as fast as the back-log bound allows.
    pub(super) rate: Option<f64>,
    /// `host:port` of a real broker; `None` = the mock broker.
    pub(super) bootstrap: Option<String>,
    /// Inference threads.
    pub(super) workers: usize,
}

/// A run under way.
pub(super) struct Session {
    engine: Engine,
    metrics: Metrics,
    board: Arc<Mutex<Board>>,
    corpus: Arc<Corpus>,
    model: ModelRef,
    topics: Topics,
    stop_sending: Arc<AtomicBool>,
    stop_reading: Arc<AtomicBool>,
    threads: [JoinHandle<()>; 2],
    /// Last of all: the engine leaves its group before its broker goes.
    mock: Option<MockBroker>,
}

impl Session {
    /// Starts everything; posts flow once the engine owns its partitions.
    ///
    /// # Errors
    /// No broker, topics that cannot be made, an engine that does not start.
    pub(super) fn start(plan: &Plan, judge: Arc<Judge>) -> anyhow::Result<Self> {
        let corpus = Arc::new(Corpus::embedded()?);
        let topics = topics(&run_id());
        let (kafka, mock) = broker(plan.bootstrap.as_deref(), &topics)?;
        let outputs = [&topics.takedown, &topics.review, &topics.care, &topics.dead_letter].map(String::as_str);
        let reader = Reader::open(&kafka, &outputs, ReadFrom::Beginning)?;
        let feed = Feed::open(&kafka)?;
        let model = judge.model().model.clone();
        let engine = Engine::start(&engine_settings(kafka, &topics, plan.workers), judge)?;
        let metrics = engine.metrics().clone();

        let board = Arc::new(Mutex::new(Board::new(Arc::clone(&corpus))));
        let (stop_sending, stop_reading) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let generator = Generator {
            feed,
            topic: topics.posts.clone(),
            corpus: Arc::clone(&corpus),
            board: Arc::clone(&board),
            metrics: metrics.clone(),
            partitions: i64::from(PARTITIONS),
            stop: Arc::clone(&stop_sending),
        };
        let pace = Pace::new(plan.posts, plan.rate);
        let sending = thread("demo-generator", move || generator.run(pace))?;
        let (sink, stop, dead_letter) = (Arc::clone(&board), Arc::clone(&stop_reading), topics.dead_letter.clone());
        let reading = thread("demo-reader", move || reading::run(&reader, &dead_letter, &sink, &stop))?;
        let threads = [sending, reading];
        Ok(Self { engine, metrics, board, corpus, model, topics, stop_sending, stop_reading, threads, mock })
    }

    /// What is known of it.
    pub(super) fn board(&self) -> MutexGuard<'_, Board> {
        lock(&self.board)
    }

    /// The engine's metrics.
    pub(super) const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The posts that are replayed.
    pub(super) fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// The model that judges.
    pub(super) const fn model(&self) -> &ModelRef {
        &self.model
    }

    /// Where it runs, and what follows from that, in one line.
    pub(super) fn notice(&self) -> String {
        if self.mock.is_some() {
            "mock broker inside this process, for show: delivery guarantees need Kafka (--bootstrap HOST:PORT)"
                .to_owned()
        } else {
            let stem = self.topics.posts.trim_end_matches("posts");
            format!("real broker; topics {stem}* stay behind, their records for an hour")
        }
    }

    /// Posts sent, and posts whose decision or dead letter has arrived.
    pub(super) fn progress(&self) -> (u64, u64) {
        let none = committed_none(&self.metrics);
        let board = self.board();
        (board.sent(), board.done(none))
    }

    /// Sends no more; what is sent is still decided.
    pub(super) fn stop_sending(&self) {
        self.stop_sending.store(true, Ordering::Release);
    }

    /// Drains the engine and ends every thread. The board and the metrics stay readable.
    ///
    /// # Errors
    /// The engine stopped for another reason than being asked to.
    pub(super) fn stop(self) -> anyhow::Result<()> {
        self.stop_sending();
        self.engine.control().drain();
        let stopped = self.engine.wait();
        self.stop_reading.store(true, Ordering::Release);
        for thread in self.threads {
            anyhow::ensure!(thread.join().is_ok(), "a thread of the demonstration panicked");
        }
        drop(self.mock);
        if let Some(why) = lock(&self.board).failure() {
            anyhow::bail!("{why}");
        }
        match stopped {
            Stopped::Drained => Ok(()),
            other => anyhow::bail!("the engine stopped early: {other:?}"),
        }
    }
}

/// A panic of one thread must not hide what the others know.
pub(super) fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

fn thread(name: &'static str, body: impl FnOnce() + Send + 'static) -> anyhow::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(body).with_context(|| format!("thread {name}"))
}

/// Different for each run, so that runs on one broker do not meet.
fn run_id() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}", since.as_millis())
}

fn topics(run: &str) -> Topics {
    let name = |stream: &str| format!("sitr-demo-{run}.{stream}");
    Topics {
        posts: name("posts"),
        signals: name("signals"),
        reports: name("reports"),
        outcomes: name("outcomes"),
        takedown: name("takedown"),
        review: name("review"),
        care: name("care"),
        dead_letter: name("dead-letter"),
        audit: name("audit"),
        changelog: name("changelog"),
    }
}

/// The topics that a run of both stages touches.
fn used(topics: &Topics) -> [&str; 5] {
    [&topics.posts, &topics.takedown, &topics.review, &topics.care, &topics.dead_letter].map(String::as_str)
}

fn broker(bootstrap: Option<&str>, topics: &Topics) -> anyhow::Result<(KafkaSettings, Option<MockBroker>)> {
    let stem = topics.posts.trim_end_matches(".posts");
    let settings = |servers: String| KafkaSettings {
        bootstrap_servers: servers,
        group_id: stem.to_owned(),
        instance_id: "demo".to_owned(),
        security: Security::default(),
        session_timeout: Duration::from_secs(30),
        max_poll_interval: Duration::from_secs(300),
        transaction_timeout: Duration::from_secs(15),
        prefetch_kib: 4096,
        extra: BTreeMap::new(),
    };
    let Some(servers) = bootstrap else {
        let wanted = used(topics).map(|topic| (topic, PARTITIONS));
        let mock = MockBroker::start(&wanted).context("the mock broker does not start")?;
        return Ok((settings(mock.bootstrap_servers()), Some(mock)));
    };
    let kafka = settings(servers.to_owned());
    let specs = used(topics).map(|topic| TopicSpec {
        name: topic.to_owned(),
        partitions: PARTITIONS,
        replication: None,
        configs: vec![RETENTION],
    });
    apply_topics(&kafka, &specs)?;
    Ok((kafka, None))
}

fn engine_settings(kafka: KafkaSettings, topics: &Topics, workers: usize) -> EngineSettings {
    EngineSettings {
        kafka,
        topics: topics.clone(),
        stage: Stage::Both,
        workers,
        delivery: Delivery::ExactlyOnce,
        limits: DeliverySettings::default(),
        admin: None,
        drain_timeout: DRAIN,
        stall_timeout: STALL,
    }
}

/// Waits until everything that was sent has been decided and read, nothing has moved for `patience`, or `ended` says so.
/// Returns when the last decision arrived.
pub(super) fn settle(session: &Session, patience: Duration, ended: impl Fn() -> bool) -> Instant {
    let mut last = (0, Instant::now());
    loop {
        let (sent, done) = session.progress();
        if done != last.0 || sent == 0 {
            last = (done, Instant::now());
        }
        let finished = {
            let board = session.board();
            board.failure().is_some() || (board.is_finished() && done >= sent)
        };
        if finished || ended() || last.1.elapsed() > patience {
            return last.1;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
