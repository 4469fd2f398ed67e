//! Cues: the places of a post that speak for, or against, extortion, threats and abuse, with what each stands for.
//!
//! A post is read as a row of word classes (`lexicon`), and small patterns over classes (`rules`) and fixed phrases mark the
//! families of [`CueFamily`]. Cues decide nothing: they feed a calibrated combination and become the spans of an explanation.
//!
//! - A **demand** is the author's, to the addressee; a **threat** is what the author announces, or what will befall the
//!   addressee. Reported speech loses both (`frames`): "he told me he would publish" is a victim's cue.
//! - All offsets are those of the original text; a cue never covers less than a whole word.
//! - The work is linear in the words: a hash look-up a word, then patterns of bounded length from a first-word index.

mod classes;
mod fold;
mod frames;
mod implied;
mod inflect;
mod lexicon;
mod rules;
mod shape;
#[cfg(test)]
mod tests;
mod tokens;

use std::sync::LazyLock;

use sitr_types::{Cue, CueFamily};

use crate::Normalised;
use classes::{ClassNames, ClassSet};
use implied::Implied;
use lexicon::Lexicon;
use rules::Rules;
use tokens::{Computed, Token};

/// The cues of a post, sorted by place. Two cues of one family never overlap.
#[must_use]
pub fn cues(text: &Normalised) -> Vec<Cue> {
    static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::builtin);
    let words: Vec<&str> = text.words().collect();
    let ranges = text.word_ranges();
    let mut cues: Vec<Cue> = ENGINE
        .find(&words)
        .into_iter()
        .map(|hit| {
            let span = text.original_span(ranges[hit.first].start..ranges[hit.last].end);
            Cue { start: span.start, end: span.end, family: hit.family }
        })
        .collect();
    cues.sort_unstable();
    cues
}

/// A match; `first..=last` are indices of tokens while the engine works and of words when it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hit {
    first: usize,
    last: usize,
    family: CueFamily,
}

/// The tables and rules, read once.
#[derive(Debug)]
struct Engine {
    lexicon: Lexicon,
    rules: Rules,
    computed: Computed,
    implied: Implied,
}

impl Engine {
    fn builtin() -> Self {
        let mut names = ClassNames::default();
        let computed = Computed::intern(&mut names);
        let lexicon = Lexicon::builtin(&mut names);
        let rules = Rules::builtin(&names, computed.stop);
        let implied = Implied::new(&names);
        Self { lexicon, rules, computed, implied }
    }

    fn find(&self, words: &[&str]) -> Vec<Hit> {
        let (tokens, quotes) = tokens::tokenise(self, words);
        let mut hits = Vec::new();
        let mut frames = Vec::new();
        for at in 0..tokens.len() {
            self.phrases_at(&tokens, at, &mut hits);
            for (rule, found) in self.rules.matches_at(&tokens, at) {
                hits.push(Hit { first: found.first, last: found.last, family: rule.family });
                if rule.opens_frame {
                    frames.push(found.last);
                }
            }
        }
        let mut stop = ClassSet::default();
        stop.insert(self.computed.stop);
        frames::withhold(&mut hits, &frames, &quotes, &tokens, stop);
        self.implied.complete(&mut hits, &tokens);
        let mut hits = merge(hits);
        for hit in &mut hits {
            (hit.first, hit.last) = (tokens[hit.first].word, tokens[hit.last].word);
        }
        hits
    }

    fn phrases_at(&self, tokens: &[Token], at: usize, hits: &mut Vec<Hit>) {
        for word in tokens[at].phrase_words.into_iter().filter(|word| *word != 0) {
            for phrase in self.lexicon.phrases_from(word) {
                let last = at + phrase.rest.len();
                let following = tokens.get(at + 1..=last).unwrap_or_default();
                let fits = following.len() == phrase.rest.len()
                    && following.iter().zip(&phrase.rest).all(|(token, word)| token.phrase_words.contains(word));
                if fits {
                    hits.push(Hit { first: at, last, family: phrase.family });
                }
            }
        }
    }
}

/// One hit for every stretch of a family.
fn merge(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_unstable_by_key(|hit| (hit.family, hit.first, hit.last));
    let mut merged: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits {
        match merged.last_mut() {
            Some(last) if last.family == hit.family && hit.first <= last.last => last.last = last.last.max(hit.last),
            _ => merged.push(hit),
        }
    }
    merged
}
