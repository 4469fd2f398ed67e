//! The word tables of all varieties, read once from `data/*.txt`, and what they say about one word.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use sitr_types::CueFamily;

use super::classes::{ClassNames, ClassSet};
use super::fold;
use super::inflect::{self, Person};

/// What the tables know of one spelling.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entry {
    /// Its classes.
    pub(super) classes: ClassSet,
    /// Its number as a word of fixed phrases; zero when it occurs in none.
    pub(super) phrase_word: u32,
}

/// A fixed expression, by the words that follow its first one.
#[derive(Debug)]
pub(super) struct Phrase {
    pub(super) rest: Vec<u32>,
    pub(super) family: CueFamily,
}

/// Posts only look up; nothing that a stranger writes is ever inserted, so a hash without a secret is safe, and quicker.
type Table<K, V> = HashMap<K, V, BuildHasherDefault<WordHasher>>;

/// FNV-1a.
#[derive(Debug)]
struct WordHasher(u64);

impl Default for WordHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// All tables.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    arabic: Table<String, Entry>,
    french: Table<String, Entry>,
    arabizi: Table<String, Entry>,
    skeletons: Table<String, Entry>,
    phrases: Table<u32, Vec<Phrase>>,
    phrase_words: u32,
    /// Marks frequent French words that a fold would take for Darija (`bac`, `enfin`).
    latin_only: ClassSet,
}

/// A table's language: it decides how its words are folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variety {
    Arabizi,
    Arabic,
    French,
}

impl Lexicon {
    /// Reads the built-in tables.
    pub(super) fn builtin(names: &mut ClassNames) -> Self {
        let mut lexicon = Self::default();
        lexicon.latin_only.insert(names.intern("latin"));
        lexicon.read(include_str!("data/arabizi.txt"), Variety::Arabizi, names);
        lexicon.read(include_str!("data/arabic.txt"), Variety::Arabic, names);
        lexicon.read(include_str!("data/french.txt"), Variety::French, names);
        lexicon
    }

    /// What is known of a word of the normal form: up to two readings, as Latin letters may be French or Arabizi.
    pub(super) fn look_up(&self, word: &str) -> [Entry; 2] {
        if fold::is_arabic(word) {
            return [self.look_up_arabic(word), Entry::default()];
        }
        let french = self.french.get(fold::plain(word).as_ref()).copied();
        if french.is_some_and(|entry| entry.classes.meets(self.latin_only)) {
            return [french.unwrap_or_default(), Entry::default()];
        }
        let light = fold::light(word);
        let mut arabizi =
            self.arabizi.get(&light).or_else(|| self.without_article(&light)).copied().unwrap_or_default();
        // A French word, or one with an accent, is no skeleton: `enchère` must not be read as a verb of Darija.
        if arabizi.classes.is_empty() && french.is_none() && word.is_ascii() {
            let skeleton = fold::skeleton(&light);
            if skeleton.len() >= MIN_SKELETON
                && let Some(entry) = self.skeletons.get(&skeleton)
            {
                arabizi.classes = entry.classes;
            }
        }
        [french.unwrap_or_default(), arabizi]
    }

    /// Phrases that may begin with that phrase word.
    pub(super) fn phrases_from(&self, word: u32) -> &[Phrase] {
        self.phrases.get(&word).map_or(&[], Vec::as_slice)
    }

    fn look_up_arabic(&self, word: &str) -> Entry {
        const PROCLITICS: [&[&str]; 3] = [&["و", "ف"], &["ب", "ل", "ك", "ف", "ع"], &["ال", "ل"]];
        let mut found = self.arabic.get(word).copied().unwrap_or_default();
        let mut rest = word;
        for (slot, clitics) in PROCLITICS.iter().enumerate() {
            if !found.classes.is_empty() {
                break;
            }
            let Some(shorter) = clitics.iter().find_map(|clitic| rest.strip_prefix(clitic)) else { continue };
            // Too short to be a word, or the habitual of Darija (`كيشوف`, "he watches"), which announces nothing.
            if shorter.chars().count() < 2 || (rest.starts_with('ك') && shorter.starts_with(['ي', 'ت', 'ن'])) {
                break;
            }
            rest = shorter;
            let entry = self.arabic.get(rest).copied().unwrap_or_default();
            found.classes = entry.classes;
            // "and" leaves a word the same link of a fixed phrase; a preposition or an article does not.
            if slot == 0 && found.phrase_word == 0 {
                found.phrase_word = entry.phrase_word;
            }
        }
        found
    }

    fn without_article(&self, light: &str) -> Option<&Entry> {
        let rest = light.strip_prefix('l').filter(|rest| rest.len() >= 4)?;
        self.arabizi.get(rest)
    }

