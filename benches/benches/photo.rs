//! Time to prepare a photo of 12 megapixels, against the plain `image` crate.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking")]

mod peer;

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use seisiun_photo::{Limits, prepare};

/// Preparations measured: each takes a good part of a second.
const SAMPLES: usize = 20;
/// Time for all of them.
const MEASURED: Duration = Duration::from_secs(12);

fn photo(criterion: &mut Criterion) {
    let upload = seisiun_bench::camera_jpeg().unwrap();
    let limits = Limits::default();
    // Both made the same of it.
    let ours = prepare(&upload, &limits).unwrap();
    let theirs = image::load_from_memory(&peer::prepare(&upload, &limits)[0]).unwrap();
    assert_eq!((ours.full.width, ours.full.height), (theirs.width(), theirs.height()));

    let mut group = criterion.benchmark_group("prepare a photo of 12 MP");
    group.sample_size(SAMPLES).measurement_time(MEASURED);
    group.bench_function("seisiun", |b| b.iter(|| prepare(black_box(&upload), &limits)));
    group.bench_function("image", |b| b.iter(|| peer::prepare(black_box(&upload), &limits)));
    group.finish();
}

criterion_group!(benches, photo);
criterion_main!(benches);
