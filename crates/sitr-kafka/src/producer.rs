//! The producer thread: one unit at a time, records and positions together.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use rdkafka::{
    ClientContext,
    config::RDKafkaLogLevel,
    consumer::{CommitMode, Consumer as _},
    error::{KafkaError as Native, RDKafkaErrorCode as Code},
    message::{DeliveryResult, Header, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext, PurgeConfig},
    util::Timeout,
};
use sitr_types::OutRecord;

use crate::{
    Intake, KafkaError, KafkaSettings, Partition, client,
    consumer::GroupConsumer,
    partition,
    triage::{Triage, triage},
};

/// How often an idle producer looks after its connections.
const IDLE: Duration = Duration::from_secs(1);
/// Wait between two tries of a retriable call.
const RETRY: Duration = Duration::from_millis(50);

/// What a commit means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Records and positions in one transaction.
    ExactlyOnce,
    /// Records first, then positions: a crash in between doubles records.
    AtLeastOnce,
}

/// Records and the positions that cover what they were made from.
pub struct Unit {
    /// Returned in the answer.
    pub id: u64,
    /// Topic and record, in order.
    pub records: Vec<(Arc<str>, OutRecord)>,
    /// Positions: the first offset that is not covered.
    pub offsets: Vec<(Partition, i64)>,
}

/// Where the time of a commit went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// From begin to the last record handed over.
    pub send: Duration,
    /// Until every record was acknowledged.
    pub drain: Duration,
    /// Positions into the transaction, and the commit itself.
    pub commit: Duration,
}

impl Phases {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.send + self.drain + self.commit
    }
}

/// The answer to a [`Unit`], or news of the producer itself.
#[derive(Debug)]
pub enum OutletEvent {
    /// The producer can take units.
    Ready,
    /// All of the unit is visible, for good.
    Committed {
        /// [`Unit::id`].
        id: u64,
        /// Where the time went.
        phases: Phases,
    },
    /// Nothing of the unit is or becomes visible.
    Aborted {
        /// [`Unit::id`].
        id: u64,
        /// Why, for the log.
        why: String,
    },
    /// Another instance has our identity.
    Fenced(String),
    /// Nothing can be saved with this producer.
    Fatal(String),
}

/// Takes events; it must not block for long.
pub type OutletSink = Arc<dyn Fn(OutletEvent) + Send + Sync>;

/// Makes a smaller record of one that the broker refuses for its size, so that it does not block its partition for ever.
pub type Resize = fn(OutRecord) -> OutRecord;

/// The producer's thread.
pub struct Outlet {
    units: Sender<Unit>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Outlet {
    /// Starts the thread `sitr-producer`. [`OutletEvent::Ready`] comes when the coordinator has answered; an earlier
    /// transaction of the same identity is finished or aborted by then.
    ///
    /// # Errors
    /// Settings that must not be, or a client that cannot be made.
    pub fn start(
        settings: &KafkaSettings,
        delivery: Delivery,
        intake: &Intake,
        resize: Resize,
        sink: OutletSink,
    ) -> Result<Self, KafkaError> {
        settings.validate()?;
        let acknowledged = Arc::new(Acknowledged::default());
        let context = Context(Arc::clone(&acknowledged));
        let producer: BaseProducer<Context> =
            client::producer(settings, delivery).create_with_context(context).map_err(|e| KafkaError::client(&e))?;
        let consumer =
            intake.consumer().ok_or_else(|| KafkaError::Client { why: "the consumer has ended already".to_owned() })?;
        let (units, inbox) = unbounded();
        let stop = Arc::new(AtomicBool::new(false));
        let worker =
            Worker { producer, acknowledged, consumer, delivery, resize, inbox, sink, stop: Arc::clone(&stop) };
        let thread = std::thread::Builder::new()
            .name("sitr-producer".to_owned())
            .spawn(move || worker.run())
            .map_err(|why| KafkaError::Thread { name: "sitr-producer", why })?;
        Ok(Self { units, stop, thread })
    }

    /// Where units go.
    #[must_use]
    pub fn units(&self) -> Sender<Unit> {
        self.units.clone()
    }

    /// Ends the thread after the unit under way, and waits for it.
    pub fn join(self) {
        self.stop.store(true, Ordering::Release);
        drop(self.units);
        if self.thread.join().is_err() {
            tracing::error!("the producer thread panicked");
        }
    }
}

/// The first delivery error of the unit under way, with the place of its record.
#[derive(Default)]
struct Acknowledged(Mutex<Option<(usize, Code)>>);

impl Acknowledged {
    fn first_error(&self) -> Option<(usize, Code)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

struct Context(Arc<Acknowledged>);

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(level, facility, message);
    }

