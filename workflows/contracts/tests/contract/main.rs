//! Holds the state machines, the template and the wire types against one
//! another, without an engine.
//!
//! The checks are functions from a [`project::Project`] to violations
//! (`checks/`), so that the same ones run on what is in the repository
//! (`state_machines`) and on broken copies of it (`mutations`). What no
//! validator finds is found here: `asl-validator` and `cfn-lint` look at one
//! file each.

// Helpers of a test fail it by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod api;
mod architecture;
mod asl;
mod checks;
mod diagrams;
mod goldens;
mod journeys;
mod jsonata;
mod metrics;
mod mutations;
mod project;
mod registry;
mod simulate;
mod state_machines;
mod template;
