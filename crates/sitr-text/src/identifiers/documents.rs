//! Numbers of documents: bank accounts, cards, identity cards, number plates.

use super::digits::Stream;
use super::{Finder, Kind};
use crate::chars::{is_arabic, is_word};

/// Figures of a Moroccan bank account (RIB).
const RIB: usize = 24;
/// Figures behind the letters of a Moroccan IBAN.
const IBAN: usize = 26;
const SEPARATORS: [char; 3] = [' ', '-', '.'];

/// Moroccan account numbers, with or without the letters of the IBAN.
pub(super) fn ribs(finder: &mut Finder<'_>, digits: usize) {
    if digits < RIB {
        return;
    }
    for at in 0..finder.units.len() {
        if !begins_number(finder, at) {
            continue;
        }
        let stream = Stream::read(finder, at, &SEPARATORS);
        // Several phone numbers can add up to the same length, but then more figures stand before or behind.
        let end = |count| {
            let alone = stream.digits().len() == count && !follows_number(finder, at);
            stream.end_of(count).filter(|_| alone || stream.is_unbroken(count))
        };
        let iban = at >= 2
            && finder.starts_with(at - 2, "ma")
            && !at.checked_sub(3).is_some_and(|b| is_word(finder.units[b].c));
        if let Some(end) = end(RIB) {
            finder.take(at..end, Kind::Rib);
        } else if let (true, Some(end)) = (iban, end(IBAN)) {
            finder.take(at - 2..end, Kind::Rib);
        }
    }
}

/// Card numbers: 13 to 19 figures in one piece or in groups of three to six, right by the formula of Luhn.
pub(super) fn cards(finder: &mut Finder<'_>, digits: usize) {
    if digits < 13 {
        return;
    }
    for at in 0..finder.units.len() {
        if !begins_number(finder, at) || finder.char(at) == Some('0') {
            continue;
        }
        let stream = Stream::read(finder, at, &SEPARATORS);
        let end = [16, 15, 14, 13, 17, 18, 19].into_iter().find_map(|count| {
            let end = stream.end_of(count)?;
            let grouped = stream.is_unbroken(count) || stream.is_grouped(count, 3..=6);
            (grouped && luhn(&stream.digits()[..count])).then_some(end)
        });
        if let Some(end) = end {
            finder.take(at..end, Kind::Card);
        }
    }
}

fn begins_number(finder: &Finder<'_>, at: usize) -> bool {
    finder.units[at].c.is_ascii_digit() && !finder.before(at).is_some_and(|c| c.is_ascii_digit())
}

/// Whether nothing but separators parts a place from a figure before it.
fn follows_number(finder: &Finder<'_>, mut at: usize) -> bool {
    while finder.before(at).is_some_and(|c| SEPARATORS.contains(&c)) {
        at -= 1;
    }
    finder.before(at).is_some_and(|c| c.is_ascii_digit())
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit @ 0..=4) => digit * 2,
            (_, digit) => digit * 2 - 9,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Moroccan number plates: figures, an Arabic letter, figures.
pub(super) fn plates(finder: &mut Finder<'_>) {
    for at in 0..finder.units.len() {
        if !begins_number(finder, at) || finder.before(at).is_some_and(is_word) {
            continue;
        }
        if let Some(end) = plate(finder, at) {
            finder.take(at..end, Kind::Plate);
        }
    }
}

fn plate(finder: &Finder<'_>, start: usize) -> Option<usize> {
    let first_end = finder.skip(start, |c| c.is_ascii_digit());
    let (letter_at, sign_before) = separator(finder, first_end);
    let letter = finder.char(letter_at).filter(|c| is_arabic(*c))?;
    let (second, sign_behind) = separator(finder, letter_at + 1);
    let end = finder.skip(second, |c| c.is_ascii_digit());
    let (first_len, second_len) = (first_end - start, end - second);
    let lengths = (1..=5).contains(&first_len) && (1..=5).contains(&second_len) && first_len.min(second_len) <= 2;
    // `1000 و 20`, `3 ب 50` are sums: without signs, only letters that are no words, and a first number of plate length.
    let clear = (sign_before && sign_behind) || (matches!(letter, 'ا' | 'د' | 'ه' | 'ط' | 'ي') && first_len >= 3);
    (lengths && clear && !finder.char(end).is_some_and(is_word)).then_some(end)
}

/// The place behind what parts the pieces of a plate, and whether a sign is part of it.
fn separator(finder: &Finder<'_>, at: usize) -> (usize, bool) {
    let sign = finder.skip(at, |c| c == ' ');
    let behind = finder.skip(sign, |c| matches!(c, '-' | '|' | '/'));
    (finder.skip(behind, |c| c == ' '), behind > sign)
}

/// Moroccan identity cards: one or two letters and five or six figures that stand alone. A space between them is allowed where
/// the card is named just before.
pub(super) fn identity_cards(finder: &mut Finder<'_>, digits: usize) {
    if digits < 5 {
        return;
    }
    for at in 0..finder.units.len() {
        if finder.units[at].c.is_ascii_alphabetic()
            && !finder.before(at).is_some_and(|c| is_word(c) || matches!(c, '@' | '-' | '#'))
            && let Some(end) = identity_card(finder, at)
        {
            finder.take(at..end, Kind::Cin);
        }
    }
}

fn identity_card(finder: &Finder<'_>, start: usize) -> Option<usize> {
    let letters = finder.skip(start, |c| c.is_ascii_alphabetic());
    let mut number = letters;
    if matches!(finder.char(letters), Some(' ' | '-')) && is_announced(finder, start) {
        number += 1;
    }
    let end = finder.skip(number, |c| c.is_ascii_digit());
    let currency = ["dh", "da", "dt", "eu"].into_iter().any(|unit| finder.starts_with(start, unit));
    let right = (1..=2).contains(&(letters - start)) && (5..=6).contains(&(end - number));
    (right && !currency && !finder.char(end).is_some_and(is_word)).then_some(end)
}

/// Whether the last words before name an identity card.
fn is_announced(finder: &Finder<'_>, at: usize) -> bool {
    const NAMES: [&str; 5] = ["cin", "cni", "carte", "بطاقه", "لاكارط"];
    (at.saturating_sub(20)..at).any(|place| NAMES.into_iter().any(|name| finder.starts_with(place, name)))
}
