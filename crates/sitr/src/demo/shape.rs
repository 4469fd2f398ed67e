//! Arabic letters in the form that their neighbours give them, for terminals that draw one scalar value a cell and join nothing.
//!
//! Unicode's presentation forms stand in runs of four (isolated, final, initial, medial) or two (isolated, final), so a table
//! of first forms is all there is to know. Letters that have no presentation form stay as they are.

/// A letter, the first of its presentation forms, and how many there are: two for a letter that never joins what follows.
const FORMS: &[(char, u32, u32)] = &[
    ('آ', 0xFE81, 2),
    ('أ', 0xFE83, 2),
    ('ؤ', 0xFE85, 2),
    ('إ', 0xFE87, 2),
    ('ئ', 0xFE89, 4),
    ('ا', 0xFE8D, 2),
    ('ب', 0xFE8F, 4),
    ('ة', 0xFE93, 2),
    ('ت', 0xFE95, 4),
    ('ث', 0xFE99, 4),
    ('ج', 0xFE9D, 4),
    ('ح', 0xFEA1, 4),
    ('خ', 0xFEA5, 4),
    ('د', 0xFEA9, 2),
    ('ذ', 0xFEAB, 2),
    ('ر', 0xFEAD, 2),
    ('ز', 0xFEAF, 2),
    ('س', 0xFEB1, 4),
    ('ش', 0xFEB5, 4),
    ('ص', 0xFEB9, 4),
    ('ض', 0xFEBD, 4),
    ('ط', 0xFEC1, 4),
    ('ظ', 0xFEC5, 4),
    ('ع', 0xFEC9, 4),
    ('غ', 0xFECD, 4),
    ('ف', 0xFED1, 4),
    ('ق', 0xFED5, 4),
    ('ك', 0xFED9, 4),
    ('ل', 0xFEDD, 4),
    ('م', 0xFEE1, 4),
    ('ن', 0xFEE5, 4),
    ('ه', 0xFEE9, 4),
    ('و', 0xFEED, 2),
    ('ى', 0xFEEF, 2),
    ('ي', 0xFEF1, 4),
    // Of neighbouring alphabets, met in Maghrebi posts and on Persian or Urdu keyboards.
    ('ٱ', 0xFB50, 2),
    ('پ', 0xFB56, 4),
    ('ٹ', 0xFB66, 4),
    ('ڤ', 0xFB6A, 4),
    ('چ', 0xFB7A, 4),
    ('ڈ', 0xFB88, 2),
    ('ژ', 0xFB8A, 2),
    ('ڑ', 0xFB8C, 2),
    ('ک', 0xFB8E, 4),
    ('گ', 0xFB92, 4),
    ('ں', 0xFB9E, 2),
    ('ہ', 0xFBA6, 4),
    ('ھ', 0xFBAA, 4),
    ('ے', 0xFBAE, 2),
    ('ڭ', 0xFBD3, 4),
    ('ی', 0xFBFC, 4),
];

/// Lam and one of these alefs share a cell; the isolated form, the final one follows it.
const LAM_ALEF: &[(char, u32)] = &[('آ', 0xFEF5), ('أ', 0xFEF7), ('إ', 0xFEF9), ('ا', 0xFEFB)];

/// How a scalar value joins its neighbours in logical order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joining {
    /// Both sides: most letters, tatweel, zero-width joiner.
    Dual,
    /// Only what comes before it.
    Before,
    /// Neither: hamza, Latin, digits, spaces.
    Never,
    /// A mark that sits on a letter; joining looks through it.
    Through,
}

/// The drawn form of each scalar value, in logical order and of the same length; `None` for an alef that went into the
/// ligature of the lam before it.
pub(super) fn shape(logical: &[char]) -> Vec<Option<char>> {
    let mut drawn: Vec<Option<char>> = logical.iter().copied().map(Some).collect();
    for (place, letter) in logical.iter().copied().enumerate() {
        if drawn[place].is_none() {
            continue;
        }
        let before = neighbour(&logical[..place], true).is_some_and(|c| joining(c) == Joining::Dual);
        if let Some((alef, isolated)) = ligature(letter, logical.get(place + 1)) {
            drawn[place] = char::from_u32(isolated + u32::from(before));
            drawn[place + 1] = None;
            debug_assert_eq!(logical[place + 1], alef);
            continue;
        }
        let Some(&(_, first, forms)) = FORMS.iter().find(|(base, ..)| *base == letter) else { continue };
        let after = forms == 4
            && neighbour(&logical[place + 1..], false)
                .is_some_and(|c| matches!(joining(c), Joining::Dual | Joining::Before));
        let form = match (before, after) {
            (false, false) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (true, true) => 3,
        };
        drawn[place] = char::from_u32(first + form);
    }
    drawn
}

