//! What points at a person or a purse: links, addresses, handles, phone numbers, wallets, cards.
//!
//! The finders read folded units, so digits of any script and characters set apart by invisible ones are the same to them.
//! Each finder takes what the ones before it left, in the order of [`find`].

mod digits;
mod documents;
mod links;
mod wallets;

use std::ops::Range;

use crate::chars::{Unit, is_word};

pub(crate) use wallets::base58;

/// What a found identifier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Phone,
    Email,
    Card,
    Rib,
    Cin,
    Plate,
    Wallet,
    Url,
    User,
}

impl Kind {
    /// What stands for it in the normal form. Cards, accounts, identity cards and plates stay there.
    pub(crate) const fn placeholder(self) -> Option<&'static str> {
        match self {
            Self::Phone => Some("@phone"),
            Self::Email => Some("@email"),
            Self::Wallet => Some("@wallet"),
            Self::Url => Some("@url"),
            Self::User => Some("@user"),
            Self::Card | Self::Rib | Self::Cin | Self::Plate => None,
        }
    }

    /// What stands for it in a masked text.
    pub(crate) const fn mask(self) -> &'static str {
        match self {
            Self::Phone => "[PHONE]",
            Self::Email => "[EMAIL]",
            Self::Card => "[CARD]",
            Self::Rib => "[RIB]",
            Self::Cin => "[CIN]",
            Self::Plate => "[PLATE]",
            Self::Wallet => "[WALLET]",
            Self::Url => "[URL]",
            Self::User => "@user",
        }
    }
}

/// Which identifiers are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those that the normal form replaces.
    Normal,
    /// Numbers of documents too.
    Mask,
}

/// An identifier among the units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) range: Range<usize>,
    pub(crate) kind: Kind,
}

/// The identifiers of a text by place, none overlapping. `wallets` are the original scalars of [`base58`].
pub(crate) fn find(units: &[Unit], wallets: &[Range<u32>], scope: Scope) -> Vec<Found> {
    let signs = Signs::read(units);
    let mut finder = Finder { units, found: Vec::new() };
    for wallet in wallets {
        let begin = units.partition_point(|unit| unit.start < wallet.start);
        let end = units.partition_point(|unit| unit.start < wallet.end);
        finder.take(begin..end, Kind::Wallet);
    }
    if signs.bracket {
        literals(&mut finder);
    }
    if signs.inner_dot || signs.scheme {
        links::urls(&mut finder);
    }
    if signs.at && signs.inner_dot {
        links::emails(&mut finder);
    }
    if signs.long_word {
        wallets::lower_case(&mut finder);
    }
    if scope == Scope::Mask {
        documents::ribs(&mut finder, signs.digits);
    }
    if signs.digits >= digits::SHORTEST_PHONE {
        digits::phones(&mut finder);
    }
    if scope == Scope::Mask {
        documents::cards(&mut finder, signs.digits);
        documents::plates(&mut finder);
        documents::identity_cards(&mut finder, signs.digits);
    }
    if signs.at {
        links::handles(&mut finder);
    }
    finder.found
}

/// What a text must hold before the finders are worth a try, from one look at it.
#[derive(Default)]
struct Signs {
    at: bool,
    bracket: bool,
    inner_dot: bool,
    scheme: bool,
    long_word: bool,
    digits: usize,
}

impl Signs {
    fn read(units: &[Unit]) -> Self {
        let mut signs = Self::default();
        let mut run = 0_usize;
        for (at, unit) in units.iter().enumerate() {
            match unit.c {
                'a'..='z' => run += 1,
                '0'..='9' => {
                    run += 1;
                    signs.digits += 1;
                }
                c => {
                    run = 0;
                    match c {
                        '@' => signs.at = true,
                        '[' => signs.bracket = true,
                        ':' => signs.scheme |= units.get(at + 1).is_some_and(|next| next.c == '/'),
                        '.' => signs.inner_dot |= units.get(at + 1).is_some_and(|next| next.c.is_ascii_alphanumeric()),
                        _ => {}
                    }
                }
            }
            signs.long_word |= run >= wallets::SHORTEST;
        }
        signs
    }
}

