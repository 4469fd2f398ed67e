//! The consumer thread: polls, forwards, obeys.

use std::{
    sync::{Arc, Weak},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, unbounded};
use rdkafka::{
    Message as _,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError as Native,
    message::{BorrowedMessage, Headers as _},
    util::Timeout,
};

use crate::{
    KafkaError, KafkaSettings, Partition, client, partition,
    partition::Names,
    rebalance::{GroupContext, Pending, owns},
};

/// Longest wait of one poll. Commands wait no longer than this, an idle instance wakes ten times a second.
const POLL: Duration = Duration::from_millis(100);
/// Shorter gaps between polls are not worth an event.
const NOTABLE_GAP: Duration = Duration::from_millis(5);
/// Longest wait for a seek to be applied.
const SEEK: Duration = Duration::from_secs(10);

/// A fact of the consumer side, in the order in which it happened there.
#[derive(Debug)]
pub enum IntakeEvent {
    /// These partitions are ours from now on; none at all when the group has more members than partitions.
    Assigned(Vec<Partition>),
    /// These partitions are to be given away; the consumer waits for [`IntakeCommand::Release`] with this id.
    Revoked {
        /// The call.
        rebalance: u64,
        /// The partitions.
        partitions: Vec<Partition>,
    },
    /// These partitions were taken away; the consumer waits for its release just as well.
    Lost {
        /// The call.
        rebalance: u64,
        /// The partitions.
        partitions: Vec<Partition>,
    },
    /// A record.
    Fetched(FetchedRecord),
    /// A [`SeekTo`] is executed: what follows of this partition is read from there.
    Rewound {
        /// The partition.
        partition: Partition,
        /// [`SeekTo::token`].
        token: u64,
    },
    /// How the owned partitions stand, every two seconds while a broker is connected.
    States(Vec<PartitionState>),
    /// No broker is connected; said every two seconds.
    Disconnected,
    /// Time between the end of a poll and the next one, where it is longer than a few milliseconds.
    PollGap(Duration),
    /// Nothing can be read here; the reason.
    Fatal(String),
    /// The consumer has left; the last event.
    Closed,
}

/// A record with everything that a dead letter must keep. `Debug` shows no content.
pub struct FetchedRecord {
    /// Where from.
    pub partition: Partition,
    /// Its offset.
    pub offset: i64,
    /// Its time stamp, milliseconds since 1970, when it has one.
    pub timestamp_ms: Option<i64>,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Option<Vec<u8>>,
    /// Its headers, in order.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl FetchedRecord {
    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.key.as_ref().map_or(0, Vec::len)
            + self.value.as_ref().map_or(0, Vec::len)
            + self.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
    }

    fn of(message: &BorrowedMessage<'_>, names: &mut Names) -> Self {
        let headers = message.headers().map_or_else(Vec::new, |headers| {
            headers.iter().map(|header| (header.key.to_owned(), header.value.unwrap_or_default().to_vec())).collect()
        });
        Self {
            partition: Partition { topic: names.shared(message.topic()), number: message.partition() },
            offset: message.offset(),
            timestamp_ms: message.timestamp().to_millis().filter(|ms| *ms >= 0),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers,
        }
    }
}

impl std::fmt::Debug for FetchedRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FetchedRecord({} {}, {} bytes)", self.partition, self.offset, self.bytes())
    }
}

/// How a partition stands, as librdkafka knows it. Offsets that it does not know yet are absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionState {
    /// The partition.
    pub partition: Partition,
    /// Where its log begins.
    pub begin: Option<i64>,
    /// Where its log ends for a `read_committed` reader (the last stable offset).
    pub end: Option<i64>,
    /// The group's position, as it was when the partition came to us.
    pub committed: Option<i64>,
    /// What librdkafka's fetcher does with it: `active` when all is well.
    pub fetch_state: String,
}

/// What the consumer thread is told.
#[derive(Debug)]
pub enum IntakeCommand {
    /// Deliver nothing of these, go on polling.
    Pause(Vec<Partition>),
    /// Deliver these again.
    Resume(Vec<Partition>),
    /// Go back; each is answered by [`IntakeEvent::Rewound`].
    Seek(Vec<SeekTo>),
    /// Let the rebalance of that id go on.
    Release(u64),
    /// Leave the group and end; answered by [`IntakeEvent::Closed`].
    Close,
}

/// A place to go back to.
#[derive(Debug, Clone)]
pub struct SeekTo {
    /// The partition.
    pub partition: Partition,
    /// Returned in [`IntakeEvent::Rewound`].
    pub token: u64,
    /// The first offset to be read again.
    pub to: i64,
}

/// Takes events; `false` = nobody listens any more. It may block for a moment: that is the backpressure of the last resort.
pub type IntakeSink = Arc<dyn Fn(IntakeEvent) -> bool + Send + Sync>;

pub(crate) type GroupConsumer = BaseConsumer<GroupContext>;

/// The consumer and its thread.
pub struct Intake {
    /// Weak: the thread's handle and the producer's are the only ones, so that leaving the group waits for nobody else.
    consumer: Weak<GroupConsumer>,
    commands: Sender<IntakeCommand>,
    thread: JoinHandle<()>,
}