    fn error(&self, error: Native, reason: &str) {
        client::log_error(&error, reason);
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, place: usize) {
        let Err((error, _)) = result else { return };
        let code = error.rdkafka_error_code().unwrap_or(Code::Fail);
        // An abort throws away what is under way: that is no failure.
        if !matches!(code, Code::PurgeQueue | Code::PurgeInflight) {
            self.0.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert((place, code));
        }
    }
}

/// Why a unit was not committed.
enum Failure {
    Triaged(Triage),
    /// The broker refuses the record at this place for its size.
    TooLarge(usize),
}

struct Worker {
    producer: BaseProducer<Context>,
    acknowledged: Arc<Acknowledged>,
    consumer: Arc<GroupConsumer>,
    delivery: Delivery,
    resize: Resize,
    inbox: Receiver<Unit>,
    sink: OutletSink,
    stop: Arc<AtomicBool>,
}

impl Worker {
    fn run(self) {
        if self.delivery == Delivery::ExactlyOnce && !self.init() {
            return;
        }
        (self.sink)(OutletEvent::Ready);
        loop {
            match self.inbox.recv_timeout(IDLE) {
                Ok(unit) => {
                    if !self.answer(unit) {
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.producer.poll(Duration::ZERO),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Until the coordinator answers, a fatal error, or the end.
    fn init(&self) -> bool {
        while !self.stop.load(Ordering::Acquire) {
            match self.producer.init_transactions(Duration::from_secs(5)) {
                Ok(()) => return true,
                Err(error) => match triage(&error, self.fatal_code()) {
                    Triage::Fenced(why) => {
                        (self.sink)(OutletEvent::Fenced(why));
                        return false;
                    }
                    Triage::Fatal(why) => {
                        (self.sink)(OutletEvent::Fatal(why));
                        return false;
                    }
                    Triage::Retry | Triage::Abort(_) => {
                        tracing::warn!(%error, "the transaction coordinator does not answer yet");
                        std::thread::sleep(RETRY);
                    }
                },
            }
        }
        false
    }

    /// Executes one unit and answers it; `false` when the producer is of no more use.
    fn answer(&self, mut unit: Unit) -> bool {
        loop {
            self.acknowledged.forget();
            let result = match self.delivery {
                Delivery::ExactlyOnce => self.transact(&unit),
                Delivery::AtLeastOnce => self.write_then_commit(&unit),
            };
            let triage = match result {
                Ok(phases) => {
                    (self.sink)(OutletEvent::Committed { id: unit.id, phases });
                    return true;
                }
                Err(Failure::TooLarge(place)) => match self.undo() {
                    Ok(()) if place < unit.records.len() => {
                        let (topic, record) = unit.records.remove(place);
                        tracing::error!(%topic, bytes = record.bytes(), "a record is too large for its topic; written without its value");
                        unit.records.insert(place, (topic, (self.resize)(record)));
                        continue;
                    }
                    Ok(()) => Triage::Abort("a record is too large".to_owned()),
                    Err(triage) => triage,
                },
                Err(Failure::Triaged(Triage::Abort(why))) => match self.undo() {
                    Ok(()) => Triage::Abort(why),
                    Err(triage) => triage,
                },
                Err(Failure::Triaged(other)) => other,
            };
            return match triage {
                Triage::Abort(why) => {
                    (self.sink)(OutletEvent::Aborted { id: unit.id, why });
                    true
                }
                Triage::Fenced(why) => {
                    (self.sink)(OutletEvent::Fenced(why));
                    false
                }
                Triage::Retry | Triage::Fatal(_) => {
                    let why = if let Triage::Fatal(why) = triage { why } else { "a retry that never ends".to_owned() };
                    (self.sink)(OutletEvent::Fatal(why));
                    false
                }
            };
        }
    }

    /// Score first, open the transaction then: it is open only for as long as writing takes.
    fn transact(&self, unit: &Unit) -> Result<Phases, Failure> {
        let start = Instant::now();
        self.retried(|| self.producer.begin_transaction())?;
        self.send_all(unit)?;
        let sent = Instant::now();
        // Drained before the positions follow: with records under way `send_offsets_to_transaction` takes 100 ms, not one.
        self.drain()?;
        let drained = Instant::now();
        let offsets = partition::list_at(unit.offsets.iter().map(|(partition, next)| (partition, *next)));
        self.retried(|| {
            let metadata = self.consumer.group_metadata().ok_or(Native::Canceled)?;
            self.producer.send_offsets_to_transaction(&offsets, &metadata, Timeout::Never)
        })?;
        self.retried(|| self.producer.commit_transaction(Timeout::Never))?;
        Ok(Phases { send: sent - start, drain: drained - sent, commit: drained.elapsed() })
    }

    fn write_then_commit(&self, unit: &Unit) -> Result<Phases, Failure> {
        let start = Instant::now();
        self.send_all(unit)?;
        let sent = Instant::now();
        self.drain()?;
        let drained = Instant::now();
        let offsets = partition::list_at(unit.offsets.iter().map(|(partition, next)| (partition, *next)));
        self.consumer
            .commit(&offsets, CommitMode::Sync)
            .map_err(|error| Failure::Triaged(Triage::Abort(error.to_string())))?;
        Ok(Phases { send: sent - start, drain: drained - sent, commit: drained.elapsed() })
    }

    fn send_all(&self, unit: &Unit) -> Result<(), Failure> {
        for (place, (topic, record)) in unit.records.iter().enumerate() {
            let mut headers = OwnedHeaders::new_with_capacity(record.headers.len());
            for (key, value) in &record.headers {
                headers = headers.insert(Header { key, value: Some(value.as_slice()) });
            }
            let mut message: BaseRecord<'_, [u8], [u8], usize> =
                BaseRecord::with_opaque_to(topic, place).headers(headers);
            if let Some(key) = &record.key {
                message = message.key(key);
            }
            if let Some(value) = &record.value {
                message = message.payload(value);
            }
            loop {
                match self.producer.send(message) {
                    Ok(()) => break,
                    Err((Native::MessageProduction(Code::QueueFull), back)) => {
                        self.producer.poll(Duration::from_millis(1));
                        message = back;
                    }
                    Err((Native::MessageProduction(Code::MessageSizeTooLarge), _)) => {
                        return Err(Failure::TooLarge(place));
                    }
                    Err((error, _)) => return Err(Failure::Triaged(triage(&error, self.fatal_code()))),
                }
            }
        }
        Ok(())
    }

    /// K3: waits until every record is acknowledged, in steps of a millisecond.
    fn drain(&self) -> Result<(), Failure> {
        while self.producer.in_flight_count() > 0 {
            // A flush that does not wait, for its side effect: it wakes the threads of the brokers. librdkafka does not wake
            // them when a partition has been added to the transaction; this saves 1 to 4 ms each (benches/README.md).
            let _ = self.producer.flush(Duration::ZERO);
            self.producer.poll(Duration::from_millis(1));
        }
        match self.acknowledged.first_error() {
            None => Ok(()),
            Some((place, Code::MessageSizeTooLarge)) => Err(Failure::TooLarge(place)),
            Some((_, code)) => {
                let error = Native::MessageProduction(code);
                Err(Failure::Triaged(triage(&error, self.fatal_code())))
            }
        }
    }

    /// Throws away what is under way and takes the transaction back (K3: purge first, or the abort takes its whole time-out).
    fn undo(&self) -> Result<(), Triage> {
        self.producer.purge(PurgeConfig::default().queue().inflight());
        while self.producer.in_flight_count() > 0 {
            self.producer.poll(Duration::from_millis(1));
        }
        if self.delivery == Delivery::AtLeastOnce {
            return Ok(());
        }
        match self.retried(|| self.producer.abort_transaction(Timeout::Never)) {
            Ok(()) => Ok(()),
            Err(Failure::Triaged(Triage::Abort(why))) => Err(Triage::Fatal(why)),
            Err(Failure::Triaged(other)) => Err(other),
            Err(Failure::TooLarge(_)) => Err(Triage::Fatal("an abort has no records".to_owned())),
        }
    }

    /// The same call again for as long as it is retriable. librdkafka bounds the whole by the transaction's time-out.
    fn retried(&self, call: impl Fn() -> Result<(), Native>) -> Result<(), Failure> {
        loop {
            match call() {
                Ok(()) => return Ok(()),
                Err(error) => match triage(&error, self.fatal_code()) {
                    Triage::Retry => {
                        tracing::debug!(%error, "retried");
                        self.producer.poll(RETRY);
                    }
                    other => return Err(Failure::Triaged(other)),
                },
            }
        }
    }

    fn fatal_code(&self) -> Option<Code> {
        self.producer.client().fatal_error().map(|(code, _)| code)
    }
}
