//! `sitr classify`: the stream's own judgement on files.

use std::{
    fs::File,
    io::{BufWriter, Write},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use sitr_engine::{
    Judge,
    lines::{ClassifyOptions, ClassifySummary, DeadLine, Listeners, classify},
};
use sitr_types::Verdict;

use super::{
    input::{Input, total_bytes},
    progress::Bar,
};
use crate::{
    cli::Classify,
    config::workers,
    exit::{self, note},
};

/// Dead letters that are told when no file takes them.
const TOLD: usize = 3;
const OUT_BUFFER: usize = 64 << 10;

/// Judges all inputs.
pub(super) fn run(args: &Classify) -> anyhow::Result<ExitCode> {
    let inputs = Input::all(&args.files);
    let total = total_bytes(&inputs)?;
    let judge = Arc::new(Judge::load(&args.model)?);
    let mut letters = Letters::create(args)?;
    let options = ClassifyOptions { workers: workers(args.workers), all_scores: args.all_scores };
    let mut out = BufWriter::with_capacity(OUT_BUFFER, std::io::stdout());
    let mut bar = Bar::new(total);
    let mut summary = ClassifySummary::default();
    for input in &inputs {
        let name = input.name();
        let mut dead = |line: DeadLine| letters.take(&name, &line);
        let done = classify(
            &judge,
            input.open()?,
            &mut out,
            &options,
            Listeners { dead: &mut dead, progress: &mut |now| bar.update(now) },
        )
        .with_context(|| name.clone())?;
        bar.next_input(done.progress);
        summary += done;
    }
    out.flush()?;
    letters.finish()?;
    note(format_args!("{}", describe(&summary, bar.finish())));
    letters.tell(&summary);
    Ok(if summary.progress.dead > 0 { ExitCode::from(exit::DEAD_LETTERS) } else { ExitCode::SUCCESS })
}

/// `1,234 posts in 5.6 s (220/s): …`
fn describe(summary: &ClassifySummary, took: Duration) -> String {
    let decided: u64 = summary.verdicts.values().sum();
    let rate = decided as f64 / took.as_secs_f64().max(1e-3);
    let count = |verdict: Verdict| summary.verdicts.get(&verdict).copied().unwrap_or(0);
    let verdicts: Vec<_> =
        Verdict::ALL.into_iter().rev().map(|verdict| format!("{} {}", count(verdict), verdict.as_str())).collect();
    let dead = summary.progress.dead;
    format!(
        "{decided} posts in {:.1} s ({rate:.0}/s): {}; {dead} dead letters",
        took.as_secs_f64(),
        verdicts.join(", ")
    )
}

/// Where dead letters go.
struct Letters {
    file: Option<BufWriter<File>>,
    told: Vec<String>,
}

impl Letters {
    fn create(args: &Classify) -> anyhow::Result<Self> {
        let create = |path: &std::path::PathBuf| {
            // It would be emptied before it is read.
            let same = |file: &std::path::PathBuf| {
                path.canonicalize().is_ok_and(|p| file.canonicalize().is_ok_and(|f| p == f))
            };
            anyhow::ensure!(!args.files.iter().any(same), "--dead-letter {} is also an input", path.display());
            File::create(path).with_context(|| format!("{} cannot be written", path.display()))
        };
        let file = args.dead_letter.as_ref().map(create).transpose()?;
        Ok(Self { file: file.map(BufWriter::new), told: Vec::new() })
    }

    fn take(&mut self, input: &str, dead: &DeadLine) -> std::io::Result<()> {
        match &mut self.file {
            Some(file) => writeln!(file, "{}", dead.to_json(input)),
            None => {
                if self.told.len() < TOLD {
                    self.told.push(format!("{input}:{}: {}", dead.line, dead.poison));
                }
                Ok(())
            }
        }
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush).context("the dead-letter file cannot be written")
    }

    fn tell(&self, summary: &ClassifySummary) {
        for line in &self.told {
            note(format_args!("  {line}"));
        }
        let more = summary.progress.dead - self.told.len() as u64;
        if self.file.is_none() && more > 0 {
            note(format_args!("  and {more} more; --dead-letter FILE keeps them all"));
        }
    }
}
