//! The port suites in memory.
