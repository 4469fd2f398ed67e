//! The guess of language and script.

use proptest::prelude::*;
use sitr_text::{guess_lang, normalise};
use sitr_types::{Lang, LangGuess, Script};

fn guess(original: &str) -> LangGuess {
    guess_lang(&normalise(original))
}

fn all(lang: Lang, script: Script, texts: &[&str]) {
    for text in texts {
        let guess = guess(text);
        assert_eq!((guess.lang, guess.script), (lang, script), "{text}");
        assert!(guess.confidence > 0.0 && guess.confidence < 1.0, "{text}: {}", guess.confidence);
    }
}

#[test]
fn darija_in_arabic_letters_is_told_by_its_words_and_its_verbs() {
    all(
        Lang::AryArab,
        Script::Arab,
        &["واش كتعرف شكون دار هادشي", "غادي ننشر التصاور ديالك", "ما كيعرفش", "فهاد النهار كيخدمو", "بزاف عليك"],
    );
}

#[test]
fn algerian_and_tunisian_count_as_darija() {
    all(Lang::AryArab, Script::Arab, &["علاه راك تهدر هكا", "برشا حكايات متاع توانسه"]);
}

#[test]
fn standard_and_eastern_arabic_are_arabic() {
    all(
        Lang::Ar,
        Script::Arab,
        &["سوف نقوم بنشر هذه الصور التي لدينا", "انت عايز ايه يا عم", "ليش هيك بدك", "وش تبي الحين"],
    );
}

#[test]
fn arabizi_is_told_by_its_digits_words_and_clusters() {
    all(
        Lang::AryLatn,
        Script::Latn,
        &["wach 3raft chno dar", "sift liya flous daba", "ghadi nnchr tsawrek", "ma3ndi ma ndir", "kanbghik bzaf"],
    );
}

#[test]
fn french_is_french_in_full_and_in_short_spelling() {
    all(
        Lang::Fr,
        Script::Latn,
        &[
            "Envoie-moi l'argent sinon je publie tes photos",
            "slt cv bien ? jte rappelle dans 5 min",
            "T'es où, mon frère ? 10dh ou 5h30 ?",
        ],
    );
}

#[test]
fn two_varieties_or_two_scripts_are_mixed() {
    all(Lang::Mixed, Script::Latn, &["wach nta sérieux ? je te jure que ghadi nchof hadchi avec ton père"]);
    all(Lang::Mixed, Script::Mixed, &["صافي khoya غادي on se voit demain"]);
}

#[test]
fn other_languages_and_scripts_are_other() {
    all(Lang::Other, Script::Latn, &["you should send the money to them now"]);
    assert_eq!(guess("привет как дела").lang, Lang::Other);
    assert_eq!((guess("ⴰⵣⵓⵍ ⴼⵍⵍⴰⵡⵏ").lang, guess("ⴰⵣⵓⵍ ⴼⵍⵍⴰⵡⵏ").script), (Lang::Other, Script::Tfng));
}

#[test]
fn a_text_without_letters_of_its_own_has_no_language() {
    for text in ["", "😂 123 !!", "@fati https://t.co/x [PHONE]"] {
        assert_eq!(guess(text), LangGuess { lang: Lang::Other, script: Script::Other, confidence: 0.0 }, "{text}");
    }
}

#[test]
fn more_evidence_gives_more_confidence() {
    assert!(guess("واش غادي دابا هادشي بزاف").confidence > guess("واش").confidence);
}

proptest! {
    #[test]
    fn confidence_is_a_share_on_any_text(original in "(?s).{0,60}|[a-z0-9 'éاشموكتنيذ]{0,60}") {
        let confidence = guess(&original).confidence;
        prop_assert!((0.0..=1.0).contains(&confidence));
    }
}
