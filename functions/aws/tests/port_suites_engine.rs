//! The port suites on a running engine.
