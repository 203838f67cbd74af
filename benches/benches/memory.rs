//! The peak of memory while preparing a photo of 12 megapixels, against the
//! plain `image` crate. A binary of its own: counting slows every allocation.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark fails by panicking and prints what it has measured"
)]

mod peer;

use peak_alloc::PeakAlloc;
use seisiun_photo::{Limits, prepare};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MEGABYTE: f64 = 1_000_000.0;

/// Megabytes allocated at once by some work, beside what there was before.
fn peak<T>(work: impl FnOnce() -> T) -> f64 {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    drop(work());
    (ALLOCATOR.peak_usage() - before) as f64 / MEGABYTE
}

fn main() {
    let upload = seisiun_bench::camera_jpeg().unwrap();
    let limits = Limits::default();
    let ours = peak(|| prepare(&upload, &limits).unwrap());
    let theirs = peak(|| peer::prepare(&upload, &limits));
    // One line that `cargo xtask bench` puts into its table.
    println!(
        "memory\tprepare a photo of 12 MP\timage\t{ours:.1} MB\t{theirs:.1} MB\t{:.2}",
        ours / theirs
    );
}
