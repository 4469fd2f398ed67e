//! One test a family, with near misses, in several varieties; then the laws that hold for any text.

use proptest::prelude::*;
use sitr_types::CueFamily::{self, *};

use super::cues;
use crate::normalise;

fn has(text: &str, family: CueFamily) -> bool {
    cues(&normalise(text)).iter().any(|cue| cue.family == family)
}

fn all(family: CueFamily, texts: &[&str]) {
    for text in texts {
        assert!(has(text, family), "{} is missing in: {text}", family.as_str());
    }
}

fn none(family: CueFamily, texts: &[&str]) {
    for text in texts {
        assert!(!has(text, family), "{} is too much in: {text}", family.as_str());
    }
}

/// The original text under the first cue of a family.
fn covered(text: &str, family: CueFamily) -> String {
    let cue = cues(&normalise(text)).into_iter().find(|cue| cue.family == family).expect("the cue is there");
    text.chars().skip(cue.start as usize).take((cue.end - cue.start) as usize).collect()
}

#[test]
fn a_demand_is_made_in_any_spelling_and_variety() {
    all(
        Demand,
        &[
            "sift liya 500dh",
            "sifti lflous daba",
            "seft 1000 dh",
            "sft lia lflous",
            "sayft liya code",
            "5elles 2000 dh",
        ],
    );
    all(Demand, &["صيفطي ليا 3000 درهم", "عطيني الموضباس", "حول 500 درهم", "أرسلي لي المبلغ", "ابعتلي الصور"]);
    all(Demand, &["envoie-moi 200 euros", "tu me passes 100 balles", "Versez 800 dh", "donne ton mot de passe"]);
    all(Demand, &["khassek tkhlles 2000 dh", "bghit 3000 dh", "je veux 500 €", "retire ta plainte"]);
}

#[test]
fn what_others_give_or_what_is_advised_against_is_no_demand() {
    none(
        Demand,
        &["il paie 200 euros par mois", "on m'a donné un café", "ne payez pas", "ما تخلصش", "ma tkhllesch", "لا تدفع"],
    );
    none(Demand, &["lyouma lbrd bzzaf", "la chorale chante dimanche", "الطقس جميل اليوم"]);
}

#[test]
fn a_threat_announces_exposure_or_violence() {
    all(Threat, &["ghadi nfd7ek", "ghanfde7ek", "nnchr tsawrek l khoutek", "ghadi n9tlek", "wla ngoul l bak"]);
    all(Threat, &["غادي نفضحك", "غنقتلك", "سأنشر صورك", "ولا نوريهم لخوك", "هبعت الصور لأبوكي", "سأخبر زوجك"]);
    all(
        Threat,
        &["je publie tes photos", "j'envoie tout à ton père", "jvais te tuer", "sinon ta femme reçoit la vidéo"],
    );
    all(
        Threat,
        &["tes photos partent chez tes parents", "ton patron va savoir", "babak ghadi y3ref", "راجلك غيعرف كلشي"],
    );
}

#[test]
fn what_a_third_person_announces_is_no_threat() {
    none(
        Threat,
        &[
            "gal liya ghadi nfd7ek",
            "قال ليا غادي نفضحك",
            "il m'a dit je publie tes photos",
            "kayhddedni w kaygoul liya nnchr tsawrek",
        ],
    );
    none(Threat, &["« je publie tes photos », voilà ce que ma cousine a reçu", "elle lui a dit : je te tue"]);
    none(Threat, &["wach nnchr ls7wayj f sta7?", "je publie une recette", "had l7er 9telna", "غادي نمشي للسوق"]);
}

#[test]
fn a_victims_words_never_hold_demand_and_threat_together() {
    for text in [
        "lex dyali gal liya sift 3000dh wla nnchr tsawrek, chno ndir?",
        "واحد كيهددني وكيقول ليا خلصني ولا نصيفط تصاورك لباك",
        "il me dit tu m'envoies 200 euros sinon j'envoie tes photos à ton père, je fais quoi ?",
        "يقول لي: حوّل ألفين وإلا أنشر صورك",
    ] {
        assert!(!(has(text, Demand) && has(text, Threat)), "{text}");
        assert!(has(text, Victim) || has(text, Quote), "{text}");
    }
}

