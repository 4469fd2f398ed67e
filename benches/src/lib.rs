//! What the benches share: the posts, the model, how long to measure.
//!
//! The posts are those of the demonstration (`demo/posts.jsonl`), so that a figure of today can be compared with one of next year.
//! The model is `models/sitr`, or the directory that `SITR_BENCH_MODEL` names; where neither is there, a tiny fixture stands in
//! and every name says so: its speed says nothing of a real model.

use std::{path::PathBuf, time::Duration};

use criterion::Criterion;
use sitr_model::{Bundle, ModelError, Prepared, TextInput};
use sitr_text::Normalised;
use sitr_types::{Post, decode_post};

const POSTS: &str = include_str!("../../demo/posts.jsonl");

/// The demonstration's posts, in the order of the file.
#[must_use]
pub fn posts() -> Vec<Post> {
    POSTS
        .lines()
        .map(|line| decode_post(line.as_bytes()).expect("invariant: the demonstration's posts are valid"))
        .collect()
}

/// The demonstration's posts in their normal form.
#[must_use]
pub fn normal_forms() -> Vec<Normalised> {
    posts().iter().map(|post| sitr_text::normalise(&post.text)).collect()
}

/// A model's directory, and the word that names of benches carry for it.
#[must_use]
pub fn model() -> (PathBuf, &'static str) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let own = root.join("models/sitr");
    match std::env::var_os("SITR_BENCH_MODEL") {
        Some(dir) => (PathBuf::from(dir), "given"),
        None if own.is_dir() => (own, "sitr"),
        None => (fixture("ngrams"), "fixture"),
    }
}

/// A tiny bundle of the model's own tests.
#[must_use]
pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates/sitr-model/tests/fixtures").join(name)
}

/// Makes a post ready for the model, as the engine does it.
///
/// # Errors
/// What [`Bundle::prepare`] refuses.
pub fn prepare(bundle: &Bundle, post: &Normalised) -> Result<Prepared, ModelError> {
    let words: Vec<&str> = post.words().collect();
    bundle.prepare(&TextInput { text: post.text(), words: &words })
}

/// About two and a half seconds a bench: the whole suite stays under two minutes.
#[must_use]
pub fn quick() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500))
        .sample_size(20)
        .configure_from_args()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_post_can_be_prepared_for_the_model_of_the_benches() {
        let bundle = Bundle::load(&model().0).unwrap();
        for post in normal_forms() {
            prepare(&bundle, &post).unwrap();
        }
    }
}
