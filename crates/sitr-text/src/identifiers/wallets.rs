//! Addresses of crypto wallets.

use std::ops::Range;

use super::{Finder, Kind};

/// Length of the shortest address.
pub(super) const SHORTEST: usize = 26;
/// `0x` and forty hexadecimal digits.
const ETHEREUM: usize = 42;
/// Lengths of a segwit address.
const SEGWIT: std::ops::RangeInclusive<usize> = 28..=62;

/// Scalar ranges of base58 addresses (Bitcoin `1…`, `3…`, Tron `T…`) in an original text. They must be found before letters are
/// lowered: their mixture of cases is what tells them from other words.
pub(crate) fn base58(original: &str) -> Vec<Range<u32>> {
    let bytes = original.as_bytes();
    let mut found = Vec::new();
    let mut start = 0;
    for at in 0..=bytes.len() {
        if bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            continue;
        }
        if at - start >= SHORTEST && is_base58(&bytes[start..at]) {
            let scalar = |to: usize| u32::try_from(original[..to].chars().count()).unwrap_or(u32::MAX);
            found.push(scalar(start)..scalar(at));
        }
        start = at + 1;
    }
    found
}

fn is_base58(word: &[u8]) -> bool {
    let length = match word[0] {
        b'1' | b'3' => word.len() <= 35,
        b'T' => word.len() == 34,
        _ => false,
    };
    length
        && !word.iter().any(|b| matches!(b, b'0' | b'O' | b'I' | b'l'))
        && word.iter().any(u8::is_ascii_digit)
        && word.iter().any(u8::is_ascii_lowercase)
        && word[1..].iter().any(u8::is_ascii_uppercase)
}

/// Addresses that lower case does not hurt: `0x…` and `bc1…`.
pub(super) fn lower_case(finder: &mut Finder<'_>) {
    let mut at = 0;
    while at < finder.units.len() {
        let end = finder.skip(at, |c| c.is_ascii_alphanumeric());
        let hexadecimal = |range: Range<usize>| finder.units[range].iter().all(|unit| unit.c.is_ascii_hexdigit());
        let ethereum = end - at == ETHEREUM && finder.starts_with(at, "0x") && hexadecimal(at + 2..end);
        if ethereum || (SEGWIT.contains(&(end - at)) && finder.starts_with(at, "bc1")) {
            finder.take(at..end, Kind::Wallet);
        }
        at = end + 1;
    }
}
