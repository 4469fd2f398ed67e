//! How far a long command has come, for people only.

use std::{
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use sitr_engine::lines::Progress;

const WITH_END: &str = "{bar:30} {percent:>3}% {msg}, {eta} left";
const WITHOUT_END: &str = "{spinner} {msg}";

/// A bar on standard error, shown only when a person looks at it and data does not go to the same terminal.
pub(super) struct Bar {
    bar: ProgressBar,
    begun: Instant,
    /// Of the inputs before the one at hand.
    before: Progress,
}

impl Bar {
    /// `total`: bytes of all inputs, if known.
    pub(super) fn new(total: Option<u64>) -> Self {
        let seen = std::io::stderr().is_terminal() && !std::io::stdout().is_terminal();
        let target = if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(total, target);
        let template = if total.is_some() { WITH_END } else { WITHOUT_END };
        bar.set_style(ProgressStyle::with_template(template).expect("invariant: the template is valid"));
        if seen {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, begun: Instant::now(), before: Progress::default() }
    }

    /// `now`: of the input at hand.
    pub(super) fn update(&self, now: Progress) {
        let lines = self.before.lines + now.lines;
        self.bar.set_position(self.before.bytes + now.bytes);
        let rate = lines as f64 / self.begun.elapsed().as_secs_f64().max(1e-3);
        let dead = match self.before.dead + now.dead {
            0 => String::new(),
            dead => format!(", {} dead", HumanCount(dead)),
        };
        self.bar.set_message(format!("{} posts, {rate:.0}/s{dead}", HumanCount(lines)));
    }

    /// The input at hand has ended.
    pub(super) fn next_input(&mut self, ended: Progress) {
        self.before.lines += ended.lines;
        self.before.bytes += ended.bytes;
        self.before.dead += ended.dead;
    }

    /// Takes the bar away; what follows on standard error stands on a line of its own.
    pub(super) fn finish(self) -> Duration {
        self.bar.finish_and_clear();
        self.begun.elapsed()
    }
}
