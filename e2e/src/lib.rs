//! Drives a running stack from outside: the same HTTP API, mailbox and user
//! pool that people use, and the engine's own interfaces to look at what came
//! of it. The demo, the sample data and the tests on the engine are written with it.
//!
//! It is a developer's tool: its errors are `anyhow`, and it may look at the
//! whole table, which no function does.
#![allow(clippy::print_stdout, reason = "the demo and the sample talk to a person")]

pub mod bulk;
pub mod content;
pub mod demo;
pub mod execution;
pub mod fan_out;
pub mod gateway;
pub mod invented;
pub mod meter;
pub mod near;
pub mod person;
pub mod sample;
pub mod snapshot;
pub mod stack;
pub mod stage;

pub use person::Person;
pub use stack::Stack;
pub use stage::Stage;
