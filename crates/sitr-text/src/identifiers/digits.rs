//! Streams of digits and the phone numbers in them.

use std::ops::RangeInclusive;

use super::{Finder, Kind};

/// Digits of the shortest number that is taken for a phone.
pub(super) const SHORTEST_PHONE: usize = 9;
/// The longest stream that any identifier needs.
const LONGEST: usize = 32;

/// Digits that follow each other with at most a few separators between them.
pub(super) struct Stream {
    len: usize,
    digits: [u8; LONGEST],
    /// Where the unit behind each digit stands.
    ends: [usize; LONGEST],
    /// The first separator before each digit, if any.
    gaps: [Option<char>; LONGEST],
}

impl Stream {
    /// Reads a stream that begins at a digit.
    pub(super) fn read(finder: &Finder<'_>, start: usize, separators: &[char]) -> Self {
        let mut stream = Self { len: 0, digits: [0; LONGEST], ends: [0; LONGEST], gaps: [None; LONGEST] };
        let mut at = start;
        let mut gap = None;
        while stream.len < LONGEST {
            let Some(digit) = finder.char(at).and_then(|c| c.to_digit(10)) else { break };
            stream.digits[stream.len] = digit as u8;
            stream.gaps[stream.len] = gap;
            stream.ends[stream.len] = at + 1;
            stream.len += 1;
            let next = finder.skip(at + 1, |c| separators.contains(&c));
            gap = if next > at + 1 { finder.char(at + 1) } else { None };
            // Three signs part a number, as in `) - `; more part a sentence.
            if next > at + 4 {
                break;
            }
            at = next;
        }
        stream
    }

    pub(super) fn digits(&self) -> &[u8] {
        &self.digits[..self.len]
    }

    /// The place behind the first `count` digits, if the stream has a gap or its end there.
    pub(super) fn end_of(&self, count: usize) -> Option<usize> {
        let whole = count > 0 && count <= self.len && (count == self.len || self.gaps[count].is_some());
        (whole && (count < LONGEST)).then(|| self.ends[count - 1])
    }

    /// Whether the first `count` digits are one piece.
    pub(super) fn is_unbroken(&self, count: usize) -> bool {
        count <= self.len && self.gaps[1..count].iter().all(Option::is_none)
    }

    /// Whether the first `count` digits stand in groups of such lengths.
    pub(super) fn is_grouped(&self, count: usize, lengths: RangeInclusive<usize>) -> bool {
        let (found, groups) = self.groups(count);
        found[..groups].iter().all(|length| lengths.contains(length))
    }

    /// Lengths of the first groups.
    fn groups(&self, count: usize) -> ([usize; LONGEST], usize) {
        let (mut lengths, mut groups) = ([0; LONGEST], 0);
        for at in 0..count.min(self.len) {
            if at == 0 || self.gaps[at].is_some() {
                groups += 1;
            }
            lengths[groups - 1] += 1;
        }
        (lengths, groups)
    }

    fn starts_with(&self, digits: &[u8]) -> bool {
        self.digits().starts_with(digits)
    }

    /// Day, month, year at the head, in figures.
    fn is_dated(&self) -> bool {
        let (lengths, _) = self.groups(self.len);
        let two = |at: usize| self.digits[at] * 10 + self.digits[at + 1];
        if self.len < 6 || lengths[..2] != [2, 2] || two(0) > 31 || two(2) > 12 {
            return false;
        }
        let with_time =
            lengths[2] == 2 && self.gaps[2] == self.gaps[4] && self.gaps[2] != Some(' ') && self.gaps[6] == Some(' ');
        (lengths[2] == 4 && matches!(two(4), 19 | 20)) || with_time
    }
}

/// Moroccan numbers in all their spellings, numbers with `+` or `00`, and ten-figure national numbers.
pub(super) fn phones(finder: &mut Finder<'_>) {
    let mut at = 0;
    while at < finder.units.len() {
        let fresh = !finder.before(at).is_some_and(|c| c.is_ascii_digit());
        let end = match finder.units[at].c {
            '+' => international(finder, at),
            '0' | '2' if fresh => national(finder, at),
            _ => None,
        };
        match end {
            Some(end) if finder.take(at..end, Kind::Phone) => at = end,
            _ => at += 1,
        }
    }
}

const SEPARATORS: [char; 9] = [' ', '.', '-', '(', ')', '_', '/', '·', '*'];

fn international(finder: &Finder<'_>, plus: usize) -> Option<usize> {
    let start = finder.skip(plus + 1, |c| matches!(c, ' ' | '('));
    if start > plus + 3 {
        return None;
    }
    let stream = Stream::read(finder, start, &SEPARATORS);
    moroccan(&stream, &[2, 1, 2]).or_else(|| generic(&stream, SHORTEST_PHONE))
}

fn national(finder: &Finder<'_>, at: usize) -> Option<usize> {
    let stream = Stream::read(finder, at, &SEPARATORS);
    if let Some(end) = moroccan(&stream, &[2, 1, 2]).or_else(|| moroccan(&stream, &[0, 0, 2, 1, 2])) {
        return Some(end);
    }
    let digits = stream.digits();
    if digits.len() < 10 || digits[0] != 0 {
        return None;
    }
    if digits[1] == 0 {
        return if digits[2] == 0 { None } else { generic(&stream, SHORTEST_PHONE + 2) };
    }
    let (lengths, groups) = stream.groups(10);
    let mobile = matches!(digits[1], 5..=7);
    let written_so = groups == 1 || mobile || lengths[..groups].iter().all(|length| *length == 2);
    let egyptian = if digits[1] == 1 { stream.end_of(11).filter(|_| stream.groups(11).1 == 1) } else { None };
    stream.end_of(10).filter(|_| written_so && !stream.is_dated()).or(egyptian)
}

/// The country's prefix, perhaps a zero, and nine figures of which the first is 5 to 8.
fn moroccan(stream: &Stream, prefix: &[u8]) -> Option<usize> {
    if !stream.starts_with(prefix) {
        return None;
    }
    let zero = usize::from(stream.digits().get(prefix.len()) == Some(&0));
    let first = stream.digits().get(prefix.len() + zero)?;
    if matches!(first, 5..=8) { stream.end_of(prefix.len() + zero + 9) } else { None }
}

/// The longest number of whole groups. A round sum is none.
fn generic(stream: &Stream, least: usize) -> Option<usize> {
    (least..=17).rev().find_map(|count| {
        let end = stream.end_of(count)?;
        let (lengths, groups) = stream.groups(count);
        let round = lengths[1..groups].iter().all(|length| *length == 3) && stream.digits()[count - 3..count] == [0; 3];
        (!round).then_some(end)
    })
}
