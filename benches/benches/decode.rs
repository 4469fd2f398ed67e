//! Bytes to a post, for records of 300 bytes and of a kilobyte.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sitr_benches::{posts, quick};
use sitr_types::decode_post;

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode_post");
    for bytes in [300, 1024] {
        let record = record(bytes);
        group.throughput(Throughput::Bytes(record.len() as u64));
        group.bench_function(format!("{bytes} B"), |b| {
            b.iter(|| decode_post(black_box(&record)).expect("invariant: the record is valid"));
        });
    }
    group.finish();
}

/// A record of about that size, at most: texts of the demonstration, one after the other, in an envelope as platforms send it.
fn record(bytes: usize) -> Vec<u8> {
    let json = |text: &str| {
        let author = serde_json::json!({ "key": "a3f1c09d77e2" });
        let post = serde_json::json!({ "post_id": "p-0001", "text": text, "platform": "bench", "author": author });
        serde_json::to_vec(&post).expect("invariant: strings serialise")
    };
    let texts: Vec<String> = posts().into_iter().map(|post| post.text).collect();
    let mut text = texts.join(" ");
    while json(&text).len() > bytes {
        text.pop();
    }
    json(&text)
}

criterion_group! { name = benches; config = quick(); targets = decode }
criterion_main!(benches);
