//! Language and script of a text, from its letters, its function words and the shape of its other words.

mod lexicon;
mod shape;

use sitr_types::{Lang, LangGuess, Script};

use crate::Normalised;
use crate::chars::{is_arabic, is_latin};
use lexicon::{Variety, Weights};

/// Share of the letters from which on a text counts as written in one script.
const ONE_SCRIPT: f32 = 0.8;
/// Evidence that the weaker of French and Darija must have at least, and relative to the stronger, in a mixed text.
const MIXED_LEAST: f32 = 2.5;
const MIXED_SHARE: f32 = 0.4;

/// Guesses language and script. A text without letters is [`Lang::Other`] with confidence 0.
#[must_use]
pub fn guess_lang(text: &Normalised) -> LangGuess {
    let letters = Letters::count(text);
    let (script, share) = letters.script();
    let (lang, confidence) = match script {
        Script::Arab => arabic(&evidence(text)),
        Script::Latn => latin(&evidence(text)),
        Script::Mixed => (Lang::Mixed, share),
        Script::Tfng | Script::Other => (Lang::Other, share),
    };
    LangGuess { lang, script, confidence }
}

/// Letters of a text by script, placeholders left out.
#[derive(Default)]
struct Letters {
    arabic: u32,
    latin: u32,
    tifinagh: u32,
    other: u32,
}

impl Letters {
    fn count(text: &Normalised) -> Self {
        let mut letters = Self::default();
        for word in text.words().filter(|word| !word.starts_with('@')) {
            for c in word.chars() {
                match c {
                    c if is_latin(c) => letters.latin += 1,
                    c if is_arabic(c) => letters.arabic += 1,
                    '\u{2d30}'..='\u{2d6f}' => letters.tifinagh += 1,
                    c if c.is_alphabetic() => letters.other += 1,
                    _ => {}
                }
            }
        }
        letters
    }

    /// The script, and how sure it is by the shares alone.
    fn script(&self) -> (Script, f32) {
        let total = (self.arabic + self.latin + self.tifinagh + self.other) as f32;
        if total == 0.0 {
            return (Script::Other, 0.0);
        }
        let mut shares = [
            (self.arabic as f32 / total, Script::Arab),
            (self.latin as f32 / total, Script::Latn),
            (self.tifinagh as f32 / total, Script::Tfng),
            (self.other as f32 / total, Script::Other),
        ];
        shares.sort_by(|a, b| b.0.total_cmp(&a.0));
        let [(first, script), (second, runner_up), ..] = shares;
        if first >= ONE_SCRIPT || runner_up == Script::Other {
            (script, first)
        } else if script == Script::Other {
            (script, first - second)
        } else {
            (Script::Mixed, (2.0 * second).min(1.0))
        }
    }
}

/// The evidence of all words, by variety.
fn evidence(text: &Normalised) -> Weights {
    let mut sum = Weights::default();
    let mut before = "";
    for word in text.words() {
        if !word.starts_with('@') {
            let weights = lexicon::weights(word).copied().unwrap_or_else(|| shape::weights(word));
            for (total, weight) in sum.iter_mut().zip(weights) {
                *total += weight;
            }
            // `l'argent`, `j'ai`: one letter (or `qu`) and an apostrophe.
            if word == "'" && matches!(before, "l" | "j" | "d" | "c" | "n" | "s" | "m" | "t" | "qu") {
                sum[Variety::French as usize] += 1.0;
            }
            // `ما كيعرفش`: the two halves of the Maghrebi (and Egyptian) negation.
            if before == "ما" && word.ends_with('ش') {
                sum[Variety::Darija as usize] += 1.0;
            }
        }
        before = word;
    }
    sum
}

fn arabic(sum: &Weights) -> (Lang, f32) {
    let (darija, standard) = (sum[Variety::Darija as usize], sum[Variety::Arabic as usize]);
    // Words of standard Arabic stand in Darija too, seldom the other way round.
    let margin = darija - 0.35 * standard;
    let lang = if margin > 0.0 { Lang::AryArab } else { Lang::Ar };
    (lang, confidence(margin))
}

fn latin(sum: &Weights) -> (Lang, f32) {
    let [_, _, arabizi, french, english] = *sum;
    if english > arabizi && english > french {
        return (Lang::Other, confidence(english - arabizi.max(french)));
    }
    let (weak, strong) = (arabizi.min(french), arabizi.max(french));
    if weak >= MIXED_LEAST && weak >= MIXED_SHARE * strong {
        return (Lang::Mixed, confidence(weak));
    }
    if strong == 0.0 {
        return (Lang::Other, 0.0);
    }
    (if french > arabizi { Lang::Fr } else { Lang::AryLatn }, confidence(strong - weak.max(english)))
}

/// 0 for no margin, 0.5 for one strong word, towards 1.
fn confidence(margin: f32) -> f32 {
    let margin = margin.abs();
    margin / (margin + 2.0)
}
