//! Spelling folds that exist for matching only; nothing folded here ever leaves the crate.
//!
//! Arabizi has no orthography: one writer's `sift` is another's `sifet`, `sayft` or `seft`. Two folds bring them together.
//! [`light`] unifies the letters that stand for one sound (`9`/`q`/`k`, `7`/`h`, `kh`/`5`/`x`, `ou`/`u`/`o`, …) and keeps the
//! vowels; [`skeleton`] then drops the vowels after the first letter. Short words collide as skeletons, so tables choose.

use std::borrow::Cow;

/// The word without the accents of French; every other scalar is kept.
pub(super) fn plain(word: &str) -> Cow<'_, str> {
    if word.is_ascii() {
        return Cow::Borrowed(word);
    }
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        match c {
            'é' | 'è' | 'ê' | 'ë' => out.push('e'),
            'à' | 'â' | 'ä' => out.push('a'),
            'î' | 'ï' => out.push('i'),
            'ô' | 'ö' => out.push('o'),
            'ù' | 'û' | 'ü' => out.push('u'),
            'ç' => out.push('c'),
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// One letter for one sound, doubled letters once, vowels kept as `a`, `i`, `u`.
pub(super) fn light(word: &str) -> String {
    let plain = plain(word);
    let mut letters = plain.chars().peekable();
    let mut out = String::with_capacity(word.len());
    let mut last = SILENT;
    while let Some(letter) = letters.next() {
        let (sound, takes_next) = sound(letter, letters.peek().copied());
        if takes_next {
            letters.next();
        }
        if sound != SILENT && sound != last {
            out.push(sound);
            last = sound;
        }
    }
    out
}

/// The consonants of a [`light`] form. The first letter stays even when it is a vowel: `nchr` is not `enchère`.
pub(super) fn skeleton(light: &str) -> String {
    let mut out = String::with_capacity(light.len());
    let mut last = '\0';
    for (at, letter) in light.chars().enumerate() {
        let kept = match letter {
            'a' | 'i' | 'u' | 'w' if at > 0 => continue,
            'i' => 'y',
            'u' => 'w',
            other => other,
        };
        if kept != last {
            out.push(kept);
            last = kept;
        }
    }
    out
}

/// The folds of the normal form, so that the tables may be written in ordinary spelling.
pub(super) fn arabic(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '\u{064B}'..='\u{0652}' | '\u{0640}' | '\u{0670}'))
        .map(|c| match c {
            'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
            'ى' | 'ئ' => 'ي',
            'ة' => 'ه',
            'ؤ' => 'و',
            other => other,
        })
        .collect()
}

/// Whether a word is written in Arabic letters (its first letter decides: mixed words do not exist in the normal form).
pub(super) fn is_arabic(word: &str) -> bool {
    word.chars().next().is_some_and(|c| matches!(c, '\u{0600}'..='\u{06FF}' | '\u{0750}'..='\u{077F}'))
}

const SILENT: char = '\0';

/// The sound of a letter, and whether the next letter belongs to it.
fn sound(letter: char, next: Option<char>) -> (char, bool) {
    match (letter, next) {
        ('c' | 's', Some('h')) => ('$', true),
        ('k', Some('h')) => ('x', true),
        ('g', Some('h')) => ('G', true),
        ('t' | 'd', Some('h')) => (letter, true),
        ('o', Some('u' | 'o')) => ('u', true),
        ('5', _) => ('x', false),
        ('4' | '8', _) => ('G', false),
        ('9' | 'q' | 'c', _) => ('k', false),
        ('7', _) => ('h', false),
        ('3', _) => ('a', false),
        ('6', _) => ('t', false),
        ('2', _) => (SILENT, false),
        ('e' | 'y', _) => ('i', false),
        ('o', _) => ('u', false),
        ('v', _) => ('f', false),
        (other, _) => (other, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_verb_share_a_skeleton() {
        for word in ["sift", "sifet", "sifti", "seft", "sft", "sayft", "sifte"] {
            assert_eq!(skeleton(&light(word)), "sft", "{word}");
        }
        for word in ["khlles", "5elles", "xlless", "khalles", "khllss"] {
            assert_eq!(skeleton(&light(word)), "xls", "{word}");
        }
    }

    #[test]
    fn letters_of_one_sound_meet_and_different_sounds_do_not() {
        assert_eq!(light("9elb"), light("qelb"));
        assert_eq!(light("7em"), light("hem"));
        assert_ne!(light("ghali"), light("kali"));
    }

    #[test]
    fn a_first_vowel_is_kept() {
        assert_ne!(skeleton(&light("enchere")), skeleton(&light("nchr")));
    }
}