    fn read(&mut self, table: &str, variety: Variety, names: &mut ClassNames) {
        let mut section = "";
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match (line, section) {
                ("[words]" | "[verbs]" | "[owned]" | "[phrases]", _) => section = line,
                (_, "[words]") => self.read_words(line, variety, names),
                (_, "[verbs]") => self.read_verb(line, variety, names),
                (_, "[owned]") => self.read_owned(line, variety, names),
                (_, "[phrases]") => self.read_phrase(line, variety, names),
                _ => unreachable!("invariant: a cue table line stands in a section"),
            }
        }
    }

    fn read_words(&mut self, line: &str, variety: Variety, names: &mut ClassNames) {
        let (class, words) = line.split_once(':').expect("invariant: a word line is `class: words`");
        let class = names.intern(class);
        for word in words.split_whitespace() {
            self.add(word, variety, class);
        }
    }

    /// `stems | 1=class 2=class …`; in Arabic script the line begins with `d` (Darija) or `m` (standard, eastern).
    fn read_verb(&mut self, line: &str, variety: Variety, names: &mut ClassNames) {
        let (stems, persons) = line.split_once('|').expect("invariant: a verb line is `stems | persons`");
        let mut stems: Vec<&str> = stems.split_whitespace().collect();
        let dialect = if variety == Variety::Arabic { stems.remove(0) } else { "" };
        for person in persons.split_whitespace() {
            let (person, class) = person.split_once('=').expect("invariant: a person is `letter=class`");
            let person = Person::parse(person).expect("invariant: a person is 1, 2, 3, n or x");
            let class = names.intern(class);
            for stem in &stems {
                match dialect {
                    "" => inflect::arabizi(stem, person).into_iter().for_each(|form| self.add_skeleton(form, class)),
                    "d" => inflect::darija(stem, person).iter().for_each(|form| self.add(form, variety, class)),
                    _ => inflect::standard(stem, person).iter().for_each(|form| self.add(form, variety, class)),
                }
            }
        }
    }

    /// `class/class_of_yours: nouns`: the noun, and the noun that belongs to the addressee.
    fn read_owned(&mut self, line: &str, variety: Variety, names: &mut ClassNames) {
        let (classes, nouns) = line.split_once(':').expect("invariant: an owned line is `class/class: nouns`");
        let (bare, yours) = classes.split_once('/').expect("invariant: an owned line names two classes");
        let (bare, yours) = (names.intern(bare), names.intern(yours));
        let endings: &[&str] = match variety {
            Variety::Arabizi => &["k", "ek", "kom", "tek"],
            Variety::Arabic => &["ك", "كم", "كي", "اتك", "تك", "كن", "ج"],
            Variety::French => &[],
        };
        for noun in nouns.split_whitespace() {
            self.add(noun, variety, bare);
            for ending in endings {
                self.add(&format!("{noun}{ending}"), variety, yours);
            }
        }
    }

    /// `family: words`. One word alone is the class `family1`, so that it is also found behind a proclitic.
    fn read_phrase(&mut self, line: &str, variety: Variety, names: &mut ClassNames) {
        let (family, words) = line.split_once(':').expect("invariant: a phrase line is `family: words`");
        let class = names.intern(&format!("{family}1"));
        let family = CueFamily::parse(family).expect("invariant: a phrase belongs to a known family");
        let words: Vec<&str> = words.split_whitespace().collect();
        match words.as_slice() {
            [word] => self.add(word, variety, class),
            words => {
                let mut words: Vec<u32> = words.iter().map(|word| self.phrase_word(word, variety)).collect();
                let first = words.remove(0);
                self.phrases.entry(first).or_default().push(Phrase { rest: words, family });
            }
        }
    }

    fn phrase_word(&mut self, word: &str, variety: Variety) -> u32 {
        let next = self.phrase_words + 1;
        let entry = self.entry(word, variety);
        if entry.phrase_word == 0 {
            entry.phrase_word = next;
            self.phrase_words = next;
            return next;
        }
        entry.phrase_word
    }

    fn add(&mut self, word: &str, variety: Variety, class: u8) {
        self.entry(word, variety).classes.insert(class);
    }

    fn add_skeleton(&mut self, skeleton: String, class: u8) {
        self.skeletons.entry(skeleton).or_default().classes.insert(class);
    }

    fn entry(&mut self, word: &str, variety: Variety) -> &mut Entry {
        match variety {
            Variety::Arabic => self.arabic.entry(fold::arabic(word)).or_default(),
            Variety::French => self.french.entry(fold::plain(word).into_owned()).or_default(),
            Variety::Arabizi => match word.strip_prefix('~') {
                Some(word) => self.skeletons.entry(fold::skeleton(&fold::light(word))).or_default(),
                None => self.arabizi.entry(fold::light(word)).or_default(),
            },
        }
    }
}

/// Shorter skeletons say nothing: `tn` may be anything.
const MIN_SKELETON: usize = 3;
