//! Posts and poison that the suites make up, the same for the same seed.

use serde_json::json;
use sitr_types::MAX_TEXT_SCALARS;

/// A small generator of numbers (SplitMix64): the suites need repeatable runs, not good randomness.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The generator of that seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, which must not be 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound = bound as u64;
        usize::try_from((z ^ (z >> 31)) % bound).expect("invariant: below a usize")
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// A demand with a threat: `#` becomes a number, `%` somebody to be told.
const EXTORTION: &[&str] = &[
    "سيفطي ليا # درهم دابا ولا غادي ننشر تصاورك عند %",
    "خلصني # درهم ولا نصيفط الفيديو ديالك ل%",
    "sifti lia # dh f cashplus wla ghadi npublier tsawrek l3and %",
    "khellsi # dh had lila wla kanseft les photos dyalek l %",
    "envoie # euros avant ce soir sinon je publie tes photos à %",
    "tu me payes # dh ou j'envoie ta vidéo à %",
];
const INSULTS: &[&str] = &[
    "نتا حمار وكلب وما كتسواش # فرنك",
    "nta hmar o klb o wld l7ram, # mra gltha lik",
    "t'es une grosse merde, ferme ta gueule sale chien, # fois je te l'ai dit",
    "sir t9awed a lmskhout rak walou, # %",
];
const THREATS: &[&str] =
    &["غادي نقتلك ونهرس ليك راسك قبل # يوم", "ghadi nqetlek a %, b9a lik # nhar", "je vais te tuer dans # jours"];
const VICTIMS: &[&str] = &[
    "عاونوني شي واحد كيهددني بتصاوري وباغي مني # درهم وما عرفت ما ندير",
    "3awnouni chi wahed kayhddedni b tsawri o bgha menni # dh, khayfa 3la rasi",
    "aidez-moi, quelqu'un menace de publier mes photos si je ne paye pas # dh, j'ai peur",
];
const BENIGN: &[&str] = &[
    "صباح الخير، الثمن ديال الطوموبيل # درهم والتوصيل فابور",
    "salam khouya, chhal f taman dyal telephone, # dh mzyan?",
    "bonjour, la livraison coûte # dh pour tout le Maroc",
    "اليوم الجو زوين فكازا، # درجة",
    "match lyouma m3a # dyal nas f stade, dima maghrib",
    "merci beaucoup pour la recette, j'ai mis # minutes",
];
const TOLD: &[&str] = &["عائلتك", "باك", "3a2iltek", "darkom", "ta famille", "ton patron"];

/// Posts as JSON, with ids `<stem>-0`, `<stem>-1` …; about a half of them attacks.
#[must_use]
pub fn posts(stem: &str, count: usize, dice: &mut Dice) -> Vec<String> {
    (0..count).map(|number| post(&format!("{stem}-{number}"), dice)).collect()
}

fn post(id: &str, dice: &mut Dice) -> String {
    let kind = [EXTORTION, EXTORTION, INSULTS, THREATS, VICTIMS, BENIGN, BENIGN, BENIGN][dice.below(8)];
    let text = dice.pick(kind).replace('#', &(dice.below(9_000) + 100).to_string()).replace('%', dice.pick(TOLD));
    let (author, target) = (format!("a{}", dice.below(500)), format!("t{}", dice.below(200)));
    json!({ "post_id": id, "text": text, "author": { "key": author }, "target": { "key": target } }).to_string()
}

/// A record that cannot be judged.
#[derive(Debug, Clone)]
pub struct Poison {
    /// Its bytes; `None` = a record without a value.
    pub value: Option<Vec<u8>>,
    /// The reason code of its dead letter.
    pub reason: &'static str,
}

/// One poison of each class; `mark` stands somewhere in most of them.
#[must_use]
pub fn poisons(mark: &str) -> Vec<Poison> {
    let long = "x".repeat(MAX_TEXT_SCALARS + 1);
    let given: [(Vec<u8>, &'static str); 13] = [
        (Vec::new(), "empty_record"),
        (b"   ".to_vec(), "empty_record"),
        (format!("not json {mark}").into_bytes(), "invalid_json"),
        (format!(r#"{{"post_id":"{mark}","text":"{mark} cut sh"#).into_bytes(), "invalid_json"),
        ([format!(r#"{{"post_id":"{mark}","text":"{mark} "#).as_bytes(), b"\xff\xfe\"}"].concat(), "invalid_utf8"),
        (format!(r#"{{"post_id":"{mark}","text":"{mark} \ud83d"}}"#).into_bytes(), "lone_surrogate"),
        (format!(r#"{{"post_id":7,"text":"{mark}"}}"#).into_bytes(), "wrong_type"),
        (format!(r#"{{"post_id":"{mark}","text":["{mark}"]}}"#).into_bytes(), "wrong_type"),
        (format!(r#"["{mark}"]"#).into_bytes(), "wrong_type"),
        (format!(r#"{{"post_id":"{mark}"}}"#).into_bytes(), "wrong_shape"),
        (format!(r#"{{"post_id":"{mark}","text":"x","origin":"{mark}"}}"#).into_bytes(), "wrong_shape"),
        (format!(r#"{{"post_id":"{mark}","text":" \u200b\n"}}"#).into_bytes(), "empty_text"),
        (format!(r#"{{"post_id":"{mark}","text":"{mark} {long}"}}"#).into_bytes(), "text_too_long"),
    ];
    let mut all: Vec<_> = given.into_iter().map(|(value, reason)| Poison { value: Some(value), reason }).collect();
    all.push(Poison { value: None, reason: "empty_record" });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_poison_is_of_its_class_and_no_post_is_poison() {
        for Poison { value, reason } in poisons("mark") {
            let error = sitr_types::decode_post(value.as_deref().unwrap_or_default()).unwrap_err();
            assert_eq!(error.code.as_str(), reason);
        }
        for post in posts("p", 200, &mut Dice::new(1)) {
            sitr_types::decode_post(post.as_bytes()).unwrap();
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_posts() {
        assert_eq!(posts("p", 50, &mut Dice::new(7)), posts("p", 50, &mut Dice::new(7)));
        assert_ne!(posts("p", 50, &mut Dice::new(7)), posts("p", 50, &mut Dice::new(8)));
    }
}
