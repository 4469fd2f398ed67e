//! From normal form to model input, a post: n-grams with a warm and with a cold cache of words, and pieces.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sitr_benches::{fixture, model, normal_forms, prepare, quick};
use sitr_model::{Bundle, InputKind};

/// Posts a bench reads with a cold cache: loading a bundle for each turn takes long.
const COLD: usize = 100;

fn tokenise(criterion: &mut Criterion) {
    let posts = normal_forms();
    let (dir, name) = model();
    let mut group = criterion.benchmark_group("tokenise");
    let load = || Bundle::load(&dir).expect("invariant: the model loads");
    let bundle = load();
    group.throughput(Throughput::Elements(posts.len() as u64));
    group.bench_function(format!("{name}/warm"), |b| {
        b.iter(|| posts.iter().for_each(|post| drop(black_box(prepare(&bundle, post)))));
    });
    if bundle.info().input == InputKind::Ngrams {
        group.throughput(Throughput::Elements(COLD as u64));
        group.sample_size(10).bench_function(format!("{name}/cold"), |b| {
            let read = |fresh: &mut Bundle| posts[..COLD].iter().for_each(|post| drop(black_box(prepare(fresh, post))));
            b.iter_batched_ref(load, read, BatchSize::PerIteration);
        });
    }
    let pieces = Bundle::load(&fixture("pieces")).expect("invariant: the fixture loads");
    group.throughput(Throughput::Elements(posts.len() as u64));
    group.bench_function("pieces-fixture", |b| {
        b.iter(|| posts.iter().for_each(|post| drop(black_box(prepare(&pieces, post)))));
    });
    group.finish();
}

criterion_group! { name = benches; config = quick(); targets = tokenise }
criterion_main!(benches);
