//! What the shape of a word says, whatever the word: persons and moods that no table could list for every verb.

use super::fold;

/// What the word before says about this one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Neighbour {
    /// `ma`, `ما`, `لم`, `ne`.
    pub(super) negates: bool,
    /// `ghadi`, `غادي`, `سوف`.
    pub(super) announces: bool,
    /// `wla`, `ولا`, `ou`, and this word is no known noun.
    pub(super) offers_a_choice: bool,
    /// Nothing, or a punctuation mark.
    pub(super) ends_a_clause: bool,
}

/// The readings of a shape; none excludes another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// "you did not …": `majitich`, `ما جيتيش`.
    pub(super) second_negated: bool,
    /// "if you do not …" or "do not …", which Darija does not tell apart: `matjich`, `ما تنسحبش`.
    pub(super) not_you: bool,
    /// A French command in -ez at the head of a clause.
    pub(super) imperative: bool,
    /// Who names blackmail speaks about it; who commits it hardly ever does.
    pub(super) names_blackmail: bool,
    /// "I will …".
    pub(super) i_will: bool,
    /// "you will …".
    pub(super) you_will: bool,
}

/// Reads the shape of a word.
pub(super) fn of(word: &str, before: Neighbour) -> Shape {
    if fold::is_arabic(word) { arabic(word, before) } else { latin(word, before) }
}

fn arabic(word: &str, before: Neighbour) -> Shape {
    let letters = word.chars().count();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| word.starts_with(prefix));
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    let author = letters >= 5 && starts(&["غان", "غن", "وغان"]);
    let addressee = letters >= 5 && starts(&["غات", "غت", "وغات"]);
    // The feminine of standard Arabic and of the Gulf: `تشتغلين`.
    let feminine = (5..=9).contains(&letters) && starts(&["ت", "ست"]) && word.ends_with("ين");
    let n_verb = letters >= 4 && word.starts_with('ن') && (before.announces || before.offers_a_choice);
    let t_verb = letters >= 4 && word.starts_with('ت') && before.announces;
    let negated = word.ends_with('ش');
    Shape {
        second_negated: negated
            && (before.negates || word.starts_with('م'))
            && ends(&["تيش", "توش", "تيهش", "تينيش", "تيهاش", "تيليش"]),
        not_you: negated && (word.starts_with("مات") || (before.negates && word.starts_with('ت'))),
        imperative: false,
        names_blackmail: letters >= 4 && ["بتز", "تهديد", "تحرش"].iter().any(|root| word.contains(root)),
        i_will: author || n_verb,
        you_will: !author && (addressee || t_verb || feminine),
    }
}

fn latin(word: &str, before: Neighbour) -> Shape {
    let letters = word.len();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| word.starts_with(prefix));
    let author = letters >= 5 && starts(&["ghan", "8an", "4an", "ghn"]);
    let addressee = letters >= 5 && starts(&["ghat", "8at", "4at", "ght"]);
    let n_verb = letters >= 4 && word.starts_with('n') && (before.announces || before.offers_a_choice);
    let t_verb = letters >= 4 && word.starts_with('t') && before.announces;
    let negated = word.ends_with("ch");
    Shape {
        second_negated: negated
            && (before.negates || word.starts_with('m'))
            && ["tich", "touch", "toch", "tihch", "tinich", "tihach"].iter().any(|end| word.ends_with(end)),
        not_you: negated && (word.starts_with("mat") || (before.negates && word.starts_with('t'))),
        imperative: letters >= 6 && before.ends_a_clause && word.ends_with("ez"),
        names_blackmail: letters >= 6
            && ["btizaz", "btizez", "tahdid", "chantage", "sextors"].iter().any(|root| word.contains(root)),
        i_will: author || n_verb,
        you_will: !author && (addressee || t_verb),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: Neighbour =
        Neighbour { negates: false, announces: false, offers_a_choice: false, ends_a_clause: false };

    #[test]
    fn a_glued_future_tells_who_acts() {
        assert!(of("ghanbda", ALONE).i_will && of("غانحل", ALONE).i_will);
        assert!(of("ghatndem", ALONE).you_will && of("غاتكتب", ALONE).you_will);
        assert!(!of("ghali", ALONE).i_will && !of("غرفة", ALONE).i_will);
    }

    #[test]
    fn a_verb_in_n_announces_only_after_a_future_or_an_or() {
        let choice = Neighbour { offers_a_choice: true, ..ALONE };
        assert!(of("nbda", choice).i_will && of("نلعب", choice).i_will);
        assert!(!of("nbda", ALONE).i_will && !of("نلعب", ALONE).i_will);
    }

    #[test]
    fn did_not_and_do_not_are_told_apart_by_the_place_of_the_t() {
        assert!(of("majitich", ALONE).second_negated && !of("matjich", ALONE).second_negated);
        assert!(of("matjich", ALONE).not_you && !of("majitich", ALONE).not_you);
    }
}
