//! The way for texts whose characters depend on each other: decompose, lay bare homoglyphs, order marks, compose.

use unicode_normalization::char::{canonical_combining_class, compose, decompose_compatible, is_combining_mark};
use unicode_security::skeleton;

use super::{Folded, is_blank, is_dropped, letter_variant};
use crate::chars::{Unit, is_latin, is_word};

/// A character of the thorough way: lower case, with the Latin letter that its original looks like.
#[derive(Clone, Copy)]
struct Seen {
    unit: Unit,
    twin: Option<char>,
}

/// Folds units by the thorough way.
pub(super) fn thorough(source: impl Iterator<Item = Unit>, capacity: usize) -> Vec<Unit> {
    let mut seen = Vec::with_capacity(capacity);
    for unit in source {
        decompose(unit, &mut seen);
    }
    unmask_homoglyphs(&mut seen);
    order_marks(&mut seen);
    compose_all(&seen)
}

/// Decomposes, drops, folds and lowers until nothing changes. A dropped character leaves the end of the one before.
fn decompose(unit: Unit, out: &mut Vec<Seen>) {
    let c = unit.c;
    if is_blank(c) {
        out.push(Seen { unit: Unit { c: ' ', ..unit }, twin: None });
        return;
    }
    if is_dropped(c) {
        if let Some(last) = out.last_mut() {
            last.unit.end = last.unit.end.max(unit.end);
        }
        return;
    }
    let variant = letter_variant(c);
    if variant != c {
        decompose(Unit { c: variant, ..unit }, out);
        return;
    }
    let (mut parts, mut first) = (0, c);
    decompose_compatible(c, |part| {
        if parts == 0 {
            first = part;
        }
        parts += 1;
    });
    // A spacing diacritic is a space with a mark; the mark has nothing to stand on.
    if parts > 1 && first == ' ' {
        out.push(Seen { unit: Unit { c: ' ', ..unit }, twin: None });
        return;
    }
    if parts > 1 || first != c {
        decompose_compatible(c, |part| decompose(Unit { c: part, ..unit }, out));
        return;
    }
    if c.to_lowercase().eq([c]) {
        out.push(Seen { unit, twin: twin(c) });
        return;
    }
    let at = out.len();
    for lower in c.to_lowercase() {
        decompose(Unit { c: lower, ..unit }, out);
    }
    if let [only] = &mut out[at..] {
        only.twin = twin(c);
    }
}

/// The ASCII letter that a letter of another alphabet looks like: of Greek, Cyrillic, Armenian, Georgian, Cherokee, Coptic,
/// Lisu, Deseret or Osage.
fn twin(c: char) -> Option<char> {
    let alphabet = matches!(c,
        '\u{370}'..='\u{58f}' | '\u{10a0}'..='\u{10ff}' | '\u{13a0}'..='\u{13ff}' | '\u{1c80}'..='\u{1cbf}' | '\u{1f00}'..='\u{1fff}'
        | '\u{2c80}'..='\u{2d2f}' | '\u{a4d0}'..='\u{a4ff}' | '\u{a640}'..='\u{a69f}' | '\u{ab70}'..='\u{abbf}' | '\u{10400}'..='\u{1044f}'
        | '\u{104b0}'..='\u{104ff}');
    if !alphabet || !c.is_alphabetic() {
        return None;
    }
    let lower = c.to_lowercase().next().unwrap_or(c);
    let upper = lower.to_uppercase().next().unwrap_or(lower);
    [c, lower, upper].into_iter().find_map(prototype)
}

/// The one ASCII letter that the confusables table gives for a character.
fn prototype(c: char) -> Option<char> {
    let mut buffer = [0; 4];
    let mut skeleton = skeleton(c.encode_utf8(&mut buffer));
    match (skeleton.next(), skeleton.next()) {
        // The table unites I and l.
        (Some('l'), None) if c.is_uppercase() => Some('i'),
        (Some(letter), None) if letter.is_ascii_alphabetic() => Some(letter.to_ascii_lowercase()),
        _ => None,
    }
}

/// Gives letters of other scripts that stand in a word with Latin letters the Latin letter they look like.
fn unmask_homoglyphs(seen: &mut [Seen]) {
    for word in seen.chunk_by_mut(|a, b| is_word(a.unit.c) == is_word(b.unit.c)) {
        if word.iter().any(|s| s.twin.is_some()) && word.iter().any(|s| is_latin(s.unit.c)) {
            for letter in word {
                letter.unit.c = letter.twin.unwrap_or(letter.unit.c);
            }
        }
    }
}

/// Canonical order of the marks behind a letter.
fn order_marks(seen: &mut [Seen]) {
    let class = |s: &Seen| canonical_combining_class(s.unit.c);
    for marks in seen.chunk_by_mut(|a, b| class(a) != 0 && class(b) != 0) {
        if marks.len() > 1 {
            marks.sort_by_key(class);
        }
    }
}

/// Canonical composition. Marks of the common blocks that compose with nothing (strike-through, stacked accents) are
/// dropped and do not stand in the way of others.
fn compose_all(seen: &[Seen]) -> Vec<Unit> {
    let mut out = Folded::with_capacity(seen.len());
    // Place of the last character of combining class 0, and the class of the last one kept behind it.
    let mut starter: Option<usize> = None;
    let mut last_class = 0;
    for Seen { unit, .. } in seen {
        if unit.c == ' ' {
            out.space(*unit);
            starter = None;
            continue;
        }
        let class = canonical_combining_class(unit.c);
        if let Some(at) = starter {
            let adjacent = at + 1 == out.units.len();
            let base = out.units[at];
            if let (true, Some(c)) = (adjacent || (last_class != 0 && last_class < class), compose(base.c, unit.c)) {
                out.units[at] = Unit { c, start: base.start.min(unit.start), end: base.end.max(unit.end) };
                continue;
            }
        }
        if is_stray_mark(unit.c) {
            out.dropped(unit.end);
            continue;
        }
        if class == 0 {
            starter = Some(out.units.len());
        }
        last_class = class;
        out.units.push(*unit);
    }
    out.finish()
}

/// A mark of the blocks made for any script.
fn is_stray_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
        && is_combining_mark(c)
}