fn ligature(letter: char, next: Option<&char>) -> Option<(char, u32)> {
    if letter != 'ل' {
        return None;
    }
    LAM_ALEF.iter().copied().find(|(alef, _)| Some(alef) == next)
}

fn neighbour(side: &[char], backwards: bool) -> Option<char> {
    let seen = |c: &char| joining(*c) != Joining::Through;
    if backwards { side.iter().rev().copied().find(seen) } else { side.iter().copied().find(seen) }
}

fn joining(c: char) -> Joining {
    match c {
        '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}' => {
            Joining::Through
        }
        '\u{640}' | '\u{200d}' => Joining::Dual,
        'ء' => Joining::Never,
        _ => match FORMS.iter().find(|(base, ..)| *base == c) {
            Some((_, _, 4)) => Joining::Dual,
            Some(_) => Joining::Before,
            // The rest of the Arabic letters have no presentation form; most of them join both sides.
            None if matches!(c, '\u{620}'..='\u{6d3}' | '\u{750}'..='\u{77f}') => Joining::Dual,
            None => Joining::Never,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(text: &str) -> String {
        shape(&text.chars().collect::<Vec<_>>()).into_iter().flatten().collect()
    }

    #[test]
    fn each_letter_takes_the_form_of_its_place_in_the_word() {
        // initial seen, final teh, isolated reh
        assert_eq!(shaped("ستر"), "\u{feb3}\u{fe98}\u{feae}");
        assert_eq!(shaped("ب"), "\u{fe8f}");
        assert_eq!(shaped("ببب"), "\u{fe91}\u{fe92}\u{fe90}");
        assert_eq!(shaped("دار"), "\u{fea9}\u{fe8d}\u{fead}", "letters that never join forward stand apart");
    }

    #[test]
    fn lam_and_alef_share_a_cell_and_the_alef_leaves_its_place() {
        assert_eq!(shaped("لا"), "\u{fefb}");
        assert_eq!(shaped("بلا"), "\u{fe91}\u{fefc}");
        assert_eq!(shape(&['ل', 'أ', 'ن']), [Some('\u{fef7}'), None, Some('\u{fee5}')]);
    }

    #[test]
    fn joining_looks_through_marks_and_stops_at_hamza_space_and_other_scripts() {
        assert_eq!(shaped("بَب"), "\u{fe91}\u{64e}\u{fe90}");
        assert_eq!(shaped("بءب"), "\u{fe8f}ء\u{fe8f}");
        assert_eq!(shaped("ب ب"), "\u{fe8f} \u{fe8f}");
        assert_eq!(shaped("بa"), "\u{fe8f}a");
        assert_eq!(shaped("هـ"), "\u{feeb}ـ", "a tatweel asks for the joined form");
    }

    #[test]
    fn maghrebi_and_persian_letters_are_shaped_too_and_unknown_ones_are_left_alone() {
        assert_eq!(shaped("ڭاع"), "\u{fbd5}\u{fe8e}\u{fec9}");
        assert_eq!(shaped("گفت"), "\u{fb94}\u{fed4}\u{fe96}");
        assert_eq!(shaped("ڨب"), "ڨ\u{fe90}");
        assert_eq!(shaped("salam 3likom"), "salam 3likom");
    }

    #[test]
    fn every_form_is_a_scalar_value_of_the_presentation_blocks() {
        for (letter, first, forms) in FORMS {
            for form in *first..first + forms {
                assert!((0xFB50..=0xFEFC).contains(&form), "{letter}");
                assert!(char::from_u32(form).is_some());
            }
        }
    }
}
