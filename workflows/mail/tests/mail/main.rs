//! What the crate promises, held from outside.

// Helpers of a test fail it by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod colours;
mod hostile;
mod letters;
mod parsers;
mod words;
