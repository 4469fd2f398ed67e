//! Verb forms, generated once from stems so that a word costs one look-up instead of an analysis.
//!
//! What matters to a cue is the person: "I publish" announces, "send!" demands, "you did not send" is the condition of an
//! ultimatum, "do not pay" is advice. The forms over-generate; a form that nobody writes does no harm.

use super::fold;

/// Who acts in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Person {
    /// "I will …".
    First,
    /// "I will … you".
    FirstToYou,
    /// "… !", "you (will) …".
    Second,
    /// "… me !".
    SecondToMe,
    /// "it will …", "he will …".
    Third,
    /// "you did not …".
    SecondNegated,
    /// "do not … !".
    Prohibited,
}

impl Person {
    /// The letter that names the person in the tables.
    pub(super) fn parse(letter: &str) -> Option<Self> {
        Some(match letter {
            "1" => Self::First,
            "y" => Self::FirstToYou,
            "2" => Self::Second,
            "m" => Self::SecondToMe,
            "3" => Self::Third,
            "n" => Self::SecondNegated,
            "x" => Self::Prohibited,
            _ => return None,
        })
    }
}

/// Skeletons of the forms of an Arabizi stem.
pub(super) fn arabizi(stem: &str, person: Person) -> Vec<String> {
    const OBJECTS: &[&str] =
        &["", "k", "ha", "hom", "kom", "ni", "lik", "liya", "lih", "liha", "lihom", "lkom", "halik", "hali", "homlik"];
    const SHORT_OBJECTS: &[&str] = &["", "ha", "hom", "ni", "lik", "liya"];
    let (prefixes, objects, end): (&[&str], &[&str], &str) = match person {
        Person::First => (&["n", "ghan", "hann"], OBJECTS, ""),
        Person::FirstToYou => (&["n", "ghan", "hann"], &["k", "kom", "lik", "halik", "homlik", "likom"], ""),
        Person::Second => (&["", "t", "ghat", "at"], OBJECTS, ""),
        Person::SecondToMe => (&["", "t", "ghat", "at"], &["ni", "liya", "hali", "lina", "homliya"], ""),
        Person::Third => (&["y", "ghay", "ghat", "t"], OBJECTS, ""),
        Person::SecondNegated => (&["", "ma"], SHORT_OBJECTS, "ch"),
        Person::Prohibited => (&["t", "mat"], SHORT_OBJECTS, "ch"),
    };
    let stem = if person == Person::SecondNegated { format!("{stem}ti") } else { stem.to_owned() };
    product(prefixes, &[&stem], objects, &[end]).map(|form| fold::skeleton(&fold::light(&form))).collect()
}

const ARABIC_OBJECTS: &[&str] = &[
    "", "ك", "ه", "ها", "هم", "كم", "ني", "لي", "ليا", "لك", "ليك", "ليه", "ليها", "ليهم", "له", "لها", "لهم", "هالك",
    "هولك",
];
const TO_YOU: &[&str] = &["ك", "كم", "كي", "لك", "ليك", "هالك", "هولك", "هملك"];
const TO_ME: &[&str] = &["ني", "لي", "ليا", "هالي", "هوليا", "نا", "لنا", "لينا"];

/// Forms of a Darija or Maghrebi stem in Arabic letters ("I" begins with ن).
pub(super) fn darija(stem: &str, person: Person) -> Vec<String> {
    const FIRST: &[&str] = &["ن", "غن", "غان", "غادين"];
    const SECOND: &[&str] = &["", "ت", "غت", "غات"];
    const SECOND_NUMBERS: &[&str] = &["", "ي", "و"];
    let (prefixes, numbers, objects, end): (&[&str], &[&str], &[&str], &str) = match person {
        Person::First => (FIRST, &["", "و"], ARABIC_OBJECTS, ""),
        Person::FirstToYou => (FIRST, &["", "و"], TO_YOU, ""),
        Person::Second => (SECOND, SECOND_NUMBERS, ARABIC_OBJECTS, ""),
        Person::SecondToMe => (SECOND, SECOND_NUMBERS, TO_ME, ""),
        Person::Third => (&["ي", "غي", "غاي", "غت", "غات", "ت"], SECOND_NUMBERS, ARABIC_OBJECTS, ""),
        Person::SecondNegated => (&["", "ما", "م"], &["تي", "ت", "تو"], ARABIC_OBJECTS, "ش"),
        Person::Prohibited => (&["ت", "مات", "مت"], SECOND_NUMBERS, ARABIC_OBJECTS, "ش"),
    };
    with_numbers(stem, [prefixes, numbers, objects, &[end]])
}

