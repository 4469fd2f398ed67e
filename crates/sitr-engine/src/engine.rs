//! Starting and stopping an instance: four kinds of threads and what they share.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, thread::JoinHandle, time::Duration};

use crossbeam_channel::{Sender, bounded, unbounded};
use sitr_delivery::{Machine, SettingsError};
use sitr_kafka::{Intake, IntakeSink, KafkaError, Outlet, OutletSink};
use sitr_telemetry::Metrics;
use sitr_types::Route;

use crate::{
    EngineSettings, Judge, Stage,
    admin::{Admin, Version},
    coordinator::{Coordinator, Input},
    health::Health,
    ledger::Ledger,
    records,
    settings::Names,
    watch::Watch,
    worker,
    worker::Bench,
};

/// Inputs that may wait for the coordinator. It never blocks, so this is slack for one of its rounds, not a queue; and what
/// slips through between a pause and its execution lies here.
const INBOX: usize = 512;

/// Why an instance could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// Correct the configuration or the network.
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    /// Correct the configuration.
    #[error(transparent)]
    Delivery(#[from] SettingsError),
    /// The admin address cannot be had: another process listens there, or it is not ours.
    #[error("admin.listen = `{listen}` cannot be bound: {why}; choose a free address or port 0")]
    Admin {
        /// What was asked for.
        listen: SocketAddr,
        /// The system's words.
        why: std::io::Error,
    },
    /// The system refuses a thread.
    #[error("a thread could not be started: {0}")]
    Thread(std::io::Error),
}

/// How an instance ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// Asked to, and everything in flight is committed.
    Drained,
    /// Cut short: what was in flight will be read again.
    Aborted,
    /// These partitions stood still for twice `stall_timeout`. A new start may set them going.
    Stalled(String),
    /// Another instance has the same `instance_id`.
    Fenced,
    /// Nothing could be saved; the reason.
    Fatal(String),
}

/// Stops an instance from any thread.
#[derive(Clone)]
pub struct Control(Sender<Input>);

impl Control {
    /// Stop in good order: finish what is in flight, commit, leave the group.
    pub fn drain(&self) {
        // An error means that it has stopped already.
        let _ = self.0.send(Input::Drain);
    }

    /// Stop now; what is in flight will be read again.
    pub fn abort(&self) {
        let _ = self.0.send(Input::Abort);
    }
}

/// A running instance.
pub struct Engine {
    control: Control,
    metrics: Metrics,
    admin: Option<Admin>,
    intake: Intake,
    workers: Vec<JoinHandle<()>>,
    coordinator: JoinHandle<Stopped>,
}

impl Engine {
    /// Starts all threads. Returns at once: an unreachable broker shows in `/readyz` and the log.
    ///
    /// # Errors
    /// See [`EngineError`]; nothing is left running then but threads that end by themselves.
    pub fn start(settings: &EngineSettings, judge: Arc<Judge>) -> Result<Self, EngineError> {
        let metrics = Metrics::new(crate::VERSION);
        let model = &judge.model().model;
        metrics.set_model(&model.name, &model.version, &model.sha256);
        let health = Arc::new(Health::new());
        let machine = Machine::new(settings.limits.clone())?;
        let admin = settings.admin.map(|listen| {
            let version =
                Version { version: crate::VERSION, model: model.clone(), policy: judge.policy().reference().clone() };
            Admin::start(listen, Arc::clone(&health), metrics.clone(), version)
                .map_err(|why| EngineError::Admin { listen, why })
        });
        let admin = admin.transpose()?;

        let (input, inbox) = bounded(INBOX);
        let (tasks, queue) = unbounded();
        let (input_route, mut kafka) = (input_route(settings.stage), settings.kafka.clone());
        if settings.stage == Stage::Score {
            // Each stage is a consumer group of its own.
            kafka.group_id.push_str("-score");
        }
        let to_coordinator = input.clone();
        let intake_sink: IntakeSink = Arc::new(move |event| to_coordinator.send(Input::Intake(event)).is_ok());
        let topic = settings.topics.of(input_route);
        let intake = Intake::start(&kafka, &[topic], rebalance_budget(settings), intake_sink)?;
        let to_coordinator = input.clone();
        let outlet_sink: OutletSink = Arc::new(move |event| {
            // An error means that the coordinator has ended.
            let _ = to_coordinator.send(Input::Outlet(event));
        });
        let outlet = Outlet::start(&kafka, settings.delivery, &intake, records::without_value, outlet_sink)?;
        let bench = Bench { judge, stage: settings.stage, metrics: metrics.clone(), tasks: queue };
        let workers = worker::start(settings.workers.max(1), &bench, &input).map_err(EngineError::Thread)?;
        let coordinator = Coordinator {
            machine,
            inbox,
            tasks,
            intake: intake.commands(),
            outlet: Some(outlet),
            names: Names::new(&settings.topics),
            input: input_route,
            ledger: Ledger::new(metrics.clone()),
            health,
            drain_timeout: settings.drain_timeout,
            unit: None,
            seeks: HashMap::new(),
            tokens: 0,
            drain_until: None,
            watch: Watch::new(settings.stall_timeout),
            hopeless: None,
            stopped: None,
        };
        let coordinator = std::thread::Builder::new()
            .name("sitr-coordinator".to_owned())
            .spawn(move || coordinator.run())
            .map_err(EngineError::Thread)?;
        Ok(Self { control: Control(input), metrics, admin, intake, workers, coordinator })
    }

    /// A handle that stops it.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Its metrics.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Where its admin pages are.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(Admin::address)
    }

    /// Waits until it has stopped, and for every thread of it.
    #[must_use]
    pub fn wait(self) -> Stopped {
        let Self { control, admin, intake, workers, coordinator, .. } = self;
        drop(control);
        let stopped = coordinator.join().unwrap_or_else(|_| Stopped::Fatal("the coordinator panicked".to_owned()));
        intake.join();
        for worker in workers {
            if worker.join().is_err() {
                tracing::error!("a worker panicked outside a batch");
            }
        }
        if let Some(admin) = admin {
            admin.stop();
        }
        stopped
    }
}

const fn input_route(stage: Stage) -> Route {
    match stage {
        Stage::Classify | Stage::Both => Route::Posts,
        Stage::Score => Route::Signals,
    }
}

/// Long enough for the last transaction of a revocation, well inside the poll interval.
fn rebalance_budget(settings: &EngineSettings) -> Duration {
    let wanted = settings.limits.revoke_budget * 2 + settings.kafka.transaction_timeout;
    wanted.min(settings.kafka.max_poll_interval / 2)
}
