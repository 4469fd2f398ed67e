//! The pass over single characters: compatibility forms, case, diacritics, letter variants, homoglyphs, white space.
//!
//! Nearly every post consists of characters whose fate does not depend on their neighbours; [`quick`] folds those in one
//! pass. The first character that may compose, decompose or imitate another sends the whole text to [`thorough`], which
//! gives the same result for the simple characters (a test compares them one by one).

mod thorough;

use crate::chars::Unit;
use thorough::thorough;

/// What becomes of a character, whatever stands beside it.
enum Fate {
    Keep(char),
    Space,
    Drop,
    /// `…`, which is frequent enough to be spared the thorough way.
    Ellipsis,
    /// It depends on its neighbours, or it becomes several characters.
    Depends,
}

/// Folds a text to units: no two spaces in a row, none at the ends.
pub(crate) fn fold(original: &str) -> Vec<Unit> {
    quick(original).unwrap_or_else(|| {
        thorough(original.chars().zip(0_u32..).map(|(c, at)| Unit { c, start: at, end: at + 1 }), original.len())
    })
}

/// Folds units again after letters were moved together.
pub(crate) fn refold(units: &[Unit]) -> Vec<Unit> {
    thorough(units.iter().copied(), units.len())
}

fn quick(original: &str) -> Option<Vec<Unit>> {
    let mut out = Folded::with_capacity(original.len());
    for (c, at) in original.chars().zip(0_u32..) {
        let unit = |c| Unit { c, start: at, end: at + 1 };
        match fate(c) {
            Fate::Keep(kept) => out.units.push(unit(kept)),
            Fate::Space => out.space(unit(' ')),
            Fate::Drop => out.dropped(at + 1),
            Fate::Ellipsis => out.units.extend([unit('.'); 3]),
            Fate::Depends => return None,
        }
    }
    Some(out.finish())
}

/// Units under construction, with the rules for white space and for what is dropped.
struct Folded {
    units: Vec<Unit>,
}

impl Folded {
    fn with_capacity(bytes: usize) -> Self {
        Self { units: Vec::with_capacity(bytes) }
    }

    fn space(&mut self, unit: Unit) {
        match self.units.last_mut() {
            None => {}
            Some(last) if last.c == ' ' => last.end = last.end.max(unit.end),
            Some(_) => self.units.push(unit),
        }
    }

    /// A dropped character belongs to the one before it, so that a span covers the marks of its last letter.
    fn dropped(&mut self, end: u32) {
        if let Some(last) = self.units.last_mut() {
            last.end = last.end.max(end);
        }
    }

    fn finish(mut self) -> Vec<Unit> {
        if self.units.last().is_some_and(|unit| unit.c == ' ') {
            self.units.pop();
        }
        self.units
    }
}

#[inline]
fn fate(c: char) -> Fate {
    match c {
        'a'..='z' | '0'..='9' => Fate::Keep(c),
        'A'..='Z' => Fate::Keep(c.to_ascii_lowercase()),
        '\u{621}'..='\u{63a}' | '\u{641}'..='\u{64a}' => Fate::Keep(arabic_letter(c)),
        _ => rare_fate(c),
    }
}

