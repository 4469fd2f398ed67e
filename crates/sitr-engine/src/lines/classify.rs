//! Posts in, decisions out.

use std::{
    collections::BTreeMap,
    io::{BufRead, Write},
    ops::AddAssign,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use sitr_types::{Mode, Poison, Post, ReasonCode, Verdict, decode_post};

use super::{
    DeadLine, LinesError, Progress, dead,
    pipeline::{self, Sink},
    reader::Chunk,
};
use crate::{Arrival, Judge};

/// How [`classify`] works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassifyOptions {
    /// Threads that score; 0 counts as 1.
    pub workers: usize,
    /// Puts the probability of every label into each decision.
    pub all_scores: bool,
}

/// What became of an input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassifySummary {
    /// Lines, bytes and dead letters.
    pub progress: Progress,
    /// Decisions by verdict; a verdict that never came is absent.
    pub verdicts: BTreeMap<Verdict, u64>,
}

impl AddAssign for ClassifySummary {
    fn add_assign(&mut self, other: Self) {
        self.progress.lines += other.progress.lines;
        self.progress.bytes += other.progress.bytes;
        self.progress.dead += other.progress.dead;
        for (verdict, count) in other.verdicts {
            *self.verdicts.entry(verdict).or_default() += count;
        }
    }
}

/// Who hears of what happens on the way.
pub struct Listeners<'a> {
    /// Takes each line that is no post; an error ends the work.
    pub dead: &'a mut dyn FnMut(DeadLine) -> std::io::Result<()>,
    /// Hears of every piece that is written.
    pub progress: &'a mut dyn FnMut(Progress),
}

/// Judges each line of `input` as a post and writes one decision a line to `out`, in order.
///
/// # Errors
/// Input or output that fails, see [`LinesError`]. What was written before stays.
pub fn classify(
    judge: &Arc<Judge>,
    input: impl BufRead + Send + 'static,
    out: impl Write,
    options: &ClassifyOptions,
    listeners: Listeners<'_>,
) -> Result<ClassifySummary, LinesError> {
    let (judge, all_scores) = (Arc::clone(judge), options.all_scores);
    let mut writer = Writer { out, listeners, summary: ClassifySummary::default() };
    let score = move |posts| score(&judge, posts, all_scores);
    pipeline::run(input, options.workers, move |chunk| answer(chunk, &score), &mut writer)?;
    Ok(writer.summary)
}

/// A line's decision as JSON, with its verdict for the summary.
struct Decided {
    verdict: Verdict,
    json: Vec<u8>,
}

/// What became of a chunk.
struct Answer {
    lines: u64,
    bytes: u64,
    decisions: Vec<u8>,
    verdicts: Vec<Verdict>,
    dead: Vec<DeadLine>,
}

fn score(judge: &Judge, posts: Vec<Post>, all_scores: bool) -> Vec<Result<Decided, Poison>> {
    let arrivals = posts.into_iter().map(|post| Arrival { post, timestamp_ms: None }).collect();
    judge
        .score(arrivals)
        .into_iter()
        .map(|signal| {
            let signal = signal?;
            let mut decision = judge.decide(&signal, None, Mode::Live);
            if all_scores {
                decision.scores = Some(signal.scores);
            }
            let mut json = serde_json::to_vec(&decision)
                .map_err(|_| Poison::new(ReasonCode::Encode, "the decision could not be written as JSON"))?;
            json.push(b'\n');
            Ok(Decided { verdict: decision.verdict, json })
        })
        .collect()
}

/// Answers every line of a chunk, in order.
fn answer(chunk: Chunk, score: &impl Fn(Vec<Post>) -> Vec<Result<Decided, Poison>>) -> Answer {
    let mut answer = Answer {
        lines: chunk.lines.len() as u64,
        bytes: chunk.bytes,
        decisions: Vec::new(),
        verdicts: Vec::with_capacity(chunk.lines.len()),
        dead: Vec::new(),
    };
    let mut posts = Vec::with_capacity(chunk.lines.len());
    let mut raws = Vec::with_capacity(chunk.lines.len());
    for (number, line) in (chunk.first..).zip(chunk.lines) {
        let read = dead::whole(number, line).and_then(|raw| match decode_post(&raw) {
            Ok(post) => Ok((post, raw)),
            Err(poison) => Err(DeadLine::new(number, poison, raw)),
        });
        match read {
            Ok((post, raw)) => {
                posts.push(post);
                raws.push((number, raw));
            }
            Err(line) => answer.dead.push(line),
        }
    }
    for ((number, raw), decided) in raws.into_iter().zip(guarded(posts, score)) {
        match decided {
            Ok(decided) => {
                answer.verdicts.push(decided.verdict);
                answer.decisions.extend_from_slice(&decided.json);
            }
            Err(poison) => answer.dead.push(DeadLine::new(number, poison, raw)),
        }
    }
    answer.dead.sort_by_key(|dead| dead.line);
    answer
}

/// A panic costs a chunk its speed and the guilty post its verdict, never a line.
fn guarded(
    posts: Vec<Post>,
    score: &impl Fn(Vec<Post>) -> Vec<Result<Decided, Poison>>,
) -> Vec<Result<Decided, Poison>> {
    let attempt = |posts: Vec<Post>| catch_unwind(AssertUnwindSafe(|| score(posts))).ok();
    if let Some(decided) = attempt(posts.clone()) {
        return decided;
    }
    tracing::error!(posts = posts.len(), "a batch panicked; its posts are judged one by one");
    posts
        .into_iter()
        .map(|post| {
            let alone = attempt(vec![post]).and_then(|mut decided| decided.pop());
            alone.unwrap_or_else(|| Err(Poison::new(ReasonCode::Model, "the engine panicked on this record")))
        })
        .collect()
}

struct Writer<'a, W> {
    out: W,
    listeners: Listeners<'a>,
    summary: ClassifySummary,
}

impl<W: Write> Sink<Answer> for Writer<'_, W> {
    fn take(&mut self, answer: Answer) -> Result<(), LinesError> {
        self.out.write_all(&answer.decisions).map_err(LinesError::Write)?;
        let so_far = &mut self.summary.progress;
        so_far.lines += answer.lines;
        so_far.bytes += answer.bytes;
        so_far.dead += answer.dead.len() as u64;
        (self.listeners.progress)(*so_far);
        for verdict in answer.verdicts {
            *self.summary.verdicts.entry(verdict).or_default() += 1;
        }
        answer.dead.into_iter().try_for_each(&mut self.listeners.dead).map_err(LinesError::DeadLetter)
    }

    fn idle(&mut self) -> Result<(), LinesError> {
        self.out.flush().map_err(LinesError::Write)
    }
}

#[cfg(test)]
mod tests;
