//! What the text alone costs, a post: normal form, language, cues, masking.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sitr_benches::{normal_forms, posts, quick};

fn text(criterion: &mut Criterion) {
    let posts = posts();
    let normal = normal_forms();
    let mut group = criterion.benchmark_group("text");
    group.throughput(Throughput::Elements(posts.len() as u64));
    group.bench_function("normalise", |b| {
        b.iter(|| posts.iter().for_each(|post| drop(black_box(sitr_text::normalise(&post.text)))));
    });
    group.bench_function("words", |b| {
        b.iter(|| normal.iter().map(|post| post.words().count()).sum::<usize>());
    });
    group.bench_function("guess_lang", |b| {
        b.iter(|| normal.iter().for_each(|post| _ = black_box(sitr_text::guess_lang(post))));
    });
    group.bench_function("cues", |b| {
        b.iter(|| normal.iter().for_each(|post| drop(black_box(sitr_text::cues(post)))));
    });
    group.bench_function("mask", |b| {
        b.iter(|| posts.iter().for_each(|post| drop(black_box(sitr_text::mask(&post.text)))));
    });
    group.finish();
}

criterion_group! { name = benches; config = quick(); targets = text }
criterion_main!(benches);
