//! Words that were pulled apart or stretched so that a filter misses them.

use crate::chars::{Unit, is_letter, is_word};

/// Letters that must follow each other, each alone, before spaces between them are taken for a disguise.
const SPACED: usize = 4;
/// The same for dots, dashes, underscores and stars, which seldom part letters otherwise.
const DOTTED: usize = 3;

/// Joins letters that were spaced, dotted, dashed or starred apart. Says whether anything changed.
pub(crate) fn join_letters(units: &mut Vec<Unit>) -> bool {
    let mut joined: Option<Vec<Unit>> = None;
    let mut at = 0;
    let mut done = 0;
    while at < units.len() {
        let end = match apart(units, at) {
            Ok(end) => end,
            Err(next) => {
                at = next;
                continue;
            }
        };
        let out = joined.get_or_insert_with(|| Vec::with_capacity(units.len()));
        out.extend_from_slice(&units[done..at]);
        out.extend(units[at..end].iter().filter(|unit| is_member(unit.c)));
        at = end;
        done = end;
    }
    let Some(mut out) = joined else { return false };
    out.extend_from_slice(&units[done..]);
    *units = out;
    true
}

/// The end of a run of single letters that begins at `start`, if it is long enough to be a disguise; else where the next may
/// begin.
fn apart(units: &[Unit], start: usize) -> Result<usize, usize> {
    if !stands_alone(units, start) {
        return Err(start + 1);
    }
    let mut letters = usize::from(is_letter(units[start].c));
    let (mut last, mut end) = (start, start + 1);
    let mut dotted = None;
    while let Some((next, with_sign)) = gap(units, last + 1) {
        let letter = is_letter(units[next].c);
        // Digits among spaces are numbers: `il y a à 5 h`.
        if *dotted.get_or_insert(with_sign) != with_sign || !stands_alone(units, next) || !(letter || with_sign) {
            break;
        }
        last = next;
        // A digit at the end is a number of its own.
        if letter {
            letters += 1;
            end = next + 1;
        }
    }
    let least = if dotted == Some(true) { DOTTED } else { SPACED };
    if letters >= least { Ok(end) } else { Err(last.max(start + 1)) }
}

/// A letter, or a digit that stands for a letter in Arabizi, with no other letter or digit beside it.
fn stands_alone(units: &[Unit], at: usize) -> bool {
    let part_of_word = |unit: &Unit| (is_word(unit.c) && unit.c != '_') || unit.c == '@';
    !units.get(at + 1).is_some_and(part_of_word)
        && !at.checked_sub(1).is_some_and(|before| part_of_word(&units[before]))
        && is_member(units[at].c)
}

fn is_member(c: char) -> bool {
    is_letter(c) || matches!(c, '2' | '3' | '5' | '7' | '8' | '9')
}

/// The place behind a gap that begins at `at`, and whether a sign stands in it: one space, or one sign with or without spaces.
fn gap(units: &[Unit], at: usize) -> Option<(usize, bool)> {
    let is = |at: usize, test: fn(char) -> bool| units.get(at).is_some_and(|unit| test(unit.c));
    let mut next = at;
    next += usize::from(is(next, |c| c == ' '));
    let signed = is(next, |c| matches!(c, '.' | '-' | '_' | '*' | '·' | '•' | '~'));
    if signed {
        next += 1;
        next += usize::from(is(next, |c| c == ' '));
    }
    (next > at && next < units.len()).then_some((next, signed))
}

/// Cuts runs of three or more of one character to two. Digits are left: zeros carry a sum. Says whether anything changed.
pub(crate) fn shorten_runs(units: &mut Vec<Unit>) -> bool {
    let before = units.len();
    let mut kept = 0;
    for at in 0..before {
        let unit = units[at];
        if kept >= 2 && units[kept - 1].c == unit.c && units[kept - 2].c == unit.c && !unit.c.is_ascii_digit() {
            units[kept - 1].end = units[kept - 1].end.max(unit.end);
            continue;
        }
        units[kept] = unit;
        kept += 1;
    }
    units.truncate(kept);
    kept != before
}
