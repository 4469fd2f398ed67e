//! Masking: the text that people and logs may see.

use std::fmt;
use std::ops::Range;

use sitr_types::{Cue, CueFamily};

use crate::fold::fold;
use crate::identifiers::{self, Scope};

/// A text without its identifiers, and where they stood. `Debug` never shows the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Masked {
    /// The text with `[PHONE]`, `[EMAIL]`, `[CARD]`, `[RIB]`, `[CIN]`, `[PLATE]`, `[WALLET]`, `[URL]` and `@user` in place of
    /// identifiers. All else is as in the original.
    pub text: String,
    /// The identifiers by place, none overlapping, in scalar indices of the original; all of [`CueFamily::Identifier`].
    pub identifiers: Vec<Cue>,
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Masked")
            .field("text_bytes", &self.text.len())
            .field("identifiers", &self.identifiers)
            .finish_non_exhaustive()
    }
}

/// Replaces what points at a person or a purse. Sums of money, dates and other numbers stay. Masking twice is masking once.
#[must_use]
pub fn mask(original: &str) -> Masked {
    let mut masked = Round::of(original);
    // What was glued to an identifier can turn out to be another one; each round that changes something leaves less.
    while !masked.cuts.is_empty() {
        let next = Round::of(&masked.text);
        if next.text == masked.text {
            break;
        }
        masked = Round { cuts: masked.after(&next.cuts), text: next.text };
    }
    let cue = |cut: &Cut| Cue { start: cut.span.start, end: cut.span.end, family: CueFamily::Identifier };
    Masked { identifiers: masked.cuts.iter().map(cue).collect(), text: masked.text }
}

/// A text with its identifiers replaced.
struct Round {
    text: String,
    /// By place, none overlapping.
    cuts: Vec<Cut>,
}

/// A replaced piece: its scalars in the text before, and how many scalars stand for it now.
#[derive(Clone)]
struct Cut {
    span: Range<u32>,
    now: u32,
}

impl Round {
    fn of(before: &str) -> Self {
        let units = fold(before);
        let found = identifiers::find(&units, &identifiers::base58(before), Scope::Mask);
        let mut text = String::with_capacity(before.len());
        let mut cuts = Vec::with_capacity(found.len());
        let mut rest = before.chars();
        let mut done = 0;
        for found in found {
            let whole = &units[found.range];
            let start = whole.iter().map(|unit| unit.start).min().unwrap_or(done).max(done);
            let end = whole.iter().map(|unit| unit.end).max().unwrap_or(start);
            // One scalar can decompose into parts of two identifiers; then it goes with the first.
            if end <= start {
                continue;
            }
            text.extend(rest.by_ref().take((start - done) as usize));
            rest.by_ref().take((end - start) as usize).for_each(drop);
            let mask = found.kind.mask();
            text.push_str(mask);
            cuts.push(Cut { span: start..end, now: mask.len() as u32 });
            done = end;
        }
        text.extend(rest);
        Self { text, cuts }
    }

    /// The cuts of this round and of the next one together, in the places of the text before this one.
    fn after(&self, next: &[Cut]) -> Vec<Cut> {
        let mut all: Vec<Cut> = next.iter().map(|cut| Cut { span: self.before(&cut.span), now: cut.now }).collect();
        all.extend(
            self.cuts.iter().filter(|cut| !next.iter().any(|n| overlap(&self.before(&n.span), &cut.span))).cloned(),
        );
        all.sort_by_key(|cut| cut.span.start);
        all
    }

    /// The scalars of the text before that stand behind scalars of the text now.
    fn before(&self, now: &Range<u32>) -> Range<u32> {
        let place = |at: u32, inside: fn(&Cut) -> u32| {
            let mut gained = 0_i64;
            for cut in &self.cuts {
                let start = i64::from(cut.span.start) + gained;
                if i64::from(at) < start {
                    break;
                }
                if i64::from(at) < start + i64::from(cut.now) {
                    return inside(cut);
                }
                gained += i64::from(cut.now) - i64::from(cut.span.end - cut.span.start);
            }
            u32::try_from(i64::from(at) - gained).unwrap_or(0)
        };
        let start = place(now.start, |cut| cut.span.start);
        let end = if now.end > now.start { place(now.end - 1, |cut| cut.span.end - 1) + 1 } else { start };
        start..end
    }
}

fn overlap(a: &Range<u32>, b: &Range<u32>) -> bool {
    a.start < b.end && b.start < a.end
}
