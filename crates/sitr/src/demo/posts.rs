//! The posts that are replayed, and the endless order in which they come.

use serde::Deserialize;

use anyhow::Context as _;

/// In the binary, so that it can show itself without a checkout.
const POSTS: &str = include_str!("../../../../demo/posts.jsonl");

/// Each pass is shuffled by this and its number: two runs replay the same stream.
const SEED: u64 = 0x5174_7200;

/// A post of the file.
pub(super) struct Source {
    /// Its id in the file.
    pub(super) id: String,
    /// Its text, for the view.
    pub(super) text: String,
    /// What its writer meant it to be; the classifier never sees it.
    pub(super) kind: String,
    /// The record without `demo` and without an id.
    fields: serde_json::Map<String, serde_json::Value>,
}

/// What a line says of itself to the demonstration only.
#[derive(Deserialize)]
struct Meant {
    kind: String,
}

/// All posts of the file.
pub(super) struct Corpus(Vec<Source>);

impl Corpus {
    /// Reads the posts that are in the binary.
    ///
    /// # Errors
    /// A line that is no post; the tests exclude it.
    pub(super) fn embedded() -> anyhow::Result<Self> {
        let sources = POSTS
            .lines()
            .enumerate()
            .map(|(number, line)| Source::parse(line).with_context(|| format!("demo/posts.jsonl, line {}", number + 1)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        anyhow::ensure!(!sources.is_empty(), "demo/posts.jsonl holds no post");
        Ok(Self(sources))
    }

    /// The post at a place.
    pub(super) fn get(&self, place: usize) -> &Source {
        &self.0[place]
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The endless stream, from its beginning.
    pub(super) fn replay(&self) -> Replay {
        Replay { length: self.len(), pass: 0, order: Vec::new() }
    }
}

impl Source {
    fn parse(line: &str) -> anyhow::Result<Self> {
        let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line)?;
        let demo = fields.remove("demo").context("field demo is missing")?;
        let Meant { kind } = serde_json::from_value(demo)?;
        let string = |value: Option<&serde_json::Value>| value.and_then(|v| v.as_str()).map(str::to_owned);
        let id = string(fields.remove("post_id").as_ref()).context("field post_id is missing")?;
        let text = string(fields.get("text")).context("field text is missing")?;
        Ok(Self { id, text, kind, fields })
    }

    /// Its id in that pass: no two posts of a stream have the same.
    pub(super) fn id_in(&self, pass: u64) -> String {
        format!("{}-{pass}", self.id)
    }

    /// The record, as a platform would send it.
    pub(super) fn record(&self, post_id: &str) -> Vec<u8> {
        let mut record = self.fields.clone();
        record.insert("post_id".to_owned(), post_id.into());
        serde_json::Value::Object(record).to_string().into_bytes()
    }
}

/// Where the stream stands. Endless: pass after pass, each in an order of its own.
pub(super) struct Replay {
    length: usize,
    pass: u64,
    order: Vec<usize>,
}

impl Iterator for Replay {
    /// Place in the corpus, and number of the pass (from 1).
    type Item = (usize, u64);

    fn next(&mut self) -> Option<Self::Item> {
        if self.order.is_empty() {
            self.pass += 1;
            self.order = shuffled(self.length, SEED.wrapping_add(self.pass));
        }
        self.order.pop().map(|place| (place, self.pass))
    }
}

/// Fisher and Yates, with splitmix64; the bias of the remainder is far below what 477 posts show.
fn shuffled(length: usize, seed: u64) -> Vec<usize> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let mut order: Vec<usize> = (0..length).collect();
    for last in (1..length).rev() {
        order.swap(last, usize::try_from(next() % (last as u64 + 1)).unwrap_or(last));
    }
    order
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_posts_of_a_stream_share_an_id_and_each_pass_holds_every_post_once() {
        let corpus = Corpus::embedded().unwrap();
        let passes = 5;
        let ids: HashSet<String> =
            corpus.replay().take(corpus.len() * passes).map(|(place, pass)| corpus.get(place).id_in(pass)).collect();
        assert_eq!(ids.len(), corpus.len() * passes);
        let first: HashSet<usize> = corpus.replay().take(corpus.len()).map(|(place, _)| place).collect();
        assert_eq!(first.len(), corpus.len());
    }

    #[test]
    fn two_runs_replay_the_same_stream_and_two_passes_differ() {
        let corpus = Corpus::embedded().unwrap();
        let stream: Vec<_> = corpus.replay().take(corpus.len() * 2).map(|(place, _)| place).collect();
        let again: Vec<_> = corpus.replay().take(corpus.len() * 2).map(|(place, _)| place).collect();
        assert_eq!(stream, again);
        assert_ne!(stream[..corpus.len()], stream[corpus.len()..]);
    }

    #[test]
    fn the_classifier_gets_a_valid_post_without_the_writers_intention() {
        let corpus = Corpus::embedded().unwrap();
        for place in 0..corpus.len() {
            let source = corpus.get(place);
            let record = source.record(&source.id_in(2));
            let post = sitr_types::decode_post(&record).unwrap();
            assert_eq!(post.post_id, format!("{}-2", source.id));
            assert_eq!(post.text, source.text);
            let value: serde_json::Value = serde_json::from_slice(&record).unwrap();
            assert!(value.get("demo").is_none());
            assert_eq!(value["platform"], "demo");
        }
    }
}
