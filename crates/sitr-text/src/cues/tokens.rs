//! Words of the normal form with their classes: what the rules look at.

use std::ops::Range;

use super::Engine;
use super::classes::{ClassNames, ClassSet};
use super::shape::{self, Neighbour};

/// One word. Apostrophes are no tokens; runs of sentence ends are one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// Its index among the words of the normal form.
    pub(super) word: usize,
    /// All readings together.
    pub(super) classes: ClassSet,
    /// Its numbers in the phrase table, one a reading; zero for none.
    pub(super) phrase_words: [u32; 2],
}

/// Classes that are computed and not listed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Computed {
    pub(super) stop: u8,
    pub(super) comma: u8,
    number: u8,
    sum: u8,
    amount: u8,
    clock: u8,
    currency: u8,
    more: u8,
    number_word: u8,
    negation: u8,
    second_negated: u8,
    not_you: u8,
    imperative: u8,
    named: u8,
    future: u8,
    or: u8,
    not_verb: u8,
    i_will: u8,
    you_will: u8,
    laugh: u8,
    contact: u8,
}

impl Computed {
    pub(super) fn intern(names: &mut ClassNames) -> Self {
        Self {
            stop: names.intern("stop"),
            comma: names.intern("comma"),
            number: names.intern("num"),
            sum: names.intern("sum"),
            amount: names.intern("amount"),
            clock: names.intern("clock"),
            currency: names.intern("currency"),
            more: names.intern("nummore"),
            number_word: names.intern("numword"),
            negation: names.intern("neg"),
            second_negated: names.intern("neg2"),
            named: names.intern("named"),
            imperative: names.intern("imp"),
            not_you: names.intern("negt"),
            future: names.intern("fut"),
            or: names.intern("else"),
            not_verb: names.intern("nnoun"),
            i_will: names.intern("i1"),
            you_will: names.intern("you2"),
            laugh: names.intern("laugh"),
            contact: names.intern("contact"),
        }
    }
}

/// Tokens of a post and the token ranges that stand in quotation marks.
pub(super) fn tokenise(engine: &Engine, words: &[&str]) -> (Vec<Token>, Vec<Range<usize>>) {
    let computed = &engine.computed;
    let mut tokens: Vec<Token> = Vec::with_capacity(words.len());
    let mut quotes = Vec::new();
    let mut open = None;
    for (word, text) in words.iter().enumerate() {
        match *text {
            "'" | "’" | "‘" | "`" | "´" => continue,
            "«" | "“" | "„" => open = Some(tokens.len()),
            "\"" if open.is_none() => open = Some(tokens.len()),
            "»" | "”" | "\"" => quotes.extend(open.take().map(|start| start..tokens.len())),
            _ => {}
        }
        let mut token = Token { word, classes: ClassSet::default(), phrase_words: [0; 2] };
        match *text {
            "." if between_digits(words, word) => continue,
            "." | "!" | "?" | "؟" | "…" | ";" | "؛" => {
                if tokens.last().is_some_and(|last| has(last.classes, computed.stop)) {
                    continue;
                }
                token.classes.insert(computed.stop);
            }
            "," | "،" | ":" | "-" | "–" | "—" | "(" | ")" | "/" | "=" => token.classes.insert(computed.comma),
            "😂" | "🤣" | "😹" | "😆" | "💀" => token.classes.insert(computed.laugh),
            "€" | "$" | "£" => token.classes.insert(computed.currency),
            _ if text.starts_with('@') => token.classes.insert(computed.contact),
            _ => classify(engine, text, &mut token, tokens.last()),
        }
        tokens.push(token);
    }
    mark_amounts(computed, &mut tokens);
    (tokens, quotes)
}

fn classify(engine: &Engine, text: &str, token: &mut Token, previous: Option<&Token>) {
    let computed = &engine.computed;
    if text.starts_with(|c: char| c.is_ascii_digit()) && number(computed, text, token) {
        return;
    }
    let readings = engine.lexicon.look_up(text);
    token.phrase_words = readings.map(|entry| entry.phrase_word);
    readings.into_iter().for_each(|entry| token.classes.extend(entry.classes));
    let before = |class: u8| previous.is_some_and(|token| has(token.classes, class));
    let neighbour = Neighbour {
        negates: before(computed.negation),
        announces: before(computed.future),
        offers_a_choice: before(computed.or) && !has(token.classes, computed.not_verb),
        ends_a_clause: previous.is_none() || before(computed.stop) || before(computed.comma),
    };
    let shape = shape::of(text, neighbour);
    for (fits, class) in [
        (shape.second_negated, computed.second_negated),
        (shape.not_you, computed.not_you),
        (shape.imperative, computed.imperative),
        (shape.names_blackmail, computed.named),
        (shape.i_will, computed.i_will),
        (shape.you_will, computed.you_will),
    ] {
        if fits {
            token.classes.insert(class);
        }
    }
}

/// Digits with what may be glued to them (`3000dh`, `20h`). `false` for a word of Arabizi that begins with a digit.
fn number(computed: &Computed, text: &str, token: &mut Token) -> bool {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (digits, unit) = text.split_at(digits);
    let value = digits.parse().unwrap_or(u64::MAX);
    match unit {
        "" => {}
        "dh" | "dhs" | "drh" | "drhm" | "mad" | "e" | "eur" | "euro" | "euros" | "balles" | "درهم" | "الف" => {
            token.classes.insert(computed.amount);
        }
        "h" | "min" | "mn" | "j" | "jrs" => token.classes.insert(computed.clock),
        "k" => {}
        _ if unit.len() == 4 && unit.starts_with('h') => token.classes.insert(computed.clock),
        _ => return false,
    }
    token.classes.insert(computed.number);
    // Small numbers count things and the years of our time date them; other numbers may be sums.
    if unit.is_empty() && (100..10_000_000).contains(&value) && !(2010..=2035).contains(&value) {
        token.classes.insert(computed.sum);
    }
    true
}

/// A number beside a currency, or number words that only sums have, is an amount.
fn mark_amounts(computed: &Computed, tokens: &mut [Token]) {
    for at in 0..tokens.len() {
        let classes = tokens[at].classes;
        let is_number = has(classes, computed.number);
        if !is_number && !has(classes, computed.number_word) {
            continue;
        }
        let next = |ahead: usize| tokens.get(at + ahead).map(|token| token.classes).unwrap_or_default();
        let beside = has(next(1), computed.currency)
            || (has(next(2), computed.currency) && (has(next(1), computed.number) || has(next(1), computed.more)))
            || has(next(1), computed.more)
            || (is_number && at > 0 && has(tokens[at - 1].classes, computed.currency));
        if beside {
            tokens[at].classes.insert(computed.amount);
        }
    }
}

fn between_digits(words: &[&str], at: usize) -> bool {
    let digit = |word: Option<&&str>| word.is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    at > 0 && digit(words.get(at - 1)) && digit(words.get(at + 1))
}

fn has(classes: ClassSet, class: u8) -> bool {
    let mut one = ClassSet::default();
    one.insert(class);
    classes.meets(one)
}
