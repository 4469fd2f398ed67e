//! The normal form of a text, with the way back to the original.

use std::fmt;
use std::ops::Range;

use crate::chars::{Unit, is_word};
use crate::{disguise, fold, identifiers};

/// A text in normal form. `Debug` never shows the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Normalised {
    text: String,
    /// One a scalar of `text`, by place.
    marks: Vec<Mark>,
    words: Vec<Range<usize>>,
    /// Scalars of the original.
    scalars: u32,
}

/// Where a scalar of the normal form stands, and which scalars of the original it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    byte: u32,
    start: u32,
    end: u32,
}

/// Brings a text to normal form: what the models, the cues and the guess of the language see.
///
/// Applying it to a normal form changes nothing. Any text has one; it may be empty.
#[must_use]
pub fn normalise(original: &str) -> Normalised {
    let mut wallets = identifiers::base58(original);
    let mut units = fold::fold(original);
    // Each pass can lay bare something for the others, and each change makes the text shorter or a placeholder of an
    // identifier; so this comes to rest, nearly always after one or two rounds.
    loop {
        let mut changed = identifiers::replace(&mut units, &wallets);
        wallets.clear();
        if disguise::join_letters(&mut units) {
            units = fold::refold(&units);
            changed = true;
        }
        changed |= disguise::shorten_runs(&mut units);
        if !changed {
            break;
        }
    }
    Normalised::from_units(&units, original)
}

impl Normalised {
    fn from_units(units: &[Unit], original: &str) -> Self {
        let mut text = String::with_capacity(units.iter().map(|unit| unit.c.len_utf8()).sum());
        let mut marks = Vec::with_capacity(units.len());
        for unit in units {
            let byte = u32::try_from(text.len()).unwrap_or(u32::MAX);
            marks.push(Mark { byte, start: unit.start, end: unit.end });
            text.push(unit.c);
        }
        let words = split_words(units, &marks, text.len());
        let scalars = u32::try_from(original.chars().count()).unwrap_or(u32::MAX);
        Self { text, marks, words, scalars }
    }

    /// The normal form: lower case, single spaces, none at the ends.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The words: `@\w+|\w+|[^\w\s]` over the normal form.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|range| &self.text[range.clone()])
    }

    /// Byte ranges of the words in [`text`](Self::text).
    #[must_use]
    pub fn word_ranges(&self) -> &[Range<usize>] {
        &self.words
    }

    /// The Unicode scalar indices of the original that stand behind a byte range of the normal form.
    ///
    /// The range is widened to whole characters and cut to the text. Always `start <= end <=` scalars of the original.
    #[must_use]
    pub fn original_span(&self, bytes: Range<usize>) -> Range<u32> {
        let first = self.marks.partition_point(|mark| mark.byte as usize <= bytes.start).saturating_sub(1);
        let last = self.marks.partition_point(|mark| (mark.byte as usize) < bytes.end);
        let inside = self.marks.get(first..last).unwrap_or_default();
        if bytes.start >= bytes.end || bytes.start >= self.text.len() || inside.is_empty() {
            let at = if bytes.start >= self.text.len() { self.scalars } else { self.marks[first].start };
            return at..at;
        }
        // Marks of a letter can stand in another order than in the original, so the ends are looked for.
        let start = inside.iter().map(|mark| mark.start).min().unwrap_or(0);
        let end = inside.iter().map(|mark| mark.end).max().unwrap_or(start);
        start..end
    }
}

impl fmt::Debug for Normalised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Normalised")
            .field("text_bytes", &self.text.len())
            .field("words", &self.words.len())
            .field("original_scalars", &self.scalars)
            .finish_non_exhaustive()
    }
}

fn split_words(units: &[Unit], marks: &[Mark], bytes: usize) -> Vec<Range<usize>> {
    let byte = |at: usize| marks.get(at).map_or(bytes, |mark| mark.byte as usize);
    let mut words = Vec::with_capacity(units.len() / 4 + 1);
    let mut at = 0;
    while at < units.len() {
        let c = units[at].c;
        let mut end = at + 1;
        if is_word(c) || (c == '@' && units.get(end).is_some_and(|next| is_word(next.c))) {
            while units.get(end).is_some_and(|next| is_word(next.c)) {
                end += 1;
            }
        }
        if c != ' ' {
            words.push(byte(at)..byte(end));
        }
        at = end;
    }
    words
}
