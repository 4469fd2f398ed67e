//! Which flags are held up for a person to read: a stream shows more of them in a second than anyone can follow.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use sitr_types::{Lang, Verdict};

use super::board::Flag;

/// Time to take in one flag.
const READING: Duration = Duration::from_millis(900);
/// Flags kept on the screen.
const HELD: usize = 40;

/// Picks one flag at a time, the kind that was not seen for longest, so that the rare ones are seen too.
#[derive(Default)]
pub(super) struct Picker {
    /// The number of the latest flag that was looked at.
    looked_at: u64,
    last: Option<Instant>,
    turn: u64,
    seen: HashMap<(Verdict, Lang), u64>,
    held: VecDeque<Arc<Flag>>,
}

impl Picker {
    /// Takes a flag from `recent` (oldest first) if it is time for one.
    pub(super) fn pick(&mut self, recent: &VecDeque<Arc<Flag>>, now: Instant) {
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < READING) {
            return;
        }
        let kind = |flag: &Flag| (flag.decision.verdict, flag.decision.lang.detected);
        let unseen = recent.iter().filter(|flag| flag.number > self.looked_at);
        let picked = unseen.min_by_key(|flag| {
            let seen = self.seen.get(&kind(flag)).copied().unwrap_or(0);
            (seen, std::cmp::Reverse(flag.number))
        });
        let Some(flag) = picked.map(Arc::clone) else { return };
        self.turn += 1;
        self.seen.insert(kind(&flag), self.turn);
        self.looked_at = recent.back().map_or(self.looked_at, |newest| newest.number);
        self.last = Some(now);
        self.held.push_front(flag);
        self.held.truncate(HELD);
    }

    /// What is on the screen, newest first.
    pub(super) const fn held(&self) -> &VecDeque<Arc<Flag>> {
        &self.held
    }

    /// How many were picked.
    pub(super) const fn picked(&self) -> u64 {
        self.turn
    }
}

#[cfg(test)]
mod tests {
    use sitr_types::Label;

    use super::*;
    use crate::demo::sample;

    fn flags(kinds: &[(Verdict, Lang)]) -> VecDeque<Arc<Flag>> {
        let flag = |(place, (verdict, lang)): (usize, &(Verdict, Lang))| {
            let decision = sample::decision(&place.to_string(), *verdict, &[Label::Threat], *lang);
            Arc::new(Flag { number: place as u64 + 1, decision, place, latency: Duration::ZERO })
        };
        kinds.iter().enumerate().map(flag).collect()
    }

    #[test]
    fn one_flag_is_held_at_a_time_and_the_kind_not_seen_for_longest_comes_first() {
        let (a, b) = ((Verdict::Takedown, Lang::Ar), (Verdict::Care, Lang::Fr));
        let mut picker = Picker::default();
        let begun = Instant::now();
        picker.pick(&flags(&[b, a, a]), begun);
        assert_eq!(picker.held()[0].number, 3, "the newest where nothing was seen yet");
        picker.pick(&flags(&[b, a, a, a, b, a]), begun);
        assert_eq!(picker.picked(), 1, "there was no time to read it");
        picker.pick(&flags(&[b, a, a, a, b, a]), begun + READING);
        assert_eq!(picker.held()[0].number, 5, "the kind that was not seen yet");
        picker.pick(&flags(&[b, a, a, a, b, a]), begun + READING * 2);
        assert_eq!(picker.picked(), 2, "nothing is shown twice");
    }
}
