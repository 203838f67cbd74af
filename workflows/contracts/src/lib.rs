//! The wire: what state machines hand to functions and get back, the error
//! names they may see, and the bodies of the HTTP API.
//!
//! Payloads carry ids and tags, never bodies: 32 KiB is the budget. An approval
//! may wait for weeks while code changes, so every payload that was ever
//! released must still parse: `golden/` holds them.

pub mod api;
pub mod error_name;
pub mod metric;
pub mod queue;
pub mod task;

pub use error_name::ErrorName;
