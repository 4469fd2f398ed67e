//! Laws and examples of masking.

use proptest::prelude::*;
use sitr_text::mask;
use sitr_types::CueFamily;

fn masked(original: &str) -> String {
    mask(original).text
}

#[test]
fn everything_but_the_identifiers_stays_as_it_was() {
    assert_eq!(masked("Sîft LIYA 3000dh, 06 12 34 56 78 !!!"), "Sîft LIYA 3000dh, [PHONE] !!!");
    assert_eq!(masked("سَلام ٠٦١٢٣٤٥٦٧٨ شكراً"), "سَلام [PHONE] شكراً");
    assert_eq!(masked(""), "");
}

#[test]
fn addresses_links_and_handles_are_masked() {
    assert_eq!(
        masked("Écris à Foo.Bar@Mail.ma ou https://x.y/Z?u=moi, cc @Fati.za"),
        "Écris à [EMAIL] ou [URL], cc @user"
    );
}

#[test]
fn cards_are_masked_when_the_formula_of_luhn_holds() {
    assert_eq!(masked("4111 1111 1111 1111 12/27"), "[CARD] 12/27");
    assert_eq!(masked("carte:5500-0000-0000-0004."), "carte:[CARD].");
    assert_eq!(masked("4111 1111 1111 1112"), "4111 1111 1111 1112");
}

#[test]
fn account_numbers_are_masked() {
    assert_eq!(masked("RIB 007640000123456789012345"), "RIB [RIB]");
    assert_eq!(masked("rib: 011 780 0000123456789012 34, merci"), "rib: [RIB], merci");
    assert_eq!(masked("MA64 0117 8000 0012 3456 7890 1234"), "[RIB]");
}

#[test]
fn identity_cards_are_masked_when_they_stand_alone() {
    assert_eq!(masked("ma CIN BK123456 svp"), "ma CIN [CIN] svp");
    assert_eq!(masked("CIN: A 654321"), "CIN: [CIN]");
    assert_eq!(masked("dh50000 rue B 12345 xAB123456"), "dh50000 rue B 12345 xAB123456");
}

#[test]
fn number_plates_are_masked_and_sums_with_a_conjunction_are_not() {
    assert_eq!(masked("الطوموبيل 12345-أ-6"), "الطوموبيل [PLATE]");
    assert_eq!(masked("12345 | ب | 26 هنا"), "[PLATE] هنا");
    assert_eq!(masked("78451 د 6"), "[PLATE]");
    assert_eq!(masked("1000 و 20 درهم، 3 ب 50"), "1000 و 20 درهم، 3 ب 50");
}

#[test]
fn wallets_are_masked() {
    assert_eq!(masked("btc 1BoatSLRHtKNngkdXEobR76b53LETtpyT5 !"), "btc [WALLET] !");
    assert_eq!(masked("0x52908400098527886E0F7030069857D2E4169EE7"), "[WALLET]");
}

#[test]
fn sums_and_dates_stay() {
    for text in
        ["2000dh", "10.000 درهم", "1 500 €", "500dh 9bel 18h30", "le 05 06 2024 10 h", "15/06/2024", "200 و 300"]
    {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn spans_point_into_the_original() {
    let masked = mask("é 06 12 34 56 78 و @fati");
    let spans: Vec<_> = masked.identifiers.iter().map(|cue| (cue.start, cue.end)).collect();
    assert_eq!(spans, [(2, 16), (19, 24)]);
    assert!(masked.identifiers.iter().all(|cue| cue.family == CueFamily::Identifier));
}

#[test]
fn debug_does_not_show_the_text() {
    assert!(!format!("{:?}", mask("canary")).contains("canary"));
}

/// A phone number in one of the spellings people use, perhaps with signs that cannot be seen.
fn phone() -> impl Strategy<Value = String> {
    let digits = prop::collection::vec(0_u8..10, 8);
    let lead = prop::sample::select(vec!["06", "07", "05", "+2126", "+212 6", "002127", "2126", "+212 (0)6", "+212-5"]);
    let gap = prop::sample::select(vec!["", " ", ".", "-", "\u{200b}", "\u{a0}", "_"]);
    let group = prop::sample::select(vec![1_usize, 2, 4, 8]);
    let arabic = any::<bool>();
    (lead, digits, gap, group, arabic).prop_map(|(lead, digits, gap, group, arabic)| {
        let mut phone = lead.to_owned();
        for (at, digit) in digits.iter().enumerate() {
            if at % group == 0 {
                phone.push_str(gap);
            }
            phone.push(char::from(b'0' + digit));
        }
        if arabic {
            phone = phone
                .chars()
                .map(|c| c.to_digit(10).map_or(c, |d| char::from_u32(0x660 + d).expect("an Arabic digit")))
                .collect();
        }
        phone
    })
}

fn around() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "",
        " ",
        "tel:",
        "عيط ليا ",
        "wach",
        " 500 dh ",
        "@",
        "(",
        ") ",
        ", ",
        "😂",
        "\n",
        "هاتف",
        "[",
        "] ",
        " a@b.ma ",
    ])
    .prop_map(str::to_owned)
}

fn nasty() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "ma",
        "BK",
        "w",
        "x@y.com",
        "@",
        ".",
        "/",
        "//",
        "http:",
        "www.",
        "com",
        " ",
        "-",
        "|",
        "[",
        "]",
        "(",
        "+",
        "0",
        "06",
        "12",
        "345678",
        "4111111111111111",
        "1111",
        "أ",
        "و",
        "د",
        "\u{301}",
        "\u{64e}",
        "\u{200d}",
        "٣",
        "０",
        "℡",
        "½",
        "ﷺ",
        "[PHONE]",
        "@user",
        "0612345678",
        "+212",
        "1BoatSLRHtKNngkdXEobR76b53LETtpyT5",
        "007640000123456789012345",
        "t.me/",
        "É",
        "😂",
        "\n",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn holds(original: &str) -> Result<(), TestCaseError> {
    let once = mask(original);
    let scalars = original.chars().count() as u32;
    let mut last = 0;
    for cue in &once.identifiers {
        prop_assert!(last <= cue.start && cue.start < cue.end && cue.end <= scalars);
        last = cue.end;
    }
    prop_assert_eq!(mask(&once.text).text, once.text, "not idempotent on {:?}", original);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_phone_number_is_left(before in around(), phone in phone(), after in around()) {
        let text = masked(&format!("{before}{phone}{after}"));
        let mut run = 0;
        for c in text.chars() {
            run = if c.is_numeric() { run + 1 } else if c.is_alphabetic() || c == '[' { 0 } else { run };
            prop_assert!(run <= 4, "{phone} leaves digits in {text}");
        }
    }

    #[test]
    fn masking_any_text_is_stable_with_spans_inside(original in "(?s).{0,40}") {
        holds(&original)?;
    }

    #[test]
    fn masking_nasty_texts_is_stable_with_spans_inside(original in nasty()) {
        holds(&original)?;
    }
}
