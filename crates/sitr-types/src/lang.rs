//! Language and script of a post.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The varieties that the classifier tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Lang {
    /// Maghrebi Darija in Arabic script.
    #[serde(rename = "ary-Arab")]
    AryArab,
    /// Darija in Latin letters (Arabizi).
    #[serde(rename = "ary-Latn")]
    AryLatn,
    /// Standard Arabic and the other Arabic dialects.
    #[serde(rename = "ar")]
    Ar,
    /// French, standard or SMS.
    #[serde(rename = "fr")]
    Fr,
    /// Two of these in one post.
    #[serde(rename = "mixed")]
    Mixed,
    /// None of these.
    #[serde(rename = "other")]
    Other,
}

impl Lang {
    /// All of them, in the order used by tables and metrics.
    pub const ALL: [Self; 6] = [Self::AryArab, Self::AryLatn, Self::Ar, Self::Fr, Self::Mixed, Self::Other];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AryArab => "ary-Arab",
            Self::AryLatn => "ary-Latn",
            Self::Ar => "ar",
            Self::Fr => "fr",
            Self::Mixed => "mixed",
            Self::Other => "other",
        }
    }

    /// The language of that wire name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.as_str() == name)
    }
}

/// The script that most letters of a post are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Script {
    /// Arabic letters.
    Arab,
    /// Latin letters.
    Latn,
    /// Tifinagh letters.
    Tfng,
    /// A real mixture of the above.
    Mixed,
    /// Others, or no letters at all.
    Other,
}

/// What the text itself says about its language.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LangGuess {
    /// The variety.
    pub lang: Lang,
    /// The script.
    pub script: Script,
    /// 0 to 1; how sure the guess is.
    pub confidence: f32,
}
