//! What is in a text: words that insult, and whether it was sent before.
//!
//! This crate finds signals that take a list of words or a sketch of a text;
//! what they mean is decided by `seisiun_domain::moderation`. It performs
//! nothing, stores nothing and knows no clock. No signal proves anything: each
//! at most has a person look. The lists of words are in `words/`, each entry
//! with its reason.

pub mod abuse;
mod judge;
pub mod repeat;
mod words;

pub use judge::{judge_submission, signals};
