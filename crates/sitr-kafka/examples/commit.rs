//! What a transaction costs: `commit BOOTSTRAP_SERVERS` measures [`Outlet`] beside the two usual ways of rdkafka, in one run.
//!
//! The usual ways are a `BaseProducer` that calls `flush` before the commit and a `ThreadedProducer`, which polls by itself.
//! Nobody else works on the machine's cores but the broker. `benches/commit.sh` starts one and calls this.

use std::{
    error::Error,
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, unbounded};
use rdkafka::{
    ClientConfig,
    producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer, ThreadedProducer},
    util::Timeout,
};
use sitr_kafka::{
    Delivery, Intake, IntakeCommand, IntakeEvent, KafkaSettings, Outlet, OutletEvent, Partition, Phases, Security,
    TopicSpec, Unit, apply_topics,
};
use sitr_types::{OutRecord, Route};

/// Transactions of each way and size that count, after ten that warm it up.
const TRANSACTIONS: usize = 60;
const WARM_UP: usize = 10;
/// How long the broker is kept busy before anything counts.
const WARM_BROKER: Duration = Duration::from_secs(45);
/// Pause between two transactions, as with the default `commit_interval`.
const INTERVAL: Duration = Duration::from_millis(100);
const INPUT: &str = "bench.posts";
/// Outputs, by the number of their partitions.
const OUTPUTS: [(&str, i32); 2] = [("bench.one", 1), ("bench.six", 6)];
const SIZES: [usize; 2] = [20, 500];

fn main() -> Result<(), Box<dyn Error>> {
    let bootstrap_servers = std::env::args().nth(1).ok_or("usage: commit BOOTSTRAP_SERVERS")?;
    let settings = settings(bootstrap_servers);
    let spec = |(name, partitions): (&str, i32)| TopicSpec {
        name: name.to_owned(),
        partitions,
        replication: None,
        configs: Vec::new(),
    };
    let specs: Vec<_> = OUTPUTS.into_iter().chain([(INPUT, 1)]).map(spec).collect();
    apply_topics(&settings, &specs)?;
    say(
        "| way | records | partitions | p50 ms | p99 ms | records acknowledged, p50 | positions and commit, p50 |\n|---|---|---|---|---|---|---|",
    )?;
    let ours = Ours::start(&settings)?;
    // A broker that has just started runs interpreted code: it is several times slower than one that has worked for a minute.
    let warm = Instant::now();
    while warm.elapsed() < WARM_BROKER {
        ours.commit(OUTPUTS[1].0, SIZES[0])?;
    }
    for (topic, partitions) in OUTPUTS {
        for records in SIZES {
            row("sitr", records, partitions, measure(|| ours.commit(topic, records))?)?;
        }
    }
    ours.end();
    let (base, threaded) = (flushing(&settings)?, self_polling(&settings)?);
    for (topic, partitions) in OUTPUTS {
        let way = "`BaseProducer`, `flush`";
        row(way, 500, partitions, measure(|| with_flush(&base, topic, 500))?)?;
        let way = "`ThreadedProducer`";
        row(way, 500, partitions, measure(|| without_drain(&threaded, topic, 500))?)?;
    }
    Ok(())
}

fn settings(bootstrap_servers: String) -> KafkaSettings {
    KafkaSettings {
        bootstrap_servers,
        group_id: "bench".to_owned(),
        instance_id: "bench-0".to_owned(),
        security: Security::default(),
        session_timeout: Duration::from_secs(10),
        max_poll_interval: Duration::from_mins(1),
        transaction_timeout: Duration::from_secs(10),
        prefetch_kib: 1024,
        extra: [].into(),
    }
}

/// Whole times of `TRANSACTIONS` calls, and the two parts of those that tell them; each in order of size.
fn measure(commit: impl Fn() -> Result<Option<Phases>, Box<dyn Error>>) -> Result<[Vec<Duration>; 3], Box<dyn Error>> {
    let (mut times, mut drains, mut commits) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..WARM_UP + TRANSACTIONS {
        std::thread::sleep(INTERVAL);
        let begun = Instant::now();
        let phases = commit()?;
        if turn >= WARM_UP {
            times.push(begun.elapsed());
            drains.extend(phases.map(|phases| phases.send + phases.drain));
            commits.extend(phases.map(|phases| phases.commit));
        }
    }
    let mut all = [times, drains, commits];
    for part in &mut all {
        part.sort();
    }
    Ok(all)
}

