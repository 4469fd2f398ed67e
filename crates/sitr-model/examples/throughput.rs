//! Posts a second that a bundle scores on one thread, by length of post, and whether company changes any bit of a score.
//!
//! ```text
//! python crates/sitr-model/tests/fixtures/make.py big /tmp/big
//! cargo run --release -p sitr-model --example throughput -- /tmp/big
//! ```

use std::{
    error::Error,
    io::{self, Write},
    path::Path,
    time::{Duration, Instant},
};

use sitr_model::{Bundle, Prepared, TextInput};

/// Time spent on each figure.
const MEASURED: Duration = Duration::from_millis(1500);

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args().nth(1).ok_or("usage: throughput DIR")?;
    let mut out = io::stdout();
    let start = Instant::now();
    let bundle = Bundle::load(Path::new(&dir))?;
    writeln!(out, "load {:.2} s, rows share batches: {}", start.elapsed().as_secs_f64(), bundle.info().batched)?;
    let mut seed = 0x9e37_79b9_7f4a_7c15;
    writeln!(out, "{:>6} {:>14} {:>14} {:>14}", "words", "8 at once /s", "1 at once /s", "prepare /s")?;
    for words in [4, 8, 12, 16, 24, 32, 48, 96] {
        let texts: Vec<Vec<String>> = (0..64).map(|_| text(&mut seed, words)).collect();
        let posts: Vec<Prepared> = texts.iter().map(|words| prepare(&bundle, words)).collect::<Result<_, _>>()?;
        let eight = rate(64, || posts.chunks(8).for_each(|some| drop(bundle.score(some))));
        let one = rate(64, || posts.chunks(1).for_each(|some| drop(bundle.score(some))));
        let prepared = rate(64, || texts.iter().for_each(|words| drop(prepare(&bundle, words))));
        writeln!(out, "{words:>6} {eight:>14.0} {one:>14.0} {prepared:>14.0}")?;
    }
    let (rows, differ) = company(&bundle, &mut seed)?;
    writeln!(out, "posts scored alone and in company: {rows}, of which any bit differs: {differ}")?;
    Ok(())
}

fn prepare(bundle: &Bundle, words: &[String]) -> Result<Prepared, sitr_model::ModelError> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    bundle.prepare(&TextInput { text: &words.join(" "), words: &words })
}

/// Calls a second, times the items of a call; the best of the runs, since the machine may have other work.
fn rate(items: usize, mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut best = f64::MAX;
    while start.elapsed() < MEASURED {
        let run = Instant::now();
        call();
        best = best.min(run.elapsed().as_secs_f64());
    }
    items as f64 / best
}

/// Scores mixed posts in batches of random make, and each alone.
fn company(bundle: &Bundle, seed: &mut u64) -> Result<(usize, usize), Box<dyn Error>> {
    let posts: Vec<Prepared> = (0..120).map(|n| prepare(bundle, &text(seed, 1 + n % 110))).collect::<Result<_, _>>()?;
    let alone: Vec<_> = posts.iter().map(|post| bundle.score(std::slice::from_ref(post)).remove(0)).collect();
    let (mut rows, mut differ) = (0, 0);
    for size in [2, 3, 5, 8, 9, 16, 31, 60, 120] {
        let picked: Vec<usize> = (0..size).map(|_| draw(seed) as usize % posts.len()).collect();
        let some: Vec<Prepared> = picked.iter().map(|at| posts[*at].clone()).collect();
        for (at, scored) in picked.iter().zip(bundle.score(&some)) {
            let bits = |logits: &sitr_model::Logits| logits.values().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            rows += 1;
            differ += usize::from(bits(&scored?) != bits(alone[*at].as_ref().map_err(Clone::clone)?));
        }
    }
    Ok((rows, differ))
}

/// Words of 2 to 9 letters from a vocabulary of 5,000, so that the cache of word vectors meets old and new ones.
fn text(seed: &mut u64, words: usize) -> Vec<String> {
    let letters = ['a', 'b', 'k', 'm', 's', 'l', 'i', 'o', '3', '7', 'ش', 'ف', 'ي'];
    (0..words)
        .map(|_| {
            let mut word = 1 + draw(seed) % 5000;
            let len = 2 + word % 8;
            (0..len).map(|_| letters[draw(&mut word) as usize % letters.len()]).collect()
        })
        .collect()
}

/// xorshift64.
fn draw(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed >> 11
}
