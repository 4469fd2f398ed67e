//! A post through everything, in batches as workers take them; and the model alone, by length of post.

use std::{hint::black_box, path::Path};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sitr_benches::{model, posts, quick};
use sitr_engine::{Arrival, Judge};
use sitr_model::{Bundle, Prepared, TextInput};
use sitr_types::{Mode, Post};

/// Rows of a batch of the model alone.
const ROWS: usize = 8;

/// Normalise, cues, model, role, policy; decoding and encoding not counted.
fn whole(criterion: &mut Criterion) {
    let (dir, name) = model();
    let judge = Judge::load(&dir).expect("invariant: the model loads");
    let posts = posts();
    let mut group = criterion.benchmark_group("judge");
    for size in [1, 8, 32] {
        // Whole batches only, from the whole file: each size sees the same mix of lengths.
        let batches: Vec<&[Post]> = posts.chunks_exact(size).collect();
        let read: usize = batches.len() * size;
        group.throughput(Throughput::Elements(read as u64));
        group.bench_function(format!("{name}/batch-{size}"), |b| {
            let arrivals = || -> Vec<Vec<Arrival>> {
                let arrival = |post: &Post| Arrival { post: post.clone(), timestamp_ms: None };
                batches.iter().map(|batch| batch.iter().map(arrival).collect()).collect()
            };
            let decide = |batches: Vec<Vec<Arrival>>| {
                for signal in batches.into_iter().flat_map(|batch| judge.score(batch)) {
                    let signal = signal.expect("invariant: the demonstration's posts can be scored");
                    black_box(judge.decide(&signal, None, Mode::Live));
                }
            };
            b.iter_batched(arrivals, decide, BatchSize::PerIteration);
        });
    }
    group.finish();
}

/// The engine alone: inputs are ready.
fn alone(criterion: &mut Criterion) {
    let (dir, name) = model();
    let bundle = Bundle::load(&dir).expect("invariant: the model loads");
    let mut group = criterion.benchmark_group("model");
    for words in [12, 24, 48] {
        let rows = rows(&bundle, words);
        group.throughput(Throughput::Elements(ROWS as u64));
        group.bench_function(format!("{name}/{ROWS}x{words}"), |b| b.iter(|| black_box(bundle.score(&rows))));
    }
    group.finish();
}

/// Posts of exactly that many words, cut from the demonstration's.
fn rows(bundle: &Bundle, words: usize) -> Vec<Prepared> {
    let normal = sitr_benches::normal_forms();
    let all: Vec<&str> = normal.iter().flat_map(|post| post.words()).collect();
    let row = |words: &[&str]| bundle.prepare(&TextInput { text: &words.join(" "), words });
    all.chunks_exact(words).take(ROWS).map(|words| row(words).expect("invariant: words can be prepared")).collect()
}

/// Loading with every check: what a start or a swap of models takes.
fn load(criterion: &mut Criterion) {
    let (dir, name) = model();
    let mut group = criterion.benchmark_group("model");
    let load = |dir: &Path| Bundle::load(dir).expect("invariant: the model loads");
    group.sample_size(10).bench_function(format!("{name}/load"), |b| b.iter(|| black_box(load(&dir))));
    group.finish();
}

criterion_group! { name = benches; config = quick(); targets = whole, alone, load }
criterion_main!(benches);
