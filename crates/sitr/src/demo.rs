//! `sitr demo`: the real consumer, classifier and producer on posts of its own, to be looked at.
//!
//! Without a broker it starts librdkafka's mock cluster inside the process. That one is for show: nothing about delivery
//! follows from it. Three faces on one [`session`](session::Session): a terminal view, plain lines where the output is no
//! terminal, and a headless run that prints one JSON summary.

mod board;
mod card;
mod generator;
mod layout;
mod live;
mod model_dir;
mod picker;
mod plain;
mod posts;
mod reading;
#[cfg(test)]
mod sample;
mod session;
mod shape;
mod summary;
mod terminal;
mod view;

use std::{
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use sitr_engine::Judge;

use self::{
    card::Tongue,
    layout::Order,
    live::Look,
    session::{Plan, Session, settle},
    summary::{Machine, Setting, Summary},
};

/// Posts per second of the views, where a person is to read along.
const READABLE_RATE: f64 = 200.0;
/// Posts of a headless run when nothing is said.
const HEADLESS_POSTS: u64 = 2_000;
/// A run in which nothing moves for so long is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Options of `sitr demo`.
///
/// What `posts_per_second`, `p50_ms` and `p99_ms` mean stands in the help, so that nobody has to guess.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The summary's p50_ms and p99_ms are times from a post's being handed to its producer until the demo's \
own consumer has read the decision, over published decisions. Without --rate a headless run keeps a back-log on purpose: \
posts_per_second is then the capacity, and the times count the wait in that back-log. Give --rate below the capacity to \
see the time of an unloaded stream."
)]
pub(crate) struct Args {
    /// Directory of the model bundle [default: models/sitr here, else beside the binary]
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// No view: run, print one JSON summary, exit (1 when a post was lost)
    #[arg(long)]
    headless: bool,
    /// Posts to send [default: 2000 headless, else until stopped]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    posts: Option<u64>,
    /// Posts per second [default: 200; headless: as fast as 2,000 undecided posts allow]
    #[arg(long, value_name = "R", value_parser = rate)]
    rate: Option<f64>,
    /// A real broker instead of the mock one; its topics get names of their own
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap: Option<String>,
    /// Inference threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    workers: Option<u16>,
    /// Language of the reasons
    #[arg(long, value_enum, default_value = "en")]
    lang: Tongue,
    /// Who puts right-to-left text in order; `logical` for a terminal that does so and cannot be told not to
    #[arg(long, value_enum, default_value = "visual")]
    text_order: Order,
}

/// Runs the demonstration.
///
/// # Errors
/// No model, no broker, an engine that stops early.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let interrupted = interrupts()?;
    let is_live = !args.headless && std::io::stdout().is_terminal();
    if !is_live && std::env::var_os("RUST_LOG").is_some() {
        // In the view, log lines would land on the screen.
        sitr_engine::logs::init(sitr_engine::logs::Format::Human, "warn")?;
    }
    let dir = model_dir::find(args.model.as_deref())?;
    let judge = Judge::load(&dir).with_context(|| format!("the model in {} cannot be used", dir.display()))?;
    let plan = Plan {
        posts: args.posts.or(args.headless.then_some(HEADLESS_POSTS)),
        rate: args.rate.or((!args.headless).then_some(READABLE_RATE)),
        bootstrap: args.bootstrap,
        workers: args.workers.map_or_else(cores, usize::from),
    };
    let session = Session::start(&plan, Arc::new(judge))?;
    if is_live {
        return live::run(session, Look { tongue: args.lang, order: args.text_order }, &interrupted);
    }
    let mut err = std::io::stderr();
    // A closed stderr is no reason to stop.
    let _ = writeln!(err, "{}", session.notice());
    if args.headless { headless(session, &plan, &interrupted) } else { plain::run(session, args.lang, &interrupted) }
}

fn headless(session: Session, plan: &Plan, interrupted: &AtomicBool) -> anyhow::Result<ExitCode> {
    let last_done = settle(&session, PATIENCE, || {
        if interrupted.load(Ordering::Acquire) {
            session.stop_sending();
        }
        false
    });
    let setting = Setting {
        rate: plan.rate,
        model: session.model().clone(),
        broker: if plan.bootstrap.is_some() { "kafka" } else { "mock" },
        machine: Machine::here(plan.workers),
    };
    let summary = Summary::of(&session.board(), session.metrics(), last_done, setting);
    session.stop()?;
    let mut out = std::io::stdout().lock();
    let json =
        if out.is_terminal() { serde_json::to_string_pretty(&summary)? } else { serde_json::to_string(&summary)? };
    writeln!(out, "{json}")?;
    Ok(if summary.lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Set by SIGINT, SIGTERM or SIGHUP. A second one changes nothing: every way out of here has an end of its own, and one in
/// the middle of it would leave the terminal as it is.
fn interrupts() -> anyhow::Result<Arc<AtomicBool>> {
    use signal_hook::{consts, flag};
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [consts::SIGINT, consts::SIGTERM, consts::SIGHUP] {
        flag::register(signal, Arc::clone(&interrupted))?;
    }
    Ok(interrupted)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn rate(given: &str) -> Result<f64, String> {
    match given.parse::<f64>() {
        Ok(rate) if rate.is_finite() && (0.01..=1e6).contains(&rate) => Ok(rate),
        _ => Err("give posts per second, 0.01 to 1000000".to_owned()),
    }
}
