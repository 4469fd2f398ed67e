//! What is known of the run: posts under way, flags read, times. Written by the generator and the reader, read by the views.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use sitr_engine::Metrics;
use sitr_types::{Decision, Label, Lang, Verdict};

use super::posts::Corpus;

/// Ids kept aside. A post without a flag is never heard of again, so the oldest are forgotten.
const KEPT: usize = 100_000;
/// Flags kept for the view.
const RECENT: usize = 256;
/// Longest time that is told apart, in microseconds.
const LONGEST_MICROS: u64 = 600_000_000;

/// A flag as the demo's reader got it.
pub(super) struct Flag {
    /// The how-manieth it is, from 1.
    pub(super) number: u64,
    /// The decision, from its topic.
    pub(super) decision: Decision,
    /// Place of the post in the corpus.
    pub(super) place: usize,
    /// From the post's being sent to the flag's being read.
    pub(super) latency: Duration,
}

struct Sent {
    place: usize,
    at: Instant,
}

/// Verdict → how many.
pub(super) type ByVerdict = BTreeMap<Verdict, u64>;

/// The book of one run.
pub(super) struct Board {
    corpus: Arc<Corpus>,
    kept: HashMap<String, Sent>,
    order: VecDeque<String>,
    sent: u64,
    sent_by_kind: BTreeMap<String, u64>,
    published: BTreeMap<String, ByVerdict>,
    dead_by_kind: BTreeMap<String, u64>,
    flags: BTreeMap<Label, BTreeMap<Lang, u64>>,
    read: u64,
    dead: u64,
    repeated: u64,
    latency: Histogram<u64>,
    recent: VecDeque<Arc<Flag>>,
    first_sent: Option<Instant>,
    finished: bool,
    failed: Option<String>,
}

impl Board {
    pub(super) fn new(corpus: Arc<Corpus>) -> Self {
        Self {
            corpus,
            kept: HashMap::new(),
            order: VecDeque::new(),
            sent: 0,
            sent_by_kind: BTreeMap::new(),
            published: BTreeMap::new(),
            dead_by_kind: BTreeMap::new(),
            flags: BTreeMap::new(),
            read: 0,
            dead: 0,
            repeated: 0,
            latency: Histogram::new_with_bounds(1, LONGEST_MICROS, 3)
                .expect("invariant: 1 µs to 10 min with three digits are valid bounds"),
            recent: VecDeque::with_capacity(RECENT),
            first_sent: None,
            finished: false,
            failed: None,
        }
    }

    /// A post is about to be handed to the producer.
    pub(super) fn sending(&mut self, post_id: String, place: usize, at: Instant) {
        self.first_sent.get_or_insert(at);
        self.sent += 1;
        *self.sent_by_kind.entry(self.corpus.get(place).kind.clone()).or_default() += 1;
        if self.order.len() >= KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.kept.remove(&oldest);
        }
        self.order.push_back(post_id.clone());
        self.kept.insert(post_id, Sent { place, at });
    }

    /// A decision was read from a topic.
    pub(super) fn flagged(&mut self, decision: Decision, at: Instant) {
        let Some(Sent { place, at: sent_at }) = self.kept.remove(&decision.post_id) else {
            self.repeated += 1;
            return;
        };
        let latency = at.saturating_duration_since(sent_at);
        self.read += 1;
        self.latency.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(LONGEST_MICROS));
        let kind = self.corpus.get(place).kind.clone();
        *self.published.entry(kind).or_default().entry(decision.verdict).or_default() += 1;
        // A card of help is no flag.
        if matches!(decision.verdict, Verdict::Review | Verdict::Takedown) {
            for label in &decision.labels {
                *self.flags.entry(label.name).or_default().entry(decision.lang.detected).or_default() += 1;
            }
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(Arc::new(Flag { number: self.read, decision, place, latency }));
    }

    /// A dead letter was read from its topic.
    pub(super) fn dead_letter(&mut self, post_id: &str) {
        match self.kept.remove(post_id) {
            Some(Sent { place, .. }) => {
                self.dead += 1;
                *self.dead_by_kind.entry(self.corpus.get(place).kind.clone()).or_default() += 1;
            }
            None => self.repeated += 1,
        }
    }

    /// Nothing more will be sent.
    pub(super) fn finish(&mut self) {
        self.finished = true;
    }

    /// The run cannot go on.
    pub(super) fn fail(&mut self, why: String) {
        self.failed.get_or_insert(why);
        self.finished = true;
    }

    /// Why it cannot, if so.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// Whether the generator has ended.
    pub(super) const fn is_finished(&self) -> bool {
        self.finished
    }

    /// Posts handed to the producer.
    pub(super) const fn sent(&self) -> u64 {
        self.sent
    }

    /// Posts whose decision or dead letter has reached its reader; for `none`, which nobody reads, those committed.
    pub(super) fn done(&self, committed_none: u64) -> u64 {
        committed_none + self.read + self.dead
    }

    /// Published decisions read.
    pub(super) const fn read(&self) -> u64 {
        self.read
    }

    /// Dead letters read.
    pub(super) const fn dead(&self) -> u64 {
        self.dead
    }

    /// Decisions that came a second time.
    pub(super) const fn repeated(&self) -> u64 {
        self.repeated
    }

    /// When the first post was sent.
    pub(super) const fn first_sent(&self) -> Option<Instant> {
        self.first_sent
    }

    /// Flags by label and language.
    pub(super) const fn flags(&self) -> &BTreeMap<Label, BTreeMap<Lang, u64>> {
        &self.flags
    }

    /// The latest flags, oldest first.
    pub(super) const fn recent(&self) -> &VecDeque<Arc<Flag>> {
        &self.recent
    }

    /// Milliseconds from sent to read that this share (0 to 1) of the published decisions does not exceed.
    pub(super) fn quantile_ms(&self, share: f64) -> Option<f64> {
        (!self.latency.is_empty()).then(|| self.latency.value_at_quantile(share) as f64 / 1e3)
    }

    /// Verdicts by the writers' intention. `none` is what was neither published nor dead, so it holds once all is decided.
    pub(super) fn by_kind(&self) -> BTreeMap<String, ByVerdict> {
        let mut kinds = self.published.clone();
        for (kind, sent) in &self.sent_by_kind {
            let verdicts = kinds.entry(kind.clone()).or_default();
            let elsewhere: u64 = verdicts.values().sum::<u64>() + self.dead_by_kind.get(kind).copied().unwrap_or(0);
            verdicts.insert(Verdict::None, sent.saturating_sub(elsewhere));
        }
        kinds
    }

    /// Published decisions by verdict, as read.
    pub(super) fn published(&self, verdict: Verdict) -> u64 {
        self.published.values().filter_map(|verdicts| verdicts.get(&verdict)).sum()
    }
}

/// Decisions committed with this verdict in this language.
pub(super) fn committed(metrics: &Metrics, verdict: Verdict, lang: Lang) -> u64 {
    metrics.decisions.with_label_values(&[verdict.as_str(), lang.as_str()]).get()
}

/// Decisions committed with verdict `none`: they are published nowhere.
pub(super) fn committed_none(metrics: &Metrics) -> u64 {
    Lang::ALL.into_iter().map(|lang| committed(metrics, Verdict::None, lang)).sum()
}
