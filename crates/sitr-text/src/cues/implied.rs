//! What a post implies when its other cues agree: the demand that is only a price, the threat that is only an "or else".
//!
//! "I still have your voice message. 500 €." Extortion often names only the price; or it asks for an act that no table knows
//! well, with "or else" beside it; or it leaves what will happen to words that no table can list. Such a sum, imperative or
//! clause in a shop's or a creditor's post, or in one that reports, warns or explains, stays what it is.

use sitr_types::CueFamily;

use super::Hit;
use super::classes::{ClassNames, ClassSet};
use super::tokens::Token;

/// Classes that may be a demand or a threat when the rest of the post says so.
#[derive(Debug)]
pub(super) struct Implied {
    sums: ClassSet,
    acts: ClassSet,
    ultimatum: ClassSet,
    or_else: ClassSet,
    or: ClassSet,
    stop: ClassSet,
}

/// How much of the clause after "or else" the cue shows, in words.
const CLAUSE: usize = 6;
/// How near to an "or" its price stands, in words.
const NEAR: usize = 3;

impl Implied {
    pub(super) fn new(names: &ClassNames) -> Self {
        let set = |classes| names.set(classes).expect("invariant: the tables define these classes");
        Self {
            sums: set("amount|sum"),
            acts: set("hand2|tome2|act2|come2|hush2|say2|pay2|write2|answer2|you2|fhand|fact|fmeet|imp"),
            ultimatum: set("else|orelse|either|neg2|negt|refuse|handn|actn"),
            or_else: set("orelse"),
            or: set("else"),
            stop: set("stop"),
        }
    }

    /// Adds the demand, then the threat, that is only implied.
    pub(super) fn complete(&self, hits: &mut Vec<Hit>, tokens: &[Token]) {
        use CueFamily::{Campaign, Commerce, Debt, Demand, Help, Law, Leverage, Quote, Report, Threat, Victim};
        let has = |hits: &[Hit], families: &[CueFamily]| hits.iter().any(|hit| families.contains(&hit.family));
        if has(hits, &[Victim, Help, Report, Campaign, Law, Quote, Debt]) {
            return;
        }
        // A shop shows pictures for a price: there, leverage alone is none.
        let shop = has(hits, &[Commerce]);
        if !has(hits, &[Demand]) && (has(hits, &[Threat]) || (has(hits, &[Leverage]) && !shop)) {
            hits.extend(self.demand(tokens).map(|at| Hit { first: at, last: at, family: Demand }));
        }
        if has(hits, &[Demand]) && !has(hits, &[Threat]) && !shop {
            hits.extend(self.consequence(tokens).map(|(first, last)| Hit { first, last, family: Threat }));
        }
    }

    fn demand(&self, tokens: &[Token]) -> Option<usize> {
        let first = |classes: ClassSet| tokens.iter().position(|token| token.classes.meets(classes));
        first(self.sums).or_else(|| first(self.ultimatum).and_then(|_| first(self.acts)))
    }

    /// The clause after "or else", or after a mere "or" that follows a price.
    fn consequence(&self, tokens: &[Token]) -> Option<(usize, usize)> {
        let first = (0..tokens.len()).find(|&at| {
            let priced = || tokens[at.saturating_sub(NEAR)..at].iter().any(|token| token.classes.meets(self.sums));
            let classes = tokens[at].classes;
            classes.meets(self.or_else) || (classes.meets(self.or) && priced())
        })?;
        let clause =
            tokens[first + 1..].iter().take(CLAUSE).take_while(|token| !token.classes.meets(self.stop)).count();
        (clause > 0).then_some((first, first + clause))
    }
}
