//! Links, e-mail addresses and handles.

use super::{Finder, Kind};
use crate::chars::{is_arabic, is_word};

/// Endings that make a link of a bare name. Short ones that are also words (`ma`, `me`, `co`) need a path behind them.
const BARE_ENDINGS: [&str; 10] = ["com", "net", "org", "info", "fr", "dz", "eg", "sa", "ae", "biz"];
const ENDINGS_WITH_PATH: [&str; 24] = [
    "ma", "me", "ly", "co", "gg", "io", "tv", "be", "tn", "eu", "uk", "us", "de", "es", "to", "cc", "app", "link",
    "page", "site", "xyz", "online", "shop", "live",
];

/// Names of placeholders, which look like handles.
const RESERVED: [&str; 5] = ["user", "url", "email", "phone", "wallet"];

/// Links with a scheme, with `www.`, and bare names of hosts.
pub(super) fn urls(finder: &mut Finder<'_>) {
    let mut at = 0;
    while at < finder.units.len() {
        let c = finder.units[at].c;
        let fresh = c.is_ascii_alphanumeric() && !finder.before(at).is_some_and(|c| c.is_ascii_alphanumeric());
        let end = if fresh { scheme(finder, at).or_else(|| host(finder, at)) } else { None };
        match end {
            Some(end) if finder.take(at..end, Kind::Url) => at = end,
            _ => at += 1,
        }
    }
}

fn scheme(finder: &Finder<'_>, at: usize) -> Option<usize> {
    let opening = ["https://", "http://", "www."].into_iter().find(|opening| finder.starts_with(at, opening))?;
    let body = at + opening.len();
    let end = body_end(finder, body);
    (end > body).then_some(end)
}

/// The end of a link's body: at a space, a bracket, a quotation mark or an Arabic word, less the punctuation that ends a sentence.
fn body_end(finder: &Finder<'_>, body: usize) -> usize {
    let mut end = finder.skip(body, |c| !matches!(c, ' ' | '<' | '>' | '"' | '[' | ']' | '،' | '؟') && !is_arabic(c));
    while end > body && !is_word(finder.units[end - 1].c) && finder.units[end - 1].c != '/' {
        end -= 1;
    }
    end
}

fn host(finder: &Finder<'_>, at: usize) -> Option<usize> {
    if matches!(finder.before(at), Some('@' | '.' | '-' | '_' | '/' | '+')) {
        return None;
    }
    let mut end = finder.skip(at, is_host);
    let mut last = None;
    while finder.char(end) == Some('.') {
        let label = end + 1;
        let next = finder.skip(label, is_host);
        if next == label {
            break;
        }
        last = Some(label);
        end = next;
    }
    let ending: String = finder.units[last?..end].iter().map(|unit| unit.c).collect();
    match finder.char(end) {
        Some('/') if BARE_ENDINGS.contains(&&*ending) || ENDINGS_WITH_PATH.contains(&&*ending) => {
            Some(body_end(finder, end))
        }
        next if BARE_ENDINGS.contains(&&*ending) && !next.is_some_and(|c| c == '@' || c == '_') => Some(end),
        _ => None,
    }
}

fn is_host(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

/// E-mail addresses.
pub(super) fn emails(finder: &mut Finder<'_>) {
    for at in 0..finder.units.len() {
        if finder.units[at].c != '@' {
            continue;
        }
        let local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
        let mut start = at;
        while finder.before(start).is_some_and(local) {
            start -= 1;
        }
        start = finder.skip(start, |c| local(c) && !c.is_ascii_alphanumeric());
        if let (true, Some(end)) = (start < at, domain_end(finder, at + 1)) {
            finder.take(start..end, Kind::Email);
        }
    }
}

/// The end of a domain: at least two labels, the last of two letters or more.
fn domain_end(finder: &Finder<'_>, start: usize) -> Option<usize> {
    let mut end = finder.skip(start, is_host);
    let mut whole = None;
    while end > start && finder.char(end) == Some('.') {
        let label = end + 1;
        end = finder.skip(label, is_host);
        if end == label {
            break;
        }
        if end >= label + 2 && finder.units[label..end].iter().all(|unit| unit.c.is_ascii_alphabetic()) {
            whole = Some(end);
        }
    }
    whole
}

/// `@name`, with the dots that some platforms allow inside. A name ends where another identifier begins.
pub(super) fn handles(finder: &mut Finder<'_>) {
    let mut at = 0;
    while at < finder.units.len() {
        let name = at + 1;
        let limit = finder.next_found(name);
        let mut end = finder.skip(name, is_word).min(limit);
        if finder.units[at].c != '@' || end <= name {
            at += 1;
            continue;
        }
        let first: String = finder.units[name..end].iter().take(8).map(|unit| unit.c).collect();
        if RESERVED.contains(&&*first) {
            at = end;
            continue;
        }
        let dotted = |c: char| c.is_ascii_alphanumeric() || c == '_';
        while end + 1 < limit && finder.char(end) == Some('.') && finder.char(end + 1).is_some_and(dotted) {
            end = finder.skip(end + 1, is_word).min(limit);
        }
        finder.take(at..end, Kind::User);
        at = end;
    }
}