/// The search under way.
struct Finder<'a> {
    units: &'a [Unit],
    /// By place.
    found: Vec<Found>,
}

impl Finder<'_> {
    fn char(&self, at: usize) -> Option<char> {
        self.units.get(at).map(|unit| unit.c)
    }

    fn before(&self, at: usize) -> Option<char> {
        at.checked_sub(1).and_then(|at| self.char(at))
    }

    fn starts_with(&self, at: usize, what: &str) -> bool {
        self.units[at..].len() >= what.len() && what.chars().zip(&self.units[at..]).all(|(c, unit)| c == unit.c)
    }

    /// The first place from `at` on where the test fails.
    fn skip(&self, mut at: usize, test: impl Fn(char) -> bool) -> usize {
        while self.char(at).is_some_and(&test) {
            at += 1;
        }
        at
    }

    fn is_free(&self, range: &Range<usize>) -> bool {
        let after = self.found.partition_point(|found| found.range.end <= range.start);
        self.found.get(after).is_none_or(|found| found.range.start >= range.end)
    }

    /// Where the first find at or behind `at` begins.
    fn next_found(&self, at: usize) -> usize {
        let behind = self.found.partition_point(|found| found.range.end <= at);
        self.found.get(behind).map_or(self.units.len(), |found| found.range.start)
    }

    /// Keeps a find unless another one has part of it. Says whether it was kept.
    fn take(&mut self, range: Range<usize>, kind: Kind) -> bool {
        if range.is_empty() || !self.is_free(&range) {
            return false;
        }
        let place = self.found.partition_point(|found| found.range.start < range.start);
        self.found.insert(place, Found { range, kind });
        true
    }
}

/// `[PHONE]` and its like, which data sets and masked texts hold in place of the real thing.
fn literals(finder: &mut Finder<'_>) {
    const LITERALS: [(&str, Kind); 5] = [
        ("[phone]", Kind::Phone),
        ("[email]", Kind::Email),
        ("[wallet]", Kind::Wallet),
        ("[url]", Kind::Url),
        ("[user]", Kind::User),
    ];
    for at in 0..finder.units.len() {
        if finder.char(at) == Some('[')
            && let Some((literal, kind)) = LITERALS.iter().find(|(literal, _)| finder.starts_with(at, literal))
        {
            finder.take(at..at + literal.len(), *kind);
        }
    }
}

/// Puts the placeholders of the normal form in place of the identifiers, set off from words by spaces. Says whether anything
/// changed.
pub(crate) fn replace(units: &mut Vec<Unit>, wallets: &[Range<u32>]) -> bool {
    let found = find(units, wallets, Scope::Normal);
    if found.is_empty() {
        return false;
    }
    let mut out: Vec<Unit> = Vec::with_capacity(units.len() + 8);
    let (mut done, mut changed) = (0, false);
    for Found { range, kind } in found {
        let Some(placeholder) = kind.placeholder() else { continue };
        out.extend_from_slice(&units[done..range.start]);
        done = range.end;
        let whole = &units[range.clone()];
        let start = whole.iter().map(|unit| unit.start).min().unwrap_or(0);
        let end = whole.iter().map(|unit| unit.end).max().unwrap_or(0);
        changed |= !placeholder.chars().eq(whole.iter().map(|unit| unit.c));
        if let Some(last) = out.last()
            && is_word(last.c)
        {
            let at = last.end.min(start);
            out.push(Unit { c: ' ', start: at, end: at });
            changed = true;
        }
        out.extend(placeholder.chars().map(|c| Unit { c, start, end }));
        if units.get(done).is_some_and(|next| is_word(next.c)) {
            out.push(Unit { c: ' ', start: end, end });
            changed = true;
        }
    }
    if changed {
        out.extend_from_slice(&units[done..]);
        *units = out;
    }
    changed
}
