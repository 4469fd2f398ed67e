//! Laws and examples of the normal form.

use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;
use sitr_text::normalise;

fn normal(original: &str) -> String {
    normalise(original).text().to_owned()
}

fn words(original: &str) -> Vec<String> {
    normalise(original).words().map(str::to_owned).collect()
}

/// The piece of the original that stands behind a piece of the normal form.
fn origin(original: &str, piece: &str) -> String {
    let normalised = normalise(original);
    let start = normalised.text().find(piece).expect("the piece is in the normal form");
    let span = normalised.original_span(start..start + piece.len());
    original.chars().skip(span.start as usize).take((span.end - span.start) as usize).collect()
}

#[test]
fn arabic_letters_lose_hamza_seats_dots_of_gender_and_diacritics() {
    assert_eq!(normal("أَنتِ إلى آخِر المَدرَسَةُ سؤال ذئب شيء ـــ ٱلله"), "انت الي اخر المدرسه سوال ذيب شيء الله");
    assert_eq!(normal("کیف ڭاع گاع"), "كيف گاع گاع");
}

#[test]
fn presentation_forms_fold_to_plain_letters() {
    assert_eq!(normal("ﺳﻼﻡ ﷲ"), "سلام الله");
    assert_eq!(normal("ﺳ\u{fe70}ل"), "سل");
}

#[test]
fn digits_of_any_script_become_ascii() {
    assert_eq!(normal("٥٠٠ درهم ۱۲ １５"), "500 درهم 12 15");
}

#[test]
fn french_keeps_its_accents_and_gets_plain_apostrophes_quotes_and_dashes() {
    assert_eq!(normal("L’ÉTÉ « très » cœur — “oui” e\u{301}te\u{301}"), "l'été \" très \" cœur - \"oui\" été");
}

#[test]
fn what_is_invisible_is_dropped() {
    assert_eq!(normal("s\u{200b}i\u{ad}f\u{202e}t \u{2066}ن\u{200d}ش\u{640}ر\u{2069}\u{feff}"), "sift نشر");
    assert_eq!(normal("❤️ 👩‍👩‍👧"), "❤ 👩👩👧");
    assert_eq!(normal("\u{200b}\u{fe0f}"), "");
}

#[test]
fn struck_out_letters_and_stacked_accents_are_laid_bare() {
    assert_eq!(normal("s\u{336}i\u{336}f\u{336}t\u{336}"), "sift");
    assert_eq!(normal("fl\u{323}\u{351}ou\u{35f}s"), "fḷous");
}

#[test]
fn letters_of_other_scripts_in_a_latin_word_become_the_letter_they_look_like() {
    assert_eq!(normal("fl\u{43e}us \u{441}ash \u{440}aye W\u{410}FA"), "flous cash paye wafa");
    assert_eq!(normal("𝓯𝓵𝓸𝓾𝓼 ｆｌｏｕｓ ⓕⓛⓞⓤⓢ"), "flous flous flous");
}

#[test]
fn words_of_another_script_and_ascii_itself_are_never_folded_to_look_alikes() {
    assert_eq!(normal("привет сто"), "привет сто");
    assert_eq!(normal("modem 100 l1 O0"), "modem 100 l1 o0");
}

#[test]
fn runs_of_one_character_are_cut_to_two_but_zeros_of_a_sum_stay() {
    assert_eq!(normal("salaaaam هههههه !!!! 10000dh 😂😂😂😂"), "salaam هه !! 10000dh 😂😂");
}

#[test]
fn letters_that_were_pulled_apart_are_joined() {
    assert_eq!(normal("s i f t liya"), "sift liya");
    assert_eq!(normal("ghadi n.ch.r s-i-f-t, ن.ش.ر و ن ش ر ك"), "ghadi n.ch.r sift, نشر ونشرك");
    assert_eq!(normal("s*i*f*t s_i_f_t s . i . f . t"), "sift sift sift");
}

#[test]
fn a_few_single_letters_of_normal_text_stay_apart() {
    assert_eq!(normal("a b c"), "a b c");
    assert_eq!(normal("il y a à 5 h 30"), "il y a à 5 h 30");
    assert_eq!(normal("p. 3 - 4 . 5"), "p. 3 - 4 . 5");
}

#[test]
fn mentions_links_and_addresses_become_placeholders() {
    assert_eq!(normal("@Fati_zahra شوف https://t.co/aBc?x=1. wa.me/212612345678"), "@user شوف @url. @url");
    assert_eq!(normal("كتب ليا Foo.Bar+1@gmail.com دابا www.site.ma/x"), "كتب ليا @email دابا @url");
    assert_eq!(normal("[EMAIL] [PHONE] [WALLET] [URL]"), "@email @phone @wallet @url");
    assert_eq!(normal("khoya.ma bghitch"), "khoya.ma bghitch");
}

#[test]
fn phone_numbers_in_many_spellings_become_a_placeholder() {
    for phone in [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "07-12-34-56-78",
        "0522 34 56 78",
        "+212612345678",
        "+212 6 12 34 56 78",
        "+212 (0)6 12 34 56 78",
        "00212612345678",
        "212612345678",
        "+33 6 12 34 56 78",
        "0033612345678",
        "٠٦١٢٣٤٥٦٧٨",
        "06\u{200b}12345678",
        "0 6 1 2 3 4 5 6 7 8",
        "06/12/34/56/78",
    ] {
        assert_eq!(normal(&format!("عيط ليا {phone} دابا")), "عيط ليا @phone دابا", "{phone}");
        assert_eq!(normal(&format!("tel:{phone}wach")), "tel:@phone wach", "{phone}");
    }
}

