//! `sitr run`: the stream.

use std::{io::IsTerminal as _, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};
use sitr_engine::{
    Control, Engine, Judge, Stage, Stopped,
    logs::{self, Format},
};

use crate::{
    cli::{Run, StageName},
    config::{Configuration, LogSettings},
    exit::{self, note},
};

/// Runs until a signal or a failure ends it.
pub(super) fn run(args: &Run) -> anyhow::Result<ExitCode> {
    let Configuration { mut settings, model_dir, log, .. } = Configuration::load(args.file.config.as_deref())?;
    settings.stage = match args.stage {
        None => Stage::Both,
        Some(StageName::Classify) => Stage::Classify,
        Some(StageName::Score) => Stage::Score,
    };
    start_logs(&log)?;
    if args.file.config.is_none() {
        tracing::info!("no --config: defaults and environment variables apply");
    }
    let judge = Arc::new(Judge::load(&model_dir)?);
    let model = &judge.model().model;
    tracing::info!(
        version = sitr_engine::VERSION,
        model = model.name,
        model_version = model.version,
        workers = settings.workers,
        bootstrap_servers = settings.kafka.bootstrap_servers,
        group = settings.kafka.group_id,
        instance = settings.kafka.instance_id,
        "starting"
    );
    let engine = Engine::start(&settings, judge)?;
    if let Some(address) = engine.admin_address() {
        tracing::info!(%address, "metrics and probes");
    }
    let mut signals = Signals::new([SIGTERM, SIGINT]).context("signals cannot be listened to")?;
    let handle = signals.handle();
    let control = engine.control();
    let listener = std::thread::Builder::new()
        .name("sitr-signals".to_owned())
        .spawn(move || obey(&mut signals, &control))
        .context("the thread for signals cannot be started")?;
    let stopped = engine.wait();
    handle.close();
    if listener.join().is_err() {
        tracing::error!("the thread for signals panicked");
    }
    Ok(code_of(&stopped))
}

fn start_logs(log: &LogSettings) -> anyhow::Result<()> {
    let json = log.json.unwrap_or_else(|| !std::io::stderr().is_terminal());
    Ok(logs::init(if json { Format::Json } else { Format::Human }, &log.level)?)
}

/// The first signal drains, the second aborts.
fn obey(signals: &mut Signals, control: &Control) {
    for (number, signal) in (1..).zip(signals.forever()) {
        if number == 1 {
            tracing::info!(
                signal,
                "draining: what is in flight is finished and committed; a second signal stops at once"
            );
            control.drain();
        } else {
            tracing::warn!(signal, "stopping at once: what is in flight will be read again");
            control.abort();
        }
    }
}

fn code_of(stopped: &Stopped) -> ExitCode {
    let (code, what) = match stopped {
        Stopped::Drained => {
            tracing::info!("stopped: everything in flight is committed");
            return ExitCode::SUCCESS;
        }
        Stopped::Aborted => {
            (exit::ABORTED, "stopped before everything was committed; the rest will be read again".to_owned())
        }
        Stopped::Stalled(partitions) => (
            exit::STALLED,
            format!("{partitions} stood still for twice delivery.stall_timeout; a new start may set it going"),
        ),
        Stopped::Fenced => {
            (exit::FENCED, "another instance has the same kafka.instance_id; give each instance its own".to_owned())
        }
        Stopped::Fatal(why) => (exit::FAILURE, why.clone()),
    };
    tracing::error!(code, "{what}");
    note(format_args!("sitr: {what}"));
    ExitCode::from(code)
}