fn rare_fate(c: char) -> Fate {
    if is_blank(c) {
        return Fate::Space;
    }
    if is_dropped(c) {
        return Fate::Drop;
    }
    match c {
        '`' => Fate::Keep('\''),
        '!'..='~' => Fate::Keep(c),
        '\u{2026}' => Fate::Ellipsis,
        // Latin letters with accents: whatever decomposes canonically composes again, since no mark follows on this way.
        '\u{c0}'..='\u{17e}'
            if !matches!(
                c,
                '\u{d7}' | '\u{f7}' | '\u{130}' | '\u{132}' | '\u{133}' | '\u{13f}' | '\u{140}' | '\u{149}'
            ) =>
        {
            c.to_lowercase().next().map_or(Fate::Depends, Fate::Keep)
        }
        '\u{60c}' | '\u{61b}' | '\u{61f}' => Fate::Keep(c),
        '\u{660}'..='\u{669}'
        | '\u{66a}'..='\u{66c}'
        | '\u{6f0}'..='\u{6f9}'
        | '\u{671}'
        | '\u{67e}'..='\u{6d3}'
        | '\u{6d5}'
            if !matches!(c, '\u{6c0}' | '\u{6c2}' | '\u{6d3}') =>
        {
            Fate::Keep(letter_variant(c))
        }
        '\u{20ac}'
        | '\u{ab}'
        | '\u{bb}'
        | '\u{b4}'
        | '\u{b7}'
        | '\u{b0}'
        | '\u{2010}'..='\u{2015}'
        | '\u{2018}'..='\u{201f}'
        | '\u{2022}'
        | '\u{2212}' => Fate::Keep(letter_variant(c)),
        '\u{2d30}'..='\u{2d67}' | '\u{2600}'..='\u{27bf}' | '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f300}'..='\u{1faff}' => {
            Fate::Keep(c)
        }
        _ => Fate::Depends,
    }
}

/// White space, and the Braille cell without dots, which looks like it.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// Steers layout, joins or hides: bidi and zero-width controls, variation selectors, tags, tatweel, Arabic diacritics.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}'
        | '\u{897}'..='\u{89f}' | '\u{8ca}'..='\u{8ff}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
        // A presentation form of a lone diacritic: its decomposition would bring a space into the word.
        | '\u{fe70}'..='\u{fe7f}')
        || (c.is_control() && !c.is_whitespace())
}

/// A letter of the basic Arabic block without its hamza seat, madda or dots of gender.
#[inline]
fn arabic_letter(c: char) -> char {
    match c {
        'أ' | 'إ' | 'آ' => 'ا',
        'ى' | 'ئ' => 'ي',
        'ة' => 'ه',
        'ؤ' => 'و',
        _ => c,
    }
}

/// The usual form of a letter, digit or sign that has no compatibility decomposition of its own.
fn letter_variant(c: char) -> char {
    match c {
        '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => char::from(b'0' + (c as u32 & 0xf) as u8),
        '\u{66a}' => '%',
        '\u{66b}' => '.',
        '\u{66c}' => ',',
        'ٱ' => 'ا',
        'ک' => 'ك',
        'ی' => 'ي',
        'ڭ' | 'ݣ' => 'گ',
        'ھ' | 'ہ' | 'ە' => 'ه',
        '\u{ab}' | '\u{bb}' | '\u{201c}'..='\u{201f}' | '\u{2033}' => '"',
        '`' | '\u{b4}' | '\u{2b9}' | '\u{2bb}' | '\u{2bc}' | '\u{2018}'..='\u{201b}' | '\u{2032}' => '\'',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2044}' => '/',
        _ => arabic_letter(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_thorough(original: &str) -> Vec<Unit> {
        thorough(original.chars().zip(0_u32..).map(|(c, at)| Unit { c, start: at, end: at + 1 }), 0)
    }

    #[test]
    fn the_quick_way_agrees_with_the_thorough_one_on_every_character_it_takes() {
        for c in '\0'..=char::MAX {
            let text = format!("a{c}ا{c}{c}é");
            if let Some(quick) = quick(&text) {
                assert_eq!(quick, by_thorough(&text), "{c:?}");
            }
        }
    }

    #[test]
    fn everyday_text_takes_the_quick_way() {
        for text in ["L’été à Fès… 😂❤️", "واش كَتعرف ٣ ديال الناس؟ «لا»", "3afak sift liya 50€ — wlh\u{200f}", "ⴰⵣⵓⵍ"]
        {
            assert!(quick(text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_has_no_letter_it_looks_like_in_any_case_has_none_in_lower_case() {
        // Else a second pass over a normal form would fold more.
        for c in '\0'..=char::MAX {
            let word = format!("a{c}b");
            let once: String = by_thorough(&word).iter().map(|unit| unit.c).collect();
            let twice: String = by_thorough(&once).iter().map(|unit| unit.c).collect();
            assert_eq!(once, twice, "{c:?}");
        }
    }
}