fn row(
    way: &str,
    records: usize,
    partitions: i32,
    [times, drains, commits]: [Vec<Duration>; 3],
) -> std::io::Result<()> {
    let ms = |times: &[Duration], share: usize| {
        let time = times.get(times.len().saturating_sub(1) * share / 100);
        time.map_or_else(|| "–".to_owned(), |time| format!("{:.1}", time.as_secs_f64() * 1e3))
    };
    let [p50, p99, drain, commit] = [ms(&times, 50), ms(&times, 99), ms(&drains, 50), ms(&commits, 50)];
    say(&format!("| {way} | {records} | {partitions} | {p50} | {p99} | {drain} | {commit} |"))
}

fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{line}")
}

fn value() -> Vec<u8> {
    vec![b'x'; 700]
}

/// The pair of threads that `sitr run` has, without its machine and workers.
struct Ours {
    intake: Intake,
    outlet: Outlet,
    answers: Receiver<OutletEvent>,
}

impl Ours {
    fn start(settings: &KafkaSettings) -> Result<Self, Box<dyn Error>> {
        let (heard, facts) = unbounded();
        let sink = Arc::new(move |event| heard.send(event).is_ok());
        let intake = Intake::start(settings, &[INPUT], Duration::from_secs(10), sink)?;
        while !matches!(facts.recv()?, IntakeEvent::Assigned(partitions) if !partitions.is_empty()) {}
        let (answer, answers) = unbounded();
        let sink = Arc::new(move |event| drop(answer.send(event)));
        let outlet = Outlet::start(settings, Delivery::ExactlyOnce, &intake, |record| record, sink)?;
        // The consumer thread goes on polling for as long as somebody hears it.
        std::thread::spawn(move || while facts.recv().is_ok() {});
        match answers.recv()? {
            OutletEvent::Ready => Ok(Self { intake, outlet, answers }),
            other => Err(format!("{other:?}").into()),
        }
    }

    fn commit(&self, topic: &str, records: usize) -> Result<Option<Phases>, Box<dyn Error>> {
        let name: Arc<str> = topic.into();
        let record = |n: usize| OutRecord {
            route: Route::Takedown,
            key: Some(n.to_string().into_bytes()),
            value: Some(value()),
            headers: Vec::new(),
        };
        let records = (0..records).map(|n| (Arc::clone(&name), record(n))).collect();
        let offsets = vec![(Partition { topic: INPUT.into(), number: 0 }, 0)];
        self.outlet.units().send(Unit { id: 0, records, offsets })?;
        match self.answers.recv()? {
            OutletEvent::Committed { phases, .. } => Ok(Some(phases)),
            other => Err(format!("{other:?}").into()),
        }
    }

    fn end(self) {
        self.outlet.join();
        // An error means that the consumer thread has ended already.
        let _ = self.intake.commands().send(IntakeCommand::Close);
        self.intake.join();
    }
}

fn transactional(settings: &KafkaSettings, id: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &settings.bootstrap_servers).set("transactional.id", id).set("linger.ms", "0");
    config
}

fn flushing(settings: &KafkaSettings) -> Result<BaseProducer, Box<dyn Error>> {
    let producer: BaseProducer = transactional(settings, "bench-flush").create()?;
    producer.init_transactions(Timeout::Never)?;
    Ok(producer)
}

fn self_polling(settings: &KafkaSettings) -> Result<ThreadedProducer<DefaultProducerContext>, Box<dyn Error>> {
    let producer: ThreadedProducer<DefaultProducerContext> = transactional(settings, "bench-threaded").create()?;
    producer.init_transactions(Timeout::Never)?;
    Ok(producer)
}

fn with_flush(producer: &BaseProducer, topic: &str, records: usize) -> Result<Option<Phases>, Box<dyn Error>> {
    producer.begin_transaction()?;
    for n in 0..records {
        let (key, value) = (n.to_string(), value());
        producer.send(BaseRecord::to(topic).key(&key).payload(&value)).map_err(|(error, _)| error)?;
    }
    producer.flush(Timeout::Never)?;
    producer.commit_transaction(Timeout::Never)?;
    Ok(None)
}

fn without_drain(
    producer: &ThreadedProducer<DefaultProducerContext>,
    topic: &str,
    records: usize,
) -> Result<Option<Phases>, Box<dyn Error>> {
    producer.begin_transaction()?;
    for n in 0..records {
        let (key, value) = (n.to_string(), value());
        producer.send(BaseRecord::to(topic).key(&key).payload(&value)).map_err(|(error, _)| error)?;
    }
    producer.commit_transaction(Timeout::Never)?;
    Ok(None)
}
