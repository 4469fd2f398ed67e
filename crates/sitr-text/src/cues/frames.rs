//! Reported speech: what somebody else said is not announced by the author.
//!
//! "He told me: pay or I publish" holds the very words of an extortion. A frame (`gal liya`, `قال لها`, `il me dit`) covers the
//! rest of its sentence, and quotation marks cover what they enclose when the author says something outside them. Demands,
//! threats and leverage under such a cover are dropped; the frame, or the quoted part, stays as a cue of its own.

use std::ops::Range;

use sitr_types::CueFamily;

use super::Hit;
use super::classes::ClassSet;
use super::tokens::Token;

/// With fewer words outside the quotation marks, the post is the quoted text.
const WORDS_OUTSIDE: usize = 3;

/// Drops what is reported; `frames` are the tokens at which a frame ends. Linear in hits, whatever the text nests.
pub(super) fn withhold(
    hits: &mut Vec<Hit>,
    frames: &[usize],
    quotes: &[Range<usize>],
    tokens: &[Token],
    stop: ClassSet,
) {
    let quoted: usize = quotes.iter().map(ExactSizeIterator::len).sum();
    let quotes = if tokens.len().saturating_sub(quoted) > WORDS_OUTSIDE { quotes } else { &[] };
    let mut covered = vec![false; tokens.len()];
    for quote in quotes {
        covered[quote.clone()].fill(true);
    }
    for &end in frames {
        covered[end + 1..frame_end(end + 1, quotes, tokens, stop)].fill(true);
    }
    let mut reported = vec![false; tokens.len()];
    hits.retain(|hit| {
        let own = matches!(hit.family, CueFamily::Demand | CueFamily::Threat | CueFamily::Leverage);
        let drop = own && covered[hit.first];
        reported[hit.first] |= drop;
        !drop
    });
    for quote in quotes.iter().filter(|quote| reported[(*quote).clone()].contains(&true)) {
        hits.push(Hit { first: quote.start, last: quote.end - 1, family: CueFamily::Quote });
    }
}

/// The end of the sentence, or of the quotation that begins in it.
fn frame_end(start: usize, quotes: &[Range<usize>], tokens: &[Token], stop: ClassSet) -> usize {
    let sentence = (start..tokens.len()).find(|&at| tokens[at].classes.meets(stop)).unwrap_or(tokens.len());
    match quotes.iter().find(|quote| (start..=sentence).contains(&quote.start)) {
        Some(quote) => quote.end.max(start),
        None => sentence,
    }
}
