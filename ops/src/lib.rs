//! The estate: what the templates make of a stage, held against what it is for.
//!
//! It reads `template.yaml` as SAM expands it, the stacks that it nests and those
//! beside it, replaces every function by what it comes to, and checks the whole:
//! that each alarm can fire and reach somebody, that nothing goes without alarm,
//! backup or runbook, that roles allow what is asked and no more. It deploys
//! nothing and talks to nobody.

pub mod calls;
pub mod checks;
pub mod cost;
pub mod estate;
pub mod pattern;
pub mod scope;
pub mod yaml;
