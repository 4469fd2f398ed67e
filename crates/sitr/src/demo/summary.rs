//! What a headless run prints: one JSON object.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde::Serialize;
use sitr_engine::Metrics;
use sitr_types::{Label, Lang, ModelRef, Verdict};

use super::board::{Board, ByVerdict, committed_none};

/// The result of a run.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    /// Posts sent.
    pub(super) posts: u64,
    /// Decisions by verdict. `none` as the engine committed it, the others as a reader of their topics got them.
    pub(super) decisions: ByVerdict,
    /// Labels of takedown and review decisions: label → language → how many. A card of help is no flag.
    pub(super) flags: BTreeMap<Label, BTreeMap<Lang, u64>>,
    /// What the posts' writers meant → verdict → how many. No measure of quality: see `demo/README.md`.
    pub(super) by_kind: BTreeMap<String, ByVerdict>,
    /// Posts over the time from the first one sent to the last decision's arrival.
    pub(super) posts_per_second: f64,
    /// Half of the published decisions took no longer, from the post's being handed to its producer until the demo's own
    /// consumer had read the decision. Without `--rate` posts wait in a back-log on purpose, and this counts that wait.
    pub(super) p50_ms: Option<f64>,
    /// The same for 99 of 100.
    pub(super) p99_ms: Option<f64>,
    /// Posts per second asked for; null = as fast as the back-log bound allows.
    pub(super) rate: Option<f64>,
    /// Posts that could not be judged.
    pub(super) dead_letters: u64,
    /// Posts without decision or dead letter; anything but 0 is a defect.
    pub(super) lost: u64,
    /// Decisions that arrived more than once.
    pub(super) repeated: u64,
    /// The bundle.
    pub(super) model: ModelRef,
    /// `mock` or `kafka`.
    pub(super) broker: &'static str,
    /// Where it ran.
    pub(super) machine: Machine,
}

/// What a number of posts per second must be read with.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    /// Processors that the process may use.
    pub(super) cores: usize,
    /// Inference threads.
    pub(super) workers: usize,
    /// Instruction set.
    pub(super) arch: &'static str,
    /// Operating system.
    pub(super) os: &'static str,
}

impl Machine {
    pub(super) fn here(workers: usize) -> Self {
        Self { cores: super::cores(), workers, arch: std::env::consts::ARCH, os: std::env::consts::OS }
    }
}

/// What the summary cannot learn from the board.
pub(super) struct Setting {
    pub(super) rate: Option<f64>,
    pub(super) model: ModelRef,
    pub(super) broker: &'static str,
    pub(super) machine: Machine,
}

impl Summary {
    pub(super) fn of(board: &Board, metrics: &Metrics, last_done: Instant, setting: Setting) -> Self {
        let none = committed_none(metrics);
        let mut decisions: ByVerdict = Verdict::ALL.into_iter().map(|v| (v, board.published(v))).collect();
        decisions.insert(Verdict::None, none);
        let elapsed = board.first_sent().map_or(Duration::ZERO, |first| last_done.saturating_duration_since(first));
        let done = board.done(none);
        let Setting { rate, model, broker, machine } = setting;
        Self {
            posts: board.sent(),
            decisions,
            flags: board.flags().clone(),
            by_kind: board.by_kind(),
            posts_per_second: tenths(done as f64 / elapsed.as_secs_f64().max(1e-3)),
            p50_ms: board.quantile_ms(0.5).map(tenths),
            p99_ms: board.quantile_ms(0.99).map(tenths),
            rate,
            dead_letters: board.dead(),
            lost: board.sent().saturating_sub(done),
            repeated: board.repeated(),
            model,
            broker,
            machine,
        }
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::demo::{posts::Corpus, sample};

    fn setting() -> Setting {
        let model = ModelRef { name: "m".to_owned(), version: "1".to_owned(), sha256: "aa".to_owned() };
        Setting { rate: None, model, broker: "mock", machine: Machine::here(2) }
    }

    #[test]
    fn a_summary_has_the_keys_that_its_readers_rely_on() {
        let corpus = Arc::new(Corpus::embedded().unwrap());
        let mut board = Board::new(Arc::clone(&corpus));
        let metrics = Metrics::new("0");
        let begun = Instant::now();
        for (place, pass) in corpus.replay().take(4) {
            board.sending(corpus.get(place).id_in(pass), place, begun);
        }
        let ids: Vec<String> = corpus.replay().take(4).map(|(place, pass)| corpus.get(place).id_in(pass)).collect();
        let takedown = sample::decision(&ids[0], Verdict::Takedown, &[Label::Extortion, Label::Threat], Lang::AryLatn);
        board.flagged(takedown.clone(), begun + Duration::from_millis(150));
        board.flagged(takedown, begun + Duration::from_millis(160));
        let care = sample::decision(&ids[1], Verdict::Care, &[Label::Threat], Lang::Fr);
        board.flagged(care, begun + Duration::from_millis(250));
        board.dead_letter(&ids[2]);
        metrics.decisions.with_label_values(&["none", "fr"]).inc();

        let summary = Summary::of(&board, &metrics, begun + Duration::from_secs(2), setting());
        let json = serde_json::to_value(&summary).unwrap();
        assert_eq!(json["posts"], 4);
        assert_eq!(json["decisions"], serde_json::json!({"none": 1, "care": 1, "review": 0, "takedown": 1}));
        assert_eq!(json["flags"], serde_json::json!({"extortion": {"ary-Latn": 1}, "threat": {"ary-Latn": 1}}));
        assert_eq!((&json["dead_letters"], &json["lost"], &json["repeated"]), (&1.into(), &0.into(), &1.into()));
        assert_eq!(json["posts_per_second"], 2.0);
        assert!((149.0..=151.0).contains(&json["p50_ms"].as_f64().unwrap()), "{json}");
        assert!((249.0..=251.0).contains(&json["p99_ms"].as_f64().unwrap()), "{json}");
        let kinds: u64 = summary.by_kind.values().flat_map(BTreeMap::values).sum();
        assert_eq!(kinds + summary.dead_letters, summary.posts);
        assert_eq!(json["model"]["name"], "m");
        assert!(json["machine"]["cores"].as_u64().unwrap() >= 1);
    }

    #[test]
    fn a_post_without_a_decision_is_counted_as_lost() {
        let corpus = Arc::new(Corpus::embedded().unwrap());
        let mut board = Board::new(Arc::clone(&corpus));
        board.sending("demo-0001-1".to_owned(), 0, Instant::now());
        let summary = Summary::of(&board, &Metrics::new("0"), Instant::now(), setting());
        assert_eq!((summary.posts, summary.lost), (1, 1));
        assert_eq!((summary.p50_ms, summary.p99_ms), (None, None));
    }
}
