//! Words as sums of hashed character n-grams: the input of `input = "ngrams"`.
//!
//! The recipe, which training and serving share to the bit: a word's rows are bucket `crc32("W" + word)` and the buckets
//! `crc32(gram)` of every n-gram of `<word>` (in Unicode scalar values, shorter ones first, from left to right), at most `most` of
//! them; its vector is the mean of those rows times `scale`.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, PoisonError, RwLock},
};

use half::f16;
use serde::Deserialize;

use crate::{BundleError, error::Fault};

/// `[ngrams]` of `bundle.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    /// Rows of the table.
    pub(crate) buckets: u32,
    /// Length of a vector.
    pub(crate) dim: usize,
    /// Shortest n-gram.
    pub(crate) min: usize,
    /// Longest n-gram.
    pub(crate) max: usize,
    /// Most rows that make a word.
    pub(crate) most: usize,
    /// Factor on the mean.
    pub(crate) scale: f32,
    /// Name of the table's file.
    pub(crate) table: String,
}

impl Recipe {
    pub(crate) fn check(&self) -> Result<(), String> {
        let Self { buckets, dim, min, max, most, scale, .. } = self;
        if *buckets == 0 || *dim == 0 || *most == 0 {
            return Err("buckets, dim and most must be at least 1".to_owned());
        }
        if *min == 0 || min > max {
            return Err(format!("n-grams of {min} to {max}"));
        }
        if !scale.is_finite() || *scale <= 0.0 {
            return Err(format!("scale {scale}"));
        }
        Ok(())
    }
}

/// Vector of a word, shared with the cache.
pub(crate) type WordVector = Arc<[f32]>;

/// The table of n-gram rows, and a cache of the words met last.
pub(crate) struct NgramTable {
    recipe: Recipe,
    /// `buckets` rows of a little-endian f16 step and `dim` signed bytes.
    bytes: Vec<u8>,
    cache: WordCache,
}

impl NgramTable {
    pub(crate) fn new(recipe: Recipe, bytes: Vec<u8>) -> Result<Self, BundleError> {
        let width = recipe.dim + 2;
        let expected = recipe.buckets as usize * width;
        if bytes.len() != expected {
            return Err(BundleError::Mismatch(Fault::new(
                &recipe.table,
                format!("{} bytes", bytes.len()),
                format!("{expected} bytes: {} buckets of 2 + {}", recipe.buckets, recipe.dim),
                "set buckets and dim in [ngrams] to those of the table, or write the table again",
            )));
        }
        if let Some(row) = bytes.chunks_exact(width).position(|row| !step(row).is_finite()) {
            let found = format!("a step that is no finite number in row {row}");
            return Err(BundleError::Mismatch(Fault::new(
                &recipe.table,
                found,
                "finite steps",
                "write the table again",
            )));
        }
        Ok(Self { recipe, bytes, cache: WordCache::new() })
    }

    pub(crate) fn vector(&self, word: &str) -> WordVector {
        self.cache.get_or_make(word, || self.make(word))
    }

    fn make(&self, word: &str) -> WordVector {
        let width = self.recipe.dim + 2;
        let mut sum = vec![0f32; self.recipe.dim];
        let rows = self.rows(word);
        for row in &rows {
            let row = &self.bytes[row * width..(row + 1) * width];
            let step = step(row);
            for (total, byte) in sum.iter_mut().zip(&row[2..]) {
                *total += f32::from(byte.cast_signed()) * step;
            }
        }
        let factor = self.recipe.scale / rows.len() as f32;
        sum.iter_mut().for_each(|value| *value *= factor);
        sum.into()
    }

    fn rows(&self, word: &str) -> Vec<usize> {
        let bucket = |hash: u32| (hash % self.recipe.buckets) as usize;
        let mut own = crc32fast::Hasher::new();
        own.update(b"W");
        own.update(word.as_bytes());
        let mut rows = vec![bucket(own.finalize())];
        let framed = format!("<{word}>");
        // Byte offset of every scalar value, and of the end.
        let starts: Vec<usize> = framed.char_indices().map(|(at, _)| at).chain([framed.len()]).collect();
        for n in self.recipe.min..=self.recipe.max {
            for gram in starts.windows(n + 1) {
                if rows.len() == self.recipe.most {
                    return rows;
                }
                rows.push(bucket(crc32fast::hash(&framed.as_bytes()[gram[0]..gram[n]])));
            }
        }
        rows
    }
}

fn step(row: &[u8]) -> f32 {
    f16::from_le_bytes([row[0], row[1]]).to_f32()
}