#[test]
fn an_extortion_holds_a_demand_and_a_threat() {
    for text in [
        "sift 3000dh lyouma wla nwrri tsawrek l khouk",
        "ila ma siftich lflous ghadi nnchr lvideo",
        "خلصني 500 درهم ولا نفورواردي الفوكال لباك",
        "إن لم ترسلي المبلغ سأنشر صورك",
        "paye 300€ sinon j'envoie tout à ta femme",
        "soit tu me passes 100 balles soit ton père reçoit les photos",
        "سير للوكالة و sift 1000 dh sinon tes photos partent sur facebook",
    ] {
        assert!(has(text, Demand) && has(text, Threat), "{text}");
    }
}

#[test]
fn a_bare_price_beside_what_is_held_is_a_demand() {
    all(Demand, &["Ton vocal, je l'ai encore. 500 €.", "tsawrek 3ndi. 2000 dh", "صورك عندي. 3000 درهم"]);
    none(Demand, &["iphone nqi 3200 dh", "الثمن 400 درهم والتوصيل فابور"]);
}

#[test]
fn leverage_is_what_is_held_over_the_addressee() {
    all(
        Leverage,
        &[
            "tsawrek 3ndi",
            "lvideo dyalek",
            "sirrek 3ndi",
            "الفيديو ديالك عندي",
            "محادثاتك كلها عندي",
            "j'ai tes photos",
        ],
    );
    none(Leverage, &["tsawr d l3ers", "belle photo de Fès", "فيلم جميل"]);
}

#[test]
fn a_deadline_limits_the_time() {
    all(
        Deadline,
        &["9bel lyouma", "f 24h", "قبل الجمعة", "خلال 24 ساعة", "avant ce soir", "avant minuit", "dernier délai"],
    );
    none(Deadline, &["lyouma mzyan", "une belle soirée", "يوم جميل"]);
}

#[test]
fn an_amount_is_a_number_with_its_currency() {
    all(Amount, &["3000dh", "4 000 DH", "200 €", "1500 درهم", "20 ألف درهم", "خمسة آلاف درهم", "alf dh", "0.05 btc"]);
    none(Amount, &["f 2024", "bus 33", "40k abonnés", "الفصل 538"]);
    assert_eq!(covered("donne 4 000 DH vite", Amount), "4 000 DH");
}

#[test]
fn a_channel_is_a_way_to_pay_or_to_publish() {
    all(Channel, &["b wafacash", "cash plus", "فالوكالة", "ريشارج", "par virement", "usdt", "en story"]);
    none(Channel, &["je mange une pomme", "مشيت للبحر"]);
}

#[test]
fn a_target_belongs_to_the_addressee() {
    all(Target, &["khouk", "babak", "rajlek", "ton père", "tes parents", "زوجك", "لباك", "عائلتك"]);
    none(Target, &["mon père", "baba", "والدي", "j'ai eu mon bac"]);
}

#[test]
fn a_slur_is_found_in_both_scripts_and_a_homonym_is_not() {
    all(Slur, &["a l7mar", "يا حمار", "sale connard", "القحبة", "wld l7ram", "t'es une salope"]);
    none(Slur, &["l7mra zwina", "la chienne de garde du berger", "حمرا", "la conférence"]);
}

#[test]
fn a_masked_identifier_is_seen() {
    all(Identifier, &["3eyyet l [PHONE]", "sur [WALLET]", "[EMAIL]"]);
    none(Identifier, &["bonjour à tous"]);
}

#[test]
fn a_victim_tells_what_happens_to_him_or_her() {
    all(
        Victim,
        &["kayhddedni b tsawri", "طليقي كيهددني", "mon ex me menace", "on m'a piraté mon compte", "gal liya khllesni"],
    );
    none(Victim, &["ghadi nhddek", "je te menace", "نهددك"]);
}

#[test]
fn a_cry_for_help_asks_what_to_do() {
    all(Help, &["chno ndir?", "3awnouni", "شنو ندير", "ماذا أفعل", "aidez-moi", "je fais quoi ?", "اعمل ايه"]);
    none(Help, &["je fais un gâteau", "درت الكسكس"]);
}

#[test]
fn a_report_names_police_court_or_blackmail_itself() {
    all(
        Report,
        &[
            "توقيف شخص بتهمة الابتزاز",
            "un homme interpellé pour chantage",
            "mahkamat fes 7kmat 3la wa7d",
            "tched f 2 iyam",
        ],
    );
    none(Report, &["je prends le bus", "خرجت للخدمة"]);
}