#[test]
fn sums_dates_and_plain_numbers_stay() {
    for text in [
        "2000dh",
        "10000 درهم",
        "1 500 €",
        "1.500.000 dh",
        "le 05 06 2024 10 h",
        "05.06.24 18.30",
        "article 538 2023",
        "100 000 000 000",
    ] {
        assert_eq!(normal(text), text);
    }
}

#[test]
fn wallets_become_a_placeholder() {
    for wallet in [
        "1BoatSLRHtKNngkdXEobR76b53LETtpyT5",
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8",
    ] {
        assert_eq!(normal(&format!("sift l {wallet}.")), "sift l @wallet.");
    }
    assert_eq!(normal("anticonstitutionnellementxyz"), "anticonstitutionnellementxyz");
}

#[test]
fn words_split_as_the_pattern_says() {
    assert_eq!(words("L'argent, @x: 200dh… 😂"), ["l", "'", "argent", ",", "@user", ":", "200dh", ".", ".", "😂"]);
}

#[test]
fn a_span_of_the_normal_form_leads_back_to_the_original() {
    assert_eq!(origin("wa  s i f t   Flouuuus", "sift"), "s i f t");
    assert_eq!(origin("wa  s i f t   Flouuuus!", "flouus"), "Flouuuus");
    assert_eq!(origin("كَتَبْتُ لَهُ", "كتبت"), "كَتَبْتُ");
    assert_eq!(origin("cc @Fati ok", "@user"), "@Fati");
    assert_eq!(origin("ﻻ شكر", "لا"), "ﻻ");
    let normalised = normalise("ab");
    assert_eq!(normalised.original_span(0..0), 0..0);
    assert_eq!(normalised.original_span(7..9), 2..2);
    assert_eq!(normalise("").original_span(0..5), 0..0);
}

#[test]
fn debug_does_not_show_the_text() {
    assert!(!format!("{:?}", normalise("canary")).contains("canary"));
}

static PATTERN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"@\w+|\w+|[^\w\s]").expect("a valid pattern"));

/// Pieces in which the passes meet.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "a", "s", "i", "w", "t", "h", "p", "O", "l", "É", "e", "x", "o", "3", "7", "0", "6", "1", "12", "000", "ن",
            "ش", "ر", "و", "أ", "ة", "ى", "ئ", "ء", "\u{654}", "\u{64e}", "\u{640}", "\u{200d}", "\u{200c}",
            "\u{200b}", "\u{202e}", "\u{feff}", "\u{fe0f}", "\u{34f}", ".", "-", "_", "*", " ", "  ", "\n", "\u{a0}",
            "@", "[", "]", "(", ")", "/", "//", ":", "+", ",", "'", "’", "…", "·", "\u{301}", "\u{308}", "\u{323}",
            "\u{336}", "\u{327}", "\u{20e3}", "ａ", "Ａ", "＠", "．", "ﬁ", "ﻻ", "ﷺ", "Å", "ẞ", "İ", "ſ", "а", "В", "І",
            "і", "о", "м", "я", "Σ", "ς", "ν", "Ν", "\u{345}", "ǰ", "😂", "👩", "🏽", "🇲", "①", "½", "ᄀ", "ᅡ", "ᆨ",
            "가", "\u{93c}", "क",
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec![
            "@user",
            "@phone",
            "[EMAIL]",
            "[phone]",
            "http",
            "https://",
            "www.",
            ".com",
            "com",
            "t.me/",
            "@x.com",
            "user",
            "url",
            "phone",
            "0612345678",
            "+212",
            "00212",
            "0x",
            "bc1q",
            "s i f t",
            "ن.ش.ر",
            "1BoatSLRHtKNngkdXEobR76b53LETtpyT5",
            "06 12 34",
            "wallet",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn holds(original: &str) -> Result<(), TestCaseError> {
    let once = normalise(original);
    let twice = normalise(once.text());
    prop_assert_eq!(twice.text(), once.text(), "not idempotent on {:?}", original);
    prop_assert!(!once.text().contains("  ") && once.text().trim() == once.text());
    let scalars = original.chars().count() as u32;
    let mut rebuilt = String::new();
    let mut last = 0;
    for range in once.word_ranges() {
        prop_assert!(range.start >= last && range.start < range.end);
        prop_assert!(once.text()[last..range.start].chars().all(|c| c == ' '));
        last = range.end;
        rebuilt.push_str(&once.text()[range.clone()]);
        let span = once.original_span(range.clone());
        prop_assert!(span.start < span.end && span.end <= scalars);
    }
    prop_assert_eq!(rebuilt, once.text().replace(' ', ""));
    for start in 0..once.text().len().min(12) + 2 {
        for end in 0..once.text().len().min(12) + 3 {
            let span = once.original_span(start..end);
            prop_assert!(span.start <= span.end && span.end <= scalars);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_a_stable_normal_form_with_spans_inside_the_original(original in "\\PC{0,40}|(?s).{0,40}") {
        holds(&original)?;
    }

    #[test]
    fn nasty_texts_have_a_stable_normal_form_with_spans_inside_the_original(original in nasty()) {
        holds(&original)?;
    }

    #[test]
    fn words_are_those_of_the_pattern(original in nasty()) {
        let normalised = normalise(&original);
        let expected: Vec<&str> = PATTERN.find_iter(normalised.text()).map(|m| m.as_str()).collect();
        prop_assert_eq!(normalised.words().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn every_single_character_has_a_stable_normal_form() {
    for c in '\0'..=char::MAX {
        for text in [c.to_string(), format!("a{c}e"), format!("{c}\u{301}")] {
            let once = normal(&text);
            assert_eq!(normal(&once), once, "{c:?} in {text:?}");
        }
    }
}
