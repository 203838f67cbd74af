//! Replays a moderation policy on submissions: what it holds, and what another
//! one would judge otherwise.
//!
//! A file has a submission a line ([`Line`]); [`replay`] judges them by the
//! whole policy, one after the other, so that what a member sent before is
//! what stands above; [`report`] makes tables of it. The crate decides nothing
//! by itself: the policy is `seisiun_domain::moderation::Policy`, the signals
//! are `seisiun-text`'s. Nothing here runs in a function.

pub mod invented;
mod line;
mod read;
mod replay;
mod report;

pub use line::{Line, Photo};
pub use read::{LINE_BYTES_MAX, LINES_MAX, ReadError, policy, submissions};
pub use replay::{judge_all, standing_tier};
pub use report::report;