impl Intake {
    /// Subscribes to `topics` and starts the thread `sitr-consumer`. A rebalance waits `rebalance_budget` for its release at
    /// most.
    ///
    /// # Errors
    /// Settings that must not be, or a client that cannot be made. An unreachable broker is no error here: librdkafka goes on
    /// trying.
    pub fn start(
        settings: &KafkaSettings,
        topics: &[&str],
        rebalance_budget: Duration,
        sink: IntakeSink,
    ) -> Result<Self, KafkaError> {
        settings.validate()?;
        let (commands, inbox) = unbounded();
        let context = GroupContext::new(Arc::clone(&sink), inbox.clone(), rebalance_budget);
        let consumer: GroupConsumer =
            client::consumer(settings).create_with_context(context).map_err(|e| KafkaError::client(&e))?;
        consumer.subscribe(topics).map_err(|e| KafkaError::client(&e))?;
        let consumer = Arc::new(consumer);
        let weak = Arc::downgrade(&consumer);
        let worker = Worker { consumer, inbox, sink, names: Names::default(), polled: None };
        let thread = std::thread::Builder::new()
            .name("sitr-consumer".to_owned())
            .spawn(move || worker.run())
            .map_err(|why| KafkaError::Thread { name: "sitr-consumer", why })?;
        Ok(Self { consumer: weak, commands, thread })
    }

    /// Where commands go, in order. After [`IntakeEvent::Closed`] they go nowhere.
    #[must_use]
    pub fn commands(&self) -> Sender<IntakeCommand> {
        self.commands.clone()
    }

    /// For the producer: the group's metadata belongs to each transaction (K2). `None` once the thread has ended.
    pub(crate) fn consumer(&self) -> Option<Arc<GroupConsumer>> {
        self.consumer.upgrade()
    }

    /// Waits for the thread, after [`IntakeCommand::Close`]. The producer must have ended before.
    pub fn join(self) {
        drop(self.commands);
        if self.thread.join().is_err() {
            tracing::error!("the consumer thread panicked");
        }
    }
}

struct Worker {
    consumer: Arc<GroupConsumer>,
    inbox: Receiver<IntakeCommand>,
    sink: IntakeSink,
    names: Names,
    /// When the last poll returned.
    polled: Option<Instant>,
}

impl Worker {
    fn run(mut self) {
        loop {
            let mut commands = self.consumer.context().take_pending();
            commands.extend(self.inbox.try_iter());
            for command in commands {
                if self.obey(command) == Pending::Close {
                    return self.close();
                }
            }
            if let Some(busy) = self.polled.map(|at| at.elapsed())
                && busy > NOTABLE_GAP
                && !(self.sink)(IntakeEvent::PollGap(busy))
            {
                return;
            }
            let polled = self.consumer.poll(POLL);
            self.polled = Some(Instant::now());
            let alive = match polled {
                Some(Ok(message)) => {
                    let record = FetchedRecord::of(&message, &mut self.names);
                    drop(message);
                    (self.sink)(IntakeEvent::Fetched(record))
                }
                Some(Err(error)) => self.failed(&error),
                None => true,
            };
            if !alive {
                return;
            }
        }
    }

    fn obey(&mut self, command: IntakeCommand) -> Pending {
        match command {
            IntakeCommand::Pause(partitions) => {
                self.report(self.consumer.pause(&partition::list(&partitions)), "pause");
            }
            IntakeCommand::Resume(partitions) => {
                self.report(self.consumer.resume(&partition::list(&partitions)), "resume");
            }
            IntakeCommand::Seek(places) => self.seek(places),
            // The rebalance that it belonged to is over already: its budget had run out.
            IntakeCommand::Release(_) => {}
            IntakeCommand::Close => return Pending::Close,
        }
        Pending::GoOn
    }

    fn report(&self, result: Result<(), Native>, what: &'static str) {
        if let Err(error) = result {
            tracing::warn!(what, %error, "not applied to partitions that are gone");
        }
    }

    /// Applies each seek alone: a partition that is no longer ours must not spoil the others.
    fn seek(&mut self, places: Vec<SeekTo>) {
        for place in places {
            let list = partition::list_at([(&place.partition, place.to)]);
            let result = self.consumer.seek_partitions(list, SEEK);
            let applied = result.as_ref().is_ok_and(|list| list.elements().iter().all(|e| e.error().is_ok()));
            if applied {
                tracing::debug!(partition = %place.partition, to = place.to, "rewound");
                (self.sink)(IntakeEvent::Rewound { partition: place.partition, token: place.token });
            } else if owns(&self.consumer, &place.partition) {
                // Going on would skip records: the one thing that must not happen.
                let why = format!("{} could not be rewound to {}", place.partition, place.to);
                (self.sink)(IntakeEvent::Fatal(why));
            } else {
                tracing::info!(partition = %place.partition, "not rewound: no longer ours");
            }
        }
    }

    /// Only what librdkafka calls fatal ends the stream; everything else it retries by itself.
    fn failed(&self, error: &Native) -> bool {
        match error {
            Native::MessageConsumptionFatal(code) => {
                let why = self
                    .consumer
                    .client()
                    .fatal_error()
                    .map_or_else(|| code.to_string(), |(code, why)| format!("{code}: {why}"));
                tracing::error!(%why, "the consumer is fenced or broken");
                (self.sink)(IntakeEvent::Fatal(why))
            }
            Native::PartitionEOF(_) => true,
            other => {
                tracing::warn!(error = %other, "consumer error; librdkafka retries");
                true
            }
        }
    }

    /// Dropping the last handle leaves the group, with one more round of rebalance callbacks, on this thread.
    fn close(self) {
        let Self { consumer, sink, .. } = self;
        consumer.unsubscribe();
        let until = Instant::now() + Duration::from_secs(10);
        while Arc::strong_count(&consumer) > 1 && Instant::now() < until {
            // Serves what the unsubscribing brings, until the producer has let go of its handle.
            drop(consumer.poll(Timeout::After(Duration::from_millis(10))));
        }
        drop(consumer);
        sink(IntakeEvent::Closed);
    }
}
