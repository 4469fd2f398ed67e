//! Classes of characters that the passes share.

use std::sync::LazyLock;

use regex::Regex;
use unicode_script::{Script, UnicodeScript as _};

/// One scalar of the text on its way to the normal form, with the scalars of the original that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    /// The character now.
    pub(crate) c: char,
    /// First scalar index of the original.
    pub(crate) start: u32,
    /// One past the last scalar index of the original.
    pub(crate) end: u32,
}

/// What `\w` matches: letters, marks, digits and connecting punctuation.
///
/// The ranges of everyday text are answered before the Unicode tables are asked, which is many times slower.
#[inline]
pub(crate) fn is_word(c: char) -> bool {
    match c {
        'a'..='z' | '0'..='9' | '_' | 'A'..='Z' => true,
        '\0'..='\u{7f}' => false,
        '\u{621}'..='\u{64a}' => true,
        '\u{c0}'..='\u{24f}' => !matches!(c, '\u{d7}' | '\u{f7}'),
        '\u{600}'..='\u{60f}' | '\u{61b}'..='\u{61f}' => false,
        '\u{2010}'..='\u{203e}' | '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}' => false,
        _ => is_rare_word(c),
    }
}

#[cold]
fn is_rare_word(c: char) -> bool {
    static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\w$").expect("invariant: the pattern is valid"));
    WORD.is_match(c.encode_utf8(&mut [0; 4]))
}

/// A letter of a script in which people here space or dot letters apart.
#[inline]
pub(crate) fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    if is_arabic(c) || is_latin(c) {
        return true;
    }
    matches!(c, '\u{370}'..='\u{52f}' | '\u{2d30}'..='\u{2d7f}') && c.is_alphabetic()
}

/// A letter of the Latin script.
#[inline]
pub(crate) fn is_latin(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphabetic(),
        '\u{c0}'..='\u{24f}' => !matches!(c, '\u{d7}' | '\u{f7}'),
        // No Latin letter stands between the phonetic extensions, nor among the emoji.
        '\u{370}'..='\u{1cff}' | '\u{2600}'..='\u{2bff}' | '\u{1f200}'..='\u{1faff}' => false,
        _ => c.is_alphabetic() && c.script() == Script::Latin,
    }
}

/// A letter of the Arabic script.
#[inline]
pub(crate) fn is_arabic(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{64a}' | '\u{66e}'..='\u{6d3}' | '\u{6d5}' | '\u{6ee}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8c9}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_answers_are_those_of_the_unicode_tables() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_latin(c), c.is_alphabetic() && c.script() == Script::Latin, "{c:?}");
            assert_eq!(is_word(c), is_rare_word(c), "{c:?}");
        }
    }
}
