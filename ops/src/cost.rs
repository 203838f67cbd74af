//! What it costs: counted requests × reviewed prices.
//!
//! [`counts`] is what the real workflows ask of AWS, counted on the engine by
//! `e2e/tests/counts.rs`; [`prices`] what AWS asks for it; [`usage`] what people
//! do; [`month`] what all of that comes to; [`idle`] what stands in a stage though
//! nobody comes, counted in the expanded templates; [`machines`] the same service
//! on virtual machines. [`report`] makes `docs/cost.md` of them. All of it is
//! arithmetic: nothing here reads a file, a clock or the network.

pub mod bill;
pub mod counts;
pub mod idle;
pub mod machines;
pub mod month;
pub mod prices;
pub mod report;
pub mod units;
pub mod usage;