/// Words live in one of these, by hash: readers of different shards never meet, readers of one shard share its lock.
const SHARDS: usize = 32;
/// Most words kept, over all shards and both generations; with 192 values a word that is 38 MB.
const MOST_WORDS: usize = 50_000;
/// Longer words are made anew each time: they are rarely words, and the bound on words must bound bytes.
const MOST_WORD_BYTES: usize = 64;

/// Two generations a shard: when the young one is full it becomes the old one and what the old one held is forgotten, except for
/// words that were asked for meanwhile. Frequent words therefore stay without any bookkeeping on a hit.
struct WordCache {
    hasher: RandomState,
    shards: Vec<RwLock<Generations>>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<Box<str>, WordVector>,
    old: HashMap<Box<str>, WordVector>,
}

impl WordCache {
    fn new() -> Self {
        Self { hasher: RandomState::new(), shards: (0..SHARDS).map(|_| RwLock::default()).collect() }
    }

    fn get_or_make(&self, word: &str, make: impl FnOnce() -> WordVector) -> WordVector {
        if word.len() > MOST_WORD_BYTES {
            return make();
        }
        let shard = &self.shards[(self.hasher.hash_one(word) % SHARDS as u64) as usize];
        // A lock is poisoned only by a panic in the map itself; what it holds is a copy of what can be made again.
        if let Some(vector) = shard.read().unwrap_or_else(PoisonError::into_inner).young.get(word) {
            return Arc::clone(vector);
        }
        let made = make();
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        if shard.young.len() >= MOST_WORDS / SHARDS / 2 {
            shard.old = std::mem::take(&mut shard.young);
        }
        let vector = shard.old.remove(word).unwrap_or(made);
        shard.young.insert(word.into(), Arc::clone(&vector));
        vector
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().unwrap()).map(|shard| shard.young.len() + shard.old.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(buckets: u32, most: usize) -> NgramTable {
        let recipe = Recipe { buckets, dim: 2, min: 2, max: 5, most, scale: 3.0, table: "t".to_owned() };
        let bytes = (0..buckets as usize).flat_map(|row| [0x00, 0x3c, (row % 100) as u8, 0xff]).collect();
        NgramTable::new(recipe, bytes).unwrap()
    }

    #[test]
    fn rows_of_a_word_are_those_of_the_training_recipe() {
        let expected = [127072, 130404, 54443, 71597, 25356, 108845, 88452, 20580, 59519, 91206, 74339];
        // zlib.crc32(("W" + "شرف").encode()) % 131072 and the 2- to 5-grams of "<شرف>", from the training code.
        assert_eq!(table(131_072, 40).rows("شرف"), expected);
        assert_eq!(table(131_072, 3).rows("شرف"), expected[..3]);
    }

    #[test]
    fn a_vector_is_the_mean_of_its_rows_times_the_scale() {
        let table = table(1000, 40);
        let rows = table.rows("salam");
        let mean = rows.iter().map(|row| (row % 100) as f32).sum::<f32>() / rows.len() as f32;
        let vector = table.vector("salam");
        assert!((vector[0] - 3.0 * mean).abs() < 1e-4 && (vector[1] + 3.0).abs() < 1e-6, "{vector:?}");
        assert_eq!(table.vector("salam"), table.make("salam"));
    }

    #[test]
    fn the_cache_stays_bounded_and_keeps_what_is_asked_for_again() {
        let cache = WordCache::new();
        let one: WordVector = vec![1.0].into();
        for n in 0..200_000 {
            cache.get_or_make(&n.to_string(), || vec![n as f32].into());
            cache.get_or_make("often", || Arc::clone(&one));
        }
        assert!(cache.len() <= MOST_WORDS, "{}", cache.len());
        assert!(Arc::ptr_eq(&cache.get_or_make("often", || vec![2.0].into()), &one));
        cache.get_or_make(&"x".repeat(MOST_WORD_BYTES + 1), || vec![3.0].into());
        assert!(cache.len() <= MOST_WORDS);
    }

    #[test]
    fn a_table_of_another_length_is_refused_with_both_lengths() {
        let recipe = Recipe { buckets: 4, dim: 2, min: 2, max: 5, most: 40, scale: 3.0, table: "t".to_owned() };
        let error = NgramTable::new(recipe.clone(), vec![0; 15]).err().unwrap().to_string();
        assert!(error.contains("15 bytes") && error.contains("16 bytes"), "{error}");
        // 0x7c00 is infinity in f16.
        let error = NgramTable::new(recipe, [0x00, 0x7c, 1, 1].repeat(4)).err().unwrap().to_string();
        assert!(error.contains("row 0"), "{error}");
    }
}