#[test]
fn a_campaign_gives_advice() {
    all(
        Campaign,
        &["ma tkhllesch!", "ما تخلصش", "لا تدفع", "ne paie pas et porte plainte", "ma tms7ch", "t'es pas seule"],
    );
    none(Campaign, &["khlles daba", "paye maintenant", "خلصي دابا"]);
}

#[test]
fn law_is_named_with_its_articles() {
    all(Law, &["Art. 538 du code pénal", "الفصل 538 من القانون الجنائي", "lfasl 538 f l9anoun", "كيعاقب القانون"]);
    none(Law, &["une belle histoire", "قصة جميلة"]);
}

#[test]
fn a_quote_says_what_another_said() {
    all(
        Quote,
        &[
            "gal liha sift lflous",
            "قال ليها عطيني",
            "il lui a dit paye",
            "« paye ou je publie », a reçu ma voisine hier soir",
        ],
    );
    none(Quote, &["sift lflous", "paye", "عطيني الفلوس"]);
}

#[test]
fn banter_laughs() {
    all(Banter, &["hhhhh", "هههههه", "mdrrr", "😂😂", "khlles lina l9hwa"]);
    none(Banter, &["sift lflous", "je pleure", "دفع المال"]);
}

#[test]
fn commerce_sells_and_delivers() {
    all(Commerce, &["livraison gratuite", "3arboun 200 dh", "التوصيل فابور", "prix 300", "كنبيع طوموبيل"]);
    none(Commerce, &["tsawrek 3ndi", "je t'attends", "صورك عندي"]);
}

#[test]
fn a_debt_names_rent_credit_or_court() {
    all(Debt, &["lkra d chher", "le loyer de mars", "القسط ديال شهر يونيو", "facture impayée", "الكريدي"]);
    none(Debt, &["tsawrek 3ndi", "belle journée", "يوم زوين"]);
}

#[test]
fn spans_are_those_of_the_original_text() {
    assert_eq!(covered("يا سيدي، غادي نفضحك", Threat), "غادي نفضحك");
    assert_eq!(covered("OK!! G\u{200B}hadi nfd7ek", Threat), "G\u{200B}hadi nfd7ek");
    assert_eq!(covered("sift 3000dh daba", Demand), "sift 3000dh");
}

#[test]
fn cues_of_one_family_do_not_overlap_and_are_sorted() {
    let found =
        cues(&normalise("sift 3000dh lyouma wla nwrri tsawrek l khouk w l bak. 9bel 20h, sinon tes photos partent"));
    assert!(found.is_sorted());
    for family in CueFamily::ALL {
        let own: Vec<_> = found.iter().filter(|cue| cue.family == family).collect();
        assert!(own.windows(2).all(|pair| pair[0].end <= pair[1].start), "{}", family.as_str());
    }
}

#[test]
fn every_table_and_rule_can_be_read() {
    assert!(cues(&normalise("")).is_empty());
}

fn nasty() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "sift",
        "3000dh",
        "wla",
        "nnchr",
        "tsawrek",
        "khouk",
        "gal",
        "liya",
        "ila",
        "ma",
        "siftich",
        "sinon",
        "je",
        "ton",
        "père",
        "«",
        "»",
        "\"",
        "'",
        ".",
        "…",
        "!",
        "صيفطي",
        "ولا",
        "ننشر",
        "صورك",
        "قال",
        "ليا",
        "وإلا",
        "درهم",
        "0",
        ",",
        "@x",
        "😂",
        "\u{200B}",
        "٣٠٠٠",
        "ه",
        "ك",
        "و",
        "كي",
        "ghan",
        "t",
        "n",
        "2",
        "22",
        "€",
        "\u{0301}",
        "s i f t",
        "ـ",
    ]);
    prop::collection::vec((words, prop::sample::select(vec!["", " ", "  "])), 0..40)
        .prop_map(|parts| parts.into_iter().flat_map(|(word, space)| [word, space]).collect())
}

fn spans_lie_inside(text: &str) -> Result<(), TestCaseError> {
    let scalars = u32::try_from(text.chars().count()).expect("a short text");
    for cue in cues(&normalise(text)) {
        prop_assert!(cue.start < cue.end && cue.end <= scalars);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_has_cues_inside_itself(text in any::<String>()) {
        spans_lie_inside(&text)?;
    }

    #[test]
    fn any_row_of_cue_words_has_cues_inside_itself(text in nasty()) {
        spans_lie_inside(&text)?;
    }
}
