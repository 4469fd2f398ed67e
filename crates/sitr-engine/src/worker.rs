//! Inference threads: each takes what is waiting, at most a batch, and answers every record.

use std::{sync::Arc, thread::JoinHandle, time::Instant};

use crossbeam_channel::{Receiver, Sender};
use sitr_delivery::WorkId;
use sitr_kafka::FetchedRecord;
use sitr_telemetry::Metrics;
use sitr_types::{Poison, ReasonCode};

use crate::{
    judge::Judge,
    stage::{Output, Stage},
};

/// Most records a worker takes at once: four model batches of eight, so that they can be sorted by length. A worker never
/// waits for more to come.
const TAKE: usize = 32;

/// A record with the machine's name for it.
pub(crate) struct Task {
    pub(crate) work: WorkId,
    pub(crate) record: FetchedRecord,
}

/// A record that is done.
pub(crate) struct Done {
    pub(crate) work: WorkId,
    pub(crate) output: Output,
}

/// What every worker has.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) judge: Arc<Judge>,
    pub(crate) stage: Stage,
    pub(crate) metrics: Metrics,
    pub(crate) tasks: Receiver<Task>,
}

/// Scoring fills every core. At a lower priority than polling and committing it costs nothing while nothing else is to do, and
/// a transaction does not wait for a post.
#[cfg(target_os = "linux")]
fn yield_to_others() {
    /// Of `nice`, 0–19: at 10 a thread gets a tenth of a core that one of 0 wants as well.
    const NICE: i32 = 10;
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE) {
        tracing::debug!(%error, "scoring runs at the priority of everything else");
    }
}

#[cfg(not(target_os = "linux"))]
const fn yield_to_others() {}

/// Starts `count` threads named `sitr-worker-N`. They end when the tasks' channel is closed and empty.
///
/// # Errors
/// The system refuses a thread.
pub(crate) fn start<T: From<Done> + Send + 'static>(
    count: usize,
    bench: &Bench,
    done: &Sender<T>,
) -> std::io::Result<Vec<JoinHandle<()>>> {
    (0..count)
        .map(|number| {
            let (bench, done) = (bench.clone(), done.clone());
            std::thread::Builder::new().name(format!("sitr-worker-{number}")).spawn(move || {
                yield_to_others();
                bench.run(&done);
            })
        })
        .collect()
}

impl Bench {
    fn run(&self, done: &Sender<impl From<Done>>) {
        while let Ok(first) = self.tasks.recv() {
            let mut works = vec![first.work];
            let mut records = vec![first.record];
            for task in self.tasks.try_iter().take(TAKE - 1) {
                works.push(task.work);
                records.push(task.record);
            }
            let begun = Instant::now();
            let outputs = self.process(&records);
            let each = begun.elapsed().as_secs_f64() / outputs.len().max(1) as f64;
            for (work, output) in works.into_iter().zip(outputs) {
                self.metrics.stage_seconds.with_label_values(&["judge"]).observe(each);
                if done.send(Done { work, output }.into()).is_err() {
                    return;
                }
            }
        }
    }

    /// A panic costs a batch its speed and the guilty record its verdict, never a record.
    fn process(&self, records: &[FetchedRecord]) -> Vec<Output> {
        self.guarded(records).unwrap_or_else(|| {
            tracing::error!(records = records.len(), "a batch panicked; its records are judged one by one");
            let poison = Poison::new(ReasonCode::Model, "the engine panicked on this record");
            records
                .iter()
                .map(|record| {
                    let alone = self.guarded(std::slice::from_ref(record)).and_then(|mut outputs| outputs.pop());
                    alone.unwrap_or_else(|| Output::dead_letter(record, &poison))
                })
                .collect()
        })
    }

    fn guarded(&self, records: &[FetchedRecord]) -> Option<Vec<Output>> {
        let work = std::panic::AssertUnwindSafe(|| self.stage.process(&self.judge, records));
        std::panic::catch_unwind(work).inspect_err(|_| self.metrics.caught_panics.inc()).ok()
    }
}
