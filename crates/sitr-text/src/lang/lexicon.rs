//! The words that speak for a variety.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word can speak for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variety {
    Darija,
    Arabic,
    Arabizi,
    French,
    English,
}

impl Variety {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "darija" => Self::Darija,
            "arabic" => Self::Arabic,
            "arabizi" => Self::Arabizi,
            "french" => Self::French,
            "english" => Self::English,
            _ => return None,
        })
    }
}

/// Weight of a word for each variety, in the order of [`Variety`].
pub(super) type Weights = [f32; 5];

static WORDS: LazyLock<HashMap<&'static str, Weights>> = LazyLock::new(|| {
    let mut words: HashMap<&'static str, Weights> = HashMap::with_capacity(2048);
    for line in include_str!("words.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut fields = line.split_whitespace();
        let variety = fields.next().and_then(Variety::parse).expect("invariant: a line begins with a variety");
        let weight = fields.next().and_then(|w| w.parse().ok()).expect("invariant: a weight follows the variety");
        for word in fields {
            words.entry(word).or_default()[variety as usize] = weight;
        }
    }
    words
});

/// The weights of a word, if it speaks for any variety.
pub(super) fn weights(word: &str) -> Option<&'static Weights> {
    WORDS.get(word)
}
