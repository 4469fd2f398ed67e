//! Patterns over word classes, read once from `data/rules.txt`.
//!
//! A rule is `family: step step …`. A step is one or more classes (`a|b`: a word of either), optional with `?`; `..3` lets up
//! to three words pass but no sentence end; `!a|b` refuses such a word next. A leading `-a|b` refuses such a word just
//! before. `<` and `>` set where the cue begins and ends when the rest is only context. `family!` opens a reported frame
//! (see `frames.rs`). Matching tries at most a few dozen positions for each first word: there is no unbounded search.

use sitr_types::CueFamily;

use super::classes::{ClassNames, ClassSet};
use super::tokens::Token;

/// One pattern.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) family: CueFamily,
    /// What follows is said by somebody else.
    pub(super) opens_frame: bool,
    not_before: ClassSet,
    first: ClassSet,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    One(ClassSet),
    Maybe(ClassSet),
    Gap(usize),
    Not(ClassSet),
    Begin,
    End,
}

/// Tokens of a match: `first..=last`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) first: usize,
    pub(super) last: usize,
}

/// All rules, by the classes that may begin them.
#[derive(Debug)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    by_class: Vec<Vec<u16>>,
    stop: ClassSet,
}

impl Rules {
    /// Reads the built-in rules. Every class must have been defined by a word table.
    pub(super) fn builtin(names: &ClassNames, stop: u8) -> Self {
        let mut by_class = vec![Vec::new(); usize::from(u8::MAX)];
        let rules: Vec<Rule> = include_str!("data/rules.txt")
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| {
                Rule::parse(line, names).unwrap_or_else(|| panic!("invariant: cue rule `{line}` is well formed"))
            })
            .collect();
        for (index, rule) in (0..).zip(&rules) {
            for class in rule.first.members() {
                by_class[usize::from(class)].push(index);
            }
        }
        let mut stops = ClassSet::default();
        stops.insert(stop);
        Self { rules, by_class, stop: stops }
    }

    /// Every match that begins at that token.
    pub(super) fn matches_at<'a>(&'a self, tokens: &'a [Token], at: usize) -> impl Iterator<Item = (&'a Rule, Found)> {
        let classes = tokens[at].classes;
        classes.members().flat_map(move |class| {
            self.by_class[usize::from(class)].iter().filter_map(move |&index| {
                let rule = &self.rules[usize::from(index)];
                let refused = at > 0 && tokens[at - 1].classes.meets(rule.not_before);
                let found = Found { first: at, last: at };
                // A word in two first classes of one rule is tried once, at the lower class.
                if refused || rule.first.first_common(classes) != Some(class) {
                    return None;
                }
                self.advance(&rule.steps, tokens, at, found).map(|found| (rule, found))
            })
        })
    }

    fn advance(&self, steps: &[Step], tokens: &[Token], at: usize, found: Found) -> Option<Found> {
        let Some((step, rest)) = steps.split_first() else { return Some(found) };
        let here = tokens.get(at).map(|token| token.classes);
        match step {
            Step::One(classes) => here
                .filter(|here| here.meets(*classes))
                .and_then(|_| self.advance(rest, tokens, at + 1, Found { last: at, ..found })),
            Step::Maybe(classes) => here
                .filter(|here| here.meets(*classes))
                .and_then(|_| self.advance(rest, tokens, at + 1, found))
                .or_else(|| self.advance(rest, tokens, at, found)),
            Step::Not(classes) => match here {
                Some(here) if here.meets(*classes) => None,
                _ => self.advance(rest, tokens, at, found),
            },
            Step::Gap(most) => {
                for skipped in 0..=*most {
                    if let Some(done) = self.advance(rest, tokens, at + skipped, found) {
                        return Some(done);
                    }
                    if tokens.get(at + skipped).is_none_or(|token| token.classes.meets(self.stop)) {
                        break;
                    }
                }
                None
            }
            Step::Begin => self.advance(rest, tokens, at, Found { first: at, ..found }),
            // What follows is context: it must match and leaves the end where it is.
            Step::End => self.advance(rest, tokens, at, found).map(|whole| Found { last: found.last, ..whole }),
        }
    }
}

impl Rule {
    fn parse(line: &str, names: &ClassNames) -> Option<Self> {
        let (family, pattern) = line.split_once(':')?;
        let (family, opens_frame) = match family.strip_suffix('!') {
            Some(family) => (family, true),
            None => (family, false),
        };
        let mut rule = Self {
            family: CueFamily::parse(family)?,
            opens_frame,
            not_before: ClassSet::default(),
            first: ClassSet::default(),
            steps: Vec::new(),
        };
        for word in pattern.split_whitespace() {
            rule.steps.push(match word.split_at_checked(1)? {
                ("-", classes) => {
                    rule.not_before = names.set(classes)?;
                    continue;
                }
                ("!", classes) => Step::Not(names.set(classes)?),
                ("<", "") => Step::Begin,
                (">", "") => Step::End,
                (".", gap) => Step::Gap(gap.strip_prefix('.')?.parse().ok()?),
                _ => match word.strip_suffix('?') {
                    Some(classes) => Step::Maybe(names.set(classes)?),
                    None => Step::One(names.set(word)?),
                },
            });
        }
        match rule.steps.first()? {
            Step::One(classes) => rule.first = *classes,
            _ => return None,
        }
        Some(rule)
    }
}
