//! What the shape of a word says about its variety, where the word itself is not known.

use super::lexicon::{self, Variety, Weights};
use crate::chars::is_arabic;

/// Evidence of an unknown word.
pub(super) fn weights(word: &str) -> Weights {
    let mut weights = Weights::default();
    let mut chars = word.chars();
    match chars.next() {
        Some(first) if is_arabic(first) => arabic(word, &mut weights),
        Some(first) if first.is_alphanumeric() => latin(word, &mut weights),
        _ => {}
    }
    weights
}

fn arabic(word: &str, weights: &mut Weights) {
    let letters = word.chars().count();
    // A conjunction or preposition written with the word: `وراه`, `فهاد`, `بديال`.
    if letters >= 4
        && let Some(rest) = ['و', 'ف', 'ب', 'ل'].into_iter().find_map(|clitic| word.strip_prefix(clitic))
        && let Some(known) = lexicon::weights(rest)
    {
        *weights = *known;
        return;
    }
    let negated = letters >= 5 && word.starts_with('م') && word.ends_with('ش');
    let we = letters >= 5 && word.starts_with('ن') && word.ends_with('و');
    if is_present(word, letters) {
        weights[Variety::Darija as usize] += 1.5;
    } else if negated {
        weights[Variety::Darija as usize] += 1.0;
    } else if we {
        weights[Variety::Darija as usize] += 0.7;
    } else if letters >= 4 && (word.starts_with("ست") || word.starts_with("سي") || word.starts_with("سن")) {
        // The future of standard Arabic, and words that only look like it.
        weights[Variety::Arabic as usize] += 0.3;
    } else if letters >= 4 && (word.starts_with("بي") || word.starts_with("بت")) {
        // The present of Egypt and the Levant.
        weights[Variety::Arabic as usize] += 0.7;
    }
}

/// The Moroccan present with `ك` or `كا`, and the future with `غ` or `غا`.
fn is_present(word: &str, letters: usize) -> bool {
    const NOT_VERBS: [&str; 19] = [
        "كتاب",
        "كتب",
        "كتيب",
        "كتير",
        "كتف",
        "كنيس",
        "كنت",
        "كنا",
        "كنز",
        "كيان",
        "كيف",
        "كيلو",
        "كيس",
        "كانت",
        "كانوا",
        "كاتب",
        "غير",
        "غيب",
        "غيث",
    ];
    letters >= 5
        && ["كي", "كت", "كن", "كاي", "كات", "كان", "غاي", "غات", "غان", "غي", "غن", "غت", "تاي", "تان"]
            .into_iter()
            .any(|prefix| word.starts_with(prefix))
        && !NOT_VERBS.into_iter().any(|stem| word.starts_with(stem))
}

fn latin(word: &str, weights: &mut Weights) {
    let bytes = word.as_bytes();
    let mut add = |variety: Variety, weight: f32| weights[variety as usize] += weight;
    if !word.is_ascii() {
        if word.contains(['é', 'è', 'ê', 'à', 'ç', 'ù', 'œ', 'î', 'ô', 'û', 'ë', 'ï', 'â']) {
            add(Variety::French, 1.0);
        }
        return;
    }
    if spells_with_digits(bytes) {
        add(Variety::Arabizi, 2.0);
        return;
    }
    if bytes.len() < 3 || bytes.iter().any(u8::is_ascii_digit) {
        return;
    }
    let vowel = |b: &u8| matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    if ["mdr", "mdd", "ptd", "ptn", "mrc", "slt", "bjr"].iter().any(|laughter| word.starts_with(laughter)) {
        add(Variety::French, 0.7);
        return;
    }
    if !bytes.iter().any(vowel) {
        add(Variety::Arabizi, 1.0);
        return;
    }
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| word.starts_with(prefix));
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| word.ends_with(suffix));
    let holds = |pieces: &[&str]| pieces.iter().any(|piece| word.contains(piece));
    if bytes.len() >= 5 && starts(&["kay", "kat", "kan", "gha", "kai", "tay"]) {
        add(Variety::Arabizi, 1.5);
    }
    if bytes.len() >= 5 && bytes[0] == b'm' && ends(&["ch", "sh"]) {
        add(Variety::Arabizi, 1.0);
    }
    if holds(&["kh", "gh", "dh", "aa", "ii", "iya", "oua", "hh"]) || ends(&["ch", "k", "j", "q", "h", "iw", "aw"]) {
        add(Variety::Arabizi, 0.5);
    }
    if starts_with_cluster(bytes) {
        add(Variety::Arabizi, 0.6);
    }
    if holds(&["w", "k", "z"]) {
        add(Variety::Arabizi, 0.2);
    }
    if bytes.len() >= 4
        && ends(&[
            "e", "es", "er", "ez", "ent", "eur", "eux", "ait", "ais", "ement", "tion", "tions", "que", "re", "ant",
        ])
    {
        add(Variety::French, 0.5);
    }
    if holds(&["eau", "eu", "oi", "ai", "ui", "ph", "qu", "omm", "ssi"]) {
        add(Variety::French, 0.3);
    }
    if ends(&["ing", "tly", "ed", "ght", "ness"]) || holds(&["th", "ee", "wh"]) {
        add(Variety::English, 0.5);
    }
}

/// Digits in the place of letters (`3la`, `bza7`, `9ahba`), not beside a unit (`10dh`, `5h30`, `2eme`).
fn spells_with_digits(word: &[u8]) -> bool {
    let letters = word.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let digits = word.len() - letters;
    if digits == 0 || letters < 2 || digits > letters || !word.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let head = word.iter().take_while(|b| b.is_ascii_digit()).count();
    let unit = std::str::from_utf8(&word[head..]).unwrap_or_default();
    let counted = head > 0
        && matches!(
            unit,
            "dh" | "dhs"
                | "mad"
                | "eme"
                | "er"
                | "ere"
                | "nd"
                | "km"
                | "kg"
                | "cm"
                | "mm"
                | "ans"
                | "an"
                | "min"
                | "mn"
                | "go"
                | "mo"
                | "eur"
                | "da"
                | "dt"
                | "th"
                | "st"
                | "rd"
                | "pm"
                | "am"
                | "fois"
                | "jours"
                | "mois"
        );
    let spelled = word.iter().any(|b| matches!(b, b'2' | b'3' | b'5' | b'7' | b'8' | b'9' | b'4' | b'6'));
    // A number at the end of a name is no letter, save the few that end Darija words.
    let tail = word.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let numbered = tail > 1 || (tail == 1 && head == 0 && !matches!(word.last(), Some(b'3' | b'7' | b'9' | b'2')));
    spelled && !counted && head < 2 && !numbered
}

/// Two consonants that begin no French word.
fn starts_with_cluster(word: &[u8]) -> bool {
    let consonant = |b: u8| b.is_ascii_alphabetic() && !matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let [a, b, ..] = *word else { return false };
    consonant(a)
        && consonant(b)
        && !matches!(b, b'r' | b'l' | b'h')
        && !(a == b's' && matches!(b, b'c' | b'p' | b't' | b'q' | b'k' | b'm' | b'n'))
        && !(a == b'p' && matches!(b, b's' | b'n'))
}