/// Forms of a standard or eastern stem ("I" begins with alef; س, ه, ح and ب mark the future).
pub(super) fn standard(stem: &str, person: Person) -> Vec<String> {
    const FIRST: &[&str] = &["ا", "سا", "فسا", "ه", "ح", "ب", "سن", "لا", "ن", "هن"];
    const SECOND: &[&str] = &["", "ا", "ت", "ست", "هت", "بت", "حت", "ات"];
    const SECOND_NUMBERS: &[&str] = &["", "ي", "و", "وا", "ين"];
    let (prefixes, numbers, objects, ends): (&[&str], &[&str], &[&str], &[&str]) = match person {
        Person::First => (FIRST, &[""], ARABIC_OBJECTS, &[""]),
        Person::FirstToYou => (FIRST, &[""], TO_YOU, &[""]),
        Person::Second => (SECOND, SECOND_NUMBERS, ARABIC_OBJECTS, &[""]),
        Person::SecondToMe => (SECOND, SECOND_NUMBERS, TO_ME, &[""]),
        Person::Third => {
            (&["ي", "سي", "فسي", "هي", "بي", "حي", "ت", "ست", "هت", "فست"], &["", "و", "ون"], ARABIC_OBJECTS, &[""])
        }
        Person::SecondNegated => (&["ما", "م"], &["ت", "تي", "تو"], ARABIC_OBJECTS, &["", "ش"]),
        Person::Prohibited => (&["مت", "مات"], &["", "ي", "و"], ARABIC_OBJECTS, &["ش"]),
    };
    with_numbers(stem, [prefixes, numbers, objects, ends])
}

/// `parts`: prefixes, number endings, objects, last endings.
fn with_numbers(stem: &str, [prefixes, numbers, objects, ends]: [&[&str]; 4]) -> Vec<String> {
    let stems: Vec<String> = numbers.iter().map(|number| format!("{stem}{number}")).collect();
    let stems: Vec<&str> = stems.iter().map(String::as_str).collect();
    product(prefixes, &stems, objects, ends).collect()
}

fn product<'a>(
    prefixes: &'a [&'a str],
    stems: &'a [&'a str],
    objects: &'a [&'a str],
    ends: &'a [&'a str],
) -> impl Iterator<Item = String> + 'a {
    prefixes.iter().flat_map(move |prefix| {
        stems.iter().flat_map(move |stem| {
            objects.iter().flat_map(move |object| ends.iter().map(move |end| format!("{prefix}{stem}{object}{end}")))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_yields_the_spellings_of_each_person() {
        let first = arabizi("fd7", Person::First);
        assert!(first.contains(&fold::skeleton(&fold::light("ghanfde7ek"))));
        let negated = arabizi("khlles", Person::SecondNegated);
        assert!(negated.contains(&fold::skeleton(&fold::light("makhllestich"))));
        assert!(darija("صيفط", Person::SecondNegated).contains(&"ماصيفطتيش".to_owned()));
        assert!(standard("نشر", Person::First).contains(&"سانشر".to_owned()));
    }

    #[test]
    fn advice_and_a_failed_condition_are_different_forms() {
        let prohibited = arabizi("khlles", Person::Prohibited);
        let negated = arabizi("khlles", Person::SecondNegated);
        let advice = fold::skeleton(&fold::light("matkhllesch"));
        assert!(prohibited.contains(&advice) && !negated.contains(&advice));
    }
}
